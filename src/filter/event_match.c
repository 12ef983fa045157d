/* SPDX-License-Identifier: GPL-2.0-only */
#include "filter/event_match.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "base/pattern.h"
#include "base/symbol.h"

static int compile(const char *regex, struct pattern **at, struct reason *reason)
{
	struct pattern *p;
	int r = pattern_compile(regex, PATTERN_WHOLE, &p, reason);

	if (r < 0)
		return r;
	pattern_free(*at);
	*at = p;
	return 0;
}

int event_match_func(struct event_match *m, const char *regex, struct reason *reason)
{
	return compile(regex, &m->func, reason);
}

int event_match_func_not(struct event_match *m, const char *regex, struct reason *reason)
{
	return compile(regex, &m->func_not, reason);
}

static int has_space(unsigned n, struct reason *reason)
{
	return n < ST_FILTER_VALUES ? 0
				    : reason_set(reason, -EINVAL, "can be given %d times at most", ST_FILTER_VALUES);
}

int match_prefixes_add(struct match_prefixes *p, const char *s, struct reason *reason)
{
	int r = has_space(p->n, reason);

	if (r >= 0)
		r = prefix_parse(s, &p->v[p->n], reason);
	if (r >= 0)
		p->n++;
	return r;
}

int match_ports_add(struct match_ports *p, const char *s, struct reason *reason)
{
	int r = has_space(p->n, reason);

	if (r >= 0)
		r = parse_port_number(s, &p->v[p->n], reason);
	if (r >= 0)
		p->n++;
	return r;
}

int match_names_add(struct match_names *names, const char *s, struct reason *reason)
{
	int r = has_space(names->n, reason);

	if (r >= 0)
		names->v[names->n++] = s;
	return r;
}

int event_match_ifname(struct event_match *m, const char *s, struct reason *reason)
{
	size_t len = strlen(s);

	/* dev_valid_name(), net/core/dev.c */
	if (!len || len >= ST_IFNAME_LEN || strpbrk(s, "/: \t\n") || strcmp(s, ".") == 0 || strcmp(s, "..") == 0)
		return reason_set(reason, -EINVAL, "is not a device name, which has 1 to %d characters",
				  ST_IFNAME_LEN - 1);
	return match_names_add(&m->ifname, s, reason);
}

int event_match_pid(struct event_match *m, const char *s, struct reason *reason)
{
	uint64_t v;

	if (parse_u64(s, INT32_MAX, &v) < 0)
		return reason_set(reason, -EINVAL, "must be a process number");
	m->pid = (uint32_t)v;
	m->has_pid = true;
	return 0;
}

int event_match_comm(struct event_match *m, const char *s, struct reason *reason)
{
	if (!*s || strlen(s) >= ST_COMM_LEN)
		return reason_set(reason, -EINVAL, "the kernel keeps 1 to %d characters of a process's name",
				  ST_COMM_LEN - 1);
	m->comm = s;
	return 0;
}

int event_match_netns(struct event_match *m, const char *s, struct reason *reason)
{
	static const char inode[] = "inode:";
	const char *slash = strrchr(s, '/');
	uint64_t v;

	m->netns_text = s;
	m->has_netns = false;
	m->netns_name = NULL;
	if (strncmp(s, inode, strlen(inode)) == 0) {
		if (parse_u64(s + strlen(inode), UINT32_MAX, &v) < 0)
			return reason_set(reason, -EINVAL, "a namespace's number must follow inode:");
		m->netns = (uint32_t)v;
		m->has_netns = true;
		return 0;
	}
	m->netns_name = slash ? slash + 1 : s;
	return *m->netns_name ? 0 : reason_set(reason, -EINVAL, "must be a namespace's name, path, or inode:NUMBER");
}

int event_match_mark(struct event_match *m, const char *s, struct reason *reason)
{
	const char *slash = strchr(s, '/');
	uint64_t mark, mask = UINT32_MAX;
	char text[16];
	size_t len = slash ? (size_t)(slash - s) : strlen(s);

	if (len >= sizeof(text))
		return reason_set(reason, -EINVAL, "must be a number, or NUMBER/MASK");
	memcpy(text, s, len);
	text[len] = '\0';
	if (parse_u64(text, UINT32_MAX, &mark) < 0 || (slash && parse_u64(slash + 1, UINT32_MAX, &mask) < 0))
		return reason_set(reason, -EINVAL, "must be a number, or NUMBER/MASK");
	m->mark = (uint32_t)mark;
	m->mark_mask = (uint32_t)mask;
	m->has_mark = true;
	return 0;
}

void event_match_free(struct event_match *m)
{
	pattern_free(m->func);
	pattern_free(m->func_not);
	m->func = m->func_not = NULL;
}

static bool prefix_has(const struct prefix *p, uint8_t family, const uint8_t *addr_be)
{
	uint8_t mask_be[16];

	if (p->family != family)
		return false;
	prefix_mask(p, mask_be);
	for (size_t i = 0; i < (family == 4 ? 4u : 16u); i++) {
		if ((addr_be[i] & mask_be[i]) != p->addr_be[i])
			return false;
	}
	return true;
}

static bool any_prefix_has(const struct match_prefixes *p, uint8_t family, const uint8_t *addr_be)
{
	for (unsigned i = 0; i < p->n; i++) {
		if (prefix_has(&p->v[i], family, addr_be))
			return true;
	}
	return false;
}

static bool addrs_match(const struct event_match *m, const struct tuple *t)
{
	if (m->src.n && !any_prefix_has(&m->src, t->family, t->src))
		return false;
	if (m->dst.n && !any_prefix_has(&m->dst, t->family, t->dst))
		return false;
	return !m->any.n || any_prefix_has(&m->any, t->family, t->src) || any_prefix_has(&m->any, t->family, t->dst);
}

/* One more thing that the pair requires of the address `shift` bits up. A pair that requires what cannot be has no mask
 * for an address bit that is set, and keeps it. */
static void require(struct st_pair *p, const struct match_prefixes *f, unsigned shift)
{
	uint8_t mask_bytes[16];
	uint32_t mask_be, addr_be;
	uint64_t mask, addr;

	if (f->n != 1)
		return;
	prefix_mask(&f->v[0], mask_bytes);
	memcpy(&mask_be, mask_bytes, sizeof(mask_be));
	memcpy(&addr_be, f->v[0].addr_be, sizeof(addr_be));
	mask = (uint64_t)mask_be << shift;
	addr = (uint64_t)addr_be << shift;
	if (f->v[0].family != 4 || (p->addrs_be & ~p->mask_be) || (p->addrs_be & mask) != (addr & p->mask_be)) {
		*p = (struct st_pair){.addrs_be = 1};
		return;
	}
	p->mask_be |= mask;
	p->addrs_be |= addr;
}

void event_match_pairs(const struct event_match *m, struct st_pair ret[static 2])
{
	struct st_pair both = {0};

	require(&both, &m->src, 0);
	require(&both, &m->dst, 32);
	ret[0] = ret[1] = both;
	require(&ret[0], &m->any, 0);
	require(&ret[1], &m->any, 32);
}

static bool has_port(const struct match_ports *p, uint16_t port)
{
	for (unsigned i = 0; i < p->n; i++) {
		if (p->v[i] == port)
			return true;
	}
	return false;
}

static bool ports_match(const struct event_match *m, const struct tuple *t)
{
	if ((m->sport.n && !has_port(&m->sport, t->sport)) || (m->dport.n && !has_port(&m->dport, t->dport)))
		return false;
	return !m->port.n || has_port(&m->port, t->sport) || has_port(&m->port, t->dport);
}

enum tuple_match event_match_tuple(const struct event_match *m, const struct tuple *t, bool l4_is_final)
{
	bool by_addr = m->src.n || m->dst.n || m->any.n, by_port = m->sport.n || m->dport.n || m->port.n;

	if (by_addr && !t->family)
		return TUPLE_UNKNOWN;
	if (!addrs_match(m, t))
		return TUPLE_NO;
	if ((m->l4 && !t->has_l4) || (by_port && !t->has_ports))
		return TUPLE_UNKNOWN;
	if ((!m->l4 || m->l4 == t->l4) && (!by_port || ports_match(m, t)))
		return TUPLE_YES;
	return l4_is_final ? TUPLE_NO : TUPLE_UNKNOWN;
}

/* Whether the name matches with or without its suffix: as pattern_matches(). */
static int name_matches(const struct pattern *re, const char *name)
{
	size_t len = symbol_base_len(name);
	char base[512]; /* KSYM_NAME_LEN, include/linux/kallsyms.h of 6.1 */
	int r = pattern_matches(re, name);

	if (r || !name[len] || len >= sizeof(base))
		return r;
	memcpy(base, name, len);
	base[len] = '\0';
	return pattern_matches(re, base);
}

/* Whether the function passes its filters: as pattern_matches(). */
static int func_matches(const struct event_match *m, const struct event *ev)
{
	int r = 1;

	if (ev->source == ST_SRC_KFREE)
		return 1;
	if (m->func)
		r = ev->func ? name_matches(m->func, ev->func) : 0;
	if (r <= 0 || !m->func_not || !ev->func)
		return r;
	r = name_matches(m->func_not, ev->func);
	return r < 0 ? r : !r;
}

static bool task_matches(const struct event_match *m, const struct event *ev)
{
	if (m->has_pid && ev->pid != m->pid)
		return false;
	return !m->comm || strcmp(ev->comm, m->comm) == 0;
}

static bool has_name(const struct match_names *names, const char *name)
{
	for (unsigned i = 0; i < names->n; i++) {
		if (strcmp(names->v[i], name) == 0)
			return true;
	}
	return false;
}

int event_matches(const struct event_match *m, const struct event *ev)
{
	if (event_match_tuple(m, &ev->tuple, true) != TUPLE_YES)
		return 0;
	if (m->ifname.n && (!ev->has_dev || !has_name(&m->ifname, ev->ifname)))
		return 0;
	if (m->has_netns && (!ev->has_netns || ev->netns != m->netns))
		return 0;
	if (m->netns_name && (!ev->netns_name || strcmp(ev->netns_name, m->netns_name) != 0))
		return 0;
	if (m->has_mark && (ev->mark & m->mark_mask) != (m->mark & m->mark_mask))
		return 0;
	return task_matches(m, ev) ? func_matches(m, ev) : 0;
}

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

int event_match_ifname(struct event_match *m, const char *s, struct reason *reason)
{
	size_t len = strlen(s);

	/* dev_valid_name(), net/core/dev.c */
	if (!len || len >= ST_IFNAME_LEN || strpbrk(s, "/: \t\n") || strcmp(s, ".") == 0 || strcmp(s, "..") == 0)
		return reason_set(reason, -EINVAL, "is not a device name, which has 1 to %d characters",
				  ST_IFNAME_LEN - 1);
	m->ifname = s;
	return 0;
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

static bool addrs_match(const struct event_match *m, const struct tuple *t)
{
	if (m->src.family && !prefix_has(&m->src, t->family, t->src))
		return false;
	if (m->dst.family && !prefix_has(&m->dst, t->family, t->dst))
		return false;
	return !m->any.family || prefix_has(&m->any, t->family, t->src) || prefix_has(&m->any, t->family, t->dst);
}

static bool ports_match(const struct event_match *m, const struct tuple *t)
{
	if ((m->sport && m->sport != t->sport) || (m->dport && m->dport != t->dport))
		return false;
	return !m->port || m->port == t->sport || m->port == t->dport;
}

enum tuple_match event_match_tuple(const struct event_match *m, const struct tuple *t, bool l4_is_final)
{
	bool by_addr = m->src.family || m->dst.family || m->any.family, by_port = m->sport || m->dport || m->port;

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

int event_matches(const struct event_match *m, const struct event *ev)
{
	if (event_match_tuple(m, &ev->tuple, true) != TUPLE_YES)
		return 0;
	if (m->ifname && (!ev->has_dev || strcmp(ev->ifname, m->ifname) != 0))
		return 0;
	if (m->has_netns && (!ev->has_netns || ev->netns != m->netns))
		return 0;
	if (m->netns_name && (!ev->netns_name || strcmp(ev->netns_name, m->netns_name) != 0))
		return 0;
	if (m->has_mark && (ev->mark & m->mark_mask) != (m->mark & m->mark_mask))
		return 0;
	return task_matches(m, ev) ? func_matches(m, ev) : 0;
}

/* SPDX-License-Identifier: GPL-2.0-only */
#include "check/recorded_coverage.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "check/recorded_role.h"
#include "event/tuple.h"

/* Anything else may hide packets, also an option that only a newer version has. */
enum effect {
	HIDES,
	HIDES_NOTHING,
	CHOOSES_FUNCS,
	IS_OF_SRC,
	IS_OF_DST,
	IS_OF_EITHER,
	IS_PROTOCOL,
};

static const struct {
	const char *name;
	enum effect effect;
} options[] = {
	{"filter-src-ip", IS_OF_SRC},
	{"filter-dst-ip", IS_OF_DST},
	{"filter-ip", IS_OF_EITHER},
	{"filter-proto", IS_PROTOCOL},
	{"filter-func", CHOOSES_FUNCS},
	{"filter-func-not", CHOOSES_FUNCS},
	{"kmods", CHOOSES_FUNCS},
	{"kernel-btf", CHOOSES_FUNCS}, /* of another kernel it lacks functions of this one */
	{"all-kmods", HIDES_NOTHING},
	{"filter-track-skb", HIDES_NOTHING},
	{"filter-track-skb-by-stackid", HIDES_NOTHING},
	{"filter-trace-tc", HIDES_NOTHING},
	{"filter-trace-xdp", HIDES_NOTHING},
	{"filter-non-skb-funcs", HIDES_NOTHING},
	{"filter-track-bpf-helpers", HIDES_NOTHING},
	{"filter-kprobe-batch", HIDES_NOTHING},
	{"probe", HIDES_NOTHING},
	{"backend", HIDES_NOTHING},
	{"max-rate", HIDES_NOTHING}, /* what it suppressed is counted */
	{"budget", HIDES_NOTHING},
};

static enum effect effect_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		if (strcmp(options[i].name, name) == 0)
			return options[i].effect;
	}
	return HIDES;
}

static bool is_within(const struct prefix *narrow, const struct prefix *wide)
{
	uint8_t mask_be[16];

	if (!narrow->family || narrow->family != wide->family || narrow->bits < wide->bits)
		return false;
	prefix_mask(wide, mask_be);
	for (size_t i = 0; i < (wide->family == 4 ? 4u : 16u); i++) {
		if ((narrow->addr_be[i] & mask_be[i]) != wide->addr_be[i])
			return false;
	}
	return true;
}

static bool passes(enum effect effect, const struct prefix *filter, const struct prefix *src, const struct prefix *dst)
{
	bool by_src = is_within(src, filter), by_dst = is_within(dst, filter);

	return effect == IS_OF_SRC ? by_src : effect == IS_OF_DST ? by_dst : by_src || by_dst;
}

static bool is_protocol(const char *value, uint8_t l4)
{
	const char *name = l4_name(l4);
	uint64_t n;

	return l4 && ((name && strcmp(name, value) == 0) || (parse_u64(value, UINT8_MAX, &n) >= 0 && n == l4));
}

static bool tracks(const struct record_coverage *c)
{
	for (size_t i = 0; i < c->n_options; i++) {
		if (strcmp(c->options[i].name, "filter-track-skb") == 0)
			return true;
	}
	return false;
}

/* Whether the option lets every packet and every step pass. Without --filter-track-skb a packet is lost from sight when
 * its headers change. */
static bool hides_nothing(const struct record_coverage *c, const struct record_option *o,
			  const struct recorded_packets *p)
{
	enum effect effect = effect_of(o->name);
	struct prefix filter;

	if (effect == HIDES_NOTHING || effect == CHOOSES_FUNCS)
		return true;
	if (effect == HIDES || !o->value || (p->follow && !tracks(c)))
		return false;
	if (effect == IS_PROTOCOL)
		return p->src.family == 4 && is_protocol(o->value, p->l4);
	if (prefix_parse(o->value, &filter, NULL) < 0)
		return false;
	return passes(effect, &filter, &p->src, &p->dst) && (!p->both || passes(effect, &filter, &p->dst, &p->src));
}

static const char *made_with(const struct record_option *o, char buf[static RECORDED_WHY_SIZE])
{
	snprintf(buf, RECORDED_WHY_SIZE, "made with --%.64s%s%.160s", o->name, o->value ? "=" : "",
		 o->value ? o->value : "");
	return buf;
}

const char *recorded_hides(const struct recorded_making *m, const struct recorded_packets *packets,
			   char buf[static RECORDED_WHY_SIZE])
{
	const struct record_coverage *c = &m->coverage;

	if (!m->told)
		return "made by a version that does not say what it left out";
	for (size_t i = 0; i < c->n_options; i++) {
		if (!hides_nothing(c, &c->options[i], packets))
			return made_with(&c->options[i], buf);
	}
	if (m->limited) {
		snprintf(buf, RECORDED_WHY_SIZE, "--max-rate suppressed %llu events", (unsigned long long)m->limited);
		return buf;
	}
	if (m->unreadable) {
		snprintf(buf, RECORDED_WHY_SIZE, "at %llu events the headers of packets could not be read",
			 (unsigned long long)m->unreadable);
		return buf;
	}
	return m->skipped ? "made by a newer version, which adds what this one cannot read" : NULL;
}

const char *recorded_leaves_out(const struct recorded_making *m, char buf[static RECORDED_WHY_SIZE])
{
	const struct record_coverage *c = &m->coverage;

	for (size_t i = 0; i < c->n_options; i++) {
		if (effect_of(c->options[i].name) == CHOOSES_FUNCS)
			return made_with(&c->options[i], buf);
	}
	return c->has_funcs ? NULL : "the recording does not name those that were";
}

void recorded_note_funcs(const struct recorded_making *m, struct check_setup *setup)
{
	for (size_t i = 0; i < m->coverage.n_attached; i++) {
		unsigned role = recorded_role(&(struct event){.func = m->coverage.attached[i]});

		if (role >= ST_HOOK_MAX)
			continue;
		setup->attached[role] = true;
		setup->attached[ST_HOOK_XMIT] |= role == ST_HOOK_NETKIT;
	}
}

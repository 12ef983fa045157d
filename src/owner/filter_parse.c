/* SPDX-License-Identifier: GPL-2.0-only */
/* linux/pkt_cls.h, linux/tc_act/tc_gact.h */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/gen_stats.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_gact.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "owner/filter.h"

/* The attribute of a kind's options that has its actions, and its highest one that is read. */
static const struct {
	const char *kind;
	unsigned actions;
} kinds[] = {
	{"flower", TCA_FLOWER_ACT}, {"matchall", TCA_MATCHALL_ACT}, {"u32", TCA_U32_ACT}, {"basic", TCA_BASIC_ACT},
	{"fw", TCA_FW_ACT},	    {"bpf", TCA_BPF_ACT},
};
#define OPTION_MAX 16 /* above all of these, and TCA_BPF_ID */

static uint64_t drops_of(const struct nlattr *stats)
{
	const struct nlattr *tb[TCA_STATS_QUEUE + 1];
	struct gnet_stats_queue queue;
	struct rd rd;

	if (!stats || nl_nested(stats, tb, TCA_STATS_QUEUE) < 0 || !tb[TCA_STATS_QUEUE])
		return 0;
	rd = rd_init(mnl_attr_get_payload(tb[TCA_STATS_QUEUE]), mnl_attr_get_payload_len(tb[TCA_STATS_QUEUE]));
	return rd_copy(&rd, &queue, sizeof(queue)) ? queue.drops : 0;
}

/* gact drops if its action is that; police and a BPF program may. Every action's private struct begins with index,
 * capab, action. */
static const char *drop_name(const char *kind, const struct nlattr *options)
{
	const struct nlattr *tb[TCA_GACT_PARMS + 1];
	struct tc_gact gact;
	struct rd rd;

	if (strcmp(kind, "police") == 0)
		return "police";
	if (strcmp(kind, "bpf") == 0)
		return "bpf";
	if (strcmp(kind, "gact") != 0 || !options || nl_nested(options, tb, TCA_GACT_PARMS) < 0 || !tb[TCA_GACT_PARMS])
		return NULL;
	rd = rd_init(mnl_attr_get_payload(tb[TCA_GACT_PARMS]), mnl_attr_get_payload_len(tb[TCA_GACT_PARMS]));
	return rd_copy(&rd, &gact, sizeof(gact)) && gact.action == TC_ACT_SHOT ? "gact drop" : NULL;
}

static void parse_action(const struct nlattr *nest, struct tc_filter *f)
{
	const struct nlattr *tb[TCA_ACT_STATS + 1];
	char kind[16] = "";
	const char *name;
	size_t len = strlen(f->actions);

	if (nl_nested(nest, tb, TCA_ACT_STATS) < 0 || !tb[TCA_ACT_KIND])
		return;
	nl_string(tb[TCA_ACT_KIND], kind, sizeof(kind));
	name = drop_name(kind, tb[TCA_ACT_OPTIONS]);
	if (!name)
		return;
	snprintf(f->actions + len, sizeof(f->actions) - len, "%s%s", len ? ", " : "", name);
	f->drops += drops_of(tb[TCA_ACT_STATS]);
}

static void parse_options(const struct nlattr *nest, struct tc_filter *f)
{
	const struct nlattr *tb[OPTION_MAX + 1], *actions[TCA_ACT_MAX_PRIO + 1];

	if (nl_nested(nest, tb, OPTION_MAX) < 0)
		return;
	f->is_program = strcmp(f->kind, "bpf") == 0;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strcmp(f->kind, kinds[i].kind) != 0 || !tb[kinds[i].actions] ||
		    nl_nested(tb[kinds[i].actions], actions, TCA_ACT_MAX_PRIO) < 0)
			continue;
		for (size_t k = 1; k <= TCA_ACT_MAX_PRIO; k++)
			if (actions[k])
				parse_action(actions[k], f);
	}
}

int filter_parse_message(void *ctx, uint16_t type, struct rd *payload)
{
	const struct nlattr *tb[TCA_OPTIONS + 1];
	struct tc_filter_list *l = ctx;
	struct tc_filter f = {0};
	struct tcmsg tcm;
	int r;

	if (type != RTM_NEWTFILTER)
		return 0;
	if (!rd_copy(payload, &tcm, sizeof(tcm)))
		return -EBADMSG;
	r = nl_attrs(payload->p, payload->left, tb, TCA_OPTIONS);
	if (r < 0)
		return r;
	if (!tb[TCA_OPTIONS] || !tb[TCA_KIND])
		return 0; /* about the chain of filters */
	nl_string(tb[TCA_KIND], f.kind, sizeof(f.kind));
	f.ifindex = (uint32_t)tcm.tcm_ifindex;
	f.parent = tcm.tcm_parent;
	f.handle = tcm.tcm_handle;
	f.priority = (uint16_t)(TC_H_MAJ(tcm.tcm_info) >> 16);
	parse_options(tb[TCA_OPTIONS], &f);
	if (!f.is_program && !f.actions[0])
		return 0;
	if (ARRAY_GROW(l->v, l->n) < 0)
		return -ENOMEM;
	l->v[l->n++] = f;
	return 0;
}

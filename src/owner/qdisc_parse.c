/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/gen_stats.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "owner/qdisc.h"

static bool copy_of(const struct nlattr *a, void *ret, size_t size)
{
	struct rd rd;

	if (!a)
		return false;
	rd = rd_init(mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));
	return rd_copy(&rd, ret, size);
}

static void limit(struct owner_qdisc *q, uint64_t value, bool in_bytes)
{
	q->has_limit = true;
	q->limit = value;
	q->limit_in_bytes = in_bytes;
}

/* Private structs and attributes of the kinds: linux/pkt_sched.h. */
static void parse_options(const struct nlattr *a, struct owner_qdisc *q)
{
	const struct nlattr *tb[TCA_FQ_CODEL_LIMIT + 1];
	struct tc_netem_qopt netem;
	struct tc_fifo_qopt fifo;
	struct tc_tbf_qopt tbf;
	uint32_t packets;

	if (strcmp(q->kind, "pfifo") == 0 || strcmp(q->kind, "bfifo") == 0) {
		if (copy_of(a, &fifo, sizeof(fifo)))
			limit(q, fifo.limit, q->kind[0] == 'b');
	} else if (strcmp(q->kind, "netem") == 0 && copy_of(a, &netem, sizeof(netem))) {
		limit(q, netem.limit, false);
		q->loss_permille = (uint32_t)(((uint64_t)netem.loss * 1000 + UINT32_MAX / 2) / UINT32_MAX);
	} else if (strcmp(q->kind, "tbf") == 0 && nl_nested(a, tb, TCA_TBF_PARMS) >= 0) {
		if (copy_of(tb[TCA_TBF_PARMS], &tbf, sizeof(tbf)))
			limit(q, tbf.limit, true);
	} else if (strcmp(q->kind, "fq_codel") == 0 && nl_nested(a, tb, TCA_FQ_CODEL_LIMIT) >= 0) {
		if (copy_of(tb[TCA_FQ_CODEL_LIMIT], &packets, sizeof(packets)))
			limit(q, packets, false);
	}
}

static void parse_stats(const struct nlattr *nest, struct owner_qdisc *q)
{
	const struct nlattr *tb[TCA_STATS_QUEUE + 1];
	struct gnet_stats_queue stats;

	if (nl_nested(nest, tb, TCA_STATS_QUEUE) < 0 || !copy_of(tb[TCA_STATS_QUEUE], &stats, sizeof(stats)))
		return;
	q->has_stats = true;
	q->drops = stats.drops;
}

int qdisc_parse_message(void *ctx, uint16_t type, struct rd *payload)
{
	const struct nlattr *tb[TCA_STATS2 + 1];
	struct qdisc_list *l = ctx;
	struct owner_qdisc q = {0};
	struct tcmsg tcm;
	int r;

	if (type != RTM_NEWQDISC)
		return 0;
	if (!rd_copy(payload, &tcm, sizeof(tcm)))
		return -EBADMSG;
	r = nl_attrs(payload->p, payload->left, tb, TCA_STATS2);
	if (r < 0)
		return r;
	q.ifindex = (uint32_t)tcm.tcm_ifindex;
	q.handle = tcm.tcm_handle;
	q.parent = tcm.tcm_parent;
	if (tb[TCA_KIND])
		nl_string(tb[TCA_KIND], q.kind, sizeof(q.kind));
	if (tb[TCA_OPTIONS])
		parse_options(tb[TCA_OPTIONS], &q);
	if (tb[TCA_STATS2])
		parse_stats(tb[TCA_STATS2], &q);
	if (ARRAY_GROW(l->v, l->n) < 0)
		return -ENOMEM;
	l->v[l->n++] = q;
	return 0;
}

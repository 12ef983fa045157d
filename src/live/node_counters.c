/* SPDX-License-Identifier: GPL-2.0-only */
#include "live/node_counters.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "net/counters.h"

#define NETNS_MAX 1024 /* of further ones no counter is known to have moved */

/* net/ipv4/proc.c, net/ipv6/proc.c, net/netfilter/nf_conntrack_standalone.c, net/xfrm/xfrm_proc.c */
static const struct { /* those of one file together */
	enum fact fact;
	enum net_counter_layout layout;
	const char *file, *group, *name;
} counters[] = {
	{FACT_UDP_NO_PORTS, NET_COUNTER_TABLE, "snmp", "Udp:", "NoPorts"},
	{FACT_UDP_IN_CSUM_ERRORS, NET_COUNTER_TABLE, "snmp", "Udp:", "InCsumErrors"},
	{FACT_UDP_NO_PORTS, NET_COUNTER_LIST, "snmp6", NULL, "Udp6NoPorts"},
	{FACT_UDP_IN_CSUM_ERRORS, NET_COUNTER_LIST, "snmp6", NULL, "Udp6InCsumErrors"},
	{FACT_CT_DROP, NET_COUNTER_COLUMNS, "stat/nf_conntrack", NULL, "drop"},
	{FACT_CT_INSERT_FAILED, NET_COUNTER_COLUMNS, "stat/nf_conntrack", NULL, "insert_failed"},
	{FACT_XFRM_IN_NO_STATES, NET_COUNTER_LIST, "xfrm_stat", NULL, "XfrmInNoStates"},
	{FACT_XFRM_IN_STATE_PROTO_ERROR, NET_COUNTER_LIST, "xfrm_stat", NULL, "XfrmInStateProtoError"},
	{FACT_XFRM_IN_STATE_MODE_ERROR, NET_COUNTER_LIST, "xfrm_stat", NULL, "XfrmInStateModeError"},
	{FACT_XFRM_IN_STATE_SEQ_ERROR, NET_COUNTER_LIST, "xfrm_stat", NULL, "XfrmInStateSeqError"},
	{FACT_XFRM_IN_STATE_EXPIRED, NET_COUNTER_LIST, "xfrm_stat", NULL, "XfrmInStateExpired"},
	{FACT_XFRM_IN_STATE_MISMATCH, NET_COUNTER_LIST, "xfrm_stat", NULL, "XfrmInStateMismatch"},
	{FACT_XFRM_IN_STATE_INVALID, NET_COUNTER_LIST, "xfrm_stat", NULL, "XfrmInStateInvalid"},
	{FACT_XFRM_IN_TMPL_MISMATCH, NET_COUNTER_LIST, "xfrm_stat", NULL, "XfrmInTmplMismatch"},
	{FACT_XFRM_IN_NO_POLS, NET_COUNTER_LIST, "xfrm_stat", NULL, "XfrmInNoPols"},
	{FACT_XFRM_IN_POL_BLOCK, NET_COUNTER_LIST, "xfrm_stat", NULL, "XfrmInPolBlock"},
	{FACT_XFRM_OUT_NO_STATES, NET_COUNTER_LIST, "xfrm_stat", NULL, "XfrmOutNoStates"},
	{FACT_XFRM_OUT_POL_BLOCK, NET_COUNTER_LIST, "xfrm_stat", NULL, "XfrmOutPolBlock"},
};

struct values {
	uint64_t known; /* bit: index of the counter */
	uint64_t v[ARRAY_SIZE(counters)];
};
static_assert(ARRAY_SIZE(counters) <= 64, "known has a bit for each");

struct node_counters {
	struct begin {
		uint32_t netns;
		struct values values;
	} * begins; /* owned */
	size_t n;
};

int node_counters_new(struct node_counters **ret)
{
	struct node_counters *n = calloc(1, sizeof(*n));

	if (!n)
		return -ENOMEM;
	*ret = n;
	return 0;
}

void node_counters_free(struct node_counters *n)
{
	if (!n)
		return;
	free(n->begins);
	free(n);
}

/* thread-self follows the thread to another namespace */
static void read_values(struct values *ret)
{
	const char *file = NULL;
	struct buf text = {0};

	*ret = (struct values){0};
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
		char path[64];

		if (!file || strcmp(file, counters[i].file) != 0) {
			file = counters[i].file;
			buf_free(&text);
			text = (struct buf){0};
			snprintf(path, sizeof(path), "/proc/thread-self/net/%s", file);
			(void)buf_read_file(path, &text);
		}
		if (text.data && net_counter_find(counters[i].layout, text.data, counters[i].group, counters[i].name,
						  &ret->v[i]) == 0)
			ret->known |= UINT64_C(1) << i;
	}
	buf_free(&text);
}

static struct begin *begin_of(const struct node_counters *n, uint32_t netns)
{
	for (size_t i = 0; i < n->n; i++)
		if (n->begins[i].netns == netns)
			return &n->begins[i];
	return NULL;
}

static void set_facts(const struct values *begin, const struct values *now, struct facts *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
		bool moved = now->v[i] != begin->v[i];
		uint64_t bit = FACT_BIT(counters[i].fact);

		if (now->known & begin->known & (UINT64_C(1) << i))
			facts_set(f, counters[i].fact, moved || (f->known & f->holds & bit));
	}
}

void node_counters_look(struct node_counters *n, uint32_t netns, struct facts *f)
{
	struct begin *begin = begin_of(n, netns);
	struct values now;

	if (!begin && n->n == NETNS_MAX)
		return;
	read_values(&now);
	if (begin)
		set_facts(&begin->values, &now, f);
	else if (ARRAY_GROW(n->begins, n->n) == 0)
		n->begins[n->n++] = (struct begin){.netns = netns, .values = now};
}

/* SPDX-License-Identifier: GPL-2.0-only */
#include "path/trace_summary.h"

#include <errno.h>
#include <string.h>

#include "base/hash.h"
#include "path/drop_causes.h"

#define FUNCS_MAX 8192u /* more functions than any kernel has for probing */

struct trace_summary {
	struct flow_summary *flows[SUMMARY_FLOWS_MAX + 1]; /* owned */
	size_t n_flows;
	struct flow_summary *rest;	       /* flow 0; NULL: none yet. Also in flows */
	uint32_t index[4 * SUMMARY_FLOWS_MAX]; /* by flow; index in flows + 1, 0: empty */
	const char *funcs[2 * FUNCS_MAX];      /* a set of names; borrowed */
	uint64_t n_funcs;
};

static struct flow_summary *flow_new(struct trace_summary *s, const struct packet *p, uint64_t flow)
{
	struct flow_summary *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->stages = calloc(STAGE_MAX, sizeof(*f->stages));
	if (!f->stages) {
		free(f);
		return NULL;
	}
	f->flow = flow;
	f->first = s->n_flows == 0;
	if (flow) {
		f->tuple = p->tuple;
		f->proto = p->proto;
	}
	s->flows[s->n_flows++] = f;
	return f;
}

static struct flow_summary *flow_of(struct trace_summary *s, const struct packet *p)
{
	uint32_t *entry;
	size_t mask = ARRAY_SIZE(s->index) - 1;

	for (uint64_t i = hash_u64(p->flow);; i++) {
		entry = &s->index[i & mask];
		if (*entry == 0 || s->flows[*entry - 1]->flow == p->flow)
			break;
	}
	if (p->flow && *entry)
		return s->flows[*entry - 1];
	if (p->flow == 0 || s->n_flows - (s->rest != NULL) == SUMMARY_FLOWS_MAX) {
		if (!s->rest)
			s->rest = flow_new(s, p, 0);
		return s->rest;
	}
	if (!flow_new(s, p, p->flow))
		return NULL;
	*entry = (uint32_t)s->n_flows;
	return s->flows[s->n_flows - 1];
}

static void add_time(struct stage_times *t, uint64_t ns)
{
	unsigned bucket = ns ? 64 - (unsigned)__builtin_clzll(ns) : 0;

	if (bucket >= SUMMARY_BUCKETS)
		bucket = SUMMARY_BUCKETS - 1;
	t->buckets[bucket]++;
	t->runs++;
	t->sum_ns += ns;
	if (ns > t->max_ns)
		t->max_ns = ns;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static void add_drop(struct flow_summary *f, const struct packet *p)
{
	const struct path_drop *d = &p->drops[p->drop];
	const struct drop_facts facts = drop_facts_of(p, d);
	const char *func = d->symbol ? d->symbol : d->after, *ifname = facts.ifname ? facts.ifname : "";
	struct flow_drops *drops;
	unsigned i = 0;

	while (i < f->n_drops && !(same_text(f->drops[i].reason, d->reason_name) && same_text(f->drops[i].func, func)))
		i++;
	if (i == SUMMARY_REASONS_MAX)
		i--;
	drops = &f->drops[i];
	if (i == f->n_drops) {
		f->n_drops++;
		*drops = (struct flow_drops){.reason = d->reason_name,
					     .func = func,
					     .after = d->after,
					     .lost = d->lost,
					     .facts = facts.facts};
		strncpy(drops->ifname, ifname, sizeof(drops->ifname) - 1);
	}
	facts_common(&drops->facts, &facts.facts);
	if (!same_text(drops->after, d->after))
		drops->after = NULL;
	if (strcmp(drops->ifname, ifname) != 0)
		drops->ifname[0] = '\0';
	drops->count++;
}

/* Adds the name to the set. Whether it is new. */
static bool func_is_new(struct trace_summary *s, const char *func)
{
	for (uint32_t h = hash_bytes(func, strlen(func));; h++) {
		const char **slot = &s->funcs[h & (ARRAY_SIZE(s->funcs) - 1)];

		if (*slot && (*slot == func || strcmp(*slot, func) == 0))
			return false;
		if (*slot)
			continue;
		if (s->n_funcs == FUNCS_MAX)
			return false;
		*slot = func;
		s->n_funcs++;
		return true;
	}
}

static void add_funcs(struct trace_summary *s, struct flow_summary *f, const struct packet *p)
{
	for (size_t i = 0; i < p->n_steps; i++) {
		if (!p->steps[i].func || !func_is_new(s, p->steps[i].func))
			continue;
		if (!f->first && f->n_new_funcs < SUMMARY_NEW_MAX)
			f->new_funcs[f->n_new_funcs] = p->steps[i].func;
		f->n_new_funcs++;
	}
}

int trace_summary_add(struct trace_summary *s, const struct packet *p)
{
	struct flow_summary *f = flow_of(s, p);

	if (!f)
		return -ENOMEM;
	f->packets++;
	f->reverse_packets += p->reverse;
	f->ends[p->end]++;
	f->lost_steps += p->lost_steps;
	if (p->end != PACKET_ALIVE)
		add_time(&f->total, p->total_ns);
	for (size_t i = 0; i < p->n_runs; i++)
		add_time(&f->stages[p->runs[i].stage], p->runs[i].duration_ns);
	if (p->end == PACKET_DROPPED)
		add_drop(f, p);
	add_funcs(s, f, p);
	return 0;
}

const struct flow_summary *const *trace_summary_flows(const struct trace_summary *s, size_t *ret_n)
{
	*ret_n = s->n_flows;
	return (const struct flow_summary *const *)s->flows;
}

uint64_t trace_summary_funcs(const struct trace_summary *s)
{
	return s->n_funcs;
}

int trace_summary_new(struct trace_summary **ret)
{
	struct trace_summary *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	*ret = s;
	return 0;
}

void trace_summary_free(struct trace_summary *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_flows; i++) {
		free(s->flows[i]->stages);
		free(s->flows[i]);
	}
	free(s);
}

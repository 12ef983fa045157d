/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Constants are followed along the edges that they leave open, from the program's start and from each function that is
 * called: what a register holds is not known yet, one constant, a place within a constant map, or anything. Where edges
 * meet, what differs is anything; so each register changes at most twice at a place, and the search ends. Memory, the
 * stack too, is anything. Then what was not come to goes, and so do jumps that are never taken and what is only jumped
 * to for the next jump (flow.h); what is left has constants in place of registers where they are known (reduce.h), and
 * what only served to have them there goes, too (live.h).
 */
#include "kern/prune.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kern/flow.h"
#include "kern/fold.h"
#include "kern/live.h"
#include "kern/reduce.h"

enum fate { NOT_REACHED, KEPT, ALWAYS_JUMPS, PASSED_OVER };

struct job {
	struct bpf_insn *insns;
	size_t n;
	struct fold_consts consts;
	/* owned, by instruction */
	struct fold_regs *in; /* where edges meet: what is known there */
	bool *meets;	      /* edges can meet here */
	uint8_t *reached;     /* bits: CAME, and the ways that its jump can go */
	struct reduce_known *known;
	struct flow_edges *edges; /* once the search is over */
	uint32_t *pending;	  /* a stack of places to go on from */
	bool *is_pending;
	size_t n_pending;
};

#define CAME 4 /* beside FOLD_JUMPS and FOLD_FALLS */

static void job_clear(struct job *j)
{
	free(j->in);
	free(j->meets);
	free(j->reached);
	free(j->known);
	free(j->edges);
	free(j->pending);
	free(j->is_pending);
}

static bool is_call_of_own(const struct bpf_insn *i)
{
	return i->code == (BPF_JMP | BPF_CALL) && i->src_reg == BPF_PSEUDO_CALL;
}

static bool takes_function(const struct bpf_insn *i)
{
	return fold_is_wide(i) && i->src_reg == BPF_PSEUDO_FUNC;
}

/* Where a jump or a call of the program's own leads, or beyond its end. */
static size_t target(const struct job *j, size_t at)
{
	const struct bpf_insn *i = &j->insns[at];
	int64_t to = (int64_t)at + 1 + (fold_is_jump(i) ? i->off : i->imm);

	return to < 0 || to >= (int64_t)j->n ? j->n : (size_t)to;
}

/* Instructions whose meaning this file knows, with targets within the program. */
static bool is_known(const struct job *j, size_t at)
{
	const struct bpf_insn *i = &j->insns[at];

	if (i->dst_reg > BPF_REG_10 || i->src_reg > BPF_REG_10)
		return false;
	if (fold_is_wide(i))
		return at + 1 < j->n && (!takes_function(i) || target(j, at) < j->n);
	if (fold_is_jump(i))
		return fold_knows_jump(i) && target(j, at) < j->n;
	return !is_call_of_own(i) || target(j, at) < j->n;
}

/* An edge to a place where edges meet. */
static void arrive(struct job *j, size_t at, const struct fold_regs *regs)
{
	bool changed = fold_meet(&j->in[at], regs);

	if (!(j->reached[at] & CAME))
		changed = true;
	j->reached[at] |= CAME;
	if (!changed || j->is_pending[at])
		return;
	j->is_pending[at] = true;
	j->pending[j->n_pending++] = (uint32_t)at;
}

static void arrive_blank(struct job *j, size_t at)
{
	struct fold_regs regs;

	fold_blank(&regs);
	arrive(j, at, &regs);
}

/* From a place where edges meet to the next ones. */
static void go_on(struct job *j, size_t at)
{
	struct fold_regs regs = j->in[at];

	for (size_t next; at < j->n; at = next) {
		const struct bpf_insn *i = &j->insns[at];

		j->reached[at] |= CAME;
		/* the last pass over it is the one that knows least */
		j->known[at].source = fold_source(&regs, i);
		next = at + 1 + fold_is_wide(i);
		if (i->code == (BPF_JMP | BPF_EXIT))
			return;
		if (is_call_of_own(i) || takes_function(i))
			arrive_blank(j, target(j, at));
		if (fold_is_jump(i)) {
			unsigned can = fold_ways(&regs, i);

			j->known[at].result = fold_destination(&regs, i);
			j->reached[at] |= (uint8_t)can;
			if (can & FOLD_JUMPS)
				arrive(j, target(j, at), &regs);
			if (!(can & FOLD_FALLS))
				return;
		} else {
			fold_step(&j->consts, &regs, i);
			j->known[at].result = fold_destination(&regs, i);
		}
		if (next < j->n && j->meets[next]) {
			arrive(j, next, &regs);
			return;
		}
	}
}

static int prepare(struct job *j)
{
	for (size_t at = 0; at < j->n; at += 1 + fold_is_wide(&j->insns[at]))
		if (!is_known(j, at))
			return -EOPNOTSUPP;
	j->in = calloc(j->n, sizeof(*j->in));
	j->meets = calloc(j->n, sizeof(*j->meets));
	j->reached = calloc(j->n, sizeof(*j->reached));
	j->known = calloc(j->n, sizeof(*j->known));
	j->edges = calloc(j->n, sizeof(*j->edges));
	j->pending = calloc(j->n, sizeof(*j->pending));
	j->is_pending = calloc(j->n, sizeof(*j->is_pending));
	if (!j->in || !j->meets || !j->reached || !j->known || !j->edges || !j->pending || !j->is_pending)
		return -ENOMEM;
	j->meets[0] = true;
	for (size_t at = 0; at < j->n; at += 1 + fold_is_wide(&j->insns[at])) {
		const struct bpf_insn *i = &j->insns[at];

		if (fold_is_jump(i) || is_call_of_own(i) || takes_function(i))
			j->meets[target(j, at)] = true;
	}
	return 0;
}

static enum fate fate_of(const struct job *j, size_t at)
{
	const struct flow_edges *e = &j->edges[at];

	if (!e->reached)
		return NOT_REACHED;
	if (e->idle)
		return PASSED_OVER;
	return fold_is_jump(&j->insns[at]) && e->next == j->n ? ALWAYS_JUMPS : KEPT;
}

static struct flow_edges edges_of(const struct job *j, size_t at)
{
	const struct bpf_insn *i = &j->insns[at];
	uint32_t none = (uint32_t)j->n, behind = (uint32_t)at + 1 + fold_is_wide(i);
	uint8_t reached = j->reached[at];
	struct flow_edges e = {.reached = reached & CAME, .next = none, .jump = none, .calls = none};

	if (!e.reached || i->code == (BPF_JMP | BPF_EXIT))
		return e;
	if (is_call_of_own(i) || takes_function(i))
		e.calls = (uint32_t)target(j, at);
	if (!fold_is_jump(i) || reached & FOLD_FALLS)
		e.next = behind;
	if (reached & FOLD_JUMPS)
		e.jump = (uint32_t)target(j, at);
	e.idle = fold_is_jump(i) && e.jump == none;
	return e;
}

/* Of what is left: the shortest ways, constants, and then what was only there for them. */
static int simplify(struct job *j)
{
	_cleanup_free_ bool *dead = calloc(j->n, sizeof(*dead)); /* it sets what nobody reads */
	int r;

	if (!dead)
		return -ENOMEM;
	for (size_t at = 0; at < j->n; at++)
		j->edges[at] = edges_of(j, at);
	r = flow_shorten(j->edges, j->n);
	if (r < 0)
		return r;
	for (size_t at = 0; at < j->n; at++)
		if (j->edges[at].reached)
			reduce(&j->known[at], &j->insns[at]);
	r = live_find_dead(j->insns, j->edges, j->n, dead);
	if (r < 0)
		return r;
	for (size_t at = 0; at < j->n; at++)
		j->edges[at].idle |= dead[at];
	return flow_shorten(j->edges, j->n);
}

/* What is left moves up; jumps and calls are set when all places are known. */
static size_t move(struct job *j, uint32_t *ret_at, bool *ret_kept)
{
	size_t to = 0;

	for (size_t at = 0, slots; at < j->n; at += slots) {
		enum fate fate = fate_of(j, at);
		bool stays = fate == KEPT || fate == ALWAYS_JUMPS;

		slots = 1 + fold_is_wide(&j->insns[at]);
		for (size_t s = 0; s < slots; s++) {
			ret_at[at + s] = (uint32_t)to + (stays ? (uint32_t)s : 0);
			ret_kept[at + s] = fate != NOT_REACHED;
		}
		to += stays ? slots : 0;
	}
	ret_at[j->n] = (uint32_t)to;
	ret_kept[j->n] = false;
	return to;
}

static void rewrite(struct job *j, const uint32_t *place)
{
	for (size_t at = 0, slots; at < j->n; at += slots) {
		struct bpf_insn i[2] = {j->insns[at]};
		enum fate fate = fate_of(j, at);

		slots = 1 + fold_is_wide(i);
		if (fate != KEPT && fate != ALWAYS_JUMPS)
			continue;
		if (slots == 2)
			i[1] = j->insns[at + 1];
		if (fold_is_jump(i)) {
			int32_t off = (int32_t)place[j->edges[at].jump] - (int32_t)place[at] - 1;

			if (fate == ALWAYS_JUMPS)
				i[0] = (struct bpf_insn){.code = BPF_JMP | BPF_JA};
			i[0].off = (int16_t)off;
		} else if (is_call_of_own(i) || takes_function(i)) {
			i[0].imm = (int32_t)place[j->edges[at].calls] - (int32_t)place[at] - 1;
		}
		memcpy(&j->insns[place[at]], i, slots * sizeof(*i)); /* never behind what was not read yet */
	}
}

int prune(struct bpf_insn *insns, size_t n, const struct prune_const *consts, size_t n_consts, uint32_t *ret_at,
	  bool *ret_kept, size_t *ret_n)
{
	_cleanup_(job_clear) struct job j = {.insns = insns, .n = n, .consts = {consts, n_consts}};
	int r = n ? prepare(&j) : -EOPNOTSUPP;

	if (r < 0)
		return r;
	arrive_blank(&j, 0);
	while (j.n_pending) {
		size_t at = j.pending[--j.n_pending];

		j.is_pending[at] = false;
		go_on(&j, at);
	}
	r = simplify(&j);
	if (r < 0)
		return r;
	*ret_n = move(&j, ret_at, ret_kept);
	rewrite(&j, ret_at);
	return 0;
}

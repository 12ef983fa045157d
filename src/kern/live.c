/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For each instruction, which registers somebody reads after it: from the ends backwards along the edges, until nothing
 * is added any more. An instruction that only sets a register which nobody reads is itself no reader.
 */
#include "kern/live.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kern/fold.h"

#define BIT(reg)  (1u << (reg))
#define CLOBBERED 0x3fu /* r0 to r5: of a call */
#define ARGUMENTS 0x3eu /* r1 to r5 */

/* How many arguments the helpers take that are called often; of the others all registers count.
 * include/uapi/linux/bpf.h, where each has its prototype. One more than they are, so that 0 is not known. */
static const uint8_t helper_arguments[] = {
	[BPF_FUNC_map_lookup_elem] = 1 + 2,	 [BPF_FUNC_map_delete_elem] = 1 + 2,
	[BPF_FUNC_ktime_get_ns] = 1 + 0,	 [BPF_FUNC_get_smp_processor_id] = 1 + 0,
	[BPF_FUNC_get_current_pid_tgid] = 1 + 0, [BPF_FUNC_get_current_comm] = 1 + 2,
	[BPF_FUNC_get_current_task] = 1 + 0,	 [BPF_FUNC_probe_read_kernel] = 1 + 3,
	[BPF_FUNC_ringbuf_output] = 1 + 4,	 [BPF_FUNC_ringbuf_reserve] = 1 + 3,
	[BPF_FUNC_ringbuf_submit] = 1 + 2,	 [BPF_FUNC_ringbuf_query] = 1 + 2,
	[BPF_FUNC_get_func_ip] = 1 + 1,
};

struct uses {
	uint16_t reads, sets;
	bool only_sets; /* it does nothing else */
};

static struct uses of_alu(const struct bpf_insn *i)
{
	uint16_t reads = 0;

	if (BPF_OP(i->code) != BPF_MOV)
		reads |= BIT(i->dst_reg);
	if (BPF_SRC(i->code) == BPF_X && BPF_OP(i->code) != BPF_END && BPF_OP(i->code) != BPF_NEG)
		reads |= BIT(i->src_reg);
	return (struct uses){reads, BIT(i->dst_reg), true};
}

static uint16_t arguments_of(const struct bpf_insn *i)
{
	uint32_t helper = (uint32_t)i->imm;
	unsigned known = i->src_reg == 0 && helper < sizeof(helper_arguments) ? helper_arguments[helper] : 0;

	return known ? (uint16_t)((1u << known) - 1) & ARGUMENTS : ARGUMENTS;
}

static struct uses of_jump(const struct bpf_insn *i)
{
	if (BPF_OP(i->code) == BPF_CALL)
		return (struct uses){arguments_of(i) | (BPF_SRC(i->code) == BPF_X ? BIT(i->dst_reg) : 0), CLOBBERED,
				     false};
	if (BPF_OP(i->code) == BPF_EXIT)
		return (struct uses){BIT(BPF_REG_0), 0, false};
	if (BPF_OP(i->code) == BPF_JA)
		return (struct uses){0};
	return (struct uses){BIT(i->dst_reg) | (BPF_SRC(i->code) == BPF_X ? BIT(i->src_reg) : 0), 0, false};
}

static struct uses uses_of(const struct bpf_insn *i)
{
	switch (BPF_CLASS(i->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		return of_alu(i);
	case BPF_LD:
		if (fold_is_wide(i)) /* a function is called by what takes its address */
			return (struct uses){0, BIT(i->dst_reg), i->src_reg != BPF_PSEUDO_FUNC};
		return (struct uses){BIT(BPF_REG_6) | BIT(i->src_reg), CLOBBERED, false};
	case BPF_LDX:
		return (struct uses){BIT(i->src_reg), BIT(i->dst_reg), true};
	case BPF_ST:
		return (struct uses){BIT(i->dst_reg), 0, false};
	case BPF_STX: /* an atomic one may compare with r0; what it fetches is set as well as read */
		return (struct uses){BIT(i->dst_reg) | BIT(i->src_reg) |
					     (BPF_MODE(i->code) == BPF_ATOMIC ? BIT(BPF_REG_0) : 0),
				     0, false};
	default:
		return of_jump(i);
	}
}

static bool is_dead(const struct uses *u, uint16_t read_after)
{
	return u->only_sets && !(u->sets & read_after);
}

int live_find_dead(const struct bpf_insn *insns, const struct flow_edges *edges, size_t n, bool *ret_dead)
{
	/* by instruction: what it or one after it reads; behind the last one nothing is */
	_cleanup_free_ uint16_t *live = calloc(n + 1, sizeof(*live));
	bool changed = true;

	if (!live)
		return -ENOMEM;
	while (changed) {
		changed = false;
		for (size_t at = n; at-- > 0;) {
			const struct flow_edges *e = &edges[at];
			struct uses u;
			uint16_t after, now;

			if (!e->reached)
				continue;
			u = uses_of(&insns[at]);
			if (fold_is_jump(&insns[at]) &&
			    !(e->next < n && e->jump < n)) /* it is decided, whatever it reads */
				u.reads = 0;
			after = live[e->next] | live[e->jump];
			ret_dead[at] = is_dead(&u, after);
			now = ret_dead[at] ? after : (after & ~u.sets) | u.reads;
			changed |= now != live[at];
			live[at] = now;
		}
	}
	return 0;
}

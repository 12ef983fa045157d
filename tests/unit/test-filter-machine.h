/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A machine for the part of eBPF that translated filters are made of. It is as strict as the verifier where that
 * matters: a register or a stack byte that was not written, a misaligned stack access or an unknown instruction ends
 * the run with -1, and no run is longer than its program.
 */
#pragma once

#include <endian.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define FRAME_BYTES 512
#define FRAME_TOP   0x7fff0000ull /* what r10 holds */

struct machine {
	const uint8_t *memory; /* at the address `start` */
	uint64_t start;
	size_t memory_bytes; /* beyond it a read faults */
	uint64_t r[11];
	uint16_t known; /* registers written */
	uint8_t frame[FRAME_BYTES];
	uint8_t frame_known[FRAME_BYTES];
};

static inline bool machine_frame(uint64_t addr, size_t size, bool aligned, size_t *ret)
{
	*ret = addr - (FRAME_TOP - FRAME_BYTES);
	return *ret < FRAME_BYTES && size <= FRAME_BYTES - *ret && (!aligned || *ret % size == 0);
}

/* bpf_probe_read_kernel(): the destination is zeroed on a fault. */
static inline bool machine_call(struct machine *m)
{
	uint64_t dst = m->r[1], size = m->r[2], src = m->r[3] - m->start;
	size_t at;

	if ((m->known & 0xe) != 0xe || !machine_frame(dst, size, false, &at))
		return false;
	memset(m->frame + at, 0, size);
	memset(m->frame_known + at, 1, size);
	m->r[0] = src > m->memory_bytes || size > m->memory_bytes - src ? (uint64_t)-14 : 0;
	if (m->r[0] == 0)
		memcpy(m->frame + at, m->memory + src, size);
	m->known = (m->known & ~0x3e) | 1; /* r1 to r5 are lost */
	return true;
}

static inline uint64_t machine_swap(const struct bpf_insn *i, uint64_t v)
{
	bool be = BPF_SRC(i->code) == BPF_TO_BE;

	if (i->imm == 16)
		return be ? be16toh((uint16_t)v) : le16toh((uint16_t)v);
	return be ? be32toh((uint32_t)v) : le32toh((uint32_t)v);
}

static inline bool machine_alu(const struct bpf_insn *i, uint64_t *dst, uint64_t src)
{
	bool wide = BPF_CLASS(i->code) == BPF_ALU64;
	uint64_t a = wide ? *dst : (uint32_t)*dst, b = wide ? src : (uint32_t)src;

	switch (BPF_OP(i->code)) {
	case BPF_ADD:
		a += b;
		break;
	case BPF_SUB:
		a -= b;
		break;
	case BPF_MUL:
		a *= b;
		break;
	case BPF_OR:
		a |= b;
		break;
	case BPF_AND:
		a &= b;
		break;
	case BPF_XOR:
		a ^= b;
		break;
	case BPF_MOV:
		a = b;
		break;
	case BPF_NEG:
		a = -a;
		break;
	case BPF_DIV:
		a = b ? a / b : 0;
		break;
	case BPF_MOD:
		a = b ? a % b : a;
		break;
	case BPF_LSH:
		a <<= b & (wide ? 63 : 31);
		break;
	case BPF_RSH:
		a >>= b & (wide ? 63 : 31);
		break;
	case BPF_ARSH:
		a = wide ? (uint64_t)((int64_t)a >> (b & 63)) : (uint32_t)((int32_t)a >> (b & 31));
		break;
	case BPF_END:
		a = machine_swap(i, *dst);
		break;
	default:
		return false;
	}
	*dst = wide ? a : (uint32_t)a;
	return true;
}

static inline int machine_jumps(const struct bpf_insn *i, uint64_t a, uint64_t b)
{
	if (BPF_CLASS(i->code) == BPF_JMP32) { /* no signed one of these is made */
		a = (uint32_t)a;
		b = (uint32_t)b;
	}
	switch (BPF_OP(i->code)) {
	case BPF_JA:
		return 1;
	case BPF_JEQ:
		return a == b;
	case BPF_JNE:
		return a != b;
	case BPF_JGT:
		return a > b;
	case BPF_JGE:
		return a >= b;
	case BPF_JLT:
		return a < b;
	case BPF_JLE:
		return a <= b;
	case BPF_JSLT:
		return (int64_t)a < (int64_t)b;
	case BPF_JSLE:
		return (int64_t)a <= (int64_t)b;
	case BPF_JSGT:
		return (int64_t)a > (int64_t)b;
	case BPF_JSGE:
		return (int64_t)a >= (int64_t)b;
	case BPF_JSET:
		return (a & b) != 0;
	default:
		return -1;
	}
}

static inline bool machine_stack(struct machine *m, const struct bpf_insn *i)
{
	static const uint8_t sizes[] = {[BPF_W >> 3] = 4, [BPF_H >> 3] = 2, [BPF_B >> 3] = 1, [BPF_DW >> 3] = 8};
	bool load = BPF_CLASS(i->code) == BPF_LDX;
	size_t size = sizes[BPF_SIZE(i->code) >> 3], at;

	if (!machine_frame(m->r[load ? i->src_reg : i->dst_reg] + (int64_t)i->off, size, true, &at))
		return false;
	if (!load) { /* little-endian, as the machine this runs on */
		memcpy(m->frame + at, &m->r[i->src_reg], size);
		memset(m->frame_known + at, 1, size);
		return true;
	}
	if (memchr(m->frame_known + at, 0, size))
		return false;
	m->r[i->dst_reg] = 0;
	memcpy(&m->r[i->dst_reg], m->frame + at, size);
	return true;
}

static inline bool machine_reads_dst(const struct bpf_insn *i)
{
	uint8_t class = BPF_CLASS(i->code);

	if (class == BPF_LDX || BPF_OP(i->code) == BPF_JA)
		return class == BPF_STX;
	return !((class == BPF_ALU || class == BPF_ALU64) && BPF_OP(i->code) == BPF_MOV);
}

static inline bool machine_reads_src(const struct bpf_insn *i)
{
	uint8_t class = BPF_CLASS(i->code);

	return class == BPF_LDX || class == BPF_STX || (BPF_SRC(i->code) == BPF_X && BPF_OP(i->code) != BPF_END);
}

/* One instruction but calls and exits; *pc is at the next one. */
static inline bool machine_step(struct machine *m, const struct bpf_insn *i, size_t *pc)
{
	uint64_t src = BPF_SRC(i->code) == BPF_X ? m->r[i->src_reg] : (uint64_t)(int64_t)i->imm;
	uint8_t class = BPF_CLASS(i->code);
	int taken;

	if ((machine_reads_dst(i) && !(m->known >> i->dst_reg & 1)) ||
	    (machine_reads_src(i) && !(m->known >> i->src_reg & 1)))
		return false;
	if (class == BPF_JMP || class == BPF_JMP32) {
		taken = machine_jumps(i, m->r[i->dst_reg], src);
		if (taken > 0)
			*pc += i->off;
		return taken >= 0;
	}
	if (class == BPF_STX)
		return machine_stack(m, i);
	m->known |= 1 << i->dst_reg;
	return class == BPF_LDX ? machine_stack(m, i) : machine_alu(i, &m->r[i->dst_reg], src);
}

/* 0 or 1: the filter's verdict; -1: the program is not fit to run. */
static inline int machine_run(struct machine *m, const struct bpf_insn *insns, size_t n, uint64_t cap_bytes,
			      uint64_t len_bytes)
{
	size_t pc = 0;

	memset(m->frame_known, 0, sizeof(m->frame_known));
	m->known = 1 << 10 | 0xe;
	m->r[10] = FRAME_TOP;
	m->r[1] = m->start;
	m->r[2] = cap_bytes;
	m->r[3] = len_bytes;
	for (size_t steps = 0; pc < n && steps < n; steps++) {
		const struct bpf_insn *i = &insns[pc++];

		if (i->code == (BPF_JMP | BPF_EXIT))
			return m->known & 1 ? m->r[0] != 0 : -1;
		if (i->code == (BPF_JMP | BPF_CALL)) {
			if (i->imm != BPF_FUNC_probe_read_kernel || !machine_call(m))
				return -1;
		} else if (!machine_step(m, i, &pc)) {
			return -1;
		}
	}
	return -1;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Any classic program that libpcap holds valid: its translation must give libpcap's own verdict on the packet. The
 * input is the number of instructions, how much of the packet's end was not captured, the instructions as struct
 * cbpf_insn, then the packet.
 */
#include <errno.h>
#include <linux/filter.h>

#include "../unit/test-filter-machine.h"
#include "filter/ebpf.h"
#include "filter/cbpf_unroll.h"
#include "filter/cbpf_usage.h"
#include "fuzz.h"

/* Of libpcap, whose headers define another struct bpf_insn than linux/bpf.h. */
int bpf_validate(const struct cbpf_insn *f, int len);

#define PROLOGUE   (1 + BPF_MEMWORDS) /* libpcap leaves the scratch words as they are; here they start with 0 */
#define INSNS_MAX  (PROLOGUE + 64)
#define EXTENSIONS 0xffe00000u

static size_t read_program(struct rd *r, struct cbpf_insn *insns, size_t wanted)
{
	size_t n = 0;

	insns[n++] = (struct cbpf_insn){.code = BPF_LD | BPF_IMM};
	for (uint32_t k = 0; k < BPF_MEMWORDS; k++)
		insns[n++] = (struct cbpf_insn){.code = BPF_ST, .k = k};
	while (n < INSNS_MAX - 1 && n < PROLOGUE + wanted && rd_copy(r, &insns[n], sizeof(insns[n]))) {
		/* the codes in use fit seven bits; most others would be refused as a whole */
		insns[n].code &= 0xff;
		n++;
	}
	insns[n++] = (struct cbpf_insn){.code = CBPF_RETURN};
	return n;
}

/* libpcap's check takes more codes than its interpreter. */
static bool is_code(const struct cbpf_insn *i)
{
	uint16_t size = BPF_SIZE(i->code), mode = BPF_MODE(i->code);

	switch (BPF_CLASS(i->code)) {
	case BPF_LD:
		return mode == BPF_ABS || mode == BPF_IND ? size != BPF_DW : size == BPF_W && mode <= BPF_LEN;
	case BPF_LDX:
		return mode == BPF_MSH ? size == BPF_B
				       : size == BPF_W && (mode == BPF_IMM || mode == BPF_MEM || mode == BPF_LEN);
	case BPF_ST:
	case BPF_STX:
		return i->code == BPF_CLASS(i->code);
	case BPF_ALU:
		/* a constant amount of 32 or more is undefined behaviour of the interpreter's */
		if ((i->code == (BPF_ALU | BPF_LSH | BPF_K) || i->code == (BPF_ALU | BPF_RSH | BPF_K)) && i->k >= 32)
			return false;
		return BPF_OP(i->code) <= BPF_XOR && (BPF_OP(i->code) != BPF_NEG || BPF_SRC(i->code) == BPF_K);
	case BPF_JMP:
		return BPF_OP(i->code) <= BPF_JSET && (BPF_OP(i->code) != BPF_JA || BPF_SRC(i->code) == BPF_K);
	case BPF_RET:
		return i->code == (BPF_RET | BPF_K) || i->code == (BPF_RET | BPF_A);
	default:
		return i->code == (BPF_MISC | BPF_TAX) || i->code == (BPF_MISC | BPF_TXA);
	}
}

static bool usable(const struct cbpf_prog *p)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct cbpf_insn *insn = &p->insns[i];

		if (!is_code(insn))
			return false;
		/* libpcap's loops could be endless, and offsets of the kernel's extensions are refused before */
		if (BPF_CLASS(insn->code) == BPF_JMP && BPF_OP(insn->code) == BPF_JA && insn->k >= p->n)
			return false;
		if (BPF_CLASS(insn->code) == BPF_LD && BPF_MODE(insn->code) == BPF_ABS && insn->k >= EXTENSIONS)
			return false;
	}
	return bpf_validate(p->insns, (int)p->n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_init(data, size);
	size_t wanted = fuzz_byte(&r) % 64;
	uint32_t missing = fuzz_byte(&r);
	_cleanup_free_ struct cbpf_insn *insns = calloc(INSNS_MAX, sizeof(*insns));
	struct cbpf_prog classic = {.insns = insns}, straight = {0};
	struct ebpf_prog p = {0};
	struct reason reason = {0};
	struct machine m = {.start = 0xffff888000001000ull};
	_cleanup_free_ uint8_t *slack = NULL;
	bool verdict;

	must(insns);
	classic.n = read_program(&r, insns, wanted);
	if (!usable(&classic))
		return 0;
	must(cbpf_unroll(&classic, 1, &straight) == 0);
	must(ebpf_translate(&straight, &p, &reason) == 0);
	/* behind an skb's bytes there is always more to read: skb_shared_info; no verdict may depend on it */
	m.memory = slack = calloc(1, r.left + WINDOW_BYTES_MAX);
	must(slack);
	memset(slack + r.left, 0xa5, WINDOW_BYTES_MAX);
	if (r.left)
		memcpy(slack, r.p, r.left);
	m.memory_bytes = r.left + WINDOW_BYTES_MAX;
	missing = missing < 128 ? 0 : (missing - 128) * 2;
	verdict = cbpf_matches(&classic, r.p, (uint32_t)r.left, (uint32_t)r.left + missing);
	must(machine_run(&m, p.insns, p.n, r.left, r.left + missing) == verdict);
	cbpf_free(&straight);
	ebpf_free(&p);
	return 0;
}

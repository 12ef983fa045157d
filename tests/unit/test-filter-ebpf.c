/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Translated filters run in a machine for the eBPF they consist of, on random packets, and are judged by libpcap's own
 * verdict on the classic program. SEED in the environment gives another run; it is printed.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <linux/filter.h>
#include <stdlib.h>

#include "filter/ebpf.h"
#include "filter/expr.h"
#include "filter/cbpf_unroll.h"
#include "test-filter-exprs.h"
#include "test-filter-machine.h"

#define N_PACKETS 300
#define N_RANDOM  400 /* expressions */
#define MAX_CHAIN 32  /* headers that `protochain` follows here: more than a random packet has, times the loops */

struct verdicts {
	size_t exprs, refused, matches, misses;
};

static uint64_t seed_of_run(void)
{
	const char *s = getenv("SEED");
	uint64_t seed = s ? strtoull(s, NULL, 0) : 20240607;

	fprintf(stderr, "SEED=%llu\n", (unsigned long long)seed);
	return seed ? seed : 1;
}

static struct test_packet *random_packets(uint64_t *seed)
{
	struct test_packet *packets = calloc(N_PACKETS, sizeof(*packets));

	cr_assert(packets);
	for (size_t i = 0; i < N_PACKETS; i++)
		packet_random(&packets[i], seed);
	return packets;
}

/* Bytes below the frame pointer that the code touches, by loads, stores and reads of a helper's. */
static int stack_bytes(const struct ebpf_prog *p)
{
	int deepest = 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct bpf_insn *insn = &p->insns[i];
		uint8_t class = BPF_CLASS(insn->code);
		int at = 0;

		if ((class == BPF_LDX && insn->src_reg == BPF_REG_10) ||
		    (class == BPF_STX && insn->dst_reg == BPF_REG_10))
			at = insn->off;
		else if (i && insn->code == (BPF_ALU64 | BPF_ADD | BPF_K) && insn[-1].src_reg == BPF_REG_10)
			at = insn->imm;
		if (at < deepest)
			deepest = at;
	}
	return -deepest;
}

/* What the verifier wants of the code as a whole, beyond what a run shows. */
static void expect_fit(const char *text, const struct ebpf_prog *p)
{
	bool *reached = calloc(p->n, sizeof(*reached));

	cr_assert(reached);
	cr_assert_leq(stack_bytes(p), 80, "%s", text); /* with all 16 scratch words */
	reached[0] = true;
	for (size_t i = 0; i < p->n; i++) {
		const struct bpf_insn *insn = &p->insns[i];
		bool jumps = (BPF_CLASS(insn->code) == BPF_JMP && BPF_OP(insn->code) != BPF_CALL &&
			      BPF_OP(insn->code) != BPF_EXIT) ||
			     BPF_CLASS(insn->code) == BPF_JMP32;

		cr_assert(reached[i], "%s: nothing leads to instruction %zu", text, i);
		if (jumps) {
			cr_assert_geq(insn->off, 0, "%s: instruction %zu jumps backward", text, i);
			cr_assert_lt(i + 1 + (size_t)insn->off, p->n, "%s: instruction %zu jumps out", text, i);
			reached[i + 1 + (size_t)insn->off] = true;
		}
		if (insn->code != (BPF_JMP | BPF_EXIT) && insn->code != (BPF_JMP | BPF_JA)) {
			cr_assert_lt(i + 1, p->n, "%s: falls off its end", text);
			reached[i + 1] = true;
		}
	}
	free(reached);
}

static int run(const struct ebpf_prog *p, const struct test_packet *packet, uint32_t skip)
{
	struct machine m = {
		.memory = packet->bytes + skip,
		.start = 0xffff888000001000ull + skip,
		.memory_bytes = packet->len_bytes + PACKET_SLACK - skip,
	};

	return machine_run(&m, p->insns, p->n, packet->cap_bytes - skip, packet->len_bytes - skip);
}

static void judge(const char *text, const struct cbpf_prog *classic, enum cbpf_link link,
		  const struct test_packet *packets, struct verdicts *v)
{
	struct cbpf_prog straight = {0};
	struct ebpf_prog p = {0};
	struct reason reason = {0};

	cr_assert_eq(cbpf_unroll(classic, MAX_CHAIN, &straight), 0, "%s", text);
	cr_assert_eq(ebpf_translate(&straight, &p, &reason), 0, "%s: %s", text, reason.text);
	expect_fit(text, &p);
	for (size_t i = 0; i < N_PACKETS; i++) {
		const struct test_packet *packet = &packets[i];
		uint32_t skip = link == CBPF_RAW_IP ? packet->l3 : 0;
		bool wanted;

		if (packet->cap_bytes < skip)
			continue;
		wanted =
			cbpf_matches(classic, packet->bytes + skip, packet->cap_bytes - skip, packet->len_bytes - skip);
		cr_assert_eq(run(&p, packet, skip), wanted, "'%s', %s, packet %zu: wanted %d", text,
			     link == CBPF_RAW_IP ? "raw" : "Ethernet", i, wanted);
		*(wanted ? &v->matches : &v->misses) += 1;
	}
	cbpf_free(&straight);
	ebpf_free(&p);
}

static void try_both(const char *text, const struct test_packet *packets, struct verdicts *v)
{
	static const enum cbpf_link links[] = {CBPF_ETHERNET, CBPF_RAW_IP};

	for (size_t i = 0; i < 2; i++) {
		struct cbpf_prog classic = {0};

		v->exprs++;
		if (cbpf_compile(text, links[i], &classic, NULL) < 0) {
			v->refused++;
			continue;
		}
		judge(text, &classic, links[i], packets, v);
		cbpf_free(&classic);
	}
}

Test(ebpf, primitives_agree_with_libpcap)
{
	uint64_t seed = seed_of_run();
	struct test_packet *packets = random_packets(&seed);
	struct verdicts v = {0};

	for (size_t i = 0; i < N_PRIMITIVES; i++)
		try_both(primitives[i], packets, &v);
	fprintf(stderr, "%zu programs, %zu refused, %zu matches, %zu misses\n", v.exprs, v.refused, v.matches,
		v.misses);
	cr_expect_lt(v.refused, v.exprs / 3);
	cr_expect_gt(v.matches, v.misses / 20);
	free(packets);
}

Test(ebpf, random_expressions_agree_with_libpcap)
{
	uint64_t seed = seed_of_run();
	struct test_packet *packets = random_packets(&seed);
	struct verdicts v = {0};
	char text[EXPR_TEXT];

	for (size_t i = 0; i < N_RANDOM; i++) {
		random_expr(text, &seed, 3);
		/* Where `geneve` did not match, what is joined to it makes libpcap read scratch words never written. */
		if (strstr(text, "geneve"))
			continue;
		try_both(text, packets, &v);
	}
	fprintf(stderr, "%zu programs, %zu refused, %zu matches, %zu misses\n", v.exprs, v.refused, v.matches,
		v.misses);
	cr_expect_lt(v.refused, v.exprs * 3 / 4);
	cr_expect_gt(v.matches, v.misses / 20);
	free(packets);
}

static bool uses_slot(const struct cbpf_insn *i)
{
	uint8_t class = BPF_CLASS(i->code);

	return class == BPF_ST || class == BPF_STX || (class <= BPF_LDX && BPF_MODE(i->code) == BPF_MEM);
}

static void random_insn(struct cbpf_insn *i, size_t left, uint64_t *s)
{
	static const uint16_t codes[] = {BPF_LD | BPF_W | BPF_ABS,
					 BPF_LD | BPF_H | BPF_ABS,
					 BPF_LD | BPF_B | BPF_ABS,
					 BPF_LD | BPF_W | BPF_IND,
					 BPF_LD | BPF_H | BPF_IND,
					 BPF_LD | BPF_B | BPF_IND,
					 BPF_LD | BPF_IMM,
					 BPF_LD | BPF_MEM,
					 BPF_LD | BPF_W | BPF_LEN,
					 BPF_LDX | BPF_IMM,
					 BPF_LDX | BPF_MEM,
					 BPF_LDX | BPF_W | BPF_LEN,
					 BPF_LDX | BPF_B | BPF_MSH,
					 BPF_ST,
					 BPF_STX,
					 BPF_MISC | BPF_TAX,
					 BPF_MISC | BPF_TXA,
					 BPF_ALU | BPF_NEG,
					 BPF_ALU | BPF_ADD,
					 BPF_ALU | BPF_SUB,
					 BPF_ALU | BPF_MUL,
					 BPF_ALU | BPF_DIV,
					 BPF_ALU | BPF_MOD,
					 BPF_ALU | BPF_OR,
					 BPF_ALU | BPF_AND,
					 BPF_ALU | BPF_XOR,
					 BPF_ALU | BPF_LSH,
					 BPF_ALU | BPF_RSH,
					 BPF_JMP | BPF_JA,
					 BPF_JMP | BPF_JEQ,
					 BPF_JMP | BPF_JGT,
					 BPF_JMP | BPF_JGE,
					 BPF_JMP | BPF_JSET};
	bool jump;

	i->code = codes[rnd(s, sizeof(codes) / sizeof(codes[0]))];
	jump = BPF_CLASS(i->code) == BPF_JMP;
	if ((jump && BPF_OP(i->code) != BPF_JA) || (BPF_CLASS(i->code) == BPF_ALU && BPF_OP(i->code) != BPF_NEG))
		i->code |= rnd(s, 2) ? BPF_X : BPF_K;
	i->k = rnd(s, 8) ? 1 + rnd(s, 70) : 1 + rnd(s, 1u << 31);
	if (BPF_CLASS(i->code) == BPF_ALU && (BPF_OP(i->code) == BPF_LSH || BPF_OP(i->code) == BPF_RSH))
		i->k %= 32; /* more is undefined in libpcap's own C */
	if (uses_slot(i))
		i->k = rnd(s, BPF_MEMWORDS);
	if (jump && BPF_OP(i->code) == BPF_JA)
		i->k = rnd(s, left);
	i->jt = jump ? rnd(s, left < 8 ? left : 8) : 0;
	i->jf = jump ? rnd(s, left < 8 ? left : 8) : 0;
}

/* Programs that libpcap would never compile to, so that nothing is left to its optimizer. libpcap's interpreter starts
 * with arbitrary scratch words: they are set first. */
static void random_program(struct cbpf_insn *insns, size_t n, uint64_t *s)
{
	for (size_t i = 0; i < n - 1; i++) {
		if (i < BPF_MEMWORDS)
			insns[i] = (struct cbpf_insn){.code = BPF_ST, .k = i};
		else
			random_insn(&insns[i], n - 1 - i, s);
	}
	insns[n - 1] = (struct cbpf_insn){.code = BPF_RET | (rnd(s, 4) ? BPF_A : BPF_K), .k = rnd(s, 2)};
}

Test(ebpf, random_programs_agree_with_libpcap)
{
	uint64_t seed = seed_of_run();
	struct test_packet *packets = random_packets(&seed);
	struct verdicts v = {0};
	struct cbpf_insn insns[BPF_MEMWORDS + 16];

	for (size_t i = 0; i < N_RANDOM * 2; i++) {
		struct cbpf_prog p = {.insns = insns, .n = BPF_MEMWORDS + 2 + rnd(&seed, 14)};

		random_program(insns, p.n, &seed);
		judge("a random program", &p, rnd(&seed, 2) ? CBPF_ETHERNET : CBPF_RAW_IP, packets, &v);
	}
	fprintf(stderr, "%zu matches, %zu misses\n", v.matches, v.misses);
	cr_expect_gt(v.matches, v.misses / 20);
	free(packets);
}

static struct ebpf_prog translated(const char *text, enum cbpf_link link)
{
	struct ebpf_prog p = {0};
	struct reason reason = {0};

	cr_assert_eq(expr_compile_one(text, link, &p, &reason), 0, "%s", reason.text);
	return p;
}

/* Most loads are served from one copy of the packet's beginning, aligned as the link wants. */
Test(ebpf, one_call_reads_the_headers)
{
	static const struct {
		const char *text;
		enum cbpf_link link;
		size_t calls;
	} cases[] = {
		{"host 10.0.0.1", CBPF_ETHERNET, 1},  {"host 10.0.0.1", CBPF_RAW_IP, 1},
		{"ip6 src fd00::1", CBPF_RAW_IP, 1},  {"tcp port 80", CBPF_ETHERNET, 3},
		{"len > 100", CBPF_ETHERNET, 0},      {"ether[54:4] = 1", CBPF_ETHERNET, 1},
		{"ether[1:4] = 1", CBPF_ETHERNET, 2},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ebpf_prog p = translated(cases[i].text, cases[i].link);
		size_t calls = 0;

		for (size_t at = 0; at < p.n; at++)
			calls += p.insns[at].code == (BPF_JMP | BPF_CALL);
		cr_expect_eq(calls, cases[i].calls, "%s: %zu calls", cases[i].text, calls);
		cr_expect_leq(stack_bytes(&p), 64, "%s: %d bytes", cases[i].text, stack_bytes(&p));
		ebpf_free(&p);
	}
}

Test(ebpf, a_read_that_faults_rejects)
{
	static const char *const texts[] = {"not ip", "ether[100] = 0", "ether[ether[0]] = 0"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct ebpf_prog p = translated(texts[i], CBPF_ETHERNET);
		struct machine m = {.memory = (const uint8_t *)"", .start = 0xffff888000001000ull};

		cr_expect_eq(machine_run(&m, p.insns, p.n, 1500, 1500), 0, "%s", texts[i]);
		ebpf_free(&p);
	}
}

/* As many headers as promised are followed, and not one more. */
Test(ebpf, chains_end)
{
	struct ebpf_prog p = translated("ip6 protochain 17", CBPF_RAW_IP);
	uint8_t packet[40 + 8 * (EXPR_MAX_CHAIN + 2)] = {0x60, [6] = 60};

	for (size_t n = 0; n <= EXPR_MAX_CHAIN + 1; n++) {
		struct machine m = {.memory = packet, .start = 0xffff888000001000ull, .memory_bytes = sizeof(packet)};

		for (size_t i = 0; i <= EXPR_MAX_CHAIN; i++)
			packet[40 + 8 * i] = i + 1 < n ? 60 : 17;
		packet[6] = n ? 60 : 17;
		cr_expect_eq(machine_run(&m, p.insns, p.n, sizeof(packet), sizeof(packet)), n <= EXPR_MAX_CHAIN,
			     "%zu headers", n);
	}
	ebpf_free(&p);
}

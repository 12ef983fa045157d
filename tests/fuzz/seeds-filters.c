/* SPDX-License-Identifier: GPL-2.0-only */
#include "../unit/test-filter-exprs.h"
#include "filter/cbpf.h"
#include "seeds.h"

/* As fuzz-cbpf.c reads it: number of instructions, what is missing, instructions, packet. */
static void program(const char *text, uint64_t *random)
{
	struct cbpf_prog p = {0};
	struct test_packet packet;
	uint8_t bytes[2 + 64 * sizeof(*p.insns) + PACKET_MAX];
	size_t n = 2;

	if (cbpf_compile(text, CBPF_ETHERNET, &p, NULL) < 0)
		return;
	if (p.n < 64) {
		packet_random(&packet, random);
		bytes[0] = (uint8_t)p.n;
		bytes[1] = 0;
		memcpy(bytes + n, p.insns, p.n * sizeof(*p.insns));
		n += p.n * sizeof(*p.insns);
		memcpy(bytes + n, packet.bytes, packet.cap_bytes);
		seed("cbpf", bytes, n + packet.cap_bytes);
	}
	cbpf_free(&p);
}

void seeds_filters(void)
{
	uint64_t random = 7;

	for (size_t i = 0; i < N_PRIMITIVES; i++) {
		seed("expr", primitives[i], strlen(primitives[i]));
		program(primitives[i], &random);
	}
}

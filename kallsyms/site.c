/* SPDX-License-Identifier: GPL-2.0-only */
#include "kallsyms/site.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "kallsyms/capstone_cleanup.h"

#ifdef __x86_64__
#define LANDING_BYTES  4
#define CALL_BYTES     5
#define CALL_OPCODE    0xe8
#define INT3_OPCODE    0xcc
#define NOP_LEAD_BYTES 2
#define MAX_INSN_BYTES 15 /* Intel SDM volume 2, 2.3.11 */

static const uint8_t landings[][LANDING_BYTES] = {
	{0xf3, 0x0f, 0x1e, 0xfa}, /* endbr64 */
	{0x66, 0x0f, 0x1f, 0x00}, /* osp nopl (%rax): sealed, 5.18 to 6.14 */
	{0x0f, 0x1f, 0x40, 0xd6}, /* nopl -42(%rax): sealed, since 6.15 */
	{0xf5, 0x0f, 0x1f, 0x00}, /* cmc; nopl (%rax): sealed, FineIBT with BHI hardening, 6.15 pre-releases */
	{0x0f, 0x1f, 0x40, 0x00}, /* the 4-byte nop */
};

static const uint8_t nops[][CALL_BYTES] = {
	{0x0f, 0x1f, 0x44, 0x00, 0x00}, /* nopl 0(%rax,%rax,1) */
	{0x66, 0x66, 0x66, 0x66, 0x90}, /* K8_NOP5_ATOMIC, before 5.13 on processors without nopl */
};

static size_t landing_len(const uint8_t *code, size_t len)
{
	for (size_t i = 0; len >= LANDING_BYTES && i < ARRAY_SIZE(landings); i++)
		if (memcmp(code, landings[i], LANDING_BYTES) == 0)
			return LANDING_BYTES;
	return 0;
}

/* Whether the first n bytes of the code are those of one of the nops. */
static bool starts_as_nop(const uint8_t *code, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(nops); i++)
		if (memcmp(code, nops[i], n) == 0)
			return true;
	return false;
}

static bool is_call_site(const uint8_t *code, size_t len)
{
	return len >= CALL_BYTES && (starts_as_nop(code, CALL_BYTES) || code[0] == CALL_OPCODE);
}

/* The kernel changes a site in three steps: it writes a breakpoint to the first byte, then the other bytes, then the
 * first byte (text_poke_bp_batch() in arch/x86/kernel/alternative.c). A read meanwhile may see parts of the old and the
 * new bytes. */
static bool is_changing(const uint8_t *code, size_t len)
{
	return len >= CALL_BYTES && (starts_as_nop(code, NOP_LEAD_BYTES) || code[0] == INT3_OPCODE);
}

int site_offset(const void *code, size_t len_bytes)
{
	size_t off = landing_len(code, len_bytes);

	if (!is_call_site((const uint8_t *)code + off, len_bytes - off))
		return 0;
	return off + CALL_BYTES;
}

int site_look(const void *code, size_t len_bytes, uint64_t addr, uint64_t *ret_target)
{
	size_t off = landing_len(code, len_bytes);
	const uint8_t *call = (const uint8_t *)code + off;
	int32_t distance;

	if (!is_call_site(call, len_bytes - off))
		return is_changing(call, len_bytes - off) ? SITE_CHANGING : SITE_NONE;
	if (*call != CALL_OPCODE)
		return SITE_NOP;
	memcpy(&distance, call + 1, sizeof(distance));
	*ret_target = addr + off + CALL_BYTES + distance;
	return SITE_CALL;
}

static int undecodable(const uint8_t *p, uint64_t addr, site_line_fn line, void *ctx)
{
	char operand[8];

	snprintf(operand, sizeof(operand), "0x%02x", *p);
	return line(ctx, addr, p, 1, ".byte", operand);
}

int site_disasm(const void *code, size_t len_bytes, uint64_t addr, site_line_fn line, void *ctx)
{
	_cleanup_(capstone_closep) csh h = 0;
	_cleanup_(capstone_insn_freep) cs_insn *insn = NULL;
	const uint8_t *p = code;
	int r = 0;

	if (cs_open(CS_ARCH_X86, CS_MODE_64, &h) != CS_ERR_OK)
		return -EOPNOTSUPP;
	cs_option(h, CS_OPT_SYNTAX, CS_OPT_SYNTAX_ATT);
	insn = cs_malloc(h);
	if (!insn)
		return -ENOMEM;
	while (len_bytes > 0 && r == 0) {
		if (cs_disasm_iter(h, &p, &len_bytes, &addr, insn)) {
			r = line(ctx, insn->address, insn->bytes, insn->size, insn->mnemonic, insn->op_str);
			continue;
		}
		if (len_bytes < MAX_INSN_BYTES) /* it may be an incomplete instruction */
			break;
		r = undecodable(p, addr, line, ctx);
		p++, addr++, len_bytes--;
	}
	return r;
}

#elif !defined(__aarch64__) /* for arm64: site_arm64.c */

int site_offset(const void *code _unused_, size_t len_bytes _unused_)
{
	return -EOPNOTSUPP;
}

int site_look(const void *code _unused_, size_t len_bytes _unused_, uint64_t addr _unused_,
	      uint64_t *ret_target _unused_)
{
	return -EOPNOTSUPP;
}

int site_disasm(const void *code _unused_, size_t len_bytes _unused_, uint64_t addr _unused_,
		site_line_fn line _unused_, void *ctx _unused_)
{
	return -EOPNOTSUPP;
}

#endif

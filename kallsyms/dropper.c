/* SPDX-License-Identifier: GPL-2.0-only */
#include "kallsyms/dropper.h"

#include <capstone/capstone.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define FUNC_BYTES_MAX (64u << 10) /* a longer one is not looked into */
#define DEPTH_MAX      2	   /* jumps from the call to the freeing function */
#define BRANCHES_MAX   64	   /* to other functions, of one function */

/* net/core/skbuff.c, dev.c, net/ipv4/tcp_input.c of 5.10 to 7.2: they fire the tracepoint, or do nothing but lead
 * there. */
static const char *const freeing[] = {"kfree_skb",
				      "kfree_skb_reason",
				      "sk_skb_reason_drop",
				      "kfree_skb_list",
				      "kfree_skb_list_reason",
				      "__dev_kfree_skb_any",
				      "dev_kfree_skb_any_reason",
				      "__dev_kfree_skb_irq",
				      "dev_kfree_skb_irq_reason",
				      "tcp_drop",
				      "tcp_drop_reason",
				      "tcp_drop_reason_"};

bool dropper_frees(const char *func)
{
	size_t len = strcspn(func, ".");

	for (size_t i = 0; i < ARRAY_SIZE(freeing); i++)
		if (strlen(freeing[i]) == len && strncmp(freeing[i], func, len) == 0)
			return true;
	return false;
}

#ifdef __x86_64__
struct search {
	dropper_read_fn read;
	void *ctx;
	const struct ksyms *ks;
	csh cs;
};

static void insn_freep(cs_insn **insn)
{
	if (*insn)
		cs_free(*insn, 1);
}

/* The code of a function from its start, up to `end` or its own end. */
static int read_code(const struct search *s, uint64_t start, uint64_t end, uint8_t **ret, size_t *ret_len)
{
	uint64_t len = end ? end - start : ksyms_extent_bytes(s->ks, start);
	_cleanup_free_ uint8_t *code = NULL;
	ssize_t n;

	if (len == 0 || len > FUNC_BYTES_MAX)
		return -ENOENT;
	code = malloc(len);
	if (!code)
		return -ENOMEM;
	n = s->read(s->ctx, start, code, len);
	if (n < 0)
		return (int)n;
	*ret = TAKE_PTR(code);
	*ret_len = (size_t)n;
	return 0;
}

static bool has_target(const cs_insn *insn, uint64_t *ret)
{
	const cs_x86 *x86 = &insn->detail->x86;

	if (x86->op_count != 1 || x86->operands[0].type != X86_OP_IMM)
		return false;
	*ret = (uint64_t)x86->operands[0].imm;
	return true;
}

/* The target of the direct call that ends at `location`, which lies in the function at `start`. */
static int called_before(const struct search *s, uint64_t start, uint64_t location, uint64_t *ret)
{
	_cleanup_(insn_freep) cs_insn *insn = cs_malloc(s->cs);
	_cleanup_free_ uint8_t *code = NULL;
	const uint8_t *p;
	uint64_t addr = start;
	size_t len;
	int r;

	if (!insn)
		return -ENOMEM;
	r = read_code(s, start, location, &code, &len);
	if (r < 0)
		return r;
	p = code;
	while (len > 0) {
		if (!cs_disasm_iter(s->cs, &p, &len, &addr, insn)) {
			p++, addr++, len--;
			continue;
		}
		if (addr == location)
			return insn->id == X86_INS_CALL && has_target(insn, ret) ? 0 : -ENOENT;
	}
	return -ENOENT;
}

/* Where the function that holds `addr` jumps to a freeing one; branches: where else it jumps to out of itself. */
static int jump_in(const struct search *s, uint64_t addr, uint64_t *ret, uint64_t branches[BRANCHES_MAX], size_t *n)
{
	_cleanup_(insn_freep) cs_insn *insn = cs_malloc(s->cs);
	_cleanup_free_ uint8_t *code = NULL;
	uint64_t offset, at, target, end;
	struct ksym self, other;
	const uint8_t *p;
	size_t len;
	int r;

	if (!insn)
		return -ENOMEM;
	r = ksyms_find(s->ks, addr, &self, &offset);
	if (r >= 0)
		r = read_code(s, self.addr, 0, &code, &len);
	if (r < 0)
		return r;
	end = self.addr + len;
	p = code;
	at = self.addr;
	while (len > 0) {
		if (!cs_disasm_iter(s->cs, &p, &len, &at, insn)) {
			p++, at++, len--;
			continue;
		}
		if (!cs_insn_group(s->cs, insn, CS_GRP_JUMP) || !has_target(insn, &target))
			continue;
		if ((target >= self.addr && target < end) || ksyms_find(s->ks, target, &other, &offset) < 0)
			continue;
		if (offset == 0 && dropper_frees(other.name)) {
			*ret = insn->address;
			return 0;
		}
		if (*n < BRANCHES_MAX)
			branches[(*n)++] = target;
	}
	return -ENOENT;
}

static int jump_behind(const struct search *s, uint64_t func, unsigned depth, uint64_t *ret)
{
	uint64_t branches[BRANCHES_MAX];
	size_t n = 0;
	int r = jump_in(s, func, ret, branches, &n);

	for (size_t i = 0; r == -ENOENT && depth > 1 && i < n; i++)
		r = jump_behind(s, branches[i], depth - 1, ret);
	return r;
}

static int find(const struct search *s, uint64_t location, struct dropper *ret)
{
	uint64_t offset, target, jump;
	struct ksym caller, callee;
	int r = ksyms_find(s->ks, location, &caller, &offset);

	if (r < 0)
		return r;
	if (offset == 0) { /* the kernel told a function, not an address behind a call: net_tx_action() */
		*ret = (struct dropper){.addr = location};
		return 0;
	}
	r = called_before(s, caller.addr, location, &target);
	if (r < 0)
		return r;
	r = ksyms_find(s->ks, target, &callee, &offset);
	if (r < 0)
		return r;
	if (dropper_frees(callee.name)) {
		*ret = (struct dropper){.addr = location};
		return 0;
	}
	r = jump_behind(s, target, DEPTH_MAX, &jump);
	if (r < 0)
		return r;
	*ret = (struct dropper){.addr = jump, .jumped = true};
	return 0;
}

int dropper_find(dropper_read_fn read, void *ctx, const struct ksyms *ks, uint64_t location, struct dropper *ret)
{
	struct search s = {.read = read, .ctx = ctx, .ks = ks};
	int r;

	if (cs_open(CS_ARCH_X86, CS_MODE_64, &s.cs) != CS_ERR_OK)
		return -EOPNOTSUPP;
	r = cs_option(s.cs, CS_OPT_DETAIL, CS_OPT_ON) == CS_ERR_OK ? find(&s, location, ret) : -EOPNOTSUPP;
	cs_close(&s.cs);
	return r;
}

#else /* !__x86_64__ */

int dropper_find(dropper_read_fn read _unused_, void *ctx _unused_, const struct ksyms *ks _unused_,
		 uint64_t location _unused_, struct dropper *ret _unused_)
{
	return -EOPNOTSUPP;
}

#endif

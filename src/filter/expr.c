/* SPDX-License-Identifier: GPL-2.0-only */
#include "filter/expr.h"

#include <errno.h>
#include <string.h>

#include "filter/cbpf_unroll.h"

int expr_compile_one(const char *text, enum cbpf_link link, struct ebpf_prog *ret, struct reason *reason)
{
	_cleanup_cbpf_ struct cbpf_prog compiled = {0};
	_cleanup_cbpf_ struct cbpf_prog straight = {0};
	struct reason why = {0};
	int r = cbpf_compile(text, link, &compiled, reason);

	if (r < 0)
		return r;
	r = cbpf_unroll(&compiled, EXPR_MAX_CHAIN, &straight);
	if (r >= 0)
		r = ebpf_translate(&straight, ret, &why);
	return r < 0 ? reason_set(reason, r, "'%.200s': %s", text, why.text[0] ? why.text : strerror(-r)) : 0;
}

static int reject_all(struct ebpf_prog *ret)
{
	struct cbpf_insn no = {.code = CBPF_RETURN};
	struct cbpf_prog p = {.insns = &no, .n = 1};

	return ebpf_translate(&p, ret, NULL);
}

int expr_compile(const char *text, struct expr *ret, struct reason *reason)
{
	_cleanup_expr_ struct expr e = {0};
	int r = expr_compile_one(text, CBPF_ETHERNET, &e.l2, reason);

	if (r < 0)
		return r;
	/* On raw IP, libpcap rejects expressions over Ethernet (`ether host`, `vlan`) and those that never match
	 * (`arp`). */
	r = expr_compile_one(text, CBPF_RAW_IP, &e.l3, NULL);
	if (r == -EINVAL)
		r = reject_all(&e.l3);
	if (r < 0)
		return reason_set(reason, r, "'%.200s': %s", text, strerror(-r));
	*ret = e;
	e = (struct expr){0};
	return 0;
}

void expr_free(struct expr *e)
{
	ebpf_free(&e->l2);
	ebpf_free(&e->l3);
}

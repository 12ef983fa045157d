/* SPDX-License-Identifier: GPL-2.0-only */
#include "names/drop_caller.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/symbol.h"
#include "kallsyms/branches.h"

#define FUNC_BYTES_MAX (64u << 10) /* a longer function is not searched */
#define DEPTH_MAX      2	   /* jumps from the call to the freeing function */
#define BRANCHES_MAX   64	   /* that leave one function */

/* net/core/skbuff.c, dev.c, net/ipv4/tcp_input.c of 5.10 to 7.2: they fire the tracepoint, or only call one
 * that does. */
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

bool drop_caller_frees(const char *func)
{
	for (size_t i = 0; i < ARRAY_SIZE(freeing); i++) {
		if (symbol_is(func, freeing[i]))
			return true;
	}
	return false;
}

struct code_search {
	drop_caller_read_fn read;
	void *ctx;
	const struct ksyms *ks;
};

/* Reads the code of the function at start, up to the address end, or to the end of the function if end is 0. */
static int read_code(const struct code_search *s, uint64_t start, uint64_t end, uint8_t **ret, size_t *ret_len)
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

struct wanted_call {
	uint64_t next, target;
};

static int is_wanted(void *ctx, const struct branch *b)
{
	struct wanted_call *w = ctx;

	w->target = b->target;
	return b->call && b->next == w->next;
}

/* Finds the target of the direct call that ends at location, in the function at start. -ENOENT if there is none. */
static int called_before(const struct code_search *s, uint64_t start, uint64_t location, uint64_t *ret)
{
	struct wanted_call wanted = {.next = location};
	_cleanup_free_ uint8_t *code = NULL;
	size_t len = 0;
	int r = read_code(s, start, location, &code, &len);

	if (r >= 0)
		r = branches_walk(code, len, start, is_wanted, &wanted);
	if (r <= 0)
		return r ?: -ENOENT;
	*ret = wanted.target;
	return 0;
}

struct way_out {
	const struct ksyms *ks;
	uint64_t start, end; /* of the function */
	uint64_t jump;	     /* address of a jump to a freeing function */
	uint64_t branches[BRANCHES_MAX];
	size_t n;
};

static int look_for_way_out(void *ctx, const struct branch *b)
{
	struct way_out *w = ctx;
	struct ksym other;
	uint64_t offset;

	if (b->call || (b->target >= w->start && b->target < w->end) ||
	    ksyms_find(w->ks, b->target, &other, &offset) < 0)
		return 0;
	if (offset == 0 && drop_caller_frees(other.name)) {
		w->jump = b->at;
		return 1;
	}
	if (w->n < BRANCHES_MAX)
		w->branches[w->n++] = b->target;
	return 0;
}

/* Finds a jump to a freeing function in the function that holds addr; otherwise collects the jumps that leave it. 1:
 * found, 0: not found, -errno. */
static int find_ways_out(const struct code_search *s, uint64_t addr, struct way_out *w)
{
	_cleanup_free_ uint8_t *code = NULL;
	uint64_t offset;
	struct ksym self;
	size_t len = 0;
	int r = ksyms_find(s->ks, addr, &self, &offset);

	if (r >= 0)
		r = read_code(s, self.addr, 0, &code, &len);
	if (r < 0)
		return r;
	*w = (struct way_out){.ks = s->ks, .start = self.addr, .end = self.addr + len};
	return branches_walk(code, len, self.addr, look_for_way_out, w);
}

static int jump_behind(const struct code_search *s, uint64_t func, unsigned depth, uint64_t *ret)
{
	struct way_out w = {0};
	int r = find_ways_out(s, func, &w);

	if (r > 0)
		*ret = w.jump;
	if (r != 0)
		return r < 0 ? r : 0;
	r = -ENOENT;
	for (size_t i = 0; r == -ENOENT && depth > 1 && i < w.n; i++)
		r = jump_behind(s, w.branches[i], depth - 1, ret);
	return r;
}

static int find(const struct code_search *s, uint64_t location, struct drop_caller *ret)
{
	uint64_t offset, target, jump;
	struct ksym caller, callee;
	int r = ksyms_find(s->ks, location, &caller, &offset);

	if (r < 0)
		return r;
	if (offset == 0) { /* a function's first byte follows no call: net_tx_action() reports itself */
		*ret = (struct drop_caller){.addr = location};
		return 0;
	}
	r = called_before(s, caller.addr, location, &target);
	if (r < 0)
		return r;
	r = ksyms_find(s->ks, target, &callee, &offset);
	if (r < 0)
		return r;
	if (drop_caller_frees(callee.name)) {
		*ret = (struct drop_caller){.addr = location};
		return 0;
	}
	r = jump_behind(s, target, DEPTH_MAX, &jump);
	if (r < 0)
		return r;
	*ret = (struct drop_caller){.addr = jump, .jumped = true};
	return 0;
}

int drop_caller_find(drop_caller_read_fn read, void *ctx, const struct ksyms *ks, uint64_t location,
		     struct drop_caller *ret)
{
	struct code_search s = {.read = read, .ctx = ctx, .ks = ks};

	return find(&s, location, ret);
}

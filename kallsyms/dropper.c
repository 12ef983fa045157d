/* SPDX-License-Identifier: GPL-2.0-only */
#include "kallsyms/dropper.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kallsyms/branches.h"

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

struct search {
	dropper_read_fn read;
	void *ctx;
	const struct ksyms *ks;
};

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

struct wanted_call {
	uint64_t next, target;
};

static int is_wanted(void *ctx, const struct branch *b)
{
	struct wanted_call *w = ctx;

	w->target = b->target;
	return b->call && b->next == w->next;
}

/* The target of the direct call that ends at `location`, which lies in the function at `start`. */
static int called_before(const struct search *s, uint64_t start, uint64_t location, uint64_t *ret)
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
	uint64_t jump;	     /* to one that frees */
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
	if (offset == 0 && dropper_frees(other.name)) {
		w->jump = b->at;
		return 1;
	}
	if (w->n < BRANCHES_MAX)
		w->branches[w->n++] = b->target;
	return 0;
}

/* Where the function that holds `addr` jumps to a freeing one, and where else it jumps to out of itself. 1: it does,
 * 0: it does not. */
static int find_ways_out(const struct search *s, uint64_t addr, struct way_out *w)
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

static int jump_behind(const struct search *s, uint64_t func, unsigned depth, uint64_t *ret)
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

	return find(&s, location, ret);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* Broken rule files: whatever the bytes, the parser ends with rules that the engine takes, or with a line and a column
 * inside the file and a text. The sanitizers' build is where this earns its keep. */
#include <criterion/criterion.h>

#include <string.h>

#include "rules/engine.h"
#include "rules/rules_parse.h"

#define ROUNDS 20000

static const char seed_file[] = "let src = iface eth0 netns pod1\n"
				"let host = netns inode:4026531840 # the host\n"
				"packet request 10.0.0.133 -> 10.0.0.67 icmp\n"
				"  expect dev_hard_start_xmit on $src\n"
				"  expect skb_do_redirect on iface lxc1 netns $host as in within 2ms\n"
				"  expect ip_rcv|ipv6_rcv on iface index:2 pod web-* within 5ms of $in\n"
				"  forbid * on iface lxc2\n"
				"  forbid * on netns $in drop NETFILTER_DROP\n"
				"  count ip_rcv == 1\n"
				"flow all fd00::/64 <-> any tcp port 80\n"
				"  count ip*rcv reverse >= 2\n";

static const char *const tokens[] = {
	" ",	 "\n",	   "\t",   "#",	     "$",      "|",	"*",	   "->",      "<->",  "==",
	"let",	 "packet", "flow", "expect", "forbid", "count", "on",	   "as",      "of",   "within",
	"iface", "netns",  "pod",  "index:", "inode:", "drop",	"forward", "reverse", "any",  "port",
	"proto", "5ms",	   "1",	   "$src",   "\xff",   "\r",	"=",	   "in",      "\xc3",
};

/* xorshift64 (Marsaglia, 2003); the seed is fixed, so a failure can be had again. */
static uint64_t rng(void)
{
	static uint64_t x = 0x2545f4914f6cdd1dull;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

static void run_engine(const struct rules *rules)
{
	struct tuple tuple = {.family = 4, .src = {10, 0, 0, 133}, .dst = {10, 0, 0, 67}, .has_l4 = true, .l4 = 1};
	struct engine_account account = {.end_ns = 100};
	struct rules_result result;
	struct engine *e = NULL;

	cr_assert_eq(engine_new(rules, &(struct engine_opts){.max_packets = 4}, &e), 0);
	for (uint64_t i = 1; i < 20; i++)
		engine_step(e, &(struct step){.ts_ns = i,
					      .pkt = i % 6,
					      .func = i % 2 ? "ip_rcv" : "dev_hard_start_xmit",
					      .ifname = "eth0",
					      .tuple = &tuple,
					      .has_netns = true,
					      .has_dev = true,
					      .netns = i % 3,
					      .ifindex = 2,
					      .dropped = i % 5 == 0});
	cr_assert_eq(engine_finish(e, &account, &result), 0);
	rules_result_clear(&result);
	engine_free(e);
}

/* The bytes are given in a block of their own size, so that a read beyond them is seen. */
static bool feed(const char *data, size_t size)
{
	_cleanup_free_ char *block = malloc(size ? size : 1);
	struct rules *rules = NULL;
	struct rules_error error;
	unsigned lines = 1;
	int r;

	memcpy(block, data, size);
	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	r = rules_parse(block, size, &rules, &error);
	if (r < 0) {
		cr_assert_neq(error.reason.text[0], '\0');
		cr_assert(error.line >= 1 && error.line <= lines);
		cr_assert(error.column >= 1 && error.column <= RULES_LINE_MAX + 1);
		return false;
	}
	run_engine(rules);
	rules_free(rules);
	return true;
}

static size_t mutate(char *text, size_t len, size_t cap)
{
	size_t at = rng() % (len + 1), n = rng() % 12;
	const char *token = tokens[rng() % ARRAY_SIZE(tokens)];

	switch (rng() % 4) {
	case 0: /* a byte becomes another */
		if (at < len)
			text[at] = rng();
		return len;
	case 1: /* some go */
		n = n > len - at ? len - at : n;
		memmove(text + at, text + at + n, len - at - n);
		return len - n;
	case 2: /* a token comes */
		n = strlen(token);
		if (len + n > cap)
			return len;
		memmove(text + at + n, text + at, len - at);
		memcpy(text + at, token, n);
		return len + n;
	default: /* the end is lost */
		return rng() % 8 ? len : at;
	}
}

Test(rules_fuzz, the_seed_is_good)
{
	cr_assert(feed(seed_file, strlen(seed_file)));
}

Test(rules_fuzz, mutations)
{
	unsigned taken = 0;

	for (unsigned i = 0; i < ROUNDS; i++) {
		char text[2048];
		size_t len = strlen(seed_file);

		memcpy(text, seed_file, len);
		for (uint64_t n = rng() % 6 + 1; n > 0; n--)
			len = mutate(text, len, sizeof(text));
		taken += feed(text, len);
	}
	/* else only the error paths were tried */
	cr_expect_gt(taken, ROUNDS / 100);
}

Test(rules_fuzz, random_bytes)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		char text[256];
		size_t len = rng() % sizeof(text);

		for (size_t k = 0; k < len; k++)
			text[k] = rng();
		feed(text, len);
	}
}

Test(rules_fuzz, random_tokens)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		char text[1024];
		size_t len = 0;

		while (len < sizeof(text) - 16 && rng() % 40)
			len += sprintf(text + len, "%s%s", tokens[rng() % ARRAY_SIZE(tokens)], rng() % 4 ? " " : "\n");
		feed(text, len);
	}
}

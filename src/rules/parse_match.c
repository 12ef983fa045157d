/* SPDX-License-Identifier: GPL-2.0-only */
#include "rules/parser.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "base/parse.h"

static const struct {
	const char *name;
	uint8_t l4;
} protocols[] = {
	{"icmp", IPPROTO_ICMP}, {"icmp6", IPPROTO_ICMPV6}, {"tcp", IPPROTO_TCP},
	{"udp", IPPROTO_UDP},	{"sctp", IPPROTO_SCTP},
};

static int find_protocol(const char *word, uint8_t *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		if (strcmp(word, protocols[i].name) != 0)
			continue;
		*ret = protocols[i].l4;
		return 0;
	}
	return -ENOENT;
}

static bool is_address(const char *word)
{
	struct prefix p;

	return strcmp(word, "any") == 0 || prefix_parse(word, &p, NULL) == 0;
}

static bool is_port_word(const char *word)
{
	return strcmp(word, "port") == 0 || strcmp(word, "sport") == 0 || strcmp(word, "dport") == 0;
}

/* Also takes what only looks like an address, so that a misspelt one is not taken for a name. */
bool starts_match(const char *word)
{
	uint8_t l4;

	return is_address(word) || strpbrk(word, ".:/") || strchr("0123456789<-", word[0]) ||
	       find_protocol(word, &l4) == 0 || strcmp(word, "proto") == 0 || is_port_word(word);
}

int parse_number(struct words *w, const char *what, const char *digits, uint64_t max, uint64_t *ret)
{
	if (strspn(digits, "0123456789") != strlen(digits) || parse_u64(digits, max, ret) < 0)
		return words_fail_last(w, -EINVAL, "invalid %s '%s': expected a decimal number up to %llu", what,
				       digits, (unsigned long long)max);
	return 0;
}

/* All zeros for `any`. */
static int parse_address(struct words *w, struct prefix *ret)
{
	struct reason why = {0};
	const char *word;
	int r = words_next(w, "an address, ADDRESS/LENGTH or any", &word);

	if (r < 0)
		return r;
	if (strcmp(word, "any") == 0)
		return 0;
	if (prefix_parse(word, ret, &why) < 0)
		return words_fail_last(w, -EINVAL, "'%s': %s", word, why.text);
	return 0;
}

static int parse_addresses(struct words *w, struct packet_match *ret)
{
	int r = parse_address(w, &ret->src);

	if (r < 0)
		return r;
	ret->both_directions = words_accept(w, "<->");
	if (!ret->both_directions && !words_accept(w, "->"))
		return words_fail(w, -EINVAL, "expected -> or <-> between two addresses");
	r = parse_address(w, &ret->dst);
	if (r < 0)
		return r;
	if (ret->src.family && ret->dst.family && ret->src.family != ret->dst.family)
		return words_fail_last(w, -EINVAL, "the two addresses are of different families");
	ret->has_addrs = true;
	return 0;
}

static int parse_proto(struct words *w, struct packet_match *ret)
{
	const char *word;
	uint64_t v = 0;
	int r = words_next(w, "a protocol", &word);

	if (r < 0 || find_protocol(word, &ret->l4) == 0)
		return r < 0 ? r : 0;
	if (strcmp(word, "proto") != 0)
		return words_fail_last(w, -EINVAL,
				       "unknown '%s': expected a protocol (icmp, icmp6, tcp, udp, sctp, proto N) or "
				       "port N, sport N, dport N",
				       word);
	r = words_next(w, "a protocol's number", &word);
	if (r >= 0)
		r = parse_number(w, "protocol", word, UINT8_MAX, &v);
	if (r < 0)
		return r;
	if (v == 0)
		return words_fail_last(w, -EINVAL, "protocol 0 cannot be asked for");
	ret->l4 = v;
	return 0;
}

static int parse_port(struct words *w, struct packet_match *match)
{
	const char *word = words_peek(w);
	uint16_t *ret = word[0] == 's' ? &match->sport : word[0] == 'd' ? &match->dport : &match->port;
	uint64_t v = 0;
	int r;

	if (*ret)
		return words_fail(w, -EINVAL, "a second %s", word);
	words_accept(w, word);
	r = words_next(w, "a port", &word);
	if (r >= 0)
		r = parse_number(w, "port", word, UINT16_MAX, &v);
	if (r < 0)
		return r;
	if (v == 0)
		return words_fail_last(w, -EINVAL, "port 0 cannot be asked for");
	*ret = v;
	return 0;
}

int parse_match(struct words *w, struct packet_match *ret)
{
	bool has_proto = false;
	int r = 0;

	*ret = (struct packet_match){0};
	if (words_peek(w) && !is_port_word(words_peek(w)) && strcmp(words_peek(w), "proto") != 0 &&
	    find_protocol(words_peek(w), &ret->l4) < 0)
		r = parse_addresses(w, ret);
	ret->l4 = 0;
	while (r >= 0 && words_peek(w)) {
		bool port = is_port_word(words_peek(w));

		if (!port && has_proto)
			return words_fail(w, -EINVAL, "a second protocol");
		has_proto |= !port;
		r = port ? parse_port(w, ret) : parse_proto(w, ret);
	}
	return r;
}

/* SPDX-License-Identifier: GPL-2.0-only */
#include "owner/nft_value.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include "event/tuple.h"
#include "owner/nft_text.h"
#include "render/out/escape.h"

#define ELEMENTS_MAX 8 /* of a set that are shown */

enum kind { KIND_HEX, KIND_ADDR, KIND_NUMBER, KIND_L4, KIND_NAME, KIND_HOST, KIND_STATE, KIND_NFPROTO };

struct payload_field {
	uint32_t base, offset, len;
	uint8_t proto; /* 4 or 6; IPPROTO_*, 0: any with ports */
	const char *name;
	enum kind kind;
};

static const struct payload_field fields[] = {
	{NFT_PAYLOAD_NETWORK_HEADER, 12, 4, 4, "ip saddr", KIND_ADDR},
	{NFT_PAYLOAD_NETWORK_HEADER, 16, 4, 4, "ip daddr", KIND_ADDR},
	{NFT_PAYLOAD_NETWORK_HEADER, 9, 1, 4, "ip protocol", KIND_L4},
	{NFT_PAYLOAD_NETWORK_HEADER, 8, 1, 4, "ip ttl", KIND_NUMBER},
	{NFT_PAYLOAD_NETWORK_HEADER, 2, 2, 4, "ip length", KIND_NUMBER},
	{NFT_PAYLOAD_NETWORK_HEADER, 4, 2, 4, "ip id", KIND_NUMBER},
	{NFT_PAYLOAD_NETWORK_HEADER, 6, 2, 4, "ip frag-off", KIND_HEX},
	{NFT_PAYLOAD_NETWORK_HEADER, 1, 1, 4, "ip dscp", KIND_HEX},
	{NFT_PAYLOAD_NETWORK_HEADER, 8, 16, 6, "ip6 saddr", KIND_ADDR},
	{NFT_PAYLOAD_NETWORK_HEADER, 24, 16, 6, "ip6 daddr", KIND_ADDR},
	{NFT_PAYLOAD_NETWORK_HEADER, 6, 1, 6, "ip6 nexthdr", KIND_L4},
	{NFT_PAYLOAD_NETWORK_HEADER, 7, 1, 6, "ip6 hoplimit", KIND_NUMBER},
	{NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1, IPPROTO_ICMP, "icmp type", KIND_NUMBER},
	{NFT_PAYLOAD_TRANSPORT_HEADER, 1, 1, IPPROTO_ICMP, "icmp code", KIND_NUMBER},
	{NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1, IPPROTO_ICMPV6, "icmpv6 type", KIND_NUMBER},
	{NFT_PAYLOAD_TRANSPORT_HEADER, 1, 1, IPPROTO_ICMPV6, "icmpv6 code", KIND_NUMBER},
	{NFT_PAYLOAD_TRANSPORT_HEADER, 13, 1, IPPROTO_TCP, "tcp flags", KIND_HEX},
	{NFT_PAYLOAD_TRANSPORT_HEADER, 0, 2, 0, "sport", KIND_NUMBER},
	{NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, 0, "dport", KIND_NUMBER},
};

/* A prefix of whole bytes is loaded as these bytes only. */
static const struct payload_field *field_of(const struct nft_source *s, const struct nft_context *c)
{
	for (size_t i = 0; s->kind == NFT_SRC_PAYLOAD && i < ARRAY_SIZE(fields); i++) {
		const struct payload_field *f = &fields[i];
		bool network = f->base == NFT_PAYLOAD_NETWORK_HEADER;
		uint8_t have = !network ? c->l4 : c->nfproto == NFPROTO_IPV6 ? 6 : c->nfproto == NFPROTO_IPV4 ? 4 : 0;
		bool fits = f->len == s->len || (f->kind == KIND_ADDR && s->len < f->len);

		if (f->base == s->base && f->offset == s->offset && fits &&
		    (f->proto == have || (!network && f->proto == 0)))
			return f;
	}
	return NULL;
}

static enum kind kind_of(const struct nft_source *s, const struct nft_context *c)
{
	const struct payload_field *f = field_of(s, c);

	if (f)
		return f->kind;
	if (s->kind == NFT_SRC_CT && s->key == NFT_CT_STATE)
		return KIND_STATE;
	if (s->kind != NFT_SRC_META)
		return KIND_HEX;
	switch (s->key) {
	case NFT_META_IIFNAME:
	case NFT_META_OIFNAME:
		return KIND_NAME;
	case NFT_META_L4PROTO:
		return KIND_L4;
	case NFT_META_NFPROTO:
		return KIND_NFPROTO;
	case NFT_META_PROTOCOL:
		return KIND_HEX;
	default:
		return KIND_HOST;
	}
}

static void hex(const uint8_t *v, size_t len, struct out *o)
{
	out_str(o, "0x");
	for (size_t i = 0; i < len; i++)
		out_hex_digits(o, v[i], 2);
}

static void payload_text(const struct nft_source *s, const struct nft_context *c, struct out *o)
{
	static const char *const bases[] = {"ll", "nh", "th", "ih"};
	const struct payload_field *f = field_of(s, c);
	const char *proto = l4_name(c->l4);

	if (f && f->base == NFT_PAYLOAD_TRANSPORT_HEADER && f->proto == 0) {
		out_str(o, proto ? proto : "th");
		out_char(o, ' ');
	}
	if (f) {
		out_str(o, f->name);
		return;
	}
	out_char(o, '@');
	out_str(o, s->base < ARRAY_SIZE(bases) ? bases[s->base] : "?");
	out_char(o, ',');
	out_u64(o, (uint64_t)s->offset * 8);
	out_char(o, ',');
	out_u64(o, (uint64_t)s->len * 8);
}

/* Bits of a mask that begins with ones and has no ones behind zeros; -1: another one. */
static int prefix_of(const uint8_t *mask, size_t len)
{
	int bits = 0;

	for (size_t i = 0; i < len * 8; i++) {
		bool one = mask[i / 8] >> (7 - i % 8) & 1;

		if (one && bits != (int)i)
			return -1;
		bits += one;
	}
	return bits;
}

static bool is_prefix(const struct nft_source *s, const struct nft_context *c)
{
	return s->masked && kind_of(s, c) == KIND_ADDR && prefix_of(s->mask, s->mask_len) > 0;
}

void nft_source_text(const struct nft_source *s, const struct nft_context *c, struct out *o)
{
	if (s->kind == NFT_SRC_PAYLOAD)
		payload_text(s, c, o);
	else if (s->kind == NFT_SRC_META)
		out_str(o, nft_meta_name(s->key));
	else if (s->kind == NFT_SRC_CT)
		out_str(o, nft_ct_name(s->key));
	else {
		out_char(o, '[');
		out_escaped_word(o, s->kind == NFT_SRC_OTHER ? s->other : "?");
		out_char(o, ']');
	}
	if (!s->masked || is_prefix(s, c) || kind_of(s, c) == KIND_STATE)
		return;
	out_str(o, " & ");
	nft_source_value(&(struct nft_source){.kind = s->kind, .key = s->key}, c, s->mask, s->mask_len, o);
}

static void addr_value(const struct nft_source *s, const uint8_t *v, size_t len, struct out *o)
{
	char text[ADDR_TEXT_SIZE];
	uint8_t addr[16] = {0};
	bool v6 = s->offset != 12 && s->offset != 16;
	size_t whole = v6 ? 16 : 4;
	int bits = s->masked ? prefix_of(s->mask, s->mask_len) : (int)len * 8;

	memcpy(addr, v, len < whole ? len : whole);
	out_mem(o, text, addr_format(v6 ? 6 : 4, addr, text));
	if (bits < 0 || (size_t)bits == whole * 8)
		return;
	out_char(o, '/');
	out_u64(o, (uint64_t)bits);
}

/* enum ip_conntrack_info as bits: linux/netfilter/nf_conntrack_common.h, NF_CT_STATE_BIT(). */
static void state_value(const uint8_t *v, size_t len, struct out *o)
{
	static const char *const names[] = {"invalid", "established", "related", "new", NULL, NULL, "untracked"};
	uint32_t bits = 0;
	bool any = false;

	memcpy(&bits, v, len < sizeof(bits) ? len : sizeof(bits));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!(bits >> i & 1) || !names[i])
			continue;
		if (any)
			out_char(o, ',');
		out_str(o, names[i]);
		any = true;
	}
	if (!any)
		out_hex(o, bits);
}

static void name_value(const uint8_t *v, size_t len, struct out *o)
{
	char name[17];

	snprintf(name, sizeof(name), "%.*s", (int)(len < 16 ? len : 16), (const char *)v);
	out_char(o, '"');
	out_escaped_word(o, name);
	if (len < 16 && !memchr(v, 0, len))
		out_char(o, '*');
	out_char(o, '"');
}

void nft_source_value(const struct nft_source *s, const struct nft_context *c, const uint8_t *v, size_t len,
		      struct out *o)
{
	char text[L4_TEXT_SIZE];
	uint64_t number = 0;
	uint32_t host = 0;

	switch (kind_of(s, c)) {
	case KIND_ADDR:
		return addr_value(s, v, len, o);
	case KIND_NAME:
		return name_value(v, len, o);
	case KIND_STATE:
		return state_value(v, len, o);
	case KIND_L4:
		out_mem(o, text, len == 1 ? l4_format(v[0], text) : 0);
		return;
	case KIND_NFPROTO:
		out_str(o, v[0] == NFPROTO_IPV6 ? "ipv6" : "ipv4");
		return;
	case KIND_NUMBER:
		for (size_t i = 0; i < len && i < 8; i++)
			number = number << 8 | v[i];
		out_u64(o, number);
		return;
	case KIND_HOST:
		if (len > sizeof(host))
			break;
		memcpy(&host, v, len);
		if (s->key == NFT_META_MARK || s->kind == NFT_SRC_CT)
			out_hex(o, host);
		else
			out_u64(o, host);
		return;
	default:
		break;
	}
	hex(v, len, o);
}

void nft_verdict_text(int32_t verdict, const char *chain, struct out *o)
{
	switch (verdict) {
	case NF_DROP:
		out_str(o, "drop");
		break;
	case NF_ACCEPT:
		out_str(o, "accept");
		break;
	case NFT_JUMP:
	case NFT_GOTO:
		out_str(o, verdict == NFT_JUMP ? "jump " : "goto ");
		out_escaped_word(o, chain);
		break;
	case NFT_RETURN:
		out_str(o, "return");
		break;
	case NFT_CONTINUE:
		out_str(o, "continue");
		break;
	default:
		out_str(o, "queue");
	}
}

static void element_text(const struct nft_element *e, size_t len, const struct nft_source *s,
			 const struct nft_context *c, struct out *o)
{
	if (e->catchall)
		out_char(o, '*');
	else if (s->kind == NFT_SRC_NONE)
		hex(e->key, len, o);
	else
		nft_source_value(s, c, e->key, len, o);
	if (!e->has_verdict)
		return;
	out_str(o, " : ");
	nft_verdict_text(e->verdict, e->chain, o);
}

void nft_set_text(const struct nft_set *set, const struct nft_source *s, const struct nft_context *c, struct out *o)
{
	size_t shown = 0;

	if (!(set->flags & NFT_SET_ANONYMOUS) || !set->complete || set->flags & NFT_SET_INTERVAL) {
		out_char(o, '@');
		out_escaped_word(o, set->name);
		return;
	}
	out_char(o, '{');
	for (size_t i = 0; i < set->n && shown <= ELEMENTS_MAX; i++, shown++) {
		out_str(o, shown ? ", " : " ");
		if (shown == ELEMENTS_MAX)
			out_str(o, "...");
		else
			element_text(&set->v[i], set->key_bytes, s, c, o);
	}
	out_str(o, " }");
}

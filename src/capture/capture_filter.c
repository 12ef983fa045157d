/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation. A filter is decided by trying: it is compiled, and run on a frame that is built from what is
 * known of each packet that any of the captures holds. This is sound only as far as the frame holds the very bytes that
 * the packet would have had at the capture's point, of which nothing is known where it is absent. So the program may
 * read only what no device or program on the way changes and what the flow and the packet's key tell: EtherType,
 * protocol, fragment offset, addresses, ports and the type of ICMP. A filter that reads anything else (MAC addresses,
 * lengths, flags, TTL, payload) is in doubt, and so is one in words of which tcpdump would have asked a name server. So
 * are packets with VLAN tags, extension headers or IP options, and fragments.
 */
#include "capture/capture_filter.h"

#include <ctype.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/filter.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <pcap/dlt.h>
#include <string.h>

#include "filter/cbpf.h"

#define FRAME_BYTES 128
#define IP4	    ETH_HLEN /* where headers and fields are, from the frame's first byte */
#define IP6	    ETH_HLEN
#define IP4_L4	    (ETH_HLEN + 20)
#define IP6_L4	    (ETH_HLEN + 40)
#define FRAG_MASK   0x1fff

static const char *const words[] = {
	"and",
	"or",
	"not",
	"src",
	"dst",
	"host",
	"net",
	"port",
	"portrange",
	"proto",
	"ip",
	"ip6",
	"icmp",
	"icmp6",
	"tcp",
	"udp",
	"arp",
	"rarp",
	"ether",
	"vlan",
	"icmptype",
	"icmp-echo",
	"icmp-echoreply",
};

/* Whether the word means the same everywhere: a keyword, a number, an address. */
static bool is_plain_word(const char *word, size_t size)
{
	static const char hex[] = "0123456789abcdefABCDEF";

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strlen(words[i]) == size && memcmp(word, words[i], size) == 0)
			return true;
	}
	if (memchr(word, ':', size) || (size > 2 && memcmp(word, "0x", 2) == 0 && strspn(word + 2, hex) >= size - 2))
		return true;
	for (size_t i = 0; i < size; i++) {
		if (!isdigit((unsigned char)word[i]) && word[i] != '.' && word[i] != '-')
			return false;
	}
	return true;
}

static bool asks_nobody(const char *text)
{
	static const char between[] = " \t\n()[]!&|=<>/";

	for (text += strspn(text, between); *text; text += strspn(text, between)) {
		size_t size = strcspn(text, between);

		if (!is_plain_word(text, size))
			return false;
		text += size;
	}
	return true;
}

static bool is_inside(uint32_t at, uint32_t size, uint32_t from, uint32_t to)
{
	return at >= from && at + size <= to;
}

static uint32_t load_bytes(uint16_t code)
{
	return BPF_SIZE(code) == BPF_W ? 4 : BPF_SIZE(code) == BPF_H ? 2 : 1;
}

/* Ports, or the type of ICMP, at this offset of the L4 header. */
static bool is_l4_field(uint32_t at, uint32_t size, uint8_t l4)
{
	if (l4 == IPPROTO_ICMP || l4 == IPPROTO_ICMPV6)
		return at == 0 && size == 1;
	return is_inside(at, size, 0, 4);
}

/* Whether these bytes of the frame are known. */
static bool is_known(const struct st_flow *flow, uint32_t at, uint32_t size)
{
	if (is_inside(at, size, 12, ETH_HLEN))
		return true;
	if (flow->family == 4)
		return (at == IP4 + 9 && size == 1) || is_inside(at, size, IP4 + 12, IP4_L4) ||
		       (at >= IP4_L4 && is_l4_field(at - IP4_L4, size, flow->l4));
	return (at == IP6 + 6 && size == 1) || is_inside(at, size, IP6 + 8, IP6_L4) ||
	       (at >= IP6_L4 && is_l4_field(at - IP6_L4, size, flow->l4));
}

/* The fragment offset without the flags before it, which are not known. */
static bool is_fragment_test(const struct st_flow *flow, const struct cbpf_insn *load)
{
	return flow->family == 4 && load->code == (BPF_LD | BPF_H | BPF_ABS) && load->k == IP4 + 6 &&
	       load[1].code == (BPF_JMP | BPF_JSET | BPF_K) && load[1].k == FRAG_MASK;
}

struct registers {
	uint32_t a, x;
};

static bool load(const struct st_flow *flow, const uint8_t *frame, const struct cbpf_insn *i, struct registers *regs)
{
	uint32_t at = BPF_MODE(i->code) == BPF_IND ? regs->x + i->k : i->k, size = load_bytes(i->code);

	if (BPF_MODE(i->code) == BPF_IMM) {
		regs->a = i->k;
		return true;
	}
	if (BPF_MODE(i->code) != BPF_ABS && BPF_MODE(i->code) != BPF_IND)
		return false;
	if (at > FRAME_BYTES - 4 || (!is_known(flow, at, size) && !is_fragment_test(flow, i)))
		return false;
	regs->a = 0;
	for (uint32_t n = 0; n < size; n++)
		regs->a = regs->a << 8 | frame[at + n];
	return true;
}

static bool is_taken(const struct cbpf_insn *i, const struct registers *regs)
{
	uint32_t operand = BPF_SRC(i->code) == BPF_X ? regs->x : i->k;

	switch (BPF_OP(i->code)) {
	case BPF_JEQ:
		return regs->a == operand;
	case BPF_JGT:
		return regs->a > operand;
	case BPF_JGE:
		return regs->a >= operand;
	default:
		return regs->a & operand; /* BPF_JSET */
	}
}

/* Runs the program on the frame, but only as far as what it reads is known, in the instructions that libpcap makes of
 * protocols, addresses and ports. */
static enum filter_effect run_prog(const struct cbpf_prog *prog, const struct st_flow *flow, const uint8_t *frame)
{
	struct registers regs = {0};

	for (size_t at = 0; at < prog->n; at++) {
		const struct cbpf_insn *i = &prog->insns[at];

		if (i->code == CBPF_RETURN)
			return i->k ? FILTER_PASSES : FILTER_LEAVES_OUT;
		if (i->code == (BPF_LDX | BPF_B | BPF_MSH) && i->k == IP4 && flow->family == 4)
			regs.x = IP4_L4 - IP4;
		else if (i->code == (BPF_ALU | BPF_AND | BPF_K))
			regs.a &= i->k;
		else if (i->code == (BPF_JMP | BPF_JA))
			at += i->k;
		else if (BPF_CLASS(i->code) == BPF_JMP)
			at += is_taken(i, &regs) ? i->jt : i->jf;
		else if (BPF_CLASS(i->code) != BPF_LD || !load(flow, frame, i, &regs))
			return FILTER_UNCERTAIN;
	}
	return FILTER_UNCERTAIN;
}

static void put_be16(uint8_t *at, uint16_t v)
{
	at[0] = v >> 8;
	at[1] = v;
}

static void put_l4(uint8_t *at, const struct st_flow *flow, const struct packet_key *key)
{
	if (flow->l4 == IPPROTO_ICMP) {
		at[0] = key->reverse ? ICMP_ECHOREPLY : ICMP_ECHO;
	} else if (flow->l4 == IPPROTO_ICMPV6) {
		at[0] = key->reverse ? ICMP6_ECHO_REPLY : ICMP6_ECHO_REQUEST;
	} else {
		put_be16(at, key->sport);
		put_be16(at + 2, key->dport);
	}
}

/* The packet's frame, as far as reads_known() lets a program read it. */
static void build_frame(const struct st_flow *flow, const struct packet_key *key, uint8_t frame[static FRAME_BYTES])
{
	const uint32_t *src = key->reverse ? flow->dst_be : flow->src_be,
		       *dst = key->reverse ? flow->src_be : flow->dst_be;

	memset(frame, 0, FRAME_BYTES);
	if (flow->family == 4) {
		put_be16(frame + 12, ETH_P_IP);
		frame[IP4] = 0x45;
		frame[IP4 + 9] = flow->l4;
		memcpy(frame + IP4 + 12, src, 4);
		memcpy(frame + IP4 + 16, dst, 4);
		put_l4(frame + IP4_L4, flow, key);
		return;
	}
	put_be16(frame + 12, ETH_P_IPV6);
	frame[IP6] = 0x60;
	frame[IP6 + 6] = flow->l4;
	memcpy(frame + IP6 + 8, src, 16);
	memcpy(frame + IP6 + 24, dst, 16);
	put_l4(frame + IP6_L4, flow, key);
}

static bool is_plain(const struct packet_evidence *p, const struct captured *k)
{
	for (enum point i = 0; i < POINT_MAX; i++) {
		if (p->seen & (1u << i) && !k->frames[i].plain)
			return false;
	}
	return p->key.has_l4;
}

/* The effect on a packet and on an answer to it, which all captures may lack. */
static enum filter_effect run_both(const struct cbpf_prog *prog, const struct st_flow *flow,
				   const struct packet_key *key)
{
	struct packet_key answer = {.reverse = !key->reverse, .sport = key->dport, .dport = key->sport};
	enum filter_effect effect, of_answer;
	uint8_t frame[FRAME_BYTES];

	build_frame(flow, key, frame);
	effect = run_prog(prog, flow, frame);
	build_frame(flow, &answer, frame);
	of_answer = run_prog(prog, flow, frame);
	return effect > of_answer ? effect : of_answer;
}

static enum filter_effect run_filter(const struct cbpf_prog *prog, const struct st_flow *flow,
				     const struct evidence_table *table, const struct captures *c)
{
	enum filter_effect worst = FILTER_PASSES, effect;

	for (size_t i = 0; i < c->n_packets; i++) {
		effect = FILTER_UNCERTAIN;
		if (is_plain(&table->packets[i], &c->packets[i]))
			effect = run_both(prog, flow, &table->packets[i].key);
		worst = effect > worst ? effect : worst;
	}
	return worst;
}

static int effect_of(const struct capture_filter *f, int link_type, const struct st_flow *flow,
		     const struct evidence_table *table, const struct captures *c, enum filter_effect *ret)
{
	_cleanup_cbpf_ struct cbpf_prog prog = {0};
	int r;

	*ret = FILTER_UNCERTAIN;
	if (!f->readable || link_type != DLT_EN10MB || !asks_nobody(f->text))
		return 0;
	r = cbpf_compile(f->text, CBPF_ETHERNET, &prog, NULL);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	*ret = run_filter(&prog, flow, table, c);
	return 0;
}

int capture_filter_judge(struct capture_facts *f, const struct st_flow *flow, const struct evidence_table *table,
			 const struct captures *c)
{
	f->filter_effect = FILTER_PASSES;
	for (size_t i = 0; i < f->n_filters; i++) {
		enum filter_effect effect;
		int r = effect_of(&f->filters[i], f->link_type, flow, table, c, &effect);

		if (r < 0)
			return r;
		if (effect <= f->filter_effect)
			continue;
		f->filter_effect = effect;
		f->filter = &f->filters[i];
	}
	return 0;
}

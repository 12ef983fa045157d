/* SPDX-License-Identifier: GPL-2.0-only */
#include "capture/packet.h"

#include <linux/if_ether.h>
#include <netinet/in.h>
#include <pcap/dlt.h>
#include <pcap/sll.h>

#include "base/read.h"

#define ETH_P_QINQ_OLD 0x9100 /* before 802.1ad had a number of its own */
#define AH_UNIT_BYTES  4
#define EXT_UNIT_BYTES 8

/* A read that fails means a short snapshot only while this may still be one. */
struct cursor {
	struct rd rd;
	bool short_snapshot;
};

static enum packet_kind end_of(const struct cursor *c)
{
	return c->short_snapshot ? PACKET_CUT : PACKET_OTHER;
}

static uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)be16(p) << 16 | be16(p + 2);
}

bool packet_link_known(int link_type)
{
	switch (link_type) {
	case DLT_EN10MB:
	case DLT_RAW:
	case DLT_IPV4:
	case DLT_IPV6:
	case DLT_LINUX_SLL:
	case DLT_LINUX_SLL2:
		return true;
	default:
		return false;
	}
}

static bool is_vlan(uint16_t ethertype)
{
	return ethertype == ETH_P_8021Q || ethertype == ETH_P_8021AD || ethertype == ETH_P_QINQ_OLD;
}

/* Past any number of VLAN tags; false if the bytes end before. */
static bool skip_tags(struct cursor *c, uint16_t *ethertype)
{
	while (is_vlan(*ethertype)) {
		const uint8_t *tag = rd_bytes(&c->rd, 4);

		if (!tag)
			return false;
		*ethertype = be16(tag + 2);
	}
	return true;
}

static enum direction sll_direction(unsigned packet_type)
{
	return packet_type == LINUX_SLL_OUTGOING ? DIRECTION_OUT : DIRECTION_IN;
}

/* Reads the link-layer header; *ret_ethertype is 0 where the IP header must tell. */
static bool read_link(struct cursor *c, int link_type, struct packet *p, uint16_t *ret_ethertype)
{
	const uint8_t *h;

	*ret_ethertype = 0;
	switch (link_type) {
	case DLT_EN10MB:
		h = rd_bytes(&c->rd, ETH_HLEN);
		if (h)
			*ret_ethertype = be16(h + 12);
		break;
	case DLT_LINUX_SLL:
		h = rd_bytes(&c->rd, SLL_HDR_LEN);
		if (!h)
			break;
		*ret_ethertype = be16(h + 14);
		p->direction = sll_direction(be16(h));
		break;
	case DLT_LINUX_SLL2:
		h = rd_bytes(&c->rd, SLL2_HDR_LEN);
		if (!h)
			break;
		*ret_ethertype = be16(h);
		p->device = be32(h + 4);
		p->direction = sll_direction(h[10]);
		break;
	default:
		return true;
	}
	return h && skip_tags(c, ret_ethertype);
}

/* Bytes past the IP packet's own end are padding; from there on a failed read is no short snapshot. */
static void limit(struct cursor *c, size_t header_bytes, size_t ip_bytes)
{
	if (ip_bytes < header_bytes || ip_bytes - header_bytes > c->rd.left)
		return; /* as offloads leave it, or cut */
	c->rd.left = ip_bytes - header_bytes;
	c->short_snapshot = false;
}

static uint16_t payload_bytes(size_t ip_bytes, size_t l4_off_bytes, size_t l4_header_bytes)
{
	size_t headers = l4_off_bytes + l4_header_bytes;

	return ip_bytes > headers ? ip_bytes - headers : 0;
}

static bool read_l4(struct rd *rd, size_t ip_bytes, size_t l4_off_bytes, struct packet *p)
{
	const uint8_t *h;

	switch (p->l4) {
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		h = rd_bytes(rd, 8);
		if (!h)
			return false;
		p->icmp_type = h[0];
		p->sport = be16(h + 4);
		p->dport = be16(h + 6);
		return true;
	case IPPROTO_TCP:
		h = rd_bytes(rd, 14);
		if (!h)
			return false;
		p->l4_seq = be32(h + 4);
		p->tcp_flags = h[13];
		p->payload_bytes = payload_bytes(ip_bytes, l4_off_bytes, (h[12] >> 4) * 4);
		break;
	case IPPROTO_UDP:
		h = rd_bytes(rd, 8);
		if (!h)
			return false;
		p->payload_bytes = payload_bytes(ip_bytes, l4_off_bytes, 8);
		break;
	default:
		return true;
	}
	p->sport = be16(h);
	p->dport = be16(h + 2);
	return true;
}

static void read_l4_or_cut(struct cursor *c, size_t ip_bytes, size_t l4_off_bytes, struct packet *p)
{
	p->has_l4 = read_l4(&c->rd, ip_bytes, l4_off_bytes, p);
	p->l4_cut = !p->has_l4 && c->short_snapshot;
}

static enum packet_kind read_ipv4(struct cursor *c, struct packet *p)
{
	const uint8_t *h = rd_bytes(&c->rd, 20);
	size_t header_bytes, ip_bytes;

	if (!h)
		return end_of(c);
	header_bytes = (h[0] & 0x0f) * 4;
	if (h[0] >> 4 != 4 || header_bytes < 20)
		return PACKET_OTHER;
	ip_bytes = be16(h + 2);
	p->family = 4;
	p->ip_id = be16(h + 4);
	p->l4 = h[9];
	memcpy(p->src_be, h + 12, 4);
	memcpy(p->dst_be, h + 16, 4);
	limit(c, 20, ip_bytes);
	p->frag_off = be16(h + 6) & 0x1fff;
	if (p->frag_off)
		return PACKET_IP;
	rd_bytes(&c->rd, header_bytes - 20);
	read_l4_or_cut(c, ip_bytes, header_bytes, p);
	return PACKET_IP;
}

/* Bytes of the extension header whose first eight are given, 0 for what is none. */
static size_t ext_bytes(uint8_t kind, const uint8_t *h)
{
	switch (kind) {
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_DSTOPTS:
	case IPPROTO_MH:
		return (h[1] + 1u) * EXT_UNIT_BYTES;
	case IPPROTO_FRAGMENT:
		return EXT_UNIT_BYTES;
	case IPPROTO_AH:
		/* in units of 4 bytes, minus 2, and at least the first eight bytes */
		return (h[1] + 2u) * AH_UNIT_BYTES;
	default:
		return 0;
	}
}

static bool is_ext(uint8_t kind)
{
	static const uint8_t any[2];

	return ext_bytes(kind, any) > 0;
}

static enum packet_kind read_ipv6(struct cursor *c, struct packet *p)
{
	const uint8_t *h = rd_bytes(&c->rd, 40);
	size_t ip_bytes, off_bytes = 40;
	uint8_t next;

	if (!h)
		return end_of(c);
	if (h[0] >> 4 != 6)
		return PACKET_OTHER;
	ip_bytes = be16(h + 4) + 40;
	p->family = 6;
	next = h[6];
	memcpy(p->src_be, h + 8, 16);
	memcpy(p->dst_be, h + 24, 16);
	if (ip_bytes > 40) /* 0: a jumbogram */
		limit(c, 40, ip_bytes);
	while (is_ext(next)) {
		const uint8_t *ext = rd_bytes(&c->rd, EXT_UNIT_BYTES);
		uint8_t kind = next;

		if (!ext) {
			p->l4_cut = c->short_snapshot;
			return PACKET_IP;
		}
		next = ext[0];
		off_bytes += ext_bytes(kind, ext);
		rd_bytes(&c->rd, ext_bytes(kind, ext) - EXT_UNIT_BYTES);
		if (kind != IPPROTO_FRAGMENT)
			continue;
		p->frag_off = be16(ext + 2) >> 3;
		if (p->frag_off) {
			p->l4 = next;
			p->fragment_id = be32(ext + 4);
			return PACKET_IP;
		}
	}
	p->l4 = next;
	read_l4_or_cut(c, ip_bytes, off_bytes, p);
	return PACKET_IP;
}

enum packet_kind packet_read(int link_type, const void *data, size_t size, size_t wire_size, struct packet *ret)
{
	struct cursor c = {.rd = rd_init(data, size), .short_snapshot = size < wire_size};
	struct packet p = {0};
	enum packet_kind kind;
	uint16_t ethertype;
	bool ipv6;

	if (!read_link(&c, link_type, &p, &ethertype))
		return end_of(&c);
	if (!c.rd.left && (!ethertype || ethertype == ETH_P_IP || ethertype == ETH_P_IPV6))
		return end_of(&c);
	if (ethertype && ethertype != ETH_P_IP && ethertype != ETH_P_IPV6)
		return PACKET_OTHER;
	ipv6 = ethertype ? ethertype == ETH_P_IPV6 : c.rd.p[0] >> 4 == 6;
	if ((link_type == DLT_IPV4 && ipv6) || (link_type == DLT_IPV6 && !ipv6))
		return PACKET_OTHER;
	kind = ipv6 ? read_ipv6(&c, &p) : read_ipv4(&c, &p);
	if (kind == PACKET_IP)
		*ret = p;
	return kind;
}

/* SPDX-License-Identifier: GPL-2.0-only */
#include "capture/captured_packet.h"

#include <linux/if_ether.h>
#include <netinet/in.h>
#include <pcap/dlt.h>
#include <pcap/sll.h>

#include "base/read.h"

#define ETH_P_QINQ_OLD 0x9100 /* used before 802.1ad had a number */
#define AH_UNIT_BYTES  4
#define EXT_UNIT_BYTES 8

/* A failed read means that the snapshot is too short, but only while short_snapshot is set. */
struct cursor {
	struct rd rd;
	bool short_snapshot;
};

static enum captured_kind end_of(const struct cursor *c)
{
	return c->short_snapshot ? CAPTURED_CUT : CAPTURED_OTHER;
}

static uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)be16(p) << 16 | be16(p + 2);
}

bool captured_packet_link_known(int link_type)
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

/* Skips any number of VLAN tags; false if the bytes end before. */
static bool skip_tags(struct cursor *c, uint16_t *ethertype, struct captured_frame *frame)
{
	frame->plain = !is_vlan(*ethertype);
	while (is_vlan(*ethertype)) {
		const uint8_t *tag = rd_bytes(&c->rd, 4);

		if (!tag)
			return false;
		*ethertype = be16(tag + 2);
	}
	return true;
}

static enum link_direction sll_direction(unsigned packet_type)
{
	return packet_type == LINUX_SLL_OUTGOING ? LINK_DIRECTION_OUT : LINK_DIRECTION_IN;
}

/* Reads the sender's address of a cooked header. A device without addresses says that it has 0 bytes. */
static void read_sll_address(const uint8_t *address, unsigned size, struct captured_frame *frame)
{
	frame->has_src = size == 0 || size == sizeof(frame->src_mac);
	if (size == sizeof(frame->src_mac))
		memcpy(frame->src_mac, address, sizeof(frame->src_mac));
}

/* Reads the link-layer header; *ret_ethertype is 0 if only the IP header tells the version. */
static bool read_link(struct cursor *c, int link_type, struct captured_packet *p, uint16_t *ret_ethertype)
{
	const uint8_t *h;

	*ret_ethertype = 0;
	switch (link_type) {
	case DLT_EN10MB:
		h = rd_bytes(&c->rd, ETH_HLEN);
		if (!h)
			break;
		*ret_ethertype = be16(h + 12);
		p->frame.has_src = p->frame.has_dst = true;
		memcpy(p->frame.dst_mac, h, sizeof(p->frame.dst_mac));
		memcpy(p->frame.src_mac, h + 6, sizeof(p->frame.src_mac));
		break;
	case DLT_LINUX_SLL:
		h = rd_bytes(&c->rd, SLL_HDR_LEN);
		if (!h)
			break;
		*ret_ethertype = be16(h + 14);
		p->direction = sll_direction(be16(h));
		read_sll_address(h + 6, be16(h + 4), &p->frame);
		break;
	case DLT_LINUX_SLL2:
		h = rd_bytes(&c->rd, SLL2_HDR_LEN);
		if (!h)
			break;
		*ret_ethertype = be16(h);
		p->device = be32(h + 4);
		p->direction = sll_direction(h[10]);
		read_sll_address(h + 12, h[11], &p->frame);
		break;
	default:
		p->frame.plain = true;
		return true;
	}
	return h && skip_tags(c, ret_ethertype, &p->frame);
}

/* Bytes after the IP packet's end are padding: past that end, a failed read does not mean a short snapshot. */
static void limit(struct cursor *c, size_t header_bytes, size_t ip_bytes)
{
	if (ip_bytes < header_bytes || ip_bytes - header_bytes > c->rd.left)
		return; /* cut, or a length as offloads leave it */
	c->rd.left = ip_bytes - header_bytes;
	c->short_snapshot = false;
}

static uint16_t payload_bytes(size_t ip_bytes, size_t l4_off_bytes, size_t l4_header_bytes)
{
	size_t headers = l4_off_bytes + l4_header_bytes;

	return ip_bytes > headers ? ip_bytes - headers : 0;
}

static bool read_l4(struct rd *rd, size_t ip_bytes, size_t l4_off_bytes, struct captured_packet *p)
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

static void read_l4_or_cut(struct cursor *c, size_t ip_bytes, size_t l4_off_bytes, struct captured_packet *p)
{
	p->has_l4 = read_l4(&c->rd, ip_bytes, l4_off_bytes, p);
	p->l4_cut = !p->has_l4 && c->short_snapshot;
}

static enum captured_kind read_ipv4(struct cursor *c, struct captured_packet *p)
{
	const uint8_t *h = rd_bytes(&c->rd, 20);
	size_t header_bytes, ip_bytes;

	if (!h)
		return end_of(c);
	header_bytes = (h[0] & 0x0f) * 4;
	if (h[0] >> 4 != 4 || header_bytes < 20)
		return CAPTURED_OTHER;
	ip_bytes = be16(h + 2);
	p->family = 4;
	p->ip_id = be16(h + 4);
	p->l4 = h[9];
	p->frame.ttl = h[8];
	p->is_fragment = be16(h + 6) & 0x3fff;
	p->frame.plain &= header_bytes == 20 && !p->is_fragment; /* no options either */
	memcpy(p->src_be, h + 12, 4);
	memcpy(p->dst_be, h + 16, 4);
	limit(c, 20, ip_bytes);
	p->frag_off = be16(h + 6) & 0x1fff;
	if (p->frag_off)
		return CAPTURED_IP;
	rd_bytes(&c->rd, header_bytes - 20);
	read_l4_or_cut(c, ip_bytes, header_bytes, p);
	return CAPTURED_IP;
}

/* Bytes of the extension header that begins with these eight; 0 if it is none. */
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
		/* units of 4 bytes, minus 2; at least eight bytes */
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

static enum captured_kind read_ipv6(struct cursor *c, struct captured_packet *p)
{
	const uint8_t *h = rd_bytes(&c->rd, 40);
	size_t ip_bytes, off_bytes = 40;
	uint8_t next;

	if (!h)
		return end_of(c);
	if (h[0] >> 4 != 6)
		return CAPTURED_OTHER;
	ip_bytes = be16(h + 4) + 40;
	p->family = 6;
	next = h[6];
	p->frame.ttl = h[7];
	p->frame.plain &= !is_ext(next);
	memcpy(p->src_be, h + 8, 16);
	memcpy(p->dst_be, h + 24, 16);
	if (ip_bytes > 40) /* 0: a jumbogram */
		limit(c, 40, ip_bytes);
	while (is_ext(next)) {
		const uint8_t *ext = rd_bytes(&c->rd, EXT_UNIT_BYTES);
		uint8_t kind = next;

		if (!ext) {
			p->l4_cut = c->short_snapshot;
			return CAPTURED_IP;
		}
		next = ext[0];
		off_bytes += ext_bytes(kind, ext);
		rd_bytes(&c->rd, ext_bytes(kind, ext) - EXT_UNIT_BYTES);
		if (kind != IPPROTO_FRAGMENT)
			continue;
		p->frag_off = be16(ext + 2) >> 3;
		p->is_fragment = true;
		p->fragment_id = be32(ext + 4);
		if (p->frag_off) {
			p->l4 = next;
			return CAPTURED_IP;
		}
	}
	p->l4 = next;
	read_l4_or_cut(c, ip_bytes, off_bytes, p);
	return CAPTURED_IP;
}

enum captured_kind captured_packet_read(int link_type, const void *data, size_t size, size_t wire_size,
					struct captured_packet *ret)
{
	struct cursor c = {.rd = rd_init(data, size), .short_snapshot = size < wire_size};
	struct captured_packet p = {0};
	enum captured_kind kind;
	uint16_t ethertype;
	bool ipv6;

	if (!read_link(&c, link_type, &p, &ethertype))
		return end_of(&c);
	if (!c.rd.left && (!ethertype || ethertype == ETH_P_IP || ethertype == ETH_P_IPV6))
		return end_of(&c);
	if (ethertype && ethertype != ETH_P_IP && ethertype != ETH_P_IPV6)
		return CAPTURED_OTHER;
	ipv6 = ethertype ? ethertype == ETH_P_IPV6 : c.rd.p[0] >> 4 == 6;
	if ((link_type == DLT_IPV4 && ipv6) || (link_type == DLT_IPV6 && !ipv6))
		return CAPTURED_OTHER;
	kind = ipv6 ? read_ipv6(&c, &p) : read_ipv4(&c, &p);
	if (kind == CAPTURED_IP)
		*ret = p;
	return kind;
}

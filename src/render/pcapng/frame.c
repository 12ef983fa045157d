/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/pcapng/frame.h"

#include <linux/if_ether.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <string.h>

static void be16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* The protocol of what follows the header; 0: not known. A frame with a VLAN tag in it has the tag's protocol, but IP
 * follows. If the trace found no IP header, the bytes do not begin with one, and may begin anywhere before a tag. */
static uint16_t protocol_of(const struct event *ev)
{
	if (ev->tuple.family)
		return ev->tuple.family == 4 ? ETH_P_IP : ETH_P_IPV6;
	switch (ev->proto) {
	case ETH_P_IP:
	case ETH_P_IPV6:
	case ETH_P_8021Q:
	case ETH_P_8021AD:
		return ev->bytes ? 0 : ev->proto;
	default:
		return ev->proto;
	}
}

/* Protocol u16, reserved u16, ifindex u32, ARPHRD_* u16, packet type u8, length of the address u8, address[8]. */
void frame_head(const struct event *ev, uint8_t *ret)
{
	memset(ret, 0, FRAME_HEAD_BYTES);
	be16(ret, protocol_of(ev));
	be16(ret + 4, ev->ifindex >> 16);
	be16(ret + 6, ev->ifindex);
	be16(ret + 8, ARPHRD_VOID);
}

/* ICMP (RFC 792, 4443), TCP (RFC 9293), UDP (RFC 768), SCTP (RFC 9260). payload: bytes after the IP header. */
static size_t make_l4(const struct tuple *t, uint8_t *p, uint32_t payload)
{
	size_t len = t->l4 == IPPROTO_TCP ? 20 : t->l4 == IPPROTO_SCTP ? 12 : 8;

	if (!t->has_ports && !t->has_icmp)
		return 0;
	memset(p, 0, len);
	if (t->has_icmp) {
		p[0] = t->icmp_type;
		p[1] = t->icmp_code;
		be16(p + 4, t->icmp_id);
		be16(p + 6, t->icmp_seq);
		return len;
	}
	be16(p, t->sport);
	be16(p + 2, t->dport);
	if (t->l4 == IPPROTO_TCP) {
		p[12] = 5 << 4;
		p[13] = t->tcp_flags;
	} else if (t->l4 != IPPROTO_SCTP) {
		be16(p + 4, payload > len && payload <= UINT16_MAX ? payload : (uint32_t)len);
	}
	return len;
}

/* RFC 791. Fields that the trace does not have are 0, except the time to live, because 0 would mean expired. */
static size_t make_v4(const struct tuple *t, uint32_t len, uint8_t *p)
{
	uint32_t sum = 0, total;
	size_t l4;

	memset(p, 0, 20);
	l4 = t->has_l4 ? make_l4(t, p + 20, len > 20 ? len - 20 : 0) : 0;
	total = len > 20 + l4 && len <= UINT16_MAX ? len : (uint32_t)(20 + l4);
	p[0] = 0x45;
	be16(p + 2, total);
	p[8] = 64;
	p[9] = t->l4;
	memcpy(p + 12, t->src, 4);
	memcpy(p + 16, t->dst, 4);
	for (size_t i = 0; i < 20; i += 2)
		sum += (uint32_t)p[i] << 8 | p[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	be16(p + 10, ~(sum + (sum >> 16)));
	return 20 + l4;
}

/* RFC 8200. 59: no next header. */
static size_t make_v6(const struct tuple *t, uint32_t len, uint8_t *p)
{
	size_t l4;

	memset(p, 0, 40);
	l4 = t->has_l4 ? make_l4(t, p + 40, len > 40 ? len - 40 : 0) : 0;
	p[0] = 6 << 4;
	be16(p + 4, len > 40 + l4 && len - 40 <= UINT16_MAX ? len - 40 : (uint32_t)l4);
	p[6] = t->has_l4 ? t->l4 : 59;
	p[7] = 64;
	memcpy(p + 8, t->src, 16);
	memcpy(p + 24, t->dst, 16);
	return 40 + l4;
}

size_t frame_make(const struct event *ev, uint8_t ret[static FRAME_MADE_MAX], uint32_t *ret_wire_bytes)
{
	uint8_t *p = ret + FRAME_HEAD_BYTES;
	size_t n = 0;

	frame_head(ev, ret);
	if (ev->tuple.family == 4)
		n = make_v4(&ev->tuple, ev->len_bytes, p);
	else if (ev->tuple.family == 6)
		n = make_v6(&ev->tuple, ev->len_bytes, p);
	if (!n && !ev->len_bytes)
		be16(ret, 0); /* no header of this protocol is there yet */
	*ret_wire_bytes = FRAME_HEAD_BYTES + (ev->len_bytes > n ? ev->len_bytes : (uint32_t)n);
	if (*ret_wire_bytes < ev->len_bytes)
		*ret_wire_bytes = UINT32_MAX;
	return FRAME_HEAD_BYTES + n;
}

/* SPDX-License-Identifier: GPL-2.0-only */
#include "owner/headers.h"

#include <string.h>

#define IP4_BYTES      20
#define IP6_BYTES      40
#define FRAGMENT_BITS  0x1fff /* of the 13 bits in bytes 6 and 7 of an IPv4 header: the fragment's offset (RFC 791) */
#define TCP_FLAGS_BYTE 13

static void put(struct header *h, size_t offset, const void *data, size_t len)
{
	for (size_t i = 0; i < len && offset + i < HEADER_BYTES; i++) {
		h->data[offset + i] = ((const uint8_t *)data)[i];
		h->known[offset + i] = true;
	}
}

static void put_u16(struct header *h, size_t offset, uint16_t v)
{
	uint8_t bytes[2] = {(uint8_t)(v >> 8), (uint8_t)v};

	put(h, offset, bytes, sizeof(bytes));
}

static void network_of_tuple(const struct tuple *t, struct header *h)
{
	if (t->family == 4) {
		put(h, 12, t->src, 4);
		put(h, 16, t->dst, 4);
		if (t->has_l4)
			put(h, 9, &t->l4, 1);
	} else if (t->family == 6) {
		put(h, 8, t->src, 16);
		put(h, 24, t->dst, 16);
	}
}

static void transport_of_tuple(const struct tuple *t, struct headers *ret)
{
	struct header *h = &ret->transport;

	ret->has_transport = t->has_ports || t->has_icmp;
	if (t->has_ports) {
		put_u16(h, 0, t->sport);
		put_u16(h, 2, t->dport);
	}
	if (t->has_tcp)
		put(h, TCP_FLAGS_BYTE, &t->tcp_flags, 1);
	if (t->has_icmp) {
		put(h, 0, &t->icmp_type, 1);
		put(h, 1, &t->icmp_code, 1);
	}
}

/* Where the transport header begins in the bytes; 0: it is not known. */
static size_t transport_offset(const struct event *ev)
{
	const uint8_t *b = ev->bytes;

	if (ev->tuple.family == 4 && ev->n_bytes >= IP4_BYTES && b[0] >> 4 == 4)
		return ((b[6] << 8 | b[7]) & FRAGMENT_BITS) == 0 ? (size_t)(b[0] & 15) * 4 : 0;
	if (ev->tuple.family == 6 && ev->n_bytes >= IP6_BYTES && b[0] >> 4 == 6)
		return b[6] == ev->tuple.l4 ? IP6_BYTES : 0;
	return 0;
}

void headers_of(const struct event *ev, struct headers *ret)
{
	size_t at;

	*ret = (struct headers){0};
	network_of_tuple(&ev->tuple, &ret->network);
	transport_of_tuple(&ev->tuple, ret);
	if (!ev->bytes)
		return;
	at = transport_offset(ev);
	if (!at || at > ev->n_bytes)
		return;
	put(&ret->network, 0, ev->bytes, at);
	if (at == ev->n_bytes)
		return;
	put(&ret->transport, 0, ev->bytes + at, ev->n_bytes - at);
	ret->has_transport = true;
}

bool header_read(const struct header *h, size_t offset, size_t len, void *ret)
{
	if (offset > HEADER_BYTES || len > HEADER_BYTES - offset)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!h->known[offset + i])
			return false;
	memcpy(ret, h->data + offset, len);
	return true;
}

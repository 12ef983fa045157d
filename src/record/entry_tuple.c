/* SPDX-License-Identifier: GPL-2.0-only */
#include "record/entry.h"

/* Bits that say which members follow. */
#define TUPLE_V4      (1u << 0)
#define TUPLE_V6      (1u << 1)
#define TUPLE_L4      (1u << 2)
#define TUPLE_PORTS   (1u << 3)
#define TUPLE_TCP     (1u << 4)
#define TUPLE_ICMP    (1u << 5)
#define TUPLE_ICMP_ID (1u << 6)
#define TUPLE_ARP     (1u << 7)

static uint64_t tuple_bits(const struct tuple *t)
{
	return (t->family == 4 ? TUPLE_V4 : 0) | (t->family == 6 ? TUPLE_V6 : 0) | (t->has_l4 ? TUPLE_L4 : 0) |
	       (t->has_ports ? TUPLE_PORTS : 0) | (t->has_tcp ? TUPLE_TCP : 0) | (t->has_icmp ? TUPLE_ICMP : 0) |
	       (t->has_icmp_id ? TUPLE_ICMP_ID : 0) | (t->arp_op ? TUPLE_ARP : 0);
}

/* Returns whether the fields of ARP follow. Unknown bits belong to a newer minor version, whose fields follow the known
 * ones and are not read. */
static bool tuple_bits_io(struct io *io, struct tuple *t)
{
	uint64_t bits = io->to ? tuple_bits(t) : 0;

	io_u64(io, &bits);
	if (bits & TUPLE_V4 && bits & TUPLE_V6)
		io_fail(io, -EBADMSG);
	t->family = bits & TUPLE_V4 ? 4 : bits & TUPLE_V6 ? 6 : 0;
	t->has_l4 = bits & TUPLE_L4;
	t->has_ports = bits & TUPLE_PORTS;
	t->has_tcp = bits & TUPLE_TCP;
	t->has_icmp = bits & TUPLE_ICMP;
	t->has_icmp_id = bits & TUPLE_ICMP_ID;
	return bits & TUPLE_ARP;
}

void entry_tuple_io(struct io *io, struct tuple *t)
{
	bool is_arp = tuple_bits_io(io, t);
	size_t addr_bytes = t->family == 4 ? 4 : t->family == 6 ? 16 : 0;
	io_bytes(io, t->src, addr_bytes);
	io_bytes(io, t->dst, addr_bytes);
	if (t->has_l4)
		IO_UINT(io, t->l4);
	if (t->has_ports) {
		IO_UINT(io, t->sport);
		IO_UINT(io, t->dport);
	}
	if (t->has_tcp)
		IO_UINT(io, t->tcp_flags);
	if (t->has_icmp) {
		IO_UINT(io, t->icmp_type);
		IO_UINT(io, t->icmp_code);
	}
	if (t->has_icmp_id) {
		IO_UINT(io, t->icmp_id);
		IO_UINT(io, t->icmp_seq);
	}
	if (is_arp && !addr_bytes) {
		io_bytes(io, t->src, 4);
		io_bytes(io, t->dst, 4);
		IO_UINT(io, t->arp_op);
	}
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The optional parts of an event, which a user asks for (enum st_part_kind in bpf/event.h). Pure.
 */
#pragma once

#include "bpf/config.h"
#include "event/event.h"

#define PART_BIT(kind) (1u << (kind))

/* An address in the kernel's code. */
struct event_frame {
	uint64_t addr;
	const char *symbol; /* borrowed; NULL unknown */
	const char *module; /* borrowed; NULL: vmlinux */
	uint64_t offset;    /* from the symbol's start */
};

struct event_inner {
	struct tuple tuple;
	enum st_tunnel_kind kind; /* 0 unknown */
	bool has_vni;
	uint32_t vni;
};

/* The result of an expression over the sk_buff. */
struct event_value {
	const char *text; /* the expression, borrowed; NULL after decoding, until user space sets it */
	uint64_t value;
	bool has_value, is_signed, is_pointer;
};

/* A part that the packet does not have, such as a tunnel or a route, is not set even if it was asked for. */
struct event_parts {
	uint32_t has; /* PART_BIT()s: which parts are set */
	struct event_frame caller;
	unsigned n_frames;
	struct event_frame frames[ST_STACK_MAX];
	struct st_link link;
	struct event_inner inner;
	struct st_conntrack ct;
	struct st_route route;
	struct st_netfilter netfilter;
	struct st_map_access map;
	uint8_t cb[ST_CB_BYTES];
	unsigned n_values;
	struct event_value values[ST_VALUES_MAX];
	const void *skb_bytes, *shinfo_bytes; /* borrowed from the record */
	uint16_t skb_len, shinfo_len;
	const uint8_t *bytes; /* of the packet, borrowed from the record; has no bit in `has` */
	uint16_t n_bytes;
	uint32_t wire_bytes;
	const char *skb_text, *shinfo_text; /* skb_bytes, shinfo_bytes as text; borrowed */
};

static inline bool event_has_part(const struct event *ev, enum st_part_kind kind)
{
	return ev->parts && ev->parts->has & PART_BIT(kind);
}

/* Sizes of the parts that depend on the kernel and on options, in bytes. */
struct parts_sizes {
	size_t skb, shinfo; /* of struct sk_buff and struct skb_shared_info */
	size_t snap;	    /* the most bytes of a packet to keep */
};

/* The layout of records with the parts wanted (PART_BIT()s, or 0). -E2BIG if a size is above ST_DUMP_MAX or
 * ST_PAYLOAD_MAX; *ret is then unchanged. */
int event_parts_layout(uint32_t wanted, const struct parts_sizes *sizes, struct st_output *ret);

/* Decodes the parts of a record that event_decode() accepted. All zero if it has none. -EBADMSG if a length is wrong;
 * *ret is then unchanged. */
int event_parts_decode(const void *data, size_t size, struct event_parts *ret);

/* The name of a kind of tunnel, such as "vxlan"; "" unknown. */
const char *event_tunnel_name(enum st_tunnel_kind kind);

/* A copy in one block of memory, for the caller to free(), with all that does not live as long as the trace: the parts,
 * the bytes, the names of namespaces. NULL: out of memory. */
struct event *event_copy(const struct event *ev);
/* The size in bytes of such a copy. */
size_t event_copy_bytes(const struct event *ev);

/* The index of the first VLAN tag of an event with parts that counts: 1 where tags 0 and 1 are one. skb_vlan_untag(),
 * net/core/skbuff.c, keeps the tag in the skb before it calls skb_pull_rcsum(), and takes it out of the frame after. */
unsigned event_first_tag(const struct event *ev);

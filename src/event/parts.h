/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an event carries only when it was asked for: enum st_part_kind in bpf/event.h. Pure: bytes in, struct out.
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

/* What an expression over the sk_buff gave. */
struct event_value {
	const char *text; /* the expression; borrowed, NULL until it is named */
	uint64_t value;
	bool has_value, is_signed, is_pointer;
};

/* Which members are set: has. What a packet does not have (a tunnel, a route) is not there though it was asked for. */
struct event_parts {
	uint32_t has; /* PART_BIT()s */
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
	const void *skb_bytes, *shinfo_bytes; /* the record's memory */
	uint16_t skb_len, shinfo_len;
	const uint8_t
		*bytes; /* of the packet; the record's memory. Not in has: they are the event's, not its columns' */
	uint16_t n_bytes;
	uint32_t wire_bytes;
	const char *skb_text, *shinfo_text; /* what user space made of them; borrowed */
};

/* Of what has no size of its own. */
struct parts_sizes {
	size_t skb, shinfo; /* of the two structures */
	size_t snap;	    /* of a packet that are kept */
};

/* The layout of records with these parts (PART_BIT()s; none: no parts). -E2BIG if one is above ST_DUMP_MAX or
 * ST_SNAP_MAX; *ret is left alone then. */
int parts_layout(uint32_t wanted, const struct parts_sizes *sizes, struct st_output *ret);

/* The parts of a record that event_decode() took. No parts: all is zeroed. -EBADMSG if they are not what they claim;
 * *ret is left alone then. */
int event_parts_decode(const void *data, size_t size, struct event_parts *ret);

/* The name of a kind of tunnel: "vxlan"; "" for 0. */
const char *tunnel_name(enum st_tunnel_kind kind);

/* A copy that owns itself, in one piece of memory to be freed, with its parts and everything that does not live as long
 * as the trace. NULL: -ENOMEM. */
struct event *event_copy(const struct event *ev);
/* Bytes that such a copy takes. */
size_t event_copy_bytes(const struct event *ev);

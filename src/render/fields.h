/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The fields of an event: one table holds every field of the JSON line and every column of the text output, in the
 * JSON's order, so that the two cannot drift apart.
 *
 * In text a field is one word (blanks in names are escaped too), - where unknown; only FUNC may go on with
 * " (drop: REASON at SYMBOL+0xOFFSET)", with "; a copy was delivered" in it where a socket has another copy. On kernels
 * without drop reasons (before 5.17) that is " (drop: at SYMBOL+0xOFFSET)"; a reason without a name is its number in
 * hexadecimal, a place without a symbol its address.
 */
#pragma once

#include "event/event.h"
#include "render/json.h"
#include "render/timestamp.h"

enum field_id {
	FIELD_SEQ,
	FIELD_TIMESTAMP,
	FIELD_CPU,
	FIELD_PKT,
	FIELD_SKB,
	FIELD_FUNC,
	FIELD_MODULE,
	FIELD_NETNS,
	FIELD_NETNS_NAME,
	FIELD_IFINDEX,
	FIELD_IFNAME,
	FIELD_IFACE,
	FIELD_MARK,
	FIELD_PROTO,
	FIELD_MTU,
	FIELD_LEN,
	FIELD_PID,
	FIELD_COMM,
	FIELD_PROCESS,
	FIELD_TUPLE,
	FIELD_DROP,
	FIELD_CALLER,
	FIELD_STACK,
	FIELD_TCP_FLAGS,
	FIELD_MAC,
	FIELD_VLAN,
	FIELD_TUNNEL,
	FIELD_CT,
	FIELD_ROUTE,
	FIELD_NETFILTER,
	FIELD_CB,
	FIELD_SKB_DUMP,
	FIELD_SHINFO_DUMP,
	FIELD_PROGRAM,
	FIELD_CALL,
	FIELD_VALUES,
	FIELD_WITHOUT_PACKET,
	FIELD_RETURN,
	FIELD_MAP,
	FIELD_MAX,
};

struct field {
	const char *key;    /* in JSON; NULL: text only */
	const char *column; /* in text, upper case; NULL: JSON only */
	unsigned width;	    /* of the column, minimum, in code points; TIMESTAMP's depends on its mode */
	const char *help;   /* of the column */
	/* A number: false if it is not known. Serves both outputs; json and text go before it. */
	bool (*get)(const struct event *ev, uint64_t *ret);
	void (*json)(struct json *j, const struct event *ev); /* writes the value */
	void (*text)(struct out *o, const struct event *ev);
	uint32_t parts; /* PART_BIT()s of event/parts.h that it shows; 0: every event has it */
	bool of_progs;	/* only events of BPF programs have it */
	bool of_asides; /* only those that event_is_aside() */
};

extern const struct field fields[FIELD_MAX];

/* The value alone: not padded, and without the key. */
void field_text(enum field_id id, struct timestamp_format *ts, const struct event *ev, struct out *o);
void field_json(enum field_id id, const struct event *ev, struct json *j);

/* The packet died in this event. */
static inline bool event_is_drop(const struct event *ev)
{
	return ev->has_location || ev->has_reason;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The fields of an event: one table has every field of the JSON line and every column of the text output, in the order
 * of the JSON line.
 *
 * As text a field is one word (blanks in names are escaped), or - if unknown. Only FUNC can be longer: it may end with
 * " (drop: REASON at SYMBOL+0xOFFSET)", and in that with "; a copy was delivered" if a socket has another copy. Kernels
 * before 5.17 have no drop reasons: " (drop: at SYMBOL+0xOFFSET)". A reason without a name is shown as hexadecimal
 * number, an address without a symbol as address.
 */
#pragma once

#include "event/event.h"
#include "render/event/timestamp.h"
#include "render/out/json.h"

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
	unsigned width;	    /* least width of the column, in code points; that of TIMESTAMP depends on its mode */
	const char *help;   /* of the column */
	/* For a number: gets it, false if it is unknown. json and text, where set, are used instead. */
	bool (*get)(const struct event *ev, uint64_t *ret);
	void (*json)(struct json *j, const struct event *ev); /* writes the value */
	void (*text)(struct out *o, const struct event *ev);
	uint32_t parts; /* PART_BIT() of event/parts.h that an event must have; 0: every event has the field */
	bool of_progs;	/* only events of BPF programs have the field */
	bool of_asides; /* only events for which event_is_on_behalf() is true have the field */
};

extern const struct field fields[FIELD_MAX];

/* The value alone, without padding or key. */
void field_text(enum field_id id, struct timestamp_format *ts, const struct event *ev, struct out *o);
void field_json(enum field_id id, const struct event *ev, struct json *j);

/* The event has the fields of a drop, also where it is none: see event_is_drop(). */
static inline bool fields_has_drop(const struct event *ev)
{
	return ev->has_location || ev->has_reason || ev->lost;
}

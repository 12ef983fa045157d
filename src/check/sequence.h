/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What each mechanism is: the exact sequence of hooks and devices that one packet passes, in order of time. This is the
 * one definition. The check, the printed rules and the reading of recordings use it; captures see parts of it.
 *
 * A packet whose sequence is not wholly that of a mechanism was not carried by it, whatever else was seen. A sequence
 * of which steps are missing may be one of which records were lost, and proves nothing. One that has other steps is
 * another one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "check/check.h"

/* What happened. The three kinds of IP input differ by the device on which the kernel says the packet was received. */
enum sequence_kind {
	SEQ_XMIT = 1,
	SEQ_RECEIVE,
	SEQ_REDIRECT,
	SEQ_PEER,
	SEQ_INPUT,	     /* received on the same device */
	SEQ_INPUT_FROM_NEAR, /* received on the near host device */
	SEQ_INPUT_OTHER,     /* received elsewhere */
	SEQ_FORWARD,
	SEQ_BRIDGE,
	SEQ_NETKIT,
	SEQ_VETH,	      /* the veth driver without SEQ_XMIT before: the packet came past the transmit path */
	SEQ_INPUT_UNKNOWN,    /* where it was received is not known: one of the other kinds */
	SEQ_REDIRECT_UNKNOWN, /* by a helper's call with flags that we do not know */
	SEQ_KIND_MAX,
};

/* Where: 0 to 3 is the direction's nth point, see direction_point(). */
enum sequence_place { SEQ_IN_HOST = POINT_MAX, SEQ_ELSEWHERE, SEQ_PLACE_MAX };

/* One step in one byte. */
#define SEQUENCE_STEP(kind, place) ((uint8_t)((kind) << 3 | (place)))

/* Longer sequences than this are nobody's: the last step stands for all that follow. */
#define SEQUENCE_STEPS_MAX 15

struct sequence {
	uint8_t n;
	uint8_t steps[SEQUENCE_STEPS_MAX];
	bool in_driver; /* the veth driver was entered after the last step, a transmission */
};

enum sequence_kind sequence_step_kind(uint8_t step);
unsigned sequence_step_place(uint8_t step);

/* Adds what the hook event saw, if it is a step: a veth driver's entry is none where the transmission before it was on
 * the same device. */
void sequence_add(struct sequence *s, const struct hook_event *ev, const struct check_setup *setup);

/* The mechanism's own sequence; of MECH_UNKNOWN and MECH_MIXED an empty one. */
const struct sequence *sequence_of(enum mechanism m);
bool sequence_is(const struct sequence *s, enum mechanism m);
/* Whether it is how the mechanism's sequence begins. */
bool sequence_begins(const struct sequence *s, enum mechanism m);
/* Whether it is the mechanism's sequence from its step number `from` on. */
bool sequence_continues(const struct sequence *s, enum mechanism m, size_t from);
/* Whether all of its steps are in the mechanism's sequence, in that order: then it contradicts nothing. */
bool sequence_fits(const struct sequence *s, enum mechanism m);
/* Whether it is the mechanism's whole sequence, and goes on where a packet begins: what follows may be another packet
 * in the same skb, of which the beginning was not seen. */
bool sequence_begins_again(const struct sequence *s, enum mechanism m);
/* The first step that keeps the sequence from being the mechanism's: the first one that does not fit (*ret_extra) or,
 * if all fit, the first one that is missing. 0: none, it is the mechanism's. */
uint8_t sequence_misfit(const struct sequence *s, enum mechanism m, bool *ret_extra);
/* The mechanism that its steps name, whole or not: what forwarded the packet in the host. MECH_MIXED if they name none
 * and some redirect was among them; MECH_UNKNOWN if none was. */
enum mechanism sequence_name(const struct sequence *s);
/* Whether it has a step of that kind, anywhere. */
bool sequence_has(const struct sequence *s, enum sequence_kind kind);
/* Whether the packet entered IP at that place of its direction, wherever it had been received. */
bool sequence_has_input(const struct sequence *s, unsigned place);
/* The function at which the step is seen; family: 4 or 6. */
const char *sequence_func(enum sequence_kind kind, unsigned family);

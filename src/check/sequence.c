/* SPDX-License-Identifier: GPL-2.0-only */
#include "check/sequence.h"

#include <linux/bpf.h>
#include <string.h>

#include "base/cleanup.h"
#include "check/hooks.h"

#define STEP(kind, place) SEQUENCE_STEP(SEQ_##kind, place)

/* Measured on 5.10 to 7.2 (tests/vm/cases/10-check-verdicts.sh). skb_do_redirect() returns -EAGAIN only where
 * bpf_redirect_peer() moved the packet, and the kernel passes the device on which it was received to IP input
 * (net/core/filter.c, net/core/dev.c). netkit passes a packet on within its transmit function, so its host device
 * receives nothing (drivers/net/netkit.c). */
static const struct sequence sequences[MECH_MAX] = {
	[MECH_REDIRECT_PEER] = {5,
				{STEP(XMIT, 0), STEP(RECEIVE, 1), STEP(REDIRECT, 1), STEP(PEER, 3),
				 STEP(INPUT_FROM_NEAR, 3)}},
	[MECH_REDIRECT] = {6,
			   {STEP(XMIT, 0), STEP(RECEIVE, 1), STEP(REDIRECT, 1), STEP(XMIT, 2), STEP(RECEIVE, 3),
			    STEP(INPUT, 3)}},
	[MECH_HOST_STACK] = {7,
			     {STEP(XMIT, 0), STEP(RECEIVE, 1), STEP(INPUT, 1), STEP(FORWARD, 1), STEP(XMIT, 2),
			      STEP(RECEIVE, 3), STEP(INPUT, 3)}},
	[MECH_BRIDGE] = {6,
			 {STEP(XMIT, 0), STEP(RECEIVE, 1), STEP(BRIDGE, 1), STEP(XMIT, 2), STEP(RECEIVE, 3),
			  STEP(INPUT, 3)}},
	[MECH_NETKIT] = {7,
			 {STEP(XMIT, 0), STEP(NETKIT, 0), STEP(REDIRECT, 1), STEP(XMIT, 2), STEP(NETKIT, 2),
			  STEP(RECEIVE, 3), STEP(INPUT, 3)}},
};

enum sequence_kind sequence_step_kind(uint8_t step)
{
	return step >> 3;
}

unsigned sequence_step_place(uint8_t step)
{
	return step & 7;
}

static unsigned place_of(const struct hook_event *ev, const struct check_setup *setup)
{
	enum direction dir = ev->reverse ? DIRECTION_REPLY : DIRECTION_REQUEST;

	for (unsigned nth = 0; nth < POINT_MAX; nth++) {
		const struct iface *i = &setup->points[direction_point(dir, nth)];

		if (i->ifindex && i->netns == ev->netns && i->ifindex == ev->ifindex)
			return nth;
	}
	return ev->netns && ev->netns == setup->points[direction_point(dir, 1)].netns ? SEQ_IN_HOST : SEQ_ELSEWHERE;
}

static enum sequence_kind input_kind(const struct hook_event *ev, const struct check_setup *setup)
{
	const struct iface *near =
		&setup->points[direction_point(ev->reverse ? DIRECTION_REPLY : DIRECTION_REQUEST, 1)];

	if (!ev->orig_ifindex)
		return SEQ_INPUT_UNKNOWN;
	if (ev->orig_netns == ev->netns && ev->orig_ifindex == ev->ifindex)
		return SEQ_INPUT;
	return ev->orig_netns == near->netns && ev->orig_ifindex == near->ifindex ? SEQ_INPUT_FROM_NEAR
										  : SEQ_INPUT_OTHER;
}

/* What the helpers do with these flags is known (net/core/filter.c, 5.10 to 7.2): only bpf_redirect() takes any,
 * BPF_F_INGRESS. A flag that a later kernel takes may mean another way. */
static bool flags_known(const struct hook_event *ev)
{
	return (ev->helper_flags & ~(uint64_t)(ev->helper == ST_HELPER_REDIRECT ? BPF_F_INGRESS : 0)) == 0;
}

/* 0: not a step. */
static enum sequence_kind kind_of(const struct hook_event *ev, const struct check_setup *setup)
{
	static const enum sequence_kind kinds[ST_HOOK_MAX] = {
		[ST_HOOK_XMIT] = SEQ_XMIT,     [ST_HOOK_RECEIVE] = SEQ_RECEIVE, [ST_HOOK_REDIRECT] = SEQ_REDIRECT,
		[ST_HOOK_PEER] = SEQ_PEER,     [ST_HOOK_FORWARD] = SEQ_FORWARD, [ST_HOOK_BRIDGE] = SEQ_BRIDGE,
		[ST_HOOK_NETKIT] = SEQ_NETKIT, [ST_HOOK_VETH] = SEQ_VETH,
	};

	if (ev->hook == ST_HOOK_REDIRECT && ev->helper != ST_HELPER_NONE && !flags_known(ev))
		return SEQ_REDIRECT_UNKNOWN;
	return ev->hook == ST_HOOK_IP_RCV ? input_kind(ev, setup) : kinds[ev->hook];
}

void sequence_add(struct sequence *s, const struct hook_event *ev, const struct check_setup *setup)
{
	enum sequence_kind kind = kind_of(ev, setup);
	uint8_t step = SEQUENCE_STEP(kind, place_of(ev, setup));

	if (!kind)
		return;
	if (kind == SEQ_VETH && !s->in_driver && s->n &&
	    s->steps[s->n - 1] == SEQUENCE_STEP(SEQ_XMIT, sequence_step_place(step))) {
		s->in_driver = true;
		return;
	}
	s->in_driver = false;
	if (s->n == SEQUENCE_STEPS_MAX)
		s->n--;
	s->steps[s->n++] = step;
}

const struct sequence *sequence_of(enum mechanism m)
{
	return &sequences[m];
}

bool sequence_is(const struct sequence *s, enum mechanism m)
{
	return s->n && s->n == sequences[m].n && sequence_begins(s, m);
}

bool sequence_begins(const struct sequence *s, enum mechanism m)
{
	return s->n <= sequences[m].n && memcmp(s->steps, sequences[m].steps, s->n) == 0;
}

bool sequence_begins_again(const struct sequence *s, enum mechanism m)
{
	size_t n = sequences[m].n;

	return n && s->n > n && memcmp(s->steps, sequences[m].steps, n) == 0 && sequence_step_place(s->steps[n]) < 2;
}

bool sequence_continues(const struct sequence *s, enum mechanism m, size_t from)
{
	return s->n && from < sequences[m].n && s->n == sequences[m].n - from &&
	       memcmp(s->steps, sequences[m].steps + from, s->n) == 0;
}

/* Whether the step may be that one of a sequence. Where the veth driver is entered the packet was transmitted; perhaps
 * the record of that was lost. So may be the record of a reception, which tells where IP's input came from. */
static bool may_be(uint8_t step, uint8_t of_sequence)
{
	enum sequence_kind kind = sequence_step_kind(of_sequence);

	if (step == of_sequence)
		return true;
	if (sequence_step_place(step) != sequence_step_place(of_sequence))
		return false;
	return sequence_step_kind(step) == SEQ_VETH	       ? kind == SEQ_XMIT
	       : sequence_step_kind(step) == SEQ_INPUT_UNKNOWN ? kind == SEQ_INPUT || kind == SEQ_INPUT_FROM_NEAR
							       : false;
}

/* How many of the first steps are in the mechanism's sequence, in that order. */
static size_t fitting(const struct sequence *s, enum mechanism m)
{
	size_t at = 0, i;

	for (i = 0; i < s->n; i++, at++) {
		while (at < sequences[m].n && !may_be(s->steps[i], sequences[m].steps[at]))
			at++;
		if (at == sequences[m].n)
			break;
	}
	return i;
}

bool sequence_fits(const struct sequence *s, enum mechanism m)
{
	return fitting(s, m) == s->n;
}

uint8_t sequence_misfit(const struct sequence *s, enum mechanism m, bool *ret_extra)
{
	size_t fits = fitting(s, m), i = 0;

	*ret_extra = fits < s->n;
	if (*ret_extra)
		return s->steps[fits];
	while (i < s->n && s->steps[i] == sequences[m].steps[i])
		i++;
	return i < sequences[m].n ? sequences[m].steps[i] : 0;
}

static bool has_in_host(const struct sequence *s, enum sequence_kind kind)
{
	for (unsigned i = 0; i < s->n; i++) {
		unsigned place = sequence_step_place(s->steps[i]);

		if (sequence_step_kind(s->steps[i]) == kind && (place == 1 || place == 2 || place == SEQ_IN_HOST))
			return true;
	}
	return false;
}

bool sequence_has(const struct sequence *s, enum sequence_kind kind)
{
	for (unsigned i = 0; i < s->n; i++) {
		if (sequence_step_kind(s->steps[i]) == kind)
			return true;
	}
	return false;
}

/* Whether a redirect on the near host device put the packet out of another device. */
static bool is_redirected(const struct sequence *s)
{
	for (unsigned i = 0; i + 1u < s->n; i++) {
		enum sequence_kind next = sequence_step_kind(s->steps[i + 1]);

		if (s->steps[i] == STEP(REDIRECT, 1) && (next == SEQ_XMIT || next == SEQ_VETH || next == SEQ_NETKIT))
			return true;
	}
	return false;
}

enum mechanism sequence_name(const struct sequence *s)
{
	for (enum mechanism m = MECH_UNKNOWN + 1; m < MECH_MAX; m++) {
		if (sequence_is(s, m))
			return m;
	}
	if (sequence_has(s, SEQ_NETKIT))
		return MECH_NETKIT;
	if (sequence_has(s, SEQ_BRIDGE))
		return MECH_BRIDGE;
	if (has_in_host(s, SEQ_FORWARD))
		return MECH_HOST_STACK;
	if (is_redirected(s))
		return MECH_REDIRECT;
	return sequence_has(s, SEQ_REDIRECT) || sequence_has(s, SEQ_REDIRECT_UNKNOWN) || sequence_has(s, SEQ_PEER)
		       ? MECH_MIXED
		       : MECH_UNKNOWN;
}

bool sequence_has_input(const struct sequence *s, unsigned place)
{
	for (unsigned i = 0; i < s->n; i++) {
		enum sequence_kind kind = sequence_step_kind(s->steps[i]);

		if ((kind == SEQ_INPUT || kind == SEQ_INPUT_FROM_NEAR || kind == SEQ_INPUT_OTHER ||
		     kind == SEQ_INPUT_UNKNOWN) &&
		    sequence_step_place(s->steps[i]) == place)
			return true;
	}
	return false;
}

const char *sequence_func(enum sequence_kind kind, unsigned family)
{
	static const enum st_hook hooks[SEQ_KIND_MAX] = {
		[SEQ_XMIT] = ST_HOOK_XMIT,
		[SEQ_RECEIVE] = ST_HOOK_RECEIVE,
		[SEQ_REDIRECT] = ST_HOOK_REDIRECT,
		[SEQ_PEER] = ST_HOOK_PEER,
		[SEQ_INPUT] = ST_HOOK_IP_RCV,
		[SEQ_INPUT_FROM_NEAR] = ST_HOOK_IP_RCV,
		[SEQ_INPUT_OTHER] = ST_HOOK_IP_RCV,
		[SEQ_FORWARD] = ST_HOOK_FORWARD,
		[SEQ_BRIDGE] = ST_HOOK_BRIDGE,
		[SEQ_NETKIT] = ST_HOOK_NETKIT,
		[SEQ_VETH] = ST_HOOK_VETH,
		[SEQ_REDIRECT_UNKNOWN] = ST_HOOK_REDIRECT,
		[SEQ_INPUT_UNKNOWN] = ST_HOOK_IP_RCV,
	};

	return hooks_func(hooks[kind], family);
}

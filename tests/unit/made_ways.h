/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ways of a packet as a trace of every function records them, and the packets of two pods that take them, for tests
 * that then hide or lose some of it. What is true is known, because nothing is hidden from the test itself.
 *
 * Two pods with the addresses 10.0.0.133 and 10.0.0.67; the devices are eth0 of either, lxc1, lxc2 and others of the
 * host, and one in a namespace of its own.
 */
#pragma once

#include <criterion/criterion.h>
#include <netinet/in.h>
#include <string.h>

#include "base/cleanup.h"
#include "event/event.h"

enum way_dev { MADE_POD, MADE_NEAR, MADE_FAR, MADE_FAR_POD, MADE_THIRD, MADE_FOURTH, MADE_TAP, MADE_DEV_MAX };

struct way_step {
	const char *func;
	enum way_dev dev;
	bool translated; /* its headers are no longer those of the flow, from here on */
	bool copy;	 /* a copy of the packet takes it: another skb with the same number */
};

#define MADE_STEPS_MAX 32

struct way {
	const char *name;
	struct way_step steps[MADE_STEPS_MAX];
	bool is_peer; /* wholly redirect_peer */
};

#define MADE_OUT                                                                                                       \
	{.func = "ip_output", .dev = MADE_POD}, {.func = "__dev_queue_xmit", .dev = MADE_POD},                         \
		{.func = "dev_hard_start_xmit", .dev = MADE_POD}, {.func = "veth_xmit", .dev = MADE_POD},              \
	{                                                                                                              \
		.func = "__dev_forward_skb", .dev = MADE_POD                                                           \
	}
#define MADE_RECEIVED(on)                                                                                              \
	{.func = "__netif_rx", .dev = (on)}, {.func = "enqueue_to_backlog", .dev = (on)},                              \
		{.func = "__netif_receive_skb", .dev = (on)}, {.func = "__netif_receive_skb_one_core", .dev = (on)},   \
	{                                                                                                              \
		.func = "__netif_receive_skb_core.constprop.0", .dev = (on)                                            \
	}
#define MADE_SENT(on)                                                                                                  \
	{.func = "__dev_queue_xmit", .dev = (on)}, {.func = "dev_hard_start_xmit", .dev = (on)},                       \
	{                                                                                                              \
		.func = "veth_xmit", .dev = (on)                                                                       \
	}
#define MADE_IN                                                                                                        \
	{.func = "ip_rcv", .dev = MADE_FAR_POD}, {.func = "ip_rcv_core", .dev = MADE_FAR_POD},                         \
		{.func = "icmp_rcv", .dev = MADE_FAR_POD}, {.func = "skb_release_head_state", .dev = MADE_FAR_POD},    \
	{                                                                                                              \
		.func = "kfree_skbmem", .dev = MADE_FAR_POD                                                            \
	}

static const struct way ways[] = {
	{"peer",
	 {MADE_OUT,
	  MADE_RECEIVED(MADE_NEAR),
	  {.func = "skb_do_redirect", .dev = MADE_NEAR},
	  {.func = "skb_scrub_packet", .dev = MADE_FAR_POD},
	  MADE_IN},
	 .is_peer = true},
	{"redirect",
	 {MADE_OUT,
	  MADE_RECEIVED(MADE_NEAR),
	  {.func = "skb_do_redirect", .dev = MADE_NEAR},
	  {.func = "__bpf_redirect", .dev = MADE_NEAR},
	  MADE_SENT(MADE_FAR),
	  MADE_RECEIVED(MADE_FAR_POD),
	  MADE_IN}},
	{"stack",
	 {MADE_OUT,
	  MADE_RECEIVED(MADE_NEAR),
	  {.func = "ip_rcv", .dev = MADE_NEAR},
	  {.func = "ip_forward", .dev = MADE_NEAR},
	  MADE_SENT(MADE_FAR),
	  MADE_RECEIVED(MADE_FAR_POD),
	  MADE_IN}},
	{"translated",
	 {MADE_OUT,
	  MADE_RECEIVED(MADE_NEAR),
	  {.func = "ip_rcv", .dev = MADE_NEAR},
	  {.func = "ip_forward", .dev = MADE_NEAR, .translated = true},
	  MADE_SENT(MADE_FAR),
	  MADE_RECEIVED(MADE_FAR_POD),
	  MADE_IN}},
	{"bridge",
	 {MADE_OUT,
	  MADE_RECEIVED(MADE_NEAR),
	  {.func = "__br_forward", .dev = MADE_NEAR},
	  MADE_SENT(MADE_FAR),
	  MADE_RECEIVED(MADE_FAR_POD),
	  MADE_IN}},
	/* the host's stack leads to a pair of veth devices of the host, whose other end redirects to the peer */
	{"peer from elsewhere",
	 {MADE_OUT,
	  MADE_RECEIVED(MADE_NEAR),
	  {.func = "ip_rcv", .dev = MADE_NEAR},
	  {.func = "ip_forward", .dev = MADE_NEAR},
	  MADE_SENT(MADE_THIRD),
	  MADE_RECEIVED(MADE_FOURTH),
	  {.func = "skb_do_redirect", .dev = MADE_FOURTH},
	  MADE_IN}},
	/* a copy is sent to the far host device, beside the packet that is redirected to the peer */
	{"mirrored",
	 {MADE_OUT,
	  MADE_RECEIVED(MADE_NEAR),
	  {.func = "__dev_queue_xmit", .dev = MADE_FAR, .copy = true},
	  {.func = "dev_hard_start_xmit", .dev = MADE_FAR, .copy = true},
	  {.func = "veth_xmit", .dev = MADE_FAR, .copy = true},
	  {.func = "skb_do_redirect", .dev = MADE_NEAR},
	  MADE_IN}},
	/* the packet is swallowed behind the redirect, and the copy arrives by the host's stack */
	{"the copy arrives",
	 {MADE_OUT,
	  MADE_RECEIVED(MADE_NEAR),
	  {.func = "skb_do_redirect", .dev = MADE_NEAR},
	  {.func = "ip_forward", .dev = MADE_NEAR, .copy = true},
	  {.func = "dev_hard_start_xmit", .dev = MADE_FAR, .copy = true},
	  {.func = "ip_rcv", .dev = MADE_FAR_POD, .copy = true}}},
	{"dropped", {MADE_OUT, MADE_RECEIVED(MADE_NEAR), {.func = "kfree_skb", .dev = MADE_NEAR}}},
};

static inline void way_device(enum way_dev dev, bool reply, struct event *ev)
{
	static const struct {
		uint32_t netns, ifindex;
		const char *netns_name, *ifname;
	} devs[MADE_DEV_MAX] = {
		[MADE_POD] = {101, 2, "pod1", "eth0"},	    [MADE_NEAR] = {100, 21, "host", "lxc1"},
		[MADE_FAR] = {100, 22, "host", "lxc2"},	    [MADE_FAR_POD] = {102, 2, "pod2", "eth0"},
		[MADE_THIRD] = {100, 23, "host", "hvA"},    [MADE_FOURTH] = {100, 24, "host", "hvB"},
		[MADE_TAP] = {103, 7, "elsewhere", "tap0"},
	};
	enum way_dev d = reply && dev <= MADE_FAR_POD ? (enum way_dev)(MADE_FAR_POD - dev) : dev;

	ev->has_netns = ev->has_dev = true;
	ev->netns = devs[d].netns;
	ev->ifindex = devs[d].ifindex;
	ev->netns_name = devs[d].netns_name;
	strcpy(ev->ifname, devs[d].ifname);
}

/* The events of one echo; returns their number. ts_ns advances. */
static inline size_t way_events(const struct way *w, uint64_t pkt, bool reply, uint64_t *ts_ns,
				struct event ret[MADE_STEPS_MAX])
{
	static const uint8_t src[4] = {10, 0, 0, 133}, dst[4] = {10, 0, 0, 67}, other[4] = {10, 9, 9, 9};
	bool translated = false;
	size_t n = 0;

	for (; n < MADE_STEPS_MAX && w->steps[n].func; n++) {
		const struct way_step *s = &w->steps[n];
		struct event *ev = &ret[n];

		translated |= s->translated;
		*ev = (struct event){.pkt = pkt,
				     .ts_ns = *ts_ns += 1000,
				     .func = s->func,
				     .skb = 0xffff888000000000 + pkt * 256 + (s->copy ? 8 : 0),
				     .head = 0xffff888100000000 + pkt * 1024,
				     .proto = 0x800,
				     .len_bytes = 84,
				     .tuple = {.family = 4,
					       .has_l4 = true,
					       .l4 = IPPROTO_ICMP,
					       .has_icmp = true,
					       .has_icmp_id = true,
					       .icmp_type = reply ? 0 : 8,
					       .icmp_id = 77,
					       .icmp_seq = (uint16_t)(pkt / 2)}};
		if (strcmp(s->func, "kfree_skb") == 0) {
			ev->source = ST_SRC_KFREE;
			ev->has_location = true;
			ev->location = 0xffffffff81000000;
			ev->has_reason = true;
			ev->drop_reason = 2;
		}
		way_device(s->dev, reply, ev);
		memcpy(ev->tuple.src, reply ? dst : src, 4);
		memcpy(ev->tuple.dst, translated ? other : reply ? src : dst, 4);
	}
	return n;
}

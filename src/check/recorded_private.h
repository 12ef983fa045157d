/* SPDX-License-Identifier: GPL-2.0-only */
/* What recorded.c, which reads the events, and recorded_file.c, which files them, share. */
#pragma once

#include "check/recorded.h"
#include "check/recorded_role.h"

struct device {
	uint32_t netns, ifindex; /* ifindex 0: none */
	const char *netns_name;	 /* borrowed */
	char ifname[16];
};

/* One event of the flow. */
struct recorded_event {
	struct hook_event hook_ev; /* without what identifies the packet, and without orig_netns and orig_ifindex */
	uint64_t pkt;
	unsigned role;	/* recorded_role() */
	unsigned depth; /* recorded_depth() */
};

/* What was seen of one packet so far. */
struct packet_track {
	uint64_t pkt; /* 0: a free slot */
	bool reverse, has_echo;
	uint16_t echo_id, echo_seq;
	bool started, crossed;	 /* pod, and host, have been looked for */
	bool by_netkit;		 /* left its pod by netkit */
	struct device pod, host; /* the device that it left its pod by, and that device's host side */
	struct device out;	 /* the other host device on which it was last transmitted */
	struct device far_host, far_pod;
	/* set by follow(), while filing */
	struct device received; /* the device of its last reception; none if it was transmitted or queued since */
	uint64_t received_skb;	/* in which it was received, and by which CPU */
	uint32_t received_cpu;
	bool redirected;		   /* entered skb_do_redirect on that device */
	bool left;			   /* was seen outside its pod */
	uint16_t generation;		   /* how often it left its pod again */
	const struct recorded_event *last; /* NULL: none */
};

struct recorded {
	struct st_flow flow;
	struct recorded_event *items; /* owned */
	size_t n_items;
	struct packet_track *tracks; /* owned; open addressing by packet */
	size_t n_tracks, cap_tracks;
	uint64_t first_ns; /* of the recording's first event, of whatever packet; 0: none */
	uint64_t unparsed; /* events of packets that may be of the flow: is_unparsed() */
};

/* The packet's slot, or a free one. cap: a power of two, and at least one slot is free. */
struct packet_track *recorded_track_slot(struct packet_track *all, size_t cap, uint64_t pkt);

static inline bool same_device(const struct device *a, const struct device *b)
{
	return a->ifindex && a->netns == b->netns && a->ifindex == b->ifindex;
}

static inline bool recorded_transmits(unsigned role)
{
	return role == ST_HOOK_XMIT || role == ST_HOOK_VETH || role == ST_HOOK_NETKIT;
}

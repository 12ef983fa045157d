/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Judges four captures instead of the live kernel.
 *
 * Theory of operation. A capture shows that a packet passed a device, but not what carried it on from there. So what is
 * judged is where each packet that arrived was captured:
 *   - on the near host device and not on the far one: it skipped the far host device;
 *   - on the far host device and not on the near one: so do netkit devices, whose frames have no MAC addresses;
 *   - on both, or on neither: nothing is read off that.
 * No mechanism is named but netkit: packet sockets and XDP may carry a packet past every tap.
 *
 * The first two lean on an absence, which is believed only if all of this holds:
 *   - The capture was running when the packet passed. It is known to have been running between its own first and last
 *     packet, of any kind, and at no other time. The times in a pcapng file's statistics do not count: they may be
 *     those of a whole series of files, and say nothing of what was still in the kernel's buffer at the end.
 *   - The capture has other packets of the flow (positive control): those of the other direction, which
 *     judge_presence() demands.
 *   - Its filter, if the file tells one, lets the flow's packets pass.
 *   - Nothing in the file says that packets were lost or cut.
 *
 * Even where all four captures were started before the first ping and stopped after the last, the first request comes
 * before the first packet of the far host device's capture, which is the reply to it; and the last reply comes after
 * the last packet of the other one. These two packets, the first and the last of the whole flow, are left out, if they
 * are no farther from that capture than CAPTURE_SLACK_NS, an echo has its other half there, and other packets of the
 * direction are proven. Any other packet in doubt makes the verdict INCONCLUSIVE. What was seen on the device counts in
 * any case.
 *
 * Packets with the same headers (UDP over IPv6, pure ACKs) are numbered in each file. So all of them are counted, and
 * where one is missing at a point, the numbers at the points differ and a packet does not arrive.
 *
 * The files may be confused, or may not be of one moment: see captures_agree.c.
 */
#pragma once

#include "check/check.h"
#include "check/evidence_table.h"

/* Longer than any answer on one node takes, and shorter than stopping one tcpdump and starting the next by hand. */
#define CAPTURE_SLACK_NS 1000000000ull

/* What of a captured packet tells on which side of a program it was: the frame is the same at both ends of a veth
 * pair. */
struct captured_frame {
	uint8_t src_mac[6], dst_mac[6]; /* valid with has_src, has_dst */
	bool has_src, has_dst;		/* cooked captures have the source only, raw IP has none */
	uint8_t ttl;			/* or hop limit */
	bool plain; /* no VLAN tag, no extension header, no fragment: the flow and the packet's key tell all headers */
};

/* A time in which a capture is known to have been running: CLOCK_REALTIME of the machine that captured. */
struct capture_window {
	uint64_t first_ns, last_ns;
};

/* With which filter an interface of a pcapng file was captured. */
struct capture_filter {
	char text[256]; /* cut, if it does not fit */
	bool readable;	/* text is the whole filter, in tcpdump's language */
};

enum filter_effect {
	FILTER_PASSES, /* every packet of the flow that was seen anywhere; or the file tells no filter */
	FILTER_UNCERTAIN,
	FILTER_LEAVES_OUT,
};

/* What is known of one capture file. "Of the point" means: of the device of the point, where the file has several. */
struct capture_facts {
	uint64_t packets;		/* of any kind */
	uint64_t flow_packets;		/* of the flow, on the device of the point */
	uint64_t cut;			/* may be of the flow: the snapshot is too short to tell */
	uint64_t ambiguous;		/* of the flow, but it is unknown on which of several devices */
	uint64_t lost;			/* as the file itself says */
	bool counts_lost;		/* the file says how many were lost */
	bool has_times;			/* first_ns, last_ns and windows are valid */
	uint64_t first_ns, last_ns;	/* as in struct capture_window; of packets of any kind */
	uint64_t resolution_ns;		/* a packet passed at its time stamp or less than this later */
	struct capture_window *windows; /* owned; of the point, in order of time, without overlap */
	size_t n_windows;
	struct capture_filter *filters; /* owned; of the point */
	size_t n_filters;
	int link_type; /* DLT_* */
	enum filter_effect filter_effect;
	const struct capture_filter *filter; /* the one that has this effect, NULL for FILTER_PASSES; borrowed */
	char ifname[16];		     /* empty: the file does not say */
};

/* How a packet that arrived went, as far as four captures show it. */
enum capture_way {
	WAY_OPEN,   /* it did not arrive, or is on neither host device */
	WAY_BOTH,   /* on both host devices */
	WAY_NEAR,   /* on the near host device, and proven to be absent from the far one */
	WAY_FAR,    /* the other way round */
	WAY_BEFORE, /* absent from a host device, before the capture there is known to run */
	WAY_AFTER,  /* the same, after */
	WAY_GAP,    /* the same, between two windows of that capture */
};

/* What is known of a packet beside its evidence. */
struct captured {
	struct captured_frame frames[POINT_MAX]; /* valid where it was seen */
	size_t key;				 /* number of its headers, from 1; 0: not known */
	enum capture_way way;
	enum point absent; /* valid from WAY_NEAR on */
	bool left_out;
};

struct captures {
	struct capture_facts facts[POINT_MAX];
	struct captured *packets; /* owned; as many as the evidence table has, in its order */
	size_t n_packets;
	struct packet_index keys;      /* numbers headers */
	uint64_t (*counts)[POINT_MAX]; /* owned; how often headers of that number are in each file */
	size_t n_counts;
};

void capture_facts_clear(struct capture_facts *f);
void captures_clear(struct captures *c);
/* The ledger of all four: packets read and lost, and the time from the first to the last. */
void captures_ledger(const struct captures *c, struct lost_events *ret);
/* A capture knows neither namespace nor ifindex. So in the evidence table the device of a point is the number of its
 * capture. captures_forget_points() removes these numbers from a result; only the names that the files give are left.
 */
void captures_set_points(struct check_setup *setup, const struct captures *c);
void captures_forget_points(struct check_result *r);
/* Files one packet of a capture; ev->ifindex and ev->nth are set here. 0 or -ENOMEM. */
int captures_file(struct captures *c, struct evidence_table *table, enum point at, const struct hook_event *ev,
		  const struct captured_frame *frame);
/* Concludes the way of each packet, and leaves out what cannot be judged. Call it when all captures are filed; it may
 * be called again. 0 or -ENOMEM. */
int captures_infer(struct captures *c, struct evidence_table *table);
/* Whether the four are one observation: made at one time, and each at its own point. If not, adds the reason, and
 * nothing else can be judged. */
bool captures_agree(struct check_result *r, const struct evidence_table *table, const struct captures *c);
/* Judges where the packets of a direction were, and names netkit where it is certain. */
void captures_judge_direction(struct check_result *r, const struct evidence_table *table, const struct captures *c,
			      enum direction dir);
/* Adds the other reasons that only captures have, and notes what they leave open. */
void captures_judge(struct check_result *r, const struct captures *c);
/* Whether the frame has no MAC addresses: so have those of netkit devices, and none of a veth. */
bool captured_frame_is_bare(const struct captured_frame *f);

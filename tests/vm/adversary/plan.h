/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the adversary's BPF programs do with each packet, and the log that they keep of it. Included by both sides.
 *
 * A packet that we send ends with a mark, in each of its fragments: the programs and the sniffers know it by that
 * alone, whatever headers stand before it. An echo without a mark is one of the check's own pings; its number is its
 * sequence number. Packets of TCP have no marks: all of them have the number 0, and are told apart by their order only.
 */
#ifndef ADVERSARY_PLAN_H
#define ADVERSARY_PLAN_H

#include <linux/types.h>

#define ADV_MAGIC   0x5eedad01u
#define ADV_NUMBERS 64
#define ADV_DIRS    2 /* 0: pod1 to pod2, 1: pod2 to pod1 */
#define ADV_KINDS   2
#define ADV_HOOKS   8
#define ADV_ACTS    16

/* Whose packets: those that the check is about, or others. */
enum adv_kind { KIND_FLOW, KIND_NOISE };

/* Where a program sits, seen in the direction of the packet. */
enum adv_hook {
	AT_POD_OUT, /* tc egress of the sender's eth0 */
	AT_NEAR_IN, /* tc or tcx ingress of the near host device */
	AT_XDP,	    /* XDP of the near host device */
	AT_HOP_IN,  /* tc ingress of hvB, the end of a veth pair within the host */
	AT_FAR_IN,  /* tc ingress of the far host device: the packet was redirected into it */
	AT_FAR_OUT, /* tc egress of the far host device */
	AT_POD_IN,  /* tc ingress of the receiver's eth0 */
};

enum adv_act {
	ACT_OK,		/* on to the host's stack, or to a bridge's own device */
	ACT_OK_FAR,	/* the same, with the far pod's MAC address: a bridge forwards it */
	ACT_PEER,	/* bpf_redirect_peer to the far host device */
	ACT_REDIRECT,	/* bpf_redirect to it */
	ACT_NEIGH,	/* bpf_redirect_neigh to it */
	ACT_CLONE,	/* bpf_clone_redirect to it; the packet itself is dropped */
	ACT_CLONE_PEER, /* bpf_clone_redirect to it, then bpf_redirect_peer */
	ACT_SIDE_PEER,	/* bpf_clone_redirect to a dummy, then bpf_redirect_peer */
	ACT_MIRRED,	/* the next filter redirects it by act_mirred */
	ACT_DROP,
	ACT_SWALLOW, /* bpf_redirect to a dummy */
	ACT_HOP,     /* bpf_redirect to hvA, so that it is received on hvB */
	ACT_INGRESS, /* bpf_redirect with BPF_F_INGRESS into the far host device */
	ACT_SELF,    /* redirected once within the device that it is on */
	ACT_BACK,    /* bpf_redirect_peer to the near host device: back into the sender's pod */
	ACT_XDP,     /* redirected by XDP to the far host device */
};

/* Which packets take the other action of a rule. */
enum adv_select {
	SELECT_NONE,
	SELECT_NTH,	 /* number modulo arg is 1, or 0 where arg is 1 */
	SELECT_ONE,	 /* number is arg */
	SELECT_AFTER,	 /* number is arg or more */
	SELECT_BIG,	 /* longer than arg * 100 bytes */
	SELECT_LATER,	 /* fragments but the first */
	SELECT_FIRST,	 /* the first fragment, and what is not cut */
	SELECT_EXTENDED, /* IPv6 with extension headers but a fragment header */
};

struct adv_rule {
	__u8 act, alt;	  /* enum adv_act */
	__u8 select, arg; /* alt is for these */
	__u8 self;	  /* ACT_SELF first */
	__u8 unused[3];
};

struct adv_mark {
	__u32 magic;
	__u8 kind, run, number, unused;
};

/* How often each action was taken for one packet. */
struct adv_track {
	__u16 acts[ADV_HOOKS][ADV_ACTS];
};

#endif

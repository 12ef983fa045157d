/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * BPF programs that rtnetlink tells of: tc filters of kind "bpf" on a clsact or ingress qdisc, and XDP. Programs
 * attached by tcx and netkit links are not among them: kern/progs.h asks the kernel for those. A program behind a tc
 * action (act_bpf) is not told either.
 * Layouts: linux/rtnetlink.h, linux/pkt_cls.h (TCA_BPF_*), linux/if_link.h (IFLA_XDP_*).
 */
#pragma once

#include "net/netns.h"
#include "net/program.h"

/* What one datagram of an answer said. */
struct tc_answer {
	bool done;	  /* the last message of a dump, or an acknowledgement, was among them */
	bool interrupted; /* NLM_F_DUMP_INTR: the filters changed while they were dumped */
};

/*
 * Reads one datagram (aligned to 4 bytes) of the answer to request `seq`, and appends its programs: those of filters
 * as sitting at `attach`, which only the asker knows, those of links at NET_ATTACH_XDP. Filters that are no eBPF
 * program, and messages of other requests and types, are skipped. -EBADMSG if anything is shorter or longer than it
 * claims, the kernel's own -errno if it answered with an error, -ENOMEM. On failure programs hold what came before.
 */
int tc_parse(const void *data, size_t size, uint32_t seq, enum net_attach attach, struct net_programs *programs,
	     struct tc_answer *ret);

/* Appends the programs on a device of namespace ns. A device without a qdisc for them has none: no error.
 * -ENODEV: no such device; -EAGAIN: they kept changing; errors of netns_visit(); on failure some may be there. */
int tc_load(const struct netns *ns, uint32_t ifindex, struct net_programs *programs);

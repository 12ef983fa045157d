/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The BPF programs that rtnetlink reports: tc filters of kind "bpf" on a clsact or ingress qdisc, and XDP programs. It
 * does not report programs of tcx and netkit links, for which kern/progs/progs.h asks the kernel. Layouts:
 * linux/rtnetlink.h, linux/pkt_cls.h (TCA_BPF_*), linux/if_link.h (IFLA_XDP_*), linux/tc_act/tc_bpf.h.
 */
#pragma once

#include "net/netns.h"
#include "net/nlmsg.h"
#include "net/program.h"

/*
 * Reads one datagram (aligned to 4 bytes) of the answer to request `seq`, and appends its programs: those of filters
 * with `attach`, which depends on the request, those of links and those of actions. Filters without an eBPF program
 * only set a bit of `others`; messages of other requests and types are skipped. -EBADMSG if a length is wrong, the
 * kernel's own -errno if it answered with an error, -ENOMEM. On failure programs keeps those before the fault.
 */
int tc_parse(const void *data, size_t size, uint32_t seq, enum net_attach attach, struct net_programs *programs,
	     struct nl_answer *ret);

/* Appends the programs on a device of namespace ns; none is no error. -ENODEV: no such device; -EAGAIN: they changed
 * during each of the dumps; or the errors of rtnl_open(). On failure some programs may have been appended. */
int tc_load(const struct netns *ns, uint32_t ifindex, struct net_programs *programs);

/* Appends the programs on all devices of namespace ns, also those that are filters of other qdiscs, and those of tc
 * actions; `others` is of no use then. *ret_ifindexes, which the caller frees: all devices. Errors as those of
 * tc_load(), but -ENODEV; on failure some programs may have been appended. */
int tc_load_all(const struct netns *ns, struct net_programs *programs, uint32_t **ret_ifindexes, size_t *ret_n);

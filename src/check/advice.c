/* SPDX-License-Identifier: GPL-2.0-only */
#include <assert.h>

#include "base/cleanup.h"
#include "check/check.h"

static const char *const advice[] = {
	[REASON_HOST_VETH_TRAVERSED] =
		"Packets crossed the destination's host-side veth. Compare the mechanism of the leg with what the node "
		"should do. Under Cilium, 'cilium status' must say \"Host Routing: BPF\", and no policy may send this "
		"flow through a proxy.",
	[REASON_OTHER_MECHANISM] = "Packets were carried by another mechanism than the expected one. Correct the "
				   "configuration, or name what you expect with --expect.",
	[REASON_NETKIT] =
		"The pods have netkit devices, which have no host-side veth to skip: nothing is wrong. Assert "
		"it with --expect netkit.",
	[REASON_NO_TRAFFIC] =
		"No packet of the flow was seen, or only such as were under way when the probes were armed. Send some "
		"when --ready-file appears, let the check do it with --ping, or raise --timeout. The source is who "
		"sends the request.",
	[REASON_NO_REQUEST] =
		"Packets were seen from destination to source only. The traffic may have begun before the check "
		"(start it when --ready-file appears), a recording's filter took one direction only, or, of one-way "
		"traffic, the two are swapped.",
	[REASON_NO_REPLY] = "Packets were seen from source to destination only. Does the destination answer? A "
			    "leg-dropped beside it says where the request ended.",
	[REASON_LEG_INCOMPLETE] =
		"A packet set out and was not seen to arrive; the text names the last place. 'skbtrail "
		"--filter-ip ADDR' shows what became of it.",
	[REASON_LEG_DROPPED] =
		"A packet was dropped; the line of its leg names the place and the kernel's reason, which "
		"'skbtrail explain REASON' explains. At the source's host-side veth it is mostly a "
		"network policy.",
	[REASON_ADDRESS_TRANSLATED] =
		"Packets changed their addresses or ports between the two pods, as those to a service's address "
		"do: the text names both tuples. A check follows one pair of addresses. Send to the pod's own "
		"address, or use --ping.",
	[REASON_NO_POSITIVE_EVIDENCE] =
		"A packet arrived, but what carried it, or one of the points it must have passed, "
		"was not seen. Repeat it with --ping; if it stays so, the datapath is one that "
		"skbtrail does not know.",
	[REASON_PROBE_NOT_ARMED] =
		"A program that the verdict leans on could not be attached; 'skbtrail doctor' says why. Of a recording "
		"and of rules: the function that the text names was not armed; 'skbtrail funcs' lists those that can "
		"be.",
	[REASON_NO_POSITIVE_CONTROL] =
		"The transmit program never saw a packet leave its pod, or a capture holds none of the flow: then "
		"silence at the veth proves nothing. Repeat it with --ping; of captures, each of the four must hold "
		"packets of the flow.",
	[REASON_EVENTS_LOST] = "Events were lost, or this kernel cannot tell whether any were. Where the ring was too "
			       "small, raise --buffer-size; in busy traffic use --ping, which counts its own packets "
			       "only.",
	[REASON_NOT_RECORDED] =
		"The recording was made with an option that may hide packets or some of their steps, such as "
		"a filter of devices or --sample, or by an older version that does not tell. What it "
		"does not show may have happened. Record anew: same-node without other filters than the "
		"pods' addresses, rules also with --filter-track-skb.",
	[REASON_COUNT_MISMATCH] =
		"Not as many packets arrived as pings were sent: some were lost, or the answers were limited; or "
		"not all were sent before --timeout. 'skbtrail --drops' shows those that die on this node. Of check "
		"path, mostly with FAIL: the count that a rule asks for does not hold.",
	[REASON_COUNTER_CONTRADICTION] = "A veth's own counter has more packets than the program saw there. Repeat the "
					 "check; if it stays so, do "
					 "not trust a PASS on this kernel, and report it.",
	[REASON_ENDPOINT_CHANGED] =
		"An interface of the flow was renamed, moved or deleted during the check. Repeat it "
		"when the pods have settled.",
	[REASON_INTERRUPTED] = "The check was ended by a signal before it could tell. Repeat it.",
	[REASON_COMMAND_FAILED] =
		"The command behind -- failed, or had not ended, so what was seen may not be what was to "
		"be proved. Its own message is on standard error.",
	[REASON_NO_OVERLAP] =
		"A capture is not known to have been running when a packet passed that it does not hold: that is "
		"certain between its first and last packet only. Start all four before the first packet, stop them "
		"after the last, and send at least three pings; do not end a capture with -c.",
	[REASON_CAPTURE_AMBIGUOUS] =
		"A capture of several devices (tcpdump -i any) holds packets of which it cannot be told whether they "
		"passed the point's own device. Capture on that device alone.",
	[REASON_NOT_FOLLOWED] =
		"Packets passed between the two addresses of which it cannot be told whether they are of this "
		"flow: their headers could not be read up to TCP, UDP or ICMP (many IPv6 extension headers, "
		"headers outside the packet buffer), or they are fragments whose first one was not seen. Repeat "
		"it with --ping, which counts its own packets only.",
	[REASON_DEVICES_CONTRADICT] =
		"Packets of one direction went by different devices in this recording, as where something copies them "
		"to another namespace, or a pod was made anew: which devices are the pods' is not known. Record the "
		"flow alone, or check live.",
	[REASON_CAPTURE_FILTERED] =
		"A pcapng file says with which filter it was captured, and that filter leaves out packets of the "
		"flow, or cannot be shown to take them all. Capture without a filter, or by protocol and "
		"addresses in both directions.",
	[REASON_CAPTURES_CONTRADICT] =
		"The four captures cannot be of the points that they were given for: a packet passes them in the "
		"wrong order, or in other frames. Two files are swapped, or were not made by one clock. Look at "
		"the times and MAC addresses with 'tcpdump -e -tttt -r FILE'. netkit devices in L2 mode cannot be "
		"judged by captures.",
};
static_assert(ARRAY_SIZE(advice) == REASON_MAX, "a reason without advice");

const char *reason_code_advice(enum reason_code c)
{
	return advice[c];
}

/* same_node.c adds no other reasons for FAIL */
bool reason_code_fails(enum reason_code c)
{
	return c == REASON_HOST_VETH_TRAVERSED || c == REASON_OTHER_MECHANISM || c == REASON_NETKIT;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads a capture file (pcap or pcapng, by libpcap): the flow's packets at one of the four points. Pure: the file is
 * given as bytes.
 *
 * Theory of operation: on which device a packet was. A capture of one device shows what passed its point. So does a
 * capture of several devices (tcpdump -i any in a Linux cooked format, dumpcap with two -i in one pcapng file) in a
 * pod, where all devices are the pod's. On the host, such a capture has both veths and more, and a packet counts only
 * on the point's own device: the device that packets from the point's own pod come in on or, if there are none, the
 * device that packets to that pod go out on. Cooked v2 has device and direction of each packet. Cooked v1 has the
 * direction only: a packet that goes in the direction that it must have on the point's device is taken to be there.
 * What stays undecided is counted as ambiguous and not filed.
 */
#pragma once

#include "base/reason.h"
#include "bpf/config.h"
#include "check/captures.h"

/* Gets each record, in the file's order, as a hook event of ST_HOOK_XMIT: ts_ns in CLOCK_REALTIME, no namespace and
 * no device. Both are valid during the call only. 0, or -errno, which ends the reading. */
typedef int (*capture_fn)(void *ctx, const struct hook_event *w, const struct captured_frame *frame);

/* -EINVAL (no capture file), -EPROTONOSUPPORT (link type), -EBADMSG (a record that cannot be read), -ENOMEM, or what
 * fn returned. The reason then names the packet, by number from 1, but not the file. fn is called, and *ret filled,
 * only after the whole file was read. The caller clears *ret. Its filter_effect is left to capture_filter.h. */
int capture_read(const void *data, size_t size, const struct st_flow *flow, enum point at, capture_fn fn, void *ctx,
		 struct capture_facts *ret, struct reason *reason);

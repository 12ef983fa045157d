/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A capture file (pcap or pcapng, as libpcap reads them) to the flow's sightings at one of the four points. Pure: the
 * file is given as bytes.
 *
 * Theory of operation: which device. A capture of one device shows at its point whatever it holds. A capture of several
 * (tcpdump -i any in a Linux cooked format, dumpcap with two -i in one pcapng file) does so too in a pod, where all
 * devices are the pod's. On the host it holds both veths and more, and a packet counts for the point only on the
 * point's own device: the one that the point's own pod's packets come in on, else the one that packets to that pod go
 * out on. Cooked v2 gives device and direction of each packet. Cooked v1 gives the direction alone: a packet that goes
 * the way it must on the point's device is taken for one there. What stays undecided is counted as ambiguous and is
 * not filed.
 */
#pragma once

#include "base/reason.h"
#include "bpf/config.h"
#include "check/captures.h"

/* Handed each sighting in the file's order: ST_HOOK_XMIT, ts_ns in CLOCK_REALTIME, no namespace or device. Not to be
 * kept. 0 or -errno, which ends the reading. */
typedef int (*capture_fn)(void *ctx, const struct witness *w);

/* -EINVAL (no capture file), -EPROTONOSUPPORT (link type), -EBADMSG (a record that cannot be read), -ENOMEM, fn's
 * error; the reason then says which packet, by number from 1, but not which file. fn is called, and *ret filled, only
 * when the whole file could be read. */
int capture_read(const void *data, size_t size, const struct st_flow *flow, enum point at, capture_fn fn, void *ctx,
		 struct capture_facts *ret, struct reason *reason);

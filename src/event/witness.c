/* SPDX-License-Identifier: GPL-2.0-only */
#include "event/witness.h"

#include <arpa/inet.h>
#include <errno.h>

#include "base/read.h"

int witness_decode(const void *data, size_t size, struct witness *ret)
{
	struct rd rd = rd_init(data, size);
	struct st_witness w;

	if (!rd_copy(&rd, &w, sizeof(w)) || w.hook >= ST_HOOK_MAX || w.helper > ST_HELPER_REDIRECT_NEIGH)
		return -EBADMSG;
	*ret = (struct witness){
		.ts_ns = w.ts_ns,
		.cpu_seq = w.seq,
		.skb = w.skb,
		.location = w.location,
		.cpu = w.cpu,
		.netns = w.netns,
		.ifindex = w.ifindex,
		.orig_netns = w.orig_netns,
		.orig_ifindex = w.orig_ifindex,
		.drop_reason = w.drop_reason,
		.helper_ifindex = w.helper_ifindex,
		.l4_seq = w.l4_seq,
		.sport = ntohs(w.sport_be),
		.dport = ntohs(w.dport_be),
		.frag_off = w.frag_off,
		.payload_bytes = w.payload_bytes,
		.ip_id = ntohs(w.ip_id_be),
		.hook = w.hook,
		.helper = w.helper,
		.reverse = w.reverse,
		.has_reason = w.has_reason,
		.has_l4 = w.has_l4,
		.l4 = w.l4,
		.icmp_type = w.icmp_type,
		.tcp_flags = w.tcp_flags,
	};
	return 0;
}

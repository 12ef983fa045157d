/* SPDX-License-Identifier: GPL-2.0-only */
#include "event/hook_event.h"

#include <arpa/inet.h>
#include <errno.h>

#include "base/read.h"

int hook_event_decode(const void *data, size_t size, struct hook_event *ret)
{
	struct rd rd = rd_init(data, size);
	struct st_hook_event w;

	if (!rd_copy(&rd, &w, sizeof(w)) || w.hook >= ST_HOOK_MAX || w.helper > ST_HELPER_REDIRECT_NEIGH)
		return -EBADMSG;
	*ret = (struct hook_event){
		.ts_ns = w.ts_ns,
		.cpu_seq = w.seq,
		.skb = w.skb,
		.location = w.location,
		.helper_flags = w.helper_flags,
		.cpu = w.cpu,
		.netns = w.netns,
		.ifindex = w.ifindex,
		.orig_netns = w.orig_netns,
		.orig_ifindex = w.orig_ifindex,
		.drop_reason = w.drop_reason,
		.helper_ifindex = w.helper_ifindex,
		.l4_seq = w.l4_seq,
		.fragment_id = w.fragment_id,
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
		.is_fragment = w.is_fragment,
		.other_port = w.other_port,
		.unparsed = w.unparsed,
		.l4 = w.l4,
		.icmp_type = w.icmp_type,
		.tcp_flags = w.tcp_flags,
	};
	return 0;
}

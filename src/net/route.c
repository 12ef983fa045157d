/* SPDX-License-Identifier: GPL-2.0-only */
#include "net/route.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#define REQUEST_BYTES 256

static int take_type(void *ctx, uint16_t type, struct rd *payload)
{
	uint8_t *ret = ctx;
	struct rtmsg m;

	if (type != RTM_NEWROUTE)
		return 0;
	if (!rd_copy(payload, &m, sizeof(m)))
		return -EBADMSG;
	*ret = m.rtm_type;
	return 0;
}

int rtnl_get_route(struct rtnl *rtnl, const struct route_question *q, uint8_t *ret_type)
{
	char request[REQUEST_BYTES] __attribute__((aligned(4)));
	struct nlmsghdr *h = mnl_nlmsg_put_header(request);
	size_t addr_bytes = q->dst.family == 4 ? 4 : 16;
	uint8_t type = RTN_UNSPEC;
	bool interrupted;
	struct rtmsg *m;
	int r;

	if (!q->dst.family)
		return -EAFNOSUPPORT;
	h->nlmsg_type = RTM_GETROUTE;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	m = mnl_nlmsg_put_extra_header(h, sizeof(*m));
	m->rtm_family = q->dst.family == 4 ? AF_INET : AF_INET6;
	m->rtm_dst_len = (uint8_t)(8 * addr_bytes);
	mnl_attr_put(h, RTA_DST, addr_bytes, q->dst.bytes);
	if (q->src.family == q->dst.family) {
		m->rtm_src_len = (uint8_t)(8 * addr_bytes);
		mnl_attr_put(h, RTA_SRC, addr_bytes, q->src.bytes);
	}
	if (q->iif)
		mnl_attr_put_u32(h, RTA_IIF, q->iif);
	if (q->mark)
		mnl_attr_put_u32(h, RTA_MARK, q->mark);
	if (q->l4) {
		mnl_attr_put_u8(h, RTA_IP_PROTO, q->l4);
		mnl_attr_put_u16(h, RTA_SPORT, htons(q->sport));
		mnl_attr_put_u16(h, RTA_DPORT, htons(q->dport));
	}
	r = rtnl_ask(rtnl, h, take_type, &type, &interrupted);
	if (r < 0)
		return r;
	*ret_type = type;
	return 0;
}

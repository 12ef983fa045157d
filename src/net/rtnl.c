/* SPDX-License-Identifier: GPL-2.0-only */
#include "net/rtnl.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>

#include "base/cleanup.h"
#include "net/rtnl_parse.h"

/* The kernel fills a datagram of a dump up to the size of the reader's buffer, at most 32 KiB
 * (net/netlink/af_netlink.c, netlink_recvmsg()). */
#define RECV_BYTES     32768
#define DUMP_TRIES_MAX 10

struct rtnl {
	struct mnl_socket *sock; /* owned */
	int protocol;		 /* NETLINK_* */
	uint32_t seq;
	char buf[RECV_BYTES] __attribute__((aligned(8)));
};

static int open_socket(void *ctx)
{
	struct rtnl *rtnl = ctx;

	rtnl->sock = mnl_socket_open2(rtnl->protocol, SOCK_CLOEXEC);
	return rtnl->sock ? 0 : -errno;
}

int rtnl_open(const struct netns *ns, struct rtnl **ret)
{
	return rtnl_open_protocol(ns, NETLINK_ROUTE, ret);
}

int rtnl_open_protocol(const struct netns *ns, int protocol, struct rtnl **ret)
{
	_cleanup_(rtnl_closep) struct rtnl *rtnl = malloc(sizeof(*rtnl));
	int r;

	if (!rtnl)
		return -ENOMEM;
	rtnl->sock = NULL;
	rtnl->protocol = protocol;
	rtnl->seq = 0;
	r = netns_visit(ns, open_socket, rtnl);
	if (r < 0)
		return r;
	if (mnl_socket_bind(rtnl->sock, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	*ret = TAKE_PTR(rtnl);
	return 0;
}

void rtnl_close(struct rtnl *rtnl)
{
	if (!rtnl)
		return;
	if (rtnl->sock)
		mnl_socket_close(rtnl->sock);
	free(rtnl);
}

static int receive(struct rtnl *rtnl, size_t *ret_size)
{
	ssize_t n;

	do
		n = mnl_socket_recvfrom(rtnl->sock, rtnl->buf, sizeof(rtnl->buf));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	*ret_size = (size_t)n;
	return 0;
}

static int send_request(struct rtnl *rtnl, struct nlmsghdr *h)
{
	h->nlmsg_seq = ++rtnl->seq;
	return mnl_socket_sendto(rtnl->sock, h, h->nlmsg_len) < 0 ? -errno : 0;
}

int rtnl_ask(struct rtnl *rtnl, struct nlmsghdr *request, nl_message_fn fn, void *ctx, bool *ret_interrupted)
{
	struct nl_answer answer = {0};
	bool interrupted = false;
	int r = send_request(rtnl, request);

	while (r >= 0 && !answer.done) {
		size_t size = 0;

		r = receive(rtnl, &size);
		if (r >= 0)
			r = nl_parse(rtnl->buf, size, rtnl->seq, fn, ctx, &answer);
		interrupted |= answer.interrupted;
	}
	if (r < 0)
		return r;
	*ret_interrupted = interrupted;
	return 0;
}

/* One dump, appended to t. *ret_interrupted: the kernel's tables changed during it. */
static int dump_once(struct rtnl *rtnl, uint16_t type, size_t header_bytes, struct net_tables *t, bool *ret_interrupted)
{
	char request[MNL_ALIGN(sizeof(struct nlmsghdr)) + sizeof(struct ifinfomsg)] __attribute__((aligned(4)));
	struct nlmsghdr *h = mnl_nlmsg_put_header(request);

	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(h, header_bytes); /* zeroed: all families */
	return rtnl_ask(rtnl, h, rtnl_parse_message, t, ret_interrupted);
}

int rtnl_dump(struct rtnl *rtnl, struct net_tables *ret)
{
	for (int i = 0; i < DUMP_TRIES_MAX; i++) {
		_cleanup_(net_tables_free) struct net_tables t = {0};
		bool links_changed = false, addrs_changed = false;
		int r;

		r = dump_once(rtnl, RTM_GETLINK, sizeof(struct ifinfomsg), &t, &links_changed);
		if (r >= 0 && !links_changed)
			r = dump_once(rtnl, RTM_GETADDR, sizeof(struct ifaddrmsg), &t, &addrs_changed);
		if (r < 0)
			return r;
		if (links_changed || addrs_changed)
			continue;
		net_tables_sort(&t);
		*ret = t;
		t = (struct net_tables){0};
		return 0;
	}
	return -EAGAIN;
}

int rtnl_get_link(struct rtnl *rtnl, uint32_t ifindex, struct net_link *ret)
{
	char request[MNL_ALIGN(sizeof(struct nlmsghdr)) + sizeof(struct ifinfomsg)] __attribute__((aligned(4)));
	_cleanup_(net_tables_free) struct net_tables t = {0};
	struct nlmsghdr *h = mnl_nlmsg_put_header(request);
	struct nl_answer answer;
	struct ifinfomsg *ifi;
	size_t size = 0;
	int r;

	if (ifindex == 0 || ifindex > INT32_MAX)
		return -ENODEV;
	h->nlmsg_type = RTM_GETLINK;
	h->nlmsg_flags = NLM_F_REQUEST;
	ifi = mnl_nlmsg_put_extra_header(h, sizeof(*ifi));
	ifi->ifi_index = (int)ifindex;
	r = send_request(rtnl, h);
	if (r >= 0)
		r = receive(rtnl, &size);
	if (r >= 0)
		r = rtnl_parse_tables(rtnl->buf, size, rtnl->seq, &t, &answer);
	if (r < 0)
		return r;
	if (t.n_links != 1 || t.links[0].ifindex != ifindex)
		return -EBADMSG;
	*ret = t.links[0];
	return 0;
}

int rtnl_get_nsid(struct rtnl *rtnl, int netns_fd, int32_t *ret_nsid)
{
	char request[64] __attribute__((aligned(4)));
	struct nlmsghdr *h = mnl_nlmsg_put_header(request);
	size_t size = 0;
	int r;

	h->nlmsg_type = RTM_GETNSID;
	h->nlmsg_flags = NLM_F_REQUEST;
	mnl_nlmsg_put_extra_header(h, sizeof(struct rtgenmsg));
	mnl_attr_put_u32(h, NETNSA_FD, (uint32_t)netns_fd);
	r = send_request(rtnl, h);
	if (r >= 0)
		r = receive(rtnl, &size);
	if (r < 0)
		return r;
	return rtnl_parse_nsid(rtnl->buf, size, rtnl->seq, ret_nsid);
}

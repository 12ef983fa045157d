/* SPDX-License-Identifier: GPL-2.0-only */
#include "net/rtnl.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <sched.h>

#include "base/cleanup.h"
#include "net/parse.h"

/* The kernel fills dump datagrams up to the reader's buffer, at most 32 KiB (net/netlink/af_netlink.c,
 * netlink_recvmsg()): the larger the fewer. */
#define RECV_BYTES     32768
#define DUMP_TRIES_MAX 10

struct rtnl {
	struct mnl_socket *sock; /* owned */
	uint32_t seq;
	char buf[RECV_BYTES] __attribute__((aligned(8)));
};

static int open_socket(struct mnl_socket **ret)
{
	struct mnl_socket *sock = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);

	if (!sock)
		return -errno;
	*ret = sock;
	return 0;
}

static int open_socket_in(const struct netns *ns, struct mnl_socket **ret)
{
	_cleanup_close_ int home = -1, away = -1;
	struct mnl_socket *sock = NULL;
	int r;

	if (ns->own)
		return open_socket(ret);
	r = netns_open(ns, &away);
	if (r < 0)
		return r;
	home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (home < 0)
		return -errno;
	if (setns(away, CLONE_NEWNET) < 0)
		return -errno;
	r = open_socket(&sock);
	if (setns(home, CLONE_NEWNET) < 0) {
		if (sock)
			mnl_socket_close(sock);
		return -ENOTRECOVERABLE;
	}
	if (r >= 0)
		*ret = sock;
	return r;
}

int rtnl_open(const struct netns *ns, struct rtnl **ret)
{
	_cleanup_(rtnl_closep) struct rtnl *rtnl = malloc(sizeof(*rtnl));
	int r;

	if (!rtnl)
		return -ENOMEM;
	rtnl->sock = NULL;
	rtnl->seq = 0;
	r = open_socket_in(ns, &rtnl->sock);
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

/* One dump. *ret_interrupted: what was appended to t is not one moment's state. */
static int dump_once(struct rtnl *rtnl, uint16_t type, size_t header_bytes, struct net_tables *t, bool *ret_interrupted)
{
	char request[MNL_ALIGN(sizeof(struct nlmsghdr)) + sizeof(struct ifinfomsg)] __attribute__((aligned(4)));
	struct nlmsghdr *h = mnl_nlmsg_put_header(request);
	struct net_answer answer = {0};
	bool interrupted = false;
	int r;

	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(h, header_bytes); /* zeroed: every family */
	r = send_request(rtnl, h);
	if (r < 0)
		return r;
	while (!answer.done) {
		size_t size = 0;

		r = receive(rtnl, &size);
		if (r >= 0)
			r = net_parse_tables(rtnl->buf, size, rtnl->seq, t, &answer);
		if (r < 0)
			return r;
		interrupted |= answer.interrupted;
	}
	*ret_interrupted = interrupted;
	return 0;
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
	struct net_answer answer;
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
		r = net_parse_tables(rtnl->buf, size, rtnl->seq, &t, &answer);
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
	return net_parse_nsid(rtnl->buf, size, rtnl->seq, ret_nsid);
}

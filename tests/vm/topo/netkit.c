// SPDX-License-Identifier: GPL-2.0-only
/*
 * What Debian 12's iproute2 cannot do, through rtnetlink: create netkit pairs;
 * and, without parsing text, ask whether a link is in operation.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "topo.h"

#define RECEIVE_BYTES	 16384
#define IF_OPER_UP_VALUE 6 /* IF_OPER_UP of linux/if.h, which does not go together with net/if.h */
#define LINK_WAIT_MS	 5000
#define LINK_POLL_MS	 5

/* include/uapi/linux/if_link.h of Linux 6.7; Debian 12's headers are older. */
enum {
	NETKIT_ATTR_PEER_INFO = 1,
	NETKIT_ATTR_POLICY = 3,
	NETKIT_ATTR_PEER_POLICY = 4,
	NETKIT_ATTR_MODE = 5,
};
enum { NETKIT_POLICY_FORWARD = 0, NETKIT_POLICY_BLACKHOLE = 2, NETKIT_MODE_L3 = 1 };

/* Sends one request; the reply, if cb is given, goes to cb. Returns 0 or -errno. */
static int talk(struct nlmsghdr *nlh, mnl_cb_t cb, void *data)
{
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, 0);
	char buf[RECEIVE_BYTES];
	int err = 0;
	ssize_t n;

	if (!nl)
		return -errno;
	nlh->nlmsg_seq = 1;
	if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0 || mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0) {
		err = -errno;
		goto out;
	}
	for (;;) {
		int more;

		n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
		if (n < 0) {
			err = -errno;
			break;
		}
		more = mnl_cb_run(buf, n, nlh->nlmsg_seq, mnl_socket_get_portid(nl), cb, data);
		if (more < 0)
			err = -errno;
		if (more <= 0)
			break;
	}
out:
	mnl_socket_close(nl);
	return err;
}

int topo_netkit_create(const struct pod *pod, int pod_netns_fd)
{
	char buf[1024] __attribute__((aligned(NLMSG_ALIGNTO))) = {0};
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nlattr *info, *data, *peer;
	struct ifinfomsg *ifi;
	int err;

	nlh->nlmsg_type = RTM_NEWLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK;
	ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	ifi->ifi_index = pod->host_ifindex;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, pod->host_ifname);

	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "netkit");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	mnl_attr_put_u32(nlh, NETKIT_ATTR_MODE, NETKIT_MODE_L3);
	mnl_attr_put_u32(nlh, NETKIT_ATTR_POLICY, NETKIT_POLICY_FORWARD);
	mnl_attr_put_u32(nlh, NETKIT_ATTR_PEER_POLICY, NETKIT_POLICY_BLACKHOLE);
	peer = mnl_attr_nest_start(nlh, NETKIT_ATTR_PEER_INFO);
	ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	ifi->ifi_index = TOPO_POD_IFINDEX;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, TOPO_POD_IFNAME);
	mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, pod_netns_fd);
	mnl_attr_nest_end(nlh, peer);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);

	err = talk(nlh, NULL, NULL);
	if (err)
		fprintf(stderr, "topo: cannot create the netkit device %s: %s\n", pod->host_ifname, strerror(-err));
	return err;
}

static int on_link(const struct nlmsghdr *nlh, void *data)
{
	struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct ifinfomsg)) if (mnl_attr_get_type(attr) == IFLA_OPERSTATE) *
		(int *)data = mnl_attr_get_u8(attr);
	return MNL_CB_STOP;
}

static int operstate(const char *ifname)
{
	char buf[256] __attribute__((aligned(NLMSG_ALIGNTO))) = {0};
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifi;
	int state = 0, err;

	nlh->nlmsg_type = RTM_GETLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	ifi->ifi_index = if_nametoindex(ifname);
	err = talk(nlh, on_link, &state);
	return err ? err : state;
}

/* The kernel activates a link in a work item of its own some time after "up". */
int topo_wait_links(void)
{
	const struct timespec pause = {.tv_nsec = LINK_POLL_MS * 1000000L};

	for (int waited_ms = 0; waited_ms < LINK_WAIT_MS; waited_ms += LINK_POLL_MS) {
		int up = 0;

		for (int i = 0; i < TOPO_PODS; i++)
			up += operstate(topo_pod_table[i].host_ifname) == IF_OPER_UP_VALUE;
		if (up == TOPO_PODS)
			return 0;
		nanosleep(&pause, NULL);
	}
	fprintf(stderr, "topo: the links did not come up\n");
	return -ETIMEDOUT;
}

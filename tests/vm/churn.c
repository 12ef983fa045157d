// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes network namespaces and veth pairs and has them removed again, as fast as the kernel does:
 *   churn ROUNDS ADDRESS
 * A round makes a namespace, which has ADDRESS on its loopback device and sends itself one UDP packet to port 9 of it,
 * and a veth pair with one end here and the other end there, and lets go of the namespace. The kernel then removes it
 * in its own time, and the pair with it: our end's RTM_DELLINK tells. So many as ALIVE_MAX may await that.
 * Prints how many were made and removed, and how many a second.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ALIVE_MAX     64
#define RECEIVE_BYTES 16384
#define WATCH_BYTES   (4 << 20) /* of notifications that were not read yet */
#define DISCARD_PORT  9
#define PREFIX	      "churn"

struct churn {
	int here; /* our own namespace */
	struct sockaddr_in addr;
	struct mnl_socket *requests, *watch;
	unsigned made, removed;
};

static int fail(const char *what)
{
	fprintf(stderr, "churn: %s: %s\n", what, strerror(errno));
	return -1;
}

/* Within the namespace: its own packet to itself. Nobody listens, so an ICMP error comes back. */
static int send_packet(const struct churn *c)
{
	struct ifreq req = {.ifr_name = "lo"};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int err = 0;

	if (fd < 0)
		return fail("socket");
	memcpy(&req.ifr_addr, &c->addr, sizeof(c->addr));
	if (ioctl(fd, SIOCSIFADDR, &req) < 0)
		err = fail("set the address");
	req.ifr_flags = IFF_UP | IFF_RUNNING;
	if (!err && ioctl(fd, SIOCSIFFLAGS, &req) < 0)
		err = fail("set lo up");
	if (!err && sendto(fd, "x", 1, 0, (const struct sockaddr *)&c->addr, sizeof(c->addr)) != 1)
		err = fail("send");
	close(fd);
	return err;
}

/* Returns a descriptor of the new namespace, or -1; we are back in our own in any case. */
static int new_namespace(const struct churn *c)
{
	int fd, err;

	if (unshare(CLONE_NEWNET) < 0)
		return fail("unshare");
	fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	err = fd < 0 ? fail("open the namespace") : send_packet(c);
	if (setns(c->here, CLONE_NEWNET) < 0)
		err = fail("setns");
	if (err && fd >= 0)
		close(fd);
	return err ? -1 : fd;
}

static int new_pair(const struct churn *c, int netns_fd)
{
	char buf[RECEIVE_BYTES] __attribute__((aligned(NLMSG_ALIGNTO))) = {0}, name[IF_NAMESIZE];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nlattr *info, *data, *peer;
	ssize_t n;

	snprintf(name, sizeof(name), PREFIX "%u", c->made);
	nlh->nlmsg_type = RTM_NEWLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK;
	nlh->nlmsg_seq = c->made + 1;
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(nlh, VETH_INFO_PEER);
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(nlh, IFLA_IFNAME, "eth0");
	mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, netns_fd);
	mnl_attr_nest_end(nlh, peer);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	if (mnl_socket_sendto(c->requests, nlh, nlh->nlmsg_len) < 0)
		return fail("send the request");
	n = mnl_socket_recvfrom(c->requests, buf, sizeof(buf));
	if (n < 0 || mnl_cb_run(buf, n, c->made + 1, mnl_socket_get_portid(c->requests), NULL, NULL) < 0)
		return fail("create the pair");
	return 0;
}

static int on_link(const struct nlmsghdr *nlh, void *data)
{
	struct churn *c = data;
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct ifinfomsg))
	{
		if (mnl_attr_get_type(attr) == IFLA_IFNAME && nlh->nlmsg_type == RTM_DELLINK &&
		    strncmp(mnl_attr_get_str(attr), PREFIX, strlen(PREFIX)) == 0)
			c->removed++;
	}
	return MNL_CB_OK;
}

/* Until no more than alive await their end. */
static int await(struct churn *c, unsigned alive)
{
	char buf[RECEIVE_BYTES];

	while (c->made - c->removed > alive) {
		ssize_t n = mnl_socket_recvfrom(c->watch, buf, sizeof(buf));

		if (n < 0 || mnl_cb_run(buf, n, 0, 0, on_link, c) < 0)
			return fail("watch the links");
	}
	return 0;
}

static int prepare(struct churn *c)
{
	const int bytes = WATCH_BYTES;

	c->here = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	c->requests = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	c->watch = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (c->here < 0 || !c->requests || !c->watch || mnl_socket_bind(c->requests, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    setsockopt(mnl_socket_get_fd(c->watch), SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0 ||
	    mnl_socket_bind(c->watch, RTMGRP_LINK, MNL_SOCKET_AUTOPID) < 0)
		return fail("prepare");
	return 0;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	struct churn c = {.addr = {.sin_family = AF_INET, .sin_port = htons(DISCARD_PORT)}};
	unsigned rounds = argc == 3 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
	double began;

	if (!rounds || inet_pton(AF_INET, argv[2], &c.addr.sin_addr) != 1) {
		fprintf(stderr, "usage: churn ROUNDS ADDRESS\n");
		return 2;
	}
	if (prepare(&c) < 0)
		return 1;
	began = now();
	while (c.made < rounds) {
		int fd = new_namespace(&c);

		if (fd < 0 || new_pair(&c, fd) < 0)
			return 1;
		close(fd);
		c.made++;
		if (await(&c, ALIVE_MAX) < 0)
			return 1;
	}
	if (await(&c, 0) < 0)
		return 1;
	printf("%u namespaces and %u pairs of devices made and removed, %.0f a second\n", c.made, c.removed,
	       c.removed / (now() - began));
	return 0;
}

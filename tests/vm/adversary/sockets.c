// SPDX-License-Identifier: GPL-2.0-only
/* The sockets that a way's traffic needs, each in its namespace. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "traffic.h"

socklen_t traffic_address(const struct way *w, int pod, int port, struct sockaddr_storage *ret)
{
	struct sockaddr_in *v4 = (void *)ret;
	struct sockaddr_in6 *v6 = (void *)ret;

	memset(ret, 0, sizeof(*ret));
	if (w->family == 4) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		inet_pton(AF_INET,
			  pod == 0		? "10.0.0.133"
			  : w->flow == FLOW_VIP ? "10.96.0.1"
						: "10.0.0.67",
			  &v4->sin_addr);
		return sizeof(*v4);
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons((uint16_t)port);
	inet_pton(AF_INET6, pod == 0 ? "fd00::133" : "fd00::67", &v6->sin6_addr);
	return sizeof(*v6);
}

static int bound(struct traffic *t, int pod, int type, int port)
{
	struct sockaddr_storage sa;
	socklen_t len = traffic_address(t->w, pod, port, &sa);
	int fd = setup_socket(t->s, pod ? NS_POD2 : NS_POD1, sa.ss_family, type, 0), one = 1;

	if (fd < 0)
		return fd;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&sa, len)) {
		perror("adversary: bind");
		close(fd);
		return -EIO;
	}
	return fd;
}

static int open_udp(struct traffic *t, int pod, int port)
{
	int fd = bound(t, pod, SOCK_DGRAM, port), one = 1,
	    pmtu = t->w->dont_fragment ? IP_PMTUDISC_DO : IP_PMTUDISC_DONT;

	if (fd < 0 || t->w->family == 6)
		return fd;
	(void)setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &pmtu, sizeof(pmtu));
	/* Without a checksum that a device would have to compute: copies of it are valid, too. */
	(void)setsockopt(fd, SOL_SOCKET, SO_NO_CHECK, &one, sizeof(one));
	return fd;
}

static int open_copy(struct traffic *t)
{
	static const int none = -1;
	struct sockaddr_ll sa = {.sll_family = AF_PACKET};
	int one = 1;

	t->copy = none;
	if (t->w->copy == COPY_NONE)
		return 0;
	t->copy_ifindex = t->w->copy == COPY_FAR   ? t->s->lxc[!t->w->copy_dir]
			  : t->w->copy == COPY_HOP ? t->s->hop[0]
						   : t->s->swallow;
	t->copy = setup_socket(t->s, NS_HOST, AF_PACKET, SOCK_RAW, 0);
	sa.sll_ifindex = t->copy_ifindex;
	if (t->copy < 0 || bind(t->copy, (struct sockaddr *)&sa, sizeof(sa)))
		return -EIO;
	if (t->w->copy_bypass && setsockopt(t->copy, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof(one)))
		return -EIO;
	return 0;
}

int traffic_open(struct traffic *t)
{
	int family = t->w->family == 4 ? AF_INET : AF_INET6, echo = t->w->family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;

	t->icmp = t->udp[0] = t->udp[1] = t->tcp_listen = t->tcp_server = t->tcp_client = t->copy = -1;
	t->crafted[0] = setup_socket(t->s, NS_POD1, family, SOCK_RAW, IPPROTO_RAW);
	t->crafted[1] = setup_socket(t->s, NS_HOST, family, SOCK_RAW, IPPROTO_RAW);
	t->icmp = setup_socket(t->s, NS_POD1, family, SOCK_RAW, echo);
	if (t->crafted[0] < 0 || t->crafted[1] < 0 || t->icmp < 0)
		return -EIO;
	if (t->w->flow == FLOW_UDP || t->w->noise == NOISE_OTHER) {
		for (int i = 0; i < 2; i++)
			t->udp[i] = open_udp(t, i, FLOW_PORT);
		if (t->udp[0] < 0 || t->udp[1] < 0)
			return -EIO;
	}
	if (t->w->flow == FLOW_TCP) {
		t->tcp_listen = bound(t, 1, SOCK_STREAM, TCP_PORT);
		t->tcp_client = setup_socket(t->s, NS_POD1, family, SOCK_STREAM, 0);
		if (t->tcp_listen < 0 || listen(t->tcp_listen, 1) || t->tcp_client < 0)
			return -EIO;
	}
	return open_copy(t);
}

void traffic_close(struct traffic *t)
{
	const int fds[] = {t->icmp,	  t->crafted[0], t->crafted[1], t->udp[0], t->udp[1],
			   t->tcp_listen, t->tcp_server, t->tcp_client, t->copy};

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

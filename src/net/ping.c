/* SPDX-License-Identifier: GPL-2.0-only */
#include "net/ping.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <linux/filter.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "base/read.h"

#define PAYLOAD_BYTES 56 /* as ping(8) sends */

struct ping {
	int fd;
	uint8_t family;
	uint16_t id;
	struct ping_error error;
};

struct echo { /* RFC 792 and RFC 4443 agree on this layout */
	uint8_t type, code;
	uint16_t checksum_be, id_be, seq_be;
	uint8_t payload[PAYLOAD_BYTES];
};

static int open_raw(void *ctx)
{
	struct ping *p = ctx;

	p->fd = socket(p->family == 4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
		       p->family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	return p->fd < 0 ? -errno : 0;
}

/* Lets only packets with our id into the socket's queue, which another process's flood ping would fill. The data that
 * the filter sees begins with the IP header on an IPv4 socket, and with the ICMPv6 header on an IPv6 socket. */
static int filter_by_id(const struct ping *p)
{
	uint8_t x = p->family == 4 ? BPF_IND : BPF_ABS;
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0), /* length of the IPv4 header; not used for IPv6 */
		BPF_STMT(BPF_LD | BPF_H | x, offsetof(struct echo, id_be)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, p->id, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog prog = {.len = ARRAY_SIZE(insns), .filter = insns};

	return setsockopt(p->fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) < 0 ? -errno : 0;
}

static socklen_t to_sockaddr(const struct net_ip *ip, struct sockaddr_storage *ret)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ret;
	struct sockaddr_in *in = (struct sockaddr_in *)ret;

	memset(ret, 0, sizeof(*ret));
	if (ip->family == 4) {
		in->sin_family = AF_INET;
		memcpy(&in->sin_addr, ip->bytes, 4);
		return sizeof(*in);
	}
	in6->sin6_family = AF_INET6;
	memcpy(&in6->sin6_addr, ip->bytes, 16);
	return sizeof(*in6);
}

int ping_open(const struct netns *ns, const struct net_ip *src, const struct net_ip *dst, struct ping **ret,
	      struct reason *reason)
{
	_cleanup_(ping_closep) struct ping *p = calloc(1, sizeof(*p));
	struct sockaddr_storage sa;
	socklen_t len;
	int r;

	if (!p)
		return -ENOMEM;
	p->fd = -1;
	p->family = src->family;
	r = netns_visit(ns, open_raw, p);
	if (r < 0)
		return reason_set(reason, r,
				  "--ping: cannot open a raw socket in the source's namespace: %s; it needs "
				  "CAP_NET_RAW and CAP_SYS_ADMIN",
				  strerror(-r));
	if (getrandom(&p->id, sizeof(p->id), GRND_NONBLOCK) != sizeof(p->id))
		p->id = getpid();
	r = filter_by_id(p);
	if (r < 0)
		return reason_set(reason, r, "--ping: cannot filter the replies: %s", strerror(-r));
	/* without the queue, errors only lack their sender, type and code */
	(void)setsockopt(p->fd, p->family == 4 ? SOL_IP : SOL_IPV6, p->family == 4 ? IP_RECVERR : IPV6_RECVERR,
			 &(int){1}, sizeof(int));
	len = to_sockaddr(src, &sa);
	if (bind(p->fd, (struct sockaddr *)&sa, len) < 0)
		return reason_set(reason, -errno, "--ping: cannot bind to the source address: %s", strerror(errno));
	len = to_sockaddr(dst, &sa);
	if (connect(p->fd, (struct sockaddr *)&sa, len) < 0)
		return reason_set(reason, -errno, "--ping: no route from the source to the destination: %s",
				  strerror(errno));
	*ret = TAKE_PTR(p);
	return 0;
}

void ping_close(struct ping *p)
{
	if (!p)
		return;
	closep(&p->fd);
	free(p);
}

uint16_t ping_id(const struct ping *p)
{
	return p->id;
}

int ping_fd(const struct ping *p)
{
	return p->fd;
}

/* RFC 1071. For ICMPv6 the kernel computes it. */
static uint16_t checksum_be(const void *data, size_t len_bytes)
{
	const uint8_t *b = data;
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < len_bytes; i += 2)
		/* NOLINTNEXTLINE(clang-analyzer-core*): the struct is initialised and has no padding */
		sum += b[i] << 8 | b[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

/* Whether the error is that of an ICMP message about an earlier echo. The kernel keeps it on the connected socket and
 * returns it once, from the next call (net/ipv4/icmp.c, icmp_err_convert[]; net/ipv6/icmp.c, icmpv6_err_convert()).
 * ping_send() and ping_receive() report their own errors only. */
static bool is_icmp_error(int err)
{
	switch (err) {
	case ECONNREFUSED:
	case EHOSTUNREACH:
	case EHOSTDOWN:
	case ENETUNREACH:
	case ENONET:
	case ENOPROTOOPT:
	case EOPNOTSUPP:
	case EMSGSIZE:
	case EPROTO:
	case EACCES:
		return true;
	default:
		return false;
	}
}

int ping_send(struct ping *p, uint16_t seq)
{
	ssize_t n;
	struct echo e = {
		.type = p->family == 4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST,
		.id_be = htons(p->id),
		.seq_be = htons(seq),
	};

	memcpy(e.payload, "skbtrail", 8);
	if (p->family == 4)
		e.checksum_be = checksum_be(&e, sizeof(e));
	n = send(p->fd, &e, sizeof(e), 0);
	if (n < 0 && is_icmp_error(errno))
		n = send(p->fd, &e, sizeof(e), 0);
	return n < 0 ? -errno : 0;
}

/* A raw IPv4 socket delivers the IP header with the packet, a raw IPv6 socket does not. */
static bool is_our_reply(const struct ping *p, const uint8_t *data, size_t len_bytes, uint16_t *ret_seq)
{
	struct rd rd = rd_init(data, len_bytes);
	struct echo e;

	if (p->family == 4) {
		const uint8_t *ip = rd_bytes(&rd, 20);

		if (!ip || !rd_bytes(&rd, (ip[0] & 0x0f) * 4 >= 20 ? (ip[0] & 0x0f) * 4 - 20 : 0))
			return false;
	}
	if (!rd_copy(&rd, &e, offsetof(struct echo, payload)))
		return false;
	if (e.type != (p->family == 4 ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY) || ntohs(e.id_be) != p->id)
		return false;
	*ret_seq = ntohs(e.seq_be);
	return true;
}

static struct net_ip from_sockaddr(const struct sockaddr *sa, size_t len)
{
	struct net_ip ip = {0};

	if (sa->sa_family == AF_INET && len >= sizeof(struct sockaddr_in)) {
		ip.family = 4;
		memcpy(ip.bytes, &((const struct sockaddr_in *)sa)->sin_addr, 4);
	} else if (sa->sa_family == AF_INET6 && len >= sizeof(struct sockaddr_in6)) {
		ip.family = 6;
		memcpy(ip.bytes, &((const struct sockaddr_in6 *)sa)->sin6_addr, 16);
	}
	return ip;
}

/* The address of the sender lies behind the error (SO_EE_OFFENDER(), ip(7)). */
static void note_error(struct ping *p, struct cmsghdr *c)
{
	uint8_t origin = p->family == 4 ? SO_EE_ORIGIN_ICMP : SO_EE_ORIGIN_ICMP6;
	size_t len = c->cmsg_len - CMSG_LEN(0);
	struct sock_extended_err ee;

	if (c->cmsg_len < CMSG_LEN(sizeof(ee) + sizeof(struct sockaddr_in)))
		return;
	memcpy(&ee, CMSG_DATA(c), sizeof(ee));
	if (ee.ee_origin != origin)
		return;
	p->error = (struct ping_error){
		.n = p->error.n + 1,
		.type = ee.ee_type,
		.code = ee.ee_code,
		.from = from_sockaddr((const struct sockaddr *)(CMSG_DATA(c) + sizeof(ee)), len - sizeof(ee)),
	};
}

/* Takes the errors off their queue; while it holds one, the socket is always readable for poll(2). What is queued is
 * the echo that the error is about. The kernel hands the errors about all echoes between the two addresses to this
 * socket, also those that another process sent. */
static void take_errors(struct ping *p)
{
	_Alignas(struct cmsghdr) uint8_t control[512];
	struct echo e;
	struct iovec iov = {.iov_base = &e, .iov_len = sizeof(e)};

	for (;;) {
		struct msghdr m = {
			.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
		ssize_t n = recvmsg(p->fd, &m, MSG_ERRQUEUE);

		if (n < 0 && errno != EINTR)
			return;
		if (n < (ssize_t)offsetof(struct echo, payload) || ntohs(e.id_be) != p->id)
			continue;
		for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
			if (c->cmsg_type == IP_RECVERR || c->cmsg_type == IPV6_RECVERR)
				note_error(p, c);
	}
}

const struct ping_error *ping_error(const struct ping *p)
{
	return &p->error;
}

int ping_receive(struct ping *p, uint16_t *ret_seq)
{
	uint8_t data[256];

	take_errors(p);

	for (;;) {
		ssize_t n = recv(p->fd, data, sizeof(data), 0);

		if (n < 0 && (errno == EINTR || is_icmp_error(errno)))
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return 0;
		if (n < 0)
			return -errno;
		if (is_our_reply(p, data, n, ret_seq))
			return 1;
	}
}

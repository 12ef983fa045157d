/* SPDX-License-Identifier: GPL-2.0-only */
#include "net/ping.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "base/read.h"
#include "net/visit.h"

#define PAYLOAD_BYTES 56 /* as ping(8) sends */

struct ping {
	int fd;
	uint8_t family;
	uint16_t id;
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

/* Only what bears our id is queued: a flood ping of somebody else's would fill the socket before our first reply. The
 * kernel runs the filter on what the socket delivers: from the IP header on for IPv4, from the ICMPv6 header on else.
 */
static int keep_own(const struct ping *p)
{
	uint8_t x = p->family == 4 ? BPF_IND : BPF_ABS;
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0), /* the IPv4 header's length; of no consequence for IPv6 */
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
	r = keep_own(p);
	if (r < 0)
		return reason_set(reason, r, "--ping: cannot filter the replies: %s", strerror(-r));
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

/* RFC 1071; the kernel does it for ICMPv6. */
static uint16_t checksum_be(const void *data, size_t len_bytes)
{
	const uint8_t *b = data;
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < len_bytes; i += 2)
		/* NOLINTNEXTLINE(clang-analyzer-core*): all of it is initialised, padding there is none */
		sum += b[i] << 8 | b[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

/* What an ICMP message about an earlier echo leaves on a connected socket, to be told once, by whatever comes next
 * (net/ipv4/icmp.c, icmp_err_convert[]; net/ipv6/icmp.c, icmpv6_err_convert()). Where that echo ended is for others to
 * see. */
static bool told_by_icmp(int err)
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
	if (n < 0 && told_by_icmp(errno))
		n = send(p->fd, &e, sizeof(e), 0);
	return n < 0 ? -errno : 0;
}

/* A raw IPv4 socket delivers the IP header too, an IPv6 one does not. */
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

int ping_receive(struct ping *p, uint16_t *ret_seq)
{
	uint8_t data[256];

	for (;;) {
		ssize_t n = recv(p->fd, data, sizeof(data), 0);

		if (n < 0 && (errno == EINTR || told_by_icmp(errno)))
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return 0;
		if (n < 0)
			return -errno;
		if (is_our_reply(p, data, n, ret_seq))
			return 1;
	}
}

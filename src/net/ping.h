/* SPDX-License-Identifier: GPL-2.0-only */
/* Sends echo requests from inside a network namespace, as ping(8) does. */
#pragma once

#include "base/reason.h"
#include "net/link.h"
#include "net/netns.h"

struct ping;

/* Creates a raw ICMP or ICMPv6 socket in ns, binds it to src and connects it to dst (of the same family), and chooses a
 * random echo identifier. -errno with a reason; *ret is then unchanged. */
int ping_open(const struct netns *ns, const struct net_ip *src, const struct net_ip *dst, struct ping **ret,
	      struct reason *reason);
void ping_close(struct ping *p);
DEFINE_CLEANUP(struct ping *, ping_close)

uint16_t ping_id(const struct ping *p); /* host byte order */
int ping_fd(const struct ping *p);	/* becomes readable when a reply may have arrived */
/* Sends one echo request. -errno, e.g. -ENETUNREACH. */
int ping_send(struct ping *p, uint16_t seq);
/* An ICMP error about one of our echo requests. */
struct ping_error {
	uint64_t n; /* how many there were; 0: none, and the others are not set */
	uint8_t type, code;
	struct net_ip from; /* who sent it */
};
/* What ping_receive() has met so far: the last error. Borrowed. */
const struct ping_error *ping_error(const struct ping *p);
/* Receives one reply to this socket's requests: 1 and its sequence number, 0 if none is queued, or -errno. */
int ping_receive(struct ping *p, uint16_t *ret_seq);

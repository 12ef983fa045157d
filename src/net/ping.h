/* SPDX-License-Identifier: GPL-2.0-only */
/* Echo requests sent from inside a namespace, as ping(8) there would. */
#pragma once

#include "base/reason.h"
#include "net/link.h"
#include "net/netns.h"

struct ping;

/* A raw ICMP or ICMPv6 socket made in ns, bound to src and connected to dst (same family), with an echo identifier of
 * its own. -errno with a reason; *ret is then left alone. */
int ping_open(const struct netns *ns, const struct net_ip *src, const struct net_ip *dst, struct ping **ret,
	      struct reason *reason);
void ping_close(struct ping *p);
DEFINE_CLEANUP(struct ping *, ping_close)

uint16_t ping_id(const struct ping *p); /* host byte order */
int ping_fd(const struct ping *p);	/* readable when a reply may have come */
/* Sends one echo request. -errno, e.g. -ENETUNREACH. */
int ping_send(struct ping *p, uint16_t seq);
/* Takes one reply to this socket's requests: 1 and its sequence number, 0 if none waits, or -errno. */
int ping_receive(struct ping *p, uint16_t *ret_seq);

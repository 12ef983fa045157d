/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Links and addresses of one network namespace, as tables. The members are named as in rtnetlink (rtnetlink(7),
 * linux/if_link.h, linux/if_addr.h). No I/O.
 */
#pragma once

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NET_KIND_LEN 32

/* family: 4, 6 or 0 (none). bytes: network byte order; an IPv4 address is in the first four. */
struct net_ip {
	uint8_t family;
	uint8_t bytes[16];
};

struct net_stats {
	uint64_t rx_packets, tx_packets, rx_bytes, tx_bytes;
};

struct net_link {
	uint32_t ifindex;
	char ifname[IF_NAMESIZE]; /* always NUL-terminated, raw bytes */
	char kind[NET_KIND_LEN];  /* veth, netkit, bridge, …; "" none; truncated if longer */
	bool up;		  /* IFF_UP */
	bool no_carrier;	  /* the kernel says that it has none */
	bool has_iflink, has_link_netnsid, has_master, has_mac, has_stats;
	uint32_t iflink;      /* ifindex of the peer or lower device, in namespace link_netnsid */
	int32_t link_netnsid; /* id that this namespace has assigned; absent: iflink is in this namespace */
	uint32_t master;      /* ifindex of the bridge or bond */
	uint32_t mtu;
	uint8_t mac[6];
	struct net_stats stats;
};

struct net_addr {
	struct net_ip ip;
	uint8_t prefix_bits;
	uint8_t scope; /* RT_SCOPE_* */
	uint32_t ifindex;
};

struct net_tables {
	struct net_link *links; /* owned; net_tables_sort() sorts them by ifindex */
	size_t n_links;
	struct net_addr *addrs; /* owned */
	size_t n_addrs;
};

void net_tables_free(struct net_tables *t);
int net_tables_add_link(struct net_tables *t, const struct net_link *link); /* 0 or -ENOMEM */
int net_tables_add_addr(struct net_tables *t, const struct net_addr *addr);
void net_tables_sort(struct net_tables *t);
/* Borrowed; NULL: no such link. The tables must be sorted. */
const struct net_link *net_tables_find(const struct net_tables *t, uint32_t ifindex);

/* Whether address number a is listed before on the same link, with another prefix length. */
bool net_tables_repeat(const struct net_tables *t, size_t a);

/* Parses an address as inet_pton(3) does. False, with *ret unchanged, for any other text. */
bool net_ip_parse(const char *s, struct net_ip *ret);
bool net_ip_equal(const struct net_ip *a, const struct net_ip *b);
/* Whether it is in 169.254.0.0/16 (RFC 3927) or fe80::/10 (RFC 4291). */
bool net_ip_is_link_local(const struct net_ip *ip);
#define NET_IP_TEXT_MAX 46 /* INET6_ADDRSTRLEN: with the NUL */
/* Sets ret to the address as text, "" for family 0. */
void net_ip_text(const struct net_ip *ip, char ret[static NET_IP_TEXT_MAX]);

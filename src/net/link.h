/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Links and addresses of one network namespace, as plain tables. The field terms are rtnetlink's (rtnetlink(7),
 * linux/if_link.h, linux/if_addr.h). No I/O.
 */
#pragma once

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NET_KIND_LEN 32

/* An address as struct tuple has it: family 4 or 6 (0: none), network byte order, v4 in the first four bytes. */
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
	char kind[NET_KIND_LEN];  /* veth, netkit, bridge, …; empty: none; cut to fit */
	bool up;		  /* IFF_UP */
	bool has_iflink, has_link_netnsid, has_master, has_mac, has_stats;
	uint32_t iflink;      /* ifindex of the peer or lower device, in the namespace link_netnsid names */
	int32_t link_netnsid; /* id in this namespace's own numbering; absent: iflink is in this namespace */
	uint32_t master;      /* ifindex */
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
	struct net_link *links; /* owned; sorted by ifindex after net_tables_sort() */
	size_t n_links;
	struct net_addr *addrs; /* owned */
	size_t n_addrs;
};

void net_tables_free(struct net_tables *t);
int net_tables_add_link(struct net_tables *t, const struct net_link *link); /* 0 or -ENOMEM */
int net_tables_add_addr(struct net_tables *t, const struct net_addr *addr);
void net_tables_sort(struct net_tables *t);
/* NULL if there is none; borrowed. Needs sorted tables. */
const struct net_link *net_tables_find(const struct net_tables *t, uint32_t ifindex);

/* From inet_pton(3) notation; false if it is no address. */
bool net_ip_parse(const char *s, struct net_ip *ret);
bool net_ip_equal(const struct net_ip *a, const struct net_ip *b);
/* By value: 169.254.0.0/16 (RFC 3927), fe80::/10 (RFC 4291). */
bool net_ip_is_link_local(const struct net_ip *ip);
#define NET_IP_TEXT_MAX 46 /* INET6_ADDRSTRLEN */
void net_ip_text(const struct net_ip *ip, char ret[static NET_IP_TEXT_MAX]);

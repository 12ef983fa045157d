/* SPDX-License-Identifier: GPL-2.0-only */
#include "net/link.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

static_assert(NET_IP_TEXT_MAX == INET6_ADDRSTRLEN, "room for any address");

void net_tables_free(struct net_tables *t)
{
	free(t->links);
	free(t->addrs);
	*t = (struct net_tables){0};
}

int net_tables_add_link(struct net_tables *t, const struct net_link *link)
{
	if (ARRAY_GROW(t->links, t->n_links) < 0)
		return -ENOMEM;
	t->links[t->n_links++] = *link;
	return 0;
}

int net_tables_add_addr(struct net_tables *t, const struct net_addr *addr)
{
	if (ARRAY_GROW(t->addrs, t->n_addrs) < 0)
		return -ENOMEM;
	t->addrs[t->n_addrs++] = *addr;
	return 0;
}

static int compare_ifindex(const void *a, const void *b)
{
	uint32_t x = ((const struct net_link *)a)->ifindex, y = ((const struct net_link *)b)->ifindex;

	return x < y ? -1 : x > y;
}

void net_tables_sort(struct net_tables *t)
{
	if (t->n_links)
		qsort(t->links, t->n_links, sizeof(*t->links), compare_ifindex);
}

const struct net_link *net_tables_find(const struct net_tables *t, uint32_t ifindex)
{
	struct net_link key = {.ifindex = ifindex};

	return t->n_links ? bsearch(&key, t->links, t->n_links, sizeof(key), compare_ifindex) : NULL;
}

bool net_tables_repeat(const struct net_tables *t, size_t a)
{
	for (size_t b = 0; b < a; b++)
		if (t->addrs[b].ifindex == t->addrs[a].ifindex && net_ip_equal(&t->addrs[b].ip, &t->addrs[a].ip))
			return true;
	return false;
}

bool net_ip_parse(const char *s, struct net_ip *ret)
{
	struct net_ip ip = {0};

	if (inet_pton(AF_INET, s, ip.bytes) == 1)
		ip.family = 4;
	else if (inet_pton(AF_INET6, s, ip.bytes) == 1)
		ip.family = 6;
	else
		return false;
	*ret = ip;
	return true;
}

bool net_ip_equal(const struct net_ip *a, const struct net_ip *b)
{
	return a->family == b->family && !memcmp(a->bytes, b->bytes, a->family == 4 ? 4 : 16);
}

bool net_ip_is_link_local(const struct net_ip *ip)
{
	if (ip->family == 4)
		return ip->bytes[0] == 169 && ip->bytes[1] == 254;
	return ip->family == 6 && ip->bytes[0] == 0xfe && (ip->bytes[1] & 0xc0) == 0x80;
}

void net_ip_text(const struct net_ip *ip, char ret[static NET_IP_TEXT_MAX])
{
	ret[0] = '\0';
	if (ip->family)
		inet_ntop(ip->family == 4 ? AF_INET : AF_INET6, ip->bytes, ret, NET_IP_TEXT_MAX);
}

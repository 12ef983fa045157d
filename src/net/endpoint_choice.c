/* SPDX-License-Identifier: GPL-2.0-only */
#include "net/endpoint_choice.h"

#include <stdio.h>
#include <string.h>

#define SHOWN_MAX 4 /* more are only counted */

void endpoint_choice_add(struct endpoint_choice *c, const struct net_snapshot *s, size_t i, const struct net_link *link,
			 const struct net_ip *ip, const char *pod)
{
	char netns[NETNS_TEXT_MAX], text[NET_IP_TEXT_MAX];
	size_t len = strlen(c->all);

	c->n_netns += c->n == 0 || c->ns != i;
	c->n++;
	c->ns = i;
	c->link = link;
	c->ip = *ip;
	netns_format(&s->list.v[i], netns);
	net_ip_text(ip, text);
	if (c->n <= SHOWN_MAX)
		snprintf(c->all + len, sizeof(c->all) - len, "%snetns:%s,%s,%s%s%s%s", len ? " or " : "", netns,
			 link->ifname, text, pod ? " (" : "", pod ? pod : "", pod ? ")" : "");
	else if (c->n == SHOWN_MAX + 1)
		snprintf(c->all + len, sizeof(c->all) - len, " or others");
}

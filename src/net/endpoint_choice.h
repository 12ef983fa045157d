/* SPDX-License-Identifier: GPL-2.0-only */
/* Collects the interfaces that what a user typed may mean, to take the only one, or to name them all. */
#pragma once

#include "net/endpoint.h"

struct endpoint_choice {
	size_t n;	/* addresses on interfaces */
	size_t n_netns; /* namespaces that they are in; counts right if they are added namespace by namespace */
	size_t ns;	/* of the last one: index in the snapshot's list */
	const struct net_link *link; /* of the last one; borrowed from the snapshot */
	struct net_ip ip;	     /* the last one */
	char all[400];		     /* for the user: each as text that endpoint_resolve() takes */
};

/* pod: its name, shown beside the text; NULL: none. */
void endpoint_choice_add(struct endpoint_choice *c, const struct net_snapshot *s, size_t i, const struct net_link *link,
			 const struct net_ip *ip, const char *pod);

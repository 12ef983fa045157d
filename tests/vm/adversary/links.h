/* SPDX-License-Identifier: GPL-2.0-only */
/* Devices, addresses, routes, and the one NAT rule. */
#ifndef ADVERSARY_LINKS_H
#define ADVERSARY_LINKS_H

#include "adversary.h"

extern const char *const links_lxc[2]; /* names */

/* Says what failed; returns err. */
int links_fail(const char *what, int err);
int links_make(void);
void links_remove(void);
/* The filters behind our programs, which carry out ACT_MIRRED. They need the clsact qdiscs. */
int links_add_mirred(void);
/* Bridge ports and routes, as the way wants them. */
int links_for_way(struct setup *s, const struct way *w);
/* Whether 10.96.0.1 is translated to the second pod. */
int links_vip(struct setup *s, bool want);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* Building the list of owners. Private to this room. */
#pragma once

#include "owner/owner.h"

/* Appends an owner whose text is the line in o, which is emptied. NULL: no room, or out of memory, which the list
 * notes; the functions below take that. */
struct owner *owner_add(struct owner_list *l, enum owner_kind kind, struct out *o);
/* name is a literal; text is copied. */
void owner_text(struct owner_list *l, struct owner *w, const char *name, const char *text);
void owner_number(struct owner_list *l, struct owner *w, const char *name, uint64_t number);

/* Each appends the owners of one topic. */
void owner_find_netfilter(const struct owner_facts *f, const struct node_state *s, struct owner_list *l);
void owner_find_route(const struct owner_facts *f, const struct node_state *s, struct owner_list *l);
void owner_find_source(const struct owner_facts *f, const struct node_state *s, struct owner_list *l);
void owner_find_forward(const struct owner_facts *f, const struct node_state *s, struct owner_list *l);
void owner_find_qdisc(const struct owner_facts *f, const struct node_state *s, struct owner_list *l);
void owner_find_program(const struct owner_facts *f, const struct node_state *s, struct owner_list *l);
void owner_find_tc(const struct owner_facts *f, const struct node_state *s, struct owner_list *l);
void owner_find_mtu(const struct owner_facts *f, const struct node_state *s, struct owner_list *l);
void owner_find_neighbour(const struct owner_facts *f, const struct node_state *s, struct owner_list *l);
void owner_find_socket(const struct owner_facts *f, const struct node_state *s, struct owner_list *l);
void owner_find_xfrm(const struct owner_facts *f, const struct node_state *s, struct owner_list *l);

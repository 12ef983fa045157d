/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rules name the hooks of the evidence programs. They ask for the mechanism's steps in their order (sequence.h), and
 * that each of the hooks that a packet cannot avoid saw it as often as these steps do: so there were no others.
 */
#include "check/same_node_rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "check/sequence.h"

static _printf_(2, 3) int append(struct buf *b, const char *fmt, ...)
{
	char text[256];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return buf_append(b, text, n < (int)sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

/* Copies a name for a comment, without bytes that would end the comment or control a terminal. */
static void plain(const char *name, char *ret, size_t size)
{
	size_t i = 0;

	for (; i < size - 1 && name[i]; i++)
		ret[i] = name[i] > ' ' && name[i] < '\x7f' ? name[i] : '?';
	ret[i] = '\0';
}

static int append_point(const struct check_setup *setup, const struct same_node_rules_names *names, enum point p,
			struct buf *b)
{
	const struct iface *i = &setup->points[p];
	char ifname[64], where[64];

	plain(i->ifname, ifname, sizeof(ifname));
	plain(names->where[p] ? names->where[p] : "", where, sizeof(where));
	return append(b, "let %-8s = iface index:%u netns inode:%u  # %s%s%s\n", point_name(p), i->ifindex, i->netns,
		      ifname, where[0] ? " in " : "", where);
}

/* Whether the rules count the function. A redirect's return is counted with its entry, all kinds of IP input as one. */
static bool is_counted(enum sequence_kind kind, const struct same_node_rules_names *names)
{
	switch (kind) {
	case SEQ_XMIT:
	case SEQ_RECEIVE:
	case SEQ_REDIRECT:
	case SEQ_INPUT:
	case SEQ_FORWARD:
		return true;
	case SEQ_BRIDGE:
	case SEQ_NETKIT:
	case SEQ_VETH:
		return names->has[kind];
	default:
		return false;
	}
}

/* How often a packet passes the function. The veth driver is behind each transmission, except netkit's. */
static unsigned count_of(enum mechanism m, enum sequence_kind kind)
{
	const struct sequence *s = sequence_of(m);
	const char *func = sequence_func(kind == SEQ_VETH && m != MECH_NETKIT ? SEQ_XMIT : kind, 4);
	unsigned n = 0;

	for (unsigned i = 0; i < s->n; i++)
		n += strcmp(sequence_func(sequence_step_kind(s->steps[i]), 4), func) == 0;
	return n;
}

static int append_sequence(const struct check_setup *setup, const struct same_node_rules_names *names,
			   enum direction dir, unsigned family, struct buf *b)
{
	const struct sequence *s = sequence_of(setup->expect);
	int r = append(b, "  # %s: these steps and no others\n", mechanism_name(setup->expect));

	for (unsigned i = 0; r >= 0 && i < s->n; i++)
		r = append(b, "  expect %s on $%s else inconclusive%s\n",
			   sequence_func(sequence_step_kind(s->steps[i]), family),
			   point_name(direction_point(dir, sequence_step_place(s->steps[i]))),
			   sequence_step_kind(s->steps[i]) == SEQ_PEER ? "  # its return" : "");
	for (enum sequence_kind kind = SEQ_XMIT; r >= 0 && kind < SEQ_KIND_MAX; kind++) {
		if (is_counted(kind, names))
			r = append(b, "  count %s == %u else inconclusive\n", sequence_func(kind, family),
				   count_of(setup->expect, kind));
	}
	return r;
}

static int append_direction(const struct check_setup *setup, const struct same_node_rules_names *names,
			    enum direction dir, struct buf *b)
{
	const char *src = dir == DIRECTION_REQUEST ? names->src : names->dst;
	const char *dst = dir == DIRECTION_REQUEST ? names->dst : names->src;
	unsigned family = strchr(src, ':') ? 6 : 4;
	int r = append(b, "\npacket %s %s -> %s %s", direction_name(dir), src, dst, names->proto);

	if (r >= 0 && names->port)
		r = append(b, " %s %u", dir == DIRECTION_REQUEST ? "dport" : "sport", names->port);
	if (r >= 0)
		r = append(b, "\n");
	if (r >= 0)
		r = append_sequence(setup, names, dir, family, b);
	/* copies, which no expect is about, are held against this */
	if (r >= 0 && setup->expect == MECH_REDIRECT_PEER)
		r = append(b, "  forbid net_dev_start_xmit|netif_receive_skb|skb_do_redirect|%s%s on $%s\n",
			   sequence_func(SEQ_INPUT, family), names->has[SEQ_VETH] ? "|veth_xmit" : "",
			   point_name(direction_forbidden(dir)));
	return r;
}

int same_node_rules(const struct check_setup *setup, const struct same_node_rules_names *names, struct buf *ret)
{
	int r = append(ret, "# check same-node, by the hooks of its evidence programs\n");

	for (enum point p = 0; r >= 0 && p < POINT_MAX; p++)
		r = append_point(setup, names, p, ret);
	for (enum direction dir = 0; r >= 0 && dir < DIRECTION_MAX; dir++)
		r = append_direction(setup, names, dir, ret);
	return r;
}

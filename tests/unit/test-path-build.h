/* SPDX-License-Identifier: GPL-2.0-only */
/* Events from the tables of test-path-material.h, and packets from those. */
#pragma once

#include <criterion/criterion.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "path/packets.h"
#include "test-path-material.h"

#define STEP_NS	   1000 /* between two events */
#define START_NS   UINT64_C(5000000000)
#define HOST_NETNS 4026531840u

struct build {
	struct packets *packets;
	uint64_t ts_ns;
	size_t limit;	     /* events of a packet that are taken; 0: all */
	const char *wait_at; /* the function before which wait_ns pass; NULL none */
	uint64_t wait_ns;
	char names[4096]; /* functions, without their parting blanks */
	size_t names_len;
};

/* The word, for as long as the build lives: the library compares and keeps pointers. */
static inline const char *build_name(struct build *b, const char *s, size_t len)
{
	char *name;

	for (size_t at = 0; at < b->names_len; at += strlen(b->names + at) + 1)
		if (strlen(b->names + at) == len && memcmp(b->names + at, s, len) == 0)
			return b->names + at;
	name = b->names + b->names_len;
	cr_assert(b->names_len + len + 1 <= sizeof(b->names));
	memcpy(name, s, len);
	name[len] = '\0';
	b->names_len += len + 1;
	return name;
}

/* !REASON@SYMBOL */
static inline void build_drop(struct build *b, const char *s, size_t len, struct event *ev)
{
	const char *at = memchr(s, '@', len);

	ev->func = "kfree_skb";
	ev->source = ST_SRC_KFREE;
	ev->has_location = true;
	ev->location = 0xffffffff81234567;
	ev->drop_symbol = build_name(b, at + 1, len - (size_t)(at + 1 - s));
	ev->drop_offset = 0x23;
	ev->has_reason = at > s + 1;
	ev->drop_reason_name = ev->has_reason ? build_name(b, s + 1, (size_t)(at - s - 1)) : NULL;
}

/* <NAME:WHERE its entry, >NAME:WHERE=VALUE its exit, @NAME:WHERE its call of bpf_redirect_peer, /NAME:WHERE=VALUE the
 * exit of a function of it. WHERE: where the program is attached, a letter of the table, or any other: not known. */
static inline void build_prog(struct build *b, const char *s, size_t len, struct event *ev)
{
	static const char letters[] = "iexXn"; /* in the order of enum event_hook */
	const char *where = memchr(s, ':', len);
	const char *hook = strchr(letters, where[1]);

	ev->prog = (struct event_prog){.id = 45,
				       .name = build_name(b, s + 1, (size_t)(where - s - 1)),
				       .hooks = hook ? 1u << (hook - letters) : 0,
				       .xdp = where[1] == 'd',
				       .func = s[0] == '/',
				       .has_value = s[0] == '>' || s[0] == '/'};
	ev->source = ST_SRC_PROG_ENTRY;
	ev->func = ev->prog.func ? "parse" : ev->prog.name;
	if (ev->prog.has_value) {
		ev->source = ST_SRC_PROG_EXIT;
		ev->prog.value = strtoul(where + 3, NULL, 10);
	}
	if (s[0] == '@') {
		ev->source = ST_SRC_PROG_CALL;
		ev->prog.has_target = true;
		ev->prog.call = ST_CALL_REDIRECT_PEER;
		ev->prog.ifindex = 22;
		strcpy(ev->prog.ifname, "lxc2");
		ev->func = event_call_name(ST_CALL_REDIRECT_PEER);
	}
	if (ev->prog.xdp)
		ev->skb = 0;
}

static inline struct event build_event(const struct visit *visit, const struct event *base)
{
	static const char *const names[] = {NULL, "pod1", "pod2", NULL};
	struct event ev = *base;

	ev.skb = 0xffff888000001000 + 0x100 * (base->pkt * 8 + visit->copy);
	ev.has_netns = visit->netns != 0;
	ev.netns = visit->netns == 3 ? HOST_NETNS : 4026532000u + visit->netns;
	ev.netns_name = names[visit->netns];
	ev.has_dev = visit->ifname != NULL;
	ev.ifindex = visit->ifindex;
	if (visit->ifname)
		strcpy(ev.ifname, visit->ifname);
	return ev;
}

/* All of a packet's events; base has its number, tuple and sender. Returns how many. */
static inline size_t build_packet(struct build *b, const struct visit *visits, size_t n, const struct event *base)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		for (const char *s = visits[i].funcs; *s;) {
			struct event ev = build_event(&visits[i], base);
			size_t len = strcspn(s, " ");

			if (s[0] == '!')
				build_drop(b, s, len, &ev);
			else if (strchr("<>@/", s[0]))
				build_prog(b, s, len, &ev);
			else
				ev.func = build_name(b, s, len);
			if (b->wait_at && strcmp(ev.func, b->wait_at) == 0)
				b->ts_ns += b->wait_ns;
			ev.ts_ns = b->ts_ns;
			b->ts_ns += STEP_NS;
			if (!b->limit || count < b->limit)
				cr_assert_eq(packets_add(b->packets, &ev), 0);
			count++;
			s += len + (s[len] == ' ');
		}
	}
	return count;
}

#define V4(s, d) .family = 4, .src = {10, 0, 0, s}, .dst = {10, 0, 0, d}, .has_l4 = true
#define REQUEST(seq)                                                                                                   \
	{                                                                                                              \
		V4(133, 67), .l4 = IPPROTO_ICMP, .has_icmp = true, .icmp_type = 8, .has_icmp_id = true, .icmp_id = 77, \
			     .icmp_seq = seq                                                                           \
	}
#define REPLY(seq)                                                                                                     \
	{                                                                                                              \
		V4(67, 133), .l4 = IPPROTO_ICMP, .has_icmp = true, .icmp_type = 0, .has_icmp_id = true, .icmp_id = 77, \
			     .icmp_seq = seq                                                                           \
	}
#define UDP(s, d, sp, dp)                                                                                              \
	{                                                                                                              \
		V4(s, d), .l4 = IPPROTO_UDP, .has_ports = true, .sport = sp, .dport = dp                               \
	}
#define TCP(s, d, sp, dp, flags)                                                                                       \
	{                                                                                                              \
		V4(s, d), .l4 = IPPROTO_TCP, .has_ports = true, .sport = sp, .dport = dp, .has_tcp = true,             \
			  .tcp_flags = flags                                                                           \
	}
#define PING(number, t)                                                                                                \
	{                                                                                                              \
		.pkt = number, .tuple = t, .pid = 1234, .comm = "ping", .proto = 0x0800, .len_bytes = 98               \
	}

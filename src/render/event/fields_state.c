/* SPDX-License-Identifier: GPL-2.0-only */
/* Connection tracking and routing, as fields of an event. */
#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/cleanup.h"
#include "event/tuple.h"
#include "render/event/fields_parts.h"
#include "render/out/escape.h"
#include "render/event/tuple_json.h"

/* enum ip_conntrack_info, include/uapi/linux/netfilter/nf_conntrack_common.h */
#define CT_UNTRACKED 7
static const char *const ct_infos[] = {[0] = "established",	  [1] = "related",	 [2] = "new",
				       [3] = "established_reply", [4] = "related_reply", [CT_UNTRACKED] = "untracked"};

/* The bits of enum ip_conntrack_status, in the same header */
static const char *const ct_bits[] = {"expected",   "seen_reply", "assured",   "confirmed", "snat",	     "dnat",
				      "seq_adjust", "snat_done",  "dnat_done", "dying",	    "fixed_timeout", "template",
				      "untracked",  "helper",	  "offload",   "hw_offload"};

/* RTN_*, include/uapi/linux/rtnetlink.h */
static const char *const route_types[] = {"unspec",    "unicast",     "local",	  "broadcast", "anycast", "multicast",
					  "blackhole", "unreachable", "prohibit", "throw",     "nat",	  "xresolve"};

/* NFPROTO_*, NF_INET_*, NF_ARP_*, NF_NETDEV_*, NF_BR_*, and verdicts: include/uapi/linux/netfilter.h and below it */
static const char *const nf_families[] = {
	[1] = "inet", [2] = "ip", [3] = "arp", [5] = "netdev", [7] = "bridge", [10] = "ip6"};
static const char *const inet_hooks[] = {"prerouting", "input", "forward", "output", "postrouting", "ingress"};
static const char *const arp_hooks[] = {"input", "output", "forward"};
static const char *const netdev_hooks[] = {"ingress", "egress"};
static const char *const verdicts[] = {"drop", "accept", "stolen", "queue", "repeat"};

static const char *name_in(const char *const *names, size_t n, uint64_t i)
{
	return i < n ? names[i] : NULL;
}

static bool has_ports(uint8_t l4)
{
	return l4 == IPPROTO_TCP || l4 == IPPROTO_UDP || l4 == IPPROTO_SCTP || l4 == IPPROTO_DCCP ||
	       l4 == IPPROTO_UDPLITE;
}

static struct tuple ct_tuple(const struct st_ct_tuple *ct)
{
	struct tuple t = {.family = ct->l3num == AF_INET    ? 4
				    : ct->l3num == AF_INET6 ? 6
							    : 0,
			  .has_l4 = true,
			  .l4 = ct->protonum,
			  .has_ports = has_ports(ct->protonum)};

	memcpy(t.src, ct->src, t.family == 4 ? 4 : 16);
	memcpy(t.dst, ct->dst, t.family == 4 ? 4 : 16);
	if (t.has_ports) {
		t.sport = ntohs(ct->sport_be);
		t.dport = ntohs(ct->dport_be);
	} else if (ct->protonum == IPPROTO_ICMP || ct->protonum == IPPROTO_ICMPV6) {
		t.has_icmp = true;
		t.icmp_type = (uint8_t)(ntohs(ct->dport_be) >> 8);
		t.icmp_code = (uint8_t)ntohs(ct->dport_be);
	}
	return t;
}

/* A packet that a rule excluded has neither entry nor tuples. */
static bool is_untracked(const struct st_conntrack *ct)
{
	return ct->info == CT_UNTRACKED && !ct->orig.l3num;
}

static void ct_tuple_field(struct json *j, const char *key, const struct st_ct_tuple *ct)
{
	struct tuple t = ct_tuple(ct);

	json_key(j, key);
	tuple_object(j, &t);
}

void fields_ct_json(struct json *j, const struct event *ev)
{
	const struct st_conntrack *ct = &ev->parts->ct;
	json_object(j);
	json_field_str(j, "state", name_in(ct_infos, ARRAY_SIZE(ct_infos), ct->info));
	json_field_array(j, "status");
	for (unsigned i = 0; i < ARRAY_SIZE(ct_bits); i++)
		if (ct->status & UINT64_C(1) << i)
			json_str(j, ct_bits[i]);
	json_array_end(j);
	if (is_untracked(ct)) {
		json_field_null(j, "orig");
		json_field_null(j, "reply");
	} else {
		ct_tuple_field(j, "orig", &ct->orig);
		ct_tuple_field(j, "reply", &ct->reply);
	}
	json_field_u64(j, "mark", ct->mark);
	json_field_u64(j, "zone", ct->zone);
	json_object_end(j);
}

static void ct_tuple_word(struct out *o, const struct st_ct_tuple *ct)
{
	struct tuple t = ct_tuple(ct);
	char text[TUPLE_TEXT_SIZE];

	out_mem(o, text, tuple_format(&t, 0, text));
}

/* established[snat]:ORIG/REPLY; untracked */
void fields_ct_text(struct out *o, const struct event *ev)
{
	const struct st_conntrack *ct = &ev->parts->ct;
	const char *info;

	info = name_in(ct_infos, ARRAY_SIZE(ct_infos), ct->info);
	if (info)
		out_str(o, info);
	else
		out_u64(o, ct->info);
	if (ct->status & 0x30)
		out_str(o, (ct->status & 0x30) == 0x30 ? "[snat,dnat]" : ct->status & 0x10 ? "[snat]" : "[dnat]");
	if (is_untracked(ct))
		return;
	out_char(o, ':');
	ct_tuple_word(o, &ct->orig);
	out_char(o, '/');
	ct_tuple_word(o, &ct->reply);
}

static const char *gateway(const struct st_route *r, char *text)
{
	if (!r->gateway_family)
		return NULL;
	addr_format(r->gateway_family == AF_INET6 ? 6 : 4, r->gateway, text);
	return text;
}

void fields_route_json(struct json *j, const struct event *ev)
{
	const struct st_route *r = &ev->parts->route;
	char text[ADDR_TEXT_SIZE];

	json_object(j);
	json_field_str(j, "type", r->type ? name_in(route_types, ARRAY_SIZE(route_types), r->type) : NULL);
	json_field_str(j, "gateway", gateway(r, text));
	json_field_u64(j, "netns", r->netns);
	json_field_u64(j, "ifindex", r->ifindex);
	json_field_str(j, "ifname", r->ifname);
	json_field_i64(j, "error", r->error);
	json_object_end(j);
}

/* unicast,via=10.0.0.1,dev=eth0:2 */
void fields_route_text(struct out *o, const struct event *ev)
{
	const struct st_route *r = &ev->parts->route;
	char text[ADDR_TEXT_SIZE];
	const char *type;

	type = name_in(route_types, ARRAY_SIZE(route_types), r->type);
	out_str(o, type ? type : "unknown");
	if (r->gateway_family) {
		out_str(o, ",via=");
		out_str(o, gateway(r, text));
	}
	out_str(o, ",dev=");
	out_escaped_word(o, r->ifname);
	out_char(o, ':');
	out_u64(o, r->ifindex);
	if (r->error) {
		out_str(o, ",error=");
		out_i64(o, r->error);
	}
}

static const char *family_name(const struct st_netfilter *nf)
{
	return name_in(nf_families, ARRAY_SIZE(nf_families), nf->pf);
}

static const char *hook_name(const struct st_netfilter *nf)
{
	switch (nf->pf) {
	case 0:
		return NULL;
	case 3:
		return name_in(arp_hooks, ARRAY_SIZE(arp_hooks), nf->hook);
	case 5:
		return name_in(netdev_hooks, ARRAY_SIZE(netdev_hooks), nf->hook);
	default:
		return name_in(inet_hooks, ARRAY_SIZE(inet_hooks), nf->hook);
	}
}

static const char *verdict_name(const struct st_netfilter *nf)
{
	/* the mask is NF_VERDICT_MASK; NF_DROP_REASON() (6.8) frees the packet and returns NF_STOLEN with an error
	 * above it */
	if ((nf->verdict & 0xff) == 2 && nf->verdict >> 16)
		return verdicts[0];
	return name_in(verdicts, ARRAY_SIZE(verdicts), nf->verdict & 0xff);
}

void fields_netfilter_json(struct json *j, const struct event *ev)
{
	const struct st_netfilter *nf = &ev->parts->netfilter;

	json_object(j);
	json_field_str(j, "family", family_name(nf));
	json_field_str(j, "hook", hook_name(nf));
	json_field_str(j, "table", nf->table);
	json_field_str(j, "chain", nf->chain);
	json_field_str(j, "verdict", verdict_name(nf));
	json_object_end(j);
}

static void word_or_number(struct out *o, const char *name, uint32_t v)
{
	if (name)
		out_str(o, name);
	else
		out_u64(o, v);
}

/* ip:output:TABLE/CHAIN=drop */
void fields_netfilter_text(struct out *o, const struct event *ev)
{
	const struct st_netfilter *nf = &ev->parts->netfilter;

	word_or_number(o, family_name(nf), nf->pf);
	out_char(o, ':');
	word_or_number(o, hook_name(nf), nf->hook);
	out_char(o, ':');
	out_escaped_word(o, nf->table);
	out_char(o, '/');
	out_escaped_word(o, nf->chain);
	out_char(o, '=');
	word_or_number(o, verdict_name(nf), nf->verdict);
}

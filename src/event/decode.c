/* SPDX-License-Identifier: GPL-2.0-only */
#include "event/event.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>

#include "base/read.h"

/* The addresses follow the fixed part of a record without padding, here as in bpf/. */
static_assert(sizeof(struct st_event) == 128, "layout of struct st_event");
static_assert(offsetof(struct st_event, addrs) == sizeof(struct st_event), "no padding before the addresses");

static int decode_addrs(struct rd *r, uint16_t valid, struct tuple *ret)
{
	unsigned kinds = !!(valid & ST_VALID_IP4) + !!(valid & ST_VALID_IP6) + !!(valid & ST_VALID_ARP);
	size_t addr_bytes;

	if (kinds > 1)
		return -EBADMSG;
	if (!kinds)
		return 0;
	ret->family = valid & ST_VALID_IP4 ? 4 : valid & ST_VALID_IP6 ? 6 : 0;
	addr_bytes = valid & ST_VALID_IP6 ? 16 : 4;
	rd_copy(r, ret->src, addr_bytes);
	rd_copy(r, ret->dst, addr_bytes);
	return r->failed ? -EBADMSG : 0;
}

static void decode_l4(const struct st_event *rec, struct tuple *ret)
{
	ret->arp_op = rec->valid & ST_VALID_ARP ? rec->icmp_code : 0;
	ret->has_l4 = rec->valid & ST_VALID_L4;
	ret->has_ports = rec->valid & ST_VALID_PORTS;
	ret->has_tcp = rec->valid & ST_VALID_TCP;
	ret->has_icmp = rec->valid & ST_VALID_ICMP;
	ret->has_icmp_id = rec->valid & ST_VALID_ICMP_ID;
	if (ret->has_l4)
		ret->l4 = rec->l4;
	if (ret->has_ports) {
		ret->sport = ntohs(rec->sport_be);
		ret->dport = ntohs(rec->dport_be);
	}
	if (ret->has_tcp)
		ret->tcp_flags = rec->tcp_flags;
	if (ret->has_icmp) {
		ret->icmp_type = rec->icmp_type;
		ret->icmp_code = rec->icmp_code;
	}
	if (ret->has_icmp_id) {
		ret->icmp_id = ntohs(rec->sport_be);
		ret->icmp_seq = ntohs(rec->dport_be);
	}
}

static void decode_dev(const struct st_event *rec, struct event *ret)
{
	ret->has_netns = rec->valid & ST_VALID_NETNS;
	if (ret->has_netns)
		ret->netns = rec->netns;
	ret->has_dev = rec->valid & ST_VALID_DEV;
	if (!ret->has_dev)
		return;
	ret->ifindex = rec->ifindex;
	ret->mtu = rec->mtu;
	memcpy(ret->ifname, rec->ifname, sizeof(ret->ifname) - 1);
}

static int decode_prog(const struct st_event *rec, struct event_prog *ret)
{
	*ret = (struct event_prog){.id = rec->prog};
	if (!ret->id)
		return -EBADMSG;
	if (rec->source == ST_SRC_PROG_CALL) {
		if (rec->call >= ST_CALL_MAX)
			return -EBADMSG;
		ret->has_target = true;
		ret->call = (enum st_call)rec->call;
		ret->ifindex = (uint32_t)rec->value;
		ret->flags = rec->value >> 32;
		return 0;
	}
	ret->func = rec->prog_func;
	ret->has_value = rec->source == ST_SRC_PROG_EXIT;
	if (ret->has_value)
		ret->value = rec->value;
	return 0;
}

static bool is_prog(const struct st_event *rec)
{
	return rec->source == ST_SRC_PROG_ENTRY || rec->source == ST_SRC_PROG_EXIT || rec->source == ST_SRC_PROG_CALL;
}

static void decode_return(const struct st_event *rec, struct event *ret)
{
	if (rec->source == ST_SRC_RETURN)
		ret->ret = (struct event_return){.here = true, .value = rec->value};
}

static void decode_drop(const struct st_event *rec, struct event *ret)
{
	ret->has_location = rec->valid & ST_VALID_LOCATION;
	if (ret->has_location)
		ret->location = rec->location;
	ret->has_reason = rec->valid & ST_VALID_REASON;
	if (ret->has_reason)
		ret->drop_reason = rec->drop_reason;
}

int event_decode(const void *data, size_t size, struct event *ret)
{
	struct rd r = rd_init(data, size);
	struct event ev = {0};
	struct st_event rec;
	int err;

	if (!rd_copy(&r, &rec, sizeof(rec)) || rec.source > ST_SRC_COPY)
		return -EBADMSG;
	err = decode_addrs(&r, rec.valid, &ev.tuple);
	if (err >= 0 && is_prog(&rec))
		err = decode_prog(&rec, &ev.prog);
	if (err < 0)
		return err;

	ev.ts_ns = rec.ts_ns;
	ev.cpu_seq = rec.seq;
	ev.cpu = rec.cpu;
	ev.source = rec.source;
	ev.addr = is_prog(&rec) ? 0 : rec.addr;
	ev.skb = rec.skb;
	ev.head = rec.head;
	ev.origin = rec.origin;
	ev.copy = rec.source == ST_SRC_COPY ? rec.value : 0;
	ev.mark = rec.mark;
	ev.len_bytes = rec.len_bytes;
	ev.proto = ntohs(rec.proto_be);
	ev.pid = rec.pid;
	memcpy(ev.comm, rec.comm, strnlen(rec.comm, sizeof(ev.comm) - 1));
	decode_l4(&rec, &ev.tuple);
	decode_dev(&rec, &ev);
	decode_drop(&rec, &ev);
	decode_return(&rec, &ev);
	*ret = ev;
	return 0;
}

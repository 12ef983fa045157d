/* SPDX-License-Identifier: GPL-2.0-only */
#include "record/entry.h"

#include <assert.h>

#include "base/cleanup.h"
#include "event/parts.h"

static void site_io(struct io *io, struct event *ev)
{
	io_fixed64(io, &ev->addr);
	io_string(io, &ev->func);
	io_string(io, &ev->module);
}

static void location_io(struct io *io, struct event *ev)
{
	ev->has_location = true;
	io_fixed64(io, &ev->location);
	io_string(io, &ev->drop_symbol);
	IO_UINT(io, ev->drop_offset);
	if (io->to || io->from.left) /* since 1.1 */
		io_string(io, &ev->drop_via);
}

static void reason_io(struct io *io, struct event *ev)
{
	ev->has_reason = true;
	IO_UINT(io, ev->drop_reason);
	io_string(io, &ev->drop_reason_name);
}

static void cpu_io(struct io *io, struct event *ev)
{
	IO_UINT(io, ev->cpu);
}

/* The head is written as its distance from the skb, which is mostly short. */
static void packet_io(struct io *io, struct event *ev)
{
	int64_t distance = (int64_t)(ev->head - ev->skb);

	IO_UINT(io, ev->pkt);
	io_fixed64(io, &ev->skb);
	io_i64(io, &distance);
	ev->head = ev->skb + (uint64_t)distance;
}

static void netns_io(struct io *io, struct event *ev)
{
	ev->has_netns = true;
	IO_UINT(io, ev->netns);
	io_string(io, &ev->netns_name);
}

static void dev_io(struct io *io, struct event *ev)
{
	ev->has_dev = true;
	IO_UINT(io, ev->ifindex);
	IO_UINT(io, ev->mtu);
	io_chars(io, ev->ifname, sizeof(ev->ifname));
}

static void task_io(struct io *io, struct event *ev)
{
	IO_UINT(io, ev->pid);
	io_chars(io, ev->comm, sizeof(ev->comm));
}

static void tuple_io(struct io *io, struct event *ev)
{
	entry_tuple_io(io, &ev->tuple);
}

/* When reading, ev->bytes points into the entry. */
static void bytes_io(struct io *io, struct event *ev)
{
	IO_UINT(io, ev->wire_bytes);
	IO_UINT(io, ev->n_bytes);
	if (io->to)
		io_bytes(io, (void *)ev->bytes, ev->n_bytes);
	else if (!io->err)
		ev->bytes = rd_bytes(&io->from, ev->n_bytes);
	if (!ev->bytes)
		io_fail(io, -EBADMSG);
}

/* Bits that say which members follow in the entry of a program. */
#define PROG_XDP	 (1u << 0)
#define PROG_VALUE	 (1u << 1)
#define PROG_TARGET	 (1u << 2)
#define PROG_HOOKS_SHIFT 3 /* the bits from there on are event_prog.hooks */

static void prog_io(struct io *io, struct event *ev)
{
	struct event_prog *p = &ev->prog;
	uint64_t bits = (p->xdp ? PROG_XDP : 0) | (p->has_value ? PROG_VALUE : 0) | (p->has_target ? PROG_TARGET : 0) |
			(uint64_t)p->hooks << PROG_HOOKS_SHIFT;
	uint32_t call = p->call;

	IO_UINT(io, p->id);
	IO_UINT(io, p->func);
	io_string(io, &p->name);
	io_u64(io, &bits);
	p->xdp = bits & PROG_XDP;
	p->has_value = bits & PROG_VALUE;
	p->has_target = bits & PROG_TARGET;
	p->hooks = bits >> PROG_HOOKS_SHIFT & EVENT_HOOKS_ALL;
	if (p->has_value)
		io_u64(io, &p->value);
	if (!p->has_target)
		return;
	IO_UINT(io, call);
	IO_UINT(io, p->ifindex);
	IO_UINT(io, p->flags);
	io_chars(io, p->ifname, sizeof(p->ifname));
	p->call = (enum st_call)call;
}

static void return_io(struct io *io, struct event *ev)
{
	unsigned kind = ev->ret.kind;

	ev->ret.here = true;
	IO_UINT(io, kind);
	if (kind >= RETURN_MAX)
		io_fail(io, -EBADMSG);
	ev->ret.kind = (enum return_kind)kind;
	io_u64(io, &ev->ret.value);
}

static void (*const parts[])(struct io *, struct event *) = {
	[REC_DICT_SITE] = site_io,	   [REC_DICT_LOCATION] = location_io, [REC_DICT_REASON] = reason_io,
	[REC_DICT_CPU] = cpu_io,	   [REC_DICT_PACKET] = packet_io,     [REC_DICT_NETNS] = netns_io,
	[REC_DICT_DEV] = dev_io,	   [REC_DICT_TASK] = task_io,	      [REC_DICT_TUPLE] = tuple_io,
	[REC_DICT_PARTS] = entry_parts_io, [REC_DICT_BYTES] = bytes_io,	      [REC_DICT_PROG] = prog_io,
	[REC_DICT_RETURN] = return_io,
};
static_assert(ARRAY_SIZE(parts) == REC_DICT_MAX, "every dictionary has a function");

bool entry_present(enum rec_dict kind, const struct event *ev)
{
	switch (kind) {
	case REC_DICT_LOCATION:
		return ev->has_location;
	case REC_DICT_REASON:
		return ev->has_reason;
	case REC_DICT_NETNS:
		return ev->has_netns;
	case REC_DICT_DEV:
		return ev->has_dev;
	case REC_DICT_PARTS:
		return ev->parts && ev->parts->has;
	case REC_DICT_BYTES:
		return ev->bytes && ev->n_bytes <= RECORD_BYTES_MAX;
	case REC_DICT_PROG:
		return ev->prog.id != 0;
	case REC_DICT_RETURN:
		return ev->ret.here;
	default:
		return true;
	}
}

void entry_io(enum rec_dict kind, struct io *io, struct event *ev)
{
	parts[kind](io, ev);
}

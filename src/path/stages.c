/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation
 *
 * The table is written for people: by stage and source file. It is searched once per event, so it has an index, by
 * hash and open addressing, whose keys are the table's own bytes. A pattern is indexed by its fixed part, marked as
 * prefix or suffix. One bit for each length says whether there is such a pattern, so that a search tries only these
 * lengths.
 */
#include "path/stages.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/hash.h"
#include "base/symbol.h"

#define PATTERN_LENGTH_MAX 63

enum kind { KIND_EXACT, KIND_PREFIX, KIND_SUFFIX };

struct slot {
	const char *name; /* points into the table; NULL: empty */
	uint16_t length;
	uint8_t kind;
	uint8_t stage;
};

struct stages {
	struct slot *slots; /* owned; a power of two */
	size_t mask;
	uint64_t lengths[3]; /* by kind; bit n: there is a pattern of n bytes */
};

static const struct {
	const char *name, *key;
} names[] = {
	[STAGE_NONE] = {"", "none"},
	[STAGE_WITHIN] = {"", "within"},
	[STAGE_SOCKET] = {"socket", "socket"},
	[STAGE_IP_OUTPUT] = {"IP output", "ip_output"},
	[STAGE_FRAGMENT] = {"fragmentation", "fragmentation"},
	[STAGE_NETFILTER] = {"netfilter hook", "netfilter"},
	[STAGE_CGROUP_BPF] = {"cgroup BPF", "cgroup_bpf"},
	[STAGE_XFRM] = {"IPsec (xfrm)", "xfrm"},
	[STAGE_TUNNEL] = {"tunnel", "tunnel"},
	[STAGE_NEIGHBOUR] = {"neighbour", "neighbour"},
	[STAGE_QDISC] = {"qdisc", "qdisc"},
	[STAGE_TC_EGRESS] = {"tc egress", "tc_egress"},
	[STAGE_TCX_EGRESS] = {"tcx egress", "tcx_egress"},
	[STAGE_GSO] = {"GSO", "gso"},
	[STAGE_DRIVER] = {"driver", "driver"},
	[STAGE_STACKED] = {"stacked device", "stacked_device"},
	[STAGE_VETH] = {"veth crossing", "veth"},
	[STAGE_NETKIT] = {"netkit crossing", "netkit"},
	[STAGE_BACKLOG] = {"softirq backlog", "backlog"},
	[STAGE_GRO] = {"GRO", "gro"},
	[STAGE_RECEIVE] = {"receive", "receive"},
	[STAGE_XDP] = {"XDP", "xdp"},
	[STAGE_TAP] = {"packet tap", "tap"},
	[STAGE_TC_INGRESS] = {"tc ingress", "tc_ingress"},
	[STAGE_TCX_INGRESS] = {"tcx ingress", "tcx_ingress"},
	[STAGE_REDIRECT] = {"BPF redirect", "redirect"},
	[STAGE_BRIDGE] = {"bridging", "bridge"},
	[STAGE_OVS] = {"Open vSwitch", "openvswitch"},
	[STAGE_IP_INPUT] = {"IP input", "ip_input"},
	[STAGE_REASSEMBLY] = {"reassembly", "reassembly"},
	[STAGE_FORWARD] = {"forwarding", "forward"},
	[STAGE_LOCAL] = {"local delivery", "local"},
	[STAGE_ICMP_ERROR] = {"ICMP error", "icmp_error"},
	[STAGE_SOCKET_QUEUE] = {"socket queue", "socket_queue"},
	[STAGE_SOCKET_READ] = {"socket read", "socket_read"},
	[STAGE_COPY] = {"copy", "copy"},
	[STAGE_DROP] = {"drop", "drop"},
	[STAGE_FREE] = {"free", "free"},
};
static_assert(ARRAY_SIZE(names) == STAGE_MAX, "every stage has its name");

const char *stage_name(enum stage stage)
{
	return names[stage].name;
}

const char *stage_key(enum stage stage)
{
	return names[stage].key;
}

bool stage_is_output(enum stage stage)
{
	return (stage >= STAGE_SOCKET && stage <= STAGE_DRIVER && stage != STAGE_NETFILTER) || stage == STAGE_FORWARD;
}

/* The slot that has the name, or the empty one where it belongs. */
static struct slot *find(const struct stages *s, const char *name, size_t length, enum kind kind)
{
	for (size_t i = hash_bytes(name, length) ^ kind;; i++) {
		struct slot *slot = &s->slots[i & s->mask];

		if (!slot->name || (slot->length == length && slot->kind == kind && !memcmp(slot->name, name, length)))
			return slot;
	}
}

static int add(struct stages *s, enum stage stage, const char *name, size_t length)
{
	enum kind kind = name[0] == '*' ? KIND_SUFFIX : name[length - 1] == '*' ? KIND_PREFIX : KIND_EXACT;
	struct slot *slot;

	name += kind == KIND_SUFFIX;
	length -= kind != KIND_EXACT;
	if (length > PATTERN_LENGTH_MAX)
		return -EINVAL;
	slot = find(s, name, length, kind);
	if (slot->name)
		return -EEXIST;
	*slot = (struct slot){.name = name, .length = (uint16_t)length, .kind = kind, .stage = (uint8_t)stage};
	s->lengths[kind] |= UINT64_C(1) << length;
	return 0;
}

/* Calls add() for each name of the table; only counts them if s is NULL. The count, or -errno. */
static int each_name(struct stages *s, const struct stage_row *table)
{
	int n = 0;

	for (const struct stage_row *row = table; row->funcs; row++) {
		for (const char *p = row->funcs; *p; n++) {
			size_t length = strcspn(p, " ");
			int r = s ? add(s, row->stage, p, length) : 0;

			if (r < 0)
				return r;
			p += length;
			p += strspn(p, " ");
		}
	}
	return n;
}

int stages_new_from(const struct stage_row *table, struct stages **ret)
{
	_cleanup_(stages_freep) struct stages *s = calloc(1, sizeof(*s));
	size_t size = 1, n = (size_t)each_name(NULL, table);
	int r;

	if (!s)
		return -ENOMEM;
	while (size < 2 * n + 2)
		size *= 2;
	s->mask = size - 1;
	s->slots = calloc(size, sizeof(*s->slots));
	if (!s->slots)
		return -ENOMEM;
	r = each_name(s, table);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(s);
	return 0;
}

int stages_new(struct stages **ret)
{
	return stages_new_from(stage_table, ret);
}

void stages_free(struct stages *s)
{
	if (!s)
		return;
	free(s->slots);
	free(s);
}

enum stage stages_find(const struct stages *s, const char *func)
{
	size_t length = func ? symbol_base_len(func) : 0;
	const struct slot *slot;

	if (length == 0)
		return STAGE_NONE;
	slot = find(s, func, length, KIND_EXACT);
	if (slot->name)
		return slot->stage;
	for (size_t n = length < PATTERN_LENGTH_MAX ? length : PATTERN_LENGTH_MAX; n > 0; n--) {
		if (s->lengths[KIND_PREFIX] >> n & 1) {
			slot = find(s, func, n, KIND_PREFIX);
			if (slot->name)
				return slot->stage;
		}
		if (s->lengths[KIND_SUFFIX] >> n & 1) {
			slot = find(s, func + length - n, n, KIND_SUFFIX);
			if (slot->name)
				return slot->stage;
		}
	}
	return STAGE_NONE;
}

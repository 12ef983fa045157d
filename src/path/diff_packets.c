/* SPDX-License-Identifier: GPL-2.0-only */
/* Makes the keys that diff_keys() compares. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/symbol.h"
#include "path/packet_diff.h"

/* A set of step names, each with a number. */
struct step_names {
	struct step_name {
		const char *func; /* borrowed; NULL: an address without a symbol */
		const char *reason;
		size_t length;
		uint8_t device, netns;
		bool used;
	} * slots; /* owned; a power of two */
	size_t mask;
};

struct hunk_rank {
	uint8_t device, netns;
};

/* The rank of the namespace that the device is in: that of a device before in the same one, else a new one. */
static uint8_t rank_netns(const struct packet *p, const struct hunk_rank *ranks, const bool *seen, uint8_t device,
			  uint8_t *next)
{
	for (unsigned i = 0; i < p->n_devices; i++)
		if (seen[i] && p->devices[i].has_netns == p->devices[device].has_netns &&
		    p->devices[i].netns == p->devices[device].netns)
			return ranks[i].netns;
	return (*next)++;
}

/* Numbers the packet's devices, and their namespaces, in the order in which it came to them. */
static void rank_devices(const struct packet *p, struct hunk_rank ranks[PACKET_DEVICES_MAX])
{
	bool seen[PACKET_DEVICES_MAX] = {0};
	uint8_t n = 0, n_netns = 0;

	for (size_t i = 0; i < p->n_steps; i++) {
		uint8_t device = p->steps[i].device;

		if (seen[device])
			continue;
		ranks[device] = (struct hunk_rank){n++, rank_netns(p, ranks, seen, device, &n_netns)};
		seen[device] = true;
	}
}

static const char *reason_at(const struct packet *p, size_t step)
{
	for (unsigned d = 0; d < p->n_drops; d++)
		if (p->drops[d].step == step)
			return p->drops[d].reason_name;
	return NULL;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static uint32_t number_of(struct step_names *names, const struct step_name *name)
{
	for (uint32_t h = hash_bytes(name->func, name->length) + name->device;; h++) {
		struct step_name *slot = &names->slots[h & names->mask];

		if (!slot->used)
			*slot = *name;
		else if (slot->length != name->length || slot->device != name->device || slot->netns != name->netns ||
			 memcmp(slot->func ? slot->func : "", name->func ? name->func : "", name->length) != 0 ||
			 !same_text(slot->reason, name->reason))
			continue;
		return (uint32_t)(h & names->mask);
	}
}

static uint32_t *make_keys(struct step_names *names, const struct packet *p)
{
	uint32_t *keys = calloc(p->n_steps + 1, sizeof(*keys));
	struct hunk_rank ranks[PACKET_DEVICES_MAX] = {0};

	if (!keys)
		return NULL;
	rank_devices(p, ranks);
	for (size_t i = 0; i < p->n_steps; i++) {
		const struct path_step *s = &p->steps[i];
		struct step_name name = {
			.func = s->func,
			.reason = s->dropped ? reason_at(p, i) : NULL,
			.length = s->func ? symbol_base_len(s->func) : 0,
			.device = ranks[s->device].device,
			.netns = ranks[s->device].netns,
			.used = true,
		};

		keys[i] = number_of(names, &name);
	}
	return keys;
}

static const char *const kind_names[] = {[DIFF_WAY] = "way", [DIFF_STEPS] = "steps", [DIFF_NEIGHBOUR] = "neighbour"};
static_assert(ARRAY_SIZE(kind_names) == DIFF_KIND_MAX, "every kind has its name");

const char *diff_kind_name(enum diff_kind kind)
{
	return kind_names[kind];
}

static bool is_way(enum stage stage)
{
	return stage == STAGE_VETH || stage == STAGE_NETKIT || stage == STAGE_REDIRECT || stage == STAGE_FORWARD ||
	       stage == STAGE_BRIDGE || stage == STAGE_TUNNEL;
}

static bool changes_way(const struct packet *p, size_t first, size_t count)
{
	for (size_t i = first; i < first + count; i++)
		if (is_way(p->steps[i].stage) || (i && p->steps[i].device != p->steps[i - 1].device))
			return true;
	return false;
}

/* The functions between ip_finish_output2() and __dev_queue_xmit() while the next hop's address has to be looked up
 * or asked for (net/core/neighbour.c, include/net/neighbour.h). With a known address there are none. */
static bool is_neighbour(const char *func)
{
	static const char *const funcs[] = {
		"neigh_resolve_output", "neigh_connected_output", "neigh_direct_output", "__neigh_event_send",
		"neigh_probe",		"neigh_timer_handler",	  "eth_header",		 "skb_push"};

	for (size_t i = 0; i < ARRAY_SIZE(funcs); i++)
		if (symbol_is(func, funcs[i]))
			return true;
	return false;
}

static bool all_neighbour(const struct packet *p, size_t first, size_t count)
{
	for (size_t i = first; i < first + count; i++)
		if (!is_neighbour(p->steps[i].func))
			return false;
	return true;
}

static enum diff_kind kind_of(const struct packet *a, const struct packet *b, const struct diff_hunk *h)
{
	if (all_neighbour(a, h->a, h->a_count) && all_neighbour(b, h->b, h->b_count))
		return DIFF_NEIGHBOUR;
	return changes_way(a, h->a, h->a_count) || changes_way(b, h->b, h->b_count) ? DIFF_WAY : DIFF_STEPS;
}

bool diff_is_same(const struct diff *d)
{
	for (size_t i = 0; i < d->n_hunks; i++)
		if (d->hunks[i].kind != DIFF_NEIGHBOUR)
			return false;
	return true;
}

int diff_packets(const struct packet *a, const struct packet *b, struct diff *ret)
{
	_cleanup_free_ uint32_t *a_keys = NULL, *b_keys = NULL;
	_cleanup_free_ struct step_name *slots = NULL;
	struct step_names names = {0};
	size_t size = 2;
	int r;

	while (size < 2 * (a->n_steps + b->n_steps + 1))
		size *= 2;
	names.mask = size - 1;
	names.slots = slots = calloc(size, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	a_keys = make_keys(&names, a);
	b_keys = make_keys(&names, b);
	if (!a_keys || !b_keys)
		return -ENOMEM;
	r = diff_keys(a_keys, a->n_steps, b_keys, b->n_steps, ret);
	for (size_t i = 0; r >= 0 && i < ret->n_hunks; i++)
		ret->hunks[i].kind = kind_of(a, b, &ret->hunks[i]);
	return r;
}

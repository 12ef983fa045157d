/* SPDX-License-Identifier: GPL-2.0-only */
#include "path/flows.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "base/hash.h"

#define REQUESTS 16 /* echo requests remembered of one flow */

/* icmp.h, icmpv6.h */
#define ECHO_REPLY  0
#define ECHO	    8
#define ECHO6	    128
#define ECHO6_REPLY 129

/* The lower end is first, so both directions have the same key. Keys are compared as bytes: there is no padding. */
struct key {
	uint8_t addr[2][16];
	uint16_t port[2]; /* of an echo: its id, twice */
	uint8_t family, l4;
	uint8_t pad[2];
};

struct flow {
	struct key key;
	uint64_t number; /* 0: an empty slot */
	bool swapped;	 /* the first packet went from the higher end to the lower */
	unsigned n_requests;
	struct {
		uint16_t seq;
		uint64_t pkt;
	} requests[REQUESTS]; /* the last ones, by n_requests % REQUESTS */
};

struct flows {
	struct flow *slots; /* owned; a power of two, at most half full */
	size_t mask, used, max;
	uint64_t numbers, forgotten;
};

static bool is_echo_request(const struct tuple *t)
{
	return t->has_icmp_id && t->icmp_type == (t->l4 == IPPROTO_ICMPV6 ? ECHO6 : ECHO);
}

static bool is_echo_reply(const struct tuple *t)
{
	return t->has_icmp_id && t->icmp_type == (t->l4 == IPPROTO_ICMPV6 ? ECHO6_REPLY : ECHO_REPLY);
}

/* *ret_swapped: the packet goes from the second end of the key to the first. */
static struct key make_key(const struct tuple *t, bool *ret_swapped)
{
	struct key key = {.family = t->family, .l4 = t->has_l4 ? t->l4 : 0};
	bool echo = is_echo_request(t) || is_echo_reply(t);
	uint16_t sport = echo ? t->icmp_id : t->has_ports ? t->sport : 0;
	uint16_t dport = echo ? t->icmp_id : t->has_ports ? t->dport : 0;
	size_t size = t->family == 4 ? 4 : 16;
	int order = memcmp(t->src, t->dst, size);
	bool swapped = order > 0 || (order == 0 && sport > dport);

	memcpy(key.addr[swapped], t->src, size);
	memcpy(key.addr[!swapped], t->dst, size);
	key.port[swapped] = sport;
	key.port[!swapped] = dport;
	*ret_swapped = swapped;
	return key;
}

static struct flow *find(struct flows *f, const struct key *key)
{
	for (uint32_t i = hash_bytes(key, sizeof(*key));; i++) {
		struct flow *flow = &f->slots[i & f->mask];

		if (flow->number == 0 || memcmp(&flow->key, key, sizeof(*key)) == 0)
			return flow;
	}
}

static uint64_t match_request(struct flow *flow, uint64_t pkt, const struct tuple *t)
{
	if (is_echo_request(t)) {
		unsigned at = flow->n_requests++ % REQUESTS;

		flow->requests[at].seq = t->icmp_seq;
		flow->requests[at].pkt = pkt;
		return 0;
	}
	for (unsigned i = 0; is_echo_reply(t) && i < flow->n_requests && i < REQUESTS; i++) {
		unsigned at = (flow->n_requests - 1 - i) % REQUESTS;

		if (flow->requests[at].seq == t->icmp_seq)
			return flow->requests[at].pkt;
	}
	return 0;
}

struct flow_member flows_assign(struct flows *f, uint64_t pkt, const struct tuple *t)
{
	struct flow *flow;
	struct key key;
	bool swapped;

	if (t->family == 0)
		return (struct flow_member){0};
	key = make_key(t, &swapped);
	flow = find(f, &key);
	if (flow->number == 0 && f->used == f->max) {
		f->forgotten += f->used;
		f->used = 0;
		memset(f->slots, 0, (f->mask + 1) * sizeof(*f->slots));
		flow = find(f, &key);
	}
	if (flow->number == 0) {
		*flow = (struct flow){.key = key, .number = ++f->numbers, .swapped = swapped};
		f->used++;
	}
	return (struct flow_member){
		.flow = flow->number, .reverse = swapped != flow->swapped, .request = match_request(flow, pkt, t)};
}

uint64_t flows_forgotten(const struct flows *f)
{
	return f->forgotten;
}

int flows_new(size_t max_flows, struct flows **ret)
{
	_cleanup_(flows_freep) struct flows *f = calloc(1, sizeof(*f));
	size_t size = 2;

	if (!f)
		return -ENOMEM;
	if (max_flows == 0 || max_flows > UINT32_MAX)
		return -EINVAL;
	while (size < 2 * max_flows)
		size *= 2;
	f->mask = size - 1;
	f->max = max_flows;
	f->slots = calloc(size, sizeof(*f->slots));
	if (!f->slots)
		return -ENOMEM;
	*ret = TAKE_PTR(f);
	return 0;
}

void flows_free(struct flows *f)
{
	if (!f)
		return;
	free(f->slots);
	free(f);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What carried each packet, from what the witnesses counted, and which verdicts that leaves open.
 *
 * A mechanism is one exact sequence. Whatever departs from all of them is FATE_OTHER: a PASS on it is wrong, a FAIL is
 * right where the packet arrived or crossed. A packet that was lost allows neither.
 */
#include <stdio.h>
#include <string.h>

#include "adversary.h"
#include "text.h"

static unsigned sum(const uint16_t acts[ADV_ACTS])
{
	unsigned n = 0;

	for (int i = 0; i < ADV_ACTS; i++)
		n += i == ACT_SELF ? 0 : acts[i];
	return n;
}

/* Something that belongs to no mechanism took part in carrying the packet. */
static bool is_foreign(const struct way *w, const struct seen *s, const struct adv_track *t)
{
	return t->acts[AT_XDP][ACT_XDP] || t->acts[AT_XDP][ACT_DROP] || sum(t->acts[AT_HOP_IN]) ||
	       sum(t->acts[AT_FAR_IN]) || (s->copied && w->copy != COPY_SIDE) || s->tap[TAP_FAR_IN];
}

static bool has_bridge(const struct way *w)
{
	return w->topo == TOPO_BRIDGE || w->topo == TOPO_HOP_BRIDGE;
}

/* Where segments are merged on the way, only that there are some can be compared. */
static bool as_many(const struct way *w, unsigned n, unsigned sent)
{
	bool merges = w->flow == FLOW_TCP && (w->gro || w->xdp[0] == XDP_IS_NATIVE || w->xdp[1] == XDP_IS_NATIVE);

	return merges ? n > 0 : n == sent;
}

/* What brought it to the far pod's device, whatever became of it there. */
static enum fate carrier_of(const struct way *w, const struct seen *s, const struct adv_track *t)
{
	const uint16_t *near = t->acts[AT_NEAR_IN];
	unsigned sent = s->tap[TAP_SRC_OUT], acts = sum(near), crossed = s->tap[TAP_FAR_OUT];
	unsigned arrived = s->tap[TAP_DST_IN] - t->acts[AT_POD_IN][ACT_SELF], passed = near[ACT_OK] + near[ACT_OK_FAR];

	if (is_foreign(w, s, t) || !as_many(w, arrived, sent) || (acts && !as_many(w, acts, sent)))
		return FATE_OTHER;
	if (acts && near[ACT_PEER] + near[ACT_SIDE_PEER] == acts && !crossed)
		return FATE_PEER;
	if (!as_many(w, crossed, sent))
		return FATE_OTHER;
	if (acts && near[ACT_REDIRECT] + near[ACT_NEIGH] == acts)
		return FATE_REDIRECT;
	if (s->tap[TAP_ELSEWHERE] || passed != acts)
		return FATE_OTHER;
	if (!has_bridge(w) && s->ttl_less == s->tap[TAP_DST_IN])
		return FATE_STACK;
	if (w->topo == TOPO_BRIDGE && acts && near[ACT_OK_FAR] == acts && !s->ttl_less)
		return FATE_BRIDGE;
	return FATE_OTHER;
}

static enum fate fate_of(const struct way *w, const struct seen *s, const struct adv_track *t)
{
	if (!s->tap[TAP_SRC_OUT])
		return FATE_NEVER_SENT;
	if (!s->delivered)
		return s->tap[TAP_FAR_OUT] ? FATE_CROSSED_LOST : FATE_LOST;
	return carrier_of(w, s, t);
}

static bool detoured(const struct seen *s, const struct adv_track *t)
{
	return t->acts[AT_NEAR_IN][ACT_SELF] || t->acts[AT_POD_IN][ACT_SELF] || t->acts[AT_POD_OUT][ACT_SELF] ||
	       t->acts[AT_NEAR_IN][ACT_SIDE_PEER] || s->copied || s->tap[TAP_ELSEWHERE];
}

static void add_twins(const struct way *w, const struct witness *wit,
		      const struct adv_track tracks[ADV_DIRS][ADV_NUMBERS], int dir, struct direction_truth *ret)
{
	for (int i = 0; i < ADV_NUMBERS && w->noise != NOISE_OTHER; i++) {
		const struct seen *s = &wit->seen[KIND_NOISE][dir][i];

		ret->crossed += s->tap[TAP_FAR_OUT];
		if (!s->tap[TAP_FAR_OUT] && !s->tap[TAP_DST_IN] && !s->tap[TAP_SRC_OUT])
			continue;
		ret->twins++;
		if (s->delivered && fate_of(w, s, &tracks[dir][i]) != (enum fate)(FATE_PEER + w->expect))
			ret->twin_others++;
	}
}

void truth_find(const struct way *w, const struct witness *wit,
		const struct adv_track tracks[ADV_KINDS][ADV_DIRS][ADV_NUMBERS], struct truth *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (int dir = 0; dir < ADV_DIRS; dir++) {
		struct direction_truth *d = &ret->dir[dir];

		d->numbers = w->flow == FLOW_TCP ? 1 : w->packets;
		for (int i = 0; i < d->numbers; i++) {
			int number = w->flow == FLOW_TCP ? 0 : i + 1;
			const struct seen *s = &wit->seen[KIND_FLOW][dir][number];
			const struct adv_track *t = &tracks[KIND_FLOW][dir][number];

			d->fate[i] = fate_of(w, s, t);
			d->carrier[i] = s->tap[TAP_DST_IN] ? carrier_of(w, s, t) : FATE_LOST;
			d->detour[i] = detoured(s, t);
			d->seen[i] = *s;
			d->crossed += s->tap[TAP_FAR_OUT];
			ret->traffic += s->tap[TAP_SRC_OUT];
		}
		add_twins(w, wit, tracks[KIND_NOISE], dir, d);
		ret->unseen[dir] = wit->unseen[dir];
	}
}

static enum fate wanted(const struct way *w)
{
	return (enum fate)(FATE_PEER + w->expect);
}

/* Four captures show where a packet passed, and no more: what crossed past the sniffers is not in them either. A packet
 * that is in no capture of a pod is not judged. */
static bool captures_allow_pass(const struct way *w, const struct truth *t, const char **ret_why)
{
	for (int dir = 0; dir < ADV_DIRS; dir++) {
		for (int i = 0; i < t->dir[dir].numbers; i++) {
			const struct seen *s = &t->dir[dir].seen[i];

			if (!s->captured)
				continue;
			if (s->tap[TAP_DST_IN] && !s->tap[TAP_FAR_OUT] == (w->expect == MECH_PEER))
				continue;
			*ret_why = "a packet that is in a capture of a pod crossed, or did not arrive";
			return false;
		}
	}
	return true;
}

/* Of the first packets, as many as were judged. One that never left its pod was not there to be seen, except by a check
 * that sends the packets itself. */
static bool direction_allows_pass(const struct way *w, const struct direction_truth *d, int judged, bool *ret_all)
{
	int sent = 0;

	*ret_all = false;
	for (int i = 0; i < d->numbers; i++) {
		if (d->fate[i] == FATE_NEVER_SENT && w->flow != FLOW_PING)
			continue;
		if (judged >= 0 && sent == judged)
			return sent > 0;
		if (d->fate[i] != wanted(w))
			return false;
		sent++;
	}
	*ret_all = true;
	return sent > 0;
}

bool truth_allows_pass(const struct way *w, const struct truth *t, const int packets[ADV_DIRS], const char **ret_why)
{
	if (w->source == SOURCE_CAPTURES)
		return captures_allow_pass(w, t, ret_why);
	for (int dir = 0; dir < ADV_DIRS; dir++) {
		bool all;

		if (!direction_allows_pass(w, &t->dir[dir], packets[dir], &all)) {
			*ret_why = "a packet was not carried by the expected mechanism";
			return false;
		}
		if (w->expect == MECH_PEER && t->unseen[dir] > 0 && all) {
			*ret_why = "frames crossed past the sniffer";
			return false;
		}
	}
	return true;
}

bool truth_allows_fail(const struct way *w, const struct truth *t, const char **ret_why)
{
	for (int dir = 0; dir < ADV_DIRS; dir++) {
		const struct direction_truth *d = &t->dir[dir];

		if (d->twin_others || (w->expect == MECH_PEER && (d->crossed || t->unseen[dir] > 0)))
			return true;
		for (int i = 0; i < d->numbers; i++) {
			/* A sequence with a detour is not exactly the mechanism: whoever says so is right, too. */
			if (d->detour[i] && d->fate[i] >= FATE_PEER)
				return true;
			if (d->carrier[i] >= FATE_PEER && d->carrier[i] != wanted(w))
				return true;
			if (d->fate[i] == FATE_CROSSED_LOST)
				return true;
			/* It touched the veth that is to be skipped, though as something received. */
			if (w->expect == MECH_PEER && d->seen[i].tap[TAP_FAR_IN])
				return true;
		}
	}
	*ret_why = "no packet crossed or was carried by another mechanism";
	return false;
}

bool truth_is_plain(const struct way *w, const struct truth *t, bool *ret_pass)
{
	bool pass = true;

	for (int dir = 0; dir < ADV_DIRS; dir++) {
		const struct direction_truth *d = &t->dir[dir];

		if (t->unseen[dir])
			return false;
		for (int i = 0; i < d->numbers; i++) {
			if (d->fate[i] < FATE_PEER || d->fate[i] > FATE_BRIDGE || d->detour[i])
				return false;
			pass &= d->fate[i] == wanted(w);
		}
	}
	*ret_pass = pass;
	return w->honest;
}

void truth_describe(const struct truth *t, char *buf, size_t size)
{
	static const char *const fates[] = {"never-sent", "lost",	"crossed-lost", "peer",
					    "redirect",	  "host_stack", "bridge",	"other"};
	struct text text = {buf, size, 0};

	buf[0] = '\0';
	for (int dir = 0; dir < ADV_DIRS; dir++) {
		const struct direction_truth *d = &t->dir[dir];

		put(&text, "%s%s:", dir ? " " : "", dir ? "reply" : "request");
		for (int i = 0; i < d->numbers; i++)
			put(&text, " %s%s", fates[d->fate[i]], d->detour[i] ? "(detour)" : "");
		put(&text, ", crossed %d", d->crossed);
		if (t->unseen[dir])
			put(&text, " and %lld unseen", (long long)t->unseen[dir]);
		if (d->twins)
			put(&text, ", %d twins of which %d otherwise", d->twins, d->twin_others);
		put(&text, ".");
	}
}

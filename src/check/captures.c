/* SPDX-License-Identifier: GPL-2.0-only */
/* The four captures filed, and what each packet's records show. captures_judge.c draws the verdict. */
#include "check/captures.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "base/array.h"

static uint32_t point_ifindex(enum point p)
{
	return p + 1;
}

void capture_facts_clear(struct capture_facts *f)
{
	free(f->windows);
	free(f->filters);
	*f = (struct capture_facts){0};
}

void captures_clear(struct captures *c)
{
	for (enum point p = 0; p < POINT_MAX; p++)
		capture_facts_clear(&c->facts[p]);
	free(c->packets);
	free(c->counts);
	packet_index_free(&c->keys);
	*c = (struct captures){0};
}

void captures_ledger(const struct captures *c, struct lost_events *ret)
{
	uint64_t first_ns = UINT64_MAX, last_ns = 0;

	*ret = (struct lost_events){.provable = true};
	for (enum point p = 0; p < POINT_MAX; p++) {
		const struct capture_facts *f = &c->facts[p];

		ret->events += f->packets;
		ret->lost_ring += f->lost;
		ret->provable &= f->counts_lost;
		if (!f->has_times)
			continue;
		first_ns = f->first_ns < first_ns ? f->first_ns : first_ns;
		last_ns = f->last_ns > last_ns ? f->last_ns : last_ns;
	}
	if (first_ns < last_ns)
		ret->duration_ns = last_ns - first_ns;
	if (!ret->provable)
		ret->unprovable_why = "a capture file does not say what its capture lost or filtered out";
}

void captures_set_points(struct check_setup *setup, const struct captures *c)
{
	for (enum point p = 0; p < POINT_MAX; p++) {
		setup->points[p] = (struct iface){.ifindex = point_ifindex(p)};
		memcpy(setup->points[p].ifname, c->facts[p].ifname, sizeof(setup->points[p].ifname));
	}
}

void captures_forget_points(struct check_result *r)
{
	for (enum point p = 0; p < POINT_MAX; p++)
		r->setup.points[p].ifindex = 0;
}

/* The number of the packet's headers, from 1; 0: there is no room, which the evidence table will say. 0 or -ENOMEM. */
static int number_headers(struct captures *c, const struct hook_event *ev, size_t *ret_key)
{
	struct packet_key headers = packet_key_of(ev);

	*ret_key = packet_index_get(&c->keys, &headers);
	if (*ret_key || c->n_counts == EVIDENCE_TABLE_MAX_PACKETS)
		return 0;
	if (ARRAY_GROW(c->counts, c->n_counts) < 0 || packet_index_set(&c->keys, &headers, c->n_counts + 1) < 0)
		return -ENOMEM;
	memset(c->counts[c->n_counts++], 0, sizeof(*c->counts));
	*ret_key = c->n_counts;
	return 0;
}

static int keep_frame(struct captures *c, enum point at, size_t number, size_t key, const struct captured_frame *frame)
{
	while (c->n_packets < number) {
		if (ARRAY_GROW(c->packets, c->n_packets) < 0)
			return -ENOMEM;
		c->packets[c->n_packets++] = (struct captured){0};
	}
	c->packets[number - 1].key = key;
	c->packets[number - 1].frames[at] = *frame;
	return 0;
}

int captures_file(struct captures *c, struct evidence_table *table, enum point at, const struct hook_event *ev,
		  const struct captured_frame *frame)
{
	struct hook_event there = *ev;
	uint64_t number = 0;
	size_t key = 0;
	bool copy;
	int r;

	there.nth = 0;
	there.ifindex = point_ifindex(at);
	r = ev->other_port ? 0 : number_headers(c, &there, &key);
	if (r < 0)
		return r;
	if (key)
		there.nth = c->counts[key - 1][at]++;
	r = evidence_table_number(table, &there, &number, &copy);
	return r < 0 || !number ? r : keep_frame(c, at, number, key, frame);
}

/* Whether the packet passed within the window, wherever it was seen. A time stamp is the beginning of the time in which
 * the packet may have passed. */
static bool within(const struct packet_evidence *p, const struct captures *c, const struct capture_window *w,
		   enum point at)
{
	for (enum point i = 0; i < POINT_MAX; i++) {
		if (!packet_evidence_at(p, i))
			continue;
		if (p->first_ns[i] < w->first_ns + c->facts[at].resolution_ns ||
		    p->first_ns[i] + c->facts[i].resolution_ns > w->last_ns)
			return false;
	}
	return true;
}

/* The first or last time at which the packet was seen. */
static uint64_t seen_ns(const struct packet_evidence *p, bool last)
{
	uint64_t ns = last ? 0 : UINT64_MAX;

	for (enum point i = 0; i < POINT_MAX; i++) {
		if (packet_evidence_at(p, i) && (p->first_ns[i] > ns) == last)
			ns = p->first_ns[i];
	}
	return ns;
}

/* The way of a packet that is not in the capture at this point. proven: what it is if that capture was running. */
static enum capture_way way_if_running(const struct packet_evidence *p, const struct captures *c, enum point at,
				       enum capture_way proven)
{
	const struct capture_facts *f = &c->facts[at];

	if (!f->has_times || !f->n_windows)
		return WAY_GAP;
	for (size_t i = 0; i < f->n_windows; i++) {
		if (within(p, c, &f->windows[i], at))
			return proven;
	}
	if (seen_ns(p, false) < f->windows[0].first_ns + f->resolution_ns)
		return WAY_BEFORE;
	return seen_ns(p, false) >= f->windows[f->n_windows - 1].first_ns ? WAY_AFTER : WAY_GAP;
}

static void find_way(const struct packet_evidence *p, const struct captures *c, struct captured *ret)
{
	enum point near_host = direction_point(packet_evidence_direction(p), 1),
		   far_host = direction_point(packet_evidence_direction(p), 2);
	bool near = packet_evidence_at(p, near_host), far = packet_evidence_at(p, far_host);

	ret->left_out = false;
	ret->way = WAY_OPEN;
	ret->absent = near ? far_host : near_host;
	if (!packet_evidence_arrived(p) || (!near && !far))
		return;
	ret->way = near && far ? WAY_BOTH : way_if_running(p, c, ret->absent, near ? WAY_NEAR : WAY_FAR);
}

/* Whether it is the first or last packet of the whole flow: no other can show that a capture was running before or
 * after. */
static bool is_at_end(const struct evidence_table *table, const struct packet_evidence *p, enum capture_way edge)
{
	bool last = edge == WAY_AFTER;

	for (size_t i = 0; i < table->n_packets; i++) {
		const struct packet_evidence *other = &table->packets[i];

		if (other->seen &&
		    (last ? seen_ns(other, true) > seen_ns(p, true) : seen_ns(other, false) < seen_ns(p, false)))
			return false;
	}
	return true;
}

static bool is_close(const struct packet_evidence *p, const struct capture_facts *f, enum capture_way edge)
{
	if (edge == WAY_BEFORE)
		return seen_ns(p, false) + CAPTURE_SLACK_NS >= f->windows[0].first_ns;
	return seen_ns(p, true) <= f->windows[f->n_windows - 1].last_ns + CAPTURE_SLACK_NS;
}

/* Whether the capture has the reply to this request, or the request of this reply. True of other protocols. */
static bool has_counterpart(const struct evidence_table *table, const struct packet_evidence *p, enum point at)
{
	if (p->key.l4 != IPPROTO_ICMP && p->key.l4 != IPPROTO_ICMPV6)
		return true;
	for (size_t i = 0; i < table->n_packets; i++) {
		const struct packet_evidence *other = &table->packets[i];

		if (other->key.reverse != p->key.reverse && other->key.sport == p->key.sport &&
		    other->key.dport == p->key.dport && packet_evidence_at(other, at))
			return true;
	}
	return false;
}

/* The packet that may be left out at that end of the capture, or NULL. */
static struct captured *find_edge(const struct captures *c, const struct evidence_table *table, enum point at,
				  enum capture_way edge)
{
	for (size_t i = 0; i < c->n_packets; i++) {
		const struct packet_evidence *p = &table->packets[i];

		if (c->packets[i].absent == at && c->packets[i].way == edge && is_at_end(table, p, edge) &&
		    is_close(p, &c->facts[at], edge) && has_counterpart(table, p, at))
			return &c->packets[i];
	}
	return NULL;
}

static bool is_proven(const struct captures *c, enum point absent, enum capture_way way)
{
	for (size_t i = 0; i < c->n_packets; i++) {
		if (c->packets[i].way == way && c->packets[i].absent == absent)
			return true;
	}
	return false;
}

/* Leaves out what passed at the edge of a capture. A packet that was seen on the device to be skipped is never left
 * out. */
static void leave_out(struct captures *c, struct evidence_table *table, enum point at, enum capture_way edge)
{
	struct captured *k = find_edge(c, table, at, edge);
	enum capture_way way = table->setup.expect == MECH_NETKIT ? WAY_FAR : WAY_NEAR;
	struct packet_evidence *p;

	if (!k || !is_proven(c, at, way))
		return;
	p = &table->packets[k - c->packets];
	if ((direction_point(packet_evidence_direction(p), 2) == at) != (way == WAY_NEAR))
		return;
	k->left_out = true;
	p->early = p->late = true;
}

int captures_infer(struct captures *c, struct evidence_table *table)
{
	int r = segments_settle(table);

	for (size_t i = 0; i < c->n_packets; i++) {
		struct packet_evidence *p = &table->packets[i];

		p->early = p->late = false;
		find_way(p, c, &c->packets[i]);
	}
	for (enum point at = POINT_SRC_HOST; at <= POINT_DST_HOST; at++) {
		leave_out(c, table, at, WAY_BEFORE);
		leave_out(c, table, at, WAY_AFTER);
	}
	return r;
}

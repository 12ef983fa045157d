/* SPDX-License-Identifier: GPL-2.0-only */
/* A check of a recording: no privilege, no kernel support, nothing but the file. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check/recorded.h"
#include "cmd/check_observe.h"
#include "cmd/record_file.h"

/* The names of drops, as the recording has them. */
struct named_place {
	uint64_t location, offset;
	const char *symbol;
};

struct named_reason {
	uint32_t reason;
	const char *name;
};

/* Names point into the reader. */
struct check_file {
	struct record_reader *reader;
	struct recorded *recorded;
	struct named_place *places; /* owned */
	size_t n_places;
	struct named_reason *reasons; /* owned */
	size_t n_reasons;
	struct ledger ledger;
	unsigned n_recordings, n_ledgers;
};

void check_file_free(struct check_file *f)
{
	if (!f)
		return;
	recorded_free(f->recorded);
	record_reader_free(f->reader);
	free(f->places);
	free(f->reasons);
	free(f);
}

const char *check_file_symbol(void *ctx, uint64_t addr, uint64_t *ret_offset)
{
	const struct check_file *f = ctx;

	for (size_t i = 0; i < f->n_places; i++) {
		if (f->places[i].location != addr)
			continue;
		*ret_offset = f->places[i].offset;
		return f->places[i].symbol;
	}
	return NULL;
}

const char *check_file_drop_reason(void *ctx, uint32_t reason)
{
	const struct check_file *f = ctx;

	for (size_t i = 0; i < f->n_reasons; i++) {
		if (f->reasons[i].reason == reason)
			return f->reasons[i].name;
	}
	return NULL;
}

/* There are as many as places in the kernel that drop packets, not as many as packets. */
static int note_place(struct check_file *f, const struct event *ev)
{
	struct named_place *p;
	uint64_t offset;

	if (!ev->has_location || !ev->drop_symbol || check_file_symbol(f, ev->location, &offset))
		return 0;
	p = reallocarray(f->places, f->n_places + 1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	f->places = p;
	p[f->n_places++] = (struct named_place){ev->location, ev->drop_offset, ev->drop_symbol};
	return 0;
}

static int note_reason(struct check_file *f, const struct event *ev)
{
	struct named_reason *p;

	if (!ev->has_reason || !ev->drop_reason_name || check_file_drop_reason(f, ev->drop_reason))
		return 0;
	p = reallocarray(f->reasons, f->n_reasons + 1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	f->reasons = p;
	p[f->n_reasons++] = (struct named_reason){ev->drop_reason, ev->drop_reason_name};
	return 0;
}

static int on_info(void *ctx, const struct record_info *info _unused_)
{
	struct check_file *f = ctx;

	f->n_recordings++;
	return 0;
}

static int on_event(void *ctx, const struct event *ev)
{
	struct check_file *f = ctx;
	int r = note_place(f, ev);

	if (r >= 0)
		r = note_reason(f, ev);
	return r < 0 ? r : recorded_add(f->recorded, ev);
}

static int on_ledger(void *ctx, const struct ledger *l)
{
	struct check_file *f = ctx;

	f->n_ledgers++;
	f->ledger = *l;
	return 0;
}

/* One that was cut off is judged by what is there: what was seen was seen. */
static int load(struct check_file *f, const char *path, struct reason *reason)
{
	struct record_sink sink = {.info = on_info, .event = on_event, .ledger = on_ledger, .ctx = f};
	struct reason why = {0};
	int r = record_reader_new(&sink, &f->reader);

	if (r >= 0)
		r = record_file_read(f->reader, path, &why);
	if (r < 0 && r != -ENODATA)
		return reason_set(reason, r, "--read=%s: %s", path, why.text[0] ? why.text : strerror(-r));
	if (f->n_recordings > 1)
		return reason_set(reason, -EINVAL, "--read=%s: holds %u recordings in a row; a check judges one", path,
				  f->n_recordings);
	if (!f->n_ledgers)
		f->ledger.unprovable_why = "the recording ends before its ledger";
	return 0;
}

static int copy_name(const char *name, char **ret)
{
	free(*ret);
	*ret = name ? strdup(name) : NULL;
	return name && !*ret ? -ENOMEM : 0;
}

static int set_endpoint(const struct recorded_points *found, enum point pod, enum point host, struct endpoint *ret)
{
	const struct iface *p = &found->points[pod], *h = &found->points[host];
	int r = copy_name(found->netns_name[pod], &ret->netns_name);

	if (r >= 0)
		r = copy_name(found->netns_name[host], &ret->host_netns_name);
	ret->netns = p->netns;
	ret->ifindex = p->ifindex;
	memcpy(ret->ifname, p->ifname, sizeof(ret->ifname));
	if (!h->ifindex)
		return r;
	ret->peer = NET_PEER_FOUND;
	ret->host_netns = h->netns;
	ret->host_ifindex = h->ifindex;
	memcpy(ret->host_ifname, h->ifname, sizeof(ret->host_ifname));
	return r;
}

static int judge_events(const struct check_options *o, const struct st_flow *flow, struct observation *obs)
{
	struct check_setup setup = {.expect = o->expect, .l4 = flow->l4};
	struct recorded_points found;
	int r;

	recorded_find_points(obs->file->recorded, &found);
	memcpy(setup.points, found.points, sizeof(setup.points));
	flow_init(&obs->flow, &setup);
	obs->account.from_events = true;
	obs->account.ledger = obs->file->ledger;
	obs->account.endpoint_changed = found.several;
	r = set_endpoint(&found, POINT_SRC_POD, POINT_SRC_HOST, &obs->src);
	if (r >= 0)
		r = set_endpoint(&found, POINT_DST_POD, POINT_DST_HOST, &obs->dst);
	return r < 0 ? r : recorded_file(obs->file->recorded, &obs->flow);
}

int check_observe_file(const struct check_options *o, struct observation *ret, struct reason *reason)
{
	_cleanup_(observation_clear) struct observation obs = {0};
	struct st_flow flow;
	int r = check_parse_flow(o, "read", &obs, &flow, reason);

	if (r < 0)
		return r;
	obs.file = calloc(1, sizeof(*obs.file));
	if (!obs.file)
		return -ENOMEM;
	r = recorded_new(&flow, &obs.file->recorded);
	if (r >= 0)
		r = load(obs.file, o->read, reason);
	if (r >= 0)
		r = judge_events(o, &flow, &obs);
	if (r < 0)
		return r;
	*ret = obs;
	obs = (struct observation){0};
	return 0;
}

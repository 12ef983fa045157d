/* SPDX-License-Identifier: GPL-2.0-only */
#include "observe/recorded_flow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* Names of drops in the recording. */
struct named_location {
	uint64_t location, offset;
	const char *symbol;
};

struct named_reason {
	uint32_t reason;
	const char *name;
};

void recorded_flow_free(struct recorded_flow *f)
{
	if (!f)
		return;
	recorded_free(f->recorded);
	recording_clear(&f->recording);
	free(f->locations);
	free(f->reasons);
	free(f);
}

const char *recorded_flow_symbol(void *ctx, uint64_t addr, uint64_t *ret_offset)
{
	const struct recorded_flow *f = ctx;

	for (size_t i = 0; i < f->n_locations; i++) {
		if (f->locations[i].location != addr)
			continue;
		*ret_offset = f->locations[i].offset;
		return f->locations[i].symbol;
	}
	return NULL;
}

const char *recorded_flow_drop_reason(void *ctx, uint32_t reason)
{
	const struct recorded_flow *f = ctx;

	for (size_t i = 0; i < f->n_reasons; i++) {
		if (f->reasons[i].reason == reason)
			return f->reasons[i].name;
	}
	return NULL;
}

/* The list is short: one for each place in the kernel that dropped packets, not one for each packet. */
static int note_location(struct recorded_flow *f, const struct event *ev)
{
	uint64_t offset;

	if (!ev->has_location || !ev->drop_symbol || recorded_flow_symbol(f, ev->location, &offset))
		return 0;
	if (ARRAY_GROW(f->locations, f->n_locations) < 0)
		return -ENOMEM;
	f->locations[f->n_locations++] = (struct named_location){ev->location, ev->drop_offset, ev->drop_symbol};
	return 0;
}

static int note_reason(struct recorded_flow *f, const struct event *ev)
{
	if (!ev->has_reason || !ev->drop_reason_name || recorded_flow_drop_reason(f, ev->drop_reason))
		return 0;
	if (ARRAY_GROW(f->reasons, f->n_reasons) < 0)
		return -ENOMEM;
	f->reasons[f->n_reasons++] = (struct named_reason){ev->drop_reason, ev->drop_reason_name};
	return 0;
}

static int on_event(void *ctx, const struct event *ev)
{
	struct recorded_flow *f = ctx;
	int r = note_location(f, ev);

	if (r >= 0)
		r = note_reason(f, ev);
	return r < 0 ? r : recorded_add(f->recorded, ev);
}

int recorded_flow_load(const char *path, const struct st_flow *flow, struct recorded_flow **ret, struct reason *reason)
{
	_cleanup_(recorded_flow_freep) struct recorded_flow *f = calloc(1, sizeof(*f));
	int r;

	if (!f)
		return -ENOMEM;
	r = recorded_new(flow, &f->recorded);
	if (r >= 0)
		r = read_recording(path, on_event, f, &f->recording, reason);
	if (r >= 0)
		*ret = TAKE_PTR(f);
	return r;
}

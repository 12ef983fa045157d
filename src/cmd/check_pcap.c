/* SPDX-License-Identifier: GPL-2.0-only */
/* A check of four capture files: no privilege, no kernel support, nothing but the files. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "capture/capture.h"
#include "cmd/check_observe.h"

#define CAPTURE_BYTES_MAX (1u << 30)

/* One file while it is being read. */
struct filing {
	struct flow *flow;
	enum point at;
};

static int file_sighting(void *ctx, const struct witness *w)
{
	struct filing *filing = ctx;
	struct witness there = *w;

	there.ifindex = captures_ifindex(filing->at);
	return flow_add(filing->flow, &there);
}

/* Two names of one file are one file. */
static int refuse_same_file(const struct check_options *o, enum point p, struct reason *reason)
{
	struct stat st, other;

	if (stat(o->pcap[p], &st) < 0)
		return reason_set(reason, -errno, "--pcap %s=%s: %s", point_name(p), o->pcap[p], strerror(errno));
	for (enum point q = 0; q < p; q++) {
		if (stat(o->pcap[q], &other) == 0 && st.st_dev == other.st_dev && st.st_ino == other.st_ino)
			return reason_set(reason, -EINVAL, "--pcap %s=%s: the same file as for %s", point_name(p),
					  o->pcap[p], point_name(q));
	}
	return 0;
}

static int check_files(const struct check_options *o, struct reason *reason)
{
	for (enum point p = 0; p < POINT_MAX; p++) {
		if (!o->pcap[p])
			return reason_set(reason, -EINVAL, "--pcap: all four captures are needed; %s=FILE is missing",
					  point_name(p));
	}
	for (enum point p = 0; p < POINT_MAX; p++) {
		int r = refuse_same_file(o, p, reason);

		if (r < 0)
			return r;
	}
	return 0;
}

static int read_file(const char *path, const struct st_flow *flow, enum point at, struct observation *obs,
		     struct reason *reason)
{
	_cleanup_buf_ struct buf buf = {0};
	struct filing filing = {.flow = &obs->flow, .at = at};
	struct reason why = {0};
	int r = buf_read_file_max(path, CAPTURE_BYTES_MAX, &buf);

	if (r == -EFBIG)
		return reason_set(reason, r, "%s: is above 1 GiB; cut it to the flow with tcpdump -r", path);
	if (r >= 0)
		r = capture_read(buf.data, buf.len, flow, at, file_sighting, &filing, &obs->account.captures[at], &why);
	if (r < 0)
		return reason_set(reason, r, "%s: %s", path, why.text[0] ? why.text : strerror(-r));
	return 0;
}

int check_observe_pcap(const struct check_options *o, struct observation *ret, struct reason *reason)
{
	_cleanup_(observation_clear) struct observation obs = {0};
	struct st_flow flow;
	int r = check_files(o, reason);

	if (r >= 0)
		r = check_parse_flow(o, "pcap", &obs, &flow, reason);
	if (r < 0)
		return r;
	obs.account.from_captures = true;
	flow_init(&obs.flow, &(struct check_setup){.expect = o->expect, .l4 = flow.l4});
	captures_set_points(&obs.flow.setup, obs.account.captures);
	for (enum point p = 0; p < POINT_MAX; p++) {
		r = read_file(o->pcap[p], &flow, p, &obs, reason);
		if (r < 0)
			return r;
	}
	captures_set_points(&obs.flow.setup, obs.account.captures); /* with the names read */
	if (captures_infer(&obs.flow, obs.account.captures) < 0)
		return reason_set(reason, -ENOMEM, "out of memory");
	captures_ledger(obs.account.captures, &obs.account.ledger);
	*ret = obs;
	obs = (struct observation){0};
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* Evidence from four capture files: needs no privilege and no kernel support, only the files. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "capture/capture.h"
#include "capture/capture_filter.h"
#include "observe/observe.h"

#define CAPTURE_BYTES_MAX (1u << 30)

/* The capture that is being read. */
struct filing {
	struct observation *obs;
	enum point at;
};

static int file_record(void *ctx, const struct hook_event *ev, const struct captured_frame *frame)
{
	struct filing *filing = ctx;

	return captures_file(&filing->obs->account.captures, &filing->obs->evidence, filing->at, ev, frame);
}

/* Refuses a file that is given for two points, by whatever names. */
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
	struct filing filing = {.obs = obs, .at = at};
	struct reason why = {0};
	int r = buf_read_file_max(path, CAPTURE_BYTES_MAX, &buf);

	if (r == -EFBIG)
		return reason_set(reason, r, "%s: is above 1 GiB; cut it to the flow with tcpdump -r", path);
	if (r >= 0)
		r = capture_read(buf.data, buf.len, flow, at, file_record, &filing, &obs->account.captures.facts[at],
				 &why);
	if (r < 0)
		return reason_set(reason, r, "%s: %s", path, why.text[0] ? why.text : strerror(-r));
	return 0;
}

int observe_captures(const struct check_options *o, struct observation *ret, struct reason *reason)
{
	_cleanup_(observation_clear) struct observation obs = {0};
	struct st_flow flow;
	int r = check_files(o, reason);

	if (r >= 0)
		r = pair_parse_flow(o, "pcap", &obs, &flow, reason);
	if (r < 0)
		return r;
	obs.account.from_captures = true;
	evidence_table_init(&obs.evidence,
			    &(struct check_setup){.expect = o->expect, .l4 = flow.l4, .has_port = flow.port_be});
	captures_set_points(&obs.evidence.setup, &obs.account.captures);
	for (enum point p = 0; p < POINT_MAX; p++) {
		r = read_file(o->pcap[p], &flow, p, &obs, reason);
		if (r < 0)
			return r;
	}
	captures_set_points(&obs.evidence.setup, &obs.account.captures); /* again, with the names that were read */
	r = captures_infer(&obs.account.captures, &obs.evidence);
	for (enum point p = 0; r >= 0 && p < POINT_MAX; p++)
		r = capture_filter_judge(&obs.account.captures.facts[p], &flow, &obs.evidence, &obs.account.captures);
	if (r < 0)
		return reason_set(reason, r, "out of memory");
	captures_ledger(&obs.account.captures, &obs.account.ledger);
	*ret = obs;
	obs = (struct observation){0};
	return 0;
}

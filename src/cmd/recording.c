/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/recording.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "cmd/outfile.h"
#include "record/writer.h"

#define COMMAND_BYTES_MAX 4096u

struct recording {
	const char *path; /* borrowed */
	int fd;		  /* owned unless it is standard output */
	struct record_writer *writer;
};

static int write_whole(void *ctx, const void *data, size_t len)
{
	const struct recording *rec = ctx;

	return file_write(rec->fd, data, len);
}

/* The command line as it was typed, without its quotes. It is worth having a recording without. */
static void read_command(struct buf *ret)
{
	if (buf_read_file("/proc/self/cmdline", ret) < 0)
		return;
	while (ret->len && ret->data[ret->len - 1] == '\0')
		ret->len--;
	if (ret->len > COMMAND_BYTES_MAX) {
		ret->len = COMMAND_BYTES_MAX;
		ret->data[ret->len] = '\0';
	}
	for (size_t i = 0; i < ret->len; i++) {
		if (ret->data[i] == '\0')
			ret->data[i] = ' ';
	}
}

void recording_info_fill(int64_t wall_offset_ns, struct recording_info *ret)
{
	*ret = (struct recording_info){.info = {.wall_offset_ns = wall_offset_ns, .tool = "skbtrail " ST_VERSION}};
	if (uname(&ret->kernel) == 0) {
		ret->info.release = ret->kernel.release;
		ret->info.machine = ret->kernel.machine;
	}
	read_command(&ret->command);
	ret->info.command = ret->command.data;
}

void recording_info_clear(struct recording_info *i)
{
	buf_free(&i->command);
}

static int open_output(const char *path, int *ret, struct reason *reason)
{
	if (strcmp(path, "-") == 0 && isatty(STDOUT_FILENO))
		return reason_set(reason, -EINVAL,
				  "a recording is not written to a terminal: name a file, or redirect the output");
	return outfile_open("write", path, ret, reason);
}

int recording_start(const char *path, int64_t wall_offset_ns, struct recording **ret, struct reason *reason)
{
	_cleanup_(recording_freep) struct recording *rec = calloc(1, sizeof(*rec));
	_cleanup_(recording_info_clear) struct recording_info info = {0};
	int r;

	if (!rec)
		return -ENOMEM;
	rec->path = path;
	rec->fd = -1;
	recording_info_fill(wall_offset_ns, &info);
	r = open_output(path, &rec->fd, reason);
	if (r < 0)
		return r;
	r = record_writer_new(write_whole, rec, &info.info, &rec->writer);
	if (r < 0)
		return reason_set(reason, r, "--write=%s: cannot write it: %s", path, strerror(-r));
	*ret = TAKE_PTR(rec);
	return 0;
}

int recording_event(struct recording *rec, const struct event *ev)
{
	return record_writer_event(rec->writer, ev);
}

int recording_flush(struct recording *rec)
{
	return record_writer_flush(rec->writer);
}

int recording_finish(struct recording *rec, const struct ledger *l, struct reason *reason)
{
	int r = record_writer_ledger(rec->writer, l);

	/* what a full disk or a server far away has to say may come only now */
	if (r >= 0 && rec->fd != STDOUT_FILENO) {
		r = close(rec->fd) < 0 ? -errno : 0;
		rec->fd = -1;
	}
	if (r < 0)
		return reason_set(reason, r, "the recording %s is not complete: %s", rec->path, strerror(-r));
	return 0;
}

void recording_free(struct recording *rec)
{
	if (!rec)
		return;
	record_writer_free(rec->writer);
	if (rec->fd >= 0 && rec->fd != STDOUT_FILENO)
		close(rec->fd);
	free(rec);
}

/* SPDX-License-Identifier: GPL-2.0-only */
#include "sink/record_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/outfile.h"
#include "record/writer.h"

#define READ_BYTES (256u << 10)

struct record_file {
	const char *path; /* borrowed */
	int fd;		  /* owned unless it is standard output */
	struct record_writer *writer;
};

/* Whether reading would wait, as for a trace at the other end of a pipe. */
static bool would_wait(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, 0) == 0;
}

static int feed(struct record_reader *reader, int fd, const struct record_file_idle *idle, struct reason *reason)
{
	_cleanup_free_ char *bytes = malloc(READ_BYTES);
	ssize_t n = 0;
	int r = 0;

	if (!bytes)
		return -ENOMEM;
	do {
		if (idle && would_wait(fd))
			r = idle->fn(idle->ctx);
		if (r < 0)
			break;
		n = read(fd, bytes, READ_BYTES);
		if (n < 0 && errno != EINTR)
			return reason_set(reason, -errno, "cannot be read: %s", strerror(errno));
		if (n > 0)
			r = record_reader_feed(reader, bytes, (size_t)n, reason);
	} while (r >= 0 && n != 0);
	return r < 0 ? r : record_reader_end(reader, reason);
}

int record_file_read(struct record_reader *reader, const char *path, const struct record_file_idle *idle,
		     struct reason *reason)
{
	_cleanup_close_ int fd = -1;

	if (strcmp(path, "-") == 0)
		return feed(reader, STDIN_FILENO, idle, reason);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return reason_set(reason, -errno, "%s", strerror(errno));
	return feed(reader, fd, idle, reason);
}

static int write_whole(void *ctx, const void *data, size_t len)
{
	const struct record_file *f = ctx;

	return file_write(f->fd, data, len);
}

int record_file_open(const char *path, struct record_file **ret, struct reason *reason)
{
	_cleanup_(record_file_freep) struct record_file *f = NULL;
	int r;

	if (strcmp(path, "-") == 0 && isatty(STDOUT_FILENO))
		return reason_set(reason, -EINVAL,
				  "a recording is not written to a terminal: name a file, or redirect the output");
	f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	f->path = path;
	f->fd = -1;
	r = outfile_open("write", path, &f->fd, reason);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(f);
	return 0;
}

int record_file_begin(struct record_file *f, const struct record_info *info, struct reason *reason)
{
	int r = outfile_empty(f->fd);

	if (r >= 0)
		r = record_writer_new(write_whole, f, info, &f->writer);
	return r < 0 ? reason_set(reason, r, "--write=%s: cannot write it: %s", f->path, strerror(-r)) : 0;
}

int record_file_coverage(struct record_file *f, const struct record_coverage *c)
{
	return record_writer_coverage(f->writer, c);
}

int record_file_event(struct record_file *f, const struct event *ev)
{
	return record_writer_event(f->writer, ev);
}

int record_file_flush(struct record_file *f)
{
	return record_writer_flush(f->writer);
}

int record_file_finish(struct record_file *f, const struct lost_events *l, struct reason *reason)
{
	int r = record_writer_ledger(f->writer, l);

	/* a full disk or a remote server may report its error only here */
	if (r >= 0 && f->fd != STDOUT_FILENO) {
		r = close(f->fd) < 0 ? -errno : 0;
		f->fd = -1;
	}
	if (r < 0)
		return reason_set(reason, r, "the recording %s is not complete: %s", f->path, strerror(-r));
	return 0;
}

void record_file_free(struct record_file *f)
{
	if (!f)
		return;
	record_writer_free(f->writer);
	if (f->fd >= 0 && f->fd != STDOUT_FILENO)
		close(f->fd);
	free(f);
}

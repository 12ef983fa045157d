/* SPDX-License-Identifier: GPL-2.0-only */
#include "sink/rotated.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/file.h"
#include "cli/outfile.h"

struct rotated {
	const char *path;
	uint64_t max_bytes, bytes;
	int fd;	    /* -1: closed */
	bool begun; /* the file has been emptied */
	struct buf head;
};

int rotated_open(const char *path, uint64_t max_bytes, struct rotated **ret, struct reason *reason)
{
	_cleanup_(rotated_freep) struct rotated *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	r->path = path;
	r->max_bytes = max_bytes;
	r->fd = -1;
	if (strlen(path) > PATH_MAX - 8)
		return reason_set(reason, -ENAMETOOLONG, "--output-file=%.32s...: the name is too long", path);
	err = outfile_open("output-file", path, &r->fd, reason);
	if (err < 0)
		return err;
	*ret = TAKE_PTR(r);
	return 0;
}

static void numbered(const struct rotated *r, unsigned n, char path[PATH_MAX])
{
	if (n)
		snprintf(path, PATH_MAX, "%s.%u", r->path, n);
	else
		snprintf(path, PATH_MAX, "%s", r->path);
}

/* rename(2) replaces a name that is a symlink; it does not follow it. */
static int begin_anew(struct rotated *r)
{
	char from[PATH_MAX], to[PATH_MAX];
	int err;

	if (close(r->fd) < 0) {
		r->fd = -1;
		return -errno;
	}
	r->fd = -1;
	for (unsigned n = ROTATED_FILES - 1; n > 0; n--) {
		numbered(r, n - 1, from);
		numbered(r, n, to);
		if (rename(from, to) < 0 && errno != ENOENT)
			return -errno;
	}
	err = outfile_open("output-file", r->path, &r->fd, NULL);
	if (err >= 0)
		err = outfile_empty(r->fd); /* somebody may have made it anew */
	if (err < 0)
		return err;
	r->bytes = r->head.len;
	return file_write(r->fd, r->head.data, r->head.len);
}

static int begin(struct rotated *r)
{
	int err = r->begun ? 0 : outfile_empty(r->fd);

	r->begun = true;
	return err;
}

int rotated_flush(struct rotated *r, struct out *o)
{
	bool may = r->max_bytes && r->fd != STDOUT_FILENO;
	int err = o->failed ? -ENOMEM : r->fd < 0 ? -EBADF : 0;
	size_t done = 0;

	if (err >= 0 && o->buf.len)
		err = begin(r);
	while (err >= 0 && done < o->buf.len) {
		const char *at = o->buf.data + done, *end;
		size_t left = o->buf.len - done, n = left;

		/* as many whole lines as fit, and at least one in each file */
		if (may && r->bytes + n > r->max_bytes) {
			size_t room = r->max_bytes > r->bytes ? (size_t)(r->max_bytes - r->bytes) : 0;

			end = memrchr(at, '\n', room < left ? room : left);
			if (!end && r->bytes > r->head.len) {
				err = begin_anew(r);
				continue;
			}
			if (!end)
				end = memchr(at, '\n', left);
			n = end ? (size_t)(end - at) + 1 : left;
		}
		err = file_write(r->fd, at, n);
		r->bytes += n;
		done += n;
	}
	out_clear(o);
	return err;
}

int rotated_head(struct rotated *r, const struct out *head)
{
	int err = begin(r);

	r->head.len = 0;
	return err < 0 ? err : buf_append(&r->head, head->buf.data, head->buf.len);
}

int rotated_close(struct rotated *r)
{
	int fd = r->fd;

	r->fd = -1;
	return fd >= 0 && fd != STDOUT_FILENO && close(fd) < 0 ? -errno : 0;
}

void rotated_free(struct rotated *r)
{
	if (!r)
		return;
	if (r->fd >= 0 && r->fd != STDOUT_FILENO)
		close(r->fd);
	buf_free(&r->head);
	free(r);
}

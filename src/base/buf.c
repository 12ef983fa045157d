/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define READ_CHUNK_BYTES (64u << 10)

int buf_reserve(struct buf *b, size_t more)
{
	size_t cap = b->cap ? b->cap : 256;
	char *p;

	if (more > SIZE_MAX / 4 - b->len)
		return -ENOMEM;
	if (b->len + more <= b->cap)
		return 0;
	while (cap < b->len + more)
		cap *= 2;
	p = realloc(b->data, cap);
	if (!p)
		return -ENOMEM;
	b->data = p;
	b->cap = cap;
	return 0;
}

int buf_append(struct buf *b, const void *data, size_t len)
{
	int r = buf_reserve(b, len);

	if (r < 0)
		return r;
	if (len)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	return 0;
}

void buf_free(struct buf *b)
{
	free(b->data);
	*b = (struct buf){0};
}

static int read_fd_max(int fd, size_t max_bytes, struct buf *ret)
{
	_cleanup_buf_ struct buf b = {0};

	for (;;) {
		int r = buf_reserve(&b, READ_CHUNK_BYTES);
		ssize_t n;

		if (r < 0)
			return r;
		n = read(fd, b.data + b.len, b.cap - b.len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		b.len += n;
		if (b.len > max_bytes)
			return -EFBIG;
	}
	b.data[b.len] = '\0';
	*ret = b;
	b = (struct buf){0};
	return 0;
}

int buf_read_fd(int fd, struct buf *ret)
{
	return read_fd_max(fd, SIZE_MAX, ret);
}

int buf_read_at(int dirfd, const char *path, struct buf *ret)
{
	_cleanup_close_ int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : buf_read_fd(fd, ret);
}

int buf_read_file_max(const char *path, size_t max_bytes, struct buf *ret)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return -errno;
	return read_fd_max(fd, max_bytes, ret);
}

int buf_read_file(const char *path, struct buf *ret)
{
	return buf_read_file_max(path, SIZE_MAX, ret);
}

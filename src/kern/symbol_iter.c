/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/symbol_iter.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/event.h"
#include "bpf/symbols.skel.h"
#include "kern/error/kern_error.h"
#include "kern/load/loader.h"

#define CHUNK_BYTES (64u << 10)

ssize_t symbol_iter_parse(struct ksyms_builder *b, const uint8_t *data, size_t len)
{
	size_t done = 0;
	struct st_symbol s;

	while (len - done >= sizeof(s)) {
		const char *text = (const char *)data + done + sizeof(s);
		size_t size;
		int r;

		memcpy(&s, data + done, sizeof(s));
		if (s.name_bytes >= ST_SYMBOL_NAME_MAX || s.module_bytes >= ST_SYMBOL_MODULE_MAX ||
		    (ksym_is_text((char)s.type) && !s.name_bytes))
			return -EBADMSG;
		size = sizeof(s) + s.name_bytes + s.module_bytes;
		if (len - done < size)
			break;
		r = ksyms_builder_add(b, s.addr, (char)s.type, text, s.name_bytes,
				      s.module_bytes ? text + s.name_bytes : NULL, s.module_bytes);
		if (r < 0)
			return r;
		done += size;
	}
	return (ssize_t)done;
}

static int read_all(int fd, struct ksyms_builder *b)
{
	_cleanup_free_ uint8_t *chunk = malloc(CHUNK_BYTES);
	size_t have = 0;

	if (!chunk)
		return -ENOMEM;
	for (;;) {
		ssize_t n = read(fd, chunk + have, CHUNK_BYTES - have), done;

		if (n < 0 && (errno == EINTR ||
			      errno == EAGAIN)) /* EAGAIN: the iterator has passed many symbols that write nothing */
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return have ? -EBADMSG : 0;
		have += (size_t)n;
		done = symbol_iter_parse(b, chunk, have);
		if (done < 0)
			return (int)done;
		have -= (size_t)done;
		memmove(chunk, chunk + done, have);
	}
}

static void symbols_bpf_destroyp(struct symbols_bpf **skel)
{
	symbols_bpf__destroy(*skel);
}

static void bpf_link_destroyp(struct bpf_link **link)
{
	bpf_link__destroy(*link);
}

static int load(const struct btf_index *vmlinux, struct verifier_log *log, struct symbols_bpf **ret)
{
	_cleanup_(symbols_bpf_destroyp) struct symbols_bpf *skel = NULL;
	_cleanup_(loader_freep) struct loader *loader = NULL;
	int r = loader_new(vmlinux, &loader);

	if (r < 0)
		return r;
	skel = symbols_bpf__open_opts(loader_open_opts(loader));
	if (!skel)
		return -errno;
	if (!prog_handlers_has(loader_handlers(loader), skel->progs.symbols))
		return -EOPNOTSUPP;
	r = loader_load(loader, skel->skeleton, NULL, log, "symbols");
	if (r < 0)
		return r;
	*ret = TAKE_PTR(skel);
	return 0;
}

static int iterate(const struct btf_index *vmlinux, struct ksyms_builder *b)
{
	_cleanup_(symbols_bpf_destroyp) struct symbols_bpf *skel = NULL;
	_cleanup_(bpf_link_destroyp) struct bpf_link *link = NULL;
	_cleanup_close_ int fd = -1;
	int r = load(vmlinux, NULL, &skel);

	if (r < 0 || !skel)
		return r;
	link = bpf_program__attach(skel->progs.symbols);
	fd = link ? bpf_iter_create(bpf_link__fd(link)) : -errno;
	if (fd < 0)
		return fd;
	r = read_all(fd, b);
	return r >= 0 && skel->bss->st_unreadable ? -EBADMSG : r;
}

int symbol_iter_verify(const struct btf_index *vmlinux, struct verifier_log *log, struct reason *reason)
{
	struct symbols_bpf *skel = NULL;
	int r = load(vmlinux, log, &skel);

	if (r == -EOPNOTSUPP)
		return 0;
	if (r < 0)
		return kern_error_set(r, "load the iterator of symbols", reason);
	symbols_bpf__destroy(skel);
	return 0;
}

int symbol_iter_load(const struct btf_index *vmlinux, struct ksyms **ret, struct reason *reason)
{
	_cleanup_(ksyms_builder_freep) struct ksyms_builder *b = NULL;
	int r = btf_index_is_running(vmlinux) ? ksyms_builder_new(&b) : -EOPNOTSUPP;

	if (r >= 0)
		r = iterate(vmlinux, b);
	if (r >= 0)
		return ksyms_builder_finish(b, ret, reason);
	return r == -ENOMEM ? r : ksyms_load(ret, reason);
}

/* SPDX-License-Identifier: GPL-2.0-only */
#include "sink/exports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/outfile.h"
#include "path/packets.h"
#include "render/path/page.h"
#include "render/path/svg.h"
#include "render/pcapng/pcapng_writer.h"

#define WRITE_BYTES (64u << 10)

struct export_file {
	const char *path; /* borrowed; NULL: none */
	int fd;
};

struct exports {
	struct export_file svg_file, html_file, pcapng_file;
	struct packets *packets; /* owned; NULL: nothing is drawn */
	struct pcapng_writer pcapng;
	struct out frames; /* not written yet */
	int write_error;   /* negative errno of the first failed write of frames */
	struct svg svg;
	struct page page;
	struct record_info info;
	bool has_info;
};

bool exports_wanted(const struct exports_opts *o)
{
	return o->svg || o->html || o->pcapng;
}

static bool is_stdout(const char *path)
{
	return path && strcmp(path, "-") == 0;
}

const char *exports_stdout_option(const struct exports_opts *o)
{
	return is_stdout(o->svg) ? "svg" : is_stdout(o->html) ? "html" : is_stdout(o->pcapng) ? "pcapng" : NULL;
}

static int on_packet(void *ctx, const struct packet *p)
{
	struct exports *e = ctx;

	if (e->svg_file.path)
		svg_packet(&e->svg, p);
	if (e->html_file.path)
		page_packet(&e->page, p);
	return e->svg.body.failed || e->page.body.failed ? -ENOMEM : 0;
}

static int export_file_open(struct export_file *t, const char *option, const char *path, struct reason *reason)
{
	int r;

	if (!path)
		return 0;
	r = outfile_open(option, path, &t->fd, reason);
	if (r >= 0)
		t->path = path;
	return r;
}

static void export_file_free(struct export_file *t)
{
	if (t->path && t->fd >= 0 && t->fd != STDOUT_FILENO)
		close(t->fd);
	t->path = NULL;
}

/* A full disk or a remote server may report its error only when the file is closed. */
static int export_file_close(struct export_file *t, int r, struct reason *reason)
{
	if (r >= 0 && t->fd != STDOUT_FILENO) {
		r = close(t->fd) < 0 ? -errno : 0;
		t->fd = -1;
	}
	return r < 0 ? reason_set(reason, r, "writing %s failed: %s", t->path, strerror(-r)) : 0;
}

static int export_file_finish(struct export_file *t, const struct out *o, struct reason *reason)
{
	int r = o->failed ? -ENOMEM : file_write(t->fd, o->buf.data, o->buf.len);

	return export_file_close(t, r, reason);
}

int exports_new(const struct exports_opts *o, struct exports **ret, struct reason *reason)
{
	_cleanup_(exports_freep) struct exports *e = calloc(1, sizeof(*e));
	struct packets_opts opts = {.on_packet = on_packet, .ctx = e};
	int r;

	if (!e)
		return -ENOMEM;
	if (is_stdout(o->svg) + is_stdout(o->html) + is_stdout(o->pcapng) > 1)
		return reason_set(reason, -EINVAL, "-: standard output takes one of --svg, --html and --pcapng");
	r = o->svg || o->html ? packets_new(&opts, &e->packets) : 0;
	if (r >= 0)
		r = export_file_open(&e->pcapng_file, "pcapng", o->pcapng, reason);
	if (r >= 0)
		r = export_file_open(&e->svg_file, "svg", o->svg, reason);
	if (r >= 0)
		r = export_file_open(&e->html_file, "html", o->html, reason);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(e);
	return 0;
}

void exports_free(struct exports *e)
{
	if (!e)
		return;
	export_file_free(&e->svg_file);
	export_file_free(&e->html_file);
	export_file_free(&e->pcapng_file);
	packets_free(e->packets);
	svg_free(&e->svg);
	page_free(&e->page);
	pcapng_writer_free(&e->pcapng);
	out_free(&e->frames);
	free(e);
}

static int empty_all(struct exports *e)
{
	const struct export_file *files[] = {&e->pcapng_file, &e->svg_file, &e->html_file};
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(files) && r >= 0; i++)
		r = files[i]->path ? outfile_empty(files[i]->fd) : 0;
	return r;
}

int exports_info(struct exports *e, const struct record_info *info)
{
	if (!e->has_info) {
		int r = empty_all(e);

		if (r < 0)
			return r;
		e->info = *info;
		e->has_info = true;
	}
	if (!e->pcapng_file.path)
		return 0;
	return pcapng_writer_begin(&e->pcapng, info, &e->frames);
}

int exports_flush(struct exports *e)
{
	if (!e->write_error)
		e->write_error = e->frames.failed
					 ? -ENOMEM
					 : file_write(e->pcapng_file.fd, e->frames.buf.data, e->frames.buf.len);
	out_clear(&e->frames);
	return e->write_error;
}

int exports_event(struct exports *e, const struct event *ev)
{
	int r = e->packets ? packets_add(e->packets, ev) : 0;

	if (r < 0 || !e->pcapng_file.path)
		return r;
	pcapng_writer_event(&e->pcapng, ev, &e->frames);
	return e->frames.buf.len < WRITE_BYTES ? 0 : exports_flush(e);
}

int exports_finish(struct exports *e, const struct lost_events *l, struct reason *reason)
{
	_cleanup_out_ struct out svg = {0}, html = {0};
	const struct record_info *info = &e->info;
	int r = e->packets ? packets_flush(e->packets) : 0;

	if (!e->has_info) /* nothing was read: older files stay as they are */
		return r;
	if (r >= 0 && e->pcapng_file.path) {
		pcapng_writer_end(&e->pcapng, l, &e->frames);
		exports_flush(e);
		r = export_file_close(&e->pcapng_file, e->write_error, reason);
	}
	if (r >= 0 && e->svg_file.path) {
		svg_finish(&e->svg, info, l, &svg);
		r = export_file_finish(&e->svg_file, &svg, reason);
	}
	if (r >= 0 && e->html_file.path) {
		page_finish(&e->page, info, l, &html);
		r = export_file_finish(&e->html_file, &html, reason);
	}
	return r;
}

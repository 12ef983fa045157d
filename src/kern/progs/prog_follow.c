/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/progs/prog_follow.h"

#include <bpf/libbpf.h>
#include <errno.h>

#include "bpf/config.h"
#include "bpf/trace.skel.h"
#include "btf/index.h"
#include "kern/error/kern_error.h"

struct prog_follow {
	struct prog_watch *watch;
	struct bpf_link *calls[ST_CALL_MAX];
};

DEFINE_CLEANUP(struct prog_follow *, prog_follow_free)

static struct bpf_program *call_prog(const struct trace_bpf *skel, enum st_call call)
{
	struct bpf_program *const progs[ST_CALL_MAX] = {
		[ST_CALL_REDIRECT] = skel->progs.call_redirect,
		[ST_CALL_REDIRECT_PEER] = skel->progs.call_redirect_peer,
		[ST_CALL_REDIRECT_NEIGH] = skel->progs.call_redirect_neigh,
		[ST_CALL_CLONE_REDIRECT] = skel->progs.call_clone_redirect,
		[ST_CALL_XDP_REDIRECT] = skel->progs.call_xdp_redirect,
	};

	return progs[call];
}

void prog_follow_choose(struct trace_bpf *skel, bool tc, bool xdp, const struct btf_index *btf)
{
	bpf_program__set_autoload(skel->progs.tc_entry, tc);
	bpf_program__set_autoload(skel->progs.tc_exit, tc);
	bpf_program__set_autoload(skel->progs.xdp_entry, xdp);
	bpf_program__set_autoload(skel->progs.xdp_exit, xdp);
	for (enum st_call call = 0; call < ST_CALL_MAX; call++) {
		bool wanted = call == ST_CALL_XDP_REDIRECT ? xdp : tc;

		bpf_program__set_autoload(call_prog(skel, call),
					  wanted && btf_index_has_func(btf, event_call_name(call)));
	}
}

static int attach_calls(struct prog_follow *f, const struct trace_bpf *skel, struct reason *reason)
{
	for (enum st_call call = 0; call < ST_CALL_MAX; call++) {
		if (!bpf_program__autoload(call_prog(skel, call)))
			continue;
		f->calls[call] = bpf_program__attach(call_prog(skel, call));
		if (!f->calls[call])
			return kern_error_set(-errno, "attach to the helpers of BPF programs", reason);
	}
	return 0;
}

int prog_follow_open(struct trace_bpf *skel, const struct prog_follow_opts *opts, struct prog_follow **ret,
		     struct reason *reason)
{
	_cleanup_(prog_follow_freep) struct prog_follow *f = NULL;
	struct prog_watch_opts watch = {
		.all_tc = opts->all_tc, .all_xdp = opts->all_xdp, .on_error = opts->on_error, .ctx = opts->ctx};
	int r;

	*ret = NULL;
	if (!opts->tc && !opts->xdp)
		return 0;
	f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	if (opts->tc) {
		watch.templates.tc_entry = skel->progs.tc_entry;
		watch.templates.tc_exit = skel->progs.tc_exit;
	}
	if (opts->xdp) {
		watch.templates.xdp_entry = skel->progs.xdp_entry;
		watch.templates.xdp_exit = skel->progs.xdp_exit;
	}
	r = attach_calls(f, skel, reason);
	if (r >= 0)
		r = prog_watch_new(&watch, &f->watch, reason);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(f);
	return 0;
}

struct prog_watch *prog_follow_watch(const struct prog_follow *f)
{
	return f->watch;
}

void prog_follow_detach(struct prog_follow *f)
{
	if (f->watch)
		prog_watch_detach(f->watch);
	for (enum st_call call = 0; call < ST_CALL_MAX; call++) {
		bpf_link__destroy(f->calls[call]);
		f->calls[call] = NULL;
	}
}

void prog_follow_free(struct prog_follow *f)
{
	if (!f)
		return;
	prog_follow_detach(f);
	prog_watch_free(f->watch);
	free(f);
}

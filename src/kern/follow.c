/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/follow.h"

#include <bpf/libbpf.h>
#include <errno.h>

#include "bpf/trace.skel.h"
#include "kern/refusal.h"
#include "kern/vmbtf.h"

struct follow {
	struct prog_watch *watch;
	struct bpf_link *calls[ST_CALL_MAX];
};

DEFINE_CLEANUP(struct follow *, follow_free)

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

void follow_choose(struct trace_bpf *skel, const struct trace_opts *opts, const struct vmbtf *btf)
{
	bpf_program__set_autoload(skel->progs.tc_entry, opts->trace_tc);
	bpf_program__set_autoload(skel->progs.tc_exit, opts->trace_tc);
	bpf_program__set_autoload(skel->progs.xdp_entry, opts->trace_xdp);
	bpf_program__set_autoload(skel->progs.xdp_exit, opts->trace_xdp);
	for (enum st_call call = 0; call < ST_CALL_MAX; call++) {
		bool wanted = call == ST_CALL_XDP_REDIRECT ? opts->trace_xdp : opts->trace_tc;

		bpf_program__set_autoload(call_prog(skel, call), wanted && vmbtf_has_func(btf, event_call_name(call)));
	}
}

static int attach_calls(struct follow *f, const struct trace_bpf *skel, struct reason *reason)
{
	for (enum st_call call = 0; call < ST_CALL_MAX; call++) {
		if (!bpf_program__autoload(call_prog(skel, call)))
			continue;
		f->calls[call] = bpf_program__attach(call_prog(skel, call));
		if (!f->calls[call])
			return kern_refuse(-errno, "attach to the helpers of BPF programs", reason);
	}
	return 0;
}

int follow_open(struct trace_bpf *skel, const struct trace_opts *opts, struct follow **ret, struct reason *reason)
{
	_cleanup_(follow_freep) struct follow *f = NULL;
	struct prog_watch_opts watch = {.on_refusal = opts->on_prog_refusal, .ctx = opts->ctx};
	int r;

	*ret = NULL;
	if (!opts->trace_tc && !opts->trace_xdp)
		return 0;
	f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	if (opts->trace_tc) {
		watch.tc_entry = skel->progs.tc_entry;
		watch.tc_exit = skel->progs.tc_exit;
	}
	if (opts->trace_xdp) {
		watch.xdp_entry = skel->progs.xdp_entry;
		watch.xdp_exit = skel->progs.xdp_exit;
	}
	r = attach_calls(f, skel, reason);
	if (r >= 0)
		r = prog_watch_new(&watch, &f->watch, reason);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(f);
	return 0;
}

struct prog_watch *follow_watch(const struct follow *f)
{
	return f->watch;
}

void follow_detach(struct follow *f)
{
	if (f->watch)
		prog_watch_detach(f->watch);
	for (enum st_call call = 0; call < ST_CALL_MAX; call++) {
		bpf_link__destroy(f->calls[call]);
		f->calls[call] = NULL;
	}
}

void follow_free(struct follow *f)
{
	if (!f)
		return;
	follow_detach(f);
	prog_watch_free(f->watch);
	free(f);
}

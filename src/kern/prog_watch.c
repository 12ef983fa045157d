/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation. Program ids are given out in ascending order, so asking for the one after the highest that was
 * seen finds what is new, at the cost of one system call when nothing is.
 *
 * A link on a program keeps that program loaded. A datapath that replaces its programs during a long trace therefore
 * leaves the old ones in memory until the trace ends.
 *
 * The verifier gives up on the arguments of a function that is called with something else than its BTF says ("not
 * reliable"); where the return value stands is then not known from BTF either. Such a function behaves as if it took
 * five arguments, which a program that reads the fifth finds out: see args_are_sure().
 *
 * Before 6.7 a trampoline loses the count of tail calls that a function of a tail-calling program is given, so that the
 * limit on tail calls no longer holds (commit 2b5dcb31a19a in Linux): there such functions are left alone.
 */
#include "kern/prog_watch.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "kern/account.h"
#include "kern/patch.h"
#include "kern/prog_target.h"
#include "kern/refusal.h"

struct template
{
	struct bpf_insn *insns; /* owned; NULL: not wanted */
	size_t n;
	enum bpf_attach_type type;
};

enum { TC_EXIT, TC_ENTRY, XDP_EXIT, XDP_ENTRY, N_TEMPLATES };

struct prog_watch {
	struct prog_watch_opts opts;
	struct template templates[N_TEMPLATES];
	struct prog_target *targets; /* owned; in the order of their ids */
	size_t n_targets, cap_targets;
	int *links; /* owned */
	size_t n_links, cap_links;
	size_t n_followed, n_funcs;
	uint32_t last_id;
	bool is_full; /* it was said */
};

static int copy_template(const struct bpf_program *prog, enum bpf_attach_type type, struct template *ret)
{
	size_t n;

	if (!prog)
		return 0;
	n = bpf_program__insn_cnt(prog);
	ret->insns = malloc(n * sizeof(*ret->insns));
	if (!ret->insns)
		return -ENOMEM;
	memcpy(ret->insns, bpf_program__insns(prog), n * sizeof(*ret->insns));
	ret->n = n;
	ret->type = type;
	return 0;
}

static int copy_templates(struct prog_watch *w)
{
	const struct prog_watch_opts *o = &w->opts;
	int r = copy_template(o->tc_exit, BPF_TRACE_FEXIT, &w->templates[TC_EXIT]);

	if (r >= 0)
		r = copy_template(o->tc_entry, BPF_TRACE_FENTRY, &w->templates[TC_ENTRY]);
	if (r >= 0)
		r = copy_template(o->xdp_exit, BPF_TRACE_FEXIT, &w->templates[XDP_EXIT]);
	return r < 0 ? r : copy_template(o->xdp_entry, BPF_TRACE_FENTRY, &w->templates[XDP_ENTRY]);
}

static void refuse(const struct prog_watch *w, const struct prog_target *t, const struct prog_func *f, const char *why)
{
	struct prog_refusal r = {
		.id = t->id, .xdp = t->xdp, .name = t->name, .func = f && f->index ? f->name : NULL, .why = why};

	if (w->opts.on_refusal)
		w->opts.on_refusal(w->opts.ctx, &r);
}

static const char *why_not(int err)
{
	switch (err) {
	case -E2BIG:
		return "the kernel attaches no more tracing programs to it";
	case -EBUSY:
		return "it is replaced by a freplace program";
	case -EMFILE:
		return "out of file descriptors; raise the limit (ulimit -n)";
	default:
		return strerror(-err);
	}
}

static int load_copy(const struct bpf_insn *insns, size_t n, enum bpf_attach_type type, int target_fd, uint32_t btf_id)
{
	LIBBPF_OPTS(bpf_prog_load_opts, o, .expected_attach_type = type, .attach_prog_fd = target_fd,
		    .attach_btf_id = btf_id);

	return bpf_prog_load(BPF_PROG_TYPE_TRACING, "st_prog", "GPL", insns, n, &o);
}

/* A program that reads the fifth argument's successor is refused where BTF's fewer arguments hold. */
static bool args_are_sure(const struct prog_func *f, int target_fd)
{
	static const struct bpf_insn read_sixth[] = {
		{.code = BPF_LDX | BPF_MEM | BPF_DW,
		 .dst_reg = BPF_REG_0,
		 .src_reg = BPF_REG_1,
		 .off = PROG_ARGS_MAX * 8},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	int fd;

	if (f->index == 0 || f->n_args == PROG_ARGS_MAX)
		return true;
	fd = load_copy(read_sixth, ARRAY_SIZE(read_sixth), BPF_TRACE_FEXIT, target_fd, f->type_id);
	if (fd < 0)
		return true;
	close(fd);
	return false;
}

static int keep_link(struct prog_watch *w, int link)
{
	if (w->n_links == w->cap_links) {
		size_t cap = w->cap_links ? w->cap_links * 2 : 32;
		int *v = reallocarray(w->links, cap, sizeof(*v));

		if (!v) {
			close(link);
			return -ENOMEM;
		}
		w->links = v;
		w->cap_links = cap;
	}
	w->links[w->n_links++] = link;
	return 0;
}

static int attach_copy(struct prog_watch *w, const struct template *tm, const struct prog_target *t,
		       const struct prog_func *f, int target_fd)
{
	_cleanup_free_ struct bpf_insn *insns = malloc(tm->n * sizeof(*insns));
	_cleanup_close_ int fd = -1;
	int link;

	if (!insns)
		return -ENOMEM;
	memcpy(insns, tm->insns, tm->n * sizeof(*insns));
	if (!patch_imm64(insns, tm->n, ST_PATCH_WHO, (uint64_t)f->index << 32 | t->id) ||
	    !patch_imm64(insns, tm->n, ST_PATCH_SLOT, f->slot))
		return -ENOEXEC;
	patch_imm64(insns, tm->n, ST_PATCH_ARGS, f->n_args); /* only on exit */
	fd = load_copy(insns, tm->n, tm->type, target_fd, f->type_id);
	if (fd < 0)
		return fd;
	link = bpf_raw_tracepoint_open(NULL, fd);
	return link < 0 ? -errno : keep_link(w, link);
}

/* The exit first: an entry without its exit would stay on the stack of programs that run. */
static int follow_func(struct prog_watch *w, const struct prog_target *t, const struct prog_func *f, int target_fd)
{
	const struct template *exit = &w->templates[t->xdp ? XDP_EXIT : TC_EXIT];
	const struct template *entry = &w->templates[t->xdp ? XDP_ENTRY : TC_ENTRY];
	size_t before = w->n_links;
	int r;

	if (f->index && t->has_prog_array && !kernel_at_least(6, 7)) {
		refuse(w, t, f, "before 6.7 following it would disturb the program's tail calls");
		return 0;
	}
	if (!args_are_sure(f, target_fd)) {
		refuse(w, t, f, "its arguments are not what its BTF says");
		return 0;
	}
	r = attach_copy(w, exit, t, f, target_fd);
	if (r >= 0)
		r = attach_copy(w, entry, t, f, target_fd);
	if (r >= 0) {
		w->n_funcs++;
		return 1;
	}
	while (w->n_links > before)
		close(w->links[--w->n_links]);
	if (r == -ENOMEM)
		return r;
	refuse(w, t, f, why_not(r));
	return 0;
}

/* Takes *t over. */
static int keep_target(struct prog_watch *w, struct prog_target *t)
{
	if (w->n_targets == w->cap_targets) {
		size_t cap = w->cap_targets ? w->cap_targets * 2 : 16;
		struct prog_target *v = reallocarray(w->targets, cap, sizeof(*v));

		if (!v)
			return -ENOMEM;
		w->targets = v;
		w->cap_targets = cap;
	}
	w->targets[w->n_targets++] = *t;
	*t = (struct prog_target){0};
	return 0;
}

static int follow(struct prog_watch *w, uint32_t id)
{
	_cleanup_(prog_target_free) struct prog_target t = {0};
	_cleanup_close_ int fd = bpf_prog_get_fd_by_id(id);
	struct reason reason = {0};
	bool followed = false;
	int r;

	if (fd < 0)
		return 0; /* unloaded meanwhile */
	if (w->is_full)
		return 0;
	r = prog_target_load(fd, &t, &reason);
	if (r == 0 || !w->templates[t.xdp ? XDP_EXIT : TC_EXIT].insns)
		return r == -ENOMEM ? r : 0;
	if (r < 0) {
		if (r != -ENOMEM && t.id)
			refuse(w, &t, NULL, reason.text[0] ? reason.text : strerror(-r));
		return r == -ENOMEM ? r : 0;
	}
	w->is_full = t.n_funcs > PROG_WATCH_FUNCS_MAX - w->n_funcs;
	if (w->is_full) {
		refuse(w, &t, NULL, "as many functions of programs are followed as there may be; no later one is");
		return 0;
	}
	for (size_t i = 0; i < t.n_funcs; i++) {
		r = follow_func(w, &t, &t.funcs[i], fd);
		if (r < 0)
			return r;
		followed |= r;
	}
	w->n_followed += followed;
	return followed ? keep_target(w, &t) : 0;
}

/* Also meets the copies it loads itself; they are of another type. */
int prog_watch_look(struct prog_watch *w)
{
	uint32_t id;

	while (bpf_prog_get_next_id(w->last_id, &id) == 0) {
		int r = follow(w, id);

		if (r < 0)
			return r;
		w->last_id = id;
	}
	return 0;
}

/* Each function that is followed takes two descriptors. */
static void raise_descriptors(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) < 0 || l.rlim_cur >= l.rlim_max)
		return;
	l.rlim_cur = l.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &l);
}

int prog_watch_new(const struct prog_watch_opts *opts, struct prog_watch **ret, struct reason *reason)
{
	_cleanup_(prog_watch_freep) struct prog_watch *w = calloc(1, sizeof(*w));
	uint32_t id;
	int r;

	if (!w)
		return -ENOMEM;
	w->opts = *opts;
	r = copy_templates(w);
	if (r < 0)
		return r;
	raise_descriptors();
	r = bpf_prog_get_next_id(0, &id);
	if (r < 0 && r != -ENOENT)
		return kern_refuse(r, "list the loaded BPF programs", reason);
	r = prog_watch_look(w);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(w);
	return 0;
}

static const struct prog_target *find_target(const struct prog_watch *w, uint32_t id)
{
	size_t lo = 0, hi = w->n_targets;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (w->targets[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < w->n_targets && w->targets[lo].id == id ? &w->targets[lo] : NULL;
}

void prog_watch_name(const struct prog_watch *w, struct event *ev)
{
	const struct prog_target *t = find_target(w, ev->prog.id);

	if (!t)
		return;
	ev->prog.name = t->name;
	ev->prog.xdp = t->xdp;
	if (ev->source == ST_SRC_PROG_CALL)
		return;
	for (size_t i = 0; i < t->n_funcs; i++)
		if (t->funcs[i].index == ev->prog.func)
			ev->func = t->funcs[i].name;
}

size_t prog_watch_programs(const struct prog_watch *w)
{
	return w->n_followed;
}

size_t prog_watch_funcs(const struct prog_watch *w)
{
	return w->n_funcs;
}

/* Of link i. -errno. */
static int prog_of(const struct prog_watch *w, size_t i)
{
	struct bpf_link_info info = {0};
	uint32_t size_bytes = sizeof(info);
	int r = bpf_obj_get_info_by_fd(w->links[i], &info, &size_bytes);

	return r < 0 ? r : bpf_prog_get_fd_by_id(info.prog_id);
}

int prog_watch_run_time(const struct prog_watch *w, uint64_t *ns)
{
	for (size_t i = 0; i < w->n_links; i++) {
		_cleanup_close_ int fd = prog_of(w, i);
		int r = fd < 0 ? fd : account_run_time(fd, ns);

		if (r < 0)
			return r;
	}
	return 0;
}

int prog_watch_account(const struct prog_watch *w, struct ledger *ledger)
{
	int can_tell = 1;

	for (size_t i = 0; i < w->n_links; i++) {
		_cleanup_close_ int fd = prog_of(w, i);
		int r = fd < 0 ? fd : account_recursion(fd, &ledger->lost_recursion);
		if (r < 0)
			return r;
		can_tell &= r;
	}
	return can_tell;
}

void prog_watch_detach(struct prog_watch *w)
{
	for (size_t i = 0; i < w->n_links; i++)
		close(w->links[i]);
	w->n_links = 0;
}

void prog_watch_free(struct prog_watch *w)
{
	if (!w)
		return;
	prog_watch_detach(w);
	for (size_t i = 0; i < N_TEMPLATES; i++)
		free(w->templates[i].insns);
	for (size_t i = 0; i < w->n_targets; i++)
		prog_target_free(&w->targets[i]);
	free(w->targets);
	free(w->links);
	free(w);
}

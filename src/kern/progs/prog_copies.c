/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation. If a function is called with other arguments than its BTF says, the verifier marks it "not
 * reliable" and lets a tracing program read five arguments, whatever their number in BTF. Then the place of the return
 * value, which follows the arguments, is not known from BTF either. args_are_sure() finds such functions, which are not
 * followed.
 *
 * Before 6.7 a trampoline loses the tail call count that a function of a tail-calling program gets, so that the limit
 * on tail calls no longer holds (Linux commit 2b5dcb31a19a). There such functions are not followed.
 */
#include "kern/progs/prog_copies.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/kernel_version.h"
#include "bpf/event.h"
#include "insn/patch.h"
#include "kern/progs/account.h"

struct template
{
	struct bpf_insn *insns; /* owned; NULL: programs of this kind are not followed */
	size_t n;
	enum bpf_attach_type type;
};

enum { TC_EXIT, TC_ENTRY, XDP_EXIT, XDP_ENTRY, N_TEMPLATES };

struct prog_copies {
	struct template templates[N_TEMPLATES];
	int *links; /* owned */
	size_t n_links;
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

int prog_copies_new(const struct prog_templates *t, struct prog_copies **ret)
{
	_cleanup_(prog_copies_freep) struct prog_copies *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return -ENOMEM;
	r = copy_template(t->tc_exit, BPF_TRACE_FEXIT, &c->templates[TC_EXIT]);
	if (r >= 0)
		r = copy_template(t->tc_entry, BPF_TRACE_FENTRY, &c->templates[TC_ENTRY]);
	if (r >= 0)
		r = copy_template(t->xdp_exit, BPF_TRACE_FEXIT, &c->templates[XDP_EXIT]);
	if (r >= 0)
		r = copy_template(t->xdp_entry, BPF_TRACE_FENTRY, &c->templates[XDP_ENTRY]);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(c);
	return 0;
}

bool prog_copies_take(const struct prog_copies *c, bool xdp)
{
	return c->templates[xdp ? XDP_EXIT : TC_EXIT].insns;
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

/* Loads a program that reads the value behind five arguments. The verifier refuses it if the function has fewer
 * arguments and BTF is right about them. */
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

/* Takes the link over, also on failure. */
static int keep_link(struct prog_copies *c, int link)
{
	if (ARRAY_GROW(c->links, c->n_links) < 0) {
		close(link);
		return -ENOMEM;
	}
	c->links[c->n_links++] = link;
	return 0;
}

static int attach_copy(struct prog_copies *c, const struct template *tm, const struct prog_target *t,
		       const struct prog_func *f, int target_fd)
{
	_cleanup_free_ struct bpf_insn *insns = malloc(tm->n * sizeof(*insns));
	_cleanup_close_ int fd = -1;
	int link;

	if (!insns)
		return -ENOMEM;
	memcpy(insns, tm->insns, tm->n * sizeof(*insns));
	if (!patch_imm64(insns, tm->n, ST_PATCH_WHO, (uint64_t)f->index << 32 | t->id) ||
	    !patch_imm64(insns, tm->n, ST_PATCH_ARG_INDEX, f->ctx_arg))
		return -ENOEXEC;
	patch_imm64(insns, tm->n, ST_PATCH_ARGS, f->n_args); /* only the template of the exit has it */
	fd = load_copy(insns, tm->n, tm->type, target_fd, f->type_id);
	if (fd < 0)
		return fd;
	link = bpf_raw_tracepoint_open(NULL, fd);
	return link < 0 ? -errno : keep_link(c, link);
}

/* The exit is attached first: an entry without its exit would stay on the stack of running programs. */
int prog_copies_attach(struct prog_copies *c, const struct prog_target *t, const struct prog_func *f, int prog_fd,
		       const char **ret_why)
{
	const struct template *exit = &c->templates[t->xdp ? XDP_EXIT : TC_EXIT];
	const struct template *entry = &c->templates[t->xdp ? XDP_ENTRY : TC_ENTRY];
	size_t before = c->n_links;
	int r;

	if (f->index && t->has_prog_array && !kernel_version_at_least(6, 7)) {
		*ret_why = "before 6.7 following it would disturb the program's tail calls";
		return 0;
	}
	if (!args_are_sure(f, prog_fd)) {
		*ret_why = "its arguments are not what its BTF says";
		return 0;
	}
	r = attach_copy(c, exit, t, f, prog_fd);
	if (r >= 0)
		r = attach_copy(c, entry, t, f, prog_fd);
	if (r >= 0)
		return 1;
	while (c->n_links > before)
		close(c->links[--c->n_links]);
	if (r == -ENOMEM)
		return r;
	*ret_why = why_not(r);
	return 0;
}

/* A descriptor of the program of link i, or -errno. */
static int prog_of(const struct prog_copies *c, size_t i)
{
	struct bpf_link_info info = {0};
	uint32_t size_bytes = sizeof(info);
	int r = bpf_obj_get_info_by_fd(c->links[i], &info, &size_bytes);

	return r < 0 ? r : bpf_prog_get_fd_by_id(info.prog_id);
}

int prog_copies_run_time(const struct prog_copies *c, uint64_t *ns)
{
	for (size_t i = 0; i < c->n_links; i++) {
		_cleanup_close_ int fd = prog_of(c, i);
		int r = fd < 0 ? fd : account_run_time(fd, ns);

		if (r < 0)
			return r;
	}
	return 0;
}

int prog_copies_account(const struct prog_copies *c, uint64_t *lost)
{
	int can_tell = 1;

	for (size_t i = 0; i < c->n_links; i++) {
		_cleanup_close_ int fd = prog_of(c, i);
		int r = fd < 0 ? fd : account_recursion(fd, lost);

		if (r < 0)
			return r;
		can_tell &= r;
	}
	return can_tell;
}

void prog_copies_detach(struct prog_copies *c)
{
	for (size_t i = 0; i < c->n_links; i++)
		close(c->links[i]);
	c->n_links = 0;
}

void prog_copies_free(struct prog_copies *c)
{
	if (!c)
		return;
	prog_copies_detach(c);
	for (size_t i = 0; i < N_TEMPLATES; i++)
		free(c->templates[i].insns);
	free(c->links);
	free(c);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads BPF programs as a datapath does: one that is attached to a device (clsact, ingress and egress), and many that
 * are in its program array, of which it calls the first.
 *   arrays IFNAME NUMBER
 * Prints "ready", and holds the array until its standard input ends.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arrays.skel.h"

#define FUNCS 2 /* of the program that is copied */

static int fail(const char *what, int err)
{
	fprintf(stderr, "arrays: %s: %s\n", what, strerror(-err));
	return err;
}

static int load_copy(const struct arrays_bpf *skel, const struct bpf_func_info *funcs, __u32 n_funcs)
{
	const struct bpf_program *p = skel->progs.is_reached;
	LIBBPF_OPTS(bpf_prog_load_opts, o, .prog_btf_fd = bpf_object__btf_fd(skel->obj), .func_info = funcs,
		    .func_info_cnt = n_funcs, .func_info_rec_size = sizeof(*funcs));

	return bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "is_reached", "GPL", bpf_program__insns(p),
			     bpf_program__insn_cnt(p), &o);
}

static int fill(const struct arrays_bpf *skel, __u32 n)
{
	struct bpf_func_info funcs[FUNCS] = {0};
	struct bpf_prog_info info = {
		.nr_func_info = FUNCS, .func_info_rec_size = sizeof(*funcs), .func_info = (__u64)(unsigned long)funcs};
	__u32 size = sizeof(info);
	int err = bpf_obj_get_info_by_fd(bpf_program__fd(skel->progs.is_reached), &info, &size);

	if (err)
		return fail("cannot read the program's functions", err);
	for (__u32 key = 0; !err && key < n; key++) {
		int fd = load_copy(skel, funcs, info.nr_func_info);

		err = fd < 0 ? fd : bpf_map_update_elem(bpf_map__fd(skel->maps.targets), &key, &fd, BPF_ANY);
		if (fd >= 0)
			close(fd); /* the array holds the program */
	}
	return err ? fail("cannot fill the array", err) : 0;
}

static int attach(const char *ifname, int prog_fd)
{
	static const enum bpf_tc_attach_point points[] = {BPF_TC_INGRESS, BPF_TC_EGRESS};
	int err = 0;

	for (int i = 0; !err && i < 2; i++) {
		LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)if_nametoindex(ifname), .attach_point = points[i]);
		LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = prog_fd, .handle = 1, .priority = 1);

		err = i == 0 ? bpf_tc_hook_create(&hook) : 0;
		if (!err || err == -EEXIST)
			err = bpf_tc_attach(&hook, &opts);
	}
	return err ? fail("cannot attach the program", err) : 0;
}

int main(int argc, char **argv)
{
	struct arrays_bpf *skel;
	char byte;
	int err;

	if (argc != 3) {
		fprintf(stderr, "usage: arrays IFNAME NUMBER\n");
		return 2;
	}
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	skel = arrays_bpf__open_and_load();
	err = skel ? 0 : fail("cannot load the programs", -errno);
	if (!err)
		err = fill(skel, (__u32)strtoul(argv[2], NULL, 10));
	if (!err)
		err = attach(argv[1], bpf_program__fd(skel->progs.is_attached));
	if (!err) {
		puts("ready");
		fflush(stdout);
		while (read(STDIN_FILENO, &byte, 1) > 0)
			;
	}
	arrays_bpf__destroy(skel);
	return err ? 1 : 0;
}

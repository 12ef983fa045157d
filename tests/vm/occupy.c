// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fills a kernel function with tracing programs until the kernel takes no more (BPF_MAX_TRAMP_LINKS,
 * include/linux/bpf.h), as other tools on a busy node might: then a probe of ours there is refused.
 *   occupy FUNCTION
 * Prints how many it took, and holds them until its standard input ends.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PROGRAMS_MAX 256

static int attach_one(int btf_id)
{
	static const struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .attach_btf_id = btf_id, .expected_attach_type = BPF_TRACE_FENTRY);
	int prog =
		bpf_prog_load(BPF_PROG_TYPE_TRACING, "occupy", "GPL", insns, sizeof(insns) / sizeof(insns[0]), &opts);
	int link;

	if (prog < 0)
		return -errno;
	link = bpf_raw_tracepoint_open(NULL, prog);
	/* the link holds the program */
	close(prog);
	return link < 0 ? -errno : link;
}

int main(int argc, char **argv)
{
	struct btf *btf = btf__load_vmlinux_btf();
	int n = 0, err = 0, id;
	char byte;

	id = btf && argc == 2 ? btf__find_by_name_kind(btf, argv[1], BTF_KIND_FUNC) : -EINVAL;
	if (id < 0) {
		fprintf(stderr, "occupy: no such function\n");
		return 2;
	}
	for (; n < PROGRAMS_MAX && err >= 0; n += err >= 0)
		err = attach_one(id);
	if (err != -E2BIG) {
		fprintf(stderr, "occupy: %d programs, then %s\n", n, err < 0 ? strerror(-err) : "no end");
		return 1;
	}
	printf("%d\n", n);
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	btf__free(btf);
	return 0;
}

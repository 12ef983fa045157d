/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/load/verifier_log.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LOG_STATS 4 /* BPF_LOG_STATS (include/linux/bpf_verifier.h, 5.2): only the statistics, some 200 bytes */
/* The load fails if the log does not fit. Newer kernels add a line for each call of a global function, also of those in
 * loops. */
#define LOG_BYTES 65536

struct verifier_log {
	verifier_stats_fn fn;
	void *ctx;
	char (*logs)[LOG_BYTES]; /* owned; one for each program of the object, in the object's order */
};

int verifier_log_new(verifier_stats_fn fn, void *ctx, struct verifier_log **ret)
{
	struct verifier_log *l = calloc(1, sizeof(*l));

	if (!l)
		return -ENOMEM;
	*l = (struct verifier_log){.fn = fn, .ctx = ctx};
	*ret = l;
	return 0;
}

void verifier_log_free(struct verifier_log *l)
{
	if (!l)
		return;
	free(l->logs);
	free(l);
}

int verifier_log_begin(struct verifier_log *l, struct bpf_object *obj)
{
	struct bpf_program *prog;
	size_t n = 0, i = 0;

	if (!l)
		return 0;
	bpf_object__for_each_program(prog, obj) n++;
	free(l->logs);
	l->logs = calloc(n + 1, sizeof(*l->logs));
	if (!l->logs)
		return -ENOMEM;
	bpf_object__for_each_program(prog, obj)
	{
		int r = bpf_program__set_log_level(prog, LOG_STATS);

		if (r >= 0)
			r = bpf_program__set_log_buf(prog, l->logs[i++], LOG_BYTES);
		if (r < 0)
			return r;
	}
	return 0;
}

int verifier_log_parse(const char *log, uint32_t *ret_processed)
{
	static const char word[] = "processed ";

	for (const char *p = log; (p = strstr(p, word));) {
		unsigned long n;
		char *end;

		p += strlen(word);
		errno = 0;
		n = strtoul(p, &end, 10);
		if (end == p || strncmp(end, " insns", 6) != 0) /* 7.2 also prints "insns processed N" */
			continue;
		if (errno || n > UINT32_MAX)
			return -EBADMSG;
		*ret_processed = (uint32_t)n;
		return 0;
	}
	return -EBADMSG;
}

int verifier_log_end(struct verifier_log *l, struct bpf_object *obj, const char *object)
{
	struct bpf_program *prog;
	size_t i = 0;

	if (!l)
		return 0;
	bpf_object__for_each_program(prog, obj)
	{
		struct verifier_stats s = {.object = object, .prog = bpf_program__name(prog)};
		const char *log = l->logs[i++];
		int r;

		if (!bpf_program__autoload(prog))
			continue;
		s.insns = (uint32_t)bpf_program__insn_cnt(prog);
		r = verifier_log_parse(log, &s.processed);
		if (r < 0)
			return r;
		l->fn(l->ctx, &s);
	}
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/prog_log.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LOG_STATS 4    /* BPF_LOG_STATS (include/linux/bpf_verifier.h; since 5.2): the account alone, some 200 bytes */
#define LOG_BYTES 4096 /* a log that does not fit would be an error of the load */

struct prog_log {
	prog_stats_fn fn;
	void *ctx;
	char (*logs)[LOG_BYTES]; /* owned; of the object's programs, in their order */
};

int prog_log_new(prog_stats_fn fn, void *ctx, struct prog_log **ret)
{
	struct prog_log *l = calloc(1, sizeof(*l));

	if (!l)
		return -ENOMEM;
	*l = (struct prog_log){.fn = fn, .ctx = ctx};
	*ret = l;
	return 0;
}

void prog_log_free(struct prog_log *l)
{
	if (!l)
		return;
	free(l->logs);
	free(l);
}

int prog_log_begin(struct prog_log *l, struct bpf_object *obj)
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

int prog_log_parse(const char *log, uint32_t *ret_processed)
{
	static const char word[] = "processed ";

	for (const char *p = log; (p = strstr(p, word));) {
		unsigned long n;
		char *end;

		p += strlen(word);
		errno = 0;
		n = strtoul(p, &end, 10);
		if (end == p || strncmp(end, " insns", 6) != 0) /* 7.2 also says "insns processed N" */
			continue;
		if (errno || n > UINT32_MAX)
			return -EBADMSG;
		*ret_processed = (uint32_t)n;
		return 0;
	}
	return -EBADMSG;
}

int prog_log_end(struct prog_log *l, struct bpf_object *obj, const char *object)
{
	struct bpf_program *prog;
	size_t i = 0;

	if (!l)
		return 0;
	bpf_object__for_each_program(prog, obj)
	{
		struct prog_stats s = {.object = object, .prog = bpf_program__name(prog)};
		const char *log = l->logs[i++];
		int r;

		if (!bpf_program__autoload(prog))
			continue;
		s.insns = (uint32_t)bpf_program__insn_cnt(prog);
		r = prog_log_parse(log, &s.processed);
		if (r < 0)
			return r;
		l->fn(l->ctx, &s);
	}
	return 0;
}

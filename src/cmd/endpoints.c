/* SPDX-License-Identifier: GPL-2.0-only */
/* endpoints: the pod, namespace, interface and host-side device of addresses. */
#include "cli/exit.h"
#include "cmd/commands.h"

#include <errno.h>
#include <string.h>

#include "kern/error/kern_error.h"
#include "live/programs.h"
#include "net/snapshot.h"
#include "render/list/endpoints.h"

struct endpoints_opts {
	bool json, all, v4, v6;
};

static const struct opt endpoints_options[] = {
	{"json", 0, NULL, "print one JSON object per line", opt_flag, offsetof(struct endpoints_opts, json)},
	{"all", 'a', NULL, "list link-local addresses and the host's ends of pairs too", opt_flag,
	 offsetof(struct endpoints_opts, all)},
	{"ipv4", '4', NULL, "consider IPv4 addresses only", opt_flag, offsetof(struct endpoints_opts, v4)},
	{"ipv6", '6', NULL, "consider IPv6 addresses only", opt_flag, offsetof(struct endpoints_opts, v6)},
	OPT_END,
};

/* The address family to consider; 0: both. */
static uint8_t wanted_family(const struct endpoints_opts *opts)
{
	return opts->v4 == opts->v6 ? 0 : opts->v4 ? 4 : 6;
}

/* Looks up the arguments. Reports each that is not found, and returns ST_EXIT_REFUSED then; *ret has the others. */
static int look_up(const struct net_snapshot *s, const struct endpoints_opts *opts, int argc, char **argv,
		   struct endpoint_list *ret)
{
	int status = ST_EXIT_OK;

	ret->v = calloc((size_t)argc, sizeof(*ret->v));
	if (!ret->v)
		return exit_refuse(-ENOMEM, NULL);
	for (int i = 0; i < argc; i++) {
		struct reason reason = {0};
		int r = endpoint_resolve(s, argv[i], wanted_family(opts), &ret->v[ret->n], &reason);

		if (r < 0)
			status = exit_refuse(r, &reason);
		else
			ret->n++;
	}
	return status;
}

static int list_all(const struct net_snapshot *s, const struct endpoints_opts *opts, struct endpoint_list *ret)
{
	unsigned flags = opts->all ? ENDPOINT_LINK_LOCAL | ENDPOINT_HOST : 0;
	struct reason reason = {0};
	uint8_t family = wanted_family(opts);
	size_t n = 0;
	int r;

	r = endpoint_list_collect(s, flags, ret, &reason);
	if (r < 0)
		return exit_refuse(r, &reason);
	for (size_t i = 0; i < ret->n; i++) {
		struct endpoint e = ret->v[i];

		ret->v[i] = (struct endpoint){0};
		if (family && family != e.ip.family)
			endpoint_clear(&e);
		else
			ret->v[n++] = e;
	}
	ret->n = n;
	return ST_EXIT_OK;
}

/* Only warns on failure: addresses are useful without their programs. */
static void add_programs(const struct net_snapshot *s, struct endpoint_list *list)
{
	_cleanup_(progs_freep) struct progs *progs = NULL;
	int r;

	kern_error_init();
	r = progs_new(&progs);
	for (size_t i = 0; r >= 0 && i < list->n; i++)
		r = programs_of_endpoint(progs, &s->list, &list->v[i]);
	if (r < 0)
		fprintf(stderr, "skbtrail: cannot ask for the BPF programs on devices: %s\n", strerror(-r));
}

/* A header alone would not say why there are none. */
static void say_none(const struct net_snapshot *s)
{
	if (!netns_pids_are_hosts())
		fputs("skbtrail: no endpoints: this is another PID namespace (a container), in which pods' processes "
		      "are "
		      "not seen; run it in the host's (hostPID: true, --pid=host)\n",
		      stderr);
	else if (s->list.n_unreadable)
		fprintf(stderr,
			"skbtrail: no endpoints: processes or namespaces that could not be read: %zu; needs root, or "
			"CAP_SYS_PTRACE and CAP_SYS_ADMIN\n",
			s->list.n_unreadable);
	else
		fputs("skbtrail: no endpoints: there is no network namespace here with an address but the host's\n",
		      stderr);
}

static int show(const struct endpoints_opts *opts, const struct endpoint_list *list)
{
	_cleanup_out_ struct out o = {0};

	if (opts->json)
		for (size_t i = 0; i < list->n; i++)
			endpoint_json(&list->v[i], &o);
	else
		endpoints_text(list, &o);
	return exit_show(&o, ST_EXIT_OK);
}

static int run(void *arg, int argc, char **argv)
{
	_cleanup_(net_snapshot_freep) struct net_snapshot *s = NULL;
	_cleanup_(endpoint_list_free) struct endpoint_list list = {0};
	const struct endpoints_opts *opts = arg;
	struct reason reason = {0};
	int r, status;

	r = net_snapshot_load(&s, &reason);
	if (r < 0)
		return exit_refuse(r, &reason);
	status = argc > 0 ? look_up(s, opts, argc, argv, &list) : list_all(s, opts, &list);
	add_programs(s, &list);
	if (status == ST_EXIT_OK && !list.n && !opts->all)
		say_none(s);
	/* If nothing was found the reasons are reported already, and a header alone would say nothing. */
	if (status == ST_EXIT_OK || list.n > 0) {
		int shown = show(opts, &list);

		status = shown == ST_EXIT_OK ? status : shown;
	}
	return status;
}

static const char *const examples[] = {
	"endpoints", "endpoints 10.0.0.67", "endpoints default/client", "endpoints --json", NULL,
};

const struct command cmd_endpoints = {
	.name = "endpoints",
	.usage = "[OPTIONS] [ADDR | netns:NAME | POD]...",
	.summary = "Lists pods' addresses with their interfaces and host-side veths.",
	.opts = endpoints_options,
	.examples = examples,
	.opts_size = sizeof(struct endpoints_opts),
	.run = run,
};

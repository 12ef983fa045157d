// SPDX-License-Identifier: GPL-2.0-only
/* Runs a check on a way, and compares its verdict with the truth. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adversary.h"
#include "adversary.skel.h"

#define ARGS_MAX     32
#define OUTPUT_BYTES (64 << 10)
#define TIMEOUT	     "3s"
#define PATH_BYTES   256

struct command {
	const char *argv[ARGS_MAX];
	int n;
};

static void arg(struct command *c, const char *value)
{
	if (c->n < ARGS_MAX - 1)
		c->argv[c->n++] = value;
	c->argv[c->n] = NULL;
}

const char *verdict_word(enum verdict v)
{
	static const char *const words[VERDICTS] = {"PASS", "FAIL", "INCONCLUSIVE", "none"};

	return words[v];
}

static pid_t start(const struct command *c, const char *out, const char *err)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	int o = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600), e = open(err, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (o < 0 || e < 0 || dup2(o, STDOUT_FILENO) < 0 || dup2(e, STDERR_FILENO) < 0)
		_exit(126);
	execv(c->argv[0], (char *const *)c->argv);
	_exit(127);
}

static char *read_file(const char *path)
{
	static char text[OUTPUT_BYTES];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

struct files {
	char out[PATH_BYTES], err[PATH_BYTES], rules[PATH_BYTES], ready[PATH_BYTES], recording[PATH_BYTES];
	char captures[POINTS][PATH_BYTES + 16], filter[64];
	char count[16];
};

static const char *proto_of(const struct way *w)
{
	return w->flow == FLOW_UDP ? "udp" : w->flow == FLOW_TCP ? "tcp" : "icmp";
}

static void same_node(struct command *c, const struct way *w, const char *skbtrail)
{
	arg(c, skbtrail);
	arg(c, "check");
	arg(c, "same-node");
	arg(c, "--src-ip");
	arg(c, w->family == 4 ? "10.0.0.133" : "fd00::133");
	arg(c, "--dst-ip");
	arg(c, w->family == 4 ? "10.0.0.67" : "fd00::67");
	arg(c, "--expect");
	arg(c, mech_name(w->expect));
	arg(c, "--proto");
	arg(c, proto_of(w));
	if (w->flow == FLOW_UDP) {
		arg(c, "--port");
		arg(c, "7777");
	}
}

/* Which functions a recording has, and what else filters it. The first of each is what a check needs. */
#define ALL_FUNCS                                                                                                      \
	"veth_xmit|ip_rcv|ipv6_rcv|ip_forward|ip6_forward|br_handle_frame|__br_forward|icmp_rcv|icmpv6_rcv|udp_rcv|"   \
	"udpv6_rcv|tcp_v4_rcv|tcp_v6_rcv|enqueue_to_backlog"
#define XMIT	"|dev_hard_start_xmit"
#define RECEIVE "|__netif_receive_skb.*"

static const char *const recorded_funcs[RECORDED_FUNCS] = {
	ALL_FUNCS XMIT RECEIVE "|skb_do_redirect",
	NULL,
	"ip_rcv|ipv6_rcv|icmp_rcv|icmpv6_rcv|udp_rcv|udpv6_rcv",
	ALL_FUNCS XMIT RECEIVE,
	ALL_FUNCS XMIT "|skb_do_redirect",
	ALL_FUNCS RECEIVE "|skb_do_redirect",
};

static const char *address_of(const struct way *w, int pod)
{
	return w->family == 4 ? (pod ? "10.0.0.67" : "10.0.0.133") : (pod ? "fd00::67" : "fd00::133");
}

static void record(struct command *c, const struct way *w, const char *skbtrail, struct files *f)
{
	static const char *const names[RECORDED_FILTERS] = {NULL,	   "--filter-netns",  "--filter-ifname",
							    "--filter-ip", "--filter-src-ip", "--filter-proto",
							    NULL,	   "--filter-ifname"};
	const char *const values[RECORDED_FILTERS] = {NULL, "pod2", "eth0", address_of(w, 0), address_of(w, 0),
						      NULL, NULL,   "lxc1"};
	int filter = w->recorded_filter;

	snprintf(f->count, sizeof(f->count), "%s",
		 w->family == 4 || w->flow == FLOW_UDP || w->flow == FLOW_TCP ? proto_of(w) : "icmp6");
	snprintf(f->filter, sizeof(f->filter), "src host %s", address_of(w, 0));
	arg(c, skbtrail);
	arg(c, "record");
	arg(c, "-w");
	arg(c, f->recording);
	arg(c, "--buffer-size");
	arg(c, "4M");
	arg(c, "--ready-file");
	arg(c, f->ready);
	if (recorded_funcs[w->recorded_funcs]) {
		arg(c, "--filter-func");
		arg(c, recorded_funcs[w->recorded_funcs]);
	}
	if (names[filter]) {
		arg(c, names[filter]);
		arg(c, values[filter] ? values[filter] : f->count);
	} else if (filter) {
		arg(c, f->filter);
	}
}

static int run_to_end(const struct command *c, const char *out, const char *err)
{
	pid_t pid = start(c, out, err);
	int status = -1;

	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -1;
	return status;
}

/* Prints the rules into a file. */
static int print_rules(const struct way *w, const char *skbtrail, const struct files *f)
{
	struct command c = {.n = 0};
	int status;

	same_node(&c, w, skbtrail);
	arg(&c, "--print-rules");
	status = run_to_end(&c, f->rules, f->err);
	if (status)
		fprintf(stderr, "adversary: --print-rules: status %d: %s\n", status, read_file(f->err));
	return status ? -1 : 0;
}

static void name_files(struct files *f, const char *dir)
{
	snprintf(f->out, sizeof(f->out), "%s/out", dir);
	snprintf(f->err, sizeof(f->err), "%s/err", dir);
	snprintf(f->rules, sizeof(f->rules), "%s/rules", dir);
	snprintf(f->ready, sizeof(f->ready), "%s/ready", dir);
	snprintf(f->recording, sizeof(f->recording), "%s/recording", dir);
	for (int i = 0; i < POINTS; i++) {
		static const char *const points[POINTS] = {"src-pod", "src-host", "dst-host", "dst-pod"};
		char path[PATH_BYTES];

		capture_path(dir, i, path, sizeof(path));
		snprintf(f->captures[i], sizeof(f->captures[i]), "%s=%s", points[i], path);
	}
	unlink(f->ready);
	unlink(f->recording);
}

static void judge_by(struct command *c, const struct way *w, const char *skbtrail, struct files *f)
{
	snprintf(f->count, sizeof(f->count), w->flow == FLOW_PING ? "--ping=%d" : "%d",
		 w->flow == FLOW_TCP ? 1 : w->packets);
	if (w->by_rules) {
		arg(c, skbtrail);
		arg(c, "check");
		arg(c, "path");
		arg(c, "--rules");
		arg(c, f->rules);
		arg(c, "--packets");
		arg(c, f->count);
	} else {
		same_node(c, w, skbtrail);
		if (w->flow == FLOW_PING)
			arg(c, f->count);
	}
	if (w->source == SOURCE_RECORDING) {
		arg(c, "--read");
		arg(c, f->recording);
	}
	for (int i = 0; i < POINTS && w->source == SOURCE_CAPTURES; i++) {
		arg(c, "--pcap");
		arg(c, f->captures[i]);
	}
	if (w->source == SOURCE_LIVE) {
		arg(c, "--timeout");
		arg(c, w->flow == FLOW_PING ? "10s" : TIMEOUT);
		arg(c, "--ready-file");
		arg(c, f->ready);
	}
	arg(c, "--json");
}

/* The codes, each once, and with the first its text. */
static void read_reasons(const char *json, char *ret, size_t size)
{
	size_t len = 0;

	ret[0] = '\0';
	for (const char *at = json; (at = strstr(at, "\"code\":\"")); at++) {
		const char *code = at + 8, *text = strstr(code, "\"text\":\"");
		int n = (int)strcspn(code, "\""), m = text ? (int)strcspn(text + 8, "\"") : 0;

		len += (size_t)snprintf(ret + len, size - len, "%s%.*s: %.*s", len ? "; " : "", n, code, m,
					text ? text + 8 : "");
		if (len >= size)
			return;
	}
}

/* "packets" of both directions, which stand in the order request, reply. */
static void read_packets(const struct way *w, const char *json, int ret[ADV_DIRS])
{
	const char *at = strstr(json, "\"legs\":");

	ret[0] = ret[1] = -1;
	if (w->by_rules || w->flow == FLOW_PING)
		return;
	for (int dir = 0; dir < ADV_DIRS && at; dir++) {
		at = strstr(at + 1, "\"packets\":");
		if (at)
			ret[dir] = atoi(at + 10);
	}
}

static enum verdict read_verdict(const char *json)
{
	const char *at = strstr(json, "\"verdict\":\"");

	for (int v = 0; at && v < VERDICT_NONE; v++)
		if (!strncmp(at + 11, verdict_word(v), strlen(verdict_word(v))))
			return (enum verdict)v;
	return VERDICT_NONE;
}

/* Older kernels do not count all losses, so an absence cannot be proven there. */
static bool kernel_proves(void)
{
	struct utsname u;
	int major = 0, minor = 0;

	return !uname(&u) && sscanf(u.release, "%d.%d", &major, &minor) == 2 && major * 1000 + minor >= 6007;
}

/* Packets of TCP are known by their order only, so a check that judged a part of them cannot be contradicted. */
static bool is_partial(const struct way *w, const struct witness *wit,
		       const struct adv_track tracks[ADV_DIRS][ADV_NUMBERS], const int packets[ADV_DIRS])
{
	static const int good[MECHS][2] = {
		{ACT_PEER, ACT_SIDE_PEER}, {ACT_REDIRECT, ACT_NEIGH}, {ACT_OK, ACT_OK_FAR}, {ACT_OK_FAR, ACT_OK_FAR}};

	if (w->flow != FLOW_TCP)
		return false;
	for (int dir = 0; dir < ADV_DIRS; dir++) {
		const uint16_t *acts = tracks[dir][0].acts[AT_NEAR_IN];

		if (!acts[good[w->expect][0]] && !acts[good[w->expect][1]])
			return false;
	}
	return packets[0] < wit->seen[KIND_FLOW][0][0].tap[TAP_SRC_OUT] ||
	       packets[1] < wit->seen[KIND_FLOW][1][0].tap[TAP_SRC_OUT];
}

/* Whether the evidence is enough for a definite verdict on a plain way. */
static bool can_tell(const struct way *w, bool pass)
{
	if (w->source ==
	    SOURCE_CAPTURES) /* an absence needs packets before and after; a mechanism cannot be seen at all */
		return !pass && w->expect == MECH_PEER;
	/* the printed rules begin with a tracepoint, which a recording has not */
	return w->source == SOURCE_LIVE || (!w->by_rules && w->recorded_funcs < 2 && !w->recorded_filter);
}

static void compare(const struct way *w, const struct setup *s, const struct witness *wit, struct outcome *ret)
{
	bool pass;

	truth_find(w, wit, s->skel->bss->tracks, &ret->truth);
	ret->void_witness = wit->lost;
	ret->no_traffic = !ret->truth.traffic;
	if (wit->lost)
		return;
	if (ret->verdict == VERDICT_PASS && !truth_allows_pass(w, &ret->truth, ret->packets, &ret->why))
		ret->contradiction = !is_partial(w, wit, s->skel->bss->tracks[KIND_FLOW], ret->packets);
	if (ret->verdict == VERDICT_FAIL && !truth_allows_fail(w, &ret->truth, &ret->why))
		ret->contradiction = true;
	if (!truth_is_plain(w, &ret->truth, &pass) || (pass && w->source != SOURCE_CAPTURES && !kernel_proves()))
		return;
	ret->undecided =
		ret->verdict == VERDICT_INCONCLUSIVE && can_tell(w, pass) && !strstr(ret->reasons, "events-lost");
	if (ret->verdict == VERDICT_NONE || ret->verdict == (pass ? VERDICT_FAIL : VERDICT_PASS)) {
		ret->contradiction = true;
		ret->why = pass ? "an honest way of the expected mechanism" : "an honest way of another mechanism";
	}
}

/* Gathers the evidence, and has it judged; leaves the check's output in f->out. */
static int gather(struct setup *s, const struct way *w, const char *skbtrail, const char *dir, struct files *f,
		  struct witness *wit)
{
	struct command child = {.n = 0}, check = {.n = 0};
	struct traffic_result traffic = {.status = 0};
	struct capture *captures = NULL;
	pid_t pid = 0;
	int r = 0;

	if (w->source == SOURCE_CAPTURES) {
		r = capture_open(w, dir, &captures);
		wit->captures = captures;
	} else {
		if (w->source == SOURCE_RECORDING)
			record(&child, w, skbtrail, f);
		else
			judge_by(&child, w, skbtrail, f);
		pid = start(&child, f->out, f->err);
	}
	if (!r && pid >= 0)
		r = traffic_run(s, w, wit, pid, f->ready, &traffic);
	if (!r)
		witness_finish(wit);
	wit->captures = NULL;
	capture_close(captures);
	if (traffic.timed_out || (w->source == SOURCE_RECORDING && traffic.status))
		fprintf(stderr, "adversary: seed %llu: status %#x%s: %s\n", (unsigned long long)w->seed,
			(unsigned)traffic.status, traffic.timed_out ? ", too late" : "", read_file(f->err));
	if (r || w->source == SOURCE_LIVE)
		return r;
	judge_by(&check, w, skbtrail, f);
	return run_to_end(&check, f->out, f->err) < 0 ? -1 : 0;
}

int judge_way(struct setup *s, const struct way *w, const char *skbtrail, const char *dir, struct outcome *ret)
{
	struct witness wit;
	struct files f = {.out = ""};
	const char *json;
	int r;

	memset(ret, 0, sizeof(*ret));
	name_files(&f, dir);
	r = setup_way(s, w);
	if (!r && w->by_rules)
		r = print_rules(w, skbtrail, &f);
	if (r)
		return r;
	r = witness_open(&wit, s, w);
	if (!r)
		r = gather(s, w, skbtrail, dir, &f, &wit);
	if (!r) {
		json = read_file(f.out);
		ret->verdict = read_verdict(json);
		read_reasons(json, ret->reasons, sizeof(ret->reasons));
		read_packets(w, json, ret->packets);
		if (ret->verdict == VERDICT_NONE)
			snprintf(ret->reasons, sizeof(ret->reasons), "%.250s", read_file(f.err));
		compare(w, s, &wit, ret);
	}
	witness_close(&wit);
	return r;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* doctor: what this kernel and this user can and cannot do, one line each, with the remedy. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/utsname.h>

#include "cli/exit.h"
#include "cmd/commands.h"
#include "guard/guard.h"
#include "kallsyms/kcode.h"
#include "kallsyms/ksyms.h"
#include "kern/attach/kill_switches.h"
#include "kern/attach/kprobe_multi.h"
#include "kern/error/kern_error.h"
#include "kern/evidence.h"
#include "kern/trace.h"
#include "kern/tracefs/rcu_expedited.h"
#include "kern/tracefs/stale_events.h"
#include "kern/tracefs/tracefs.h"
#include "kern/verify.h"
#include "render/out/escape.h"
#include "render/out/json.h"

struct options {
	bool json, repair, programs;
};

#define O(field) offsetof(struct options, field)
static const struct opt opts[] = {
	{"json", 0, NULL, "one JSON object per line", opt_flag, O(json)},
	{"repair", 0, NULL, "put back and remove what runs that were killed left behind", opt_flag, O(repair)},
	{"programs", 0, NULL, "also load every BPF program and say how far it is from the kernel's limit", opt_flag,
	 O(programs)},
	OPT_END,
};

/* What the findings share. */
struct patient {
	const struct options *options;
	struct ksyms *ksyms; /* NULL: unreadable */
	bool kprobes, multi; /* the kernel has these mechanisms to probe many functions */
};

/* run() returns 0, or -errno with a reason: what is wrong, and after "; " the remedy. */
struct test {
	const char *id;
	const char *text; /* shown if run() returned 0 */
	int (*run)(struct patient *p, struct reason *reason);
	bool needed;	     /* nothing can be traced if this fails */
	const char *without; /* what is lost if this fails, for those not needed */
	bool either;	     /* one of two mechanisms: `without` is true only if the other one works */
};

static int test_root(struct patient *p _unused_, struct reason *reason)
{
	if (geteuid() == 0 || (guard_has(CAP_BPF) && guard_has(CAP_PERFMON)))
		return 0;
	return reason_set(reason, -EPERM, "not root; run as root or with sudo, or with the capabilities below");
}

static int test_btf(struct patient *p _unused_, struct reason *reason)
{
	if (access("/sys/kernel/btf/vmlinux", R_OK) == 0)
		return 0;
	return reason_set(reason, -ENOENT,
			  "/sys/kernel/btf/vmlinux is missing; boot a kernel with CONFIG_DEBUG_INFO_BTF");
}

static int test_module_btf(struct patient *p _unused_, struct reason *reason)
{
	_cleanup_(closedirp) DIR *d = opendir("/sys/kernel/btf");
	struct dirent *e;

	while (d && (e = readdir(d))) {
		if (e->d_name[0] != '.' && strcmp(e->d_name, "vmlinux") != 0)
			return 0;
	}
	return reason_set(reason, -ENOENT,
			  "no module has BTF (5.11 with CONFIG_DEBUG_INFO_BTF_MODULES, or no modules are loaded)");
}

static int test_kallsyms(struct patient *p, struct reason *reason)
{
	int r = ksyms_load(&p->ksyms, reason);

	p->multi = p->ksyms && kprobe_multi_supported(p->ksyms);
	return r;
}

static int test_tracefs(struct patient *p _unused_, struct reason *reason)
{
	int fd = tracefs_open(reason);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static int test_ftrace(struct patient *p _unused_, struct reason *reason)
{
	_cleanup_close_ int fd = tracefs_open(reason);
	_cleanup_close_ int list = -1;

	if (fd < 0)
		return fd;
	list = openat(fd, "available_filter_functions", O_RDONLY | O_CLOEXEC);
	if (list >= 0)
		return 0;
	if (errno == EPERM || errno == EACCES)
		return reason_set(reason, -errno,
				  "available_filter_functions: %s; run where no security module (lockdown) forbids it",
				  strerror(errno));
	return reason_set(reason, -errno, "available_filter_functions: %s; needs CONFIG_DYNAMIC_FTRACE",
			  strerror(errno));
}

static int test_kprobes(struct patient *p, struct reason *reason)
{
	_cleanup_close_ int fd = tracefs_open(reason);
	_cleanup_close_ int events = -1;

	if (fd < 0)
		return fd;
	events = openat(fd, "kprobe_events", O_WRONLY | O_APPEND | O_CLOEXEC);
	if (events >= 0) {
		struct kill_switches s;
		int r = kill_switches_open(&s, true, reason);

		p->kprobes = r >= 0;
		if (p->kprobes)
			kill_switches_close(&s);
		return r;
	}
	if (errno == EACCES && geteuid() != 0 && !guard_has(CAP_DAC_OVERRIDE))
		return reason_set(reason, -errno, "kprobe_events is root's; run as root, or with CAP_DAC_OVERRIDE");
	if (errno == EACCES || errno == EPERM)
		return reason_set(reason, -errno,
				  "kprobe_events: %s; run where no security module (lockdown) forbids it",
				  strerror(errno));
	return reason_set(reason, -errno, "kprobe_events: %s; needs CONFIG_KPROBE_EVENTS", strerror(errno));
}

static int test_kprobe_multi(struct patient *p, struct reason *reason)
{
	if (p->multi)
		return 0;
	return reason_set(reason, -EOPNOTSUPP,
			  "no kprobe.multi: needs CONFIG_FPROBE and 5.18, on arm64 6.14 (Debian: 6.12, on arm64 what "
			  "came after it)");
}

static int test_backend(struct patient *p, struct reason *reason)
{
	if (p->kprobes || p->multi)
		return 0;
	return reason_set(
		reason, -EOPNOTSUPP,
		"neither kprobe events nor kprobe.multi: no way is left to trace functions; boot a kernel with "
		"CONFIG_KPROBE_EVENTS or CONFIG_FPROBE, or lift what the two findings above name");
}

static int test_kcore(struct patient *p _unused_, struct reason *reason)
{
	struct kcode *kc;
	int r = kcode_open(&kc, reason);

	if (r >= 0)
		kcode_free(kc);
	return r;
}

static int ignore_hook_event(void *ctx _unused_, const struct hook_event *w _unused_)
{
	return 0;
}

static int test_evidence(struct patient *p _unused_, struct reason *reason)
{
	static const struct st_flow nobody = {.family = 4, .l4 = 1};
	struct evidence *ev;
	int r = kern_error_preflight(reason);

	if (r >= 0)
		r = evidence_open(&nobody, 4096, ignore_hook_event, NULL, &ev, reason);
	if (r >= 0)
		evidence_free(ev);
	return r;
}

static int test_leftovers(struct patient *p, struct reason *reason)
{
	bool repair = p->options->repair;
	int knob = repair ? rcu_expedited_repair() : rcu_expedited_is_stale(), events;

	if (knob < 0)
		return reason_set(reason, knob, "/sys/kernel/rcu_expedited: %s", strerror(-knob));
	events = stale_events_find(repair, NULL);
	if (events < 0) /* the finding kprobes says so */
		events = 0;
	if (repair && knob)
		fputs("skbtrail: put back /sys/kernel/rcu_expedited\n", stderr);
	if (repair && events)
		fprintf(stderr, "skbtrail: removed %d kprobe events\n", events);
	if (repair || (!knob && !events))
		return 0;
	return reason_set(
		reason, -EEXIST,
		"runs that were killed left %d kprobe events%s; 'skbtrail doctor --repair' removes them, and so "
		"does the next trace",
		events, knob ? " and /sys/kernel/rcu_expedited set" : "");
}

static const struct test tests[] = {
	{"root", "running as root, or with the capabilities that stand for it", test_root, true, NULL},
	{"btf", "the kernel has BTF", test_btf, true, NULL},
	{"module-btf", "modules have BTF", test_module_btf, false, "functions of modules are not probed"},
	{"kallsyms", "kernel symbols can be read", test_kallsyms, true, NULL},
	{"tracefs", "tracefs can be reached", test_tracefs, true, NULL},
	{"ftrace-list", "ftrace lists its functions", test_ftrace, false, "refused functions are found one by one"},
	{"programs", "fentry, fexit and raw tracepoint programs load and attach", test_evidence, true, NULL},
	{"kprobes", "kprobe events can be defined", test_kprobes, false, "only kprobe.multi is left for trace", true},
	{"kprobe-multi", "many functions can be probed in one go", test_kprobe_multi, false,
	 "probes are armed one by one: seconds instead of one", true},
	{"backend", "there is a way to probe many functions", test_backend, true, NULL},
	{"kcore", "the kernel's code can be read", test_kcore, false, "probes sit on first bytes, which arm slower"},
	{"leftovers", "no run that was killed left anything behind", test_leftovers, false,
	 "grace periods may stay expedited"},
};

static void show(const struct options *o, const struct test *t, bool ok, const char *why, struct out *out)
{
	struct json j = json_init(out);
	const char *split = strstr(why, "; ");
	size_t start = out->buf.len;

	if (!o->json) {
		out_str(out, ok ? "ok" : t->needed ? "MISSING" : "lacking");
		out_pad(out, start, 9);
		out_str(out, t->id);
		out_pad(out, start, 30);
		out_escaped(out, ok ? t->text : why);
		if (!ok && t->without) {
			out_str(out, " (without it: ");
			out_str(out, t->without);
			out_char(out, ')');
		}
		out_char(out, '\n');
		return;
	}
	json_object(&j);
	json_field_str(&j, "type", "finding");
	json_field_str(&j, "id", t->id);
	json_field_bool(&j, "ok", ok);
	json_key(&j, "text");
	json_str_mem(&j, ok ? t->text : why, ok ? strlen(t->text) : split ? (size_t)(split - why) : strlen(why));
	json_field_str(&j, "remedy", split ? split + 2 : NULL);
	json_object_end(&j);
	json_line_end(&j);
}

/* A finding for each capability: what it enables, and whether this process has it. */
static void capabilities(const struct options *o, struct out *out)
{
	for (size_t i = 0; i < GUARD_CAPABILITIES; i++) {
		const struct guard_capability *c = &guard_capabilities[i];
		char id[32], had[128], lacking[128];
		struct test t = {.id = id, .text = had, .without = c->without};
		bool ok = guard_has(c->number);

		snprintf(id, sizeof(id), "%s", c->name);
		for (char *p = id; *p; p++)
			*p = *p == '_' ? '-' : (char)tolower((unsigned char)*p);
		snprintf(had, sizeof(had), "%s: %s", c->name, c->enables);
		snprintf(lacking, sizeof(lacking), "no %s, which %s; run as root, or give it", c->name, c->enables);
		t.needed = c->needed;
		show(o, &t, ok, ok ? had : lacking, out);
	}
}

struct programs {
	const struct options *options;
	struct out *out;
};

static void show_program(void *ctx, const struct verifier_stats *s)
{
	struct programs *p = ctx;
	struct json j = json_init(p->out);
	char name[64], line[160];

	snprintf(name, sizeof(name), "%s/%s", s->object, s->prog);
	if (!p->options->json) {
		snprintf(line, sizeof(line), "program  %-38s %5u instructions, %6u of %u verified\n", name, s->insns,
			 s->processed, VERIFIER_LIMIT);
		out_str(p->out, line);
		return;
	}
	json_object(&j);
	json_field_str(&j, "type", "program");
	json_field_str(&j, "name", name);
	json_field_u64(&j, "instructions", s->insns);
	json_field_u64(&j, "verified", s->processed);
	json_field_u64(&j, "limit", VERIFIER_LIMIT);
	json_object_end(&j);
	json_line_end(&j);
}

/* 0, or -errno after a message on standard error. */
static int programs(const struct options *o, const struct patient *p, struct out *out)
{
	_cleanup_(btf_index_freep) struct btf_index *vmlinux = NULL;
	struct programs shown = {.options = o, .out = out};
	struct reason reason = {0};
	int r = p->ksyms ? btf_index_load(NULL, &vmlinux, &reason) : -ENOENT;

	if (r >= 0)
		r = verify_programs(p->ksyms, vmlinux, show_program, &shown, &reason);
	if (r < 0)
		fprintf(stderr, "skbtrail: --programs: %s\n", reason.text[0] ? reason.text : strerror(-r));
	return r;
}

static int run_doctor(void *dst, int argc _unused_, char **argv _unused_)
{
	const struct options *o = dst;
	_cleanup_out_ struct out out = {0};
	struct patient p = {.options = o};
	int status = ST_EXIT_OK;
	struct utsname u;

	kern_error_init();
	if (!o->json && uname(&u) == 0) {
		out_str(&out, "Linux ");
		out_escaped(&out, u.release);
		out_char(&out, ' ');
		out_escaped(&out, u.machine);
		out_char(&out, '\n');
	}
	for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
		struct reason why = {0};
		struct test t = tests[i];
		int r = t.run(&p, &why);

		if (t.either && !p.kprobes && !p.multi)
			t.without = "see backend";
		show(o, &t, r >= 0, why.text[0] ? why.text : strerror(-r), &out);
		if (r < 0 && t.needed)
			status = ST_EXIT_REFUSED;
	}
	capabilities(o, &out);
	if (o->programs && programs(o, &p, &out) < 0)
		status = ST_EXIT_REFUSED;
	ksyms_free(p.ksyms);
	return exit_show(&out, status);
}

static const char *const examples[] = {
	"doctor", "doctor --programs", "doctor --json", "doctor --repair", NULL,
};

const struct command cmd_doctor = {
	.name = "doctor",
	.usage = "[OPTIONS]",
	.summary = "Says what this kernel and this user can and cannot do; exit status 2 if tracing is impossible.",
	.opts = opts,
	.no_operands = true,
	.examples = examples,
	.opts_size = sizeof(struct options),
	.run = run_doctor,
};

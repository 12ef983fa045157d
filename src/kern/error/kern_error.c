/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/error/kern_error.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "guard/guard.h"
#include "kern/error/eperm.h"

#define BTF_PATH  "/sys/kernel/btf/vmlinux"
#define FILES_MIN 64u /* a check and a simple trace need 40 */

static char last_warning[256];
static char verifier_error[160]; /* why the verifier refused a program; empty: it did not */

/* The verifier's log ends with "…\nREASON\nprocessed N insns …" (kernel/bpf/verifier.c, print_verification_stats()). */
static void keep_verifier_error(const char *log)
{
	const char *end = strstr(log, "\nprocessed "), *line = end;

	if (!end)
		return;
	while (line > log && line[-1] != '\n')
		line--;
	snprintf(verifier_error, sizeof(verifier_error), "%.*s", (int)(end - line), line);
}

static _printf_(2, 0) int keep_warning(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	_cleanup_free_ char *text = NULL;
	size_t len;

	if (level != LIBBPF_WARN)
		return 0;
	if (vasprintf(&text, fmt, ap) < 0)
		return 0;
	keep_verifier_error(text);
	snprintf(last_warning, sizeof(last_warning), "%s", text);
	len = strcspn(last_warning, "\n");
	last_warning[len] = '\0';
	return 0;
}

void kern_error_init(void)
{
	libbpf_set_print(keep_warning);
}

const char *kern_error_libbpf_version(void)
{
	return libbpf_version_string() + 1; /* without the v */
}

int kern_error_set(int err, const char *what, struct reason *reason)
{
	/* these first: libbpf loads again with a log, which says nothing of descriptors */
	if (err == -EMFILE || err == -ENFILE)
		return reason_set(reason, err, "cannot %s: %s; raise the limit (ulimit -n, RLIMIT_NOFILE)", what,
				  strerror(-err));
	if (verifier_error[0] && err != -ENOMEM)
		return reason_set(
			reason, err,
			"cannot %s: this kernel's verifier refuses a program of ours (%s): a bug, please report it "
			"with the output of 'uname -r'",
			what, verifier_error);
	if (err == -KERN_ENOTSUPP)
		return reason_set(reason, -EOPNOTSUPP,
				  "cannot %s: this kernel attaches no fentry programs (arm64: 6.4 and newer do); boot "
				  "a newer one, or do without",
				  what);
	if (err == -EPERM || err == -EACCES) {
		char cause[256];

		eperm_explain(err, cause, sizeof(cause));
		return reason_set(reason, err, "cannot %s: %s", what, cause);
	}
	if (err == -ENOMEM)
		return reason_set(reason, err, "cannot %s: out of memory; a smaller --buffer-size may help", what);
	return reason_set(reason, err, "cannot %s: %s%s%s", what, strerror(-err), last_warning[0] ? ": " : "",
			  last_warning);
}

int kern_error_preflight(struct reason *reason)
{
	struct rlimit files;

	if (geteuid() != 0 && !(guard_has(CAP_BPF) && guard_has(CAP_PERFMON)))
		return reason_set(reason, -EPERM,
				  "tracing needs root: run as root or with sudo, or with CAP_BPF and CAP_PERFMON");
	if (access(BTF_PATH, R_OK) < 0)
		return reason_set(
			reason, -ENOENT,
			"%s is missing: this kernel was built without BTF (CONFIG_DEBUG_INFO_BTF); boot one that "
			"has it, as Debian's do since 5.10",
			BTF_PATH);
	/* without a free descriptor libbpf's tests of kernel features fail, and it takes the features for missing */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < FILES_MIN)
		return reason_set(reason, -EMFILE, "too many open files: no more than %llu are allowed; ulimit -n %u",
				  (unsigned long long)files.rlim_cur, FILES_MIN);
	/* the programs would not load (EINVAL): the verifier then knows no helper that reads kernel memory */
	if (eperm_locked_down())
		return reason_set(
			reason, -EPERM,
			"the kernel is locked down (confidentiality) and lets no program read its memory; boot "
			"without lockdown=confidentiality");
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>
#include <string.h>

#include "base/cleanup.h"
#include "kern/error/eperm.h"

/* What is nearest to the process is said first: with it in the way the rest cannot be told. */
Test(eperm, the_nearest_cause)
{
	static const struct {
		struct eperm_causes d;
		const char *cause, *remedy; /* parts */
	} cases[] = {
		{{.lacks = "CAP_PERFMON", .in_userns = true, .by_seccomp = true, .locked_down = true},
		 "this process has no CAP_PERFMON",
		 "run as root"},
		{{.in_userns = true, .by_seccomp = true, .locked_down = true}, "user namespace", "root of the machine"},
		{{.by_seccomp = true, .locked_down = true}, "seccomp", "profile"},
		{{.locked_down = true, .lsms = "lockdown"}, "locked down (confidentiality)", "boot without"},
		{{.by_memlock = true, .paranoid = 3}, "counts maps as locked memory", "CAP_SYS_RESOURCE"},
		{{.roots_file = true, .paranoid = 3}, "it is root's", "CAP_DAC_OVERRIDE"},
		{{.paranoid = 3, .lsms = "bpf"}, "kernel.perf_event_paranoid is 3", "set it to 2"},
		{{.paranoid = 2, .lsms = "bpf"}, "a security module", "policy"},
		{{.lsms = "lockdown,bpf"}, "a security module forbids it (active: lockdown,bpf)", "policy"},
		{{0}, "(active: not known)", "policy"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[256];
		const char *split;

		eperm_text(&cases[i].d, text, sizeof(text));
		split = strstr(text, "; ");
		cr_assert(split, "%s", text);
		cr_expect_lt(strlen(text), sizeof(text) - 1, "nothing is cut: %s", text);
		cr_expect(strstr(text, cases[i].cause) && strstr(text, cases[i].cause) < split, "%s", text);
		cr_expect(strstr(split, cases[i].remedy), "%s", text);
	}
}

Test(eperm, what_is_too_long_is_cut)
{
	char text[16];

	eperm_text(&(struct eperm_causes){.in_userns = true}, text, sizeof(text));
	cr_expect_str_eq(text, "this is a user ");
}

/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>
#include <string.h>

#include "base/cleanup.h"
#include "net/hostname.h"

struct name_case {
	const char *data;
	size_t size;	  /* 0: strlen */
	const char *name; /* NULL: none */
};

static void run_cases(int (*parse)(const void *, size_t, char **), const struct name_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t size = cases[i].size ? cases[i].size : strlen(cases[i].data);
		_cleanup_free_ char *exact = malloc(size + 1), *name = NULL;

		memcpy(exact, cases[i].data, size);
		cr_assert_eq(parse(exact, size, &name), 0);
		if (cases[i].name)
			cr_assert_str_eq(name, cases[i].name, "case %zu", i);
		else
			cr_assert_null(name, "case %zu: %s", i, name);
	}
}

Test(net_hostname, file)
{
	static const struct name_case cases[] = {
		{"web-1\n", 0, "web-1"},
		{"web-1", 0, "web-1"},
		{"# a comment\n\n  \t web.default \r\nother\n", 0, "web.default"},
		{"", 0, NULL},
		{"\n\n", 0, NULL},
		{"# only", 0, NULL},
		{"two words\n", 0, NULL},
		{"esc\033[2J\n", 0, NULL},
		{"a\0b\n", 4, NULL},
		{"../etc\n", 0, NULL},
	};

	run_cases(hostname_parse_file, cases, ARRAY_SIZE(cases));
}

Test(net_hostname, environment)
{
#define K8S "KUBERNETES_SERVICE_HOST=10.96.0.1"
	static const char plain[] = "A=1\0HOSTNAME=web-1\0" K8S "\0";
	static const char not_k8s[] = "A=1\0HOSTNAME=web-1\0";
	static const char other[] = K8S "\0XHOSTNAME=web\0HOSTNAMES=web\0HOSTNAME\0";
	static const char cut[] = K8S "\0HOSTNAME=we";
	static const char empty[] = K8S "\0HOSTNAME=\0";
	static const char bad[] = K8S "\0HOSTNAME=a/b\0";
	static const struct name_case cases[] = {
		{plain, sizeof(plain) - 1, "web-1"}, {not_k8s, sizeof(not_k8s) - 1, NULL},
		{other, sizeof(other) - 1, NULL},    {cut, sizeof(cut) - 1, NULL},
		{empty, sizeof(empty) - 1, NULL},    {bad, sizeof(bad) - 1, NULL},
	};

	run_cases(hostname_parse_environ, cases, ARRAY_SIZE(cases));
}

Test(net_hostname, own_process_is_no_pod)
{
	char *name = (char *)"";

	cr_assert_eq(hostname_of_process(getpid(), 1, &name), 0); /* not its network namespace */
	cr_assert_null(name);
}

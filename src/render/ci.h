/* SPDX-License-Identifier: GPL-2.0-only */
/* Reports for CI systems, whatever was checked: JUnit XML (the form Jenkins and GitLab read) and TAP version 13. */
#pragma once

#include "render/out.h"
#include "rules/verdict.h"

/* One check as one test case. All borrowed. */
struct ci_case {
	const struct out *name; /* without control bytes */
	enum verdict verdict;
	uint64_t duration_ns;
	size_t n_reasons;
	const char *(*code)(const void *ctx, size_t i); /* of reason i; raw bytes, as its text */
	const char *(*text)(const void *ctx, size_t i);
	const void *ctx;
};

/* FAIL is a failure, INCONCLUSIVE an error (JUnit) or a failure with its own word (TAP, which knows no third state):
 * neither may turn a pipeline green. */
void ci_junit(const struct ci_case *c, struct out *o);
void ci_tap(const struct ci_case *c, struct out *o);

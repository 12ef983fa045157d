/* SPDX-License-Identifier: GPL-2.0-only */
/* Reports for CI systems, the same for every check: JUnit XML (the form that Jenkins and GitLab read) and TAP 13. */
#pragma once

#include "render/out/out.h"
#include "rules/verdict.h"

struct ci_property {
	const char *name, *value; /* not escaped */
};

/* One check as one test case. All borrowed. */
struct ci_case {
	const struct out *name; /* without control bytes */
	enum verdict verdict;
	uint64_t duration_ns;
	size_t n_reasons;
	const char *(*code)(const void *ctx, size_t i); /* of reason i; not escaped, nor is its text */
	const char *(*text)(const void *ctx, size_t i);
	const void *ctx;
	const struct out *text_output; /* what the check prints as text; NULL: nothing */
	const struct ci_property *properties;
	size_t n_properties;
};

void ci_junit(const struct ci_case *c, struct out *o);
void ci_tap(const struct ci_case *c, struct out *o);
/* Reports of a check that ended without a verdict. what: "same-node"; why: not escaped. */
void ci_junit_refused(const char *what, const char *why, const struct ci_property *properties, size_t n, struct out *o);
void ci_tap_refused(const char *what, const char *why, struct out *o);
void ci_json_refused(const char *what, const char *why, struct out *o);

/* SPDX-License-Identifier: GPL-2.0-only */
/* The result of check same-node as text, as JSON and as reports for CI systems. */
#pragma once

#include "check/check.h"
#include "net/endpoint.h"
#include "render/check/ci.h"
#include "render/list/programs.h"
#include "render/out/out.h"

struct check_view {
	const struct check_result *result;	  /* borrowed, like all below */
	const char *what;			  /* "same-node" */
	const char *proto;			  /* "icmp" */
	const struct endpoint *src, *dst;	  /* NULL: not known (four captures) */
	const struct direction_program *programs; /* DIRECTION_MAX of them; NULL: not looked up */
	bool color;
	/* The name of a drop reason, NULL if unknown. The pointer may be NULL. */
	const char *(*drop_reason)(void *ctx, uint32_t reason);
	/* Symbol and offset of a code address, NULL if unknown. The pointer may be NULL. */
	const char *(*symbol)(void *ctx, uint64_t addr, uint64_t *ret_offset);
	void *ctx; /* of both functions */
};

/* "same-node 10.0.0.133 -> 10.0.0.67 (icmp)" */
void check_title(const struct check_view *v, struct out *o);
void check_text(const struct check_view *v, struct out *o);
/* One line. */
void check_json(const struct check_view *v, struct out *o);
/* Reports for CI systems with one test case. FAIL is a failure; INCONCLUSIVE is an error in JUnit, and in TAP, which
 * has no third state, a failure that says INCONCLUSIVE. JUnit also has the text, and the properties given. */
void check_junit(const struct check_view *v, const struct ci_property *properties, size_t n, struct out *o);
void check_tap(const struct check_view *v, struct out *o);

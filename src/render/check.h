/* SPDX-License-Identifier: GPL-2.0-only */
/* A check's result, as CONTRACT's "Check output" has it. */
#pragma once

#include "check/check.h"
#include "net/endpoint.h"
#include "render/out.h"
#include "render/programs.h"

struct check_view {
	const struct check_result *result;  /* borrowed, like all below */
	const char *what;		    /* "same-node" */
	const char *proto;		    /* "icmp" */
	const struct endpoint *src, *dst;   /* NULL: not known (four captures) */
	const struct leg_program *programs; /* LEG_MAX of them; NULL: nobody asked */
	bool color;
	/* Name of a drop reason, NULL if unknown; ctx is reason_ctx. May be NULL. */
	const char *(*drop_reason)(void *ctx, uint32_t reason);
	/* Symbol and offset of a code address, NULL if unknown. May be NULL. */
	const char *(*symbol)(void *ctx, uint64_t addr, uint64_t *ret_offset);
	void *ctx;
};

void check_text(const struct check_view *v, struct out *o);
/* One line. */
void check_json(const struct check_view *v, struct out *o);
/* What CI systems read: one test case per check. FAIL is a failure, INCONCLUSIVE an error (JUnit) or a failure with its
 * own word (TAP, which knows no third state): neither may turn a pipeline green. */
void check_junit(const struct check_view *v, struct out *o);
void check_tap(const struct check_view *v, struct out *o);

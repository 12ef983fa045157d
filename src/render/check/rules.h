/* SPDX-License-Identifier: GPL-2.0-only */
/* The result of check path as text, as JSON and as reports for CI systems. */
#pragma once

#include "render/check/ci.h"
#include "render/out/out.h"
#include "rules/engine.h"

struct rules_view {
	const struct rules_result *result; /* borrowed, like all below */
	const char *file;		   /* the path as the user gave it */
	bool color;
};

void rules_text(const struct rules_view *v, struct out *o);
/* One line. */
void rules_json(const struct rules_view *v, struct out *o);
/* As check_junit() and check_tap(), with one test case for the file. */
void rules_junit(const struct rules_view *v, const struct ci_property *properties, size_t n, struct out *o);
void rules_tap(const struct rules_view *v, struct out *o);

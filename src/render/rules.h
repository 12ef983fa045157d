/* SPDX-License-Identifier: GPL-2.0-only */
/* The report of check path. */
#pragma once

#include "render/out.h"
#include "rules/engine.h"

struct rules_view {
	const struct rules_result *result; /* borrowed, like all below */
	const char *file;		   /* as the user spelled it */
	bool color;
};

void rules_text(const struct rules_view *v, struct out *o);
/* One line. */
void rules_json(const struct rules_view *v, struct out *o);
/* As check_junit() and check_tap(): one test case per file. */
void rules_junit(const struct rules_view *v, struct out *o);
void rules_tap(const struct rules_view *v, struct out *o);

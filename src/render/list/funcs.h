/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The list of functions, as text and as JSON lines, from one table. Text: the columns FUNC SLOT MODULE ADDR PROBE and,
 * if asked for, REASON; - for no value; a slot with * is a struct sk_buff **. JSON: always all fields.
 */
#pragma once

#include "render/out/out.h"
#include "select/func.h"

struct funcs_view {
	bool kprobe_multi; /* the kernel has kprobe.multi, which takes the functions that ftrace knows */
	bool reasons;	   /* text: the column REASON */
};

void funcs_text(struct out *o, const struct func_set *set, const struct funcs_view *view);
void funcs_json(struct out *o, const struct func_set *set, const struct funcs_view *view);

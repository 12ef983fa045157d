/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The list of functions, as text and as JSON lines, from one table. Text: FUNC SLOT MODULE ADDR PROBE, and REASON if
 * asked for, aligned, - where a field has nothing to say; a slot with * is a struct sk_buff **. JSON: CONTRACT's
 * fields, always all of them.
 */
#pragma once

#include "render/out.h"
#include "select/func.h"

struct funcs_view {
	bool kprobe_multi; /* the kernel has kprobe.multi, and functions of ftrace's go there */
	bool reasons;	   /* text: the column REASON */
};

void funcs_text(struct out *o, const struct func_set *set, const struct funcs_view *view);
void funcs_json(struct out *o, const struct func_set *set, const struct funcs_view *view);

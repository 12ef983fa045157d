/* SPDX-License-Identifier: GPL-2.0-only */
/* Colours of terminals: ECMA-48, Select Graphic Rendition. */
#pragma once

#include "render/out/out.h"

#define SGR_BOLD   "\033[1m"
#define SGR_RED	   "\033[31m"
#define SGR_GREEN  "\033[32m"
#define SGR_YELLOW "\033[33m"
#define SGR_RESET  "\033[0m"

/* Appends trusted text in a colour; sgr NULL: plain. */
static inline void out_colored(struct out *o, const char *sgr, const char *text)
{
	if (sgr)
		out_str(o, sgr);
	out_str(o, text);
	if (sgr)
		out_str(o, SGR_RESET);
}

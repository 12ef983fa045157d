/* SPDX-License-Identifier: GPL-2.0-only */
/* What the network or the kernel calls itself must not steer a terminal, whatever the renderer. */
#pragma once

#include "fuzz.h"
#include "render/out/escape.h"
#include "render/out/out.h"

static inline void must_be_printable(const struct out *o)
{
	uint32_t cp;

	for (size_t i = 0, len; i < o->buf.len; i += len) {
		len = utf8_next(o->buf.data + i, o->buf.len - i, &cp);
		must(len > 0);
		must(cp == '\n' || !codepoint_is_unsafe(cp));
	}
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* Text inside of XML and HTML. */
#pragma once

#include "render/out/out.h"

/* Escapes markup, for text and for quoted attributes. The caller has already escaped control bytes, invalid UTF-8 and
 * code points that reorder text (escape.h). */
void out_xml(struct out *o, const char *s, size_t len);
/* As out_xml(), of a buffer, whose failure is passed on. */
void out_xml_of(struct out *o, const struct out *text);

/* SPDX-License-Identifier: GPL-2.0-only */
/* Text inside of XML and HTML. */
#pragma once

#include "render/out.h"

/* Replaces what is markup; right inside of quoted attributes too. Control bytes, invalid UTF-8 and what reorders text
 * must have been escaped before (escape.h). */
void out_xml(struct out *o, const char *s, size_t len);
/* The same of a buffer. Its failure is passed on. */
void out_xml_of(struct out *o, const struct out *text);
/* What is XML already, as it is; with its failure. */
void out_join(struct out *o, const struct out *xml);

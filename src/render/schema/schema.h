/* SPDX-License-Identifier: GPL-2.0-only */
/* The JSON Schema (2020-12) of every line that --json prints: schema.json. */
#pragma once

#include <stdbool.h>

#include "render/out/out.h"

/* The file, in which "$ref": "#/$defs/line" stands for a line of any type. Ends with a NUL. */
extern const char schema_json[];

/* The i-th type of a line, such as event; returns its length, 0 behind the last. *ret is not terminated. */
size_t schema_type(size_t i, const char **ret);
bool schema_has(const char *type);
/* The schema of lines of this type; NULL: of lines of any type. schema_has() must be true of it. */
void schema_put(const char *type, struct out *o);

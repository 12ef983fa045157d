/* SPDX-License-Identifier: GPL-2.0-only */
/* Endpoints as an aligned table and as JSON lines. */
#pragma once

#include "net/endpoint.h"
#include "render/out/json.h"

/* A header, then one line per endpoint; "-" if unknown. The column PROGRAMS is left out if no endpoint has programs. */
void endpoints_text(const struct endpoint_list *list, struct out *o);
/* One line. Every field is always present, null if unknown. */
void endpoint_json(const struct endpoint *e, struct out *o);
/* The object of endpoint_json() as a value in a larger object. */
void endpoint_json_object(const struct endpoint *e, struct json *j);

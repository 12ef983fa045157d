/* SPDX-License-Identifier: GPL-2.0-only */
/* Endpoints as an aligned table and as JSON lines (CONTRACT, "Commands"). */
#pragma once

#include "net/endpoint.h"
#include "render/json.h"

/* A header, then one line per endpoint; "-" where unknown. PROGRAMS appears if any endpoint has some. */
void endpoints_text(const struct endpoint_list *list, struct out *o);
/* One line; every field always present, null where unknown. */
void endpoint_json(const struct endpoint *e, struct out *o);
/* The same object as a value of a larger one. */
void endpoint_json_object(const struct endpoint *e, struct json *j);

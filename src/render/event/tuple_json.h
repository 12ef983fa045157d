/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "event/event.h"
#include "render/out/json.h"

/* A tuple as a JSON object: {"src","dst","sport","dport","l4",...}, null where the headers have no value. */
void tuple_object(struct json *j, const struct tuple *t);

/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "owner/owner.h"
#include "render/out/json.h"

/* The value of a key: an array of {"kind","text",…}. */
void owner_list_json(const struct owner_list *l, struct json *j);

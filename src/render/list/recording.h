/* SPDX-License-Identifier: GPL-2.0-only */
/* How a recording was made, for report --info. */
#pragma once

#include "record/record.h"
#include "render/out/out.h"

void recording_text(const struct record_info *info, struct out *o);
/* {"type":"recording","v":1,"kernel":,"machine":,"tool":,"command":,"wall_offset_ns":} */
void recording_json(const struct record_info *info, struct out *o);

/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/list/recording.h"

#include "render/event/event_json.h"
#include "render/out/escape.h"
#include "render/out/json.h"

static void line(struct out *o, const char *name, const char *value)
{
	out_str(o, name);
	out_escaped(o, value ? value : "-");
	out_char(o, '\n');
}

void recording_text(const struct record_info *info, struct out *o)
{
	line(o, "kernel   ", info->release);
	line(o, "machine  ", info->machine);
	line(o, "tool     ", info->tool);
	line(o, "command  ", info->command);
}

void recording_json(const struct record_info *info, struct out *o)
{
	struct json j = json_init(o);

	json_object(&j);
	json_field_str(&j, "type", "recording");
	json_field_u64(&j, "v", JSON_VERSION);
	json_field_str(&j, "kernel", info->release);
	json_field_str(&j, "machine", info->machine);
	json_field_str(&j, "tool", info->tool);
	json_field_str(&j, "command", info->command);
	json_key(&j, "wall_offset_ns");
	json_i64(&j, info->wall_offset_ns);
	json_object_end(&j);
	json_line_end(&j);
}

/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/event/return_event.h"

#define ERRNO_MAX 4095 /* MAX_ERRNO, include/linux/err.h: such a pointer is a negative error number */

static bool is_error(uint64_t pointer)
{
	return pointer >= (uint64_t)-ERRNO_MAX;
}

void return_event_text(struct out *o, const struct event *ev)
{
	const struct event_return *r = &ev->ret;

	out_str(o, " (returned ");
	switch (r->kind) {
	case RETURN_BOOL:
		out_str(o, r->value ? "true" : "false");
		break;
	case RETURN_SIGNED:
		out_i64(o, (int64_t)r->value);
		break;
	case RETURN_UNSIGNED:
		out_u64(o, r->value);
		break;
	case RETURN_POINTER:
		if (is_error(r->value))
			out_i64(o, (int64_t)r->value);
		else
			out_hex(o, r->value);
		break;
	default:
		out_hex(o, r->value);
	}
	out_char(o, ')');
}

void return_event_json(struct json *j, const struct event *ev)
{
	static const char *const types[] = {"unknown", "pointer", "bool", "int", "int"};
	const struct event_return *r = &ev->ret;

	if (!r->here) {
		json_null(j);
		return;
	}
	json_object(j);
	json_field_str(j, "type", types[r->kind]);
	json_key(j, "value");
	switch (r->kind) {
	case RETURN_BOOL:
		json_bool(j, r->value != 0);
		break;
	case RETURN_SIGNED:
		json_i64(j, (int64_t)r->value);
		break;
	case RETURN_UNSIGNED:
		json_u64(j, r->value);
		break;
	default:
		json_hex(j, r->value);
	}
	json_object_end(j);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A JSON writer (RFC 8259) on struct out: no allocation of its own, one bit of state. It does not check its caller, who
 * opens and closes in pairs and writes a value for every key.
 *
 *	struct json j = json_init(o);
 *	json_object(&j);
 *	json_field_str(&j, "type", "event");
 *	json_key(&j, "stack");
 *	json_array(&j);
 *	json_str(&j, "ip_rcv");
 *	json_array_end(&j);
 *	json_object_end(&j);
 *	json_line_end(&j);
 *
 * Strings may have any bytes: quotes, backslashes, control bytes and the code points that escape.h calls unsafe are
 * \u-escaped, each byte that is not valid UTF-8 becomes \ufffd. Keys are literals of the program and not escaped.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "render/out/out.h"

struct json {
	struct out *out; /* borrowed */
	bool comma;	 /* a value precedes at this level */
};

static inline struct json json_init(struct out *o)
{
	return (struct json){.out = o};
}

void json_object(struct json *j);
void json_object_end(struct json *j);
void json_array(struct json *j);
void json_array_end(struct json *j);
/* key is a literal; it is cut after JSON_KEY_MAX bytes. */
#define JSON_KEY_MAX 28
void json_key(struct json *j, const char *key);
/* A key that is not a literal: escaped, of any length. */
void json_key_text(struct json *j, const char *key);
/* A key that is written often and is never the first of its object: made once, with comma, quotes and colon. */
struct json_key {
	char text[JSON_KEY_MAX + 4];
	size_t len;
};
void json_key_make(const char *key, struct json_key *ret);
void json_key_made(struct json *j, const struct json_key *key);
/* Ends a line of JSON lines. */
void json_line_end(struct json *j);

/* A value that is JSON already. */
void json_raw(struct json *j, const char *value, size_t len);
void json_null(struct json *j);
void json_bool(struct json *j, bool v);
void json_u64(struct json *j, uint64_t v);
void json_i64(struct json *j, int64_t v);
/* A string "0x…": addresses do not fit a JSON number. */
void json_hex(struct json *j, uint64_t v);
void json_str(struct json *j, const char *s); /* NULL: null */
void json_str_mem(struct json *j, const char *s, size_t size);
/* Around out_*() calls that write ASCII without quotes and backslashes (an address, a tuple): they become one string.
 */
void json_str_begin(struct json *j);
void json_str_end(struct json *j);

void json_field_null(struct json *j, const char *key);
void json_field_bool(struct json *j, const char *key, bool v);
void json_field_u64(struct json *j, const char *key, uint64_t v);
void json_field_i64(struct json *j, const char *key, int64_t v);
void json_field_hex(struct json *j, const char *key, uint64_t v);
void json_field_str(struct json *j, const char *key, const char *s); /* NULL: null */
/* The number, or null if it is not known. */
void json_field_opt_u64(struct json *j, const char *key, bool known, uint64_t v);
void json_field_object(struct json *j, const char *key);
void json_field_array(struct json *j, const char *key);

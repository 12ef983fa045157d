/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/out/json.h"

#include "render/out/escape.h"

static void value_begin(struct json *j)
{
	if (j->comma)
		out_char(j->out, ',');
	j->comma = true;
}

void json_object(struct json *j)
{
	value_begin(j);
	out_char(j->out, '{');
	j->comma = false;
}

void json_object_end(struct json *j)
{
	out_char(j->out, '}');
	j->comma = true;
}

void json_array(struct json *j)
{
	value_begin(j);
	out_char(j->out, '[');
	j->comma = false;
}

void json_array_end(struct json *j)
{
	out_char(j->out, ']');
	j->comma = true;
}

/* A line has some forty short keys, so this reserves space once and copies without calls of out_*(). */
void json_key(struct json *j, const char *key)
{
	char *start = out_room(j->out, JSON_KEY_MAX + 4), *p = start;
	size_t len;

	if (!p)
		return;
	if (j->comma)
		*p++ = ',';
	*p++ = '"';
	len = strnlen(key, JSON_KEY_MAX);
	memcpy(p, key, len);
	p += len;
	*p++ = '"';
	*p++ = ':';
	j->out->buf.len += p - start;
	j->comma = false;
}

void json_key_made(struct json *j, const struct json_key *key)
{
	char *p = out_room(j->out, sizeof(key->text));

	if (!p)
		return;
	memcpy(p, key->text, sizeof(key->text)); /* a constant size needs no call of memcpy */
	j->out->buf.len += key->len;
	j->comma = false;
}

void json_key_make(const char *key, struct json_key *ret)
{
	size_t len = strnlen(key, JSON_KEY_MAX);

	*ret = (struct json_key){.text = ",\"", .len = len + 4};
	memcpy(ret->text + 2, key, len);
	memcpy(ret->text + 2 + len, "\":", 2);
}

void json_key_text(struct json *j, const char *key)
{
	json_str(j, key);
	out_char(j->out, ':');
	j->comma = false;
}

void json_raw(struct json *j, const char *value, size_t len)
{
	value_begin(j);
	out_mem(j->out, value, len);
}

void json_line_end(struct json *j)
{
	out_char(j->out, '\n');
	j->comma = false;
}

void json_null(struct json *j)
{
	value_begin(j);
	out_mem(j->out, "null", 4);
}

void json_bool(struct json *j, bool v)
{
	value_begin(j);
	out_str(j->out, v ? "true" : "false");
}

void json_u64(struct json *j, uint64_t v)
{
	value_begin(j);
	out_u64(j->out, v);
}

void json_i64(struct json *j, int64_t v)
{
	value_begin(j);
	out_i64(j->out, v);
}

void json_str_begin(struct json *j)
{
	value_begin(j);
	out_char(j->out, '"');
}

void json_str_end(struct json *j)
{
	out_char(j->out, '"');
}

void json_hex(struct json *j, uint64_t v)
{
	json_str_begin(j);
	out_hex(j->out, v);
	json_str_end(j);
}

static void out_u16_escape(struct out *o, uint32_t v)
{
	out_mem(o, "\\u", 2);
	out_hex_digits(o, v, 4);
}

/* \uNNNN, as a surrogate pair beyond the Basic Multilingual Plane (RFC 8259, section 7). */
static void out_codepoint_escape(struct out *o, uint32_t cp)
{
	if (cp > 0xffff) {
		out_u16_escape(o, 0xd800 + ((cp - 0x10000) >> 10));
		cp = 0xdc00 + ((cp - 0x10000) & 0x3ff);
	}
	out_u16_escape(o, cp);
}

static bool is_plain(char c)
{
	return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

/* Writes a string that needs no escapes, as nearly all. False: it does need some, and nothing was written. */
static bool plain_str(struct json *j, const char *s, size_t size)
{
	char *p = out_room(j->out, size + 3);
	size_t at = 0;

	if (!p)
		return false;
	if (j->comma)
		p[at++] = ',';
	p[at++] = '"';
	for (size_t i = 0; i < size; i++) {
		if (!is_plain(s[i]))
			return false;
		p[at++] = s[i];
	}
	p[at++] = '"';
	j->out->buf.len += at;
	j->comma = true;
	return true;
}

void json_str_mem(struct json *j, const char *s, size_t size)
{
	if (plain_str(j, s, size))
		return;
	json_str_begin(j);
	for (size_t i = 0; i < size;) {
		size_t run = i, len;
		uint32_t cp = 0xfffd;

		while (run < size && is_plain(s[run]))
			run++;
		out_mem(j->out, s + i, run - i);
		i = run;
		if (i == size)
			break;
		len = utf8_next(s + i, size - i, &cp);
		if (len == 1 && (cp == '"' || cp == '\\')) {
			out_char(j->out, '\\');
			out_char(j->out, (char)cp);
		} else if (len == 0 || codepoint_is_unsafe(cp)) {
			out_codepoint_escape(j->out, cp);
		} else {
			out_mem(j->out, s + i, len);
		}
		i += len ? len : 1;
	}
	json_str_end(j);
}

void json_str(struct json *j, const char *s)
{
	if (s)
		json_str_mem(j, s, strlen(s));
	else
		json_null(j);
}

void json_field_null(struct json *j, const char *key)
{
	json_key(j, key);
	json_null(j);
}

void json_field_bool(struct json *j, const char *key, bool v)
{
	json_key(j, key);
	json_bool(j, v);
}

void json_field_u64(struct json *j, const char *key, uint64_t v)
{
	json_key(j, key);
	json_u64(j, v);
}

void json_field_i64(struct json *j, const char *key, int64_t v)
{
	json_key(j, key);
	json_i64(j, v);
}

void json_field_hex(struct json *j, const char *key, uint64_t v)
{
	json_key(j, key);
	json_hex(j, v);
}

void json_field_str(struct json *j, const char *key, const char *s)
{
	json_key(j, key);
	json_str(j, s);
}

void json_field_opt_u64(struct json *j, const char *key, bool known, uint64_t v)
{
	json_key(j, key);
	if (known)
		json_u64(j, v);
	else
		json_null(j);
}

void json_field_object(struct json *j, const char *key)
{
	json_key(j, key);
	json_object(j);
}

void json_field_array(struct json *j, const char *key)
{
	json_key(j, key);
	json_array(j);
}

/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>

#include "render/out/json.h"

static void expect(struct out *o, const char *want)
{
	cr_expect(o->buf.len == strlen(want) && memcmp(o->buf.data, want, o->buf.len) == 0, "%.*s for %s",
		  (int)o->buf.len, o->buf.data, want);
	out_clear(o);
}

Test(json, commas_stand_between_and_nowhere_else)
{
	_cleanup_out_ struct out o = {0};
	struct json j = json_init(&o);

	json_object(&j);
	json_field_str(&j, "type", "event");
	json_field_object(&j, "empty");
	json_object_end(&j);
	json_field_array(&j, "list");
	json_u64(&j, 1);
	json_array(&j);
	json_array_end(&j);
	json_object(&j);
	json_field_null(&j, "n");
	json_field_bool(&j, "b", true);
	json_object_end(&j);
	json_array_end(&j);
	json_field_i64(&j, "i", -3);
	json_object_end(&j);
	json_line_end(&j);
	json_object(&j);
	json_object_end(&j);
	json_line_end(&j);
	expect(&o, "{\"type\":\"event\",\"empty\":{},\"list\":[1,[],{\"n\":null,\"b\":true}],\"i\":-3}\n{}\n");
}

Test(json, values)
{
	_cleanup_out_ struct out o = {0};
	struct json j = json_init(&o);

	json_array(&j);
	json_u64(&j, UINT64_MAX);
	json_hex(&j, 0xffff992e59159d00);
	json_str(&j, NULL);
	json_bool(&j, false);
	json_array_end(&j);
	expect(&o, "[18446744073709551615,\"0xffff992e59159d00\",null,false]");
	j = json_init(&o);
	json_object(&j);
	json_field_opt_u64(&j, "a", true, 0);
	json_field_opt_u64(&j, "b", false, 0);
	json_field_hex(&j, "c", 0);
	json_key(&j, "d");
	json_str_begin(&j);
	out_str(&o, "10.0.0.1");
	json_str_end(&j);
	json_object_end(&j);
	expect(&o, "{\"a\":0,\"b\":null,\"c\":\"0x0\",\"d\":\"10.0.0.1\"}");
}

static const struct {
	const char *raw, *json;
} strings[] = {
	{"", "\"\""},
	{"q\"b\\s/", "\"q\\\"b\\\\s/\""},
	{"\b\f\n\r\t\033\x7f", "\"\\u0008\\u000c\\u000a\\u000d\\u0009\\u001b\\u007f\""},
	{"m\xc3\xbcller \xf0\x9f\x90\xa7", "\"m\xc3\xbcller \xf0\x9f\x90\xa7\""},
	{"\xc2\x9b", "\"\\u009b\""},
	{"\xe2\x80\xae\xe2\x81\xa9\xef\xbb\xbf", "\"\\u202e\\u2069\\ufeff\""},
	{"\xf3\xa0\x81\x81", "\"\\udb40\\udc41\""}, /* U+E0041, a tag, as a surrogate pair */
	{"\xff\xfe"
	 "a",
	 "\"\\ufffd\\ufffda\""},
	{"\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""},
	{"cut\xe2\x82", "\"cut\\ufffd\\ufffd\""},
};

Test(json, strings)
{
	_cleanup_out_ struct out o = {0};

	for (size_t i = 0; i < ARRAY_SIZE(strings); i++) {
		struct json j = json_init(&o);

		json_str(&j, strings[i].raw);
		expect(&o, strings[i].json);
	}
}

Test(json, sized_string_keeps_nul)
{
	_cleanup_out_ struct out o = {0};
	struct json j = json_init(&o);

	json_str_mem(&j, "a\0b", 3);
	expect(&o, "\"a\\u0000b\"");
}

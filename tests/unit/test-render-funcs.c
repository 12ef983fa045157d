/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>

#include "render/list/funcs.h"

static struct func items[] = {
	{.name = "inlined", .slot = 3, .reason = "no such symbol"},
	{.name = "__netif_receive_skb_core.constprop.0",
	 .addr = 0xffffffff81000100,
	 .slot = 1,
	 .indirect = true,
	 .attachable = true,
	 .ftrace = true,
	 .has_offset = true,
	 .offset_bytes = 9},
	{.name = "entry",
	 .addr = 0xffffffff81000200,
	 .slot = 2,
	 .attachable = true,
	 .has_offset = true,
	 .offset_bytes = 0},
	{.name = "od\033d",
	 .module = "ve th",
	 .addr = 0xffffffffc0000000,
	 .slot = 1,
	 .attachable = true,
	 .offset_bytes = 5},
};
static const struct func_set set = {.items = items, .n = ARRAY_SIZE(items), .n_attachable = 3};

static void expect_out(struct out *o, const char *want)
{
	out_char(o, '\0');
	cr_assert_not(o->failed);
	cr_expect_str_eq(o->buf.data, want);
}

Test(funcs, text)
{
	_cleanup_out_ struct out o = {0};

	funcs_text(&o, &set, &(struct funcs_view){0});
	expect_out(&o, "FUNC                                  SLOT  MODULE    ADDR                PROBE\n"
		       "inlined                               3     -         -                   -\n"
		       "__netif_receive_skb_core.constprop.0  1*    -         0xffffffff81000100  kprobe+9\n"
		       "entry                                 2     -         0xffffffff81000200  kprobe\n"
		       "od\\x1bd                               1     ve\\x20th  0xffffffffc0000000  kprobe\n");
}

Test(funcs, text_with_reasons_and_kprobe_multi)
{
	_cleanup_out_ struct out o = {0};

	funcs_text(&o, &set, &(struct funcs_view){.kprobe_multi = true, .reasons = true});
	expect_out(&o,
		   "FUNC                                  SLOT  MODULE    ADDR                PROBE         REASON\n"
		   "inlined                               3     -         -                   -             no such "
		   "symbol\n"
		   "__netif_receive_skb_core.constprop.0  1*    -         0xffffffff81000100  kprobe.multi  -\n"
		   "entry                                 2     -         0xffffffff81000200  kprobe        -\n"
		   "od\\x1bd                               1     ve\\x20th  0xffffffffc0000000  kprobe        -\n");
}

Test(funcs, json_has_every_field_always)
{
	_cleanup_out_ struct out o = {0};

	funcs_json(&o, &set, &(struct funcs_view){.kprobe_multi = true});
	expect_out(&o,
		   "{\"type\":\"func\",\"func\":\"inlined\",\"module\":null,\"slot\":3,\"addr\":null,\"probe\":null,"
		   "\"attachable\":false,\"reason\":\"no such symbol\"}\n"
		   "{\"type\":\"func\",\"func\":\"__netif_receive_skb_core.constprop.0\",\"module\":null,\"slot\":1,"
		   "\"addr\":\"0xffffffff81000100\",\"probe\":\"kprobe.multi\",\"attachable\":true,\"reason\":null}\n"
		   "{\"type\":\"func\",\"func\":\"entry\",\"module\":null,\"slot\":2,\"addr\":\"0xffffffff81000200\","
		   "\"probe\":\"kprobe\",\"attachable\":true,\"reason\":null}\n"
		   "{\"type\":\"func\",\"func\":\"od\\u001bd\",\"module\":\"ve th\",\"slot\":1,"
		   "\"addr\":\"0xffffffffc0000000\",\"probe\":\"kprobe\",\"attachable\":true,\"reason\":null}\n");
}

Test(funcs, an_empty_list_has_a_header_in_text_and_nothing_in_json)
{
	_cleanup_out_ struct out text = {0}, json = {0};

	funcs_text(&text, &(struct func_set){0}, &(struct funcs_view){0});
	expect_out(&text, "FUNC  SLOT  MODULE  ADDR  PROBE\n");
	funcs_json(&json, &(struct func_set){0}, &(struct funcs_view){0});
	expect_out(&json, "");
}

/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/output_options.h"

#include <errno.h>

#include "base/parse.h"
#include "event/parts.h"

static const struct {
	size_t wanted; /* the option's flag */
	enum field_id column, before;
} columns[] = {
#define O(field) offsetof(struct output_options, field)
	{O(meta), FIELD_MARK, FIELD_LEN},      {O(meta), FIELD_PROTO, FIELD_LEN},
	{O(meta), FIELD_MTU, FIELD_LEN},       {O(mac), FIELD_MAC, FIELD_TUPLE},
	{O(mac), FIELD_VLAN, FIELD_TUPLE},     {O(tcp_flags), FIELD_TCP_FLAGS, FIELD_FUNC},
	{O(tunnel), FIELD_TUNNEL, FIELD_FUNC}, {O(route), FIELD_ROUTE, FIELD_FUNC},
	{O(conntrack), FIELD_CT, FIELD_FUNC},  {O(netfilter), FIELD_NETFILTER, FIELD_FUNC},
	{O(cb), FIELD_CB, FIELD_FUNC},	       {O(caller), FIELD_CALLER, FIELD_FUNC},
};

static const struct {
	size_t wanted;
	enum st_part_kind part;
} blocks[] = {{O(stack), ST_PART_STACK}, {O(skb), ST_PART_SKB}, {O(shinfo), ST_PART_SHINFO}};
#undef O

static bool is_wanted(const struct output_options *o, size_t at)
{
	return *(const bool *)((const char *)o + at);
}

void output_options_format(const struct output_options *o, bool chosen, struct text_format *f)
{
	for (size_t i = 0; !chosen && i < ARRAY_SIZE(columns); i++)
		if (is_wanted(o, columns[i].wanted))
			columns_insert(&f->columns, columns[i].column, columns[i].before);
	for (size_t i = 0; i < ARRAY_SIZE(blocks); i++)
		if (is_wanted(o, blocks[i].wanted))
			f->blocks |= PART_BIT(blocks[i].part);
}

uint32_t output_options_parts(const struct output_options *o, const struct columns *shown)
{
	uint32_t parts = 0;

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		if (is_wanted(o, columns[i].wanted))
			parts |= fields[columns[i].column].parts;
	for (size_t i = 0; i < ARRAY_SIZE(blocks); i++)
		if (is_wanted(o, blocks[i].wanted))
			parts |= PART_BIT(blocks[i].part);
	for (unsigned i = 0; i < shown->count; i++)
		parts |= fields[shown->ids[i]].parts;
	return parts;
}

bool output_options_without_mark_mtu(const struct columns *shown)
{
	for (unsigned i = 0; i < shown->count; i++)
		if (shown->ids[i] == FIELD_MARK || shown->ids[i] == FIELD_MTU)
			return false;
	return true;
}

int opt_count(void *dst, const char *value, struct reason *reason)
{
	uint64_t v;

	if (parse_u64(value, UINT64_MAX, &v) < 0 || v == 0)
		return reason_set(reason, -EINVAL, "must be a number, and at least 1");
	*(uint64_t *)dst = v;
	return 0;
}

int output_options_check(const struct output_options *o, struct reason *reason)
{
	if (o->file_bytes && !o->file)
		return reason_set(reason, -EINVAL, "--output-file-size: of which file? name it with --output-file");
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/event/tuple_json.h"

#include "event/tuple.h"

static void addr_json(struct json *j, const char *key, uint8_t family, const uint8_t *addr)
{
	char text[ADDR_TEXT_SIZE];

	json_key(j, key);
	if (family)
		json_str_mem(j, text, addr_format(family, addr, text));
	else
		json_null(j);
}

void tuple_object(struct json *j, const struct tuple *t)
{
	char l4[L4_TEXT_SIZE];
	uint8_t family = t->arp_op ? 4 : t->family;

	json_object(j);
	addr_json(j, "src", family, t->src);
	addr_json(j, "dst", family, t->dst);
	json_field_opt_u64(j, "sport", t->has_ports, t->sport);
	json_field_opt_u64(j, "dport", t->has_ports, t->dport);
	json_key(j, "l4");
	if (t->has_l4)
		json_str_mem(j, l4, l4_format(t->l4, l4));
	else
		json_null(j);
	json_field_opt_u64(j, "tcp_flags", t->has_tcp, t->tcp_flags);
	json_field_opt_u64(j, "icmp_type", t->has_icmp, t->icmp_type);
	json_field_opt_u64(j, "icmp_code", t->has_icmp, t->icmp_code);
	json_field_opt_u64(j, "icmp_id", t->has_icmp_id, t->icmp_id);
	json_field_opt_u64(j, "icmp_seq", t->has_icmp_id, t->icmp_seq);
	json_field_opt_u64(j, "arp_op", t->arp_op, t->arp_op);
	json_object_end(j);
}

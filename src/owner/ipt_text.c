/* SPDX-License-Identifier: GPL-2.0-only */
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <string.h>

#include "event/tuple.h"
#include "owner/ipt_entry.h"
#include "owner/xt.h"
#include "render/out/escape.h"

static const char *const hook_names[IPT_HOOKS] = {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"};

static void note_hook(const struct legacy_table *t, uint32_t offset, struct ipt_place *p)
{
	for (size_t i = 0; i < IPT_HOOKS; i++) {
		if (!(t->valid_hooks >> i & 1) || t->hook_entry[i] != offset)
			continue;
		snprintf(p->chain, sizeof(p->chain), "%s", hook_names[i]);
		p->number = 0;
	}
}

bool ipt_find_place(const struct legacy_table *t, uint32_t offset, struct ipt_place *ret)
{
	struct ipt_place p = {0};
	struct legacy_rule r;

	for (uint32_t at = 0; ipt_read_rule(t, at, &r); at = r.next) {
		if (strcmp(r.target_name, XT_ERROR_TARGET) == 0) {
			memcpy(p.chain, r.error_name, sizeof(p.chain));
			p.number = 0;
			continue;
		}
		note_hook(t, at, &p);
		p.number++;
		if (at == offset) {
			*ret = p;
			return true;
		}
	}
	return false;
}

uint64_t ipt_packets(const struct legacy_table *t, uint32_t offset)
{
	struct legacy_rule r;

	return ipt_read_rule(t, offset, &r) ? r.packets : 0;
}

static void addr_text(const struct legacy_table *t, const char *option, const uint8_t *addr, const uint8_t *mask,
		      bool not, struct out *o)
{
	size_t len = t->v6 ? 16 : 4, bits = 0;
	char text[ADDR_TEXT_SIZE];

	for (size_t i = 0; i < len * 8; i++)
		bits += mask[i / 8] >> (7 - i % 8) & 1;
	if (!bits)
		return;
	out_str(o, not ? " ! " : " ");
	out_str(o, option);
	out_char(o, ' ');
	out_mem(o, text, addr_format(t->v6 ? 6 : 4, addr, text));
	out_char(o, '/');
	out_u64(o, bits);
}

static void device_text(const char *option, const char name[static 16], const uint8_t *mask, bool not, struct out *o)
{
	char text[17];

	if (!mask[0])
		return;
	snprintf(text, sizeof(text), "%.16s", name);
	out_str(o, not ? " ! " : " ");
	out_str(o, option);
	out_char(o, ' ');
	out_escaped_word(o, text);
	if (!mask[strlen(text) < 16 ? strlen(text) : 15])
		out_char(o, '+');
}

static void target_text(const struct legacy_table *t, const struct legacy_rule *r, struct out *o)
{
	struct ipt_place chain;

	out_str(o, r->flags & IPT_F_GOTO ? " -g " : " -j ");
	if (r->target_name[0])
		out_escaped_word(o, r->target_name);
	else if (r->verdict >= 0)
		out_escaped_word(o, ipt_find_place(t, (uint32_t)r->verdict, &chain) ? chain.chain : "?");
	else
		out_str(o, r->verdict == -1 ? "DROP" : r->verdict == XT_RETURN ? "RETURN" : "ACCEPT");
}

void ipt_rule_text(const struct legacy_table *t, uint32_t offset, struct out *o)
{
	_cleanup_out_ struct out text = {0};
	char proto[L4_TEXT_SIZE];
	struct legacy_match m;
	struct legacy_rule r;

	if (!ipt_read_rule(t, offset, &r))
		return;
	addr_text(t, "-s", r.src, r.src_mask, r.invflags & IPT_INV_SRCIP, &text);
	addr_text(t, "-d", r.dst, r.dst_mask, r.invflags & IPT_INV_DSTIP, &text);
	device_text("-i", r.iif, r.iif_mask, r.invflags & IPT_INV_VIA_IN, &text);
	device_text("-o", r.oif, r.oif_mask, r.invflags & IPT_INV_VIA_OUT, &text);
	if (r.proto) {
		out_str(&text, r.invflags & XT_INV_PROTO ? " ! -p " : " -p ");
		out_mem(&text, proto, l4_format((uint8_t)r.proto, proto));
	}
	for (uint32_t at = r.matches; ipt_read_match(t, at, r.target, &m); at = m.next)
		xt_match_text(m.name, m.revision, m.info, m.size, &text);
	target_text(t, &r, &text);
	o->failed |= text.failed;
	if (text.buf.len)
		out_mem(o, text.buf.data + 1, text.buf.len - 1);
}

/* SPDX-License-Identifier: GPL-2.0-only */
#include "owner/xt.h"

#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <string.h>

#include "base/read.h"
#include "render/out/out.h"

/* struct xt_tcp and struct xt_udp begin alike; the ports are in host byte order. */
struct ports {
	uint16_t sport[2], dport[2];
};

static bool is_port_match(const char *name)
{
	return strcmp(name, "tcp") == 0 || strcmp(name, "udp") == 0;
}

static bool in_range(uint16_t port, const uint16_t range[static 2], bool invert)
{
	return (port >= range[0] && port <= range[1]) != invert;
}

static enum truth match_flags(const struct xt_tcp *t, const struct headers *h)
{
	uint8_t flags;

	if (t->option)
		return TRUTH_UNKNOWN;
	if (!t->flg_mask)
		return TRUTH_YES;
	if (!header_read(&h->transport, 13, 1, &flags))
		return TRUTH_UNKNOWN;
	return truth_of(((flags & t->flg_mask) == t->flg_cmp) != !!(t->invflags & XT_TCP_INV_FLAGS));
}

static enum truth match_ports(bool tcp, const void *info, size_t size, const struct headers *h)
{
	struct rd rd = rd_init(info, size), all = rd;
	struct xt_tcp t = {0};
	struct ports p;
	uint8_t bytes[4], inv;
	struct xt_udp u;

	if (!rd_copy(&rd, &p, sizeof(p)))
		return TRUTH_UNKNOWN;
	if (tcp ? !rd_copy(&all, &t, sizeof(t)) : !rd_copy(&all, &u, sizeof(u)))
		return TRUTH_UNKNOWN;
	if (!h->has_transport || !header_read(&h->transport, 0, 4, bytes))
		return TRUTH_UNKNOWN;
	inv = tcp ? t.invflags : u.invflags;
	if (!in_range((uint16_t)(bytes[0] << 8 | bytes[1]), p.sport, inv & XT_TCP_INV_SRCPT) ||
	    !in_range((uint16_t)(bytes[2] << 8 | bytes[3]), p.dport, inv & XT_TCP_INV_DSTPT))
		return TRUTH_NO;
	return tcp ? match_flags(&t, h) : TRUTH_YES;
}

enum truth xt_match(const char *name, uint32_t revision, const void *info, size_t size, const struct headers *h)
{
	if (strcmp(name, "comment") == 0)
		return TRUTH_YES;
	if (is_port_match(name) && revision == 0)
		return match_ports(name[0] == 't', info, size, h);
	return TRUTH_UNKNOWN;
}

enum xt_effect xt_target(const char *name)
{
	static const struct {
		const char *name;
		enum xt_effect effect;
	} table[] = {
		{"REJECT", XT_DROPS},	    {"DROP", XT_DROPS},	      {"LOG", XT_CONTINUES},
		{"NFLOG", XT_CONTINUES},    {"MARK", XT_CONTINUES},   {"CONNMARK", XT_CONTINUES},
		{"CT", XT_CONTINUES},	    {"TCPMSS", XT_CONTINUES}, {"TRACE", XT_CONTINUES},
		{"CLASSIFY", XT_CONTINUES}, {"DSCP", XT_CONTINUES},   {"CHECKSUM", XT_CONTINUES},
		{"MASQUERADE", XT_ACCEPTS}, {"SNAT", XT_ACCEPTS},     {"DNAT", XT_ACCEPTS},
		{"REDIRECT", XT_ACCEPTS},
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (strcmp(name, table[i].name) == 0)
			return table[i].effect;
	return XT_UNKNOWN;
}

static void port_text(const char *option, const uint16_t range[static 2], bool invert, struct out *o)
{
	if (range[0] == 0 && range[1] == UINT16_MAX)
		return;
	out_str(o, invert ? " ! --" : " --");
	out_str(o, option);
	out_char(o, ' ');
	out_u64(o, range[0]);
	if (range[0] == range[1])
		return;
	out_char(o, ':');
	out_u64(o, range[1]);
}

void xt_match_text(const char *name, uint32_t revision, const void *info, size_t size, struct out *o)
{
	struct rd rd = rd_init(info, size);
	struct ports p;
	uint8_t inv;

	out_str(o, " -m ");
	out_str(o, name);
	if (!is_port_match(name) || revision || size < sizeof(struct xt_udp) || !rd_copy(&rd, &p, sizeof(p)))
		return;
	inv = name[0] == 't' && size >= sizeof(struct xt_tcp) ? ((const struct xt_tcp *)info)->invflags
							      : ((const struct xt_udp *)info)->invflags;
	port_text("sport", p.sport, inv & XT_TCP_INV_SRCPT, o);
	port_text("dport", p.dport, inv & XT_TCP_INV_DSTPT, o);
}

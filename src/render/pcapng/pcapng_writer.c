/* SPDX-License-Identifier: GPL-2.0-only */
/* The format is draft-ietf-opsawg-pcapng. All numbers are little-endian, as the section header says. */
#include "render/pcapng/pcapng_writer.h"

#include <errno.h>
#include <stdlib.h>

#include "path/packet.h"
#include "render/event/lost_events.h"
#include "render/out/escape.h"
#include "render/path/path_text.h"
#include "render/pcapng/frame.h"

#define BLOCK_SECTION	 0x0a0d0d0au
#define BLOCK_INTERFACE	 1u
#define BLOCK_STATISTICS 5u
#define BLOCK_PACKET	 6u
#define BYTE_ORDER_MAGIC 0x1a2b3c4du

#define OPT_END	       0
#define OPT_COMMENT    1
#define SHB_HARDWARE   2
#define SHB_OS	       3
#define SHB_USERAPPL   4
#define IF_NAME	       2
#define IF_DESCRIPTION 3
#define IF_TSRESOL     9
#define EPB_PACKETID   5

#define TEXT_MAX 4096u /* bytes of an option */

static const char made_up[] = "Frames that the trace kept no bytes of have headers made from their addresses: sequence "
			      "numbers, time to live and "
			      "checksums are not the packet's, and lengths are those the function saw.";

struct pcapng_port {
	uint32_t netns, ifindex;
	bool has_netns, has_dev;
	char netns_name[NETNS_NAME_LEN];
	char ifname[ST_IFNAME_LEN];
};

static void le16(struct out *o, uint16_t v)
{
	uint8_t b[] = {(uint8_t)v, (uint8_t)(v >> 8)};

	out_mem(o, b, sizeof(b));
}

static void le32(struct out *o, uint32_t v)
{
	le16(o, (uint16_t)v);
	le16(o, (uint16_t)(v >> 16));
}

static void pad(struct out *o, size_t len)
{
	static const char zeros[4];

	if (len % 4)
		out_mem(o, zeros, 4 - len % 4);
}

static size_t block_begin(struct out *o, uint32_t type)
{
	size_t at = o->buf.len;

	le32(o, type);
	le32(o, 0); /* the length: block_end() writes it */
	return at;
}

static void block_end(struct out *o, size_t at)
{
	uint32_t len = (uint32_t)(o->buf.len - at) + 4;

	le32(o, len);
	if (o->failed)
		return;
	for (unsigned i = 0; i < 4; i++)
		o->buf.data[at + 4 + i] = (char)(len >> (8 * i));
}

static void option(struct out *o, uint16_t code, const void *data, size_t len)
{
	le16(o, code);
	le16(o, (uint16_t)len);
	out_mem(o, data, len);
	pad(o, len);
}

/* Cuts the text after a whole character. */
static void option_text(struct out *o, uint16_t code, const struct out *text)
{
	size_t len = text->buf.len;

	if (len > TEXT_MAX)
		for (len = TEXT_MAX; len && ((unsigned char)text->buf.data[len] & 0xc0) == 0x80; len--)
			;
	if (len)
		option(o, code, text->buf.data, len);
	o->failed |= text->failed;
}

static void option_str(struct out *o, uint16_t code, const char *before, const char *s)
{
	_cleanup_out_ struct out t = {0};

	if (!s)
		return;
	out_str(&t, before);
	out_escaped(&t, s);
	option_text(o, code, &t);
}

static void options_end(struct out *o)
{
	le16(o, OPT_END);
	le16(o, 0);
}

int pcapng_writer_begin(struct pcapng_writer *p, const struct record_info *info, struct out *o)
{
	size_t at;

	if (!p->interfaces)
		p->interfaces = calloc(PCAPNG_PORTS_MAX, sizeof(*p->interfaces));
	if (!p->interfaces)
		return -ENOMEM;
	p->n = p->last = 0;
	p->wall_offset_ns = info ? info->wall_offset_ns : 0;
	at = block_begin(o, BLOCK_SECTION);
	le32(o, BYTE_ORDER_MAGIC);
	le16(o, 1);
	le16(o, 0);
	le32(o, UINT32_MAX); /* the section's length is not known yet */
	le32(o, UINT32_MAX);
	option(o, OPT_COMMENT, made_up, sizeof(made_up) - 1);
	if (info) {
		option_str(o, OPT_COMMENT, "", info->command);
		option_str(o, SHB_HARDWARE, "", info->machine);
		option_str(o, SHB_OS, "Linux ", info->release);
		option_str(o, SHB_USERAPPL, "", info->tool);
	}
	options_end(o);
	block_end(o, at);
	return o->failed ? -ENOMEM : 0;
}

static void device_of(const struct pcapng_port *f, struct path_device *ret)
{
	*ret = (struct path_device){
		.has_netns = f->has_netns, .netns = f->netns, .has_dev = f->has_dev, .ifindex = f->ifindex};
	memcpy(ret->netns_name, f->netns_name, sizeof(ret->netns_name));
	memcpy(ret->ifname, f->ifname, sizeof(ret->ifname));
}

/* The name is "pod1/eth0", the description "netns 4026532001, ifindex 12". */
static void write_interface(const struct pcapng_port *f, bool others, struct out *o)
{
	_cleanup_out_ struct out name = {0}, more = {0};
	struct path_device device;
	const uint8_t nanoseconds = 9;
	size_t at = block_begin(o, BLOCK_INTERFACE);

	device_of(f, &device);
	device.has_dev = false;
	path_device_text(&device, &name);
	out_char(&name, '/');
	out_escaped_word(&name, f->has_dev ? f->ifname : "-");
	if (others) {
		out_clear(&name);
		out_str(&name, "others");
	}
	out_str(&more, "netns ");
	out_u64(&more, f->netns);
	out_str(&more, ", ifindex ");
	out_u64(&more, f->ifindex);
	le16(o, FRAME_LINKTYPE);
	le16(o, 0);
	le32(o, 0); /* no limit */
	option_text(o, IF_NAME, &name);
	if (f->has_netns && !others)
		option_text(o, IF_DESCRIPTION, &more);
	option(o, IF_TSRESOL, &nanoseconds, 1);
	options_end(o);
	block_end(o, at);
}

static bool is_interface(const struct pcapng_port *f, const struct event *ev, const char *netns_name)
{
	return f->has_netns == ev->has_netns && f->has_dev == ev->has_dev && f->netns == ev->netns &&
	       f->ifindex == ev->ifindex && strcmp(f->ifname, ev->ifname) == 0 &&
	       strncmp(f->netns_name, netns_name, sizeof(f->netns_name) - 1) == 0;
}

/* The number of the event's interface. Describes the interface if it is new. */
static uint32_t interface_of(struct pcapng_writer *p, const struct event *ev, struct out *o)
{
	const char *name = ev->netns_name ? ev->netns_name : "";
	struct pcapng_port *f;

	if (p->n && is_interface(&p->interfaces[p->last], ev, name))
		return p->last;
	for (p->last = 0; p->last < p->n; p->last++)
		if (is_interface(&p->interfaces[p->last], ev, name))
			return p->last;
	if (p->n == PCAPNG_PORTS_MAX)
		return p->last = PCAPNG_PORTS_MAX - 1;
	f = &p->interfaces[p->n];
	*f = (struct pcapng_port){
		.netns = ev->netns, .ifindex = ev->ifindex, .has_netns = ev->has_netns, .has_dev = ev->has_dev};
	strncpy(f->netns_name, name, sizeof(f->netns_name) - 1);
	memcpy(f->ifname, ev->ifname, sizeof(f->ifname));
	write_interface(f, p->n == PCAPNG_PORTS_MAX - 1, o);
	return p->last = p->n++;
}

static void drop_comment(const struct event *ev, struct out *t)
{
	if (!ev->has_location)
		return;
	out_str(t, " (drop: ");
	if (ev->drop_reason_name)
		out_escaped_word(t, ev->drop_reason_name);
	else if (ev->has_reason)
		out_hex(t, ev->drop_reason);
	else
		out_str(t, "no reason given by this kernel");
	out_str(t, " at ");
	out_code_addr(t, ev->drop_symbol, ev->drop_offset, ev->location);
	if (event_frees_part(ev))
		out_str(t, "; part of a packet that is freed");
	out_char(t, ')');
}

/* "ip_rcv", and in the next line "packet 3 in pod2 eth0, CPU 1, ping:519". */
static void comment(const struct event *ev, const struct pcapng_port *f, struct out *t)
{
	struct path_device device;

	out_func(t, ev->func, ev->addr);
	drop_comment(ev, t);
	out_str(t, "\npacket ");
	out_u64(t, ev->pkt);
	out_str(t, " in ");
	device_of(f, &device);
	path_device_text(&device, t);
	out_str(t, ", CPU ");
	out_u64(t, ev->cpu);
	out_str(t, ", ");
	out_word_or_dash(t, ev->comm);
	out_char(t, ':');
	out_u64(t, ev->pid);
	if (!ev->mark)
		return;
	out_str(t, ", mark ");
	out_hex(t, ev->mark);
}

static void write_frame(const struct event *ev, struct out *o)
{
	uint8_t made[FRAME_MADE_MAX];
	uint32_t wire_bytes;
	size_t len;

	if (ev->bytes) {
		frame_head(ev, made);
		len = FRAME_HEAD_BYTES + ev->n_bytes;
		wire_bytes = ev->wire_bytes > ev->n_bytes ? ev->wire_bytes : ev->n_bytes;
		le32(o, (uint32_t)len);
		le32(o, wire_bytes > UINT32_MAX - FRAME_HEAD_BYTES ? UINT32_MAX : wire_bytes + FRAME_HEAD_BYTES);
		out_mem(o, made, FRAME_HEAD_BYTES);
		out_mem(o, ev->bytes, ev->n_bytes);
	} else {
		len = frame_make(ev, made, &wire_bytes);
		le32(o, (uint32_t)len);
		le32(o, wire_bytes);
		out_mem(o, made, len);
	}
	pad(o, len);
}

void pcapng_writer_event(struct pcapng_writer *p, const struct event *ev, struct out *o)
{
	uint64_t ts = ev->ts_ns + (uint64_t)p->wall_offset_ns;
	uint32_t interface = interface_of(p, ev, o);
	_cleanup_out_ struct out text = {0};
	uint8_t id[8];
	size_t at;

	at = block_begin(o, BLOCK_PACKET);
	le32(o, interface);
	le32(o, (uint32_t)(ts >> 32));
	le32(o, (uint32_t)ts);
	write_frame(ev, o);
	comment(ev, &p->interfaces[interface], &text);
	option_text(o, OPT_COMMENT, &text);
	for (unsigned i = 0; i < sizeof(id); i++)
		id[i] = (uint8_t)(ev->pkt >> (8 * i));
	if (ev->pkt)
		option(o, EPB_PACKETID, id, sizeof(id));
	options_end(o);
	block_end(o, at);
}

/* Losses belong to no interface; they are written to the statistics of the first, where readers look. */
void pcapng_writer_end(struct pcapng_writer *p, const struct lost_events *l, struct out *o)
{
	_cleanup_out_ struct out text = {0};
	size_t at;

	if (!p->interfaces)
		return;
	if (!p->n) /* readers want one, also of a capture without packets */
		(void)interface_of(p, &(struct event){0}, o);
	if (l)
		lost_events_text(l, &text);
	else
		out_str(&text, "what was lost is not known: the trace's end is missing");
	at = block_begin(o, BLOCK_STATISTICS);
	le32(o, 0);
	le32(o, 0);
	le32(o, 0);
	option_text(o, OPT_COMMENT, &text);
	options_end(o);
	block_end(o, at);
}

void pcapng_writer_free(struct pcapng_writer *p)
{
	free(p->interfaces);
	*p = (struct pcapng_writer){0};
}

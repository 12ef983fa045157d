/* SPDX-License-Identifier: GPL-2.0-only */
#include "capture/pcapng.h"

#include <byteswap.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/read.h"

/* Block types and the section header's mark: draft-ietf-opsawg-pcapng, sections 4 and 11.1. */
#define BLOCK_SECTION	 0x0a0d0d0au
#define BLOCK_INTERFACE	 1
#define BLOCK_OBSOLETE	 2
#define BLOCK_SIMPLE	 3
#define BLOCK_STATISTICS 5
#define BLOCK_PACKET	 6
#define BYTE_ORDER_MARK	 0x1a2b3c4du

#define OPT_END		  0
#define OPT_IF_NAME	  2
#define OPT_IF_TSRESOL	  9
#define OPT_IF_FILTER	  11
#define OPT_EPB_DROPCOUNT 4
#define OPT_ISB_IFDROP	  5
#define OPT_ISB_OSDROP	  7

#define FRAME_BYTES 12 /* type, length, and length again */

struct pcapng_walk {
	struct pcapng *ret;
	size_t section_first; /* number of its first interface */
	bool swapped;
};

static uint16_t get_u16(const struct pcapng_walk *w, struct rd *rd)
{
	uint16_t v;

	rd_copy(rd, &v, sizeof(v));
	return w->swapped ? bswap_16(v) : v;
}

static uint32_t get_u32(const struct pcapng_walk *w, struct rd *rd)
{
	uint32_t v;

	rd_copy(rd, &v, sizeof(v));
	return w->swapped ? bswap_32(v) : v;
}

static uint64_t get_u64(const struct pcapng_walk *w, struct rd *rd)
{
	uint64_t v;

	rd_copy(rd, &v, sizeof(v));
	return w->swapped ? bswap_64(v) : v;
}

static size_t padded(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

/* The next option's code and value; false at the end of the options. */
static bool next_option(const struct pcapng_walk *w, struct rd *rd, uint16_t *ret_code, struct rd *ret_value)
{
	uint16_t size;
	const void *value;

	*ret_code = get_u16(w, rd);
	size = get_u16(w, rd);
	value = rd_bytes(rd, padded(size));
	if (*ret_code == OPT_END || !value)
		return false;
	*ret_value = rd_init(value, size);
	return true;
}

/* A resolution is a negative power of 10, or, with the highest bit, of 2. */
static void read_resolution(struct rd *value, struct pcapng_interface *i)
{
	const uint8_t *v = rd_bytes(value, 1);
	uint64_t ns = 1000000000;

	if (!v)
		return;
	for (unsigned n = *v & 0x7f; n && ns > 1; n--)
		ns = *v & 0x80 ? (ns + 1) / 2 : ns / 10;
	i->resolution_ns = ns ? ns : 1;
}

/* The first byte says in which form the filter is: 0, as text. */
static void read_filter(struct rd *value, struct pcapng_interface *i)
{
	struct capture_filter *f = &i->filter;
	const uint8_t *kind = rd_bytes(value, 1);
	size_t size = value->left < sizeof(f->text) ? value->left : sizeof(f->text) - 1;

	i->has_filter = true;
	*f = (struct capture_filter){0};
	if (!kind || *kind != 0) {
		snprintf(f->text, sizeof(f->text), "(compiled)");
		return;
	}
	f->readable = value->left < sizeof(f->text) && !memchr(value->p, 0, value->left);
	rd_copy(value, f->text, size);
}

static int add_interface(struct pcapng_walk *w, struct rd *rd)
{
	struct pcapng *p = w->ret;
	struct pcapng_interface *i;
	uint16_t code;
	struct rd value;

	if (ARRAY_GROW(p->interfaces, p->n_interfaces) < 0)
		return -ENOMEM;
	i = &p->interfaces[p->n_interfaces++];
	*i = (struct pcapng_interface){.resolution_ns = 1000};
	rd_bytes(rd, 8); /* link type, reserved, snapshot length */
	while (next_option(w, rd, &code, &value)) {
		if (code == OPT_IF_NAME)
			rd_copy(&value, i->ifname, value.left < sizeof(i->ifname) ? value.left : sizeof(i->ifname) - 1);
		else if (code == OPT_IF_TSRESOL)
			read_resolution(&value, i);
		else if (code == OPT_IF_FILTER)
			read_filter(&value, i);
	}
	return 0;
}

/* NULL if the section has no such interface. */
static struct pcapng_interface *interface_of(const struct pcapng_walk *w, uint32_t id)
{
	size_t n = w->ret->n_interfaces - w->section_first;

	return id < n ? &w->ret->interfaces[w->section_first + id] : NULL;
}

/* Counts are totals, so a later block of an interface replaces an earlier one. */
static int read_statistics(struct pcapng_walk *w, struct rd *rd)
{
	struct pcapng_interface *i = interface_of(w, get_u32(w, rd));
	struct rd value;
	uint64_t dropped = 0;
	uint16_t code;
	bool counted = false;

	rd_bytes(rd, 8); /* time */
	if (rd->failed || !i)
		return -EBADMSG;
	while (next_option(w, rd, &code, &value)) {
		if (code != OPT_ISB_IFDROP && code != OPT_ISB_OSDROP)
			continue;
		dropped += get_u64(w, &value);
		counted |= !value.failed;
	}
	if (!counted)
		return 0;
	i->dropped = dropped;
	i->counts_drops = true;
	return 0;
}

static int add_packet(struct pcapng_walk *w, uint32_t id)
{
	struct pcapng *p = w->ret;

	if (!interface_of(w, id))
		return -EBADMSG;
	if (ARRAY_GROW(p->packets, p->n_packets) < 0)
		return -ENOMEM;
	p->packets[p->n_packets++] = w->section_first + id;
	return 0;
}

static int read_packet(struct pcapng_walk *w, struct rd *rd)
{
	uint32_t id = get_u32(w, rd), captured_bytes;
	struct rd value;
	uint16_t code;

	rd_bytes(rd, 8); /* time */
	captured_bytes = get_u32(w, rd);
	rd_bytes(rd, 4); /* length on the wire */
	if (!rd_bytes(rd, padded(captured_bytes)))
		return -EBADMSG;
	while (next_option(w, rd, &code, &value)) {
		if (code == OPT_EPB_DROPCOUNT)
			w->ret->gaps += get_u64(w, &value);
	}
	return add_packet(w, id);
}

/* The packet block before the enhanced one: interface and drop count have 16 bits; 0xffff: not known. */
static int read_obsolete_packet(struct pcapng_walk *w, struct rd *rd)
{
	uint16_t id = get_u16(w, rd), drops = get_u16(w, rd);

	if (rd->failed)
		return -EBADMSG;
	w->ret->gaps += drops == 0xffff ? 0 : drops;
	return add_packet(w, id);
}

static int read_block(struct pcapng_walk *w, uint32_t type, struct rd *rd)
{
	switch (type) {
	case BLOCK_SECTION:
		w->section_first = w->ret->n_interfaces;
		return 0;
	case BLOCK_INTERFACE:
		return add_interface(w, rd);
	case BLOCK_STATISTICS:
		return read_statistics(w, rd);
	case BLOCK_PACKET:
		return read_packet(w, rd);
	case BLOCK_OBSOLETE:
		return read_obsolete_packet(w, rd);
	case BLOCK_SIMPLE:
		w->ret->untimed++;
		return add_packet(w, 0);
	default:
		return 0;
	}
}

/* A section tells its byte order, right after its type and length. */
static int read_byte_order(struct pcapng_walk *w, struct rd rd)
{
	uint32_t mark;

	rd_bytes(&rd, 4);
	if (!rd_copy(&rd, &mark, sizeof(mark)) || (mark != BYTE_ORDER_MARK && mark != bswap_32(BYTE_ORDER_MARK)))
		return -EBADMSG;
	w->swapped = mark != BYTE_ORDER_MARK;
	return 0;
}

bool pcapng_is(const void *data, size_t size)
{
	struct rd rd = rd_init(data, size);
	uint32_t type;

	return rd_copy(&rd, &type, sizeof(type)) && type == BLOCK_SECTION; /* the same in either byte order */
}

int pcapng_read(const void *data, size_t size, struct pcapng *ret)
{
	struct rd rd = rd_init(data, size);
	struct pcapng_walk w = {.ret = ret};

	*ret = (struct pcapng){0};
	while (rd.left) {
		uint32_t type = get_u32(&w, &rd), block_bytes;
		const void *body;
		struct rd inner;
		int r = type == BLOCK_SECTION ? read_byte_order(&w, rd) : 0;

		if (r < 0)
			return r;
		block_bytes = get_u32(&w, &rd);
		if (rd.failed || block_bytes < FRAME_BYTES)
			return -EBADMSG;
		body = rd_bytes(&rd, padded(block_bytes) - FRAME_BYTES);
		rd_bytes(&rd, 4);
		if (rd.failed)
			return -EBADMSG;
		inner = rd_init(body, padded(block_bytes) - FRAME_BYTES);
		r = read_block(&w, type, &inner);
		if (r < 0)
			return r;
	}
	return 0;
}

void pcapng_free(struct pcapng *p)
{
	free(p->interfaces);
	free(p->packets);
	*p = (struct pcapng){0};
}

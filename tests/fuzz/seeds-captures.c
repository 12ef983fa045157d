/* SPDX-License-Identifier: GPL-2.0-only */
#include "../unit/captures.h"
#include "seeds.h"

#define ETHERNET 1
#define SLL	 113
#define SLL2	 276

static struct bytes frame, file;

/* Captures are steered by a byte, frames by three. */
static void keep(const char *target, uint8_t first, const struct bytes *b, size_t steering)
{
	static uint8_t all[3 + sizeof(b->b)];

	memset(all, 0, steering);
	all[0] = first;
	memcpy(all + steering, b->b, b->n);
	seed(target, all, steering + b->n);
}

static void ping(unsigned link, bool v6, bool reverse)
{
	frame.n = 0;
	if (link == ETHERNET)
		put_eth(&frame, v6 ? 0x86dd : 0x0800);
	else if (link == SLL)
		put_sll(&frame, OUTGOING, v6 ? 0x86dd : 0x0800);
	else
		put_sll2(&frame, OUTGOING, 2, v6 ? 0x86dd : 0x0800);
	if (v6)
		put_ping6(&frame, reverse, 1);
	else
		put_ping4(&frame, reverse, 1);
}

static void pcap(unsigned link, bool v6, bool swapped, bool nano)
{
	pcap_begin(&file, swapped, nano, link);
	for (unsigned i = 0; i < 2; i++) {
		ping(link, v6, i);
		pcap_packet(&file, NOW_NS + i * 1000000, nano, &frame, frame.n - (nano && i));
	}
	keep("capture", v6 ? 4 : 0, &file, 1);
}

static void pcapng(bool swapped)
{
	file.n = 0;
	ng_section(&file, swapped);
	ng_interface(&file, ETHERNET, "eth0");
	ng_interface_with(&file, "net1", 9, "icmp and src 10.0.0.133", 0);
	for (unsigned i = 0; i < 2; i++) {
		ping(ETHERNET, false, i);
		ng_packet(&file, i, NOW_NS + i * 1000000, &frame, i);
	}
	ng_statistics(&file, 0, 1, 2);
	keep("capture", 0, &file, 1);
}

static void frames(void)
{
	static const unsigned links[] = {ETHERNET, SLL, SLL2};

	for (unsigned i = 0; i < 3; i++) {
		ping(links[i], i == 1, false);
		keep("packet", i ? i + 1 : 0, &frame, 3);
	}
	frame.n = 0;
	put_eth(&frame, 0x8100);
	put_be16(&frame, 7);
	put_be16(&frame, 0x0800);
	put_ip4(&frame, false, IPPROTO_TCP, 0, 20);
	put(&frame, "\0\x50\1\xbb\0\0\0\1\0\0\0\2\x50\x12\1\0\0\0\0\0", 20);
	keep("packet", 0, &frame, 3);
	frame.n = 0;
	put_ip6(&frame, false, 44, 24); /* a fragment header, then UDP */
	put(&frame, "\x11\0\0\1\0\0\0\5\0\x35\0\x35\0\x10\0\0abcdefgh", 24);
	keep("packet", 1, &frame, 3);
}

void seeds_captures(void)
{
	for (unsigned i = 0; i < 4; i++)
		pcap(ETHERNET, i & 1, i & 2, i == 3);
	pcap(SLL, false, false, false);
	pcap(SLL2, true, false, false);
	pcapng(false);
	pcapng(true);
	frames();
}

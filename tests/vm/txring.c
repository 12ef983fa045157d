// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sends UDP packets by the transmit ring of a packet socket. Of such a packet the kernel copies only the Ethernet
 * header into the linear part of the skb (tpacket_fill_skb(), net/packet/af_packet.c); the rest lies in pages.
 *
 *   txring DEV DMAC SRC DST SPORT DPORT COUNT [VLAN]
 * Each packet has its own source port, from SPORT on. VLAN: the id of a tag in the frame.
 */
#include <arpa/inet.h>
#include <err.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define FRAME_BYTES 2048
#define FRAMES	    8
#define DATA_BYTES  64

struct flow {
	uint8_t dmac[6], src[16], dst[16];
	int family, vlan;
	uint16_t sport, dport;
};

static void be16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static uint32_t sum16(const uint8_t *p, size_t n, uint32_t sum)
{
	for (size_t i = 0; i < n; i += 2)
		sum += (uint32_t)p[i] << 8 | p[i + 1];
	return sum;
}

static uint16_t folded(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t) ~(sum + (sum >> 16));
}

/* Writes the frame; returns its length in bytes. */
static size_t frame(const struct flow *f, uint16_t sport, uint8_t *p)
{
	size_t udp_bytes = 8 + DATA_BYTES, eth = f->vlan ? 18 : 14, addr = f->family == AF_INET ? 4 : 16;
	uint8_t *ip = p + eth, *udp = ip + (f->family == AF_INET ? 20 : 40), *src = udp - 2 * addr;

	memset(p, 0, FRAME_BYTES / 2);
	memcpy(p, f->dmac, 6);
	p[6] = 2;
	if (f->vlan) {
		be16(p + 12, 0x8100);
		be16(p + 14, (uint32_t)f->vlan);
	}
	be16(ip - 2, f->family == AF_INET ? ETHERTYPE_IP : ETHERTYPE_IPV6);
	memcpy(src, f->src, addr);
	memcpy(src + addr, f->dst, addr);
	be16(udp, sport);
	be16(udp + 2, f->dport);
	be16(udp + 4, (uint32_t)udp_bytes);
	be16(udp + 6, folded(sum16(src, 2 * addr + udp_bytes, IPPROTO_UDP + (uint32_t)udp_bytes)));
	if (f->family == AF_INET) {
		ip[0] = 0x45;
		be16(ip + 2, 20 + (uint32_t)udp_bytes);
		ip[8] = 64;
		ip[9] = IPPROTO_UDP;
		be16(ip + 10, folded(sum16(ip, 20, 0)));
	} else {
		ip[0] = 0x60;
		be16(ip + 4, (uint32_t)udp_bytes);
		ip[6] = IPPROTO_UDP;
		ip[7] = 64;
	}
	return (size_t)(udp - p) + udp_bytes;
}

static uint8_t *open_ring(int fd, const char *dev, const struct flow *f)
{
	struct tpacket_req req = {.tp_block_size = FRAME_BYTES * FRAMES,
				  .tp_block_nr = 1,
				  .tp_frame_size = FRAME_BYTES,
				  .tp_frame_nr = FRAMES};
	struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(dev)};
	int version = TPACKET_V2;
	uint8_t *ring;

	at.sll_protocol = htons(f->vlan ? ETHERTYPE_VLAN : f->family == AF_INET ? ETHERTYPE_IP : ETHERTYPE_IPV6);
	if (setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_TX_RING, &req, sizeof(req)))
		err(1, "PACKET_TX_RING");
	ring = mmap(NULL, (size_t)FRAME_BYTES * FRAMES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (ring == MAP_FAILED)
		err(1, "mmap");
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)))
		err(1, "%s", dev);
	return ring;
}

int main(int argc, char **argv)
{
	struct flow f = {0};
	int fd = socket(AF_PACKET, SOCK_RAW, 0), count;
	uint8_t *ring;

	if (argc < 8 || fd < 0 || !ether_aton(argv[2]))
		errx(2, "usage: txring DEV DMAC SRC DST SPORT DPORT COUNT [VLAN]");
	memcpy(f.dmac, ether_aton(argv[2]), sizeof(f.dmac));
	f.family = strchr(argv[3], ':') ? AF_INET6 : AF_INET;
	if (inet_pton(f.family, argv[3], f.src) != 1 || inet_pton(f.family, argv[4], f.dst) != 1)
		errx(2, "%s, %s: addresses", argv[3], argv[4]);
	f.sport = (uint16_t)atoi(argv[5]);
	f.dport = (uint16_t)atoi(argv[6]);
	count = atoi(argv[7]);
	f.vlan = argc > 8 ? atoi(argv[8]) : 0;
	ring = open_ring(fd, argv[1], &f);
	for (int i = 0; i < count; i++) {
		struct tpacket2_hdr *head = (void *)(ring + (size_t)(i % FRAMES) * FRAME_BYTES);

		head->tp_len = (uint32_t)frame(&f, (uint16_t)(f.sport + i),
					       (uint8_t *)head + TPACKET2_HDRLEN - sizeof(struct sockaddr_ll));
		head->tp_status = TP_STATUS_SEND_REQUEST;
		if (send(fd, NULL, 0, 0) < 0) /* returns when the frame has been sent */
			err(1, "send");
	}
	return 0;
}

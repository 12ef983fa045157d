// SPDX-License-Identifier: GPL-2.0-only
/*
 * What became of each packet, by witnesses that know nothing of skbtrail:
 *   - a packet socket in each namespace, which sees a frame on each device that receives it, and on each that transmits
 *     it through dev_queue_xmit(). It does not see what a packet socket with PACKET_QDISC_BYPASS, or XDP, transmits.
 *   - the drivers' counters of what lxc1 and lxc2 transmitted, which count these, too. The difference is what crossed
 *     unseen.
 *   - a raw socket in each pod, which gets what IP delivers, once for each datagram.
 *   - the log of the programs that we ourselves attached (tracks[]), for what they did with each packet.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "adversary.h"
#include "adversary.skel.h"

#define QUEUE_BYTES (4 << 20)
#define FRAME_BYTES 70000
#define FULL_TTL    64
#define POD_IFINDEX 12
#define TRIES	    20
#define SETTLE_US   5000
#define FRAG_OFFSET 0x1fff

struct packet {
	int dir; /* -1: none of ours */
	int kind, number;
	bool check_echo; /* check_echo: a request that the check itself has sent */
	uint8_t ttl;
	uint16_t id_be, seq_be;
};

static int pod_of(int family, const uint8_t *addr, bool vip)
{
	static const uint8_t v4[3][4] = {{10, 0, 0, 133}, {10, 0, 0, 67}, {10, 96, 0, 1}};
	static const uint8_t v6[2][16] = {{0xfd, [14] = 0x01, [15] = 0x33}, {0xfd, [15] = 0x67}};

	for (int i = 0; i < 2; i++)
		if (family == 4 ? !memcmp(addr, v4[i], 4) : !memcmp(addr, v6[i], 16))
			return i;
	return family == 4 && vip && !memcmp(addr, v4[2], 4) ? 1 : 2;
}

/* From what follows the headers. l4: NULL for a later fragment, or where extensions stand before it. */
static void identify(const struct witness *w, uint8_t proto, const uint8_t *l4, const uint8_t *end, struct packet *p,
		     int dir)
{
	struct adv_mark mark;
	const uint8_t *at = end - sizeof(mark);

	if (proto == IPPROTO_TCP) {
		p->dir = w->way->flow == FLOW_TCP ? dir : -1;
		return;
	}
	memcpy(&mark, at, sizeof(mark));
	if (mark.magic == ADV_MAGIC) {
		if (mark.run != w->setup->skel->bss->run || mark.kind >= ADV_KINDS)
			return;
		p->kind = mark.kind;
		p->number = mark.number % ADV_NUMBERS;
		p->dir = dir;
		return;
	}
	if (!l4 || end - l4 < 8 || w->way->flow != FLOW_PING)
		return;
	if ((proto == IPPROTO_ICMP && (l4[0] == 8 || l4[0] == 0)) || (proto == IPPROTO_ICMPV6 && (l4[0] & ~1) == 128)) {
		p->number = l4[7] % ADV_NUMBERS;
		p->dir = dir;
		p->check_echo = l4[0] == 8 || l4[0] == 128;
		memcpy(&p->id_be, l4 + 4, 2);
		memcpy(&p->seq_be, l4 + 6, 2);
	}
}

static struct packet parse(const struct witness *w, const uint8_t *frame, size_t len)
{
	const uint8_t *ip = frame + ETH_HLEN, *end = frame + len;
	struct packet p = {.dir = -1};
	int from, to;

	if (len < ETH_HLEN + 28)
		return p;
	if (frame[12] == 0x08 && frame[13] == 0x00) {
		uint16_t frag = (uint16_t)(ip[6] << 8 | ip[7]);

		from = pod_of(4, ip + 12, w->way->flow == FLOW_VIP);
		to = pod_of(4, ip + 16, w->way->flow == FLOW_VIP);
		p.ttl = ip[8];
		if (from + to == 1)
			identify(w, ip[9], frag & FRAG_OFFSET ? NULL : ip + (ip[0] & 15) * 4, end, &p, from);
	} else if (frame[12] == 0x86 && frame[13] == 0xdd && len >= ETH_HLEN + 48) {
		from = pod_of(6, ip + 8, false);
		to = pod_of(6, ip + 24, false);
		p.ttl = ip[7];
		if (from + to == 1)
			identify(w, ip[6], ip[6] == IPPROTO_ICMPV6 ? ip + 40 : NULL, end, &p, from);
	}
	return p;
}

static enum tap tap_of(const struct witness *w, enum ns ns, int ifindex, bool out, int dir)
{
	if (ns != NS_HOST) {
		if (ifindex != POD_IFINDEX || ((int)ns - NS_POD1 == dir) != out)
			return TAP_ELSEWHERE;
		return out ? TAP_SRC_OUT : TAP_DST_IN;
	}
	if (ifindex == w->setup->lxc[dir])
		return out ? TAP_ELSEWHERE : TAP_NEAR_IN;
	if (ifindex == w->setup->lxc[!dir])
		return out ? TAP_FAR_OUT : TAP_FAR_IN;
	return TAP_ELSEWHERE;
}

/* The check's four points are in the order of a request. -1: none of them. */
static int point_of(const struct witness *w, enum ns ns, int ifindex)
{
	if (ns != NS_HOST)
		return ifindex != POD_IFINDEX ? -1 : ns == NS_POD1 ? 0 : 3;
	for (int i = 0; i < 2; i++)
		if (ifindex == w->setup->lxc[i])
			return 1 + i;
	return -1;
}

static void note_frame(struct witness *w, enum ns ns, const struct sockaddr_ll *at, const uint8_t *frame, size_t len)
{
	bool out = at->sll_pkttype == PACKET_OUTGOING;
	struct packet p = parse(w, frame, len);
	struct seen *seen;
	enum tap tap;
	int point;

	for (int i = 0; i < 2 && ns == NS_HOST && out; i++)
		w->out_frames[i] += at->sll_ifindex == w->setup->lxc[i];
	if (p.dir < 0)
		return;
	seen = &w->seen[p.kind][p.dir][p.number];
	tap = tap_of(w, ns, at->sll_ifindex, out, p.dir);
	seen->tap[tap]++;
	seen->ttl_less += tap == TAP_DST_IN && p.ttl < FULL_TTL;
	point = point_of(w, ns, at->sll_ifindex);
	if (w->captures && point >= 0 && capture_frame(w->captures, point, w->tap_fd[ns], frame, len))
		seen->captured += ns != NS_HOST;
	if (tap == TAP_SRC_OUT && p.check_echo) {
		w->has_echo = true;
		w->echo_id_be = p.id_be;
		w->echo_seq_be = p.seq_be;
	}
	if (tap == TAP_NEAR_IN && w->on_near_in)
		w->on_near_in(w->ctx, p.dir, frame, len, p.kind, p.number);
}

static void drain_taps(struct witness *w, enum ns ns)
{
	static uint8_t frame[FRAME_BYTES];

	for (;;) {
		struct sockaddr_ll at = {.sll_ifindex = 0};
		socklen_t at_len = sizeof(at);
		ssize_t n =
			recvfrom(w->tap_fd[ns], frame, sizeof(frame), MSG_DONTWAIT, (struct sockaddr *)&at, &at_len);

		if (n <= 0)
			return;
		note_frame(w, ns, &at, frame, (size_t)n);
	}
}

/* An IPv4 raw socket gives the header, too; an IPv6 one does not. */
static void drain_raw(struct witness *w, int dir)
{
	static uint8_t packet[FRAME_BYTES]; /* its first bytes are set if anything was received */
	static const uint8_t echo[2][2] = {{8, 0}, {128, 129}};
	uint8_t proto = w->way->family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;

	for (;;) {
		struct packet p = {.dir = -1};
		const uint8_t *l4 = packet;
		ssize_t n = recv(w->raw_fd[dir], packet, sizeof(packet), MSG_DONTWAIT);

		if (n < 0)
			return;
		if (n < 36)
			continue;
		if (w->way->family == 4)
			l4 += (packet[0] & 15) * 4;
		if (w->way->flow == FLOW_TCP)
			p.dir = dir;
		else if (w->way->flow == FLOW_UDP || l4[0] == echo[w->way->family == 6][dir])
			identify(w, w->way->flow == FLOW_UDP ? IPPROTO_UDP : proto, l4, packet + n, &p, dir);
		if (p.dir == dir)
			w->seen[p.kind][dir][p.number].delivered++;
	}
}

void witness_drain(struct witness *w)
{
	for (int i = 0; i < NS_MAX; i++)
		drain_taps(w, (enum ns)i);
	for (int i = 0; i < 2; i++)
		drain_raw(w, i);
}

static uint64_t tx_packets(int lxc)
{
	char path[64];
	unsigned long long n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/net/lxc%d/statistics/tx_packets", lxc + 1);
	f = fopen(path, "re");
	if (!f || fscanf(f, "%llu", &n) != 1)
		fprintf(stderr, "adversary: cannot read %s\n", path);
	if (f)
		fclose(f);
	return n;
}

static int open_tap(struct setup *s, enum ns ns, bool stamps)
{
	struct timespec ts;
	int fd = setup_socket(s, ns, AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)), bytes = QUEUE_BYTES;

	if (fd >= 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	if (fd >= 0 && stamps)
		(void)ioctl(fd, SIOCGSTAMPNS_OLD, &ts); /* from the first time on frames are stamped */
	return fd;
}

static int raw_protocol(const struct way *way)
{
	switch (way->flow) {
	case FLOW_UDP:
		return IPPROTO_UDP;
	case FLOW_TCP:
		return IPPROTO_TCP;
	default:
		return way->family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	}
}

int witness_open(struct witness *w, struct setup *s, const struct way *way)
{
	memset(w, 0, sizeof(*w));
	w->setup = s;
	w->way = way;
	for (int i = 0; i < NS_MAX; i++)
		w->tap_fd[i] = -1;
	w->raw_fd[0] = w->raw_fd[1] = -1;
	for (int i = 0; i < NS_MAX; i++) {
		w->tap_fd[i] = open_tap(s, (enum ns)i, way->source == SOURCE_CAPTURES);
		if (w->tap_fd[i] < 0)
			return -EIO;
	}
	for (int dir = 0; dir < 2; dir++) {
		w->raw_fd[dir] = setup_socket(s, dir == 0 ? NS_POD2 : NS_POD1, way->family == 4 ? AF_INET : AF_INET6,
					      SOCK_RAW, raw_protocol(way));
		if (w->raw_fd[dir] < 0)
			return -EIO;
	}
	/* Counters and sniffers begin at the same frame: again, if one came in between. */
	for (int i = 0; i < TRIES; i++) {
		memset(w->seen, 0, sizeof(w->seen));
		w->out_frames[0] = w->out_frames[1] = 0;
		w->tx_before[0] = tx_packets(0);
		w->tx_before[1] = tx_packets(1);
		witness_drain(w);
		if (!w->out_frames[0] && !w->out_frames[1])
			return 0;
	}
	w->lost = true;
	return 0;
}

static void note_losses(struct witness *w)
{
	for (int i = 0; i < NS_MAX; i++) {
		struct tpacket_stats stats = {0};
		socklen_t len = sizeof(stats);

		if (getsockopt(w->tap_fd[i], SOL_PACKET, PACKET_STATISTICS, &stats, &len) || stats.tp_drops)
			w->lost = true;
	}
}

void witness_finish(struct witness *w)
{
	for (int i = 0; i < TRIES; i++) {
		uint64_t before[2];

		usleep(SETTLE_US);
		witness_drain(w);
		memcpy(before, w->out_frames, sizeof(before));
		for (int dir = 0; dir < 2; dir++)
			w->unseen[dir] = (int64_t)(tx_packets(!dir) - w->tx_before[!dir]) - (int64_t)before[!dir];
		witness_drain(w);
		if (!memcmp(before, w->out_frames, sizeof(before)))
			break;
	}
	note_losses(w);
}

void witness_close(struct witness *w)
{
	for (int i = 0; i < NS_MAX; i++)
		if (w->tap_fd[i] >= 0)
			close(w->tap_fd[i]);
	for (int i = 0; i < 2; i++)
		if (w->raw_fd[i] >= 0)
			close(w->raw_fd[i]);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sends a way's packets while a check watches, in one thread: the answers of the second pod, copies by packet sockets,
 * noise and swaps come from the same loop. It starts no process.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "adversary.h"
#include "adversary.skel.h"
#include "traffic.h"

#define LIMIT_MS     30000
#define SENT_MS	     400 /* after which the last answers have come */
#define SENT_TCP_MS  2000
#define GAP_MS	     40 /* a device without a program */
#define AFTERMATH_MS 30
#define POLL_MS	     5

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static struct adv_mark mark_of(const struct traffic *t, int kind, int number)
{
	return (struct adv_mark){
		.magic = ADV_MAGIC, .kind = (__u8)kind, .run = (__u8)t->s->skel->bss->run, .number = (__u8)number};
}

static uint16_t ip_sum_be(const uint8_t *b, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)b[i] << 8 | b[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

static void complain(const char *what, ssize_t n)
{
	if (n < 0)
		fprintf(stderr, "adversary: sending %s: %s\n", what, strerror(errno));
}

static void send_echo(struct traffic *t, const struct adv_mark *mark, uint16_t id_be, uint16_t seq_be, size_t payload)
{
	uint8_t echo[PAYLOAD_MAX + sizeof(struct icmphdr)] = {0};
	struct icmphdr *icmp = (struct icmphdr *)echo;
	struct sockaddr_storage to;
	socklen_t len = traffic_address(t->w, 1, 0, &to);

	icmp->type = t->w->family == 4 ? 8 : 128;
	icmp->un.echo.id = id_be;
	icmp->un.echo.sequence = seq_be;
	craft_fill(echo + sizeof(*icmp), payload, mark);
	if (t->w->family == 4)
		icmp->checksum = ip_sum_be(echo, sizeof(*icmp) + payload);
	complain("an echo request", sendto(t->icmp, echo, sizeof(*icmp) + payload, 0, (struct sockaddr *)&to, len));
}

/* from: 0 the source's pod, 1 the host. */
static void send_crafted(struct traffic *t, int from, const struct adv_mark *mark, uint16_t id_be, uint16_t seq_be,
			 int extensions)
{
	uint8_t packet[CRAFT_BYTES];
	size_t len = craft_echo(t->w->family, extensions, id_be, seq_be, mark, 64, packet);
	struct sockaddr_storage to;
	socklen_t to_len = traffic_address(t->w, 1, 0, &to);

	complain("a crafted echo request", sendto(t->crafted[from], packet, len, 0, (struct sockaddr *)&to, to_len));
}

static void send_udp(struct traffic *t, const struct adv_mark *mark, int port, size_t payload)
{
	uint8_t data[PAYLOAD_MAX] = {0};
	struct sockaddr_storage to;
	socklen_t len = traffic_address(t->w, 1, port, &to);

	craft_fill(data, payload, mark);
	complain("a datagram", sendto(t->udp[0], data, payload, 0, (struct sockaddr *)&to, len));
}

static uint16_t own_id_be(const struct traffic *t)
{
	return htons((uint16_t)(0x4000 + t->s->skel->bss->run));
}

static void swap_if_due(struct traffic *t, int number)
{
	if (t->w->swap == SWAP_NONE || t->swapped || number < t->w->swap_at)
		return;
	t->swapped = true;
	if (t->w->swap == SWAP_REPLACE) {
		(void)setup_swap(t->s, t->w->swap_dir, true);
		return;
	}
	(void)setup_swap(t->s, t->w->swap_dir, false);
	t->gap = true;
	t->gap_ms = now_ms();
}

static void send_number(struct traffic *t, int number)
{
	struct adv_mark mark = mark_of(t, KIND_FLOW, number);
	size_t payload = (size_t)t->w->bytes[number - 1];

	swap_if_due(t, number);
	if (t->w->flow == FLOW_UDP)
		send_udp(t, &mark, FLOW_PORT, payload);
	else if (t->w->extensions[number - 1])
		send_crafted(t, 0, &mark, own_id_be(t), htons((uint16_t)number), t->w->extensions[number - 1]);
	else
		send_echo(t, &mark, own_id_be(t), htons((uint16_t)number), payload);
}

static void send_noise(struct traffic *t)
{
	struct adv_mark mark = mark_of(t, KIND_NOISE, 1);
	uint16_t id_be = t->wit->has_echo ? t->wit->echo_id_be : own_id_be(t);
	uint16_t seq_be = t->wit->has_echo ? t->wit->echo_seq_be : htons(1);

	switch (t->w->noise) {
	case NOISE_TWIN:
		send_echo(t, &mark, id_be, seq_be, 64);
		break;
	case NOISE_SPOOFED:
		send_crafted(t, 1, &mark, id_be, seq_be, 0);
		break;
	case NOISE_OTHER:
		send_udp(t, &mark, OTHER_PORT, (size_t)t->w->noise_bytes);
		break;
	case NOISE_NONE:
		break;
	}
}

/* The noise begins with the first packet of the flow: the check's own is known when it was seen. */
static void noise_if_due(struct traffic *t)
{
	if (t->w->noise == NOISE_NONE || t->noise_sent || !t->ready)
		return;
	if (t->w->flow == FLOW_PING && t->w->noise != NOISE_OTHER && !t->wit->has_echo)
		return;
	if (now_ms() < t->began_ms + t->w->noise_after_ms)
		return;
	t->noise_sent = true;
	send_noise(t);
}

static void end_gap(struct traffic *t)
{
	if (!t->gap || now_ms() < t->gap_ms + GAP_MS)
		return;
	t->gap = false;
	(void)setup_swap(t->s, t->w->swap_dir, true);
}

static void serve_udp(struct traffic *t)
{
	uint8_t data[PAYLOAD_MAX];

	for (int pod = 0; pod < 2 && t->w->flow == FLOW_UDP; pod++) {
		struct sockaddr_storage from;
		socklen_t len = sizeof(from);
		ssize_t n;

		while ((n = recvfrom(t->udp[pod], data, sizeof(data), 0, (struct sockaddr *)&from, &len)) >= 0) {
			if (pod == 1)
				complain("an answer",
					 sendto(t->udp[1], data, (size_t)n, 0, (struct sockaddr *)&from, len));
			len = sizeof(from);
		}
	}
}

static size_t tcp_total(const struct way *w)
{
	return (size_t)w->packets * 600;
}

static void serve_tcp(struct traffic *t)
{
	char data[PAYLOAD_MAX] = {0};
	struct sockaddr_storage to;
	socklen_t len = traffic_address(t->w, 1, TCP_PORT, &to);
	ssize_t n;

	if (t->w->flow != FLOW_TCP || !t->ready || t->tcp_client < 0)
		return;
	if (!t->tcp_connected) {
		int r = connect(t->tcp_client, (struct sockaddr *)&to, len);

		t->tcp_connected = r == 0 || errno == EISCONN;
	}
	if (t->tcp_server < 0)
		t->tcp_server = accept4(t->tcp_listen, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (t->tcp_connected && t->tcp_written < tcp_total(t->w)) {
		n = send(t->tcp_client, data, 600, MSG_NOSIGNAL);
		t->tcp_written += n > 0 ? (size_t)n : 0;
	}
	while (t->tcp_server >= 0 && (n = recv(t->tcp_server, data, sizeof(data), 0)) > 0)
		(void)!send(t->tcp_server, data, (size_t)n, MSG_NOSIGNAL);
	while (t->tcp_connected && (n = recv(t->tcp_client, data, sizeof(data), 0)) > 0)
		t->tcp_back += (size_t)n;
	if (t->tcp_back < tcp_total(t->w))
		return;
	close(t->tcp_client);
	t->tcp_client = -1;
}

static void copy_frame(void *ctx, int dir, const uint8_t *frame, size_t len, int kind, int number)
{
	struct traffic *t = ctx;
	uint8_t macs[2 * ETH_ALEN] = {2, 0, 0, 0, (uint8_t)(dir ? 1 : 2), 2, 2, 0, 0, 0, (uint8_t)(dir ? 1 : 2), 1};
	uint8_t copy[PAYLOAD_MAX];

	if (t->copy < 0 || dir != t->w->copy_dir || kind != KIND_FLOW || len > sizeof(copy))
		return;
	memcpy(copy, frame, len);
	memcpy(copy, macs, sizeof(macs));
	if (send(t->copy, copy, len, 0) > 0)
		t->wit->seen[kind][dir][number].copied++;
}

static void pump(struct traffic *t)
{
	struct pollfd fds[] = {{.fd = t->wit->tap_fd[NS_HOST], .events = POLLIN},
			       {.fd = t->wit->tap_fd[NS_POD1], .events = POLLIN},
			       {.fd = t->wit->tap_fd[NS_POD2], .events = POLLIN}};

	(void)poll(fds, 3, POLL_MS);
	witness_drain(t->wit);
	serve_udp(t);
	serve_tcp(t);
	noise_if_due(t);
	end_gap(t);
	if (t->w->flow == FLOW_PING && t->wit->has_echo)
		swap_if_due(t, ntohs(t->wit->echo_seq_be));
}

static void begin_if_ready(struct traffic *t, const char *ready)
{
	if (t->ready || (ready && access(ready, F_OK)))
		return;
	t->ready = true;
	t->began_ms = now_ms();
	for (int i = 1; i <= t->w->packets && t->w->flow != FLOW_PING && t->w->flow != FLOW_TCP; i++)
		send_number(t, i);
}

/* Nobody tells a recording or a capture that all has been sent. */
static bool is_over(const struct traffic *t)
{
	if (t->w->source == SOURCE_LIVE || !t->ready)
		return false;
	if (t->w->flow == FLOW_TCP && t->tcp_client >= 0)
		return now_ms() > t->began_ms + SENT_TCP_MS;
	return now_ms() > t->began_ms + SENT_MS;
}

static int end_child(pid_t child, int sig)
{
	int status = 0;

	if (child > 0) {
		kill(child, sig);
		waitpid(child, &status, 0);
	}
	return status;
}

int traffic_run(struct setup *s, const struct way *w, struct witness *wit, pid_t child, const char *ready,
		struct traffic_result *ret)
{
	static struct traffic t; /* the witness has a pointer to it */
	int64_t limit = now_ms() + LIMIT_MS, end;
	int r;

	t = (struct traffic){.s = s, .w = w, .wit = wit};
	r = traffic_open(&t);

	memset(ret, 0, sizeof(*ret));
	wit->on_near_in = copy_frame;
	wit->ctx = &t;
	while (!child || waitpid(child, &ret->status, WNOHANG) == 0) {
		ret->timed_out = r || now_ms() > limit;
		if (ret->timed_out || is_over(&t)) {
			ret->status = end_child(child, ret->timed_out ? SIGKILL : SIGINT);
			break;
		}
		begin_if_ready(&t, child ? ready : NULL);
		pump(&t);
	}
	end = now_ms() + AFTERMATH_MS;
	while (!r && now_ms() < end)
		pump(&t);
	wit->on_near_in = NULL;
	wit->ctx = NULL;
	traffic_close(&t);
	return r;
}

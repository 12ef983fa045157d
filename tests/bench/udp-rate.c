/* SPDX-License-Identifier: GPL-2.0-only */
/* udp-rate ADDRESS PORT RATE SECONDS: RATE datagrams a second to an IPv4 address, whoever keeps up: what is due by the
 * clock is sent, a millisecond's share at a time. Prints how many were sent and the seconds that took. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"
#include "base/parse.h"

#define NS_PER_S 1000000000ull
#define TICK_NS	 1000000ull
#define RATE_MAX 10000000u
#define S_MAX	 3600u
#define PAYLOAD	 "skbtrail"

static uint64_t number(const char *text, uint64_t max, const char *what)
{
	uint64_t v;

	if (parse_u64(text, max, &v) < 0 || v == 0) {
		fprintf(stderr, "udp-rate: %s: must be 1 to %llu\n", what, (unsigned long long)max);
		exit(2);
	}
	return v;
}

/* Not connected: who has nobody listening is then not told, and every datagram is sent. */
static int open_socket(const char *address, uint64_t port, struct sockaddr_in *ret)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	*ret = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	if (fd < 0 || inet_pton(AF_INET, address, &ret->sin_addr) != 1) {
		fprintf(stderr, "udp-rate: %s: no socket, or no IPv4 address\n", address);
		exit(2);
	}
	return fd;
}

static void wait_until(uint64_t at_ns)
{
	const struct timespec at = {.tv_sec = (time_t)(at_ns / NS_PER_S), .tv_nsec = (long)(at_ns % NS_PER_S)};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
		;
}

int main(int argc, char **argv)
{
	uint64_t rate, seconds, began, now, sent = 0;
	struct sockaddr_in to;
	int fd;

	if (argc != 5) {
		fputs("usage: udp-rate ADDRESS PORT RATE SECONDS\n", stderr);
		return 2;
	}
	rate = number(argv[3], RATE_MAX, "RATE");
	seconds = number(argv[4], S_MAX, "SECONDS");
	fd = open_socket(argv[1], number(argv[2], UINT16_MAX, "PORT"), &to);
	began = now = clock_monotonic_ns();
	for (uint64_t tick = 1; now - began < seconds * NS_PER_S; tick++) {
		uint64_t due = (now - began) * rate / NS_PER_S;

		while (sent < due &&
		       sendto(fd, PAYLOAD, strlen(PAYLOAD), 0, (const struct sockaddr *)&to, sizeof(to)) > 0)
			sent++;
		wait_until(began + tick * TICK_NS);
		now = clock_monotonic_ns();
	}
	printf("%llu %.1f\n", (unsigned long long)sent, (double)(now - began) / (double)NS_PER_S);
	return 0;
}

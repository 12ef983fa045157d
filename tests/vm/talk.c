// SPDX-License-Identifier: GPL-2.0-only
/*
 * Both ends of a conversation over TCP or UDP, for the guest cases. It is linked statically: an emulated guest starts
 * it in a thirtieth of the time of a script with sockets, and the cases start dozens. talk serve tcp|udp ADDRESS PORT
 * answers one line with the same in capitals talk ask tcp|udp ADDRESS PORT     says hello and prints the answer talk
 * sink tcp ADDRESS PORT        counts what one connection brings, and answers with the number talk pour tcp ADDRESS
 * PORT N...   sends so many bytes at a time, then prints the answer Who waits for the other prints "up" once it can be
 * reached.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHUNK_BYTES 100000

static char chunk[CHUNK_BYTES];

static void must(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(1);
}

static socklen_t address(const char *text, const char *port, struct sockaddr_storage *ret)
{
	struct sockaddr_in *v4 = (void *)ret;
	struct sockaddr_in6 *v6 = (void *)ret;

	memset(ret, 0, sizeof(*ret));
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((unsigned short)atoi(port));
		return sizeof(*v4);
	}
	must(inet_pton(AF_INET6, text, &v6->sin6_addr) == 1, text);
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons((unsigned short)atoi(port));
	return sizeof(*v6);
}

static void up(void)
{
	puts("up");
	fflush(stdout);
	close(STDOUT_FILENO);
}

/* The one who is asked: bound, and for TCP connected. */
static int wait_for_peer(int tcp, const struct sockaddr_storage *at, socklen_t len)
{
	int s = socket(at->ss_family, tcp ? SOCK_STREAM : SOCK_DGRAM, 0), one = 1, peer;

	must(s >= 0 && setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0, "socket");
	must(bind(s, (const void *)at, len) == 0, "bind");
	must(!tcp || listen(s, 1) == 0, "listen");
	up();
	if (!tcp)
		return s;
	peer = accept(s, NULL, NULL);
	must(peer >= 0, "accept");
	return peer;
}

static int reach_peer(int tcp, const struct sockaddr_storage *at, socklen_t len)
{
	int s = socket(at->ss_family, tcp ? SOCK_STREAM : SOCK_DGRAM, 0);

	must(s >= 0 && connect(s, (const void *)at, len) == 0, "connect");
	return s;
}

static void send_all(int s, const char *data, size_t n)
{
	while (n > 0) {
		ssize_t sent = write(s, data, n);

		must(sent > 0, "write");
		data += sent;
		n -= (size_t)sent;
	}
}

static void serve(int s)
{
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	ssize_t n = recvfrom(s, chunk, sizeof(chunk), 0, (void *)&from, &len);

	must(n > 0, "recv");
	for (ssize_t i = 0; i < n; i++)
		chunk[i] = (char)toupper((unsigned char)chunk[i]);
	/* a TCP socket has no such address */
	must(sendto(s, chunk, (size_t)n, 0, len ? (void *)&from : NULL, len) == n, "send");
}

static void print_answer(int s)
{
	ssize_t n = read(s, chunk, sizeof(chunk));

	must(n > 0, "no answer");
	fwrite(chunk, 1, (size_t)n, stdout);
}

static void sink(int s)
{
	unsigned long total = 0;
	char text[32];
	ssize_t n;

	while ((n = read(s, chunk, sizeof(chunk))) > 0)
		total += (unsigned long)n;
	must(n == 0, "read");
	send_all(s, text, (size_t)snprintf(text, sizeof(text), "%lu", total));
}

static void pour(int s, char **sizes)
{
	memset(chunk, 'x', sizeof(chunk));
	for (; *sizes; sizes++) {
		size_t n = strtoul(*sizes, NULL, 10);

		must(n <= sizeof(chunk), "too much at a time");
		send_all(s, chunk, n);
	}
	must(shutdown(s, SHUT_WR) == 0, "shutdown");
	print_answer(s);
}

int main(int argc, char **argv)
{
	struct sockaddr_storage at;
	socklen_t len;
	int tcp, s;

	if (argc < 5) {
		fprintf(stderr, "usage: talk serve|ask|sink|pour tcp|udp ADDRESS PORT [BYTES...]\n");
		return 2;
	}
	tcp = strcmp(argv[2], "tcp") == 0;
	len = address(argv[3], argv[4], &at);
	s = strcmp(argv[1], "serve") == 0 || strcmp(argv[1], "sink") == 0 ? wait_for_peer(tcp, &at, len)
									  : reach_peer(tcp, &at, len);
	if (strcmp(argv[1], "serve") == 0) {
		serve(s);
	} else if (strcmp(argv[1], "sink") == 0) {
		sink(s);
	} else if (strcmp(argv[1], "pour") == 0) {
		pour(s, argv + 5);
	} else {
		send_all(s, "hello\n", 6);
		print_answer(s);
	}
	close(s);
	return 0;
}

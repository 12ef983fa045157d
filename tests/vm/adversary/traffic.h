/* SPDX-License-Identifier: GPL-2.0-only */
/* What traffic.c and sockets.c share. */
#ifndef ADVERSARY_TRAFFIC_H
#define ADVERSARY_TRAFFIC_H

#include <sys/socket.h>

#include "adversary.h"

#define PAYLOAD_MAX 4096

struct traffic {
	struct setup *s;
	const struct way *w;
	struct witness *wit;
	int icmp, crafted[2], udp[2], tcp_listen, tcp_server, tcp_client, copy;
	int copy_ifindex;
	int sent;
	bool ready, noise_sent, swapped, gap;
	bool tcp_connected;
	size_t tcp_written, tcp_back;
	int64_t began_ms, gap_ms;
};

/* Closes nothing on failure: traffic_close() does, in every case. */
int traffic_open(struct traffic *t);
void traffic_close(struct traffic *t);
socklen_t traffic_address(const struct way *w, int pod, int port, struct sockaddr_storage *ret);

#endif

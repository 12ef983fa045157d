/* SPDX-License-Identifier: GPL-2.0-only */
/* The TCP listeners and UDP sockets of a namespace, as /proc/net/tcp, udp, tcp6 and udp6 list them. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct socket_entry {
	uint8_t family;	  /* 4, 6 */
	uint8_t l4;	  /* IPPROTO_TCP: it listens; IPPROTO_UDP */
	uint8_t addr[16]; /* network byte order; all zero: any */
	uint16_t port;
};

struct socket_list {
	struct socket_entry *v; /* owned */
	size_t n;
};

/* Appends the sockets of one of these files; text ends with a NUL. Lines that are not understood are an error:
 * -EBADMSG; -ENOMEM. */
int sockets_parse(const char *text, uint8_t family, uint8_t l4, struct socket_list *l);

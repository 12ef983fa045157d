/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/own_connection.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/parse.h"

struct tcp_end {
	char addr[INET6_ADDRSTRLEN];
	uint64_t port;
};

/* "ADDR PORT", ADDR perhaps with a scope, "fe80::1%eth0". Returns what follows, NULL: it is not of that form. */
static const char *read_side(const char *p, struct tcp_end *ret)
{
	size_t len = strcspn(p, " "), addr_len = strcspn(p, " %");
	unsigned char bytes[16];
	char port[8];

	if (addr_len >= sizeof(ret->addr) || p[len] != ' ')
		return NULL;
	memcpy(ret->addr, p, addr_len);
	ret->addr[addr_len] = '\0';
	if (inet_pton(strchr(ret->addr, ':') ? AF_INET6 : AF_INET, ret->addr, bytes) != 1)
		return NULL;
	p += len + 1;
	len = strcspn(p, " ");
	if (len >= sizeof(port))
		return NULL;
	memcpy(port, p, len);
	port[len] = '\0';
	if (parse_u64(port, UINT16_MAX, &ret->port) < 0 || ret->port == 0)
		return NULL;
	return p[len] ? p + len + 1 : p + len;
}

int own_connection_expr(const char *ssh, struct buf *ret)
{
	struct tcp_end client, server;
	char text[256];
	int n, r;

	ssh = ssh ? read_side(ssh, &client) : NULL;
	if (!ssh || !read_side(ssh, &server))
		return 0;
	n = snprintf(text, sizeof(text), "not (tcp and host %s and host %s and port %u and port %u)", client.addr,
		     server.addr, (unsigned)client.port, (unsigned)server.port);
	r = buf_append(ret, text, (size_t)n);
	return r < 0 ? r : 1;
}

bool own_connection_carries(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && !S_ISREG(st.st_mode);
}

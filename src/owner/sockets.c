/* SPDX-License-Identifier: GPL-2.0-only */
#include "owner/sockets.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"

#define STATE_LISTEN 0x0a /* TCP_LISTEN, include/net/tcp_states.h */

/* An address stands there as words in the host's byte order, each in hexadecimal digits. */
static bool parse_addr(const char *digits, size_t words, uint8_t ret[static 16])
{
	for (size_t i = 0; i < words; i++) {
		char word[9];
		unsigned v;

		snprintf(word, sizeof(word), "%.8s", digits + 8 * i);
		if (sscanf(word, "%8x", &v) != 1)
			return false;
		memcpy(ret + 4 * i, &v, sizeof(v));
	}
	return true;
}

/* "   0: 0100007F:0035 00000000:0000 0A ..." */
static int parse_line(const char *line, uint8_t family, uint8_t l4, struct socket_list *l)
{
	struct socket_entry s = {.family = family, .l4 = l4};
	size_t words = family == 6 ? 4 : 1;
	char addr[33];
	unsigned port, state;

	if (sscanf(line, " %*u: %32[0-9A-F]:%4x %*32[0-9A-F]:%*4x %2x", addr, &port, &state) != 3 ||
	    strlen(addr) != 8 * words || !parse_addr(addr, words, s.addr))
		return -EBADMSG;
	if (l4 == IPPROTO_TCP && state != STATE_LISTEN)
		return 0;
	s.port = (uint16_t)port;
	if (ARRAY_GROW(l->v, l->n) < 0)
		return -ENOMEM;
	l->v[l->n++] = s;
	return 0;
}

int sockets_parse(const char *text, uint8_t family, uint8_t l4, struct socket_list *l)
{
	const char *line = strchr(text, '\n'); /* behind the heading */
	int r = 0;

	while (r >= 0 && line && line[1]) {
		r = parse_line(line + 1, family, l4, l);
		line = strchr(line + 1, '\n');
	}
	return r;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* The connection that carries what a trace prints: each line of it would be a packet to print. */
#pragma once

#include <stdbool.h>

#include "base/buf.h"

/* Appends, without a NUL, the pcap-filter expression that leaves out the packets of a connection. ssh: its addresses
 * and ports as sshd(8) puts them into SSH_CONNECTION, "10.0.0.1 50022 10.0.0.2 22"; NULL: none. 1: appended, 0: there
 * is none, or it is not of that form; -ENOMEM. */
int own_connection_expr(const char *ssh, struct buf *ret);
/* Whether what is written to the descriptor may go over a network: it is no file. */
bool own_connection_carries(int fd);

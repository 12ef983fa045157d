/* SPDX-License-Identifier: GPL-2.0-only */
/* Compiles a pcap-filter(7) expression to eBPF. */
#pragma once

#include "filter/ebpf.h"

/* The most headers of a chain that `protochain` follows. */
#define EXPR_MAX_CHAIN 8

/* One expression as two bodies of functions (filter/ebpf.h). */
struct expr {
	struct ebpf_prog l2; /* for a packet that starts with its Ethernet header */
	struct ebpf_prog
		l3; /* for one that starts with its IP header; matches nothing if the expression needs Ethernet */
};

/* -EINVAL or -E2BIG with a reason that names the expression, -ENOMEM; *ret is unchanged on failure. */
int expr_compile(const char *text, struct expr *ret, struct reason *reason);
/* The body for one kind of packet. For CBPF_RAW_IP, an expression that needs an Ethernet header is an error. */
int expr_compile_one(const char *text, enum cbpf_link link, struct ebpf_prog *ret, struct reason *reason);
void expr_free(struct expr *e);

#define _cleanup_expr_ _cleanup_(expr_free)

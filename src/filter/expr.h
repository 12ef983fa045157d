/* SPDX-License-Identifier: GPL-2.0-only */
/* A pcap-filter(7) expression, ready to run in the kernel. */
#pragma once

#include "filter/ebpf.h"

/* The headers of a chain (`protochain`) that are followed. */
#define EXPR_MAX_CHAIN 8

/* Two bodies of one expression, see ebpf_translate(). */
struct expr {
	struct ebpf_prog l2; /* for a packet that starts with its Ethernet header */
	struct ebpf_prog l3; /* with its IP header; matches nothing if the expression needs the Ethernet header */
};

/* -EINVAL or -E2BIG with a reason that names the expression; *ret is left alone on failure. */
int expr_compile(const char *text, struct expr *ret, struct reason *reason);
/* The variant for packets that start with their IP header alone: an expression that needs an Ethernet header is an
 * error here. */
int expr_compile_one(const char *text, enum cbpf_link link, struct ebpf_prog *ret, struct reason *reason);
void expr_free(struct expr *e);

#define _cleanup_expr_ _cleanup_(expr_free)

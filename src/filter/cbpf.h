/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pcap-filter(7) expressions as classic BPF, by libpcap. The struct is our own, laid out like libpcap's struct
 * bpf_insn, because linux/bpf.h has another one of that name.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/reason.h"

enum cbpf_link {
	CBPF_ETHERNET, /* the packet starts with its Ethernet header: DLT_EN10MB */
	CBPF_RAW_IP,   /* with its IPv4 or IPv6 header: DLT_RAW */
};

/* Codes as in linux/bpf_common.h; k in host byte order. */
struct cbpf_insn {
	uint16_t code;
	uint8_t jt, jf; /* instructions to skip after this one when true, when false */
	uint32_t k;
};

#define CBPF_RETURN 0x06 /* BPF_RET | BPF_K: match unless k is 0 */

struct cbpf_prog {
	struct cbpf_insn *insns; /* owned */
	size_t n;
};

/* Compiles with libpcap's optimizer. -EINVAL with libpcap's words for what is wrong, or with ours when the expression
 * asks for what is not in a packet's bytes; *ret is left alone on failure. May look up host names. */
int cbpf_compile(const char *expr, enum cbpf_link link, struct cbpf_prog *ret, struct reason *reason);
void cbpf_free(struct cbpf_prog *p);

/* libpcap's own verdict on a packet of which cap_bytes of len_bytes are there: what a translation is judged by. */
bool cbpf_matches(const struct cbpf_prog *p, const void *packet, uint32_t cap_bytes, uint32_t len_bytes);

#define _cleanup_cbpf_ _cleanup_(cbpf_free)

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Compiles pcap-filter(7) expressions to classic BPF with libpcap. struct cbpf_insn has the layout of libpcap's struct
 * bpf_insn, which cannot be used here because linux/bpf.h has another struct of that name.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/reason.h"

enum cbpf_link {
	CBPF_ETHERNET, /* the packet starts with its Ethernet header: DLT_EN10MB */
	CBPF_RAW_IP,   /* the packet starts with its IPv4 or IPv6 header: DLT_RAW */
};

/* Codes as in linux/bpf_common.h; k in host byte order. */
struct cbpf_insn {
	uint16_t code;
	uint8_t jt, jf; /* instructions to skip after this one if true, if false */
	uint32_t k;
};

#define CBPF_RETURN 0x06 /* BPF_RET | BPF_K: match unless k is 0 */

struct cbpf_prog {
	struct cbpf_insn *insns; /* owned */
	size_t n;
};

/* Compiles with libpcap's optimizer. May look up host names. -EINVAL with a reason: libpcap's message, or that the
 * expression needs more than the packet's bytes; -ENOMEM; *ret is unchanged on failure. */
int cbpf_compile(const char *expr, enum cbpf_link link, struct cbpf_prog *ret, struct reason *reason);
void cbpf_free(struct cbpf_prog *p);

/* Runs libpcap's interpreter on a packet of len_bytes, of which cap_bytes are there. Tests compare a translation with
 * it. */
bool cbpf_matches(const struct cbpf_prog *p, const void *packet, uint32_t cap_bytes, uint32_t len_bytes);

#define _cleanup_cbpf_ _cleanup_(cbpf_free)

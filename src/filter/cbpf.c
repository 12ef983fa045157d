/* SPDX-License-Identifier: GPL-2.0-only */
#include "filter/cbpf.h"

#include <assert.h>
#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

static_assert(sizeof(struct cbpf_insn) == sizeof(struct bpf_insn) &&
		      offsetof(struct cbpf_insn, code) == offsetof(struct bpf_insn, code) &&
		      offsetof(struct cbpf_insn, jt) == offsetof(struct bpf_insn, jt) &&
		      offsetof(struct cbpf_insn, jf) == offsetof(struct bpf_insn, jf) &&
		      offsetof(struct cbpf_insn, k) == offsetof(struct bpf_insn, k),
	      "layout of libpcap's struct bpf_insn");

#define SNAPLEN 262144 /* tcpdump's default. A match returns it, and any value but 0 means a match */

/* Offsets from here on name the kernel's extensions: SKF_LL_OFF, SKF_NET_OFF and SKF_AD_OFF in linux/filter.h. libpcap
 * uses them for inbound, outbound and ifindex. */
#define EXTENSIONS 0xffe00000u

static bool is_extension(const struct bpf_insn *insn)
{
	return BPF_CLASS(insn->code) == BPF_LD && BPF_MODE(insn->code) == BPF_ABS && insn->k >= EXTENSIONS;
}

static int copy_prog(const char *expr, const struct bpf_program *compiled, struct cbpf_prog *ret, struct reason *reason)
{
	struct cbpf_insn *insns;

	for (u_int i = 0; i < compiled->bf_len; i++) {
		if (is_extension(&compiled->bf_insns[i]))
			return reason_set(
				reason, -EINVAL,
				"'%.300s': inbound, outbound, ifindex and negative offsets ask for what is not in a "
				"packet's bytes; use the --filter options",
				expr);
	}
	insns = compiled->bf_len ? calloc(compiled->bf_len, sizeof(*insns)) : NULL;
	if (!insns)
		return -ENOMEM;
	memcpy(insns, compiled->bf_insns, compiled->bf_len * sizeof(*insns));
	*ret = (struct cbpf_prog){.insns = insns, .n = compiled->bf_len};
	return 0;
}

int cbpf_compile(const char *expr, enum cbpf_link link, struct cbpf_prog *ret, struct reason *reason)
{
	pcap_t *pcap = pcap_open_dead(link == CBPF_ETHERNET ? DLT_EN10MB : DLT_RAW, SNAPLEN);
	struct bpf_program compiled;
	int r;

	if (!pcap)
		return -ENOMEM;
	/* No netmask, so that `ip broadcast` is an error: a trace sees packets of many networks. */
	if (pcap_compile(pcap, &compiled, expr, 1, PCAP_NETMASK_UNKNOWN) < 0) {
		r = reason_set(reason, -EINVAL, "'%.200s': %s", expr, pcap_geterr(pcap));
	} else {
		r = copy_prog(expr, &compiled, ret, reason);
		pcap_freecode(&compiled);
	}
	pcap_close(pcap);
	return r;
}

void cbpf_free(struct cbpf_prog *p)
{
	free(p->insns);
	*p = (struct cbpf_prog){0};
}

bool cbpf_matches(const struct cbpf_prog *p, const void *packet, uint32_t cap_bytes, uint32_t len_bytes)
{
	struct bpf_program prog = {.bf_len = (u_int)p->n, .bf_insns = (struct bpf_insn *)(void *)p->insns};
	struct pcap_pkthdr hdr = {.caplen = cap_bytes, .len = len_bytes};

	return pcap_offline_filter(&prog, &hdr, packet) != 0;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* The Ethernet header and VLAN tags: ST_PART_LINK. */
#pragma once

#include "bpf/packet.bpf.h"
#include "bpf/part.bpf.h"
#include "bpf/pcap.bpf.h"

static __always_inline int has_accel_tag(const struct sk_buff *skb)
{
	const struct sk_buff___pre62 *old = (const void *)skb;

	if (bpf_core_field_exists(old->vlan_present))
		return BPF_CORE_READ_BITFIELD_PROBED(old, vlan_present);
	return BPF_CORE_READ(skb, vlan_proto) || BPF_CORE_READ(skb, vlan_tci);
}

static __always_inline void read_frame(struct st_link *l, const unsigned char *at)
{
	__u16 type_be;

	if (bpf_probe_read_kernel(l->mac_dst, 14, at))
		return;
	l->has_mac = 1;
	at += ETH_HLEN;
	type_be = l->type_be;
#pragma unroll
	for (int i = 0; i < 2; i++) {
		__u16 tag_be[2];

		if (!is_tag(type_be) || bpf_probe_read_kernel(tag_be, sizeof(tag_be), at))
			break;
		/* the indices are constants; the first tag may be the one in the skb */
		if (l->n_tags == 0) {
			l->tag_proto_be[0] = type_be;
			l->tag_tci[0] = bpf_ntohs(tag_be[0]);
		} else if (l->n_tags == 1) {
			l->tag_proto_be[1] = type_be;
			l->tag_tci[1] = bpf_ntohs(tag_be[0]);
		} else {
			l->tag_proto_be[2] = type_be;
			l->tag_tci[2] = bpf_ntohs(tag_be[0]);
		}
		l->n_tags++;
		type_be = tag_be[1];
		at += VLAN_HLEN;
	}
	l->type_be = type_be;
}

/* skb_vlan_untag(), net/core/skbuff.c, keeps the tag in the skb before it takes it out of the frame: meanwhile
 * skb->data is behind the tag, and the tag is in both places. */
static __always_inline int is_untagged(const struct sk_buff *skb, const unsigned char *start, const struct st_link *l)
{
	__u16 tag_be[2];

	if (BPF_CORE_READ(skb, data) != start + ETH_HLEN + VLAN_HLEN ||
	    bpf_probe_read_kernel(tag_be, sizeof(tag_be), start + 12))
		return 0;
	return tag_be[0] == l->tag_proto_be[0] && bpf_ntohs(tag_be[1]) == l->tag_tci[0];
}

static __always_inline void part_link(const struct packet *p, const struct sk_buff *skb, char *rec)
{
	struct st_part *head;
	void *at = part_open(rec, ST_PART_LINK, &head);
	const unsigned char *start;
	struct st_link l = {};
	int eth;

	if (has_accel_tag(skb)) {
		l.tag_proto_be[0] = BPF_CORE_READ(skb, vlan_proto);
		l.tag_tci[0] = BPF_CORE_READ(skb, vlan_tci);
		l.n_tags = l.accel = 1;
	}
	start = pcap_start(p, skb, BPF_CORE_READ(skb, data), &eth);
	if (start && eth) {
		if (l.accel && is_untagged(skb, start, &l))
			l.n_tags = l.accel = 0; /* read_frame() finds the tag */
		read_frame(&l, start);
	}
	if (!l.has_mac && !l.n_tags)
		return;
	__builtin_memcpy(at, &l, sizeof(l));
	head->len_bytes = sizeof(l);
}

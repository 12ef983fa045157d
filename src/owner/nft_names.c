/* SPDX-License-Identifier: GPL-2.0-only */
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "base/cleanup.h"
#include "owner/nft.h"
#include "owner/nft_text.h"

const char *nft_family_name(uint8_t family)
{
	switch (family) {
	case NFPROTO_INET:
		return "inet";
	case NFPROTO_IPV4:
		return "ip";
	case NFPROTO_IPV6:
		return "ip6";
	case NFPROTO_ARP:
		return "arp";
	case NFPROTO_NETDEV:
		return "netdev";
	case NFPROTO_BRIDGE:
		return "bridge";
	default:
		return "?";
	}
}

const char *nft_hook_name(uint8_t family, uint32_t hook)
{
	static const char *const inet[] = {"prerouting", "input", "forward", "output", "postrouting", "ingress"};
	static const char *const netdev[] = {"ingress", "egress"};
	static const char *const arp[] = {"input", "output", "forward"};

	if (family == NFPROTO_NETDEV)
		return hook < ARRAY_SIZE(netdev) ? netdev[hook] : "?";
	if (family == NFPROTO_ARP)
		return hook < ARRAY_SIZE(arp) ? arp[hook] : "?";
	return hook < ARRAY_SIZE(inet) ? inet[hook] : "?";
}

const char *nft_meta_name(uint32_t key)
{
	static const char *const names[] = {
		[NFT_META_LEN] = "meta length",
		[NFT_META_PROTOCOL] = "meta protocol",
		[NFT_META_PRIORITY] = "meta priority",
		[NFT_META_MARK] = "meta mark",
		[NFT_META_IIF] = "iif",
		[NFT_META_OIF] = "oif",
		[NFT_META_IIFNAME] = "iifname",
		[NFT_META_OIFNAME] = "oifname",
		[NFT_META_SKUID] = "meta skuid",
		[NFT_META_SKGID] = "meta skgid",
		[NFT_META_NFPROTO] = "meta nfproto",
		[NFT_META_L4PROTO] = "meta l4proto",
		[NFT_META_PKTTYPE] = "meta pkttype",
		[NFT_META_CPU] = "meta cpu",
		[NFT_META_CGROUP] = "meta cgroup",
	};

	return key < ARRAY_SIZE(names) && names[key] ? names[key] : "[meta]";
}

const char *nft_ct_name(uint32_t key)
{
	static const char *const names[] = {
		[NFT_CT_STATE] = "ct state", [NFT_CT_DIRECTION] = "ct direction", [NFT_CT_STATUS] = "ct status",
		[NFT_CT_MARK] = "ct mark",   [NFT_CT_HELPER] = "ct helper",	  [NFT_CT_ZONE] = "ct zone",
	};

	return key < ARRAY_SIZE(names) && names[key] ? names[key] : "[ct]";
}

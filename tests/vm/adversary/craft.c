// SPDX-License-Identifier: GPL-2.0-only
/* Echo requests with headers that a socket would not make. */
#include <arpa/inet.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <string.h>

#include "adversary.h"

#define EXTENSION_BYTES 8 /* a destination options header of one PadN option (RFC 8200, 4.6) */

static uint32_t sum_words(const void *data, size_t len, uint32_t sum)
{
	const uint8_t *b = data;

	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? b[i] : (uint32_t)b[i] << 8;
	return sum;
}

static uint16_t fold_be(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

/* The mark again and again, so that every fragment ends with one. len: a multiple of 8. */
void craft_fill(uint8_t *payload, size_t len, const struct adv_mark *mark)
{
	for (size_t at = 0; at + sizeof(*mark) <= len; at += sizeof(*mark))
		memcpy(payload + at, mark, sizeof(*mark));
}

static size_t echo_v4(struct icmphdr *icmp, size_t len, uint8_t *ret)
{
	struct iphdr ip = {.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_ICMP};

	icmp->type = ICMP_ECHO;
	icmp->checksum = fold_be(sum_words(icmp, len, 0));
	inet_pton(AF_INET, "10.0.0.133", &ip.saddr);
	inet_pton(AF_INET, "10.0.0.67", &ip.daddr);
	ip.tot_len = htons((uint16_t)(sizeof(ip) + len));
	ip.check = fold_be(sum_words(&ip, sizeof(ip), 0));
	memcpy(ret, &ip, sizeof(ip));
	memcpy(ret + sizeof(ip), icmp, len);
	return sizeof(ip) + len;
}

static size_t echo_v6(int extensions, struct icmphdr *icmp, size_t len, uint8_t *ret)
{
	struct ip6_hdr ip6 = {.ip6_flow = htonl(6u << 28), .ip6_hlim = 64, .ip6_nxt = IPPROTO_ICMPV6};
	size_t at = sizeof(ip6);
	uint32_t sum;

	inet_pton(AF_INET6, "fd00::133", &ip6.ip6_src);
	inet_pton(AF_INET6, "fd00::67", &ip6.ip6_dst);
	icmp->type = ICMP6_ECHO_REQUEST;
	sum = sum_words(&ip6.ip6_src, 2 * sizeof(ip6.ip6_src), (uint32_t)len + IPPROTO_ICMPV6);
	icmp->checksum = fold_be(sum_words(icmp, len, sum));
	for (int i = 0; i < extensions; i++) {
		const uint8_t options[EXTENSION_BYTES] = {i + 1 < extensions ? IPPROTO_DSTOPTS : IPPROTO_ICMPV6, 0, 1,
							  4};

		memcpy(ret + at, options, sizeof(options));
		at += sizeof(options);
	}
	if (extensions)
		ip6.ip6_nxt = IPPROTO_DSTOPTS;
	memcpy(ret + at, icmp, len);
	ip6.ip6_plen = htons((uint16_t)(at - sizeof(ip6) + len));
	memcpy(ret, &ip6, sizeof(ip6));
	return at + len;
}

size_t craft_echo(int family, int extensions, uint16_t id_be, uint16_t seq_be, const struct adv_mark *mark,
		  size_t payload, uint8_t ret[CRAFT_BYTES])
{
	uint8_t echo[CRAFT_BYTES / 2] = {0};
	struct icmphdr *icmp = (struct icmphdr *)echo;

	icmp->un.echo.id = id_be;
	icmp->un.echo.sequence = seq_be;
	if (payload > sizeof(echo) - sizeof(*icmp))
		payload = sizeof(echo) - sizeof(*icmp);
	craft_fill(echo + sizeof(*icmp), payload, mark);
	return family == 4 ? echo_v4(icmp, sizeof(*icmp) + payload, ret)
			   : echo_v6(extensions, icmp, sizeof(*icmp) + payload, ret);
}

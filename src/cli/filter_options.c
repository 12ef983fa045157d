/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/filter_options.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>

#include "base/parse.h"

int opt_prefixes(void *dst, const char *value, struct reason *reason)
{
	return match_prefixes_add(dst, value, reason);
}

int opt_ports(void *dst, const char *value, struct reason *reason)
{
	return match_ports_add(dst, value, reason);
}

int opt_names(void *dst, const char *value, struct reason *reason)
{
	return match_names_add(dst, value, reason);
}

int opt_proto(void *dst, const char *value, struct reason *reason)
{
	static const struct {
		const char *name;
		uint8_t l4;
	} known[] = {{"icmp", IPPROTO_ICMP},
		     {"icmp6", IPPROTO_ICMPV6},
		     {"tcp", IPPROTO_TCP},
		     {"udp", IPPROTO_UDP},
		     {"sctp", IPPROTO_SCTP}};
	const struct protoent *p;
	uint64_t v = 0;

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (strcmp(value, known[i].name) != 0)
			continue;
		*(uint8_t *)dst = known[i].l4;
		return 0;
	}
	p = getprotobyname(value); /* reads /etc/protocols, which not every machine has */
	if (p)
		v = p->p_proto;
	else if (parse_u64(value, UINT8_MAX, &v) < 0)
		v = 0;
	if (v == 0) /* as "ip" and "hopopt" are in /etc/protocols: it would be no filter */
		return reason_set(reason, -EINVAL, "must be a protocol's name (tcp, udp, icmp, icmp6…) or 1 to 255");
	*(uint8_t *)dst = v;
	return 0;
}

int opt_match_netns(void *dst, const char *value, struct reason *reason)
{
	return event_match_netns(dst, value, reason);
}

int opt_match_ifname(void *dst, const char *value, struct reason *reason)
{
	return event_match_ifname(dst, value, reason);
}

int opt_match_mark(void *dst, const char *value, struct reason *reason)
{
	return event_match_mark(dst, value, reason);
}

int opt_match_pid(void *dst, const char *value, struct reason *reason)
{
	return event_match_pid(dst, value, reason);
}

int opt_match_comm(void *dst, const char *value, struct reason *reason)
{
	return event_match_comm(dst, value, reason);
}

int opt_match_func(void *dst, const char *value, struct reason *reason)
{
	int r = opt_not_empty(value, reason);

	return r < 0 ? r : event_match_func(dst, value, reason);
}

int opt_match_func_not(void *dst, const char *value, struct reason *reason)
{
	int r = opt_not_empty(value, reason);

	return r < 0 ? r : event_match_func_not(dst, value, reason);
}

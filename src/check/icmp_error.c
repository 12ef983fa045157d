/* SPDX-License-Identifier: GPL-2.0-only */
#include "check/icmp_error.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

static const struct {
	uint8_t family, type, code;
	const char *name;
} names[] = {
	/* include/uapi/linux/icmp.h */
	{4, 3, 0, "network unreachable"},
	{4, 3, 1, "host unreachable"},
	{4, 3, 2, "protocol unreachable"},
	{4, 3, 3, "port unreachable"},
	{4, 3, 4, "fragmentation needed"},
	{4, 3, 5, "source route failed"},
	{4, 3, 6, "network unknown"},
	{4, 3, 7, "host unknown"},
	{4, 3, 9, "network administratively prohibited"},
	{4, 3, 10, "host administratively prohibited"},
	{4, 3, 13, "administratively prohibited"},
	{4, 11, 0, "time to live exceeded"},
	{4, 11, 1, "fragment reassembly time exceeded"},
	{4, 12, 0, "parameter problem"},
	/* include/uapi/linux/icmpv6.h */
	{6, 1, 0, "no route"},
	{6, 1, 1, "administratively prohibited"},
	{6, 1, 2, "beyond the scope of the source address"},
	{6, 1, 3, "address unreachable"},
	{6, 1, 4, "port unreachable"},
	{6, 1, 5, "source address failed policy"},
	{6, 1, 6, "route rejected"},
	{6, 2, 0, "packet too big"},
	{6, 3, 0, "hop limit exceeded"},
	{6, 3, 1, "fragment reassembly time exceeded"},
};

static const char *error_name(const struct icmp_error *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].family == e->family && names[i].type == e->type && names[i].code == e->code)
			return names[i].name;
	return "an ICMP error";
}

/* The request's reasons come before the reply's. */
static struct check_reason *find(struct check_result *r, enum reason_code code)
{
	for (size_t i = 0; i < r->n_reasons; i++)
		if (r->reasons[i].code == code && strncmp(r->reasons[i].text, "reply:", 6) != 0)
			return &r->reasons[i];
	return NULL;
}

void icmp_error_explain(const struct icmp_error *e, struct check_result *r)
{
	static const enum reason_code explained[] = {REASON_LEG_DROPPED, REASON_LEG_INCOMPLETE, REASON_NO_REPLY,
						     REASON_NO_TRAFFIC, REASON_COUNT_MISMATCH};
	struct check_reason *reason = NULL;
	size_t len;

	for (size_t i = 0; e->n && !reason && i < ARRAY_SIZE(explained); i++)
		reason = find(r, explained[i]);
	if (!reason)
		return;
	len = strlen(reason->text);
	if (e->n == 1)
		snprintf(reason->text + len, sizeof(reason->text) - len, "; our ping got '%s' (ICMP%s %u/%u) from %s",
			 error_name(e), e->family == 6 ? "v6" : "", e->type, e->code, e->from);
	else
		snprintf(reason->text + len, sizeof(reason->text) - len,
			 "; our pings got %" PRIu64 " ICMP errors, the last '%s' (ICMP%s %u/%u) from %s", e->n,
			 error_name(e), e->family == 6 ? "v6" : "", e->type, e->code, e->from);
}

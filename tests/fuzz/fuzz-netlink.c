/* SPDX-License-Identifier: GPL-2.0-only */
/* rtnetlink's answers: links and addresses, namespace ids, tc filters. The first byte says which question was asked. */
#include "fuzz.h"
#include "net/rtnl_parse.h"
#include "net/tc.h"

#define SEQ 7u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_init(data, size);
	uint8_t how = fuzz_byte(&r);
	_cleanup_free_ void *copy = malloc(r.left ? r.left : 1); /* aligned, as a receive buffer is */
	struct net_programs programs = {0};
	struct net_tables tables = {0};
	struct nl_answer answer = {0};
	struct nl_answer tc = {0};
	int32_t nsid;

	must(copy);
	if (r.left)
		memcpy(copy, r.p, r.left);
	switch (how % 3) {
	case 0:
		(void)rtnl_parse_tables(copy, r.left, SEQ, &tables, &answer);
		net_tables_sort(&tables);
		for (size_t i = 0; i < tables.n_links; i++) {
			must(memchr(tables.links[i].ifname, '\0', sizeof(tables.links[i].ifname)));
			must(memchr(tables.links[i].kind, '\0', sizeof(tables.links[i].kind)));
			must(net_tables_find(&tables, tables.links[i].ifindex));
		}
		break;
	case 1:
		(void)rtnl_parse_nsid(copy, r.left, SEQ, &nsid);
		break;
	default:
		(void)tc_parse(copy, r.left, SEQ, how & 4 ? NET_ATTACH_XDP : NET_ATTACH_INGRESS, &programs, &tc);
	}
	net_tables_free(&tables);
	net_programs_free(&programs);
	return 0;
}

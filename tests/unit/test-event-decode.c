/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "event/event.h"

union record {
	struct st_event fixed;
	uint8_t bytes[sizeof(struct st_event) + 32]; /* with the longest addresses */
};

static union record echo_v4(void)
{
	union record r = {
		.fixed =
			{
				.ts_ns = 32578980753945,
				.seq = 7,
				.addr = 0xffffffff81000005,
				.skb = 0xffff992e59159d00,
				.head = 0xffff992e5915a000,
				.cpu = 3,
				.pid = 1234,
				.netns = 4026531840,
				.ifindex = 2,
				.mark = 0x10,
				.len_bytes = 84,
				.mtu = 1500,
				.proto_be = htons(0x0800),
				.valid = ST_VALID_NETNS | ST_VALID_DEV | ST_VALID_IP4 | ST_VALID_L4 | ST_VALID_ICMP |
					 ST_VALID_ICMP_ID,
				.sport_be = htons(77),
				.dport_be = htons(1),
				.l4 = IPPROTO_ICMP,
				.icmp_type = 8,
				.comm = "ping",
				.ifname = "eth0",
			},
	};

	memcpy(r.fixed.addrs, (const uint8_t[]){10, 0, 0, 67, 10, 0, 0, 133}, 8);
	return r;
}

Test(decode, echo_request)
{
	union record r = echo_v4();
	struct event ev;

	cr_assert_eq(event_decode(&r, sizeof(r.fixed) + 8, &ev), 0);
	cr_expect_eq(ev.ts_ns, 32578980753945u);
	cr_expect_eq(ev.cpu_seq, 7);
	cr_expect_eq(ev.seq, 0);
	cr_expect_eq(ev.pkt, 0);
	cr_expect_eq(ev.addr, 0xffffffff81000005u);
	cr_expect_eq(ev.skb, 0xffff992e59159d00u);
	cr_expect_eq(ev.head, 0xffff992e5915a000u);
	cr_expect_eq(ev.cpu, 3);
	cr_expect_eq(ev.pid, 1234);
	cr_expect(ev.has_netns && ev.has_dev && !ev.has_location && !ev.has_reason);
	cr_expect_eq(ev.netns, 4026531840u);
	cr_expect_eq(ev.ifindex, 2);
	cr_expect_eq(ev.mark, 0x10);
	cr_expect_eq(ev.len_bytes, 84);
	cr_expect_eq(ev.mtu, 1500);
	cr_expect_eq(ev.proto, 0x0800);
	cr_expect_eq(ev.source, ST_SRC_KPROBE);
	cr_expect_str_eq(ev.comm, "ping");
	cr_expect_str_eq(ev.ifname, "eth0");
	cr_expect_null(ev.func);
	cr_expect_eq(ev.tuple.family, 4);
	cr_expect_arr_eq(ev.tuple.src, ((uint8_t[16]){10, 0, 0, 67}), 16);
	cr_expect_arr_eq(ev.tuple.dst, ((uint8_t[16]){10, 0, 0, 133}), 16);
	cr_expect(ev.tuple.has_l4 && ev.tuple.has_icmp && ev.tuple.has_icmp_id);
	cr_expect(!ev.tuple.has_ports && !ev.tuple.has_tcp);
	cr_expect_eq(ev.tuple.icmp_id, 77);
	cr_expect_eq(ev.tuple.icmp_seq, 1);
	cr_expect_eq(ev.tuple.icmp_type, 8);
	cr_expect_eq(ev.tuple.sport, 0);
}

Test(decode, tcp_over_v6_and_a_drop)
{
	union record r = echo_v4();
	struct event ev;

	r.fixed.valid =
		ST_VALID_IP6 | ST_VALID_L4 | ST_VALID_PORTS | ST_VALID_TCP | ST_VALID_LOCATION | ST_VALID_REASON;
	r.fixed.source = ST_SRC_KFREE;
	r.fixed.l4 = IPPROTO_TCP;
	r.fixed.tcp_flags = 0x12;
	r.fixed.sport_be = htons(443);
	r.fixed.dport_be = htons(51000);
	r.fixed.location = 0xffffffff81234567;
	r.fixed.drop_reason = 5;
	for (unsigned i = 0; i < 32; i++)
		r.fixed.addrs[i] = (uint8_t)(i + 1);
	cr_assert_eq(event_decode(&r, sizeof(r), &ev), 0);
	cr_expect_eq(ev.tuple.family, 6);
	cr_expect_arr_eq(ev.tuple.src, r.fixed.addrs, 16);
	cr_expect_arr_eq(ev.tuple.dst, r.fixed.addrs + 16, 16);
	cr_expect_eq(ev.tuple.sport, 443);
	cr_expect_eq(ev.tuple.dport, 51000);
	cr_expect_eq(ev.tuple.tcp_flags, 0x12);
	cr_expect(!ev.tuple.has_icmp && !ev.tuple.has_icmp_id);
	cr_expect(ev.has_location && ev.has_reason);
	cr_expect_eq(ev.location, 0xffffffff81234567u);
	cr_expect_eq(ev.drop_reason, 5);
	cr_expect_eq(ev.source, ST_SRC_KFREE);
}

Test(decode, what_no_bit_vouches_for_is_zero)
{
	union record r = echo_v4();
	struct event ev;

	r.fixed.valid = 0;
	cr_assert_eq(event_decode(&r, sizeof(r.fixed), &ev), 0);
	cr_expect(!ev.has_netns && !ev.has_dev);
	cr_expect_eq(ev.netns, 0);
	cr_expect_eq(ev.ifindex, 0);
	cr_expect_eq(ev.mtu, 0);
	cr_expect_str_eq(ev.ifname, "");
	cr_expect_eq(ev.tuple.family, 0);
	cr_expect_eq(ev.tuple.l4, 0);
	cr_expect_eq(ev.tuple.icmp_type, 0);
	cr_expect_eq(ev.tuple.icmp_id, 0);
}

/* Each length is a heap block of just that size, so that ASan sees a read past it. */
Test(decode, every_truncation_is_refused)
{
	static const struct {
		uint16_t valid;
		size_t size;
	} cases[] = {{0, 128}, {ST_VALID_IP4, 136}, {ST_VALID_IP6, 160}, {ST_VALID_ARP, 136}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		union record r = echo_v4();

		r.fixed.valid = cases[i].valid;
		for (size_t size = 0; size <= cases[i].size; size++) {
			struct event ev = {.pkt = 99};
			void *exact = malloc(size ? size : 1);

			memcpy(exact, &r, size);
			cr_expect_eq(event_decode(exact, size, &ev), size == cases[i].size ? 0 : -EBADMSG, "%zu", size);
			cr_expect_eq(ev.pkt, size == cases[i].size ? 0 : 99, "left alone on failure");
			free(exact);
		}
	}
}

Test(decode, arp)
{
	union record r = echo_v4();
	struct event ev;

	r.fixed.valid = ST_VALID_ARP;
	r.fixed.icmp_code = 2;
	cr_assert_eq(event_decode(&r, sizeof(r.fixed) + 8, &ev), 0);
	cr_expect_eq(ev.tuple.family, 0, "no IP packet");
	cr_expect_eq(ev.tuple.arp_op, 2);
	cr_expect_arr_eq(ev.tuple.src, ((const uint8_t[]){10, 0, 0, 67}), 4);
	cr_expect_arr_eq(ev.tuple.dst, ((const uint8_t[]){10, 0, 0, 133}), 4);
	cr_expect(!ev.tuple.has_icmp);
	r.fixed.valid = ST_VALID_ARP | ST_VALID_IP4;
	cr_expect_eq(event_decode(&r, sizeof(r.fixed) + 8, &ev), -EBADMSG);
}

Test(decode, a_program_enters_and_exits)
{
	union record r = echo_v4();
	struct event ev;

	r.fixed.source = ST_SRC_PROG_ENTRY;
	r.fixed.prog = 45;
	r.fixed.prog_func = 2;
	r.fixed.value = 7;
	cr_assert_eq(event_decode(&r, sizeof(r.fixed) + 8, &ev), 0);
	cr_expect_eq(ev.prog.id, 45);
	cr_expect_eq(ev.prog.func, 2);
	cr_expect(!ev.prog.has_value && !ev.prog.has_target && !ev.has_location);
	cr_expect_eq(ev.prog.value, 0);
	cr_expect_eq(ev.addr, 0, "a program has no address");
	r.fixed.source = ST_SRC_PROG_EXIT;
	cr_assert_eq(event_decode(&r, sizeof(r.fixed) + 8, &ev), 0);
	cr_expect(ev.prog.has_value && !ev.prog.has_target);
	cr_expect_eq(ev.prog.value, 7);
	cr_expect_null(event_verdict_name(&ev.prog), "a function has no verdict");
	r.fixed.prog_func = 0;
	cr_assert_eq(event_decode(&r, sizeof(r.fixed) + 8, &ev), 0);
	cr_expect_str_eq(event_verdict_name(&ev.prog), "TC_ACT_REDIRECT");
}

Test(decode, a_program_calls_a_helper)
{
	union record r = echo_v4();
	struct event ev;

	r.fixed.source = ST_SRC_PROG_CALL;
	r.fixed.prog = 45;
	r.fixed.call = ST_CALL_REDIRECT_NEIGH;
	r.fixed.value = 22 | 1ull << 32;
	cr_assert_eq(event_decode(&r, sizeof(r.fixed) + 8, &ev), 0);
	cr_expect(ev.prog.has_target && !ev.prog.has_value);
	cr_expect_eq(ev.prog.ifindex, 22);
	cr_expect_eq(ev.prog.flags, 1);
	cr_expect_str_eq(event_call_name(ev.prog.call), "bpf_redirect_neigh");
	r.fixed.call = ST_CALL_MAX;
	cr_expect_eq(event_decode(&r, sizeof(r.fixed) + 8, &ev), -EBADMSG, "an unknown helper");
	r = echo_v4();
	r.fixed.source = ST_SRC_PROG_EXIT;
	r.fixed.prog = 0;
	cr_expect_eq(event_decode(&r, sizeof(r.fixed) + 8, &ev), -EBADMSG, "no program");
}

Test(decode, a_return)
{
	union record r = echo_v4();
	struct event ev;

	cr_assert_eq(event_decode(&r, sizeof(r.fixed) + 8, &ev), 0);
	cr_expect_not(ev.ret.here);
	cr_expect_not(event_is_on_behalf(&ev));
	r.fixed.source = ST_SRC_RETURN;
	r.fixed.value = UINT64_MAX - 21;
	cr_assert_eq(event_decode(&r, sizeof(r), &ev), 0);
	cr_expect(ev.ret.here);
	cr_expect_eq(ev.ret.value, UINT64_MAX - 21);
	cr_expect_eq(ev.ret.kind, RETURN_UNKNOWN, "the type is not the kernel's to tell");
	cr_expect(event_is_on_behalf(&ev));
	cr_expect_not(ev.has_location);
	cr_expect_eq(ev.addr, 0xffffffff81000005u);
}

Test(decode, what_tells_which_packet_it_is)
{
	union record r = echo_v4();
	struct event ev;

	r.fixed.origin = UINT32_MAX;
	r.fixed.value = 0xffff992e5915d000u;
	cr_assert_eq(event_decode(&r, sizeof(r.fixed) + 8, &ev), 0);
	cr_expect_eq(ev.origin, UINT32_MAX);
	cr_expect_eq(ev.copy, 0);
	r.fixed.source = ST_SRC_COPY;
	cr_assert_eq(event_decode(&r, sizeof(r.fixed) + 8, &ev), 0);
	cr_expect_eq(ev.copy, 0xffff992e5915d000u);
	r.fixed.source = ST_SRC_COPY + 1;
	cr_expect_eq(event_decode(&r, sizeof(r.fixed) + 8, &ev), -EBADMSG);
}

Test(decode, verdicts)
{
	static const struct {
		bool xdp;
		uint64_t value;
		const char *name;
	} cases[] = {
		{false, 0, "TC_ACT_OK"},
		{false, 2, "TC_ACT_SHOT"},
		{false, 8, "TC_ACT_TRAP"},
		{false, 9, NULL},
		{true, 0, "XDP_ABORTED"},
		{true, 4, "XDP_REDIRECT"},
		{false, 0xffffffff, "TC_ACT_UNSPEC"},
		{true, 5, NULL},
		{true, 0xffffffff, NULL},
		/* only 32 bits of the register are the verdict */
		{false, 0xffff888100000007, "TC_ACT_REDIRECT"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct event_prog p = {.id = 1, .xdp = cases[i].xdp, .has_value = true, .value = cases[i].value};
		const char *name = event_verdict_name(&p);

		cr_expect(name == cases[i].name || (name && cases[i].name && strcmp(name, cases[i].name) == 0),
			  "%d %lx: %s", cases[i].xdp, (unsigned long)cases[i].value, name ? name : "none");
	}
}

Test(decode, contradictions_are_refused)
{
	union record r = echo_v4();
	struct event ev;

	r.fixed.valid |= ST_VALID_IP6;
	cr_expect_eq(event_decode(&r, sizeof(r), &ev), -EBADMSG, "both families");
	r = echo_v4();
	r.fixed.source = ST_SRC_COPY + 1;
	cr_expect_eq(event_decode(&r, sizeof(r), &ev), -EBADMSG, "unknown source");
}

Test(decode, names_end)
{
	union record r = echo_v4();
	struct event ev;

	memset(r.fixed.comm, 'c', sizeof(r.fixed.comm));
	memset(r.fixed.ifname, 'i', sizeof(r.fixed.ifname));
	cr_assert_eq(event_decode(&r, sizeof(r), &ev), 0);
	cr_expect_eq(strlen(ev.comm), sizeof(ev.comm) - 1);
	memcpy(r.fixed.comm, "sh", 3);
	cr_assert_eq(event_decode(&r, sizeof(r.fixed) + 8, &ev), 0);
	cr_expect_arr_eq(ev.comm, ((char[sizeof(ev.comm)]){"sh"}), sizeof(ev.comm), "nothing of an older name");
	cr_expect_eq(strlen(ev.ifname), sizeof(ev.ifname) - 1);
}

Test(decode, alignment_does_not_matter)
{
	union record r = echo_v4();
	uint8_t shifted[sizeof(r) + 1];
	struct event ev;

	memcpy(shifted + 1, &r, sizeof(r));
	cr_assert_eq(event_decode(shifted + 1, sizeof(r), &ev), 0);
	cr_expect_eq(ev.ts_ns, 32578980753945u);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* A trace as pcapng: read back by our own reader, and by tshark as people will. */
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture/pcapng.h"
#include "render/pcapng/frame.h"
#include "render/pcapng/pcapng_writer.h"

#define HOST_NETNS 4026531840u

static const struct record_info info = {.wall_offset_ns = 1795402056000000000,
					.release = "6.12.1",
					.machine = "x86_64",
					.tool = "skbtrail",
					.command = "skbtrail record -w f"};
static const struct lost_events ledger = {
	.events = 5, .provable = true, .selected = 9, .attached = 9, .backend = "kprobe"};

#define EVENT                                                                                                          \
	.ts_ns = 806307199, .pkt = 3, .func = "ip_rcv", .has_netns = true, .netns = 4026532001, .netns_name = "pod1",  \
	.has_dev = true, .ifindex = 12, .ifname = "eth0", .len_bytes = 84, .proto = 0x0800, .pid = 519, .comm = "ping"

static const struct event echo = {EVENT, .tuple = {.family = 4,
						   .src = {10, 0, 0, 133},
						   .dst = {10, 0, 0, 67},
						   .has_l4 = true,
						   .l4 = IPPROTO_ICMP,
						   .has_icmp = true,
						   .icmp_type = 8,
						   .has_icmp_id = true,
						   .icmp_id = 519,
						   .icmp_seq = 7}};
static const struct event tcp6 = {EVENT, .tuple = {.family = 6,
						   .src = {0xfd, [15] = 1},
						   .dst = {0xfd, [15] = 2},
						   .has_l4 = true,
						   .l4 = IPPROTO_TCP,
						   .has_ports = true,
						   .sport = 40000,
						   .dport = 8080,
						   .has_tcp = true,
						   .tcp_flags = 0x12}};
static const struct event udp = {EVENT, .tuple = {.family = 4,
						  .src = {10, 0, 0, 1},
						  .dst = {10, 0, 0, 2},
						  .has_l4 = true,
						  .l4 = IPPROTO_UDP,
						  .has_ports = true,
						  .sport = 5000,
						  .dport = 5001}};

/* The same packet, dropped at the host's end of the veth. */
static struct event dropped(void)
{
	struct event ev = echo;

	ev.func = "kfree_skb";
	ev.netns = HOST_NETNS;
	ev.netns_name = "host";
	ev.ifindex = 20;
	strcpy(ev.ifname, "lxc1");
	ev.has_location = ev.has_reason = true;
	ev.drop_symbol = "__netif_receive_skb_core";
	ev.drop_offset = 0x6d8;
	ev.drop_reason_name = "TC_INGRESS";
	ev.ts_ns += 1000;
	return ev;
}

/* No address, no device, no name, no function. */
static struct event bare(void)
{
	struct event ev = {.proto = 0x0806, .len_bytes = 28, .addr = 0xffffffff81234567, .has_netns = true, .netns = 1};

	strcpy(ev.comm, "\x1b[2J");
	return ev;
}

static void written(struct out *o)
{
	struct pcapng_writer w = {0};
	struct event drop = dropped(), none = bare(), v6 = tcp6, named = udp;

	v6.proto = 0x86dd;
	named.has_dev = false;
	named.ifname[0] = '\0';
	named.ifindex = 0;
	cr_assert_eq(pcapng_writer_begin(&w, &info, o), 0);
	pcapng_writer_event(&w, &echo, o);
	pcapng_writer_event(&w, &drop, o);
	pcapng_writer_event(&w, &v6, o);
	pcapng_writer_event(&w, &named, o);
	pcapng_writer_event(&w, &none, o);
	pcapng_writer_end(&w, &ledger, o);
	pcapng_writer_free(&w);
	cr_assert_not(o->failed);
}

static uint32_t le32_at(const struct out *o, size_t at)
{
	const uint8_t *p = (const uint8_t *)o->buf.data + at;

	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Every block is padded and says its length at both ends; interfaces are described before they are used. */
Test(render_pcapng_writer, blocks)
{
	_cleanup_out_ struct out o = {0};
	struct pcapng read = {0};
	uint32_t interfaces = 0, frames = 0, statistics = 0;

	written(&o);
	for (size_t at = 0; at < o.buf.len;) {
		uint32_t type = le32_at(&o, at), len = le32_at(&o, at + 4);

		cr_assert_eq(len % 4, 0u);
		cr_assert_leq(at + len, o.buf.len);
		cr_expect_eq(le32_at(&o, at + len - 4), len);
		interfaces += type == 1;
		frames += type == 6;
		statistics += type == 5;
		if (type == 6)
			cr_expect_lt(le32_at(&o, at + 8), interfaces);
		at += len;
	}
	cr_expect_eq(interfaces, 4u);
	cr_expect_eq(frames, 5u);
	cr_expect_eq(statistics, 1u);
	cr_assert_eq(pcapng_read(o.buf.data, o.buf.len, &read), 0);
	cr_expect_eq(read.n_packets, 5u);
	cr_expect_eq(read.n_interfaces, 4u);
	cr_expect_eq(read.untimed, 0u);
	cr_expect_str_eq(read.interfaces[1].ifname, "host/lxc1");
	pcapng_free(&read);
}

/* As many interfaces as there may be: the rest share the last, and nothing is described twice. */
Test(render_pcapng_writer, interfaces_are_bounded)
{
	_cleanup_out_ struct out o = {0};
	struct pcapng_writer w = {0};
	struct pcapng read = {0};
	struct event ev = echo;

	cr_assert_eq(pcapng_writer_begin(&w, NULL, &o), 0);
	for (uint32_t round = 0; round < 2; round++)
		for (ev.ifindex = 1; ev.ifindex <= PCAPNG_PORTS_MAX + 10; ev.ifindex++)
			pcapng_writer_event(&w, &ev, &o);
	cr_assert_eq(pcapng_read(o.buf.data, o.buf.len, &read), 0);
	cr_expect_eq(read.n_interfaces, (size_t)PCAPNG_PORTS_MAX);
	cr_expect_eq(read.n_packets, 2 * (PCAPNG_PORTS_MAX + 10u));
	cr_expect_eq(read.packets[PCAPNG_PORTS_MAX + 9], PCAPNG_PORTS_MAX - 1u);
	cr_expect_str_eq(read.interfaces[PCAPNG_PORTS_MAX - 1].ifname, "others");
	pcapng_free(&read);
	pcapng_writer_free(&w);
}

static int tshark(const char *file, const char *arguments, struct buf *ret)
{
	char command[512], line[512];
	FILE *f;

	snprintf(command, sizeof(command), "tshark -n -r %s %s 2>/dev/null", file, arguments);
	f = popen(command, "re");
	cr_assert_not_null(f);
	while (fgets(line, sizeof(line), f))
		cr_assert_eq(buf_append(ret, line, strlen(line)), 0);
	cr_assert_eq(buf_append(ret, "", 1), 0);
	return pclose(f);
}

/* With a tag in the frame, skb->protocol is that of the tag, but what follows the header is IP. */
Test(render_pcapng_writer, the_protocol_is_that_of_what_follows)
{
	struct event ev = {.proto = 0x8100, .len_bytes = 84, .tuple = {.family = 4, .has_l4 = true, .l4 = 17}};
	uint8_t made[FRAME_MADE_MAX];
	uint32_t wire_bytes;

	cr_expect_eq(frame_make(&ev, made, &wire_bytes), FRAME_HEAD_BYTES + 20);
	cr_expect(made[0] == 0x08 && made[1] == 0x00 && made[FRAME_HEAD_BYTES] == 0x45);
	ev = (struct event){.proto = 0x86dd}; /* the sender has not written its header yet */
	cr_expect_eq(frame_make(&ev, made, &wire_bytes), FRAME_HEAD_BYTES);
	cr_expect(made[0] == 0 && made[1] == 0);
	ev.len_bytes = 100; /* a header that could not be read */
	cr_expect_eq(frame_make(&ev, made, &wire_bytes), FRAME_HEAD_BYTES);
	cr_expect(made[0] == 0x86 && made[1] == 0xdd);
	ev.bytes = (const uint8_t *)"?"; /* they are not an IP header, which the trace would have found */
	ev.n_bytes = 1;
	frame_head(&ev, made);
	cr_expect(made[0] == 0 && made[1] == 0 && wire_bytes == FRAME_HEAD_BYTES + 100);
}

Test(render_pcapng_writer, tshark_reads_it)
{
	static const char want[] = "pod1/eth0|3|1795402056.806307199|10.0.0.133|10.0.0.67||84|8|519|7||\n"
				   "host/lxc1|3|1795402056.806308199|10.0.0.133|10.0.0.67||84|8|519|7||\n"
				   "pod1/eth0|3|1795402056.806307199|||fd00::1|||||40000|0x0012\n"
				   "pod1/-|3|1795402056.806307199|10.0.0.1|10.0.0.2||84|||||\n"
				   "netns:1/-||1795402056.000000000|||||||||\n";
	static const char *const comments[] = {
		"ip_rcv\\npacket 3 in pod1 eth0, CPU 0, ping:519",
		("kfree_skb (drop: TC_INGRESS at __netif_receive_skb_core+0x6d8)\\npacket 3 in host lxc1, CPU 0, "
		 "ping:519"),
		"0xffffffff81234567\\npacket 0 in netns:1, CPU 0, \\x1b[2J:0",
	};
	_cleanup_out_ struct out o = {0};
	_cleanup_buf_ struct buf fields = {0}, said = {0};
	char path[] = "/tmp/skbtrail-test-XXXXXX";
	int fd;

	if (system("tshark --version >/dev/null 2>&1") != 0)
		cr_skip_test("tshark is not installed: scripts/packages lists it");
	written(&o);
	fd = mkstemp(path);
	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, o.buf.data, o.buf.len), (ssize_t)o.buf.len);
	close(fd);
	cr_expect_eq(tshark(path,
			    "-T fields -E separator='|' -e frame.interface_name -e frame.packet_id -e frame.time_epoch "
			    "-e ip.src -e ip.dst -e ipv6.src -e ip.len -e icmp.type -e icmp.ident -e icmp.seq -e "
			    "tcp.srcport -e "
			    "tcp.flags",
			    &fields),
		     0);
	cr_expect_str_eq(fields.data, want);
	cr_expect_eq(tshark(path, "-T fields -e frame.comment", &said), 0);
	for (size_t i = 0; i < ARRAY_SIZE(comments); i++)
		cr_expect_not_null(strstr(said.data, comments[i]), "%s\nin\n%s", comments[i], said.data);
	buf_free(&said);
	cr_expect_eq(tshark(path, "-Y '_ws.malformed || _ws.expert.severity == error'", &said), 0);
	cr_expect_str_eq(said.data, "");
	unlink(path);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* What a kernel would send: ring records and rtnetlink answers. */
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "bpf/event.h"
#include "seeds.h"

#define SEQ 7u /* as in fuzz-netlink.c */

/* A datagram behind its steering byte. */
struct msg {
	uint8_t how;
	uint8_t b[1024];
	size_t len, start, nest;
};

static void put(struct msg *m, const void *data, size_t len)
{
	memcpy(m->b + m->len, data, len);
	m->len += (len + 3) & ~(size_t)3;
}

static void begin(struct msg *m, uint16_t type, const void *header, size_t len)
{
	struct nlmsghdr h = {.nlmsg_type = type, .nlmsg_seq = SEQ};

	m->start = m->len;
	put(m, &h, sizeof(h));
	put(m, header, len);
}

static void end(struct msg *m)
{
	uint32_t len = (uint32_t)(m->len - m->start);

	memcpy(m->b + m->start, &len, sizeof(len));
}

static void attr(struct msg *m, uint16_t type, const void *data, size_t len)
{
	struct nlattr a = {.nla_len = (uint16_t)(sizeof(a) + len), .nla_type = type};

	put(m, &a, sizeof(a));
	put(m, data, len);
}

static void nest_begin(struct msg *m, uint16_t type)
{
	m->nest = m->len;
	attr(m, type, "", 0);
}

static void nest_end(struct msg *m)
{
	uint16_t len = (uint16_t)(m->len - m->nest);

	memcpy(m->b + m->nest, &len, sizeof(len));
}

static void keep(const struct msg *m)
{
	seed("netlink", &m->how, offsetof(struct msg, b) - offsetof(struct msg, how) + m->len);
}

static void done(struct msg *m)
{
	int zero = 0;

	begin(m, NLMSG_DONE, &zero, sizeof(zero));
	end(m);
	keep(m);
}

static void links(void)
{
	struct msg m = {.how = 0};
	struct ifinfomsg ifi = {.ifi_index = 20, .ifi_flags = 1};
	struct ifaddrmsg ifa = {.ifa_family = 2, .ifa_prefixlen = 32, .ifa_index = 20};
	struct rtnl_link_stats64 stats = {.rx_packets = 5};
	uint32_t peer = 2;

	begin(&m, RTM_NEWLINK, &ifi, sizeof(ifi));
	attr(&m, IFLA_IFNAME, "lxc1", 5);
	attr(&m, IFLA_LINK, &peer, 4);
	attr(&m, IFLA_LINK_NETNSID, &peer, 4);
	attr(&m, IFLA_MASTER, &peer, 4);
	attr(&m, IFLA_MTU, &peer, 4);
	attr(&m, IFLA_ADDRESS, "\2\0\0\0\0\1", 6);
	attr(&m, IFLA_STATS64, &stats, sizeof(stats));
	nest_begin(&m, IFLA_LINKINFO);
	attr(&m, IFLA_INFO_KIND, "veth", 5);
	nest_end(&m);
	end(&m);
	begin(&m, RTM_NEWADDR, &ifa, sizeof(ifa));
	attr(&m, IFA_LOCAL, "\x0a\0\0\x43", 4);
	end(&m);
	done(&m);
}

static void nsid(void)
{
	struct msg m = {.how = 1};
	struct rtgenmsg gen = {0};
	int32_t id = 3;

	begin(&m, RTM_NEWNSID, &gen, sizeof(gen));
	attr(&m, NETNSA_NSID, &id, 4);
	end(&m);
	keep(&m);
}

static void filters(void)
{
	struct msg m = {.how = 2};
	struct tcmsg tcm = {.tcm_ifindex = 20};
	uint32_t flags = TCA_BPF_FLAG_ACT_DIRECT, id = 9;

	begin(&m, RTM_NEWTFILTER, &tcm, sizeof(tcm));
	attr(&m, TCA_KIND, "bpf", 4);
	nest_begin(&m, TCA_OPTIONS);
	attr(&m, TCA_BPF_NAME, "cil_from_container", 19);
	attr(&m, TCA_BPF_FLAGS, &flags, 4);
	attr(&m, TCA_BPF_ID, &id, 4);
	nest_end(&m);
	end(&m);
	done(&m);
}

static void records(void)
{
	struct {
		uint8_t how;
		uint8_t b[sizeof(struct st_event) + 32];
	} __attribute__((packed)) r = {0};
	struct st_event ev = {.valid = ST_VALID_NETNS | ST_VALID_DEV | ST_VALID_IP6 | ST_VALID_L4 | ST_VALID_PORTS |
				       ST_VALID_TCP | ST_VALID_LOCATION | ST_VALID_REASON,
			      .l4 = 6,
			      .comm = "a\033[31m",
			      .ifname = "\xe2\x80\xae"};
	struct st_hook_event w = {.hook = ST_HOOK_REDIRECT, .helper = ST_HELPER_REDIRECT_PEER};

	memcpy(r.b, &ev, sizeof(ev));
	seed("ring", &r, sizeof(r));
	r.how = 1;
	memcpy(r.b, &w, sizeof(w));
	seed("ring", &r, 1 + sizeof(w));
}

static void code(void)
{
	/* endbr64, ftrace's nop, a call, a jump out, a return */
	static const uint8_t function[] = "\0\xf3\x0f\x1e\xfa\x0f\x1f\x44\0\0\xe8\0\1\0\0\xe9\x10\0\0\0\xc3";

	seed("code", function, sizeof(function) - 1);
}

/* /proc/PID/environ, as fuzz-pods.c reads it: NUL-terminated words behind the byte that chooses. */
static void environ_block(void)
{
	static const char block[] = "3PATH=/bin\0HOSTNAME=web-0\0KUBERNETES_SERVICE_HOST=10.0.0.1";

	seed("pods", block, sizeof(block));
}

void seeds_kernel(void)
{
	environ_block();
	code();
	links();
	nsid();
	filters();
	records();
}

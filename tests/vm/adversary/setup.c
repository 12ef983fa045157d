// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs and settings of a way: tc or tcx on the near host devices, XDP, GRO. The other programs are attached once,
 * and do what plan[] says.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adversary.h"
#include "adversary.skel.h"
#include "links.h"

#define POD_IFINDEX	   12			      /* of eth0, as topo makes it */
#define ATTACH_TCX_INGRESS ((enum bpf_attach_type)46) /* include/uapi/linux/bpf.h of Linux 6.6 */

static int enter(const struct setup *s, enum ns ns)
{
	return setns(s->ns_fd[ns], CLONE_NEWNET) ? -errno : 0;
}

int setup_socket(struct setup *s, enum ns ns, int family, int type, int protocol)
{
	int fd, r = enter(s, ns);

	if (r < 0)
		return links_fail("setns", r);
	fd = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
	r = fd < 0 ? links_fail("socket", -errno) : fd;
	if (enter(s, NS_HOST))
		abort();
	return r;
}

static int tc_attach(int ifindex, enum bpf_tc_attach_point at, int prog_fd, bool replace)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = at);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = prog_fd, .handle = 1, .priority = 1);
	int r = bpf_tc_hook_create(&hook);

	if (r && r != -EEXIST)
		return links_fail("clsact", r);
	if (replace)
		opts.flags = BPF_TC_F_REPLACE;
	r = bpf_tc_attach(&hook, &opts);
	return r ? links_fail("attaching to tc", r) : 0;
}

static int tc_detach(int ifindex)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = 1, .priority = 1);
	int r = bpf_tc_detach(&hook, &opts);

	return r ? links_fail("detaching from tc", r) : 0;
}

static int near_program(const struct setup *s, int i, bool next)
{
	const struct bpf_program *p = i == 0 ? (next ? s->skel->progs.lxc1_in_next : s->skel->progs.lxc1_in)
					     : (next ? s->skel->progs.lxc2_in_next : s->skel->progs.lxc2_in);

	return bpf_program__fd(p);
}

static int attach_rest(struct setup *s)
{
	const struct bpf_program *out[2] = {s->skel->progs.lxc1_out, s->skel->progs.lxc2_out};
	const struct bpf_program *pod[2][2] = {{s->skel->progs.pod1_in, s->skel->progs.pod1_out},
					       {s->skel->progs.pod2_in, s->skel->progs.pod2_out}};
	int r = tc_attach(s->hop[1], BPF_TC_INGRESS, bpf_program__fd(s->skel->progs.hop_in), false);

	for (int i = 0; !r && i < 2; i++) {
		r = tc_attach(s->lxc[i], BPF_TC_EGRESS, bpf_program__fd(out[i]), false);
		if (!r)
			r = enter(s, NS_POD1 + i);
		if (!r)
			r = tc_attach(POD_IFINDEX, BPF_TC_INGRESS, bpf_program__fd(pod[i][0]), false);
		if (!r)
			r = tc_attach(POD_IFINDEX, BPF_TC_EGRESS, bpf_program__fd(pod[i][1]), false);
		if (enter(s, NS_HOST))
			abort();
	}
	return r;
}

static int open_namespaces(struct setup *s)
{
	static const char *const paths[NS_MAX] = {"/proc/self/ns/net", "/run/netns/pod1", "/run/netns/pod2"};

	for (int i = 0; i < NS_MAX; i++) {
		s->ns_fd[i] = open(paths[i], O_RDONLY | O_CLOEXEC);
		if (s->ns_fd[i] < 0)
			return links_fail(paths[i], -errno);
	}
	return 0;
}

/* The first use of tcx says whether this kernel has it. */
static bool try_tcx(struct setup *s)
{
	int fd = bpf_link_create(near_program(s, 0, false), s->lxc[0], ATTACH_TCX_INGRESS, NULL);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

int setup_open(struct setup *ret)
{
	static const char *const names[6] = {"lxc1", "lxc2", "hvA", "hvB", "swallow0", "br0"};
	struct setup s = {.tcx_fd = {-1, -1}};
	int *const indexes[6] = {&s.lxc[0], &s.lxc[1], &s.hop[0], &s.hop[1], &s.swallow, &s.bridge}, r;

	r = links_make();
	if (!r)
		r = open_namespaces(&s);
	for (int i = 0; !r && i < 6; i++) {
		*indexes[i] = (int)if_nametoindex(names[i]);
		if (!*indexes[i])
			r = links_fail(names[i], -errno);
	}
	if (r)
		return r;
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	libbpf_set_print(NULL); /* it reports each qdisc that is there already */
	s.skel = adversary_bpf__open_and_load();
	if (!s.skel)
		return links_fail("cannot load the programs", -errno);
	for (int i = 0; i < 2; i++)
		s.skel->bss->lxc[i] = s.lxc[i];
	s.skel->bss->hop = s.hop[0];
	s.skel->bss->swallow = s.swallow;
	r = attach_rest(&s);
	for (int i = 0; !r && i < 2; i++) {
		r = tc_attach(s.lxc[i], BPF_TC_INGRESS, near_program(&s, i, false), false);
		s.attached[i] = true;
	}
	if (!r)
		r = links_add_mirred();
	if (r)
		return r;
	s.has_tcx = try_tcx(&s);
	*ret = s;
	return 0;
}

/* A program of either mode must be removed by that mode. */
static int set_xdp_at(struct setup *s, enum ns ns, int ifindex, enum xdp *now, enum xdp want,
		      const struct bpf_program *p)
{
	static const int flags[] = {[XDP_IS_GENERIC] = XDP_FLAGS_SKB_MODE, [XDP_IS_NATIVE] = XDP_FLAGS_DRV_MODE};
	int r = 0;

	if (*now == want)
		return 0;
	r = enter(s, ns);
	if (!r && *now)
		r = bpf_xdp_detach(ifindex, flags[*now], NULL);
	if (!r && want)
		r = bpf_xdp_attach(ifindex, bpf_program__fd(p), flags[want], NULL);
	if (enter(s, NS_HOST))
		abort();
	*now = r ? XDP_NONE : want;
	return r ? links_fail("XDP", r) : 0;
}

static int set_xdp(struct setup *s, const struct way *w)
{
	const struct bpf_program *lxc[2] = {s->skel->progs.lxc1_xdp, s->skel->progs.lxc2_xdp};
	enum xdp pods = w->xdp[0] == XDP_IS_NATIVE || w->xdp[1] == XDP_IS_NATIVE ? XDP_IS_NATIVE : XDP_NONE;
	int r = 0;

	for (int i = 0; !r && i < 2; i++) {
		r = set_xdp_at(s, NS_HOST, s->lxc[i], &s->xdp[i], w->xdp[i], lxc[i]);
		if (!r)
			r = set_xdp_at(s, NS_POD1 + i, POD_IFINDEX, &s->pod_xdp[i], pods, s->skel->progs.pass);
	}
	return r;
}

static int set_near(struct setup *s, const struct way *w, int i)
{
	bool tcx = w->hook == HOOK_TCX && s->has_tcx, tc = !tcx && !w->no_program[i];
	int r = 0;

	if (s->tcx_fd[i] >= 0)
		close(s->tcx_fd[i]);
	s->tcx_fd[i] = -1;
	if (s->attached[i] && !tc)
		r = tc_detach(s->lxc[i]);
	else if (tc)
		r = tc_attach(s->lxc[i], BPF_TC_INGRESS, near_program(s, i, false), s->attached[i]);
	s->attached[i] = tc;
	if (r || !tcx || w->no_program[i])
		return r;
	s->tcx_fd[i] = bpf_link_create(near_program(s, i, false), s->lxc[i], ATTACH_TCX_INGRESS, NULL);
	return s->tcx_fd[i] < 0 ? links_fail("tcx", s->tcx_fd[i]) : 0;
}

/* Merging of TCP segments on receive, by an old ioctl: it says nothing where a device has none. */
static int set_gro_at(struct setup *s, enum ns ns, const char *ifname, bool on)
{
	struct ethtool_value value = {.cmd = ETHTOOL_SGRO, .data = on};
	struct ifreq request = {.ifr_data = (void *)&value};
	int fd = setup_socket(s, ns, AF_INET, SOCK_DGRAM, 0);

	if (fd < 0)
		return fd;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", ifname);
	(void)ioctl(fd, SIOCETHTOOL, &request);
	close(fd);
	return 0;
}

static int set_gro(struct setup *s, bool on)
{
	int r = 0;

	if (s->gro == on)
		return 0;
	s->gro = on;
	for (int i = 0; !r && i < 2; i++) {
		r = set_gro_at(s, NS_HOST, links_lxc[i], on);
		if (!r)
			r = set_gro_at(s, NS_POD1 + i, "eth0", on);
	}
	return r;
}

int setup_way(struct setup *s, const struct way *w)
{
	struct adversary_bpf__bss *bss = s->skel->bss;
	int r = links_for_way(s, w);

	if (!r)
		r = links_vip(s, w->flow == FLOW_VIP);
	if (!r)
		r = set_gro(s, w->gro);
	if (!r)
		r = set_xdp(s, w);
	for (int i = 0; !r && i < 2; i++)
		r = set_near(s, w, i);
	if (r)
		return r;
	bss->run = (bss->run + 1) & 0xff;
	memcpy(bss->plan, w->plan, sizeof(bss->plan));
	memset(bss->tracks, 0, sizeof(bss->tracks));
	memset(bss->order, 0, sizeof(bss->order));
	return 0;
}

int setup_swap(struct setup *s, int dir, bool begin)
{
	int fd = near_program(s, dir, true), r;

	if (s->tcx_fd[dir] >= 0) {
		if (begin)
			return bpf_link_update(s->tcx_fd[dir], fd, NULL);
		close(s->tcx_fd[dir]);
		s->tcx_fd[dir] = -1;
		return 0;
	}
	if (begin) {
		r = tc_attach(s->lxc[dir], BPF_TC_INGRESS, fd, s->attached[dir]);
		s->attached[dir] = true;
		return r;
	}
	if (!s->attached[dir])
		return 0;
	s->attached[dir] = false;
	return tc_detach(s->lxc[dir]);
}

void setup_close(struct setup *s)
{
	adversary_bpf__destroy(s->skel);
	for (int i = 0; i < NS_MAX; i++)
		close(s->ns_fd[i]);
	links_remove();
}

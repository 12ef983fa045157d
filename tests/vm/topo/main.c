// SPDX-License-Identifier: GPL-2.0-only
/*
 * topo: two pods on one node, in every way they may be joined, for the tests.
 *
 *   topo list         the topologies
 *   topo up NAME      set one up in this network namespace, the "host"
 *   topo down         remove it
 *
 * The pods are the namespaces pod1 (10.0.0.133, fd00::133) and pod2 (10.0.0.67,
 * fd00::67), each with eth0; their peers lxc1 and lxc2 stay in the host.
 * Exit status: 0 done; 1 failed; 2 usage; 3 this kernel cannot have it.
 */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "topo.h"

const struct pod topo_pod_table[TOPO_PODS] = {
	{"pod1", "lxc1", 20, "10.0.0.133", "fd00::133", "02:00:00:00:01:02", "02:00:00:00:01:01"},
	{"pod2", "lxc2", 22, "10.0.0.67", "fd00::67", "02:00:00:00:02:02", "02:00:00:00:02:01"},
};

static const struct topology topologies[] = {
	{.name = "redirect-peer",
	 .summary = "tc ingress on both lxc, bpf_redirect_peer into the other pod",
	 .program = {PROGRAM_PEER, PROGRAM_PEER}},
	{.name = "redirect-peer-tcx",
	 .summary = "the same, attached by tcx (kernel 6.6 and newer)",
	 .hook = HOOK_TCX,
	 .program = {PROGRAM_PEER, PROGRAM_PEER},
	 .min_kernel = 6006},
	{.name = "redirect-peer-tail",
	 .summary = "the same, the redirect behind a tail call",
	 .program = {PROGRAM_TAIL, PROGRAM_TAIL}},
	{.name = "redirect",
	 .summary = "plain bpf_redirect to the other lxc",
	 .program = {PROGRAM_REDIRECT, PROGRAM_REDIRECT}},
	{.name = "host-stack", .summary = "no programs: the host forwards"},
	{.name = "bridge", .summary = "both lxc in a bridge", .bridge = true},
	{.name = "request-only",
	 .summary = "pod1's packets redirected by peer, pod2's forwarded by the host",
	 .program = {PROGRAM_PEER, PROGRAM_NONE}},
	{.name = "reply-only",
	 .summary = "pod1's packets forwarded by the host, pod2's redirected by peer",
	 .program = {PROGRAM_NONE, PROGRAM_PEER}},
	{.name = "netkit",
	 .summary = "netkit pairs, bpf_redirect on the pod's side (kernel 6.7 and newer)",
	 .link = LINK_NETKIT,
	 .hook = HOOK_NETKIT,
	 .program = {PROGRAM_NETKIT, PROGRAM_NETKIT},
	 .min_kernel = 6007},
	{.name = "policy-drop",
	 .summary = "redirect-peer, but echo requests to pod2 are dropped at lxc1",
	 .program = {PROGRAM_POLICY, PROGRAM_PEER}},
};

#define N_TOPOLOGIES (sizeof(topologies) / sizeof(topologies[0]))

static int list(void)
{
	for (size_t i = 0; i < N_TOPOLOGIES; i++)
		printf("%-20s %s\n", topologies[i].name, topologies[i].summary);
	return 0;
}

static int running_kernel(void)
{
	struct utsname u;
	int major = 0, minor = 0;

	if (uname(&u) || sscanf(u.release, "%d.%d", &major, &minor) != 2)
		return 0;
	return major * 1000 + minor;
}

static int up(const char *name)
{
	for (size_t i = 0; i < N_TOPOLOGIES; i++) {
		const struct topology *t = &topologies[i];

		if (strcmp(t->name, name) != 0)
			continue;
		if (running_kernel() < t->min_kernel) {
			fprintf(stderr, "topo: %s needs kernel %d.%d or newer\n", name, t->min_kernel / 1000,
				t->min_kernel % 1000);
			return 3;
		}
		topo_programs_down();
		return topo_net_up(t) || topo_programs_up(t) || topo_wait_links();
	}
	fprintf(stderr, "topo: no topology '%s' (topo list)\n", name);
	return 2;
}

static int down(void)
{
	topo_programs_down();
	return topo_net_down() ? 1 : 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "list"))
		return list();
	if (argc == 3 && !strcmp(argv[1], "up"))
		return up(argv[2]);
	if (argc == 2 && !strcmp(argv[1], "down"))
		return down();
	fprintf(stderr, "usage: topo list | topo up NAME | topo down\n");
	return 2;
}

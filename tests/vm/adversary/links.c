// SPDX-License-Identifier: GPL-2.0-only
/*
 * The devices, made once, and what of them differs from way to way. The pods are those of topo: pod1 and pod2 with
 * eth0, lxc1 and lxc2 in the host. Beside them the host has a veth pair of its own, hvA and hvB, a bridge and a dummy.
 *
 * Neighbours are permanent: so the devices carry hardly any packet that is not ours.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adversary.h"
#include "adversary.skel.h"
#include "links.h"

#define TOPO "build/tests/vm/topo"
#define VIP  "10.96.0.1"

static const char *const pod_v4[2] = {"10.0.0.133", "10.0.0.67"}, *const pod_v6[2] = {"fd00::133", "fd00::67"};
static const char *const pod_mac[2] = {"02:00:00:00:01:02", "02:00:00:00:02:02"};
static const char *const host_mac[2] = {"02:00:00:00:01:01", "02:00:00:00:02:01"};
const char *const links_lxc[2] = {"lxc1", "lxc2"};

int links_fail(const char *what, int err)
{
	fprintf(stderr, "adversary: %s: %s\n", what, strerror(-err));
	return err;
}

/* Runs a program that reads its commands from standard input. */
static int feed(const char *text, const char *const argv[])
{
	int fds[2], status = 0;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid == 0) {
		dup2(fds[0], STDIN_FILENO);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	close(fds[0]);
	if (pid < 0 || write(fds[1], text, strlen(text)) != (ssize_t)strlen(text))
		status = -1;
	close(fds[1]);
	if (pid > 0 && waitpid(pid, &status, 0) < 0)
		status = -1;
	return status ? links_fail(argv[0], -EIO) : 0;
}

static int ip_batch(const char *netns, const char *text)
{
	return netns ? feed(text, (const char *const[]){"ip", "-n", netns, "-batch", "-", NULL})
		     : feed(text, (const char *const[]){"ip", "-batch", "-", NULL});
}

static int make_devices(void)
{
	char text[4096];
	int n = snprintf(
		text, sizeof(text),
		"link add name hvA index 40 address 02:00:00:00:0a:01 type veth peer name hvB index 41 address "
		"02:00:00:00:0b:01\n"
		"link add name swallow0 index 42 type dummy\n"
		"link add name br0 index 43 type bridge forward_delay 0 mcast_snooping 0\n"
		"link set hvA up\nlink set hvB up\nlink set swallow0 up\nlink set br0 up\n");

	for (int i = 0; i < 2; i++) {
		const char *const devs[] = {links_lxc[i], "hvA", "br0"};

		for (size_t d = 0; d < sizeof(devs) / sizeof(devs[0]); d++)
			n += snprintf(text + n, sizeof(text) - n,
				      "neigh replace %s lladdr %s dev %s nud permanent\n"
				      "neigh replace %s lladdr %s dev %s nud permanent\n",
				      pod_v4[i], pod_mac[i], devs[d], pod_v6[i], pod_mac[i], devs[d]);
	}
	return ip_batch(NULL, text);
}

static int settle_pod(int i)
{
	char text[512], netns[16];

	snprintf(netns, sizeof(netns), "pod%d", i + 1);
	snprintf(text, sizeof(text),
		 "neigh replace 10.0.0.1 lladdr %s dev eth0 nud permanent\n"
		 "neigh replace fe80::1 lladdr %s dev eth0 nud permanent\n",
		 host_mac[i], host_mac[i]);
	return ip_batch(netns, text);
}

int links_add_mirred(void)
{
	return feed("filter add dev lxc1 ingress protocol all prio 2 handle 0x6d fw action mirred egress redirect dev "
		    "lxc2\n"
		    "filter add dev lxc2 ingress protocol all prio 2 handle 0x6d fw action mirred egress redirect dev "
		    "lxc1\n",
		    (const char *const[]){"tc", "-batch", "-", NULL});
}

int links_make(void)
{
	int r = feed("", (const char *const[]){TOPO, "up", "host-stack", NULL});

	if (!r)
		r = make_devices();
	for (int i = 0; !r && i < 2; i++)
		r = settle_pod(i);
	return r;
}

int links_for_way(struct setup *s, const struct way *w)
{
	char text[2048];
	int n, near = w->hop_dir, far = !w->hop_dir;
	const char *dev[2] = {links_lxc[0], links_lxc[1]}; /* by which the host reaches each pod */

	if (s->topo == w->topo && w->topo < TOPO_HOP_ROUTE)
		return 0;
	n = snprintf(text, sizeof(text), "link set lxc1 nomaster\nlink set lxc2 nomaster\nlink set hvA nomaster\n");
	if (w->topo == TOPO_BRIDGE) {
		n += snprintf(text + n, sizeof(text) - n, "link set lxc1 master br0\nlink set lxc2 master br0\n");
		dev[0] = dev[1] = "br0";
	} else if (w->topo == TOPO_HOP_ROUTE) {
		dev[far] = "hvA";
	} else if (w->topo == TOPO_HOP_BRIDGE) {
		n += snprintf(text + n, sizeof(text) - n, "link set %s master br0\nlink set hvA master br0\n",
			      links_lxc[near]);
		dev[near] = "br0";
	}
	for (int i = 0; i < 2; i++)
		n += snprintf(text + n, sizeof(text) - n,
			      "route replace %s/32 dev %s\n"
			      "route del %s/128\n"
			      "route add %s/128 dev %s\n",
			      pod_v4[i], dev[i], pod_v6[i], pod_v6[i], dev[i]);
	s->topo = w->topo;
	return ip_batch(NULL, text);
}

int links_vip(struct setup *s, bool want)
{
	static const char up[] = "table ip adversary {\n"
				 "chain pre {\n"
				 "type nat hook prerouting priority -100\n"
				 "ip daddr " VIP " dnat to 10.0.0.67\n"
				 "}\n"
				 "}\n";
	int r = 0;

	if (s->vip != want)
		r = feed(want ? up : "delete table ip adversary\n", (const char *const[]){"nft", "-f", "-", NULL});
	if (r)
		return r;
	s->vip = want;
	s->skel->bss->vip_be = want ? htonl(0x0a600001) : 0;
	return 0;
}

void links_remove(void)
{
	(void)ip_batch(NULL, "link del hvA\nlink del swallow0\nlink del br0\n");
	(void)feed("", (const char *const[]){TOPO, "down", NULL});
}

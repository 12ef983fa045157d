// SPDX-License-Identifier: GPL-2.0-only
/*
 * Namespaces, links, addresses and routes of the topologies, through ip's batch
 * mode: one process per namespace, because starting one is what takes time in an
 * emulated guest.
 *
 * Neighbour entries are set STALE, not PERMANENT: the first packet goes out at
 * once, by the path a packet takes in real life (neigh_resolve_output →
 * __neigh_event_send), and the kernel asks by ARP or ND only seconds later.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "topo.h"

/* Both pods' eth0 on veth pairs need IPv6 without waiting for anything. */
static const char *const sysctls[][2] = {
	{"net/ipv4/conf/all/rp_filter", "0"},
	{"net/ipv4/conf/default/rp_filter", "0"},
	{"net/ipv6/conf/all/disable_ipv6", "0"},
	{"net/ipv6/conf/default/disable_ipv6", "0"},
	{"net/ipv6/conf/all/accept_dad", "0"},
	{"net/ipv6/conf/default/accept_dad", "0"},
	{"net/ipv6/conf/default/accept_ra", "0"},
	{"net/ipv6/conf/default/router_solicitations", "0"},
	/* the host's only, from here on */
	{"net/ipv4/ip_forward", "1"},
	{"net/ipv6/conf/all/forwarding", "1"},
};
#define N_SYSCTLS     (sizeof(sysctls) / sizeof(sysctls[0]))
#define N_SYSCTLS_POD (N_SYSCTLS - 2)

static int netns_path(const char *netns, char *ret, size_t size)
{
	return snprintf(ret, size, "/run/netns/%s", netns) < (int)size ? 0 : -ENAMETOOLONG;
}

static int write_sysctls(size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char path[128];
		FILE *f;

		snprintf(path, sizeof(path), "/proc/sys/%s", sysctls[i][0]);
		f = fopen(path, "we");
		if (!f || fputs(sysctls[i][1], f) < 0 || fclose(f)) {
			fprintf(stderr, "topo: %s: %s\n", path, strerror(errno));
			return -EIO;
		}
	}
	return 0;
}

static int wait_child(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

/* /proc/sys/net shows the namespace of who opens it: a child goes there. */
static int write_pod_sysctls(int netns_fd)
{
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0)
		_exit(setns(netns_fd, CLONE_NEWNET) || write_sysctls(N_SYSCTLS_POD));
	return wait_child(pid);
}

/* Runs the lines through ip, in a namespace or, with NULL, here. Ends at the first error. */
static int ip_batch(const char *netns, const char *lines)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid == 0) {
		dup2(fds[0], STDIN_FILENO);
		if (netns)
			execlp("ip", "ip", "-n", netns, "-batch", "-", (char *)NULL);
		else
			execlp("ip", "ip", "-batch", "-", (char *)NULL);
		fprintf(stderr, "topo: cannot run ip: %s\n", strerror(errno));
		_exit(127);
	}
	close(fds[0]);
	if (pid < 0) {
		close(fds[1]);
		return -errno;
	}
	/* Less than a pipe holds: no reader is needed yet. */
	if (write(fds[1], lines, strlen(lines)) != (ssize_t)strlen(lines))
		fprintf(stderr, "topo: short write to ip\n");
	close(fds[1]);
	if (wait_child(pid)) {
		fprintf(stderr, "topo: ip failed in %s\n", netns ? netns : "the host's namespace");
		return -EIO;
	}
	return 0;
}

static int create_namespaces(void)
{
	char lines[512];
	int n = 0;

	for (int i = 0; i < TOPO_PODS; i++)
		n += snprintf(lines + n, sizeof(lines) - n, "netns add %s\n", topo_pod_table[i].netns);
	return ip_batch(NULL, lines);
}

/* The namespace's settings, and a netkit; a veth pair is among what configure_host() makes. */
static int prepare_pod(const struct topology *t, const struct pod *pod)
{
	char path[64];
	int fd, err = netns_path(pod->netns, path, sizeof(path));

	if (err)
		return err;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		fprintf(stderr, "topo: %s: %s\n", path, strerror(errno));
		return -errno;
	}
	err = write_pod_sysctls(fd);
	if (!err && t->link == LINK_NETKIT)
		err = topo_netkit_create(pod, fd);
	close(fd);
	return err;
}

/* Everything beyond the pod's own address goes to the host, except on a bridge. */
static int configure_pod(const struct topology *t, const struct pod *pod, const struct pod *other)
{
	char lines[2048];
	int n;

	n = snprintf(lines, sizeof(lines),
		     "link set lo up\n"
		     "link set " TOPO_POD_IFNAME " up\n"
		     "addr add %s/32 dev " TOPO_POD_IFNAME "\n"
		     "addr add %s/128 dev " TOPO_POD_IFNAME " nodad\n",
		     pod->v4, pod->v6);
	if (t->bridge)
		n += snprintf(lines + n, sizeof(lines) - n,
			      "route add 10.0.0.0/24 dev " TOPO_POD_IFNAME "\n"
			      "route add fd00::/64 dev " TOPO_POD_IFNAME "\n"
			      "neigh replace %s lladdr %s dev " TOPO_POD_IFNAME " nud stale\n"
			      "neigh replace %s lladdr %s dev " TOPO_POD_IFNAME " nud stale\n",
			      other->v4, other->pod_mac, other->v6, other->pod_mac);
	else
		n += snprintf(lines + n, sizeof(lines) - n,
			      "route add " TOPO_GATEWAY_V4 " dev " TOPO_POD_IFNAME "\n"
			      "route add default via " TOPO_GATEWAY_V4 " dev " TOPO_POD_IFNAME "\n"
			      "route add default via " TOPO_GATEWAY_V6 " dev " TOPO_POD_IFNAME "\n");
	if (!t->bridge && t->link == LINK_VETH)
		snprintf(lines + n, sizeof(lines) - n,
			 "neigh replace " TOPO_GATEWAY_V4 " lladdr %s dev " TOPO_POD_IFNAME " nud stale\n"
			 "neigh replace " TOPO_GATEWAY_V6 " lladdr %s dev " TOPO_POD_IFNAME " nud stale\n",
			 pod->host_mac, pod->host_mac);
	return ip_batch(pod->netns, lines);
}

static int configure_host(const struct topology *t)
{
	char lines[4096];
	int n;

	n = snprintf(lines, sizeof(lines), "link set lo up\n");
	for (const struct pod *p = topo_pod_table; t->link == LINK_VETH && p < topo_pod_table + TOPO_PODS; p++)
		n += snprintf(lines + n, sizeof(lines) - n,
			      "link add name %s index %d address %s type veth peer name %s index %d address %s "
			      "netns %s\n",
			      p->host_ifname, p->host_ifindex, p->host_mac, TOPO_POD_IFNAME, TOPO_POD_IFINDEX,
			      p->pod_mac, p->netns);
	if (t->bridge)
		n += snprintf(lines + n, sizeof(lines) - n,
			      "link add br0 type bridge forward_delay 0 mcast_snooping 0\n"
			      "link set br0 up\n");
	else
		/* The pods' gateway: the host answers ARP for it on any device. */
		n += snprintf(lines + n, sizeof(lines) - n, "addr replace " TOPO_GATEWAY_V4 "/32 dev lo\n");
	for (const struct pod *p = topo_pod_table; p < topo_pod_table + TOPO_PODS; p++) {
		n += snprintf(lines + n, sizeof(lines) - n, "link set %s up\n", p->host_ifname);
		if (t->bridge) {
			n += snprintf(lines + n, sizeof(lines) - n, "link set %s master br0\n", p->host_ifname);
			continue;
		}
		n += snprintf(lines + n, sizeof(lines) - n,
			      "addr add " TOPO_GATEWAY_V6 "/64 dev %s nodad\n"
			      "route add %s/32 dev %s\n"
			      "route add %s/128 dev %s\n",
			      p->host_ifname, p->v4, p->host_ifname, p->v6, p->host_ifname);
		if (t->link == LINK_VETH)
			n += snprintf(lines + n, sizeof(lines) - n,
				      "neigh replace %s lladdr %s dev %s nud stale\n"
				      "neigh replace %s lladdr %s dev %s nud stale\n",
				      p->v4, p->pod_mac, p->host_ifname, p->v6, p->pod_mac, p->host_ifname);
	}
	return ip_batch(NULL, lines);
}

int topo_net_up(const struct topology *t)
{
	int err = topo_net_down();

	if (!err)
		err = write_sysctls(N_SYSCTLS);
	if (!err)
		err = create_namespaces();
	for (int i = 0; !err && i < TOPO_PODS; i++)
		err = prepare_pod(t, &topo_pod_table[i]);
	if (!err)
		err = configure_host(t);
	for (int i = 0; !err && i < TOPO_PODS; i++)
		err = configure_pod(t, &topo_pod_table[i], &topo_pod_table[!i]);
	return err;
}

/* if_nametoindex() would have the kernel run modprobe twice for a name that it does not know. */
static bool is_there(const char *ifname)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/class/net/%s", ifname);
	return access(path, F_OK) == 0;
}

/* Removes what there is; the links first, because a namespace goes asynchronously. */
int topo_net_down(void)
{
	char lines[1024] = "", path[64];
	int n = 0;

	for (const struct pod *p = topo_pod_table; p < topo_pod_table + TOPO_PODS; p++)
		if (is_there(p->host_ifname))
			n += snprintf(lines + n, sizeof(lines) - n, "link del %s\n", p->host_ifname);
	if (n && is_there("br0"))
		n += snprintf(lines + n, sizeof(lines) - n, "link del br0\n");
	for (const struct pod *p = topo_pod_table; p < topo_pod_table + TOPO_PODS; p++)
		if (!netns_path(p->netns, path, sizeof(path)) && !access(path, F_OK))
			n += snprintf(lines + n, sizeof(lines) - n, "netns del %s\n", p->netns);
	return n ? ip_batch(NULL, lines) : 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads the topologies' programs and attaches them by clsact, tcx or netkit.
 *
 * A tc filter lives as long as its device. A tcx or netkit link lives as long as
 * someone holds it, and a program array empties itself when its last user-space
 * holder goes: both are pinned in bpffs.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <net/ethernet.h>
#include <netinet/ether.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "topo.h"
#include "topo.skel.h"

#define BPFFS	       "/sys/fs/bpf"
#define PIN_DIR	       BPFFS "/skbtrail-topo"
#define PIN_TAIL_CALLS PIN_DIR "/tail_calls"
#define BPFFS_MAGIC    0xcafe4a11 /* linux/magic.h */

/* include/uapi/linux/bpf.h of Linux 6.7; Debian 12's headers are older. */
#define ATTACH_TCX_INGRESS ((enum bpf_attach_type)46)
#define ATTACH_NETKIT_PEER ((enum bpf_attach_type)55)

static int fail(const char *what, int err)
{
	fprintf(stderr, "topo: %s: %s\n", what, strerror(-err));
	return err;
}

static int parse_pod(const struct pod *pod, struct topo_pod *ret)
{
	struct topo_pod p = {.host_ifindex = pod->host_ifindex};
	struct ether_addr mac;

	if (inet_pton(AF_INET, pod->v4, &p.v4_be) != 1 || inet_pton(AF_INET6, pod->v6, p.v6) != 1)
		return -EINVAL;
	if (!ether_aton_r(pod->pod_mac, &mac))
		return -EINVAL;
	memcpy(p.pod_mac, &mac, sizeof(p.pod_mac));
	if (!ether_aton_r(pod->host_mac, &mac))
		return -EINVAL;
	memcpy(p.host_mac, &mac, sizeof(p.host_mac));
	*ret = p;
	return 0;
}

static int make_pin_dir(void)
{
	struct statfs fs;

	if (statfs(BPFFS, &fs) || (unsigned int)fs.f_type != BPFFS_MAGIC)
		if (mount("bpf", BPFFS, "bpf", 0, NULL))
			return fail("cannot mount " BPFFS, -errno);
	if (mkdir(PIN_DIR, 0700) && errno != EEXIST)
		return fail(PIN_DIR, -errno);
	return 0;
}

static struct bpf_program *program_of(struct topo_bpf *skel, enum program program)
{
	switch (program) {
	case PROGRAM_PEER:
		return skel->progs.from_pod_peer;
	case PROGRAM_REDIRECT:
		return skel->progs.from_pod_redirect;
	case PROGRAM_NETKIT:
		return skel->progs.from_pod_netkit;
	case PROGRAM_TAIL:
		return skel->progs.from_pod_tail;
	case PROGRAM_POLICY:
		return skel->progs.from_pod_policy;
	case PROGRAM_NONE:
		break;
	}
	return NULL;
}

static int attach_tc(int ifindex, int prog_fd)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = prog_fd, .handle = 1, .priority = 1);
	int err = bpf_tc_hook_create(&hook);

	if (err && err != -EEXIST)
		return fail("cannot create the clsact qdisc", err);
	err = bpf_tc_attach(&hook, &opts);
	return err ? fail("cannot attach the tc program", err) : 0;
}

static int attach_link(const struct pod *pod, int prog_fd, enum bpf_attach_type type)
{
	char pin[64];
	int fd = bpf_link_create(prog_fd, pod->host_ifindex, type, NULL), err = 0;

	if (fd < 0)
		return fail("cannot create the link of the program", fd);
	snprintf(pin, sizeof(pin), PIN_DIR "/%s", pod->host_ifname);
	if (bpf_obj_pin(fd, pin))
		err = fail(pin, -errno);
	close(fd);
	return err;
}

static int attach(const struct topology *t, int i, int prog_fd)
{
	const struct pod *pod = &topo_pod_table[i];

	switch (t->hook) {
	case HOOK_TC:
		return attach_tc(pod->host_ifindex, prog_fd);
	case HOOK_TCX:
		return attach_link(pod, prog_fd, ATTACH_TCX_INGRESS);
	case HOOK_NETKIT:
		return attach_link(pod, prog_fd, ATTACH_NETKIT_PEER);
	}
	return -EINVAL;
}

static int fill_tail_calls(struct topo_bpf *skel)
{
	__u32 key = 0, value = bpf_program__fd(skel->progs.tail_deliver);
	int err = bpf_map_update_elem(bpf_map__fd(skel->maps.tail_calls), &key, &value, BPF_ANY);

	if (err)
		return fail("cannot fill the program array", err);
	err = bpf_obj_pin(bpf_map__fd(skel->maps.tail_calls), PIN_TAIL_CALLS);
	return err ? fail(PIN_TAIL_CALLS, err) : 0;
}

int topo_programs_up(const struct topology *t)
{
	struct topo_bpf *skel;
	int err = 0;

	if (!t->program[0] && !t->program[1])
		return 0;
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	skel = topo_bpf__open();
	if (!skel)
		return fail("cannot open the programs", -errno);
	for (int i = 0; !err && i < TOPO_PODS; i++)
		err = parse_pod(&topo_pod_table[i], (struct topo_pod *)&skel->rodata->pods[i]);
	if (!err)
		err = topo_bpf__load(skel);
	if (!err)
		err = make_pin_dir();
	if (!err)
		err = fill_tail_calls(skel);
	for (int i = 0; !err && i < TOPO_PODS; i++)
		if (t->program[i])
			err = attach(t, i, bpf_program__fd(program_of(skel, t->program[i])));
	topo_bpf__destroy(skel);
	return err;
}

void topo_programs_down(void)
{
	char pin[64];

	unlink(PIN_TAIL_CALLS);
	for (int i = 0; i < TOPO_PODS; i++) {
		snprintf(pin, sizeof(pin), PIN_DIR "/%s", topo_pod_table[i].host_ifname);
		unlink(pin);
	}
	rmdir(PIN_DIR);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Filters on the surroundings of a packet: the running task, the mark, the device, the namespace, the pod. In a softirq
 * the running task is the interrupted one, and its cgroup is the one that is tested.
 */
#pragma once

#include "bpf/packet.bpf.h"

static __always_inline int name_match(const volatile struct st_name *f, const char *name)
{
	const __u64 *w = (const __u64 *)name;

	return (w[0] & f->mask[0]) == f->word[0] && (w[1] & f->mask[1]) == f->word[1];
}

/* include/linux/cgroup-defs.h. Since 6.1 ancestor_ids is gone, and bpf_get_current_ancestor_cgroup_id() is used. */
struct cgroup {
	int level;
	__u64 ancestor_ids[];
} __attribute__((preserve_access_index));

struct css_set {
	struct cgroup *dfl_cgrp;
} __attribute__((preserve_access_index));

static __always_inline __u64 ancestor_id(__u32 level)
{
	const struct task_struct *task;
	const struct cgroup *group;
	__u64 id = 0;

	if (!bpf_core_field_exists(struct cgroup, ancestor_ids))
		return bpf_get_current_ancestor_cgroup_id(level);
	task = (const void *)bpf_get_current_task();
	group = BPF_CORE_READ(task, cgroups, dfl_cgrp);
	if ((int)level <= BPF_CORE_READ(group, level))
		bpf_probe_read_kernel(&id, sizeof(id),
				      (const char *)group + bpf_core_field_offset(struct cgroup, ancestor_ids) +
					      level * sizeof(id));
	return id;
}

static __always_inline int match_cgroup(void)
{
	const volatile struct st_surroundings *m = &st_cfg.surroundings;

	if (!m->cgroup)
		return 1;
	if (m->cgroup_has_level)
		return ancestor_id(m->cgroup_level) == m->cgroup;
	return bpf_get_current_cgroup_id() == m->cgroup;
}

static __always_inline int match_task(void)
{
	const volatile struct st_surroundings *m = &st_cfg.surroundings;
	union {
		char text[ST_COMM_LEN];
		__u64 align;
	} comm;

	if (m->has_pid && bpf_get_current_pid_tgid() >> 32 != m->pid)
		return 0;
	if (m->comm.mask[0]) {
		bpf_get_current_comm(comm.text, sizeof(comm.text));
		if (!name_match(&m->comm, comm.text))
			return 0;
	}
	return match_cgroup();
}

static __always_inline int match_mark(const struct sk_buff *skb)
{
	const volatile struct st_surroundings *m = &st_cfg.surroundings;

	return !m->has_mark || (BPF_CORE_READ(skb, mark) & m->mark_mask) == m->mark;
}

static __always_inline int pod_has_addr(const volatile struct st_pod *pod, const struct packet *p)
{
	if (p->family == 4) {
#pragma unroll
		for (int i = 0; i < ST_POD_ADDRS; i++) {
			if (i < pod->n_v4 && (p->w_be[3] == pod->v4_be[i] || p->w_be[4] == pod->v4_be[i]))
				return 1;
		}
		return 0;
	}
	if (p->family != 6)
		return 0;
#pragma unroll
	for (int i = 0; i < ST_POD_ADDRS; i++) {
		const volatile __u32 *a = pod->v6_be[i];

		if (i >= pod->n_v6)
			break;
		if (p->w_be[2] == a[0] && p->w_be[3] == a[1] && p->w_be[4] == a[2] && p->w_be[5] == a[3])
			return 1;
		if (p->w_be[6] == a[0] && p->w_be[7] == a[1] && p->w_be[8] == a[2] && p->w_be[9] == a[3])
			return 1;
	}
	return 0;
}

/* The device and the namespace in e must be filled. The name of the device is compared for each packet, so a device may
 * be renamed or created during the trace, in any namespace. */
static __always_inline int match_device(const struct st_event *e, const struct packet *p)
{
	const volatile struct st_surroundings *m = &st_cfg.surroundings;

	if (m->netns && (!(e->valid & ST_VALID_NETNS) || e->netns != m->netns))
		return 0;
	if (m->ifname.mask[0] && (!(e->valid & ST_VALID_DEV) || !name_match(&m->ifname, e->ifname)))
		return 0;
	if (m->pod.netns && !((e->valid & ST_VALID_NETNS) && e->netns == m->pod.netns) && !pod_has_addr(&m->pod, p))
		return 0;
	return 1;
}

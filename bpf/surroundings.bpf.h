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

static __always_inline int is_v4_of(const volatile struct st_pod *pod, __u32 addr_be)
{
	for (__u32 i = 0; i < ST_POD_ADDRS; i++) {
		if (i >= pod->n_v4)
			break;
		if (pod->v4_be[i] == addr_be)
			return 1;
	}
	return 0;
}

static __always_inline int is_v6_of(const volatile struct st_pod *pod, __u64 lo_be, __u64 hi_be)
{
	for (__u32 i = 0; i < ST_POD_ADDRS; i++) {
		const volatile __u32 *a_be = pod->v6_be[i];

		if (i >= pod->n_v6)
			break;
		if (a_be[0] == (__u32)lo_be && a_be[1] == lo_be >> 32 && a_be[2] == (__u32)hi_be &&
		    a_be[3] == hi_be >> 32)
			return 1;
	}
	return 0;
}

/* Whether the packet is in the namespace of one of the pods, or from or to one of its addresses. Of IPv4, an address is
 * the lower half of its first word; where: the namespace, and above it the family. The function is global, so that the
 * verifier checks it once. */
__attribute__((noinline)) int pods_match(__u64 src_lo_be, __u64 src_hi_be, __u64 dst_lo_be, __u64 dst_hi_be,
					 __u64 where)
{
	__u32 family = where >> 32;

	for (__u32 i = 0; i < ST_FILTER_VALUES; i++) {
		const volatile struct st_pod *pod = &st_cfg.surroundings.pod[i];

		if (i >= st_cfg.surroundings.n_pods)
			break;
		if (pod->netns == (__u32)where)
			return 1;
		if (family == 4 && (is_v4_of(pod, src_lo_be) || is_v4_of(pod, dst_lo_be)))
			return 1;
		if (family == 6 && (is_v6_of(pod, src_lo_be, src_hi_be) || is_v6_of(pod, dst_lo_be, dst_hi_be)))
			return 1;
	}
	return 0;
}

static __always_inline int match_pods(const struct st_event *e, const struct packet *p)
{
	__u64 where = (e->valid & ST_VALID_NETNS ? e->netns : 0) | (__u64)p->family << 32;

	if (p->family == 4)
		return pods_match(p->w_be[3], 0, p->w_be[4], 0, where);
	return pods_match(p->words[1], p->words[2], p->words[3], p->words[4], where);
}

static __always_inline int match_ifname(const volatile struct st_surroundings *m, const char *name)
{
	const __u32 n = m->n_ifnames;

#pragma unroll
	for (__u32 i = 0; i < ST_FILTER_VALUES; i++) {
		if (i >= n)
			break;
		if (name_match(&m->ifname[i], name))
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
	if (m->n_ifnames && (!(e->valid & ST_VALID_DEV) || !match_ifname(m, e->ifname)))
		return 0;
	return !m->n_pods || match_pods(e, p);
}

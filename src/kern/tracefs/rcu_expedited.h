/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Short RCU grace periods while many probes are deleted. Each deletion waits for a grace period: 1470 of them take half
 * a minute, but a fraction of a second while /sys/kernel/rcu_expedited is set.
 *
 * Theory of operation. The setting is global, so we change it only for a moment, and only if it is 0. All other numbers
 * mean the same to the kernel (kernel/ksysfs.c, rcu_expedited_store() takes any int), so we set a number that nobody
 * else would. In every namespace it tells that we changed the setting, and that it was 0 before. An instance that
 * changes it holds a lock (instance_lock.h). If the number is there and nobody holds the lock, its owner died before it
 * could restore 0, and the next instance does that. Only one instance can have the lock; others work without short
 * grace periods.
 */
#pragma once

/* "skb" */
#define RCU_EXPEDITED_MARK 0x736b62

/* Sets the number. tracefs: its directory. Returns a descriptor for rcu_expedited_end(), or -1 if the setting cannot be
 * changed or is set already, which is no error: deleting is only slower. */
int rcu_expedited_begin(int tracefs);
void rcu_expedited_end(int fd);
/* Whether an instance that died left its number set. 1, 0 or -errno. */
int rcu_expedited_is_stale(void);
/* Restores 0 if an instance that died left its number set. 1 if it did, 0 if there was nothing to do, or -errno. */
int rcu_expedited_repair(void);

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Short grace periods for the moment that many probes are deleted: each deletion waits for one, and with
 * /sys/kernel/rcu_expedited set 1470 of them take a fraction of a second instead of half a minute.
 *
 * Theory of operation. The knob belongs to the whole machine, so it is borrowed, and only while it is 0. Every other
 * number means the same to the kernel (kernel/ksysfs.c, rcu_expedited_store() takes any int), so we set it to one that
 * nobody else would: the knob itself tells, in every namespace, that we set it and that it was 0. Who borrows it holds
 * a lock, see kern/instances.h; the number without the lock means that its owner died before it could put 0 back, and
 * whoever sees that does it. Only one instance borrows at a time; another does without.
 */
#pragma once

/* "skb" */
#define EXPEDITE_MARK 0x736b62

/* tracefs is its directory. Returns a descriptor to give to expedite_end(), or -1 when the knob cannot be had or is set
 * already: that is no error, only slower. */
int expedite_begin(int tracefs);
void expedite_end(int fd);
/* Whether an instance that died left the knob set. 1, 0 or -errno. */
int expedite_left(void);
/* Puts back what an instance that died left behind. 1 if there was something, 0 if not, or -errno. */
int expedite_repair(void);

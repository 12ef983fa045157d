/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Short grace periods for the moment that many probes are deleted: each deletion waits for one, and with
 * /sys/kernel/rcu_expedited set 1470 of them take a fraction of a second instead of half a minute.
 *
 * Theory of operation. The knob belongs to the whole machine, so it is borrowed: its old value is first written to a
 * state file under /run, which is locked as long as we live. Whoever finds that file unlocked knows that its owner died
 * before it could put the value back, and does it. Only one instance borrows at a time; another does without.
 */
#pragma once

/* Returns a descriptor to give to expedite_end(), or -1 when it cannot be had: that is no error, only slower. */
int expedite_begin(void);
void expedite_end(int fd);
/* Whether an instance that died left the knob set. 1, 0 or -errno. */
int expedite_left(void);
/* Puts back what an instance that died left behind. 1 if there was something, 0 if not, or -errno. */
int expedite_repair(void);

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Locks by which the running instances of this program know each other on the whole machine, and the names of their
 * events. Private to src/kern.
 *
 * Theory of operation. What we define in tracefs and set in /sys is global, and stays when we are killed. A pid does
 * not tell whether its owner is alive: in another PID namespace it is another process, and pids are reused. So an owner
 * holds a lock, which the kernel releases with the owner's last descriptor, however it dies. An instance that gets the
 * lock of another one knows that the owner is gone, and that no new owner appears while it cleans up.
 *
 * The locks are on single bytes of kprobe_events in tracefs. tracefs has one superblock (fs/tracefs/inode.c,
 * get_tree_single(), formerly mount_single()), so that file is the same in every namespace and in every mount.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/reason.h"

/* Each instance has a number: it locks the byte at that offset, and its event group is named by this prefix and the
 * number.
 */
#define INSTANCE_GROUP_PREFIX "skbtrail_"
/* Not the number of an instance: the lock for changing the setting of rcu_expedited.h. */
#define INSTANCE_LOCK_RCU_EXPEDITED 0

/* Opens kprobe_events in the directory tracefs, for appending and for locks; the caller closes it. -errno with a
 * reason. */
int instance_lock_open(int tracefs, struct reason *reason);
/* Takes the lock of that number, which fd, from instance_lock_open(), holds until it is closed. Taking it twice does no
 * harm. 0; -EAGAIN while another descriptor holds it; or -errno. */
int instance_lock_take(int fd, uint64_t number);
/* Takes the lock of a number that no instance has, and that no event is named by. 0 or -errno. */
int instance_lock_join(int tracefs, int fd, uint64_t *ret_number);

/* The event's name in a line of kprobe_events, "skbtrail_123/s0", and the two numbers in it. Writes a NUL into the
 * line, behind the name. NULL if the event is not ours. */
char *instance_lock_parse_event(char *line, uint64_t *ret_number, size_t *ret_event);
/* Deletes the event of that name with all its points. 0 or -errno. */
int instance_lock_delete_event(int fd, const char *name);

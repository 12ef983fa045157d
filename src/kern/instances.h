/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The instances of this program that live, on the whole machine, and the names of their events. Private to this room.
 *
 * Theory of operation. What we define in tracefs and set in /sys is the machine's, and stays when we are killed. A pid
 * does not tell whether its owner lives: it is another process in another PID namespace, and is given out again. So an
 * owner holds a lock, which goes with its last descriptor however it dies; who gets the lock knows that the owner is
 * gone, and that no new one comes while it clears up.
 *
 * The locks are on single bytes of tracefs's kprobe_events. tracefs has one superblock (fs/tracefs/inode.c,
 * get_tree_single(), formerly mount_single()), so that file is the same in every namespace and under every mount of it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/reason.h"

/* An instance has a number: that of the byte it locks, and in the name of its event group after this. */
#define INSTANCES_PREFIX "skbtrail_"
/* No instance's: who holds this lock borrows the knob of kern/expedite.h. */
#define INSTANCES_LOCK_EXPEDITE 0

/* kprobe_events below that directory of tracefs, open for appending and for locks, to be closed by the caller. -errno
 * with a reason. */
int instances_open(int tracefs, struct reason *reason);
/* Takes a lock, once more is fine. It is held until fd, of instances_open(), is closed. -EAGAIN while another
 * descriptor holds it, or -errno. */
int instances_lock(int fd, uint64_t number);
/* Takes the lock of a number that no instance has, and of which no event is left. 0 or -errno. */
int instances_join(int tracefs, int fd, uint64_t *ret_number);

/* The name of the event, "skbtrail_123/s0", with its two numbers, in a line of kprobe_events, of which what follows the
 * name is cut off; NULL: it is none of ours. */
char *instances_parse_event(char *line, uint64_t *ret_number, size_t *ret_event);
/* Deletes all points of the event with that name. 0 or -errno. */
int instances_delete_event(int fd, const char *name);

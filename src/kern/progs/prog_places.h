/* SPDX-License-Identifier: GPL-2.0-only */
/* Where BPF programs are attached, in all network namespaces. Private to this room. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/program.h"

struct prog_place {
	uint32_t id;	  /* of the program */
	uint32_t netns;	  /* inode */
	uint32_t ifindex; /* 0: of no device */
	enum net_attach attach;
};

struct prog_places {
	struct prog_place *v; /* owned, sorted by id */
	size_t n;
};

/* Asks the kernel: tc filters and actions, tcx, netkit and XDP, on the devices of all namespaces that have a name or a
 * process. A namespace that is gone, or that we may not enter, is left out. 0, -ENOMEM, or -ENOTRECOVERABLE of
 * netns_visit(); *ret is then unchanged. */
int prog_places_load(struct prog_places *ret);
void prog_places_free(struct prog_places *p);
/* Replaces p by newer, which it empties; keeps the places of programs that are not attached any more, whose events may
 * still be on their way. 0 or -ENOMEM. */
int prog_places_update(struct prog_places *p, struct prog_places *newer);
/* Bits of enum event_hook: where the program is attached to the device or, if it is not attached there or no device is
 * given (ifindex 0), anywhere. 0: nowhere. */
uint32_t prog_places_hooks(const struct prog_places *p, uint32_t id, uint32_t netns, uint32_t ifindex);

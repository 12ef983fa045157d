/* SPDX-License-Identifier: GPL-2.0-only */
/* A file of text that is begun anew when it is full: FILE becomes FILE.1, that FILE.2, and so on; the last one goes. */
#pragma once

#include "base/cleanup.h"
#include "base/reason.h"
#include "render/out.h"

#define ROTATED_FILES 10u /* FILE and FILE.1 to FILE.9 */

struct rotated;

/* Made anew, its owner's only, never through a symlink; "-" is standard output. max_bytes 0: it is never full. path is
 * borrowed. -errno with a reason. */
int rotated_open(const char *path, uint64_t max_bytes, struct rotated **ret, struct reason *reason);
/* Writes what is in the buffer and empties it; it must hold whole lines. 0 or -errno. */
int rotated_flush(struct rotated *r, struct out *o);
/* What every file begins with, from now on; kept as a copy. 0 or -ENOMEM. */
int rotated_head(struct rotated *r, const struct out *head);
/* Closes it: what a full disk has to say may come only now. 0 or -errno. */
int rotated_close(struct rotated *r);
void rotated_free(struct rotated *r);
DEFINE_CLEANUP(struct rotated *, rotated_free)

/* SPDX-License-Identifier: GPL-2.0-only */
/* A file of text of limited size: when it is full it is renamed to FILE.1, FILE.1 before that to FILE.2, and so on, and
 * a new FILE is created. The oldest file is deleted. */
#pragma once

#include "base/cleanup.h"
#include "base/reason.h"
#include "render/out/out.h"

#define ROTATED_FILES 10u /* FILE and FILE.1 to FILE.9 */

struct rotated;

/* Creates the file anew (mode 0600; a symlink is refused); "-" is standard output, which is never full. max_bytes 0: no
 * limit. path is borrowed. -errno with a reason; *ret is left alone then. */
int rotated_open(const char *path, uint64_t max_bytes, struct rotated **ret, struct reason *reason);
/* Writes the buffer, which must hold whole lines, and empties it. 0 or -errno. */
int rotated_flush(struct rotated *r, struct out *o);
/* Begins every later file with a copy of head. 0 or -ENOMEM. */
int rotated_head(struct rotated *r, const struct out *head);
/* A full disk or a remote server may report its error only here. 0 or -errno. */
int rotated_close(struct rotated *r);
void rotated_free(struct rotated *r);
DEFINE_CLEANUP(struct rotated *, rotated_free)

/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel structures as text, member by member, as the running kernel's BTF describes them. */
#pragma once

#include <stddef.h>

#include "base/cleanup.h"
#include "base/reason.h"

enum dump_type { DUMP_SKB, DUMP_SHINFO, DUMP_TYPE_MAX };

struct dumper;

/* -errno with a reason: no BTF, or a structure is not in it. */
int dumper_new(struct dumper **ret, struct reason *reason);
void dumper_free(struct dumper *d);
DEFINE_CLEANUP(struct dumper *, dumper_free)

/* sizeof() the structure. */
size_t dumper_bytes(const struct dumper *d, enum dump_type type);
/* Members that are zero are left out; of several lines. The text lives until the next one of the same type. -EBADMSG if
 * the bytes are too few, -ENOMEM. */
int dumper_text(struct dumper *d, enum dump_type type, const void *bytes, size_t len_bytes, const char **ret);

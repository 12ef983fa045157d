/* SPDX-License-Identifier: GPL-2.0-only */
/* A drop with its owners, for people and as a JSON line. */
#pragma once

#include "owner/owner.h"

/* Two or three lines: the packet, where and why the kernel dropped it, and by whom. l NULL: nobody looked. */
void drop_text(const struct event *ev, const struct owner_list *l, struct out *o);
/* {"type":"why",…}, and a newline. */
void drop_json(const struct event *ev, const struct owner_list *l, struct out *o);

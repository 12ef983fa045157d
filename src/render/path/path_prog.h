/* SPDX-License-Identifier: GPL-2.0-only */
/* The BPF programs of a run. Private to this room. */
#pragma once

#include "path/packet.h"
#include "render/out/json.h"

/* "from_pod_peer#45: entry, bpf_redirect_peer to lxc2:22, TC_ACT_REDIRECT": each program on a line of its own. The
 * first begins where the text stands; before the others come a newline and `column` blanks. Returns whether there is
 * one. */
bool path_prog_text(const struct packet *p, const struct path_run *run, size_t column, struct out *o);
/* Field "programs": an object per event of a program, in the order of time. */
void path_prog_json(const struct packet *p, const struct path_run *run, struct json *j);

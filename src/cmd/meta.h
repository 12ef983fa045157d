/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "base/reason.h"
#include "bpf/config.h"
#include "cmd/trace_options.h"

/* The filters on a packet's surroundings in the programs' terms: names of namespaces, cgroups and pods are looked up
 * now, those of devices and processes are compared in the kernel. -EINVAL or -ENOENT with a reason that names option
 * and value. */
int meta_config(const struct trace_options *o, struct st_meta *ret, struct reason *reason);

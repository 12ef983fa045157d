/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "base/reason.h"
#include "bpf/config.h"
#include "cli/trace_options.h"

/* Converts the options that filter by a packet's surroundings (process, device, namespace, cgroup, pod, mark) for the
 * programs. The names of namespaces, cgroups and pods are looked up now; those of devices and processes are compared in
 * the kernel. -EINVAL, -ENOENT or -ENOTUNIQ with a reason that names the option and its value; *ret is then unchanged.
 */
int surroundings_config(const struct trace_options *o, struct st_surroundings *ret, struct reason *reason);

/* SPDX-License-Identifier: GPL-2.0-only */
/* What the running kernel's BTF says about itself. Private to this room. */
#pragma once

#include <bpf/btf.h>
#include <stdbool.h>

/* The kfree_skb tracepoint has a reason since 5.17: told by the arity of its BTF typedef, not by the version. */
bool vmbtf_has_drop_reason(const struct btf *btf);
bool vmbtf_has_func(const struct btf *btf, const char *name);

/* SPDX-License-Identifier: GPL-2.0-only */
/* Matches and targets of iptables, in legacy rules and in those of iptables-nft. Pure. */
#pragma once

#include "owner/headers.h"
#include "owner/truth.h"

/* Whether the packet matches. info is the match's own data (linux/netfilter/xt_*.h). */
enum truth xt_match(const char *name, uint32_t revision, const void *info, size_t size, const struct headers *h);

enum xt_effect { XT_CONTINUES, XT_ACCEPTS, XT_DROPS, XT_UNKNOWN };
enum xt_effect xt_target(const char *name);

struct out;
/* Appends the match as iptables(8) writes it; one that is not known by its name. */
void xt_match_text(const char *name, uint32_t revision, const void *info, size_t size, struct out *o);

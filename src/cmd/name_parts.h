/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of an event say as numbers, as names: addresses in stacks, structures as text. */
#pragma once

#include "event/parts.h"
#include "kallsyms/ksyms.h"
#include "kern/dump.h"

/* dumper: NULL if neither structure is among the parts. Strings live as long as ks, texts until the next call. */
void name_parts(const struct ksyms *ks, struct dumper *dumper, const struct event *ev);

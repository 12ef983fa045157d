/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "filter/event_match.h"
#include "render/out/out.h"

/* Appends a line for people for each filter that no packet can pass on this machine as it is now. */
void filter_notes(const struct event_match *m, struct out *o);

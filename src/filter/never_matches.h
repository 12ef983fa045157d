/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "filter/event_match.h"

/* Why no packet can pass these filters of addresses, protocol and ports together, as a clause; NULL if one can. */
const char *event_match_never(const struct event_match *m);

/* SPDX-License-Identifier: GPL-2.0-only */
/* What stands around the events: how the trace was made, and how it ended. Both ways, as in io.h; a newer minor's
 * further fields follow these and are left alone. */
#pragma once

#include "event/ledger.h"
#include "record/io.h"

void info_io(struct io *io, struct record_info *info);
void ledger_io(struct io *io, struct ledger *l);

/* SPDX-License-Identifier: GPL-2.0-only */
/* Encodes and decodes (record/io.h) the payloads of the first and the last block of a recording. Fields that a newer
 * minor version adds follow these, and are not read. */
#pragma once

#include "event/lost_events.h"
#include "record/io.h"

void block_info_io(struct io *io, struct record_info *info);
void block_ledger_io(struct io *io, struct lost_events *l);

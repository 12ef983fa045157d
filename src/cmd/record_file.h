/* SPDX-License-Identifier: GPL-2.0-only */
/* A recording's file, fed to its reader. */
#pragma once

#include "record/reader.h"

/* Reads the file whole, "-" is standard input. -errno with a reason that does not name the file; -ENODATA if it ends
 * before its ledger. What came before the error was handed over. */
int record_file_read(struct record_reader *reader, const char *path, struct reason *reason);

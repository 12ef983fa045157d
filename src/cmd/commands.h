/* SPDX-License-Identifier: GPL-2.0-only */
/* Every command: src/cmd/NAME.c defines it, the table of main.c lists it. */
#pragma once

#include "cli/options.h"

extern const struct command cmd_trace, cmd_check_same_node, cmd_check_path, cmd_funcs, cmd_endpoints, cmd_doctor;
extern const struct command cmd_record, cmd_report, cmd_diff, cmd_explain, cmd_why, cmd_schema;

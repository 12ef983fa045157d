/* SPDX-License-Identifier: GPL-2.0-only */
/* The verdict of a check as exit status and as report file. */
#pragma once

#include "base/reason.h"
#include "cli/exit.h"
#include "render/check/ci.h"
#include "rules/verdict.h"

enum exit_status check_report_status(enum verdict verdict);

/* What a report says of the run. Filled before privileges are given up. */
struct check_facts {
	char kernel[65], command[1024];
	struct ci_property properties[3];
	size_t n;
};

/* live: it is this kernel that is judged. */
void check_facts_fill(bool live, struct check_facts *ret);

/* Removes the report of an earlier run, which a run that is killed would leave in place of its own. NULL: nothing. */
void check_report_begin(const char *path);
/* Writes a report to the file of --junit, as file_replace() does. path NULL: nothing. 0, or -errno with a reason. */
int check_report_junit(const char *path, const struct out *report, struct reason *reason);

/* A check that ends without a verdict, and how it was to be reported. */
struct check_end {
	const char *what;  /* "same-node" */
	const char *junit; /* NULL: no such report */
	bool json, tap;
	bool live; /* as of check_facts_fill() */
};

/* As exit_refuse(); also says it in each report. A file that is no report is left as it is: of a command line that was
 * not understood it may be anything. */
int check_report_refuse(const struct check_end *end, int err, const struct reason *reason);

/* SPDX-License-Identifier: GPL-2.0-only */
/* Gives back memory that only the start needed. */
#pragma once

/* For a process that has started and will run on: returns unused heap to the kernel, and drops the pages of read-only
 * segments of the program and its libraries. A page that is used again is read from the page cache; most are not: the
 * loader's relocations, the BPF objects, most code of each library. Errors are ignored, nothing depends on success. */
void trim_memory(void);

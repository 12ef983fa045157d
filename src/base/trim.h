/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory that only the start needed. */
#pragma once

/* For a process that has started and is going to stay: gives back what its heap does not use, and the pages of the
 * program's and its libraries' files that it does not write to. What of these is needed again comes from the page cache
 * when it is: the loader's relocations, the BPF objects and most of each library are not. Nothing is lost; errors are
 * of no consequence. */
void trim_memory(void);

/* SPDX-License-Identifier: GPL-2.0-only */
/* Good inputs to start from, made of what the unit tests are made of: no binary file lies in the tree. */
#pragma once

#include <stddef.h>

/* Writes one input for fuzz-TARGET. */
void seed(const char *target, const void *data, size_t size);

void seeds_captures(void);
void seeds_filters(void);
void seeds_kernel(void);

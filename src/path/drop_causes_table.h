/* SPDX-License-Identifier: GPL-2.0-only */
/* The tables of drop_causes.c. Private to this room. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cause_row {
	const char *key, *text; /* in text: DEV, SRC, DST, COUNT and MAX stand for what is known of the packet */
	uint64_t yes, no;	/* FACT_BIT()s that must hold, and must not hold */
	const char *at;		/* the place must be one of these functions, after a "!" none of them; NULL: any */
	const char *after;	/* the function before must be known to begin with one of these words; NULL: any */
	bool maybe;		/* even if the condition holds the cause may be another row's */
	bool sure;		/* it counts only if its whole condition is known to hold */
	bool decides;		/* if the condition holds it is the cause, also of places with several keys */
};

/* Sorted by key; the rows of one key in the order of evaluation. Keys of reasons are in upper case, and come first. */
extern const struct cause_row cause_rows[];
extern const size_t n_cause_rows;

/* Where a place is valid: on kernels without reasons, for NOT_SPECIFIED. */
enum { PLACE_BARE = 1, PLACE_UNSPECIFIED = 2, PLACE_BOTH = 3 };

struct place_row {
	const char *symbol, *after; /* after: the beginning of the name of the function before; NULL: any */
	const char *key;	    /* of the rows above */
	unsigned on;
};

/* The first row that fits counts, and those with the same symbol and after. */
extern const struct place_row place_rows[];
extern const size_t n_place_rows;

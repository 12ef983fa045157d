/* SPDX-License-Identifier: GPL-2.0-only */
/* The parser's state and its parts. Private to this room. */
#pragma once

#include "rules/words.h"

/* A name that an earlier line bound: to a place, or to what a match will capture. */
struct alias {
	const char *name;
	unsigned line;
	bool captured;
	struct place place; /* what `on $NAME` means */
};

struct parser {
	struct rules *rules; /* owned until given away */
	struct alias aliases[RULES_ALIASES_MAX];
	size_t n_aliases;
	size_t n_constants;    /* of those; the captures of the scope follow them */
	unsigned scope_column; /* of the current scope's line */
	struct words w;
};

/* A scope's addresses and protocol: parse_match.c. */
int parse_match(struct words *w, struct packet_match *ret);
/* Whether a word starts one of those, so that it cannot be a scope's name. */
bool starts_match(const char *word);
/* A place, up to the first word that is none of it: parse_step.c. */
int parse_place(struct parser *p, struct place *ret);
int parse_step(struct parser *p, const struct scope *scope, struct step_pattern *ret);
/* The alias that the next word, $NAME, names. */
int parse_alias(struct parser *p, const struct alias **ret);
/* A decimal number of at most max, from the word just taken. */
int parse_number(struct words *w, const char *what, const char *digits, uint64_t max, uint64_t *ret);

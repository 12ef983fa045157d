/* SPDX-License-Identifier: GPL-2.0-only */
/* The parser's state, and functions that its files share. Private to this room. */
#pragma once

#include "rules/words.h"

/* A name that an earlier line gave to a device, or to what a match will capture. */
struct alias {
	const char *name;
	unsigned line;
	bool captured;
	struct device_pattern device; /* what `on $NAME` means */
};

struct rules_parser {
	struct rules *rules; /* owned until given away */
	struct alias aliases[RULES_ALIASES_MAX];
	size_t n_aliases;
	size_t n_constants;    /* the first ones, from `let`; the captures of the current scope follow */
	unsigned scope_column; /* column of the current scope's line */
	struct words w;
};

/* Parses a scope's addresses and protocol: parse_match.c. */
int parse_match(struct words *w, struct packet_match *ret);
/* Whether a word can start these, so that it cannot be a scope's name. */
bool starts_match(const char *word);
/* Parses a device, up to the first word that does not belong to it: parse_step.c. */
int parse_device(struct rules_parser *p, struct device_pattern *ret);
int parse_step(struct rules_parser *p, const struct scope *scope, struct step_pattern *ret);
/* Takes the next word, $NAME, and finds its alias: parse_step.c. */
int parse_alias(struct rules_parser *p, const struct alias **ret);
/* Parses a decimal number of at most max from the word just taken. */
int parse_number(struct words *w, const char *what, const char *digits, uint64_t max, uint64_t *ret);

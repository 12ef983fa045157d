/* SPDX-License-Identifier: GPL-2.0-only */
/* Encodes and decodes the entries of the dictionaries that events refer to (record/io.h). An entry holds some members
 * of struct event. */
#pragma once

#include "record/format.h"
#include "record/io.h"

/* Whether the event has an entry in this dictionary. */
bool entry_present(enum rec_dict kind, const struct event *ev);
/* A tuple, as in an entry of REC_DICT_TUPLE. */
void entry_tuple_io(struct io *io, struct tuple *t);
/* entry_io() for REC_DICT_PARTS: encodes or decodes *ev->parts. When reading, texts in it point into the entry. */
void entry_parts_io(struct io *io, struct event *ev);
/* When writing, encodes the members of *ev, which is unchanged; when reading, sets them and their validity bits. Not
 * for REC_DICT_STRING. */
void entry_io(enum rec_dict kind, struct io *io, struct event *ev);

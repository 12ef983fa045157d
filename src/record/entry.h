/* SPDX-License-Identifier: GPL-2.0-only */
/* The entries of the dictionaries that events refer to: parts of struct event as bytes, both ways. */
#pragma once

#include "record/format.h"
#include "record/io.h"

/* Whether the event has this part. */
bool entry_present(enum rec_dict kind, const struct event *ev);
/* A tuple as in REC_DICT_TUPLE. */
void entry_tuple_io(struct io *io, struct tuple *t);
/* What entry_io() of REC_DICT_PARTS does, on ev->parts; texts in it point into the entry when reading. */
void entry_parts_io(struct io *io, struct event *ev);
/* Puts the part of *ev, which is unchanged, or sets it, with its validity bits. Not for REC_DICT_STRING. */
void entry_io(enum rec_dict kind, struct io *io, struct event *ev);

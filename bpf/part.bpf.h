/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One part of a record: data beyond the fixed fields (enum st_part_kind), which a record carries if the user asked for
 * it.
 *
 * Theory of operation. Which parts there are, and the offset of each, is read-only data, so the verifier removes the
 * code of all other parts. A record with parts is reserved in the ring buffer and filled there: it is too large for the
 * stack, and a buffer per CPU would be overwritten when an interrupt brings another packet. The size of the reservation
 * and every offset must be constants to the verifier, so a part takes the same space in every record.
 */
#pragma once

#include "bpf/config.h"
#include "bpf/kernel.h"

const volatile struct st_output st_out = {};

/* Opens a part in the record at rec: writes its header and returns its space. The caller sets head->len_bytes once it
 * has filled the part. */
static __always_inline void *part_open(char *rec, enum st_part_kind kind, struct st_part **ret_head)
{
	struct st_part *head = (struct st_part *)(rec + st_out.at[kind]);

	head->kind = kind;
	head->len_bytes = 0;
	head->capacity_bytes = st_out.capacity[kind];
	head->pad = 0;
	*ret_head = head;
	return head + 1;
}

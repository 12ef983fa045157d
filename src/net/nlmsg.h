/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads netlink messages and their attributes from untrusted bytes. Pure. Every length is checked against the bytes
 * that are left: a message against the datagram, a fixed header against its message, an attribute against its message
 * or its nest. libmnl's iterators stop silently at the first malformed attribute. Here that is an error, because a link
 * without its peer would be a wrong answer. Layouts: linux/netlink.h.
 */
#pragma once

#include <linux/netlink.h>

#include "base/read.h"

/* What one datagram of an answer says about the whole answer. */
struct nl_answer {
	bool done;	  /* it holds the last message of a dump, or an acknowledgement */
	bool interrupted; /* NLM_F_DUMP_INTR: the kernel's tables changed during the dump */
};

/* Takes one message of type nlmsg_type. 0 or -errno, which ends the datagram. */
typedef int (*nl_message_fn)(void *ctx, uint16_t type, struct rd *payload);
/* Reads one datagram (aligned to 4 bytes) of the answer to request `seq`: calls fn for each of its messages except
 * NLMSG_ERROR and NLMSG_DONE; skips messages of other requests. -EBADMSG if a length is wrong, the kernel's own -errno
 * if it answered with an error, or the error of fn; *ret is then unchanged. */
int nl_parse(const void *data, size_t size, uint32_t seq, nl_message_fn fn, void *ctx, struct nl_answer *ret);

/* Fills tb[0..max] with pointers to the attributes in data, NULL for absent ones; skips types above max. 0 or
 * -EBADMSG. */
int nl_attrs(const void *data, size_t size, const struct nlattr **tb, unsigned max);
int nl_nested(const struct nlattr *nest, const struct nlattr **tb, unsigned max);
/* Copies a string whose NUL may be missing; dst is always NUL-terminated. */
void nl_string(const struct nlattr *a, char *dst, size_t dst_size);
/* 0 or -EBADMSG. */
int nl_u32(const struct nlattr *a, uint32_t *ret);

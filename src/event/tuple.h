/* SPDX-License-Identifier: GPL-2.0-only */
/* A tuple as text, and the names of the protocols in it. No allocation, no stdio: this runs once per printed event. */
#pragma once

#include "event/event.h"

/* Bytes that hold any protocol, any address, any tuple, with the NUL. */
#define L4_TEXT_SIZE	16
#define ADDR_TEXT_SIZE	48
#define TUPLE_TEXT_SIZE 128

/* Short lower-case name of an IPPROTO_*, NULL if it has none here. */
const char *l4_name(uint8_t l4);
/* The name, or the number in decimal; dst holds at least L4_TEXT_SIZE bytes. Returns the length without the NUL. */
size_t l4_format(uint8_t l4, char *dst);
/* Short lower-case name of an EtherType (host byte order), NULL if it has none here. */
const char *ethertype_name(uint16_t proto);

/* 10.0.0.67, fd00::1 (RFC 5952); family is 4 or 6, addr in network byte order, dst at least ADDR_TEXT_SIZE bytes.
 * Returns the length without the NUL. */
size_t addr_format(uint8_t family, const uint8_t *addr, char *dst);

/* 10.0.0.67:0->10.0.0.133:0(icmp), v6 addresses in brackets; ports are 0 where there are none, and the parentheses are
 * missing where the protocol is not known. Without addresses the EtherType's name, or its number as 0x88b5, or - where
 * that is 0 too. dst holds at least TUPLE_TEXT_SIZE bytes. Returns the length without the NUL. */
size_t tuple_format(const struct tuple *t, uint16_t proto, char *dst);

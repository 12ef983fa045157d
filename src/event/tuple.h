/* SPDX-License-Identifier: GPL-2.0-only */
/* Tuples as text, and names of protocols. Without allocation and stdio, because it runs once per printed event. */
#pragma once

#include "event/event.h"

/* The most bytes of a protocol, an address and a tuple as text, with the NUL. */
#define L4_TEXT_SIZE	16
#define ADDR_TEXT_SIZE	48
#define TUPLE_TEXT_SIZE 128

/* Short lower-case name of an IPPROTO_*; NULL: none known. */
const char *l4_name(uint8_t l4);
/* The name, or the number in decimal; dst holds at least L4_TEXT_SIZE bytes. Returns the length without the NUL. */
size_t l4_format(uint8_t l4, char *dst);
/* Short lower-case name of an EtherType (host byte order); NULL: none known. */
const char *ethertype_name(uint16_t proto);

/* An address, such as 10.0.0.67 or fd00::1 (RFC 5952). family is 4 or 6, addr in network byte order; dst holds at least
 * ADDR_TEXT_SIZE bytes. Returns the length without the NUL. */
size_t addr_format(uint8_t family, const uint8_t *addr, char *dst);

/* A tuple, such as 10.0.0.67:0->10.0.0.133:0(icmp). IPv6 addresses are in brackets, missing ports are 0, and "(icmp)"
 * is left out if the protocol is unknown. ARP: 10.0.0.67->10.0.0.133(arp-request). Without addresses: the name of the
 * EtherType proto, else its number as 0x88b5, and "-" for 0. dst holds at least TUPLE_TEXT_SIZE
 * bytes. Returns the length without the NUL. */
size_t tuple_format(const struct tuple *t, uint16_t proto, char *dst);

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions that take a packet, out of BTF.
 *
 * A function counts if one of its first five arguments is a pointer to struct sk_buff, or a pointer to such a pointer,
 * with any qualifiers and typedefs in between; the first such argument is the one. On x86-64 (and the other 64-bit
 * architectures) argument N sits in register N as long as every earlier one takes exactly one register: pointers, enums
 * and integers up to 8 bytes do. Behind a struct, union, array, floating-point number or wider integer the register is
 * not sure, and the signature says so in its reason.
 *
 * Where another argument is a pointer to struct nlmsghdr, netlink_callback or genl_info, the packet is the netlink
 * message that this belongs to: so in each function of vmlinux's in 5.10, 6.1, 6.12 and 7.2 (254 to 395 of them).
 */
#pragma once

#include "kern/vmbtf.h"
#include "select/func.h"

/* Appends the signatures of btf's own functions, those of a base left out. module: its name, NULL for vmlinux.
 * -ENOMEM; malformed types are skipped. */
int kern_btf_sigs(const struct btf *btf, const char *module, struct sig_set *sigs);

/* Appends the helpers that BPF programs call, as functions without a packet that were asked for. A helper is a function
 * "bpf_..." that takes five u64 and returns one, as BPF_CALL_x() makes them (include/linux/filter.h). -ENOMEM. */
int kern_btf_helpers(const struct btf *btf, struct sig_set *sigs);

/* What functions return that the user named, and whose signatures are not from BTF, as far as vmlinux has them. */
void kern_btf_results(const struct vmbtf *vmlinux, struct sig_set *sigs);

/* How many functions of a running module take packets; -ENOENT: it has no BTF. */
int kern_btf_count_module(const char *module);

/* Those of vmlinux and, with modules, of each running module that has BTF (5.11 and newer). A module's BTF that cannot
 * be read is left out. -ENOMEM; *ret is left alone on failure. */
int kern_btf_load_sigs(const struct vmbtf *vmlinux, bool modules, struct sig_set *ret);

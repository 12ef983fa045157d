/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions that take a packet, from BTF.
 *
 * A function counts if one of its first five arguments is a pointer to struct sk_buff, or a pointer to such a pointer,
 * with any qualifiers and typedefs in between. If several arguments are, the first one counts. On x86-64 (and the other
 * 64-bit architectures) argument N sits in register N as long as every earlier one takes exactly one register:
 * pointers, enums and integers up to 8 bytes do. Behind a struct, union, array, floating-point number or wider integer
 * the register is not sure; the signature's reason then says so.
 *
 * Where another argument is a pointer to struct nlmsghdr, netlink_callback or genl_info, the packet is a netlink
 * message: this is true of each of the 254 to 395 such functions in vmlinux of 5.10, 6.1, 6.12 and 7.2.
 */
#pragma once

#include "btf/index.h"
#include "select/func.h"

/* Appends the signatures of btf's own functions, without those of its base. They borrow their names from btf and
 * module. module: the module's name; NULL: vmlinux. Malformed types are skipped. 0 or -ENOMEM. */
int signatures_add(const struct btf *btf, const char *module, struct sig_set *sigs);

/* Appends the helpers that BPF programs call, as functions without a packet that the user named. A helper is a function
 * "bpf_..." that takes five u64 and returns one: BPF_CALL_x() of include/linux/filter.h makes it. 0 or -ENOMEM. */
int signatures_add_helpers(const struct btf *btf, struct sig_set *sigs);

/* Sets the result of functions that the user named and whose signatures are not from BTF, where vmlinux has them. */
void signatures_set_results(const struct btf_index *vmlinux, struct sig_set *sigs);

/* How many functions of a loaded module take packets. -ENOENT if it has no BTF, or another -errno. */
int signatures_count_module(const char *module);

/* The signatures of vmlinux and, if modules is set, of each loaded module that has BTF (5.11 and newer). A module whose
 * BTF cannot be read is left out. 0 or -ENOMEM; *ret is unchanged on failure. */
int signatures_load(const struct btf_index *vmlinux, bool modules, struct sig_set *ret);

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Makes packets.btf anew from packets.c: the .BTF section of an object that clang compiles for the BPF target,
# without the path it was compiled in.
set -eu
cd "$(dirname "$0")"
object=$(mktemp)
trap 'rm -f "$object"' EXIT
clang --target=bpf -O1 -g -fdebug-prefix-map="$PWD"=. -c packets.c -o "$object"
llvm-objcopy --dump-section .BTF=packets.btf "$object" /dev/null

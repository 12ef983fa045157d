/* SPDX-License-Identifier: GPL-2.0-only */
/* BTF, as libbpf takes it: what --kernel-btf or a module hands us. */
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "fuzz.h"
#include "kern/btf.h"
#include "kern/refusal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_sigs_ struct sig_set sigs = {0};
	_cleanup_free_ void *copy = malloc(size ? size : 1);
	struct btf *btf;

	must(copy);
	kern_init();
	if (size)
		memcpy(copy, data, size);
	btf = btf__new(copy, size);
	if (!btf)
		return 0;
	must(kern_btf_sigs(btf, NULL, &sigs) == 0);
	for (size_t i = 0; i < sigs.n; i++)
		must(sigs.items[i].slot >= 1 && sigs.items[i].slot <= SLOT_MAX && sigs.items[i].name[0]);
	btf__free(btf);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/trim.h"

#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* A segment without PF_W has the content of the file, as nothing is linked with text relocations: the kernel can read
 * its pages again. */
static int trim_object(struct dl_phdr_info *info, size_t size_bytes, void *page_bytes)
{
	(void)size_bytes;
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		uintptr_t page = *(const uintptr_t *)page_bytes;
		uintptr_t begin = (info->dlpi_addr + p->p_vaddr) & ~(page - 1);
		uintptr_t end = info->dlpi_addr + p->p_vaddr + p->p_memsz;

		if (p->p_type == PT_LOAD && !(p->p_flags & PF_W) && end > begin)
			(void)madvise((void *)begin, end - begin, MADV_DONTNEED);
	}
	return 0;
}

void trim_memory(void)
{
	uintptr_t page_bytes = (uintptr_t)sysconf(_SC_PAGESIZE);

	malloc_trim(0);
	dl_iterate_phdr(trim_object, &page_bytes);
}

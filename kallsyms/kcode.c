/* SPDX-License-Identifier: GPL-2.0-only */
#include "kallsyms/kcode.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <string.h>

#define KCORE "/proc/kcore"

struct kcode_segment {
	uint64_t addr, len_bytes, file_off;
};

struct kcode {
	int fd;
	struct kcode_segment *segments;
	size_t n;
};

static void elf_endp(Elf **e)
{
	if (*e)
		elf_end(*e);
}

/* Keeps the PT_LOAD segments that have bytes in the file. */
static int read_segments(struct kcode *kc)
{
	_cleanup_(elf_endp) Elf *elf = NULL;
	size_t n;

	if (elf_version(EV_CURRENT) == EV_NONE)
		return -EBADMSG;
	elf = elf_begin(kc->fd, ELF_C_READ, NULL);
	if (!elf || elf_kind(elf) != ELF_K_ELF || elf_getphdrnum(elf, &n) < 0)
		return -EBADMSG;
	kc->segments = calloc(n ? n : 1, sizeof(*kc->segments));
	if (!kc->segments)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		GElf_Phdr ph;

		if (!gelf_getphdr(elf, i, &ph))
			return -EBADMSG;
		if (ph.p_type != PT_LOAD || ph.p_filesz == 0 || ph.p_vaddr + ph.p_filesz < ph.p_vaddr)
			continue;
		kc->segments[kc->n++] = (struct kcode_segment){ph.p_vaddr, ph.p_filesz, ph.p_offset};
	}
	return kc->n ? 0 : -EBADMSG;
}

static int kcode_new(const char *path, struct kcode **ret)
{
	_cleanup_kcode_ struct kcode *kc = calloc(1, sizeof(*kc));
	int r;

	if (!kc)
		return -ENOMEM;
	kc->fd = -1;
	kc->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (kc->fd < 0)
		return -errno;
	r = read_segments(kc);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(kc);
	return 0;
}

int kcode_open(struct kcode **ret, struct reason *reason)
{
	int r = kcode_new(KCORE, ret);

	if (r == -EPERM || r == -EACCES)
		return reason_set(reason, r,
				  KCORE ": refused: needs root (CAP_SYS_RAWIO) and a kernel that is not locked down");
	if (r == -ENOENT)
		return reason_set(reason, r, KCORE ": does not exist: the kernel was built without CONFIG_PROC_KCORE");
	if (r < 0)
		return reason_set(reason, r, KCORE ": %s", strerror(-r));
	return 0;
}

int kcode_open_file(const char *path, struct kcode **ret, struct reason *reason)
{
	int r = kcode_new(path, ret);

	if (r == -EBADMSG)
		return reason_set(reason, r, "%s: not an ELF file with loadable segments", path);
	if (r < 0)
		return reason_set(reason, r, "%s: %s", path, strerror(-r));
	return 0;
}

void kcode_free(struct kcode *kc)
{
	if (!kc)
		return;
	closep(&kc->fd);
	free(kc->segments);
	free(kc);
}

ssize_t kcode_read(const struct kcode *kc, uint64_t addr, void *buf, size_t len_bytes)
{
	for (size_t i = 0; i < kc->n; i++) {
		const struct kcode_segment *s = &kc->segments[i];
		uint64_t off = addr - s->addr;
		ssize_t n;

		if (addr < s->addr || off >= s->len_bytes)
			continue;
		if (len_bytes > s->len_bytes - off)
			len_bytes = s->len_bytes - off;
		do
			n = pread(kc->fd, buf, len_bytes, s->file_off + off);
		while (n < 0 && errno == EINTR);
		return n < 0 ? -errno : n;
	}
	return -EFAULT;
}

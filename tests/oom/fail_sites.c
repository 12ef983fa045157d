// SPDX-License-Identifier: GPL-2.0-only
/*
 * For LD_PRELOAD: each place of a program that takes memory finds none, once. At the first call from a place the
 * process forks; in the child the call fails, and the child goes on from there to its end while the parent waits, and
 * goes on with the memory. So one run of a program that takes seconds to come to a place tries all places.
 * FAIL_SITES=DIR: each child's output is DIR/N.out, how it ended DIR/N.status ("exit 2" or "signal 11"), and DIR/N.site
 * the place as an offset into the program. What libraries take for themselves is not failed: libbpf 1.1 dies of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wrap.h"

#define SITES_MAX   4096
#define CHILD_LIMIT 120 /* seconds; emulated it may be slow */

static uintptr_t program_from, program_to, base;
static uintptr_t sites[SITES_MAX];
static unsigned n_sites;
static const char *dir;
static bool off; /* within a child, or within this code */

static void leave(const char *what, const char *fmt, ...)
{
	char path[4096];
	va_list ap;
	int fd;

	snprintf(path, sizeof(path), "%s/%u.%s", dir, n_sites, what);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	va_start(ap, fmt);
	vdprintf(fd, fmt, ap);
	va_end(ap);
	close(fd);
}

static void begin_child(void)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%u.out", dir, n_sites);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	close(fd);
	alarm(CHILD_LIMIT);
}

/* In the child for whom this call fails: true. */
static bool fails(const void *caller)
{
	uintptr_t at = (uintptr_t)caller;
	int status, saved = errno;
	pid_t pid;

	if (off || at < program_from || at >= program_to)
		return false;
	for (unsigned i = 0; i < n_sites; i++)
		if (sites[i] == at)
			return false;
	if (n_sites == SITES_MAX)
		return false;
	off = true;
	sites[n_sites++] = at;
	pid = fork();
	if (pid == 0) {
		begin_child();
		errno = ENOMEM;
		return true;
	}
	if (pid < 0) {
		n_sites--; /* once it is confined it cannot fork; nor is it at its start then */
	} else {
		leave("site", "%#lx\n", (unsigned long)(at - base));
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		if (WIFSIGNALED(status))
			leave("status", "signal %d\n", WTERMSIG(status));
		else
			leave("status", "exit %d\n", WEXITSTATUS(status));
	}
	off = false;
	errno = saved;
	return false;
}

/* The C library takes memory within these, and that would be its place. Parameters have its names. */
char *strdup(const char *s)
{
	static typeof(&strdup) real;

	if (!real)
		real = NEXT(strdup);
	return fails(CALLER) ? NULL : real(s);
}

char *strndup(const char *string, size_t n)
{
	static typeof(&strndup) real;

	if (!real)
		real = NEXT(strndup);
	return fails(CALLER) ? NULL : real(string, n);
}

int vasprintf(char **ptr, const char *f, va_list arg)
{
	static typeof(&vasprintf) real;

	if (!real)
		real = NEXT(vasprintf);
	return fails(CALLER) ? -1 : real(ptr, f, arg);
}

int asprintf(char **ptr, const char *fmt, ...)
{
	bool none = fails(CALLER);
	va_list ap;
	int n;

	if (none)
		return -1;
	va_start(ap, fmt);
	n = vasprintf(ptr, fmt, ap);
	va_end(ap);
	return n;
}

static int note_program(struct dl_phdr_info *info, size_t size, void *ctx)
{
	(void)size;
	(void)ctx;
	base = info->dlpi_addr;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		if (p->p_type == PT_LOAD && (p->p_flags & PF_X)) {
			program_from = base + p->p_vaddr;
			program_to = program_from + p->p_memsz;
		}
	}
	return 1; /* the first is the program */
}

__attribute__((constructor)) static void begin(void)
{
	dir = getenv("FAIL_SITES");
	if (dir)
		dl_iterate_phdr(note_program, NULL);
}

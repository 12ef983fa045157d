/* SPDX-License-Identifier: GPL-2.0-only */
/* Scope-bound ownership: _cleanup_(f) frees at scope exit, TAKE_PTR and TAKE_FD give ownership away. */
#pragma once

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(f)   __attribute__((cleanup(f)))
#define _printf_(a, b) __attribute__((format(printf, a, b)))
#define _unused_       __attribute__((unused))
#define ARRAY_SIZE(a)  (sizeof(a) / sizeof((a)[0]))

#define TAKE_PTR(p)                                                                                                    \
	({                                                                                                             \
		__auto_type take_ = (p);                                                                               \
		(p) = NULL;                                                                                            \
		take_;                                                                                                 \
	})
#define TAKE_FD(fd)                                                                                                    \
	({                                                                                                             \
		int take_ = (fd);                                                                                      \
		(fd) = -1;                                                                                             \
		take_;                                                                                                 \
	})

/* Defines FUNCp(), for use as _cleanup_(FUNCp), around a destructor FUNC() that takes NULL. */
#define DEFINE_CLEANUP(type, func)                                                                                     \
	static inline void func##p(type *p)                                                                            \
	{                                                                                                              \
		func(*p);                                                                                              \
	}

static inline void freep(void *p)
{
	free(*(void **)p);
}

static inline void closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void fclosep(FILE **f)
{
	if (*f)
		fclose(*f);
}

static inline void closedirp(DIR **d)
{
	if (*d)
		closedir(*d);
}

#define _cleanup_free_	_cleanup_(freep)
#define _cleanup_close_ _cleanup_(closep)

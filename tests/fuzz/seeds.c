/* SPDX-License-Identifier: GPL-2.0-only */
/* seeds DIR: writes DIR/TARGET/N; the directories are there. */
#include "seeds.h"

#include <stdio.h>
#include <stdlib.h>

static const char *dir;

void seed(const char *target, const void *data, size_t size)
{
	static unsigned n;
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s/seed-%03u", dir, target, n++);
	f = fopen(path, "we");
	if (!f || fwrite(data, 1, size, f) != size || fclose(f) != 0) {
		perror(path);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fputs("usage: seeds DIR\n", stderr);
		return 2;
	}
	dir = argv[1];
	seeds_captures();
	seeds_filters();
	seeds_kernel();
	return 0;
}

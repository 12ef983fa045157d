/* SPDX-License-Identifier: GPL-2.0-only */
#include "sink/trace_info.h"

#include "cli/version.h"

#define COMMAND_BYTES_MAX 4096u

/* The command line as it was typed, without its quotes. Empty if it cannot be read. */
static void read_command(struct buf *ret)
{
	if (buf_read_file("/proc/self/cmdline", ret) < 0)
		return;
	while (ret->len && ret->data[ret->len - 1] == '\0')
		ret->len--;
	if (ret->len > COMMAND_BYTES_MAX) {
		ret->len = COMMAND_BYTES_MAX;
		ret->data[ret->len] = '\0';
	}
	for (size_t i = 0; i < ret->len; i++) {
		if (ret->data[i] == '\0')
			ret->data[i] = ' ';
	}
}

void trace_info_fill(int64_t wall_offset_ns, struct trace_info *ret)
{
	*ret = (struct trace_info){.info = {.wall_offset_ns = wall_offset_ns, .tool = version_tool}};
	if (uname(&ret->kernel) == 0) {
		ret->info.release = ret->kernel.release;
		ret->info.machine = ret->kernel.machine;
	}
	read_command(&ret->command);
	ret->info.command = ret->command.data;
}

void trace_info_clear(struct trace_info *i)
{
	buf_free(&i->command);
}

/* SPDX-License-Identifier: GPL-2.0-only */
#include "record/blocks.h"

void block_info_io(struct io *io, struct record_info *info)
{
	io_i64(io, &info->wall_offset_ns);
	io_text(io, &info->release);
	io_text(io, &info->machine);
	io_text(io, &info->tool);
	io_text(io, &info->command);
}

void block_ledger_io(struct io *io, struct lost_events *l)
{
	io_u64(io, &l->events);
	io_u64(io, &l->lost_ring);
	io_u64(io, &l->lost_recursion);
	io_u64(io, &l->lost_kprobe);
	io_u64(io, &l->lost_map);
	IO_UINT(io, l->provable);
	io_text(io, &l->unprovable_why);
	io_u64(io, &l->selected);
	io_u64(io, &l->attached);
	io_u64(io, &l->failed);
	io_text(io, &l->backend);
	io_u64(io, &l->duration_ns);
	if (io->to || io->from.left) /* since 1.2 */
		io_u64(io, &l->limited);
	if (io->to || io->from.left) /* since 1.3 */
		io_u64(io, &l->unreadable);
}

/* SPDX-License-Identifier: GPL-2.0-only */
#include "live/filter_notes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "filter/never_matches.h"
#include "net/netns.h"
#include "render/out/escape.h"

#define NOTE "skbtrail: "

/* The process that a thread belongs to; 0: there is no such thread. */
static uint32_t process_of(uint32_t pid)
{
	_cleanup_buf_ struct buf text = {0};
	const char *line;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%u/status", pid);
	if (buf_read_file(path, &text) < 0)
		return 0;
	line = strstr(text.data, "\nTgid:");
	return line ? (uint32_t)strtoul(line + strlen("\nTgid:"), NULL, 10) : 0;
}

static void pid_note(uint32_t pid, struct out *o)
{
	uint32_t process;

	if (!netns_pids_are_hosts()) {
		out_str(o, NOTE "--filter-pid=");
		out_u64(o, pid);
		out_str(o, ": counts processes as the machine does, not as this PID namespace (container) does: a "
			   "process of it has another number there\n");
		return;
	}
	process = pid ? process_of(pid) : pid;
	if (process == pid)
		return;
	out_str(o, NOTE "--filter-pid=");
	out_u64(o, pid);
	if (!process) {
		out_str(o, ": there is no such process now\n");
		return;
	}
	out_str(o, ": is a thread of process ");
	out_u64(o, process);
	out_str(o, ", by which its packets are known\n");
}

static void netns_note(uint32_t inode, const char *text, struct out *o)
{
	struct netns_list list;

	if (netns_list_load(&list, NULL) < 0)
		return;
	if (!netns_list_find(&list, inode)) {
		out_str(o, NOTE "--filter-netns=");
		out_escaped(o, text);
		out_str(o, ": no process or name of such a namespace is seen now\n");
	}
	netns_list_free(&list);
}

void filter_notes(const struct event_match *m, struct out *o)
{
	const char *never = event_match_never(m);

	if (never) {
		out_str(o, NOTE "no packet can match these filters: ");
		out_str(o, never);
		out_char(o, '\n');
	}
	if (m->has_pid)
		pid_note(m->pid, o);
	if (m->has_netns)
		netns_note(m->netns, m->netns_text, o);
}

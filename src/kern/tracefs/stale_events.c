/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/tracefs/stale_events.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "kern/tracefs/instance_lock.h"
#include "kern/tracefs/rcu_expedited.h"
#include "kern/tracefs/tracefs.h"

/* definitions: from instance_lock_open(); it holds the locks of the killed instances until it is closed. Returns how
 * many events it found, or removed; or -errno. */
static int clear(int tracefs, int definitions, bool remove)
{
	_cleanup_buf_ struct buf b = {0};
	char last[64] = "";
	int knob = -1, n = 0, r = buf_read_at(tracefs, "kprobe_events", &b);

	if (r < 0)
		return r;
	for (char *line = strtok(b.data, "\n"); line; line = strtok(NULL, "\n")) {
		uint64_t number;
		size_t event;
		char *name = instance_lock_parse_event(line, &number, &event);

		if (!name || strcmp(name, last) == 0)
			continue;
		snprintf(last, sizeof(last), "%s", name);
		if (instance_lock_take(definitions, number) < 0)
			continue;
		if (remove && knob < 0)
			knob = rcu_expedited_begin(tracefs);
		if (!remove || instance_lock_delete_event(definitions, name) == 0)
			n++;
	}
	rcu_expedited_end(knob);
	return n;
}

int stale_events_find(bool remove, struct reason *reason)
{
	_cleanup_close_ int tracefs = tracefs_open(reason);
	_cleanup_close_ int definitions = tracefs < 0 ? tracefs : instance_lock_open(tracefs, reason);

	return definitions < 0 ? definitions : clear(tracefs, definitions, remove);
}

void stale_events_clean_up(void)
{
	(void)rcu_expedited_repair();
	(void)stale_events_find(true, NULL);
}

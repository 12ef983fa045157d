/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/leftovers.h"

#include <string.h>

#include "base/cleanup.h"
#include "kern/expedite.h"
#include "kern/instances.h"
#include "kern/tracefs.h"

/* definitions: of instances_open(); it holds the locks of what is found until it is closed. How many events, or -errno.
 */
static int clear(int tracefs, int definitions, bool remove)
{
	_cleanup_buf_ struct buf b = {0};
	char last[64] = "";
	int knob = -1, n = 0, r = tracefs_read(tracefs, "kprobe_events", &b);

	if (r < 0)
		return r;
	for (char *line = strtok(b.data, "\n"); line; line = strtok(NULL, "\n")) {
		uint64_t number;
		size_t event;
		char *name = instances_parse_event(line, &number, &event);

		if (!name || strcmp(name, last) == 0)
			continue;
		snprintf(last, sizeof(last), "%s", name);
		if (instances_lock(definitions, number) < 0)
			continue;
		if (remove && knob < 0)
			knob = expedite_begin(tracefs);
		if (!remove || instances_delete_event(definitions, name) == 0)
			n++;
	}
	expedite_end(knob);
	return n;
}

int leftovers_look(bool remove, struct reason *reason)
{
	_cleanup_close_ int tracefs = tracefs_open(reason);
	_cleanup_close_ int definitions = tracefs < 0 ? tracefs : instances_open(tracefs, reason);

	return definitions < 0 ? definitions : clear(tracefs, definitions, remove);
}

void leftovers_sweep(void)
{
	(void)expedite_repair();
	(void)leftovers_look(true, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-only */
#include "observe/observation.h"

#include "kern/progs/progs.h"

void observation_clear(struct observation *obs)
{
	evidence_table_free(&obs->evidence);
	captures_clear(&obs->account.captures);
	out_free(&obs->trace);
	recorded_flow_free(obs->recording);
	progs_free(obs->progs);
	endpoint_clear(&obs->src);
	endpoint_clear(&obs->dst);
}

/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>
#include <errno.h>

#include "kern/load/verifier_log.h"

Test(verifier_log, the_verifiers_account)
{
	static const struct {
		const char *log;
		int r;
		uint32_t processed;
	} cases[] = {
		{"verification time 131 usec\nstack depth 64+0\nprocessed 284 insns (limit 1000000) "
		 "max_states_per_insn 1 "
		 "total_states 21 peak_states 21 mark_read 5\n",
		 0, 284},
		{"processed 1000001 insns (limit 1000000) max_states_per_insn 4", 0, 1000001},
		{"insns processed 2076\nprocessed 2077 insns (limit 1000000) max_states_per_insn 4", 0, 2077},
		{"", -EBADMSG, 7},
		{"BPF program is too large. Processed 1000001 insn", -EBADMSG, 7},
		{"processed many insns", -EBADMSG, 7},
		{"processed 12", -EBADMSG, 7},
		{"processed 4294967296 insns", -EBADMSG, 7},
		{"processed 99999999999999999999 insns", -EBADMSG, 7},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint32_t processed = 7;

		cr_expect_eq(verifier_log_parse(cases[i].log, &processed), cases[i].r, "%s", cases[i].log);
		cr_expect_eq(processed, cases[i].processed, "%s", cases[i].log);
	}
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* Rule files: rules that the engine takes, or a line and a column inside the file and a text. */
#include <errno.h>

#include "fuzz.h"
#include "printable.h"
#include "render/check/rules.h"
#include "rules/engine.h"
#include "rules/rules_parse.h"

#define STEPS 24

static void run_engine(const struct rules *rules)
{
	struct tuple tuple = {.family = 4, .src = {10, 0, 0, 133}, .dst = {10, 0, 0, 67}, .has_l4 = true, .l4 = 1};
	struct engine_account account = {.end_ns = 100};
	struct rules_view view = {.file = "fuzz\033.rules"};
	struct rules_result result;
	struct engine *e = NULL;
	struct out o = {0};

	must(engine_new(rules, &(struct engine_opts){.max_packets = 4}, &e) == 0);
	for (uint64_t i = 1; i < STEPS; i++)
		engine_step(e, &(struct step){.ts_ns = i,
					      .pkt = i % 6,
					      .func = i % 2 ? "ip_rcv" : "dev_hard_start_xmit",
					      .ifname = "eth0",
					      .tuple = &tuple,
					      .has_netns = true,
					      .has_dev = true,
					      .netns = i % 3,
					      .ifindex = 2,
					      .dropped = i % 5 == 0});
	must(engine_finish(e, &account, &result) == 0);
	view.result = &result;
	rules_text(&view, &o);
	rules_json(&view, &o);
	must_be_printable(&o);
	out_free(&o);
	rules_result_clear(&result);
	engine_free(e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rules_error error = {0};
	struct rules *rules = NULL;
	unsigned lines = 1;
	int r;

	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	r = rules_parse(data, size, &rules, &error);
	if (r < 0) {
		must(r == -ENOMEM || error.reason.text[0]);
		must(error.line >= 1 && error.line <= lines && error.column >= 1);
		return 0;
	}
	run_engine(rules);
	rules_free(rules);
	return 0;
}

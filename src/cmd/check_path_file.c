/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * check path of a recording. It does not say which functions were armed: only those that it shows are known to have
 * been, so a rule that leans on the silence of another is not judged.
 */
#include <errno.h>
#include <string.h>

#include "cmd/check_path.h"
#include "cmd/record_file.h"
#include "path/death.h"

/* Nothing is given back before the end: a packet may fall silent for long and be the same still. */
#define PACKETS_MAX (256u << 10)
#define FUNCS_CACHE 4096u

struct reading {
	struct path_run *path;
	struct engine *engine; /* NULL until the first event */
	const char **funcs;    /* owned; those lately told to the engine, by address */
	uint8_t *ended;	       /* owned; a bit for each packet of which an skb was freed */
	size_t n_ended;	       /* bytes */
	struct engine_account account;
	struct event_match match;
	unsigned n_recordings, n_ledgers;
};

static void reading_clear(struct reading *t)
{
	engine_free(t->engine);
	free(t->funcs);
	free(t->ended);
}

static int on_info(void *ctx, const struct record_info *info _unused_)
{
	struct reading *t = ctx;

	t->n_recordings++;
	return 0;
}

static int on_ledger(void *ctx, const struct ledger *l)
{
	struct reading *t = ctx;

	t->n_ledgers++;
	t->account.ledger = *l;
	return 0;
}

static int start_engine(struct reading *t, uint64_t first_ns)
{
	struct engine_opts opts = {
		.host_netns = t->path->host_netns,
		.armed_ns = first_ns,
		.max_packets = PACKETS_MAX,
		.enough_packets = UINT64_MAX,
	};
	int r = engine_new(t->path->rules, &opts, &t->engine);

	if (r >= 0)
		engine_func(t->engine, "kfree_skb", true); /* the tracepoint */
	return r;
}

/* Names of one function have one address in a recording, for the most part. */
static void tell_func(struct reading *t, const char *func)
{
	size_t at = ((uintptr_t)func * 0x9e3779b97f4a7c15ull >> 32) & (FUNCS_CACHE - 1); /* Fibonacci hashing */

	if (!func || t->funcs[at] == func)
		return;
	t->funcs[at] = func;
	engine_func(t->engine, func, true);
}

static int note_end(struct reading *t, uint64_t pkt)
{
	size_t byte = pkt / 8;

	if (byte >= t->n_ended) {
		size_t n = byte < 512 ? 1024 : byte * 2;
		uint8_t *ended = realloc(t->ended, n);

		if (!ended)
			return -ENOMEM;
		memset(ended + t->n_ended, 0, n - t->n_ended);
		t->ended = ended;
		t->n_ended = n;
	}
	t->ended[byte] |= 1u << pkt % 8;
	return 0;
}

static bool has_ended(const void *ctx, uint64_t pkt)
{
	const struct reading *t = ctx;

	return pkt / 8 < t->n_ended && t->ended[pkt / 8] & 1u << pkt % 8;
}

static int on_event(void *ctx, const struct event *ev)
{
	struct reading *t = ctx;
	struct step step;
	int r = 0;

	if (!t->engine)
		r = start_engine(t, ev->ts_ns);
	if (r >= 0 && ev->pkt && event_death(ev).certain)
		r = note_end(t, ev->pkt);
	if (r < 0)
		return r;
	tell_func(t, ev->func);
	t->account.end_ns = ev->ts_ns > t->account.end_ns ? ev->ts_ns : t->account.end_ns;
	r = event_matches(&t->match, ev);
	if (r <= 0)
		return r;
	step_of_event(ev, NULL, &step);
	engine_step(t->engine, &step);
	return 0;
}

static int refuse_pods(const struct path_run *path, struct reason *reason)
{
	for (size_t i = 0; i < path->rules->n_rules; i++) {
		const struct rule *r = &path->rules->rules[i];

		if (r->step.place.pod)
			return reason_set(reason, -EINVAL, "%s:%u: a recording does not name pods; name the namespace",
					  path->o->rules, r->line);
	}
	return 0;
}

/* One that was cut off is judged by what is there. */
static int load(struct reading *t, struct record_reader *reader, struct reason *reason)
{
	const char *path = t->path->o->read;
	struct reason why = {0};
	int r = pattern_why(record_file_read(reader, path, &why), &why);

	if (r < 0 && r != -ENODATA)
		return reason_set(reason, r, "--read=%s: %s", path, why.text[0] ? why.text : strerror(-r));
	if (t->n_recordings > 1)
		return reason_set(reason, -EINVAL, "--read=%s: holds %u recordings in a row; a check judges one", path,
				  t->n_recordings);
	if (!t->n_ledgers)
		t->account.ledger.unprovable_why = "the recording ends before its ledger";
	return t->engine ? 0 : start_engine(t, 0);
}

int path_observe_file(struct path_run *path, struct rules_result *ret, struct record_reader **ret_reader,
		      struct reason *reason)
{
	_cleanup_(reading_clear) struct reading t = {.path = path, .account = {.ended = has_ended, .ctx = &t}};
	_cleanup_(record_reader_freep) struct record_reader *reader = NULL;
	struct record_sink sink = {.info = on_info, .event = on_event, .ledger = on_ledger, .ctx = &t};
	int r = refuse_pods(path, reason);

	if (r < 0)
		return r;
	path_match(&path->o->trace, &t.match);
	t.funcs = calloc(FUNCS_CACHE, sizeof(*t.funcs));
	if (!t.funcs)
		return -ENOMEM;
	r = record_reader_new(&sink, &reader);
	if (r >= 0)
		r = load(&t, reader, reason);
	if (r >= 0)
		r = engine_finish(t.engine, &t.account, ret);
	if (r >= 0)
		*ret_reader = TAKE_PTR(reader);
	return r;
}

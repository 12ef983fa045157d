/* SPDX-License-Identifier: GPL-2.0-only */
#include "observe/rules_run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/signals.h"
#include "cli/confine.h"

#define POLL_MS	  100
#define SETTLE_NS 500000000ull /* for packets still under way when the command has ended */

int packet_set_add(struct packet_set *s, uint64_t pkt)
{
	size_t byte = pkt / 8;

	if (byte >= s->n_bytes) {
		size_t n = byte < 512 ? 1024 : byte * 2;
		uint8_t *bits = realloc(s->bits, n);

		if (!bits)
			return -ENOMEM;
		memset(bits + s->n_bytes, 0, n - s->n_bytes);
		s->bits = bits;
		s->n_bytes = n;
	}
	s->bits[byte] |= 1u << pkt % 8;
	return 0;
}

bool packet_set_has(const struct packet_set *s, uint64_t pkt)
{
	return pkt / 8 < s->n_bytes && s->bits[pkt / 8] & 1u << pkt % 8;
}

void packet_set_free(struct packet_set *s)
{
	free(s->bits);
	*s = (struct packet_set){0};
}

static bool filters_by_port(const struct rules_run *path)
{
	const struct event_match *m = &path->o->trace.match;

	return m->sport.n || m->dport.n || m->port.n;
}

bool rules_run_asks_for_ports(const struct rules_run *path)
{
	for (size_t i = 0; i < path->rules->n_scopes; i++) {
		if (packet_match_has_ports(&path->rules->scopes[i].match))
			return true;
	}
	return filters_by_port(path);
}

int portless_note(struct portless *p, const struct rules_run *path, const struct event *ev)
{
	if (!p->asked || !ev->pkt)
		return 0;
	if (ev->tuple.has_ports)
		return packet_set_add(&p->with, ev->pkt);
	if (!rules_ask_for_ports_of(path->rules, &ev->tuple, filters_by_port(path)))
		return 0;
	return portless_add(p, ev->pkt);
}

int portless_add(struct portless *p, uint64_t pkt)
{
	p->last = pkt > p->last ? pkt : p->last;
	return packet_set_add(&p->without, pkt);
}

uint64_t portless_count(const struct portless *p)
{
	uint64_t n = 0;

	for (uint64_t pkt = 1; pkt <= p->last; pkt++)
		n += packet_set_has(&p->without, pkt) && !packet_set_has(&p->with, pkt);
	return n;
}

void portless_clear(struct portless *p)
{
	packet_set_free(&p->with);
	packet_set_free(&p->without);
}

int rules_run_confine(const struct rules_run *path, struct reason *reason)
{
	return confine(&(struct guard_needs){.opens_files = path->o->junit != NULL}, reason);
}

int rules_run_watch(const struct rules_run *path, struct engine *engine, int (*poll)(void *ctx, int timeout_ms),
		    void *ctx)
{
	uint64_t deadline_ns = clock_monotonic_ns() + path->o->timeout_ns;
	struct child *command = path->o->command; /* NULL: it has ended */
	int status, r = command ? child_start(command) : 0;

	while (r >= 0 && !signals_stop_asked() && (command || !engine_done(engine))) {
		uint64_t now_ns = clock_monotonic_ns();

		if (now_ns >= deadline_ns)
			break;
		r = poll(ctx, POLL_MS);
		if (r == -EINTR)
			r = 0;
		engine_tick(engine, now_ns);
		if (command && child_has_ended(command, &status)) {
			command = NULL;
			deadline_ns = now_ns + SETTLE_NS;
		}
	}
	return r < 0 ? r : 0;
}

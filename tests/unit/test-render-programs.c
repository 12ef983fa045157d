/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>
#include <string.h>

#include "base/cleanup.h"
#include "render/list/programs.h"

#define PEER  (1u << ST_HELPER_REDIRECT_PEER)
#define PLAIN (1u << ST_HELPER_REDIRECT)

static const struct endpoint_program attached = {
	.attach = (char *)"clsact/ingress", .name = (char *)"from_pod_tail", .id = 12};

static const struct direction_result peer_seen = {.has_helper = true, .helper = ST_HELPER_REDIRECT_PEER};
static const struct direction_result nothing_seen = {0};

static void assert_out(struct out *o, const char *expected)
{
	out_char(o, '\0');
	cr_assert_str_eq(o->buf.data, expected);
	out_clear(o);
}

static void add(struct program_walk *w, uint32_t id, const char *name, size_t caller, bool known, uint32_t helpers)
{
	cr_assert_eq(program_walk_add(w, id, name ? strdup(name) : NULL, caller), 0);
	w->v[w->n - 1].known = known;
	w->v[w->n - 1].helpers = helpers;
}

static void assert_static(const struct program_walk *w, const struct direction_result *l, const char *expected)
{
	_cleanup_out_ struct out o = {0};

	program_static_text(&(struct direction_program){.helper = {&attached, 1, "lxc1"}, .walk = w}, l, &o);
	assert_out(&o, expected);
}

Test(render_programs, who_did_it)
{
	_cleanup_out_ struct out o = {0};
	struct endpoint_program nameless = attached;

	program_text(&(struct program_choice){&attached, 1, "lxc1"}, "by", &o);
	assert_out(&o, ", by from_pod_tail (id 12, clsact/ingress on lxc1)");
	program_text(&(struct program_choice){&attached, 1, "a\033b"}, "with", &o);
	assert_out(&o, ", with from_pod_tail (id 12, clsact/ingress on a\\x1bb)");
	nameless.name = NULL;
	program_text(&(struct program_choice){&nameless, 1, "lxc1"}, "by", &o);
	assert_out(&o, ", by a program without a name (id 12, clsact/ingress on lxc1)");
	program_text(&(struct program_choice){NULL, 0, "lxc1"}, "by", &o);
	assert_out(&o, "");
	program_text(&(struct program_choice){0}, "by", &o);
	assert_out(&o, "");
}

/* Of several candidates none is named. */
Test(render_programs, one_of_several)
{
	_cleanup_out_ struct out o = {0};

	program_text(&(struct program_choice){NULL, 3, "lxc1"}, "by", &o);
	assert_out(&o, ", by one of 3 programs and filters on lxc1");
	program_text(&(struct program_choice){NULL, 1, "lxc1"}, "by", &o);
	assert_out(&o, ", by a tc filter on lxc1");
}

Test(render_programs, several_that_call_the_helper_are_counted)
{
	_cleanup_(program_walk_free) struct program_walk w = {0};

	add(&w, 12, "from_pod", PROGRAM_ATTACHED, true, 0);
	add(&w, 13, "policy_a", 0, true, PEER);
	add(&w, 14, "policy_b", 0, true, PEER | PLAIN);
	assert_static(&w, &peer_seen, "static:   2 programs reachable from from_pod (id 12) call bpf_redirect_peer\n");
	assert_static(&w, &nothing_seen,
		      "static:   2 programs reachable from from_pod (id 12) call a redirect helper\n");
	w.v[1].known = false;
	assert_static(&w, &peer_seen,
		      "static:   at least 1 program reachable from from_pod (id 12) calls bpf_redirect_peer, but not "
		      "all could be read\n");
}

Test(render_programs, the_chain_to_the_helper_that_was_seen)
{
	_cleanup_(program_walk_free) struct program_walk w = {0};

	add(&w, 12, "from_pod_tail", PROGRAM_ATTACHED, true, PLAIN);
	assert_static(&w, &nothing_seen, "static:   from_pod_tail (id 12) calls bpf_redirect\n");
	add(&w, 13, "a\033 b", 0, true, 0);
	add(&w, 14, "tail_deliver", 1, true, PEER | PLAIN);
	assert_static(
		&w, &peer_seen,
		"static:   from_pod_tail (id 12) -> tail call a\\x1b\\x20b (id 13) -> tail call tail_deliver (id 14) "
		"calls bpf_redirect and bpf_redirect_peer\n");
	assert_static(&w, &nothing_seen,
		      "static:   2 programs reachable from from_pod_tail (id 12) call a redirect helper\n");
}

/* "None" is said of code that was read, and of nothing else. */
Test(render_programs, nothing_found_is_not_nothing_known)
{
	_cleanup_(program_walk_free) struct program_walk w = {0};

	assert_static(&w, &nothing_seen, "");
	add(&w, 12, "p", PROGRAM_ATTACHED, false, 0);
	assert_static(&w, &peer_seen,
		      "static:   p (id 12): unknown, the kernel hides its code (kernel.kptr_restrict)\n");
	w.v[0].known = true;
	assert_static(&w, &peer_seen, "static:   p (id 12): no bpf_redirect_peer found\n");
	add(&w, 13, "q", 0, true, 0);
	assert_static(&w, &peer_seen, "static:   p (id 12) and the 1 it may tail-call: no bpf_redirect_peer found\n");
	w.cut = true;
	assert_static(&w, &peer_seen,
		      "static:   p (id 12) and the 1 it may tail-call: no bpf_redirect_peer found, but "
		      "not all could be read\n");
	w.cut = false;
	w.v[1].known = false;
	w.v[1].helpers = PEER; /* not valid */
	assert_static(&w, &peer_seen,
		      "static:   p (id 12) and the 1 it may tail-call: no bpf_redirect_peer found, but "
		      "not all could be read\n");
}

Test(render_programs, json)
{
	_cleanup_(program_walk_free) struct program_walk w = {0};
	_cleanup_out_ struct out o = {0};
	struct json j = json_init(&o);

	json_object(&j);
	program_json_fields(NULL, &peer_seen, &j);
	json_object_end(&j);
	assert_out(&o, "{\"program\":null,\"static\":[],\"candidates\":null}");
	add(&w, 12, "from_pod_tail", PROGRAM_ATTACHED, true, 0);
	add(&w, 13, NULL, 0, false, 0);
	add(&w, 14, "c", 0, true, PEER | PLAIN);
	j = json_init(&o);
	json_object(&j);
	program_json_fields(&(struct direction_program){.helper = {&attached, 1, "lxc1"}, .walk = &w}, &peer_seen, &j);
	json_object_end(&j);
	assert_out(&o, "{\"program\":{\"attach\":\"clsact/ingress\",\"name\":\"from_pod_tail\",\"id\":12},\"static\":["
		       "{\"name\":\"from_pod_tail\",\"id\":12,\"via\":\"attached\",\"helpers\":[]},"
		       "{\"name\":null,\"id\":13,\"via\":\"tail call\",\"helpers\":null},"
		       "{\"name\":\"c\",\"id\":14,\"via\":\"tail call\",\"helpers\":[\"bpf_redirect\","
		       "\"bpf_redirect_peer\"]}],\"candidates\":{\"programs\":1,\"complete\":false,\"only\":null}}");
}

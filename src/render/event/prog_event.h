/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events of BPF programs. The column FUNC shows:
 *
 *	from_pod_peer#45 (tc entry)			the program, its id
 *	bpf_redirect_peer (to lxc2:22, by from_pod_peer#45)
 *	from_pod_peer#45 (tc exit: TC_ACT_REDIRECT)
 *	parse#45 (tc function exit: 3)			a function of the program; a verdict without a name is a number
 */
#pragma once

#include "event/event.h"
#include "render/out/json.h"

void prog_event_text(struct out *o, const struct event *ev);	   /* the text of FUNC; only if ev->prog.id */
void prog_event_json(struct json *j, const struct event *ev);	   /* the value of "program" */
void prog_event_call_json(struct json *j, const struct event *ev); /* the value of "call" */

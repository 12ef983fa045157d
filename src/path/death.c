/* SPDX-License-Identifier: GPL-2.0-only */
#include "path/death.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/symbol.h"

struct death_row {
	const char *func;
	struct death death;
};

/* Sorted by name, for bsearch(). */
static const struct death_row rows[] = {
	{"__kfree_skb", {DEATH_BEGIN, true}},
	{"__kfree_skb_defer", {DEATH_BEGIN, true}},
	{"__napi_kfree_skb", {DEATH_BEGIN, true}},
	{"__sock_wfree", {DEATH_DESTRUCTOR}},
	{"kfree_skb_partial", {DEATH_DECIDED, true}},
	{"kfree_skbmem", {DEATH_FINAL, true}},
	{"msg_zerocopy_callback", {DEATH_DATA}},
	{"msg_zerocopy_ubuf_complete", {DEATH_DATA}},
	{"napi_reuse_skb", {DEATH_FINAL, true}}, /* GRO uses the sk_buff for the next packet */
	{"napi_skb_cache_put", {DEATH_FINAL, true}},
	{"napi_skb_free_stolen_head", {DEATH_BEGIN, true}},
	{"skb_free_head", {DEATH_HEAD}},
	{"skb_pp_recycle", {DEATH_HEAD}},
	{"skb_release_all", {DEATH_RELEASE, true}},
	{"skb_release_data", {DEATH_DATA}},
	{"skb_release_head_state", {DEATH_HEAD_STATE, true}},
	{"sock_edemux", {DEATH_DESTRUCTOR}},
	{"sock_efree", {DEATH_DESTRUCTOR}},
	{"sock_ofree", {DEATH_DESTRUCTOR}},
	{"sock_pfree", {DEATH_DESTRUCTOR}},
	{"sock_rfree", {DEATH_DESTRUCTOR}},
	{"sock_wfree", {DEATH_DESTRUCTOR}},
	{"sock_zerocopy_callback", {DEATH_DATA}}, /* 5.10 */
	{"tcp_wfree", {DEATH_DESTRUCTOR}},
	{"tpacket_destruct_skb", {DEATH_DESTRUCTOR}},
	{"unix_destruct_scm", {DEATH_DESTRUCTOR}},
};

static int row_compare(const void *key, const void *row)
{
	return symbol_compare(key, ((const struct death_row *)row)->func);
}

struct death event_death(const struct event *ev)
{
	const struct death_row *row;

	if (ev->source == ST_SRC_KFREE)
		return (struct death){DEATH_DECIDED, true};
	if (!ev->func)
		return (struct death){DEATH_NONE};
	row = bsearch(ev->func, rows, ARRAY_SIZE(rows), sizeof(rows[0]), row_compare);
	return row ? row->death : (struct death){DEATH_NONE};
}

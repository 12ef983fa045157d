/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/list/endpoints.h"

#include "base/cleanup.h"
#include "render/out/escape.h"
#include "render/out/json.h"

static void put_netns(struct out *o, const char *name, bool known, uint32_t inode)
{
	if (name || !known)
		out_word_or_dash(o, name);
	else
		out_u64(o, inode);
}

static bool has_host(const struct endpoint *e)
{
	return e->peer == NET_PEER_FOUND;
}

static void put_addr(const struct endpoint *e, struct out *o)
{
	char text[NET_IP_TEXT_MAX];

	net_ip_text(&e->ip, text);
	out_str(o, text);
}

static void put_pod(const struct endpoint *e, struct out *o)
{
	out_word_or_dash(o, e->pod);
}

static void put_own_netns(const struct endpoint *e, struct out *o)
{
	put_netns(o, e->netns_name, true, e->netns);
}

static void put_ifname(const struct endpoint *e, struct out *o)
{
	out_word_or_dash(o, e->ifname);
}

static void put_ifindex(const struct endpoint *e, struct out *o)
{
	out_u64(o, e->ifindex);
}

static void put_host_ifname(const struct endpoint *e, struct out *o)
{
	out_word_or_dash(o, has_host(e) ? e->host_ifname : NULL);
}

static void put_host_ifindex(const struct endpoint *e, struct out *o)
{
	if (has_host(e))
		out_u64(o, e->host_ifindex);
	else
		out_char(o, '-');
}

static void put_host_netns(const struct endpoint *e, struct out *o)
{
	put_netns(o, e->host_netns_name, has_host(e), e->host_netns);
}

static void put_programs(const struct endpoint *e, struct out *o)
{
	if (!e->n_programs)
		out_char(o, '-');
	for (size_t i = 0; i < e->n_programs; i++) {
		const struct endpoint_program *p = &e->programs[i];

		if (i > 0)
			out_char(o, ',');
		out_word_or_dash(o, p->attach);
		out_char(o, ':');
		out_word_or_dash(o, p->name);
		out_char(o, '#');
		out_u64(o, p->id);
	}
}

static const struct column {
	const char *title;
	void (*put)(const struct endpoint *e, struct out *o);
} columns[] = {
	{"ADDR", put_addr},
	{"POD", put_pod},
	{"NETNS", put_own_netns},
	{"IFACE", put_ifname},
	{"IFINDEX", put_ifindex},
	{"HOST-IFACE", put_host_ifname},
	{"HOST-IFINDEX", put_host_ifindex},
	{"HOST-NETNS", put_host_netns},
	{"PROGRAMS", put_programs}, /* last, as it may be left out */
};

static void measure(const struct endpoint_list *list, size_t n_columns, size_t *ret_widths)
{
	_cleanup_out_ struct out cell = {0};

	for (size_t c = 0; c < n_columns; c++) {
		ret_widths[c] = strlen(columns[c].title);
		for (size_t i = 0; i < list->n; i++) {
			size_t width;

			out_clear(&cell);
			columns[c].put(&list->v[i], &cell);
			width = out_columns(cell.buf.data, cell.buf.len);
			if (width > ret_widths[c])
				ret_widths[c] = width;
		}
	}
}

/* e NULL: the header. */
static void put_line(const struct endpoint *e, size_t n_columns, const size_t *widths, struct out *o)
{
	for (size_t c = 0; c < n_columns; c++) {
		size_t start = o->buf.len;

		if (e)
			columns[c].put(e, o);
		else
			out_str(o, columns[c].title);
		if (c + 1 < n_columns) {
			out_pad(o, start, widths[c]);
			out_char(o, ' ');
		}
	}
	out_char(o, '\n');
}

void endpoints_text(const struct endpoint_list *list, struct out *o)
{
	size_t n_columns = ARRAY_SIZE(columns) - 1, widths[ARRAY_SIZE(columns)];

	for (size_t i = 0; i < list->n; i++)
		if (list->v[i].n_programs)
			n_columns = ARRAY_SIZE(columns);
	measure(list, n_columns, widths);
	put_line(NULL, n_columns, widths, o);
	for (size_t i = 0; i < list->n; i++)
		put_line(&list->v[i], n_columns, widths, o);
}

static void json_programs(const struct endpoint *e, struct json *j)
{
	json_field_array(j, "programs");
	for (size_t i = 0; i < e->n_programs; i++) {
		json_object(j);
		json_field_str(j, "attach", e->programs[i].attach);
		json_field_str(j, "name", e->programs[i].name);
		json_field_u64(j, "id", e->programs[i].id);
		json_object_end(j);
	}
	json_array_end(j);
}

void endpoint_json_object(const struct endpoint *e, struct json *j)
{
	char addr[NET_IP_TEXT_MAX];

	net_ip_text(&e->ip, addr);
	json_object(j);
	json_field_str(j, "type", "endpoint");
	json_field_str(j, "addr", addr);
	json_field_str(j, "pod", e->pod);
	json_field_opt_u64(j, "netns", e->netns, e->netns);
	json_field_str(j, "netns_name", e->netns_name);
	json_field_str(j, "ifname", e->ifname[0] ? e->ifname : NULL);
	json_field_opt_u64(j, "ifindex", e->ifindex, e->ifindex);
	json_field_str(j, "host_ifname", has_host(e) ? e->host_ifname : NULL);
	json_field_opt_u64(j, "host_ifindex", has_host(e), e->host_ifindex);
	json_field_opt_u64(j, "host_netns", has_host(e), e->host_netns);
	json_programs(e, j);
	json_object_end(j);
}

void endpoint_json(const struct endpoint *e, struct out *o)
{
	struct json j = json_init(o);

	endpoint_json_object(e, &j);
	json_line_end(&j);
}

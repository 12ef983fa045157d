/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/path/page.h"

#include "event/tuple.h"
#include "render/event/lost_events.h"
#include "render/out/escape.h"
#include "render/out/xml.h"
#include "render/path/path_text.h"

/* The policy keeps a browser from fetching anything, even if a hostile recording found a way to insert a link. */
static const char page_head[] =
	"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
	"base-uri 'none'; form-action 'none'\">\n"
	"<meta name=\"viewport\" content=\"width=device-width\">\n<meta name=\"color-scheme\" content=\"light dark\">\n"
	"<meta name=\"referrer\" content=\"no-referrer\">\n<title>skbtrail: packets through the "
	"kernel</title>\n<style>\n";

static const char page_css[] =
	":root{color-scheme:light dark}"
	"body{margin:0 auto;max-width:1400px;padding:1.5rem;background:#fff;color:#1c2733;"
	"font:15px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}"
	"code,td,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans "
	"Mono',monospace;font-size:13px}"
	"h1{font-size:1.5rem;margin:0 0 .5rem}h2{font-size:1.05rem;margin:0 0 .75rem;overflow-wrap:anywhere}"
	"a{color:#0b5cad}a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:3px solid #0b5cad;"
	"outline-offset:2px}"
	".skip{position:absolute;left:-100vw}.skip:focus{position:static}"
	"dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:0 0 1.5rem}"
	"dt{color:#5b6875}dd{margin:0;white-space:pre-line;overflow-wrap:anywhere}"
	"table{border-collapse:collapse;margin-bottom:1.5rem}th,td{text-align:left;padding:.15rem 1.25rem .15rem "
	"0;vertical-align:top;"
	"border-bottom:1px solid #e3e8ed}th{color:#5b6875;font-weight:600;font-size:13px}.num{text-align:right;"
	"white-space:nowrap}"
	"article{border-top:1px solid #d5dce3;padding:1.5rem 0}.scroll{overflow-x:auto}"
	"svg{display:block;max-width:none}"
	".end{white-space:pre-line;overflow-wrap:anywhere;margin:.75rem 0;padding-left:.75rem;border-left:4px solid "
	"#b7c2cd}"
	".end.delivered,.end.consumed,.end.freed{border-color:#1a7f37}.end.dropped{border-color:#cf222e;color:#b3141f}"
	".dropped-cell{color:#b3141f;font-weight:600}summary{cursor:pointer}"
	"@media(prefers-color-scheme:dark){body{background:#0c1116;color:#e3e9ef}a{color:#6cb2ff}"
	"a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline-color:#6cb2ff}"
	"dt,th{color:#98a6b3}th,td{border-color:#222c36}article{border-color:#2c3742}"
	".end.dropped{border-color:#f85149;color:#ff8f88}.dropped-cell{color:#ff8f88}}"
	"@media print{.skip{display:none}article{break-inside:avoid}}";

static void number_attr(struct out *o, const char *before, uint64_t n, const char *after)
{
	out_str(o, before);
	out_u64(o, n);
	out_str(o, after);
}

static void duration(struct out *o, uint64_t ns)
{
	path_duration(ns, true, o);
}

/* id: that of the packet's section. Packets of two recordings may have the same number. */
static void index_row(const struct packet *p, uint64_t id, struct out *o)
{
	char tuple[TUPLE_TEXT_SIZE];
	_cleanup_out_ struct out comm = {0};

	out_word_or_dash(&comm, p->comm);
	number_attr(o, "<tr><td class=\"num\"><a href=\"#p", id, "\">");
	number_attr(o, "", p->pkt, "</a></td><td>");
	out_xml(o, tuple, tuple_format(&p->tuple, p->proto, tuple));
	number_attr(o, "</td><td class=\"num\">", p->len_bytes, "</td><td>");
	out_xml_of(o, &comm);
	out_str(o, p->end == PACKET_DROPPED ? "</td><td class=\"dropped-cell\">" : "</td><td>");
	out_str(o, packet_end_name(p->end));
	out_str(o, "</td><td class=\"num\">");
	duration(o, p->total_ns);
	out_str(o, "</td></tr>\n");
}

static void step_row(const struct packet *p, const struct path_step *s, struct out *o)
{
	_cleanup_out_ struct out t = {0};
	uint64_t first_ns = p->steps[0].ts_ns;

	out_str(o, "<tr><td class=\"num\">+");
	duration(o, s->ts_ns > first_ns ? s->ts_ns - first_ns : 0);
	out_str(o, "</td><td>");
	path_device_text(&p->devices[s->device], &t);
	out_xml_of(o, &t);
	out_str(o, "</td><td>");
	out_str(o, stage_name((enum stage)s->stage));
	out_str(o, "</td><td>");
	out_clear(&t);
	out_func(&t, s->func, s->addr);
	if (s->copy)
		number_attr(&t, " [copy ", s->copy, "]");
	out_xml_of(o, &t);
	out_str(o, "</td></tr>\n");
}

static void steps(const struct packet *p, struct out *o)
{
	number_attr(o, "<details><summary>", p->n_steps, p->n_steps == 1 ? " function" : " functions");
	out_str(o, "</summary>\n<table><thead><tr><th scope=\"col\" class=\"num\">time</th><th scope=\"col\">place</th>"
		   "<th scope=\"col\">stage</th><th scope=\"col\">function</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < p->n_steps; i++)
		step_row(p, &p->steps[i], o);
	out_str(o, "</tbody></table></details>\n");
}

static void drawing(struct page *g, const struct packet *p)
{
	_cleanup_out_ struct out svg = {0};
	struct picture_size size;
	struct out *o = &g->body;

	picture_packet(&g->lanes, p, &svg, &size);
	number_attr(o, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"drawing of packet ", p->pkt,
		    "\">");
	number_attr(o, "<svg role=\"img\" aria-labelledby=\"t", g->shown, "\"");
	number_attr(o, " aria-describedby=\"e", g->shown, "\"");
	number_attr(o, " width=\"", size.width, "\"");
	number_attr(o, " height=\"", size.height, "\"");
	number_attr(o, " viewBox=\"0 0 ", size.width, " ");
	number_attr(o, "", size.height, "\">\n");
	out_append(o, &svg);
	out_str(o, "</svg></div>\n");
}

void page_packet(struct page *g, const struct packet *p)
{
	struct out *o = &g->body;

	if (g->shown == PAGE_PACKETS_MAX) {
		g->left_out++;
		return;
	}
	g->shown++;
	index_row(p, g->shown, &g->index);
	number_attr(o, "<article id=\"p", g->shown, "\">");
	number_attr(o, "<h2 id=\"t", g->shown, "\">");
	picture_title(p, o);
	out_str(o, "</h2>\n");
	drawing(g, p);
	number_attr(o, "<p id=\"e", g->shown, "\" class=\"mono end ");
	out_str(o, packet_end_name(p->end));
	out_str(o, "\">");
	picture_end(p, o);
	if (p->has_wait)
		out_char(o, '\n');
	picture_wait(p, o);
	out_str(o, "</p>\n");
	steps(p, o);
	out_str(o, "</article>\n");
}

static void fact(struct out *o, const char *name, const char *value)
{
	_cleanup_out_ struct out t = {0};

	out_escaped(&t, value ? value : "unknown");
	out_str(o, "<dt>");
	out_str(o, name);
	out_str(o, "</dt><dd>");
	out_xml_of(o, &t);
	out_str(o, "</dd>\n");
}

static void facts(const struct record_info *info, const struct lost_events *l, struct out *o)
{
	_cleanup_out_ struct out t = {0};

	out_str(o, "<dl>\n");
	fact(o, "kernel", info ? info->release : NULL);
	fact(o, "machine", info ? info->machine : NULL);
	fact(o, "traced by", info ? info->tool : NULL);
	fact(o, "command", info ? info->command : NULL);
	out_str(o, "<dt>ledger</dt><dd>");
	if (l)
		lost_events_text(l, &t);
	else
		out_str(&t, "what was lost is not known: the trace's end is missing");
	out_xml_of(o, &t);
	out_str(o, "</dd>\n</dl>\n");
}

void page_finish(const struct page *g, const struct record_info *info, const struct lost_events *l, struct out *o)
{
	out_str(o, page_head);
	out_str(o, page_css);
	out_str(o, picture_css);
	out_str(o, "\n</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#first\">Skip to the packets</a>\n<main>\n"
		   "<h1>Packets through the kernel</h1>\n");
	facts(info, l, o);
	if (g->shown)
		out_str(o,
			"<table><thead><tr><th scope=\"col\" class=\"num\">packet</th><th scope=\"col\">addresses</th>"
			"<th scope=\"col\" class=\"num\">bytes</th><th scope=\"col\">sent by</th>"
			"<th scope=\"col\">end</th><th scope=\"col\" class=\"num\">after</th></tr></thead><tbody>\n");
	else
		out_str(o, "<p>No packets.</p>\n");
	out_append(o, &g->index);
	if (g->shown)
		out_str(o, "</tbody></table>\n");
	if (g->left_out)
		number_attr(o, "<p>", g->left_out, " more packets are not shown.</p>\n");
	out_str(o, "<div id=\"first\" tabindex=\"-1\">\n");
	out_append(o, &g->body);
	out_str(o, "</div>\n</main>\n</body>\n</html>\n");
}

void page_free(struct page *g)
{
	out_free(&g->index);
	out_free(&g->body);
	*g = (struct page){0};
}

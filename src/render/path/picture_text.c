/* SPDX-License-Identifier: GPL-2.0-only */
/* The text beside a picture. */
#include "render/out/escape.h"
#include "render/out/xml.h"
#include "render/path/path_text.h"
#include "render/path/picture.h"

static void trimmed(struct out *text, struct out *o)
{
	const char *s = text->buf.data;
	size_t len = text->buf.len;

	for (; len && (s[len - 1] == '\n' || s[len - 1] == ' '); len--)
		;
	for (; len && *s == ' '; len--)
		s++;
	out_xml(o, s, len);
	o->failed |= text->failed;
}

void picture_title(const struct packet *p, struct out *o)
{
	_cleanup_out_ struct out t = {0};
	struct path_format f = {.utf8 = true};

	path_header(&f, p, &t);
	trimmed(&t, o);
}

void picture_end(const struct packet *p, struct out *o)
{
	_cleanup_out_ struct out t = {0};
	struct path_format f = {.utf8 = true};

	path_end(&f, p, &t);
	trimmed(&t, o);
}

void picture_wait(const struct packet *p, struct out *o)
{
	_cleanup_out_ struct out t = {0};
	const struct path_step *s = &p->steps[p->wait_to];

	if (!p->has_wait)
		return;
	out_str(&t, "longest wait: ");
	path_duration(p->wait_ns, true, &t);
	out_str(&t, " before ");
	out_func(&t, s->func, s->addr);
	out_xml_of(o, &t);
}

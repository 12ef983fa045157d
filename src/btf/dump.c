/* SPDX-License-Identifier: GPL-2.0-only */
#include "btf/dump.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "base/buf.h"

static const char *const names[DUMP_TYPE_MAX] = {[DUMP_SKB] = "sk_buff", [DUMP_SHINFO] = "skb_shared_info"};

struct dump {
	struct btf *btf;
	struct btf_dump *dump;
	int ids[DUMP_TYPE_MAX];
	struct buf texts[DUMP_TYPE_MAX];
	struct buf *text; /* of texts: the one that print() appends to */
	int err;	  /* of print(), which cannot return it */
};

static void print(void *ctx, const char *fmt, va_list args)
{
	struct dump *d = ctx;
	_cleanup_free_ char *s = NULL;
	int n = vasprintf(&s, fmt, args), r;

	if (n < 0) {
		s = NULL;
		d->err = -ENOMEM;
		return;
	}
	r = buf_append(d->text, s, (size_t)n);
	if (r < 0)
		d->err = r;
}

int dump_new(struct dump **ret, struct reason *reason)
{
	_cleanup_(dump_freep) struct dump *d = calloc(1, sizeof(*d));

	if (!d)
		return -ENOMEM;
	d->btf = btf__load_vmlinux_btf();
	if (!d->btf)
		return reason_set(reason, -errno, "the kernel's BTF cannot be read: structures cannot be shown");
	for (size_t i = 0; i < DUMP_TYPE_MAX; i++) {
		d->ids[i] = btf__find_by_name_kind(d->btf, names[i], BTF_KIND_STRUCT);
		if (d->ids[i] < 0)
			return reason_set(reason, d->ids[i], "struct %s is not in the kernel's BTF", names[i]);
	}
	d->dump = btf_dump__new(d->btf, print, d, NULL);
	if (!d->dump)
		return -errno;
	*ret = TAKE_PTR(d);
	return 0;
}

void dump_free(struct dump *d)
{
	if (!d)
		return;
	btf_dump__free(d->dump);
	btf__free(d->btf);
	for (size_t i = 0; i < DUMP_TYPE_MAX; i++)
		buf_free(&d->texts[i]);
	free(d);
}

size_t dump_bytes(const struct dump *d, enum dump_type type)
{
	int64_t n = btf__resolve_size(d->btf, (uint32_t)d->ids[type]);

	return n > 0 ? (size_t)n : 0;
}

int dump_text(struct dump *d, enum dump_type type, const void *bytes, size_t len_bytes, const char **ret)
{
	LIBBPF_OPTS(btf_dump_type_data_opts, opts, .indent_str = "  ");
	int r;

	if (len_bytes < dump_bytes(d, type))
		return -EBADMSG;
	d->text = &d->texts[type];
	d->text->len = 0;
	d->err = 0;
	r = btf_dump__dump_type_data(d->dump, (uint32_t)d->ids[type], bytes, len_bytes, &opts);
	if (r >= 0)
		r = d->err;
	if (r >= 0)
		r = buf_append(d->text, "", 1);
	if (r < 0)
		return r;
	*ret = d->text->data;
	return 0;
}

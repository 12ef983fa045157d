/* SPDX-License-Identifier: GPL-2.0-only */
/* Types out of BTF that is made here, as a compiler would describe an sk_buff. */
#include <bpf/btf.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "btf/types.h"
#include "filter/skb_expr.h"

static struct btf_types *made;
static struct reason why;

static void write_file(const char *path, const void *data, size_t size)
{
	FILE *f = fopen(path, "we");

	cr_assert(f && fwrite(data, 1, size, f) == size && fclose(f) == 0);
}

static void make(void)
{
	char path[] = "/tmp/skbtrail-types-XXXXXX";
	struct btf *btf = btf__new_empty();
	int fd = mkstemp(path), u32, byte, sint, t, anon, deep, dev, array, mode;
	const void *data;
	uint32_t size;

	cr_assert(btf && fd >= 0);
	close(fd);
	u32 = btf__add_int(btf, "unsigned int", 4, 0);
	byte = btf__add_int(btf, "unsigned char", 1, 0);
	sint = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	t = btf__add_typedef(btf, "__u32", btf__add_const(btf, u32));
	array = btf__add_array(btf, u32, byte, 48);
	mode = btf__add_enum(btf, "mode", 4);
	deep = btf__add_union(btf, NULL, 4);
	btf__add_field(btf, "hash", t, 0, 0);
	btf__add_field(btf, "csum", u32, 0, 0);
	anon = btf__add_struct(btf, NULL, 8);
	btf__add_field(btf, "priority", sint, 0, 0);
	btf__add_field(btf, NULL, deep, 32, 0);
	dev = btf__add_struct(btf, "net_device", 8);
	btf__add_field(btf, "mtu", t, 0, 0);
	btf__add_field(btf, "mode", mode, 32, 0);
	dev = btf__add_ptr(btf, dev);
	btf__add_struct(btf, "sk_buff", 80);
	btf__add_field(btf, "len", u32, 0, 0);
	btf__add_field(btf, "pkt_type", byte, 32, 3);
	btf__add_field(btf, "cloned", byte, 35, 1);
	btf__add_field(btf, "dev", dev, 64, 0);
	btf__add_field(btf, NULL, anon, 128, 0);
	btf__add_field(btf, "cb", array, 192, 0);
	data = btf__raw_data(btf, &size);
	cr_assert_not_null(data);
	write_file(path, data, size);
	btf__free(btf);
	cr_assert_eq(btf_types_load(path, &made, &why), 0, "%s", why.text);
	unlink(path);
}

static void unmake(void)
{
	btf_types_free(made);
}

static uint32_t found(char kind, const char *name)
{
	const struct skb_types *k = btf_types_skb(made);
	uint32_t id = 0;

	return k->find(k->ctx, kind, name, strlen(name), &id) < 0 ? 0 : id;
}

static struct skb_member member(const char *of, const char *name)
{
	const struct skb_types *k = btf_types_skb(made);
	struct skb_member m = {.type = 0};

	(void)k->member(k->ctx, found('s', of), name, strlen(name), &m);
	return m;
}

static struct skb_type type(uint32_t id)
{
	const struct skb_types *k = btf_types_skb(made);
	struct skb_type t = {.kind = SKB_OTHER};

	cr_assert_eq(k->type(k->ctx, id, &t), 0);
	return t;
}

Test(types, are_found_by_kind_and_name, .init = make, .fini = unmake)
{
	cr_expect(found('s', "sk_buff") && found('t', "int") && found('e', "mode"));
	cr_expect_eq(found('t', "__u32"), found('t', "unsigned int"), "what it stands for");
	cr_expect_eq(found('u', "sk_buff"), 0);
	cr_expect_eq(found('s', "sk_buf"), 0);
	cr_expect_eq(found('s', ""), 0);
}

Test(types, members_wherever_they_are, .init = make, .fini = unmake)
{
	struct skb_member m = member("sk_buff", "cloned");

	cr_expect(m.off_bits == 35 && m.bits == 1);
	m = member("sk_buff", "csum"); /* two structures without a name deep */
	cr_expect(m.type && m.off_bits == 128 + 32 && m.bits == 0);
	m = member("sk_buff", "mtu");
	cr_expect_eq(m.type, 0, "it is another structure's");
	m = member("net_device", "mtu");
	cr_expect(m.type && m.off_bits == 0);
}

Test(types, members_have_offsets)
{
	struct btf *btf = btf__new_empty();
	struct btf_index *v = NULL;
	int u16 = btf__add_int(btf, "unsigned short", 2, 0), anon = btf__add_struct(btf, NULL, 4);

	btf__add_field(btf, "protocol", u16, 0, 0);
	btf__add_field(btf, "network_header", u16, 16, 0);
	btf__add_struct(btf, "sk_buff", 8);
	btf__add_field(btf, "len", u16, 0, 0);
	btf__add_field(btf, NULL, anon, 32, 0);
	cr_assert_eq(btf_index_new(btf, &v), 0);
	cr_expect_eq(btf_types_offset(v, "sk_buff", "len"), 0);
	cr_expect_eq(btf_types_offset(v, "sk_buff", "network_header"), 6);
	cr_expect_eq(btf_types_offset(v, "sk_buff", "network"), -ENOENT);
	cr_expect_eq(btf_types_offset(v, "sk_buf", "len"), -ENOENT);
	btf_index_free(v);
}

Test(types, kinds_and_sizes, .init = make, .fini = unmake)
{
	struct skb_type t = type(member("sk_buff", "dev").type);

	cr_expect(t.kind == SKB_PTR && t.size_bytes == 8);
	t = type(t.target);
	cr_expect(t.kind == SKB_STRUCT && t.size_bytes == 8 && strcmp(t.name, "net_device") == 0);
	t = type(member("sk_buff", "priority").type);
	cr_expect(t.kind == SKB_INT && t.size_bytes == 4 && t.is_signed);
	t = type(member("sk_buff", "hash").type);
	cr_expect(t.kind == SKB_INT && t.size_bytes == 4 && !t.is_signed);
	t = type(member("net_device", "mode").type);
	cr_expect(t.kind == SKB_INT && t.size_bytes == 4);
	t = type(member("sk_buff", "cb").type);
	cr_expect(t.kind == SKB_ARRAY && t.size_bytes == 48 && type(t.target).size_bytes == 1);
}

Test(types, serve_expressions, .init = make, .fini = unmake)
{
	struct ebpf_prog p = {0};
	struct skb_error e;

	cr_expect_eq(
		skb_filter_compile("skb->dev->mtu > 5 && skb->cb[3] == skb->csum", btf_types_skb(made), 1000, &p, &e),
		0);
	ebpf_free(&p);
	cr_expect_eq(skb_filter_compile("skb->dev->mttu", btf_types_skb(made), 1000, &p, &e), -EINVAL);
	cr_expect_eq(e.column, 10);
}

Test(types, a_file_without_types)
{
	cr_expect_eq(btf_types_load("/nowhere", &made, &why), -ENOENT);
	cr_expect(strstr(why.text, "/nowhere"));
	cr_expect_lt(btf_types_load("/dev/null", &made, &why), 0);
}

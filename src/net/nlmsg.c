/* SPDX-License-Identifier: GPL-2.0-only */
#include "net/nlmsg.h"

#include <errno.h>
#include <libmnl/libmnl.h>

#define ERRNO_MAX 4095 /* linux/err.h, MAX_ERRNO */

/* Messages and attributes are padded to 4 bytes; the padding of the last one may be missing. */
static void skip_padding(struct rd *r, size_t len)
{
	size_t padding = MNL_ALIGN(len) - len;

	rd_bytes(r, padding < r->left ? padding : r->left);
}

/* The next message of the datagram and its payload. False at the end, and at a wrong length with r->failed set. */
static bool next(struct rd *r, struct nlmsghdr *ret, struct rd *ret_payload)
{
	const void *payload;

	if (r->left == 0 || !rd_copy(r, ret, sizeof(*ret)))
		return false;
	if (ret->nlmsg_len < sizeof(*ret)) {
		r->failed = true;
		return false;
	}
	payload = rd_bytes(r, ret->nlmsg_len - sizeof(*ret));
	if (!payload)
		return false;
	*ret_payload = rd_init(payload, ret->nlmsg_len - sizeof(*ret));
	skip_padding(r, ret->nlmsg_len);
	return true;
}

/* The payload of NLMSG_ERROR and NLMSG_DONE: 0, the kernel's own -errno, or -EBADMSG. */
static int status(struct rd *payload)
{
	int32_t err;

	if (!rd_copy(payload, &err, sizeof(err)) || err > 0 || err < -ERRNO_MAX)
		return -EBADMSG;
	return err;
}

int nl_parse(const void *data, size_t size, uint32_t seq, nl_message_fn fn, void *ctx, struct nl_answer *ret)
{
	struct rd rd = rd_init(data, size), payload;
	struct nl_answer answer = {0};
	struct nlmsghdr h;
	int r = 0;

	while (r >= 0 && next(&rd, &h, &payload)) {
		if (h.nlmsg_seq != seq)
			continue;
		answer.interrupted |= h.nlmsg_flags & NLM_F_DUMP_INTR;
		if (h.nlmsg_type == NLMSG_ERROR || h.nlmsg_type == NLMSG_DONE) {
			r = status(&payload);
			answer.done = true;
		} else {
			r = fn(ctx, h.nlmsg_type, &payload);
		}
	}
	if (r < 0)
		return r;
	if (rd.failed)
		return -EBADMSG;
	*ret = answer;
	return 0;
}

int nl_attrs(const void *data, size_t size, const struct nlattr **tb, unsigned max)
{
	struct rd rd = rd_init(data, size);

	memset(tb, 0, (max + 1) * sizeof(*tb));
	while (rd.left > 0) {
		const struct nlattr *a = (const void *)rd.p;

		if (rd.left < sizeof(*a) || a->nla_len < sizeof(*a) || !rd_bytes(&rd, a->nla_len))
			return -EBADMSG;
		if (mnl_attr_get_type(a) <= max)
			tb[mnl_attr_get_type(a)] = a;
		skip_padding(&rd, a->nla_len);
	}
	return 0;
}

int nl_nested(const struct nlattr *nest, const struct nlattr **tb, unsigned max)
{
	return nl_attrs(mnl_attr_get_payload(nest), mnl_attr_get_payload_len(nest), tb, max);
}

void nl_string(const struct nlattr *a, char *dst, size_t dst_size)
{
	size_t len = strnlen(mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));

	if (len >= dst_size)
		len = dst_size - 1;
	memcpy(dst, mnl_attr_get_payload(a), len);
	dst[len] = '\0';
}

int nl_u32(const struct nlattr *a, uint32_t *ret)
{
	if (mnl_attr_get_payload_len(a) != sizeof(*ret))
		return -EBADMSG;
	*ret = mnl_attr_get_u32(a);
	return 0;
}

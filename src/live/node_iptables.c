/* SPDX-License-Identifier: GPL-2.0-only */
#include "live/node_iptables.h"

#include <errno.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <string.h>
#include <sys/socket.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/cleanup.h"

#define TABLE_BYTES_MAX (64u << 20)

/* struct ipt_getinfo and struct ip6t_getinfo are alike, so are ipt_get_entries and ip6t_get_entries, and the numbers of
 * the options are the same. */
static int read_table(int sock, const char *name, bool v6, struct legacy_table *ret)
{
	int level = v6 ? IPPROTO_IPV6 : IPPROTO_IP;
	_cleanup_free_ struct ipt_get_entries *entries = NULL;
	struct ipt_getinfo info = {0};
	socklen_t len = sizeof(info);

	snprintf(info.name, sizeof(info.name), "%s", name);
	if (getsockopt(sock, level, IPT_SO_GET_INFO, &info, &len) < 0)
		return -errno;
	if (info.size > TABLE_BYTES_MAX)
		return -EFBIG;
	len = sizeof(*entries) + info.size;
	entries = calloc(1, len);
	ret->data = malloc(info.size);
	if (!entries || !ret->data)
		return -ENOMEM;
	memcpy(entries->name, info.name, sizeof(entries->name));
	entries->size = info.size;
	if (getsockopt(sock, level, IPT_SO_GET_ENTRIES, entries, &len) < 0)
		return -errno; /* EAGAIN: it changed in between */
	memcpy(ret->data, entries->entrytable, info.size);
	snprintf(ret->name, sizeof(ret->name), "%s", name);
	ret->v6 = v6;
	ret->size = info.size;
	ret->valid_hooks = info.valid_hooks;
	memcpy(ret->hook_entry, info.hook_entry, sizeof(ret->hook_entry));
	memcpy(ret->underflow, info.underflow, sizeof(ret->underflow));
	return 0;
}

static int read_family(bool v6, struct legacy_tables *ret)
{
	_cleanup_close_ int sock = socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	_cleanup_buf_ struct buf names = {0};
	char *save = NULL;
	int r = buf_read_file(v6 ? "/proc/thread-self/net/ip6_tables_names" : "/proc/thread-self/net/ip_tables_names",
			      &names);

	if (r == -ENOENT)
		return 0;
	if (r < 0 || sock < 0)
		return r < 0 ? r : -errno;
	for (char *name = strtok_r(names.data, "\n", &save); name; name = strtok_r(NULL, "\n", &save)) {
		struct legacy_table t = {0};

		r = read_table(sock, name, v6, &t);
		if (r >= 0)
			r = ARRAY_GROW(ret->v, ret->n);
		if (r < 0) {
			free(t.data);
			return r;
		}
		ret->v[ret->n++] = t;
	}
	return 0;
}

int node_read_iptables(struct legacy_tables *ret)
{
	int r = read_family(false, ret);

	return r < 0 ? r : read_family(true, ret);
}

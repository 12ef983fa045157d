/* SPDX-License-Identifier: GPL-2.0-only */
#include "net/pod.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "net/netns.h"

#define FILE_BYTES_MAX (1024 * 1024)
#define FILES_MAX      20000
#define JSON_DEPTH_MAX 32

void pod_clear(struct pod *pod)
{
	free(pod->name);
	free(pod->netns_name);
	*pod = (struct pod){0};
}

void pod_table_free(struct pod_table *t)
{
	for (size_t i = 0; i < t->n; i++)
		pod_clear(&t->v[i]);
	free(t->v);
	*t = (struct pod_table){0};
}

static void json_putp(struct json_object **o)
{
	json_object_put(*o);
}

static void tokener_freep(struct json_tokener **t)
{
	if (*t)
		json_tokener_free(*t);
}

#define _cleanup_json_ _cleanup_(json_putp)

static int parse_json(const void *data, size_t size, struct json_object **ret)
{
	_cleanup_(tokener_freep) struct json_tokener *t = json_tokener_new_ex(JSON_DEPTH_MAX);
	struct json_object *o;

	if (!t)
		return -ENOMEM;
	if (size > INT_MAX)
		return -EBADMSG;
	o = json_tokener_parse_ex(t, data, (int)size);
	if (!json_object_is_type(o, json_type_object)) {
		json_object_put(o);
		return -EBADMSG;
	}
	*ret = o;
	return 0;
}

/* Borrowed from o; NULL if the member is missing or has another type. */
static struct json_object *member(struct json_object *o, const char *key, enum json_type type)
{
	struct json_object *v;

	if (!json_object_is_type(o, json_type_object) || !json_object_object_get_ex(o, key, &v))
		return NULL;
	return json_object_is_type(v, type) ? v : NULL;
}

static const char *string_of(struct json_object *v)
{
	return json_object_is_type(v, json_type_string) ? json_object_get_string(v) : NULL;
}

static const char *member_string(struct json_object *o, const char *key)
{
	return string_of(member(o, key, json_type_string));
}

/* text: ADDRESS or ADDRESS/LENGTH, or NULL. */
static void add_ip(struct pod *pod, const char *text)
{
	char address[NET_IP_TEXT_MAX];
	size_t len = text ? strcspn(text, "/") : 0;

	if (len == 0 || len >= sizeof(address) || pod->n_ips == POD_IPS_MAX)
		return;
	memcpy(address, text, len);
	address[len] = '\0';
	if (net_ip_parse(address, &pod->ips[pod->n_ips]))
		pod->n_ips++;
}

static int set_name(struct pod *pod, const char *namespace, const char *name)
{
	bool qualified = namespace && *namespace;

	if (asprintf(&pod->name, "%s%s%s", qualified ? namespace : "", qualified ? "/" : "", name) < 0) {
		pod->name = NULL;
		return -ENOMEM;
	}
	return 0;
}

/* Sets the pod's name and moves *pod to *ret. -ENOENT without a name or an address, -ENOMEM. */
static int finish(struct pod *pod, const char *namespace, const char *name, struct pod *ret)
{
	int r;

	if (!name || !*name || pod->n_ips == 0)
		return -ENOENT;
	r = set_name(pod, namespace, name);
	if (r < 0)
		return r;
	*ret = *pod;
	*pod = (struct pod){0};
	return 0;
}

/* args: a list of [KEY, VALUE]. */
static const char *cni_arg(struct json_object *args, const char *key)
{
	size_t n = args ? json_object_array_length(args) : 0;

	for (size_t i = 0; i < n; i++) {
		struct json_object *pair = json_object_array_get_idx(args, i);
		const char *k;

		if (!json_object_is_type(pair, json_type_array) || json_object_array_length(pair) != 2)
			continue;
		k = string_of(json_object_array_get_idx(pair, 0));
		if (k && !strcmp(k, key))
			return string_of(json_object_array_get_idx(pair, 1));
	}
	return NULL;
}

static int set_netns_name(struct pod *pod, const char *path)
{
	const char *name = path ? netns_name_of_path(path) : NULL;

	if (!name)
		return 0;
	pod->netns_name = strdup(name);
	return pod->netns_name ? 0 : -ENOMEM;
}

int pod_parse_cni(const void *data, size_t size, struct pod *ret)
{
	_cleanup_(pod_clear) struct pod pod = {0};
	_cleanup_json_ struct json_object *root = NULL;
	struct json_object *args, *ips;
	const char *kind;
	int r;

	r = parse_json(data, size, &root);
	if (r < 0)
		return r;
	kind = member_string(root, "kind");
	if (!kind || strcmp(kind, "cniCacheV1") != 0)
		return -EBADMSG;
	ips = member(member(root, "result", json_type_object), "ips", json_type_array);
	for (size_t i = 0; ips && i < json_object_array_length(ips); i++)
		add_ip(&pod, member_string(json_object_array_get_idx(ips, i), "address"));
	r = set_netns_name(&pod, member_string(root, "netns"));
	if (r < 0)
		return r;
	args = member(root, "cniArgs", json_type_array);
	return finish(&pod, cni_arg(args, "K8S_POD_NAMESPACE"), cni_arg(args, "K8S_POD_NAME"), ret);
}

int pod_parse_cilium(const void *data, size_t size, struct pod *ret)
{
	_cleanup_(pod_clear) struct pod pod = {0};
	_cleanup_json_ struct json_object *root = NULL;
	int r;

	r = parse_json(data, size, &root);
	if (r < 0)
		return r;
	add_ip(&pod, member_string(root, "IPv4"));
	add_ip(&pod, member_string(root, "IPv6"));
	return finish(&pod, member_string(root, "K8sNamespace"), member_string(root, "K8sPodName"), ret);
}

static int table_add(struct pod_table *t, struct pod *pod)
{
	if (ARRAY_GROW(t->v, t->n) < 0) {
		pod_clear(pod);
		return -ENOMEM;
	}
	t->v[t->n++] = *pod;
	return 0;
}

typedef int (*parse_fn)(const void *data, size_t size, struct pod *ret);

/* 0, also for a file that names no pod or cannot be read, or -ENOMEM. */
static int load_file(int dirfd, const char *path, parse_fn parse, struct pod_table *t)
{
	_cleanup_close_ int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	_cleanup_buf_ struct buf buf = {0};
	struct pod pod = {0};
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > FILE_BYTES_MAX)
		return 0;
	r = buf_read_fd(fd, &buf);
	if (r >= 0)
		r = parse(buf.data, buf.len, &pod);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	return table_add(t, &pod);
}

struct source {
	const char *dir;
	const char *file; /* in each directory in dir; NULL: each file in dir */
	parse_fn parse;
};

static int load_source(const char *root, const struct source *src, struct pod_table *t)
{
	_cleanup_(closedirp) DIR *d = NULL;
	_cleanup_free_ char *dir = NULL;
	struct dirent *e;
	int r = 0;

	if (asprintf(&dir, "%s%s", root, src->dir) < 0) {
		dir = NULL;
		return -ENOMEM;
	}
	d = opendir(dir);
	if (!d)
		return 0;
	for (size_t n = 0; r >= 0 && n < FILES_MAX && (e = readdir(d)); n++) {
		char path[sizeof(e->d_name) + 32];

		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s%s%s", e->d_name, src->file ? "/" : "", src->file ? src->file : "");
		r = load_file(dirfd(d), path, src->parse, t);
	}
	return r;
}

int pod_table_load(const char *root, struct pod_table *ret)
{
	/* Cilium's state first: Cilium keeps it up to date, but an entry of CNI's cache can outlive a crashed pod. */
	static const struct source sources[] = {
		{"/var/run/cilium/state", "ep_config.json", pod_parse_cilium},
		{"/var/lib/cni/results", NULL, pod_parse_cni},
		{"/var/lib/cni/cache/results", NULL, pod_parse_cni},
	};
	_cleanup_(pod_table_free) struct pod_table t = {0};

	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		int r = load_source(root, &sources[i], &t);

		if (r < 0)
			return r;
	}
	*ret = t;
	t = (struct pod_table){0};
	return 0;
}

const char *pod_table_find(const struct pod_table *t, const char *netns_name, const struct net_ip *ip)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct pod *pod = &t->v[i];

		if (netns_name && pod->netns_name && strcmp(netns_name, pod->netns_name) != 0)
			continue;
		for (size_t k = 0; k < pod->n_ips; k++)
			if (net_ip_equal(&pod->ips[k], ip))
				return pod->name;
	}
	return NULL;
}

bool pod_name_matches(const char *pod, const char *wanted)
{
	const char *slash;

	if (!pod)
		return false;
	slash = strchr(pod, '/');
	return !strcmp(pod, wanted) || (slash && !strcmp(slash + 1, wanted));
}

/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "net/pod.h"

static const char cni[] =
	"{\"kind\":\"cniCacheV1\",\"containerId\":\"c1\",\"config\":\"e30=\",\"ifName\":\"eth0\","
	"\"networkName\":\"net\",\"netns\":\"/var/run/netns/cni-1\",\"cniArgs\":[[\"IgnoreUnknown\",\"1\"],"
	"[\"K8S_POD_NAMESPACE\",\"default\"],[\"K8S_POD_NAME\",\"web\"]],\"result\":{\"cniVersion\":"
	"\"0.3.1\",\"ips\":[{\"version\":\"4\",\"address\":\"10.0.0.133/24\",\"gateway\":\"10.0.0.1\"},"
	"{\"address\":\"fd00::133/64\"}]}}";
static const char cilium[] = "{\"ID\":296,\"ContainerName\":\"\",\"IfName\":\"lxc1\",\"IfIndex\":20,\"IPv6\":\"\","
			     "\"IPv4\":\"10.0.0.67\",\"K8sPodName\":\"db\",\"K8sNamespace\":\"data\"}";

Test(net_pod, cni)
{
	_cleanup_(pod_clear) struct pod pod = {0};
	struct net_ip ip;

	cr_assert_eq(pod_parse_cni(cni, strlen(cni), &pod), 0);
	cr_assert_str_eq(pod.name, "default/web");
	cr_assert_str_eq(pod.netns_name, "cni-1");
	cr_assert_eq(pod.n_ips, 2);
	cr_assert(net_ip_parse("fd00::133", &ip) && net_ip_equal(&ip, &pod.ips[1]));
}

Test(net_pod, cilium)
{
	_cleanup_(pod_clear) struct pod pod = {0};

	cr_assert_eq(pod_parse_cilium(cilium, strlen(cilium), &pod), 0);
	cr_assert_str_eq(pod.name, "data/db");
	cr_assert_null(pod.netns_name);
	cr_assert_eq(pod.n_ips, 1);
}

Test(net_pod, every_truncation_is_refused)
{
	struct pod pod = {0};

	for (size_t size = 0; size < strlen(cni); size++) {
		_cleanup_free_ char *exact = malloc(size + 1);

		memcpy(exact, cni, size);
		cr_assert_eq(pod_parse_cni(exact, size, &pod), -EBADMSG, "%zu bytes", size);
	}
	cr_assert_null(pod.name);
}

Test(net_pod, foreign_files)
{
	static const struct {
		const char *text;
		int r;
	} cases[] = {
		{"", -EBADMSG},
		{"[]", -EBADMSG},
		{"\"cniCacheV1\"", -EBADMSG},
		{"{}", -EBADMSG},
		{"{\"kind\":\"other\"}", -EBADMSG},
		{"{\"kind\":5}", -EBADMSG},
		{"{\"kind\":\"cniCacheV1\"}", -ENOENT},
		{"{\"kind\":\"cniCacheV1\",\"result\":[],\"cniArgs\":{}}", -ENOENT},
		{"{\"kind\":\"cniCacheV1\",\"result\":{\"ips\":[5,null,{\"address\":7},{\"address\":\"x/y\"}]},"
		 "\"cniArgs\":[5,[],[1,2],[\"K8S_POD_NAME\"],[\"K8S_POD_NAME\",\"w\"]]}",
		 -ENOENT},
		{"{\"kind\":\"cniCacheV1\",\"result\":{\"ips\":[{\"address\":\"10.0.0.1/24\"}]},"
		 "\"cniArgs\":[[\"K8S_POD_NAME\",5]]}",
		 -ENOENT},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct pod pod = {0};

		cr_assert_eq(pod_parse_cni(cases[i].text, strlen(cases[i].text), &pod), cases[i].r, "%s",
			     cases[i].text);
		cr_assert_null(pod.name);
	}
}

Test(net_pod, deep_and_long)
{
	struct pod pod = {0};
	char deep[2000];

	memset(deep, '[', sizeof(deep));
	memcpy(deep, "{\"a\":", 5);
	cr_assert_eq(pod_parse_cilium(deep, sizeof(deep), &pod), -EBADMSG);
}

static void write_file(const char *root, const char *path, const char *text)
{
	_cleanup_(fclosep) FILE *f = NULL;
	char full[256];

	snprintf(full, sizeof(full), "%s/%s", root, path);
	for (char *p = full + strlen(root) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		cr_assert(mkdir(full, 0700) == 0 || errno == EEXIST);
		*p = '/';
	}
	f = fopen(full, "w");
	cr_assert(f);
	fputs(text, f);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

Test(net_pod, table)
{
	char root[] = "/tmp/skbtrail-test-XXXXXX";
	_cleanup_(pod_table_free) struct pod_table t = {0};
	struct net_ip web, db, none;

	cr_assert(mkdtemp(root));
	write_file(root, "var/run/cilium/state/296/ep_config.json", cilium);
	write_file(root, "var/run/cilium/state/297/ep_config.json", "not json");
	write_file(root, "var/run/cilium/state/globals", "");
	write_file(root, "var/lib/cni/results/net-c1-eth0", cni);
	cr_assert_eq(pod_table_load(root, &t), 0);
	nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	cr_assert_eq(t.n, 2);
	cr_assert(net_ip_parse("10.0.0.133", &web) && net_ip_parse("10.0.0.67", &db) &&
		  net_ip_parse("10.0.0.9", &none));
	cr_assert_str_eq(pod_table_find(&t, NULL, &web), "default/web");
	cr_assert_str_eq(pod_table_find(&t, "cni-1", &web), "default/web");
	cr_assert_null(pod_table_find(&t, "cni-2", &web), "a pod of the past had this address");
	cr_assert_str_eq(pod_table_find(&t, "cni-2", &db), "data/db");
	cr_assert_null(pod_table_find(&t, NULL, &none));
}

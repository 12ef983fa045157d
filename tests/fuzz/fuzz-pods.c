/* SPDX-License-Identifier: GPL-2.0-only */
/* What a node's files call its pods: CNI's cache, Cilium's endpoint state, host names. The first byte chooses. */
#include <errno.h>

#include "fuzz.h"
#include "net/hostname.h"
#include "net/pod.h"

static void host_name(const struct rd *r, bool environ_block)
{
	char *name = NULL;

	must((environ_block ? hostname_parse_environ(r->p, r->left, &name)
			    : hostname_parse_file(r->p, r->left, &name)) == 0);
	must(!name || (name[0] && strlen(name) <= 253));
	free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_init(data, size);
	uint8_t how = fuzz_byte(&r);
	struct pod pod = {0};
	int err = 0;

	switch (how % 4) {
	case 0:
		err = pod_parse_cni(r.p, r.left, &pod);
		break;
	case 1:
		err = pod_parse_cilium(r.p, r.left, &pod);
		break;
	default:
		host_name(&r, how & 1);
		return 0;
	}
	must(err == 0 || err == -EBADMSG || err == -ENOENT || err == -ENOMEM);
	must(err < 0 || (pod.name && pod.n_ips >= 1 && pod.n_ips <= POD_IPS_MAX));
	pod_clear(&pod);
	return 0;
}

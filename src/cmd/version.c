/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/version.h"

#include <capstone/capstone.h>
#include <pcap/pcap.h>

#include "kern/refusal.h"

void version_print(FILE *out)
{
	int major, minor;

	cs_version(&major, &minor);
	fprintf(out, "skbtrail " ST_VERSION "\nlibbpf %s\n%s\ncapstone %d.%d\n", kern_libbpf_version(),
		pcap_lib_version(), major, minor);
}

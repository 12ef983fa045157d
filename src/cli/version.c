/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/version.h"

#include <capstone/capstone.h>
#include <pcap/pcap.h>

#include "kern/error/kern_error.h"

const char version_tool[] = "skbtrail " ST_VERSION;

void version_print(FILE *out)
{
	int major, minor;

	cs_version(&major, &minor);
	fprintf(out, "%s\nlibbpf %s\n%s\ncapstone %d.%d\n", version_tool, kern_error_libbpf_version(),
		pcap_lib_version(), major, minor);
}

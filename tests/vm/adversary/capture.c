// SPDX-License-Identifier: GPL-2.0-only
/* The four files that a check judges: what the sniffers see, as tcpdump would have kept it that began late or ended
 * early. */
#include <errno.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#include "adversary.h"

#define PCAP_MAGIC_NS 0xa1b23c4d
#define SNAPLEN	      262144
#define ETHERNET      1

struct capture {
	const struct way *way;
	FILE *files[POINTS];
	int frames[POINTS];
};

struct pcap_head {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, precision, snaplen, link;
};

struct pcap_frame {
	uint32_t s, ns, kept, len;
};

void capture_path(const char *dir, int point, char *ret, size_t size)
{
	static const char *const points[POINTS] = {"src-pod", "src-host", "dst-host", "dst-pod"};

	snprintf(ret, size, "%s/%s.pcap", dir, points[point]);
}

int capture_open(const struct way *w, const char *dir, struct capture **ret)
{
	static const struct pcap_head head = {PCAP_MAGIC_NS, 2, 4, 0, 0, SNAPLEN, ETHERNET};
	struct capture *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->way = w;
	for (int i = 0; i < POINTS; i++) {
		char path[256];

		capture_path(dir, i, path, sizeof(path));
		c->files[i] = fopen(path, "we");
		if (!c->files[i] || fwrite(&head, sizeof(head), 1, c->files[i]) != 1) {
			fprintf(stderr, "adversary: %s: %s\n", path, strerror(errno));
			capture_close(c);
			return -EIO;
		}
	}
	*ret = c;
	return 0;
}

void capture_close(struct capture *c)
{
	for (int i = 0; c && i < POINTS; i++)
		if (c->files[i])
			fclose(c->files[i]);
	free(c);
}

bool capture_frame(struct capture *c, int point, int ts_fd, const uint8_t *frame, size_t len)
{
	int nth = c->frames[point]++, skip = c->way->capture_skip[point], keep = c->way->capture_keep[point];
	struct pcap_frame head = {.kept = (uint32_t)len, .len = (uint32_t)len};
	struct timespec ts;

	if (nth < skip || (keep && nth >= skip + keep))
		return false;
	if (ioctl(ts_fd, SIOCGSTAMPNS_OLD, &ts))
		clock_gettime(CLOCK_REALTIME, &ts);
	head.s = (uint32_t)ts.tv_sec;
	head.ns = (uint32_t)ts.tv_nsec;
	(void)fwrite(&head, sizeof(head), 1, c->files[point]);
	(void)fwrite(frame, len, 1, c->files[point]);
	return true;
}

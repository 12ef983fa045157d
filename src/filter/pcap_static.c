/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For the static build. Debian's libpcap.a can capture from D-Bus, for which it needs libdbus and libsystemd. These
 * definitions of the two functions that libpcap's pcap.c refers to keep that member of the archive from being linked.
 */
#include <stddef.h>

struct pcap;

struct pcap *dbus_create(const char *device, char *ebuf, int *is_ours);
int dbus_findalldevs(void *devs, char *ebuf);

struct pcap *dbus_create(const char *device, char *ebuf, int *is_ours)
{
	(void)device;
	(void)ebuf;
	*is_ours = 0;
	return NULL;
}

int dbus_findalldevs(void *devs, char *ebuf)
{
	(void)devs;
	(void)ebuf;
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For the static build: Debian's libpcap.a captures from D-Bus, too, and would want libdbus and libsystemd for it. These
 * two functions of its table (pcap.c), defined here first, keep that member of the archive out. Nothing here captures.
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

/* SPDX-License-Identifier: GPL-2.0-only */
/* The host name a process lives under, which in a pod is the pod's name. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * The name by which process pid of network namespace netns_inode calls its machine, if that differs from ours: its UTS
 * namespace's node name, else its own /etc/hostname, else, in a Kubernetes container, HOSTNAME of its environment.
 * *ret: NULL if there is no such name, or the process is gone or may not be looked at; the caller frees it. 0, -ENOMEM,
 * or -ENOTRECOVERABLE: the thread could not return to its own UTS namespace.
 */
int hostname_of_process(pid_t pid, uint32_t netns_inode, char **ret);

/* The first line of a hostname file: comments and blanks removed (hostname(5)). NULL: none, or no host name (letters,
 * digits, - . _, at most 253 bytes). The caller frees it. -ENOMEM. */
int hostname_parse_file(const void *data, size_t size, char **ret);
/* The value of HOSTNAME in a Kubernetes container's environment (NUL-separated, proc(5); told by
 * KUBERNETES_SERVICE_HOST, which the kubelet sets), under the same rules. */
int hostname_parse_environ(const void *data, size_t size, char **ret);

/* SPDX-License-Identifier: GPL-2.0-only */
/* The host name of a process. In a pod it is the pod's name. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * The host name of process pid in network namespace netns_inode, if it differs from ours: the node name of its UTS
 * namespace, else its /etc/hostname, else, in a Kubernetes container, HOSTNAME of its environment. *ret, which the
 * caller frees, is NULL if there is no such name, or the process is gone or may not be read. 0, -ENOMEM, or
 * -ENOTRECOVERABLE: the thread could not return to its own UTS namespace.
 */
int hostname_of_process(pid_t pid, uint32_t netns_inode, char **ret);

/* The first line of a hostname file that is not empty or a comment, without blanks around it (hostname(5)). *ret, which
 * the caller frees, is NULL if there is no such line, or it is not a host name (letters, digits, - . _, at most 253
 * bytes). 0 or -ENOMEM. */
int hostname_parse_file(const void *data, size_t size, char **ret);
/* The value of HOSTNAME in an environment (NUL-separated, proc(5)) that has KUBERNETES_SERVICE_HOST, which the kubelet
 * sets in every container. *ret and errors as of hostname_parse_file(). */
int hostname_parse_environ(const void *data, size_t size, char **ret);

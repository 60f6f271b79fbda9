// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// Calls of Linux that Swift's Glibc module does not show: it is made without _GNU_SOURCE, knows no variadic functions
// and no function-like macros.
#pragma once
#include <errno.h>
#include <iconv.h>
#include <linux/filter.h>
#include <malloc.h>
#include <spawn.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

extern int eventfd(unsigned int count, int flags);
extern int memfd_create(const char *name, unsigned int flags);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
extern int setgroups(size_t size, const gid_t *list);

// EFD_CLOEXEC | EFD_NONBLOCK, MFD_CLOEXEC: enumerations and macros that come with headers of _GNU_SOURCE.
static const int sluice_eventfd_flags = 02000000 | 04000;
static const unsigned int sluice_memfd_cloexec = 1;

// The settings of glibc's allocator, which are macros.
static inline int sluice_limit_arenas(int count) { return mallopt(M_ARENA_MAX, count); }
static inline int sluice_map_from(int octets) { return mallopt(M_MMAP_THRESHOLD, octets); }
static inline int sluice_trim_from(int octets) { return mallopt(M_TRIM_THRESHOLD, octets); }
static inline int sluice_trim(void) { return malloc_trim(0); }

static inline int sluice_prctl(int option, unsigned long argument) { return prctl(option, argument, 0, 0, 0); }

// A system call that glibc has no function for, or none with arguments of its own choice. -1 and errno where it fails.
static inline long sluice_system_call(long number, long a, long b, long c, long d, long e, long f) {
    return syscall(number, a, b, c, d, e, f);
}

static inline int sluice_setrlimit(int resource, unsigned long soft, unsigned long hard) {
    struct rlimit limit = {soft, hard};
    return setrlimit((__rlimit_resource_t)resource, &limit);
}

// Sends a message with at most one descriptor (-1: none) on a connected socket.
static inline ssize_t sluice_send(int socket, const void *octets, size_t count, int descriptor, int flags) {
    struct iovec part = {(void *)octets, count};
    char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(sizeof(size_t))));
    struct msghdr message;
    memset(&message, 0, sizeof message);
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (descriptor >= 0) {
        memset(control, 0, sizeof control);
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
    }
    return sendmsg(socket, &message, flags | MSG_NOSIGNAL);
}

// Receives a message and at most one descriptor (-1: none came), close-on-exec. A message that was cut is EMSGSIZE.
static inline ssize_t sluice_receive(int socket, void *octets, size_t count, int *descriptor, int flags) {
    struct iovec part = {octets, count};
    char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(sizeof(size_t))));
    struct msghdr message;
    memset(&message, 0, sizeof message);
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    *descriptor = -1;
    ssize_t received = recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC);
    if (received < 0) return received;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
        header->cmsg_len == CMSG_LEN(sizeof(int)))
        memcpy(descriptor, CMSG_DATA(header), sizeof(int));
    if (message.msg_flags & MSG_TRUNC) {
        errno = EMSGSIZE;
        return -1;
    }
    return received;
}

// CRC-32C of so many octets by the processor's own instruction, begun with `value`; the caller has asked whether it has it.
#if defined(__x86_64__)
#include <cpuid.h>

static inline int sluice_has_crc32c(void) {
    unsigned int a, b, c = 0, d;
    return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_SSE4_2);
}

__attribute__((target("sse4.2"))) static inline unsigned int sluice_crc32c(
    unsigned int value, const unsigned char *octets, size_t count) {
    unsigned long long wide = value;
    for (; count >= 8; count -= 8, octets += 8) {
        unsigned long long word;
        memcpy(&word, octets, 8);
        wide = __builtin_ia32_crc32di(wide, word);
    }
    value = (unsigned int)wide;
    for (; count > 0; count--, octets++) value = __builtin_ia32_crc32qi(value, *octets);
    return value;
}
#else
static inline int sluice_has_crc32c(void) { return 0; }
static inline unsigned int sluice_crc32c(unsigned int value, const unsigned char *octets, size_t count) {
    (void)octets, (void)count;
    return value; // never asked
}
#endif

// What sockets need of C: epoll(7), which Swift's module of the C library leaves out, and memory of a thread's own.
#ifndef LAMINA_CEPOLL_H
#define LAMINA_CEPOLL_H

#include <stdint.h>
#include <sys/epoll.h>

/// What a socket is watched for: reading and writing, told when it becomes ready (edge-triggered).
static const uint32_t lamina_epoll_watched = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
/// There is something to read, the end of the stream included.
static const uint32_t lamina_epoll_readable = EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
/// There is room to write, or writing tells why there will be none.
static const uint32_t lamina_epoll_writable = EPOLLOUT | EPOLLHUP | EPOLLERR;

/// A new set; -1 with `errno` where there can be none.
static inline int lamina_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

/// Puts a descriptor into a set; -1 with `errno` where the kernel refuses.
static inline int lamina_epoll_add(int set, int descriptor) {
    struct epoll_event event = {.events = lamina_epoll_watched, .data = {.fd = descriptor}};
    return epoll_ctl(set, EPOLL_CTL_ADD, descriptor, &event);
}

/// Bytes taken by one read of a socket at most.
enum { LAMINA_READ_BYTES = 32 * 1024 };

/// Memory of this thread for one read. On the heap it would be taken and given back thousands of times a second, which keeps
/// malloc busy with putting large blocks together again.
static inline void *lamina_read_scratch(void) {
    static _Thread_local unsigned char scratch[LAMINA_READ_BYTES] __attribute__((aligned(16)));
    return scratch;
}

#endif

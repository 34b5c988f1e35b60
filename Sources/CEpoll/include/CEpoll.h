// epoll(7), which Swift's module of the C library leaves out.
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

#endif

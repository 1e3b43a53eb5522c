/* Every call of libpayout with the 1st, 2nd, 3rd … call of the system about sockets failing, in our
 * code and in libcurl's: this program's functions stand before the system's. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#include "payout/payout.h"
#include "torture.h"

/* How a failing send or recv fails: an error, or as if the other side had hung up. */
static bool hangs_up;

#define REAL(name) __typeof__(&(name)) real = (__typeof__(&(name)))dlsym(RTLD_NEXT, #name)
#define FAILS(error)                                                                               \
    if (torture_fails()) {                                                                         \
        errno = (error);                                                                           \
        return -1;                                                                                 \
    }

int socket(int domain, int type, int protocol)
{
    REAL(socket);
    FAILS(EMFILE)
    return real(domain, type, protocol);
}

int socketpair(int domain, int type, int protocol, int pair[2])
{
    REAL(socketpair);
    FAILS(EMFILE)
    return real(domain, type, protocol, pair);
}

int connect(int descriptor, const struct sockaddr *address, socklen_t length)
{
    REAL(connect);
    FAILS(ECONNREFUSED)
    return real(descriptor, address, length);
}

int setsockopt(int descriptor, int level, int name, const void *value, socklen_t length)
{
    REAL(setsockopt);
    FAILS(ENOBUFS)
    return real(descriptor, level, name, value, length);
}

int getsockopt(int descriptor, int level, int name, void *value, socklen_t *length)
{
    REAL(getsockopt);
    FAILS(ENOBUFS)
    return real(descriptor, level, name, value, length);
}

int getsockname(int descriptor, struct sockaddr *address, socklen_t *length)
{
    REAL(getsockname);
    FAILS(ENOBUFS)
    return real(descriptor, address, length);
}

int getpeername(int descriptor, struct sockaddr *address, socklen_t *length)
{
    REAL(getpeername);
    FAILS(ENOTCONN)
    return real(descriptor, address, length);
}

ssize_t send(int descriptor, const void *bytes, size_t length, int flags)
{
    REAL(send);
    FAILS(hangs_up ? EPIPE : ECONNRESET)
    return real(descriptor, bytes, length, flags);
}

ssize_t recv(int descriptor, void *bytes, size_t length, int flags)
{
    REAL(recv);
    if (hangs_up && torture_fails())
        return 0;
    if (!hangs_up)
        FAILS(ECONNRESET)
    return real(descriptor, bytes, length, flags);
}

int poll(struct pollfd *polled, nfds_t count, int wait_ms)
{
    REAL(poll);
    FAILS(ENOMEM)
    return real(polled, count, wait_ms);
}

int epoll_create1(int flags)
{
    REAL(epoll_create1);
    FAILS(EMFILE)
    return real(flags);
}

int epoll_ctl(int epoll, int act, int descriptor, struct epoll_event *event)
{
    REAL(epoll_ctl);
    FAILS(ENOSPC)
    return real(epoll, act, descriptor, event);
}

int epoll_wait(int epoll, struct epoll_event *events, int count, int wait_ms)
{
    REAL(epoll_wait);
    FAILS(EINTR)
    return real(epoll, events, count, wait_ms);
}

int timerfd_create(clockid_t clock, int flags)
{
    REAL(timerfd_create);
    FAILS(EMFILE)
    return real(clock, flags);
}

static void every_call_survives_every_failed_socket_call(void **state)
{
    (void)state;
    hangs_up = false;
    torture_run(8);
}

static void every_call_survives_every_hang_up(void **state)
{
    (void)state;
    hangs_up = true;
    torture_run(8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_survives_every_failed_socket_call),
        cmocka_unit_test(every_call_survives_every_hang_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

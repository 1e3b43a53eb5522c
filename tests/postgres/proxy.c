#include "postgres/proxy.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

enum { PAIRS_MAX = 64, CHUNK_BYTES = 64 * 1024 };
enum mode { PASS, SWALLOW, HANG_UP };

struct pair {
    int client, server; /* -1: closed. */
    enum mode mode;
    size_t requests; /* Whole ones. */
};

struct proxy {
    char folder[64];
    struct sockaddr_un own, other;
    int listener, wake[2];
    pthread_t thread;
    pthread_mutex_t mutex; /* Over what follows. */
    struct pair pairs[PAIRS_MAX];
    bool closing;
};

static void side_close(int *side)
{
    if (*side >= 0)
        (void)close(*side);
    *side = -1;
}

static void pair_close(struct pair *pair)
{
    side_close(&pair->client);
    side_close(&pair->server);
}

static void pair_accept(struct proxy *proxy)
{
    int client = accept(proxy->listener, NULL, NULL);
    int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(client >= 0 && server >= 0);
    struct pair *pair = proxy->pairs;
    while (pair < proxy->pairs + PAIRS_MAX && (pair->client >= 0 || pair->server >= 0))
        pair++;
    /* A server that is down: the store finds its connection closed. */
    if (pair == proxy->pairs + PAIRS_MAX ||
        connect(server, (const struct sockaddr *)&proxy->other, sizeof proxy->other) != 0) {
        (void)close(client);
        (void)close(server);
        return;
    }
    *pair = (struct pair){.client = client, .server = server, .mode = PASS};
}

static bool all_written(int to, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(to, bytes, length, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        bytes += sent;
        length -= (size_t)sent;
    }
    return true;
}

/* A pipeline ends with the message Sync. */
static bool ends_with_sync(const char *bytes, size_t length)
{
    static const char sync[] = {'S', 0, 0, 0, 4};
    return length >= sizeof sync && memcmp(bytes + length - sizeof sync, sync, sizeof sync) == 0;
}

static void pair_pass(struct pair *pair, bool from_client)
{
    static char chunk[CHUNK_BYTES];
    int from = from_client ? pair->client : pair->server;
    int to = from_client ? pair->server : pair->client;
    ssize_t length = recv(from, chunk, sizeof chunk, 0);
    bool whole = from_client && length > 0 && ends_with_sync(chunk, (size_t)length);
    pair->requests += whole;
    bool lost = length <= 0 || (!from_client && pair->mode == SWALLOW);
    if (lost || (to >= 0 && !all_written(to, chunk, (size_t)length)))
        pair_close(pair);
    else if (whole && pair->mode == HANG_UP)
        side_close(&pair->client);
}

static void proxy_turn(struct proxy *proxy, struct pollfd *polled)
{
    char byte;
    if (polled[0].revents != 0 && read(proxy->wake[0], &byte, 1) != 1)
        return; /* The next turn sees it again. */
    if (polled[1].revents != 0)
        pair_accept(proxy);
    for (size_t i = 0; i < PAIRS_MAX; i++) {
        struct pair *pair = &proxy->pairs[i];
        if (polled[2 + 2 * i].revents != 0 && pair->client == polled[2 + 2 * i].fd)
            pair_pass(pair, true);
        if (polled[3 + 2 * i].revents != 0 && pair->server == polled[3 + 2 * i].fd &&
            pair->server >= 0)
            pair_pass(pair, false);
    }
}

static void *proxy_run(void *argument)
{
    struct proxy *proxy = argument;
    for (;;) {
        struct pollfd polled[2 + 2 * PAIRS_MAX] = {{.fd = proxy->wake[0], .events = POLLIN},
                                                   {.fd = proxy->listener, .events = POLLIN}};
        (void)pthread_mutex_lock(&proxy->mutex);
        for (size_t i = 0; i < PAIRS_MAX; i++) {
            polled[2 + 2 * i] = (struct pollfd){.fd = proxy->pairs[i].client, .events = POLLIN};
            polled[3 + 2 * i] = (struct pollfd){.fd = proxy->pairs[i].server, .events = POLLIN};
        }
        bool closing = proxy->closing;
        (void)pthread_mutex_unlock(&proxy->mutex);
        if (closing)
            return NULL;
        if (poll(polled, 2 + 2 * PAIRS_MAX, -1) < 0)
            continue;
        (void)pthread_mutex_lock(&proxy->mutex);
        proxy_turn(proxy, polled);
        (void)pthread_mutex_unlock(&proxy->mutex);
    }
}

static void address_make(struct sockaddr_un *address, const char *folder, size_t length)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    (void)snprintf(address->sun_path, sizeof address->sun_path, "%.*s/.s.PGSQL.5432", (int)length,
                   folder);
}

struct proxy *proxy_open(const char *url, char *proxied, size_t size)
{
    struct proxy *proxy = calloc(1, sizeof *proxy);
    assert_non_null(proxy);
    (void)snprintf(proxy->folder, sizeof proxy->folder, "/tmp/payoutd-proxy-XXXXXX");
    assert_non_null(mkdtemp(proxy->folder));
    const char *host = strstr(url, "host=");
    assert_non_null(host);
    host += strlen("host=");
    size_t length = strcspn(host, "&");
    address_make(&proxy->other, host, length);
    address_make(&proxy->own, proxy->folder, strlen(proxy->folder));
    (void)snprintf(proxied, size, "%.*s%s%s", (int)(host - url), url, proxy->folder, host + length);
    for (size_t i = 0; i < PAIRS_MAX; i++)
        proxy->pairs[i] = (struct pair){.client = -1, .server = -1};
    proxy->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(proxy->listener, (const struct sockaddr *)&proxy->own, sizeof proxy->own),
                     0);
    assert_int_equal(listen(proxy->listener, PAIRS_MAX), 0);
    assert_int_equal(pipe(proxy->wake), 0);
    assert_int_equal(pthread_mutex_init(&proxy->mutex, NULL), 0);
    assert_int_equal(pthread_create(&proxy->thread, NULL, proxy_run, proxy), 0);
    return proxy;
}

static void proxy_wake(struct proxy *proxy)
{
    assert_int_equal(write(proxy->wake[1], "", 1), 1);
}

void proxy_close(struct proxy *proxy)
{
    (void)pthread_mutex_lock(&proxy->mutex);
    proxy->closing = true;
    (void)pthread_mutex_unlock(&proxy->mutex);
    proxy_wake(proxy);
    (void)pthread_join(proxy->thread, NULL);
    for (size_t i = 0; i < PAIRS_MAX; i++)
        pair_close(&proxy->pairs[i]);
    (void)close(proxy->listener);
    (void)close(proxy->wake[0]);
    (void)close(proxy->wake[1]);
    (void)unlink(proxy->own.sun_path);
    (void)rmdir(proxy->folder);
    (void)pthread_mutex_destroy(&proxy->mutex);
    free(proxy);
}

static void mode_set(struct proxy *proxy, enum mode mode)
{
    (void)pthread_mutex_lock(&proxy->mutex);
    for (size_t i = 0; i < PAIRS_MAX; i++)
        if (proxy->pairs[i].client >= 0)
            proxy->pairs[i].mode = mode;
    (void)pthread_mutex_unlock(&proxy->mutex);
}

void proxy_swallow(struct proxy *proxy)
{
    mode_set(proxy, SWALLOW);
}

void proxy_hang_up(struct proxy *proxy)
{
    mode_set(proxy, HANG_UP);
}

size_t proxy_requests(struct proxy *proxy)
{
    size_t requests = 0;
    (void)pthread_mutex_lock(&proxy->mutex);
    for (size_t i = 0; i < PAIRS_MAX; i++)
        if (proxy->pairs[i].client >= 0)
            requests += proxy->pairs[i].requests;
    (void)pthread_mutex_unlock(&proxy->mutex);
    return requests;
}

void proxy_forget(struct proxy *proxy)
{
    (void)pthread_mutex_lock(&proxy->mutex);
    for (size_t i = 0; i < PAIRS_MAX; i++)
        if (proxy->pairs[i].client < 0)
            pair_close(&proxy->pairs[i]);
    (void)pthread_mutex_unlock(&proxy->mutex);
    proxy_wake(proxy);
}

#include "net/exchange.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/host.h"
#include "net/curl_start.h"

enum {
    CONNECTIONS_MAX_DEFAULT = 256,
    CONNECTIONS_PER_HOST_MAX_DEFAULT = 8,
    HOST_BUCKETS = 1024,
    HEAD_BYTES_MAX = 64 * 1024, /* Of an answer's header lines together. */
    ANSWER_BYTES_KEPT = 8 * 1024,
    CONNECTION_IDLE_S_MAX = 50, /* Most servers close what is idle for a minute. */
    STEP_WAIT_MS_MAX = 60000,
};

/* A call between exchange_start and done: it waits at its host, then has an easy handle. */
struct slot {
    struct slot *next, *before; /* Waiting: at its host; under way: in the exchange; else free. */
    struct exchange *exchange;
    struct exchange_call *call;
    struct host *host;
    int64_t started_us, deadline_us;
    CURL *easy; /* NULL while it waits. */
    struct curl_slist headers[EXCHANGE_HEADERS_MAX + 1];
    struct buffer answer; /* Its memory stays for the next call. */
    size_t head_bytes;
    bool cut;
    char refusal[EXCHANGE_ERROR_BYTES];
    char curl_error[CURL_ERROR_SIZE];
};

/* One that is spoken to: it is there while it has calls. */
struct host {
    struct host *next_in_bucket;
    struct host *next_ready;
    bool ready; /* In the exchange's list: it has a call that waits and a connection to spare. */
    size_t connections;
    struct slot *first, *last; /* Waiting, in order. */
    size_t bucket;
    char key[HOST_KEY_BYTES];
};

/* libcurl has limits of its own, but what waits for one host can stop what waits for another there:
 * so calls wait here, each host in its own queue, and the hosts take turns. */
struct exchange {
    struct exchange_options options;
    char *user_agent;
    CURLM *multi;
    CURL **idle; /* Easy handles, for reuse. */
    size_t idle_count;
    struct slot *running; /* Under way, in any order. */
    struct slot *free_slots;
    struct host *free_hosts;
    struct host *buckets[HOST_BUCKETS];
    struct host *ready_first, *ready_last;
    size_t connections, waiting;
    int64_t deadline_us; /* No waiting call's time is over before. */
};

/* --- What libcurl calls --- */

/* True, and the slot's refusal says why, when the call may not speak to this address. */
static bool slot_refuses(struct slot *slot, const struct address *address)
{
    const struct address_list *allowed = slot->exchange->options.private_allowed;
    if (!slot->call->public_only || !address_private(address) ||
        (allowed != NULL && address_list_has(allowed, address)))
        return false;
    char text[ADDRESS_TEXT_BYTES];
    address_text(address, text);
    (void)snprintf(slot->refusal, sizeof slot->refusal, "%s is a private address", text);
    return true;
}

/* The guard: it sees the very address that is connected to, so that a name can't mean one address
 * when it is checked and another when it is called. */
static curl_socket_t socket_open(void *context, curlsocktype purpose, struct curl_sockaddr *to)
{
    struct slot *slot = context;
    struct address address;
    (void)purpose;
    if (!address_of(&to->addr, &address)) {
        (void)snprintf(slot->refusal, sizeof slot->refusal, "neither IPv4 nor IPv6");
        return CURL_SOCKET_BAD;
    }
    if (slot_refuses(slot, &address))
        return CURL_SOCKET_BAD;
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

/* There is a connection, new or used before; the request goes out next. */
static int request_begins(void *context, char *remote_ip, char *local_ip, int remote_port,
                          int local_port)
{
    struct slot *slot = context;
    struct address address;
    (void)local_ip;
    (void)remote_port;
    (void)local_port;
    /* When a used connection breaks, libcurl sends the request again on a fresh one. What may have
     * arrived is not sent twice behind its caller's back. */
    if (slot->call->left) {
        (void)snprintf(slot->refusal, sizeof slot->refusal, "the connection was closed");
        return CURL_PREREQFUNC_ABORT;
    }
    /* A used connection may have been made by a call that may reach more than this one. */
    if (!address_read(remote_ip, strlen(remote_ip), &address) || slot_refuses(slot, &address))
        return CURL_PREREQFUNC_ABORT;
    slot->call->left = true;
    return CURL_PREREQFUNC_OK;
}

static size_t head_arrives(char *bytes, size_t size, size_t count, void *context)
{
    struct slot *slot = context;
    (void)bytes;
    slot->head_bytes += size * count;
    if (slot->head_bytes <= HEAD_BYTES_MAX)
        return size * count;
    (void)snprintf(slot->refusal, sizeof slot->refusal, "the answer's head is too long");
    return 0;
}

static size_t body_arrives(char *bytes, size_t size, size_t count, void *context)
{
    struct slot *slot = context;
    size_t length = size * count, room = slot->answer.limit - slot->answer.length;
    buffer_append(&slot->answer, bytes, length < room ? length : room);
    invariant(buffer_ok(&slot->answer));
    if (length <= room)
        return length;
    slot->cut = true; /* Nobody reads the rest, however long it goes on. */
    return 0;
}

/* --- Opening --- */

enum fault_kind exchange_open(const struct exchange_options *options, struct exchange **exchange,
                              struct fault *fault)
{
    curl_start();
    struct exchange *opened = calloc(1, sizeof *opened);
    invariant(opened != NULL);
    opened->options = *options;
    if (opened->options.connections_max == 0)
        opened->options.connections_max = CONNECTIONS_MAX_DEFAULT;
    if (opened->options.connections_per_host_max == 0)
        opened->options.connections_per_host_max = CONNECTIONS_PER_HOST_MAX_DEFAULT;
    opened->user_agent = strdup(options->user_agent == NULL ? "payoutd" : options->user_agent);
    opened->idle = calloc(opened->options.connections_max, sizeof(CURL *));
    invariant(opened->user_agent != NULL && opened->idle != NULL);
    opened->deadline_us = INT64_MAX;
    opened->multi = curl_multi_init();
    if (opened->multi == NULL) {
        exchange_close(opened);
        return fault_set(fault, FAULT_FINAL, "libcurl can't be started");
    }
    invariant(curl_multi_setopt(opened->multi, CURLMOPT_MAXCONNECTS,
                                (long)opened->options.connections_max) == CURLM_OK);
    *exchange = opened;
    return FAULT_NONE;
}

/* --- Hosts --- */

static size_t bucket_of(const char *key)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *key != '\0'; key++)
        hash = (hash ^ (unsigned char)*key) * UINT64_C(0x100000001b3);
    return (size_t)((hash ^ hash >> 32) % HOST_BUCKETS);
}

static struct host *host_get(struct exchange *exchange, const char *url)
{
    char key[HOST_KEY_BYTES];
    host_key(url, key);
    size_t bucket = bucket_of(key);
    for (struct host *each = exchange->buckets[bucket]; each != NULL; each = each->next_in_bucket)
        if (strcmp(each->key, key) == 0)
            return each;
    struct host *host = exchange->free_hosts;
    if (host != NULL)
        exchange->free_hosts = host->next_in_bucket;
    else
        host = calloc(1, sizeof *host);
    invariant(host != NULL);
    *host = (struct host){.bucket = bucket, .next_in_bucket = exchange->buckets[bucket]};
    memcpy(host->key, key, sizeof key);
    exchange->buckets[bucket] = host;
    return host;
}

/* Gives a host back that has no calls any more. */
static void host_leave(struct exchange *exchange, struct host *host)
{
    if (host->connections > 0 || host->first != NULL || host->ready)
        return;
    struct host **at = &exchange->buckets[host->bucket];
    while (*at != host)
        at = &(*at)->next_in_bucket;
    *at = host->next_in_bucket;
    host->next_in_bucket = exchange->free_hosts;
    exchange->free_hosts = host;
}

/* Puts the host at the end of those whose turn comes, when it has a call that could go. */
static void host_ready(struct exchange *exchange, struct host *host)
{
    if (host->ready || host->first == NULL ||
        host->connections >= exchange->options.connections_per_host_max)
        return;
    host->ready = true;
    host->next_ready = NULL;
    if (exchange->ready_last == NULL)
        exchange->ready_first = host;
    else
        exchange->ready_last->next_ready = host;
    exchange->ready_last = host;
}

/* --- Calls --- */

void exchange_start(struct exchange *exchange, struct exchange_call *call)
{
    invariant(call->timeout_ms > 0 && call->connect_timeout_ms > 0 && call->done != NULL);
    call->status = 0;
    call->left = call->timed_out = false;
    call->error[0] = '\0';
    call->duration_ms = call->retry_after_ms = 0;
    struct slot *slot = exchange->free_slots;
    if (slot != NULL) {
        exchange->free_slots = slot->next;
    } else {
        slot = calloc(1, sizeof *slot);
        invariant(slot != NULL);
        buffer_init(&slot->answer, EXCHANGE_ANSWER_BYTES_MAX);
    }
    struct host *host = host_get(exchange, call->url);
    slot->exchange = exchange;
    slot->call = call;
    slot->host = host;
    slot->started_us = clock_monotonic_us();
    slot->deadline_us = slot->started_us + call->timeout_ms * 1000;
    slot->easy = NULL;
    slot->head_bytes = 0;
    slot->cut = false;
    slot->refusal[0] = slot->curl_error[0] = '\0';
    slot->next = NULL;
    call->own = slot;
    if (host->first == NULL)
        host->first = slot;
    else
        host->last->next = slot;
    host->last = slot;
    exchange->waiting++;
    if (slot->deadline_us < exchange->deadline_us)
        exchange->deadline_us = slot->deadline_us;
    host_ready(exchange, host);
}

/* The call has ended: its slot is free before done is called, which may start another. */
static void slot_end(struct slot *slot)
{
    struct exchange *exchange = slot->exchange;
    struct exchange_call *call = slot->call;
    call->duration_ms = (clock_monotonic_us() - slot->started_us) / 1000;
    call->answer = slot->answer;
    call->own = NULL;
    invariant((call->status != 0) == (call->error[0] == '\0'));
    call->done(call);
    /* The call may be gone, or on its way again. */
    if (slot->answer.size > ANSWER_BYTES_KEPT)
        buffer_free(&slot->answer);
    buffer_clear(&slot->answer);
    slot->next = exchange->free_slots;
    exchange->free_slots = slot;
}

static void slot_fail(struct slot *slot, const char *error)
{
    (void)snprintf(slot->call->error, sizeof slot->call->error, "%s", error);
    slot_end(slot);
}

/* A line break in a header would begin another one. */
static bool headers_set(struct slot *slot)
{
    size_t count = 0;
    while (count < EXCHANGE_HEADERS_MAX && slot->call->headers[count] != NULL) {
        const char *header = slot->call->headers[count];
        if (strpbrk(header, "\r\n") != NULL)
            return false;
        slot->headers[count].data = (char *)(uintptr_t)header; /* libcurl only reads it. */
        slot->headers[count].next = &slot->headers[count + 1];
        count++;
    }
    static char no_expect[] = "Expect:"; /* libcurl's own, for big bodies, would cost a second. */
    slot->headers[count] = (struct curl_slist){.data = no_expect, .next = NULL};
    return true;
}

#define SET(easy, option, value) invariant(curl_easy_setopt(easy, option, value) == CURLE_OK)

static void easy_set_method(CURL *easy, const struct exchange_call *call)
{
    bool post = strcmp(call->method, "POST") == 0;
    if (post || call->body_length > 0) {
        SET(easy, CURLOPT_POST, 1L);
        SET(easy, CURLOPT_POSTFIELDS, call->body_length > 0 ? call->body : "");
        SET(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body_length);
    } else if (strcmp(call->method, "HEAD") == 0) {
        SET(easy, CURLOPT_NOBODY, 1L);
    }
    if (!post && strcmp(call->method, "GET") != 0)
        SET(easy, CURLOPT_CUSTOMREQUEST, call->method);
}

/* What is the same for every call, and holds whatever the environment or a server says. */
static void easy_set_rules(CURL *easy, struct slot *slot)
{
    SET(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    SET(easy, CURLOPT_FOLLOWLOCATION, 0L);
    SET(easy, CURLOPT_PROXY, ""); /* Also against http_proxy: it would hide the true address. */
    SET(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    SET(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    SET(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(easy, CURLOPT_PATH_AS_IS, 1L);
    SET(easy, CURLOPT_NOSIGNAL, 1L);
    SET(easy, CURLOPT_QUICK_EXIT, 1L); /* Don't wait for a resolver that hangs. */
    SET(easy, CURLOPT_MAXAGE_CONN, (long)CONNECTION_IDLE_S_MAX);
    SET(easy, CURLOPT_USERAGENT, slot->exchange->user_agent);
    SET(easy, CURLOPT_ERRORBUFFER, slot->curl_error);
    SET(easy, CURLOPT_PRIVATE, slot);
    SET(easy, CURLOPT_OPENSOCKETFUNCTION, socket_open);
    SET(easy, CURLOPT_OPENSOCKETDATA, slot);
    SET(easy, CURLOPT_PREREQFUNCTION, request_begins);
    SET(easy, CURLOPT_PREREQDATA, slot);
    SET(easy, CURLOPT_HEADERFUNCTION, head_arrives);
    SET(easy, CURLOPT_HEADERDATA, slot);
    SET(easy, CURLOPT_WRITEFUNCTION, body_arrives);
    SET(easy, CURLOPT_WRITEDATA, slot);
}

/* Gives a call that had to wait to libcurl; or ends it, when it can't be asked at all. */
static void slot_run(struct slot *slot, int64_t now_us)
{
    struct exchange *exchange = slot->exchange;
    const struct exchange_call *call = slot->call;
    int64_t left_ms = (slot->deadline_us - now_us) / 1000;
    CURL *easy =
        exchange->idle_count > 0 ? exchange->idle[--exchange->idle_count] : curl_easy_init();
    invariant(easy != NULL);
    slot->easy = easy;
    slot->host->connections++;
    exchange->connections++;
    slot->before = NULL;
    slot->next = exchange->running;
    if (slot->next != NULL)
        slot->next->before = slot;
    exchange->running = slot;
    easy_set_rules(easy, slot);
    easy_set_method(easy, call);
    bool told = headers_set(slot);
    SET(easy, CURLOPT_HTTPHEADER, told ? slot->headers : NULL);
    SET(easy, CURLOPT_URL, told ? call->url : ""); /* "": libcurl ends it at once. */
    SET(easy, CURLOPT_TIMEOUT_MS, (long)(left_ms > 0 ? left_ms : 1));
    SET(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)call->connect_timeout_ms);
    if (!told)
        (void)snprintf(slot->refusal, sizeof slot->refusal, "a header holds a line break");
    invariant(curl_multi_add_handle(exchange->multi, easy) == CURLM_OK);
}

/* Takes a call back from libcurl; the easy handle waits for the next one. */
static void slot_take_back(struct slot *slot)
{
    struct exchange *exchange = slot->exchange;
    struct host *host = slot->host;
    invariant(curl_multi_remove_handle(exchange->multi, slot->easy) == CURLM_OK);
    curl_easy_reset(slot->easy);
    invariant(exchange->idle_count < exchange->options.connections_max);
    exchange->idle[exchange->idle_count++] = slot->easy;
    slot->easy = NULL;
    if (slot->before != NULL)
        slot->before->next = slot->next;
    else
        exchange->running = slot->next;
    if (slot->next != NULL)
        slot->next->before = slot->before;
    invariant(host->connections > 0 && exchange->connections > 0);
    host->connections--;
    exchange->connections--;
    host_ready(exchange, host);
    host_leave(exchange, host);
}

/* Whoever says less than now is not waited for; whoever says more than a day, for a day. */
static int64_t retry_after_ms(CURL *easy)
{
    curl_off_t seconds = 0, most = EXCHANGE_RETRY_AFTER_MS_MAX / 1000;
    (void)curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
    return seconds <= 0 ? 0 : 1000 * (int64_t)(seconds < most ? seconds : most);
}

/* libcurl has ended with it. */
static void slot_answered(struct slot *slot, CURLcode result)
{
    struct exchange_call *call = slot->call;
    long status = 0;
    if (result == CURLE_OK || (result == CURLE_WRITE_ERROR && slot->cut))
        (void)curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &status);
    call->retry_after_ms = retry_after_ms(slot->easy);
    slot_take_back(slot);
    call->timed_out = result == CURLE_OPERATION_TIMEDOUT;
    if (status > 0 && status < 1000) {
        call->status = (int)status;
        slot_end(slot);
    } else if (slot->refusal[0] != '\0' && !call->timed_out) {
        slot_fail(slot, slot->refusal);
    } else {
        const char *why = slot->curl_error[0] != '\0' ? slot->curl_error : NULL;
        slot_fail(slot, why != NULL ? why : curl_easy_strerror(result));
    }
}

/* --- Moving on --- */

static struct slot *waiting_take_first(struct exchange *exchange, struct host *host)
{
    struct slot *slot = host->first;
    host->first = slot->next;
    if (host->first == NULL)
        host->last = NULL;
    invariant(exchange->waiting > 0);
    exchange->waiting--;
    return slot;
}

/* Gives as many calls to libcurl as there are connections for, a host after the other. */
static void exchange_run_ready(struct exchange *exchange)
{
    int64_t now_us = exchange->ready_first == NULL ? 0 : clock_monotonic_us();
    while (exchange->ready_first != NULL &&
           exchange->connections < exchange->options.connections_max) {
        struct host *host = exchange->ready_first;
        exchange->ready_first = host->next_ready;
        if (exchange->ready_first == NULL)
            exchange->ready_last = NULL;
        host->ready = false;
        if (host->first != NULL)
            slot_run(waiting_take_first(exchange, host), now_us);
        host_ready(exchange, host);
        host_leave(exchange, host);
    }
}

/* Takes a host's calls out whose time is over at now_us, and links them in *expired. */
static void host_expire(struct exchange *exchange, struct host *host, int64_t now_us,
                        struct slot **expired)
{
    struct slot *kept = host->first;
    host->first = host->last = NULL;
    for (struct slot *slot = kept, *next; slot != NULL; slot = next) {
        next = slot->next;
        if (slot->deadline_us <= now_us) {
            slot->next = *expired;
            *expired = slot;
            exchange->waiting--;
            continue;
        }
        if (slot->deadline_us < exchange->deadline_us)
            exchange->deadline_us = slot->deadline_us;
        slot->next = NULL;
        if (host->first == NULL)
            host->first = slot;
        else
            host->last->next = slot;
        host->last = slot;
    }
}

/* Ends those that waited for a connection for all their time. */
static void exchange_expire(struct exchange *exchange, int64_t now_us)
{
    struct slot *expired = NULL;
    if (now_us < exchange->deadline_us)
        return;
    exchange->deadline_us = INT64_MAX;
    for (size_t i = 0; i < HOST_BUCKETS; i++)
        for (struct host *host = exchange->buckets[i], *next; host != NULL; host = next) {
            next = host->next_in_bucket;
            host_expire(exchange, host, now_us, &expired);
            host_leave(exchange, host);
        }
    for (struct slot *slot = expired, *next; slot != NULL; slot = next) {
        next = slot->next;
        slot->call->timed_out = true;
        slot_fail(slot, "no connection was free in time");
    }
}

/* Moves on what can move. True when a call ended. */
static bool exchange_move(struct exchange *exchange)
{
    bool ended = false;
    int running = 0, queued = 0;
    exchange_expire(exchange, clock_monotonic_us());
    exchange_run_ready(exchange);
    invariant(curl_multi_perform(exchange->multi, &running) == CURLM_OK);
    for (CURLMsg *message; (message = curl_multi_info_read(exchange->multi, &queued)) != NULL;) {
        struct slot *slot = NULL;
        CURLcode result = message->data.result;
        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &slot);
        invariant(message->msg == CURLMSG_DONE && slot != NULL);
        slot_answered(slot, result);
        ended = true;
    }
    return ended;
}

void exchange_step(struct exchange *exchange, int64_t wait_ms)
{
    bool ended = exchange_move(exchange);
    bool more =
        exchange->ready_first != NULL && exchange->connections < exchange->options.connections_max;
    if (ended || more)
        wait_ms = 0; /* But a wake is still taken. */
    if (wait_ms > STEP_WAIT_MS_MAX)
        wait_ms = STEP_WAIT_MS_MAX;
    if (wait_ms > 0 && exchange->deadline_us != INT64_MAX) {
        int64_t left_ms = (exchange->deadline_us - clock_monotonic_us()) / 1000 + 1;
        if (left_ms < wait_ms)
            wait_ms = left_ms < 0 ? 0 : left_ms;
    }
    invariant(curl_multi_poll(exchange->multi, NULL, 0, (int)wait_ms, NULL) == CURLM_OK);
    (void)exchange_move(exchange);
}

void exchange_wake(struct exchange *exchange)
{
    invariant(curl_multi_wakeup(exchange->multi) == CURLM_OK);
}

size_t exchange_under_way(const struct exchange *exchange)
{
    return exchange->connections + exchange->waiting;
}

/* --- Closing --- */

/* Ends all that is there, and what is started while it ends. */
static void exchange_cut(struct exchange *exchange)
{
    static const char cut[] = "cut off: the exchange was closed";
    while (exchange->running != NULL) {
        struct slot *slot = exchange->running;
        slot_take_back(slot);
        slot_fail(slot, cut);
    }
    for (size_t i = 0; i < HOST_BUCKETS; i++)
        while (exchange->buckets[i] != NULL) {
            struct host *host = exchange->buckets[i];
            while (host->first != NULL)
                slot_fail(waiting_take_first(exchange, host), cut);
            host->ready = false;
            host_leave(exchange, host);
        }
    exchange->ready_first = exchange->ready_last = NULL;
}

void exchange_close(struct exchange *exchange)
{
    if (exchange == NULL)
        return;
    while (exchange_under_way(exchange) > 0)
        exchange_cut(exchange);
    for (size_t i = 0; i < exchange->idle_count; i++)
        curl_easy_cleanup(exchange->idle[i]);
    if (exchange->multi != NULL)
        (void)curl_multi_cleanup(exchange->multi);
    for (struct slot *slot = exchange->free_slots, *next; slot != NULL; slot = next) {
        next = slot->next;
        buffer_free(&slot->answer);
        free(slot);
    }
    for (struct host *host = exchange->free_hosts, *next; host != NULL; host = next) {
        next = host->next_in_bucket;
        free(host);
    }
    free(exchange->idle);
    free(exchange->user_agent);
    free(exchange);
}

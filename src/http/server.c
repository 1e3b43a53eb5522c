/* With pool.c and wait.c, the one that knows libmicrohttpd: it takes requests off the wire, lets
 * routes answer them, suspends connections while the lane or the hasher has their request, and
 * opens and ends it all.
 *
 * libmicrohttpd must not be stopped with a connection suspended: every wait is counted, and nothing
 * begins to wait once http_close has begun to count them down. */
#include "http/server.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "http/guest.h"
#include "http/head.h"
#include "http/headers.h"
#include "http/listener.h"
#include "http/pool.h"
#include "http/route.h"
#include "http/settings.h"
#include "http/stream.h"
#include "http/wait.h"
#include "http/worker.h"

/* How much of a body over the limit is read and thrown away, so that its client reads our answer
 * instead of a reset connection: so many limits. */
enum { DISCARD_LIMITS = 4, STREAM_BLOCK_BYTES = 32 * 1024, CONTENT_LENGTH_DIGITS_MAX = 18 };

/* --- Answering --- */

static ssize_t stream_more(void *context, uint64_t at, char *bytes, size_t most)
{
    (void)at;
    return stream_read(context, bytes, most);
}

/* Gives the answer to libmicrohttpd, which takes its text over and frees it. */
static enum MHD_Result answer_queue(struct request *request)
{
    struct buffer *text = &request->answer.text;
    if (!buffer_ok(text)) {
        /* What was done is done, and can't be told: the client has to ask. */
        buffer_free(text);
        (void)route_fault(
            request, &(struct fault){.kind = FAULT_UNKNOWN, .text = "the answer is too large"});
    }
    request->stage = STAGE_ANSWERED;
    guest_turn(request->guest, GUEST_READS, clock_monotonic_us());
    held_add(&request->http->held, &request->held_bytes, text->length);
    struct MHD_Response *response =
        request->stream != NULL
            ? MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK_BYTES, stream_more,
                                                request, NULL)
            : MHD_create_response_from_buffer(text->length, text->bytes, MHD_RESPMEM_MUST_FREE);
    invariant(response != NULL);
    if (request->stream == NULL)
        buffer_init(text, text->limit); /* It is the response's now. */
    headers_add(response, request);
    enum MHD_Result queued =
        MHD_queue_response(request->connection, (unsigned)request->answer.status, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result request_wait(struct request *request, enum turn turn)
{
    if (wait_suspend(request)) {
        wait_submit(request, turn);
        return MHD_YES;
    }
    (void)route_busy(request);
    return answer_queue(request);
}

static enum MHD_Result request_turn(struct request *request, enum turn turn)
{
    switch (turn) {
    case TURN_REPLY:
        return answer_queue(request);
    case TURN_LANE:
    case TURN_HASH:
        return request_wait(request, turn);
    case TURN_CREW:
        break;
    }
    invariant(false && "a turn");
}

/* --- Taking a request off the wire --- */

static enum method method_read(const char *method)
{
    static const struct {
        const char *text;
        enum method method;
    } methods[] = {{MHD_HTTP_METHOD_GET, METHOD_GET},
                   {MHD_HTTP_METHOD_POST, METHOD_POST},
                   {MHD_HTTP_METHOD_PUT, METHOD_PUT},
                   {MHD_HTTP_METHOD_HEAD, METHOD_HEAD},
                   {MHD_HTTP_METHOD_OPTIONS, METHOD_OPTIONS}};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (strcmp(methods[i].text, method) == 0)
            return methods[i].method;
    return METHOD_OTHER;
}

static enum MHD_Result header_take(void *context, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    (void)kind;
    head_header(context, name, value == NULL ? "" : value);
    return MHD_YES;
}

/* True when the body that the head announces is too large to be read at all. */
static bool body_refused(struct request *request)
{
    const char *length = MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND,
                                                     MHD_HTTP_HEADER_CONTENT_LENGTH);
    if (length == NULL)
        return false;
    size_t digits = strlen(length);
    unsigned long long bytes = strtoull(length, NULL, 10); /* libmicrohttpd has checked it. */
    size_t most = request->body.limit;
    request->body_too_large = digits > CONTENT_LENGTH_DIGITS_MAX || bytes > most;
    if (!request->body_too_large)
        return false;
    bool asks = MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND,
                                            MHD_HTTP_HEADER_EXPECT) != NULL;
    return asks || digits > CONTENT_LENGTH_DIGITS_MAX || bytes / DISCARD_LIMITS > most;
}

static enum MHD_Result head_take(struct request *request, struct MHD_Connection *connection,
                                 const char *method)
{
    request->connection = connection;
    request->method = method_read(method);
    request->stage = STAGE_BODY;
    (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, header_take, request);
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (info == NULL || !address_of(info->client_addr, &request->peer))
        return MHD_NO; /* Neither IPv4 nor IPv6: nobody that we listen for. */
    if (request->malformed || body_refused(request))
        return request_turn(request, route_begin(request));
    return MHD_YES;
}

static enum MHD_Result body_take(struct request *request, const char *bytes, size_t length)
{
    size_t most = request->body.limit;
    request->received_bytes += length;
    if (request->received_bytes > most && !request->body_too_large) {
        request->body_too_large = true;
        buffer_free(&request->body);
    }
    if (request->received_bytes / DISCARD_LIMITS > most)
        return MHD_NO;
    if (!request->body_too_large && !request->no_room &&
        !held_take(&request->http->held, &request->held_bytes, length)) {
        request->no_room = true;
        buffer_free(&request->body);
    }
    if (!request->body_too_large && !request->no_room)
        buffer_append(&request->body, bytes, length);
    invariant(buffer_ok(&request->body));
    return MHD_YES;
}

static enum MHD_Result request_handle(void *context, struct MHD_Connection *connection,
                                      const char *url, const char *method, const char *version,
                                      const char *bytes, size_t *length, void **state)
{
    struct request *request = *state;
    (void)context, (void)url, (void)version;
    if (request->http->tls != NULL)
        looper_moved(pool_looper());
    switch (request->stage) {
    case STAGE_HEAD:
        return head_take(request, connection, method);
    case STAGE_BODY: {
        if (*length == 0)
            return wait_heave(request) ? MHD_YES : request_turn(request, route_begin(request));
        enum MHD_Result taken = body_take(request, bytes, *length);
        *length = 0;
        return taken;
    }
    case STAGE_WAITING:
        if (request->waits_for == TURN_REPLY)
            return answer_queue(request);
        return request_turn(request, route_resume(request));
    case STAGE_ANSWERED: /* The rest of a body that was refused unread. */
        *length = 0;
        return MHD_YES;
    }
    invariant(false && "a stage");
}

/* The first that is heard of a request, and the only time that its line is seen as it was sent. */
static void *request_begin(void *context, const char *uri, struct MHD_Connection *connection)
{
    struct http *http = context;
    wait_count(http, &http->requests_open, 1);
    struct request *request = request_open(http, uri);
    request->looper = pool_looper();
    request->guest =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    guest_turn(request->guest, GUEST_SENDS, request->began_at_us);
    return request;
}

static void request_log(const struct request *request, bool whole, int64_t duration_us)
{
    const struct answer *answer = &request->answer;
    log_event(LOG_LEVEL_INFO, "request", LOG_TEXT("request", request->id),
              LOG_TEXT("route", request->route->name), LOG_TEXT("from", request->client_text),
              LOG_NUMBER("merchant", request->merchant_id.value),
              LOG_NUMBER("code", (int64_t)answer->code), LOG_NUMBER("status", answer->status),
              LOG_NUMBER("duration_us", duration_us),
              LOG_TEXT("ended", whole ? "well" : "cut off"));
}

static void request_end(void *context, struct MHD_Connection *connection, void **state,
                        enum MHD_RequestTerminationCode code)
{
    struct http *http = context;
    struct request *request = *state;
    (void)connection;
    if (request == NULL)
        return;
    int64_t duration_us = clock_monotonic_us() - request->began_at_us;
    metrics_count(&http->metrics, route_index(http, request->route), request->answer.status,
                  duration_us);
    if (request->settings->access_log)
        request_log(request, code == MHD_REQUEST_TERMINATED_COMPLETED_OK, duration_us);
    held_release(&http->held, &request->held_bytes);
    stream_end(request);
    guest_turn(request->guest, GUEST_RESTS, clock_monotonic_us());
    request_close(request);
    *state = NULL;
    wait_count(http, &http->requests_open, -1);
}

__attribute__((format(printf, 2, 0))) static void daemon_log(void *context, const char *format,
                                                             va_list arguments)
{
    char text[256];
    (void)context;
    (void)vsnprintf(text, sizeof text, format, arguments);
    log_event(LOG_LEVEL_DEBUG, "libmicrohttpd", LOG_TEXT("says", text));
}

/* --- Opening and closing --- */

/* What each thread's daemon is started with. */
struct daemon_plan {
    struct http *http;
    unsigned connections, idle_seconds;
};

/* A handshake asks which certificate to show, on the thread of its connection. */
static int certificate_show(gnutls_session_t session, const gnutls_datum_t *authorities,
                            int authority_count, const gnutls_pk_algorithm_t *algorithms,
                            int algorithm_count, gnutls_pcert_st **chain, unsigned *count,
                            gnutls_privkey_t *key)
{
    const struct http *http = looper_owner(pool_looper());
    (void)session, (void)authorities, (void)authority_count;
    (void)algorithms, (void)algorithm_count;
    tls_show(http->tls, chain, count, key);
    return 0;
}

/* A connection begins or ends. One from neither IPv4 nor IPv6 is nobody's that we listen for: it is
 * kept as one from nowhere, and its requests are refused. */
static void connection_change(void *context, struct MHD_Connection *connection, void **state,
                              enum MHD_ConnectionNotificationCode code)
{
    struct http *http = context;
    if (code != MHD_CONNECTION_NOTIFY_STARTED) {
        guest_leave(*state);
        return;
    }
    struct address peer;
    if (!address_of(
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr,
            &peer))
        peer = (struct address){0};
    const struct address_list *trusted = atomic_load(&http->settings)->trusted_proxies;
    *state = guest_enter(
        http->guests, looper_index(pool_looper()),
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd, &peer,
        trusted == NULL || !address_list_has(trusted, &peer), clock_monotonic_us());
    if (http->tls != NULL)
        tls_watch(
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION)->tls_session);
}

static int guests_look(void *owner, const struct looper *looper)
{
    struct http *http = owner;
    int guest_ms = guests_tend(http->guests, looper_index(looper), clock_monotonic_us());
    int stream_ms = streams_tend(http, looper);
    return guest_ms < 0 || (stream_ms >= 0 && stream_ms < guest_ms) ? stream_ms : guest_ms;
}

static struct MHD_Daemon *daemon_start(void *context, int listener)
{
    const struct daemon_plan *plan = context;
    struct MHD_OptionItem secure[] = {
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)TLS_PRIORITIES},
        {MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)(uintptr_t)certificate_show},
        {MHD_OPTION_END, 0, NULL}};
    bool plain = plan->http->tls == NULL;
    /* With TURBO, which leaves the end of TLS out, a connection that is cut in its handshake is
     * never cleaned up. */
    unsigned kind = plain ? MHD_USE_TURBO : MHD_USE_TLS;
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG | kind, 0, NULL, NULL,
        request_handle, plan->http, MHD_OPTION_EXTERNAL_LOGGER, daemon_log, plan->http,
        MHD_OPTION_LISTEN_SOCKET, (MHD_socket)listener, MHD_OPTION_URI_LOG_CALLBACK, request_begin,
        plan->http, MHD_OPTION_NOTIFY_COMPLETED, request_end, plan->http,
        MHD_OPTION_NOTIFY_CONNECTION, connection_change, plan->http, MHD_OPTION_CONNECTION_LIMIT,
        plan->connections, MHD_OPTION_CONNECTION_TIMEOUT, plan->idle_seconds, MHD_OPTION_ARRAY,
        plain ? &secure[2] : secure, MHD_OPTION_END);
}

static enum fault_kind pool_start_all(struct http *http, const struct http_options *options,
                                      struct fault *fault)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int threads = options->threads > 0 ? options->threads : cores > 1 ? (int)cores : 1;
    if (threads > HTTP_THREADS_MAX)
        return fault_set(fault, FAULT_FINAL, "%d threads: at most %d", threads, HTTP_THREADS_MAX);
    unsigned connections =
        options->connections_max != 0 ? options->connections_max : HTTP_CONNECTIONS_MAX_DEFAULT;
    if (connections < (unsigned)threads)
        return fault_set(fault, FAULT_FINAL, "%u connections for %d threads", connections, threads);
    unsigned idle_seconds =
        options->idle_seconds != 0 ? options->idle_seconds : HTTP_IDLE_SECONDS_DEFAULT;
    struct daemon_plan plan = {.http = http,
                               .connections =
                                   (connections + (unsigned)threads - 1) / (unsigned)threads,
                               .idle_seconds = idle_seconds};
    http->guests = guests_open(&(struct guest_options){
        .rooms = threads,
        .room_guests_max = plan.connections,
        .per_address_max = options->connections_per_ip_max,
        .request_ms = options->request_ms != 0 ? options->request_ms : HTTP_REQUEST_MS_DEFAULT,
        .idle_ms = (int64_t)idle_seconds * 1000});
    return pool_open(http->listener, threads, daemon_start, &plan, guests_look, http, &http->pool,
                     fault);
}

static enum fault_kind options_check(const struct http_options *options, struct fault *fault)
{
    invariant(options->store != NULL && options->lane != NULL);
    if (options->key.length < TOKEN_KEY_BYTES_MIN || options->key.length > TOKEN_KEY_BYTES_MAX)
        return fault_set(fault, FAULT_FINAL, "the key of tokens has %zu bytes: %d to %d",
                         options->key.length, TOKEN_KEY_BYTES_MIN, TOKEN_KEY_BYTES_MAX);
    if (options->token_lifetime_ms != 0 && options->token_lifetime_ms < 1000)
        return fault_set(fault, FAULT_FINAL, "a token must live a second at least");
    if (options->hasher_threads > HASHER_THREADS_MAX)
        return fault_set(fault, FAULT_FINAL, "%d threads for passwords: at most %d",
                         options->hasher_threads, HASHER_THREADS_MAX);
    return FAULT_NONE;
}

static struct http *http_make(const struct http_options *options)
{
    struct http *http = secret_alloc(sizeof *http); /* It holds the key of tokens. */
    http->store = options->store;
    http->lane = options->lane;
    http->vault = options->vault;
    http->key = options->key;
    link_key_make(options->key.bytes, options->key.length, &http->link_key);
    http->token_lifetime_ms = options->token_lifetime_ms != 0 ? options->token_lifetime_ms
                                                              : HTTP_TOKEN_LIFETIME_MS_DEFAULT;
    http->drain_ms = options->drain_ms != 0 ? options->drain_ms : HTTP_DRAIN_MS_DEFAULT;
    http->work_only = options->work_only;
    http->body_bytes_max =
        options->body_bytes_max != 0 ? options->body_bytes_max : HTTP_BODY_BYTES_MAX_DEFAULT;
    http->held.bytes_max =
        options->held_bytes_max != 0 ? options->held_bytes_max : HTTP_HELD_BYTES_MAX_DEFAULT;
    http->metrics_more = options->metrics;
    http->metrics_context = options->metrics_context;
    http->screening_ask = options->screening_ask;
    http->screening_context = options->screening_context;
    if (options->channels != NULL)
        http->channels = *options->channels;
    invariant(options->route_count <= HTTP_ROUTES_MORE_MAX);
    http->routes = options->routes;
    http->route_count = options->route_count;
    http->listener = options->listener > 0 ? options->listener : -1;
    random_text(http->run_id, sizeof http->run_id);
    pthread_condattr_t attributes;
    invariant(pthread_condattr_init(&attributes) == 0);
    invariant(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
    invariant(pthread_cond_init(&http->emptied, &attributes) == 0);
    invariant(pthread_condattr_destroy(&attributes) == 0);
    invariant(pthread_mutex_init(&http->lock, NULL) == 0);
    http->limit = limit_open();
    http->streams = streams_open();
    return http;
}

enum fault_kind http_open(const struct http_options *options, struct http **http,
                          struct fault *fault)
{
    struct http *opened = http_make(options);
    enum fault_kind kind = options_check(options, fault);
    const char *listen = options->listen == NULL || options->listen[0] == '\0' ? HTTP_LISTEN_DEFAULT
                                                                               : options->listen;
    if (kind == FAULT_NONE)
        kind = http_reload(opened, options, fault);
    if (kind == FAULT_NONE && opened->listener >= 0)
        opened->port = listener_port(opened->listener);
    else if (kind == FAULT_NONE)
        kind = listener_open(listen, &opened->listener, &opened->port, fault);
    if (kind == FAULT_NONE) {
        long cores = sysconf(_SC_NPROCESSORS_ONLN);
        int crew = cores > CREW_THREADS_MAX ? CREW_THREADS_MAX : cores > 1 ? (int)cores : 1;
        opened->hasher = hasher_open(options->hasher_threads > 0 ? options->hasher_threads : 1);
        opened->crew = crew_open(crew, SIZE_MAX); /* As many as there are connections. */
        kind = pool_start_all(opened, options, fault);
    }
    if (kind != FAULT_NONE) {
        http_close(opened);
        return kind;
    }
    *http = opened;
    return FAULT_NONE;
}

enum fault_kind http_reload(struct http *http, const struct http_options *options,
                            struct fault *fault)
{
    struct settings *settings = NULL;
    enum fault_kind kind = settings_make(options, &settings, fault);
    if (kind == FAULT_NONE)
        kind = tls_apply(&http->tls, http->pool != NULL, options->tls_certificate_file,
                         options->tls_key_file, fault);
    if (kind != FAULT_NONE) {
        settings_free(settings);
        return kind;
    }
    settings->next = atomic_load(&http->settings);
    atomic_store(&http->settings, settings);
    return FAULT_NONE;
}

void http_certificate_look(struct http *http)
{
    tls_look(http->tls);
}

int http_port(const struct http *http)
{
    return http->port;
}

void http_changed(struct http *http, const struct book *book)
{
    streams_changed(http->streams, book);
}

void http_quiesce(struct http *http)
{
    if (atomic_exchange(&http->quiesced, true))
        return;
    streams_wake(http->streams);
    pool_quiesce(http->pool);
    /* Who is in the queue, or comes now, is refused instead of kept waiting. */
    (void)shutdown(http->listener, SHUT_RDWR);
}

/* Waits until nothing is under way, or drain_ms have gone; then, without limit, until nothing is
 * suspended, after which nothing will be. */
static void http_drain(struct http *http)
{
    int64_t until_us = clock_monotonic_us() + http->drain_ms * 1000;
    struct timespec until = {.tv_sec = until_us / 1000000, .tv_nsec = until_us % 1000000 * 1000};
    invariant(pthread_mutex_lock(&http->lock) == 0);
    int waited = 0;
    while (http->requests_open > 0 && waited == 0)
        waited = pthread_cond_timedwait(&http->emptied, &http->lock, &until);
    http->closing = true;
    while (http->requests_waiting > 0)
        invariant(pthread_cond_wait(&http->emptied, &http->lock) == 0);
    size_t cut = http->requests_open;
    invariant(pthread_mutex_unlock(&http->lock) == 0);
    if (cut > 0)
        log_event(LOG_LEVEL_WARNING, "requests cut off", LOG_NUMBER("requests", (int64_t)cut));
}

void http_close(struct http *http)
{
    if (http == NULL)
        return;
    if (http->pool != NULL) {
        http_quiesce(http);
        http_drain(http);
        pool_close(http->pool);
    }
    if (http->listener >= 0)
        (void)close(http->listener);
    guests_close(http->guests);
    hasher_close(http->hasher);
    crew_close(http->crew);
    tls_close(http->tls);
    workers_close(http);
    settings_free(atomic_load(&http->settings));
    limit_close(http->limit);
    streams_close(http->streams);
    invariant(pthread_cond_destroy(&http->emptied) == 0);
    invariant(pthread_mutex_destroy(&http->lock) == 0);
    secret_free(http);
}

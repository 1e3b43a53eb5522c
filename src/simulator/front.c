#include "simulator/front.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "net/exchange.h"

enum {
    CONNECTIONS_MAX = 2000,
    HEADERS_MAX = 64,
    CALLBACKS_MAX = 512, /* Under way at once. */
    CALLBACK_TIMEOUT_MS = 10000,
};

/* A request from its first byte to its last. */
struct visit {
    struct front *front;
    char *target; /* As it came: path, '?', query. */
    struct buffer body;
    struct sim_reply reply;
    bool answered;  /* By the core; it waits for its time. */
    bool ready;     /* Its time has come. */
    int64_t due_ms; /* When. */
    struct MHD_Connection *connection;
    struct visit *next; /* Of those that wait. */
};

struct errand {
    struct exchange_call call;
    struct sim_callback callback;
    struct front *front;
    struct errand *next; /* Free. */
};

struct front {
    struct front_options options;
    struct MHD_Daemon *daemon;
    struct exchange *exchange;
    uint16_t port;
    pthread_mutex_t lock; /* Guards the two below: the listener's thread and front_step's. */
    struct sim_world *world;
    struct visit *waiting;
    bool closing;
    struct errand errands[CALLBACKS_MAX];
    struct errand *free_errands;
};

static void front_lock(struct front *front)
{
    invariant(pthread_mutex_lock(&front->lock) == 0);
}

static void front_unlock(struct front *front)
{
    invariant(pthread_mutex_unlock(&front->lock) == 0);
}

/* --- Requests in --- */

static void *visit_begin(void *context, const char *target, struct MHD_Connection *connection)
{
    struct visit *visit = calloc(1, sizeof *visit);
    invariant(visit != NULL);
    visit->front = context;
    visit->connection = connection;
    visit->target = strdup(target);
    invariant(visit->target != NULL);
    buffer_init(&visit->body, SIM_BODY_BYTES_MAX);
    sim_reply_init(&visit->reply);
    return visit;
}

static void visit_end(void *context, struct MHD_Connection *connection, void **own,
                      enum MHD_RequestTerminationCode why)
{
    struct visit *visit = *own;
    (void)context, (void)connection, (void)why;
    if (visit == NULL)
        return;
    free(visit->target);
    buffer_free(&visit->body);
    sim_reply_free(&visit->reply);
    free(visit);
    *own = NULL;
}

struct header_list {
    struct sim_header headers[HEADERS_MAX];
    size_t count;
};

static enum MHD_Result header_add(void *context, enum MHD_ValueKind kind, const char *name,
                                  const char *value)
{
    struct header_list *list = context;
    (void)kind;
    if (list->count < HEADERS_MAX && value != NULL)
        list->headers[list->count++] = (struct sim_header){name, value};
    return MHD_YES;
}

/* Has the core answer, and the connection wait for that answer's time. */
static void visit_answer(struct visit *visit, const char *method)
{
    struct front *front = visit->front;
    struct header_list list = {.count = 0};
    char *query = strchr(visit->target, '?');
    if (query != NULL)
        *query++ = 0;
    (void)MHD_get_connection_values(visit->connection, MHD_HEADER_KIND, header_add, &list);
    front_lock(front);
    const struct sim_request request = {.method = method,
                                        .path = visit->target,
                                        .query = query == NULL ? "" : query,
                                        .headers = list.headers,
                                        .header_count = list.count,
                                        .body = buffer_text(&visit->body),
                                        .length = visit->body.length,
                                        .now_ms = clock_now_ms()};
    sim_answer(front->world, &request, &visit->reply);
    visit->answered = true;
    int64_t wait_ms = visit->reply.after_ms;
    if (visit->reply.status == 0 && !visit->reply.cut)
        wait_ms = front->options.silent_ms;
    visit->ready = wait_ms == 0;
    if (!visit->ready) {
        visit->due_ms = request.now_ms + wait_ms;
        visit->next = front->waiting;
        front->waiting = visit;
        MHD_suspend_connection(visit->connection);
    }
    front_unlock(front);
    exchange_wake(front->exchange);
}

static enum MHD_Result reply_send(struct visit *visit)
{
    const struct sim_reply *reply = &visit->reply;
    if (reply->status == 0)
        return MHD_NO; /* Cuts the connection. */
    struct MHD_Response *response = MHD_create_response_from_buffer(
        reply->body.length, (void *)(uintptr_t)buffer_text(&reply->body), MHD_RESPMEM_PERSISTENT);
    invariant(response != NULL);
    for (size_t i = 0; i < reply->header_count; i++) {
        char name[SIM_HEADER_BYTES];
        const char *colon = strchr(reply->headers[i], ':');
        size_t length = (size_t)(colon - reply->headers[i]);
        memcpy(name, reply->headers[i], length);
        name[length] = 0;
        invariant(MHD_add_response_header(response, name, colon + 2) == MHD_YES);
    }
    enum MHD_Result queued =
        MHD_queue_response(visit->connection, (unsigned)reply->status, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result visit_go_on(void *context, struct MHD_Connection *connection,
                                   const char *url, const char *method, const char *version,
                                   const char *upload, size_t *upload_length, void **own)
{
    struct visit *visit = *own;
    (void)context, (void)url, (void)version, (void)connection;
    if (*upload_length > 0) {
        buffer_append(&visit->body, upload, *upload_length);
        *upload_length = 0;
        return buffer_ok(&visit->body) ? MHD_YES : MHD_NO;
    }
    /* The first call comes before the body: what has one says so. */
    if (!visit->answered && visit->body.length == 0 && visit->due_ms == 0) {
        visit->due_ms = -1;
        return MHD_YES;
    }
    if (!visit->answered)
        visit_answer(visit, method);
    return visit->ready ? reply_send(visit) : MHD_YES;
}

/* Lets those answer whose time has come. Returns when the next one's comes. */
static int64_t visits_resume(struct front *front, int64_t now_ms)
{
    int64_t next_ms = INT64_MAX;
    for (struct visit **at = &front->waiting; *at != NULL;) {
        struct visit *visit = *at;
        if (visit->due_ms > now_ms && !front->closing) {
            next_ms = visit->due_ms < next_ms ? visit->due_ms : next_ms;
            at = &visit->next;
            continue;
        }
        *at = visit->next;
        visit->ready = true;
        MHD_resume_connection(visit->connection);
    }
    return next_ms;
}

/* --- Callbacks out --- */

static void errand_done(struct exchange_call *call)
{
    struct errand *errand = call->context;
    errand->next = errand->front->free_errands;
    errand->front->free_errands = errand;
}

static void errand_start(struct errand *errand)
{
    struct sim_callback *callback = &errand->callback;
    errand->call = (struct exchange_call){
        .method = callback->method,
        .url = callback->url,
        .body = buffer_text(&callback->body),
        .body_length = callback->body.length,
        .timeout_ms = CALLBACK_TIMEOUT_MS,
        .connect_timeout_ms = CALLBACK_TIMEOUT_MS,
        .done = errand_done,
        .context = errand,
    };
    for (size_t i = 0; i < callback->header_count; i++)
        errand->call.headers[i] = callback->headers[i];
    exchange_start(errand->front->exchange, &errand->call);
}

static void errands_start(struct front *front, int64_t now_ms)
{
    while (front->free_errands != NULL) {
        struct errand *errand = front->free_errands;
        front_lock(front);
        bool due = sim_callback_take(front->world, now_ms, &errand->callback);
        front_unlock(front);
        if (!due)
            return;
        front->free_errands = errand->next;
        errand_start(errand);
    }
}

/* --- All of it --- */

void front_step(struct front *front, int64_t wait_ms)
{
    int64_t now_ms = clock_now_ms();
    errands_start(front, now_ms);
    front_lock(front);
    int64_t next_ms = visits_resume(front, now_ms);
    int64_t due_ms = sim_next_ms(front->world);
    front_unlock(front);
    if (due_ms < next_ms && front->free_errands != NULL)
        next_ms = due_ms;
    if (next_ms - now_ms < wait_ms)
        wait_ms = next_ms <= now_ms ? 0 : next_ms - now_ms;
    exchange_step(front->exchange, wait_ms);
}

static struct MHD_Daemon *listener_start(struct front *front, const struct sockaddr_in *at)
{
    return MHD_start_daemon(
        MHD_USE_POLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, visit_go_on, front,
        MHD_OPTION_SOCK_ADDR, at, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, 120U, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1U,
        MHD_OPTION_LISTEN_BACKLOG_SIZE, 1024U, MHD_OPTION_NOTIFY_COMPLETED, visit_end, NULL,
        MHD_OPTION_URI_LOG_CALLBACK, visit_begin, front, MHD_OPTION_END);
}

enum fault_kind front_open(const struct front_options *options, struct sim_world *world,
                           struct front **front, struct fault *fault)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(options->port)};
    const struct exchange_options exchange = {.user_agent = "payout-operator-sim",
                                              .connections_max = CALLBACKS_MAX,
                                              .connections_per_host_max = 64};
    if (inet_pton(AF_INET, options->address, &at.sin_addr) != 1)
        return fault_set(fault, FAULT_FINAL, "%s is no IPv4 address", options->address);
    struct front *opened = calloc(1, sizeof *opened);
    invariant(opened != NULL);
    opened->options = *options;
    opened->world = world;
    invariant(pthread_mutex_init(&opened->lock, NULL) == 0);
    for (int i = 0; i < CALLBACKS_MAX; i++) {
        sim_callback_init(&opened->errands[i].callback);
        opened->errands[i].front = opened;
        opened->errands[i].next = opened->free_errands;
        opened->free_errands = &opened->errands[i];
    }
    enum fault_kind kind = exchange_open(&exchange, &opened->exchange, fault);
    if (kind == FAULT_NONE && (opened->daemon = listener_start(opened, &at)) == NULL)
        kind = fault_set(fault, FAULT_FINAL, "can't listen on %s, port %u", options->address,
                         options->port);
    if (kind != FAULT_NONE) {
        front_close(opened);
        return kind;
    }
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(opened->daemon, MHD_DAEMON_INFO_BIND_PORT);
    opened->port = info == NULL ? options->port : info->port;
    *front = opened;
    return FAULT_NONE;
}

uint16_t front_port(const struct front *front)
{
    return front->port;
}

void front_wake(struct front *front)
{
    exchange_wake(front->exchange);
}

/* libmicrohttpd must not be stopped while a connection is suspended. */
void front_close(struct front *front)
{
    if (front == NULL)
        return;
    if (front->daemon != NULL) {
        (void)MHD_quiesce_daemon(front->daemon);
        front_lock(front);
        front->closing = true;
        (void)visits_resume(front, 0);
        front_unlock(front);
        MHD_stop_daemon(front->daemon);
    }
    exchange_close(front->exchange);
    for (int i = 0; i < CALLBACKS_MAX; i++)
        sim_callback_free(&front->errands[i].callback);
    invariant(pthread_mutex_destroy(&front->lock) == 0);
    free(front);
}

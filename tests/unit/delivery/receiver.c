#include "receiver.h"

#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"

static void header_copy(struct MHD_Connection *connection, const char *name, char *to, size_t size)
{
    const char *value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
    (void)snprintf(to, size, "%s", value == NULL ? "" : value);
}

static enum MHD_Result query_add(void *context, enum MHD_ValueKind kind, const char *key,
                                 const char *value)
{
    struct received *received = context;
    size_t length = strlen(received->url);
    (void)kind;
    (void)snprintf(received->url + length, sizeof received->url - length, "%c%s=%s",
                   strchr(received->url, '?') == NULL ? '?' : '&', key, value == NULL ? "" : value);
    return MHD_YES;
}

/* Keeps the request and says with what status to answer. */
static int receiver_keep(struct receiver *receiver, struct received *received, bool muted)
{
    bool post = strcmp(received->method, "POST") == 0;
    received->status = post ? receiver->post_status : receiver->ping_status;
    if (post && !muted && receiver->fail_first > 0) {
        receiver->fail_first--;
        received->status = 500;
    }
    invariant(receiver->count < RECEIVED_MAX);
    receiver->all[receiver->count++] = *received;
    if (post)
        receiver->posts++;
    else
        receiver->pings++;
    return received->status;
}

static enum MHD_Result receiver_serve(void *context, struct MHD_Connection *connection,
                                      const char *url, const char *method, const char *version,
                                      const char *upload, size_t *upload_length, void **own)
{
    struct receiver *receiver = context;
    struct received *received = *own;
    (void)version;
    if (received == NULL) {
        received = calloc(1, sizeof *received);
        invariant(received != NULL);
        *own = received;
        (void)snprintf(received->method, sizeof received->method, "%s", method);
        (void)snprintf(received->url, sizeof received->url, "%s", url);
        (void)MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, query_add, received);
        header_copy(connection, "Content-Type", received->content_type,
                    sizeof received->content_type);
        header_copy(connection, "x-token", received->token, sizeof received->token);
        header_copy(connection, "webhook-id", received->id, sizeof received->id);
        header_copy(connection, "webhook-timestamp", received->timestamp,
                    sizeof received->timestamp);
        header_copy(connection, "webhook-signature", received->signature,
                    sizeof received->signature);
        header_copy(connection, "User-Agent", received->agent, sizeof received->agent);
        return MHD_YES;
    }
    if (*upload_length > 0) {
        size_t length = strlen(received->body);
        invariant(length + *upload_length < sizeof received->body);
        memcpy(received->body + length, upload, *upload_length);
        *upload_length = 0;
        return MHD_YES;
    }
    invariant(pthread_mutex_lock(&receiver->mutex) == 0);
    if (receiver->mute) {
        invariant(receiver->muted_count < sizeof receiver->muted / sizeof *receiver->muted);
        if (++receiver->open > receiver->open_max)
            receiver->open_max = receiver->open;
        receiver->muted[receiver->muted_count++] = connection;
        MHD_suspend_connection(connection);
        invariant(pthread_mutex_unlock(&receiver->mutex) == 0);
        return MHD_YES;
    }
    int status = receiver_keep(receiver, received, false);
    invariant(pthread_mutex_unlock(&receiver->mutex) == 0);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(2, (void *)(uintptr_t) "ok", MHD_RESPMEM_PERSISTENT);
    enum MHD_Result queued = MHD_queue_response(connection, (unsigned)status, response);
    MHD_destroy_response(response);
    return queued;
}

static void receiver_done(void *context, struct MHD_Connection *connection, void **own,
                          enum MHD_RequestTerminationCode code)
{
    (void)context;
    (void)connection;
    (void)code;
    free(*own);
    *own = NULL;
}

void receiver_open(struct receiver *receiver)
{
    *receiver = (struct receiver){.ping_status = 200, .post_status = 200};
    receiver->all = calloc(RECEIVED_MAX, sizeof *receiver->all);
    invariant(receiver->all != NULL);
    invariant(pthread_mutex_init(&receiver->mutex, NULL) == 0);
    receiver->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, receiver_serve,
        receiver, MHD_OPTION_NOTIFY_COMPLETED, receiver_done, NULL, MHD_OPTION_END);
    invariant(receiver->daemon != NULL);
    receiver->port = MHD_get_daemon_info(receiver->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

void receiver_mute(struct receiver *receiver, bool mute)
{
    invariant(pthread_mutex_lock(&receiver->mutex) == 0);
    receiver->mute = mute;
    while (!mute && receiver->muted_count > 0) {
        MHD_resume_connection(receiver->muted[--receiver->muted_count]);
        receiver->open--;
    }
    invariant(pthread_mutex_unlock(&receiver->mutex) == 0);
}

void receiver_close(struct receiver *receiver)
{
    receiver_mute(receiver, false);
    MHD_stop_daemon(receiver->daemon);
    invariant(pthread_mutex_destroy(&receiver->mutex) == 0);
    free(receiver->all);
}

struct received receiver_post(struct receiver *receiver, size_t number)
{
    struct received found = {0};
    invariant(pthread_mutex_lock(&receiver->mutex) == 0);
    for (size_t i = 0, posts = 0; i < receiver->count; i++)
        if (strcmp(receiver->all[i].method, "POST") == 0 && posts++ == number)
            found = receiver->all[i];
    invariant(pthread_mutex_unlock(&receiver->mutex) == 0);
    return found;
}

size_t receiver_posts(struct receiver *receiver)
{
    invariant(pthread_mutex_lock(&receiver->mutex) == 0);
    size_t posts = receiver->posts;
    invariant(pthread_mutex_unlock(&receiver->mutex) == 0);
    return posts;
}

size_t receiver_pings(struct receiver *receiver)
{
    invariant(pthread_mutex_lock(&receiver->mutex) == 0);
    size_t pings = receiver->pings;
    invariant(pthread_mutex_unlock(&receiver->mutex) == 0);
    return pings;
}

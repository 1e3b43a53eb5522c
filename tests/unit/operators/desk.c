#include "desk.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- The connector --- */

static void desk_write(const struct operator_call *call, struct operator_request *request)
{
    const char *url = call->channel->url;
    invariant((call->task == OPERATOR_TASK_TOKEN) == (call->token[0] == '\0') ||
              (desk_connector.abilities & OPERATOR_TOKENS) == 0);
    request->method = "GET";
    switch (call->task) {
    case OPERATOR_TASK_TOKEN:
        request->method = "POST";
        buffer_format(&request->url, "%s/token", url);
        break;
    case OPERATOR_TASK_SUBMIT:
        request->method = "POST";
        buffer_format(&request->url, "%s/pay", url);
        for (size_t i = 0; i < call->count; i++)
            buffer_format(&request->body, "%s %" PRId64 " %s\n", call->attempts[i].reference,
                          call->attempts[i].transfer->msisdn, call->attempts[i].receiver_name);
        break;
    case OPERATOR_TASK_ASK:
        buffer_format(&request->url, "%s/ask/%s-%" PRId64, url, call->attempts->reference,
                      call->attempts->transfer->msisdn);
        break;
    case OPERATOR_TASK_VALIDATE:
        buffer_format(&request->url, "%s/who/%" PRId64, url, call->attempts->transfer->msisdn);
        break;
    case OPERATOR_TASK_FLOAT:
        buffer_format(&request->url, "%s/float", url);
        break;
    case OPERATOR_TASK_REVERSE:
    case OPERATOR_TASK_ASK_REVERSAL:
        request->method = call->task == OPERATOR_TASK_REVERSE ? "POST" : "GET";
        buffer_format(&request->url, "%s/%s/%s-%" PRId64, url,
                      call->task == OPERATOR_TASK_REVERSE ? "back" : "backask",
                      call->attempts->reference, call->attempts->transfer->msisdn);
        break;
    case OPERATOR_TASK_COUNT:
        abort();
    }
    if (call->token[0] != '\0')
        operator_request_header(request, "Authorization: Bearer %s", call->token);
}

static enum verdict word_read(const char *word, size_t length)
{
    for (int i = VERDICT_PAID; i <= VERDICT_NOT_SENT; i++)
        if (strlen(verdict_text((enum verdict)i)) == length &&
            strncmp(verdict_text((enum verdict)i), word, length) == 0)
            return (enum verdict)i;
    return VERDICT_UNKNOWN;
}

static void receiver_read(const char *text, struct operator_result *result)
{
    if (strncmp(text, "FOUND", 5) == 0) {
        result->receiver = OPERATOR_RECEIVER_FOUND;
        if (text[5] == ' ')
            (void)snprintf(result->receiver_name, sizeof result->receiver_name, "%s", text + 6);
    } else if (strcmp(text, "NONE") == 0) {
        result->receiver = OPERATOR_RECEIVER_NONE;
    } else if (strcmp(text, "OTHER") == 0) {
        result->receiver = OPERATOR_RECEIVER_OTHER;
    }
}

static void desk_read(const struct operator_call *call, const struct operator_reply *reply,
                      struct operator_result *result)
{
    bool submit = call->task == OPERATOR_TASK_SUBMIT || call->task == OPERATOR_TASK_REVERSE;
    const char *at = reply->body;
    if (reply->status == 401 || reply->status == 429) {
        result->token_refused = reply->status == 401;
        result->throttled_ms = reply->status == 429 ? 1 : 0;
        operator_result_all(call, result, submit ? VERDICT_NOT_SENT : VERDICT_UNKNOWN,
                            TRANSFER_REASON_NONE);
    }
    if (reply->status != 200) {
        (void)snprintf(result->said, sizeof result->said, "%.100s", reply->body);
        return;
    }
    for (size_t i = 0; i < call->count && call->task != OPERATOR_TASK_VALIDATE; i++) {
        size_t length = strcspn(at, "\n");
        result->answers[i].verdict = word_read(at, length);
        at += length + (at[length] == '\n');
    }
    if (call->task == OPERATOR_TASK_VALIDATE)
        receiver_read(at, result);
    if (call->task == OPERATOR_TASK_FLOAT) {
        result->float_known = true;
        result->float_left = (struct amount){strtol(at, NULL, 10), CURRENCY_XOF};
    }
    if (call->task == OPERATOR_TASK_TOKEN) {
        (void)snprintf(result->token, sizeof result->token, "%.*s", (int)strcspn(at, " "), at);
        result->token_lifetime_ms = strtol(at + strcspn(at, " "), NULL, 10);
    }
}

struct operator_connector desk_connector = {.name = "desk",
                                            .batch_max = DESK_BATCH_MAX,
                                            .call_write = desk_write,
                                            .answer_read = desk_read};

void desk_channel(const struct desk *desk, struct channel *channel, int number, const char *name)
{
    *channel = (struct channel){.number = number,
                                .connector = &desk_connector,
                                .operators = UINT64_MAX,
                                .currency = CURRENCY_XOF,
                                .weight = 1,
                                .under_way_max = 4,
                                .timeout_ms = 20000,
                                .connect_timeout_ms = 20000};
    (void)snprintf(channel->name, sizeof channel->name, "%s", name);
    (void)snprintf(channel->url, sizeof channel->url, "http://127.0.0.1:%d", desk->port);
}

/* --- The server --- */

static void connection_end(struct desk *desk, struct desk_connection *connection)
{
    (void)close(connection->socket);
    desk->open -= connection->held;
    connection->socket = -1;
    connection->length = 0;
    connection->held = false;
}

static void connection_answer(struct desk_connection *connection, int status, const char *header,
                              const char *body)
{
    char text[4096];
    int length = snprintf(text, sizeof text, "HTTP/1.1 %d X\r\n%sContent-Length: %zu\r\n\r\n%s",
                          status, header, strlen(body), body);
    invariant(length > 0 && (size_t)length < sizeof text);
    ssize_t sent = send(connection->socket, text, (size_t)length, MSG_NOSIGNAL);
    invariant(sent == length || sent < 0); /* The worker may have hung up. */
}

static size_t person_of(const char *msisdn)
{
    int64_t person = strtoll(msisdn, NULL, 10) - DESK_FIRST_MSISDN;
    invariant(person >= 0 && person < DESK_PEOPLE_MAX);
    return (size_t)person;
}

/* Books each line's payment and writes what became of it. */
static void pay_lines(struct desk *desk, const char *lines, char *body, size_t size)
{
    int count = 0;
    body[0] = '\0';
    for (const char *line = lines; *line != '\0'; line += strcspn(line, "\n") + 1, count++) {
        size_t person = person_of(strchr(line, ' ') + 1), said = strlen(body);
        const char *word = "PAID";
        if (desk->words[desk->said] != NULL) {
            word = desk->words[desk->said];
            if (desk->words[desk->said + 1] != NULL)
                desk->said++;
        }
        desk->submits[person]++;
        desk->paid[person] += strcmp(word, "PAID") == 0;
        (void)snprintf(body + said, size - said, "%s\n", word);
    }
    desk->pays++;
    if (count > desk->batch_most)
        desk->batch_most = count;
}

static int desk_do(struct desk *desk, const char *request, const char *content, char *body,
                   size_t size)
{
    const char *path = strchr(request, ' ') + 1;
    if (strncmp(path, "/pay", 4) == 0) {
        pay_lines(desk, content, body, size);
    } else if (strncmp(path, "/ask/", 5) == 0) {
        size_t person = person_of(strchr(path, '-') + 1);
        desk->asks[person]++;
        (void)snprintf(body, size, "%s",
                       desk->asked != NULL         ? desk->asked
                       : desk->paid[person] > 0    ? "PAID"
                       : desk->submits[person] > 0 ? "REJECTED"
                                                   : "NEVER_SEEN");
    } else if (strncmp(path, "/who/", 5) == 0) {
        desk->lookups[person_of(path + 5)]++;
        (void)snprintf(body, size, "%s", desk->who != NULL ? desk->who : "FOUND");
    } else if (strncmp(path, "/back/", 6) == 0) {
        desk->backs[person_of(strchr(path, '-') + 1)]++;
        (void)snprintf(body, size, "%s", desk->back != NULL ? desk->back : "PAID");
    } else if (strncmp(path, "/backask/", 9) == 0) {
        bool done = desk->backs[person_of(strchr(path, '-') + 1)] > 0;
        (void)snprintf(body, size, "%s", done ? "PAID" : "NEVER_SEEN");
    } else if (strncmp(path, "/float", 6) == 0) {
        desk->floats++;
        (void)snprintf(body, size, "%ld", desk->float_left);
    } else {
        return 404;
    }
    return 200;
}

/* True when the token is the one that holds. */
static bool token_holds(struct desk *desk, const char *request)
{
    static const char bearer[] = "Authorization: Bearer token-";
    const char *token = strstr(request, bearer);
    return desk->public ||
           (token != NULL && strtol(token + sizeof bearer - 1, NULL, 10) == desk->token);
}

static void desk_serve(struct desk *desk, struct desk_connection *connection, const char *content)
{
    char body[1024] = "";
    bool moody = desk->mood != DESK_WELL && desk->moody != 0;
    desk->calls++;
    if (strncmp(connection->text, "POST /token", 11) == 0) {
        desk->tokens++;
        (void)snprintf(body, sizeof body, "token-%d 60000", desk->token);
        connection_answer(connection, desk->token_status == 0 ? 200 : desk->token_status, "",
                          desk->token_status == 0 ? body : "no");
    } else if (desk->refuse > 0 || !token_holds(desk, connection->text)) {
        desk->refuse -= desk->refuse > 0;
        connection_answer(connection, 401, "", "no such token");
    } else if (desk->throttle > 0) {
        desk->throttle--;
        connection_answer(connection, 429, desk->retry_after == NULL ? "" : desk->retry_after,
                          "slowly");
    } else if (moody && desk->mood == DESK_DOWN) {
        desk->moody -= desk->moody > 0;
        connection_answer(connection, 500, "", "down");
    } else {
        int status = desk_do(desk, connection->text, content, body, sizeof body);
        desk->moody -= moody && desk->moody > 0;
        if (moody && desk->mood == DESK_CUTS)
            connection_end(desk, connection);
        else if (!moody || desk->mood != DESK_SILENT)
            connection_answer(connection, status, "", body);
    }
}

/* Serves the request that stands whole in text, unless it is to wait. */
static void connection_try(struct desk *desk, struct desk_connection *connection)
{
    const char *end = strstr(connection->text, "\r\n\r\n");
    const char *length = strcasestr(connection->text, "\r\nContent-Length:");
    if (connection->length == 0 || end == NULL)
        return;
    size_t body = length != NULL && length < end ? strtoul(length + 17, NULL, 10) : 0;
    if (strlen(end + 4) < body)
        return;
    if (desk->mood == DESK_HELD) {
        if (!connection->held && ++desk->open > desk->open_most)
            desk->open_most = desk->open;
        connection->held = true;
        return;
    }
    desk->open -= connection->held;
    connection->held = false;
    desk_serve(desk, connection, end + 4);
    connection->length = 0; /* Nobody here sends two at once. */
    connection->text[0] = '\0';
}

static void connection_read(struct desk *desk, struct desk_connection *connection)
{
    ssize_t got = recv(connection->socket, connection->text + connection->length,
                       sizeof connection->text - connection->length - 1, 0);
    if (got <= 0) {
        connection_end(desk, connection);
        return;
    }
    connection->length += (size_t)got;
    connection->text[connection->length] = '\0';
    connection_try(desk, connection);
}

static void connection_take(struct desk *desk)
{
    int taken = accept(desk->listener, NULL, NULL);
    invariant(taken >= 0);
    size_t free_one = 0;
    while (free_one < DESK_CONNECTIONS_MAX && desk->connections[free_one].socket >= 0)
        free_one++;
    invariant(free_one < DESK_CONNECTIONS_MAX);
    desk->connections[free_one].socket = taken;
}

static void *desk_run(void *context)
{
    struct desk *desk = context;
    for (;;) {
        struct pollfd polled[DESK_CONNECTIONS_MAX + 2] = {{.fd = desk->wake[0], .events = POLLIN},
                                                          {.fd = desk->listener, .events = POLLIN}};
        for (size_t i = 0; i < DESK_CONNECTIONS_MAX; i++)
            polled[i + 2] = (struct pollfd){.fd = desk->connections[i].socket, .events = POLLIN};
        invariant(poll(polled, DESK_CONNECTIONS_MAX + 2, -1) > 0);
        char news = 0;
        if (polled[0].revents != 0)
            invariant(read(desk->wake[0], &news, 1) == 1);
        if (news == 'x')
            return NULL;
        desk_lock(desk);
        for (size_t i = 0; i < DESK_CONNECTIONS_MAX; i++) {
            struct desk_connection *connection = &desk->connections[i];
            if (connection->socket >= 0 && polled[i + 2].revents != 0)
                connection_read(desk, connection);
            else if (connection->socket >= 0 && connection->held)
                connection_try(desk, connection);
        }
        if (polled[1].revents != 0)
            connection_take(desk);
        desk_unlock(desk);
    }
}

void desk_open(struct desk *desk)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof at;
    *desk = (struct desk){.token = 1, .moody = -1};
    for (size_t i = 0; i < DESK_CONNECTIONS_MAX; i++)
        desk->connections[i].socket = -1;
    desk->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    invariant(desk->listener >= 0 && pipe(desk->wake) == 0);
    invariant(bind(desk->listener, (struct sockaddr *)&at, sizeof at) == 0);
    invariant(listen(desk->listener, 64) == 0);
    invariant(getsockname(desk->listener, (struct sockaddr *)&at, &size) == 0);
    desk->port = ntohs(at.sin_port);
    invariant(pthread_mutex_init(&desk->mutex, NULL) == 0);
    invariant(pthread_create(&desk->thread, NULL, desk_run, desk) == 0);
}

void desk_close(struct desk *desk)
{
    invariant(write(desk->wake[1], "x", 1) == 1);
    invariant(pthread_join(desk->thread, NULL) == 0);
    for (size_t i = 0; i < DESK_CONNECTIONS_MAX; i++)
        if (desk->connections[i].socket >= 0)
            connection_end(desk, &desk->connections[i]);
    (void)close(desk->listener);
    (void)close(desk->wake[0]);
    (void)close(desk->wake[1]);
    invariant(pthread_mutex_destroy(&desk->mutex) == 0);
}

void desk_lock(struct desk *desk)
{
    invariant(pthread_mutex_lock(&desk->mutex) == 0);
}

void desk_unlock(struct desk *desk)
{
    invariant(pthread_mutex_unlock(&desk->mutex) == 0);
}

void desk_mood(struct desk *desk, enum desk_mood mood, int calls)
{
    desk_lock(desk);
    desk->mood = mood;
    desk->moody = calls;
    desk_unlock(desk);
    invariant(write(desk->wake[1], "w", 1) == 1);
}

int desk_sum(struct desk *desk, const int *book, size_t count)
{
    int sum = 0;
    desk_lock(desk);
    for (size_t i = 0; i < count; i++)
        sum += book[i];
    desk_unlock(desk);
    return sum;
}

int desk_most(struct desk *desk, const int *book, size_t count)
{
    int most = 0;
    desk_lock(desk);
    for (size_t i = 0; i < count; i++)
        most = book[i] > most ? book[i] : most;
    desk_unlock(desk);
    return most;
}

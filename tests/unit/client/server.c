#include "server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 32, REQUESTS_MAX = 4096, REQUEST_BYTES_MAX = 1024 * 1024 };

struct connection {
    int socket; /* -1: free. */
    char *text;
    size_t length;
};

struct server {
    pthread_t thread;
    pthread_mutex_t lock;
    int listener, stop[2];
    char url[64];
    const struct server_play *plays;
    bool played[64];
    int logins;
    struct connection connections[CONNECTIONS_MAX];
    char *requests[REQUESTS_MAX];
    size_t request_count;
};

/* Aborts: a test that can't have its server is no test. */
static void must(bool condition)
{
    if (!condition) {
        perror("the test's server");
        abort();
    }
}

static void connection_close(struct connection *connection)
{
    close(connection->socket);
    free(connection->text);
    *connection = (struct connection){.socket = -1};
}

static bool path_begins(const char *request, const char *path)
{
    const char *at = strchr(request, ' ');
    return at != NULL && strncmp(at + 1, path, strlen(path)) == 0;
}

static void text_send(struct connection *connection, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(connection->socket, text, length, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        text += sent;
        length -= (size_t)sent;
    }
}

static void play_run(struct connection *connection, const struct server_play *play)
{
    size_t length = strlen(play->body != NULL ? play->body : "");
    if (play->act == ACT_SILENT)
        return;
    if (play->act == ACT_CUT) {
        connection_close(connection);
        return;
    }
    size_t size = length + 512;
    char *answer = malloc(size);
    must(answer != NULL);
    /* In one piece: two would wait for each other (Nagle). */
    int whole = snprintf(answer, size,
                         "HTTP/1.1 %d X\r\nContent-Type: application/json\r\n"
                         "Content-Length: %zu\r\n%s\r\n%.*s",
                         play->status, length, play->headers != NULL ? play->headers : "",
                         (int)(play->act == ACT_CUT_BODY ? length / 2 : length),
                         play->body != NULL ? play->body : "");
    must(whole > 0 && (size_t)whole < size);
    text_send(connection, answer, (size_t)whole);
    free(answer);
    if (play->act == ACT_CUT_BODY)
        connection_close(connection);
}

static void request_play(struct server *server, struct connection *connection)
{
    const char *request = connection->text;
    char login[128];
    for (size_t i = 0; server->plays[i].path != NULL; i++) {
        if (server->played[i] || !path_begins(request, server->plays[i].path))
            continue;
        server->played[i] = !server->plays[i].stays;
        play_run(connection, &server->plays[i]);
        return;
    }
    (void)snprintf(login, sizeof login,
                   "{\"code\":0,\"message\":\"OPERATION_SUCCES\",\"data\":"
                   "{\"token\":\"token-%d\"}}",
                   ++server->logins);
    const struct server_play play = {NULL, ACT_ANSWER, 200, login, NULL, false};
    const struct server_play none = {NULL, ACT_ANSWER, 404, "{}", NULL, false};
    play_run(connection, path_begins(request, "/v1/auth/login") ? &play : &none);
}

/* The bytes of the whole request that stands in text; 0: there is more to come. */
static size_t request_bytes(const char *text)
{
    const char *end = strstr(text, "\r\n\r\n");
    if (end == NULL)
        return 0;
    const char *length = strcasestr(text, "\r\nContent-Length:");
    size_t body = length != NULL && length < end ? strtoul(length + 17, NULL, 10) : 0;
    size_t whole = (size_t)(end - text) + 4 + body;
    return strlen(text) >= whole ? whole : 0;
}

static void connection_read(struct server *server, struct connection *connection)
{
    ssize_t got = recv(connection->socket, connection->text + connection->length,
                       REQUEST_BYTES_MAX - connection->length - 1, 0);
    if (got <= 0) {
        connection_close(connection);
        return;
    }
    connection->length += (size_t)got;
    connection->text[connection->length] = '\0';
    size_t bytes = request_bytes(connection->text);
    if (bytes == 0)
        return;
    pthread_mutex_lock(&server->lock);
    must(server->request_count < REQUESTS_MAX);
    server->requests[server->request_count++] = strndup(connection->text, bytes);
    pthread_mutex_unlock(&server->lock);
    connection->length = 0; /* Nobody here sends two at once. */
    request_play(server, connection);
}

static void connection_take(struct server *server)
{
    int socket = accept(server->listener, NULL, NULL);
    for (size_t i = 0; socket >= 0 && i < CONNECTIONS_MAX; i++) {
        struct connection *connection = &server->connections[i];
        if (connection->socket >= 0)
            continue;
        connection->socket = socket;
        connection->text = calloc(1, REQUEST_BYTES_MAX);
        must(connection->text != NULL);
        return;
    }
    must(false);
}

static void *server_run(void *context)
{
    struct server *server = context;
    for (;;) {
        struct pollfd polled[CONNECTIONS_MAX + 2] = {{.fd = server->stop[0], .events = POLLIN},
                                                     {.fd = server->listener, .events = POLLIN}};
        for (size_t i = 0; i < CONNECTIONS_MAX; i++)
            polled[i + 2] = (struct pollfd){.fd = server->connections[i].socket, .events = POLLIN};
        must(poll(polled, CONNECTIONS_MAX + 2, -1) > 0);
        if (polled[0].revents != 0)
            return NULL;
        for (size_t i = 0; i < CONNECTIONS_MAX; i++)
            if (server->connections[i].socket >= 0 && polled[i + 2].revents != 0)
                connection_read(server, &server->connections[i]);
        if (polled[1].revents != 0)
            connection_take(server);
    }
}

struct server *server_start(const struct server_play *plays)
{
    struct server *server = calloc(1, sizeof *server);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof at;
    must(server != NULL && pipe(server->stop) == 0);
    server->plays = plays;
    for (size_t i = 0; i < CONNECTIONS_MAX; i++)
        server->connections[i].socket = -1;
    pthread_mutex_init(&server->lock, NULL);
    server->listener = socket(AF_INET, SOCK_STREAM, 0);
    must(bind(server->listener, (struct sockaddr *)&at, sizeof at) == 0 &&
         listen(server->listener, 64) == 0 &&
         getsockname(server->listener, (struct sockaddr *)&at, &size) == 0);
    (void)snprintf(server->url, sizeof server->url, "http://127.0.0.1:%u", ntohs(at.sin_port));
    must(pthread_create(&server->thread, NULL, server_run, server) == 0);
    return server;
}

void server_stop(struct server *server)
{
    must(write(server->stop[1], "x", 1) == 1);
    must(pthread_join(server->thread, NULL) == 0);
    for (size_t i = 0; i < CONNECTIONS_MAX; i++)
        if (server->connections[i].socket >= 0)
            connection_close(&server->connections[i]);
    for (size_t i = 0; i < server->request_count; i++)
        free(server->requests[i]);
    close(server->listener);
    close(server->stop[0]);
    close(server->stop[1]);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

const char *server_url(const struct server *server)
{
    return server->url;
}

const char *server_request(struct server *server, const char *path, size_t index)
{
    const char *found = NULL;
    pthread_mutex_lock(&server->lock);
    for (size_t i = 0; i < server->request_count && found == NULL; i++)
        if (path_begins(server->requests[i], path) && index-- == 0)
            found = server->requests[i];
    pthread_mutex_unlock(&server->lock);
    return found;
}

size_t server_count(struct server *server, const char *path)
{
    size_t count = 0;
    while (server_request(server, path, count) != NULL)
        count++;
    return count;
}

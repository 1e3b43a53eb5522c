#include "server_fake.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fault.h"

void server_open(struct server_fake *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    *server = (struct server_fake){.serve = server_plain,
                                   .answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"};
    for (size_t i = 0; i < SERVER_CONNECTIONS_MAX; i++)
        server->connections[i].descriptor = -1;
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    invariant(server->listener >= 0);
    invariant(bind(server->listener, (struct sockaddr *)&address, length) == 0);
    invariant(listen(server->listener, SERVER_CONNECTIONS_MAX) == 0);
    invariant(getsockname(server->listener, (struct sockaddr *)&address, &length) == 0);
    server->port = ntohs(address.sin_port);
}

void server_hang_up(struct server_fake *server, struct server_connection *connection)
{
    (void)close(connection->descriptor);
    connection->descriptor = -1;
    server->open--;
}

void server_close(struct server_fake *server)
{
    for (size_t i = 0; i < SERVER_CONNECTIONS_MAX; i++) {
        if (server->connections[i].descriptor >= 0)
            server_hang_up(server, &server->connections[i]);
        free(server->connections[i].bytes);
    }
    (void)close(server->listener);
}

void server_answer(struct server_connection *connection, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(connection->descriptor, bytes, length, MSG_NOSIGNAL);
        if (sent < 0)
            return; /* It hung up, or reads nothing more: the test sees what came of it. */
        bytes += sent;
        length -= (size_t)sent;
    }
}

void server_plain(struct server_fake *server, struct server_connection *connection)
{
    server_answer(connection, server->answer, strlen(server->answer));
}

void server_silent(struct server_fake *server, struct server_connection *connection)
{
    (void)server;
    connection->held = true;
}

/* The bytes of the first whole request; 0 while it is not whole. */
static size_t request_length(const struct server_connection *connection)
{
    const char *end = strstr(connection->bytes, "\r\n\r\n");
    const char *length = strcasestr(connection->bytes, "\r\nContent-Length:");
    if (end == NULL)
        return 0;
    size_t whole = (size_t)(end + 4 - connection->bytes);
    if (length != NULL && length < end)
        whole += strtoul(length + 17, NULL, 10);
    return whole <= connection->length ? whole : 0;
}

static void connection_serve(struct server_fake *server, struct server_connection *connection)
{
    size_t whole = request_length(connection);
    while (connection->descriptor >= 0 && whole > 0) {
        size_t kept = whole < sizeof server->last - 1 ? whole : sizeof server->last - 1;
        memcpy(server->last, connection->bytes, kept);
        server->last[kept] = '\0';
        server->requests++;
        connection->length -= whole;
        memmove(connection->bytes, connection->bytes + whole, connection->length + 1);
        server->serve(server, connection);
        whole = request_length(connection);
    }
}

static void connection_read(struct server_fake *server, struct server_connection *connection)
{
    while (connection->descriptor >= 0) {
        size_t room = SERVER_REQUEST_BYTES_MAX - connection->length;
        ssize_t got = recv(connection->descriptor, connection->bytes + connection->length, room,
                           MSG_DONTWAIT);
        if (got < 0 && errno == EAGAIN)
            return;
        if (got <= 0) {
            server_hang_up(server, connection);
            return;
        }
        connection->length += (size_t)got;
        connection->bytes[connection->length] = '\0';
        connection_serve(server, connection);
    }
}

static void connection_accept(struct server_fake *server, int descriptor)
{
    struct server_connection *connection = server->connections;
    while (connection->descriptor >= 0)
        connection++;
    invariant(connection < server->connections + SERVER_CONNECTIONS_MAX);
    if (connection->bytes == NULL)
        connection->bytes = malloc(SERVER_REQUEST_BYTES_MAX + 1);
    invariant(connection->bytes != NULL);
    connection->descriptor = descriptor;
    connection->bytes[0] = '\0';
    connection->length = 0;
    connection->held = false;
    server->accepted++;
    server->open++;
    if (server->open > server->open_max)
        server->open_max = server->open;
}

void server_step(struct server_fake *server)
{
    for (;;) {
        int descriptor = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
        if (descriptor < 0)
            break;
        connection_accept(server, descriptor);
    }
    for (size_t i = 0; i < SERVER_CONNECTIONS_MAX; i++)
        connection_read(server, &server->connections[i]);
}

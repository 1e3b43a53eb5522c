/* server_fake: an HTTP server on loopback that does what a test tells it: answers, is silent,
 * closes too early, goes on for ever. It has no thread: the test moves it on between steps of the
 * exchange, so that every test runs the same each time. */
#ifndef PAYOUT_TESTS_SERVER_FAKE_H
#define PAYOUT_TESTS_SERVER_FAKE_H
#include <stdbool.h>
#include <stddef.h>

enum { SERVER_CONNECTIONS_MAX = 64, SERVER_REQUEST_BYTES_MAX = 1 << 20 };

struct server_connection {
    int descriptor; /* -1: free. */
    char *bytes;    /* What came and was not served, NUL-terminated. */
    size_t length;
    bool held; /* A request was left without an answer. */
};
struct server_fake {
    int listener, port;
    struct server_connection connections[SERVER_CONNECTIONS_MAX];
    int accepted, requests;
    int open, open_max; /* Connections now, and at most. */
    char last[8192];    /* The last request, cut. */
    /* Answers a request by server_answer or server_close; or not at all. */
    void (*serve)(struct server_fake *server, struct server_connection *connection);
    const char *answer; /* server_plain's. */
};

void server_open(struct server_fake *server);
void server_close(struct server_fake *server);
/* Accepts, reads and serves what has come. */
void server_step(struct server_fake *server);
void server_answer(struct server_connection *connection, const char *bytes, size_t length);
void server_hang_up(struct server_fake *server, struct server_connection *connection);
/* A serve function: answers each with server->answer. */
void server_plain(struct server_fake *server, struct server_connection *connection);
/* Another: says nothing. */
void server_silent(struct server_fake *server, struct server_connection *connection);
#endif

/* server: an HTTP server in a thread of the test, which plays what its script says and remembers
 * what it was asked. */
#ifndef TESTS_UNIT_CLIENT_SERVER_H
#define TESTS_UNIT_CLIENT_SERVER_H
#include <stdbool.h>
#include <stddef.h>

enum server_act {
    ACT_ANSWER,
    ACT_CUT,      /* Reads the request and closes the connection. */
    ACT_CUT_BODY, /* Answers half of what its Content-Length tells, and closes. */
    ACT_SILENT,   /* Reads the request and never answers. */
};
struct server_play {
    const char *path; /* How the request's path begins. */
    enum server_act act;
    int status;
    const char *body;
    const char *headers; /* More of them, each with its \r\n. NULL: none. */
    bool stays;          /* Plays for every such request from here on. */
};

struct server;
/* plays ends with a path of NULL, and must outlive the server. A login that no play is for gets the
 * token "token-1", then "token-2" … */
struct server *server_start(const struct server_play *plays);
void server_stop(struct server *server);
const char *server_url(const struct server *server);
/* How many requests came whose path begins so. */
size_t server_count(struct server *server, const char *path);
/* The index-th of them, head and body; NULL: there is none. Valid until server_stop. */
const char *server_request(struct server *server, const char *path, size_t index);
#endif

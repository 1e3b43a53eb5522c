/* fake: a listener's insides without its socket, for what can be asked of a request directly. */
#ifndef PAYOUT_TESTS_FAKE_H
#define PAYOUT_TESTS_FAKE_H
#include "http/request.h"

/* An http with settings from options, and no lane, hasher or listener. */
struct http *fake_open(struct store *store, const struct http_options *options);
void fake_close(struct http *http);
/* A request from peer for uri, with a body (NULL: none), that has found its route and read its
 * form, but has not been let in: request_close. */
struct request *fake_request(struct http *http, const char *peer, const char *uri,
                             const char *body);
/* Puts the header there. */
void fake_forwarded(struct request *request, const char *text);
#endif

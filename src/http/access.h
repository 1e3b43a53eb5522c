/* access: who calls, and whether it may: addresses behind trusted proxies, tokens, suspended
 * merchants, the platform's people, limits of calls. */
#ifndef PAYOUT_HTTP_ACCESS_H
#define PAYOUT_HTTP_ACCESS_H
#include "http/request.h"

/* Fills in request->client: the peer, or, when that is a trusted proxy, the last one in
 * X-Forwarded-For that is not. */
void access_client(struct request *request);
/* True when the caller reached us over TLS: ours, or that of a trusted proxy that says so. After
 * access_client. */
bool access_secure(const struct request *request);
/* True when its route lets the caller in; request->merchant is set on ACCESS_TOKEN routes. False:
 * it was refused, the answer is written. */
MUST_USE bool access_granted(struct request *request);
/* Takes a call from a bucket, and says so in the answer's headers. False: there was none left; it
 * was refused. See limit_take. */
MUST_USE bool access_limit(struct request *request, char kind, const void *key, size_t length,
                           int per_minute);
/* True when the client is on the merchant's own list of addresses. */
bool access_listed(const struct request *request, const struct merchant *merchant);
/* The token that was shown, in the order of places of WIRE.md; NULL when there is none. *in_query
 * says whether it stood in the query. */
const char *access_token(const struct request *request, bool *in_query);
#endif

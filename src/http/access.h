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
/* True when the client is where the platform's people may be: among the admin API's addresses. */
bool access_platform(const struct request *request);
/* Takes a call from a bucket, and says so in the answer's headers. False: there was none left; it
 * was refused. See limit_take. */
MUST_USE bool access_limit(struct request *request, char kind, const void *key, size_t length,
                           int per_minute);
/* The same for the client's address: an IPv6 one counts as its whole /64, which one house has. */
MUST_USE bool access_limit_address(struct request *request, char kind, int per_minute);
/* Before a password or code of name is tried from the client's address. False: too many were wrong
 * there; it was refused, with how long to wait. Else access_guess_end tells how it ended. Wrong
 * ones from one address are nothing to the same name at another. See limit_guess_begin. */
MUST_USE bool access_guess(struct request *request, char kind, const char *name);
void access_guess_end(const struct request *request, char kind, const char *name, bool right);
/* What "Authorization: Bearer" says; NULL: nothing. */
const char *access_bearer(const struct request *request);
/* True when the client is on the merchant's own list of addresses, from which lots are confirmed at
 * once. */
bool access_listed(const struct request *request, const struct merchant *merchant);
/* False when the merchant's keys do not work from where the client is: it was refused and logged.
 */
MUST_USE bool access_from(struct request *request, const struct merchant *merchant);
/* The token that was shown, in the order of places of WIRE.md; NULL when there is none. *in_query
 * says whether it stood in the query. */
const char *access_token(const struct request *request, bool *in_query);
#endif

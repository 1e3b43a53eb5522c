/* cookie: sessions of browsers: the cookie that carries a session's token, the token against forged
 * requests that belongs to it, and where a request comes from. Which session it is, and what its
 * user may, is session's. Any thread. */
#ifndef PAYOUT_HTTP_COOKIE_H
#define PAYOUT_HTTP_COOKIE_H
#include "http/request.h"
#include "wire/link.h"

enum { COOKIE_PROOF_BYTES = LINK_PROOF_BYTES };

/* The token of the session that the cookie names; NULL: there is none, or it is no session's. */
const char *cookie_token(const struct request *request);
/* False: another site's page may have made the browser send this; it was refused. */
MUST_USE bool cookie_same_origin(struct request *request);
/* Who is logged in by the cookie, from our own page when it changes something, and may do this.
 * False: it was refused. */
MUST_USE bool cookie_granted(struct request *request);
/* The answer gives the browser this token; NULL: takes it away. */
void cookie_set(struct request *request, const char *token);
/* What every changing request of the session with this token has to show. */
void cookie_proof(const struct request *request, const char *token, char proof[COOKIE_PROOF_BYTES]);
#endif

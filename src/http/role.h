/* role: which role of persons may call which route, and for whose affairs. The route table says it
 * of each route; a route that names no role is nobody's but the admin token's. */
#ifndef PAYOUT_HTTP_ROLE_H
#define PAYOUT_HTTP_ROLE_H
#include "http/request.h"

/* What of a request says whose affair it is. */
enum scope {
    SCOPE_SELF,     /* The user's own: nothing. Also while it must choose a password or prove a
                       second factor. */
    SCOPE_PLATFORM, /* Nobody's but the platform's. */
    SCOPE_MERCHANT, /* The path's first parameter is a merchant ... */
    SCOPE_LOT,      /* ... a lot ... */
    SCOPE_TRANSFER, /* ... a transfer ... */
    SCOPE_USER,     /* ... a user. */
    SCOPE_BODY,     /* The body says whose, and its handler looks. */
    SCOPE_QUERY,    /* `merchant` in the query, which is the user's own when it is not there. */
};

#define ROLE_BIT(role) (1u << USER_##role)
#define ROLE_OURS      ROLE_BIT(PLATFORM)
#define ROLE_OWNERS    (ROLE_BIT(OWNER) | ROLE_OURS)
#define ROLE_SENDERS   (ROLE_BIT(MAKER) | ROLE_OWNERS)
#define ROLE_CHECKERS  (ROLE_BIT(CHECKER) | ROLE_OWNERS)
#define ROLE_OVERSEERS (ROLE_BIT(VIEWER) | ROLE_CHECKERS)
#define ROLE_ALL       (ROLE_BIT(MAKER) | ROLE_OVERSEERS)

/* Whether request->user, who is logged in, may call this. False: it was refused, the answer is
 * written. */
MUST_USE bool role_granted(struct request *request);
#endif

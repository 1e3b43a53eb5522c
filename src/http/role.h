/* role: which role may call which route of the platform's own API, and for whose affairs. One
 * table; a route that is not in it is nobody's but the admin token's. */
#ifndef PAYOUT_HTTP_ROLE_H
#define PAYOUT_HTTP_ROLE_H
#include "http/request.h"

/* Whether request->user, who is logged in, may call this. False: it was refused, the answer is
 * written. */
MUST_USE bool role_granted(struct request *request);
/* For tests: whether the role may call the route at all; *known: the table has it. */
bool role_may(const char *route, enum user_role role, bool *known);
#endif

/* console: what the pages at /console call and are: a JSON API for persons who are logged in by a
 * cookie, below /console/v1, and the files of the pages themselves. It stands on http's requests,
 * sessions and roles; the whole admin API is below /console/v1 too, without a line of it here
 * (http/route.h). docs/console-api.md is its contract. It must never decide on money, write to the
 * store, or let in somebody whom http did not. */
#ifndef PAYOUT_CONSOLE_CONSOLE_H
#define PAYOUT_CONSOLE_CONSOLE_H
#include "http/route.h"

/* For struct http_options. */
extern const struct route console_routes[];
extern const size_t console_route_count;
#endif

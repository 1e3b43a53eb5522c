/* hook: an exchange by a function of the user's (payout/transport.h): what it may fill in, and what
 * its end means. It must never believe more than the function says. */
#ifndef PAYOUT_CLIENT_HOOK_H
#define PAYOUT_CLIENT_HOOK_H
#include "client/transport.h"

/* As transport_call; *reply is initialised. */
MUST_USE enum payout_client_fault hook_run(payout_exchange_function *exchange, void *context,
                                           const struct payout_http_request *request,
                                           struct transport_reply *reply);
#endif

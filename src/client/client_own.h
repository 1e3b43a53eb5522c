/* What the files of a client share: client.c waits for its calls, loop.c does not. */
#ifndef PAYOUT_CLIENT_CLIENT_OWN_H
#define PAYOUT_CLIENT_CLIENT_OWN_H
#include "client/call.h"

struct loop;
struct payout_client {
    struct account account;
    struct transport *transport;
    void (*wait)(void *context, int64_t wait_ms);
    void *wait_context;
    struct loop *loop; /* NULL: nobody started a call. */
};

/* Ends all calls that were started. NULL is fine. */
void loop_close(struct loop *loop);
#endif

/* play: what the client's tests share: bodies that servers answer with, and a client of one. */
#ifndef TESTS_UNIT_CLIENT_PLAY_H
#define TESTS_UNIT_CLIENT_PLAY_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "payout/payout.h"
#include "server.h"

#define SEND           "/v1/transfer/money/send/contact"
#define CONTACT        "/v1/transfer/contact"
#define CHECK          "/v1/transfer/check/money"
#define BALANCE        "/v1/transfer/check/balance"
#define LOGIN          "/v1/auth/login"
#define ENVELOPE(data) "{\"code\":0,\"message\":\"OPERATION_SUCCES\",\"data\":" data "}"
#define REFUSAL(code, word)                                                                        \
    "{\"code\":\"" code "\",\"message\":\"" word "\",\"description\":\"Pourquoi\",\"data\":[]}"
#define SENT_ONE                                                                                   \
    "{\"client_transaction_id\":\"a-1\",\"code\":0,\"status\":\"success\",\"treatment_status\":"   \
    "\"NEW\",\"transaction_id\":\"EA181025.112233.X123456\",\"lot\":\"0044\"}"

/* The waits that the client asked for, in order: no test waits really. */
extern int64_t waits[16];
extern size_t wait_count;

/* A client with a long timeout whose waits are noted and not waited. The caller closes it. */
struct payout_client *client_of(const struct server *server);

extern const struct payout_transfer with_id, without_id;
#endif

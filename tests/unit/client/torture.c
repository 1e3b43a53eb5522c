#include "torture.h"

#include <poll.h>
#include <string.h>

#include "payout/payout.h"
#include "server.h"

enum { FAILURES_MAX = 20000, POLL_MS = 20000, TIMEOUT_MS = 3000 };

_Thread_local bool torture_counting;
_Thread_local long torture_fail_at;
_Thread_local long torture_counted;

bool torture_fails(void)
{
    return torture_counting && ++torture_counted == torture_fail_at;
}

#define SEND           "/v1/transfer/money/send/contact"
#define ENVELOPE(data) "{\"code\":0,\"message\":\"OPERATION_SUCCES\",\"data\":" data "}"
static const struct server_play plays[] = {
    {"/v1/transfer/check/balance", ACT_ANSWER, 200,
     ENVELOPE("{\"amount\":663,\"inUsing\":0,\"available\":663,\"balances\":[{\"currency\":\"XOF\","
              "\"amount\":663,\"inUsing\":0,\"available\":663}]}"),
     NULL, true},
    {"/v1/transfer/contact", ACT_ANSWER, 200,
     ENVELOPE("[[{\"code\":0,\"status\":\"success\",\"lot\":12}]]"), NULL, true},
    {SEND "?token=token-1&lang=fr&cut", ACT_CUT, 0, NULL, NULL, false},
    {SEND, ACT_ANSWER, 200,
     ENVELOPE("[[{\"code\":0,\"status\":\"success\",\"lot\":12,\"transaction_id\":\"EA1\"}]]"),
     NULL, true},
    {"/v1/transfer/check/money", ACT_ANSWER, 200,
     ENVELOPE("[{\"transaction_id\":\"EA1\",\"client_transaction_id\":\"a-1\",\"amount\":\"500\","
              "\"receiver\":\"22507895086\",\"lot\":12}]"),
     NULL, true},
    {0}};

static const struct payout_transfer transfer = {
    .prefix = "225", .phone = "07895086", .amount = 500, .client_transaction_id = "a-1"};
static const struct payout_contact contact = {
    .prefix = "225", .phone = "07895086", .name = "A", .surname = "B", .email = "c@d.example"};
static const struct payout_check_key key = {.client_transaction_id = "a-1"};
static const struct payout_send_options once = {.size = sizeof once, .never_repeat = true};
static const struct payout_send_options asking = {.size = sizeof asking, .ask_first = true};

enum act { LOGIN, BALANCE, CONTACT, SENT, SENT_ONCE, SENT_ASKING, CHECK, ACTS };
static const char *const paths[ACTS] = {
    "/v1/auth/login",
    "/v1/transfer/check/balance",
    "/v1/transfer/contact",
    SEND,
    SEND,
    SEND,
    "/v1/transfer/check/money",
};

static enum payout_client_fault act_wait(struct payout_client *client, enum act act,
                                         struct payout_result **result)
{
    switch (act) {
    case LOGIN:
        return payout_login(client, result);
    case BALANCE:
        return payout_balance(client, result);
    case CONTACT:
        return payout_contact_add(client, &contact, 1, result);
    case SENT:
        return payout_send(client, &transfer, 1, NULL, result);
    case SENT_ONCE:
        return payout_send(client, &transfer, 1, &once, result);
    case SENT_ASKING:
        return payout_send(client, &transfer, 1, &asking, result);
    case CHECK:
        return payout_check(client, &key, result);
    case ACTS:
        break;
    }
    return PAYOUT_CLIENT_BAD_ARGUMENT;
}

static void done_take(void *context, struct payout_result *result)
{
    struct payout_result **kept = context;
    assert_null(*kept);
    *kept = result;
}

static enum payout_client_fault act_start(struct payout_client *client, enum act act,
                                          struct payout_result **result)
{
    switch (act) {
    case LOGIN:
        return payout_login_start(client, done_take, result);
    case BALANCE:
        return payout_balance_start(client, done_take, result);
    case CONTACT:
        return payout_contact_add_start(client, &contact, 1, done_take, result);
    case SENT:
        return payout_send_start(client, &transfer, 1, NULL, done_take, result);
    case SENT_ONCE:
        return payout_send_start(client, &transfer, 1, &once, done_take, result);
    case SENT_ASKING:
        return payout_send_start(client, &transfer, 1, &asking, done_take, result);
    case CHECK:
        return payout_check_start(client, &key, done_take, result);
    case ACTS:
        break;
    }
    return PAYOUT_CLIENT_BAD_ARGUMENT;
}

/* Without waiting inside the library. */
static enum payout_client_fault act_loop(struct payout_client *client, enum act act,
                                         struct payout_result **result)
{
    enum payout_client_fault fault = act_start(client, act, result);
    if (fault != PAYOUT_CLIENT_DONE)
        return fault;
    while (payout_client_pending(client) > 0) {
        bool counting = torture_counting;
        struct pollfd polled = {.fd = payout_client_fd(client), .events = POLLIN};
        torture_counting = false;
        assert_int_equal(poll(&polled, 1, POLL_MS), 1);
        torture_counting = counting;
        payout_client_run(client);
    }
    assert_non_null(*result);
    return (*result)->fault;
}

static void wait_not(void *context, int64_t wait_ms)
{
    (void)context;
    (void)wait_ms;
}

/* A whole life of a client, around one call; what came of it. */
static enum payout_client_fault life(const struct server *server, enum act act, bool loop,
                                     struct payout_result **result)
{
    struct payout_client *client = NULL;
    const struct payout_client_options options = {
        .size = sizeof options,
        .base_url = server_url(server),
        .apikey = "key",
        .password = "password",
        .timeout_ms = TIMEOUT_MS,
        .repeat_wait_ms = 1,
        .user_agent = "torture",
        .wait = wait_not,
    };
    *result = NULL;
    enum payout_client_fault fault = payout_client_open(&options, &client);
    if (fault == PAYOUT_CLIENT_DONE)
        fault = loop ? act_loop(client, act, result) : act_wait(client, act, result);
    payout_client_close(client);
    return fault;
}

/* What may be said. came: requests of this kind that reached the server. */
static void judge(enum act act, enum payout_client_fault fault, const struct payout_result *result,
                  size_t came)
{
    bool sends = act == SENT || act == SENT_ONCE || act == SENT_ASKING;
    bool changes = sends || act == CONTACT;
    assert_true(fault == PAYOUT_CLIENT_DONE || fault == PAYOUT_CLIENT_NO_MEMORY ||
                fault == PAYOUT_CLIENT_UNREACHABLE || (changes && fault == PAYOUT_CLIENT_UNKNOWN));
    assert_true(result != NULL || fault == PAYOUT_CLIENT_NO_MEMORY);
    if (fault == PAYOUT_CLIENT_DONE)
        assert_int_equal(result->code, PAYOUT_OK);
    else if (result != NULL)
        assert_int_not_equal(result->text[0], '\0');
    /* The server took every request that came whole: nobody may hear that nothing was done. */
    if (changes && came > 0)
        assert_true(fault == PAYOUT_CLIENT_DONE || fault == PAYOUT_CLIENT_UNKNOWN);
    if (act == SENT_ONCE)
        assert_true(came <= 1);
    /* It has it already: who asks first sends nothing. */
    if (act == SENT_ASKING)
        assert_int_equal(came, 0);
    else if (sends && result != NULL && came == 0)
        assert_int_not_equal(result->items[0].outcome, PAYOUT_OUTCOME_ACCEPTED);
}

static void act_torture(enum act act, bool loop, long least)
{
    for (long at = 1; at < FAILURES_MAX; at++) {
        struct server *server = server_start(plays);
        struct payout_result *result;
        torture_counted = 0;
        torture_fail_at = at;
        torture_counting = true;
        enum payout_client_fault fault = life(server, act, loop, &result);
        torture_counting = false;
        judge(act, fault, result, server_count(server, paths[act]));
        payout_result_free(result);
        server_stop(server);
        if (torture_counted < at) {
            /* It went through with nothing left to fail. */
            assert_int_equal(fault, PAYOUT_CLIENT_DONE);
            assert_true(at > least);
            return;
        }
    }
    fail_msg("more than %d failures in one call", FAILURES_MAX);
}

void torture_run(long least)
{
    for (enum act act = LOGIN; act < ACTS; act++) {
        act_torture(act, false, least);
        act_torture(act, true, least);
    }
}

/* Every call of libpayout with its 1st, 2nd, 3rd … allocation failing, in our code, in jansson and
 * in libcurl: none crashes, leaks, stops, or says that money went where it can't know. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <curl/curl.h>
#include <jansson.h>

#include "payout/payout.h"
#include "server.h"

enum { ALLOCATIONS_MAX = 20000 };

/* The client's thread only: the server's and the test's own are let through. */
static _Thread_local bool counting;
static _Thread_local long fail_at; /* 0: none fails. */
static _Thread_local long counted;

/* True when this allocation is the one. */
static bool fails(void)
{
    return counting && ++counted == fail_at;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}

char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : __real_strdup(text);
}

static void wait_not(void *context, int64_t wait_ms)
{
    (void)context;
    (void)wait_ms;
}

#define ENVELOPE(data) "{\"code\":0,\"message\":\"OPERATION_SUCCES\",\"data\":" data "}"
static const struct server_play plays[] = {
    {"/v1/transfer/check/balance", ACT_ANSWER, 200,
     ENVELOPE("{\"amount\":663,\"inUsing\":0,\"available\":663,\"balances\":[{\"currency\":\"XOF\","
              "\"amount\":663,\"inUsing\":0,\"available\":663}]}"),
     NULL, true},
    {"/v1/transfer/contact", ACT_ANSWER, 200,
     ENVELOPE("[[{\"code\":0,\"status\":\"success\",\"lot\":12}]]"), NULL, true},
    {"/v1/transfer/money/send/contact", ACT_ANSWER, 200,
     ENVELOPE("[[{\"code\":0,\"status\":\"success\",\"lot\":12,\"transaction_id\":\"EA1\"}]]"),
     NULL, true},
    {"/v1/transfer/check/money", ACT_ANSWER, 200,
     ENVELOPE("[{\"transaction_id\":\"EA1\",\"amount\":\"5\",\"lot\":12}]"), NULL, true},
    {0}};

typedef enum payout_client_fault call_function(struct payout_client *client,
                                               struct payout_result **result);

static enum payout_client_fault contact_add(struct payout_client *client,
                                            struct payout_result **result)
{
    static const struct payout_contact contact = {"225", "07895086", "A", "B", "c@d.example"};
    return payout_contact_add(client, &contact, 1, result);
}

static const struct payout_transfer transfer = {
    .prefix = "225", .phone = "07895086", .amount = 500, .client_transaction_id = "a-1"};

static enum payout_client_fault send_safe(struct payout_client *client,
                                          struct payout_result **result)
{
    return payout_send(client, &transfer, 1, NULL, result);
}

static enum payout_client_fault send_once(struct payout_client *client,
                                          struct payout_result **result)
{
    static const struct payout_send_options once = {.never_repeat = true};
    return payout_send(client, &transfer, 1, &once, result);
}

static enum payout_client_fault check(struct payout_client *client, struct payout_result **result)
{
    static const struct payout_check_key key = {.client_transaction_id = "a-1"};
    return payout_check(client, &key, result);
}

/* A whole life of a client, around one call; what came of it. */
static enum payout_client_fault life(const struct server *server, call_function *call,
                                     struct payout_result **result)
{
    struct payout_client *client = NULL;
    const struct payout_client_options options = {.base_url = server_url(server),
                                                  .apikey = "key",
                                                  .password = "password",
                                                  .timeout_ms = 20000,
                                                  .user_agent = "torture",
                                                  .wait = wait_not};
    *result = NULL;
    enum payout_client_fault fault = payout_client_open(&options, &client);
    if (fault == PAYOUT_CLIENT_DONE)
        fault = call(client, result);
    payout_client_close(client);
    return fault;
}

/* What may be said while memory is short. left: requests of this call that reached the server. */
static void judge(call_function *call, enum payout_client_fault fault,
                  const struct payout_result *result, size_t left)
{
    bool sends = call == send_safe || call == send_once;
    bool changes = sends || call == contact_add;
    assert_true(fault == PAYOUT_CLIENT_DONE || fault == PAYOUT_CLIENT_NO_MEMORY ||
                fault == PAYOUT_CLIENT_UNREACHABLE || (changes && fault == PAYOUT_CLIENT_UNKNOWN));
    assert_true(result != NULL || fault == PAYOUT_CLIENT_NO_MEMORY);
    if (fault == PAYOUT_CLIENT_DONE)
        assert_int_equal(result->code, PAYOUT_OK);
    /* The server took every request that came whole: nobody may hear that nothing was done. */
    if (changes && left > 0)
        assert_true(fault == PAYOUT_CLIENT_DONE || fault == PAYOUT_CLIENT_UNKNOWN);
    if (call == send_once)
        assert_true(left <= 1);
    if (sends && result != NULL && left == 0)
        assert_int_not_equal(result->items[0].outcome, PAYOUT_OUTCOME_ACCEPTED);
}

static void torture(call_function *call, const char *path)
{
    size_t hurt = 0;
    for (long at = 1; at < ALLOCATIONS_MAX; at++) {
        struct server *server = server_start(plays);
        struct payout_result *result;
        counted = 0;
        fail_at = at;
        counting = true;
        enum payout_client_fault fault = life(server, call, &result);
        counting = false;
        judge(call, fault, result, server_count(server, path));
        hurt += fault != PAYOUT_CLIENT_DONE;
        payout_result_free(result);
        server_stop(server);
        if (counted < at) {
            /* It went through with nothing left to fail; most failures before were felt. */
            assert_int_equal(fault, PAYOUT_CLIENT_DONE);
            assert_true(at > 20);
            assert_true(hurt > 10);
            return;
        }
    }
    fail_msg("more than %d allocations in one call", ALLOCATIONS_MAX);
}

static void a_login_survives_every_failed_allocation(void **state)
{
    (void)state;
    torture(payout_login, "/v1/auth/login");
}

static void a_balance_survives_every_failed_allocation(void **state)
{
    (void)state;
    torture(payout_balance, "/v1/transfer/check/balance");
}

static void adding_contacts_survives_every_failed_allocation(void **state)
{
    (void)state;
    torture(contact_add, "/v1/transfer/contact");
}

static void a_send_survives_every_failed_allocation(void **state)
{
    (void)state;
    torture(send_safe, "/v1/transfer/money/send/contact");
}

static void a_send_that_must_not_be_repeated_survives_too(void **state)
{
    (void)state;
    torture(send_once, "/v1/transfer/money/send/contact");
}

static void a_check_survives_every_failed_allocation(void **state)
{
    (void)state;
    torture(check, "/v1/transfer/check/money");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_login_survives_every_failed_allocation),
        cmocka_unit_test(a_balance_survives_every_failed_allocation),
        cmocka_unit_test(adding_contacts_survives_every_failed_allocation),
        cmocka_unit_test(a_send_survives_every_failed_allocation),
        cmocka_unit_test(a_send_that_must_not_be_repeated_survives_too),
        cmocka_unit_test(a_check_survives_every_failed_allocation),
    };
    json_set_alloc_funcs(__wrap_malloc, free);
    if (curl_global_init_mem(CURL_GLOBAL_ALL, __wrap_malloc, free, __wrap_realloc, __wrap_strdup,
                             __wrap_calloc) != CURLE_OK)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    curl_global_cleanup();
    return failed;
}

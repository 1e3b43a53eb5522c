#include <string.h>

#include "play.h"

static void a_send_is_written_as_the_collection_shows_it(void **state)
{
    (void)state;
    static const struct server_play plays[] = {
        {SEND, ACT_ANSWER, 200, ENVELOPE("[[" SENT_ONE "]]"), NULL, false}, {0}};
    struct server *server = server_start(plays);
    struct payout_client *client = client_of(server);
    struct payout_result *result;
    assert_int_equal(payout_send(client, &with_id, 1, NULL, &result), PAYOUT_CLIENT_DONE);
    const char *request = server_request(server, SEND, 0);
    assert_non_null(strstr(request, "POST " SEND "?token=token-1&lang=en HTTP/1.1"));
    assert_non_null(strstr(
        request,
        "data=%5B%7B%22prefix%22%3A%22225%22%2C%22phone%22%3A%2207895086%22%2C%22amount%22%3A"
        "%22500%22%2C%22notify_url%22%3A%22https%3A%2F%2Fx.example%2F%3Fa%3D1%26b%3D2%22%2C"
        "%22client_transaction_id%22%3A%22a-1%22%7D%5D"));
    assert_int_equal(result->items[0].outcome, PAYOUT_OUTCOME_ACCEPTED);
    assert_string_equal(result->items[0].transaction_id, "EA181025.112233.X123456");
    assert_string_equal(result->items[0].lot, "0044");
    assert_string_equal(result->items[0].treatment_status, "NEW");
    payout_result_free(result);
    payout_client_close(client);
    server_stop(server);
}

static void items_are_read_nested_flat_or_bare(void **state)
{
    (void)state;
    static const struct server_play plays[] = {
        {SEND, ACT_ANSWER, 200, ENVELOPE("[[" SENT_ONE "]]"), NULL, false},
        {SEND, ACT_ANSWER, 200, ENVELOPE("[" SENT_ONE "]"), NULL, false},
        {SEND, ACT_ANSWER, 200, ENVELOPE(SENT_ONE), NULL, false},
        {SEND, ACT_ANSWER, 200,
         ENVELOPE("[[{\"status\":\"success\",\"lot\":44,\"transaction_id\":\"EA1\"}]]"), NULL,
         false},
        {SEND, ACT_ANSWER, 200,
         ENVELOPE("[[{\"code\":\"0\",\"status\":\"success\",\"transaction_id\":7}]]"), NULL, false},
        {0}};
    struct server *server = server_start(plays);
    struct payout_client *client = client_of(server);
    for (size_t i = 0; i < 5; i++) {
        struct payout_result *result;
        assert_int_equal(payout_send(client, &with_id, 1, NULL, &result), PAYOUT_CLIENT_DONE);
        assert_int_equal(result->items[0].outcome, PAYOUT_OUTCOME_ACCEPTED);
        assert_int_equal(result->items[0].code, PAYOUT_OK);
        if (i == 3)
            assert_string_equal(result->items[0].lot, "44");
        if (i == 4)
            assert_string_equal(result->items[0].transaction_id, "7");
        payout_result_free(result);
    }
    payout_client_close(client);
    server_stop(server);
}

static void each_item_has_its_own_outcome(void **state)
{
    (void)state;
    static const struct server_play plays[] = {
        {SEND, ACT_ANSWER, 200,
         ENVELOPE("[[{\"code\":724,\"status\":\"ERROR_PHONE_NOT_MY_CONTACT\"}," SENT_ONE
                  ",{\"code\":\"805\",\"status\":\"CLIENT_TRANSACTION_ID_EXIST\","
                  "\"transaction_id\":\"EA9\",\"client_transaction_id\":\"a-3\"},"
                  "{\"code\":-1,\"status\":\"OPERATION_ERROR\"},{\"code\":999}]]"),
         NULL, false},
        {0}};
    struct server *server = server_start(plays);
    struct payout_client *client = client_of(server);
    struct payout_transfer transfers[5];
    for (size_t i = 0; i < 5; i++)
        transfers[i] = without_id;
    transfers[2].client_transaction_id = "a-3";
    struct payout_result *result;
    assert_int_equal(payout_send(client, transfers, 5, NULL, &result), PAYOUT_CLIENT_UNKNOWN);
    static const enum payout_outcome outcomes[] = {PAYOUT_OUTCOME_REFUSED, PAYOUT_OUTCOME_ACCEPTED,
                                                   PAYOUT_OUTCOME_REPEATED, PAYOUT_OUTCOME_UNKNOWN,
                                                   PAYOUT_OUTCOME_UNKNOWN};
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(result->items[i].outcome, outcomes[i]);
    assert_int_equal(result->items[0].code, PAYOUT_NOT_MY_CONTACT);
    assert_int_equal(server_count(server, SEND), 1);
    payout_result_free(result);
    payout_client_close(client);
    server_stop(server);
}

static void items_out_of_order_are_found_by_their_id(void **state)
{
    (void)state;
    static const struct server_play plays[] = {
        {SEND, ACT_ANSWER, 200,
         ENVELOPE("[[{\"code\":0,\"client_transaction_id\":\"b\",\"transaction_id\":\"B\"},"
                  "{\"code\":719,\"client_transaction_id\":\"a\"}]]"),
         NULL, false},
        {SEND, ACT_ANSWER, 200,
         ENVELOPE("[[{\"code\":0,\"client_transaction_id\":\"b\",\"transaction_id\":\"B\"}]]"),
         NULL, true},
        {0}};
    struct server *server = server_start(plays);
    struct payout_client *client = client_of(server);
    struct payout_transfer transfers[2] = {with_id, with_id};
    transfers[0].client_transaction_id = "a";
    transfers[1].client_transaction_id = "b";
    struct payout_result *result;
    assert_int_equal(payout_send(client, transfers, 2, NULL, &result), PAYOUT_CLIENT_DONE);
    assert_int_equal(result->items[0].outcome, PAYOUT_OUTCOME_REFUSED);
    assert_string_equal(result->items[1].transaction_id, "B");
    payout_result_free(result);
    /* One is missing: of that one nothing is known. */
    const struct payout_send_options once = {.size = sizeof once, .never_repeat = true};
    assert_int_equal(payout_send(client, transfers, 2, &once, &result), PAYOUT_CLIENT_UNKNOWN);
    assert_int_equal(result->items[0].outcome, PAYOUT_OUTCOME_UNKNOWN);
    assert_int_equal(result->items[1].outcome, PAYOUT_OUTCOME_ACCEPTED);
    payout_result_free(result);
    payout_client_close(client);
    server_stop(server);
}

static void a_refused_whole_refuses_every_item(void **state)
{
    (void)state;
    static const struct server_play plays[] = {
        {SEND, ACT_ANSWER, 417, REFUSAL("602", "INSUFFICIENT_BALANCE"), NULL, false},
        {SEND, ACT_ANSWER, 417,
         "{\"code\":\"724\",\"message\":\"ERROR_PHONE_NOT_MY_CONTACT\",\"description\":\"d\","
         "\"data\":[[{\"code\":724,\"status\":\"X\"},{\"code\":719,\"status\":\"Y\"}]]}",
         NULL, false},
        {0}};
    struct server *server = server_start(plays);
    struct payout_client *client = client_of(server);
    const struct payout_transfer transfers[2] = {without_id, without_id};
    struct payout_result *result;
    assert_int_equal(payout_send(client, transfers, 2, NULL, &result), PAYOUT_CLIENT_DONE);
    assert_int_equal(result->code, PAYOUT_INSUFFICIENT_BALANCE);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(result->items[i].outcome, PAYOUT_OUTCOME_REFUSED);
        assert_int_equal(result->items[i].code, PAYOUT_INSUFFICIENT_BALANCE);
    }
    payout_result_free(result);
    assert_int_equal(payout_send(client, transfers, 2, NULL, &result), PAYOUT_CLIENT_DONE);
    assert_int_equal(result->http_status, 417);
    assert_int_equal(result->items[1].code, PAYOUT_AMOUNT_TOO_SMALL);
    assert_int_equal(result->items[1].outcome, PAYOUT_OUTCOME_REFUSED);
    payout_result_free(result);
    payout_client_close(client);
    server_stop(server);
}

/* Answers that leave open what happened. */
static const struct server_play unclear[] = {
    {SEND, ACT_CUT, 0, NULL, NULL, true},
    {SEND, ACT_CUT_BODY, 200, ENVELOPE("[[" SENT_ONE "]]"), NULL, true},
    {SEND, ACT_ANSWER, 200, "{\"code\":0,\"message\":\"OPERATION_SUCC", NULL, true},
    {SEND, ACT_ANSWER, 200, "", NULL, true},
    {SEND, ACT_ANSWER, 502, "<html>bad gateway</html>", NULL, true},
    {SEND, ACT_ANSWER, 503, REFUSAL("710", "EXECUTION_ERROR"), NULL, true},
    {SEND, ACT_ANSWER, 500, REFUSAL("-1", "OPERATION_ERROR"), NULL, true},
    {SEND, ACT_ANSWER, 200, ENVELOPE("[]"), NULL, true},
    {SEND, ACT_ANSWER, 200, ENVELOPE("null"), NULL, true},
    {SEND, ACT_ANSWER, 200, "[]", NULL, true},
    {SEND, ACT_ANSWER, 302, "", "Location: http://127.0.0.1:1/\r\n", true},
};
enum { UNCLEAR_COUNT = sizeof unclear / sizeof *unclear };

static void a_send_without_ids_is_never_sent_twice(void **state)
{
    (void)state;
    for (size_t i = 0; i < UNCLEAR_COUNT; i++) {
        const struct server_play plays[] = {unclear[i], {0}};
        struct server *server = server_start(plays);
        struct payout_client *client = client_of(server);
        struct payout_result *result;
        const struct payout_transfer transfers[2] = {with_id, without_id};
        /* The login's connection is open: one that turns out dead is no reason to send twice. */
        assert_int_equal(payout_send(client, transfers, 2, NULL, &result), PAYOUT_CLIENT_UNKNOWN);
        assert_int_equal(result->items[0].outcome, PAYOUT_OUTCOME_UNKNOWN);
        assert_int_equal(result->items[1].outcome, PAYOUT_OUTCOME_UNKNOWN);
        assert_int_not_equal(result->text[0], '\0');
        assert_int_equal(server_count(server, SEND), 1);
        assert_int_equal(wait_count, 0);
        payout_result_free(result);
        payout_client_close(client);
        server_stop(server);
    }
}

static void a_send_with_ids_is_repeated_until_it_is_known(void **state)
{
    (void)state;
    for (size_t i = 0; i < UNCLEAR_COUNT; i++) {
        struct server_play plays[] = {
            unclear[i],
            {CHECK, ACT_ANSWER, 404, REFUSAL("723", "NOT_FOUND"), NULL, false},
            {SEND, ACT_ANSWER, 409,
             "{\"code\":\"805\",\"message\":\"CLIENT_TRANSACTION_ID_EXIST\",\"data\":[[{\"code\":"
             "805,\"status\":\"CLIENT_TRANSACTION_ID_EXIST\",\"client_transaction_id\":\"a-1\","
             "\"transaction_id\":\"EA1\",\"treatment_status\":\"REC\"}]]}",
             NULL, false},
            {0}};
        plays[0].stays = false;
        struct server *server = server_start(plays);
        struct payout_client *client = client_of(server);
        struct payout_result *result;
        assert_int_equal(payout_send(client, &with_id, 1, NULL, &result), PAYOUT_CLIENT_DONE);
        assert_int_equal(result->items[0].outcome, PAYOUT_OUTCOME_REPEATED);
        assert_string_equal(result->items[0].transaction_id, "EA1");
        assert_string_equal(result->items[0].treatment_status, "REC");
        assert_true(server_count(server, SEND) == 2);
        assert_int_equal(server_count(server, CHECK), 1);
        payout_result_free(result);
        payout_client_close(client);
        server_stop(server);
    }
}

static void repeating_ends_and_waits_longer_each_time(void **state)
{
    (void)state;
    static const struct server_play plays[] = {
        {SEND, ACT_ANSWER, 500, REFUSAL("-1", "OPERATION_ERROR"), NULL, true},
        {CHECK, ACT_ANSWER, 404, REFUSAL("723", "NOT_FOUND"), NULL, true},
        {0}};
    struct server *server = server_start(plays);
    struct payout_client *client = client_of(server);
    struct payout_result *result;
    assert_int_equal(payout_send(client, &with_id, 1, NULL, &result), PAYOUT_CLIENT_UNKNOWN);
    assert_int_equal(server_count(server, SEND), 4);
    assert_int_equal(wait_count, 3);
    assert_int_equal(waits[0], 500);
    assert_int_equal(waits[1], 1000);
    assert_int_equal(waits[2], 2000);
    payout_result_free(result);
    const struct payout_send_options once = {.size = sizeof once, .never_repeat = true};
    assert_int_equal(payout_send(client, &with_id, 1, &once, &result), PAYOUT_CLIENT_UNKNOWN);
    assert_int_equal(server_count(server, SEND), 5);
    payout_result_free(result);
    payout_client_close(client);
    server_stop(server);
}

static void after_a_doubt_a_refusal_of_the_whole_proves_nothing(void **state)
{
    (void)state;
    static const struct server_play plays[] = {
        {SEND, ACT_ANSWER, 500, REFUSAL("-1", "OPERATION_ERROR"), NULL, false},
        {CHECK, ACT_ANSWER, 404, REFUSAL("723", "NOT_FOUND"), NULL, true},
        {SEND, ACT_ANSWER, 403, REFUSAL("708", "NOT_ALLOWED"), NULL, true},
        {0}};
    struct server *server = server_start(plays);
    struct payout_client *client = client_of(server);
    struct payout_result *result;
    assert_int_equal(payout_send(client, &with_id, 1, NULL, &result), PAYOUT_CLIENT_UNKNOWN);
    assert_int_equal(result->items[0].outcome, PAYOUT_OUTCOME_UNKNOWN);
    payout_result_free(result);
    payout_client_close(client);
    server_stop(server);
}

static void being_turned_away_is_waited_for(void **state)
{
    (void)state;
    static const struct server_play plays[] = {
        {SEND, ACT_ANSWER, 429, "slow down", "Retry-After: 7\r\n", false},
        {SEND, ACT_ANSWER, 429, REFUSAL("708", "NOT_ALLOWED"), "Retry-After: 100000\r\n", false},
        {SEND, ACT_ANSWER, 200, ENVELOPE("[[" SENT_ONE "]]"), NULL, false},
        {SEND, ACT_ANSWER, 429, "slow down", NULL, true},
        {0}};
    struct server *server = server_start(plays);
    struct payout_client *client = client_of(server);
    struct payout_result *result;
    /* Nobody looked at it: repeating is safe without ids too. */
    assert_int_equal(payout_send(client, &without_id, 1, NULL, &result), PAYOUT_CLIENT_DONE);
    assert_int_equal(result->items[0].outcome, PAYOUT_OUTCOME_ACCEPTED);
    assert_int_equal(wait_count, 2);
    assert_int_equal(waits[0], 7000);
    assert_int_equal(waits[1], 60000);
    payout_result_free(result);
    assert_int_equal(payout_send(client, &without_id, 1, NULL, &result), PAYOUT_CLIENT_UNREACHABLE);
    assert_int_equal(result->items[0].outcome, PAYOUT_OUTCOME_NOT_SENT);
    payout_result_free(result);
    payout_client_close(client);
    server_stop(server);
}

static void nobody_there_means_that_nothing_was_sent(void **state)
{
    (void)state;
    static const struct server_play plays[] = {{0}};
    struct server *server = server_start(plays);
    struct payout_client *client = client_of(server);
    struct payout_result *result;
    server_stop(server);
    assert_int_equal(payout_send(client, &with_id, 1, NULL, &result), PAYOUT_CLIENT_UNREACHABLE);
    assert_int_equal(result->items[0].outcome, PAYOUT_OUTCOME_NOT_SENT);
    assert_int_equal(result->http_status, 0);
    assert_int_equal(wait_count, 3);
    payout_result_free(result);
    payout_client_close(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_send_is_written_as_the_collection_shows_it),
        cmocka_unit_test(items_are_read_nested_flat_or_bare),
        cmocka_unit_test(each_item_has_its_own_outcome),
        cmocka_unit_test(items_out_of_order_are_found_by_their_id),
        cmocka_unit_test(a_refused_whole_refuses_every_item),
        cmocka_unit_test(a_send_without_ids_is_never_sent_twice),
        cmocka_unit_test(a_send_with_ids_is_repeated_until_it_is_known),
        cmocka_unit_test(repeating_ends_and_waits_longer_each_time),
        cmocka_unit_test(after_a_doubt_a_refusal_of_the_whole_proves_nothing),
        cmocka_unit_test(being_turned_away_is_waited_for),
        cmocka_unit_test(nobody_there_means_that_nothing_was_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <stdio.h>
#include <string.h>

#include "play.h"

static void options_that_can_not_work_are_refused(void **state)
{
    (void)state;
    static const char *const urls[] = {NULL, "", "ftp://x", "https://", "http:///v1", "x.example"};
    struct payout_client *client;
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        const struct payout_client_options options = {
            .size = sizeof options, .base_url = urls[i], .apikey = "k", .password = "p"};
        assert_int_equal(payout_client_open(&options, &client), PAYOUT_CLIENT_BAD_ARGUMENT);
        assert_null(client);
    }
    const struct payout_client_options nobody = {.size = sizeof nobody, .base_url = "http://x"};
    assert_int_equal(payout_client_open(&nobody, &client), PAYOUT_CLIENT_BAD_ARGUMENT);
    payout_client_close(NULL);
    payout_result_free(NULL);
}

static void a_login_brings_the_token_home(void **state)
{
    (void)state;
    static const struct server_play plays[] = {{0}};
    struct server *server = server_start(plays);
    struct payout_client *client = client_of(server);
    struct payout_result *result;
    assert_int_equal(payout_login(client, &result), PAYOUT_CLIENT_DONE);
    assert_string_equal(result->token, "token-1");
    assert_int_equal(result->code, PAYOUT_OK);
    const char *request = server_request(server, LOGIN, 0);
    assert_non_null(strstr(request, "POST /v1/auth/login?lang=en HTTP/1.1"));
    assert_non_null(strstr(request, "application/x-www-form-urlencoded"));
    assert_non_null(strstr(request, "apikey=key&password=p%26ss%20word"));
    payout_result_free(result);
    payout_client_close(client);
    server_stop(server);
}

static void a_refused_login_is_what_every_call_says(void **state)
{
    (void)state;
    static const struct server_play plays[] = {
        {LOGIN, ACT_ANSWER, 401, REFUSAL("701", "INVALID_CREDENTIALS"), NULL, true}, {0}};
    struct server *server = server_start(plays);
    struct payout_client *client = client_of(server);
    struct payout_result *result;
    assert_int_equal(payout_balance(client, &result), PAYOUT_CLIENT_DONE);
    assert_int_equal(result->code, PAYOUT_INVALID_CREDENTIALS);
    assert_string_equal(result->description, "Pourquoi");
    assert_int_equal(result->http_status, 401);
    payout_result_free(result);
    assert_int_equal(payout_send(client, &with_id, 1, NULL, &result), PAYOUT_CLIENT_DONE);
    assert_int_equal(result->items[0].outcome, PAYOUT_OUTCOME_REFUSED);
    assert_int_equal(result->items[0].code, PAYOUT_INVALID_CREDENTIALS);
    assert_int_equal(server_count(server, SEND), 0);
    payout_result_free(result);
    payout_client_close(client);
    server_stop(server);
}

static void a_balance_is_read_as_numbers_or_texts(void **state)
{
    (void)state;
    static const struct server_play plays[] = {
        {BALANCE, ACT_ANSWER, 200, ENVELOPE("{\"amount\":663,\"inUsing\":3,\"available\":660}"),
         NULL, false},
        {BALANCE, ACT_ANSWER, 200,
         "{\"code\":\"0\",\"message\":\"OPERATION_SUCCES\",\"data\":[{\"amount\":\"663.00\","
         "\"inUsing\":\"3\",\"available\":660.0,\"balances\":[{\"currency\":\"XOF\",\"amount\":663,"
         "\"inUsing\":3,\"available\":660},{\"currency\":\"XAF\",\"amount\":5,\"inUsing\":0,"
         "\"available\":5}]}]}",
         NULL, false},
        {BALANCE, ACT_ANSWER, 200, ENVELOPE("{\"amount\":\"much\"}"), NULL, false},
        {0}};
    struct server *server = server_start(plays);
    struct payout_client *client = client_of(server);
    struct payout_result *result;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(payout_balance(client, &result), PAYOUT_CLIENT_DONE);
        assert_int_equal(result->balances[0].amount, 663);
        assert_int_equal(result->balances[0].in_using, 3);
        assert_int_equal(result->balances[0].available, 660);
        assert_int_equal(result->balance_count, i + 1);
        if (i == 1) {
            assert_string_equal(result->balances[0].currency, "XOF");
            assert_string_equal(result->balances[1].currency, "XAF");
        }
        payout_result_free(result);
    }
    assert_int_equal(payout_balance(client, &result), PAYOUT_CLIENT_UNREADABLE);
    assert_int_not_equal(result->text[0], '\0');
    payout_result_free(result);
    /* One login was enough for all. */
    assert_int_equal(server_count(server, LOGIN), 1);
    payout_client_close(client);
    server_stop(server);
}

static void an_expired_token_is_renewed_once(void **state)
{
    (void)state;
    static const struct server_play plays[] = {
        {BALANCE "?token=token-1", ACT_ANSWER, 401, REFUSAL("705", "EXPIRED_TOKEN"), NULL, true},
        {BALANCE "?token=token-2", ACT_ANSWER, 200,
         ENVELOPE("{\"amount\":1,\"inUsing\":0,\"available\":1}"), NULL, false},
        {BALANCE "?token=token-2", ACT_ANSWER, 401, REFUSAL("706", "INVALID_TOKEN"), NULL, true},
        {BALANCE "?token=token-3", ACT_ANSWER, 401, REFUSAL("706", "INVALID_TOKEN"), NULL, true},
        {0}};
    struct server *server = server_start(plays);
    struct payout_client *client = client_of(server);
    struct payout_result *result;
    assert_int_equal(payout_login(client, &result), PAYOUT_CLIENT_DONE);
    payout_result_free(result);
    assert_int_equal(payout_balance(client, &result), PAYOUT_CLIENT_DONE);
    assert_int_equal(result->code, PAYOUT_OK);
    assert_int_equal(result->requests, 3);
    payout_result_free(result);
    /* A fresh token that is refused too is not renewed for ever. */
    assert_int_equal(payout_balance(client, &result), PAYOUT_CLIENT_DONE);
    assert_int_equal(result->code, PAYOUT_INVALID_TOKEN);
    assert_int_equal(server_count(server, LOGIN), 3);
    payout_result_free(result);
    payout_client_close(client);
    server_stop(server);
}

static void a_silent_server_is_given_up(void **state)
{
    (void)state;
    static const struct server_play plays[] = {
        {SEND, ACT_SILENT, 0, NULL, NULL, true}, {BALANCE, ACT_SILENT, 0, NULL, NULL, true}, {0}};
    struct server *server = server_start(plays);
    struct payout_client *client = NULL;
    struct payout_result *result;
    const struct payout_client_options options = {.size = sizeof options,
                                                  .base_url = server_url(server),
                                                  .apikey = "key",
                                                  .password = "p",
                                                  .timeout_ms = 300,
                                                  .repeats_max = -1};
    assert_int_equal(payout_client_open(&options, &client), PAYOUT_CLIENT_DONE);
    assert_int_equal(payout_send(client, &with_id, 1, NULL, &result), PAYOUT_CLIENT_UNKNOWN);
    payout_result_free(result);
    assert_int_equal(payout_balance(client, &result), PAYOUT_CLIENT_UNREACHABLE);
    payout_result_free(result);
    payout_client_close(client);
    server_stop(server);
}

static void contacts_that_are_known_are_as_good(void **state)
{
    (void)state;
    static const struct server_play plays[] = {
        {CONTACT, ACT_ANSWER, 200,
         ENVELOPE("[[{\"code\":0,\"status\":\"success\",\"lot\":\"001\"},{\"code\":726,\"status\":"
                  "\"ERROR_PHONE_ALREADY_MY_CONTACT\",\"lot\":\"000\"},{\"code\":802,\"status\":"
                  "\"INVALID_PHONE\"}]]"),
         NULL, false},
        {CONTACT, ACT_CUT, 0, NULL, NULL, false},
        {CONTACT, ACT_ANSWER, 417, REFUSAL("726", "ERROR_PHONE_ALREADY_MY_CONTACT"), NULL, false},
        {0}};
    struct server *server = server_start(plays);
    struct payout_client *client = client_of(server);
    const struct payout_contact contacts[3] = {{.prefix = "225",
                                                .phone = "07895086",
                                                .name = "Kôné",
                                                .surname = "\"A\"",
                                                .email = "a@b.example"},
                                               {.prefix = "225"},
                                               {0}};
    struct payout_result *result;
    assert_int_equal(payout_contact_add(client, contacts, 3, &result), PAYOUT_CLIENT_DONE);
    assert_int_equal(result->items[0].outcome, PAYOUT_OUTCOME_ACCEPTED);
    assert_int_equal(result->items[1].outcome, PAYOUT_OUTCOME_REPEATED);
    assert_string_equal(result->items[1].lot, "000");
    assert_int_equal(result->items[2].outcome, PAYOUT_OUTCOME_REFUSED);
    assert_non_null(strstr(server_request(server, CONTACT, 0),
                           "K%C3%B4n%C3%A9%22%2C%22surname%22%3A%22%5C%22A%5C%22%22"));
    payout_result_free(result);
    assert_int_equal(payout_contact_add(client, contacts, 1, &result), PAYOUT_CLIENT_DONE);
    assert_int_equal(result->items[0].outcome, PAYOUT_OUTCOME_REPEATED);
    payout_result_free(result);
    payout_client_close(client);
    server_stop(server);
}

static void a_check_tells_all_that_is_known(void **state)
{
    (void)state;
    static const struct server_play plays[] = {
        {CHECK, ACT_ANSWER, 200,
         ENVELOPE("[{\"transaction_id\":\"EA1\",\"client_transaction_id\":null,\"lot\":\"00\","
                  "\"amount\":\"500\",\"receiver\":\"22507895086\",\"operator\":\"OM\","
                  "\"sending_status\":\"CONFIRM\",\"transfer_valid\":\"Y\",\"treatment_status\":"
                  "\"VAL\",\"comment\":null,\"validated_at\":\"2018-10-25 11:25:07\","
                  "\"operator_transaction_id\":\"9\"},{\"treatment_status\":\"ODD\"}]"),
         NULL, false},
        {CHECK, ACT_ANSWER, 404, REFUSAL("723", "NOT_FOUND"), NULL, false},
        {CHECK, ACT_CUT, 0, NULL, NULL, false},
        {CHECK, ACT_ANSWER, 200, ENVELOPE("{\"treatment_status\":\"NOS\"}"), NULL, false},
        {CHECK, ACT_ANSWER, 200, "<html>", NULL, false},
        {0}};
    struct server *server = server_start(plays);
    struct payout_client *client = client_of(server);
    struct payout_result *result;
    const struct payout_check_key key = {.client_transaction_id = "a b"}, nothing = {0};
    assert_int_equal(payout_check(client, &key, &result), PAYOUT_CLIENT_DONE);
    assert_non_null(strstr(server_request(server, CHECK, 0),
                           "GET " CHECK "?token=token-1&lang=en&client_transaction_id=a%20b HTTP"));
    assert_int_equal(result->transfer_count, 2);
    assert_int_equal(result->transfers[0].amount, 500);
    assert_int_equal(result->transfers[0].treatment, PAYOUT_TREATMENT_VAL);
    assert_true(result->transfers[0].valid);
    assert_null(result->transfers[0].client_transaction_id);
    assert_string_equal(result->transfers[0].operator_name, "OM");
    assert_int_equal(result->transfers[1].treatment, PAYOUT_TREATMENT_OTHER);
    assert_int_equal(result->transfers[1].amount, -1);
    payout_result_free(result);
    assert_int_equal(payout_check(client, &key, &result), PAYOUT_CLIENT_DONE);
    assert_int_equal(result->code, PAYOUT_NOT_FOUND);
    assert_int_equal(result->transfer_count, 0);
    payout_result_free(result);
    /* A read that was cut is asked again. */
    assert_int_equal(payout_check(client, &key, &result), PAYOUT_CLIENT_DONE);
    assert_int_equal(result->transfers[0].treatment, PAYOUT_TREATMENT_NOS);
    payout_result_free(result);
    assert_int_equal(payout_check(client, &key, &result), PAYOUT_CLIENT_UNREADABLE);
    payout_result_free(result);
    assert_int_equal(payout_check(client, &nothing, &result), PAYOUT_CLIENT_BAD_ARGUMENT);
    assert_null(result);
    payout_client_close(client);
    server_stop(server);
}

static void what_can_not_be_sent_is_refused_here(void **state)
{
    (void)state;
    static const struct server_play plays[] = {{0}};
    struct server *server = server_start(plays);
    struct payout_client *client = client_of(server);
    struct payout_result *result;
    struct payout_transfer transfer = with_id;
    assert_int_equal(payout_send(client, &transfer, 0, NULL, &result), PAYOUT_CLIENT_BAD_ARGUMENT);
    assert_int_equal(payout_send(client, &transfer, PAYOUT_ITEMS_MAX + 1, NULL, &result),
                     PAYOUT_CLIENT_BAD_ARGUMENT);
    transfer.amount = 0;
    assert_int_equal(payout_send(client, &transfer, 1, NULL, &result), PAYOUT_CLIENT_BAD_ARGUMENT);
    assert_null(result);
    assert_int_equal(payout_contact_add(client, NULL, 1, &result), PAYOUT_CLIENT_BAD_ARGUMENT);
    assert_int_equal(server_count(server, "/"), 0);
    payout_client_close(client);
    server_stop(server);
}

static void a_base_url_may_end_with_a_slash_or_v1(void **state)
{
    (void)state;
    static const struct server_play plays[] = {{0}};
    static const char *const ends[] = {"/", "/v1", "/v1/", "//"};
    struct server *server = server_start(plays);
    for (size_t i = 0; i < 4; i++) {
        char url[96];
        struct payout_client *client;
        struct payout_result *result;
        (void)snprintf(url, sizeof url, "%s%s", server_url(server), ends[i]);
        const struct payout_client_options options = {.size = sizeof options,
                                                      .base_url = url,
                                                      .apikey = "k",
                                                      .password = "p",
                                                      .repeats_max = -1};
        assert_int_equal(payout_client_open(&options, &client), PAYOUT_CLIENT_DONE);
        assert_int_equal(payout_login(client, &result), PAYOUT_CLIENT_DONE);
        assert_non_null(result->token);
        payout_result_free(result);
        payout_client_close(client);
    }
    server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_that_can_not_work_are_refused),
        cmocka_unit_test(a_login_brings_the_token_home),
        cmocka_unit_test(a_refused_login_is_what_every_call_says),
        cmocka_unit_test(a_balance_is_read_as_numbers_or_texts),
        cmocka_unit_test(an_expired_token_is_renewed_once),
        cmocka_unit_test(a_silent_server_is_given_up),
        cmocka_unit_test(contacts_that_are_known_are_as_good),
        cmocka_unit_test(a_check_tells_all_that_is_known),
        cmocka_unit_test(what_can_not_be_sent_is_refused_here),
        cmocka_unit_test(a_base_url_may_end_with_a_slash_or_v1),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

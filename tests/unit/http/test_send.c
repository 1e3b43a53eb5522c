/* Sending and checking over a real socket: what is answered, and what must not move. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "serve.h"
#include "support/store_memory.h"

static struct serve serve;

/* As a door to channels would say: FLOOZ is reached by none, what is delivered must be 900000
 * at most, and persons switched off what is for MOMO. */
static enum payout_code way_check(void *context, const struct transfer *transfer)
{
    struct amount delivered = transfer_delivered(transfer);
    assert_ptr_equal(context, &serve);
    assert_int_equal(transfer->merchant.value, serve.merchant.value);
    if (transfer->operator_number == 2 || delivered.minor > 900000)
        return PAYOUT_OPERATOR_NOT_AVAILABLE;
    return transfer->operator_number == 3 ? PAYOUT_OPERATOR_UNAVAILABLE : PAYOUT_OK;
}

static int open_server(void **state)
{
    (void)state;
    struct http_options options;
    serve_options(&options);
    options.channels = &(struct http_channels){.context = &serve, .transfer_check = way_check};
    serve_open(&serve, store_memory_open(), &options);
    return 0;
}

static int close_server(void **state)
{
    (void)state;
    serve_close(&serve);
    store_close(serve.store);
    return 0;
}

#define URL "https://example.com/n?a=1"

static struct serve_reply call(const char *path, const char *body)
{
    return serve_as_merchant(&serve, path, body);
}

static void contact_make(void)
{
    struct serve_reply reply = call("/v1/transfer/contact", "prefix=225&phone=0707895086");
    assert_int_equal(reply.status, 200);
    serve_free(&reply);
}

/* --- Sending --- */

static void a_lot_is_accepted_item_by_item(void **state)
{
    (void)state;
    contact_make();
    struct serve_reply reply =
        call("/v1/transfer/money/send/contact",
             "data=[{\"prefix\":\"225\",\"phone\":\"07895086\",\"amount\":\"500\",\"notify_url\":"
             "\"" URL "\",\"client_transaction_id\":\"A1\"},"
             "{\"prefix\":\"225\",\"phone\":\"0707895086\",\"amount\":503,\"notify_url\":\"" URL
             "\"},{\"prefix\":\"225\",\"phone\":\"0707895086\",\"amount\":600,\"notify_url\":"
             "\"ftp://a\"}]");
    assert_int_equal(reply.status, 200);
    assert_int_equal(serve_number(&reply, "data/0/0/code"), 0);
    assert_string_equal(serve_text(&reply, "data/0/0/status"), "success");
    assert_string_equal(serve_text(&reply, "data/0/0/treatment_status"), "NEW");
    assert_string_equal(serve_text(&reply, "data/0/0/notify_url"), URL);
    assert_int_equal(strlen(serve_text(&reply, "data/0/0/transaction_id")), 23);
    assert_int_equal(serve_number(&reply, "data/0/1/code"), 801);
    assert_string_equal(serve_text(&reply, "data/0/1/status"), "INVALID_AMOUNT");
    assert_null(json_object_get(serve_at(&reply, "data/0/1"), "transaction_id"));
    assert_int_equal(serve_number(&reply, "data/0/2/code"), 725);
    serve_free(&reply);
}

static void the_same_id_again_shows_the_first_transfer_and_moves_nothing(void **state)
{
    (void)state;
    const char *const body = "data={\"prefix\":\"225\",\"phone\":\"0707895086\",\"amount\":500,"
                             "\"notify_url\":\"" URL "\",\"client_transaction_id\":\"TWICE\"}";
    struct serve_reply first = call("/v1/transfer/money/send/contact", body);
    struct serve_reply balance = call("/v1/transfer/check/balance", NULL);
    struct serve_reply again = call("/v1/transfer/money/send/contact", body);
    struct serve_reply after = call("/v1/transfer/check/balance", NULL);
    serve_expect_error(&again, 409, PAYOUT_CLIENT_ID_EXISTS);
    assert_int_equal(serve_number(&again, "data/0/0/code"), 805);
    assert_string_equal(serve_text(&again, "data/0/0/status"), "CLIENT_TRANSACTION_ID_EXIST");
    assert_string_equal(serve_text(&again, "data/0/0/transaction_id"),
                        serve_text(&first, "data/0/0/transaction_id"));
    assert_string_equal(serve_text(&again, "data/0/0/lot"), serve_text(&first, "data/0/0/lot"));
    assert_string_equal(serve_text(&again, "data/0/0/treatment_status"), "NEW");
    assert_string_equal(buffer_text(&balance.body), buffer_text(&after.body));
    serve_free(&first);
    serve_free(&again);
    /* Another amount under the same id: nothing is shown of the first. */
    again = call("/v1/transfer/money/send/contact",
                 "data={\"prefix\":\"225\",\"phone\":\"0707895086\",\"amount\":505,"
                 "\"notify_url\":\"" URL "\",\"client_transaction_id\":\"TWICE\"}");
    serve_expect_error(&again, 409, PAYOUT_CLIENT_ID_EXISTS);
    assert_int_equal(json_array_size(serve_at(&again, "data")), 0);
    serve_free(&again);
    serve_free(&balance);
    serve_free(&after);
}

static void too_little_money_refuses_the_whole_request(void **state)
{
    (void)state;
#define RICH                                                                                       \
    "{\"prefix\":\"225\",\"phone\":\"0707895086\",\"amount\":900000,\"notify_url\":\"" URL "\"}"
    struct serve_reply before = call("/v1/transfer/check/balance", NULL);
    struct serve_reply reply = call("/v1/transfer/money/send/contact", "data=[" RICH "," RICH "]");
    serve_expect_error(&reply, 417, PAYOUT_INSUFFICIENT_BALANCE);
    assert_int_equal(json_array_size(serve_at(&reply, "data")), 0);
    serve_free(&reply);
    /* With an item that was sent before, it is shown; and the good one does not read as done. */
    reply =
        call("/v1/transfer/money/send/contact",
             "data=[{\"prefix\":\"225\",\"phone\":\"0707895086\",\"amount\":500,"
             "\"notify_url\":\"" URL "\",\"client_transaction_id\":\"TWICE\"}," RICH "," RICH "]");
    serve_expect_error(&reply, 417, PAYOUT_INSUFFICIENT_BALANCE);
    assert_int_equal(serve_number(&reply, "data/0/0/code"), 805);
    assert_int_equal(serve_number(&reply, "data/0/1/code"), 602);
    assert_string_equal(serve_text(&reply, "data/0/1/status"), "INSUFFICIENT_BALANCE");
    serve_free(&reply);
    struct serve_reply after = call("/v1/transfer/check/balance", NULL);
    assert_string_equal(buffer_text(&before.body), buffer_text(&after.body));
    serve_free(&before);
    serve_free(&after);
}

/* Ours, beside `data`: wherever it stands, and never as what an old client may have meant. */
static void a_lot_says_how_long_it_waits_for_a_down_operator(void **state)
{
    (void)state;
    static const struct {
        const char *query, *field;
        int64_t wait_ms; /* -1: refused. */
    } cases[] = {
        {"", "", 0},
        {"?operator_wait=7200", "", 7200000},
        {"", "operator_wait=90&", 90000},
        {"", "operator_wait=0&", 0},
        {"", "operator_wait=2592000&", INT64_C(2592000000)},
        {"", "operator_wait=2592001&", -1},
        {"", "operator_wait=2h&", -1},
        {"", "operator_wait=-1&", -1},
        {"", "operator_wait=1000000000000000000000&", -1},
    };
    const struct store_memory_tables *tables = store_memory_tables(serve.store);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[100], body[200];
        (void)snprintf(path, sizeof path, "/v1/transfer/money/send/contact%s", cases[i].query);
        (void)snprintf(body, sizeof body,
                       "%sdata={\"prefix\":\"225\",\"phone\":\"0707895086\",\"amount\":500,"
                       "\"notify_url\":\"" URL "\"}",
                       cases[i].field);
        size_t before = tables->transfer_count;
        struct serve_reply reply = call(path, body);
        if (cases[i].wait_ms < 0) {
            serve_expect_error(&reply, 400, PAYOUT_INVALID_PARAM);
            assert_int_equal(tables->transfer_count, before);
        } else {
            assert_int_equal(reply.status, 200);
            assert_int_equal(tables->transfer_count, before + 1);
            assert_int_equal(tables->transfers[before].wait_ms, cases[i].wait_ms);
        }
        serve_free(&reply);
    }
}

static void what_could_go_nowhere_is_refused(void **state)
{
    (void)state;
    struct serve_reply reply = call(
        "/v1/transfer/money/send/contact",
        "data=[{\"prefix\":\"225\",\"phone\":\"0107895086\",\"amount\":500,\"notify_url\":\"" URL
        "\"},{\"prefix\":\"225\",\"phone\":\"0507895086\",\"amount\":500,\"notify_url\":\"" URL
        "\"},{\"prefix\":\"225\",\"phone\":\"0707895086\",\"amount\":900005,\"notify_url\":\"" URL
        "\"},{\"prefix\":\"225\",\"phone\":\"0707895086\",\"amount\":500,\"notify_url\":\"" URL
        "\"}]");
    assert_int_equal(serve_number(&reply, "data/0/0/code"), 721);
    assert_string_equal(serve_text(&reply, "data/0/0/status"), "OPERATOR_NOT_AVAILABLE");
    assert_int_equal(serve_number(&reply, "data/0/1/code"), 804);
    assert_int_equal(serve_number(&reply, "data/0/2/code"), 721);
    assert_int_equal(serve_number(&reply, "data/0/3/code"), 0);
    serve_free(&reply);
    /* What counts is what the receiver gets. */
    struct merchant merchant = {.fees = "*:0:5:0:0:0:receiver"};
    serve_change(&serve, &merchant, MERCHANT_FIELD_FEES);
    reply = call("/v1/transfer/money/send/contact",
                 "data=[{\"prefix\":\"225\",\"phone\":\"0707895086\",\"amount\":900005,"
                 "\"notify_url\":\"" URL "\"}]");
    assert_int_equal(serve_number(&reply, "data/0/0/code"), 0);
    serve_free(&reply);
    merchant.fees[0] = '\0';
    serve_change(&serve, &merchant, MERCHANT_FIELD_FEES);
}

static void the_one_item_s_id_may_stand_in_the_query(void **state)
{
    (void)state;
    struct serve_reply reply =
        call("/v1/transfer/money/send/contact?transaction_id=MINE-1",
             "prefix=225&phone=0707895086&amount=500&notify_url=https%3A%2F%2Fexample.com%2Fn");
    assert_int_equal(reply.status, 200);
    char id[64];
    (void)snprintf(id, sizeof id, "%s", serve_text(&reply, "data/0/0/transaction_id"));
    serve_free(&reply);
    static const char *const paths[] = {
        "/v1/transfer/check/money?client_transaction_id=MINE-1",
        "/v1/transfer/check/money?transaction_id=MINE-1",
    };
    for (size_t i = 0; i < 2; i++) {
        reply = call(paths[i], NULL);
        assert_string_equal(serve_text(&reply, "data/0/transaction_id"), id);
        serve_free(&reply);
    }
}

static void an_item_without_a_url_takes_the_merchant_s(void **state)
{
    (void)state;
    const char *const body = "data=[{\"prefix\":\"225\",\"phone\":\"0707895086\",\"amount\":500,"
                             "\"client_transaction_id\":\"NO-URL\"}]";
    struct serve_reply reply = call("/v1/transfer/money/send/contact", body);
    serve_expect_error(&reply, 417, PAYOUT_MISSING_NOTIFY_URL);
    serve_free(&reply);
    struct merchant change = {.notify_url = "https://example.com/all"};
    serve_change(&serve, &change, MERCHANT_FIELD_NOTIFY_URL);
    reply = call("/v1/transfer/money/send/contact", body);
    assert_int_equal(reply.status, 200);
    serve_free(&reply);
    change.notify_url[0] = '\0';
    serve_change(&serve, &change, MERCHANT_FIELD_NOTIFY_URL);
}

static void who_is_not_on_the_list_makes_a_lot_that_waits(void **state)
{
    (void)state;
    struct merchant change = {.ip_list = "192.0.2.0/24"};
    serve_change(&serve, &change, MERCHANT_FIELD_IP_LIST);
    struct serve_reply reply =
        call("/v1/transfer/money/send/contact",
             "data={\"prefix\":\"225\",\"phone\":\"0707895086\",\"amount\":500,\"notify_url\":"
             "\"" URL "\",\"client_transaction_id\":\"WAITS\"}");
    assert_int_equal(reply.status, 200);
    serve_free(&reply);
    reply = call("/v1/transfer/check/money?client_transaction_id=WAITS", NULL);
    assert_string_equal(serve_text(&reply, "data/0/sending_status"), "PENDING");
    serve_free(&reply);
    (void)snprintf(change.ip_list, sizeof change.ip_list, "127.0.0.1");
    serve_change(&serve, &change, MERCHANT_FIELD_IP_LIST);
}

/* --- Checking --- */

static void a_transfer_is_shown_whole_in_texts_and_nulls(void **state)
{
    (void)state;
    struct serve_reply reply = call("/v1/transfer/check/money?lang=en", "client_transaction_id=A1");
    static const char *const texts[][2] = {
        {"client_transaction_id", "A1"},
        {"amount", "500"},
        {"receiver", "22507895086"},
        {"receiver_e164", "+2250707895086"},
        {"operator", "OM"},
        {"sending_status", "CONFIRM"},
        {"transfer_valid", "N"},
        {"treatment_status", "NEW"},
    };
    assert_int_equal(reply.status, 200);
    const json_t *transfer = serve_at(&reply, "data/0");
    assert_int_equal(json_object_size(transfer), 13);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_string_equal(json_string_value(json_object_get(transfer, texts[i][0])), texts[i][1]);
    assert_true(json_is_null(json_object_get(transfer, "comment")));
    assert_true(json_is_null(json_object_get(transfer, "validated_at")));
    assert_true(json_is_null(json_object_get(transfer, "operator_transaction_id")));
    char path[120];
    (void)snprintf(path, sizeof path, "/v1/transfer/check/money?lot=%s",
                   serve_text(&reply, "data/0/lot"));
    struct serve_reply lot = call(path, NULL);
    assert_string_equal(serve_text(&lot, "data/0/transaction_id"),
                        serve_text(&reply, "data/0/transaction_id"));
    serve_free(&lot);
    serve_free(&reply);
}

static void what_is_not_there_gets_723_and_no_id_704(void **state)
{
    (void)state;
    static const char *const paths[] = {
        "/v1/transfer/check/money?transaction_id=EA181025.112233.X123456",
        "/v1/transfer/check/money?transaction_id=x",
        "/v1/transfer/check/money?client_transaction_id=x",
        "/v1/transfer/check/money?lot=0010000000421539786998",
        "/v1/transfer/check/money?lot=0099999999991539786998",
        "/v1/transfer/check/money?lot=1",
    };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct serve_reply reply = call(paths[i], NULL);
        serve_expect_error(&reply, 404, PAYOUT_NOT_FOUND);
        serve_free(&reply);
    }
    struct serve_reply reply = call("/v1/transfer/check/money?transaction_id=&lot=", NULL);
    serve_expect_error(&reply, 400, PAYOUT_INVALID_PARAM);
    serve_free(&reply);
}

static void a_merchant_sees_its_own_only(void **state)
{
    (void)state;
    struct http_options options;
    struct command create = {.kind = COMMAND_MERCHANT_CREATE,
                             .merchant_create = {.merchant = {.id = {MERCHANT_ID_MIN + 43},
                                                              .name = "Other",
                                                              .apikey = "other",
                                                              .currency = CURRENCY_XOF}}};
    serve_command(&serve, &create);
    struct serve_reply mine = call("/v1/transfer/check/money?client_transaction_id=A1", NULL);
    char token[TOKEN_TEXT_BYTES], path[800];
    serve_options(&options);
    token_write(&options.key, (struct merchant_id){MERCHANT_ID_MIN + 43}, clock_now_ms(), 60000,
                token);
    static const char *const names[] = {"transaction_id", "client_transaction_id", "lot"};
    for (size_t i = 0; i < 3; i++) {
        char at[64];
        (void)snprintf(at, sizeof at, "data/0/%s", names[i]);
        (void)snprintf(path, sizeof path, "/v1/transfer/check/money?token=%s&%s=%s", token,
                       names[i], serve_text(&mine, at));
        struct serve_reply reply = serve_send(&serve, &(struct serve_call){.path = path});
        serve_expect_error(&reply, 404, PAYOUT_NOT_FOUND);
        serve_free(&reply);
    }
    serve_free(&mine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lot_is_accepted_item_by_item),
        cmocka_unit_test(the_same_id_again_shows_the_first_transfer_and_moves_nothing),
        cmocka_unit_test(too_little_money_refuses_the_whole_request),
        cmocka_unit_test(a_lot_says_how_long_it_waits_for_a_down_operator),
        cmocka_unit_test(what_could_go_nowhere_is_refused),
        cmocka_unit_test(the_one_item_s_id_may_stand_in_the_query),
        cmocka_unit_test(an_item_without_a_url_takes_the_merchant_s),
        cmocka_unit_test(who_is_not_on_the_list_makes_a_lot_that_waits),
        cmocka_unit_test(a_transfer_is_shown_whole_in_texts_and_nulls),
        cmocka_unit_test(what_is_not_there_gets_723_and_no_id_704),
        cmocka_unit_test(a_merchant_sees_its_own_only),
    };
    return cmocka_run_group_tests(tests, open_server, close_server);
}

/* The platform's own API over a real socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "serve.h"
#include "support/store_memory.h"

static struct serve serve;

static int open_server(void **state)
{
    (void)state;
    struct http_options options;
    serve_options(&options);
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

static struct serve_reply get(const char *path)
{
    return serve_as_admin(&serve, NULL, path, NULL);
}

static struct serve_reply post(const char *path, const char *body)
{
    return serve_as_admin(&serve, "POST", path, body);
}

static void expect_refusal(struct serve_reply *reply, int status, enum payout_code code)
{
    if (reply->status != status)
        fail_msg("status %d: %s", reply->status, buffer_text(&reply->body));
    assert_int_equal(serve_number(reply, "code"), code);
    assert_true(serve_text(reply, "error")[0] != '\0');
    serve_free(reply);
}

static void only_the_token_from_a_listed_address_gets_in(void **state)
{
    (void)state;
    const char *const path = "/admin/v1/merchants";
    const struct {
        const char *headers[2];
        int status;
        enum payout_code code;
    } cases[] = {
        {{NULL}, 401, PAYOUT_INVALID_TOKEN},
        {{"Authorization: Bearer wrong"}, 401, PAYOUT_INVALID_TOKEN},
        {{"Authorization: Bearer " SERVE_ADMIN_TOKEN "x"}, 401, PAYOUT_INVALID_TOKEN},
        {{"Authorization: " SERVE_ADMIN_TOKEN}, 401, PAYOUT_INVALID_TOKEN},
        {{"Authorization: Bearer " SERVE_ADMIN_TOKEN, "X-Forwarded-For: 127.0.0.1"},
         403,
         PAYOUT_NOT_ALLOWED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct serve_reply reply = serve_send(
            &serve, &(struct serve_call){.path = path,
                                         .headers = {cases[i].headers[0], cases[i].headers[1]}});
        expect_refusal(&reply, cases[i].status, cases[i].code);
    }
    struct serve_reply reply = get(path);
    assert_int_equal(reply.status, 200);
    assert_true(json_is_true(serve_at(&reply, "ok")));
    serve_free(&reply);
}

/* Makes a merchant and returns what is shown once. */
static struct serve_reply merchant_create(const char *body)
{
    struct serve_reply reply = post("/admin/v1/merchants", body);
    if (reply.status != 200)
        fail_msg("%s", buffer_text(&reply.body));
    return reply;
}

static int login_status(const char *apikey, const char *password)
{
    char body[300];
    (void)snprintf(body, sizeof body, "apikey=%s&password=%s", apikey, password);
    struct serve_reply reply =
        serve_send(&serve, &(struct serve_call){.path = "/v1/auth/login", .body = body});
    int status = reply.status;
    serve_free(&reply);
    return status;
}

static void a_new_merchant_logs_in_with_what_was_shown_once(void **state)
{
    (void)state;
    struct serve_reply made = merchant_create(
        "{\"name\":\"Épicerie\",\"currency\":\"XAF\",\"lang\":\"en\",\"flat_reply\":true,"
        "\"ip_list\":\"192.0.2.0/24 2001:db8::/32\",\"lot_expiry_seconds\":7200}");
    assert_int_equal(login_status(serve_text(&made, "apikey"), serve_text(&made, "password")), 200);
    assert_int_equal(strncmp(serve_text(&made, "secret_key"), "whsec_", 6), 0);
    char path[80];
    (void)snprintf(path, sizeof path, "/admin/v1/merchants/%lld",
                   (long long)serve_number(&made, "id"));
    struct serve_reply shown = get(path);
    assert_string_equal(serve_text(&shown, "name"), "Épicerie");
    assert_string_equal(serve_text(&shown, "currency"), "XAF");
    assert_string_equal(serve_text(&shown, "lang"), "en");
    assert_true(json_is_true(serve_at(&shown, "flat_reply")));
    assert_true(json_is_false(serve_at(&shown, "suspended")));
    assert_int_equal(serve_number(&shown, "lot_expiry_seconds"), 7200);
    const char *const body = buffer_text(&shown.body);
    assert_null(strstr(body, serve_text(&made, "password")));
    assert_null(strstr(body, serve_text(&made, "secret_key")));
    assert_null(strstr(body, "argon2"));
    serve_free(&shown);
    serve_free(&made);
}

static void a_setting_that_makes_no_sense_is_refused(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "name=",
        "currency=XOF",
        "name=a&currency=EUR",
        "name=a&lang=de",
        "name=a&suspended=maybe",
        "name=a&ip_list=somewhere",
        "{\"name\":\"a\",\"notify_url\":\"ftp://a\"}",
        "name=a&lot_expiry_seconds=1",
        "{\"name\":\"a\",\"colour\":\"red\"}",
        "{\"name\":[\"a\"]}",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct serve_reply reply = post("/admin/v1/merchants", bodies[i]);
        expect_refusal(&reply, 400, PAYOUT_INVALID_PARAM);
    }
    struct serve_reply reply = post("/admin/v1/merchants", "{\"name\":");
    expect_refusal(&reply, 400, PAYOUT_JSON_PARSE_ERROR);
}

static void settings_change_one_by_one_and_at_once(void **state)
{
    (void)state;
    struct serve_reply made = merchant_create("name=Changing");
    char path[80];
    (void)snprintf(path, sizeof path, "/admin/v1/merchants/%lld",
                   (long long)serve_number(&made, "id"));
    struct serve_reply reply = post(path, "{\"suspended\":true,\"lang\":\"en\"}");
    assert_int_equal(reply.status, 200);
    serve_free(&reply);
    assert_int_equal(login_status(serve_text(&made, "apikey"), serve_text(&made, "password")), 401);
    reply = get(path);
    assert_true(json_is_true(serve_at(&reply, "suspended")));
    assert_string_equal(serve_text(&reply, "lang"), "en");
    assert_string_equal(serve_text(&reply, "name"), "Changing");
    serve_free(&reply);
    reply = post(path, "currency=XAF");
    expect_refusal(&reply, 400, PAYOUT_INVALID_PARAM);
    reply = post(path, "");
    expect_refusal(&reply, 400, PAYOUT_INVALID_PARAM);
    serve_free(&made);
}

static void a_new_password_replaces_the_old_one(void **state)
{
    (void)state;
    struct serve_reply made = merchant_create("name=Forgetful");
    char path[80];
    (void)snprintf(path, sizeof path, "/admin/v1/merchants/%lld/password",
                   (long long)serve_number(&made, "id"));
    struct serve_reply fresh = post(path, "");
    assert_int_equal(fresh.status, 200);
    const char *apikey = serve_text(&made, "apikey");
    assert_int_equal(login_status(apikey, serve_text(&made, "password")), 401);
    assert_int_equal(login_status(apikey, serve_text(&fresh, "password")), 200);
    serve_free(&fresh);
    (void)snprintf(path, sizeof path, "/admin/v1/merchants/%lld/secret",
                   (long long)serve_number(&made, "id"));
    fresh = post(path, "");
    assert_string_not_equal(serve_text(&fresh, "secret_key"), serve_text(&made, "secret_key"));
    serve_free(&fresh);
    serve_free(&made);
}

static void merchants_are_listed_page_by_page(void **state)
{
    (void)state;
    int64_t after = 0, seen = 0;
    for (bool more = true; more;) {
        char path[80];
        (void)snprintf(path, sizeof path, "/admin/v1/merchants?limit=2&after=%lld",
                       (long long)after);
        struct serve_reply reply = get(path);
        size_t count = json_array_size(serve_at(&reply, "merchants"));
        for (size_t i = 0; i < count; i++, seen++) {
            char at[32];
            (void)snprintf(at, sizeof at, "merchants/%zu/id", i);
            assert_true(serve_number(&reply, at) > after);
            after = serve_number(&reply, at);
        }
        more = count == 2;
        serve_free(&reply);
    }
    assert_int_equal(seen, store_memory_tables(serve.store)->merchant_count);
    struct serve_reply reply = get("/admin/v1/merchants?limit=0");
    expect_refusal(&reply, 400, PAYOUT_INVALID_PARAM);
}

static void money_comes_in_once_for_a_reference(void **state)
{
    (void)state;
    struct serve_reply made = merchant_create("name=Rich");
    char path[80];
    long long id = serve_number(&made, "id");
    (void)snprintf(path, sizeof path, "/admin/v1/merchants/%lld/topup", id);
    for (int i = 0; i < 2; i++) {
        struct serve_reply reply =
            post(path, "{\"amount\":5000,\"currency\":\"XOF\",\"reference\":\"wire 1\"}");
        assert_int_equal(reply.status, 200);
        assert_int_equal(json_is_true(serve_at(&reply, "again")), i == 1);
        serve_free(&reply);
    }
    struct serve_reply reply = post(path, "amount=6000&currency=XOF&reference=wire+1");
    expect_refusal(&reply, 409, PAYOUT_CLIENT_ID_EXISTS);
    reply = post(path, "amount=-5&currency=XOF&reference=r");
    expect_refusal(&reply, 417, PAYOUT_INVALID_AMOUNT);
    reply = post(path, "amount=5&currency=XOF&reference=");
    expect_refusal(&reply, 400, PAYOUT_INVALID_PARAM);
    (void)snprintf(path, sizeof path, "/admin/v1/merchants/%lld/withdraw", id);
    reply = post(path, "amount=5005&currency=XOF&reference=out");
    expect_refusal(&reply, 409, PAYOUT_INSUFFICIENT_BALANCE);
    reply = post(path, "amount=1000&currency=XOF&reference=out");
    assert_int_equal(reply.status, 200);
    serve_free(&reply);
    (void)snprintf(path, sizeof path, "/admin/v1/merchants/%lld", id);
    reply = get(path);
    assert_string_equal(serve_text(&reply, "balances/0/account"), "available");
    assert_int_equal(serve_number(&reply, "balances/0/balance"), 4000);
    serve_free(&reply);
    serve_free(&made);
}

/* Sends one transfer that waits, and writes its lot's text. */
static void lot_make(const char *client_id, char lot[LOT_TEXT_BYTES])
{
    struct merchant change = {.ip_list = ""};
    serve_change(&serve, &change, MERCHANT_FIELD_IP_LIST);
    struct serve_reply reply =
        serve_as_merchant(&serve, "/v1/transfer/contact", "prefix=225&phone=0707895086");
    serve_free(&reply);
    char body[200];
    (void)snprintf(body, sizeof body,
                   "prefix=225&phone=0707895086&amount=500&notify_url=http://a/n"
                   "&client_transaction_id=%s",
                   client_id);
    reply = serve_as_merchant(&serve, "/v1/transfer/money/send/contact", body);
    (void)snprintf(lot, LOT_TEXT_BYTES, "%s", serve_text(&reply, "data/0/0/lot"));
    serve_free(&reply);
}

static void the_transfers_of_a_period_are_listed(void **state)
{
    (void)state;
    char lot[LOT_TEXT_BYTES], path[200], first[32];
    lot_make("LISTED-1", lot);
    struct serve_reply reply = get("/admin/v1/transfers?operator=om");
    assert_string_equal(serve_text(&reply, "transfers/0/client_transaction_id"), "LISTED-1");
    assert_string_equal(serve_text(&reply, "transfers/0/operator"), "OM");
    assert_string_equal(serve_text(&reply, "transfers/0/state"), "NEW");
    assert_int_equal(serve_number(&reply, "transfers/0/amount"), 500);
    assert_true(json_is_null(serve_at(&reply, "next")));
    (void)snprintf(first, sizeof first, "%s", serve_text(&reply, "transfers/0/transaction_id"));
    serve_free(&reply);
    lot_make("LISTED-2", lot);
    reply = get("/admin/v1/transfers?limit=1"); /* A full page says where to go on. */
    assert_string_equal(serve_text(&reply, "next"), first);
    serve_free(&reply);
    (void)snprintf(path, sizeof path, "/admin/v1/transfers?after=%s", first);
    reply = get(path);
    assert_string_equal(serve_text(&reply, "transfers/0/client_transaction_id"), "LISTED-2");
    serve_free(&reply);
    static const char *const none[] = {"operator=FLOOZ", "to=2001-01-01", "from=2099-01-01"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        (void)snprintf(path, sizeof path, "/admin/v1/transfers?%s", none[i]);
        reply = get(path);
        assert_int_equal(json_array_size(serve_at(&reply, "transfers")), 0);
        serve_free(&reply);
    }
    static const char *const bad[] = {"operator=X", "from=yesterday", "to=2026-02-30", "after=EA1",
                                      "limit=10001"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        (void)snprintf(path, sizeof path, "/admin/v1/transfers?%s", bad[i]);
        reply = get(path);
        expect_refusal(&reply, 400, PAYOUT_INVALID_PARAM);
    }
}

static void a_waiting_lot_is_confirmed_once_and_for_all(void **state)
{
    (void)state;
    char lot[LOT_TEXT_BYTES], path[100];
    lot_make("CONFIRM", lot);
    struct serve_reply reply = get("/admin/v1/lots?waiting=1");
    assert_string_equal(serve_text(&reply, "lots/0/lot"), lot);
    assert_string_equal(serve_text(&reply, "lots/0/state"), "WAITING");
    assert_int_equal(serve_number(&reply, "lots/0/total/XOF"), 500);
    assert_string_equal(serve_text(&reply, "lots/0/source"), "127.0.0.1");
    serve_free(&reply);
    (void)snprintf(path, sizeof path, "/admin/v1/lots/%s/confirm", lot);
    for (int i = 0; i < 2; i++) {
        reply = post(path, "person=Awa");
        assert_string_equal(serve_text(&reply, "state"), "CONFIRMED");
        assert_true(json_is_boolean(serve_at(&reply, "again")));
        serve_free(&reply);
    }
    (void)snprintf(path, sizeof path, "/admin/v1/lots/%s/cancel", lot);
    reply = post(path, "person=Awa");
    expect_refusal(&reply, 409, PAYOUT_NOT_ALLOWED);
    (void)snprintf(path, sizeof path, "/admin/v1/lots/%s", lot);
    reply = get(path);
    assert_string_equal(serve_text(&reply, "state"), "CONFIRMED");
    assert_true(json_is_true(serve_at(&reply, "transfers/0/confirmed")));
    (void)snprintf(path, sizeof path, "/admin/v1/transfers/%s",
                   serve_text(&reply, "transfers/0/transaction_id"));
    struct serve_reply transfer = get(path);
    assert_string_equal(serve_text(&transfer, "client_transaction_id"), "CONFIRM");
    assert_true(json_array_size(serve_at(&transfer, "notifications")) > 0);
    assert_true(json_is_array(serve_at(&transfer, "deliveries")));
    serve_free(&transfer);
    serve_free(&reply);
}

static void a_cancelled_lot_gives_its_money_back(void **state)
{
    (void)state;
    char lot[LOT_TEXT_BYTES], path[100];
    lot_make("CANCEL", lot);
    (void)snprintf(path, sizeof path, "/admin/v1/lots/%s/cancel", lot);
    struct serve_reply reply = post(path, "person=Awa");
    assert_string_equal(serve_text(&reply, "state"), "CANCELLED");
    serve_free(&reply);
    reply = serve_as_merchant(
        &serve, "/v1/transfer/check/money?lang=en&client_transaction_id=CANCEL", NULL);
    assert_string_equal(serve_text(&reply, "data/0/treatment_status"), "REJ");
    assert_string_equal(serve_text(&reply, "data/0/comment"), "The lot was cancelled");
    serve_free(&reply);
}

static void the_summary_s_total_is_zero(void **state)
{
    (void)state;
    struct serve_reply reply = get("/admin/v1/summary");
    assert_string_equal(serve_text(&reply, "currencies/0/currency"), "XOF");
    assert_int_equal(serve_number(&reply, "currencies/0/total"), 0);
    assert_true(serve_number(&reply, "currencies/0/outside") < 0);
    assert_true(serve_number(&reply, "currencies/0/available") > 0);
    serve_free(&reply);
}

static void what_is_not_there_is_404_and_other_methods_405(void **state)
{
    (void)state;
    static const char *const paths[] = {
        "/admin/v1/merchants/9999999999",
        "/admin/v1/merchants/1",
        "/admin/v1/merchants/99999999990",
        "/admin/v1/merchants/1000000042x",
        "/admin/v1/lots/0099999999991539786998",
        "/admin/v1/lots/x",
        "/admin/v1/transfers/EA181025.112233.X123456",
        "/admin/v1/transfers/x",
    };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct serve_reply reply = get(paths[i]);
        expect_refusal(&reply, 404, PAYOUT_NOT_FOUND);
    }
    struct serve_reply reply =
        post("/admin/v1/merchants/9999999999/topup", "amount=5&currency=XOF&reference=r");
    expect_refusal(&reply, 404, PAYOUT_NOT_FOUND);
    reply = post("/admin/v1/merchants/9999999999/password", "");
    expect_refusal(&reply, 404, PAYOUT_NOT_FOUND);
    reply = post("/admin/v1/lots/0099999999991539786998/confirm", "person=Awa");
    expect_refusal(&reply, 404, PAYOUT_NOT_FOUND);
    reply = serve_as_admin(&serve, "DELETE", "/admin/v1/merchants/1000000042", NULL);
    expect_refusal(&reply, 405, PAYOUT_NOT_ALLOWED);
    reply = serve_as_admin(&serve, "GET", "/admin/v1/merchants/1000000042/topup", NULL);
    expect_refusal(&reply, 405, PAYOUT_NOT_ALLOWED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_token_from_a_listed_address_gets_in),
        cmocka_unit_test(a_new_merchant_logs_in_with_what_was_shown_once),
        cmocka_unit_test(a_setting_that_makes_no_sense_is_refused),
        cmocka_unit_test(settings_change_one_by_one_and_at_once),
        cmocka_unit_test(a_new_password_replaces_the_old_one),
        cmocka_unit_test(merchants_are_listed_page_by_page),
        cmocka_unit_test(money_comes_in_once_for_a_reference),
        cmocka_unit_test(the_transfers_of_a_period_are_listed),
        cmocka_unit_test(a_waiting_lot_is_confirmed_once_and_for_all),
        cmocka_unit_test(a_cancelled_lot_gives_its_money_back),
        cmocka_unit_test(the_summary_s_total_is_zero),
        cmocka_unit_test(what_is_not_there_is_404_and_other_methods_405),
    };
    return cmocka_run_group_tests(tests, open_server, close_server);
}

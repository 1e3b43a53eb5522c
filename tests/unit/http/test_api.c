/* Every endpoint over a real socket: headers, codes, places of the token, login, contacts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "serve.h"
#include "support/store_memory.h"

static struct serve serve;

static int open_server(void **state)
{
    (void)state;
    struct http_options options;
    serve_options(&options);
    options.items_max = 3;
    options.body_bytes_max = 16 * 1024;
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

#define PERSON                                                                                     \
    "{\"prefix\":\"225\",\"phone\":\"0707895086\",\"name\":\"Awa\",\"surname\":\"Kone\","          \
    "\"email\":\"awa@example.com\"}"

static struct serve_reply call(const char *path, const char *body)
{
    return serve_as_merchant(&serve, path, body);
}

/* --- Login --- */

static void a_right_pair_gets_a_token_that_works(void **state)
{
    (void)state;
    struct serve_reply reply =
        serve_send(&serve, &(struct serve_call){.path = "/v1/auth/login",
                                                .body = "apikey=" SERVE_APIKEY
                                                        "&password=p4ss%20word%26%2B%25%C3%A9"});
    assert_int_equal(reply.status, 200);
    assert_int_equal(serve_number(&reply, "code"), 0);
    assert_string_equal(serve_text(&reply, "message"), "OPERATION_SUCCES");
    char path[700];
    (void)snprintf(path, sizeof path, "/v1/transfer/check/balance?token=%s",
                   serve_text(&reply, "data/token"));
    struct serve_reply balance = serve_send(&serve, &(struct serve_call){.path = path});
    assert_int_equal(balance.status, 200);
    serve_free(&balance);
    serve_free(&reply);
}

static void a_wrong_pair_gets_the_original_s_very_answer(void **state)
{
    (void)state;
    static const char *const bodies[] = {"apikey=" SERVE_APIKEY "&password=wrong",
                                         "apikey=nobody&password=wrong"};
    for (size_t i = 0; i < 2; i++) {
        struct serve_reply reply =
            serve_send(&serve, &(struct serve_call){.path = "/v1/auth/login", .body = bodies[i]});
        assert_int_equal(reply.status, 401);
        assert_string_equal(buffer_text(&reply.body),
                            "{\"code\":\"701\",\"message\":\"INVALID_CREDENTIALS\","
                            "\"description\":\"Identifiant de connexion incorrect\",\"data\":[]}");
        serve_free(&reply);
    }
}

static void a_login_without_a_password_gets_704(void **state)
{
    (void)state;
    static const char *const bodies[] = {"apikey=a", "password=b", "apikey=a&password=", ""};
    for (size_t i = 0; i < 4; i++) {
        struct serve_reply reply =
            serve_send(&serve, &(struct serve_call){.path = "/v1/auth/login", .body = bodies[i]});
        serve_expect_error(&reply, 400, PAYOUT_INVALID_PARAM);
        serve_free(&reply);
    }
}

static void a_suspended_merchant_gets_703_with_the_right_password_only(void **state)
{
    (void)state;
    struct merchant change = {.suspended = true};
    serve_change(&serve, &change, MERCHANT_FIELD_SUSPENDED);
    struct serve_reply reply =
        serve_send(&serve, &(struct serve_call){.path = "/v1/auth/login?apikey=" SERVE_APIKEY
                                                        "&password=p4ss+word%26%2B%25%C3%A9"});
    serve_expect_error(&reply, 401, PAYOUT_INVALID_USER);
    serve_free(&reply);
    reply = serve_send(&serve, &(struct serve_call){.path = "/v1/auth/login?apikey=" SERVE_APIKEY
                                                            "&password=wrong"});
    serve_expect_error(&reply, 401, PAYOUT_INVALID_CREDENTIALS);
    serve_free(&reply);
    reply = call("/v1/transfer/check/balance", NULL);
    serve_expect_error(&reply, 401, PAYOUT_INVALID_USER);
    serve_free(&reply);
    change.suspended = false;
    serve_change(&serve, &change, MERCHANT_FIELD_SUSPENDED);
}

/* --- What every reply has --- */

static void expect_headers(const struct serve_reply *reply)
{
    static const char *const headers[][2] = {
        {"Cache-Control", "private, must-revalidate"},
        {"pragma", "no-cache"},
        {"expires", "-1"},
        {"Access-Control-Allow-Origin", "*"},
        {"Access-Control-Allow-Methods", "GET,POST"},
        {"Access-Control-Allow-Headers",
         "X-Requested-With, Content-Type, X-Auth-Token, Origin, Authorization"},
        {"Access-Control-Expose-Headers", "api.client.transfert"},
        {"X-RateLimit-Limit", "60"},
        {"X-RateLimit-Remaining", "59"},
    };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        const char *value = serve_header(reply, headers[i][0]);
        if (value == NULL)
            fail_msg("no %s in %s", headers[i][0], buffer_text(&reply->head));
        else
            assert_string_equal(value, headers[i][1]);
    }
    assert_non_null(serve_header(reply, "X-Request-Id"));
}

static void every_reply_has_the_original_s_headers(void **state)
{
    (void)state;
    struct serve_reply reply = call("/v1/transfer/check/balance/?lang=fr", NULL);
    assert_int_equal(reply.status, 200);
    expect_headers(&reply);
    assert_string_equal(serve_header(&reply, "Content-Type"), "application/json");
    serve_free(&reply);
    reply = serve_send(&serve, &(struct serve_call){.path = "/v1/nowhere"});
    serve_expect_error(&reply, 404, PAYOUT_NOT_FOUND);
    expect_headers(&reply);
    serve_free(&reply);
    reply = serve_send(&serve,
                       &(struct serve_call){.method = "OPTIONS", .path = "/v1/transfer/contact"});
    assert_int_equal(reply.status, 204);
    assert_int_equal(reply.body.length, 0);
    expect_headers(&reply);
    serve_free(&reply);
}

static void other_methods_get_708(void **state)
{
    (void)state;
    static const char *const methods[] = {"PUT", "DELETE", "PATCH"};
    for (size_t i = 0; i < 3; i++) {
        struct serve_reply reply = serve_send(
            &serve, &(struct serve_call){.method = methods[i], .path = "/v1/auth/login?lang=en"});
        serve_expect_error(&reply, 403, PAYOUT_NOT_ALLOWED);
        serve_free(&reply);
    }
}

static void head_reads_but_never_sends(void **state)
{
    (void)state;
    char path[700];
    (void)snprintf(path, sizeof path, "/v1/transfer/check/balance?token=%s", serve.token);
    struct serve_reply reply =
        serve_send(&serve, &(struct serve_call){.method = "HEAD", .path = path});
    assert_int_equal(reply.status, 200);
    assert_int_equal(reply.body.length, 0);
    serve_free(&reply);
    (void)snprintf(path, sizeof path, "/v1/transfer/contact?token=%s&data=[]", serve.token);
    reply = serve_send(&serve, &(struct serve_call){.method = "HEAD", .path = path});
    assert_int_equal(reply.status, 403);
    serve_free(&reply);
}

static void paths_are_read_with_slashes_and_blanks_behind(void **state)
{
    (void)state;
    static const char *const paths[] = {"/v1/auth/login%20", "/v1/auth/login/", "//v1//auth/login",
                                        "/v1/auth/login%20/?lang=en", "/v1/auth/%6cogin"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct serve_reply reply = serve_send(&serve, &(struct serve_call){.path = paths[i]});
        serve_expect_error(&reply, 400, PAYOUT_INVALID_PARAM);
        serve_free(&reply);
    }
}

static void a_raw_blank_behind_the_path_is_read_too(void **state)
{
    (void)state;
    struct buffer answer;
    serve_raw(&serve, "GET /v1/auth/login  HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
              &answer);
    assert_non_null(strstr(buffer_text(&answer), "\"code\":\"704\""));
    buffer_free(&answer);
}

static void an_unknown_language_is_french(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"/v1/auth/login?lang=en", "parameter"},
                                           {"/v1/auth/login?lang=de", "paramètre"},
                                           {"/v1/auth/login", "paramètre"}};
    for (size_t i = 0; i < 3; i++) {
        struct serve_reply reply = serve_send(&serve, &(struct serve_call){.path = cases[i][0]});
        assert_non_null(strstr(serve_text(&reply, "description"), cases[i][1]));
        serve_free(&reply);
    }
}

static void a_body_over_the_limit_gets_413(void **state)
{
    (void)state;
    static char body[16 * 1024 + 2];
    memset(body, 'a', sizeof body - 1);
    struct serve_reply reply = call("/v1/transfer/contact", body);
    serve_expect_error(&reply, 413, PAYOUT_DATA_NOT_VALID);
    serve_free(&reply);
    /* Announced, asked for with "Expect", and not read at all. */
    struct buffer answer;
    serve_raw(&serve,
              "POST /v1/transfer/contact HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999\r\n"
              "Expect: 100-continue\r\n\r\n",
              &answer);
    assert_non_null(strstr(buffer_text(&answer), "413"));
    assert_null(strstr(buffer_text(&answer), "100 Continue"));
    buffer_free(&answer);
    /* Unannounced, in chunks. */
    reply = serve_send(&serve, &(struct serve_call){.path = "/v1/transfer/contact",
                                                    .body = body,
                                                    .headers = {"Transfer-Encoding: chunked"}});
    serve_expect_error(&reply, 413, PAYOUT_DATA_NOT_VALID);
    serve_free(&reply);
}

/* --- The token --- */

static void the_token_may_stand_in_three_places(void **state)
{
    (void)state;
    char query[700], header[700], body[700], json[700];
    (void)snprintf(query, sizeof query, "/v1/transfer/check/balance?token=%s", serve.token);
    (void)snprintf(header, sizeof header, "Authorization: Bearer %s", serve.token);
    (void)snprintf(body, sizeof body, "token=%s", serve.token);
    (void)snprintf(json, sizeof json, "{\"token\":\"%s\"}", serve.token);
    const struct serve_call calls[] = {
        {.path = query},
        {.path = "/v1/transfer/check/balance", .headers = {header}},
        {.path = "/v1/transfer/check/balance", .body = body},
        {.path = "/v1/transfer/check/balance",
         .body = json,
         .headers = {"Content-Type: application/json"}},
    };
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        struct serve_reply reply = serve_send(&serve, &calls[i]);
        assert_int_equal(reply.status, 200);
        serve_free(&reply);
    }
    struct serve_reply reply =
        serve_send(&serve, &(struct serve_call){.path = "/v1/transfer/check/balance?token=wrong",
                                                .headers = {header}});
    serve_expect_error(&reply, 401, PAYOUT_INVALID_TOKEN); /* The query comes first. */
    serve_free(&reply);
    reply = serve_send(&serve, &(struct serve_call){.path = "/v1/transfer/check/balance"});
    serve_expect_error(&reply, 401, PAYOUT_INVALID_TOKEN);
    assert_string_equal(serve_text(&reply, "description"), "Votre token est invalide");
    serve_free(&reply);
}

static void an_old_token_gets_705(void **state)
{
    (void)state;
    struct http_options options;
    serve_options(&options);
    char token[TOKEN_TEXT_BYTES], path[700];
    token_write(&options.key, serve.merchant, clock_now_ms() - 600000, 300000, token);
    (void)snprintf(path, sizeof path, "/v1/transfer/check/balance?token=%s", token);
    struct serve_reply reply = serve_send(&serve, &(struct serve_call){.path = path});
    serve_expect_error(&reply, 401, PAYOUT_EXPIRED_TOKEN);
    serve_free(&reply);
}

static void a_merchant_may_want_its_token_in_the_query_only(void **state)
{
    (void)state;
    struct merchant change = {.token_query_only = true};
    char header[700];
    (void)snprintf(header, sizeof header, "Authorization: Bearer %s", serve.token);
    serve_change(&serve, &change, MERCHANT_FIELD_TOKEN_QUERY_ONLY);
    struct serve_reply reply = serve_send(
        &serve, &(struct serve_call){.path = "/v1/transfer/check/balance", .headers = {header}});
    serve_expect_error(&reply, 401, PAYOUT_INVALID_TOKEN);
    serve_free(&reply);
    reply = call("/v1/transfer/check/balance", NULL);
    assert_int_equal(reply.status, 200);
    serve_free(&reply);
    change.token_query_only = false;
    serve_change(&serve, &change, MERCHANT_FIELD_TOKEN_QUERY_ONLY);
}

/* --- Balance, contacts --- */

static void the_balance_is_numbers(void **state)
{
    (void)state;
    struct serve_reply reply = call("/v1/transfer/check/balance", NULL);
    int64_t amount = serve_number(&reply, "data/amount");
    assert_int_equal(amount, SERVE_MONEY);
    assert_int_equal(serve_number(&reply, "data/available"),
                     amount - serve_number(&reply, "data/inUsing"));
    assert_string_equal(serve_text(&reply, "data/balances/0/currency"), "XOF");
    assert_int_equal(serve_number(&reply, "data/balances/0/amount"), amount);
    serve_free(&reply);
}

static void contacts_are_echoed_in_two_brackets_with_their_lot(void **state)
{
    (void)state;
    struct serve_reply reply =
        call("/v1/transfer/contact",
             "data=[{\"prefix\":\"225\",\"phone\":\"53798590\",\"name\":\"Test A\"},"
             "{\"prefix\":\"225\",\"phone\":\"12\"},"
             "{\"prefix\":\"225\",\"phone\":\"0153798590\",\"note\":{\"a\":[1]}}]");
    assert_int_equal(reply.status, 200);
    assert_int_equal(serve_number(&reply, "code"), 0);
    assert_int_equal(json_array_size(serve_at(&reply, "data/0")), 3);
    assert_string_equal(serve_text(&reply, "data/0/0/phone"), "53798590");
    assert_string_equal(serve_text(&reply, "data/0/0/name"), "Test A");
    assert_int_equal(serve_number(&reply, "data/0/0/code"), 0);
    assert_string_equal(serve_text(&reply, "data/0/0/status"), "success");
    assert_int_equal(strncmp(serve_text(&reply, "data/0/0/lot"), "001000000042", 12), 0);
    assert_int_equal(serve_number(&reply, "data/0/1/code"), 802);
    assert_string_equal(serve_text(&reply, "data/0/1/status"), "INVALID_PHONE");
    /* Old and new plan: one number. */
    assert_int_equal(serve_number(&reply, "data/0/2/code"), 726);
    assert_string_equal(serve_text(&reply, "data/0/2/lot"), serve_text(&reply, "data/0/0/lot"));
    serve_free(&reply);
}

static void no_contact_at_all_is_an_error(void **state)
{
    (void)state;
    const struct {
        const char *body;
        int status;
        enum payout_code code;
    } cases[] = {
        {"data=[{\"prefix\":\"225\",\"phone\":\"1\"},{}]", 417, PAYOUT_INVALID_PHONE},
        {"data=[{\"phone\":\"0707895086\"}]", 417, PAYOUT_DATA_NOT_VALID},
        {"data=[", 400, PAYOUT_JSON_PARSE_ERROR},
        {"data=[]", 417, PAYOUT_DATA_NOT_VALID},
        {"nothing=1", 400, PAYOUT_INVALID_PARAM},
        {"data=[{\"a\":1},{\"a\":1},{\"a\":1},{\"a\":1}]", 417, PAYOUT_DATA_NOT_VALID},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct serve_reply reply = call("/v1/transfer/contact?lang=en", cases[i].body);
        serve_expect_error(&reply, cases[i].status, cases[i].code);
        assert_int_equal(json_array_size(serve_at(&reply, "data")), 0);
        if (i == 5)
            assert_string_equal(serve_text(&reply, "description"),
                                "4 items in one request: the most is 3");
        serve_free(&reply);
    }
}

static void a_merchant_may_want_flat_replies(void **state)
{
    (void)state;
    struct merchant change = {.flat_reply = true};
    serve_change(&serve, &change, MERCHANT_FIELD_FLAT_REPLY);
    struct serve_reply reply = call("/v1/transfer/contact", "data=" PERSON);
    assert_string_equal(serve_text(&reply, "data/0/phone"), "0707895086");
    serve_free(&reply);
    change.flat_reply = false;
    serve_change(&serve, &change, MERCHANT_FIELD_FLAT_REPLY);
}

/* --- Who watches --- */

static void health_ready_metrics_and_root_answer(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"/healthz", "ok"},
        {"/readyz", "ok"},
        {"/", "payoutd"},
        {"/metrics", "payoutd_http_requests_total{route=\"login\""}};
    for (size_t i = 0; i < 4; i++) {
        struct serve_reply reply = serve_send(&serve, &(struct serve_call){.path = cases[i][0]});
        assert_int_equal(reply.status, 200);
        assert_non_null(strstr(buffer_text(&reply.body), cases[i][1]));
        serve_free(&reply);
    }
    struct serve_reply reply =
        serve_send(&serve, &(struct serve_call){.path = "/metrics",
                                                .headers = {"X-Forwarded-For: 203.0.113.9"}});
    assert_int_equal(reply.status, 403); /* Behind a proxy that nobody told us of. */
    serve_free(&reply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_balance_is_numbers),
        cmocka_unit_test(a_right_pair_gets_a_token_that_works),
        cmocka_unit_test(a_wrong_pair_gets_the_original_s_very_answer),
        cmocka_unit_test(a_login_without_a_password_gets_704),
        cmocka_unit_test(a_suspended_merchant_gets_703_with_the_right_password_only),
        cmocka_unit_test(every_reply_has_the_original_s_headers),
        cmocka_unit_test(other_methods_get_708),
        cmocka_unit_test(head_reads_but_never_sends),
        cmocka_unit_test(paths_are_read_with_slashes_and_blanks_behind),
        cmocka_unit_test(a_raw_blank_behind_the_path_is_read_too),
        cmocka_unit_test(an_unknown_language_is_french),
        cmocka_unit_test(a_body_over_the_limit_gets_413),
        cmocka_unit_test(the_token_may_stand_in_three_places),
        cmocka_unit_test(an_old_token_gets_705),
        cmocka_unit_test(a_merchant_may_want_its_token_in_the_query_only),
        cmocka_unit_test(contacts_are_echoed_in_two_brackets_with_their_lot),
        cmocka_unit_test(no_contact_at_all_is_an_error),
        cmocka_unit_test(a_merchant_may_want_flat_replies),
        cmocka_unit_test(health_ready_metrics_and_root_answer),
    };
    return cmocka_run_group_tests(tests, open_server, close_server);
}

/* Who calls and whether it may, without a socket: addresses behind proxies, tokens, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "fake.h"
#include "http/access.h"
#include "http/route.h"
#include "support/store_memory.h"

static struct http_options options = {.trusted_proxies = "10.0.0.0/8 2001:db8::/32",
                                      .admin_token = "a-secret-admin-token",
                                      .admin_from = "192.0.2.0/24",
                                      .logins_per_minute = 2,
                                      .calls_per_minute = 2,
                                      .key = {.length = 32, .issuer = "payoutd"}};
static struct store *store;
static struct http *http;

static int open_all(void **state)
{
    (void)state;
    store = store_memory_open();
    http = fake_open(store, &options);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    fake_close(http);
    store_close(store);
    return 0;
}

static void expect_client(const char *peer, const char *forwarded, const char *client)
{
    struct request *request = fake_request(http, peer, "/", NULL);
    if (forwarded != NULL)
        fake_forwarded(request, forwarded);
    access_client(request);
    assert_string_equal(request->client_text, client);
    request_close(request);
}

static void only_trusted_proxies_say_who_calls(void **state)
{
    (void)state;
    expect_client("203.0.113.1", NULL, "203.0.113.1");
    expect_client("203.0.113.1", "192.0.2.1", "203.0.113.1");
    expect_client("10.0.0.1", NULL, "10.0.0.1");
    expect_client("10.0.0.1", "192.0.2.1", "192.0.2.1");
    /* What the client itself put in front is not believed. */
    expect_client("10.0.0.1", "192.0.2.1, 203.0.113.7", "203.0.113.7");
    expect_client("10.0.0.1", "192.0.2.1, 203.0.113.7 ,10.9.9.9", "203.0.113.7");
    expect_client("10.0.0.1", "10.0.0.2,10.0.0.3", "10.0.0.2");
    expect_client("2001:db8::1", "[2001:db9::5]:4711", "2001:db9::5");
    expect_client("10.0.0.1", "203.0.113.7:80", "203.0.113.7");
    expect_client("10.0.0.1", "192.0.2.1,, ,", "192.0.2.1");
    expect_client("10.0.0.1", "", "10.0.0.1");
    /* Nonsense is nobody: not the proxy, which may be listed. */
    expect_client("10.0.0.1", "unknown", "::");
    expect_client("10.0.0.1", "192.0.2.1, _hidden, 10.0.0.2", "::");
    expect_client("10.0.0.1", "[", "::");
    expect_client("10.0.0.1", ",", "::");
}

static void the_token_is_looked_for_in_query_header_and_body(void **state)
{
    (void)state;
    const struct {
        const char *uri, *authorization, *body, *token;
        bool in_query;
    } cases[] = {
        {"/?token=q", "Bearer h", "token=b", "q", true},
        {"/?token=", "Bearer h", "token=b", "h", false},
        {"/", "Bearer h", "token=b", "h", false},
        {"/", "bearer   h", NULL, "h", false},
        {"/", "Basic h", "token=b", "b", false},
        {"/", "Bearer", "token=b", "b", false},
        {"/", "Bearer ", NULL, NULL, false},
        {"/", NULL, "{\"token\":\"j\"}", "j", false},
        {"/?%20token%20=q", NULL, NULL, "q", true},
        {"/", NULL, NULL, NULL, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct request *request = fake_request(http, "192.0.2.1", cases[i].uri, cases[i].body);
        bool in_query;
        request->authorization = cases[i].authorization;
        const char *token = access_token(request, &in_query);
        if (cases[i].token == NULL)
            assert_null(token);
        else
            assert_string_equal(token, cases[i].token);
        assert_int_equal(in_query, cases[i].in_query);
        request_close(request);
    }
}

static bool admin_granted(const char *peer, const char *authorization, enum payout_code *code)
{
    struct request *request = fake_request(http, peer, "/admin/v1/summary", NULL);
    request->authorization = authorization;
    access_client(request);
    bool granted = access_granted(request);
    *code = request->answer.code;
    request_close(request);
    return granted;
}

static void admins_need_their_token_and_their_address(void **state)
{
    (void)state;
    enum payout_code code;
    log_configure(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT, false);
    assert_true(admin_granted("192.0.2.9", "Bearer a-secret-admin-token", &code));
    assert_false(admin_granted("192.0.3.9", "Bearer a-secret-admin-token", &code));
    assert_int_equal(code, PAYOUT_NOT_ALLOWED);
    static const char *const wrong[] = {NULL, "Bearer ", "Bearer a-secret-admin-toke",
                                        "Bearer a-secret-admin-token2", "a-secret-admin-token"};
    for (size_t i = 0; i < 5; i++) {
        assert_false(admin_granted("192.0.2.9", wrong[i], &code));
        assert_int_equal(code, PAYOUT_INVALID_TOKEN);
    }
    char text[700] = "Bearer ";
    memset(text + 7, 'a', sizeof text - 8);
    assert_false(admin_granted("192.0.2.9", text, &code));
}

static void a_call_over_the_limit_says_when_to_come_again(void **state)
{
    (void)state;
    struct request *request = fake_request(http, "192.0.2.1", "/v1/transfer/check/money", NULL);
    assert_true(access_limit(request, 't', "k", 1, 2));
    assert_int_equal(request->answer.rate_limit, 2);
    assert_int_equal(request->answer.rate_remaining, 1);
    assert_true(access_limit(request, 't', "k", 1, 2));
    assert_int_equal(request->answer.rate_remaining, 0);
    assert_false(access_limit(request, 't', "k", 1, 2));
    assert_int_equal(request->answer.status, 429);
    assert_in_range(request->answer.retry_after_seconds, 1, 30);
    assert_non_null(strstr(buffer_text(&request->answer.text), "\"code\":\"709\""));
    request_close(request);
}

static bool address_let_in(const char *peer)
{
    struct request *request = fake_request(http, peer, "/", NULL);
    access_client(request);
    bool allowed = access_limit_address(request, 'A', 1);
    request_close(request);
    return allowed;
}

static void an_ipv6_address_counts_as_its_house(void **state)
{
    (void)state;
    assert_true(address_let_in("2a00:1:2:3::1"));
    assert_false(address_let_in("2a00:1:2:3:ffff::7"));
    assert_true(address_let_in("2a00:1:2:4::1"));
    assert_true(address_let_in("198.51.100.1"));
    assert_false(address_let_in("198.51.100.1"));
    assert_true(address_let_in("198.51.100.2"));
}

static void of_two_limits_the_nearer_is_shown(void **state)
{
    (void)state;
    struct request *request = fake_request(http, "192.0.2.1", "/", NULL);
    assert_true(access_limit(request, 'n', "k", 1, 5));
    assert_true(access_limit(request, 'N', "k", 1, 50));
    assert_int_equal(request->answer.rate_limit, 5);
    assert_int_equal(request->answer.rate_remaining, 4);
    assert_true(access_limit(request, 'o', "k", 1, 3));
    assert_int_equal(request->answer.rate_limit, 3);
    request_close(request);
}

/* True when a guess at name from peer is let in, and told wrong. */
static bool guessed(const char *peer, const char *name)
{
    struct request *request = fake_request(http, peer, "/v1/auth/login", NULL);
    access_client(request);
    bool allowed = access_guess(request, 'l', name);
    if (allowed)
        access_guess_end(request, 'l', name, false);
    else
        assert_int_equal(request->answer.status, 429);
    assert_int_equal(request->answer.retry_after_seconds > 0, !allowed);
    request_close(request);
    return allowed;
}

static void wrong_guesses_are_nothing_to_another_address(void **state)
{
    (void)state;
    for (int i = 0; i < LIMIT_GUESSES_FREE; i++)
        assert_true(guessed("192.0.2.66", "theirs"));
    assert_false(guessed("192.0.2.66", "theirs"));
    assert_true(guessed("192.0.2.67", "theirs"));
    assert_true(guessed("192.0.2.66", "another's"));
}

static void keys_work_from_their_addresses_alone(void **state)
{
    (void)state;
    const struct {
        const char *list, *client;
        bool let_in;
    } cases[] = {
        {"", "192.0.2.1", true},
        {"*", "192.0.2.1", true},
        {"198.51.100.0/24 2001:db9::/32", "198.51.100.9", true},
        {"198.51.100.0/24 2001:db9::/32", "::ffff:198.51.100.9", true},
        {"198.51.100.0/24 2001:db9::/32", "2001:db9:1::", true},
        {"198.51.100.0/24 2001:db9::/32", "2001:db7::", false},
        {"198.51.100.0/24 2001:db9::/32", "198.51.101.9", false},
        {"not an address", "192.0.2.1", false},
    };
    log_file_descriptor_set(-1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct merchant merchant = {0};
        struct request *request = fake_request(http, cases[i].client, "/v1/auth/login", NULL);
        (void)snprintf(merchant.api_ip_list, sizeof merchant.api_ip_list, "%s", cases[i].list);
        access_client(request);
        assert_int_equal(access_from(request, &merchant), cases[i].let_in);
        assert_int_equal(request->answer.status, cases[i].let_in ? 0 : 403);
        assert_int_equal(request->answer.code, cases[i].let_in ? PAYOUT_OK : PAYOUT_NOT_ALLOWED);
        request_close(request);
    }
    log_file_descriptor_set(2);
}

static void an_address_is_listed_alone_or_in_its_network(void **state)
{
    (void)state;
    const struct {
        const char *list, *client;
        bool listed;
    } cases[] = {
        {"", "192.0.2.1", false},
        {"192.0.2.1", "192.0.2.1", true},
        {"198.51.100.1 192.0.2.0/24", "192.0.2.1", true},
        {"198.51.100.1 192.0.2.0/24", "192.0.3.1", false},
        {"2001:db9::/32", "2001:db9::1", true},
        {"not an address", "192.0.2.1", false},
    };
    log_configure(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT, false);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct merchant merchant = {0};
        struct request *request = fake_request(http, cases[i].client, "/", NULL);
        (void)snprintf(merchant.ip_list, sizeof merchant.ip_list, "%s", cases[i].list);
        access_client(request);
        assert_int_equal(access_listed(request, &merchant), cases[i].listed);
        request_close(request);
    }
}

static void statuses_are_as_the_settings_want_them(void **state)
{
    (void)state;
    const struct http_status_override override = {PAYOUT_NOT_MY_CONTACT, 422};
    struct http_options other = options;
    other.status_overrides = &override;
    other.status_override_count = 1;
    struct http *overridden = fake_open(store, &other);
    other.status_always_200 = true;
    struct http *always = fake_open(store, &other);
    struct request *api = fake_request(overridden, "192.0.2.1", "/v1/auth/login", NULL);
    assert_int_equal(request_status(api, PAYOUT_NOT_MY_CONTACT, 0), 422);
    assert_int_equal(request_status(api, PAYOUT_INVALID_PHONE, 0), 417);
    assert_int_equal(request_status(api, PAYOUT_DATA_NOT_VALID, 413), 413);
    request_close(api);
    api = fake_request(always, "192.0.2.1", "/v1/auth/login", NULL);
    assert_int_equal(request_status(api, PAYOUT_NOT_MY_CONTACT, 0), 200);
    assert_int_equal(request_status(api, PAYOUT_DATA_NOT_VALID, 413), 200);
    request_close(api);
    struct request *plain = fake_request(always, "192.0.2.1", "/readyz", NULL);
    assert_int_equal(request_status(plain, PAYOUT_EXECUTION_ERROR, 0), 503);
    request_close(plain);
    fake_close(always);
    fake_close(overridden);
}

static void a_fault_becomes_one_of_two_codes(void **state)
{
    (void)state;
    const struct {
        enum fault_kind kind;
        enum payout_code code;
    } cases[] = {{FAULT_AGAIN, PAYOUT_EXECUTION_ERROR},
                 {FAULT_UNKNOWN, PAYOUT_EXECUTION_UNKNOWN},
                 {FAULT_FINAL, PAYOUT_EXECUTION_ERROR}};
    log_file_descriptor_set(-1);
    for (size_t i = 0; i < 3; i++) {
        struct request *request = fake_request(http, "192.0.2.1", "/v1/auth/login", NULL);
        struct fault fault;
        (void)fault_set(&fault, cases[i].kind, "the disk is full");
        assert_int_equal(route_fault(request, &fault), TURN_REPLY);
        assert_int_equal(request->answer.code, cases[i].code);
        assert_int_equal(request->answer.status, 503);
        assert_true(request->answer.retry_after_seconds > 0);
        assert_null(strstr(buffer_text(&request->answer.text), "disk"));
        request_close(request);
    }
    log_file_descriptor_set(2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_trusted_proxies_say_who_calls),
        cmocka_unit_test(the_token_is_looked_for_in_query_header_and_body),
        cmocka_unit_test(admins_need_their_token_and_their_address),
        cmocka_unit_test(a_call_over_the_limit_says_when_to_come_again),
        cmocka_unit_test(an_ipv6_address_counts_as_its_house),
        cmocka_unit_test(of_two_limits_the_nearer_is_shown),
        cmocka_unit_test(wrong_guesses_are_nothing_to_another_address),
        cmocka_unit_test(keys_work_from_their_addresses_alone),
        cmocka_unit_test(an_address_is_listed_alone_or_in_its_network),
        cmocka_unit_test(statuses_are_as_the_settings_want_them),
        cmocka_unit_test(a_fault_becomes_one_of_two_codes),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}

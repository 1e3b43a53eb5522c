#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/exchange.h"
#include "server_fake.h"

enum { CALLS_MAX = 40, PATIENCE_MS = 20000 };

static struct server_fake server;
static struct exchange *exchange;
static struct exchange_call calls[CALLS_MAX];
static char urls[CALLS_MAX][256], bodies[CALLS_MAX][64];
static size_t answer_lengths[CALLS_MAX];
static int done_count, again_count;

static void call_done(struct exchange_call *call)
{
    size_t number = (size_t)(call - calls);
    done_count++;
    answer_lengths[number] = call->answer.length;
    (void)snprintf(bodies[number], sizeof bodies[number], "%.60s", buffer_text(&call->answer));
    if (again_count > 0) {
        again_count--;
        exchange_start(exchange, call);
    }
}

static void begin(const struct exchange_options *options)
{
    struct fault fault = {0};
    server_open(&server);
    done_count = again_count = 0;
    assert_int_equal(exchange_open(options, &exchange, &fault), FAULT_NONE);
}

static void end(void)
{
    exchange_close(exchange);
    server_close(&server);
}

/* A GET of path from the fake server, under the name host. */
static struct exchange_call *call_make(size_t number, const char *host, const char *path)
{
    struct exchange_call *call = &calls[number];
    (void)snprintf(urls[number], sizeof urls[number], "http://%s:%d%s", host, server.port, path);
    *call = (struct exchange_call){.method = "GET",
                                   .url = urls[number],
                                   .timeout_ms = PATIENCE_MS,
                                   .connect_timeout_ms = PATIENCE_MS,
                                   .done = call_done};
    bodies[number][0] = '\0';
    return call;
}

static void run_until_done(int count)
{
    int64_t until_us = clock_monotonic_us() + INT64_C(1000) * PATIENCE_MS;
    while (done_count < count) {
        exchange_step(exchange, 1);
        server_step(&server);
        assert_true(clock_monotonic_us() < until_us);
    }
    assert_int_equal(done_count, count);
}

static void a_request_goes_out_as_it_was_told(void **state)
{
    (void)state;
    begin(&(struct exchange_options){.user_agent = "payoutd/test"});
    struct exchange_call *call = call_make(0, "127.0.0.1", "/a/../b?x=1&y=%20#f");
    call->method = "POST";
    call->headers[0] = "Content-Type: text/plain";
    call->headers[1] = "x-token: abc";
    call->body = "hello";
    call->body_length = 5;
    exchange_start(exchange, call);
    assert_int_equal(exchange_under_way(exchange), 1);
    run_until_done(1);
    assert_int_equal(exchange_under_way(exchange), 0);
    assert_int_equal(call->status, 200);
    assert_string_equal(call->error, "");
    assert_true(call->left);
    assert_false(call->timed_out);
    assert_string_equal(bodies[0], "ok");
    assert_ptr_equal(strstr(server.last, "POST /a/../b?x=1&y=%20 HTTP/1.1\r\n"), server.last);
    assert_non_null(strstr(server.last, "\r\nUser-Agent: payoutd/test\r\n"));
    assert_non_null(strstr(server.last, "\r\nContent-Type: text/plain\r\n"));
    assert_non_null(strstr(server.last, "\r\nx-token: abc\r\n"));
    assert_non_null(strstr(server.last, "\r\n\r\nhello"));
    assert_null(strstr(server.last, "Expect"));

    call = call_make(1, "127.0.0.1", "/");
    exchange_start(exchange, call);
    run_until_done(2);
    assert_ptr_equal(strstr(server.last, "GET / HTTP/1.1\r\n"), server.last);
    assert_null(strstr(server.last, "x-token")); /* Nothing of the call before. */
    assert_int_equal(server.accepted, 1);
    end();
}

static void a_status_is_a_status_and_nothing_is_followed(void **state)
{
    (void)state;
    static const struct {
        const char *answer;
        int status;
    } rows[] = {
        {"HTTP/1.1 204 No Content\r\n\r\n", 204},
        {"HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n", 302},
        {"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 404},
        {"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n", 401},
        {"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n", 500},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200},
    };
    begin(&(struct exchange_options){0});
    int count = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        server.answer = rows[i].answer;
        struct exchange_call *call = call_make(0, "127.0.0.1", "/");
        exchange_start(exchange, call);
        run_until_done(++count);
        assert_int_equal(call->status, rows[i].status);
    }
    assert_int_equal(server.requests, count);
    end();
}

/* In seconds or as a date; what is in the past is no wait, and no wait is longer than a day. */
static void when_to_come_back_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        int64_t least_ms, most_ms;
    } rows[] = {
        {"", 0, 0},
        {"Retry-After: 7\r\n", 7000, 7000},
        {"retry-after:  0\r\n", 0, 0},
        {"Retry-After: -5\r\n", 0, 0},
        {"Retry-After: soon\r\n", 0, 0},
        {"Retry-After: 9999999999\r\n", EXCHANGE_RETRY_AFTER_MS_MAX, EXCHANGE_RETRY_AFTER_MS_MAX},
        {"Retry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n", 0, 0},
        {"Retry-After: Fri, 31 Dec 2117 23:59:59 GMT\r\n", EXCHANGE_RETRY_AFTER_MS_MAX,
         EXCHANGE_RETRY_AFTER_MS_MAX},
    };
    begin(&(struct exchange_options){0});
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char answer[256];
        (void)snprintf(answer, sizeof answer,
                       "HTTP/1.1 429 Slow Down\r\n%sContent-Length: 0\r\n\r\n", rows[i].header);
        server.serve = server_plain;
        server.answer = answer;
        struct exchange_call *call = call_make(0, "127.0.0.1", "/");
        exchange_start(exchange, call);
        run_until_done((int)i + 1);
        assert_int_equal(call->status, 429);
        assert_true(call->retry_after_ms >= rows[i].least_ms);
        assert_true(call->retry_after_ms <= rows[i].most_ms);
    }
    end();
}

static void a_refused_connection_left_nothing(void **state)
{
    (void)state;
    begin(&(struct exchange_options){0});
    struct exchange_call *call = call_make(0, "127.0.0.1", "/");
    server_close(&server);
    exchange_start(exchange, call);
    while (done_count == 0)
        exchange_step(exchange, 100);
    assert_int_equal(call->status, 0);
    assert_false(call->left);
    assert_string_not_equal(call->error, "");
    server_open(&server);
    end();
}

static void a_silent_server_times_out_with_the_request_gone(void **state)
{
    (void)state;
    begin(&(struct exchange_options){0});
    server.serve = server_silent;
    struct exchange_call *call = call_make(0, "127.0.0.1", "/");
    call->timeout_ms = 60;
    exchange_start(exchange, call);
    run_until_done(1);
    assert_int_equal(call->status, 0);
    assert_true(call->timed_out);
    assert_true(call->left);
    assert_true(call->duration_ms >= 59 && call->duration_ms < PATIENCE_MS);
    assert_int_equal(server.requests, 1);
    end();
}

static void an_answer_that_stops_half_way_is_none(void **state)
{
    (void)state;
    begin(&(struct exchange_options){0});
    server.answer = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this";
    struct exchange_call *call = call_make(0, "127.0.0.1", "/");
    exchange_start(exchange, call);
    while (server.requests == 0) {
        exchange_step(exchange, 1);
        server_step(&server);
    }
    server_hang_up(&server, &server.connections[0]);
    run_until_done(1);
    assert_int_equal(call->status, 0);
    assert_true(call->left);
    assert_false(call->timed_out);
    end();
}

static void serve_then_hang_up(struct server_fake *of, struct server_connection *connection)
{
    if (of->requests == 1)
        server_plain(of, connection);
    else
        server_hang_up(of, connection);
}

/* libcurl sends a request again by itself when a used connection breaks under it. */
static void nothing_is_sent_twice_when_a_used_connection_breaks(void **state)
{
    (void)state;
    begin(&(struct exchange_options){0});
    server.serve = serve_then_hang_up;
    exchange_start(exchange, call_make(0, "127.0.0.1", "/"));
    run_until_done(1);
    struct exchange_call *call = call_make(1, "127.0.0.1", "/pay");
    call->method = "POST";
    call->body = "x";
    call->body_length = 1;
    exchange_start(exchange, call);
    run_until_done(2);
    assert_int_equal(call->status, 0);
    assert_true(call->left);
    assert_int_equal(server.requests, 2);
    end();
}

static void private_addresses_are_refused_by_name_and_number(void **state)
{
    (void)state;
    begin(&(struct exchange_options){0});
    static const char *const hosts[] = {"127.0.0.1",  "localhost",          "[::1]", "0.0.0.0",
                                        "2130706433", "[::ffff:127.0.0.1]", "0x7f.1"};
    int count = 0;
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        struct exchange_call *call = call_make(0, hosts[i], "/");
        call->public_only = true;
        exchange_start(exchange, call);
        run_until_done(++count);
        assert_int_equal(call->status, 0);
        assert_false(call->left);
        if (strstr(call->error, "private address") == NULL)
            fail_msg("%s: %s", hosts[i], call->error);
    }
    assert_int_equal(server.accepted, 0);
    end();
}

static void listed_private_addresses_may_be_called(void **state)
{
    (void)state;
    struct address_list *list = NULL;
    struct fault fault = {0};
    assert_int_equal(address_list_read("127.0.0.1", &list, &fault), FAULT_NONE);
    begin(&(struct exchange_options){.private_allowed = list});
    struct exchange_call *call = call_make(0, "127.0.0.1", "/");
    call->public_only = true;
    exchange_start(exchange, call);
    run_until_done(1);
    assert_int_equal(call->status, 200);
    end();
    address_list_close(list);
}

static void a_used_connection_is_no_way_around_the_guard(void **state)
{
    (void)state;
    begin(&(struct exchange_options){0});
    exchange_start(exchange, call_make(0, "127.0.0.1", "/"));
    run_until_done(1);
    struct exchange_call *call = call_make(1, "127.0.0.1", "/secret");
    call->public_only = true;
    exchange_start(exchange, call);
    run_until_done(2);
    assert_int_equal(call->status, 0);
    assert_false(call->left);
    assert_non_null(strstr(call->error, "private address"));
    assert_int_equal(server.requests, 1);
    end();
}

static void only_http_is_spoken(void **state)
{
    (void)state;
    begin(&(struct exchange_options){0});
    static const char *const texts[] = {"file:///etc/passwd",
                                        "ftp://127.0.0.1/",
                                        "",
                                        "http://",
                                        "gopher://127.0.0.1:1/",
                                        "http://a b/",
                                        "dict://x:1/",
                                        "http://127.0.0.1:99999/"};
    int count = 0;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct exchange_call *call = call_make(0, "127.0.0.1", "/");
        call->url = texts[i];
        exchange_start(exchange, call);
        run_until_done(++count);
        assert_int_equal(call->status, 0);
        assert_false(call->left);
        assert_string_not_equal(call->error, "");
    }
    end();
}

static void a_header_with_a_line_break_does_not_go_out(void **state)
{
    (void)state;
    begin(&(struct exchange_options){0});
    struct exchange_call *call = call_make(0, "127.0.0.1", "/");
    call->headers[0] = "x-a: b\r\nx-forged: 1";
    exchange_start(exchange, call);
    run_until_done(1);
    assert_int_equal(call->status, 0);
    assert_false(call->left);
    assert_string_equal(call->error, "a header holds a line break");
    assert_int_equal(server.accepted, 0);
    end();
}

static void the_environment_names_no_proxy(void **state)
{
    (void)state;
    begin(&(struct exchange_options){0});
    assert_int_equal(setenv("http_proxy", "http://127.0.0.1:1/", 1), 0);
    struct exchange_call *call = call_make(0, "127.0.0.1", "/");
    exchange_start(exchange, call);
    run_until_done(1);
    assert_int_equal(unsetenv("http_proxy"), 0);
    assert_int_equal(call->status, 200);
    end();
}

static void hosts_have_their_limit_and_do_not_wait_for_each_other(void **state)
{
    (void)state;
    begin(&(struct exchange_options){.connections_max = 8, .connections_per_host_max = 3});
    struct server_fake dead;
    server_open(&dead);
    dead.serve = server_silent;
    for (size_t i = 0; i < 10; i++) {
        struct exchange_call *call = call_make(i, "127.0.0.1", "/");
        (void)snprintf(urls[i], sizeof urls[i], "http://127.0.0.1:%d/", dead.port);
        exchange_start(exchange, call);
    }
    for (size_t i = 10; i < 30; i++)
        exchange_start(exchange, call_make(i, "127.0.0.1", "/"));
    assert_int_equal(exchange_under_way(exchange), 30);
    while (done_count < 20) {
        exchange_step(exchange, 1);
        server_step(&server);
        server_step(&dead);
    }
    assert_int_equal(exchange_under_way(exchange), 10);
    assert_int_equal(server.requests, 20);
    assert_int_equal(server.open_max, 3);
    assert_int_equal(dead.open_max, 3);
    for (size_t i = 10; i < 30; i++)
        assert_int_equal(calls[i].status, 200);
    end(); /* Cuts the ten off. */
    assert_int_equal(done_count, 30);
    for (size_t i = 0; i < 10; i++) {
        assert_int_equal(calls[i].status, 0);
        assert_int_equal(calls[i].left, i < 3);
        assert_string_not_equal(calls[i].error, "");
    }
    server_close(&dead);
}

static void all_hosts_together_have_their_limit(void **state)
{
    (void)state;
    begin(&(struct exchange_options){.connections_max = 2, .connections_per_host_max = 2});
    struct server_fake other;
    server_open(&other);
    server.serve = other.serve = server_silent;
    for (size_t i = 0; i < 4; i++) {
        exchange_start(exchange, call_make(i, "127.0.0.1", "/"));
        (void)call_make(4 + i, "127.0.0.1", "/");
        (void)snprintf(urls[4 + i], sizeof urls[4 + i], "http://127.0.0.1:%d/", other.port);
        exchange_start(exchange, &calls[4 + i]);
    }
    while (server.requests + other.requests < 2) {
        exchange_step(exchange, 1);
        server_step(&server);
        server_step(&other);
    }
    for (int i = 0; i < 20; i++) {
        exchange_step(exchange, 1);
        server_step(&server);
        server_step(&other);
    }
    assert_int_equal(server.open_max, 1); /* They take turns. */
    assert_int_equal(other.open_max, 1);
    end();
    assert_int_equal(done_count, 8);
    server_close(&other);
}

static void a_call_that_waits_too_long_ends_before_it_leaves(void **state)
{
    (void)state;
    begin(&(struct exchange_options){.connections_per_host_max = 1});
    server.serve = server_silent;
    exchange_start(exchange, call_make(0, "127.0.0.1", "/"));
    struct exchange_call *call = call_make(1, "127.0.0.1", "/");
    call->timeout_ms = 40;
    exchange_start(exchange, call);
    struct exchange_call *last = call_make(2, "127.0.0.1", "/last");
    exchange_start(exchange, last);
    run_until_done(1);
    assert_int_equal(call->status, 0);
    assert_true(call->timed_out);
    assert_false(call->left);
    assert_int_equal(exchange_under_way(exchange), 2);
    server.serve = server_plain;
    server_hang_up(&server, &server.connections[0]);
    run_until_done(3);
    assert_int_equal(last->status, 200);
    end();
}

static void a_big_answer_is_cut(void **state)
{
    (void)state;
    begin(&(struct exchange_options){0});
    size_t length = EXCHANGE_ANSWER_BYTES_MAX + 70000;
    char *answer = malloc(length + 1);
    assert_non_null(answer);
    memset(answer, 'a', length);
    answer[length] = '\0';
    /* It says that a gigabyte comes. */
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n";
    memcpy(answer, head, sizeof head - 1);
    server.answer = answer;
    struct exchange_call *call = call_make(0, "127.0.0.1", "/");
    exchange_start(exchange, call);
    run_until_done(1);
    assert_int_equal(call->status, 200);
    assert_int_equal(answer_lengths[0], EXCHANGE_ANSWER_BYTES_MAX);
    server.answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    exchange_start(exchange, call_make(1, "127.0.0.1", "/"));
    run_until_done(2);
    assert_string_equal(bodies[1], "ok");
    free(answer);
    end();
}

static void a_head_without_end_is_cut_off(void **state)
{
    (void)state;
    begin(&(struct exchange_options){0});
    size_t line = 1000, count = 80;
    char *answer = malloc(line * count + 64);
    assert_non_null(answer);
    size_t at = (size_t)snprintf(answer, 64, "HTTP/1.1 200 OK\r\n");
    for (size_t i = 0; i < count; i++, at += line) {
        memset(answer + at, 'h', line);
        answer[at + 1] = ':';
        memcpy(answer + at + line - 2, "\r\n", 2);
    }
    answer[at] = '\0';
    server.answer = answer;
    struct exchange_call *call = call_make(0, "127.0.0.1", "/");
    exchange_start(exchange, call);
    run_until_done(1);
    assert_int_equal(call->status, 0);
    assert_string_equal(call->error, "the answer's head is too long");
    assert_true(call->left);
    free(answer);
    end();
}

static void a_call_may_be_started_again_when_it_is_done(void **state)
{
    (void)state;
    begin(&(struct exchange_options){0});
    again_count = 50;
    exchange_start(exchange, call_make(0, "127.0.0.1", "/"));
    run_until_done(51);
    assert_int_equal(server.requests, 51);
    assert_int_equal(server.accepted, 1);
    assert_string_equal(bodies[0], "ok");
    again_count = 3; /* Also while all is cut off. */
    server.serve = server_silent;
    exchange_start(exchange, call_make(0, "127.0.0.1", "/"));
    exchange_step(exchange, 1);
    end();
    assert_int_equal(done_count, 55);
}

static void *wake_run(void *argument)
{
    (void)argument;
    exchange_wake(exchange);
    return NULL;
}

static void a_wake_ends_a_step(void **state)
{
    (void)state;
    begin(&(struct exchange_options){0});
    int64_t begun_us = clock_monotonic_us();
    exchange_wake(exchange);
    exchange_step(exchange, PATIENCE_MS);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, wake_run, NULL), 0);
    exchange_step(exchange, PATIENCE_MS);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(clock_monotonic_us() - begun_us < INT64_C(1000) * PATIENCE_MS);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_goes_out_as_it_was_told),
        cmocka_unit_test(a_status_is_a_status_and_nothing_is_followed),
        cmocka_unit_test(when_to_come_back_is_told),
        cmocka_unit_test(a_refused_connection_left_nothing),
        cmocka_unit_test(a_silent_server_times_out_with_the_request_gone),
        cmocka_unit_test(an_answer_that_stops_half_way_is_none),
        cmocka_unit_test(nothing_is_sent_twice_when_a_used_connection_breaks),
        cmocka_unit_test(private_addresses_are_refused_by_name_and_number),
        cmocka_unit_test(listed_private_addresses_may_be_called),
        cmocka_unit_test(a_used_connection_is_no_way_around_the_guard),
        cmocka_unit_test(only_http_is_spoken),
        cmocka_unit_test(a_header_with_a_line_break_does_not_go_out),
        cmocka_unit_test(the_environment_names_no_proxy),
        cmocka_unit_test(hosts_have_their_limit_and_do_not_wait_for_each_other),
        cmocka_unit_test(all_hosts_together_have_their_limit),
        cmocka_unit_test(a_call_that_waits_too_long_ends_before_it_leaves),
        cmocka_unit_test(a_big_answer_is_cut),
        cmocka_unit_test(a_head_without_end_is_cut_off),
        cmocka_unit_test(a_call_may_be_started_again_when_it_is_done),
        cmocka_unit_test(a_wake_ends_a_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

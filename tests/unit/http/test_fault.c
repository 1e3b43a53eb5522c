/* What a client is told when the world fails: nothing recorded, or nobody knows; and that a server
 * which is ending answers all that it has taken. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "serve.h"
#include "support/store_memory.h"

static struct serve serve;
static enum save_plan planned;

static enum save_plan plan(void *context)
{
    (void)context;
    return planned;
}

static int open_server(void **state)
{
    (void)state;
    struct http_options options;
    serve_options(&options);
    struct store *store = store_memory_open();
    planned = SAVE_WELL;
    serve_open(&serve, store, &options);
    store_memory_plan(store, plan, NULL);
    return 0;
}

static int close_server(void **state)
{
    (void)state;
    serve_close(&serve);
    store_close(serve.store);
    return 0;
}

static struct serve_reply contact(const char *phone)
{
    char body[80];
    (void)snprintf(body, sizeof body, "prefix=225&phone=%s", phone);
    return serve_as_merchant(&serve, "/v1/transfer/contact?lang=en", body);
}

static void a_commit_that_fails_for_good_is_709_to_try_again(void **state)
{
    (void)state;
    planned = SAVE_FINAL;
    struct serve_reply reply = contact("0707895086");
    serve_expect_error(&reply, 503, PAYOUT_EXECUTION_ERROR);
    assert_non_null(serve_header(&reply, "Retry-After"));
    serve_free(&reply);
    assert_int_equal(store_memory_tables(serve.store)->contact_count, 0);
    planned = SAVE_WELL;
    reply = contact("0707895086");
    assert_int_equal(reply.status, 200);
    serve_free(&reply);
}

static void a_commit_that_nobody_knows_of_is_710_to_ask(void **state)
{
    (void)state;
    planned = SAVE_UNKNOWN_DONE;
    store_memory_fail_known(serve.store, FAULT_FINAL, 1);
    struct serve_reply reply = contact("0707895087");
    serve_expect_error(&reply, 503, PAYOUT_EXECUTION_UNKNOWN);
    assert_string_equal(serve_text(&reply, "message"), "EXECUTION_ERROR");
    assert_non_null(serve_header(&reply, "Retry-After"));
    serve_free(&reply);
    planned = SAVE_WELL;
}

/* Over a connection that was there before: no new one is taken. */
static void a_server_that_ends_is_alive_but_not_ready(void **state)
{
    (void)state;
    struct serve_reply reply = serve_send(&serve, &(struct serve_call){.path = "/readyz"});
    assert_int_equal(reply.status, 200);
    assert_null(serve_header(&reply, "Connection"));
    serve_free(&reply);
    http_quiesce(serve.http);
    reply = serve_send(&serve, &(struct serve_call){.path = "/readyz"});
    assert_int_equal(reply.status, 503);
    assert_string_equal(serve_header(&reply, "Connection"), "close");
    serve_free(&reply);
}

static void a_lane_that_takes_nothing_more_is_709(void **state)
{
    (void)state;
    lane_stop(serve.lane);
    struct serve_reply reply = contact("0707895089");
    serve_expect_error(&reply, 503, PAYOUT_EXECUTION_ERROR);
    assert_string_equal(serve_header(&reply, "Retry-After"), "1");
    serve_free(&reply);
    /* What needs no commit still works. */
    reply = serve_as_merchant(&serve, "/v1/transfer/check/balance", NULL);
    assert_int_equal(reply.status, 200);
    serve_free(&reply);
}

/* A request that is with the lane when the server ends. */
struct late {
    pthread_t thread;
    struct buffer answer;
};

static void *late_run(void *context)
{
    struct late *late = context;
    char text[1200];
    (void)snprintf(text, sizeof text,
                   "POST /v1/transfer/contact?token=%s HTTP/1.1\r\nHost: a\r\n"
                   "Content-Length: 27\r\n\r\nprefix=225&phone=0707895090",
                   serve.token);
    serve_raw(&serve, text, &late->answer);
    return NULL;
}

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_moved = PTHREAD_COND_INITIALIZER;
static bool gate_reached, gate_open;

/* Holds the commit until the server is ending. */
static enum save_plan plan_held(void *context)
{
    (void)context;
    (void)pthread_mutex_lock(&gate);
    gate_reached = true;
    (void)pthread_cond_broadcast(&gate_moved);
    while (!gate_open)
        (void)pthread_cond_wait(&gate_moved, &gate);
    (void)pthread_mutex_unlock(&gate);
    return SAVE_WELL;
}

static void who_waits_when_the_server_ends_is_answered(void **state)
{
    (void)state;
    struct late late;
    store_memory_plan(serve.store, plan_held, NULL);
    assert_int_equal(pthread_create(&late.thread, NULL, late_run, &late), 0);
    (void)pthread_mutex_lock(&gate);
    while (!gate_reached)
        (void)pthread_cond_wait(&gate_moved, &gate);
    (void)pthread_mutex_unlock(&gate);
    http_quiesce(serve.http);
    (void)pthread_mutex_lock(&gate);
    gate_open = true;
    (void)pthread_cond_broadcast(&gate_moved);
    (void)pthread_mutex_unlock(&gate);
    lane_stop(serve.lane);
    http_close(serve.http);
    assert_int_equal(pthread_join(late.thread, NULL), 0);
    assert_non_null(strstr(buffer_text(&late.answer), "200 OK"));
    assert_non_null(strstr(buffer_text(&late.answer), "Connection: close"));
    assert_non_null(strstr(buffer_text(&late.answer), "\"status\":\"success\""));
    buffer_free(&late.answer);
    lane_close(serve.lane);
    curl_easy_cleanup(serve.curl);
    store_close(serve.store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_commit_that_fails_for_good_is_709_to_try_again,
                                        open_server, close_server),
        cmocka_unit_test_setup_teardown(a_commit_that_nobody_knows_of_is_710_to_ask, open_server,
                                        close_server),
        cmocka_unit_test_setup_teardown(a_server_that_ends_is_alive_but_not_ready, open_server,
                                        close_server),
        cmocka_unit_test_setup_teardown(a_lane_that_takes_nothing_more_is_709, open_server,
                                        close_server),
        cmocka_unit_test_setup(who_waits_when_the_server_ends_is_answered, open_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

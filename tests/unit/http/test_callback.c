/* Operators call back over a real socket: who is let in, what becomes of it, what is kept of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "serve.h"
#include "support/store_memory.h"

enum { CHANNEL = 7, OTHER = 8 };
static struct serve serve;
static struct transfer_id sent;

/* A channel whose callbacks are proved by a header and say nothing but a reference. */
static void callback_read(void *context, const struct http_callback *callback,
                          struct http_callback_said *said)
{
    assert_ptr_equal(context, &serve);
    bool other = strcmp(callback->channel, "other") == 0;
    *said = (struct http_callback_said){.channel = other ? OTHER : CHANNEL};
    if (!other && strcmp(callback->channel, "fake-ci") != 0)
        return;
    const char *proof = callback->header(callback->context, "x-proof");
    if (proof == NULL || strcmp(proof, "it is me") != 0)
        said->word = HTTP_CALLBACK_FORGED;
    else if (callback->length == 0 || callback->length >= sizeof said->reference)
        said->word = HTTP_CALLBACK_UNCLEAR;
    else
        said->word = HTTP_CALLBACK_ABOUT;
    if (said->word == HTTP_CALLBACK_ABOUT)
        memcpy(said->reference, callback->body, callback->length);
    assert_int_equal(strlen(callback->body) <= callback->length, true);
    if (strcmp(callback->rest, "") != 0)
        assert_string_equal(callback->rest, "a secret/after it");
    assert_string_equal(callback->method, strcmp(callback->rest, "") == 0 ? "POST" : "PUT");
}

/* A transfer that went out through CHANNEL, and waits to be asked about. */
static void transfer_make(void)
{
    struct contact_item contact = {
        .prefix = "225", .phone = "0707895086", .name = "", .surname = "", .email = ""};
    contact_item_check(&contact);
    serve_command(&serve,
                  &(struct command){
                      .kind = COMMAND_CONTACT_ADD,
                      .contact_add = {.merchant = serve.merchant, .items = &contact, .count = 1}});
    struct send_item item = {
        .prefix = "225", .phone = "0707895086", .notify_url = "https://example.com/n"};
    send_item_check(&item, "500", NULL, 0);
    serve_command(&serve, &(struct command){.kind = COMMAND_LOT_SEND,
                                            .lot_send = {.merchant = serve.merchant,
                                                         .items = &item,
                                                         .count = 1,
                                                         .source = "192.0.2.1",
                                                         .sender = "",
                                                         .listed = true}});
    sent = item.transfer;
    struct store_reader *reader;
    struct transfer *transfer;
    struct fault fault;
    struct arena *arena = arena_open(1 << 20);
    assert_int_equal(store_reader_open(serve.store, &reader, &fault), FAULT_NONE);
    assert_int_equal(store_read_transfer(reader, arena, sent, &transfer, &fault), FAULT_NONE);
    struct claim_item claim = {
        .transfer = sent, .due_at_ms = transfer->due_at_ms, .channel = CHANNEL};
    serve_command(&serve, &(struct command){
                              .kind = COMMAND_TRANSFER_CLAIM,
                              .transfer_claim = {.items = &claim, .count = 1, .lease_ms = 60000}});
    assert_true(claim.claimed);
    store_reader_close(reader);
    arena_close(arena);
}

static int open_server(void **state)
{
    (void)state;
    struct http_options options;
    serve_options(&options);
    options.channels = &(struct http_channels){.context = &serve, .callback_read = callback_read};
    serve_open(&serve, store_memory_open(), &options);
    transfer_make();
    return 0;
}

static int close_server(void **state)
{
    (void)state;
    serve_close(&serve);
    store_close(serve.store);
    return 0;
}

static struct serve_reply call(const char *method, const char *path, const char *body, bool proved)
{
    return serve_send(&serve, &(struct serve_call){
                                  .method = method,
                                  .path = path,
                                  .body = body,
                                  .headers = {proved ? "X-Proof: it is me" : "X-Proof: it was me",
                                              "Content-Type: application/json"}});
}

static void expect(const char *method, const char *path, const char *body, bool proved, int status)
{
    struct serve_reply reply = call(method, path, body, proved);
    if (reply.status != status)
        fail_msg("%s %s: %d, not %d: %s", method, path, reply.status, status,
                 buffer_text(&reply.body));
    serve_free(&reply);
}

/* How many are parked; the newest is in *newest when there is any. */
static size_t parked(struct callback *newest, struct arena *arena)
{
    struct store_reader *reader;
    struct callback *callbacks;
    struct fault fault;
    size_t count;
    assert_int_equal(store_reader_open(serve.store, &reader, &fault), FAULT_NONE);
    assert_int_equal(store_read_callbacks(reader, arena, 0, 100, &callbacks, &count, &fault),
                     FAULT_NONE);
    if (count > 0)
        *newest = callbacks[0];
    store_reader_close(reader);
    return count;
}

static void what_is_known_is_taken_and_parks_nothing(void **state)
{
    (void)state;
    char reference[TRANSFER_ID_TEXT_BYTES];
    struct callback newest;
    struct arena *arena = arena_open(1 << 20);
    transfer_id_text(sent, reference);
    expect("POST", "/callback/v1/fake-ci", reference, true, 200);
    expect("POST", "/callback/v1/fake-ci/", reference, true, 200); /* Once more. */
    expect("PUT", "/callback/v1/fake-ci/a%20secret/after%20it", reference, true, 200);
    assert_int_equal(parked(&newest, arena), 0);
    arena_close(arena);
}

static void what_can_t_be_placed_is_parked_and_says_so(void **state)
{
    (void)state;
    char reference[TRANSFER_ID_TEXT_BYTES];
    struct callback newest;
    struct arena *arena = arena_open(1 << 20);
    size_t before = parked(&newest, arena);
    expect("POST", "/callback/v1/fake-ci", "EA251018.112507.Z999999", true, 202);
    assert_int_equal(parked(&newest, arena), before + 1);
    assert_int_equal(newest.channel, CHANNEL);
    assert_string_equal(newest.reference, "EA251018.112507.Z999999");
    assert_string_equal(newest.body, "EA251018.112507.Z999999");
    expect("POST", "/callback/v1/fake-ci", "EA251018.112507.Z999999", true, 202);
    assert_int_equal(parked(&newest, arena), before + 1); /* The same: how often it came. */
    assert_int_equal(newest.times, 2);
    expect("POST", "/callback/v1/fake-ci", "no reference of ours", true, 202);
    assert_int_equal(parked(&newest, arena), before + 2);
    assert_string_equal(newest.reference, "no reference of ours");
    expect("POST", "/callback/v1/fake-ci", "{\"a\": \"what is longer \033[2J than any reference\"}",
           true, 202);
    assert_int_equal(parked(&newest, arena), before + 3);
    assert_string_equal(newest.reference, "");
    assert_string_equal(newest.body, "{\"a\": \"what is longer ?[2J than any reference\"}");
    assert_string_equal(newest.why, "it does not say which transfer it is about");
    /* Another channel's word on it is none. */
    transfer_id_text(sent, reference);
    expect("POST", "/callback/v1/other", reference, true, 202);
    assert_int_equal(parked(&newest, arena), before + 4);
    assert_int_equal(newest.channel, OTHER);
    arena_close(arena);
}

static void who_does_not_prove_it_is_refused(void **state)
{
    (void)state;
    struct callback newest;
    struct arena *arena = arena_open(1 << 20);
    size_t before = parked(&newest, arena);
    expect("POST", "/callback/v1/fake-ci", "EA251018.112507.Z111111", false, 401);
    expect("POST", "/callback/v1/nobody", "EA251018.112507.Z111111", true, 404);
    expect("POST", "/callback/v1", "EA251018.112507.Z111111", true, 404);
    expect("DELETE", "/callback/v1/fake-ci", NULL, true, 405);
    expect("GET", "/callback/v1/fake-ci", NULL, false, 200); /* Is anybody there? */
    int refused = 0;
    for (int i = 0; i < 40; i++) {
        struct serve_reply reply = call("POST", "/callback/v1/fake-ci", "x", false);
        refused += reply.status == 429;
        assert_true(reply.status == 429 || reply.status == 401);
        serve_free(&reply);
    }
    assert_true(refused > 0); /* Who goes on and on is not even logged. */
    expect("POST", "/callback/v1/fake-ci", "x", true, 202); /* The operator gets in all the same. */
    assert_int_equal(parked(&newest, arena), before + 1);
    struct serve_reply reply = serve_send(&serve, &(struct serve_call){.path = "/metrics"});
    assert_non_null(
        strstr(buffer_text(&reply.body), "payoutd_callbacks_total{became=\"forged\"} 41"));
    serve_free(&reply);
    arena_close(arena);
}

static void bodies_are_small_and_no_forms(void **state)
{
    (void)state;
    struct callback newest;
    struct arena *arena = arena_open(1 << 20);
    struct buffer body;
    buffer_init(&body, 1 << 20);
    for (int i = 0; i < 64 * 1024; i++)
        buffer_char(&body, '&'); /* As a form it would have too many parameters. */
    expect("POST", "/callback/v1/fake-ci", buffer_text(&body), true, 202);
    (void)parked(&newest, arena);
    assert_int_equal(strlen(newest.body), CALLBACK_BODY_BYTES_MAX); /* Cut. */
    buffer_char(&body, '&');
    expect("POST", "/callback/v1/fake-ci", buffer_text(&body), true, 413);
    buffer_free(&body);
    buffer_init(&body, 1 << 20);
    for (int i = 0; i < CALLBACK_BODY_BYTES_MAX / 2; i++)
        buffer_text_append(&body, "é");
    buffer_text_append(&body, "\xff");
    expect("POST", "/callback/v1/fake-ci", buffer_text(&body), true, 202);
    (void)parked(&newest, arena);
    assert_int_equal(strlen(newest.body), CALLBACK_BODY_BYTES_MAX); /* Never within a character. */
    expect("POST", "/callback/v1/fake-ci", "\xff\xc3 and what is longer than a reference", true,
           202);
    (void)parked(&newest, arena);
    assert_string_equal(newest.body, "?? and what is longer than a reference");
    buffer_free(&body);
    arena_close(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_known_is_taken_and_parks_nothing),
        cmocka_unit_test(what_can_t_be_placed_is_parked_and_says_so),
        cmocka_unit_test(who_does_not_prove_it_is_refused),
        cmocka_unit_test(bodies_are_small_and_no_forms),
    };
    return cmocka_run_group_tests_name("http/callback", tests, open_server, close_server);
}

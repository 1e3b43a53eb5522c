#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/secret.h"
#include "cli/pay.h"
#include "cli/settings.h"
#include "server.h"

#define SEND     "/v1/transfer/money/send/contact"
#define CONTACT  "/v1/transfer/contact"
#define CHECK    "/v1/transfer/check/money"
#define OK(data) "{\"code\":0,\"message\":\"OPERATION_SUCCES\",\"data\":" data "}"
#define REFUSAL(code, word)                                                                        \
    "{\"code\":\"" code "\",\"message\":\"" word "\",\"description\":\"Pourquoi\",\"data\":[]}"
#define ITEM(code) "{\"code\":" code ",\"status\":\"s\",\"transaction_id\":\"EA\",\"lot\":\"00\"}"

static const struct person rows[3] = {
    {.line = 2,
     .prefix = "225",
     .phone = "0707895086",
     .amount = 500,
     .client_transaction_id = "b-1"},
    {.line = 3,
     .prefix = "225",
     .phone = "0707895087",
     .amount = 600,
     .client_transaction_id = "b-2"},
    {.line = 4,
     .prefix = "225",
     .phone = "0707895088",
     .amount = 700,
     .client_transaction_id = "b-3"},
};

struct world {
    struct arena *arena;
    struct server *server;
    struct payout_client *client;
    struct progress progress;
};

static void wait_not(void *context, int64_t wait_ms)
{
    (void)context;
    (void)wait_ms;
}

static void world_open(struct world *world, const struct server_play *plays)
{
    *world = (struct world){.arena = arena_open((size_t)16 * 1024 * 1024),
                            .server = server_start(plays)};
    const struct payout_client_options options = {.size = sizeof options,
                                                  .base_url = server_url(world->server),
                                                  .apikey = "k",
                                                  .password = "p",
                                                  .wait = wait_not};
    assert_int_equal(payout_client_open(&options, &world->client), PAYOUT_CLIENT_DONE);
    progress_begin(&world->progress, NULL, 0);
}

static void world_close(struct world *world)
{
    payout_client_close(world->client);
    server_stop(world->server);
    arena_close(world->arena);
}

static int pay_rows(struct world *world, size_t lot_size, bool add_contacts, FILE *result,
                    struct pay *pay)
{
    const struct pay_options options = {.arena = world->arena,
                                        .client = world->client,
                                        .rows = rows,
                                        .count = 3,
                                        .lot_size = lot_size,
                                        .add_contacts = add_contacts,
                                        .result = result,
                                        .progress = &world->progress};
    pay_run(&options, pay);
    size_t sum = 0;
    for (size_t i = 0; i < PAY_OUTCOME_COUNT; i++)
        sum += pay->counts[i];
    assert_int_equal(sum, 3);
    return pay_status(pay, 3);
}

static void all_accepted_is_status_0(void **state)
{
    (void)state;
    static const struct server_play plays[] = {
        {CONTACT, ACT_ANSWER, 200, OK("[[" ITEM("0") "," ITEM("726") "]]"), NULL, false},
        {SEND, ACT_ANSWER, 200, OK("[[" ITEM("0") "," ITEM("0") "]]"), NULL, false},
        {CONTACT, ACT_ANSWER, 200, OK("[[" ITEM("0") "]]"), NULL, false},
        {SEND, ACT_ANSWER, 200, OK("[[" ITEM("0") "]]"), NULL, false},
        {0}};
    struct world world;
    struct pay pay;
    world_open(&world, plays);
    assert_int_equal(pay_rows(&world, 2, true, NULL, &pay), STATUS_OK);
    assert_int_equal(pay.counts[PAYOUT_OUTCOME_ACCEPTED], 3);
    assert_string_equal(pay.lines[2].transaction_id, "EA");
    assert_string_equal(pay.why, "");
    assert_int_equal(server_count(world.server, SEND), 2);
    world_close(&world);
}

static void some_refused_is_status_1_and_the_rest_goes_on(void **state)
{
    (void)state;
    static const struct server_play plays[] = {
        {SEND, ACT_ANSWER, 417, REFUSAL("724", "ERROR_PHONE_NOT_MY_CONTACT"), NULL, false},
        {SEND, ACT_ANSWER, 200, OK("[[" ITEM("0") "]]"), NULL, true},
        {0}};
    struct world world;
    struct pay pay;
    world_open(&world, plays);
    assert_int_equal(pay_rows(&world, 1, false, NULL, &pay), STATUS_SOME_REFUSED);
    assert_int_equal(pay.lines[0].outcome, PAYOUT_OUTCOME_REFUSED);
    assert_int_equal(pay.lines[0].code, PAYOUT_NOT_MY_CONTACT);
    assert_int_equal(pay.counts[PAYOUT_OUTCOME_ACCEPTED], 2);
    world_close(&world);
}

static void no_money_stops_it_with_status_4(void **state)
{
    (void)state;
    static const struct server_play plays[] = {
        {SEND, ACT_ANSWER, 417, REFUSAL("602", "INSUFFICIENT_BALANCE"), NULL, true}, {0}};
    struct world world;
    struct pay pay;
    world_open(&world, plays);
    assert_int_equal(pay_rows(&world, 1, false, NULL, &pay), STATUS_REFUSED);
    assert_int_equal(server_count(world.server, SEND), 1);
    assert_int_equal(pay.counts[PAYOUT_OUTCOME_NOT_SENT], 2);
    assert_string_equal(pay.why, "sending: 602 Pourquoi");
    world_close(&world);
}

static void a_server_that_goes_away_is_status_3(void **state)
{
    (void)state;
    static const struct server_play plays[] = {
        {CONTACT, ACT_ANSWER, 200, OK("[[" ITEM("0") "]]"), NULL, false},
        {SEND, ACT_ANSWER, 200, OK("[[" ITEM("0") "]]"), NULL, false},
        {CONTACT, ACT_ANSWER, 429, "busy", NULL, true},
        {0}};
    struct world world;
    struct pay pay;
    world_open(&world, plays);
    assert_int_equal(pay_rows(&world, 1, true, NULL, &pay), STATUS_UNREACHABLE);
    assert_int_equal(pay.counts[PAYOUT_OUTCOME_ACCEPTED], 1);
    assert_int_equal(pay.counts[PAYOUT_OUTCOME_NOT_SENT], 2);
    world_close(&world);
}

static void an_unknown_outcome_stops_it_with_status_5(void **state)
{
    (void)state;
    static const struct server_play plays[] = {
        {SEND, ACT_ANSWER, 200, OK("[[" ITEM("0") "]]"), NULL, false},
        {SEND, ACT_CUT, 0, NULL, NULL, true},
        {0}};
    struct world world;
    struct pay pay;
    world_open(&world, plays);
    assert_int_equal(pay_rows(&world, 1, false, NULL, &pay), STATUS_UNKNOWN);
    assert_int_equal(pay.counts[PAYOUT_OUTCOME_ACCEPTED], 1);
    assert_int_equal(pay.counts[PAYOUT_OUTCOME_UNKNOWN], 1);
    assert_int_equal(pay.counts[PAYOUT_OUTCOME_NOT_SENT], 1);
    world_close(&world);
}

/* 805 without a transaction_id: the server does not tell whether it is the same payment. */
static void an_id_that_is_taken_is_looked_up(void **state)
{
    (void)state;
    static const struct server_play plays[] = {
        {SEND, ACT_ANSWER, 409,
         "{\"code\":\"805\",\"message\":\"CLIENT_TRANSACTION_ID_EXIST\",\"data\":[[{\"code\":805},"
         "{\"code\":805},{\"code\":805}]]}",
         NULL, false},
        {CHECK, ACT_ANSWER, 200,
         OK("[{\"transaction_id\":\"EA1\",\"amount\":\"500\",\"receiver\":\"2250707895086\","
            "\"treatment_status\":\"VAL\"}]"),
         NULL, false},
        {CHECK, ACT_ANSWER, 200,
         OK("[{\"transaction_id\":\"EA2\",\"amount\":\"601\",\"receiver\":\"2250707895087\"}]"),
         NULL, false},
        {CHECK, ACT_ANSWER, 404, REFUSAL("723", "NOT_FOUND"), NULL, true},
        {0}};
    struct world world;
    struct pay pay;
    world_open(&world, plays);
    assert_int_equal(pay_rows(&world, 10, false, NULL, &pay), STATUS_UNKNOWN);
    assert_int_equal(pay.lines[0].outcome, PAYOUT_OUTCOME_REPEATED);
    assert_string_equal(pay.lines[0].transaction_id, "EA1");
    assert_string_equal(pay.lines[0].treatment_status, "VAL");
    /* Another amount: the id stands for something else. */
    assert_int_equal(pay.lines[1].outcome, PAYOUT_OUTCOME_REFUSED);
    assert_null(pay.lines[1].transaction_id);
    /* It is there, and it is not found: somebody must look. */
    assert_int_equal(pay.lines[2].outcome, PAYOUT_OUTCOME_UNKNOWN);
    world_close(&world);
}

static void the_result_file_can_be_sent_again(void **state)
{
    (void)state;
    static const struct server_play plays[] = {
        {SEND, ACT_ANSWER, 200, OK("[[" ITEM("0") "," ITEM("719") "]]"), NULL, false},
        {SEND, ACT_ANSWER, 417, REFUSAL("602", "INSUFFICIENT_BALANCE"), NULL, true},
        {0}};
    struct world world;
    struct pay pay;
    struct buffer header, errors;
    struct people people;
    FILE *file = tmpfile();
    assert_non_null(file);
    world_open(&world, plays);
    buffer_init(&header, 4096);
    pay_header_write(&header);
    assert_true(fputs(buffer_text(&header), file) >= 0);
    assert_int_equal(pay_rows(&world, 2, false, file, &pay), STATUS_SOME_REFUSED);
    char text[4096] = "";
    rewind(file);
    size_t length = fread(text, 1, sizeof text - 1, file);
    assert_non_null(strstr(text, "2,225,0707895086,500,b-1,,,ACCEPTED,0,s,EA,00,\n"
                                 "3,225,0707895087,600,b-2,,,REFUSED,719,s,EA,00,\n"
                                 "4,225,0707895088,700,b-3,,,REFUSED,602,"));
    const struct people_options options = {.path = "result", .amounts = true};
    buffer_init(&errors, 4096);
    assert_true(people_read(world.arena, text, length, &options, &people, &errors));
    assert_int_equal(people.count, 3);
    assert_string_equal(people.rows[2].client_transaction_id, "b-3");
    buffer_free(&errors);
    buffer_free(&header);
    (void)fclose(file);
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_accepted_is_status_0),
        cmocka_unit_test(some_refused_is_status_1_and_the_rest_goes_on),
        cmocka_unit_test(no_money_stops_it_with_status_4),
        cmocka_unit_test(a_server_that_goes_away_is_status_3),
        cmocka_unit_test(an_unknown_outcome_stops_it_with_status_5),
        cmocka_unit_test(an_id_that_is_taken_is_looked_up),
        cmocka_unit_test(the_result_file_can_be_sent_again),
    };
    secret_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What is asked before anything is sent again, and what the answers are worth. */
#include <string.h>

#include "play.h"

#define KNOWN(id, phone, amount)                                                                   \
    "{\"transaction_id\":\"T-" id "\",\"client_transaction_id\":\"" id                             \
    "\",\"lot\":\"77\",\"amount\":\"" amount "\",\"receiver\":\"225" phone                         \
    "\",\"treatment_status\":\"REC\"}"
#define ABSENT                                                                                     \
    {                                                                                              \
        CHECK, ACT_ANSWER, 404, REFUSAL("723", "NOT_FOUND"), NULL, false                           \
    }
#define BY_ID  CHECK "?token=token-1&lang=en&client_transaction_id="
#define BY_LOT CHECK "?token=token-1&lang=en&lot=77"

static const struct payout_transfer three[3] = {
    {.prefix = "225", .phone = "0707895081", .amount = 100, .client_transaction_id = "a"},
    {.prefix = "225", .phone = "0707895082", .amount = 200, .client_transaction_id = "b"},
    {.prefix = "225", .phone = "0707895083", .amount = 300, .client_transaction_id = "c"},
};

/* Sends three to a server that plays so; the caller frees all three. */
struct scene {
    struct server *server;
    struct payout_client *client;
    struct payout_result *result;
};
static enum payout_client_fault scene_run(struct scene *scene, const struct server_play *plays,
                                          bool ask_first)
{
    const struct payout_send_options options = {.size = sizeof options, .ask_first = ask_first};
    scene->server = server_start(plays);
    scene->client = client_of(scene->server);
    return payout_send(scene->client, three, 3, &options, &scene->result);
}
static void scene_end(struct scene *scene)
{
    payout_result_free(scene->result);
    payout_client_close(scene->client);
    server_stop(scene->server);
}

static void what_arrived_before_the_cut_is_not_sent_again(void **state)
{
    (void)state;
    static const struct server_play plays[] = {
        {SEND, ACT_CUT, 0, NULL, NULL, true},
        {BY_ID "a", ACT_ANSWER, 200, ENVELOPE("[" KNOWN("a", "0707895081", "100") "]"), NULL, true},
        {BY_LOT, ACT_ANSWER, 200,
         ENVELOPE("[" KNOWN("a", "0707895081", "100") "," KNOWN("b", "0707895082", "200") "," KNOWN(
             "c", "0707895083", "300") "]"),
         NULL, true},
        {0}};
    struct scene scene;
    assert_int_equal(scene_run(&scene, plays, false), PAYOUT_CLIENT_DONE);
    assert_int_equal(scene.result->code, PAYOUT_OK);
    assert_int_equal(server_count(scene.server, SEND), 1);
    assert_int_equal(server_count(scene.server, CHECK), 2);
    assert_int_equal(scene.result->item_count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(scene.result->items[i].outcome, PAYOUT_OUTCOME_REPEATED);
    assert_string_equal(scene.result->items[2].transaction_id, "T-c");
    assert_string_equal(scene.result->items[2].lot, "77");
    assert_string_equal(scene.result->items[2].treatment_status, "REC");
    scene_end(&scene);
}

static void only_what_the_server_does_not_have_is_sent_again(void **state)
{
    (void)state;
    static const struct server_play plays[] = {
        {SEND, ACT_CUT, 0, NULL, NULL, false},
        {BY_ID "a", ACT_ANSWER, 404, REFUSAL("723", "NOT_FOUND"), NULL, true},
        {BY_ID "c", ACT_ANSWER, 200, ENVELOPE("[" KNOWN("c", "0707895083", "300") "]"), NULL, true},
        {BY_LOT, ACT_ANSWER, 200, ENVELOPE("[" KNOWN("c", "0707895083", "300") "]"), NULL, true},
        {SEND, ACT_ANSWER, 200,
         ENVELOPE("[[{\"code\":0,\"client_transaction_id\":\"a\",\"transaction_id\":\"N-a\"},"
                  "{\"code\":802,\"client_transaction_id\":\"b\",\"status\":\"INVALID_PHONE\"}]]"),
         NULL, false},
        {0}};
    struct scene scene;
    assert_int_equal(scene_run(&scene, plays, false), PAYOUT_CLIENT_DONE);
    const char *again = server_request(scene.server, SEND, 1);
    assert_non_null(strstr(again, "0707895081"));
    assert_null(strstr(again, "0707895083"));
    assert_int_equal(scene.result->item_count, 3);
    assert_int_equal(scene.result->items[0].outcome, PAYOUT_OUTCOME_ACCEPTED);
    assert_string_equal(scene.result->items[0].transaction_id, "N-a");
    assert_int_equal(scene.result->items[1].outcome, PAYOUT_OUTCOME_REFUSED);
    assert_int_equal(scene.result->items[2].outcome, PAYOUT_OUTCOME_REPEATED);
    assert_string_equal(scene.result->items[2].transaction_id, "T-c");
    scene_end(&scene);
}

static void an_id_that_stands_for_another_payment_is_refused(void **state)
{
    (void)state;
    static const struct server_play plays[] = {
        {BY_ID "a", ACT_ANSWER, 200, ENVELOPE("[" KNOWN("a", "0707895081", "105") "]"), NULL, true},
        {BY_ID, ACT_ANSWER, 404, REFUSAL("723", "NOT_FOUND"), NULL, true},
        {SEND, ACT_ANSWER, 200, ENVELOPE("[[{\"code\":0},{\"code\":0}]]"), NULL, true},
        {0}};
    struct scene scene;
    assert_int_equal(scene_run(&scene, plays, true), PAYOUT_CLIENT_DONE);
    assert_int_equal(scene.result->items[0].outcome, PAYOUT_OUTCOME_REFUSED);
    assert_int_equal(scene.result->items[0].code, PAYOUT_CLIENT_ID_EXISTS);
    assert_null(scene.result->items[0].transaction_id);
    assert_null(strstr(server_request(scene.server, SEND, 0), "0707895081"));
    scene_end(&scene);
}

static void who_asks_first_sends_what_nobody_sent(void **state)
{
    (void)state;
    static const struct server_play plays[] = {
        {CHECK, ACT_ANSWER, 404, REFUSAL("723", "NOT_FOUND"), NULL, true},
        {SEND, ACT_ANSWER, 417, REFUSAL("602", "INSUFFICIENT_BALANCE"), NULL, true},
        {0}};
    struct scene scene;
    /* The server has none of them: its refusal of all is no doubt. */
    assert_int_equal(scene_run(&scene, plays, true), PAYOUT_CLIENT_DONE);
    assert_int_equal(scene.result->items[2].outcome, PAYOUT_OUTCOME_REFUSED);
    assert_int_equal(server_count(scene.server, CHECK), 3);
    assert_int_equal(server_count(scene.server, SEND), 1);
    scene_end(&scene);
    const struct payout_send_options options = {.size = sizeof options, .ask_first = true};
    scene.server = server_start(plays);
    scene.client = client_of(scene.server);
    assert_int_equal(payout_send(scene.client, &without_id, 1, &options, &scene.result),
                     PAYOUT_CLIENT_BAD_ARGUMENT);
    scene_end(&scene);
}

static void nothing_is_sent_while_nobody_answers_the_question(void **state)
{
    (void)state;
    static const struct server_play plays[] = {
        {SEND, ACT_CUT, 0, NULL, NULL, true},
        {CHECK, ACT_ANSWER, 500, REFUSAL("-1", "OPERATION_ERROR"), NULL, true},
        {0}};
    struct scene scene;
    assert_int_equal(scene_run(&scene, plays, false), PAYOUT_CLIENT_UNKNOWN);
    assert_int_equal(server_count(scene.server, SEND), 1);
    assert_int_equal(server_count(scene.server, CHECK), 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(scene.result->items[i].outcome, PAYOUT_OUTCOME_UNKNOWN);
    assert_int_not_equal(scene.result->text[0], '\0');
    scene_end(&scene);
}

static void a_token_that_dies_between_the_questions_is_renewed(void **state)
{
    (void)state;
    static const struct server_play plays[] = {
        {SEND, ACT_CUT, 0, NULL, NULL, false},
        {CHECK "?token=token-1", ACT_ANSWER, 401, REFUSAL("705", "EXPIRED_TOKEN"), NULL, true},
        {CHECK "?token=token-2", ACT_ANSWER, 404, REFUSAL("723", "NOT_FOUND"), NULL, true},
        {SEND "?token=token-2", ACT_ANSWER, 401, REFUSAL("705", "EXPIRED_TOKEN"), NULL, true},
        {SEND, ACT_ANSWER, 200, ENVELOPE("[[{\"code\":0},{\"code\":0},{\"code\":0}]]"), NULL,
         false},
        {0}};
    struct scene scene;
    assert_int_equal(scene_run(&scene, plays, false), PAYOUT_CLIENT_DONE);
    assert_int_equal(server_count(scene.server, LOGIN), 3);
    assert_int_equal(scene.result->items[2].outcome, PAYOUT_OUTCOME_ACCEPTED);
    scene_end(&scene);
}

static void a_taken_id_is_looked_up(void **state)
{
    (void)state;
    static const struct server_play plays[] = {
        {SEND, ACT_ANSWER, 409,
         "{\"code\":\"805\",\"message\":\"CLIENT_TRANSACTION_ID_EXIST\",\"data\":[[{\"code\":805},"
         "{\"code\":805},{\"code\":805}]]}",
         NULL, false},
        {BY_ID "a", ACT_ANSWER, 200, ENVELOPE("[" KNOWN("a", "0707895081", "100") "]"), NULL, true},
        {BY_ID "b", ACT_ANSWER, 200, ENVELOPE("[" KNOWN("b", "0707895082", "201") "]"), NULL, true},
        ABSENT,
        {0}};
    struct scene scene;
    assert_int_equal(scene_run(&scene, plays, false), PAYOUT_CLIENT_UNKNOWN);
    assert_int_equal(scene.result->items[0].outcome, PAYOUT_OUTCOME_REPEATED);
    assert_string_equal(scene.result->items[0].transaction_id, "T-a");
    assert_int_equal(scene.result->items[1].outcome, PAYOUT_OUTCOME_REFUSED);
    assert_int_equal(scene.result->items[2].outcome, PAYOUT_OUTCOME_UNKNOWN);
    assert_int_equal(server_count(scene.server, SEND), 1);
    scene_end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_arrived_before_the_cut_is_not_sent_again),
        cmocka_unit_test(only_what_the_server_does_not_have_is_sent_again),
        cmocka_unit_test(an_id_that_stands_for_another_payment_is_refused),
        cmocka_unit_test(who_asks_first_sends_what_nobody_sent),
        cmocka_unit_test(nothing_is_sent_while_nobody_answers_the_question),
        cmocka_unit_test(a_token_that_dies_between_the_questions_is_renewed),
        cmocka_unit_test(a_taken_id_is_looked_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

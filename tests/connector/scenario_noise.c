/* Answers that are not what they were: bytes changed, lost, doubled, cut, or a proxy's instead of
 * the operator's. Out of noise comes no end: only what says so beyond doubt is one. */
#include "connector/scenario.h"

#include <stdlib.h>
#include <string.h>

enum { MUTATIONS = 600, BODY_BYTES = 8192 };

struct body {
    int status;
    size_t length;
    char bytes[BODY_BYTES];
};

/* Chance of its own, so that a failure comes back. */
static uint32_t noise(uint32_t *seed, uint32_t limit)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % limit;
}

static void body_keep(const struct bench *bench, struct body *body)
{
    body->status = bench->reply.status;
    body->length = bench->reply.body.length;
    assert_true(body->length < BODY_BYTES);
    memcpy(body->bytes, buffer_text(&bench->reply.body), body->length + 1);
}

/* One to four changes: a byte, a piece left out, a piece twice, the end, or a value's type. */
static void body_mutate(const struct body *body, struct body *mutant, uint32_t *seed)
{
    *mutant = *body;
    for (uint32_t i = 0, changes = 1 + noise(seed, 4); i < changes && mutant->length > 1; i++) {
        size_t at = noise(seed, (uint32_t)mutant->length);
        size_t piece = 1 + noise(seed, 12);
        if (piece > mutant->length - at)
            piece = mutant->length - at;
        switch (noise(seed, 5)) {
        case 0:
            mutant->bytes[at] = (char)noise(seed, 256);
            break;
        case 1:
            memmove(mutant->bytes + at, mutant->bytes + at + piece, mutant->length - at - piece);
            mutant->length -= piece;
            break;
        case 2:
            if (mutant->length + piece < BODY_BYTES) {
                memmove(mutant->bytes + at + piece, mutant->bytes + at, mutant->length - at);
                mutant->length += piece;
            }
            break;
        case 3:
            mutant->length = at;
            break;
        default:
            mutant->bytes[at] = "{}[]:,\"0n"[noise(seed, 9)];
            break;
        }
    }
    mutant->bytes[mutant->length] = '\0';
}

/* The answers to a submit and to a question about it, as they came: [0], [1]. */
static void answers_record(struct bench *bench, struct bench_order *order, int ending,
                           const char *script, struct body bodies[2])
{
    bench_script(bench, script);
    order_open(bench, order, ending, 1500);
    if (able(bench, OPERATOR_INTRODUCES))
        assert_true(bench_call(bench, OPERATOR_TASK_VALIDATE, order, 1));
    assert_true(bench_call(bench, OPERATOR_TASK_SUBMIT, order, 1));
    body_keep(bench, &bodies[0]);
    bench->now_ms += 1000;
    assert_true(bench_call(bench, OPERATOR_TASK_ASK, order, 1));
    body_keep(bench, &bodies[1]);
}

#define BIT(verdict) (1u << (verdict))

/* Reads every mutation of both, and says which verdicts may come out of them. */
static void mutations_read(struct bench *bench, struct bench_order *order,
                           const struct body bodies[2], unsigned allowed)
{
    static const enum operator_task tasks[2] = {OPERATOR_TASK_SUBMIT, OPERATOR_TASK_ASK};
    uint32_t seed = 20261201;
    struct body *mutant = malloc(sizeof *mutant);
    assert_non_null(mutant);
    for (int i = 0; i < 2 * MUTATIONS; i++) {
        body_mutate(&bodies[i % 2], mutant, &seed);
        struct verdict_answer answer =
            bench_read(bench, tasks[i % 2], order, mutant->status, mutant->bytes, mutant->length);
        if ((BIT(answer.verdict) & allowed) == 0)
            print_error("%s of %d: %.*s\n", verdict_text(answer.verdict), mutant->status,
                        (int)mutant->length, mutant->bytes);
        assert_true((BIT(answer.verdict) & allowed) != 0);
    }
    free(mutant);
}

void no_mutation_of_a_waiting_answer_ends_it(void **state)
{
    struct bench *bench = *state;
    struct body *bodies = calloc(2, sizeof *bodies);
    struct bench_order order;
    assert_non_null(bodies);
    answers_record(bench, &order, 1234,
                   "{\"faults\": {\"pending\": 100}, "
                   "\"pending_long_ms\": 60000}",
                   bodies);
    mutations_read(bench, &order, bodies, BIT(VERDICT_PENDING) | BIT(VERDICT_UNKNOWN));
    free(bodies);
}

void no_mutation_of_a_paid_answer_rejects_it(void **state)
{
    struct bench *bench = *state;
    struct body *bodies = calloc(2, sizeof *bodies);
    struct bench_order order;
    assert_non_null(bodies);
    answers_record(bench, &order, 1234, "{}", bodies);
    mutations_read(bench, &order, bodies,
                   BIT(VERDICT_PAID) | BIT(VERDICT_PENDING) | BIT(VERDICT_UNKNOWN));
    free(bodies);
}

void no_mutation_of_a_rejected_answer_pays_it(void **state)
{
    struct bench *bench = *state;
    struct body *bodies = calloc(2, sizeof *bodies);
    struct bench_order order;
    assert_non_null(bodies);
    /* What is refused at once is no order with some: nothing is known of it afterwards. */
    answers_record(bench, &order, 9935, "{}", bodies);
    mutations_read(bench, &order, bodies,
                   BIT(VERDICT_REJECTED) | BIT(VERDICT_PENDING) | BIT(VERDICT_UNKNOWN) |
                       BIT(VERDICT_NEVER_SEEN) | BIT(VERDICT_NOT_SENT));
    free(bodies);
}

void no_answer_that_was_cut_ends_anything(void **state)
{
    struct bench *bench = *state;
    static const enum operator_task tasks[2] = {OPERATOR_TASK_SUBMIT, OPERATOR_TASK_ASK};
    static const int recorded[] = {1234, 9935};
    struct body *bodies = calloc(2, sizeof *bodies);
    assert_non_null(bodies);
    for (size_t each = 0; each < 4; each++) {
        struct bench_order order;
        const struct body *body = &bodies[each % 2];
        answers_record(bench, &order, recorded[each / 2], "{}", bodies);
        for (size_t length = 0; length < body->length; length++) {
            struct verdict_answer answer =
                bench_read(bench, tasks[each % 2], &order, body->status, body->bytes, length);
            if (answer.verdict != VERDICT_UNKNOWN && answer.verdict != VERDICT_PENDING)
                print_error("%s of %d: %.*s\n", verdict_text(answer.verdict), body->status,
                            (int)length, body->bytes);
            assert_true(answer.verdict == VERDICT_UNKNOWN || answer.verdict == VERDICT_PENDING);
        }
    }
    free(bodies);
}

/* What stands between us and an operator says nothing about a transfer, in whatever status. A 429
 * or a 401 by itself does say that nothing was done. */
void no_page_of_a_proxy_ends_anything(void **state)
{
    struct bench *bench = *state;
    static const char *const pages[] = {"",
                                        "<html><body><h1>502 Bad Gateway</h1></body></html>",
                                        "{}",
                                        "[]",
                                        "null",
                                        "\"\"",
                                        "{\"message\":\"no healthy upstream\"}",
                                        "Service Unavailable",
                                        "{\"status\":[1],\"code\":{}}"};
    struct bench_order order;
    order_open(bench, &order, 1234, 1500);
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
        for (int status = 100; status < 600; status++) {
            struct verdict_answer answer =
                bench_read(bench, OPERATOR_TASK_ASK, &order, status, pages[i], strlen(pages[i]));
            unsigned allowed = BIT(VERDICT_UNKNOWN) | BIT(VERDICT_PENDING);
            if ((BIT(answer.verdict) & allowed) == 0)
                print_error("ask, %d %s: %s\n", status, pages[i], verdict_text(answer.verdict));
            assert_true((BIT(answer.verdict) & allowed) != 0);
            answer =
                bench_read(bench, OPERATOR_TASK_SUBMIT, &order, status, pages[i], strlen(pages[i]));
            if (status == 401 || status == 403 || status == 429 ||
                (status == 400 && pages[i][0] == '\0' && bench->pair->refuses_bare))
                allowed |= BIT(VERDICT_NOT_SENT);
            if ((BIT(answer.verdict) & allowed) == 0)
                print_error("submit, %d %s: %s\n", status, pages[i], verdict_text(answer.verdict));
            assert_true((BIT(answer.verdict) & allowed) != 0);
        }
}

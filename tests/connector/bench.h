/* bench: a connector and the simulator's operator face to face, without a socket: what call_write
 * wrote is answered by sim_answer, and answer_read reads that. It does what the worker does about
 * tokens, and nothing else of it. */
#ifndef PAYOUT_TESTS_CONNECTOR_BENCH_H
#define PAYOUT_TESTS_CONNECTOR_BENCH_H
#include <stdbool.h>

#include "operators/operator.h"
#include "simulator/simulator.h"

enum { BENCH_REASONS = 6, BENCH_BATCH_MAX = 8 };

/* A connector, and which of the simulator's operators it speaks to; a row a connector. */
struct pair {
    const char *connector;
    enum sim_protocol protocol;
    /* Of the channel; NULL: the simulator's account and secret, "". */
    const char *account, *secret, *environment;
    int operator_number;
    int64_t first_msisdn; /* A number of that operator's, its last four digits 0000. */
    bool calls_back;      /* The operator does, as its documents say. */
    bool waits_for_float; /* One that lacks money was not taken, and may be sent again. */
    bool no_accounts;     /* It validates, but does not tell who has no account. */
    bool refuses_bare;    /* Its documents have a 400 without a body. */
    bool fails_mute;      /* Of one that it took first it tells that it failed, and not why. */
    /* What the endings 9930, 9935, 9940, 9945, 9950 and 9955 of the sandbox's table are rejected
     * for, as far as the operator's words tell. */
    enum transfer_reason reasons[BENCH_REASONS];
};
extern const struct pair pairs[];
extern const size_t pair_count;

struct bench {
    const struct pair *pair;
    const struct operator_connector *connector;
    struct sim_world *world;
    struct channel channel;
    int64_t now_ms;
    char token[OPERATOR_TOKEN_BYTES];
    int64_t token_until_ms;
    /* The last call, as it was. */
    struct operator_request request;
    struct sim_reply reply;
    struct operator_result result;
    struct verdict_answer answers[BENCH_BATCH_MAX];
    int64_t serial; /* Of transfers. */
};

/* NULL: there is no such connector. */
struct bench *bench_open(const struct pair *pair, uint64_t seed);
void bench_close(struct bench *bench);
/* Changes the operator's faults; the script must be good. */
void bench_script(struct bench *bench, const char *json);

/* A new transfer of amount to the number with this ending, as a worker has it in hand. */
struct bench_order {
    struct transfer transfer;
    struct attempt attempt;
    char operator_reference[64], reversal_reference[64]; /* As told last. */
};
void order_open(struct bench *bench, struct bench_order *order, int ending, int64_t amount_minor);

/* One call about orders, with a token, once more with another when it is refused. True when it was
 * answered: result and answers are set then. */
bool bench_call(struct bench *bench, enum operator_task task, struct bench_order *orders,
                size_t count);
/* Gives an order out and asks until its end is known, as the worker would: at most so many asks,
 * a second between. Returns the last verdict; *reason (may be NULL) with it. */
enum verdict bench_play(struct bench *bench, struct bench_order *order,
                        enum transfer_reason *reason);
/* Reads any reply to the last request that was made for task about order. */
struct verdict_answer bench_read(struct bench *bench, enum operator_task task,
                                 struct bench_order *order, int status, const char *body,
                                 size_t length);
/* Only asks, until it is known. */
enum verdict bench_ask(struct bench *bench, struct bench_order *order,
                       enum transfer_reason *reason);
/* What the operator's books say. */
struct sim_totals bench_totals(const struct bench *bench);
/* Hands a callback to the connector as payoutd's front would. */
enum operator_callback_word bench_callback(struct bench *bench, const struct sim_callback *callback,
                                           char reference[TRANSFER_ID_TEXT_BYTES]);
#endif

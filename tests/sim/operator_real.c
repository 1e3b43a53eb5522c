/* operator_real: in the place of operator_fake: a connector, and the simulator's operator that it
 * speaks to (tests/connector/bench.h), with all that goes wrong between them. Its books are the
 * simulator's. Two channels lead to it: a transfer that went through both would be two orders
 * there, and paid twice. On the store in memory only. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connector/bench.h"
#include "operators/answer.h"
#include "sim/operator_fake.h"
#include "sim/world.h"
#include "simulator/world.h"

enum { LEASE_MS = 60000, MESSAGES_MAX = 4000 };

/* Something on its way between us and it. */
struct message {
    int64_t arrives_at_ms;
    bool to_us;
    int boot;
    int32_t attempt;
    enum operator_task task;
    struct bench_order order;
    struct verdict_answer answer; /* To us. */
};

struct operator_real {
    struct bench *bench;
    bool calm;
    int message_count;
    struct message messages[MESSAGES_MAX];
};

static const struct pair *chosen;

bool operator_fake_choose(const char *name)
{
    for (size_t i = 0; i < pair_count; i++)
        if (strcmp(pairs[i].connector, name) == 0)
            chosen = &pairs[i];
    return chosen != NULL;
}

static bool troubled(const struct world *world, enum trouble trouble)
{
    return !world->calm && (world->troubles >> trouble & 1) != 0;
}

/* What goes wrong there, as long as anything may. */
static void faults_set(struct world *world, struct bench *bench)
{
    int lost = troubled(world, TROUBLE_OPERATOR_LOST) ? 5 : 0;
    int down = troubled(world, TROUBLE_OPERATOR_DOWN) ? 5 : 0;
    int late = troubled(world, TROUBLE_OPERATOR_LATE) ? 20 : 0;
    char script[512];
    (void)snprintf(script, sizeof script,
                   "{\"faults\": {\"cut_before\": %d, \"cut_after\": %d, \"error_before\": %d, "
                   "\"error_after\": %d, \"malformed\": %d, \"throttle\": %d, \"maintenance\": %d, "
                   "\"token_early\": %d, \"pending\": %d, \"reject\": 25, \"callback_lost\": 100}, "
                   "\"pending_ms\": 60000, \"pending_long_ms\": 600000, \"token_early_ms\": 5000}",
                   lost, lost, lost, lost, lost, down, down, late, late);
    bench_script(bench, script);
}

static struct operator_real *real_of(struct world *world)
{
    struct operator_real *real = world->operator_fake.real;
    if (real == NULL) {
        real = calloc(1, sizeof *real);
        invariant(real != NULL && chosen != NULL);
        real->bench = bench_open(chosen, world->seed);
        invariant(real->bench != NULL);
        faults_set(world, real->bench);
        world->operator_fake.real = real;
    }
    if (world->calm && !real->calm) {
        real->calm = true;
        faults_set(world, real->bench);
    }
    real->bench->now_ms = world->now_ms;
    return real;
}

void operator_fake_close(struct world *world)
{
    struct operator_real *real = world->operator_fake.real;
    if (real == NULL)
        return;
    struct sim_totals totals = bench_totals(real->bench);
    audit(world, totals.doubles == 0, "%lld paid twice", (long long)totals.doubles);
    bench_close(real->bench);
    free(real);
    world->operator_fake.real = NULL;
}

static void message_send(struct world *world, struct operator_real *real, struct message *message)
{
    invariant(real->message_count < MESSAGES_MAX);
    int64_t delay_ms = world_random(world, 300);
    if (world_trouble(world, TROUBLE_OPERATOR_LATE, 6))
        delay_ms += world_random(world, 120000); /* Past any lease. */
    message->arrives_at_ms = world->now_ms + delay_ms;
    message->boot = world->crashes;
    real->messages[real->message_count++] = *message;
}

/* A call has reached it, or not: its answer is on its way, or we notice that none comes. */
static void call_arrives(struct world *world, struct operator_real *real, struct message *message)
{
    struct bench *bench = real->bench;
    bench->channel.number = message->order.transfer.channel;
    bool answered = bench_call(bench, message->task, &message->order, 1);
    message->answer = answered ? bench->answers[0] : (struct verdict_answer){0};
    if (!answered)
        message->answer.verdict = VERDICT_UNKNOWN;
    answer_settle(&message->answer, bench->connector,
                  message->task == OPERATOR_TASK_SUBMIT ? STEP_SUBMIT : STEP_ASK, LEASE_MS);
    message->to_us = true;
    message_send(world, real, message);
    if (world_trouble(world, TROUBLE_OPERATOR_TWICE, 6))
        message_send(world, real, message);
}

/* What the connector reads of a transfer, as the worker had it. */
static void call_send(struct world *world, const struct transfer *transfer, int32_t attempt,
                      enum operator_task task)
{
    struct operator_real *real = real_of(world);
    struct message message = {.attempt = attempt, .task = task};
    message.order.transfer = (struct transfer){.id = transfer->id,
                                               .msisdn = transfer->msisdn,
                                               .operator_number = transfer->operator_number,
                                               .amount = transfer_delivered(transfer),
                                               .state = transfer->state,
                                               .attempts = attempt,
                                               .channel = transfer->channel,
                                               .submitted_at_ms = transfer->submitted_at_ms,
                                               .created_at_ms = transfer->created_at_ms};
    if (message.order.transfer.submitted_at_ms == 0)
        message.order.transfer.submitted_at_ms = world->now_ms;
    (void)snprintf(message.order.operator_reference, sizeof message.order.operator_reference, "%s",
                   transfer->operator_reference);
    message.order.attempt = (struct attempt){.number = attempt, .receiver_name = ""};
    transfer_id_text(transfer->id, message.order.attempt.reference);
    /* A question is there at once, as with operator_fake; a submit takes its time. */
    if (task == OPERATOR_TASK_ASK)
        call_arrives(world, real, &message);
    else
        message_send(world, real, &message);
}

void operator_fake_submit(struct world *world, const struct transfer *transfer, int32_t attempt)
{
    call_send(world, transfer, attempt, OPERATOR_TASK_SUBMIT);
}

void operator_fake_ask(struct world *world, const struct transfer *transfer, int32_t attempt)
{
    call_send(world, transfer, attempt, OPERATOR_TASK_ASK);
}

/* The simulator's calls are all lost on their way (faults_set). */
void operator_fake_call_back(struct world *world)
{
    (void)world;
}

static struct outcome_item item_of(struct world *world, const struct message *message)
{
    char *told = arena_alloc(world->arena, sizeof message->answer.operator_reference, 1);
    memcpy(told, message->answer.operator_reference, sizeof message->answer.operator_reference);
    return (struct outcome_item){.transfer = message->order.transfer.id,
                                 .attempt = message->attempt,
                                 .verdict = message->answer.verdict,
                                 .reason = message->answer.reason,
                                 .operator_reference = told,
                                 .next_at_ms = world->now_ms + 1000 + world_random(world, 20000)};
}

size_t operator_fake_deliver(struct world *world, struct outcome_item *items, size_t limit)
{
    struct operator_real *real = real_of(world);
    size_t count = 0;
    for (int i = 0; i < real->message_count && count < limit;) {
        struct message message = real->messages[i];
        if (message.arrives_at_ms > world->now_ms) {
            i++;
            continue;
        }
        real->messages[i] = real->messages[--real->message_count];
        if (!message.to_us)
            call_arrives(world, real, &message);
        else if (message.boot == world->crashes)
            items[count++] = item_of(world, &message);
    }
    return count;
}

/* The order of a transfer that was paid, or else its last. */
const struct operator_order *operator_fake_order(const struct world *world, int64_t reference)
{
    static struct operator_order found;
    const struct operator_real *real = world->operator_fake.real;
    char text[TRANSFER_ID_TEXT_BYTES];
    if (real == NULL)
        return NULL;
    struct sim_world *sim = real->bench->world;
    transfer_id_text((struct transfer_id){reference}, text);
    world_advance(sim, world->now_ms);
    const int64_t *last = mark_find(&sim->marks, MARK_OTHER + (int)chosen->protocol, text);
    const struct sim_order *order = NULL;
    for (int64_t number = last == NULL ? 0 : *last; number != 0;) {
        const struct sim_order *each = sim->orders[number - 1];
        if (order == NULL || each->state == SIM_PAID)
            order = each;
        number = each->same_before;
    }
    if (order == NULL)
        return NULL;
    found = (struct operator_order){.reference = reference,
                                    .amount_minor = order->amount_minor,
                                    .msisdn = strtoll(order->receiver, NULL, 10),
                                    .state = order->state == SIM_OPEN   ? ORDER_OPEN
                                             : order->state == SIM_PAID ? ORDER_PAID
                                                                        : ORDER_REJECTED};
    return &found;
}

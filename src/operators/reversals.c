#include "operators/reversals.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "operators/answer.h"
#include "operators/worker_own.h"

enum {
    IN_HAND_MAX = 32,
    PUT_OFF_MS = 5000, /* What can't leave now, besides what its channel wants to wait. */
};
#define LOOK_US     INT64_C(10000000) /* What is due is read so often, at least … */
#define ROUSED_US   INT64_C(300000)   /* … and at most. */
#define ARENA_BYTES ((size_t)16 << 20)
#define US_PER_MS   INT64_C(1000)

struct reversal_held {
    struct attempt_held held; /* Its transfer, the attempt, the answer. */
    int32_t number;           /* Of the reversal. */
    bool used, answered;
};

/* One command of a kind is on its way at most. */
enum away { HERE, AWAY, BACK };
struct errands_job {
    struct lane_job job;
    struct reversals *reversals;
    _Atomic enum away where;
    size_t count;
    struct reversal_held *of[IN_HAND_MAX];
};

struct reversals {
    struct operator_worker *worker;
    struct reversal_held all[IN_HAND_MAX];
    struct errands_job claim, outcome;
    struct reversal_claim_item claims[IN_HAND_MAX];
    struct reversal_outcome_item outcomes[IN_HAND_MAX];
    const struct due_reversal *due[IN_HAND_MAX]; /* Of each claim, in arena. */
    struct arena *arena;
    int64_t look_at_us, looked_us;
};

struct reversals *reversals_open(struct operator_worker *worker)
{
    struct reversals *reversals = calloc(1, sizeof *reversals);
    invariant(reversals != NULL);
    reversals->worker = worker;
    reversals->claim.reversals = reversals->outcome.reversals = reversals;
    reversals->looked_us = clock_monotonic_us() - ROUSED_US;
    return reversals;
}

void reversals_close(struct reversals *reversals)
{
    if (reversals == NULL)
        return;
    arena_close(reversals->arena);
    free(reversals);
}

void reversals_wake(struct reversals *reversals)
{
    int64_t at_us = reversals->looked_us + ROUSED_US;
    if (at_us < reversals->look_at_us)
        reversals->look_at_us = at_us;
}

int64_t reversals_next_us(const struct reversals *reversals)
{
    return reversals->look_at_us;
}

bool reversals_away(const struct reversals *reversals)
{
    return atomic_load(&reversals->claim.where) != HERE ||
           atomic_load(&reversals->outcome.where) != HERE;
}

bool reversals_busy(const struct reversals *reversals)
{
    for (size_t i = 0; i < IN_HAND_MAX; i++)
        if (reversals->all[i].used && reversals->all[i].answered)
            return true;
    return reversals_away(reversals);
}

/* --- In hand --- */

static bool is_held(const struct reversals *reversals, struct transfer_id transfer)
{
    for (size_t i = 0; i < IN_HAND_MAX; i++)
        if (reversals->all[i].used && reversals->all[i].held.transfer.value == transfer.value)
            return true;
    return false;
}

static struct reversal_held *hold(struct reversals *reversals, const struct due_reversal *due)
{
    const struct reversal *reversal = &due->reversal;
    for (size_t i = 0; i < IN_HAND_MAX; i++) {
        struct reversal_held *each = &reversals->all[i];
        if (each->used)
            continue;
        *each = (struct reversal_held){.held = {.transfer = reversal->transfer,
                                                .merchant = due->transfer.merchant,
                                                .number = reversal->attempts,
                                                .reversal = true},
                                       .number = reversal->number,
                                       .used = true};
        return each;
    }
    return NULL;
}

void reversals_answered(struct reversals *reversals, struct attempt_held *held)
{
    struct reversal_held *each = (struct reversal_held *)(void *)held;
    (void)reversals;
    invariant(held->reversal && each->used && !each->answered);
    each->answered = true;
}

/* --- To the lane and back --- */

/* On the lane's thread. */
static void job_done(struct lane_job *job)
{
    struct errands_job *of = job->context;
    struct operator_worker *worker = of->reversals->worker;
    atomic_store(&of->where, BACK);
    operator_worker_wake(worker);
}

static void job_submit(struct reversals *reversals, struct errands_job *of, enum command_kind kind)
{
    of->job.command.kind = kind;
    of->job.done = job_done;
    of->job.context = of;
    atomic_store(&of->where, AWAY);
    if (lane_submit(reversals->worker->options.lane, &of->job))
        return;
    of->job.fault = FAULT_AGAIN; /* A full lane: as if nothing had been recorded. */
    atomic_store(&of->where, BACK);
    reversals_wake(reversals);
}

/* --- Outcomes --- */

static void outcomes_written(struct reversals *reversals)
{
    struct errands_job *of = &reversals->outcome;
    bool again = of->job.fault == FAULT_AGAIN && reversals->worker->stop_by_us == 0;
    for (size_t i = 0; i < of->count && !again; i++)
        of->of[i]->used = false; /* What is not known to be written is asked about. */
    atomic_store(&of->where, HERE);
}

static void outcomes_write(struct reversals *reversals)
{
    struct errands_job *of = &reversals->outcome;
    int64_t now_ms = clock_now_ms();
    of->count = 0;
    for (size_t i = 0; i < IN_HAND_MAX; i++) {
        struct reversal_held *each = &reversals->all[i];
        if (!each->used || !each->answered)
            continue;
        const struct verdict_answer *answer = &each->held.answer;
        int64_t again_ms = answer_again_ms(answer, each->held.number);
        of->of[of->count] = each;
        reversals->outcomes[of->count++] =
            (struct reversal_outcome_item){.transfer = each->held.transfer,
                                           .merchant = each->held.merchant,
                                           .number = each->number,
                                           .attempt = each->held.number,
                                           .verdict = answer->verdict,
                                           .operator_reference = answer->operator_reference,
                                           .next_at_ms = now_ms + again_ms};
        int64_t at_us = clock_monotonic_us() + again_ms * US_PER_MS;
        if (at_us < reversals->look_at_us)
            reversals->look_at_us = at_us;
    }
    if (of->count == 0)
        return;
    of->job.command.reversal_outcome =
        (struct reversal_outcome){.items = reversals->outcomes, .count = of->count};
    job_submit(reversals, of, COMMAND_REVERSAL_OUTCOME);
}

/* --- Claims --- */

/* Not now: it stays as it is, for so long. */
static void put_off(struct reversals *reversals, const struct due_reversal *due, int64_t wait_ms)
{
    const struct reversal *reversal = &due->reversal;
    struct reversal_held *each = hold(reversals, due);
    if (each == NULL)
        return;
    each->held.answer.verdict = reversal->step == STEP_SUBMIT ? VERDICT_NOT_SENT : VERDICT_PENDING;
    each->held.answer.ask_after_ms = wait_ms;
    each->answered = true;
}

static bool reverses(const struct line *line)
{
    return !line->direct && (line->channel->connector->abilities & OPERATOR_REVERSES) != 0;
}

static void claim_add(struct reversals *reversals, const struct due_reversal *due,
                      struct line *line)
{
    const struct reversal *reversal = &due->reversal;
    struct errands_job *of = &reversals->claim;
    enum health_kind kind = reversal->step == STEP_SUBMIT ? HEALTH_SUBMITS : HEALTH_ASKS;
    int64_t now_us = clock_monotonic_us();
    if (line == NULL ||
        (reverses(line) && (health_door(&line->health, kind, now_us) != HEALTH_OPEN ||
                            !caller_token(reversals->worker->caller, line)))) {
        int64_t wait_us = line == NULL ? 0 : health_wait_us(&line->health, kind, now_us);
        put_off(reversals, due, wait_us / US_PER_MS + PUT_OFF_MS);
        return;
    }
    struct reversal_held *each = hold(reversals, due);
    if (each == NULL)
        return;
    each->held.line = line;
    if (reverses(line)) {
        health_group_end(&line->health); /* A call of its own. */
        health_reserve(&line->health, kind, now_us, &each->held.place, &each->held.probe);
        health_group_end(&line->health);
    }
    of->of[of->count] = each;
    reversals->due[of->count] = due;
    reversals->claims[of->count++] =
        (struct reversal_claim_item){.transfer = reversal->transfer,
                                     .merchant = due->transfer.merchant,
                                     .number = reversal->number,
                                     .due_at_ms = reversal->due_at_ms};
}

static void claims_look(struct reversals *reversals)
{
    struct operator_worker *worker = reversals->worker;
    struct fault fault = {0};
    struct due_reversal *due = NULL;
    size_t found = 0;
    reversals->looked_us = clock_monotonic_us();
    reversals->look_at_us = reversals->looked_us + LOOK_US;
    reversals->claim.count = 0;
    reversals->arena = arena_open(ARENA_BYTES);
    store_reader_keep(worker->reader, shares_held(worker->options.shares, DUTY_OPERATORS));
    if (store_read_due_reversals(worker->reader, reversals->arena, clock_now_ms(), IN_HAND_MAX,
                                 &due, &found, &fault) != FAULT_NONE) {
        log_event(LOG_LEVEL_ERROR, "operators can't read", LOG_TEXT("why", fault.text));
        worker_count(&worker->figures.faults, 1);
        found = 0;
    }
    for (size_t i = 0; i < found; i++)
        if (!is_held(reversals, due[i].reversal.transfer)) {
            int channel = due[i].transfer.channel;
            claim_add(reversals, &due[i],
                      channel > 0 && channel <= CHANNEL_NUMBER_MAX ? worker->by_number[channel]
                                                                   : NULL);
        }
    if (reversals->claim.count == 0) {
        arena_close(reversals->arena);
        reversals->arena = NULL;
        return;
    }
    reversals->claim.job.command.reversal_claim =
        (struct reversal_claim){.items = reversals->claims,
                                .count = reversals->claim.count,
                                .lease_ms = worker->options.lease_ms};
    job_submit(reversals, &reversals->claim, COMMAND_REVERSAL_CLAIM);
}

/* It is ours, durably: now it may leave. */
static void reversal_give(struct reversals *reversals, struct reversal_held *each,
                          const struct due_reversal *due, const struct reversal_claim_item *item,
                          int64_t until_us)
{
    struct operator_worker *worker = reversals->worker;
    struct line *line = each->held.line;
    bool submit = item->step == STEP_SUBMIT;
    if (!reverses(line)) {
        /* No word of its operator's is needed: it does not do such a thing. */
        each->held.answer.verdict = submit ? VERDICT_REJECTED : VERDICT_UNKNOWN;
        each->held.answer.ask_after_ms = ANSWER_UNASKED_MS;
        each->answered = true;
        return;
    }
    if (worker->stop_by_us != 0) {
        each->held.answer.verdict = submit ? VERDICT_NOT_SENT : VERDICT_PENDING;
        each->held.answer.ask_after_ms = 1;
        each->answered = true;
        return;
    }
    caller_give(
        worker->caller,
        &(struct caller_order){.line = line,
                               .held = &each->held,
                               .transfer = &due->transfer,
                               .task = submit ? OPERATOR_TASK_REVERSE : OPERATOR_TASK_ASK_REVERSAL,
                               .receiver_name = "",
                               .reversal_reference = due->reversal.operator_reference,
                               .until_us = until_us,
                               .probe = each->held.probe});
}

static void claims_back(struct reversals *reversals)
{
    struct errands_job *of = &reversals->claim;
    bool known = of->job.fault == FAULT_NONE; /* Else nothing may leave. */
    int64_t until_us = claims_until_us(of->job.command.at_ms, reversals->worker->options.lease_ms);
    for (size_t i = 0; i < of->count; i++) {
        struct reversal_held *each = of->of[i];
        const struct reversal_claim_item *item = &reversals->claims[i];
        bool claimed = known && item->claimed;
        claims_reserve_end(&each->held, reversals->due[i]->reversal.step, claimed);
        if (!claimed) {
            each->used = false;
            continue;
        }
        each->held.number = item->attempt;
        reversal_give(reversals, each, reversals->due[i], item, until_us);
    }
    arena_close(reversals->arena);
    reversals->arena = NULL;
    atomic_store(&of->where, HERE);
}

void reversals_turn(struct reversals *reversals)
{
    if (atomic_load(&reversals->claim.where) == BACK)
        claims_back(reversals);
    if (atomic_load(&reversals->outcome.where) == BACK)
        outcomes_written(reversals);
    if (reversals->worker->stop_by_us == 0 && atomic_load(&reversals->claim.where) == HERE &&
        clock_monotonic_us() >= reversals->look_at_us)
        claims_look(reversals);
    if (atomic_load(&reversals->outcome.where) == HERE)
        outcomes_write(reversals);
}

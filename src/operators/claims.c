#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "operators/answer.h"
#include "operators/worker_own.h"

enum {
    HOMELESS_MS = 600000, /* What has no channel looks for one so often … */
    TOKEN_MS = 1000,
    PUT_OFF_MAX = 2 * WORK_ITEMS_MAX, /* On their way to be put off, at once. */
};
#define PAGE_ARENA_BYTES   ((size_t)256 << 20)
#define HOMELESS_LOGGED_US INT64_C(3600000000) /* … and is logged so often. */
#define US_PER_MS          INT64_C(1000)

/* --- Which way --- */

static enum health_kind step_kind(enum transfer_step step)
{
    return step == STEP_SUBMIT ? HEALTH_SUBMITS : HEALTH_ASKS;
}

static struct line *line_of(struct operator_worker *worker, const struct channel *channel)
{
    return channel == NULL ? NULL : worker->by_number[channel->number];
}

static bool takes_submits(void *context, const struct channel *channel)
{
    struct operator_worker *worker = context;
    struct line *line = line_of(worker, channel);
    return health_door(&line->health, HEALTH_SUBMITS, clock_monotonic_us()) != HEALTH_CLOSED;
}

/* Of the lines that are for it, none of which is open, the one that opens first. */
static struct line *line_await(struct operator_worker *worker, const struct transfer *transfer)
{
    struct line *first = NULL;
    const struct channel *channel;
    int64_t first_us = INT64_MAX, now_us = clock_monotonic_us();
    for (size_t i = 0; (channel = routing_at(worker->routing, i)) != NULL; i++) {
        struct line *line = line_of(worker, channel);
        if (!routing_fits(channel, transfer))
            continue;
        int64_t wait_us = health_wait_us(&line->health, HEALTH_SUBMITS, now_us);
        if (wait_us < first_us) {
            first = line;
            first_us = wait_us;
        }
    }
    return first;
}

/* The line that a due transfer takes: its own from its first byte on, else one that is open, or,
 * when none is, one that it waits for. NULL: there is none for it. */
static struct line *line_choose(struct operator_worker *worker, const struct transfer *transfer)
{
    if (transfer->channel != 0)
        return line_of(worker, routing_channel(worker->routing, transfer->channel));
    const struct channel *chosen = routing_choose(worker->routing, transfer, takes_submits, worker);
    return chosen != NULL ? line_of(worker, chosen) : line_await(worker, transfer);
}

/* --- Putting off --- */

/* Not now, and without a claim: it stays as it is, for so long. */
static void transfer_put_off(struct operator_worker *worker, const struct transfer *transfer,
                             enum transfer_reason reason, int64_t wait_ms)
{
    struct attempt_held *held = attempts_hold(worker->attempts, transfer);
    bool submit = transfer->step == STEP_SUBMIT;
    held->number = transfer->attempts;
    held->put_off = true;
    held->answer = (struct verdict_answer){.verdict = submit ? VERDICT_NOT_SENT : VERDICT_PENDING,
                                           .reason = submit ? reason : transfer->reason,
                                           .ask_after_ms = wait_ms > 0 ? wait_ms : 1};
    worker->put_off++;
    worker_count(&worker->figures.not_sent, 1);
    outcomes_add(worker, held);
}

/* Never silently: somebody has taken away, or never made, the channel that it needs. */
static void transfer_homeless(struct operator_worker *worker, const struct transfer *transfer,
                              int64_t now_us)
{
    char id[TRANSFER_ID_TEXT_BYTES];
    worker_count(&worker->figures.homeless, 1);
    transfer_put_off(worker, transfer, TRANSFER_REASON_OPERATOR_DOWN, HOMELESS_MS);
    if (worker->homeless_us != 0 && now_us - worker->homeless_us < HOMELESS_LOGGED_US)
        return;
    worker->homeless_us = now_us;
    transfer_id_text(transfer->id, id);
    log_event(LOG_LEVEL_ERROR, "transfers wait for a channel that there is not",
              LOG_TEXT("one", id), LOG_NUMBER("operator", transfer->operator_number),
              LOG_NUMBER("channel", transfer->channel));
}

/* Its operator can't be asked: a callback, a reconciliation or a person has to say what became of
 * it. True when that is so. */
static bool transfer_unasked(struct operator_worker *worker, const struct line *line,
                             const struct transfer *transfer, int64_t now_us)
{
    char id[TRANSFER_ID_TEXT_BYTES];
    if (transfer->step != STEP_ASK || (line->channel->connector->abilities & OPERATOR_ASKED) != 0)
        return false;
    worker_count(&worker->figures.unasked, 1);
    transfer_put_off(worker, transfer, transfer->reason, ANSWER_UNASKED_MS);
    if (worker->unasked_us != 0 && now_us - worker->unasked_us < HOMELESS_LOGGED_US)
        return true;
    worker->unasked_us = now_us;
    transfer_id_text(transfer->id, id);
    log_event(LOG_LEVEL_ERROR, "transfers of an operator that can't be asked wait for a person",
              LOG_TEXT("one", id), LOG_TEXT("channel", line->channel->name));
    return true;
}

/* Its turn is when it was put off, and is due again: when it has just come, both are one moment; or
 * when it was left due by the look before, which are the first that are seen. */
static bool transfer_turn(struct line *line, const struct transfer *transfer)
{
    if (transfer->due_at_ms > transfer->changed_at_ms)
        return true;
    if (line->left_before == 0)
        return false;
    line->left_before--;
    return true;
}

/* True when it may be claimed now; else it was put off, or left due because it can go soon. */
static bool line_admits(struct operator_worker *worker, struct line *line,
                        const struct transfer *transfer, int64_t now_us)
{
    enum health_kind kind = step_kind(transfer->step);
    bool turn = transfer_turn(line, transfer);
    enum health_door door = health_door(&line->health, kind, now_us);
    bool queue = !turn && health_queue(&line->health, kind, now_us);
    bool token = door == HEALTH_CLOSED || caller_token(worker->caller, line);
    if (door == HEALTH_OPEN && !queue && token)
        return true;
    int64_t wait_us = health_put_off_us(&line->health, kind, now_us, turn, &line->hurry_us);
    if (wait_us == 0) {
        worker->left++;
        line->left++;
        /* A token that comes is a call that ends, which is heard of. */
        wait_us = token ? health_wait_us(&line->health, kind, now_us) : TOKEN_MS * US_PER_MS;
        if (wait_us < WORKER_LEFT_MS * US_PER_MS)
            wait_us = WORKER_LEFT_MS * US_PER_MS;
        if (now_us + wait_us < worker->look_at_us)
            worker->look_at_us = now_us + wait_us;
        return false;
    }
    line_figure_add(&line->figures.put_off, 1);
    transfer_put_off(worker, transfer,
                     door == HEALTH_CLOSED ? TRANSFER_REASON_OPERATOR_DOWN : TRANSFER_REASON_NONE,
                     wait_us / US_PER_MS + 1);
    return false;
}

/* --- Claims --- */

static void claim_add(struct operator_worker *worker, struct work *work, struct line *line,
                      struct transfer *transfer)
{
    struct attempt_held *held = attempts_hold(worker->attempts, transfer);
    held->line = line;
    work->held[work->count] = held;
    work->transfers[work->count] = transfer;
    work->claims[work->count++] = (struct claim_item){.transfer = transfer->id,
                                                      .merchant = transfer->merchant,
                                                      .due_at_ms = transfer->due_at_ms,
                                                      .channel = line->channel->number};
}

/* A channel without a network: it says itself how long a new one has to wait. */
static void direct_take(struct operator_worker *worker, struct work *work, struct line *line,
                        struct transfer *transfer, int64_t now_ms)
{
    int64_t wait_ms = 0;
    if (transfer->state == TRANSFER_NEW)
        wait_ms = line->channel->connector->wait_ms(transfer, now_ms);
    if (wait_ms > 0)
        transfer_put_off(worker, transfer, TRANSFER_REASON_OPERATOR_DOWN, wait_ms);
    else
        claim_add(worker, work, line, transfer);
}

/* Takes one due transfer in hand: for the claim; or, when it can't leave now, to be put off without
 * one, so that it stays as it is. False: it was left where it is. */
static bool transfer_take(struct operator_worker *worker, struct work *work,
                          struct transfer *transfer, int64_t now_ms)
{
    struct line *line = line_choose(worker, transfer);
    if (line != NULL && line->direct && !line->health.off &&
        (line->channel->connector->abilities & OPERATOR_ASKED) != 0) {
        direct_take(worker, work, line, transfer, now_ms);
        return true;
    }
    int64_t now_us = clock_monotonic_us();
    size_t left = worker->left;
    if (line == NULL) {
        transfer_homeless(worker, transfer, now_us);
    } else if (transfer_unasked(worker, line, transfer, now_us)) {
        return true;
    } else if (line_admits(worker, line, transfer, now_us)) {
        claim_add(worker, work, line, transfer);
        struct attempt_held *held = work->held[work->count - 1];
        if (!line->direct)
            health_reserve(&line->health, step_kind(transfer->step), now_us, &held->place,
                           &held->probe);
    }
    return worker->left == left;
}

/* Only its own shares of the work, and of what channels bear: as they are now. What it has claimed
 * stays its own, whoever gets the shard. */
static void shares_look(struct operator_worker *worker)
{
    uint32_t held = shares_use(worker->options.shares, DUTY_OPERATORS, 0);
    store_reader_keep(worker->reader, held);
    for (size_t i = 0; i < worker->options.channel_count; i++)
        health_share(&worker->lines[i].health, __builtin_popcount(held));
}

static void look_begin(struct operator_worker *worker)
{
    worker->left = 0;
    worker->looked_us = clock_monotonic_us();
    worker->look_at_us = INT64_MAX;
    for (size_t i = 0; i < worker->options.channel_count; i++) {
        struct line *line = &worker->lines[i];
        line->hurry_us = 0;
        line->left_before = line->left;
        line->left = 0;
        if (worker->options.off != NULL)
            line->health.off = worker->options.off(worker->options.off_context, line->channel);
    }
}

/* Reads what is due into a claim. Sets look when there is more than it took. */
static enum fault_kind claim_fill(struct operator_worker *worker, struct work *work,
                                  struct fault *fault)
{
    struct transfer *transfers = NULL;
    struct next_due next = {0};
    int64_t now_ms = clock_now_ms();
    size_t left_before = worker->left, taken = 0, found = 0;
    size_t limit = WORK_ITEMS_MAX + worker->claiming + worker->put_off + left_before;
    shares_look(worker);
    enum fault_kind kind = store_read_due_transfers(worker->reader, work->arena, now_ms, limit,
                                                    &transfers, &found, fault);
    if (kind != FAULT_NONE)
        return fault_wrap(fault, "read what is due");
    worker->look = found == limit;
    look_begin(worker);
    for (size_t i = 0; i < found; i++) {
        if (attempts_find(worker->attempts, transfers[i].id) != NULL)
            continue;
        if (work->count == WORK_ITEMS_MAX || worker->put_off >= PUT_OFF_MAX ||
            attempts_room(worker->attempts) == 0) {
            worker->look = true;
            break;
        }
        taken += transfer_take(worker, work, &transfers[i], now_ms);
    }
    for (size_t i = 0; i < worker->options.channel_count; i++)
        health_group_end(&worker->lines[i].health);
    if (worker->look && (taken > 0 || worker->left > left_before))
        return FAULT_NONE;
    worker->look = false; /* All of it is in hand, or left: what ends wakes the worker. */
    kind = store_read_next_due(worker->reader, now_ms, &next, fault);
    if (kind != FAULT_NONE)
        return fault_wrap(fault, "read what is due next");
    worker->look_at_ms = next.transfer_at_ms == 0 ? INT64_MAX : next.transfer_at_ms;
    return FAULT_NONE;
}

void claims_send(struct operator_worker *worker)
{
    while (worker->look && works_claimable(worker->works) && attempts_room(worker->attempts) > 0) {
        struct work *work = works_take(worker->works, COMMAND_TRANSFER_CLAIM);
        struct fault fault = {0};
        work->arena = arena_open(PAGE_ARENA_BYTES);
        if (claim_fill(worker, work, &fault) != FAULT_NONE) {
            log_event(LOG_LEVEL_ERROR, "operators can't read", LOG_TEXT("why", fault.text));
            worker_count(&worker->figures.faults, 1);
            worker->look = false;
            worker_look_soon(worker);
        }
        if (work->count == 0) {
            works_free(worker->works, work);
            continue;
        }
        worker->claiming += work->count;
        work->job.command.transfer_claim = (struct transfer_claim){
            .items = work->claims, .count = work->count, .lease_ms = worker->options.lease_ms};
        works_submit(worker->works, work);
    }
}

/* --- It is ours: now it may leave --- */

void claims_reserve_end(struct attempt_held *held, enum transfer_step step, bool claimed)
{
    struct line *line = held->line;
    if (held->place)
        health_unreserve(&line->health);
    held->place = false;
    if (held->probe && !claimed)
        line_tell(line, step_kind(step), HEALTH_NEITHER, true);
}

static void direct_make(struct operator_worker *worker, struct attempt_held *held,
                        const struct transfer *transfer)
{
    const struct operator_connector *connector = held->line->channel->connector;
    struct attempt attempt = {.transfer = transfer,
                              .number = held->number,
                              .now_ms = clock_now_ms(),
                              .receiver_name = ""};
    int64_t wait_ms =
        transfer->step == STEP_SUBMIT ? connector->wait_ms(transfer, attempt.now_ms) : 0;
    transfer_id_text(transfer->id, attempt.reference);
    if (wait_ms > 0) {
        held->answer = (struct verdict_answer){.verdict = VERDICT_NOT_SENT,
                                               .reason = TRANSFER_REASON_OPERATOR_DOWN,
                                               .ask_after_ms = wait_ms};
    } else if (transfer->step == STEP_SUBMIT) {
        worker_count(&worker->figures.submits, 1);
        connector->submit(&attempt, &held->answer);
    } else {
        worker_count(&worker->figures.asks, 1);
        connector->ask(&attempt, &held->answer);
    }
    answer_settle(&held->answer, connector, transfer->step, worker->options.lease_ms);
    if (held->answer.answer_after_ms > 0)
        attempts_wait(worker->attempts, held, attempt.now_ms + held->answer.answer_after_ms);
    else
        outcomes_add(worker, held);
}

/* The name that the merchant's contact has; false: it can't be read now. */
static bool name_read(struct operator_worker *worker, struct arena *arena,
                      const struct transfer *transfer, char name[OPERATOR_NAME_BYTES])
{
    struct contact *contact = NULL;
    struct fault fault = {0};
    name[0] = '\0';
    if (transfer->step != STEP_SUBMIT)
        return true;
    if (store_read_contact(worker->reader, arena, transfer->merchant, transfer->msisdn, &contact,
                           &fault) != FAULT_NONE) {
        log_event(LOG_LEVEL_ERROR, "operators can't read", LOG_TEXT("why", fault.text));
        worker_count(&worker->figures.faults, 1);
        return false;
    }
    if (contact != NULL)
        (void)snprintf(name, OPERATOR_NAME_BYTES, "%s%s%s", contact->name,
                       contact->name[0] != '\0' && contact->surname[0] != '\0' ? " " : "",
                       contact->surname);
    return true;
}

/* Given back before anything left. */
static void attempt_give_back(struct operator_worker *worker, struct attempt_held *held,
                              const struct transfer *transfer)
{
    bool submit = transfer->step == STEP_SUBMIT;
    held->answer =
        (struct verdict_answer){.verdict = submit ? VERDICT_NOT_SENT : VERDICT_PENDING,
                                .reason = transfer->reason,
                                .ask_after_ms = worker->stop_by_us != 0 ? 1 : WORKS_AGAIN_MS};
    answer_settle(&held->answer, held->line->channel->connector, transfer->step,
                  worker->options.lease_ms);
    if (submit) /* It was not its operator that kept it waiting. */
        held->answer.reason = TRANSFER_REASON_NONE;
    if (held->probe)
        line_tell(held->line, step_kind(transfer->step), HEALTH_NEITHER, true);
    outcomes_add(worker, held);
}

/* until_us: it must have ended by then. */
static void attempt_make(struct operator_worker *worker, struct work *work,
                         struct attempt_held *held, const struct transfer *transfer,
                         int64_t until_us)
{
    char name[OPERATOR_NAME_BYTES];
    bool submit = transfer->step == STEP_SUBMIT;
    if (worker->stop_by_us != 0) {
        attempt_give_back(worker, held, transfer);
    } else if (held->line->direct) {
        direct_make(worker, held, transfer);
    } else if (!name_read(worker, work->arena, transfer, name)) {
        attempt_give_back(worker, held, transfer);
    } else {
        worker_count(submit ? &worker->figures.submits : &worker->figures.asks, 1);
        caller_give(worker->caller, &(struct caller_order){.line = held->line,
                                                           .held = held,
                                                           .transfer = transfer,
                                                           .task = submit ? OPERATOR_TASK_SUBMIT
                                                                          : OPERATOR_TASK_ASK,
                                                           .receiver_name = name,
                                                           .until_us = until_us,
                                                           .probe = held->probe});
    }
}

/* The transfer as the claim has made it. */
static void transfer_claimed(struct transfer *transfer, const struct claim_item *item,
                             const struct command *command)
{
    if (transfer->state == TRANSFER_NEW) {
        transfer->state = TRANSFER_REC;
        transfer->reason = TRANSFER_REASON_NONE;
        transfer->submitted_at_ms = transfer->changed_at_ms = command->at_ms;
    }
    transfer->step = item->step;
    if (transfer->channel == 0)
        transfer->channel_attempt = item->attempt;
    transfer->channel = item->channel;
    transfer->attempts = item->attempt;
    transfer->due_at_ms = command->at_ms + command->transfer_claim.lease_ms;
}

int64_t claims_until_us(int64_t at_ms, int64_t lease_ms)
{
    int64_t gone_ms = clock_now_ms() - at_ms;
    if (gone_ms < 0 || gone_ms > lease_ms)
        gone_ms = gone_ms < 0 ? 0 : lease_ms;
    return clock_monotonic_us() + (lease_ms / 4 * 3 - gone_ms) * US_PER_MS;
}

void claims_ended(struct operator_worker *worker, struct work *work)
{
    const struct command *command = &work->job.command;
    bool known = work->job.fault == FAULT_NONE; /* Else nothing may leave. */
    int64_t until_us = claims_until_us(command->at_ms, command->transfer_claim.lease_ms);
    worker->claiming -= work->count;
    if (!known)
        worker_look_soon(worker);
    for (size_t i = 0; i < work->count; i++) {
        struct claim_item *item = &work->claims[i];
        struct attempt_held *held = work->held[i];
        bool claimed = known && item->claimed;
        claims_reserve_end(held, work->transfers[i]->step, claimed);
        if (!claimed) {
            attempts_release(worker->attempts, held);
            continue;
        }
        worker_count(&worker->figures.claimed, 1);
        transfer_claimed(work->transfers[i], item, command);
        held->number = item->attempt;
        attempt_make(worker, work, held, work->transfers[i], until_us);
    }
    works_free(worker->works, work);
}

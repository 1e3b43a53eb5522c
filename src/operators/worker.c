#include "operators/worker.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "operators/answer.h"
#include "operators/attempts.h"

enum {
    LEASE_MS_DEFAULT = 60000,
    UNDER_WAY_MAX_DEFAULT = 20000,
    ITEMS_MAX = 2000,     /* Of one command. More would make all others wait longer for their turn
                             in the lane than the commit that it saves. */
    WORKS_OF_A_KIND = 2,  /* One is made while the other is committed. */
    LANE_FULL_MS = 10,    /* Before the lane is asked again. */
    FAULT_WAIT_MS = 1000, /* Before the store is asked again. */
    SLEEP_MS_MAX = 60000,
    STOP_US_MAX = 10000000, /* Then what was answered is asked about after the next start. */
};
#define PAGE_ARENA_BYTES ((size_t)256 << 20)

/* A command of the worker's: its memory serves one after the other. */
struct work {
    struct lane_job job;
    struct operator_worker *worker;
    struct work *next; /* Free, ended or refused. */
    size_t count;
    struct attempt_held *held[ITEMS_MAX];  /* Of each item. */
    struct transfer *transfers[ITEMS_MAX]; /* Of each claim, in arena. */
    struct arena *arena;
    union {
        struct claim_item claims[ITEMS_MAX];
        struct outcome_item outcomes[ITEMS_MAX];
    };
};

struct figures {
    atomic_uint_fast64_t claimed, lost, submits, asks, not_sent, under_way, refused_full, faults;
    atomic_uint_fast64_t verdicts[VERDICT_NOT_SENT + 1];
};

struct operator_worker {
    struct operator_worker_options options;
    struct figures figures;
    pthread_t thread;
    bool joined;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    /* Under the mutex: */
    bool woken, stopping;
    struct work *ended; /* By the lane; the last first. */
    /* The thread's own: */
    struct store_reader *reader;
    struct attempts *attempts;
    struct work *works;
    struct work *free_claims, *free_outcomes;
    struct work *refused, *refused_last; /* By a full lane, or to be tried again. */
    int64_t refused_until_us;
    struct attempt_held *answered, *answered_last; /* To be written down, in order. */
    size_t in_lane;                                /* Works that are not free. */
    size_t claiming;                               /* Items of claims in the lane. */
    bool look;                                     /* Something may be due. */
    int64_t look_at_ms;                            /* When something will be. */
    int64_t stop_by_us;                            /* 0: it is not stopping. */
};

static void count(atomic_uint_fast64_t *figure, uint64_t more)
{
    atomic_fetch_add_explicit(figure, more, memory_order_relaxed);
}

/* After a fault: not at once, or a store that is down would keep a processor busy. */
static void look_soon(struct operator_worker *worker)
{
    int64_t at_ms = clock_now_ms() + FAULT_WAIT_MS;
    if (at_ms < worker->look_at_ms)
        worker->look_at_ms = at_ms;
}

/* --- To the lane and back --- */

/* On the lane's thread. */
static void work_done(struct lane_job *job)
{
    struct work *work = job->context;
    struct operator_worker *worker = work->worker;
    invariant(pthread_mutex_lock(&worker->mutex) == 0);
    work->next = worker->ended;
    worker->ended = work;
    invariant(pthread_cond_signal(&worker->changed) == 0);
    invariant(pthread_mutex_unlock(&worker->mutex) == 0);
}

static void work_refused(struct operator_worker *worker, struct work *work, int64_t wait_ms)
{
    work->next = NULL;
    if (worker->refused == NULL)
        worker->refused = work;
    else
        worker->refused_last->next = work;
    worker->refused_last = work;
    worker->refused_until_us = clock_monotonic_us() + wait_ms * 1000;
}

static void work_submit(struct operator_worker *worker, struct work *work)
{
    if (worker->refused == NULL && lane_submit(worker->options.lane, &work->job))
        return;
    count(&worker->figures.refused_full, 1);
    work_refused(worker, work, LANE_FULL_MS);
}

static struct work *work_take(struct operator_worker *worker, struct work **free,
                              enum command_kind kind)
{
    struct work *work = *free;
    *free = work->next;
    work->count = 0;
    work->job = (struct lane_job){.command.kind = kind, .done = work_done, .context = work};
    worker->in_lane++;
    return work;
}

static void work_free(struct operator_worker *worker, struct work *work)
{
    struct work **list = work->job.command.kind == COMMAND_TRANSFER_CLAIM ? &worker->free_claims
                                                                          : &worker->free_outcomes;
    arena_close(work->arena);
    work->arena = NULL;
    work->next = *list;
    *list = work;
    worker->in_lane--;
}

/* --- What operators say --- */

static void held_answered(struct operator_worker *worker, struct attempt_held *held)
{
    held->next = NULL;
    if (worker->answered == NULL)
        worker->answered = held;
    else
        worker->answered_last->next = held;
    worker->answered_last = held;
}

/* The transfer is ours, durably: now it may leave. */
static void attempt_make(struct operator_worker *worker, struct attempt_held *held,
                         const struct transfer *transfer, enum transfer_step step)
{
    const struct operator_connector *connector = worker->options.connector;
    struct attempt attempt = {
        .transfer = transfer, .number = held->number, .now_ms = clock_now_ms()};
    int64_t wait_ms = step == STEP_SUBMIT ? connector->wait_ms(transfer, attempt.now_ms) : 0;
    transfer_id_text(transfer->id, attempt.reference);
    if (worker->stop_by_us != 0) {
        /* Nothing leaves any more; as it did not, the next start may go on at once. */
        held->answer.verdict = step == STEP_SUBMIT ? VERDICT_NEVER_SEEN : VERDICT_PENDING;
        held->answer.reason = transfer->reason;
        held->answer.ask_after_ms = 1;
    } else if (wait_ms > 0) {
        held->answer.verdict = VERDICT_NEVER_SEEN;
        held->answer.reason = TRANSFER_REASON_OPERATOR_DOWN;
        held->answer.ask_after_ms = wait_ms;
    } else if (step == STEP_SUBMIT) {
        count(&worker->figures.submits, 1);
        connector->submit(&attempt, &held->answer);
        answer_settle(&held->answer, connector, step, worker->options.lease_ms);
    } else {
        count(&worker->figures.asks, 1);
        connector->ask(&attempt, &held->answer);
        answer_settle(&held->answer, connector, step, worker->options.lease_ms);
    }
    if (held->answer.answer_after_ms > 0)
        attempts_wait(worker->attempts, held, attempt.now_ms + held->answer.answer_after_ms);
    else
        held_answered(worker, held);
}

/* --- Outcomes --- */

static void outcome_add(struct operator_worker *worker, struct work *work,
                        struct attempt_held *held, enum verdict verdict, int64_t now_ms)
{
    work->held[work->count] = held;
    work->outcomes[work->count++] =
        (struct outcome_item){.transfer = held->transfer,
                              .attempt = held->number,
                              .verdict = verdict,
                              .reason = held->answer.reason,
                              .operator_reference = held->answer.operator_reference,
                              .next_at_ms = now_ms + answer_again_ms(&held->answer, held->number)};
    held->open++;
    count(&worker->figures.verdicts[verdict], 1);
}

/* Writes down what was answered, as many as there is room for. */
static void outcomes_send(struct operator_worker *worker)
{
    int64_t now_ms = clock_now_ms();
    while (worker->answered != NULL && worker->free_outcomes != NULL) {
        struct work *work = work_take(worker, &worker->free_outcomes, COMMAND_TRANSFER_OUTCOME);
        while (worker->answered != NULL && work->count + ANSWER_TIMES_MAX + 1 <= ITEMS_MAX) {
            struct attempt_held *held = worker->answered;
            worker->answered = held->next;
            outcome_add(worker, work, held, held->answer.verdict, now_ms);
            for (int i = 1; i < held->answer.answers; i++)
                outcome_add(worker, work, held, held->answer.verdict, now_ms);
            if (held->answer.afterwards != 0)
                outcome_add(worker, work, held, held->answer.afterwards, now_ms);
        }
        work->job.command.transfer_outcome =
            (struct transfer_outcome){.items = work->outcomes, .count = work->count};
        work_submit(worker, work);
    }
}

static void outcomes_ended(struct operator_worker *worker, struct work *work)
{
    if (work->job.fault == FAULT_AGAIN && worker->stop_by_us == 0) {
        work_refused(worker, work, FAULT_WAIT_MS); /* Nothing happened: the same once more. */
        return;
    }
    if (work->job.fault != FAULT_NONE) {
        /* Not known to be written: each is asked about when its lease is over. */
        count(&worker->figures.lost, work->count);
        look_soon(worker);
    }
    for (size_t i = 0; i < work->count; i++)
        if (--work->held[i]->open == 0)
            attempts_release(worker->attempts, work->held[i]);
    work_free(worker, work);
}

/* --- Claims --- */

static void claims_ended(struct operator_worker *worker, struct work *work)
{
    const struct command *command = &work->job.command;
    bool known = work->job.fault == FAULT_NONE; /* Else nothing may leave. */
    worker->claiming -= work->count;
    if (!known)
        look_soon(worker);
    for (size_t i = 0; i < work->count; i++) {
        struct claim_item *item = &work->claims[i];
        struct transfer *transfer = work->transfers[i];
        if (!known || !item->claimed) {
            attempts_release(worker->attempts, work->held[i]);
            continue;
        }
        count(&worker->figures.claimed, 1);
        if (transfer->state == TRANSFER_NEW) {
            transfer->state = TRANSFER_REC;
            transfer->reason = TRANSFER_REASON_NONE;
            transfer->submitted_at_ms = transfer->changed_at_ms = command->at_ms;
        }
        transfer->step = item->step;
        transfer->attempts = work->held[i]->number = item->attempt;
        transfer->channel = item->channel;
        transfer->due_at_ms = command->at_ms + command->transfer_claim.lease_ms;
        attempt_make(worker, work->held[i], transfer, item->step);
    }
    work_free(worker, work);
}

/* Takes one due transfer in hand: for the claim, or, when its operator is down and it never went
 * out, to be put off without one, so that it stays NEW. */
static void claim_add(struct operator_worker *worker, struct work *work, struct transfer *transfer,
                      int64_t now_ms)
{
    struct attempt_held *held = attempts_hold(worker->attempts, transfer->id);
    int64_t wait_ms =
        transfer->state == TRANSFER_NEW ? worker->options.connector->wait_ms(transfer, now_ms) : 0;
    if (wait_ms > 0) {
        held->answer = (struct verdict_answer){.verdict = VERDICT_NOT_SENT,
                                               .reason = TRANSFER_REASON_OPERATOR_DOWN,
                                               .ask_after_ms = wait_ms};
        count(&worker->figures.not_sent, 1);
        held_answered(worker, held);
        return;
    }
    work->held[work->count] = held;
    work->transfers[work->count] = transfer;
    work->claims[work->count++] = (struct claim_item){
        .transfer = transfer->id, .due_at_ms = transfer->due_at_ms, .channel = CHANNEL_SANDBOX};
}

/* Reads what is due into a claim. Sets look when there is more than it took. */
static enum fault_kind claim_fill(struct operator_worker *worker, struct work *work,
                                  struct fault *fault)
{
    struct transfer *transfers = NULL;
    struct next_due next = {0};
    int64_t now_ms = clock_now_ms();
    size_t found = 0, limit = ITEMS_MAX + worker->claiming, taken = 0;
    enum fault_kind kind = store_read_due_transfers(worker->reader, work->arena, now_ms, limit,
                                                    &transfers, &found, fault);
    if (kind != FAULT_NONE)
        return fault_wrap(fault, "read what is due");
    worker->look = found == limit;
    for (size_t i = 0; i < found; i++) {
        if (attempts_find(worker->attempts, transfers[i].id) != NULL)
            continue;
        if (work->count == ITEMS_MAX || attempts_room(worker->attempts) == 0) {
            worker->look = true;
            break;
        }
        claim_add(worker, work, &transfers[i], now_ms);
        taken++;
    }
    if (worker->look && taken > 0)
        return FAULT_NONE;
    worker->look = false; /* All of it is in hand: what ends wakes the worker. */
    kind = store_read_next_due(worker->reader, now_ms, &next, fault);
    if (kind != FAULT_NONE)
        return fault_wrap(fault, "read what is due next");
    worker->look_at_ms = next.transfer_at_ms == 0 ? INT64_MAX : next.transfer_at_ms;
    return FAULT_NONE;
}

static void claims_send(struct operator_worker *worker)
{
    while (worker->look && worker->free_claims != NULL && worker->refused == NULL &&
           attempts_room(worker->attempts) > 0) {
        struct work *work = work_take(worker, &worker->free_claims, COMMAND_TRANSFER_CLAIM);
        struct fault fault = {0};
        work->arena = arena_open(PAGE_ARENA_BYTES);
        if (claim_fill(worker, work, &fault) != FAULT_NONE) {
            log_event(LOG_LEVEL_ERROR, "operators can't read", LOG_TEXT("why", fault.text));
            count(&worker->figures.faults, 1);
            worker->look = false;
            look_soon(worker);
        }
        if (work->count == 0) {
            work_free(worker, work);
            continue;
        }
        worker->claiming += work->count;
        work->job.command.transfer_claim = (struct transfer_claim){
            .items = work->claims, .count = work->count, .lease_ms = worker->options.lease_ms};
        work_submit(worker, work);
    }
}

/* --- The thread --- */

static void work_ended(struct operator_worker *worker, struct work *work)
{
    if (work->job.command.kind == COMMAND_TRANSFER_CLAIM)
        claims_ended(worker, work);
    else
        outcomes_ended(worker, work);
}

/* Tries again what the lane had no place for. A stopping worker claims nothing more, and does not
 * try for ever: what it knows is asked for again after the next start. */
static void refused_submit(struct operator_worker *worker)
{
    int64_t now_us = clock_monotonic_us();
    bool stopping = worker->stop_by_us != 0;
    while (worker->refused != NULL && (stopping || now_us >= worker->refused_until_us)) {
        struct work *work = worker->refused;
        struct work *next = work->next; /* The work may be done before lane_submit returns. */
        bool dropped = stopping && (work->job.command.kind == COMMAND_TRANSFER_CLAIM ||
                                    now_us >= worker->stop_by_us);
        if (!dropped && now_us < worker->refused_until_us)
            return;
        worker->refused = next;
        if (dropped) {
            work->job.fault = FAULT_AGAIN;
            work_ended(worker, work);
        } else if (!lane_submit(worker->options.lane, &work->job)) {
            worker->refused = work;
            worker->refused_until_us = now_us + INT64_C(1000) * LANE_FULL_MS;
            return;
        }
    }
}

/* How long it may sleep, from what it waits for. */
static int64_t worker_sleep_us(const struct operator_worker *worker)
{
    int64_t at_ms = attempts_next_ms(worker->attempts);
    int64_t sleep_us = INT64_C(1000) * SLEEP_MS_MAX, now_us = clock_monotonic_us();
    if (worker->stop_by_us == 0 && worker->look_at_ms < at_ms)
        at_ms = worker->look_at_ms;
    int64_t now_ms = clock_now_ms();
    if (at_ms <= now_ms)
        return 0;
    if (at_ms - now_ms < SLEEP_MS_MAX)
        sleep_us = (at_ms - now_ms) * 1000;
    if (worker->refused != NULL && worker->refused_until_us - now_us < sleep_us)
        sleep_us = worker->refused_until_us - now_us;
    if (worker->stop_by_us != 0 && worker->stop_by_us - now_us < sleep_us)
        sleep_us = worker->stop_by_us - now_us;
    return sleep_us < 0 ? 0 : sleep_us;
}

/* Sleeps until there is something to do. Returns what the lane has ended, and takes the news of a
 * wake or a stop over. */
static struct work *worker_wait(struct operator_worker *worker)
{
    int64_t until_us = clock_monotonic_us() + worker_sleep_us(worker);
    struct timespec until = {.tv_sec = until_us / 1000000, .tv_nsec = until_us % 1000000 * 1000};
    invariant(pthread_mutex_lock(&worker->mutex) == 0);
    while (worker->ended == NULL && !worker->woken &&
           worker->stopping == (worker->stop_by_us != 0)) {
        int waited = pthread_cond_timedwait(&worker->changed, &worker->mutex, &until);
        invariant(waited == 0 || waited == ETIMEDOUT);
        if (waited == ETIMEDOUT)
            break;
    }
    struct work *ended = worker->ended;
    worker->ended = NULL;
    worker->look = worker->look || worker->woken;
    worker->woken = false;
    if (worker->stopping && worker->stop_by_us == 0)
        worker->stop_by_us = clock_monotonic_us() + STOP_US_MAX;
    invariant(pthread_mutex_unlock(&worker->mutex) == 0);
    return ended;
}

/* True while it has to go on: a stopping worker waits until what it knows is written down. */
static bool worker_turn(struct operator_worker *worker)
{
    for (struct work *work = worker_wait(worker), *next; work != NULL; work = next) {
        next = work->next;
        work_ended(worker, work);
    }
    int64_t now_ms = clock_now_ms();
    for (struct attempt_held *held; (held = attempts_answered(worker->attempts, now_ms)) != NULL;)
        held_answered(worker, held);
    if (now_ms >= worker->look_at_ms) {
        worker->look = true;
        worker->look_at_ms = INT64_MAX;
    }
    refused_submit(worker);
    if (worker->stop_by_us == 0)
        claims_send(worker);
    outcomes_send(worker);
    atomic_store_explicit(&worker->figures.under_way, attempts_count(worker->attempts),
                          memory_order_relaxed);
    if (worker->stop_by_us != 0 && clock_monotonic_us() >= worker->stop_by_us)
        worker->answered = NULL;
    return worker->stop_by_us == 0 || worker->in_lane > 0 || worker->answered != NULL;
}

static void *worker_run(void *argument)
{
    struct operator_worker *worker = argument;
    while (worker_turn(worker))
        continue;
    return NULL;
}

enum fault_kind operator_worker_open(const struct operator_worker_options *options,
                                     struct operator_worker **worker, struct fault *fault)
{
    struct operator_worker *opened = calloc(1, sizeof *opened);
    invariant(opened != NULL);
    opened->options = *options;
    if (opened->options.lease_ms == 0)
        opened->options.lease_ms = LEASE_MS_DEFAULT;
    if (opened->options.under_way_max == 0)
        opened->options.under_way_max = UNDER_WAY_MAX_DEFAULT;
    if (store_reader_open(options->store, &opened->reader, fault) != FAULT_NONE) {
        free(opened);
        return fault_wrap(fault, "start the operators' worker");
    }
    opened->attempts = attempts_open(opened->options.under_way_max);
    opened->works = calloc((size_t)2 * WORKS_OF_A_KIND, sizeof *opened->works);
    invariant(opened->works != NULL);
    for (int i = 0; i < 2 * WORKS_OF_A_KIND; i++) {
        struct work **list = i < WORKS_OF_A_KIND ? &opened->free_claims : &opened->free_outcomes;
        opened->works[i].worker = opened;
        opened->works[i].next = *list;
        *list = &opened->works[i];
    }
    opened->woken = true; /* What was left from before is looked for at once. */
    opened->look_at_ms = INT64_MAX;
    pthread_condattr_t monotonic;
    invariant(pthread_condattr_init(&monotonic) == 0);
    invariant(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
    invariant(pthread_cond_init(&opened->changed, &monotonic) == 0);
    invariant(pthread_condattr_destroy(&monotonic) == 0);
    invariant(pthread_mutex_init(&opened->mutex, NULL) == 0);
    invariant(pthread_create(&opened->thread, NULL, worker_run, opened) == 0);
    (void)pthread_setname_np(opened->thread, "operators");
    *worker = opened;
    return FAULT_NONE;
}

void operator_worker_wake(void *context)
{
    struct operator_worker *worker = context;
    invariant(pthread_mutex_lock(&worker->mutex) == 0);
    worker->woken = true;
    invariant(pthread_cond_signal(&worker->changed) == 0);
    invariant(pthread_mutex_unlock(&worker->mutex) == 0);
}

void operator_worker_stop(struct operator_worker *worker)
{
    if (worker->joined)
        return;
    invariant(pthread_mutex_lock(&worker->mutex) == 0);
    worker->stopping = true;
    invariant(pthread_cond_signal(&worker->changed) == 0);
    invariant(pthread_mutex_unlock(&worker->mutex) == 0);
    invariant(pthread_join(worker->thread, NULL) == 0);
    worker->joined = true;
}

void operator_worker_close(struct operator_worker *worker)
{
    if (worker == NULL)
        return;
    operator_worker_stop(worker);
    store_reader_close(worker->reader);
    attempts_close(worker->attempts);
    invariant(pthread_cond_destroy(&worker->changed) == 0);
    invariant(pthread_mutex_destroy(&worker->mutex) == 0);
    free(worker->works);
    free(worker);
}

static void metric_write(struct buffer *text, const char *name, const char *type, const char *help,
                         const atomic_uint_fast64_t *figure)
{
    buffer_format(text, "# HELP payoutd_operators_%s %s\n# TYPE payoutd_operators_%s %s\n", name,
                  help, name, type);
    buffer_format(text, "payoutd_operators_%s %" PRIuFAST64 "\n", name, atomic_load(figure));
}

void operator_worker_metrics(const struct operator_worker *worker, struct buffer *text)
{
    const struct figures *figures = &worker->figures;
    metric_write(text, "claimed_total", "counter", "Transfers taken.", &figures->claimed);
    metric_write(text, "submits_total", "counter", "Transfers given to operators.",
                 &figures->submits);
    metric_write(text, "asks_total", "counter", "Questions what became of a transfer.",
                 &figures->asks);
    metric_write(text, "put_off_total", "counter", "Transfers that wait for a down operator.",
                 &figures->not_sent);
    metric_write(text, "lost_total", "counter", "Answers that could not be written down.",
                 &figures->lost);
    metric_write(text, "refused_full_total", "counter", "Commands that found the lane full.",
                 &figures->refused_full);
    metric_write(text, "faults_total", "counter", "Reads of the store that failed.",
                 &figures->faults);
    metric_write(text, "under_way", "gauge", "Transfers in hand.", &figures->under_way);
    buffer_text_append(text, "# HELP payoutd_operators_verdicts_total What operators said.\n"
                             "# TYPE payoutd_operators_verdicts_total counter\n");
    for (int i = VERDICT_PAID; i <= VERDICT_NOT_SENT; i++)
        buffer_format(text, "payoutd_operators_verdicts_total{verdict=\"%s\"} %" PRIuFAST64 "\n",
                      verdict_text((enum verdict)i), atomic_load(&figures->verdicts[i]));
}

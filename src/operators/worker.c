#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "operators/worker_own.h"

enum {
    LEASE_MS_DEFAULT = 60000,
    UNDER_WAY_MAX_DEFAULT = 20000,
    SLEEP_MS_MAX = 60000,
    STOP_CALLS_US_MAX = 5000000, /* For calls that are under way. */
    STOP_US_MAX = 10000000,      /* Then what was answered is asked about after the next start. */
};

void worker_count(atomic_uint_fast64_t *figure, uint64_t more)
{
    atomic_fetch_add_explicit(figure, more, memory_order_relaxed);
}

void worker_look_soon(struct operator_worker *worker)
{
    int64_t at_ms = clock_now_ms() + WORKS_AGAIN_MS;
    if (at_ms < worker->look_at_ms)
        worker->look_at_ms = at_ms;
}

/* --- The thread --- */

static void work_ended(struct operator_worker *worker, struct work *work)
{
    if (work->job.command.kind == COMMAND_TRANSFER_CLAIM)
        claims_ended(worker, work);
    else
        outcomes_ended(worker, work);
}

/* Takes over what others said since the last turn. */
static void news_take(struct operator_worker *worker)
{
    invariant(pthread_mutex_lock(&worker->mutex) == 0);
    worker->look = worker->look || worker->woken;
    bool woken = worker->woken;
    worker->woken = worker->roused = false;
    bool stopping = worker->stopping;
    invariant(pthread_mutex_unlock(&worker->mutex) == 0);
    if (stopping && worker->stop_by_us == 0) {
        worker->stop_by_us = clock_monotonic_us() + STOP_US_MAX;
        caller_stop(worker->caller);
    }
    if (woken)
        reversals_wake(worker->reversals);
    for (struct work *work; (work = works_ended(worker->works)) != NULL;)
        work_ended(worker, work);
}

static void sooner(int64_t *sleep_us, int64_t at_us, int64_t now_us)
{
    if (at_us == INT64_MAX)
        return;
    if (at_us - now_us < *sleep_us)
        *sleep_us = at_us > now_us ? at_us - now_us : 0;
}

/* How long it may sleep, from what it waits for. */
static int64_t worker_sleep_ms(const struct operator_worker *worker)
{
    int64_t sleep_us = INT64_C(1000) * SLEEP_MS_MAX, now_us = clock_monotonic_us();
    int64_t at_ms = attempts_next_ms(worker->attempts), now_ms = clock_now_ms();
    if (worker->stop_by_us == 0 && worker->look_at_ms < at_ms)
        at_ms = worker->look_at_ms;
    if (at_ms <= now_ms)
        return 0;
    if (at_ms - now_ms < SLEEP_MS_MAX)
        sleep_us = (at_ms - now_ms) * 1000;
    sooner(&sleep_us, works_retry_at_us(worker->works), now_us);
    if (worker->stop_by_us != 0) {
        sooner(&sleep_us, worker->stop_by_us, now_us);
        sooner(&sleep_us, worker->stop_by_us - STOP_US_MAX + STOP_CALLS_US_MAX, now_us);
    } else {
        sooner(&sleep_us, worker->look_at_us, now_us);
        sooner(&sleep_us, reversals_next_us(worker->reversals), now_us);
        int64_t next_us = caller_next_us(worker->caller, now_us);
        sleep_us = next_us < sleep_us ? next_us : sleep_us;
    }
    return (sleep_us + 999) / 1000;
}

static void looks_due(struct operator_worker *worker)
{
    int64_t now_us = clock_monotonic_us();
    /* A call that ended made place for what was left. */
    int64_t soonest_us = worker->looked_us + INT64_C(1000) * WORKER_LEFT_MS;
    if (caller_moved(worker->caller) && soonest_us < worker->look_at_us &&
        worker->look_at_us != INT64_MAX)
        worker->look_at_us = soonest_us;
    if (now_us >= worker->look_at_us) {
        worker->look = true;
        worker->look_at_us = INT64_MAX;
    }
    if (clock_now_ms() >= worker->look_at_ms) {
        worker->look = true;
        worker->look_at_ms = INT64_MAX;
    }
}

/* True while it has to wait for something before it may end. */
static bool worker_stays(struct operator_worker *worker)
{
    int64_t now_us = clock_monotonic_us();
    if (worker->stop_by_us == 0)
        return true;
    if (now_us >= worker->stop_by_us)
        worker->answered = NULL;
    bool calls = caller_under_way(worker->caller) > 0 &&
                 now_us < worker->stop_by_us - STOP_US_MAX + STOP_CALLS_US_MAX;
    bool reversing = reversals_busy(worker->reversals) &&
                     (now_us < worker->stop_by_us || reversals_away(worker->reversals));
    return works_away(worker->works) > 0 || worker->answered != NULL || calls || reversing;
}

/* True while it has to go on: a stopping worker waits until what it knows is written down. */
static bool worker_turn(struct operator_worker *worker)
{
    caller_step(worker->caller, worker_sleep_ms(worker));
    news_take(worker);
    int64_t now_ms = clock_now_ms();
    for (struct attempt_held *held; (held = attempts_answered(worker->attempts, now_ms)) != NULL;)
        outcomes_add(worker, held);
    looks_due(worker);
    works_retry(worker->works, worker->stop_by_us != 0,
                worker->stop_by_us != 0 && clock_monotonic_us() >= worker->stop_by_us);
    if (worker->stop_by_us == 0)
        claims_send(worker);
    reversals_turn(worker->reversals);
    caller_send(worker->caller);
    outcomes_send(worker);
    for (size_t i = 0; i < worker->options.channel_count; i++)
        line_show(&worker->lines[i], clock_monotonic_us());
    atomic_store_explicit(&worker->figures.under_way, attempts_count(worker->attempts),
                          memory_order_relaxed);
    return worker_stays(worker);
}

static void *worker_run(void *argument)
{
    struct operator_worker *worker = argument;
    while (worker_turn(worker))
        continue;
    return NULL;
}

/* --- Opening and closing --- */

/* Under the mutex. */
static void worker_rouse(struct operator_worker *worker)
{
    if (!worker->roused)
        caller_wake(worker->caller);
    worker->roused = true;
}

static void work_is_back(void *context)
{
    struct operator_worker *worker = context;
    invariant(pthread_mutex_lock(&worker->mutex) == 0);
    worker_rouse(worker);
    invariant(pthread_mutex_unlock(&worker->mutex) == 0);
}

static void attempt_ended(void *context, struct attempt_held *held)
{
    struct operator_worker *worker = context;
    if (held->reversal)
        reversals_answered(worker->reversals, held);
    else
        outcomes_add(worker, held);
}

static void lines_open(struct operator_worker *worker)
{
    const struct operator_worker_options *options = &worker->options;
    int64_t now_us = clock_monotonic_us();
    worker->lines = calloc(options->channel_count + 1, sizeof *worker->lines);
    invariant(worker->lines != NULL);
    for (size_t i = 0; i < options->channel_count; i++) {
        const struct channel *channel = &options->channels[i];
        line_init(&worker->lines[i], channel, now_us);
        worker->by_number[channel->number] = &worker->lines[i];
    }
    worker->routing = routing_open(options->channels, options->channel_count);
}

static void worker_free(struct operator_worker *worker)
{
    caller_close(worker->caller);
    reversals_close(worker->reversals);
    store_reader_close(worker->reader);
    works_close(worker->works);
    attempts_close(worker->attempts);
    routing_close(worker->routing);
    free(worker->lines);
    free(worker);
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
    opened->attempts = attempts_open(opened->options.under_way_max);
    opened->works = works_open(options->lane, work_is_back, opened);
    lines_open(opened);
    struct caller_options caller = {
        .lines = opened->lines,
        .count = options->channel_count,
        .connections = caller_connections(options->channels, options->channel_count),
        .lease_ms = opened->options.lease_ms,
        .name = options->name,
        .ended = attempt_ended,
        .context = opened};
    if (store_reader_open(options->store, &opened->reader, fault) != FAULT_NONE ||
        caller_open(&caller, &opened->caller, fault) != FAULT_NONE) {
        worker_free(opened);
        return fault_wrap(fault, "start the operators' worker");
    }
    opened->reversals = reversals_open(opened);
    opened->woken = true; /* What was left from before is looked for at once. */
    opened->look_at_ms = opened->look_at_us = INT64_MAX;
    invariant(pthread_mutex_init(&opened->mutex, NULL) == 0);
    opened->roused = true;
    caller_wake(opened->caller);
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
    worker_rouse(worker);
    invariant(pthread_mutex_unlock(&worker->mutex) == 0);
}

void operator_worker_stop(struct operator_worker *worker)
{
    if (worker->joined)
        return;
    invariant(pthread_mutex_lock(&worker->mutex) == 0);
    worker->stopping = true;
    worker_rouse(worker);
    invariant(pthread_mutex_unlock(&worker->mutex) == 0);
    invariant(pthread_join(worker->thread, NULL) == 0);
    worker->joined = true;
}

void operator_worker_close(struct operator_worker *worker)
{
    if (worker == NULL)
        return;
    operator_worker_stop(worker);
    invariant(pthread_mutex_destroy(&worker->mutex) == 0);
    worker_free(worker);
}

/* --- Figures --- */

bool operator_worker_picture(const struct operator_worker *worker, int number,
                             struct operator_picture *picture)
{
    *picture = (struct operator_picture){0};
    if (number < 1 || number > CHANNEL_NUMBER_MAX || worker->by_number[number] == NULL)
        return false;
    line_picture(worker->by_number[number], clock_monotonic_us(), picture);
    return true;
}

static void metric_write(struct buffer *text, const char *name, const char *type, const char *help,
                         uint64_t figure)
{
    buffer_format(text, "# HELP payoutd_operators_%s %s\n# TYPE payoutd_operators_%s %s\n", name,
                  help, name, type);
    buffer_format(text, "payoutd_operators_%s %" PRIu64 "\n", name, figure);
}

void operator_worker_metrics(const struct operator_worker *worker, struct buffer *text)
{
    const struct worker_figures *figures = &worker->figures;
    metric_write(text, "claimed_total", "counter", "Transfers taken.",
                 atomic_load(&figures->claimed));
    metric_write(text, "submits_total", "counter", "Transfers given to operators.",
                 atomic_load(&figures->submits));
    metric_write(text, "asks_total", "counter", "Questions what became of a transfer.",
                 atomic_load(&figures->asks));
    metric_write(text, "put_off_total", "counter", "Transfers that had to wait for an operator.",
                 atomic_load(&figures->not_sent));
    metric_write(text, "homeless_total", "counter",
                 "Transfers that were due and found no channel: somebody has to look.",
                 atomic_load(&figures->homeless));
    metric_write(text, "unasked_total", "counter",
                 "Transfers whose operator can't be asked about them: a person has to say.",
                 atomic_load(&figures->unasked));
    metric_write(text, "lost_total", "counter", "Answers that could not be written down.",
                 atomic_load(&figures->lost));
    metric_write(text, "refused_full_total", "counter", "Commands that found the lane full.",
                 works_refused(worker->works));
    metric_write(text, "faults_total", "counter", "Reads of the store that failed.",
                 atomic_load(&figures->faults));
    metric_write(text, "under_way", "gauge", "Transfers in hand.",
                 atomic_load(&figures->under_way));
    buffer_text_append(text, "# HELP payoutd_operators_verdicts_total What operators said.\n"
                             "# TYPE payoutd_operators_verdicts_total counter\n");
    for (int i = VERDICT_PAID; i <= VERDICT_NOT_SENT; i++)
        buffer_format(text, "payoutd_operators_verdicts_total{verdict=\"%s\"} %" PRIuFAST64 "\n",
                      verdict_text((enum verdict)i), atomic_load(&figures->verdicts[i]));
    line_metrics(worker->lines, worker->options.channel_count, text);
}

#include "delivery/notifier.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "delivery/reading.h"

enum {
    UNDER_WAY_MAX_DEFAULT = 512,
    PER_HOST_MAX_DEFAULT = 16,
    TIMEOUT_MS_DEFAULT = 15000,
    RETRY_FIRST_MS_DEFAULT = 10000,
    NOTES_FOR_EACH_UNDER_WAY = 8, /* So many are in hand for each that is under way. */
    ITEMS_MAX = 1000,             /* Of one command. */
    WORKS = 3,
    LANE_FULL_MS = 10,
    FAULT_WAIT_MS = 1000,
    SLEEP_MS_MAX = 60000,
    STOP_US_MAX = 10000000,
};

struct work {
    struct lane_job job;
    struct notifier *notifier;
    struct work *next;
    size_t count;
    struct note *notes[ITEMS_MAX];
    struct delivery_item items[ITEMS_MAX];
};

struct figures {
    atomic_uint_fast64_t lost, refused_full, faults, held;
};

struct notifier {
    struct notifier_options options;
    struct figures figures;
    pthread_t thread;
    bool joined;
    pthread_mutex_t mutex;
    pthread_cond_t changed; /* For the end, when there is no exchange to wait in any more. */
    /* Under the mutex: */
    bool woken, stopping;
    int64_t woken_from_ms; /* The least that was given since it was woken. */
    struct work *ended;
    struct exchange *exchange; /* NULL at the end. */
    /* The thread's own: */
    struct work *works, *free_works;
    struct work *refused, *refused_last;
    int64_t refused_until_us;
    size_t in_lane;
    struct sender sender;
    struct reading reading;
};

static void count(atomic_uint_fast64_t *figure)
{
    atomic_fetch_add_explicit(figure, 1, memory_order_relaxed);
}

/* After a fault: not at once. */
static void look_soon(struct notifier *notifier)
{
    reading_expect(&notifier->reading, clock_now_ms() + FAULT_WAIT_MS);
}

/* The note is read again, but not at once. */
static void note_again(struct notifier *notifier, struct note *note)
{
    int64_t at_ms = clock_now_ms() + FAULT_WAIT_MS;
    if (note->queue->rests_until_ms < at_ms)
        note->queue->rests_until_ms = at_ms;
    reading_release(&notifier->reading, note, true);
    reading_expect(&notifier->reading, at_ms);
}

/* --- To the lane and back --- */

/* On the lane's thread. */
static void work_done(struct lane_job *job)
{
    struct work *work = job->context;
    struct notifier *notifier = work->notifier;
    invariant(pthread_mutex_lock(&notifier->mutex) == 0);
    work->next = notifier->ended;
    notifier->ended = work;
    invariant(pthread_cond_signal(&notifier->changed) == 0);
    if (notifier->exchange != NULL)
        exchange_wake(notifier->exchange);
    invariant(pthread_mutex_unlock(&notifier->mutex) == 0);
}

static void work_refused(struct notifier *notifier, struct work *work, int64_t wait_ms)
{
    work->next = NULL;
    if (notifier->refused == NULL)
        notifier->refused = work;
    else
        notifier->refused_last->next = work;
    notifier->refused_last = work;
    notifier->refused_until_us = clock_monotonic_us() + wait_ms * 1000;
}

static void results_send(struct notifier *notifier)
{
    while (notifier->sender.results != NULL && notifier->free_works != NULL) {
        struct work *work = notifier->free_works;
        notifier->free_works = work->next;
        notifier->in_lane++;
        work->count = 0;
        while (notifier->sender.results != NULL && work->count < ITEMS_MAX) {
            struct note *note = sender_result(&notifier->sender);
            work->notes[work->count] = note;
            work->items[work->count++] = note->result;
        }
        work->job =
            (struct lane_job){.command = {.kind = COMMAND_DELIVERY,
                                          .delivery = {.items = work->items, .count = work->count}},
                              .done = work_done,
                              .context = work};
        if (notifier->refused != NULL || !lane_submit(notifier->options.lane, &work->job)) {
            count(&notifier->figures.refused_full);
            work_refused(notifier, work, LANE_FULL_MS);
        }
    }
}

static void work_ended(struct notifier *notifier, struct work *work, bool last)
{
    if (work->job.fault == FAULT_AGAIN && !last) {
        work_refused(notifier, work, FAULT_WAIT_MS); /* Nothing happened: the same once more. */
        return;
    }
    for (size_t i = 0; i < work->count; i++) {
        const struct delivery_item *item = &work->items[i];
        struct note *note = work->notes[i];
        if (work->job.fault != FAULT_NONE) {
            /* It is due as before, or nobody knows: it goes out once more. */
            count(&notifier->figures.lost);
            note_again(notifier, note);
        } else if (item->untried && item->next_at_ms != 0) {
            note_again(notifier, note); /* Its endpoint has just been switched on. */
        } else {
            /* When writing it down took longer than the wait, it is due in what was seen. */
            if (!item->delivered && item->next_at_ms != 0) {
                reading_rewind(&notifier->reading, item->next_at_ms);
                reading_expect(&notifier->reading, item->next_at_ms);
            }
            reading_release(&notifier->reading, note, false);
        }
    }
    notifier->in_lane--;
    work->next = notifier->free_works;
    notifier->free_works = work;
}

static void refused_submit(struct notifier *notifier, bool last)
{
    int64_t now_us = clock_monotonic_us();
    while (notifier->refused != NULL && (last || now_us >= notifier->refused_until_us)) {
        struct work *work = notifier->refused;
        struct work *next = work->next; /* The work may be done before lane_submit returns. */
        notifier->refused = next;
        if (last) {
            work->job.fault = FAULT_AGAIN;
            work_ended(notifier, work, true);
        } else if (!lane_submit(notifier->options.lane, &work->job)) {
            notifier->refused = work;
            notifier->refused_until_us = now_us + INT64_C(1000) * LANE_FULL_MS;
        }
    }
}

/* --- The thread --- */

/* Takes over what others said since the last turn. */
static bool news_take(struct notifier *notifier, bool last)
{
    invariant(pthread_mutex_lock(&notifier->mutex) == 0);
    struct work *ended = notifier->ended;
    bool stopping = notifier->stopping;
    notifier->ended = NULL;
    bool woken = notifier->woken;
    int64_t woken_from_ms = notifier->woken_from_ms;
    notifier->woken = false;
    invariant(pthread_mutex_unlock(&notifier->mutex) == 0);
    if (woken) {
        /* What was made in the millisecond that was read last is behind what was seen. */
        reading_rewind(&notifier->reading, woken_from_ms);
        notifier->reading.look = true;
    }
    for (struct work *work = ended, *next; work != NULL; work = next) {
        next = work->next;
        work_ended(notifier, work, last);
    }
    return stopping;
}

static int64_t notifier_sleep_ms(const struct notifier *notifier)
{
    int64_t sleep_ms = SLEEP_MS_MAX, now_ms = clock_now_ms();
    int64_t next_ms = reading_next_ms(&notifier->reading);
    if (notifier->sender.results != NULL && notifier->free_works != NULL)
        return 0;
    if (next_ms <= now_ms)
        return 0;
    if (next_ms - now_ms < sleep_ms)
        sleep_ms = next_ms - now_ms;
    if (notifier->refused != NULL) {
        int64_t left_ms = (notifier->refused_until_us - clock_monotonic_us()) / 1000 + 1;
        sleep_ms = left_ms < sleep_ms ? left_ms : sleep_ms;
    }
    return sleep_ms < 0 ? 0 : sleep_ms;
}

/* False when it was told to stop. */
static bool notifier_turn(struct notifier *notifier)
{
    struct fault fault = {0};
    bool more = false;
    if (news_take(notifier, false))
        return false;
    refused_submit(notifier, false);
    if (reading_turn(&notifier->reading, &more, &fault) != FAULT_NONE) {
        log_event(LOG_LEVEL_ERROR, "notifications can't be read", LOG_TEXT("why", fault.text));
        count(&notifier->figures.faults);
        more = false;
        look_soon(notifier);
    }
    sender_send(&notifier->sender);
    for (struct note *note; (note = sender_dropped(&notifier->sender)) != NULL;)
        reading_release(&notifier->reading, note, true);
    results_send(notifier);
    atomic_store_explicit(&notifier->figures.held, notebook_count(notifier->reading.notebook),
                          memory_order_relaxed);
    exchange_step(notifier->sender.exchange, more ? 0 : notifier_sleep_ms(notifier));
    return true;
}

/* Cuts off what is under way, and waits until what ended before is written down. */
static void notifier_end(struct notifier *notifier)
{
    int64_t until_us = clock_monotonic_us() + STOP_US_MAX;
    struct timespec until = {.tv_sec = until_us / 1000000, .tv_nsec = until_us % 1000000 * 1000};
    invariant(pthread_mutex_lock(&notifier->mutex) == 0);
    notifier->exchange = NULL;
    invariant(pthread_mutex_unlock(&notifier->mutex) == 0);
    sender_close(&notifier->sender);
    for (;;) {
        bool last = clock_monotonic_us() >= until_us;
        (void)news_take(notifier, true);
        refused_submit(notifier, last);
        results_send(notifier);
        if (notifier->in_lane == 0 && (notifier->sender.results == NULL || last))
            return;
        struct timespec at = until;
        if (notifier->refused != NULL) {
            int64_t at_us = clock_monotonic_us() + INT64_C(1000) * LANE_FULL_MS;
            at = (struct timespec){.tv_sec = at_us / 1000000, .tv_nsec = at_us % 1000000 * 1000};
        }
        invariant(pthread_mutex_lock(&notifier->mutex) == 0);
        int waited = 0;
        while (notifier->ended == NULL && waited == 0)
            waited = last ? pthread_cond_wait(&notifier->changed, &notifier->mutex)
                          : pthread_cond_timedwait(&notifier->changed, &notifier->mutex, &at);
        invariant(waited == 0 || waited == ETIMEDOUT);
        invariant(pthread_mutex_unlock(&notifier->mutex) == 0);
    }
}

static void *notifier_run(void *argument)
{
    struct notifier *notifier = argument;
    while (notifier_turn(notifier))
        continue;
    notifier_end(notifier);
    return NULL;
}

/* --- Opening and closing --- */

static void options_default(struct notifier_options *options)
{
    if (options->under_way_max == 0)
        options->under_way_max = UNDER_WAY_MAX_DEFAULT;
    if (options->per_host_max == 0)
        options->per_host_max = PER_HOST_MAX_DEFAULT;
    if (options->timeout_ms == 0)
        options->timeout_ms = TIMEOUT_MS_DEFAULT;
    if (options->retry_first_ms == 0)
        options->retry_first_ms = RETRY_FIRST_MS_DEFAULT;
}

/* Frees what there is of it. */
static void notifier_free(struct notifier *notifier)
{
    sender_close(&notifier->sender);
    reading_close(&notifier->reading);
    free(notifier->works);
    free(notifier);
}

static void notifier_start(struct notifier *notifier)
{
    pthread_condattr_t monotonic;
    invariant(pthread_condattr_init(&monotonic) == 0);
    invariant(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
    invariant(pthread_cond_init(&notifier->changed, &monotonic) == 0);
    invariant(pthread_condattr_destroy(&monotonic) == 0);
    invariant(pthread_mutex_init(&notifier->mutex, NULL) == 0);
    notifier->exchange = notifier->sender.exchange;
    invariant(pthread_create(&notifier->thread, NULL, notifier_run, notifier) == 0);
    (void)pthread_setname_np(notifier->thread, "notifications");
}

enum fault_kind notifier_open(const struct notifier_options *options, struct notifier **notifier,
                              struct fault *fault)
{
    struct notifier *opened = calloc(1, sizeof *opened);
    invariant(opened != NULL);
    opened->options = *options;
    options_default(&opened->options);
    if (sender_open(&opened->sender, &opened->options, fault) != FAULT_NONE ||
        reading_open(&opened->reading, options->store, options->shares, options->vault,
                     &opened->sender, opened->options.under_way_max * NOTES_FOR_EACH_UNDER_WAY,
                     fault) != FAULT_NONE) {
        notifier_free(opened);
        return fault_wrap(fault, "start the notifier");
    }
    opened->works = calloc(WORKS, sizeof *opened->works);
    invariant(opened->works != NULL);
    for (size_t i = 0; i < WORKS; i++) {
        opened->works[i].notifier = opened;
        opened->works[i].next = opened->free_works;
        opened->free_works = &opened->works[i];
    }
    notifier_start(opened);
    *notifier = opened;
    return FAULT_NONE;
}

/* Under the mutex. */
static void notifier_rouse(struct notifier *notifier)
{
    invariant(pthread_cond_signal(&notifier->changed) == 0);
    if (notifier->exchange != NULL)
        exchange_wake(notifier->exchange);
}

void notifier_wake(void *context, int64_t from_ms)
{
    struct notifier *notifier = context;
    invariant(pthread_mutex_lock(&notifier->mutex) == 0);
    if (!notifier->woken || from_ms < notifier->woken_from_ms)
        notifier->woken_from_ms = from_ms;
    notifier->woken = true;
    notifier_rouse(notifier);
    invariant(pthread_mutex_unlock(&notifier->mutex) == 0);
}

void notifier_stop(struct notifier *notifier)
{
    if (notifier->joined)
        return;
    invariant(pthread_mutex_lock(&notifier->mutex) == 0);
    notifier->stopping = true;
    notifier_rouse(notifier);
    invariant(pthread_mutex_unlock(&notifier->mutex) == 0);
    invariant(pthread_join(notifier->thread, NULL) == 0);
    notifier->joined = true;
}

void notifier_close(struct notifier *notifier)
{
    if (notifier == NULL)
        return;
    notifier_stop(notifier);
    invariant(pthread_cond_destroy(&notifier->changed) == 0);
    invariant(pthread_mutex_destroy(&notifier->mutex) == 0);
    notifier_free(notifier);
}

static void metric_write(struct buffer *text, const char *name, const char *type, const char *help,
                         const atomic_uint_fast64_t *figure)
{
    buffer_format(text, "# HELP payoutd_notifications_%s %s\n# TYPE payoutd_notifications_%s %s\n",
                  name, help, name, type);
    buffer_format(text, "payoutd_notifications_%s %" PRIuFAST64 "\n", name, atomic_load(figure));
}

void notifier_metrics(const struct notifier *notifier, struct buffer *text)
{
    sender_metrics(&notifier->sender, text);
    metric_write(text, "lost_total", "counter", "Tries that could not be written down.",
                 &notifier->figures.lost);
    metric_write(text, "refused_full_total", "counter", "Commands that found the lane full.",
                 &notifier->figures.refused_full);
    metric_write(text, "faults_total", "counter", "Reads of the store that failed.",
                 &notifier->figures.faults);
    metric_write(text, "in_hand", "gauge", "Notifications in hand.", &notifier->figures.held);
}

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
#include "delivery/merchant_cache.h"
#include "delivery/notebook.h"
#include "delivery/sender.h"

enum {
    UNDER_WAY_MAX_DEFAULT = 512,
    PER_HOST_MAX_DEFAULT = 16,
    TIMEOUT_MS_DEFAULT = 15000,
    RETRY_FIRST_MS_DEFAULT = 10000,
    NOTES_FOR_EACH_UNDER_WAY = 8, /* So many are in hand for each that is under way. */
    NOTES_OF_A_STRANGER = 32, /* Before it is known to be up: dead ones shall not fill the hand. */
    TARGETS_MAX = 1024,
    PAGE_ROWS = 256,
    PAGES_A_TURN = 16, /* Then the exchange has its turn. */
    ITEMS_MAX = 1000,  /* Of one command. */
    WORKS = 3,
    LANE_FULL_MS = 10,
    FAULT_WAIT_MS = 1000,
    SLEEP_MS_MAX = 60000,
    STOP_US_MAX = 10000000,
    SWEEP_US = 60000000, /* Now and then all that is due is looked through from the start. */
};
#define PAGE_ARENA_BYTES ((size_t)64 << 20)

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
    struct store_reader *reader;
    struct notebook *notebook;
    struct targets *targets;
    struct work *works, *free_works;
    struct work *refused, *refused_last;
    int64_t refused_until_us;
    size_t in_lane;
    struct sender sender;
    bool look, starved; /* starved: it stopped looking because the hand was full. */
    int64_t look_at_ms;
    struct notification_cursor seen; /* All that was due up to here is in hand, or its target is
                                        behind. */
    bool behind;                     /* Some target may be. */
    int64_t swept_at_us;
    struct merchant_cache merchants;
};

static void count(atomic_uint_fast64_t *figure)
{
    atomic_fetch_add_explicit(figure, 1, memory_order_relaxed);
}

/* After a fault: not at once. */
static void look_soon(struct notifier *notifier)
{
    int64_t at_ms = clock_now_ms() + FAULT_WAIT_MS;
    if (at_ms < notifier->look_at_ms)
        notifier->look_at_ms = at_ms;
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

/* Looks again at all that is due from due_at_ms on. */
static void seen_rewind(struct notifier *notifier, int64_t due_at_ms)
{
    struct notification_cursor from = {.due_at_ms = due_at_ms};
    if (notebook_compare(from, notifier->seen) < 0)
        notifier->seen = from;
}

static void note_release(struct notifier *notifier, struct note *note)
{
    note->target->held--;
    notebook_release(notifier->notebook, note);
    if (notifier->starved && notebook_room(notifier->notebook) >= PAGE_ROWS) {
        notifier->starved = false;
        notifier->look = true;
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
        if (work->job.fault != FAULT_NONE) {
            /* It is due as before, or nobody knows: it goes out once more. */
            seen_rewind(notifier, work->notes[i]->at.due_at_ms);
            look_soon(notifier);
            count(&notifier->figures.lost);
        } else if (!item->delivered && item->next_at_ms != 0) {
            /* When writing it down took longer than the wait, it is due in what was seen. */
            seen_rewind(notifier, item->next_at_ms);
            if (item->next_at_ms < notifier->look_at_ms)
                notifier->look_at_ms = item->next_at_ms;
        }
        note_release(notifier, work->notes[i]);
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

/* --- Reading --- */

/* How many more of a target may be in hand: half as many as are free, so that whoever comes next
 * finds a place. */
static size_t target_room(const struct notifier *notifier, const struct target *target)
{
    size_t most = notebook_room(notifier->notebook) / 2 + 1;
    if (target->state != TARGET_UP && most > NOTES_OF_A_STRANGER)
        most = NOTES_OF_A_STRANGER;
    return target->held < most ? most - target->held : 0;
}

static enum fault_kind note_take(struct notifier *notifier, struct target *target,
                                 const struct due_notification *due, struct fault *fault)
{
    const struct merchant *merchant =
        merchant_cache_get(&notifier->merchants, notifier->reader, notifier->options.vault,
                           due->notification.merchant, fault);
    if (merchant == NULL)
        return fault_wrap(fault, "read who is told");
    struct note *note = notebook_take(notifier->notebook, &due->notification);
    letter_write(&note->letter, due, merchant);
    target->held++;
    sender_take(&notifier->sender, target, note);
    return FAULT_NONE;
}

static void target_fall_behind(struct notifier *notifier, struct target *target,
                               struct notification_cursor from)
{
    if (!target->behind || notebook_compare(from, target->behind_from) < 0)
        target->behind_from = from;
    target->behind = notifier->behind = true;
}

enum page { PAGE_MORE, PAGE_LAST, PAGE_STARVED };

/* Takes a page of what is due after `seen` in hand. */
static enum fault_kind seen_page(struct notifier *notifier, int64_t now_ms, enum page *page,
                                 struct fault *fault)
{
    AUTO(arena_closep) struct arena *arena = arena_open(PAGE_ARENA_BYTES);
    struct due_notification *due = NULL;
    size_t found = 0;
    enum fault_kind kind = store_read_due_notifications(
        notifier->reader, arena, now_ms, notifier->seen, PAGE_ROWS, &due, &found, fault);
    if (kind != FAULT_NONE)
        return fault_wrap(fault, "read what is to be told");
    *page = found < PAGE_ROWS ? PAGE_LAST : PAGE_MORE;
    for (size_t i = 0; i < found; i++) {
        const struct notification *each = &due[i].notification;
        if (notebook_find(notifier->notebook, each->transfer, each->number) == NULL) {
            char key[HOST_KEY_BYTES];
            host_key(due[i].transfer.notify_url, key);
            struct target *target = targets_get(notifier->targets, key);
            if (target == NULL || notebook_room(notifier->notebook) == 0) {
                *page = PAGE_STARVED;
                return FAULT_NONE;
            }
            if (target_room(notifier, target) == 0)
                target_fall_behind(notifier, target, notifier->seen);
            else if (note_take(notifier, target, &due[i], fault) != FAULT_NONE)
                return fault->kind;
        }
        notifier->seen = notebook_place(each);
    }
    return FAULT_NONE;
}

/* Takes a page of what was passed over of one target. */
static enum fault_kind behind_page(struct notifier *notifier, struct target *target, int64_t now_ms,
                                   struct fault *fault)
{
    AUTO(arena_closep) struct arena *arena = arena_open(PAGE_ARENA_BYTES);
    struct due_notification *due = NULL;
    size_t found = 0;
    enum fault_kind kind = store_read_due_notifications(
        notifier->reader, arena, now_ms, target->behind_from, PAGE_ROWS, &due, &found, fault);
    if (kind != FAULT_NONE)
        return fault_wrap(fault, "read what is still to be told");
    for (size_t i = 0; i < found; i++) {
        const struct notification *each = &due[i].notification;
        char key[HOST_KEY_BYTES];
        if (notebook_compare(notebook_place(each), notifier->seen) > 0)
            break;
        host_key(due[i].transfer.notify_url, key);
        if (strcmp(key, target->key) == 0 &&
            notebook_find(notifier->notebook, each->transfer, each->number) == NULL) {
            if (target_room(notifier, target) == 0 || notebook_room(notifier->notebook) == 0)
                return FAULT_NONE;
            if (note_take(notifier, target, &due[i], fault) != FAULT_NONE)
                return fault->kind;
        }
        target->behind_from = notebook_place(each);
    }
    target->behind =
        found == PAGE_ROWS && notebook_compare(target->behind_from, notifier->seen) < 0;
    return FAULT_NONE;
}

/* Brings on those that were passed over and are running dry. Sets *more when it stopped early. */
static enum fault_kind behind_look(struct notifier *notifier, int64_t now_ms, bool *more,
                                   struct fault *fault)
{
    size_t index = 0, pages = 0;
    bool behind = false;
    for (struct target *target; (target = targets_next(notifier->targets, &index)) != NULL;) {
        while (target->behind && pages < PAGES_A_TURN && notebook_room(notifier->notebook) > 0 &&
               target_room(notifier, target) > target->held) {
            if (behind_page(notifier, target, now_ms, fault) != FAULT_NONE)
                return fault->kind;
            pages++;
        }
        behind = behind || target->behind;
    }
    notifier->behind = behind;
    *more = pages == PAGES_A_TURN;
    return FAULT_NONE;
}

/* Takes in hand what is due and has place. Sets *more when there is more to read at once. */
static enum fault_kind due_look(struct notifier *notifier, bool *more, struct fault *fault)
{
    int64_t now_ms = clock_now_ms();
    struct next_due next = {0};
    enum page page = PAGE_MORE;
    if (notifier->behind && behind_look(notifier, now_ms, more, fault) != FAULT_NONE)
        return fault->kind;
    for (int pages = 0; notifier->look && page == PAGE_MORE; pages++) {
        if (pages == PAGES_A_TURN) {
            *more = true;
            return FAULT_NONE;
        }
        if (seen_page(notifier, now_ms, &page, fault) != FAULT_NONE)
            return fault->kind;
    }
    if (!notifier->look)
        return FAULT_NONE;
    notifier->look = false;
    notifier->starved = page == PAGE_STARVED;
    if (store_read_next_due(notifier->reader, now_ms, &next, fault) != FAULT_NONE)
        return fault_wrap(fault, "read what is to be told next");
    notifier->look_at_ms = next.notification_at_ms == 0 ? INT64_MAX : next.notification_at_ms;
    return FAULT_NONE;
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
        seen_rewind(notifier, woken_from_ms);
        notifier->look = true;
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
    if (notifier->sender.results != NULL && notifier->free_works != NULL)
        return 0;
    if (notifier->look_at_ms <= now_ms)
        return 0;
    if (notifier->look_at_ms - now_ms < sleep_ms)
        sleep_ms = notifier->look_at_ms - now_ms;
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
    if (clock_now_ms() >= notifier->look_at_ms) {
        notifier->look = true;
        notifier->look_at_ms = INT64_MAX;
    }
    if (clock_monotonic_us() - notifier->swept_at_us > SWEEP_US) {
        notifier->swept_at_us = clock_monotonic_us();
        notifier->seen = (struct notification_cursor){0};
        notifier->look = true;
    }
    refused_submit(notifier, false);
    if (due_look(notifier, &more, &fault) != FAULT_NONE) {
        log_event(LOG_LEVEL_ERROR, "notifications can't be read", LOG_TEXT("why", fault.text));
        count(&notifier->figures.faults);
        notifier->look = false;
        look_soon(notifier);
    }
    sender_send(&notifier->sender);
    results_send(notifier);
    atomic_store_explicit(&notifier->figures.held, notebook_count(notifier->notebook),
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
    store_reader_close(notifier->reader);
    notebook_close(notifier->notebook);
    targets_close(notifier->targets);
    merchant_cache_close(&notifier->merchants);
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
    notifier->swept_at_us = clock_monotonic_us();
    notifier->look_at_ms = INT64_MAX;
    notifier->look = true; /* What was left from before. */
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
    if (store_reader_open(options->store, &opened->reader, fault) != FAULT_NONE ||
        sender_open(&opened->sender, &opened->options, fault) != FAULT_NONE) {
        notifier_free(opened);
        return fault_wrap(fault, "start the notifier");
    }
    opened->notebook = notebook_open(opened->options.under_way_max * NOTES_FOR_EACH_UNDER_WAY);
    opened->targets = targets_open(TARGETS_MAX);
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
    const struct sender *sender = &notifier->sender;
    metric_write(text, "delivered_total", "counter", "Deliveries answered 2xx.",
                 &sender->delivered);
    metric_write(text, "failed_total", "counter", "Tries that failed.", &sender->failed);
    metric_write(text, "given_up_total", "counter", "Given up after three days.",
                 &sender->given_up);
    metric_write(text, "pings_total", "counter", "Pings of merchants' servers.", &sender->pings);
    metric_write(text, "pings_failed_total", "counter", "Pings without an answer.",
                 &sender->pings_failed);
    metric_write(text, "lost_total", "counter", "Tries that could not be written down.",
                 &notifier->figures.lost);
    metric_write(text, "refused_full_total", "counter", "Commands that found the lane full.",
                 &notifier->figures.refused_full);
    metric_write(text, "faults_total", "counter", "Reads of the store that failed.",
                 &notifier->figures.faults);
    metric_write(text, "in_hand", "gauge", "Notifications in hand.", &notifier->figures.held);
}

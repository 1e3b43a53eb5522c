#include "daemon/janitor.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/alarm.h"
#include "daemon/endpoints.h"

/* A look now and then is enough: expiry is a matter of hours. */
enum {
    LOOK_EVERY_MS = 5000,
    WATCH_EVERY_MS = 60000,
    SWEEP_EVERY_MS = 1800000,
    MONTHS_EVERY_MS = 3600000,
    MERCHANTS_AT_ONCE = 256,
    LOTS_AT_ONCE = 64,
    ARENA_BYTES = 1 << 20
};

struct janitor {
    struct store *store;
    struct lane *lane;
    struct shares *shares;
    struct store_reader *reader;
    struct alarm alarm;
    int64_t watched_at_us;        /* When the unfinished were last looked at; 0: not yet. */
    int64_t swept_at_us;          /* When old passwords and secrets were; 0: not yet. */
    int64_t endpoints_at_us;      /* When failing endpoints were; 0: not yet. */
    int64_t months_at_us;         /* When months' tables were made last; 0: not yet. */
    atomic_int_fast64_t homeless; /* Rows that had no month's table, so far. */
    pthread_t thread;
    pthread_mutex_t lock; /* Guards stopping. */
    pthread_cond_t stopped;
    bool stopping, running;
};

/* Waits for the next look. False: stop. */
static bool look_wait(struct janitor *janitor)
{
    int64_t until_us = clock_monotonic_us() + INT64_C(1000) * LOOK_EVERY_MS;
    struct timespec until = {.tv_sec = until_us / 1000000, .tv_nsec = (until_us % 1000000) * 1000};
    (void)pthread_mutex_lock(&janitor->lock);
    int waited = 0;
    while (!janitor->stopping && waited == 0)
        waited = pthread_cond_timedwait(&janitor->stopped, &janitor->lock, &until);
    bool going = !janitor->stopping;
    (void)pthread_mutex_unlock(&janitor->lock);
    return going;
}

/* Expires what is over. True when there may be more. */
static bool lots_expire(struct janitor *janitor)
{
    AUTO(arena_closep) struct arena *arena = arena_open(ARENA_BYTES);
    struct lot *lots;
    size_t count = 0;
    struct fault fault;
    if (store_read_expired_lots(janitor->reader, arena, clock_now_ms(), LOTS_AT_ONCE, &lots, &count,
                                &fault) != FAULT_NONE) {
        log_event(LOG_LEVEL_ERROR, "expired lots can't be read", LOG_TEXT("why", fault.text));
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct lane_job job = {.command = {.kind = COMMAND_LOT_DECIDE,
                                           .lot_decide = {.merchant = lots[i].merchant,
                                                          .lot = lots[i].code,
                                                          .to = LOT_EXPIRED}}};
        if (lane_call(janitor->lane, &job) != FAULT_NONE)
            return false; /* The next look finds it again. */
        char text[LOT_TEXT_BYTES];
        lot_text(lots[i].merchant, lots[i].code, text);
        log_event(LOG_LEVEL_INFO, "lot expired", LOG_TEXT("lot", text),
                  LOG_NUMBER("code", (int64_t)job.command.code));
    }
    return count == LOTS_AT_ONCE;
}

/* Looks for what does not end: more seldom, since it counts. */
static void unfinished_watch(struct janitor *janitor)
{
    int64_t now_us = clock_monotonic_us();
    if (janitor->watched_at_us != 0 &&
        now_us - janitor->watched_at_us < INT64_C(1000) * WATCH_EVERY_MS)
        return;
    janitor->watched_at_us = now_us;
    struct store_figures figures;
    struct fault fault;
    if (store_read_figures(janitor->reader, &figures, &fault) == FAULT_NONE)
        alarm_look(&janitor->alarm, &figures, clock_now_ms());
    else
        log_event(LOG_LEVEL_ERROR, "the unfinished can't be read", LOG_TEXT("why", fault.text));
}

/* What it has of before is over. */
static bool old_keys_over(const struct merchant *merchant, int64_t now_ms)
{
    bool password = merchant->password_before[0] != '\0';
    bool secret = merchant->secret_before[0] != '\0';
    return (password && merchant->password_before_until_ms <= now_ms) ||
           (secret && merchant->secret_before_until_ms <= now_ms);
}

/* Wipes passwords and secrets of before whose time is over: a change of nothing does it. */
static enum fault_kind old_keys_wipe(struct janitor *janitor, struct fault *fault)
{
    struct merchant_id after = {0};
    size_t count = MERCHANTS_AT_ONCE;
    while (count == MERCHANTS_AT_ONCE) {
        AUTO(arena_closep) struct arena *arena = arena_open(ARENA_BYTES);
        struct merchant *merchants = NULL;
        enum fault_kind kind = store_read_merchants(janitor->reader, arena, after,
                                                    MERCHANTS_AT_ONCE, &merchants, &count, fault);
        for (size_t i = 0; kind == FAULT_NONE && i < count; i++) {
            after = merchants[i].id;
            if (!old_keys_over(&merchants[i], clock_now_ms()))
                continue;
            struct lane_job job = {
                .command = {.kind = COMMAND_MERCHANT_CHANGE,
                            .merchant_change = {.merchant = {.id = merchants[i].id}}}};
            if (lane_call(janitor->lane, &job) != FAULT_NONE)
                return FAULT_NONE; /* The next look finds it again. */
            log_event(LOG_LEVEL_INFO, "what held on of before is wiped",
                      LOG_NUMBER("merchant", merchants[i].id.value));
        }
        if (kind != FAULT_NONE)
            return kind;
    }
    return FAULT_NONE;
}

static void old_keys_sweep(struct janitor *janitor)
{
    int64_t now_us = clock_monotonic_us();
    if (janitor->swept_at_us != 0 && now_us - janitor->swept_at_us < INT64_C(1000) * SWEEP_EVERY_MS)
        return;
    janitor->swept_at_us = now_us;
    struct fault fault;
    if (old_keys_wipe(janitor, &fault) != FAULT_NONE ||
        endpoints_wipe(janitor->reader, janitor->lane, &fault) != FAULT_NONE)
        log_event(LOG_LEVEL_ERROR, "old keys can't be swept", LOG_TEXT("why", fault.text));
}

/* Switches off those that have failed for long. */
static void endpoints_look(struct janitor *janitor)
{
    int64_t now_us = clock_monotonic_us();
    if (janitor->endpoints_at_us != 0 &&
        now_us - janitor->endpoints_at_us < INT64_C(1000) * WATCH_EVERY_MS)
        return;
    janitor->endpoints_at_us = now_us;
    struct fault fault;
    if (endpoints_fail(janitor->reader, janitor->lane, &fault) != FAULT_NONE)
        log_event(LOG_LEVEL_ERROR, "endpoints can't be looked at", LOG_TEXT("why", fault.text));
}

/* Two months ahead: there is time to tell of what fails, and nothing is lost without them. */
static void months_make(struct janitor *janitor)
{
    int64_t now_us = clock_monotonic_us(), homeless = 0;
    if (janitor->months_at_us != 0 &&
        now_us - janitor->months_at_us < INT64_C(1000) * MONTHS_EVERY_MS)
        return;
    janitor->months_at_us = now_us;
    struct fault fault;
    if (store_make_months(janitor->store, clock_now_ms(), &homeless, &fault) != FAULT_NONE)
        log_event(LOG_LEVEL_ERROR, "months' tables can't be made", LOG_TEXT("why", fault.text));
    if (homeless > 0)
        log_event(LOG_LEVEL_ERROR, "rows had no month's table", LOG_NUMBER("rows", homeless));
    (void)atomic_fetch_add(&janitor->homeless, homeless);
}

static void *thread_run(void *context)
{
    struct janitor *janitor = context;
    do {
        unfinished_watch(janitor); /* Each process tells of it. */
        if (shares_use(janitor->shares, DUTY_JANITOR, 0) == 0)
            continue;
        while (lots_expire(janitor))
            continue;
        old_keys_sweep(janitor);
        endpoints_look(janitor);
        months_make(janitor);
    } while (look_wait(janitor));
    return NULL;
}

enum fault_kind janitor_open(struct store *store, struct lane *lane, struct shares *shares,
                             int64_t alarm_after_ms, struct janitor **janitor, struct fault *fault)
{
    invariant(alarm_after_ms > 0);
    struct janitor *made = calloc(1, sizeof *made);
    invariant(made != NULL);
    made->store = store;
    made->lane = lane;
    made->shares = shares;
    made->alarm.after_ms = alarm_after_ms;
    if (store_reader_open(store, &made->reader, fault) != FAULT_NONE) {
        free(made);
        return fault_wrap(fault, "start the janitor");
    }
    pthread_condattr_t monotonic;
    invariant(pthread_condattr_init(&monotonic) == 0);
    invariant(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
    invariant(pthread_mutex_init(&made->lock, NULL) == 0);
    invariant(pthread_cond_init(&made->stopped, &monotonic) == 0);
    (void)pthread_condattr_destroy(&monotonic);
    invariant(pthread_create(&made->thread, NULL, thread_run, made) == 0);
    made->running = true;
    *janitor = made;
    return FAULT_NONE;
}

void janitor_metrics(const struct janitor *janitor, struct buffer *text)
{
    alarm_metrics(&janitor->alarm, text);
    buffer_format(
        text,
        "# HELP payoutd_homeless_rows_total Rows that lay outside of every month's table.\n"
        "# TYPE payoutd_homeless_rows_total counter\npayoutd_homeless_rows_total %lld\n",
        (long long)atomic_load(&janitor->homeless));
}

void janitor_stop(struct janitor *janitor)
{
    if (janitor == NULL || !janitor->running)
        return;
    (void)pthread_mutex_lock(&janitor->lock);
    janitor->stopping = true;
    (void)pthread_cond_signal(&janitor->stopped);
    (void)pthread_mutex_unlock(&janitor->lock);
    (void)pthread_join(janitor->thread, NULL);
    janitor->running = false;
}

void janitor_close(struct janitor *janitor)
{
    if (janitor == NULL)
        return;
    invariant(!janitor->running);
    store_reader_close(janitor->reader);
    (void)pthread_cond_destroy(&janitor->stopped);
    (void)pthread_mutex_destroy(&janitor->lock);
    free(janitor);
}

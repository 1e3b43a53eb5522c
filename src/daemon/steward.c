#include "daemon/steward.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

enum {
    BEATS_OF_A_LEASE = 5,       /* So often in a lease it is renewed … */
    LEASE_PART_UNUSED = 4,      /* … and not used for the last quarter of it. */
    DEAF_POLL_MS = 1000,        /* Without a connection everybody looks so often … */
    POLL_MS = 5000,             /* … and with one, since what tells may end before it told. */
    TELL_EVERY_US = 2000,       /* Words are gathered for so long. */
    FAULT_WAIT_MS = 1000,       /* Before it connects again. */
    REWIND_MS = 10000,          /* A look without a word goes back so far. */
    CLOCKS_APART_MS_MAX = 5000, /* With a clock so wrong, nothing is taken. */
    WAIT_MS_MAX = 60000,
};
#define US_PER_MS INT64_C(1000)

/* Words, beside those of duties. */
static const char WORD_LEASES[] = "leases", WORD_CHANNELS[] = "channels";

struct told {
    uint32_t shards;
    int64_t from_ms;
};

struct steward {
    struct steward_options options;
    struct store_sharing *sharing;
    pthread_t thread;
    bool joined;
    int alarm; /* An eventfd: there is something new under the mutex. */
    pthread_mutex_t mutex;
    /* Under the mutex: */
    bool stopping, tell_channels;
    struct told told[DUTY_END];
    /* The thread's own: */
    uint32_t held[DUTY_END];    /* That it has by the last beat … */
    uint32_t leaving[DUTY_END]; /* … and of those, what it means to give back. */
    int64_t until_us;
    int64_t beat_at_us, poll_at_us, tell_at_us;
    bool failing, tell_leases, clocks_apart, strange;
    atomic_uint_fast64_t beats_failed, lost, wakes_told, wakes_polled, tells;
    atomic_int_fast64_t workers, strangers, clock_apart_ms;
};

static void count(atomic_uint_fast64_t *figure, uint64_t more)
{
    atomic_fetch_add_explicit(figure, more, memory_order_relaxed);
}

static bool does(const struct steward *steward, int duty)
{
    return (steward->options.duties >> duty & 1) != 0;
}

/* --- Whose is what --- */

/* What it has is shown to those who work. */
static void held_show(struct steward *steward)
{
    for (int duty = DUTY_OPERATORS; duty < DUTY_END; duty++)
        shares_set(steward->options.shares, (enum duty)duty,
                   steward->held[duty] & ~steward->leaving[duty], steward->until_us);
}

static void wake(struct steward *steward, enum duty duty, int64_t from_ms)
{
    if (does(steward, (int)duty) && steward->held[duty] != 0)
        steward->options.wake(steward->options.context, duty, from_ms);
}

/* How many shards of a duty are its own by right, when `workers` share them. */
static int share_of(enum duty duty, int64_t workers)
{
    int all = __builtin_popcount(duty_shards(duty));
    return (int)((all + workers - 1) / (workers > 0 ? workers : 1));
}

/* Chooses what is more than its share; whoever works sees it at the next look, and what is in hand
 * of it ends first. */
static void surplus_leave(struct steward *steward, enum duty duty, int64_t workers)
{
    uint32_t kept = steward->held[duty] & ~steward->leaving[duty];
    int surplus = __builtin_popcount(kept) - share_of(duty, workers);
    for (uint32_t shard = UINT32_C(1) << (SHARDS - 1); surplus > 0 && shard != 0; shard >>= 1)
        if ((kept & shard) != 0) {
            steward->leaving[duty] |= shard;
            surplus--;
        }
}

static void held_take_over(struct steward *steward, const struct sharing_beat *beat)
{
    for (int duty = DUTY_OPERATORS; duty < DUTY_END; duty++) {
        uint32_t gone = steward->held[duty] & ~beat->held[duty];
        uint32_t lost = gone & ~steward->leaving[duty];
        if (lost != 0)
            log_event(LOG_LEVEL_WARNING, "shares of the work were lost",
                      LOG_TEXT("duty", duty_word((enum duty)duty)),
                      LOG_NUMBER("shards", __builtin_popcount(lost)));
        count(&steward->lost, (uint64_t)__builtin_popcount(lost));
        steward->held[duty] = beat->held[duty];
        steward->leaving[duty] &= beat->held[duty];
    }
}

/* A clock that is wrong would take what others hold for due. */
static bool clock_right(struct steward *steward, int64_t database_ms, int64_t before_ms)
{
    int64_t apart_ms = 0, now_ms = clock_now_ms();
    if (database_ms < before_ms)
        apart_ms = database_ms - before_ms;
    else if (database_ms > now_ms)
        apart_ms = database_ms - now_ms;
    atomic_store(&steward->clock_apart_ms, apart_ms);
    bool apart = apart_ms > CLOCKS_APART_MS_MAX || apart_ms < -CLOCKS_APART_MS_MAX;
    if (apart && !steward->clocks_apart)
        log_event(LOG_LEVEL_ERROR, "no work is taken: this clock is not the database's",
                  LOG_NUMBER("apart_ms", apart_ms));
    steward->clocks_apart = apart;
    return !apart;
}

static void strangers_tell(struct steward *steward, int64_t strangers)
{
    if (strangers > 0 && !steward->strange)
        log_event(LOG_LEVEL_ERROR, "other processes of this store have other keys",
                  LOG_NUMBER("processes", strangers));
    steward->strange = strangers > 0;
}

/* Takes what is free, up to its share. */
static enum fault_kind free_take(struct steward *steward, int64_t workers, struct fault *fault)
{
    for (int duty = DUTY_OPERATORS; duty < DUTY_END; duty++) {
        uint32_t taken = 0;
        uint32_t kept = steward->held[duty] & ~steward->leaving[duty];
        int most = share_of((enum duty)duty, workers) - __builtin_popcount(kept);
        if (!does(steward, duty) || most <= 0)
            continue;
        enum fault_kind kind =
            store_sharing_take(steward->sharing, (enum duty)duty, most, &taken, fault);
        if (kind != FAULT_NONE)
            return kind;
        if (taken == 0)
            continue;
        steward->held[duty] |= taken;
        held_show(steward); /* They end with the others, which is a little early. */
        log_event(LOG_LEVEL_INFO, "shares of the work taken",
                  LOG_TEXT("duty", duty_word((enum duty)duty)),
                  LOG_NUMBER("shards", __builtin_popcount(taken)));
        steward->options.wake(steward->options.context, (enum duty)duty, 0);
    }
    return FAULT_NONE;
}

static enum fault_kind beat(struct steward *steward, struct fault *fault)
{
    const struct sharing_self *self = &steward->options.self;
    uint32_t given[DUTY_END] = {0};
    struct sharing_beat said;
    int64_t before_us = clock_monotonic_us(), before_ms = clock_now_ms();
    for (int duty = DUTY_OPERATORS; duty < DUTY_END; duty++)
        given[duty] = shares_idle(steward->options.shares, (enum duty)duty, steward->leaving[duty]);
    enum fault_kind kind = store_sharing_beat(steward->sharing, given, &said, fault);
    if (kind != FAULT_NONE)
        return kind;
    for (int duty = DUTY_OPERATORS; duty < DUTY_END; duty++)
        steward->tell_leases = steward->tell_leases || given[duty] != 0;
    atomic_store(&steward->workers, said.workers);
    atomic_store(&steward->strangers, said.strangers);
    strangers_tell(steward, said.strangers);
    held_take_over(steward, &said);
    steward->until_us =
        before_us + self->lease_ms * US_PER_MS / LEASE_PART_UNUSED * (LEASE_PART_UNUSED - 1);
    bool right = clock_right(steward, said.now_ms, before_ms);
    for (int duty = DUTY_OPERATORS; duty < DUTY_END; duty++) {
        if (right)
            surplus_leave(steward, (enum duty)duty, said.workers);
        else
            steward->leaving[duty] = steward->held[duty];
    }
    held_show(steward);
    for (int duty = DUTY_OPERATORS; duty < DUTY_END; duty++)
        if (steward->leaving[duty] != 0) /* They see it when they look. */
            wake(steward, (enum duty)duty, clock_now_ms());
    return self->works && right ? free_take(steward, said.workers, fault) : FAULT_NONE;
}

/* --- Words --- */

static enum fault_kind word_say(struct steward *steward, const char *word, uint32_t shards,
                                int64_t from_ms, struct fault *fault)
{
    char text[SHARING_TEXT_BYTES];
    (void)snprintf(text, sizeof text, "%" PRId64 " %s %" PRIu32 " %" PRId64,
                   steward->options.self.id, word, shards, from_ms);
    count(&steward->tells, 1);
    return store_sharing_tell(steward->sharing, text, fault);
}

/* What is not told when this fails, the others find by looking. */
static enum fault_kind words_say(struct steward *steward, struct fault *fault)
{
    struct told told[DUTY_END];
    enum fault_kind kind = FAULT_NONE;
    invariant(pthread_mutex_lock(&steward->mutex) == 0);
    memcpy(told, steward->told, sizeof told);
    memset(steward->told, 0, sizeof steward->told);
    bool channels = steward->tell_channels;
    steward->tell_channels = false;
    invariant(pthread_mutex_unlock(&steward->mutex) == 0);
    for (int duty = DUTY_OPERATORS; duty < DUTY_END && kind == FAULT_NONE; duty++)
        if (told[duty].shards != 0)
            kind = word_say(steward, duty_word((enum duty)duty), told[duty].shards,
                            told[duty].from_ms, fault);
    if (kind == FAULT_NONE && channels)
        kind = word_say(steward, WORD_CHANNELS, 0, 0, fault);
    if (kind == FAULT_NONE && steward->tell_leases)
        kind = word_say(steward, WORD_LEASES, 0, 0, fault);
    steward->tell_leases = steward->tell_leases && kind != FAULT_NONE;
    steward->tell_at_us = clock_monotonic_us() + TELL_EVERY_US;
    return kind;
}

static bool words_wait(struct steward *steward)
{
    invariant(pthread_mutex_lock(&steward->mutex) == 0);
    bool any = steward->tell_channels || steward->tell_leases;
    for (int duty = DUTY_OPERATORS; duty < DUTY_END; duty++)
        any = any || steward->told[duty].shards != 0;
    invariant(pthread_mutex_unlock(&steward->mutex) == 0);
    return any;
}

static bool number_take(const char **text, int64_t *number)
{
    char *end;
    errno = 0;
    *number = strtoll(*text, &end, 10);
    bool taken = end != *text && errno == 0;
    *text = end;
    return taken;
}

/* What word_say wrote. */
struct heard_word {
    int64_t id, shards, from_ms;
    char word[24];
};

static bool word_take(const char *text, struct heard_word *heard)
{
    if (!number_take(&text, &heard->id) || *text++ != ' ')
        return false;
    size_t length = strcspn(text, " ");
    if (length >= sizeof heard->word)
        return false;
    memcpy(heard->word, text, length);
    heard->word[length] = '\0';
    text += length;
    return number_take(&text, &heard->shards) && number_take(&text, &heard->from_ms) &&
           heard->shards >= 0 && heard->shards <= UINT32_MAX;
}

static void word_hear(struct steward *steward, const char *text)
{
    struct heard_word heard;
    if (!word_take(text, &heard) || heard.id == steward->options.self.id)
        return; /* Its own, or nobody's whom it knows. */
    if (strcmp(heard.word, WORD_LEASES) == 0)
        steward->beat_at_us = 0;
    if (strcmp(heard.word, WORD_CHANNELS) == 0)
        if (!steward->failing)
            steward->options.channels(steward->options.context);
    for (int duty = DUTY_OPERATORS; duty < DUTY_END; duty++) {
        if (strcmp(heard.word, duty_word((enum duty)duty)) != 0 ||
            (steward->held[duty] & (uint32_t)heard.shards) == 0)
            continue;
        count(&steward->wakes_told, 1);
        wake(steward, (enum duty)duty, heard.from_ms);
    }
}

/* --- The thread --- */

static void failed(struct steward *steward, const struct fault *fault)
{
    count(&steward->beats_failed, 1);
    if (!steward->failing)
        log_event(LOG_LEVEL_ERROR, "the work can't be shared", LOG_TEXT("why", fault->text));
    steward->failing = true;
    steward->beat_at_us = clock_monotonic_us() + FAULT_WAIT_MS * US_PER_MS;
}

static void beats_due(struct steward *steward)
{
    struct fault fault;
    int64_t now_us = clock_monotonic_us();
    if (now_us < steward->beat_at_us)
        return;
    if (beat(steward, &fault) != FAULT_NONE) {
        failed(steward, &fault);
        return;
    }
    if (steward->failing)
        log_event(LOG_LEVEL_INFO, "the work is shared again");
    steward->failing = false;
    steward->beat_at_us = now_us + steward->options.self.lease_ms * US_PER_MS / BEATS_OF_A_LEASE;
}

/* Everybody looks by himself. */
static void polls_due(struct steward *steward, bool hears)
{
    int64_t now_us = clock_monotonic_us();
    if (now_us < steward->poll_at_us)
        return;
    steward->poll_at_us = now_us + (hears ? POLL_MS : DEAF_POLL_MS) * US_PER_MS;
    steward->options.channels(steward->options.context);
    for (int duty = DUTY_OPERATORS; duty < DUTY_END; duty++)
        if (does(steward, duty) && steward->held[duty] != 0) {
            count(&steward->wakes_polled, 1);
            wake(steward, (enum duty)duty, clock_now_ms() - REWIND_MS);
        }
}

static int64_t wait_ms(struct steward *steward)
{
    int64_t at_us =
        steward->beat_at_us < steward->poll_at_us ? steward->beat_at_us : steward->poll_at_us;
    if (!steward->failing && steward->tell_at_us < at_us && words_wait(steward))
        at_us = steward->tell_at_us;
    int64_t left_us = at_us - clock_monotonic_us();
    if (left_us <= 0)
        return 0;
    return left_us / US_PER_MS < WAIT_MS_MAX ? left_us / US_PER_MS + 1 : WAIT_MS_MAX;
}

static bool steward_turn(struct steward *steward)
{
    char text[SHARING_TEXT_BYTES];
    struct fault fault;
    uint64_t rung;
    beats_due(steward);
    if (!steward->failing && clock_monotonic_us() >= steward->tell_at_us && words_wait(steward) &&
        words_say(steward, &fault) != FAULT_NONE)
        failed(steward, &fault);
    bool hears = store_sharing_wait(steward->sharing, steward->alarm, wait_ms(steward));
    (void)!read(steward->alarm, &rung, sizeof rung);
    while (store_sharing_heard(steward->sharing, text))
        word_hear(steward, text);
    if (!hears && !steward->failing)
        steward->beat_at_us = 0; /* It connects anew. */
    polls_due(steward, hears);
    invariant(pthread_mutex_lock(&steward->mutex) == 0);
    bool going = !steward->stopping;
    invariant(pthread_mutex_unlock(&steward->mutex) == 0);
    return going;
}

static void *steward_run(void *argument)
{
    struct steward *steward = argument;
    struct fault fault;
    while (steward_turn(steward))
        continue;
    memset(steward->held, 0, sizeof steward->held);
    held_show(steward);
    steward->tell_leases = true;
    if (store_sharing_leave(steward->sharing, &fault) != FAULT_NONE ||
        words_say(steward, &fault) != FAULT_NONE)
        log_event(LOG_LEVEL_WARNING, "its shares of the work end by themselves",
                  LOG_TEXT("why", fault.text));
    return NULL;
}

/* --- Opening and closing --- */

/* Refuses keys that others don't have: what one signs, none of the others would believe. */
static enum fault_kind keys_check(struct steward *steward, struct fault *fault)
{
    const uint32_t none[DUTY_END] = {0};
    struct sharing_beat said;
    enum fault_kind kind = store_sharing_beat(steward->sharing, none, &said, fault);
    if (kind != FAULT_NONE || said.strangers == 0)
        return kind;
    struct fault left;
    if (store_sharing_leave(steward->sharing, &left) != FAULT_NONE)
        log_event(LOG_LEVEL_WARNING, "not left", LOG_TEXT("why", left.text));
    return fault_set(
        fault, FAULT_FINAL,
        "another payoutd of this store has another [token] key_file: it must hold the same "
        "everywhere");
}

enum fault_kind steward_open(const struct steward_options *options, struct steward **steward,
                             struct fault *fault)
{
    *steward = NULL;
    if (!store_is_shared(options->store))
        return FAULT_NONE;
    struct steward *opened = calloc(1, sizeof *opened);
    invariant(opened != NULL && options->self.lease_ms >= STEWARD_LEASE_MS_LEAST);
    opened->options = *options;
    opened->tell_leases = true; /* Whoever has more than his share now gives it back. */
    opened->alarm = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    invariant(opened->alarm >= 0);
    invariant(pthread_mutex_init(&opened->mutex, NULL) == 0);
    enum fault_kind kind =
        store_sharing_open(options->store, &opened->options.self, &opened->sharing, fault);
    if (kind == FAULT_NONE)
        kind = keys_check(opened, fault);
    if (kind != FAULT_NONE) {
        opened->joined = true;
        steward_close(opened);
        return kind;
    }
    invariant(pthread_create(&opened->thread, NULL, steward_run, opened) == 0);
    (void)pthread_setname_np(opened->thread, "steward");
    *steward = opened;
    return FAULT_NONE;
}

static void ring(struct steward *steward)
{
    uint64_t one = 1;
    (void)!write(steward->alarm, &one, sizeof one);
}

void steward_tell(struct steward *steward, enum duty duty, uint32_t shards, int64_t from_ms)
{
    if (steward == NULL)
        return;
    shards &= duty_shards(duty) & ~shares_held(steward->options.shares, duty);
    if (shards == 0)
        return;
    invariant(pthread_mutex_lock(&steward->mutex) == 0);
    struct told *told = &steward->told[duty];
    bool first = told->shards == 0;
    if (first || from_ms < told->from_ms)
        told->from_ms = from_ms;
    told->shards |= shards;
    invariant(pthread_mutex_unlock(&steward->mutex) == 0);
    if (first)
        ring(steward);
}

void steward_tell_channels(struct steward *steward)
{
    if (steward == NULL)
        return;
    invariant(pthread_mutex_lock(&steward->mutex) == 0);
    steward->tell_channels = true;
    invariant(pthread_mutex_unlock(&steward->mutex) == 0);
    ring(steward);
}

void steward_stop(struct steward *steward)
{
    if (steward == NULL || steward->joined)
        return;
    invariant(pthread_mutex_lock(&steward->mutex) == 0);
    steward->stopping = true;
    invariant(pthread_mutex_unlock(&steward->mutex) == 0);
    ring(steward);
    invariant(pthread_join(steward->thread, NULL) == 0);
    steward->joined = true;
}

void steward_close(struct steward *steward)
{
    if (steward == NULL)
        return;
    steward_stop(steward);
    store_sharing_close(steward->sharing);
    invariant(pthread_mutex_destroy(&steward->mutex) == 0);
    (void)close(steward->alarm);
    free(steward);
}

/* --- Figures --- */

static void metric(struct buffer *text, const char *name, const char *type, const char *help,
                   int64_t figure)
{
    buffer_format(text, "# HELP payoutd_sharing_%s %s\n# TYPE payoutd_sharing_%s %s\n", name, help,
                  name, type);
    buffer_format(text, "payoutd_sharing_%s %" PRId64 "\n", name, figure);
}

void steward_metrics(struct steward *steward, struct buffer *text)
{
    if (steward == NULL)
        return;
    buffer_text_append(text, "# HELP payoutd_sharing_leases Shards of the work that it holds.\n"
                             "# TYPE payoutd_sharing_leases gauge\n");
    for (int duty = DUTY_OPERATORS; duty < DUTY_END; duty++)
        buffer_format(text, "payoutd_sharing_leases{duty=\"%s\"} %d\n", duty_word((enum duty)duty),
                      __builtin_popcount(shares_held(steward->options.shares, (enum duty)duty)));
    buffer_text_append(text, "# HELP payoutd_sharing_wakes_total What had somebody look for work.\n"
                             "# TYPE payoutd_sharing_wakes_total counter\n");
    buffer_format(text,
                  "payoutd_sharing_wakes_total{by=\"notify\"} %" PRIuFAST64 "\n"
                  "payoutd_sharing_wakes_total{by=\"poll\"} %" PRIuFAST64 "\n",
                  atomic_load(&steward->wakes_told), atomic_load(&steward->wakes_polled));
    metric(text, "lost_total", "counter", "Shards that it lost to the end of their lease.",
           (int64_t)atomic_load(&steward->lost));
    metric(text, "tells_total", "counter", "Words to other processes.",
           (int64_t)atomic_load(&steward->tells));
    metric(text, "failed_total", "counter", "Times that the store could not be reached for it.",
           (int64_t)atomic_load(&steward->beats_failed));
    metric(text, "workers", "gauge", "Processes that share the work.",
           atomic_load(&steward->workers));
    metric(text, "strangers", "gauge", "Processes of the store with other keys.",
           atomic_load(&steward->strangers));
    metric(text, "clock_apart_milliseconds", "gauge",
           "How far the database's clock is from this one.", atomic_load(&steward->clock_apart_ms));
}

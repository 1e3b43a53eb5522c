#include "delivery/sender.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "base/clock.h"
#include "delivery/backoff.h"

enum {
    CONNECT_TIMEOUT_MS_MAX = 5000,
    PING_EVERY_MS = 600000,
    DOWN_MS_MAX = 10000, /* After a ping that failed nothing else is tried, at most so long. */
    SHARE_FIRST = 4,     /* POSTs at once to one that has just shown that it is there. */
    RESTS_AFTER = 4,     /* Tries that failed in a row. */
    REST_PART = 10,      /* The first rest is such a part of the first wait of a notification ... */
    REST_TIMES_MAX = 60, /* ... and the longest so many times that. */
    QUICK_PART = 8,      /* An answer within such a part of the timeout is quick ... */
    SLOW_PART = 4,       /* ... and one after such a part of it is slow. */
    NOTES_FOR_EACH_POST = 16,
    NOTES_OF_A_STRANGER = 8, /* Before it is known to be up: dead ones shall not fill the hand. */
};

static const int64_t delay_limits_ms[SENDER_DELAY_BUCKETS - 1] = {
    50,    100,   250,    500,    1000,    2500,     5000,    10000,
    30000, 60000, 300000, 900000, 3600000, 21600000, 86400000};

enum fault_kind sender_open(struct sender *sender, const struct notifier_options *options,
                            struct fault *fault)
{
    sender->options = options;
    return exchange_open(
        &(struct exchange_options){
            /* One more for a ping: what waits in the exchange would lose of its time. */
            .connections_max = 2 * options->under_way_max,
            .connections_per_host_max = options->per_host_max + 1,
            .user_agent = "payoutd",
            .private_allowed = options->private_allowed},
        &sender->exchange, fault);
}

void sender_close(struct sender *sender)
{
    sender->ending = true;
    exchange_close(sender->exchange);
    sender->exchange = NULL;
}

struct note *sender_result(struct sender *sender)
{
    struct note *note = sender->results;
    if (note != NULL)
        sender->results = note->next;
    return note;
}

struct note *sender_dropped(struct sender *sender)
{
    struct note *note = sender->dropped;
    if (note != NULL)
        sender->dropped = note->next;
    return note;
}

size_t sender_hold_max(const struct target *target, size_t room)
{
    size_t most = room / 64 + 1;
    if (target != NULL && target->state == TARGET_UP && target->rests == 0) {
        most = room / 4 + 1;
        size_t bears = target->share * NOTES_FOR_EACH_POST;
        return bears < most ? bears : most;
    }
    return most < NOTES_OF_A_STRANGER ? most : NOTES_OF_A_STRANGER;
}

static void count(atomic_uint_fast64_t *figure)
{
    atomic_fetch_add_explicit(figure, 1, memory_order_relaxed);
}

static void target_move(struct sender *sender, struct target *target);

/* --- One try has ended --- */

static void delay_count(struct sender *sender, int64_t delay_ms)
{
    size_t bucket = 0;
    delay_ms = delay_ms < 0 ? 0 : delay_ms;
    while (bucket < SENDER_DELAY_BUCKETS - 1 && delay_ms > delay_limits_ms[bucket])
        bucket++;
    count(&sender->delays[bucket]);
    atomic_fetch_add_explicit(&sender->delay_ms_sum, (uint64_t)delay_ms, memory_order_relaxed);
}

static void result_push(struct sender *sender, struct note *note)
{
    note->next = NULL;
    if (sender->results == NULL)
        sender->results = note;
    else
        sender->results_last->next = note;
    sender->results_last = note;
}

/* One try has ended, or was not worth it. error lives as long as the note. */
static void note_end(struct sender *sender, struct note *note, int status, const char *error,
                     int64_t duration_ms)
{
    int64_t now_ms = clock_now_ms();
    bool delivered = status >= 200 && status < 300;
    note->result = (struct delivery_item){.delivery = {.key = note->at.key,
                                                       .at_ms = now_ms - duration_ms,
                                                       .duration_ms = duration_ms,
                                                       .http_status = status,
                                                       .error = error},
                                          .merchant = note->merchant,
                                          .delivered = delivered};
    if (!delivered)
        note->result.next_at_ms = backoff_next_ms(
            sender->options->retry_first_ms, note->tries < INT32_MAX ? note->tries + 1 : INT32_MAX,
            note->since_ms, now_ms);
    else
        delay_count(sender, now_ms - note->since_ms);
    count(delivered ? &sender->delivered : &sender->failed);
    if (!delivered && note->result.next_at_ms == 0)
        count(&sender->given_up);
    result_push(sender, note);
}

void sender_skip(struct sender *sender, struct note *note)
{
    note->sender = sender;
    note->result = (struct delivery_item){.delivery = {.key = note->at.key, .error = ""},
                                          .merchant = note->merchant,
                                          .untried = true};
    result_push(sender, note);
}

/* --- How a target does --- */

static void queue_rest(struct queue *queue, int64_t until_ms)
{
    if (until_ms > queue->rests_until_ms)
        queue->rests_until_ms = until_ms;
}

/* What waits for the target goes back into the store's hands, until it is worth a try. */
static void notes_drop(struct sender *sender, struct target *target, int64_t until_ms)
{
    for (struct note *note; (note = target_pop(target)) != NULL;) {
        queue_rest(note->queue, until_ms);
        note->next = sender->dropped;
        sender->dropped = note;
    }
}

/* What waits for a target that is down has failed with it. Its queues rest, but for those of which
 * nothing was left to be tried again: what has waited too long there ends now. */
static void notes_fail(struct sender *sender, struct target *target, const char *error,
                       int64_t duration_ms)
{
    for (struct note *note; (note = target_pop(target)) != NULL; duration_ms = 0) {
        (void)snprintf(note->call.error, sizeof note->call.error, "%.190s", error);
        note_end(sender, note, 0, note->call.error, duration_ms);
        if (note->result.next_at_ms != 0)
            queue_rest(note->queue, target->until_ms);
    }
}

static void target_rest(struct sender *sender, struct target *target, int64_t now_ms)
{
    int64_t first_ms = sender->options->retry_first_ms / REST_PART + 1, rest_ms = first_ms;
    for (int each = 0; each < target->rests && rest_ms < first_ms * REST_TIMES_MAX; each++)
        rest_ms *= 2;
    if (rest_ms > first_ms * REST_TIMES_MAX)
        rest_ms = first_ms * REST_TIMES_MAX;
    target->rests++;
    target->rests_until_ms = now_ms + rest_ms;
    count(&sender->rests);
}

static void target_failed(struct sender *sender, struct target *target, bool silent)
{
    int64_t now_ms = clock_now_ms();
    target->share = target->share > 1 ? target->share / 2 : 1;
    target->failures++;
    if (silent && target->state == TARGET_UP)
        target->state = TARGET_STRANGE;
    if (target->failures >= RESTS_AFTER && target->share == 1 && now_ms >= target->rests_until_ms)
        target_rest(sender, target, now_ms);
}

static void target_arrived(const struct sender *sender, struct target *target, int64_t duration_ms)
{
    target->failures = target->rests = 0;
    target->rests_until_ms = 0;
    if (duration_ms > sender->options->timeout_ms / SLOW_PART)
        target->share = target->share > 1 ? target->share / 2 : 1;
    else if (duration_ms <= sender->options->timeout_ms / QUICK_PART &&
             target->share < sender->options->per_host_max)
        target->share++;
    if (target->state == TARGET_UP)
        target->until_ms = clock_now_ms() + PING_EVERY_MS;
}

static void post_done(struct exchange_call *call)
{
    struct note *note = call->context;
    struct target *target = note->target;
    struct sender *sender = note->sender;
    target->in_flight--;
    sender->in_flight--;
    if (sender->ending && call->status == 0)
        return; /* Cut off by us: that was no try. */
    note_end(sender, note, call->status, call->error, call->duration_ms);
    if (note->result.delivered)
        target_arrived(sender, target, call->duration_ms);
    else
        target_failed(sender, target, call->status == 0);
    target_move(sender, target);
}

static void post_start(struct sender *sender, struct note *note)
{
    letter_sign(&note->letter, clock_now_ms());
    note->call = (struct exchange_call){
        .method = "POST",
        .url = note->letter.url,
        .headers = {note->letter.type_header, note->letter.token_header, note->letter.id_header,
                    note->letter.timestamp_header, note->letter.signature_header,
                    note->letter.token_before_header[0] == '\0' ? NULL
                                                                : note->letter.token_before_header},
        .body = buffer_text(&note->letter.body),
        .body_length = note->letter.body.length,
        .timeout_ms = sender->options->timeout_ms,
        .connect_timeout_ms = CONNECT_TIMEOUT_MS_MAX,
        .public_only = true,
        .done = post_done,
        .context = note,
    };
    note->target->in_flight++;
    sender->in_flight++;
    exchange_start(sender->exchange, &note->call);
}

/* --- Pings --- */

static void list_push(struct target_list *list, struct target *target)
{
    target->ready = true;
    target->next_ready = NULL;
    if (list->first == NULL)
        list->first = target;
    else
        list->last->next_ready = target;
    list->last = target;
}

static struct target *list_pop(struct target_list *list)
{
    struct target *target = list->first;
    list->first = target->next_ready;
    target->ready = false;
    return target;
}

/* Any answer means that somebody is there; what it thinks of a GET is its own affair. */
static void ping_done(struct exchange_call *call)
{
    struct sender *sender = call->context;
    struct target *target = (struct target *)(void *)((char *)call - offsetof(struct target, ping));
    int64_t now_ms = clock_now_ms();
    sender->pinging--;
    target->state = call->status != 0 ? TARGET_UP : TARGET_DOWN;
    target->until_ms = now_ms + PING_EVERY_MS;
    if (target->state == TARGET_UP && target->rests == 0 && target->share < SHARE_FIRST)
        target->share = SHARE_FIRST;
    if (target->state == TARGET_DOWN && !sender->ending) {
        char error[sizeof call->error + 8];
        int64_t down_ms = sender->options->retry_first_ms;
        target->until_ms = now_ms + (down_ms < DOWN_MS_MAX ? down_ms : DOWN_MS_MAX);
        target->share = 1;
        count(&sender->pings_failed);
        (void)snprintf(error, sizeof error, "ping: %.150s", call->error);
        notes_fail(sender, target, error, call->duration_ms);
    }
    target_move(sender, target);
}

static void ping_start(struct sender *sender, struct target *target)
{
    target->ping = (struct exchange_call){
        .method = "GET",
        .url = target->first->letter.url, /* It waits for this. */
        .timeout_ms = sender->options->timeout_ms,
        .connect_timeout_ms = CONNECT_TIMEOUT_MS_MAX,
        .public_only = true,
        .done = ping_done,
        .context = sender,
    };
    sender->pinging++;
    count(&sender->pings);
    exchange_start(sender->exchange, &target->ping);
}

/* --- Moving on --- */

/* How many POSTs a target may have under way now: never all that are left. */
static size_t target_allowed(const struct sender *sender, const struct target *target)
{
    size_t free = sender->options->under_way_max - sender->in_flight;
    size_t allowed = free / 4 + 1;
    if (allowed > sender->options->per_host_max)
        allowed = sender->options->per_host_max;
    return target->share < allowed ? target->share : allowed;
}

/* Does what can be done for a target that something waits for. */
static void target_move(struct sender *sender, struct target *target)
{
    int64_t now_ms = clock_now_ms();
    if (target->first == NULL || sender->ending || target->state == TARGET_PINGING)
        return;
    if (now_ms < target->rests_until_ms) {
        notes_drop(sender, target, target->rests_until_ms);
        return;
    }
    if (target->state == TARGET_DOWN && now_ms < target->until_ms) {
        notes_fail(sender, target, "its server did not answer the last ping", 0);
        return;
    }
    if (target->ready)
        return;
    if (target->state == TARGET_STRANGE || now_ms >= target->until_ms) {
        list_push(target->state == TARGET_DOWN ? &sender->down : &sender->strange, target);
        target->state = TARGET_PINGING;
    } else if (target->in_flight < target_allowed(sender, target)) {
        list_push(&sender->ready, target);
    }
}

/* Sends one, unless its queue is another process's by now: that reads it for itself. */
static void note_send(struct sender *sender, struct note *note)
{
    uint32_t held = shares_held(sender->options->shares, DUTY_NOTIFICATIONS);
    if ((held & shard_of_queue(note->queue->number)) != 0) {
        post_start(sender, note);
        return;
    }
    note->next = sender->dropped;
    sender->dropped = note;
}

/* Sends what may be sent, a target after the other. */
void sender_send(struct sender *sender)
{
    size_t pings_max = sender->options->under_way_max / 2 + 1;
    while (sender->strange.first != NULL && sender->pinging < pings_max)
        ping_start(sender, list_pop(&sender->strange));
    while (sender->down.first != NULL && sender->pinging < pings_max / 2 + 1)
        ping_start(sender, list_pop(&sender->down));
    while (sender->ready.first != NULL && sender->in_flight < sender->options->under_way_max) {
        struct target *target = list_pop(&sender->ready);
        if (target->state == TARGET_UP && target->first != NULL &&
            target->in_flight < target_allowed(sender, target))
            note_send(sender, target_pop(target));
        target_move(sender, target);
    }
}

void sender_take(struct sender *sender, struct target *target, struct note *note)
{
    note->sender = sender;
    note->target = target;
    if (note->letter.secret[0] == '\0') {
        (void)snprintf(note->call.error, sizeof note->call.error,
                       "the %s's secret key does not open",
                       note->at.key.endpoint == 0 ? "merchant" : "endpoint");
        note_end(sender, note, 0, note->call.error, 0);
        return;
    }
    target_push(target, note);
    target_move(sender, target);
}

/* --- Figures --- */

static void metric_write(struct buffer *text, const char *name, const char *help,
                         const atomic_uint_fast64_t *figure)
{
    buffer_format(text,
                  "# HELP payoutd_notifications_%s %s\n# TYPE payoutd_notifications_%s counter\n",
                  name, help, name);
    buffer_format(text, "payoutd_notifications_%s %" PRIuFAST64 "\n", name, atomic_load(figure));
}

static void delays_write(const struct sender *sender, struct buffer *text)
{
    static const char name[] = "payoutd_notification_delay_seconds";
    uint64_t below = 0, sum_ms = atomic_load(&sender->delay_ms_sum);
    buffer_format(text,
                  "# HELP %s From a change to its notification's delivery.\n# TYPE %s "
                  "histogram\n",
                  name, name);
    for (size_t i = 0; i < SENDER_DELAY_BUCKETS; i++) {
        below += atomic_load(&sender->delays[i]);
        if (i < SENDER_DELAY_BUCKETS - 1)
            buffer_format(text, "%s_bucket{le=\"%" PRId64 ".%03" PRId64 "\"} %" PRIu64 "\n", name,
                          delay_limits_ms[i] / 1000, delay_limits_ms[i] % 1000, below);
        else
            buffer_format(text, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n", name, below);
    }
    buffer_format(text, "%s_sum %" PRIu64 ".%03" PRIu64 "\n%s_count %" PRIu64 "\n", name,
                  sum_ms / 1000, sum_ms % 1000, name, below);
}

void sender_metrics(const struct sender *sender, struct buffer *text)
{
    metric_write(text, "delivered_total", "Deliveries answered 2xx.", &sender->delivered);
    metric_write(text, "failed_total", "Tries that failed.", &sender->failed);
    metric_write(text, "given_up_total", "Given up after three days.", &sender->given_up);
    metric_write(text, "pings_total", "Pings of merchants' servers.", &sender->pings);
    metric_write(text, "pings_failed_total", "Pings without an answer.", &sender->pings_failed);
    metric_write(text, "rests_total", "Rests of servers that failed again and again.",
                 &sender->rests);
    delays_write(sender, text);
}

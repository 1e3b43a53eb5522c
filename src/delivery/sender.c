#include "delivery/sender.h"

#include <stddef.h>
#include <stdio.h>

#include "base/clock.h"
#include "delivery/backoff.h"

enum {
    CONNECT_TIMEOUT_MS_MAX = 5000,
    PING_EVERY_MS = 600000,
    DOWN_MS_MAX = 10000, /* After a ping that failed all else fails with it, at most so long. */
};

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

static void count(atomic_uint_fast64_t *figure)
{
    atomic_fetch_add_explicit(figure, 1, memory_order_relaxed);
}

static void target_move(struct sender *sender, struct target *target);

/* One try has ended, or was not worth it. error lives as long as the note. */
static void note_end(struct sender *sender, struct note *note, int status, const char *error,
                     int64_t duration_ms)
{
    int64_t now_ms = clock_now_ms();
    bool delivered = status >= 200 && status < 300;
    note->result = (struct delivery_item){.delivery = {.transfer = note->at.transfer,
                                                       .number = note->at.number,
                                                       .at_ms = now_ms - duration_ms,
                                                       .duration_ms = duration_ms,
                                                       .http_status = status,
                                                       .error = error},
                                          .delivered = delivered};
    if (!delivered)
        note->result.next_at_ms =
            backoff_next_ms(sender->options->retry_first_ms,
                            note->attempts < INT32_MAX ? note->attempts + 1 : INT32_MAX,
                            note->created_at_ms, now_ms);
    count(delivered ? &sender->delivered : &sender->failed);
    if (!delivered && note->result.next_at_ms == 0)
        count(&sender->given_up);
    note->next = NULL;
    if (sender->results == NULL)
        sender->results = note;
    else
        sender->results_last->next = note;
    sender->results_last = note;
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
    if (call->status == 0 && target->state == TARGET_UP)
        target->state = TARGET_STRANGE;
    note_end(sender, note, call->status, call->error, call->duration_ms);
    target_move(sender, target);
}

static void post_start(struct sender *sender, struct note *note)
{
    letter_sign(&note->letter, clock_now_ms());
    note->call = (struct exchange_call){
        .method = "POST",
        .url = note->letter.url,
        .headers = {"Content-Type: application/x-www-form-urlencoded", note->letter.token_header,
                    note->letter.id_header, note->letter.timestamp_header,
                    note->letter.signature_header,
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

/* Any answer means that somebody is there; what it thinks of a GET is its own affair. */
static void ping_done(struct exchange_call *call)
{
    struct sender *sender = call->context;
    struct target *target = (struct target *)(void *)((char *)call - offsetof(struct target, ping));
    int64_t now_ms = clock_now_ms();
    target->state = call->status != 0 ? TARGET_UP : TARGET_DOWN;
    target->until_ms = now_ms + PING_EVERY_MS;
    if (target->state == TARGET_DOWN && !sender->ending) {
        int64_t down_ms = sender->options->retry_first_ms;
        target->until_ms = now_ms + (down_ms < DOWN_MS_MAX ? down_ms : DOWN_MS_MAX);
        count(&sender->pings_failed);
        int64_t duration_ms = call->duration_ms;
        for (struct note *note; (note = target_pop(target)) != NULL; duration_ms = 0) {
            (void)snprintf(note->call.error, sizeof note->call.error, "ping: %.150s", call->error);
            note_end(sender, note, 0, note->call.error, duration_ms);
        }
    }
    target_move(sender, target);
}

static void ping_start(struct sender *sender, struct target *target)
{
    target->state = TARGET_PINGING;
    target->ping = (struct exchange_call){
        .method = "GET",
        .url = target->first->letter.url, /* It waits for this. */
        .timeout_ms = sender->options->timeout_ms,
        .connect_timeout_ms = CONNECT_TIMEOUT_MS_MAX,
        .public_only = true,
        .done = ping_done,
        .context = sender,
    };
    count(&sender->pings);
    exchange_start(sender->exchange, &target->ping);
}

/* Does what can be done for a target that something waits for. */
static void target_move(struct sender *sender, struct target *target)
{
    if (target->first == NULL || sender->ending || target->state == TARGET_PINGING)
        return;
    if (target->state == TARGET_STRANGE || clock_now_ms() >= target->until_ms) {
        ping_start(sender, target);
        return;
    }
    if (target->state == TARGET_DOWN) {
        for (struct note *note; (note = target_pop(target)) != NULL;)
            note_end(sender, note, 0, "its server did not answer the last ping", 0);
        return;
    }
    if (target->ready || target->in_flight >= sender->options->per_host_max)
        return;
    target->ready = true;
    target->next_ready = NULL;
    if (sender->ready == NULL)
        sender->ready = target;
    else
        sender->ready_last->next_ready = target;
    sender->ready_last = target;
}

/* Sends what may be sent, a target after the other. */
void sender_send(struct sender *sender)
{
    while (sender->ready != NULL && sender->in_flight < sender->options->under_way_max) {
        struct target *target = sender->ready;
        sender->ready = target->next_ready;
        target->ready = false;
        if (target->state == TARGET_UP && target->first != NULL)
            post_start(sender, target_pop(target));
        target_move(sender, target);
    }
}

void sender_take(struct sender *sender, struct target *target, struct note *note)
{
    note->sender = sender;
    note->target = target;
    if (note->letter.secret[0] == '\0') {
        (void)snprintf(note->call.error, sizeof note->call.error,
                       "the merchant's secret key does not open");
        note_end(sender, note, 0, note->call.error, 0);
        return;
    }
    target_push(target, note);
    target_move(sender, target);
}

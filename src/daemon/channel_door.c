#include "daemon/channel_door.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/log.h"
#include "daemon/steward.h"
#include "operators/operator.h"
#include "operators/worker.h"

enum { ARENA_BYTES = 1 << 20 };

struct channel_door {
    const struct routing *routing;
    struct store *store;
    struct operator_worker *worker;
    struct steward *steward;
    struct http_channels http;
    pthread_mutex_t reading;     /* Whoever reads last has read what was said last. */
    struct store_reader *reader; /* Under it. NULL: not opened yet. */
    atomic_bool off[CHANNEL_NUMBER_MAX + 1];
    atomic_int_fast64_t switched_at_ms[CHANNEL_NUMBER_MAX + 1]; /* 0: never. */
};

bool channel_door_off(void *context, const struct channel *channel)
{
    const struct channel_door *door = context;
    return atomic_load_explicit(&door->off[channel->number], memory_order_relaxed);
}

/* --- For http --- */

static enum payout_code transfer_check(void *context, const struct transfer *transfer)
{
    const struct channel_door *door = context;
    enum payout_code code = PAYOUT_OPERATOR_NOT_AVAILABLE;
    const struct channel *channel;
    for (size_t i = 0; (channel = routing_at(door->routing, i)) != NULL; i++) {
        if (!routing_fits(channel, transfer))
            continue;
        if (!channel_door_off(context, channel))
            return PAYOUT_OK;
        code = PAYOUT_OPERATOR_UNAVAILABLE;
    }
    return code;
}

static void callback_read(void *context, const struct http_callback *callback,
                          struct http_callback_said *said)
{
    const struct channel_door *door = context;
    const struct channel *channel = routing_named(door->routing, callback->channel);
    *said = (struct http_callback_said){.word = HTTP_CALLBACK_NOBODY};
    if (channel == NULL || (channel->connector->abilities & OPERATOR_CALLS_BACK) == 0)
        return;
    said->channel = channel->number;
    switch (
        channel->connector->callback_read(&(struct operator_callback){.channel = channel,
                                                                      .method = callback->method,
                                                                      .rest = callback->rest,
                                                                      .body = callback->body,
                                                                      .length = callback->length,
                                                                      .now_ms = callback->now_ms,
                                                                      .header = callback->header,
                                                                      .context = callback->context},
                                          said->reference)) {
    case OPERATOR_CALLBACK_FORGED:
        said->word = HTTP_CALLBACK_FORGED;
        break;
    case OPERATOR_CALLBACK_UNCLEAR:
        said->word = HTTP_CALLBACK_UNCLEAR;
        break;
    case OPERATOR_CALLBACK_ABOUT:
        said->word = HTTP_CALLBACK_ABOUT;
        break;
    }
}

/* What a breaker means to those who look at it: in their words an open one is closed. */
static const char *state_text(enum breaker_state state, bool throttled)
{
    switch (state) {
    case BREAKER_CLOSED:
        break;
    case BREAKER_HALF_OPEN:
        return "tried";
    case BREAKER_OPEN:
        return "down";
    }
    return throttled ? "throttled" : "open";
}

/* How the worker sees a channel; as open, as long as there is none. */
static struct operator_picture picture_of(const struct channel_door *door,
                                          const struct channel *channel)
{
    struct operator_picture picture = {.submits = BREAKER_CLOSED, .asks = BREAKER_CLOSED};
    if (door->worker != NULL && !operator_worker_picture(door->worker, channel->number, &picture))
        invariant(!"the worker has the same channels");
    return picture;
}

static bool channel_look(void *context, size_t index, struct http_channel *shown)
{
    const struct channel_door *door = context;
    const struct channel *channel = routing_at(door->routing, index);
    if (channel == NULL)
        return false;
    struct operator_picture picture = picture_of(door, channel);
    *shown = (struct http_channel){
        .number = channel->number,
        .name = channel->name,
        .connector = channel->connector->name,
        .url = channel->url,
        .currency = channel->currency,
        .operators = channel->operators,
        .priority = channel->priority,
        .weight = channel->weight,
        .off = channel_door_off(context, channel),
        .state = state_text(picture.submits, picture.closed_ms > 0 && !picture.off),
        .asks_state = state_text(picture.asks, false),
        .since_ms = picture.since_ms,
        .waiting = picture.waiting,
        .under_way = picture.under_way,
        .put_off = picture.put_off,
        .answered = picture.answered,
        .failed = picture.failed,
        .float_known = picture.float_known,
        .float_minor = picture.float_minor,
        .float_at_ms = picture.float_at_ms,
        .float_alarm_minor = channel->float_alarm_minor};
    return true;
}

/* How one channel for the operator is. */
static struct http_operator channel_status(struct channel_door *door, const struct channel *channel)
{
    if (channel_door_off(door, channel))
        return (struct http_operator){HTTP_OPERATOR_OFF,
                                      atomic_load(&door->switched_at_ms[channel->number])};
    struct operator_picture picture = picture_of(door, channel);
    bool open = picture.submits == BREAKER_CLOSED;
    return (struct http_operator){open ? HTTP_OPERATOR_AVAILABLE : HTTP_OPERATOR_DOWN,
                                  picture.since_ms};
}

/* An operator is as good as the best of its channels. It is available since the first of them is,
 * and down or off since the last one went. */
static void operator_look(void *context, struct merchant_id merchant, int operator_number,
                          struct http_operator *answer)
{
    struct channel_door *door = context;
    const struct channel *channel;
    *answer = (struct http_operator){.status = HTTP_OPERATOR_OFF};
    bool any = false;
    for (size_t i = 0; (channel = routing_at(door->routing, i)) != NULL; i++) {
        if (!routing_reaches(channel, merchant, operator_number))
            continue;
        struct http_operator one = channel_status(door, channel);
        bool better = !any || one.status < answer->status;
        bool equal = any && one.status == answer->status;
        bool earlier = one.since_ms < answer->since_ms;
        if (better || (equal && earlier == (one.status == HTTP_OPERATOR_AVAILABLE)))
            *answer = one;
        any = true;
    }
}

static bool reverses(void *context, int number)
{
    const struct channel_door *door = context;
    const struct channel *channel = routing_channel(door->routing, number);
    return channel != NULL && (channel->connector->abilities & OPERATOR_REVERSES) != 0;
}

/* --- What persons said --- */

static enum fault_kind words_read(struct channel_door *door, bool tell, struct fault *fault)
{
    AUTO(arena_closep) struct arena *arena = arena_open(ARENA_BYTES);
    struct channel_switch *words = NULL;
    size_t count = 0;
    if ((door->reader == NULL &&
         store_reader_open(door->store, &door->reader, fault) != FAULT_NONE) ||
        store_read_channel_switches(door->reader, arena, &words, &count, fault) != FAULT_NONE)
        return fault_wrap(fault, "read which channels are switched off");
    for (size_t i = 0; i < count; i++) {
        const struct channel *channel = routing_channel(door->routing, words[i].channel);
        atomic_store(&door->off[words[i].channel], words[i].off);
        atomic_store(&door->switched_at_ms[words[i].channel], words[i].at_ms);
        if (tell && words[i].off && channel != NULL)
            log_event(LOG_LEVEL_WARNING, "a channel is switched off",
                      LOG_TEXT("channel", channel->name), LOG_TEXT("person", words[i].person),
                      LOG_TEXT("reason", words[i].reason));
    }
    return FAULT_NONE;
}

enum fault_kind channel_door_look(struct channel_door *door, struct fault *fault)
{
    invariant(pthread_mutex_lock(&door->reading) == 0);
    enum fault_kind kind = words_read(door, false, fault);
    invariant(pthread_mutex_unlock(&door->reading) == 0);
    if (door->worker != NULL)
        operator_worker_wake(door->worker);
    return kind;
}

static enum fault_kind switched(void *context, struct fault *fault)
{
    struct channel_door *door = context;
    steward_tell_channels(door->steward);
    return channel_door_look(door, fault);
}

/* --- Opening and closing --- */

enum fault_kind channel_door_open(const struct routing *routing, struct store *store,
                                  struct channel_door **door, struct fault *fault)
{
    struct channel_door *opened = calloc(1, sizeof *opened);
    invariant(opened != NULL);
    invariant(pthread_mutex_init(&opened->reading, NULL) == 0);
    opened->routing = routing;
    opened->store = store;
    opened->http = (struct http_channels){.context = opened,
                                          .transfer_check = transfer_check,
                                          .callback_read = callback_read,
                                          .channel_look = channel_look,
                                          .operator_look = operator_look,
                                          .reverses = reverses,
                                          .switched = switched};
    *door = opened; /* After a fault too: its owner closes it. */
    return words_read(opened, true, fault);
}

void channel_door_close(struct channel_door *door)
{
    if (door == NULL)
        return;
    store_reader_close(door->reader);
    invariant(pthread_mutex_destroy(&door->reading) == 0);
    free(door);
}

const struct http_channels *channel_door_http(struct channel_door *door)
{
    return &door->http;
}

void channel_door_worker(struct channel_door *door, struct operator_worker *worker)
{
    door->worker = worker;
}

void channel_door_steward(struct channel_door *door, struct steward *steward)
{
    door->steward = steward;
}

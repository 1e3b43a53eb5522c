#include "daemon/channel_door.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/log.h"
#include "operators/operator.h"

enum { ARENA_BYTES = 1 << 20 };

struct channel_door {
    const struct routing *routing;
    struct http_channels http;
    atomic_bool off[CHANNEL_NUMBER_MAX + 1];
};

bool channel_door_off(const struct channel_door *door, const struct channel *channel)
{
    return atomic_load_explicit(&door->off[channel->number], memory_order_relaxed);
}

static enum payout_code transfer_check(void *context, const struct transfer *transfer)
{
    const struct channel_door *door = context;
    enum payout_code code = PAYOUT_OPERATOR_NOT_AVAILABLE;
    const struct channel *channel;
    for (size_t i = 0; (channel = routing_at(door->routing, i)) != NULL; i++) {
        if (!routing_fits(channel, transfer))
            continue;
        if (!channel_door_off(door, channel))
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

struct channel_door *channel_door_open(const struct routing *routing)
{
    struct channel_door *door = calloc(1, sizeof *door);
    invariant(door != NULL);
    door->routing = routing;
    door->http = (struct http_channels){
        .context = door, .transfer_check = transfer_check, .callback_read = callback_read};
    return door;
}

void channel_door_close(struct channel_door *door)
{
    free(door);
}

const struct http_channels *channel_door_http(struct channel_door *door)
{
    return &door->http;
}

enum fault_kind channel_door_read(struct channel_door *door, struct store *store,
                                  struct fault *fault)
{
    AUTO(store_reader_closep) struct store_reader *reader = NULL;
    AUTO(arena_closep) struct arena *arena = arena_open(ARENA_BYTES);
    struct channel_switch *switches = NULL;
    size_t count = 0;
    if (store_reader_open(store, &reader, fault) != FAULT_NONE ||
        store_read_channel_switches(reader, arena, &switches, &count, fault) != FAULT_NONE)
        return fault_wrap(fault, "read which channels are switched off");
    for (size_t i = 0; i < count; i++) {
        const struct channel *channel = routing_channel(door->routing, switches[i].channel);
        atomic_store(&door->off[switches[i].channel], switches[i].off);
        if (switches[i].off && channel != NULL)
            log_event(LOG_LEVEL_WARNING, "a channel is switched off",
                      LOG_TEXT("channel", channel->name), LOG_TEXT("person", switches[i].person),
                      LOG_TEXT("reason", switches[i].reason));
    }
    return FAULT_NONE;
}

#include "operators/routing.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"

/* What is looked at of each channel before anything else: the channels themselves are large. */
struct route {
    const struct channel *channel;
    uint64_t operators;
};

struct routing {
    size_t count;
    struct route *routes; /* By priority, then by number. */
    const struct channel *by_number[CHANNEL_NUMBER_MAX + 1];
};

static int route_compare(const void *left, const void *right)
{
    const struct channel *a = ((const struct route *)left)->channel;
    const struct channel *b = ((const struct route *)right)->channel;
    if (a->priority != b->priority)
        return a->priority < b->priority ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

struct routing *routing_open(const struct channel *channels, size_t count)
{
    struct routing *routing = calloc(1, sizeof *routing);
    invariant(routing != NULL && count <= CHANNEL_NUMBER_MAX);
    routing->routes = calloc(count + 1, sizeof *routing->routes);
    invariant(routing->routes != NULL);
    routing->count = count;
    for (size_t i = 0; i < count; i++) {
        const struct channel *channel = &channels[i];
        invariant(channel->number >= 1 && channel->number <= CHANNEL_NUMBER_MAX);
        invariant(routing->by_number[channel->number] == NULL);
        invariant(channel->weight >= 1);
        routing->by_number[channel->number] = channel;
        routing->routes[i] = (struct route){channel, channel->operators};
    }
    qsort(routing->routes, count, sizeof *routing->routes, route_compare);
    return routing;
}

void routing_close(struct routing *routing)
{
    if (routing == NULL)
        return;
    free(routing->routes);
    free(routing);
}

static bool merchant_fits(const struct channel *channel, struct merchant_id merchant)
{
    for (size_t i = 0; i < channel->merchant_count; i++)
        if (channel->merchants[i] == merchant.value)
            return true;
    return channel->merchant_count == 0;
}

bool routing_reaches(const struct channel *channel, struct merchant_id merchant,
                     int operator_number)
{
    invariant(operator_number > 0 && operator_number < 64);
    return (channel->operators >> operator_number & 1) != 0 && merchant_fits(channel, merchant);
}

bool routing_fits(const struct channel *channel, const struct transfer *transfer)
{
    struct amount delivered = transfer_delivered(transfer);
    return routing_reaches(channel, transfer->merchant, transfer->operator_number) &&
           (channel->currency == 0 || delivered.currency == channel->currency) &&
           delivered.minor >= channel->amount_min_minor &&
           (channel->amount_max_minor == 0 || delivered.minor <= channel->amount_max_minor);
}

/* Spreads ids, which come in order of time, evenly over 64 bits: the finalizer of splitmix64
 * (Vigna), which maps no two numbers to one. */
static uint64_t id_spread(int64_t id)
{
    uint64_t mixed = (uint64_t)id + UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ mixed >> 31;
}

/* One of count open channels of one priority, by their weights. */
static const struct channel *by_weight(const struct channel *const *open, size_t count, int64_t id)
{
    uint64_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += (uint64_t)open[i]->weight;
    uint64_t at = ((id_spread(id) >> 32) * total) >> 32; /* 0 to total - 1 */
    size_t chosen = 0;
    while (at >= (uint64_t)open[chosen]->weight) {
        at -= (uint64_t)open[chosen++]->weight;
        invariant(chosen < count);
    }
    return open[chosen];
}

const struct channel *routing_choose(const struct routing *routing, const struct transfer *transfer,
                                     routing_open_function *is_open, void *context)
{
    const struct channel *found[CHANNEL_NUMBER_MAX];
    size_t count = 0;
    if (transfer->channel != 0) {
        const struct channel *its = routing_channel(routing, transfer->channel);
        return its != NULL && is_open(context, its) ? its : NULL;
    }
    uint64_t bit = UINT64_C(1) << transfer->operator_number;
    for (size_t i = 0; i < routing->count; i++) {
        const struct route *route = &routing->routes[i];
        if ((route->operators & bit) == 0 || !routing_fits(route->channel, transfer))
            continue;
        if (count > 0 && route->channel->priority != found[0]->priority)
            break;
        if (is_open(context, route->channel))
            found[count++] = route->channel;
    }
    return count == 0 ? NULL : by_weight(found, count, transfer->id.value);
}

bool routing_covers(const struct routing *routing, const struct transfer *transfer)
{
    for (size_t i = 0; i < routing->count; i++)
        if (routing_fits(routing->routes[i].channel, transfer))
            return true;
    return false;
}

const struct channel *routing_channel(const struct routing *routing, int number)
{
    return number < 1 || number > CHANNEL_NUMBER_MAX ? NULL : routing->by_number[number];
}

const struct channel *routing_named(const struct routing *routing, const char *name)
{
    for (size_t i = 0; i < routing->count; i++)
        if (strcmp(routing->routes[i].channel->name, name) == 0)
            return routing->routes[i].channel;
    return NULL;
}

const struct channel *routing_at(const struct routing *routing, size_t index)
{
    return index < routing->count ? routing->routes[index].channel : NULL;
}

/* /admin/v1/channels: the platform's channels to its operators, how each is, and a person's word
 * that one is off or on; /admin/v1/callbacks: what operators said and nobody could place. */
#include <string.h>

#include "http/admin.h"
#include "http/endpoint.h"
#include "http/route.h"
#include "http/worker.h"
#include "money/tariff.h"
#include "wire/reply.h"

static void operators_write(struct buffer *text, uint64_t operators)
{
    admin_open_member(text, "operators", '[');
    for (int number = 1; number <= OPERATOR_NUMBER_MAX; number++) {
        const struct operator_entry *entry = tariff_operator(number, NULL);
        if (entry == NULL || (operators >> number & 1) == 0)
            continue;
        admin_comma(text);
        reply_text(text, entry->payment_method);
    }
    buffer_char(text, ']');
}

/* said: a person's last word on it; NULL: there is none. */
static void switch_write(struct buffer *text, const struct channel_switch *said)
{
    reply_text_member(text, "switched_by", said == NULL ? NULL : said->person);
    reply_text_member(text, "reason", said == NULL ? NULL : said->reason);
    admin_time_member(text, "switched_at", said == NULL ? 0 : said->at_ms);
}

static void float_write(struct buffer *text, const struct http_channel *channel)
{
    if (channel->float_known)
        reply_int_member(text, "float", channel->float_minor);
    else
        reply_text_member(text, "float", NULL);
    admin_time_member(text, "float_at", channel->float_at_ms);
    reply_int_member(text, "float_alarm", channel->float_alarm_minor);
    reply_bool_member(text, "float_low",
                      channel->float_known && channel->float_minor < channel->float_alarm_minor);
}

static void channel_members_write(struct buffer *text, const struct http_channel *channel,
                                  const struct channel_switch *said)
{
    reply_text_member(text, "name", channel->name);
    reply_int_member(text, "number", channel->number);
    reply_text_member(text, "connector", channel->connector);
    reply_text_member(text, "url", channel->url);
    reply_text_member(text, "currency",
                      channel->currency == 0 ? NULL : currency_text(channel->currency));
    operators_write(text, channel->operators);
    reply_int_member(text, "priority", channel->priority);
    reply_int_member(text, "weight", channel->weight);
    reply_bool_member(text, "off", channel->off);
    switch_write(text, said);
    reply_text_member(text, "state", channel->state);
    reply_text_member(text, "asks_state", channel->asks_state);
    admin_time_member(text, "since", channel->since_ms);
    reply_int_member(text, "waiting", channel->waiting);
    reply_int_member(text, "under_way", channel->under_way);
    reply_int_member(text, "put_off", channel->put_off);
    reply_int_member(text, "answered", channel->answered);
    reply_int_member(text, "failed", channel->failed);
    float_write(text, channel);
}

static const struct channel_switch *said_of(const struct channel_switch *switches, size_t count,
                                            int channel)
{
    for (size_t i = 0; i < count; i++)
        if (switches[i].channel == channel)
            return &switches[i];
    return NULL;
}

/* The channel with this index; false beyond the last. */
static bool look(const struct request *request, size_t index, struct http_channel *channel)
{
    const struct http_channels *channels = &request->http->channels;
    return channels->channel_look != NULL &&
           channels->channel_look(channels->context, index, channel);
}

/* The channel that the path names. False: refused. */
static bool path_channel(struct request *request, struct http_channel *channel)
{
    for (size_t i = 0; look(request, i, channel); i++)
        if (strcmp(channel->name, request->parameters[0]) == 0)
            return true;
    (void)admin_refuse(request, PAYOUT_NOT_FOUND, "There is no such channel");
    return false;
}

enum turn admin_channels(struct request *request)
{
    struct store_reader *reader;
    struct channel_switch *switches;
    struct http_channel channel;
    struct fault fault;
    size_t count;
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        store_read_channel_switches(reader, request->arena, &switches, &count, &fault) !=
            FAULT_NONE)
        return route_fault(request, &fault);
    struct buffer *text = admin_begin(request);
    admin_open_member(text, "channels", '[');
    for (size_t i = 0; look(request, i, &channel); i++) {
        admin_comma(text);
        buffer_char(text, '{');
        channel_members_write(text, &channel, said_of(switches, count, channel.number));
        buffer_char(text, '}');
    }
    buffer_char(text, ']');
    return admin_end(request);
}

enum turn admin_channel_show(struct request *request)
{
    struct store_reader *reader;
    struct channel_switch *switches;
    struct http_channel channel;
    struct fault fault;
    size_t count;
    if (!path_channel(request, &channel))
        return TURN_REPLY;
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        store_read_channel_switches(reader, request->arena, &switches, &count, &fault) !=
            FAULT_NONE)
        return route_fault(request, &fault);
    channel_members_write(admin_begin(request), &channel, said_of(switches, count, channel.number));
    return admin_end(request);
}

enum turn admin_channel_switch(struct request *request)
{
    static const char *const names[] = {"switch", "reason", "person", NULL};
    struct switch_channel *word = &request->job.command.switch_channel;
    struct http_channel channel;
    struct admin_input input;
    if (!path_channel(request, &channel) || !admin_input_read(request, names, &input))
        return TURN_REPLY;
    const char *to = admin_input_text(&input, "switch");
    if (to == NULL || (strcmp(to, "on") != 0 && strcmp(to, "off") != 0))
        return admin_refuse(request, PAYOUT_INVALID_PARAM, "switch must be on or off");
    word->person = admin_input_person(&input, CHANNEL_SWITCH_PERSON_BYTES_MAX,
                                      "person must say who switches it, in 1 to 128 bytes");
    if (word->person == NULL)
        return TURN_REPLY;
    word->reason = admin_input_words(&input, "reason", CHANNEL_SWITCH_REASON_BYTES_MAX,
                                     "reason must say why, in 1 to 500 bytes");
    if (word->reason == NULL)
        return TURN_REPLY;
    word->channel = channel.number;
    word->name = channel.name;
    word->off = strcmp(to, "off") == 0;
    request->job.command.kind = COMMAND_SWITCH_CHANNEL;
    return TURN_LANE;
}

enum turn admin_channel_switched(struct request *request)
{
    const struct http_channels *channels = &request->http->channels;
    const struct command *command = &request->job.command;
    struct fault fault;
    if (command->code != PAYOUT_OK)
        return request_refuse(request, command->code);
    if (channels->switched(channels->context, &fault) != FAULT_NONE)
        return route_fault(request, &fault);
    struct buffer *text = admin_begin(request);
    reply_text_member(text, "name", command->switch_channel.name);
    reply_bool_member(text, "off", command->switch_channel.off);
    admin_time_member(text, "switched_at", command->switch_channel.at_ms);
    return admin_end(request);
}

/* --- What was parked --- */

/* The name of the channel with this number; NULL: there is none any more. */
static const char *channel_name(const struct request *request, int number)
{
    struct http_channel channel;
    for (size_t i = 0; look(request, i, &channel); i++)
        if (channel.number == number)
            return channel.name;
    return NULL;
}

enum turn admin_callbacks(struct request *request)
{
    struct store_reader *reader;
    struct callback *callbacks;
    size_t count;
    struct fault fault;
    int64_t before, limit;
    if (!admin_query_number(request, "before", 0, 0, INT64_MAX, &before) ||
        !admin_query_number(request, "limit", ADMIN_PAGE_DEFAULT, 1, ADMIN_PAGE_MAX, &limit))
        return TURN_REPLY;
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        store_read_callbacks(reader, request->arena, before, (size_t)limit, &callbacks, &count,
                             &fault) != FAULT_NONE)
        return route_fault(request, &fault);
    struct buffer *text = admin_begin(request);
    admin_open_member(text, "callbacks", '[');
    for (size_t i = 0; i < count; i++) {
        const struct callback *callback = &callbacks[i];
        admin_comma(text);
        buffer_char(text, '{');
        reply_int_member(text, "id", callback->id);
        reply_text_member(text, "channel", channel_name(request, callback->channel));
        reply_int_member(text, "channel_number", callback->channel);
        reply_text_member(text, "reference", callback->reference);
        reply_text_member(text, "why", callback->why);
        reply_text_member(text, "body", callback->body);
        reply_int_member(text, "times", callback->times);
        admin_time_member(text, "first_at", callback->first_at_ms);
        admin_time_member(text, "last_at", callback->last_at_ms);
        buffer_char(text, '}');
    }
    buffer_char(text, ']');
    if (count == (size_t)limit) /* There may be more: ask with before. */
        reply_int_member(text, "next_before", callbacks[count - 1].id);
    return admin_end(request);
}

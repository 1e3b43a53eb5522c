/* /admin/v1/merchants/{id}/endpoints: who is told of all of a merchant's transfers, besides each
 * one's notify_url. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/random.h"
#include "http/admin.h"
#include "http/endpoint.h"
#include "http/route.h"
#include "http/url.h"
#include "http/worker.h"
#include "wire/reply.h"
#include "wire/signature.h"

enum { OLD_SECRET_S = 24 * 3600, OLD_VALID_S_MAX = 30 * 24 * 3600 };

/* What is shown once, kept between the halves of a request. */
struct keys {
    struct endpoint endpoint; /* The one to be made, or changed. */
    char secret[SIGNATURE_SECRET_BYTES];
};

static const char *const setting_names[] = {"url", "events", "format", "enabled", NULL};

/* --- Reading --- */

/* The merchant and (unless NULL) the endpoint of the path. False: refused. */
static bool path_read(struct request *request, struct endpoint *endpoint, bool numbered)
{
    int64_t number = 0;
    if (!admin_path_merchant(request, &endpoint->merchant))
        return false;
    if (numbered && !admin_number_read(request->parameters[1], 1, ENDPOINT_NUMBER_MAX, &number)) {
        (void)admin_refuse(request, PAYOUT_NOT_FOUND, "There is no such endpoint");
        return false;
    }
    endpoint->number = (int32_t)number;
    return true;
}

/* Why the settings that were sent are not right; NULL when they are. */
static const char *settings_read(const struct admin_input *input, struct endpoint *endpoint,
                                 unsigned *fields)
{
    const char *url = admin_input_text(input, "url"), *events = admin_input_text(input, "events");
    const char *format = admin_input_text(input, "format");
    if (url != NULL) {
        if (!url_valid(url))
            return "url must be an http or https URL of at most 1000 bytes";
        (void)snprintf(endpoint->url, sizeof endpoint->url, "%s", url);
        *fields |= ENDPOINT_FIELD_URL;
    }
    if (events != NULL) {
        if (!endpoint_events_read(events, &endpoint->events))
            return "events must be some of NEW, REC, NOS, VAL and REJ, with blanks between";
        *fields |= ENDPOINT_FIELD_EVENTS;
    }
    if (format != NULL) {
        if (!endpoint_format_read(format, &endpoint->format))
            return "format must be form or json";
        *fields |= ENDPOINT_FIELD_FORMAT;
    }
    return NULL;
}

/* Reads what may be set. False: refused. */
static bool input_read(struct request *request, struct endpoint *endpoint, unsigned *fields)
{
    struct admin_input input;
    bool sent, enabled = true;
    if (!admin_input_read(request, setting_names, &input))
        return false;
    const char *why = settings_read(&input, endpoint, fields);
    if (why != NULL) {
        (void)admin_refuse(request, PAYOUT_INVALID_PARAM, why);
        return false;
    }
    if (!admin_input_flag(&input, "enabled", &sent, &enabled))
        return false;
    endpoint->state = enabled ? ENDPOINT_ON : ENDPOINT_OFF;
    *fields |= sent ? ENDPOINT_FIELD_STATE : 0;
    return true;
}

/* --- Writing --- */

static void endpoint_write(struct buffer *text, const struct endpoint *endpoint)
{
    char events[ENDPOINT_EVENTS_BYTES];
    endpoint_events_text(endpoint->events, events);
    admin_comma(text);
    buffer_char(text, '{');
    reply_int_member(text, "number", endpoint->number);
    reply_text_member(text, "url", endpoint->url);
    reply_text_member(text, "events", events);
    reply_text_member(text, "format", endpoint_format_text(endpoint->format));
    reply_text_member(text, "state", endpoint_state_text(endpoint->state));
    admin_time_member(text, "since", endpoint->changed_at_ms);
    admin_time_member(text, "created_at", endpoint->created_at_ms);
    reply_int_member(text, "failures", endpoint->failures);
    admin_time_member(text, "failing_since", endpoint->failing_since_ms);
    admin_time_member(text, "old_valid_until", endpoint->secret_before_until_ms);
    buffer_char(text, '}');
}

enum turn admin_endpoints(struct request *request)
{
    struct endpoint of = {0};
    struct store_reader *reader;
    struct merchant *merchant;
    struct endpoint *endpoints;
    size_t count;
    struct fault fault;
    if (!path_read(request, &of, false))
        return TURN_REPLY;
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        store_read_merchant(reader, request->arena, of.merchant, &merchant, &fault) != FAULT_NONE ||
        store_read_endpoints(reader, request->arena, of.merchant, &endpoints, &count, &fault) !=
            FAULT_NONE)
        return route_fault(request, &fault);
    if (merchant == NULL)
        return admin_refuse(request, PAYOUT_NOT_FOUND, "There is no such merchant");
    struct buffer *text = admin_begin(request);
    admin_open_member(text, "endpoints", '[');
    for (size_t i = 0; i < count; i++)
        endpoint_write(text, &endpoints[i]);
    buffer_char(text, ']');
    return admin_end(request);
}

/* --- Making --- */

/* A secret for the endpoint; the store keeps it sealed, for this one only. */
static void secret_make(struct request *request, struct keys *keys)
{
    signature_secret_make(keys->secret);
    vault_seal(request->http->vault, endpoint_secret_place(keys->endpoint.id), keys->secret,
               keys->endpoint.secret_key, sizeof keys->endpoint.secret_key);
    request->work = keys;
}

enum turn admin_endpoint_add(struct request *request)
{
    struct keys *keys = arena_alloc(request->arena, 1, sizeof *keys);
    unsigned fields = 0;
    keys->endpoint.events = ENDPOINT_EVENTS_ALL;
    keys->endpoint.format = ENDPOINT_FORM;
    if (!path_read(request, &keys->endpoint, false) ||
        !input_read(request, &keys->endpoint, &fields))
        return TURN_REPLY;
    if ((fields & ENDPOINT_FIELD_URL) == 0)
        return admin_refuse(request, PAYOUT_INVALID_PARAM, "url is missing");
    random_bytes(&keys->endpoint.id, sizeof keys->endpoint.id);
    keys->endpoint.id &= INT64_MAX;
    secret_make(request, keys);
    request->job.command.kind = COMMAND_ENDPOINT_ADD;
    request->job.command.endpoint_add.endpoint = keys->endpoint;
    return TURN_LANE;
}

enum turn admin_endpoint_added(struct request *request)
{
    const struct keys *keys = request->work;
    const struct command *command = &request->job.command;
    if (command->code == PAYOUT_NOT_ALLOWED)
        return request_refuse_as(request, command->code, 409, NULL,
                                 "A merchant has at most 8 endpoints: remove one first");
    if (command->code != PAYOUT_OK)
        return admin_refuse(request, command->code, "There is no such merchant");
    struct buffer *text = admin_begin(request);
    reply_int_member(text, "merchant", keys->endpoint.merchant.value);
    reply_int_member(text, "number", command->endpoint_add.endpoint.number);
    reply_text_member(text, "url", keys->endpoint.url);
    reply_text_member(text, "secret_key", keys->secret);
    return admin_end(request);
}

/* --- Changing --- */

static enum turn change_submit(struct request *request, const struct endpoint *endpoint,
                               unsigned fields)
{
    request->job.command.kind = COMMAND_ENDPOINT_CHANGE;
    request->job.command.endpoint_change =
        (struct endpoint_change){.fields = fields, .endpoint = *endpoint};
    return TURN_LANE;
}

enum turn admin_endpoint_change(struct request *request)
{
    struct endpoint endpoint = {0};
    unsigned fields = 0;
    if (!path_read(request, &endpoint, true) || !input_read(request, &endpoint, &fields))
        return TURN_REPLY;
    if (fields == 0)
        return admin_refuse(request, PAYOUT_INVALID_PARAM, "No setting was sent");
    return change_submit(request, &endpoint, fields);
}

enum turn admin_endpoint_remove(struct request *request)
{
    struct endpoint endpoint = {.state = ENDPOINT_REMOVED};
    if (!path_read(request, &endpoint, true))
        return TURN_REPLY;
    return change_submit(request, &endpoint, ENDPOINT_FIELD_STATE);
}

enum turn admin_endpoint_changed(struct request *request)
{
    const struct command *command = &request->job.command;
    if (command->code != PAYOUT_OK)
        return admin_refuse(request, command->code, "There is no such endpoint");
    struct buffer *text = admin_begin(request);
    reply_int_member(text, "merchant", command->endpoint_change.endpoint.merchant.value);
    reply_int_member(text, "number", command->endpoint_change.endpoint.number);
    return admin_end(request);
}

/* The endpoint of the path, as it is; NULL: refused. */
static const struct endpoint *endpoint_read(struct request *request, const struct endpoint *named)
{
    struct store_reader *reader;
    struct endpoint *endpoints;
    size_t count;
    struct fault fault;
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        store_read_endpoints(reader, request->arena, named->merchant, &endpoints, &count, &fault) !=
            FAULT_NONE) {
        (void)route_fault(request, &fault);
        return NULL;
    }
    for (size_t i = 0; i < count; i++)
        if (endpoints[i].number == named->number)
            return &endpoints[i];
    (void)admin_refuse(request, PAYOUT_NOT_FOUND, "There is no such endpoint");
    return NULL;
}

enum turn admin_endpoint_rotate(struct request *request)
{
    static const char *const names[] = {"old_valid_seconds", NULL};
    struct keys *keys = arena_alloc(request->arena, 1, sizeof *keys);
    struct admin_input input;
    int64_t seconds = OLD_SECRET_S;
    if (!path_read(request, &keys->endpoint, true) || !admin_input_read(request, names, &input))
        return TURN_REPLY;
    const char *text = admin_input_text(&input, names[0]);
    if (text != NULL && !admin_number_read(text, 0, OLD_VALID_S_MAX, &seconds))
        return admin_refuse(request, PAYOUT_INVALID_PARAM,
                            "old_valid_seconds must be a whole number from 0 to 2592000");
    const struct endpoint *endpoint = endpoint_read(request, &keys->endpoint);
    if (endpoint == NULL)
        return TURN_REPLY;
    keys->endpoint.id = endpoint->id;
    keys->endpoint.secret_before_until_ms = seconds == 0 ? 0 : clock_now_ms() + seconds * 1000;
    secret_make(request, keys);
    return change_submit(request, &keys->endpoint, ENDPOINT_FIELD_SECRET);
}

enum turn admin_endpoint_rotated(struct request *request)
{
    const struct keys *keys = request->work;
    if (request->job.command.code != PAYOUT_OK)
        return admin_refuse(request, request->job.command.code, "There is no such endpoint");
    struct buffer *text = admin_begin(request);
    reply_int_member(text, "merchant", keys->endpoint.merchant.value);
    reply_int_member(text, "number", keys->endpoint.number);
    reply_text_member(text, "secret_key", keys->secret);
    admin_time_member(text, "old_valid_until", keys->endpoint.secret_before_until_ms);
    return admin_end(request);
}

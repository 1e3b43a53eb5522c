/* POST and PUT /callback/v1/{channel}: operators tell us that something became of a transfer. Its
 * connector says whether the call is the operator's and which transfer it is about; what it tells
 * of it is not believed, the transfer is asked about sooner. What can't be placed is parked, and
 * answered 202: nothing of an operator's is answered as if it had been taken when it was not. */
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "http/access.h"
#include "http/endpoint.h"
#include "http/route.h"
#include "wire/utf8.h"

enum {
    CALLBACKS_WAITING_MAX = 256,      /* For the lane: the API's requests have the other places. */
    CALLBACKS_FORGED_PER_MINUTE = 30, /* From one address: more are not even logged. */
};

static void count_one(atomic_uint_fast64_t *figure)
{
    (void)atomic_fetch_add_explicit(figure, 1, memory_order_relaxed);
}

/* The value of a header, for connectors. */
static const char *header_of(void *context, const char *name)
{
    const struct request *request = context;
    for (size_t i = 0; i < request->header_count; i++)
        if (strcasecmp(request->headers[i].name, name) == 0)
            return request->headers[i].value;
    return NULL;
}

/* What it said, as a text that can be kept and shown: cut, and a question mark for every byte that
 * is no character. */
static const char *body_keep(struct request *request)
{
    const struct buffer *body = &request->body;
    char *kept = arena_alloc(request->arena, CALLBACK_BODY_BYTES_MAX + 1, 1);
    size_t count = 0;
    for (size_t at = 0, step; at < body->length; at += step) {
        const char *text = body->bytes + at;
        size_t length = utf8_length(text, body->length - at);
        bool shown = length > 1 || (text[0] >= ' ' && text[0] < 0x7f) || text[0] == '\n' ||
                     text[0] == '\r' || text[0] == '\t';
        step = length > 1 ? length : 1;
        if (count + step > CALLBACK_BODY_BYTES_MAX)
            break;
        memcpy(kept + count, shown ? text : "?", step);
        count += step;
    }
    return kept; /* The arena's memory is zero. */
}

static enum turn forged(struct request *request)
{
    count_one(&request->http->metrics.callbacks_forged);
    if (!access_limit_address(request, 'k', CALLBACKS_FORGED_PER_MINUTE))
        return TURN_REPLY;
    log_event(LOG_LEVEL_WARNING, "callback forged", LOG_TEXT("request", request->id),
              LOG_TEXT("channel", request->parameters[0]), LOG_TEXT("from", request->client_text),
              LOG_NUMBER("bytes", (int64_t)request->body.length));
    return request_refuse_as(request, PAYOUT_NOT_ALLOWED, 401, NULL,
                             "This does not prove that it is the operator's");
}

/* A place before the lane, until request_close. False: all are taken. */
static bool place_take(struct request *request)
{
    atomic_int *waiting = &request->http->callbacks_waiting;
    if (atomic_fetch_add(waiting, 1) >= CALLBACKS_WAITING_MAX) {
        (void)atomic_fetch_sub(waiting, 1);
        return false;
    }
    request->callback_waits = true;
    return true;
}

static enum turn callback_submit(struct request *request, const struct http_callback_said *said)
{
    struct callback_come *come = &request->job.command.callback;
    bool about = said->word == HTTP_CALLBACK_ABOUT;
    char *reference = arena_alloc(request->arena, sizeof said->reference, 1);
    if (!place_take(request))
        return route_busy(request);
    request->job.command.kind = COMMAND_CALLBACK;
    if (about)
        memcpy(reference, said->reference, sizeof said->reference - 1);
    if (!transfer_id_read(reference, &come->transfer))
        come->transfer = (struct transfer_id){0};
    else if (!route_owner_find(request, come->transfer))
        return TURN_REPLY;
    come->channel = said->channel;
    come->reference = reference;
    come->body = body_keep(request);
    come->why = about ? "" : "it does not say which transfer it is about";
    secret_sha256(request->body.bytes == NULL ? "" : request->body.bytes, request->body.length,
                  come->hash);
    return TURN_LANE;
}

enum turn callback_begin(struct request *request)
{
    const struct http_channels *channels = &request->http->channels;
    const char *rest = request->parameters[1];
    struct http_callback callback = {.channel = request->parameters[0],
                                     .rest = rest == NULL ? "" : rest,
                                     .method = request->method == METHOD_PUT ? "PUT" : "POST",
                                     .body = buffer_text(&request->body),
                                     .length = request->body.length,
                                     .now_ms = clock_now_ms(),
                                     .header = header_of,
                                     .context = request};
    struct http_callback_said said = {.word = HTTP_CALLBACK_NOBODY};
    if (channels->callback_read != NULL)
        channels->callback_read(channels->context, &callback, &said);
    switch (said.word) {
    case HTTP_CALLBACK_NOBODY:
        return request_refuse_as(request, PAYOUT_NOT_FOUND, 404, NULL,
                                 "There is no channel of this name that is called back");
    case HTTP_CALLBACK_FORGED:
        return forged(request);
    case HTTP_CALLBACK_UNCLEAR:
    case HTTP_CALLBACK_ABOUT:
        break;
    }
    return callback_submit(request, &said);
}

/* Some look whether anybody is there before they call back (CinetPay does). That says nothing of
 * which channels there are. */
enum turn callback_ping(struct request *request)
{
    buffer_text_append(&request->answer.text, "{\"ok\":true}");
    return request_plain(request, 200, "application/json");
}

enum turn callback_decided(struct request *request)
{
    const struct callback_come *come = &request->job.command.callback;
    struct metrics *metrics = &request->http->metrics;
    if (come->effect == CALLBACK_MISPLACED) {
        callback_elsewhere(&request->job.command);
        return TURN_LANE;
    }
    bool parked = come->effect == CALLBACK_PARKED;
    count_one(parked                              ? &metrics->callbacks_parked
              : come->effect == CALLBACK_HASTENED ? &metrics->callbacks_hastened
                                                  : &metrics->callbacks_known);
    if (parked)
        log_event(LOG_LEVEL_WARNING, "callback parked", LOG_TEXT("request", request->id),
                  LOG_TEXT("channel", request->parameters[0]),
                  LOG_TEXT("reference", come->reference));
    buffer_text_append(&request->answer.text, parked ? "{\"parked\":true}" : "{\"ok\":true}");
    return request_plain(request, parked ? 202 : 200, "application/json");
}

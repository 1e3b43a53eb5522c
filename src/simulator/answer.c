#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simulator/call.h"
#include "simulator/control.h"

static const struct sim_side *const sides[SIM_PROTOCOL_COUNT] = {
    [SIM_MTN] = &sim_mtn,           [SIM_WAVE] = &sim_wave,
    [SIM_GSMA] = &sim_gsma,         [SIM_ORANGE] = &sim_orange,
    [SIM_CINETPAY] = &sim_cinetpay, [SIM_CINETPAY_V2] = &sim_cinetpay_v2,
};

const struct sim_credentials *sim_credentials(enum sim_protocol protocol)
{
    return &sides[protocol]->credentials;
}

void sim_reply_init(struct sim_reply *reply)
{
    *reply = (struct sim_reply){0};
    buffer_init(&reply->body, SIM_BODY_BYTES_MAX);
}

void sim_reply_free(struct sim_reply *reply)
{
    buffer_free(&reply->body);
}

void sim_callback_init(struct sim_callback *callback)
{
    *callback = (struct sim_callback){0};
    buffer_init(&callback->body, SIM_BODY_BYTES_MAX);
}

void sim_callback_free(struct sim_callback *callback)
{
    buffer_free(&callback->body);
}

static void reply_clear(struct sim_reply *reply)
{
    reply->status = 0;
    reply->cut = false;
    reply->after_ms = 0;
    reply->header_count = 0;
    buffer_clear(&reply->body);
}

/* --- Routes --- */

/* Holds path against pattern; what stands for a star goes into the call's segments. */
static bool path_matches(struct sim_call *call, const char *pattern)
{
    const char *path = call->path;
    size_t stars = 0;
    for (; *pattern != 0; pattern++) {
        if (*pattern != '*') {
            if (*path++ != *pattern)
                return false;
            continue;
        }
        size_t length = strcspn(path, "/");
        if (length == 0)
            return false;
        call_decode(path, length, false, call->segments[stars++], SIM_TEXT_BYTES);
        path += length;
    }
    return *path == 0;
}

static void route(struct sim_call *call, const struct sim_side *side)
{
    bool known = false;
    for (size_t i = 0; i < side->route_count; i++) {
        const struct sim_route *each = &side->routes[i];
        if (!path_matches(call, each->pattern))
            continue;
        known = true;
        if (each->method[0] != 0 && strcmp(each->method, call->request->method) != 0)
            continue;
        if (each->open || side->admits(call))
            each->answer(call);
        return;
    }
    side->fails(call, known ? 405 : 404);
}

/* --- Faults --- */

/* True: something stands before the call, and answered it. */
static bool fault_before(struct sim_call *call, const struct sim_side *side)
{
    struct sim_world *world = call->world;
    char window[48];
    if (world->script.maintenance_ms > 0) {
        (void)snprintf(window, sizeof window, "%s %lld", sim_protocol_word(call->protocol),
                       (long long)(call->now_ms / world->script.maintenance_ms));
        /* The same window gives the same word, however often it is asked. */
        bool down = mark_hash(world->seed, window) % 10000 <
                    (uint64_t)world->script.faults[SIM_FAULT_MAINTENANCE].share;
        if (down) {
            world->happened[SIM_FAULT_MAINTENANCE]++;
            side->fails(call, 503);
            return true;
        }
    }
    if (world_chance(world, SIM_FAULT_THROTTLE, call->text)) {
        side->fails(call, 429);
        int64_t seconds = (world->script.retry_after_ms + 999) / 1000;
        reply_header(call->reply, "Retry-After: %lld", (long long)seconds);
        return true;
    }
    if (world_chance(world, SIM_FAULT_ERROR_BEFORE, call->text)) {
        side->fails(call, 500);
        return true;
    }
    call->reply->cut = world_chance(world, SIM_FAULT_CUT_BEFORE, call->text);
    return call->reply->cut || world_chance(world, SIM_FAULT_SILENT_BEFORE, call->text);
}

/* Each of these says nothing to whoever reads it with care. */
static void malform(struct sim_call *call)
{
    struct sim_reply *reply = call->reply;
    static const char html[] = "<html><body><h1>502 Bad Gateway</h1></body></html>";
    static const char types[] =
        "{\"status\":[1],\"data\":7,\"code\":{},\"id\":null,\"token\":false}";
    int64_t which = world_span(call->world, call->text, 2);
    size_t whole = reply->body.length;
    if (which == 0 && whole > 1) {
        reply->body.length = whole / 2;
        reply->body.bytes[whole / 2] = 0;
        return;
    }
    buffer_clear(&reply->body);
    buffer_text_append(&reply->body, which == 1 ? types : html);
}

static void fault_after(struct sim_call *call, const struct sim_side *side)
{
    struct sim_world *world = call->world;
    struct sim_reply *reply = call->reply;
    const char *text = call->text;
    if (call->accepted && world_chance(world, SIM_FAULT_CALLBACK_FIRST, text))
        reply->after_ms += world->script.callback_first_ms;
    if (world_chance(world, SIM_FAULT_ERROR_AFTER, text)) {
        reply->header_count = 0;
        buffer_clear(&reply->body);
        side->fails(call, 500);
    } else if (world_chance(world, SIM_FAULT_MALFORMED, text)) {
        malform(call);
    }
    bool cut = world_chance(world, SIM_FAULT_CUT_AFTER, text);
    /* The numbers that stand for an outcome that is not told. */
    bool unknown = call->accepted && call->touched != NULL && call->touched->row >= 9965 &&
                   call->touched->row <= 9975;
    if (cut || unknown || world_chance(world, SIM_FAULT_SILENT_AFTER, text)) {
        reply->status = 0;
        reply->cut = cut || unknown;
    }
}

static void latency(struct sim_call *call)
{
    struct sim_world *world = call->world;
    call->reply->after_ms += world_span(world, call->text, world->script.latency_ms);
    if (call->accepted && call->touched != NULL && call->touched->row == 9925)
        call->reply->after_ms += 20000 / world->script.hurry;
    if (world_chance(world, SIM_FAULT_LATE, call->text))
        call->reply->after_ms += world->script.late_ms;
}

/* --- All of it --- */

/* Who is asked, and what for: what a call repeats when it is made again. Tokens and dates are left
 * out, ids that stand in headers are not. */
static void text_write(struct buffer *text, const struct sim_call *call)
{
    static const char *const ids[] = {"x-reference-id", "idempotency-key", "x-correlationid"};
    buffer_format(text, "%s %s?%s", call->request->method, call->request->path,
                  call->request->query);
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        buffer_format(text, " %s", call_header(call, ids[i]));
    buffer_char(text, ' ');
    buffer_append(text, call->request->body, call->request->length);
}

static void answer(struct sim_call *call, const struct sim_side *side)
{
    call->world->totals[call->protocol].calls++;
    if (!fault_before(call, side)) {
        route(call, side);
        fault_after(call, side);
    }
    latency(call);
    bool awaited = call->reply->status != 0;
    for (struct sim_order *order = call->touched; order != NULL; order = order->touched_next) {
        order->touched = false;
        order->busy_until_ms = awaited ? call->now_ms + call->reply->after_ms : 0;
    }
}

static int protocol_of(const char *path, const char **rest)
{
    for (int i = 0; i < SIM_PROTOCOL_COUNT; i++) {
        const char *word = sim_protocol_word((enum sim_protocol)i);
        size_t length = strlen(word);
        if (path[0] == '/' && strncmp(path + 1, word, length) == 0 && path[length + 1] == '/') {
            *rest = path + length + 1;
            return i;
        }
    }
    return -1;
}

void sim_answer(struct sim_world *world, const struct sim_request *request, struct sim_reply *reply)
{
    struct sim_call call = {.world = world, .request = request, .reply = reply};
    struct buffer text;
    reply_clear(reply);
    call.now_ms = request->now_ms;
    world_advance(world, request->now_ms);
    if (strncmp(request->path, "/_sim/", 6) == 0) {
        control_answer(&call);
        return;
    }
    int protocol = protocol_of(request->path, &call.path);
    if (protocol < 0) {
        buffer_text_append(call_json(&call, 404),
                           "{\"error\":\"A path begins with an operator's word, or /_sim/\"}");
        return;
    }
    call.protocol = (enum sim_protocol)protocol;
    call.json = json_loadb(request->body, request->length, JSON_REJECT_DUPLICATES, NULL);
    buffer_init(&text, (size_t)2 * SIM_BODY_BYTES_MAX);
    text_write(&text, &call);
    call.text = buffer_text(&text);
    answer(&call, sides[protocol]);
    buffer_free(&text);
    json_decref(call.json);
}

bool sim_callback_take(struct sim_world *world, int64_t now_ms, struct sim_callback *callback)
{
    world_advance(world, now_ms);
    struct sim_order *order = world_callback(world, now_ms);
    if (order == NULL)
        return false;
    callback->header_count = 0;
    buffer_clear(&callback->body);
    text_copy(callback->url, sizeof callback->url, order->callback_url);
    sides[order->protocol]->callback_write(world, order, callback);
    return true;
}

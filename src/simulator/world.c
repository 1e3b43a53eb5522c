#include "simulator/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"

#define FLOAT_FIRST INT64_C(1000000000000)
enum { CALLBACK_AFTER_MS = 20, CHANCES = 10000 };

static const char *const protocol_words[] = {
#define PROTOCOL(name, word, what) word,
    SIM_PROTOCOLS(PROTOCOL)
#undef PROTOCOL
};

const char *sim_protocol_word(enum sim_protocol protocol)
{
    return protocol_words[protocol];
}

const char *sim_reason_word(enum sim_reason reason)
{
    static const char *const words[SIM_REASON_COUNT] = {
        [SIM_REASON_NONE] = "",
        [SIM_REASON_RECEIVER_UNKNOWN] = "RECEIVER_UNKNOWN",
        [SIM_REASON_RECEIVER_LIMIT] = "RECEIVER_LIMIT",
        [SIM_REASON_RECEIVER_BLOCKED] = "RECEIVER_BLOCKED",
        [SIM_REASON_RECEIVER_NAME] = "RECEIVER_NAME",
        [SIM_REASON_OPERATOR_REFUSED] = "OPERATOR_REFUSED",
        [SIM_REASON_OPERATOR_FLOAT] = "OPERATOR_FLOAT",
    };
    return words[reason];
}

const char *sim_state_word(enum sim_state state)
{
    static const char *const words[] = {[SIM_OPEN] = "open",
                                        [SIM_PAID] = "paid",
                                        [SIM_REJECTED] = "rejected",
                                        [SIM_REVERSED] = "reversed"};
    return words[state];
}

struct sim_world *sim_open(uint64_t seed)
{
    struct sim_world *world = calloc(1, sizeof *world);
    invariant(world != NULL);
    world->seed = seed;
    script_default(&world->script);
    for (int i = 0; i < SIM_PROTOCOL_COUNT; i++)
        world->floats[i] = FLOAT_FIRST;
    return world;
}

void sim_close(struct sim_world *world)
{
    if (world == NULL)
        return;
    for (int64_t i = 0; i < world->order_count; i++)
        free(world->orders[i]);
    free(world->orders);
    free(world->decisions.events);
    free(world->callbacks.events);
    marks_free(&world->marks);
    free(world);
}

bool sim_script(struct sim_world *world, const char *json, size_t length,
                char error[SIM_ERROR_BYTES])
{
    struct sim_script *script = malloc(sizeof *script);
    int64_t floats[SIM_PROTOCOL_COUNT];
    invariant(script != NULL);
    *script = world->script;
    memcpy(floats, world->floats, sizeof floats);
    bool good = script_read(script, floats, json, length, error);
    if (good) {
        world->script = *script;
        memcpy(world->floats, floats, sizeof floats);
    }
    free(script);
    return good;
}

/* --- Chance --- */

static uint64_t draw(struct sim_world *world, int what, const char *text)
{
    uint64_t times = (uint64_t)++ * mark_put(&world->marks, MARK_CHANCE + what, text);
    return mark_hash(world->seed * UINT64_C(0x9e3779b97f4a7c15) + ((uint64_t)what << 32) + times,
                     text);
}

bool world_chance(struct sim_world *world, enum sim_fault fault, const char *text)
{
    bool happens = false;
    for (int i = 0; i < world->script.faults[fault].only_count && !happens; i++)
        happens = strstr(text, world->script.faults[fault].only[i]) != NULL;
    if (!happens && world->script.faults[fault].share > 0)
        happens =
            draw(world, (int)fault, text) % CHANCES < (uint64_t)world->script.faults[fault].share;
    world->happened[fault] += happens;
    return happens;
}

int64_t world_span(struct sim_world *world, const char *text, int64_t most)
{
    return most <= 0 ? 0 : (int64_t)(draw(world, SIM_FAULT_COUNT, text) % ((uint64_t)most + 1));
}

void world_uuid(struct sim_world *world, char uuid[SIM_TEXT_BYTES])
{
    char serial[32];
    (void)snprintf(serial, sizeof serial, "uuid %lld", (long long)++world->serial);
    uint64_t a = mark_hash(world->seed, serial), b = mark_hash(world->seed + 1, serial);
    (void)snprintf(uuid, SIM_TEXT_BYTES, "%08x-%04x-4%03x-%04x-%012llx", (unsigned)(a >> 32),
                   (unsigned)(a >> 16) & 0xffff, (unsigned)a & 0xfff,
                   ((unsigned)(b >> 48) & 0x3fff) | 0x8000,
                   (unsigned long long)(b & UINT64_C(0xffffffffffff)));
}

/* --- Tokens --- */

void world_token(struct sim_world *world, enum sim_protocol protocol, int64_t now_ms,
                 char token[SIM_TEXT_BYTES])
{
    world_uuid(world, token);
    int64_t lives_ms = world->script.token_ms;
    if (world_chance(world, SIM_FAULT_TOKEN_EARLY, token))
        lives_ms = world_span(world, token, world->script.token_early_ms);
    *mark_put(&world->marks, MARK_TOKEN + (int)protocol, token) = now_ms + lives_ms;
}

bool world_token_good(const struct sim_world *world, enum sim_protocol protocol, const char *token,
                      int64_t now_ms)
{
    const int64_t *until = mark_find(&world->marks, MARK_TOKEN + (int)protocol, token);
    return until != NULL && now_ms < *until;
}

/* --- What happens later --- */

static bool event_before(const struct sim_event *a, const struct sim_event *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->sequence < b->sequence;
}

static void event_push(struct sim_events *events, int64_t at_ms, struct sim_order *order)
{
    if (events->count == events->size) {
        events->size = events->size == 0 ? 256 : 2 * events->size;
        events->events = realloc(events->events, (size_t)events->size * sizeof *events->events);
        invariant(events->events != NULL);
    }
    struct sim_event event = {at_ms, ++events->sequence, order};
    int64_t at = events->count++;
    for (; at > 0 && event_before(&event, &events->events[(at - 1) / 2]); at = (at - 1) / 2)
        events->events[at] = events->events[(at - 1) / 2];
    events->events[at] = event;
}

static int64_t events_next_ms(const struct sim_events *events)
{
    return events->count == 0 ? INT64_MAX : events->events[0].at_ms;
}

static struct sim_event event_pop(struct sim_events *events)
{
    struct sim_event first = events->events[0];
    struct sim_event last = events->events[--events->count];
    int64_t at = 0;
    for (int64_t child; (child = 2 * at + 1) < events->count; at = child) {
        if (child + 1 < events->count &&
            event_before(&events->events[child + 1], &events->events[child]))
            child++;
        if (!event_before(&events->events[child], &last))
            break;
        events->events[at] = events->events[child];
    }
    events->events[at] = last;
    return first;
}

int64_t sim_next_ms(const struct sim_world *world)
{
    int64_t decides_ms = events_next_ms(&world->decisions);
    int64_t calls_ms = events_next_ms(&world->callbacks);
    return decides_ms < calls_ms ? decides_ms : calls_ms;
}

static void callbacks_plan(struct sim_world *world, struct sim_order *order, int64_t now_ms)
{
    const char *about = order->transfer;
    if (order->callback_url[0] == 0 || world_chance(world, SIM_FAULT_CALLBACK_LOST, about))
        return;
    int64_t at_ms = now_ms + CALLBACK_AFTER_MS;
    if (world_chance(world, SIM_FAULT_CALLBACK_LATE, about))
        at_ms += world->script.callback_late_ms;
    event_push(&world->callbacks, at_ms, order);
    if (order->row == 9990 || world_chance(world, SIM_FAULT_CALLBACK_TWICE, about))
        event_push(&world->callbacks, at_ms + CALLBACK_AFTER_MS, order);
}

/* The one place where money leaves. */
static void order_decide(struct sim_world *world, struct sim_order *order, int64_t now_ms)
{
    struct sim_totals *totals = &world->totals[order->protocol];
    invariant(order->state == SIM_OPEN);
    if (order->reason == SIM_REASON_NONE && world->floats[order->protocol] < order->amount_minor)
        order->reason = SIM_REASON_OPERATOR_FLOAT;
    order->decided_at_ms = now_ms;
    totals->open--;
    if (order->reason == SIM_REASON_NONE) {
        int64_t *times =
            mark_put(&world->marks, MARK_TRANSFER + (int)order->protocol, order->transfer);
        order->state = SIM_PAID;
        world->floats[order->protocol] -= order->amount_minor;
        totals->paid++;
        totals->paid_minor += order->amount_minor;
        if (++*times > 1)
            totals->doubles++;
    } else {
        order->state = SIM_REJECTED;
        totals->rejected++;
    }
    callbacks_plan(world, order, now_ms);
}

void world_advance(struct sim_world *world, int64_t now_ms)
{
    while (events_next_ms(&world->decisions) <= now_ms) {
        struct sim_event event = event_pop(&world->decisions);
        order_decide(world, event.order, event.at_ms);
    }
}

struct sim_order *world_callback(struct sim_world *world, int64_t now_ms)
{
    if (events_next_ms(&world->callbacks) > now_ms)
        return NULL;
    struct sim_order *order = event_pop(&world->callbacks).order;
    world->totals[order->protocol].callbacks++;
    return order;
}

/* --- Orders --- */

static struct sim_order *order_at(const struct sim_world *world, const int64_t *index)
{
    return index == NULL || *index == 0 ? NULL : world->orders[*index - 1];
}

struct sim_order *world_reference(const struct sim_world *world, enum sim_protocol protocol,
                                  const char *reference)
{
    return order_at(world, mark_find(&world->marks, MARK_REFERENCE + (int)protocol, reference));
}

struct sim_order *world_own(const struct sim_world *world, enum sim_protocol protocol,
                            const char *own)
{
    return order_at(world, mark_find(&world->marks, MARK_OWN + (int)protocol, own));
}

/* What the sandbox's table says of a number or an amount. The number goes before. */
static const struct {
    int ending;
    enum sim_reason reason;
    int64_t delay_ms;
} rows[] = {
#define ROW(ending, behaviour, why, delay_ms, what) {ending, SIM_REASON_##why, delay_ms},
#include "payout/sandbox.def"
#undef ROW
};
enum { ROW_COUNT = sizeof rows / sizeof rows[0], ENDING_DIGITS = 4 };

static int row_find(const char *digits)
{
    size_t length = strlen(digits);
    for (size_t i = 0; i < ROW_COUNT && length >= ENDING_DIGITS; i++) {
        char ending[16];
        (void)snprintf(ending, sizeof ending, "%d", rows[i].ending);
        if (strcmp(digits + length - ENDING_DIGITS, ending) == 0)
            return (int)i;
    }
    return -1;
}

enum sim_reason world_receiver(const char *receiver)
{
    int row = row_find(receiver);
    if (row < 0 || (rows[row].reason != SIM_REASON_RECEIVER_UNKNOWN &&
                    rows[row].reason != SIM_REASON_RECEIVER_NAME &&
                    rows[row].reason != SIM_REASON_RECEIVER_BLOCKED))
        return SIM_REASON_NONE;
    return rows[row].reason;
}

static int order_row(const struct sim_order *order)
{
    char amount[24];
    (void)snprintf(amount, sizeof amount, "%lld", (long long)order->amount_minor);
    int row = row_find(order->receiver);
    return row < 0 && strlen(amount) == ENDING_DIGITS ? row_find(amount) : row;
}

bool world_short(const struct sim_world *world, const struct sim_order *draft)
{
    int row = order_row(draft);
    return world->floats[draft->protocol] < draft->amount_minor ||
           (row >= 0 && rows[row].reason == SIM_REASON_OPERATOR_FLOAT);
}

/* Says what an order will come to, and when. */
static void order_plan(struct sim_world *world, struct sim_order *order)
{
    int row = order_row(order);
    int64_t after_ms = world_span(world, order->transfer, world->script.pending_ms);
    if (world_chance(world, SIM_FAULT_PENDING, order->transfer))
        after_ms = world->script.pending_long_ms;
    if (row >= 0) {
        order->row = rows[row].ending;
        /* A contradiction is the sandbox's alone: no operator's protocol has one. */
        if (order->row != 9995)
            order->reason = rows[row].reason;
        after_ms = rows[row].delay_ms / world->script.hurry;
    } else if (world_chance(world, SIM_FAULT_REJECT, order->transfer)) {
        /* The float is short when it is short, and not by chance. */
        order->reason = (enum sim_reason)(
            1 + world_span(world, order->transfer, SIM_REASON_OPERATOR_REFUSED - 1));
    }
    order->decides_at_ms = order->accepted_at_ms + after_ms;
    if (world_chance(world, SIM_FAULT_SKEW, order->transfer))
        order->skew_ms =
            world_span(world, order->transfer, 2 * world->script.skew_ms) - world->script.skew_ms;
}

struct sim_order *world_accept(struct sim_world *world, const struct sim_order *draft,
                               int64_t now_ms)
{
    invariant(world_reference(world, draft->protocol, draft->reference) == NULL);
    invariant(draft->amount_minor > 0);
    struct sim_order *order = malloc(sizeof *order);
    invariant(order != NULL);
    *order = *draft;
    order->number = ++world->order_count;
    order->accepted_at_ms = now_ms;
    if (order->own[0] == 0)
        world_uuid(world, order->own);
    if (order->transfer[0] == 0)
        memcpy(order->transfer, order->reference, sizeof order->transfer);
    if (world->order_count > world->order_size) {
        world->order_size = world->order_size == 0 ? 256 : 2 * world->order_size;
        world->orders = realloc(world->orders, (size_t)world->order_size * sizeof *world->orders);
        invariant(world->orders != NULL);
    }
    world->orders[order->number - 1] = order;
    int64_t *same = mark_put(&world->marks, MARK_OTHER + (int)order->protocol, order->transfer);
    order->same_before = *same;
    *same = order->number;
    *mark_put(&world->marks, MARK_REFERENCE + (int)order->protocol, order->reference) =
        order->number;
    *mark_put(&world->marks, MARK_OWN + (int)order->protocol, order->own) = order->number;
    world->totals[order->protocol].orders++;
    world->totals[order->protocol].open++;
    order_plan(world, order);
    if (order->decides_at_ms <= now_ms)
        order_decide(world, order, now_ms);
    else
        event_push(&world->decisions, order->decides_at_ms, order);
    return order;
}

void world_reverse(struct sim_world *world, struct sim_order *order, int64_t now_ms)
{
    struct sim_totals *totals = &world->totals[order->protocol];
    invariant(order->state == SIM_PAID);
    order->state = SIM_REVERSED;
    order->decided_at_ms = now_ms;
    totals->paid--;
    totals->paid_minor -= order->amount_minor;
    totals->reversed++;
    world->floats[order->protocol] += order->amount_minor;
    *mark_put(&world->marks, MARK_TRANSFER + (int)order->protocol, order->transfer) -= 1;
}

void sim_totals(const struct sim_world *world, enum sim_protocol protocol,
                struct sim_totals *totals)
{
    *totals = (struct sim_totals){0};
    for (int i = 0; i < SIM_PROTOCOL_COUNT; i++) {
        const struct sim_totals *each = &world->totals[i];
        if (protocol != SIM_PROTOCOL_COUNT && i != (int)protocol)
            continue;
        totals->orders += each->orders;
        totals->paid += each->paid;
        totals->rejected += each->rejected;
        totals->open += each->open;
        totals->reversed += each->reversed;
        totals->paid_minor += each->paid_minor;
        totals->doubles += each->doubles;
        totals->overlaps += each->overlaps;
        totals->two_workers += each->two_workers;
        totals->calls += each->calls;
        totals->callbacks += each->callbacks;
    }
}

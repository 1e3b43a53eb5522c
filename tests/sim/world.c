#include "sim/world.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/random.h"

enum { START_MS_DAY = 20000, MERCHANT_TRIES_MAX = 1000, HOUR_MS = 3600000 };

uint32_t world_random(struct world *world, uint32_t limit)
{
    world->random += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t bits = world->random;
    bits = (bits ^ (bits >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    bits = (bits ^ (bits >> 27)) * UINT64_C(0x94d049bb133111eb);
    bits ^= bits >> 31;
    return (uint32_t)(bits % limit);
}

bool world_trouble(struct world *world, enum trouble trouble, uint32_t of)
{
    bool drawn = world_random(world, of) == 0; /* Always drawn: the rest of the history stays. */
    return drawn && !world->calm && (world->troubles >> trouble & 1) != 0;
}

void world_say(struct world *world, const char *format, ...)
{
    if (world->history_length + 200 > WORLD_HISTORY_MAX)
        return;
    char *at = world->history + world->history_length;
    int length = snprintf(at, 60, "%5d %10lld ", world->step, (long long)world->now_ms % 10000000);
    va_list arguments;
    va_start(arguments, format);
    length += vsnprintf(at + length, 130, format, arguments);
    va_end(arguments);
    if (length > 190)
        length = 190;
    at[length] = '\n';
    world->history_length += (size_t)length + 1;
}

static int64_t world_now(void *context)
{
    const struct world *world = context;
    return world->now_ms;
}

static void world_bytes(void *context, void *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        ((uint8_t *)bytes)[i] = (uint8_t)world_random(context, 256);
}

/* --- A life --- */

void world_boot(struct world *world)
{
    struct fault fault;
    if (world->arena == NULL)
        world->arena = arena_open((size_t)1 << 26);
    ground_boot(world);
    /* Two worlds of three screen names; whoever starts payoutd may have switched it off, once. */
    world->screening = world->seed % 3 != 0 && !world_trouble(world, TROUBLE_SCREENING_OFF, 8);
    world->screening_was_off = world->screening_was_off || !world->screening;
    if (lane_open(world->store, &(struct lane_options){.screening = world->screening}, &world->lane,
                  &fault) != FAULT_NONE ||
        store_reader_open(world->store, &world->reader, &fault) != FAULT_NONE)
        ground_cannot_begin(world, fault.text);
}

void world_crashed(struct world *world)
{
    world->crashes++;
    world_say(world, "*** crash %d", world->crashes);
}

bool world_call(struct world *world, struct lane_job *job)
{
    enum fault_kind kind = lane_call(world->lane, job);
    bool died = ground_died(world);
    return !died && kind == FAULT_NONE;
}

static void together_done(struct lane_job *job)
{
    *(bool *)job->context = true;
}

void world_call_together(struct world *world, struct lane_job *jobs, size_t count, bool *answered)
{
    for (size_t i = 0; i < count; i++) {
        answered[i] = false;
        jobs[i].done = together_done;
        jobs[i].context = &answered[i];
        bool queued = lane_submit(world->lane, &jobs[i]);
        invariant(queued);
    }
    while (lane_step(world->lane))
        continue;
    bool died = ground_died(world);
    for (size_t i = 0; i < count; i++)
        answered[i] = answered[i] && !died && jobs[i].fault == FAULT_NONE;
}

/* How many endpoints a merchant has. */
static int32_t endpoints_count(struct world *world, struct merchant_id merchant)
{
    const struct store_memory_tables *tables = ground_tables(world);
    int32_t count = 0;
    for (size_t i = 0; i < tables->endpoint_count; i++)
        count += tables->endpoints[i].merchant.value == merchant.value;
    return count;
}

/* A merchant's endpoints, as many as its number: each asked for until it is there. */
static void endpoints_prepare(struct world *world, int merchant)
{
    for (int tries = 0;; tries++) {
        int32_t number = endpoints_count(world, world->merchants[merchant]) + 1;
        struct lane_job job = {.command = {.kind = COMMAND_ENDPOINT_ADD}};
        struct endpoint *endpoint = &job.command.endpoint_add.endpoint;
        if (number > merchant)
            return;
        *endpoint = (struct endpoint){.merchant = world->merchants[merchant],
                                      .id = 100 * merchant + number,
                                      .state = ENDPOINT_ON,
                                      .format = ENDPOINT_FORM,
                                      .events = auditor_events(merchant, number),
                                      .url = "http://hook/",
                                      .secret_key = "key"};
        bool answered = world_call(world, &job);
        audit(world, !answered || job.command.code == PAYOUT_OK, "an endpoint was refused");
        audit(world, tries < MERCHANT_TRIES_MAX, "an endpoint can't be made");
    }
}

/* Its merchants: asked for until they are known to be there. */
static void world_prepare(struct world *world)
{
    for (int i = 0; i < WORLD_MERCHANTS; i++) {
        struct lane_job job = {.command = {.kind = COMMAND_MERCHANT_CREATE}};
        struct merchant *merchant = &job.command.merchant_create.merchant;
        merchant->id = world->merchants[i];
        merchant->currency = CURRENCY_XOF;
        merchant->lot_expiry_ms = HOUR_MS;
        merchant->all_or_nothing = i == 2;
        merchant->two_persons = i == 1;
        merchant->double_window_ms = i == 0 ? WORLD_WINDOW_MS : 0;
        static const char *const fees[WORLD_MERCHANTS] = {"*:0:10:15:0:40 OM:1000:5:0:0:0:receiver",
                                                          "*:0:3:20:9:37:receiver OM:1500:8:0:0:0"};
        (void)snprintf(merchant->fees, sizeof merchant->fees, "%s", fees[i] != NULL ? fees[i] : "");
        if (i == 2)
            merchant->limits = (struct limits){.day_minor = WORLD_DAY_MINOR,
                                               .receiver_day_minor = WORLD_RECEIVER_DAY_MINOR,
                                               .receiver_hour_count = WORLD_RECEIVER_HOUR,
                                               .reserve_minor = 100};
        merchant->approve_above_minor = auditor_approve_above(world, merchant->id);
        (void)snprintf(merchant->confirm_mail, sizeof merchant->confirm_mail, "%s %s",
                       i > 0 ? world_addresses[0] : "", i > 1 ? world_addresses[1] : "");
        (void)snprintf(merchant->notify_url, sizeof merchant->notify_url, "http://m%d/", i);
        (void)snprintf(merchant->apikey, sizeof merchant->apikey, "key%d", i);
        for (int tries = 0; !world_call(world, &job); tries++)
            audit(world, tries < MERCHANT_TRIES_MAX, "merchant %d can't be made", i);
        audit(world, job.command.code == PAYOUT_OK || job.command.code == PAYOUT_DATA_NOT_VALID,
              "merchant %d was refused", i);
        endpoints_prepare(world, i);
    }
    world->prepared = true;
}

/* No more trouble; runs until everything has ended or can't. */
static void world_drain(struct world *world)
{
    world->calm = true;
    world->operator_down_until_ms = 0;
    merchants_ask(world);
    for (int round = 0; round < 400; round++) {
        world->now_ms += 20000;
        world->step++;
        if (round % 16 == 0)
            persons_finish(world);
        machine_step(world);
    }
}

static void world_step(struct world *world)
{
    world->step++;
    int merchant = (int)world_random(world, WORLD_MERCHANTS);
    world->now_ms += world_random(world, 20) == 0 ? (int64_t)world_random(world, 600000)
                                                  : (int64_t)world_random(world, 2000);
    if (world_trouble(world, TROUBLE_CLOCK_BACK, 100))
        world->now_ms -= 5000;
    if (world_trouble(world, TROUBLE_OPERATOR_DOWN, 80)) {
        int64_t outage_ms = world_random(world, world_random(world, 2) == 0 ? 60000 : 6 * HOUR_MS);
        world->operator_down_until_ms = world->now_ms + outage_ms;
        world_say(world, "the operator is down for %lld ms", (long long)outage_ms);
    }
    if (world_random(world, 120) == 0) {
        world->now_ms += world_random(world, 4 * HOUR_MS);
        world_say(world, "some hours pass");
    }
    switch (world_random(world, 10)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
        merchants_step(world, merchant);
        break;
    case 6:
        machine_outcomes(world);
        break;
    default:
        machine_step(world);
        break;
    }
    if (world_random(world, 12) == 0)
        persons_step(world);
    ground_work(world);
}

static void world_life(struct world *world)
{
    world_boot(world);
    if (!world->prepared)
        world_prepare(world);
    else
        auditor_check(world); /* What the last life left. */
    if (world->crashes > 0 && world_random(world, 4) != 0)
        merchants_reconnect(world);
    while (world->step < world->steps) {
        world_step(world);
        if (world->step % ground_audit_every == 0)
            auditor_check(world);
    }
    world_drain(world);
    auditor_check_end(world);
    world->ended = true;
    lane_close(world->lane);
    store_reader_close(world->reader);
    store_close(world->store);
    arena_close(world->arena);
}

/* --- The world --- */

bool world_operator_down(const struct world *world)
{
    return world->operator_down_until_ms > world->now_ms;
}

struct world *world_open(uint64_t seed, unsigned troubles, int steps)
{
    struct world *world = ground_keep(sizeof *world);
    world->seed = seed;
    world->random = seed * 7919 + 1;
    world->troubles = troubles;
    world->steps = steps;
    world->now_ms = INT64_C(86400000) * START_MS_DAY;
    for (int i = 0; i < WORLD_MERCHANTS; i++)
        world->merchants[i] = (struct merchant_id){MERCHANT_ID_MIN + i};
    clock_source_set(world_now, world);
    random_source_set(world_bytes, world);
    ground_open(world);
    return world;
}

void world_live(struct world *world)
{
    ground_live(world, world_life);
    invariant(world->ended);
}

void world_close(struct world *world)
{
    operator_fake_close(world);
    ground_close(world);
    clock_source_set(NULL, NULL);
    random_source_set(NULL, NULL);
    ground_let_go(world, sizeof *world);
}

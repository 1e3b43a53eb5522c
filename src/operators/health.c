#include "operators/health.h"

#include "base/fault.h"
#include "operators/pace.h"

#define US_PER_MS     INT64_C(1000)
#define US_PER_SECOND INT64_C(1000000)
#define PACE_US_LEAST INT64_C(50)

static int64_t greater(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

const char *breaker_state_text(enum breaker_state state)
{
    static const char *const texts[] = {"closed", "open", "half-open"};
    return texts[state];
}

void health_init(struct health *health, const struct channel *channel, size_t batch,
                 int64_t calls_each)
{
    invariant(batch > 0 && calls_each >= 0 && channel->under_way_max > 0);
    *health = (struct health){.channel = channel,
                              .batch = batch,
                              .share = SHARDS,
                              .calls_each = calls_each,
                              .call_us = HEALTH_CALL_FIRST_MS * US_PER_MS};
}

void health_share(struct health *health, int share)
{
    invariant(share >= 0 && share <= SHARDS);
    health->share = share > 0 ? share : 1;
}

/* Calls at once. */
static int64_t places(const struct health *health)
{
    return greater(health->channel->under_way_max * (int64_t)health->share / SHARDS, 1);
}

/* --- Breakers --- */

static void breaker_open(struct breaker *breaker, uint32_t chance, int64_t now_us)
{
    int64_t span_us = HEALTH_OPEN_FIRST_MS * US_PER_MS, most_us = HEALTH_OPEN_MOST_MS * US_PER_MS;
    for (int i = 0; i < breaker->opened && span_us < most_us; i++)
        span_us *= 2;
    span_us = pace_span(span_us < most_us ? span_us : most_us);
    span_us = span_us / 4 * 3 + (span_us / 2 * chance) / UINT32_MAX;
    *breaker = (struct breaker){.state = BREAKER_OPEN,
                                .opened = breaker->opened + (breaker->opened < 30),
                                .open_until_us = now_us + span_us};
}

static int failures_in(const struct breaker *breaker)
{
    return __builtin_popcount(breaker->window & ((1u << breaker->calls) - 1));
}

static void breaker_count(struct breaker *breaker, bool failed)
{
    breaker->window = breaker->window << 1 | (uint32_t)failed;
    breaker->calls += breaker->calls < HEALTH_WINDOW;
    breaker->failures = failed ? breaker->failures + 1 : 0;
    invariant(breaker->calls <= HEALTH_WINDOW && HEALTH_WINDOW < 32);
}

static bool breaker_tired(const struct breaker *breaker)
{
    return breaker->failures >= HEALTH_FAILURES_MAX ||
           (breaker->calls >= HEALTH_WINDOW_LEAST && 2 * failures_in(breaker) >= breaker->calls);
}

/* What those say that left before it opened is no news. */
static void breaker_tell(struct breaker *breaker, enum health_outcome outcome, bool probe,
                         uint32_t chance, int64_t now_us)
{
    bool failed = outcome == HEALTH_FAILED || outcome == HEALTH_DOWN;
    if (breaker->state != BREAKER_CLOSED) {
        if (!probe)
            return;
        if (failed)
            breaker_open(breaker, chance, now_us);
        else if (outcome == HEALTH_ANSWERED)
            *breaker = (struct breaker){.state = BREAKER_CLOSED};
        else
            breaker->probing = false; /* Another one finds it out. */
        return;
    }
    if (outcome == HEALTH_NEITHER)
        return;
    breaker_count(breaker, failed);
    if (outcome == HEALTH_DOWN || (failed && breaker_tired(breaker)))
        breaker_open(breaker, chance, now_us);
}

/* How long until one call may try it; 0: now. */
static int64_t breaker_wait_us(const struct breaker *breaker, int64_t call_us, int64_t now_us)
{
    if (breaker->state == BREAKER_CLOSED)
        return 0;
    if (breaker->probing)
        return call_us > 0 ? call_us : 1;
    return greater(breaker->open_until_us - now_us, 0);
}

void health_tell(struct health *health, enum health_kind kind, enum health_outcome outcome,
                 bool probe, uint32_t chance, int64_t now_us)
{
    breaker_tell(&health->breakers[kind], outcome, probe, chance, now_us);
}

void health_throttle(struct health *health, int64_t wait_us, int64_t now_us)
{
    invariant(wait_us >= 0);
    health->throttled_until_us = greater(health->throttled_until_us, now_us + wait_us);
}

/* --- The door --- */

static size_t places_taken(const struct health *health)
{
    return health->calls + health->reserved + (health->waiting + health->batch - 1) / health->batch;
}

static bool place_left(const struct health *health)
{
    return places_taken(health) < (size_t)places(health);
}

static int64_t interval_us(const struct health *health)
{
    int64_t calls = health->channel->calls_per_second;
    return calls > 0 ? US_PER_SECOND * SHARDS / (calls * health->share) : 0;
}

/* A tenth of a second's calls may go at once: they need not come like a clock's ticks. */
static int64_t rate_wait_us(const struct health *health, int64_t now_us)
{
    int64_t slack_us = greater(US_PER_SECOND / 10 - interval_us(health), 0);
    if (health->channel->calls_per_second == 0)
        return 0;
    return greater(health->rate_us - slack_us - now_us, 0);
}

/* How long it is closed, for other reasons than its rate and places. */
static int64_t closed_us(const struct health *health, enum health_kind kind, int64_t now_us)
{
    int64_t wait_us = breaker_wait_us(&health->breakers[kind], health->call_us, now_us);
    wait_us = greater(wait_us, health->throttled_until_us - now_us);
    if (health->off && kind == HEALTH_SUBMITS)
        wait_us = greater(wait_us, HEALTH_OFF_MS * US_PER_MS);
    return wait_us;
}

/* Whether it goes with the call that was reserved for the one before. */
static bool group_has_room(const struct health *health, enum health_kind kind)
{
    return kind == HEALTH_SUBMITS && health->group_left > 0;
}

enum health_door health_door(const struct health *health, enum health_kind kind, int64_t now_us)
{
    if (closed_us(health, kind, now_us) > 0)
        return HEALTH_CLOSED;
    if (group_has_room(health, kind))
        return HEALTH_OPEN;
    return place_left(health) && rate_wait_us(health, now_us) == 0 ? HEALTH_OPEN : HEALTH_FULL;
}

int64_t health_wait_us(const struct health *health, enum health_kind kind, int64_t now_us)
{
    int64_t wait_us = closed_us(health, kind, now_us);
    if (wait_us > 0 || group_has_room(health, kind))
        return wait_us;
    wait_us = rate_wait_us(health, now_us);
    if (place_left(health))
        return wait_us;
    return greater(wait_us, greater(health->call_us / places(health), 1));
}

static void spend(struct health *health, int64_t calls, int64_t now_us)
{
    health->rate_us = greater(health->rate_us, now_us) + calls * interval_us(health);
}

void health_spend(struct health *health, int64_t now_us)
{
    spend(health, 1, now_us);
}

void health_reserve(struct health *health, enum health_kind kind, int64_t now_us, bool *place,
                    bool *probe)
{
    struct breaker *breaker = &health->breakers[kind];
    invariant(health_door(health, kind, now_us) == HEALTH_OPEN);
    *probe = breaker->state != BREAKER_CLOSED;
    *place = !group_has_room(health, kind);
    if (*probe) {
        breaker->state = BREAKER_HALF_OPEN;
        breaker->probing = true;
    }
    int64_t calls = kind == HEALTH_SUBMITS ? health->calls_each : 0;
    spend(health, calls + *place, now_us);
    if (!*place) {
        health->group_left--;
        return;
    }
    health->reserved++;
    /* Each that is looked up first has a call of its own. A probe goes alone. */
    if (kind == HEALTH_SUBMITS)
        health->group_left = health->calls_each > 0 || *probe ? 0 : health->batch - 1;
}

void health_unreserve(struct health *health)
{
    invariant(health->reserved > 0);
    health->reserved--;
}

void health_group_end(struct health *health)
{
    health->group_left = 0;
}

/* --- Putting off --- */

/* How far apart those that wait can go, as far as can be foreseen: rather too near, since one that
 * comes too early is put off once more, but for one that comes too late a place stays empty. */
static int64_t pace_us(const struct health *health, enum health_kind kind)
{
    int64_t batch = kind == HEALTH_SUBMITS ? (int64_t)health->batch : 1;
    int64_t before = kind == HEALTH_SUBMITS ? health->calls_each : 0;
    int64_t rate_us = interval_us(health) * (before * batch + 1) / batch;
    int64_t place_us = health->call_us * (before + 1) / (places(health) * batch);
    return greater(PACE_US_LEAST, greater(rate_us, place_us / 4 * 3));
}

bool health_queue(const struct health *health, enum health_kind kind, int64_t now_us)
{
    return health->slot_us[kind] > now_us + HEALTH_HURRY_MS * US_PER_MS;
}

/* Far away it is not foreseen when each can go, only seen to it that many who wait for a dead
 * channel, or a slow one, look in at a rate that the store bears; and that they come soon when it
 * is fast again. */
static int64_t slot_step_us(const struct health *health, enum health_kind kind, bool closed,
                            int64_t away_us)
{
    int64_t far_us = US_PER_SECOND / HEALTH_FAR_A_SECOND, pace = pace_us(health, kind);
    if (closed)
        return far_us;
    return away_us > HEALTH_NEAR_MS * US_PER_MS && pace > far_us ? far_us : pace;
}

/* The next slot, from from_us on; as many come to it as go in one call. */
static int64_t slot_take(struct health *health, enum health_kind kind, bool closed, int64_t now_us,
                         int64_t from_us)
{
    size_t batch = kind == HEALTH_SUBMITS ? health->batch : 1;
    int64_t *slot = &health->slot_us[kind];
    if (*slot < from_us) {
        *slot = from_us;
        health->slot_taken[kind] = 0;
    }
    int64_t at_us = *slot;
    if (++health->slot_taken[kind] >= batch) {
        *slot += (int64_t)batch * slot_step_us(health, kind, closed, at_us - now_us);
        health->slot_taken[kind] = 0;
    }
    return at_us;
}

int64_t health_put_off_us(struct health *health, enum health_kind kind, int64_t now_us, bool turn,
                          int64_t *hurry_us)
{
    int64_t wait_us = greater(health_wait_us(health, kind, now_us), 1);
    bool closed = health_door(health, kind, now_us) == HEALTH_CLOSED;
    bool behind = !turn && health_queue(health, kind, now_us);
    if (!closed && !behind) {
        *hurry_us = greater(*hurry_us, wait_us);
        if (*hurry_us <= HEALTH_HURRY_MS * US_PER_MS) {
            *hurry_us += pace_us(health, kind);
            return 0;
        }
        wait_us = *hurry_us;
    }
    /* One whose turn it was does not go to the end again, behind all who wait for theirs. */
    if (turn && !closed) {
        health->again_us = greater(health->again_us, now_us + wait_us);
        int64_t again_us = health->again_us - now_us;
        health->again_us += pace_us(health, kind);
        return again_us;
    }
    int64_t at_us = slot_take(health, kind, closed, now_us, now_us + wait_us);
    invariant(at_us > now_us);
    return at_us - now_us;
}

/* --- Calls --- */

bool health_may_call(const struct health *health, int64_t now_us)
{
    return health->calls < (size_t)places(health) && health->throttled_until_us <= now_us;
}

void health_call_begin(struct health *health)
{
    health->calls++;
}

void health_call_end(struct health *health, int64_t duration_us)
{
    invariant(health->calls > 0 && duration_us >= 0);
    health->calls--;
    health->call_us += (duration_us - health->call_us) / 8;
}

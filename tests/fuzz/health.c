/* Any order of what can happen to a channel's health: claims, calls, what comes of them, time. No
 * more calls are let in than there are places, one at a time while a breaker is half-open; a door
 * that is open needs no wait, one that is closed opens by itself; and who is put off comes back, in
 * order, no sooner than it may be let in. */
#include "operators/health.h"
#include "base/fault.h"
#include "fuzz.h"

enum { RESERVED_MAX = 64 };

struct play {
    struct channel channel;
    struct health health;
    int64_t now_us;
    size_t calls, places;
    bool probes[HEALTH_KIND_COUNT]; /* Under way. */
};

static void door_check(struct play *play, enum health_kind kind)
{
    struct health *health = &play->health;
    enum health_door door = health_door(health, kind, play->now_us);
    int64_t wait_us = health_wait_us(health, kind, play->now_us);
    invariant(wait_us >= 0 && (door == HEALTH_OPEN) == (wait_us == 0));
    invariant(!play->probes[kind] || door == HEALTH_CLOSED);
    if (door == HEALTH_CLOSED && !health->off && !play->probes[kind])
        invariant(health_door(health, kind, play->now_us + wait_us) != HEALTH_CLOSED);
}

/* Claims as one look does, and makes or drops what was reserved. */
static void claim(struct play *play, enum health_kind kind, size_t count, bool made)
{
    struct health *health = &play->health;
    for (size_t i = 0; i < count; i++) {
        bool place = false, probe = false;
        int64_t hurry_us = 0;
        if (health_door(health, kind, play->now_us) != HEALTH_OPEN) {
            int64_t wait_us = health_put_off_us(health, kind, play->now_us, i % 2 == 1, &hurry_us);
            enum health_door door = health_door(health, kind, play->now_us);
            invariant(wait_us > 0 || door == HEALTH_FULL);
            invariant(door != HEALTH_CLOSED ||
                      wait_us >= health_wait_us(health, kind, play->now_us));
            continue;
        }
        health_reserve(health, kind, play->now_us, &place, &probe);
        invariant(!probe || !play->probes[kind]);
        if (place)
            health_unreserve(health);
        if (place && made) {
            health_call_begin(health);
            play->calls++;
            play->probes[kind] = play->probes[kind] || probe;
        } else if (probe) {
            health_tell(health, kind, HEALTH_NEITHER, true, 1, play->now_us);
        }
        invariant(play->calls <= (size_t)play->channel.under_way_max);
    }
    health_group_end(health);
}

static void call_end(struct play *play, enum health_kind kind, enum health_outcome outcome,
                     uint32_t chance)
{
    if (play->calls == 0)
        return;
    play->calls--;
    health_call_end(&play->health, chance);
    health_tell(&play->health, kind, outcome, play->probes[kind], chance << 24, play->now_us);
    play->probes[kind] = false;
}

static void step(struct play *play, uint8_t what, uint8_t how)
{
    enum health_kind kind = (what & 8) != 0 ? HEALTH_ASKS : HEALTH_SUBMITS;
    switch (what & 7) {
    case 0:
    case 1:
        claim(play, kind, how % RESERVED_MAX, (what & 1) == 0);
        break;
    case 2:
    case 3:
        call_end(play, kind, (enum health_outcome)(how % 4), how);
        break;
    case 4:
        play->now_us += (int64_t)how * how * 1000;
        break;
    case 5:
        health_throttle(&play->health, (int64_t)how * 10000, play->now_us);
        break;
    case 6:
        play->health.off = (how & 1) != 0;
        break;
    default:
        health_spend(&play->health, play->now_us);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct play play = {.now_us = 1};
    if (size < 4)
        return 0;
    play.channel = (struct channel){.calls_per_second = data[0], .under_way_max = 1 + data[1]};
    health_init(&play.health, &play.channel, 1 + data[2] % 20, data[3] % 2);
    for (size_t i = 4; i + 1 < size && i < 20000; i += 2) {
        step(&play, data[i], data[i + 1]);
        for (int kind = 0; kind < HEALTH_KIND_COUNT; kind++)
            door_check(&play, (enum health_kind)kind);
    }
    return 0;
}

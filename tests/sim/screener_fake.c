#include "sim/screener_fake.h"

#include "sim/world.h"

enum { ASKED_AT_ONCE = 10, ITEMS_MAX = 32, LISTED_OF = 5 };

struct screener_record *screener_fake_record(struct world *world, const struct transfer *transfer)
{
    struct screener_fake *fake = &world->screener_fake;
    for (int i = 0; i < fake->record_count; i++)
        if (fake->records[i].transfer == transfer->id.value)
            return &fake->records[i];
    invariant(fake->record_count < SCREENER_ASKED_MAX);
    struct screener_record *record = &fake->records[fake->record_count++];
    *record = (struct screener_record){.transfer = transfer->id.value,
                                       .listed = transfer->msisdn % LISTED_OF == 3};
    return record;
}

void screener_fake_leaves(struct world *world, const struct transfer *transfer)
{
    const struct screener_record *record = screener_fake_record(world, transfer);
    if (!world->screening)
        return;
    audit(world, record->answered, "%lld leaves, and nobody was asked about its name",
          (long long)transfer->id.value);
    audit(world, !record->listed || record->released, "%lld leaves, to a name of the list",
          (long long)transfer->id.value);
}

static bool answer_awaited(const struct world *world, const struct transfer *transfer)
{
    const struct screener_fake *fake = &world->screener_fake;
    for (int i = 0; i < fake->answer_count; i++)
        if (fake->answers[i].transfer == transfer->id.value &&
            fake->answers[i].boot == world->crashes)
            return true;
    return false;
}

static void answer_send(struct world *world, const struct transfer *transfer,
                        enum screening_state verdict)
{
    struct screener_fake *fake = &world->screener_fake;
    if (fake->answer_count == SCREENER_ANSWERS_MAX)
        return; /* It is too much for it: asked again. */
    int64_t delay_ms = world_random(world, 300);
    if (world_trouble(world, TROUBLE_SCREENER_LATE, 6))
        delay_ms += world_random(world, 120000);
    fake->answers[fake->answer_count++] =
        (struct screener_answer){.transfer = transfer->id.value,
                                 .due_at_ms = transfer->due_at_ms,
                                 .arrives_at_ms = world->now_ms + delay_ms,
                                 .verdict = verdict,
                                 .boot = world->crashes};
}

static void screener_ask(struct world *world, const struct transfer *transfer)
{
    struct screener_record *record = screener_fake_record(world, transfer);
    enum screening_state verdict = record->listed ? SCREENING_MATCH : SCREENING_CLEAR;
    if (answer_awaited(world, transfer) && !world_trouble(world, TROUBLE_SCREENER_TWICE, 10))
        return;
    if (!world->screening) {
        verdict = SCREENING_SKIPPED;
        record->skipped = true;
    } else if (world->screener_fake.down_until_ms > world->now_ms) {
        verdict = SCREENING_NONE;
    } else {
        record->answered = true;
    }
    answer_send(world, transfer, verdict);
}

static void screener_asks(struct world *world)
{
    struct arena *arena = arena_open((size_t)1 << 24);
    struct due_screening *due;
    size_t count;
    struct fault fault;
    if (store_read_due_screenings(world->reader, arena, world->now_ms, ASKED_AT_ONCE, &due, &count,
                                  &fault) == FAULT_NONE)
        for (size_t i = 0; i < count; i++)
            screener_ask(world, &due[i].transfer);
    arena_close(arena);
}

void screener_fake_step(struct world *world)
{
    struct screener_fake *fake = &world->screener_fake;
    struct screened_item items[ITEMS_MAX];
    size_t count = 0;
    if (world_trouble(world, TROUBLE_SCREENER_DOWN, 40))
        fake->down_until_ms = world->now_ms + world_random(world, 600000);
    if (world->calm)
        fake->down_until_ms = 0;
    screener_asks(world);
    for (int i = 0; i < fake->answer_count && count < ITEMS_MAX;) {
        struct screener_answer answer = fake->answers[i];
        if (answer.arrives_at_ms > world->now_ms) {
            i++;
            continue;
        }
        fake->answers[i] = fake->answers[--fake->answer_count];
        if (answer.boot != world->crashes)
            continue; /* Nobody waits for it any more. */
        items[count++] = (struct screened_item){
            .transfer = {answer.transfer},
            .due_at_ms = answer.due_at_ms,
            .verdict = answer.verdict,
            .source = "sim",
            .version = "1",
            .entry = answer.verdict == SCREENING_MATCH ? "somebody" : "",
            .score = answer.verdict == SCREENING_MATCH ? 100 : 0,
            .next_at_ms = world->now_ms + 1000 + world_random(world, 20000),
        };
    }
    if (count == 0)
        return;
    struct lane_job job = {.command = {.kind = COMMAND_TRANSFER_SCREENED,
                                       .transfer_screened = {.items = items, .count = count}}};
    bool answered = world_call(world, &job);
    for (size_t i = 0; i < count; i++)
        world_say(world, "screened %lld: %s: %d/%d", (long long)items[i].transfer.value,
                  screening_state_text(items[i].verdict), answered, items[i].applied);
}

/* The platform's people: they decide on transfers that no operator tells the end of, mostly
 * rightly, sometimes not, alone or as two, and close contradictions. */
#include "sim/world.h"

const char *const world_persons[WORLD_PERSONS] = {"Awa", "Kofi", "Mariam", " awa", "KOFI "};
const char *const world_addresses[WORLD_MERCHANTS - 1] = {"awa@shop.example", "kofi@shop.example"};

/* Those who settle. */
enum { PERSONS = 3 };

static const struct transfer *transfer_pick(struct world *world)
{
    const struct store_memory_tables *tables = ground_tables(world);
    const struct transfer *picked = NULL;
    uint32_t unknown = 0;
    for (size_t i = 0; i < tables->transfer_count; i++)
        if (tables->transfers[i].state == TRANSFER_NOS && world_random(world, ++unknown) == 0)
            picked = &tables->transfers[i];
    /* Now and then any other one: that has to be refused. */
    if (tables->transfer_count > 0 && (picked == NULL || world_random(world, 10) == 0))
        picked = &tables->transfers[world_random(world, (uint32_t)tables->transfer_count)];
    return picked;
}

/* What became of it as far as the operator knows; wrong now and then. */
static enum transfer_state outcome_say(struct world *world, int64_t id)
{
    const struct operator_order *order = operator_fake_order(world, id);
    bool paid = order != NULL && order->state == ORDER_PAID;
    bool wrong = world_random(world, 6) == 0;
    return paid != wrong ? TRANSFER_VAL : TRANSFER_REJ;
}

static void person_settles(struct world *world)
{
    const struct transfer *picked = transfer_pick(world);
    if (picked == NULL)
        return;
    struct transfer transfer = *picked; /* The tables go with the next command. */
    struct transfer_settle settle = {.transfer = transfer.id,
                                     .withdraw = world_random(world, 8) == 0,
                                     .outcome = outcome_say(world, transfer.id.value),
                                     .person = world_persons[world_random(world, PERSONS)],
                                     .evidence = "seen in the statement"};
    int64_t neglected_at_ms = transfer.due_at_ms + SETTLEMENT_NEGLECTED_MS;
    struct lane_job job = {.command = {.kind = COMMAND_TRANSFER_SETTLE, .transfer_settle = settle}};
    bool answered = world_call(world, &job);
    const struct transfer_settle *said = &job.command.transfer_settle;
    world_say(world, "%s settles %lld as %s: %d/%d act %d", settle.person,
              (long long)transfer.id.value,
              settle.withdraw ? "withdrawn" : transfer_state_text(settle.outcome), answered,
              job.command.code, said->act);
    if (!answered || job.command.code != PAYOUT_OK || settle.withdraw)
        return;
    bool may = transfer.state == TRANSFER_NOS || said->again ||
               (transfer.state == TRANSFER_REC && neglected_at_ms <= job.command.at_ms);
    audit(world, may, "a %s transfer was settled", transfer_state_text(transfer.state));
    if (said->act == SETTLEMENT_SETTLED)
        auditor_promised(world, &(struct promise){.kind = PROMISE_TRANSFER,
                                                  .number = transfer.id.value,
                                                  .state = (int)settle.outcome});
}

static void person_closes(struct world *world)
{
    const struct store_memory_tables *tables = ground_tables(world);
    if (tables->contradiction_count == 0)
        return;
    uint32_t index = world_random(world, (uint32_t)tables->contradiction_count);
    struct lane_job job = {
        .command = {.kind = COMMAND_CONTRADICTION_CLOSE,
                    .contradiction_close = {.id = tables->contradictions[index].id,
                                            .person = world_persons[world_random(world, PERSONS)],
                                            .note = "claimed back"}}};
    bool answered = world_call(world, &job);
    audit(world, !answered || job.command.code == PAYOUT_OK, "a contradiction can't be closed");
}

static void person_decides_double(struct world *world, const struct transfer *transfer)
{
    struct person_decide decide = {.transfer = transfer->id,
                                   .release = world_random(world, 2) == 0,
                                   .person = world_persons[world_random(world, PERSONS)],
                                   .evidence = "the merchant was asked"};
    bool waits = transfer->suspected && transfer->confirmed;
    struct lane_job job = {.command = {.kind = COMMAND_TWIN_DECIDE, .twin_decide = decide}};
    bool answered = world_call(world, &job);
    world_say(world, "%s %s double %lld: %d/%d", decide.person,
              decide.release ? "releases" : "refuses", (long long)decide.transfer.value, answered,
              job.command.code);
    if (!answered)
        return;
    bool good = job.command.code == PAYOUT_OK;
    audit(world, good == waits || job.command.twin_decide.again, "a double's decision: %d",
          job.command.code);
    if (good && !decide.release)
        auditor_promised(world, &(struct promise){.kind = PROMISE_TRANSFER,
                                                  .number = decide.transfer.value,
                                                  .state = TRANSFER_REJ});
}

/* When the answer is lost, it may have been done all the same. */
static void person_decides_name(struct world *world, const struct transfer *transfer)
{
    struct person_decide decide = {.transfer = transfer->id,
                                   .release = world_random(world, 2) == 0,
                                   .person = world_persons[world_random(world, PERSONS)],
                                   .evidence = "another date of birth"};
    bool waits = transfer->screening == SCREENING_MATCH;
    if (waits && decide.release)
        screener_fake_record(world, transfer)->released = true;
    struct lane_job job = {
        .command = {.kind = COMMAND_SCREENING_DECIDE, .screening_decide = decide}};
    bool answered = world_call(world, &job);
    world_say(world, "%s %s name %lld: %d/%d", decide.person,
              decide.release ? "releases" : "refuses", (long long)decide.transfer.value, answered,
              job.command.code);
    if (!answered)
        return;
    bool good = job.command.code == PAYOUT_OK;
    audit(world, good == (waits || job.command.screening_decide.again), "a name's decision: %d",
          job.command.code);
    if (good && !decide.release)
        auditor_promised(world, &(struct promise){.kind = PROMISE_TRANSFER,
                                                  .number = decide.transfer.value,
                                                  .state = TRANSFER_REJ});
}

/* One of those that wait, or now and then any other transfer. */
static void person_looks_at_names(struct world *world)
{
    const struct store_memory_tables *tables = ground_tables(world);
    bool any = world_random(world, 10) == 0;
    for (size_t i = 0; i < tables->transfer_count; i++) {
        if (tables->transfers[i].screening != SCREENING_MATCH && !any)
            continue;
        struct transfer transfer = tables->transfers[i]; /* The tables go with the command. */
        if (world_random(world, 3) == 0) {
            person_decides_name(world, &transfer);
            return;
        }
    }
}

/* One of the possible doubles, or now and then any other transfer. */
static void person_looks_at_doubles(struct world *world)
{
    const struct store_memory_tables *tables = ground_tables(world);
    bool any = world_random(world, 10) == 0;
    for (size_t i = 0; i < tables->transfer_count; i++) {
        if (!tables->transfers[i].suspected && !any)
            continue;
        struct transfer transfer = tables->transfers[i]; /* The tables go with the command. */
        if (world_random(world, 3) == 0) {
            person_decides_double(world, &transfer);
            return;
        }
    }
}

void persons_finish(struct world *world)
{
    const struct store_memory_tables *tables = ground_tables(world);
    for (size_t i = 0; i < tables->transfer_count; i++) {
        struct transfer transfer = tables->transfers[i];
        if (transfer.suspected && transfer.confirmed) {
            person_decides_double(world, &transfer);
            tables = ground_tables(world);
        } else if (transfer.screening == SCREENING_MATCH) {
            person_decides_name(world, &transfer);
            tables = ground_tables(world);
        }
    }
}

void persons_redeliver(struct world *world)
{
    enum { ITEMS = 8 };
    const struct store_memory_tables *tables = ground_tables(world);
    struct redeliver_item items[ITEMS];
    size_t count = 0;
    if (tables->notification_count == 0)
        return;
    struct notification_key key =
        tables->notifications[world_random(world, (uint32_t)tables->notification_count)].key;
    bool whole = world_random(world, 2) == 0; /* All that it was told, or this one. */
    for (int32_t number = whole ? 1 : key.number; number <= key.number && count < ITEMS; number++) {
        key.number = whole ? key.number : number;
        items[count++] = (struct redeliver_item){.key = {key.transfer, key.endpoint, number}};
    }
    struct lane_job job = {
        .command = {.kind = COMMAND_REDELIVER,
                    .redeliver = {.items = items, .count = count, .as_of_ms = world->now_ms}}};
    bool answered = world_call(world, &job);
    world_say(world, "%zu of %lld sent again to %d: %d, %zu", count, (long long)key.transfer.value,
              key.endpoint, answered, job.command.redeliver.begun);
    if (world_call(world, &job) && answered)
        audit(world, job.command.redeliver.begun == 0, "asked twice, it was sent twice");
}

void persons_step(struct world *world)
{
    if (world_random(world, 5) == 0) {
        persons_redeliver(world);
        return;
    }
    if (world_random(world, 4) == 0) {
        person_looks_at_names(world);
        return;
    }
    if (world_random(world, 3) == 0) {
        person_looks_at_doubles(world);
        return;
    }
    if (world_random(world, 4) == 0)
        person_closes(world);
    else
        person_settles(world);
}

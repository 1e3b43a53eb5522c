/* What payoutd's threads do beside the lane: workers, notifications, the janitor. */
#include "sim/world.h"

enum { DUE_MAX = 10, OUTCOMES_MAX = 32, LEASE_MS = 30000 };

/* What can't be read now is read another time. */
static bool read_well(struct world *world, enum fault_kind kind, const struct fault *fault)
{
    if (kind != FAULT_NONE)
        world_say(world, "reading failed: %.100s", fault->text);
    return kind == FAULT_NONE;
}

static void worker_claims(struct world *world, struct transfer *due, size_t count)
{
    struct claim_item *items = arena_alloc(world->arena, count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        int any = 1 + (int)world_random(world, OPERATOR_CHANNELS);
        items[i] = (struct claim_item){.transfer = due[i].id,
                                       .due_at_ms = due[i].due_at_ms,
                                       .channel = due[i].channel != 0 ? due[i].channel : any};
    }
    struct lane_job job = {
        .command = {.kind = COMMAND_TRANSFER_CLAIM,
                    .transfer_claim = {.items = items, .count = count, .lease_ms = LEASE_MS}}};
    if (!world_call(world, &job))
        return; /* Not known to be ours: nothing may leave. */
    for (size_t i = 0; i < count; i++) {
        if (!items[i].claimed)
            continue;
        if (due[i].state == TRANSFER_NEW)
            screener_fake_leaves(world, &due[i]);
        due[i].channel = items[i].channel;
        if (items[i].step == STEP_SUBMIT)
            operator_fake_submit(world, &due[i], items[i].attempt);
        else
            operator_fake_ask(world, &due[i], items[i].attempt);
    }
}

/* A worker that knows its operators to be out of reach puts off what is to be submitted. What is
 * left of due is returned. */
static size_t worker_puts_off(struct world *world, struct transfer *due, size_t count)
{
    size_t left = 0, off = 0;
    struct outcome_item items[DUE_MAX];
    invariant(count <= DUE_MAX);
    bool down = world_operator_down(world);
    for (size_t i = 0; i < count; i++) {
        if (!down || due[i].step != STEP_SUBMIT || world_random(world, 2) == 0) {
            due[left++] = due[i];
            continue;
        }
        items[off++] =
            (struct outcome_item){.transfer = due[i].id,
                                  .attempt = due[i].attempts,
                                  .verdict = VERDICT_NOT_SENT,
                                  .reason = TRANSFER_REASON_OPERATOR_DOWN,
                                  .operator_reference = "",
                                  .next_at_ms = world->now_ms + 1000 + world_random(world, 60000)};
    }
    struct lane_job job = {.command = {.kind = COMMAND_TRANSFER_OUTCOME,
                                       .transfer_outcome = {.items = items, .count = off}}};
    if (off > 0)
        world_say(world, "%zu put off: %d", off, world_call(world, &job));
    return left;
}

/* Not a thing of the world's arena alone: read by two workers at once, claimed by one. */
static void workers_work(struct world *world)
{
    struct arena *arena = arena_open((size_t)1 << 24);
    for (int worker = 0; worker < WORLD_WORKERS; worker++) {
        if (world->worker_paused_until_ms[worker] > world->now_ms)
            continue;
        struct transfer *due;
        size_t count;
        struct fault fault;
        enum fault_kind kind = store_read_due_transfers(world->reader, arena, world->now_ms,
                                                        DUE_MAX, &due, &count, &fault);
        if (!read_well(world, kind, &fault))
            break;
        count = worker_puts_off(world, due, count);
        if (world_trouble(world, TROUBLE_WORKER_PAUSES, 10)) {
            /* It has read what is due, and acts on it only after the other one did. */
            world->worker_paused_until_ms[worker] = world->now_ms + world_random(world, 60000);
            if (count > 0 && worker == 0)
                worker_claims(world, due, count);
        }
        if (count > 0)
            worker_claims(world, due, count);
    }
    arena_close(arena);
}

static enum transfer_state transfer_state_now(struct world *world, struct transfer_id id)
{
    const struct store_memory_tables *tables = ground_tables(world);
    for (size_t i = 0; i < tables->transfer_count; i++)
        if (tables->transfers[i].id.value == id.value)
            return tables->transfers[i].state;
    return TRANSFER_STATE_END;
}

void machine_outcomes(struct world *world)
{
    struct outcome_item items[OUTCOMES_MAX];
    enum transfer_state before[OUTCOMES_MAX];
    size_t count = operator_fake_deliver(world, items, OUTCOMES_MAX);
    if (count == 0)
        return;
    for (size_t i = 0; i < count; i++)
        before[i] = transfer_state_now(world, items[i].transfer);
    struct lane_job job = {.command = {.kind = COMMAND_TRANSFER_OUTCOME,
                                       .transfer_outcome = {.items = items, .count = count}}};
    bool answered = world_call(world, &job);
    for (size_t i = 0; i < count; i++) {
        world_say(world, "operator says %s of %lld: %d/%d", verdict_text(items[i].verdict),
                  (long long)items[i].transfer.value, answered, items[i].effect);
        if (!answered)
            continue;
        auditor_check_answer(world, before[i], &items[i]);
        bool ends = items[i].verdict == VERDICT_PAID || items[i].verdict == VERDICT_REJECTED;
        if (items[i].effect == OUTCOME_APPLIED && ends)
            auditor_promised(world, &(struct promise){.kind = PROMISE_TRANSFER,
                                                      .number = items[i].transfer.value,
                                                      .state = items[i].verdict == VERDICT_PAID
                                                                   ? TRANSFER_VAL
                                                                   : TRANSFER_REJ});
    }
    /* Lost with the process or by the store's fault: the lease runs out and it is asked about. */
}

/* A merchant's server got it: numbers of a transfer never go back, but for the last one again, and
 * for what a person had sent again. */
static void merchant_hears(struct world *world, const struct due_notification *due)
{
    struct heard *heard = NULL;
    struct notification_key key = due->notification.key;
    for (size_t i = 0; i < world->heard_count && heard == NULL; i++)
        if (world->heard[i].transfer.value == key.transfer.value &&
            world->heard[i].endpoint == key.endpoint)
            heard = &world->heard[i];
    if (heard == NULL) {
        invariant(world->heard_count < WORLD_HEARD_MAX);
        heard = &world->heard[world->heard_count++];
        *heard = (struct heard){.transfer = key.transfer, .endpoint = key.endpoint};
    }
    if (due->notification.redeliveries > 0 && key.number < heard->number)
        return; /* It knows that one by its id, or may have missed it. */
    audit(world,
          key.number == heard->number || key.number == heard->number + 1 ||
              (key.endpoint != 0 && key.number > heard->number),
          "notification %d of %lld to %d after %d", key.number, (long long)key.transfer.value,
          key.endpoint, heard->number);
    heard->number = key.number;
    heard->state = due->notification.transfer_state;
}

static void notifications_go(struct world *world)
{
    struct arena *arena = arena_open((size_t)1 << 24);
    struct due_notification *due;
    size_t count;
    struct fault fault;
    enum fault_kind kind =
        store_read_due_notifications(world->reader, arena, world->now_ms,
                                     (struct notification_cursor){0}, 20, &due, &count, &fault);
    if (read_well(world, kind, &fault) && count > 0) {
        struct delivery_item *items = arena_alloc(arena, count, sizeof *items);
        for (size_t i = 0; i < count; i++) {
            bool delivered = world->calm || world_random(world, 4) != 0;
            if (delivered)
                merchant_hears(world, &due[i]);
            items[i] = (struct delivery_item){.delivery = {.key = due[i].notification.key,
                                                           .at_ms = world->now_ms,
                                                           .http_status = delivered ? 200 : 500,
                                                           .error = ""},
                                              .delivered = delivered,
                                              .next_at_ms = world->now_ms + 1000 +
                                                            world_random(world, 30000)};
        }
        struct lane_job job = {
            .command = {.kind = COMMAND_DELIVERY, .delivery = {.items = items, .count = count}}};
        bool answered = world_call(world, &job); /* Not recorded: it goes out again. */
        for (size_t i = 0; i < count; i++)
            if (answered && items[i].delivered)
                auditor_promised(world,
                                 &(struct promise){.kind = PROMISE_DELIVERY,
                                                   .number = items[i].delivery.key.transfer.value,
                                                   .amount_minor = items[i].delivery.key.endpoint,
                                                   .state = items[i].delivery.key.number});
    }
    arena_close(arena);
}

/* Mails leave, or do not; now and then it is told twice, or not at all. */
static void mails_go(struct world *world)
{
    struct arena *arena = arena_open((size_t)1 << 22);
    struct due_mail *due;
    size_t count;
    struct fault fault;
    enum fault_kind kind =
        store_read_due_mails(world->reader, arena, world->now_ms, 5, &due, &count, &fault);
    if (!read_well(world, kind, &fault))
        count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct mail *mail = &due[i].mail;
        bool sent = world->calm || world_random(world, 3) == 0;
        bool dead = !sent && world_random(world, 5) == 0;
        audit(world, due[i].lot.state == LOT_WAITING, "a mail about a lot that does not wait");
        struct lane_job job = {
            .command = {.kind = COMMAND_MAIL_OUTCOME,
                        .mail_outcome = {.merchant = mail->merchant,
                                         .lot = mail->lot,
                                         .number = mail->number,
                                         .attempt = mail->tries + 1,
                                         .sent = sent,
                                         .error = "greylisted",
                                         .next_at_ms = dead ? 0
                                                            : world->now_ms + 1000 +
                                                                  world_random(world, 60000)}}};
        int times = world_random(world, 4) == 0 ? 2 : 1;
        for (int time = 0; time < times; time++) {
            if (!world_call(world, &job)) /* Not recorded: it goes out again. */
                continue;
            enum mail_state state = job.command.mail_outcome.state;
            audit(world, job.command.code == PAYOUT_OK, "a mail is not there");
            audit(world,
                  state == (sent   ? MAIL_SENT
                            : dead ? MAIL_DEAD
                                   : MAIL_WAITING),
                  "a mail is %s", mail_state_text(state));
            if (state != MAIL_WAITING)
                auditor_promised(world, &(struct promise){.kind = PROMISE_MAIL,
                                                          .merchant = mail->merchant.value,
                                                          .number = mail->lot.value,
                                                          .amount_minor = mail->number,
                                                          .state = (int)state});
        }
    }
    arena_close(arena);
}

static void lots_expire(struct world *world)
{
    struct arena *arena = arena_open((size_t)1 << 22);
    struct lot *lots;
    size_t count;
    struct fault fault;
    enum fault_kind kind =
        store_read_expired_lots(world->reader, arena, world->now_ms, 10, &lots, &count, &fault);
    if (!read_well(world, kind, &fault))
        count = 0;
    for (size_t i = 0; i < count; i++) {
        struct lane_job job = {.command = {.kind = COMMAND_LOT_DECIDE,
                                           .lot_decide = {.merchant = lots[i].merchant,
                                                          .lot = lots[i].code,
                                                          .to = LOT_EXPIRED}}};
        if (!world_call(world, &job))
            break;
    }
    arena_close(arena);
}

void machine_step(struct world *world)
{
    screener_fake_step(world);
    workers_work(world);
    operator_fake_call_back(world);
    machine_outcomes(world);
    notifications_go(world);
    mails_go(world);
    lots_expire(world);
}

#include "sim/world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/random.h"

enum { ITEMS_MAX = 8, OUTCOMES_MAX = 32, LEASE_MS = 30000, START_MS_DAY = 20000 };

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

/* What the next commit does. */
static enum save_plan world_save_plan(void *context)
{
    struct world *world = context;
    enum save_plan plan = SAVE_WELL;
    if (world_trouble(world, TROUBLE_STORE_AGAIN, 20))
        plan = SAVE_AGAIN;
    else if (world_trouble(world, TROUBLE_STORE_UNKNOWN, 20))
        plan = world_random(world, 2) == 0 ? SAVE_UNKNOWN_DONE : SAVE_UNKNOWN_NOT_DONE;
    else if (world_trouble(world, TROUBLE_STORE_FINAL, 60))
        plan = SAVE_FINAL;
    else if (world_trouble(world, TROUBLE_CRASH, 40))
        plan = world_random(world, 2) == 0 ? SAVE_CRASH_BEFORE : SAVE_CRASH_AFTER;
    if (plan != SAVE_WELL)
        world_say(world, "the store: plan %d", plan);
    return plan;
}

static void world_boot(struct world *world)
{
    struct fault fault;
    store_memory_restart(world->store);
    enum fault_kind kind = lane_open(world->store, &(struct lane_options){0}, &world->lane, &fault);
    invariant(kind == FAULT_NONE);
    kind = store_reader_open(world->store, &world->reader, &fault);
    invariant(kind == FAULT_NONE);
}

/* After every command: did the process die of it? Whatever it held in memory is gone then. */
static bool world_died(struct world *world)
{
    if (!store_memory_crashed(world->store))
        return false;
    world->crashes++;
    world_say(world, "*** crash %d", world->crashes);
    lane_close(world->lane);
    store_reader_close(world->reader);
    world_boot(world);
    return true;
}

/* Runs one command alone or, with others queued before, in their batch. True when it was answered.
 */
static bool world_call(struct world *world, struct lane_job *job)
{
    enum fault_kind kind = lane_call(world->lane, job);
    bool died = world_died(world);
    return !died && kind == FAULT_NONE;
}

struct world *world_open(uint64_t seed, unsigned troubles)
{
    struct world *world = calloc(1, sizeof *world);
    invariant(world != NULL);
    world->seed = seed;
    world->random = seed * 7919 + 1;
    world->troubles = troubles;
    world->now_ms = INT64_C(86400000) * START_MS_DAY;
    world->history = malloc(WORLD_HISTORY_MAX);
    invariant(world->history != NULL);
    world->arena = arena_open((size_t)1 << 26);
    clock_source_set(world_now, world);
    random_source_set(world_bytes, world);
    world->store = store_memory_open();
    world_boot(world);
    for (int i = 0; i < WORLD_MERCHANTS; i++) {
        struct lane_job job = {.command = {.kind = COMMAND_MERCHANT_CREATE}};
        struct merchant *merchant = &job.command.merchant_create.merchant;
        world->merchants[i] = (struct merchant_id){MERCHANT_ID_MIN + i};
        merchant->id = world->merchants[i];
        merchant->currency = CURRENCY_XOF;
        merchant->lot_expiry_ms = 3600000;
        merchant->all_or_nothing = i == 2;
        (void)snprintf(merchant->notify_url, sizeof merchant->notify_url, "http://m%d/", i);
        (void)snprintf(merchant->apikey, sizeof merchant->apikey, "key%d", i);
        invariant(world_call(world, &job) && job.command.code == PAYOUT_OK);
    }
    store_memory_plan(world->store, world_save_plan, world);
    return world;
}

void world_close(struct world *world)
{
    lane_close(world->lane);
    store_reader_close(world->reader);
    store_close(world->store);
    arena_close(world->arena);
    clock_source_set(NULL, NULL);
    random_source_set(NULL, NULL);
    free(world->heard);
    free(world->history);
    free(world);
}

/* --- Merchants --- */

static int64_t person_msisdn(int person)
{
    return INT64_C(2250700000000) + person;
}

static void merchant_adds_contacts(struct world *world, int merchant)
{
    struct contact_item items[ITEMS_MAX] = {0};
    size_t count = 1 + world_random(world, ITEMS_MAX);
    for (size_t i = 0; i < count; i++) {
        items[i] = (struct contact_item){
            .refusal = world_random(world, 10) == 0 ? PAYOUT_INVALID_PHONE : PAYOUT_OK,
            .prefix = "225",
            .phone = "07",
            .msisdn = person_msisdn((int)world_random(world, WORLD_PEOPLE)),
            .name = "",
            .surname = "",
            .email = ""};
    }
    struct lane_job job = {.command = {.kind = COMMAND_CONTACT_ADD,
                                       .contact_add = {.merchant = world->merchants[merchant],
                                                       .items = items,
                                                       .count = count}}};
    (void)world_call(world, &job);
}

static void merchant_funds(struct world *world, int merchant)
{
    bool again = world->funding_count > 0 && world_random(world, 3) == 0;
    bool out = world_random(world, 4) == 0;
    int number =
        again ? (int)world_random(world, (uint32_t)world->funding_count) : world->funding_count++;
    char *reference = arena_alloc(world->arena, 16, 1);
    (void)snprintf(reference, 16, "F%d", number);
    struct lane_job job = {
        .command = {.kind = COMMAND_FUND,
                    .fund = {.merchant = world->merchants[merchant],
                             .kind = out ? MOVEMENT_WITHDRAW : MOVEMENT_TOP_UP,
                             .amount = {500 + 5 * (int64_t)world_random(world, 2000), CURRENCY_XOF},
                             .reference = reference}}};
    bool answered = world_call(world, &job);
    world_say(world, "m%d funds %s %s %lld: %d/%d", merchant, reference, out ? "out" : "in",
              (long long)job.command.fund.amount.minor, answered, job.command.code);
}

static struct order *order_new(struct world *world, int merchant)
{
    struct order *order = &world->orders[world->order_count++];
    *order = (struct order){.merchant = merchant,
                            .person = (int)world_random(world, WORLD_PEOPLE),
                            .amount_minor = 200 + 5 * (int64_t)world_random(world, 400)};
    (void)snprintf(order->client_id, sizeof order->client_id, "c%d", world->order_count);
    return order;
}

/* The order that one item of a lot stands for: a new one, or one sent before (after a time-out, or
 * by mistake). NULL when there is none to be had. */
static struct order *order_pick(struct world *world, int merchant)
{
    bool repeat = world->calm || world_trouble(world, TROUBLE_CLIENT_DUPLICATES, 3);
    if (!repeat && world->order_count < WORLD_ORDERS_MAX)
        return order_new(world, merchant);
    for (int i = 0; i < world->order_count; i++) {
        struct order *order = &world->orders[world_random(world, (uint32_t)world->order_count)];
        if (order->merchant == merchant)
            return order;
    }
    return NULL;
}

static void order_hears(struct world *world, struct order *order, const struct send_item *item)
{
    if (item->transfer.value != 0) {
        audit(world, !order->answered || order->known.value == item->transfer.value,
              "an order was accepted under two ids");
        order->answered = true;
        order->known = item->transfer;
    }
}

static void merchant_sends_orders(struct world *world, int merchant, struct order **orders,
                                  size_t count)
{
    struct send_item items[ITEMS_MAX] = {0};
    for (size_t i = 0; i < count; i++)
        items[i] = (struct send_item){.client_id = orders[i]->client_id,
                                      .notify_url = "",
                                      .prefix = "225",
                                      .phone = "07",
                                      .msisdn = person_msisdn(orders[i]->person),
                                      .operator_number = 1 + orders[i]->person % 3,
                                      .amount = {orders[i]->amount_minor, CURRENCY_XOF}};
    struct lane_job job = {.command = {.kind = COMMAND_LOT_SEND,
                                       .lot_send = {.merchant = world->merchants[merchant],
                                                    .items = items,
                                                    .count = count,
                                                    .source = "sim",
                                                    .confirmed = world_random(world, 4) != 0}}};
    bool answered = world_call(world, &job);
    world_say(world, "m%d sends %zu (%s...): %d/%d lot %lld", merchant, count, orders[0]->client_id,
              answered, job.command.code, (long long)job.command.lot_send.lot.value);
    if (!answered)
        return; /* It does not know; it will ask or send again under the same ids. */
    for (size_t i = 0; i < count; i++)
        order_hears(world, orders[i], &items[i]);
}

static void merchant_sends(struct world *world, int merchant)
{
    struct order *orders[ITEMS_MAX];
    size_t count = 0, wanted = 1 + world_random(world, ITEMS_MAX);
    while (count < wanted && (orders[count] = order_pick(world, merchant)) != NULL)
        count++;
    if (count > 0)
        merchant_sends_orders(world, merchant, orders, count);
}

static void merchant_decides_lot(struct world *world)
{
    const struct store_memory_tables *tables = store_memory_tables(world->store);
    if (tables->lot_count == 0)
        return;
    const struct lot lot = tables->lots[world_random(world, (uint32_t)tables->lot_count)];
    struct lane_job job = {
        .command = {
            .kind = COMMAND_LOT_DECIDE,
            .lot_decide = {.merchant = lot.merchant,
                           .lot = lot.code,
                           .to = world_random(world, 3) == 0 ? LOT_CANCELLED : LOT_CONFIRMED}}};
    bool answered = world_call(world, &job);
    world_say(world, "lot %lld decided to %s: %d/%d", (long long)lot.code.value,
              lot_state_text(job.command.lot_decide.to), answered, job.command.code);
}

/* --- Workers --- */

static void worker_claims(struct world *world, struct transfer *due, size_t count)
{
    struct claim_item *items = arena_alloc(world->arena, count, sizeof *items);
    for (size_t i = 0; i < count; i++)
        items[i] = (struct claim_item){.transfer = due[i].id, .due_at_ms = due[i].due_at_ms};
    struct lane_job job = {
        .command = {.kind = COMMAND_TRANSFER_CLAIM,
                    .transfer_claim = {.items = items, .count = count, .lease_ms = LEASE_MS}}};
    if (!world_call(world, &job))
        return; /* Not known to be ours: nothing may leave. */
    for (size_t i = 0; i < count; i++) {
        if (!items[i].claimed)
            continue;
        if (items[i].step == STEP_SUBMIT)
            operator_fake_submit(world, &due[i]);
        else
            operator_fake_ask(world, &due[i]);
    }
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
        enum fault_kind kind =
            store_read_due_transfers(world->reader, arena, world->now_ms, 10, &due, &count, &fault);
        invariant(kind == FAULT_NONE);
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

static enum transfer_state transfer_state_now(const struct world *world, struct transfer_id id)
{
    const struct store_memory_tables *tables = store_memory_tables(world->store);
    for (size_t i = 0; i < tables->transfer_count; i++)
        if (tables->transfers[i].id.value == id.value)
            return tables->transfers[i].state;
    return TRANSFER_STATE_END;
}

static void outcomes_arrive(struct world *world)
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
        if (answered)
            auditor_check_answer(world, before[i], &items[i]);
    }
    /* Lost with the process or by the store's fault: the lease runs out and it is asked about. */
}

/* The merchant's server got it: numbers of a transfer never go back, but for the last one again. */
static void merchant_hears(struct world *world, const struct due_notification *due)
{
    struct heard *heard = NULL;
    for (size_t i = 0; i < world->heard_count && heard == NULL; i++)
        if (world->heard[i].transfer.value == due->notification.transfer.value)
            heard = &world->heard[i];
    if (heard == NULL) {
        if (world->heard_count == world->heard_room) {
            world->heard_room = world->heard_room * 2 + 64;
            world->heard = realloc(world->heard, world->heard_room * sizeof *world->heard);
            invariant(world->heard != NULL);
        }
        heard = &world->heard[world->heard_count++];
        *heard = (struct heard){.transfer = due->notification.transfer};
    }
    audit(world,
          due->notification.number == heard->number ||
              due->notification.number == heard->number + 1,
          "notification %d of %lld after %d", due->notification.number,
          (long long)due->notification.transfer.value, heard->number);
    heard->number = due->notification.number;
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
    invariant(kind == FAULT_NONE);
    if (count > 0) {
        struct delivery_item *items = arena_alloc(arena, count, sizeof *items);
        for (size_t i = 0; i < count; i++) {
            bool delivered = world->calm || world_random(world, 4) != 0;
            if (delivered)
                merchant_hears(world, &due[i]);
            items[i] = (struct delivery_item){.delivery = {.transfer = due[i].notification.transfer,
                                                           .number = due[i].notification.number,
                                                           .at_ms = world->now_ms,
                                                           .http_status = delivered ? 200 : 500,
                                                           .error = ""},
                                              .delivered = delivered,
                                              .next_at_ms = world->now_ms + 1000 +
                                                            world_random(world, 30000)};
        }
        struct lane_job job = {
            .command = {.kind = COMMAND_DELIVERY, .delivery = {.items = items, .count = count}}};
        (void)world_call(world, &job); /* Not recorded: it goes out again. */
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
    invariant(kind == FAULT_NONE);
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

static void machine_works(struct world *world)
{
    workers_work(world);
    outcomes_arrive(world);
    notifications_go(world);
    lots_expire(world);
}

/* --- Time --- */

void world_step(struct world *world)
{
    world->step++;
    int merchant = (int)world_random(world, WORLD_MERCHANTS);
    world->now_ms += world_random(world, 20) == 0 ? (int64_t)world_random(world, 600000)
                                                  : (int64_t)world_random(world, 2000);
    if (world_trouble(world, TROUBLE_CLOCK_BACK, 100))
        world->now_ms -= 5000;
    if (world_trouble(world, TROUBLE_OPERATOR_DOWN, 40)) {
        world->operator_down = !world->operator_down;
        world_say(world, "the operator is %s", world->operator_down ? "down" : "up");
    }
    switch (world_random(world, 10)) {
    case 0:
        merchant_adds_contacts(world, merchant);
        break;
    case 1:
        merchant_funds(world, merchant);
        break;
    case 2:
    case 3:
    case 4:
        merchant_sends(world, merchant);
        break;
    case 5:
        merchant_decides_lot(world);
        break;
    case 6:
        outcomes_arrive(world);
        break;
    default:
        machine_works(world);
        break;
    }
}

void world_drain(struct world *world)
{
    world->calm = true;
    world->operator_down = false;
    /* Those who never heard ask by sending the same again; everything else goes on by itself. */
    for (int i = 0; i < world->order_count; i++) {
        struct order *order = &world->orders[i];
        if (!order->answered)
            merchant_sends_orders(world, order->merchant, &order, 1);
    }
    for (int round = 0; round < 400; round++) {
        world->now_ms += 20000;
        world->step++;
        machine_works(world);
    }
}

/* Merchants, as they are: they send the same again, ask after a time-out by sending it again,
 * confirm twice, cancel what is being paid, and run out of money. */
#include <stdio.h>
#include <string.h>

#include "sim/world.h"

static int64_t person_msisdn(int person)
{
    return INT64_C(2250700000000) + person;
}

static void merchant_adds_contacts(struct world *world, int merchant)
{
    struct contact_item items[WORLD_ITEMS_MAX] = {0};
    size_t count = 1 + world_random(world, WORLD_ITEMS_MAX);
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
    if (!world_call(world, &job))
        return;
    for (size_t i = 0; i < count; i++)
        if (items[i].code == PAYOUT_OK || items[i].code == PAYOUT_ALREADY_MY_CONTACT)
            auditor_promised(world, &(struct promise){.kind = PROMISE_CONTACT,
                                                      .merchant = world->merchants[merchant].value,
                                                      .number = items[i].msisdn});
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
    if (answered && job.command.code == PAYOUT_OK)
        auditor_promised(world, &(struct promise){.kind = PROMISE_FUNDING,
                                                  .merchant = world->merchants[merchant].value,
                                                  .number = number,
                                                  .amount_minor = job.command.fund.amount.minor,
                                                  .state = (int)job.command.fund.kind});
}

static struct order *order_new(struct world *world, int merchant)
{
    struct order *order = &world->orders[world->order_count++];
    *order = (struct order){.merchant = merchant,
                            .person = (int)world_random(world, WORLD_PEOPLE),
                            .amount_minor = 200 + 5 * (int64_t)world_random(world, 400)};
    /* The same again under another id: by mistake, or because it is owed twice. */
    const struct order *before = world->order_count > 1 ? order - 1 : NULL;
    if (before != NULL && before->merchant == merchant && world_random(world, 6) == 0) {
        order->person = before->person;
        order->amount_minor = before->amount_minor;
    }
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

/* Whoever has the keys, or a person. */
static const char *sender_pick(struct world *world)
{
    return world_random(world, 2) == 0 ? NULL : world_persons[world_random(world, WORLD_PERSONS)];
}

/* How long a lot waits for operators that are down. */
static int64_t wait_pick(struct world *world)
{
    static const int64_t waits_ms[] = {0, LOT_WAITS_FOR_EVER, 5000, 600000};
    return waits_ms[world_random(world, 4)];
}

/* The command that sends orders; items is its memory. */
static struct lane_job send_make(struct world *world, int merchant, struct order **orders,
                                 size_t count, struct send_item *items)
{
    for (size_t i = 0; i < count; i++)
        items[i] = (struct send_item){.client_id = orders[i]->client_id,
                                      .notify_url = "",
                                      .prefix = "225",
                                      .phone = "07",
                                      .msisdn = person_msisdn(orders[i]->person),
                                      .operator_number = 1 + orders[i]->person % 3,
                                      .amount = {orders[i]->amount_minor, CURRENCY_XOF}};
    return (struct lane_job){.command = {.kind = COMMAND_LOT_SEND,
                                         .lot_send = {.merchant = world->merchants[merchant],
                                                      .items = items,
                                                      .count = count,
                                                      .source = "sim",
                                                      .sender = sender_pick(world),
                                                      .wait_ms = wait_pick(world),
                                                      .listed = world_random(world, 4) != 0}}};
}

static void send_answered(struct world *world, const struct lane_job *job, struct order **orders,
                          bool answered)
{
    const struct lot_send *send = &job->command.lot_send;
    world_say(world, "%lld sends %zu (%s...): %d/%d lot %lld", (long long)send->merchant.value,
              send->count, orders[0]->client_id, answered, job->command.code,
              (long long)send->lot.value);
    if (!answered)
        return; /* It does not know; it will ask or send again under the same ids. */
    for (size_t i = 0; i < send->count; i++)
        order_hears(world, orders[i], &send->items[i]);
    if (job->command.code == PAYOUT_OK)
        auditor_promised(world, &(struct promise){.kind = PROMISE_LOT_SENT,
                                                  .merchant = send->merchant.value,
                                                  .number = send->lot.value});
}

static void merchant_sends_orders(struct world *world, int merchant, struct order **orders,
                                  size_t count)
{
    struct send_item items[WORLD_ITEMS_MAX] = {0};
    struct lane_job job = send_make(world, merchant, orders, count, items);
    for (size_t i = 0; i < count; i++)
        world->pending[i] = (int)(orders[i] - world->orders);
    world->pending_merchant = merchant;
    world->pending_count = count;
    bool answered = world_call(world, &job);
    world->pending_count = answered ? 0 : count;
    send_answered(world, &job, orders, answered);
}

void merchants_reconnect(struct world *world)
{
    struct order *orders[WORLD_ITEMS_MAX];
    size_t count = world->pending_count;
    for (size_t i = 0; i < count; i++)
        orders[i] = &world->orders[world->pending[i]];
    if (count > 0)
        merchant_sends_orders(world, world->pending_merchant, orders, count);
}

static size_t orders_pick(struct world *world, int merchant, struct order **orders)
{
    size_t count = 0, wanted = 1 + world_random(world, WORLD_ITEMS_MAX);
    while (count < wanted && (orders[count] = order_pick(world, merchant)) != NULL)
        count++;
    return count;
}

static void merchant_sends(struct world *world, int merchant)
{
    struct order *orders[WORLD_ITEMS_MAX];
    size_t count = orders_pick(world, merchant, orders);
    if (count > 0)
        merchant_sends_orders(world, merchant, orders, count);
}

/* After a time-out: all that it does not know of, as it was sent. */
static void merchant_retries(struct world *world, int merchant)
{
    struct order *orders[WORLD_ITEMS_MAX];
    size_t count = 0;
    for (int i = 0; i < world->order_count && count < WORLD_ITEMS_MAX; i++)
        if (world->orders[i].merchant == merchant && !world->orders[i].answered)
            orders[count++] = &world->orders[i];
    if (count > 0)
        merchant_sends_orders(world, merchant, orders, count);
}

void merchants_ask(struct world *world)
{
    for (int i = 0; i < world->order_count; i++) {
        struct order *order = &world->orders[i];
        if (!order->answered)
            merchant_sends_orders(world, order->merchant, &order, 1);
    }
}

/* --- Deciding on lots --- */

/* A person's, who has looked at the lot, at none, or, seldom, at another one. */
static struct lane_job decision_make(struct world *world, const struct lot *lot, enum lot_state to)
{
    struct lane_job job = {
        .command = {.kind = COMMAND_LOT_DECIDE,
                    .lot_decide = {.merchant = lot->merchant,
                                   .lot = lot->code,
                                   .to = to,
                                   .person = world_persons[world_random(world, WORLD_PERSONS)]}}};
    uint8_t *hash = job.command.lot_decide.hash;
    if (world_random(world, 3) != 0)
        memcpy(hash, lot->hash, sizeof lot->hash);
    if (world_random(world, 12) == 0)
        hash[world_random(world, SECRET_HASH_BYTES)] ^= 1;
    return job;
}

/* before: as the lot was; other decisions may have come between when it was one of several. */
static void decision_answered(struct world *world, const struct lot *before,
                              const struct lane_job *job, bool answered)
{
    const struct lot_decide *decide = &job->command.lot_decide;
    world_say(world, "lot %lld decided to %s by %s: %d/%d", (long long)decide->lot.value,
              lot_state_text(decide->to), decide->person, answered, job->command.code);
    if (answered)
        auditor_check_decision(world, before, decide, job->command.code);
    if (answered && job->command.code == PAYOUT_OK && decide->state != LOT_WAITING)
        auditor_promised(world, &(struct promise){.kind = PROMISE_LOT,
                                                  .merchant = decide->merchant.value,
                                                  .number = decide->lot.value,
                                                  .state = (int)decide->to});
}

/* Any lot, in any state: it is also cancelled while it is being paid. */
static bool lot_pick(struct world *world, struct lot *lot)
{
    const struct store_memory_tables *tables = ground_tables(world);
    if (tables->lot_count == 0)
        return false;
    *lot = tables->lots[world_random(world, (uint32_t)tables->lot_count)];
    size_t length = strlen(lot->sender); /* The tables go with the next command. */
    char *sender = arena_alloc(world->arena, length + 1, 1);
    memcpy(sender, lot->sender, length);
    lot->sender = sender;
    return true;
}

static void merchant_decides_lot(struct world *world)
{
    struct lot lot;
    if (!lot_pick(world, &lot))
        return;
    enum lot_state to = world_random(world, 3) == 0 ? LOT_CANCELLED : LOT_CONFIRMED;
    /* Clicks twice: the second answer is the first one's. */
    int clicks = world_trouble(world, TROUBLE_CLIENT_DUPLICATES, 3) ? 2 : 1;
    bool done = false;
    struct lane_job job = decision_make(world, &lot, to);
    for (int click = 0; click < clicks; click++) {
        bool answered = world_call(world, &job);
        decision_answered(world, &lot, &job, answered);
        audit(world, !done || !answered || job.command.code == PAYOUT_OK,
              "a decision taken twice was refused");
        audit(world, !done || !answered || job.command.lot_decide.again,
              "a decision was taken twice");
        /* What waits on for another person may run out of time. */
        done = answered && job.command.code == PAYOUT_OK &&
               job.command.lot_decide.state != LOT_WAITING;
    }
}

/* All at the same moment: the same lot sent twice over, another one confirmed and cancelled. */
static void merchant_rushes(struct world *world, int merchant)
{
    enum { RUSH = 4 };
    struct order *orders[WORLD_ITEMS_MAX];
    struct send_item items[2][WORLD_ITEMS_MAX] = {0};
    struct lane_job jobs[RUSH];
    bool answered[RUSH];
    struct lot lot;
    size_t count = 0, order_count = orders_pick(world, merchant, orders);
    if (order_count == 0 || !lot_pick(world, &lot))
        return;
    for (int i = 0; i < 2; i++)
        jobs[count++] = send_make(world, merchant, orders, order_count, items[i]);
    bool confirmed_first = world_random(world, 2) == 0;
    jobs[count++] = decision_make(world, &lot, confirmed_first ? LOT_CONFIRMED : LOT_CANCELLED);
    jobs[count++] = decision_make(world, &lot, confirmed_first ? LOT_CANCELLED : LOT_CONFIRMED);
    world_call_together(world, jobs, count, answered);
    for (size_t i = 0; i < 2; i++) {
        send_answered(world, &jobs[i], orders, answered[i]);
        decision_answered(world, &lot, &jobs[2 + i], answered[2 + i]);
    }
    audit(world,
          !answered[2] || !answered[3] || jobs[2].command.code != PAYOUT_OK ||
              jobs[3].command.code != PAYOUT_OK || jobs[2].command.lot_decide.state == LOT_WAITING,
          "a lot was confirmed and cancelled");
}

void merchants_step(struct world *world, int merchant)
{
    if (world->pending_count > 0 && world_random(world, 2) == 0) {
        merchants_reconnect(world);
        return;
    }
    switch (world_random(world, 6)) {
    case 0:
        merchant_adds_contacts(world, merchant);
        break;
    case 1:
        merchant_funds(world, merchant);
        break;
    case 2:
        merchant_decides_lot(world);
        break;
    case 3:
        if (world_trouble(world, TROUBLE_CLIENT_RUSHES, 2))
            merchant_rushes(world, merchant);
        else
            merchant_retries(world, merchant);
        break;
    default:
        merchant_sends(world, merchant);
        break;
    }
}

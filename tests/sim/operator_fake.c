#include "sim/operator_fake.h"

#include "sim/world.h"

bool operator_fake_choose(const char *name)
{
    (void)name;
    return false;
}

void operator_fake_close(struct world *world)
{
    (void)world;
}

static struct operator_order *order_find(struct operator_fake *fake, int64_t reference)
{
    for (int i = 0; i < fake->order_count; i++)
        if (fake->orders[i].reference == reference)
            return &fake->orders[i];
    return NULL;
}

const struct operator_order *operator_fake_order(const struct world *world, int64_t reference)
{
    return order_find((struct operator_fake *)(uintptr_t)&world->operator_fake, reference);
}

static void message_send(struct world *world, struct operator_message message)
{
    struct operator_fake *fake = &world->operator_fake;
    invariant(fake->message_count < OPERATOR_MESSAGES_MAX);
    int64_t delay_ms = world_random(world, 300);
    if (world_trouble(world, TROUBLE_OPERATOR_LATE, 6))
        delay_ms += world_random(world, 120000); /* Past any lease. */
    message.arrives_at_ms = world->now_ms + delay_ms;
    message.boot = world->crashes;
    fake->messages[fake->message_count++] = message;
}

static void answer_send(struct world *world, int64_t reference, int32_t attempt,
                        enum verdict verdict)
{
    if (world_trouble(world, TROUBLE_OPERATOR_LOST, 6)) {
        /* We notice a time-out and say so to ourselves. */
        verdict = VERDICT_UNKNOWN;
    }
    struct operator_message message = {
        .to_us = true, .reference = reference, .attempt = attempt, .verdict = verdict};
    /* It calls us back itself, whoever of us is up by then. */
    message.calls_back = verdict != VERDICT_UNKNOWN && verdict != VERDICT_NEVER_SEEN &&
                         world_trouble(world, TROUBLE_OPERATOR_CALLS_BACK, 4);
    if (message.calls_back)
        message.attempt = 0;
    message_send(world, message);
    if (world_trouble(world, TROUBLE_OPERATOR_TWICE, 6))
        message_send(world, message);
    if (world_trouble(world, TROUBLE_OPERATOR_CONTRADICTS, 30) &&
        (verdict == VERDICT_PAID || verdict == VERDICT_REJECTED)) {
        message.verdict = verdict == VERDICT_PAID ? VERDICT_REJECTED : VERDICT_PAID;
        struct operator_order *order = order_find(&world->operator_fake, reference);
        if (order != NULL)
            order->lied = true;
        message_send(world, message);
    }
}

static void order_decide(struct world *world, struct operator_order *order)
{
    if (order->state == ORDER_OPEN && order->decides_at_ms <= world->now_ms)
        order->state = order->will_pay ? ORDER_PAID : ORDER_REJECTED;
}

static enum verdict order_verdict(const struct operator_order *order)
{
    switch (order->state) {
    case ORDER_OPEN:
        return VERDICT_PENDING;
    case ORDER_PAID:
        return VERDICT_PAID;
    case ORDER_REJECTED:
        break;
    }
    return VERDICT_REJECTED;
}

/* A submit has reached it: the same reference again changes nothing. */
static void submit_arrives(struct world *world, const struct operator_message *message)
{
    struct operator_fake *fake = &world->operator_fake;
    struct operator_order *order = order_find(fake, message->reference);
    if (order == NULL) {
        invariant(fake->order_count < OPERATOR_ORDERS_MAX);
        order = &fake->orders[fake->order_count++];
        *order = (struct operator_order){
            .reference = message->reference,
            .amount_minor = message->amount_minor,
            .msisdn = message->msisdn,
            .decides_at_ms =
                world->now_ms +
                (world_random(world, 2) == 0 ? 0 : (int64_t)world_random(world, 60000)),
            .will_pay = world_random(world, 4) != 0,
        };
    }
    audit(world, order->amount_minor == message->amount_minor, "the amount changed under way");
    audit(world, order->msisdn == message->msisdn, "the receiver changed under way");
    order_decide(world, order);
    answer_send(world, order->reference, message->attempt, order_verdict(order));
}

void operator_fake_submit(struct world *world, const struct transfer *transfer, int32_t attempt)
{
    struct operator_message message = {.reference = transfer->id.value,
                                       .amount_minor = transfer_delivered(transfer).minor,
                                       .msisdn = transfer->msisdn,
                                       .attempt = attempt};
    if (world_operator_down(world) || world_trouble(world, TROUBLE_OPERATOR_LOST, 8)) {
        /* It never arrives; we see a time-out. */
        message.to_us = true;
        message.verdict = VERDICT_UNKNOWN;
    }
    message_send(world, message);
}

void operator_fake_ask(struct world *world, const struct transfer *transfer, int32_t attempt)
{
    struct operator_order *order = order_find(&world->operator_fake, transfer->id.value);
    if (world_operator_down(world)) {
        message_send(world, (struct operator_message){.to_us = true,
                                                      .reference = transfer->id.value,
                                                      .attempt = attempt,
                                                      .verdict = VERDICT_UNKNOWN});
        return;
    }
    if (order == NULL) {
        answer_send(world, transfer->id.value, attempt, VERDICT_NEVER_SEEN);
        return;
    }
    order_decide(world, order);
    answer_send(world, transfer->id.value, attempt, order_verdict(order));
}

size_t operator_fake_deliver(struct world *world, struct outcome_item *items, size_t limit)
{
    struct operator_fake *fake = &world->operator_fake;
    size_t count = 0;
    for (int i = 0; i < fake->message_count && count < limit;) {
        struct operator_message message = fake->messages[i];
        if (message.arrives_at_ms > world->now_ms) {
            i++;
            continue;
        }
        fake->messages[i] = fake->messages[--fake->message_count];
        if (!message.to_us) {
            submit_arrives(world, &message);
        } else if (message.calls_back || message.boot == world->crashes) {
            items[count++] = (struct outcome_item){
                .transfer = {message.reference},
                .attempt = message.attempt,
                .verdict = message.verdict,
                .reason = message.verdict == VERDICT_REJECTED ? TRANSFER_REASON_RECEIVER_UNKNOWN
                                                              : TRANSFER_REASON_NONE,
                .operator_reference = message.verdict == VERDICT_PAID ? "OP1" : "",
                .next_at_ms = world->now_ms + 1000 + world_random(world, 20000),
            };
        }
    }
    return count;
}

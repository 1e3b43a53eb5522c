#include "sim/operator_fake.h"

#include <string.h>

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

static void answer_send(struct world *world, const struct operator_message *to,
                        enum verdict verdict)
{
    if (world_trouble(world, TROUBLE_OPERATOR_LOST, 6)) {
        /* We notice a time-out and say so to ourselves. */
        verdict = VERDICT_UNKNOWN;
    }
    struct operator_message message = {.to_us = true,
                                       .reference = to->reference,
                                       .channel = to->channel,
                                       .attempt = to->attempt,
                                       .verdict = verdict};
    /* It calls us back itself, whoever of us is up by then. */
    message.calls_back = verdict != VERDICT_UNKNOWN && verdict != VERDICT_NEVER_SEEN &&
                         world_trouble(world, TROUBLE_OPERATOR_CALLS_BACK, 4);
    if (message.calls_back)
        message.attempt = 0;
    message.calls = message.calls_back && world_random(world, 2) == 0;
    message_send(world, message);
    if (world_trouble(world, TROUBLE_OPERATOR_TWICE, 6))
        message_send(world, message);
    if (world_trouble(world, TROUBLE_OPERATOR_CONTRADICTS, 30) &&
        (verdict == VERDICT_PAID || verdict == VERDICT_REJECTED)) {
        message.verdict = verdict == VERDICT_PAID ? VERDICT_REJECTED : VERDICT_PAID;
        struct operator_order *order = order_find(&world->operator_fake, to->reference);
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
            .channel = message->channel,
            .amount_minor = message->amount_minor,
            .msisdn = message->msisdn,
            .decides_at_ms =
                world->now_ms +
                (world_random(world, 2) == 0 ? 0 : (int64_t)world_random(world, 60000)),
            .will_pay = world_random(world, 4) != 0,
        };
    }
    audit(world, order->channel == message->channel, "two operators were given %lld",
          (long long)message->reference);
    audit(world, order->amount_minor == message->amount_minor, "the amount changed under way");
    audit(world, order->msisdn == message->msisdn, "the receiver changed under way");
    order_decide(world, order);
    answer_send(world, message, order_verdict(order));
}

void operator_fake_submit(struct world *world, const struct transfer *transfer, int32_t attempt)
{
    struct operator_message message = {.reference = transfer->id.value,
                                       .channel = transfer->channel,
                                       .amount_minor = transfer_delivered(transfer).minor,
                                       .msisdn = transfer->msisdn,
                                       .attempt = attempt};
    bool down = world_operator_down(world);
    if (world_trouble(world, TROUBLE_OPERATOR_UNREACHABLE, down ? 2 : 8)) {
        message.to_us = true; /* No connection: nothing leaves, and we know it. */
        message.verdict = VERDICT_NOT_SENT;
    } else if (down || world_trouble(world, TROUBLE_OPERATOR_LOST, 8)) {
        /* It never arrives; we see a time-out. */
        message.to_us = true;
        message.verdict = VERDICT_UNKNOWN;
    }
    message_send(world, message);
}

void operator_fake_ask(struct world *world, const struct transfer *transfer, int32_t attempt)
{
    struct operator_order *order = order_find(&world->operator_fake, transfer->id.value);
    struct operator_message message = {.to_us = true,
                                       .reference = transfer->id.value,
                                       .channel = transfer->channel,
                                       .attempt = attempt,
                                       .verdict = VERDICT_UNKNOWN};
    if (world_operator_down(world)) {
        message_send(world, message);
        return;
    }
    if (order == NULL || order->channel != transfer->channel) {
        answer_send(world, &message, VERDICT_NEVER_SEEN);
        return;
    }
    order_decide(world, order);
    answer_send(world, &message, order_verdict(order));
}

static void call_come(struct world *world, int channel, struct transfer_id transfer, uint8_t says)
{
    struct lane_job job = {
        .command = {
            .kind = COMMAND_CALLBACK,
            .callback = {
                .channel = channel, .transfer = transfer, .reference = "", .body = "", .why = ""}}};
    memcpy(job.command.callback.hash, &transfer, sizeof transfer);
    job.command.callback.hash[sizeof transfer] = says;
    bool answered = world_call(world, &job);
    world_say(world, "channel %d calls about %lld: %d/%d", channel, (long long)transfer.value,
              answered, job.command.callback.effect);
}

void operator_fake_call_back(struct world *world)
{
    struct operator_fake *fake = &world->operator_fake;
    for (int i = 0; i < fake->message_count;) {
        const struct operator_message message = fake->messages[i];
        if (!message.calls || message.arrives_at_ms > world->now_ms) {
            i++;
            continue;
        }
        fake->messages[i] = fake->messages[--fake->message_count];
        call_come(world, message.channel, (struct transfer_id){message.reference},
                  (uint8_t)message.verdict);
    }
    if (fake->order_count > 0 && world_trouble(world, TROUBLE_CALLBACK_FORGED, 20)) {
        /* About what another channel has, or nobody, or it itself. */
        uint32_t of = world_random(world, (uint32_t)fake->order_count);
        struct transfer_id about = {fake->orders[of].reference + world_random(world, 2)};
        call_come(world, 1 + (int)world_random(world, OPERATOR_CHANNELS), about, 0);
    }
}

size_t operator_fake_deliver(struct world *world, struct outcome_item *items, size_t limit)
{
    struct operator_fake *fake = &world->operator_fake;
    size_t count = 0;
    for (int i = 0; i < fake->message_count && count < limit;) {
        struct operator_message message = fake->messages[i];
        if (message.calls || message.arrives_at_ms > world->now_ms) {
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
                .reason = message.verdict == VERDICT_REJECTED   ? TRANSFER_REASON_RECEIVER_UNKNOWN
                          : message.verdict == VERDICT_NOT_SENT ? TRANSFER_REASON_OPERATOR_DOWN
                                                                : TRANSFER_REASON_NONE,
                .operator_reference = message.verdict == VERDICT_PAID ? "OP1" : "",
                .next_at_ms = world->now_ms + 1000 + world_random(world, 20000),
            };
        }
    }
    return count;
}

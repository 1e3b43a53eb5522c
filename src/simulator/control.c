#include "simulator/control.h"

#include <stdlib.h>
#include <string.h>

#include "wire/reply.h"

enum { PAYMENTS_MAX = 10000 };

static void payment_write(struct buffer *text, const struct sim_order *order)
{
    if (text->bytes[text->length - 1] == '}')
        buffer_char(text, ',');
    buffer_char(text, '{');
    reply_int_member(text, "number", order->number);
    reply_text_member(text, "operator", sim_protocol_word(order->protocol));
    reply_text_member(text, "reference", order->reference);
    reply_text_member(text, "transfer", order->transfer);
    reply_text_member(text, "id", order->own);
    reply_text_member(text, "receiver", order->receiver);
    reply_int_member(text, "amount", order->amount_minor);
    reply_text_member(text, "currency", order->currency);
    reply_text_member(text, "state", sim_state_word(order->state));
    reply_text_member(text, "reason",
                      order->state == SIM_REJECTED ? sim_reason_word(order->reason) : "");
    reply_int_member(text, "accepted_at_ms", order->accepted_at_ms);
    reply_int_member(text, "decided_at_ms", order->decided_at_ms);
    buffer_char(text, '}');
}

static void payments_answer(struct sim_call *call)
{
    char from[24], count[24];
    call_query(call, "from", from, sizeof from);
    call_query(call, "count", count, sizeof count);
    int64_t first = strtoll(from, NULL, 10), most = strtoll(count, NULL, 10);
    if (first < 1)
        first = 1;
    if (most < 1 || most > PAYMENTS_MAX)
        most = PAYMENTS_MAX;
    struct buffer *text = call_json(call, 200);
    buffer_text_append(text, "{\"payments\":[");
    for (int64_t i = first; i < first + most && i <= call->world->order_count; i++)
        payment_write(text, call->world->orders[i - 1]);
    buffer_text_append(text, "]}");
}

static void totals_write(const struct sim_world *world, enum sim_protocol protocol,
                         struct buffer *text)
{
    struct sim_totals totals;
    sim_totals(world, protocol, &totals);
    reply_int_member(text, "orders", totals.orders);
    reply_int_member(text, "paid", totals.paid);
    reply_int_member(text, "paid_amount", totals.paid_minor);
    reply_int_member(text, "rejected", totals.rejected);
    reply_int_member(text, "open", totals.open);
    reply_int_member(text, "reversed", totals.reversed);
    reply_int_member(text, "doubles", totals.doubles);
    reply_int_member(text, "overlaps", totals.overlaps);
    reply_int_member(text, "two_workers", totals.two_workers);
    reply_int_member(text, "calls", totals.calls);
    reply_int_member(text, "callbacks", totals.callbacks);
}

void control_totals(const struct sim_world *world, struct buffer *text)
{
    buffer_char(text, '{');
    totals_write(world, SIM_PROTOCOL_COUNT, text);
    buffer_text_append(text, ",\"operators\":{");
    for (int i = 0; i < SIM_PROTOCOL_COUNT; i++) {
        buffer_format(text, "%s\"%s\":{", i == 0 ? "" : ",",
                      sim_protocol_word((enum sim_protocol)i));
        totals_write(world, (enum sim_protocol)i, text);
        reply_int_member(text, "float", world->floats[i]);
        buffer_char(text, '}');
    }
    buffer_text_append(text, "},\"faults\":{");
    for (int i = 0; i < SIM_FAULT_COUNT; i++)
        reply_int_member(text, fault_word((enum sim_fault)i), world->happened[i]);
    buffer_text_append(text, "}}");
}

static void script_answer(struct sim_call *call)
{
    char error[SIM_ERROR_BYTES];
    if (strcmp(call->request->method, "POST") == 0 &&
        !sim_script(call->world, call->request->body, call->request->length, error)) {
        struct buffer *text = call_json(call, 400);
        buffer_char(text, '{');
        reply_text_member(text, "error", error);
        buffer_char(text, '}');
        return;
    }
    script_write(&call->world->script, call_json(call, 200));
}

void control_answer(struct sim_call *call)
{
    const char *what = call->request->path + strlen("/_sim/");
    if (strcmp(what, "payments") == 0)
        payments_answer(call);
    else if (strcmp(what, "totals") == 0)
        control_totals(call->world, call_json(call, 200));
    else if (strcmp(what, "script") == 0)
        script_answer(call);
    else
        buffer_text_append(call_json(call, 404),
                           "{\"error\":\"There are /_sim/payments, /_sim/totals, /_sim/script\"}");
}

/* Orange Money, cash-in of Orange Sonatel's eWallet API (Senegal), from Orange's side.
 *
 * Sources: developer.orange-sonatel.com (OAuth token, "Cash In", transactions and their status,
 * retailer balance, error codes), as far as it can be read without an account, and what published
 * clients send to and read from api.orange-sonatel.com. What is not public (how long a reference is
 * remembered) is taken at its worst: a reference is a note, and the same cash-in sent twice is paid
 * twice, and counted. A cash-in is decided in the answer, most of the time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "simulator/call.h"
#include "wire/reply.h"

enum { NOTE_REFERENCE, SEARCH_MAX = 50 };
#define CLIENT "sim-orange-client"
#define SECRET "sim-orange-secret"
#define PIN    "c2ltLW9yYW5nZS1waW4="

static const struct {
    const char *code, *title;
    int status;
} errors[SIM_REASON_COUNT] = {
    [SIM_REASON_RECEIVER_UNKNOWN] = {"2000", "Customer account does not exist", 400},
    [SIM_REASON_RECEIVER_LIMIT] = {"2025", "Payee's limit reached", 400},
    /* Not 2013: that is the partner's own PIN, wrong once too often. */
    [SIM_REASON_RECEIVER_BLOCKED] = {"2043", "Transaction not authorized for the payee", 400},
    [SIM_REASON_RECEIVER_NAME] = {"2041", "Transaction not allowed", 400},
    [SIM_REASON_OPERATOR_REFUSED] = {"2041", "Transaction not allowed", 400},
    [SIM_REASON_OPERATOR_FLOAT] = {"2020", "Balance insufficient", 400},
};

static void fail_as(struct sim_call *call, int status, const char *code, const char *title)
{
    struct buffer *text = call_json(call, status);
    buffer_char(text, '{');
    reply_text_member(text, "code", code);
    reply_text_member(text, "title", title);
    reply_text_member(text, "detail", title);
    reply_int_member(text, "status", status);
    buffer_char(text, '}');
}

static void orange_fails(struct sim_call *call, int status)
{
    fail_as(call, status,
            status == 404   ? "60"
            : status == 405 ? "61"
            : status == 429 ? "53"
            : status == 503 ? "51"
                            : "50",
            status == 404   ? "Resource not found"
            : status == 405 ? "Method not allowed"
            : status == 429 ? "Too many requests"
            : status == 503 ? "Service unavailable"
                            : "Internal error");
}

static void token_make(struct sim_call *call)
{
    char token[SIM_TEXT_BYTES];
    struct buffer form;
    buffer_init(&form, SIM_BODY_BYTES_MAX);
    buffer_append(&form, call->request->body, call->request->length);
    const char *text = buffer_text(&form);
    bool right =
        strstr(text, "grant_type=client_credentials") != NULL &&
        (call_basic(call, CLIENT, SECRET) || (strstr(text, "client_id=" CLIENT) != NULL &&
                                              strstr(text, "client_secret=" SECRET) != NULL));
    buffer_free(&form);
    if (!right) {
        buffer_text_append(call_json(call, 401), "{\"error\":\"invalid_client\"}");
        return;
    }
    world_token(call->world, SIM_ORANGE, call->now_ms, token);
    struct buffer *reply = call_json(call, 200);
    buffer_char(reply, '{');
    reply_text_member(reply, "access_token", token);
    reply_text_member(reply, "token_type", "Bearer");
    reply_int_member(reply, "expires_in", call->world->script.token_ms / 1000);
    buffer_char(reply, '}');
}

static bool orange_admits(struct sim_call *call)
{
    const char *token = call_bearer(call);
    if (world_token_good(call->world, SIM_ORANGE, token, call->now_ms))
        return true;
    fail_as(call, 401, "42", "Expired credentials");
    return false;
}

/* --- Cash-in --- */

static const char *state_word(const struct sim_order *order)
{
    return order->state == SIM_PAID       ? "SUCCESS"
           : order->state == SIM_REJECTED ? "FAILED"
                                          : "PENDING";
}

static void cashin_write(struct buffer *text, const struct sim_order *order)
{
    char iso[CLOCK_TEXT_BYTES];
    clock_iso_text(order->accepted_at_ms + order->skew_ms, iso);
    buffer_char(text, '{');
    reply_text_member(text, "transactionId", order->own);
    reply_text_member(text, "requestId", order->reference);
    reply_text_member(text, "reference", order->notes[NOTE_REFERENCE]);
    reply_text_member(text, "status", state_word(order));
    reply_text_member(text, "type", "CASHIN");
    buffer_format(text, ",\"amount\":{\"value\":%lld,\"unit\":\"XOF\"}",
                  (long long)order->amount_minor);
    buffer_format(text, ",\"customer\":{\"idType\":\"MSISDN\",\"id\":\"%s\"}", order->receiver);
    reply_text_member(text, "createdAt", iso);
    if (order->state == SIM_REJECTED)
        reply_text_member(text, "description", errors[order->reason].title);
    buffer_char(text, '}');
}

static bool cashin_read(struct sim_call *call, struct sim_order *draft)
{
    const json_t *partner = json_object_get(call->json, "partner");
    const json_t *customer = json_object_get(call->json, "customer");
    const json_t *amount = json_object_get(call->json, "amount");
    const json_t *value = json_object_get(amount, "value");
    TEXT_COPY(draft->transfer, call_text(call, "reference"));
    TEXT_COPY(draft->notes[NOTE_REFERENCE], call_text(call, "reference"));
    TEXT_COPY(draft->receiver, json_text(customer, "id"));
    TEXT_COPY(draft->currency, json_text(amount, "unit"));
    draft->amount_minor = json_integer_value(value);
    return json_is_integer(value) && draft->amount_minor > 0 &&
           strcmp(draft->currency, "XOF") == 0 &&
           strcmp(json_text(customer, "idType"), "MSISDN") == 0 &&
           text_digits(draft->receiver, 7, 15) && json_text(partner, "id")[0] != 0 &&
           json_text(partner, "idType")[0] != 0 &&
           strcmp(json_text(partner, "encryptedPinCode"), PIN) == 0;
}

static void cashin_make(struct sim_call *call)
{
    struct sim_order draft = {.protocol = SIM_ORANGE};
    if (!cashin_read(call, &draft)) {
        fail_as(call, 400, "4099", "Bad request");
        return;
    }
    world_uuid(call->world, draft.reference);
    (void)snprintf(draft.own, sizeof draft.own, "CI%lld",
                   (long long)(INT64_C(240000000) + ++call->world->serial));
    const struct sim_order *order = call_accept(call, &draft);
    if (order->state == SIM_REJECTED)
        fail_as(call, errors[order->reason].status, errors[order->reason].code,
                errors[order->reason].title);
    else
        cashin_write(call_json(call, order->state == SIM_PAID ? 200 : 202), order);
}

static void status_show(struct sim_call *call)
{
    struct sim_order *order = world_own(call->world, SIM_ORANGE, call->segments[0]);
    if (order == NULL) {
        orange_fails(call, 404);
        return;
    }
    call_touch(call, order);
    struct buffer *text = call_json(call, 200);
    buffer_char(text, '{');
    reply_text_member(text, "status", state_word(order));
    buffer_char(text, '}');
}

/* The newest first; one that was refused at once is no transaction. */
static void transactions_show(struct sim_call *call)
{
    char reference[SIM_TEXT_BYTES], own[SIM_TEXT_BYTES];
    call_query(call, "reference", reference, sizeof reference);
    call_query(call, "transactionId", own, sizeof own);
    const int64_t *last = mark_find(&call->world->marks, MARK_OTHER + SIM_ORANGE, reference);
    const struct sim_order *named = world_own(call->world, SIM_ORANGE, own);
    int64_t number = last != NULL ? *last : named != NULL ? named->number : 0;
    struct buffer *text = call_json(call, 200);
    buffer_char(text, '[');
    for (int i = 0; number != 0 && i < SEARCH_MAX; i++) {
        struct sim_order *order = call->world->orders[number - 1];
        number = named == NULL ? order->same_before : 0;
        if (order->state == SIM_REJECTED && order->decided_at_ms == order->accepted_at_ms)
            continue;
        buffer_text_append(text, text->bytes[text->length - 1] == '[' ? "" : ",");
        cashin_write(text, order);
        call_touch(call, order);
    }
    buffer_char(text, ']');
}

static void balance(struct sim_call *call)
{
    if (strcmp(call_text(call, "encryptedPinCode"), PIN) != 0)
        fail_as(call, 400, "4099", "Bad request");
    else
        buffer_format(call_json(call, 200), "{\"value\":%lld,\"unit\":\"XOF\"}",
                      (long long)call->world->floats[SIM_ORANGE]);
}

/* Callbacks go to one URL that is registered with Orange, by hand: there are none here. */
static void orange_callback(struct sim_world *world, const struct sim_order *order,
                            struct sim_callback *callback)
{
    (void)world, (void)order, (void)callback;
    invariant(!"a callback of Orange's");
}

static const struct sim_route routes[] = {
    {"POST", "/oauth/token", token_make, true},
    {"POST", "/oauth/v1/token", token_make, true},
    {"POST", "/api/eWallet/v1/cashins", cashin_make, false},
    {"GET", "/api/eWallet/v1/transactions/*/status", status_show, false},
    {"GET", "/api/eWallet/v1/transactions", transactions_show, false},
    {"POST", "/api/eWallet/v1/account/retailer/balance", balance, false},
};
const struct sim_side sim_orange = {
    .credentials = {CLIENT, SECRET, PIN, ""},
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
    .admits = orange_admits,
    .fails = orange_fails,
    .callback_write = orange_callback,
};

/* CinetPay's newer API, from CinetPay's side.
 *
 * Sources: the README of github.com/cinetpay/cinetpay-js, that of CinetPay's PHP SDK
 * (cinetpay-dev/cinetpay-php: accounts by country, E.164 numbers, payment methods with the country
 * behind, notify_token, notifications that are only a signal), and what published clients record of
 * its answers (code and status of each outcome, TRANSACTION_EXIST, the nested details of a refusal,
 * tokens that end in an answer of HTTP 200).
 *
 * merchant_transaction_id is taken once (1200 TRANSACTION_EXIST), and is at most 30 characters
 * long. A transfer is found by that id or by CinetPay's. */
#include <stdio.h>
#include <string.h>

#include "simulator/call.h"
#include "wire/reply.h"

enum { NOTE_TOKEN, NOTE_METHOD, ID_MAX = 30, URL_MAX = 120 };
#define KEY      "sk_test_sim_key"
#define PASSWORD "sim-cinetpay-v2-password"

/* Which country's account this is: numbers and methods of others are refused. */
static const struct {
    const char *currency, *prefix, *country;
} accounts[] = {
    {"XOF", "225", "_CI"}, {"XOF", "221", "_SN"}, {"XOF", "226", "_BF"},
    {"XOF", "223", "_ML"}, {"XOF", "228", "_TG"}, {"XOF", "229", "_BJ"},
    {"XAF", "237", "_CM"}, {"GNF", "224", "_GN"}, {"CDF", "243", "_CD"},
};

static const struct {
    int code;
    const char *status, *message;
} details[SIM_REASON_COUNT] = {
    [SIM_REASON_RECEIVER_UNKNOWN] = {2010, "FAILED", "The receiver has no account"},
    [SIM_REASON_RECEIVER_LIMIT] = {2010, "FAILED", "The receiver's limit is reached"},
    [SIM_REASON_RECEIVER_BLOCKED] = {2010, "FAILED", "The receiver's account is blocked"},
    [SIM_REASON_RECEIVER_NAME] = {2010, "FAILED", "The receiver's name does not match"},
    [SIM_REASON_OPERATOR_REFUSED] = {2010, "FAILED", "The operator refused"},
    [SIM_REASON_OPERATOR_FLOAT] = {2005, "INSUFFICIENT_BALANCE",
                                   "User has not enough balance to validate operation"},
};

static void fail_as(struct sim_call *call, int http, int code, const char *status,
                    const char *description)
{
    struct buffer *text = call_json(call, http);
    buffer_char(text, '{');
    reply_int_member(text, "code", code);
    reply_text_member(text, "status", status);
    reply_text_member(text, "description", description);
    buffer_char(text, '}');
}

static void v2_fails(struct sim_call *call, int status)
{
    fail_as(call, status, status,
            status == 404   ? "NOT_FOUND"
            : status == 405 ? "METHOD_NOT_ALLOWED"
            : status == 429 ? "TOO_MANY_REQUESTS"
            : status == 503 ? "SERVICE_UNAVAILABLE"
                            : "INTERNAL_SERVER_ERROR",
            "The request was not carried out");
}

static void login(struct sim_call *call)
{
    char token[SIM_TEXT_BYTES];
    if (strcmp(call_text(call, "api_key"), KEY) != 0 ||
        strcmp(call_text(call, "api_password"), PASSWORD) != 0) {
        fail_as(call, 200, 1005, "INVALID_CREDENTIALS", "Wrong api_key or api_password");
        return;
    }
    world_token(call->world, SIM_CINETPAY_V2, call->now_ms, token);
    struct buffer *text = call_json(call, 200);
    buffer_text_append(text, "{\"code\":200,\"status\":\"OK\"");
    reply_text_member(text, "access_token", token);
    reply_text_member(text, "token_type", "bearer");
    reply_int_member(text, "expires_in", call->world->script.token_ms / 1000);
    buffer_char(text, '}');
}

static bool v2_admits(struct sim_call *call)
{
    const char *token = call_bearer(call);
    const int64_t *until = mark_find(&call->world->marks, MARK_TOKEN + SIM_CINETPAY_V2, token);
    if (until != NULL && *until > call->now_ms)
        return true;
    if (until != NULL)
        fail_as(call, 200, 1003, "EXPIRED_TOKEN", "The token has expired");
    else
        fail_as(call, 401, 1002, "INVALID_TOKEN", "The token is invalid");
    return false;
}

/* --- Transfers --- */

static void transfer_write(struct buffer *text, const struct sim_order *order)
{
    char phone[SIM_TEXT_BYTES + 1];
    (void)snprintf(phone, sizeof phone, "+%s", order->receiver);
    buffer_char(text, '{');
    reply_int_member(text, "code",
                     order->state == SIM_PAID       ? 100
                     : order->state == SIM_REJECTED ? 2010
                                                    : 2002);
    reply_text_member(text, "status",
                      order->state == SIM_PAID       ? "SUCCESS"
                      : order->state == SIM_REJECTED ? "FAILED"
                                                     : "PENDING");
    reply_text_member(text, "merchant_transaction_id", order->reference);
    reply_text_member(text, "transaction_id", order->own);
    reply_text_member(text, "notify_token", order->notes[NOTE_TOKEN]);
    reply_int_member(text, "amount", order->amount_minor);
    reply_int_member(text, "fee_amount", 0);
    reply_text_member(text, "phone_number", phone);
    reply_text_member(text, "currency", order->currency);
    if (order->state == SIM_REJECTED) {
        buffer_text_append(text, ",\"details\":{");
        reply_int_member(text, "code", details[order->reason].code);
        reply_text_member(text, "status", details[order->reason].status);
        reply_text_member(text, "message", details[order->reason].message);
        buffer_char(text, '}');
    }
    buffer_char(text, '}');
}

/* A number of the account's country, with a method of it. */
static bool place_good(const struct sim_order *draft)
{
    const char *method = draft->notes[NOTE_METHOD];
    for (size_t i = 0; i < sizeof accounts / sizeof accounts[0]; i++) {
        size_t end = strlen(method);
        if (strncmp(draft->receiver, accounts[i].prefix, 3) == 0)
            return strcmp(draft->currency, accounts[i].currency) == 0 && end > 3 &&
                   strcmp(method + end - 3, accounts[i].country) == 0;
    }
    return false;
}

static bool transfer_read(struct sim_call *call, struct sim_order *draft)
{
    const json_t *amount = json_object_get(call->json, "amount");
    const char *phone = call_text(call, "phone_number");
    TEXT_COPY(draft->reference, call_text(call, "merchant_transaction_id"));
    TEXT_COPY(draft->receiver, phone[0] == '+' ? phone + 1 : "");
    TEXT_COPY(draft->currency, call_text(call, "currency"));
    TEXT_COPY(draft->notes[NOTE_METHOD], call_text(call, "payment_method"));
    TEXT_COPY(draft->callback_url, call_text(call, "notify_url"));
    draft->amount_minor = json_integer_value(amount);
    return draft->reference[0] != 0 &&
           strlen(call_text(call, "merchant_transaction_id")) <= ID_MAX &&
           json_is_integer(amount) && draft->amount_minor > 0 &&
           text_digits(draft->receiver, 8, 15) && strlen(draft->currency) == 3 &&
           strlen(call_text(call, "notify_url")) <= URL_MAX && draft->notes[NOTE_METHOD][0] != 0;
}

static void transfer_make(struct sim_call *call)
{
    struct sim_order draft = {.protocol = SIM_CINETPAY_V2};
    if (!transfer_read(call, &draft) || !place_good(&draft)) {
        fail_as(call, 422, 1004, "INVALID_PARAMS", "The parameters are not valid");
        return;
    }
    struct sim_order *known = world_reference(call->world, SIM_CINETPAY_V2, draft.reference);
    if (known != NULL) {
        call_touch(call, known);
        fail_as(call, 200, 1200, "TRANSACTION_EXIST", "The transaction exists already");
        return;
    }
    world_uuid(call->world, draft.notes[NOTE_TOKEN]);
    (void)snprintf(draft.own, sizeof draft.own, "T-%lld-%.30s", (long long)++call->world->serial,
                   draft.reference);
    transfer_write(call_json(call, 200), call_accept(call, &draft));
}

static void transfer_show(struct sim_call *call)
{
    struct sim_order *order = world_reference(call->world, SIM_CINETPAY_V2, call->segments[0]);
    if (order == NULL)
        order = world_own(call->world, SIM_CINETPAY_V2, call->segments[0]);
    if (order == NULL) {
        v2_fails(call, 404);
        return;
    }
    call_touch(call, order);
    transfer_write(call_json(call, 200), order);
}

static void balances(struct sim_call *call)
{
    char amount[32];
    struct buffer *text = call_json(call, 200);
    (void)snprintf(amount, sizeof amount, "%lld.00",
                   (long long)call->world->floats[SIM_CINETPAY_V2]);
    buffer_text_append(text, "{\"code\":200,\"status\":\"OK\"");
    reply_text_member(text, "available_balance", amount);
    reply_text_member(text, "currency", "XOF");
    buffer_char(text, '}');
}

static void v2_callback(struct sim_world *world, const struct sim_order *order,
                        struct sim_callback *callback)
{
    (void)world;
    callback->method = "POST";
    callback_header(callback, "Content-Type: application/json");
    buffer_char(&callback->body, '{');
    reply_text_member(&callback->body, "notify_token", order->notes[NOTE_TOKEN]);
    reply_text_member(&callback->body, "merchant_transaction_id", order->reference);
    reply_text_member(&callback->body, "transaction_id", order->own);
    buffer_char(&callback->body, '}');
}

static const struct sim_route routes[] = {
    {"POST", "/v1/oauth/login", login, true},
    {"POST", "/v1/transfer", transfer_make, false},
    {"GET", "/v1/transfer/*", transfer_show, false},
    {"GET", "/v1/balances", balances, false},
};
const struct sim_side sim_cinetpay_v2 = {
    .credentials = {"", KEY, PASSWORD, ""},
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
    .admits = v2_admits,
    .fails = v2_fails,
    .callback_write = v2_callback,
};

/* MTN MoMo, Disbursement, from MTN's side.
 *
 * Sources: momodeveloper.mtn.com, "API documentation": Disbursements (the OpenAPI document that
 * momoapi.mtn.co.rw exports), Sandbox provisioning, Common error codes, Callback, Testing; MTN's
 * product update "MoMo API Error response enrichment" for reason as a text. Of the documents' two
 * forms of reason, {"code","message"} (OpenAPI) and a text (as answered), orders take turns.
 *
 * A transfer is asynchronous: 202 without a body, then its status. X-Reference-Id is taken once:
 * 409 RESOURCE_ALREADY_EXIST. externalId is the caller's own and need not be unique, so two
 * references with one externalId are paid twice, and counted. A callback comes once, by PUT. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "simulator/call.h"
#include "wire/reply.h"

enum { NOTE_MESSAGE, NOTE_NOTE, NOTE_PARTY };
#define USER         "0f1e2d3c-4b5a-4968-8776-655443322110"
#define KEY          "sim-mtn-api-key"
#define SUBSCRIPTION "sim-mtn-subscription-key"

/* Currencies by target environment: what a wallet platform is in. */
static const struct {
    const char *environment, *currency;
} environments[] = {
    {"sandbox", "EUR"},         {"mtnivorycoast", "XOF"}, {"mtnbenin", "XOF"},
    {"mtncameroon", "XAF"},     {"mtncongo", "XAF"},      {"mtnguineaconakry", "GNF"},
    {"mtnguineabissau", "XOF"}, {"mtnuganda", "UGX"},     {"mtnghana", "GHS"},
};

/* The ErrorReason of the OpenAPI document that is nearest. */
static const char *const reasons[SIM_REASON_COUNT] = {
    [SIM_REASON_NONE] = "",
    [SIM_REASON_RECEIVER_UNKNOWN] = "PAYEE_NOT_FOUND",
    [SIM_REASON_RECEIVER_LIMIT] = "PAYEE_LIMIT_REACHED",
    [SIM_REASON_RECEIVER_BLOCKED] = "PAYEE_NOT_ALLOWED_TO_RECEIVE",
    [SIM_REASON_RECEIVER_NAME] = "INTERNAL_PROCESSING_ERROR",
    [SIM_REASON_OPERATOR_REFUSED] = "NOT_ALLOWED",
    [SIM_REASON_OPERATOR_FLOAT] = "NOT_ENOUGH_FUNDS",
};

static void fail_as(struct sim_call *call, int status, const char *code, const char *message)
{
    struct buffer *text = call_json(call, status);
    buffer_char(text, '{');
    reply_text_member(text, "code", code);
    reply_text_member(text, "message", message);
    buffer_char(text, '}');
}

/* The gateway's own refusals have another form than the platform's. */
static void gateway(struct sim_call *call, int status, const char *message)
{
    struct buffer *text = call_json(call, status);
    buffer_char(text, '{');
    reply_int_member(text, "statusCode", status);
    reply_text_member(text, "message", message);
    buffer_char(text, '}');
}

/* "400 Bad Request": its documents have no body. */
static void bad_request(struct sim_call *call)
{
    call->reply->status = 400;
}

static void mtn_fails(struct sim_call *call, int status)
{
    if (status == 404 || status == 405)
        gateway(call, 404, "Resource not found");
    else if (status == 429)
        gateway(call, 429, "Rate limit is exceeded. Try again in 1 seconds.");
    else if (status == 503)
        fail_as(call, 503, "SERVICE_UNAVAILABLE",
                "Service temporarily unavailable, try again later.");
    else
        fail_as(call, status, "INTERNAL_PROCESSING_ERROR",
                "An internal error occurred while processing.");
}

/* --- Who calls --- */

static bool subscribed(struct sim_call *call)
{
    if (strcmp(call_header(call, "ocp-apim-subscription-key"), SUBSCRIPTION) == 0)
        return true;
    gateway(
        call, 401,
        "Access denied due to invalid subscription key. Make sure to provide a valid key for an "
        "active subscription.");
    return false;
}

static const char *environment_currency(const char *environment)
{
    for (size_t i = 0; i < sizeof environments / sizeof environments[0]; i++)
        if (strcmp(environments[i].environment, environment) == 0)
            return environments[i].currency;
    return NULL;
}

static bool mtn_admits(struct sim_call *call)
{
    if (!subscribed(call))
        return false;
    const char *token = call_bearer(call);
    if (!world_token_good(call->world, SIM_MTN, token, call->now_ms)) {
        gateway(call, 401, "Unauthorized. Access token is missing, invalid or expired.");
        return false;
    }
    if (environment_currency(call_header(call, "x-target-environment")) == NULL) {
        fail_as(call, 400, "NOT_ALLOWED_TARGET_ENVIRONMENT",
                "Access to target environment is forbidden.");
        return false;
    }
    return true;
}

/* --- Sandbox provisioning --- */

static struct sim_user *user_find(struct sim_world *world, const char *id)
{
    if (world->user_count == 0)
        world->users[world->user_count++] = (struct sim_user){USER, KEY, "*"};
    for (int i = 0; i < world->user_count; i++)
        if (strcmp(world->users[i].id, id) == 0)
            return &world->users[i];
    return NULL;
}

static void user_make(struct sim_call *call)
{
    const char *id = call_header(call, "x-reference-id");
    const char *host = call_text(call, "providerCallbackHost");
    if (!subscribed(call))
        return;
    if (!text_uuid(id, '4') || host[0] == 0 || strlen(host) >= SIM_TEXT_BYTES) {
        bad_request(call);
    } else if (user_find(call->world, id) != NULL) {
        fail_as(call, 409, "RESOURCE_ALREADY_EXIST",
                "Duplicated reference id. Creation of resource failed.");
    } else if (call->world->user_count == SIM_USERS_MAX) {
        mtn_fails(call, 500);
    } else {
        struct sim_user *user = &call->world->users[call->world->user_count++];
        TEXT_COPY(user->id, id);
        TEXT_COPY(user->host, host);
        user->key[0] = 0;
        call->reply->status = 201;
    }
}

static void user_key(struct sim_call *call)
{
    if (!subscribed(call))
        return;
    struct sim_user *user = user_find(call->world, call->segments[0]);
    if (user == NULL) {
        fail_as(call, 404, "RESOURCE_NOT_FOUND", "Requested resource was not found.");
        return;
    }
    world_uuid(call->world, user->key);
    struct buffer *text = call_json(call, 201);
    buffer_char(text, '{');
    reply_text_member(text, "apiKey", user->key);
    buffer_char(text, '}');
}

static void token_make(struct sim_call *call)
{
    if (!subscribed(call))
        return;
    (void)user_find(call->world, USER);
    for (int i = 0; i < call->world->user_count; i++) {
        const struct sim_user *user = &call->world->users[i];
        if (user->key[0] == 0 || !call_basic(call, user->id, user->key))
            continue;
        char token[SIM_TEXT_BYTES];
        world_token(call->world, SIM_MTN, call->now_ms, token);
        *mark_put(&call->world->marks, MARK_OTHER + SIM_MTN, token) = i;
        struct buffer *text = call_json(call, 200);
        buffer_char(text, '{');
        reply_text_member(text, "access_token", token);
        reply_text_member(text, "token_type", "access_token");
        reply_int_member(text, "expires_in", call->world->script.token_ms / 1000);
        buffer_char(text, '}');
        return;
    }
    struct buffer *text = call_json(call, 401);
    buffer_text_append(text, "{\"error\":\"login_failed\"}");
}

/* --- Transfers --- */

/* True when the callback's host is the one that was registered with the caller's user. */
static bool host_allowed(const struct sim_call *call, const char *url)
{
    const int64_t *user = mark_find(&call->world->marks, MARK_OTHER + SIM_MTN, call_bearer(call));
    const char *host = user == NULL ? "" : call->world->users[*user].host;
    const char *at = strstr(url, "://");
    if (at == NULL || strlen(url) >= SIM_URL_BYTES)
        return false;
    at += 3;
    size_t length = strcspn(at, ":/?");
    return strcmp(host, "*") == 0 || (strlen(host) == length && strncmp(at, host, length) == 0);
}

/* False, and answered: MTN would not take it. */
static bool transfer_read(struct sim_call *call, struct sim_order *draft)
{
    const json_t *payee = json_object_get(call->json, "payee");
    const char *callback = call_header(call, "x-callback-url");
    const char *currency = environment_currency(call_header(call, "x-target-environment"));
    TEXT_COPY(draft->reference, call_header(call, "x-reference-id"));
    TEXT_COPY(draft->transfer, call_text(call, "externalId"));
    TEXT_COPY(draft->currency, call_text(call, "currency"));
    TEXT_COPY(draft->receiver, json_text(payee, "partyId"));
    TEXT_COPY(draft->callback_url, callback);
    TEXT_COPY(draft->notes[NOTE_MESSAGE], call_text(call, "payerMessage"));
    TEXT_COPY(draft->notes[NOTE_NOTE], call_text(call, "payeeNote"));
    TEXT_COPY(draft->notes[NOTE_PARTY], json_text(payee, "partyIdType"));
    if (!text_uuid(draft->reference, '4') || draft->transfer[0] == 0 ||
        strlen(call_text(call, "externalId")) >= SIM_TEXT_BYTES ||
        !text_amount(call_text(call, "amount"), &draft->amount_minor) ||
        strcmp(draft->notes[NOTE_PARTY], "MSISDN") != 0 || !text_digits(draft->receiver, 8, 15) ||
        strlen(call_text(call, "payerMessage")) > 160 ||
        strlen(call_text(call, "payeeNote")) > 160) {
        bad_request(call);
        return false;
    }
    if (strcmp(draft->currency, currency) != 0) {
        fail_as(call, 400, "INVALID_CURRENCY", "Currency not supported.");
        return false;
    }
    if (callback[0] != 0 && !host_allowed(call, callback)) {
        fail_as(call, 400, "INVALID_CALLBACK_URL_HOST", "Callback URL host is not registered.");
        return false;
    }
    return true;
}

static void transfer_make(struct sim_call *call)
{
    struct sim_order draft = {.protocol = SIM_MTN};
    if (!transfer_read(call, &draft))
        return;
    struct sim_order *known = world_reference(call->world, SIM_MTN, draft.reference);
    if (known != NULL) {
        call_touch(call, known);
        fail_as(call, 409, "RESOURCE_ALREADY_EXIST",
                "Duplicated reference id. Creation of resource failed.");
        return;
    }
    (void)snprintf(draft.own, sizeof draft.own, "%lld",
                   (long long)(INT64_C(363440000) + ++call->world->serial));
    (void)call_accept(call, &draft);
    call->reply->status = 202;
}

static void status_write(struct buffer *text, const struct sim_order *order)
{
    char amount[24];
    (void)snprintf(amount, sizeof amount, "%lld", (long long)order->amount_minor);
    buffer_char(text, '{');
    reply_text_member(text, "externalId", order->transfer);
    reply_text_member(text, "amount", amount);
    reply_text_member(text, "currency", order->currency);
    buffer_text_append(text, ",\"payee\":{\"partyIdType\":\"MSISDN\"");
    reply_text_member(text, "partyId", order->receiver);
    buffer_char(text, '}');
    reply_text_member(text, "payerMessage", order->notes[NOTE_MESSAGE]);
    reply_text_member(text, "payeeNote", order->notes[NOTE_NOTE]);
    if (order->state == SIM_PAID)
        reply_text_member(text, "financialTransactionId", order->own);
    reply_text_member(text, "status",
                      order->state == SIM_PAID       ? "SUCCESSFUL"
                      : order->state == SIM_REJECTED ? "FAILED"
                                                     : "PENDING");
    if (order->state == SIM_REJECTED && order->number % 2 == 0) {
        buffer_text_append(text, ",\"reason\":{");
        reply_text_member(text, "code", reasons[order->reason]);
        reply_text_member(text, "message", "The transfer could not be carried out");
        buffer_char(text, '}');
    } else if (order->state == SIM_REJECTED) {
        reply_text_member(text, "reason", reasons[order->reason]);
    }
    buffer_char(text, '}');
}

static void transfer_status(struct sim_call *call)
{
    struct sim_order *order = world_reference(call->world, SIM_MTN, call->segments[0]);
    if (!text_uuid(call->segments[0], '0')) {
        bad_request(call);
    } else if (order == NULL) {
        fail_as(call, 404, "RESOURCE_NOT_FOUND", "Requested resource was not found.");
    } else {
        call_touch(call, order);
        status_write(call_json(call, 200), order);
    }
}

/* --- Accounts --- */

static void balance(struct sim_call *call)
{
    char amount[24];
    struct buffer *text = call_json(call, 200);
    (void)snprintf(amount, sizeof amount, "%lld", (long long)call->world->floats[SIM_MTN]);
    buffer_char(text, '{');
    reply_text_member(text, "availableBalance", amount);
    reply_text_member(text, "currency",
                      environment_currency(call_header(call, "x-target-environment")));
    buffer_char(text, '}');
}

static void active(struct sim_call *call)
{
    bool msisdn = strcasecmp(call->segments[0], "msisdn") == 0;
    enum sim_reason reason = world_receiver(call->segments[1]);
    if (!msisdn || !text_digits(call->segments[1], 8, 15))
        bad_request(call);
    else
        buffer_text_append(call_json(call, 200),
                           reason == SIM_REASON_NONE || reason == SIM_REASON_RECEIVER_NAME
                               ? "{\"result\":true}"
                               : "{\"result\":false}");
}

static void user_info(struct sim_call *call)
{
    enum sim_reason reason = world_receiver(call->segments[0]);
    if (!text_digits(call->segments[0], 8, 15))
        bad_request(call);
    else if (reason == SIM_REASON_RECEIVER_UNKNOWN)
        fail_as(call, 404, "RESOURCE_NOT_FOUND", "Requested resource was not found.");
    else
        buffer_format(call_json(call, 200),
                      "{\"given_name\":\"%s\",\"family_name\":\"%s\",\"birthdate\":\"1990-01-01\","
                      "\"locale\":\"fr\",\"gender\":\"F\",\"status\":\"ACTIVE\"}",
                      reason == SIM_REASON_RECEIVER_NAME ? "Zacharie" : "Awa",
                      reason == SIM_REASON_RECEIVER_NAME ? "Quelqu'un" : "Koné");
}

static void mtn_callback(struct sim_world *world, const struct sim_order *order,
                         struct sim_callback *callback)
{
    (void)world;
    callback->method = "PUT";
    callback_header(callback, "Content-Type: application/json");
    status_write(&callback->body, order);
}

static const struct sim_route routes[] = {
    {"POST", "/v1_0/apiuser", user_make, true},
    {"POST", "/v1_0/apiuser/*/apikey", user_key, true},
    {"POST", "/disbursement/token/", token_make, true},
    {"POST", "/disbursement/v1_0/transfer", transfer_make, false},
    {"GET", "/disbursement/v1_0/transfer/*", transfer_status, false},
    {"GET", "/disbursement/v1_0/account/balance", balance, false},
    {"GET", "/disbursement/v1_0/accountholder/*/*/active", active, false},
    {"GET", "/disbursement/v1_0/accountholder/msisdn/*/basicuserinfo", user_info, false},
};
const struct sim_side sim_mtn = {
    .credentials = {USER, KEY, SUBSCRIPTION, ""},
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
    .admits = mtn_admits,
    .fails = mtn_fails,
    .callback_write = mtn_callback,
};

/* GSMA Mobile Money API 1.2, from the provider's side.
 *
 * Sources: the OpenAPI document of version 1.2.0 and the Mobile Money API Guidelines
 * (developer.mobilemoneyapi.io), its Security Design and Implementation Guidelines (X-API-Key,
 * OAuth client credentials at "standard" level, X-Content-Hash).
 *
 * A transaction is asynchronous: 202 with a request state, then /requeststates, /responses by the
 * X-CorrelationID, /transactions. The correlation id is taken once: a creation that was processed
 * and comes again is rejected with duplicateRequest. A callback is a PUT of the transaction, or of
 * the error. requestingOrganisationTransactionReference is the caller's own: twice under two
 * correlation ids is paid twice, and counted. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/secret.h"
#include "simulator/call.h"
#include "wire/reply.h"

enum { NOTE_STATE, NOTE_TYPE, NOTE_REVERSAL };
#define CLIENT "sim-gsma-client"
#define SECRET "sim-gsma-secret"
#define KEY    "sim-gsma-api-key"

static const struct {
    const char *category, *code;
} errors[SIM_REASON_COUNT] = {
    [SIM_REASON_NONE] = {"internal", "genericError"},
    [SIM_REASON_RECEIVER_UNKNOWN] = {"identification", "identifierError"},
    [SIM_REASON_RECEIVER_LIMIT] = {"businessRule", "maxBalanceExceeded"},
    [SIM_REASON_RECEIVER_BLOCKED] = {"businessRule", "incorrectState"},
    [SIM_REASON_RECEIVER_NAME] = {"authorisation", "requestDeclined"},
    [SIM_REASON_OPERATOR_REFUSED] = {"authorisation", "requestDeclined"},
    [SIM_REASON_OPERATOR_FLOAT] = {"businessRule", "insufficientFunds"},
};

/* --- Words --- */

static void time_write(struct buffer *text, const char *name, int64_t at_ms)
{
    char iso[CLOCK_TEXT_BYTES];
    clock_iso_text(at_ms, iso);
    reply_text_member(text, name, iso);
}

/* The OpenAPI document spells businessRule, the guidelines BusinessRule: providers do either. */
static void word_write(struct buffer *text, const char *name, const char *word, bool capital)
{
    char spelt[48];
    (void)snprintf(spelt, sizeof spelt, "%s", word);
    if (capital)
        spelt[0] = (char)(spelt[0] - 'a' + 'A');
    reply_text_member(text, name, spelt);
}

static void error_write(struct buffer *text, const char *category, const char *code, int64_t at_ms)
{
    bool capital = at_ms / 1000 % 2 == 0;
    buffer_char(text, '{');
    word_write(text, "errorCategory", category, capital);
    word_write(text, "errorCode", code, capital);
    reply_text_member(text, "errorDescription", "The request was not carried out");
    time_write(text, "errorDateTime", at_ms);
    buffer_text_append(text, ",\"errorParameters\":[]}");
}

static void fail_as(struct sim_call *call, int status, const char *category, const char *code)
{
    error_write(call_json(call, status), category, code, call->now_ms);
}

static void gsma_fails(struct sim_call *call, int status)
{
    if (status == 404 || status == 405)
        fail_as(call, 404, "identification", "identifierError");
    else if (status == 429)
        fail_as(call, 429, "businessRule", "rateLimitError");
    else if (status == 503)
        fail_as(call, 503, "serviceUnavailable", "genericError");
    else
        fail_as(call, status, "internal", "genericError");
}

/* --- Who calls --- */

static void token_make(struct sim_call *call)
{
    char token[SIM_TEXT_BYTES];
    const char *form = call->request->body == NULL ? "" : call->request->body;
    if (!call_basic(call, CLIENT, SECRET) || call->request->length == 0 ||
        strstr(form, "grant_type=client_credentials") == NULL) {
        fail_as(call, 401, "authorisation", "clientAuthorisationError");
        return;
    }
    world_token(call->world, SIM_GSMA, call->now_ms, token);
    struct buffer *text = call_json(call, 200);
    buffer_char(text, '{');
    reply_text_member(text, "access_token", token);
    reply_text_member(text, "token_type", "Bearer");
    reply_int_member(text, "expires_in", call->world->script.token_ms / 1000);
    buffer_char(text, '}');
}

/* Of the two levels of security that there are, what is sent must be right: the key always, the
 * token when one is. */
static bool gsma_admits(struct sim_call *call)
{
    const char *client = call_header(call, "x-client-id"), *token = call_bearer(call);
    const char *hash = call_header(call, "x-content-hash");
    char hex[2 * SECRET_HASH_BYTES + 1];
    uint8_t sum[SECRET_HASH_BYTES];
    if (strcmp(call_header(call, "x-api-key"), KEY) != 0 ||
        (client[0] != 0 && strcmp(client, CLIENT) != 0) ||
        (call_header(call, "authorization")[0] != 0 && !call_basic(call, CLIENT, SECRET) &&
         !world_token_good(call->world, SIM_GSMA, token, call->now_ms))) {
        fail_as(call, 401, "authorisation", "clientAuthorisationError");
        return false;
    }
    secret_sha256(call->request->body, call->request->length, sum);
    secret_hex(sum, sizeof sum, hex);
    if (hash[0] != 0 && strcasecmp(hash, hex) != 0) {
        fail_as(call, 400, "validation", "formatError");
        return false;
    }
    return true;
}

/* --- Transactions --- */

static void state_write(struct buffer *text, const struct sim_order *order)
{
    buffer_char(text, '{');
    reply_text_member(text, "serverCorrelationId", order->notes[NOTE_STATE]);
    reply_text_member(text, "status",
                      order->state == SIM_OPEN       ? "pending"
                      : order->state == SIM_REJECTED ? "failed"
                                                     : "completed");
    reply_text_member(text, "notificationMethod",
                      order->callback_url[0] == 0 ? "polling" : "callback");
    reply_text_member(text, "objectReference", order->own);
    reply_int_member(text, "pollLimit", 100);
    if (order->state == SIM_REJECTED) {
        /* The guidelines' name for it, or the OpenAPI document's: providers do either. */
        buffer_text_append(text, order->number % 2 == 0 ? ",\"errorReference\":" : ",\"error\":");
        error_write(text, errors[order->reason].category, errors[order->reason].code,
                    order->decided_at_ms + order->skew_ms);
    }
    buffer_char(text, '}');
}

static void transaction_write(struct buffer *text, const struct sim_order *order)
{
    static const char *const states[] = {[SIM_OPEN] = "pending",
                                         [SIM_PAID] = "completed",
                                         [SIM_REJECTED] = "failed",
                                         [SIM_REVERSED] = "reversed"};
    char amount[24];
    (void)snprintf(amount, sizeof amount, "%lld", (long long)order->amount_minor);
    buffer_char(text, '{');
    reply_text_member(text, "transactionReference", order->own);
    reply_text_member(text, "requestingOrganisationTransactionReference", order->transfer);
    buffer_format(
        text,
        ",\"creditParty\":[{\"key\":\"msisdn\",\"value\":\"+%s\"}],\"debitParty\":[{\"key\":"
        "\"organisationid\",\"value\":\"" CLIENT "\"}]",
        order->receiver);
    reply_text_member(text, "type", order->notes[NOTE_TYPE]);
    reply_text_member(text, "transactionStatus", states[order->state]);
    reply_text_member(text, "amount", amount);
    reply_text_member(text, "currency", order->currency);
    time_write(text, "creationDate", order->accepted_at_ms + order->skew_ms);
    time_write(text, "modificationDate",
               (order->state == SIM_OPEN ? order->accepted_at_ms : order->decided_at_ms) +
                   order->skew_ms);
    buffer_char(text, '}');
}

/* The number of the one party that is named by its msisdn; "": there is none. */
static const char *party_msisdn(const json_t *parties)
{
    for (size_t i = 0; i < json_array_size(parties); i++) {
        const json_t *party = json_array_get(parties, i);
        const char *value = json_text(party, "value");
        if (strcasecmp(json_text(party, "key"), "msisdn") == 0)
            return value[0] == '+' ? value + 1 : value;
    }
    return "";
}

/* NULL: the provider takes it; else the error's code. */
static const char *transaction_read(const json_t *object, struct sim_order *draft)
{
    draft->protocol = SIM_GSMA;
    TEXT_COPY(draft->currency, json_text(object, "currency"));
    TEXT_COPY(draft->receiver, party_msisdn(json_object_get(object, "creditParty")));
    TEXT_COPY(draft->transfer, json_text(object, "requestingOrganisationTransactionReference"));
    if (json_text(object, "amount")[0] == 0 || draft->currency[0] == 0 ||
        json_array_size(json_object_get(object, "creditParty")) == 0)
        return "mandatoryValueNotSupplied";
    if (!text_amount(json_text(object, "amount"), &draft->amount_minor) ||
        !text_digits(draft->receiver, 8, 15) || strlen(draft->currency) != 3)
        return "formatError";
    if (strlen(json_text(object, "requestingOrganisationTransactionReference")) >= SIM_TEXT_BYTES)
        return "lengthError";
    return NULL;
}

/* NULL: all well; else answered. */
static const char *correlation_read(struct sim_call *call)
{
    const char *id = call_header(call, "x-correlationid");
    const char *callback = call_header(call, "x-callback-url");
    if (text_uuid(id, '0') && strlen(callback) < SIM_URL_BYTES)
        return id;
    fail_as(call, 400, "validation", id[0] == 0 ? "mandatoryValueNotSupplied" : "formatError");
    return NULL;
}

static void transaction_take(struct sim_call *call, const char *type)
{
    struct sim_order draft = {.body_hash = 0};
    const char *id = correlation_read(call);
    if (id == NULL)
        return;
    const char *error = transaction_read(call->json, &draft);
    struct sim_order *known = world_reference(call->world, SIM_GSMA, id);
    if (error != NULL) {
        fail_as(call, 400, "validation", error);
        return;
    }
    if (known != NULL) {
        call_touch(call, known);
        fail_as(call, 400, "businessRule", "duplicateRequest");
        return;
    }
    TEXT_COPY(draft.reference, id);
    TEXT_COPY(draft.callback_url, call_header(call, "x-callback-url"));
    TEXT_COPY(draft.notes[NOTE_TYPE], type);
    world_uuid(call->world, draft.notes[NOTE_STATE]);
    (void)snprintf(draft.own, sizeof draft.own, "REF-%lld", (long long)++call->world->serial);
    struct sim_order *order = call_accept(call, &draft);
    *mark_put(&call->world->marks, MARK_OWN + SIM_GSMA, order->notes[NOTE_STATE]) = order->number;
    /* The first word is always that it waits. */
    struct sim_order shown = *order;
    shown.state = SIM_OPEN;
    state_write(call_json(call, 202), &shown);
}

static void disbursement_make(struct sim_call *call)
{
    if (strcmp(call->segments[0], "disbursement") == 0)
        transaction_take(call, "disbursement");
    else
        fail_as(call, 400, "businessRule", "transactionTypeError");
}

static void transaction_make(struct sim_call *call)
{
    if (strcmp(call_text(call, "type"), "disbursement") == 0)
        transaction_take(call, "disbursement");
    else
        fail_as(call, 400, "businessRule", "transactionTypeError");
}

static struct sim_order *own_find(struct sim_call *call)
{
    struct sim_order *order = world_own(call->world, SIM_GSMA, call->segments[0]);
    if (order == NULL)
        fail_as(call, 404, "identification", "identifierError");
    else
        call_touch(call, order);
    return order;
}

static void state_show(struct sim_call *call)
{
    const struct sim_order *order = own_find(call);
    if (order != NULL && order->notes[NOTE_REVERSAL][0] != 0 &&
        strcmp(order->notes[NOTE_REVERSAL], call->segments[0]) == 0)
        buffer_format(call_json(call, 200),
                      "{\"serverCorrelationId\":\"%s\",\"status\":\"completed\","
                      "\"notificationMethod\":\"polling\",\"objectReference\":\"REV-%s\"}",
                      order->notes[NOTE_REVERSAL], order->own);
    else if (order != NULL)
        state_write(call_json(call, 200), order);
}

/* A reversal is a transaction of its own. */
static void reversal_write(struct buffer *text, const struct sim_order *order)
{
    buffer_format(text,
                  "{\"transactionReference\":\"REV-%s\",\"originalTransactionReference\":\"%s\","
                  "\"type\":\"reversal\",\"transactionStatus\":\"completed\",\"amount\":\"%lld\","
                  "\"currency\":\"%s\"}",
                  order->own, order->own, (long long)order->amount_minor, order->currency);
}

static void transaction_show(struct sim_call *call)
{
    bool reversal = strncmp(call->segments[0], "REV-", 4) == 0;
    if (reversal)
        memmove(call->segments[0], call->segments[0] + 4, strlen(call->segments[0] + 4) + 1);
    const struct sim_order *order = own_find(call);
    if (order != NULL && reversal)
        reversal_write(call_json(call, 200), order);
    else if (order != NULL)
        transaction_write(call_json(call, 200), order);
}

/* By the caller's correlation id: where the transaction is, or the error that it ended with. */
static void response_show(struct sim_call *call)
{
    struct sim_order *order = world_reference(call->world, SIM_GSMA, call->segments[0]);
    const int64_t *reversal =
        mark_find(&call->world->marks, MARK_OTHER + SIM_GSMA, call->segments[0]);
    if (!text_uuid(call->segments[0], '0')) {
        fail_as(call, 400, "validation", "formatError");
    } else if (order == NULL && reversal != NULL) {
        buffer_format(call_json(call, 200), "{\"link\":\"/transactions/REV-%s\"}",
                      call->world->orders[*reversal - 1]->own);
    } else if (order == NULL) {
        fail_as(call, 404, "identification", "identifierError");
    } else if (order->state == SIM_OPEN || order->state == SIM_REJECTED) {
        /* No transaction has come of it: what there is is the request's state. */
        call_touch(call, order);
        buffer_format(call_json(call, 200), "{\"link\":\"/requeststates/%s\"}",
                      order->notes[NOTE_STATE]);
    } else {
        call_touch(call, order);
        buffer_format(call_json(call, 200), "{\"link\":\"/transactions/%s\"}", order->own);
    }
}

/* --- Reversal --- */

static void reversal_make(struct sim_call *call)
{
    const char *id = correlation_read(call);
    struct sim_order *order = id == NULL ? NULL : own_find(call);
    if (order == NULL)
        return;
    if (mark_find(&call->world->marks, MARK_OTHER + SIM_GSMA, id) != NULL) {
        fail_as(call, 400, "businessRule", "duplicateRequest");
    } else if (strcmp(call_text(call, "type"), "reversal") != 0) {
        fail_as(call, 400, "businessRule", "transactionTypeError");
    } else if (order->state != SIM_PAID) {
        fail_as(call, 400, "businessRule", "incorrectState");
    } else {
        *mark_put(&call->world->marks, MARK_OTHER + SIM_GSMA, id) = order->number;
        world_uuid(call->world, order->notes[NOTE_REVERSAL]);
        *mark_put(&call->world->marks, MARK_OWN + SIM_GSMA, order->notes[NOTE_REVERSAL]) =
            order->number;
        world_reverse(call->world, order, call->now_ms);
        call->accepted = true;
        buffer_format(call_json(call, 202),
                      "{\"serverCorrelationId\":\"%s\",\"status\":\"pending\","
                      "\"notificationMethod\":\"polling\",\"objectReference\":\"REV-%s\"}",
                      order->notes[NOTE_REVERSAL], order->own);
    }
}

/* --- Accounts --- */

static void balance(struct sim_call *call)
{
    char amount[24];
    (void)snprintf(amount, sizeof amount, "%lld", (long long)call->world->floats[SIM_GSMA]);
    struct buffer *text = call_json(call, 200);
    buffer_text_append(text, "{\"accountStatus\":\"available\"");
    reply_text_member(text, "currentBalance", amount);
    reply_text_member(text, "availableBalance", amount);
    reply_text_member(text, "reservedBalance", "0");
    reply_text_member(text, "unclearedBalance", "0");
    reply_text_member(text, "currency", "XOF");
    buffer_char(text, '}');
}

/* Who is asked for, when it is a number; NULL, and answered: it is none, or nobody's. */
static const char *account_find(struct sim_call *call)
{
    const char *number = call->segments[1];
    if (number[0] == '+')
        number++;
    if (strcasecmp(call->segments[0], "msisdn") != 0 || !text_digits(number, 8, 15))
        fail_as(call, 400, "validation", "formatError");
    else if (world_receiver(number) == SIM_REASON_RECEIVER_UNKNOWN)
        fail_as(call, 404, "identification", "identifierError");
    else
        return number;
    return NULL;
}

static void account_status(struct sim_call *call)
{
    const char *number = account_find(call);
    if (number != NULL)
        buffer_text_append(call_json(call, 200),
                           world_receiver(number) == SIM_REASON_RECEIVER_BLOCKED
                               ? "{\"accountStatus\":\"unavailable\"}"
                               : "{\"accountStatus\":\"available\"}");
}

static void account_name(struct sim_call *call)
{
    const char *number = account_find(call);
    if (number == NULL)
        return;
    bool other = world_receiver(number) == SIM_REASON_RECEIVER_NAME;
    buffer_format(call_json(call, 200),
                  "{\"name\":{\"title\":\"Mme\",\"firstName\":\"%s\",\"lastName\":\"%s\","
                  "\"fullName\":\"%s\"}}",
                  other ? "Zacharie" : "Awa", other ? "Quelqu'un" : "Koné",
                  other ? "Zacharie Quelqu'un" : "Awa Koné");
}

static void heartbeat(struct sim_call *call)
{
    buffer_text_append(call_json(call, 200), "{\"serviceStatus\":\"available\"}");
}

static void gsma_callback(struct sim_world *world, const struct sim_order *order,
                          struct sim_callback *callback)
{
    char iso[CLOCK_TEXT_BYTES];
    (void)world;
    callback->method = "PUT";
    clock_iso_text(order->decided_at_ms + order->skew_ms, iso);
    callback_header(callback, "Content-Type: application/json");
    callback_header(callback, "X-CorrelationID: %s", order->reference);
    callback_header(callback, "X-Date: %s", iso);
    if (order->state == SIM_REJECTED)
        error_write(&callback->body, errors[order->reason].category, errors[order->reason].code,
                    order->decided_at_ms + order->skew_ms);
    else
        transaction_write(&callback->body, order);
}

static const struct sim_route routes[] = {
    {"POST", "/v1/oauth/accesstoken", token_make, true},
    {"POST", "/transactions/type/*", disbursement_make, false},
    {"POST", "/transactions", transaction_make, false},
    {"GET", "/transactions/*", transaction_show, false},
    {"POST", "/transactions/*/reversals", reversal_make, false},
    {"GET", "/requeststates/*", state_show, false},
    {"GET", "/responses/*", response_show, false},
    {"GET", "/accounts/balance", balance, false},
    {"GET", "/accounts/*/balance", balance, false},
    {"GET", "/accounts/*/*/balance", balance, false},
    {"GET", "/accounts/*/*/status", account_status, false},
    {"GET", "/accounts/*/*/accountname", account_name, false},
    {"GET", "/heartbeat", heartbeat, false},
};
const struct sim_side sim_gsma = {
    .credentials = {CLIENT, SECRET, KEY, ""},
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
    .admits = gsma_admits,
    .fails = gsma_fails,
    .callback_write = gsma_callback,
};

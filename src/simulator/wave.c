/* Wave Business, Payout API, from Wave's side.
 *
 * Sources: docs.wave.com/payout (endpoints, authentication's and payouts' error codes, retrying,
 * reversal, recipient verification), docs.wave.com/business (base URL, data types, request
 * signing), docs.wave.com/balance.
 *
 * A payout is decided in the answer, most of the time; "processing" comes too, and is asked about.
 * A key that comes again with the same body gives the same answer and moves nothing; with another
 * body it is refused. The key alone counts: one client_reference under two keys is paid twice, and
 * is counted. What is refused at once (a code) leaves no payout behind to be found. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"
#include "simulator/call.h"
#include "wire/reply.h"

enum { NOTE_NAME, NOTE_REFERENCE, NOTE_BATCH, BATCH_MAX = 1000, SIGNED_AGE_MS_MAX = 300000 };
#define REVERSIBLE_MS INT64_C(259200000)
#define KEY           "wave_ci_sim_key"
#define SIGNING       "wave_ci_sim_signing_secret"

static const struct {
    int status;
    const char *code;
} refusals[SIM_REASON_COUNT] = {
    [SIM_REASON_RECEIVER_UNKNOWN] = {422, "recipient-account-inactive"},
    [SIM_REASON_RECEIVER_LIMIT] = {422, "recipient-limit-exceeded"},
    [SIM_REASON_RECEIVER_BLOCKED] = {422, "recipient-account-blocked"},
    [SIM_REASON_RECEIVER_NAME] = {422, "recipient-minor"},
    [SIM_REASON_OPERATOR_REFUSED] = {400, "country-mismatch"},
    [SIM_REASON_OPERATOR_FLOAT] = {422, "insufficient-funds"},
};

static void fail_as(struct sim_call *call, int status, const char *code)
{
    struct buffer *text = call_json(call, status);
    buffer_char(text, '{');
    reply_text_member(text, "code", code);
    reply_text_member(text, "message", "The request was not carried out");
    buffer_char(text, '}');
}

static void wave_fails(struct sim_call *call, int status)
{
    fail_as(call, status,
            status == 404   ? "not-found"
            : status == 405 ? "method-not-allowed"
            : status == 429 ? "too-many-requests"
            : status == 503 ? "service-unavailable"
                            : "internal-server-error");
}

/* --- Who calls --- */

/* "t=1639081943,v1=…,v1=…": a hex HMAC-SHA-256 of the time and the body. */
static bool signature_good(const struct sim_call *call)
{
    const char *header = call_header(call, "wave-signature");
    char stamp[24], hex[2 * SECRET_HMAC_BYTES + 1];
    uint8_t mac[SECRET_HMAC_BYTES];
    size_t digits = strncmp(header, "t=", 2) == 0 ? strspn(header + 2, "0123456789") : 0;
    if (digits == 0 || digits >= sizeof stamp)
        return false;
    memcpy(stamp, header + 2, digits);
    stamp[digits] = 0;
    int64_t age_ms = call->now_ms - strtoll(stamp, NULL, 10) * 1000;
    struct buffer payload;
    buffer_init(&payload, SIM_BODY_BYTES_MAX + sizeof stamp);
    buffer_text_append(&payload, stamp);
    buffer_append(&payload, call->request->body, call->request->length);
    secret_hmac(SIGNING, strlen(SIGNING), buffer_text(&payload), payload.length, mac);
    buffer_free(&payload);
    secret_hex(mac, sizeof mac, hex);
    const char *found = strstr(header, hex);
    return found != NULL && found - header > 3 && strncmp(found - 3, "v1=", 3) == 0 &&
           age_ms < SIGNED_AGE_MS_MAX && age_ms > -SIGNED_AGE_MS_MAX;
}

static bool wave_admits(struct sim_call *call)
{
    const char *header = call_header(call, "authorization");
    if (header[0] == 0)
        fail_as(call, 401, "missing-auth-header");
    else if (strncmp(header, "Bearer ", 7) != 0)
        fail_as(call, 401, "invalid-auth");
    else if (header[7] == 0)
        fail_as(call, 401, "api-key-not-provided");
    else if (strcmp(header + 7, KEY) != 0)
        fail_as(call, 401, "no-matching-api-key");
    else if (call_header(call, "wave-signature")[0] != 0 && !signature_good(call))
        fail_as(call, 401, "invalid-wave-signature");
    else
        return true;
    return false;
}

/* --- Payouts --- */

static void time_write(struct buffer *text, const char *name, int64_t at_ms)
{
    char iso[CLOCK_TEXT_BYTES];
    clock_iso_text(at_ms, iso);
    reply_text_member(text, name, iso);
}

static void payout_write(struct buffer *text, const struct sim_order *order)
{
    static const char *const states[] = {[SIM_OPEN] = "processing",
                                         [SIM_PAID] = "succeeded",
                                         [SIM_REJECTED] = "failed",
                                         [SIM_REVERSED] = "reversed"};
    char amount[24], mobile[SIM_TEXT_BYTES + 1];
    (void)snprintf(amount, sizeof amount, "%lld", (long long)order->amount_minor);
    (void)snprintf(mobile, sizeof mobile, "+%s", order->receiver);
    buffer_char(text, '{');
    reply_text_member(text, "id", order->own);
    reply_text_member(text, "currency", order->currency);
    reply_text_member(text, "receive_amount", amount);
    reply_text_member(text, "fee", "0");
    reply_text_member(text, "mobile", mobile);
    reply_text_member(text, "name",
                      order->notes[NOTE_NAME][0] == 0 ? NULL : order->notes[NOTE_NAME]);
    reply_text_member(text, "client_reference",
                      order->notes[NOTE_REFERENCE][0] == 0 ? NULL : order->notes[NOTE_REFERENCE]);
    reply_text_member(text, "status", states[order->state]);
    time_write(text, "timestamp", order->accepted_at_ms + order->skew_ms);
    if (order->state == SIM_REJECTED) {
        buffer_text_append(text, ",\"payout_error\":{");
        reply_text_member(text, "error_code", refusals[order->reason].code);
        reply_text_member(text, "error_message", "The payout failed");
        buffer_char(text, '}');
    } else {
        buffer_text_append(text, ",\"payout_error\":null");
    }
    buffer_char(text, '}');
}

/* Reads one payout of a body. False, and *code says why: Wave would not take it. */
static bool payout_read(const json_t *object, struct sim_order *draft, const char **code)
{
    const char *mobile = json_text(object, "mobile");
    *code = "request-validation-error";
    draft->protocol = SIM_WAVE;
    TEXT_COPY(draft->currency, json_text(object, "currency"));
    TEXT_COPY(draft->notes[NOTE_NAME], json_text(object, "name"));
    TEXT_COPY(draft->notes[NOTE_REFERENCE], json_text(object, "client_reference"));
    TEXT_COPY(draft->transfer, json_text(object, "client_reference"));
    if (mobile[0] != '+' || !text_digits(mobile + 1, 8, 15) ||
        !text_amount(json_text(object, "receive_amount"), &draft->amount_minor) ||
        strlen(json_text(object, "client_reference")) > 255 ||
        strlen(json_text(object, "name")) > 255 || strlen(json_text(object, "payment_reason")) > 40)
        return false;
    TEXT_COPY(draft->receiver, mobile + 1);
    *code = "currency-mismatch";
    return strcmp(draft->currency, "XOF") == 0;
}

/* The key, checked. NULL, and answered: it is missing, or there is no JSON to it. */
static const char *key_read(struct sim_call *call)
{
    const char *key = call_header(call, "idempotency-key");
    if (call->json == NULL)
        fail_as(call, 400, "request-not-json");
    else if (key[0] == 0 || strlen(key) >= SIM_TEXT_BYTES - 8)
        fail_as(call, 400, "request-validation-error");
    else
        return key;
    return NULL;
}

static uint64_t body_hash(const struct sim_call *call)
{
    struct buffer body;
    buffer_init(&body, SIM_BODY_BYTES_MAX);
    buffer_append(&body, call->request->body, call->request->length);
    uint64_t hash = mark_hash(1, buffer_text(&body));
    buffer_free(&body);
    return hash;
}

/* A refusal that came in the answer: there is no such payout, only its key. */
static bool refused_at_once(const struct sim_order *order)
{
    return order->state == SIM_REJECTED && order->decided_at_ms == order->accepted_at_ms &&
           order->notes[NOTE_BATCH][0] == 0;
}

static void payout_answer(struct sim_call *call, const struct sim_order *order)
{
    if (refused_at_once(order))
        fail_as(call, refusals[order->reason].status, refusals[order->reason].code);
    else
        payout_write(call_json(call, 200), order);
}

static void payout_make(struct sim_call *call)
{
    struct sim_order draft = {.body_hash = 0};
    const char *key = key_read(call), *code = NULL;
    if (key == NULL)
        return;
    struct sim_order *order = world_reference(call->world, SIM_WAVE, key);
    if (order != NULL) {
        call_touch(call, order);
        if (order->body_hash != body_hash(call))
            fail_as(call, 409, "idempotency-mismatch");
        else
            payout_answer(call, order);
        return;
    }
    if (!payout_read(call->json, &draft, &code)) {
        fail_as(call, 400, code);
        return;
    }
    /* What lacks money is not kept under its key: it would never be paid. */
    if (world_short(call->world, &draft)) {
        fail_as(call, refusals[SIM_REASON_OPERATOR_FLOAT].status,
                refusals[SIM_REASON_OPERATOR_FLOAT].code);
        return;
    }
    TEXT_COPY(draft.reference, key);
    draft.body_hash = body_hash(call);
    (void)snprintf(draft.own, sizeof draft.own, "pt-sim%llx",
                   (unsigned long long)++call->world->serial);
    payout_answer(call, call_accept(call, &draft));
}

static struct sim_order *payout_find(struct sim_call *call)
{
    struct sim_order *order = world_own(call->world, SIM_WAVE, call->segments[0]);
    if (order == NULL || refused_at_once(order)) {
        fail_as(call, 404, "not-found");
        return NULL;
    }
    call_touch(call, order);
    return order;
}

static void payout_show(struct sim_call *call)
{
    const struct sim_order *order = payout_find(call);
    if (order != NULL)
        payout_write(call_json(call, 200), order);
}

static void payout_search(struct sim_call *call)
{
    char wanted[SIM_NOTE_BYTES];
    call_query(call, "client_reference", wanted, sizeof wanted);
    if (wanted[0] == 0) {
        fail_as(call, 400, "request-validation-error");
        return;
    }
    struct buffer *text = call_json(call, 200);
    buffer_text_append(text, "{\"result\":[");
    bool first = true;
    const int64_t *chain = mark_find(&call->world->marks, MARK_OTHER + SIM_WAVE, wanted);
    for (int64_t number = chain == NULL ? 0 : *chain; number != 0;) {
        struct sim_order *order = call->world->orders[number - 1];
        number = order->same_before;
        if (refused_at_once(order))
            continue;
        buffer_text_append(text, first ? "" : ",");
        payout_write(text, order);
        call_touch(call, order);
        first = false;
    }
    buffer_text_append(text, "]}");
}

/* --- Reversal, batches --- */

static void payout_reverse(struct sim_call *call)
{
    struct sim_order *order = payout_find(call);
    if (order == NULL)
        return;
    if (order->state == SIM_OPEN || order->state == SIM_REJECTED) {
        fail_as(call, 400, "payout-reversal-not-allowed");
    } else if (order->state == SIM_PAID && call->now_ms - order->accepted_at_ms > REVERSIBLE_MS) {
        fail_as(call, 400, "payout-reversal-time-limit-exceeded");
    } else if (order->state == SIM_PAID && order->amount_minor == 9955) {
        fail_as(call, 422, "insufficient-funds");
    } else {
        if (order->state == SIM_PAID)
            world_reverse(call->world, order, call->now_ms);
        call->accepted = true;
        call->reply->status = 200;
    }
}

static void batch_id(const char *key, char id[SIM_TEXT_BYTES])
{
    (void)snprintf(id, SIM_TEXT_BYTES, "pb-sim%llx", (unsigned long long)mark_hash(2, key));
}

/* Takes all payouts of a batch; none is refused in the answer. */
static void batch_take(struct sim_call *call, const char *key, const json_t *payouts,
                       const char *id)
{
    for (size_t i = 0; i < json_array_size(payouts); i++) {
        struct sim_order draft = {.body_hash = body_hash(call)};
        const char *code;
        bool good = payout_read(json_array_get(payouts, i), &draft, &code);
        invariant(good);
        (void)snprintf(draft.reference, sizeof draft.reference, "%s/%zu", key, i);
        (void)snprintf(draft.own, sizeof draft.own, "pt-sim%llx",
                       (unsigned long long)++call->world->serial);
        TEXT_COPY(draft.notes[NOTE_BATCH], id);
        (void)call_accept(call, &draft);
    }
}

static void batch_make(struct sim_call *call)
{
    const json_t *payouts = json_object_get(call->json, "payouts");
    char id[SIM_TEXT_BYTES], first[SIM_TEXT_BYTES];
    const char *key = key_read(call), *code = "request-validation-error";
    bool good = json_array_size(payouts) > 0 && json_array_size(payouts) <= BATCH_MAX;
    if (key == NULL)
        return;
    for (size_t i = 0; good && i < json_array_size(payouts); i++) {
        struct sim_order draft = {.body_hash = 0};
        good = payout_read(json_array_get(payouts, i), &draft, &code);
    }
    if (!good) {
        fail_as(call, 400, code);
        return;
    }
    batch_id(key, id);
    (void)snprintf(first, sizeof first, "%s/0", key);
    const struct sim_order *known = world_reference(call->world, SIM_WAVE, first);
    if (known != NULL && known->body_hash != body_hash(call)) {
        fail_as(call, 409, "idempotency-mismatch");
        return;
    }
    if (known == NULL) {
        batch_take(call, key, payouts, id);
        *mark_put(&call->world->marks, MARK_OTHER + SIM_WAVE, id) =
            world_reference(call->world, SIM_WAVE, first)->number;
    }
    struct buffer *text = call_json(call, 200);
    buffer_char(text, '{');
    reply_text_member(text, "id", id);
    buffer_char(text, '}');
}

static void batch_show(struct sim_call *call)
{
    const int64_t *first = mark_find(&call->world->marks, MARK_OTHER + SIM_WAVE, call->segments[0]);
    struct buffer payouts;
    bool complete = true;
    if (first == NULL || strncmp(call->segments[0], "pb-", 3) != 0) {
        fail_as(call, 404, "not-found");
        return;
    }
    buffer_init(&payouts, SIM_BODY_BYTES_MAX);
    for (int64_t i = *first; i <= call->world->order_count; i++) {
        const struct sim_order *order = call->world->orders[i - 1];
        if (strcmp(order->notes[NOTE_BATCH], call->segments[0]) != 0)
            break;
        buffer_text_append(&payouts, i == *first ? "" : ",");
        payout_write(&payouts, order);
        complete = complete && order->state != SIM_OPEN;
    }
    struct buffer *text = call_json(call, 200);
    buffer_char(text, '{');
    reply_text_member(text, "id", call->segments[0]);
    reply_text_member(text, "status", complete ? "complete" : "processing");
    buffer_format(text, ",\"payouts\":[%s]}", buffer_text(&payouts));
    buffer_free(&payouts);
}

/* --- Wallet, receivers --- */

static void balance(struct sim_call *call)
{
    char amount[24];
    (void)snprintf(amount, sizeof amount, "%lld", (long long)call->world->floats[SIM_WAVE]);
    struct buffer *text = call_json(call, 200);
    buffer_char(text, '{');
    reply_text_member(text, "amount", amount);
    reply_text_member(text, "currency", "XOF");
    buffer_char(text, '}');
}

static void recipient_verify(struct sim_call *call)
{
    const char *mobile = call_text(call, "mobile");
    if (mobile[0] != '+' || !text_digits(mobile + 1, 8, 15)) {
        fail_as(call, 400, "request-validation-error");
        return;
    }
    enum sim_reason reason = world_receiver(mobile + 1);
    struct buffer *text = call_json(call, 200);
    buffer_text_append(text, "{\"within_limits\":true");
    reply_text_member(text, "name_match",
                      reason == SIM_REASON_RECEIVER_UNKNOWN ? "NAME_NOT_KNOWN"
                      : reason == SIM_REASON_RECEIVER_NAME  ? "NO_MATCH"
                                                            : "MATCH");
    buffer_text_append(text, ",\"national_id_match\":null}");
}

/* Wave's documents have no webhook for payouts. */
static void wave_callback(struct sim_world *world, const struct sim_order *order,
                          struct sim_callback *callback)
{
    (void)world, (void)order, (void)callback;
    invariant(!"a callback of Wave's");
}

static const struct sim_route routes[] = {
    {"POST", "/v1/payout", payout_make, false},
    {"GET", "/v1/payout/*", payout_show, false},
    {"GET", "/v1/payouts/search", payout_search, false},
    {"POST", "/v1/payout/*/reverse", payout_reverse, false},
    {"POST", "/v1/payout-batch", batch_make, false},
    {"GET", "/v1/payout-batch/*", batch_show, false},
    {"GET", "/v1/payouts-batch/*", batch_show, false}, /* The documents have both. */
    {"GET", "/v1/balance", balance, false},
    {"POST", "/v1/verify_recipient", recipient_verify, false},
    {"POST", "/v1/verify_recipient/", recipient_verify, false},
};
const struct sim_side sim_wave = {
    .credentials = {"", KEY, SIGNING, ""},
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
    .admits = wave_admits,
    .fails = wave_fails,
    .callback_write = wave_callback,
};

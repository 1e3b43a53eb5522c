/* Orange Money in Senegal: the cash-in of Sonatel's Orange Money API 1.1. Of the APIs that Orange's
 * companies publish it is the one whose public documents tell of a payment to a customer, of a
 * question about it and of its errors. Read in 2026:
 *   [1] developer.orange-sonatel.com/documentation, the OpenAPI "Orange Money API v1.1.0": the page
 *       needs a browser, so it was read as far as public clients repeat it word for word: their
 *       types, constants and examples of requests, answers, errors and callbacks
 *   [2] beta.developer.orange-sonatel.com/cash-in: what a cash-in is, and who may have it
 *   [3] what public clients saw in production: that GET /transactions finds nothing when it is
 * asked for a type, that a token lives for 299 s, that a GET wants a Content-Type
 *
 * The channel: url "https://api.orange-sonatel.com" or "https://api.sandbox.orange-sonatel.com";
 * account and secret the client id and secret of OAuth2; environment the retailer account that is
 * debited, its nine digits; secret_second that account's PIN, encrypted under the key that GET
 * /api/account/v1/publicKeys gives (RSA, PKCS #1 v1.5, Base64: 344 characters): payoutd never sees
 * the PIN itself; callback_secret the secret of X-Sonatel-Signature; callback_url what was
 * registered for callbacks with Sonatel. Senegal's numbers only.
 *
 * What is sure, and what not. No public document says that a reference is taken once, and one
 * client saw several transactions of one reference. So NEVER_SEEN is never said: what the search
 * does not find stays unknown, and is a person's. "SUCCESS" is paid, "FAILED", "REJECTED" and
 * "CANCELLED" are not, and the end comes within 24 hours [1]. A wrong PIN counts: the third blocks
 * the account. So its errors stop the channel for an hour, and refuse nobody.
 *
 * Not public, so not here: a reversal; whether GET /account tells of customers who are not ours (so
 * nobody is validated); Orange Money's APIs elsewhere (api.orange.com's Web Payment collects only;
 * its B2B cash-in and Cameroon's /omcoreapis have no public document of their own). Bulk cash-in is
 * there, but a lost answer could not be told apart. */
#include "operators/orange_money.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "money/tariff.h"
#include "operators/json.h"

enum {
    CODE_BYTES = 16,
    THROTTLED_MS = 1000,
    PIN_HOLD_MS = 60 * 60 * 1000,
    TOKEN_LIFETIME_S_MAX = 86400,
    PIN_BYTES_MAX = 1024, /* Encrypted, in Base64. */
    NATIONAL_DIGITS = 9,
    SIGNATURE_AGE_MS_MAX = 5 * 60 * 1000,
    SIGNATURE_BYTES_MAX = 1024,
};
#define SENEGAL "221"

/* --- Words --- */

/* "Transaction Search" [1]. */
static const struct status_row {
    const char *word;
    enum verdict verdict;
    enum transfer_reason reason;
} statuses[] = {
    {"SUCCESS", VERDICT_PAID, TRANSFER_REASON_NONE},
    {"FAILED", VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED},
    {"REJECTED", VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED},
    {"CANCELLED", VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED},
    {"ACCEPTED", VERDICT_PENDING, TRANSFER_REASON_PENDING_AT_OPERATOR},
    {"INITIATED", VERDICT_PENDING, TRANSFER_REASON_PENDING_AT_OPERATOR},
    {"PENDING", VERDICT_PENDING, TRANSFER_REASON_PENDING_AT_OPERATOR},
    {"PRE_INITIATED", VERDICT_PENDING, TRANSFER_REASON_PENDING_AT_OPERATOR},
};

/* "Error Codes" [1], of HTTP 400; hold: of our PIN, which must not be tried again. */
static const struct error_row {
    const char *code;
    enum verdict verdict;
    enum transfer_reason reason;
    bool hold;
} errors[] = {
#define REFUSED(code, why)                                                                         \
    {                                                                                              \
        code, VERDICT_REJECTED, TRANSFER_REASON_##why, false                                       \
    }
#define WAITS(code, why)                                                                           \
    {                                                                                              \
        code, VERDICT_NOT_SENT, TRANSFER_REASON_##why, false                                       \
    }
#define HOLDS(code)                                                                                \
    {                                                                                              \
        code, VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, true                                \
    }
    REFUSED("2000", RECEIVER_UNKNOWN), /* The customer has no account. */
    REFUSED("2001", RECEIVER_UNKNOWN), /* The number is invalid. */
    HOLDS("2010"),                     /* Our PIN has to be changed, */
    HOLDS("2011"),                     /* is wrong, and may be tried twice more, */
    HOLDS("2012"),                     /* once more, */
    HOLDS("2013"),                     /* and now the account is blocked. */
    /* Nothing was done: people are paid when the account is topped up. */
    WAITS("2020", OPERATOR_FLOAT),     /* A balance is insufficient, */
    WAITS("2021", OPERATOR_FLOAT),     /* the payer's, */
    REFUSED("2022", OPERATOR_REFUSED), /* the payee's. */
    REFUSED("2023", OPERATOR_REFUSED), /* A limit is reached; whose, it does not say; */
    REFUSED("2024", OPERATOR_REFUSED), /* the payer's, */
    REFUSED("2025", RECEIVER_LIMIT),   /* the payee's. */
    REFUSED("2041", OPERATOR_REFUSED), /* Not authorised; */
    REFUSED("2042", OPERATOR_REFUSED), /* the payer is not, */
    REFUSED("2043", RECEIVER_BLOCKED), /* the payee is not. */
    HOLDS("4003"),                     /* The key that the PIN is encrypted under is revoked. */
    WAITS("4099", OPERATOR_DOWN),      /* Wrong parameters: settings, or we, are wrong. */
#undef REFUSED
#undef WAITS
#undef HOLDS
};

static const struct status_row *status_of(const char *word)
{
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (strcmp(statuses[i].word, word) == 0)
            return &statuses[i];
    return NULL;
}

static const struct error_row *error_of(const char *code)
{
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (strcmp(errors[i].code, code) == 0)
            return &errors[i];
    return NULL;
}

/* --- What it is asked --- */

static bool senegal_only(uint64_t operators)
{
    for (int number = 1; number <= OPERATOR_NUMBER_MAX; number++) {
        const struct country *country = NULL;
        if ((operators >> number & 1) == 0)
            continue;
        if (tariff_operator(number, &country) == NULL || strcmp(country->prefix, SENEGAL) != 0)
            return false;
    }
    return true;
}

static const char *orange_check(const struct channel *channel)
{
    if (!operator_word_fits(channel->account, CHANNEL_TEXT_BYTES) ||
        !operator_word_fits(channel->secret, CHANNEL_TEXT_BYTES))
        return "Orange Money needs an account (the client id) and a secret (the client secret)";
    if (strlen(channel->environment) != NATIONAL_DIGITS ||
        strspn(channel->environment, "0123456789") != NATIONAL_DIGITS)
        return "environment must be the retailer account that is debited: its nine digits";
    if (!operator_word_fits(channel->secret_second, PIN_BYTES_MAX))
        return "secret_second must be that account's PIN, encrypted under Sonatel's key, in Base64";
    if (!senegal_only(channel->operators))
        return "this API is Sonatel's: it pays in Senegal only";
    return NULL;
}

/* The receiver's number as the API wants it, without its country's prefix. */
static const char *national(int64_t msisdn, char digits[BUFFER_DIGITS])
{
    const char *text = buffer_digits(msisdn, digits);
    return strncmp(text, SENEGAL, 3) == 0 && strlen(text) == 3 + NATIONAL_DIGITS ? text + 3 : text;
}

static void cashin_write(const struct operator_call *call, struct operator_request *request)
{
    const struct attempt *attempt = &call->attempts[0];
    const struct channel *channel = call->channel;
    struct amount amount = transfer_delivered(attempt->transfer);
    char digits[BUFFER_DIGITS];
    invariant(amount.minor > 0);
    request->method = "POST";
    buffer_text_append(&request->url, "/api/eWallet/v1/cashins");
    json_t *body = json_pack("{s:{s:s,s:s,s:s},s:{s:s,s:s},s:{s:I,s:s},s:s,s:b}", "partner",
                             "idType", "MSISDN", "id", channel->environment, "encryptedPinCode",
                             channel->secret_second, "customer", "idType", "MSISDN", "id",
                             national(attempt->transfer->msisdn, digits), "amount", "value",
                             (json_int_t)amount.minor, "unit", currency_text(amount.currency),
                             "reference", attempt->reference, "receiveNotification", 1);
    operator_json_write(body, &request->body);
}

/* By its own number, where it told one; else by ours. No type is asked for: then it finds nothing
 * [3]. */
static void ask_write(const struct operator_call *call, struct operator_request *request)
{
    const char *told = call->attempts[0].transfer->operator_reference;
    buffer_text_append(&request->url, "/api/eWallet/v1/transactions");
    if (told[0] != '\0') {
        buffer_char(&request->url, '/');
        operator_url_append(&request->url, told);
        buffer_text_append(&request->url, "/status");
        return;
    }
    buffer_text_append(&request->url, "?reference=");
    operator_url_append(&request->url, call->attempts[0].reference);
}

static void float_write(const struct operator_call *call, struct operator_request *request)
{
    request->method = "POST";
    buffer_text_append(&request->url, "/api/eWallet/v1/account/retailer/balance");
    operator_json_write(json_pack("{s:s,s:s,s:s,s:s}", "idType", "MSISDN", "id",
                                  call->channel->environment, "encryptedPinCode",
                                  call->channel->secret_second, "wallet", "PRINCIPAL"),
                        &request->body);
}

static void token_write(const struct operator_call *call, struct operator_request *request)
{
    request->method = "POST";
    buffer_text_append(&request->url, "/oauth/v1/token");
    operator_request_header(request, "Content-Type: application/x-www-form-urlencoded");
    buffer_text_append(&request->body, "grant_type=client_credentials&client_id=");
    operator_url_append(&request->body, call->channel->account);
    buffer_text_append(&request->body, "&client_secret=");
    operator_url_append(&request->body, call->channel->secret);
}

static void orange_write(const struct operator_call *call, struct operator_request *request)
{
    request->method = "GET";
    buffer_text_append(&request->url, call->channel->url);
    if (call->task == OPERATOR_TASK_TOKEN) {
        token_write(call, request);
        return;
    }
    operator_request_header(request, "Authorization: Bearer %s", call->token);
    operator_request_header(request, "Content-Type: application/json"); /* Of a GET too [3]. */
    operator_request_header(request, "Accept: application/json");
    switch (call->task) {
    case OPERATOR_TASK_SUBMIT:
        cashin_write(call, request);
        return;
    case OPERATOR_TASK_ASK:
        ask_write(call, request);
        return;
    case OPERATOR_TASK_FLOAT:
        float_write(call, request);
        return;
    case OPERATOR_TASK_TOKEN:
    case OPERATOR_TASK_VALIDATE:
    case OPERATOR_TASK_REVERSE:
    case OPERATOR_TASK_ASK_REVERSAL:
    case OPERATOR_TASK_COUNT:
        break;
    }
    invariant(!"a task that Orange Money can't do");
}

/* --- What it answers --- */

static void answer_by(struct operator_result *result, const struct status_row *row,
                      const json_t *object)
{
    struct verdict_answer *answer = &result->answers[0];
    answer->verdict = row->verdict;
    answer->reason = row->reason;
    (void)operator_json_word(object, "transactionId", answer->operator_reference,
                             sizeof answer->operator_reference);
}

/* 400 with one of the API's codes, and of which task's call ever: a wrong PIN, or a revoked key,
 * must not be tried again at once. */
static const struct error_row *error_read(int status, const json_t *object,
                                          struct operator_result *result)
{
    char code[CODE_BYTES];
    (void)operator_json_word(object, "code", code, sizeof code);
    const struct error_row *row = status == 400 ? error_of(code) : NULL;
    if (row != NULL && row->hold) {
        result->throttled_ms = PIN_HOLD_MS;
        result->down = true;
    }
    return row;
}

static void submit_read(const struct operator_call *call, const struct operator_reply *reply,
                        const json_t *object, const struct error_row *error,
                        struct operator_result *result)
{
    const char *reference = call->attempts[0].reference;
    const struct status_row *row = status_of(operator_json_text(object, "status"));
    if (error != NULL) {
        operator_result_all(call, result, error->verdict, error->reason);
        return;
    }
    if (reply->status < 200 || reply->status > 202 || row == NULL)
        return;
    if (json_object_get(object, "reference") == NULL ||
        operator_json_is(object, "reference", reference))
        answer_by(result, row, object);
    else
        operator_say(result, reply->status, "breach", "it tells of another reference");
}

/* One of what the search found: ours, by reference, kind, amount and receiver, as far as it tells.
 */
static bool is_about(const struct operator_call *call, const json_t *found)
{
    const struct transfer *transfer = call->attempts[0].transfer;
    struct amount amount = transfer_delivered(transfer);
    const json_t *money = json_object_get(found, "amount");
    const json_t *customer = json_object_get(found, "customer");
    char digits[BUFFER_DIGITS], whole[BUFFER_DIGITS];
    int64_t minor = 0;
    return operator_json_is(found, "reference", call->attempts[0].reference) &&
           (json_object_get(found, "type") == NULL || operator_json_is(found, "type", "CASHIN")) &&
           operator_json_amount(money, "value", &minor) && minor == amount.minor &&
           operator_json_is(money, "unit", currency_text(amount.currency)) &&
           (json_object_get(customer, "id") == NULL ||
            operator_json_is(customer, "id", national(transfer->msisdn, digits)) ||
            operator_json_is(customer, "id", buffer_digits(transfer->msisdn, whole)));
}

/* Several may bear one reference [3]: one that is paid counts before one that is not, and only when
 * all have ended unpaid is the transfer not paid. A list with one that is ours by reference but by
 * nothing else, or whose status is no word of the API's, says nothing. */
static void found_read(const struct operator_call *call, const json_t *list,
                       struct operator_result *result)
{
    const struct status_row *best = NULL;
    const json_t *best_found = NULL;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *found = json_array_get(list, i);
        const struct status_row *row = status_of(operator_json_text(found, "status"));
        if (!operator_json_is(found, "reference", call->attempts[0].reference))
            continue;
        if (row == NULL || !is_about(call, found)) {
            operator_say(result, 200, "breach", "it tells of another transfer of our reference");
            return;
        }
        bool better = best == NULL || row->verdict == VERDICT_PAID ||
                      (row->verdict == VERDICT_PENDING && best->verdict == VERDICT_REJECTED);
        if (better) {
            best = row;
            best_found = found;
        }
    }
    if (best != NULL)
        answer_by(result, best, best_found);
}

static void ask_read(const struct operator_call *call, const struct operator_reply *reply,
                     const json_t *object, struct operator_result *result)
{
    if (reply->status != 200)
        return;
    if (call->attempts[0].transfer->operator_reference[0] != '\0') {
        const struct status_row *row = status_of(operator_json_text(object, "status"));
        if (row != NULL)
            answer_by(result, row, NULL);
        return;
    }
    AUTO(operator_json_free) json_t *array = operator_json_array(reply->body, reply->length);
    found_read(call, array != NULL ? array : json_object_get(object, "transactions"), result);
}

static void token_read(const struct operator_reply *reply, const json_t *object,
                       struct operator_result *result)
{
    int64_t lifetime_s = operator_json_integer(object, "expires_in", 0);
    if (reply->status != 200 || lifetime_s <= 0)
        return;
    if (lifetime_s > TOKEN_LIFETIME_S_MAX)
        lifetime_s = TOKEN_LIFETIME_S_MAX;
    if (operator_json_word(object, "access_token", result->token, sizeof result->token))
        result->token_lifetime_ms = lifetime_s * 1000;
}

static void float_read(const struct operator_call *call, const struct operator_reply *reply,
                       const json_t *object, struct operator_result *result)
{
    enum currency currency = call->channel->currency;
    result->float_known = reply->status == 200 &&
                          operator_json_is(object, "unit", currency_text(currency)) &&
                          operator_json_balance(object, "value", &result->float_left.minor);
    result->float_left.currency = currency;
}

/* True when the gateway turned the call away before anybody saw it. */
static bool turned_away(const struct operator_call *call, const struct operator_reply *reply,
                        struct operator_result *result)
{
    if (reply->status != 401 && reply->status != 403 && reply->status != 429)
        return false;
    operator_result_all(call, result,
                        call->task == OPERATOR_TASK_SUBMIT ? VERDICT_NOT_SENT : VERDICT_UNKNOWN,
                        TRANSFER_REASON_NONE);
    result->token_refused = reply->status == 401 && call->task != OPERATOR_TASK_TOKEN;
    if (reply->status == 429)
        result->throttled_ms = reply->retry_after_ms > 0 ? reply->retry_after_ms : THROTTLED_MS;
    return true;
}

static void orange_read(const struct operator_call *call, const struct operator_reply *reply,
                        struct operator_result *result)
{
    AUTO(operator_json_free) json_t *object = operator_json_object(reply->body, reply->length);
    char code[CODE_BYTES];
    operator_result_all(call, result, VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN);
    (void)operator_json_word(object, "code", code, sizeof code);
    if (reply->status >= 300)
        operator_say(result, reply->status, code, operator_json_text(object, "detail"));
    result->down = reply->status == 503;
    if (turned_away(call, reply, result))
        return;
    const struct error_row *error = error_read(reply->status, object, result);
    switch (call->task) {
    case OPERATOR_TASK_TOKEN:
        token_read(reply, object, result);
        return;
    case OPERATOR_TASK_SUBMIT:
        submit_read(call, reply, object, error, result);
        return;
    case OPERATOR_TASK_ASK:
        ask_read(call, reply, object, result);
        return;
    case OPERATOR_TASK_FLOAT:
        float_read(call, reply, object, result);
        return;
    case OPERATOR_TASK_VALIDATE:
    case OPERATOR_TASK_REVERSE:
    case OPERATOR_TASK_ASK_REVERSAL:
    case OPERATOR_TASK_COUNT:
        return;
    }
}

/* --- Callbacks --- */

/* HMAC-SHA-256 of "seconds,body", in lower-case hexadecimal [1]. */
static void signature_make(const char *secret, const char *seconds, size_t seconds_length,
                           const struct operator_callback *callback,
                           char text[2 * SECRET_HMAC_BYTES + 1])
{
    AUTO(buffer_free) struct buffer message;
    uint8_t mac[SECRET_HMAC_BYTES];
    buffer_init(&message, seconds_length + 1 + callback->length);
    buffer_append(&message, seconds, seconds_length);
    buffer_char(&message, ',');
    buffer_append(&message, callback->body, callback->length);
    invariant(buffer_ok(&message));
    secret_hmac(secret, strlen(secret), message.bytes, message.length, mac);
    secret_hex(mac, sizeof mac, text);
}

/* True for digits that are a second within five minutes of now. */
static bool seconds_fit(const char *seconds, size_t length, int64_t now_ms)
{
    int64_t at_s = 0;
    if (length == 0 || length > 12 || strspn(seconds, "0123456789") < length)
        return false;
    for (size_t i = 0; i < length; i++)
        at_s = at_s * 10 + (seconds[i] - '0');
    int64_t age_ms = now_ms - at_s * 1000;
    return age_ms >= -SIGNATURE_AGE_MS_MAX && age_ms <= SIGNATURE_AGE_MS_MAX;
}

/* "t=1760786553,v1=…,v1=…": several while a secret is changed; one that is right is enough. All are
 * compared, so that the time does not tell which. */
static bool signature_right(const struct operator_callback *callback, const char *header)
{
    char ours[2 * SECRET_HMAC_BYTES + 1];
    bool right = false;
    if (strncmp(header, "t=", 2) != 0)
        return false;
    const char *seconds = header + 2;
    size_t digits = strcspn(seconds, ",");
    if (!seconds_fit(seconds, digits, callback->now_ms))
        return false;
    signature_make(callback->channel->callback_secret, seconds, digits, callback, ours);
    for (const char *at = seconds + digits; *at == ',';) {
        const char *word = at + 1;
        size_t length = strcspn(word, ",");
        if (length == 3 + 2 * SECRET_HMAC_BYTES && strncmp(word, "v1=", 3) == 0)
            right |= secret_equal(word + 3, ours, sizeof ours - 1);
        at = word + length;
    }
    return right;
}

static enum operator_callback_word orange_callback(const struct operator_callback *callback,
                                                   char reference[TRANSFER_ID_TEXT_BYTES])
{
    const char *header = callback->header(callback->context, "X-Sonatel-Signature");
    if (header == NULL || strnlen(header, SIGNATURE_BYTES_MAX) == SIGNATURE_BYTES_MAX ||
        callback->channel->callback_secret[0] == '\0' || !signature_right(callback, header))
        return OPERATOR_CALLBACK_FORGED;
    AUTO(operator_json_free)
    json_t *object = operator_json_object(callback->body, callback->length);
    bool told = operator_json_word(object, "reference", reference, TRANSFER_ID_TEXT_BYTES);
    return told ? OPERATOR_CALLBACK_ABOUT : OPERATOR_CALLBACK_UNCLEAR;
}

const struct operator_connector *orange_money_connector(void)
{
    static const struct operator_connector connector = {
        .name = "orange",
        .abilities = OPERATOR_ASKED | OPERATOR_CALLS_BACK | OPERATOR_TELLS_FLOAT | OPERATOR_TOKENS,
        .channel_check = orange_check,
        .call_write = orange_write,
        .answer_read = orange_read,
        .callback_read = orange_callback};
    return &connector;
}

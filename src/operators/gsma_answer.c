/* What the GSMA's API answers; its sources are at the head of gsma.c. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "operators/gsma.h"
#include "operators/json.h"

enum {
    CODE_BYTES = 48,
    SERVER_ID_BYTES = 50, /* A UUID, says the standard. With "requeststates/" it can be kept. */
    THROTTLED_MS = 1000,
    TOKEN_LIFETIME_S_MAX = 86400,
};

/* --- Errors --- */

/* "API Error Codes" [1], each with its category, by what it says of a transfer that was asked for.
 * Limits are the receiver's: a wallet has them by law, and MaxBalanceExceeded names it. */
static const struct error_row {
    const char *category, *code;
    enum verdict verdict;
    enum transfer_reason reason;
} errors[] = {
#define LIMIT(code)                                                                                \
    {                                                                                              \
        "BusinessRule", code, VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_LIMIT                     \
    }
#define REFUSED(category, code)                                                                    \
    {                                                                                              \
        category, code, VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED                         \
    }
#define MEND(category, code)                                                                       \
    {                                                                                              \
        category, code, VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN                            \
    }
    LIMIT("DailyVolumeLimitExceeded"),
    LIMIT("DailyValueLimitExceeded"),
    LIMIT("WeeklyVolumeLimitExceeded"),
    LIMIT("WeeklyValueLimitExceeded"),
    LIMIT("MonthlyVolumeLimitExceeded"),
    LIMIT("MonthlyValueLimitExceeded"),
    LIMIT("AccountMaxTotalValueExceeded"),
    LIMIT("AccountMaxTotalVolumeExceeded"),
    LIMIT("MaxBalanceExceeded"),
    {"BusinessRule", "InsufficientFunds", VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_FLOAT},
    {"BusinessRule", "IncorrectState", VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_BLOCKED},
    /* The one before it may have been paid. */
    {"BusinessRule", "DuplicateRequest", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN},
    MEND("BusinessRule", "RateLimitError"), /* Of a POST: turned_away, below. */
    REFUSED("BusinessRule", "GenericError"),
    REFUSED("BusinessRule", "LessThanTransactionMinValue"),
    REFUSED("BusinessRule", "GreaterThanTransactionMaxValue"),
    REFUSED("BusinessRule", "SamePartiesError"),
    REFUSED("BusinessRule", "UnderPaymentNotAllowed"),
    REFUSED("BusinessRule", "OverPaymentNotAllowed"),
    {"Identification", "IdentifierError", VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_UNKNOWN},
    REFUSED("Validation", "GenericError"),
    REFUSED("Validation", "LengthError"),
    REFUSED("Validation", "FormatError"),
    REFUSED("Validation", "NegativeValue"),
    /* Settings that somebody has to mend: nobody's wages are refused for them. */
    MEND("Validation", "CurrencyNotSupported"),
    MEND("Validation", "MandatoryValueNotSupplied"),
    MEND("Authorisation", "ClientAuthorisationError"),
    MEND("Authorisation", "RequestingPartyAuthorisationError"),
    REFUSED("Authorisation", "RequestDeclined"),
#undef LIMIT
#undef REFUSED
#undef MEND
};

/* "HTTP Error Response Codes" [1]. Internal and Service Unavailable (500, 503) say nothing: behind
 * them "the provider may have actually successfully completed the request". */
static const struct {
    const char *category;
    int status;
} categories[] = {
    {"BusinessRule", 400}, {"Validation", 400}, {"Authorisation", 401}, {"Identification", 404}};

struct gsma_error {
    char category[CODE_BYTES], code[CODE_BYTES];
};

static void error_read(const json_t *object, struct gsma_error *error)
{
    (void)operator_json_word(object, "errorCategory", error->category, sizeof error->category);
    (void)operator_json_word(object, "errorCode", error->code, sizeof error->code);
}

/* The documents write BusinessRule and InsufficientFunds [1], the OpenAPI document that providers
 * make their servers of businessRule and insufficientFunds [2]: both are taken. */
static const struct error_row *error_row(const struct gsma_error *error)
{
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (strcasecmp(errors[i].category, error->category) == 0 &&
            strcasecmp(errors[i].code, error->code) == 0)
            return &errors[i];
    return NULL;
}

static bool error_fits(const struct gsma_error *error, int status)
{
    for (size_t i = 0; i < sizeof categories / sizeof *categories; i++)
        if (strcasecmp(categories[i].category, error->category) == 0)
            return categories[i].status == status;
    return false;
}

static bool is_identification(const struct gsma_error *error, int status)
{
    return status == 404 && strcasecmp(error->category, "Identification") == 0;
}

/* --- Outcomes --- */

static bool of_reversal(const struct operator_call *call)
{
    return call->task == OPERATOR_TASK_REVERSE || call->task == OPERATOR_TASK_ASK_REVERSAL;
}

/* The reasons are those of a payment; why a reversal is refused has none of its own. */
static enum transfer_reason row_reason(const struct operator_call *call,
                                       const struct error_row *row)
{
    return row->verdict == VERDICT_REJECTED && of_reversal(call) ? TRANSFER_REASON_OPERATOR_REFUSED
                                                                 : row->reason;
}

static void say(struct operator_result *result, enum verdict verdict, enum transfer_reason reason)
{
    result->answers[0].verdict = verdict;
    result->answers[0].reason = reason;
}

/* Keeps what is to be asked next, "requeststates/…". False: it is too long to be kept. */
static bool ask_next(struct operator_result *result, const char *path, const char *word)
{
    struct verdict_answer *answer = &result->answers[0];
    int length = snprintf(answer->operator_reference, sizeof answer->operator_reference, "%s/%s",
                          path, word);
    bool fits = length > 0 && (size_t)length < sizeof answer->operator_reference;
    if (!fits)
        answer->operator_reference[0] = '\0';
    return fits;
}

static void ask_response_next(const struct operator_call *call, struct operator_result *result)
{
    char uuid[OPERATOR_UUID_BYTES];
    operator_uuid(call->channel, call->attempts[0].reference, of_reversal(call) ? "reversal" : "",
                  uuid);
    invariant(ask_next(result, "responses", uuid));
}

/* A failed request, taken before. What has no row is a refusal all the same: it says "failed". */
static void failed_read(const struct operator_call *call, const json_t *object,
                        struct operator_result *result)
{
    struct gsma_error error;
    /* errorReference [1], or error, as the OpenAPI document of 1.2 has it [2]. */
    const json_t *named = json_object_get(object, "errorReference");
    error_read(named != NULL ? named : json_object_get(object, "error"), &error);
    const struct error_row *row = error_row(&error);
    operator_say(result, 200, error.code, "failed");
    if (row != NULL && row->verdict == VERDICT_UNKNOWN) {
        ask_response_next(call, result);
        return;
    }
    say(result, VERDICT_REJECTED,
        row != NULL && row->verdict == VERDICT_REJECTED ? row_reason(call, row)
                                                        : TRANSFER_REASON_OPERATOR_REFUSED);
}

/* A RequestState: pending, completed or failed. */
static void state_read(const struct operator_call *call, const json_t *object,
                       struct operator_result *result)
{
    struct verdict_answer *answer = &result->answers[0];
    const char *status = operator_json_text(object, "status");
    char server_id[SERVER_ID_BYTES];
    if (strcmp(status, "completed") == 0) {
        say(result, VERDICT_PAID, TRANSFER_REASON_NONE);
        (void)operator_json_word(object, "objectReference", answer->operator_reference,
                                 sizeof answer->operator_reference);
    } else if (strcmp(status, "failed") == 0) {
        failed_read(call, object, result);
    } else if (strcmp(status, "pending") == 0) {
        say(result, VERDICT_PENDING, TRANSFER_REASON_PENDING_AT_OPERATOR);
        if (operator_json_word(object, "serverCorrelationId", server_id, sizeof server_id))
            invariant(ask_next(result, "requeststates", server_id));
    }
}

static bool is_about_transfer(const struct operator_call *call, const json_t *object)
{
    static const char name[] = "requestingOrganisationTransactionReference";
    const struct attempt *attempt = &call->attempts[0];
    struct amount amount = transfer_delivered(attempt->transfer);
    int64_t minor = 0;
    return (json_object_get(object, name) == NULL ||
            operator_json_is(object, name, attempt->reference)) &&
           operator_json_amount(object, "amount", &minor) && minor == amount.minor &&
           operator_json_is(object, "currency", currency_text(amount.currency));
}

/* A reversal names what it takes back; amount and currency it need not. */
static bool is_about_reversal(const struct operator_call *call, const json_t *object)
{
    struct amount amount = transfer_delivered(call->attempts[0].transfer);
    int64_t minor = 0;
    const char *paid = gsma_paid_reference(call);
    return paid[0] != '\0' && operator_json_is(object, "originalTransactionReference", paid) &&
           (json_object_get(object, "amount") == NULL ||
            (operator_json_amount(object, "amount", &minor) && minor == amount.minor));
}

/* A Transaction, or a Reversal, which is one. Its status is "as stored by the API provider": of the
 * words only those two are in the documents. */
static void transaction_read(const struct operator_call *call, int status, const json_t *object,
                             struct operator_result *result)
{
    struct verdict_answer *answer = &result->answers[0];
    const char *word = operator_json_text(object, "transactionStatus");
    if (!(of_reversal(call) ? is_about_reversal(call, object) : is_about_transfer(call, object))) {
        operator_say(result, status, "breach", "it tells of another transaction");
        return;
    }
    char reference[sizeof answer->operator_reference];
    bool named = operator_json_word(object, "transactionReference", reference, sizeof reference);
    if (strcmp(word, "completed") == 0) {
        say(result, VERDICT_PAID, TRANSFER_REASON_NONE);
        memcpy(answer->operator_reference, reference, sizeof reference);
        return;
    }
    if (strcmp(word, "pending") == 0)
        say(result, VERDICT_PENDING, TRANSFER_REASON_PENDING_AT_OPERATOR);
    else
        operator_say(result, status, "transactionStatus", word);
    if (named && !ask_next(result, "transactions", reference))
        operator_say(result, status, "its reference is too long", "");
}

/* {"link": "/transactions/REF-1635433380991"}, or a whole URL: only its end is used. */
static void link_read(const json_t *object, struct operator_result *result)
{
    static const char *const rooms[] = {"transactions", "requeststates"};
    const char *link = operator_json_text(object, "link");
    const char *slash = strrchr(link, '/');
    if (slash == NULL || strpbrk(slash, "?#%") != NULL ||
        !operator_word_fits(slash + 1, OPERATOR_NAME_BYTES))
        return;
    size_t before = (size_t)(slash - link);
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
        size_t length = strlen(rooms[i]);
        if (before >= length && strncmp(slash - length, rooms[i], length) == 0 &&
            (before == length || slash[-(ptrdiff_t)length - 1] == '/')) {
            if (!ask_next(result, rooms[i], slash + 1))
                return;
            say(result, VERDICT_PENDING, TRANSFER_REASON_PENDING_AT_OPERATOR);
            result->answers[0].ask_after_ms = 1;
        }
    }
}

static void ask_read(const struct operator_call *call, const struct operator_reply *reply,
                     const json_t *object, const struct gsma_error *error,
                     struct operator_result *result)
{
    const char *word;
    enum gsma_asked asked = gsma_asked(call, &word);
    bool missing = is_identification(error, reply->status);
    switch (asked) {
    case GSMA_ASKED_RESPONSE:
        /* A word there says that the request was taken once, whatever it came to. */
        if (missing && word[0] == '\0' && operator_first_day(call))
            say(result, VERDICT_NEVER_SEEN, TRANSFER_REASON_OUTCOME_UNKNOWN);
        else if (reply->status == 200)
            link_read(object, result);
        return;
    case GSMA_ASKED_STATE:
        if (missing) /* Its time is over: "pollLimit", "expiryTime". */
            ask_response_next(call, result);
        else if (reply->status == 200)
            state_read(call, object, result);
        return;
    case GSMA_ASKED_TRANSACTION:
        if (reply->status == 200)
            transaction_read(call, reply->status, object, result);
        return;
    }
}

/* It was taken, whatever else the answer tells, and must not be believed later never to have been
 * seen. Without a word of the operator's for it, it is asked about by our own id. */
static void taken_note(const struct operator_call *call, struct operator_result *result)
{
    const struct verdict_answer *answer = &result->answers[0];
    bool ended = answer->verdict == VERDICT_PAID || answer->verdict == VERDICT_REJECTED;
    if (!ended && answer->operator_reference[0] == '\0')
        ask_response_next(call, result);
}

/* SUBMIT and REVERSE: 201 with what was made of it, 202 with its state, an error. */
static void post_read(const struct operator_call *call, const struct operator_reply *reply,
                      const json_t *object, const struct gsma_error *error,
                      struct operator_result *result)
{
    if (call->task == OPERATOR_TASK_REVERSE && gsma_paid_reference(call)[0] == '\0') {
        say(result, VERDICT_NOT_SENT, TRANSFER_REASON_NONE);
        operator_say(result, reply->status, "not asked", "the operator never told its reference");
        return;
    }
    if (reply->status == 201 || reply->status == 202) {
        if (reply->status == 201)
            transaction_read(call, reply->status, object, result);
        else
            state_read(call, object, result);
        taken_note(call, result);
        return;
    }
    const struct error_row *row = error_row(error);
    if (row == NULL || !error_fits(error, reply->status))
        return;
    say(result, row->verdict, row_reason(call, row));
}

/* --- Accounts --- */

static void name_read(const json_t *name, struct operator_result *result)
{
    const char *whole = operator_json_text(name, "fullName");
    const char *first = operator_json_text(name, "firstName");
    const char *last = operator_json_text(name, "lastName");
    if (whole[0] != '\0')
        operator_name_set(result, whole, "");
    else
        operator_name_set(result, first, last);
    if (result->receiver_name[0] != '\0')
        result->receiver = OPERATOR_RECEIVER_FOUND;
}

/* "unavailable" is an account that money can't be posted to now: a transfer is refused with the
 * true reason. "unregistered" has none: money would become a voucher. */
static void validate_read(const struct operator_call *call, const struct operator_reply *reply,
                          const json_t *object, const struct gsma_error *error,
                          struct operator_result *result)
{
    const char *status = operator_json_text(object, "accountStatus");
    if (is_identification(error, reply->status))
        result->receiver = OPERATOR_RECEIVER_NONE;
    else if (reply->status != 200)
        return;
    else if (call->channel->name_least > 0)
        name_read(json_object_get(object, "name"), result);
    else if (strcmp(status, "available") == 0)
        result->receiver = OPERATOR_RECEIVER_FOUND;
    else if (strcmp(status, "unregistered") == 0)
        result->receiver = OPERATOR_RECEIVER_NONE;
}

/* availableBalance where the operator has it; the currency need not be told. */
static void float_read(const struct operator_call *call, const struct operator_reply *reply,
                       const json_t *object, struct operator_result *result)
{
    const char *name =
        json_object_get(object, "availableBalance") != NULL ? "availableBalance" : "currentBalance";
    enum currency currency = call->channel->currency;
    result->float_known = reply->status == 200 &&
                          (json_object_get(object, "currency") == NULL ||
                           operator_json_is(object, "currency", currency_text(currency))) &&
                          operator_json_balance(object, name, &result->float_left.minor);
    result->float_left.currency = currency;
}

/* OAuth2's answer (RFC 6749, 5.1). */
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

/* --- All --- */

/* True when the call was turned away before anything was made of it. "RequestDeclined" is a word on
 * the transfer, though its status is 401. */
static bool turned_away(const struct operator_call *call, const struct operator_reply *reply,
                        const struct gsma_error *error, struct operator_result *result)
{
    bool refused = reply->status == 401 && strcasecmp(error->code, "RequestDeclined") != 0;
    bool throttled = reply->status == 429 ||
                     (reply->status == 400 && strcasecmp(error->code, "RateLimitError") == 0);
    if (!refused && !throttled && reply->status != 403)
        return false;
    bool sends = call->task == OPERATOR_TASK_SUBMIT || call->task == OPERATOR_TASK_REVERSE;
    operator_result_all(call, result, sends ? VERDICT_NOT_SENT : VERDICT_UNKNOWN,
                        TRANSFER_REASON_NONE);
    result->token_refused = refused && call->task != OPERATOR_TASK_TOKEN &&
                            (call->channel->connector->abilities & OPERATOR_TOKENS) != 0;
    if (throttled)
        result->throttled_ms = reply->retry_after_ms > 0 ? reply->retry_after_ms : THROTTLED_MS;
    return true;
}

void gsma_answer_read(const struct operator_call *call, const struct operator_reply *reply,
                      struct operator_result *result)
{
    AUTO(operator_json_free) json_t *object = operator_json_object(reply->body, reply->length);
    struct gsma_error error;
    error_read(object, &error);
    operator_result_all(call, result, VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN);
    if (reply->status >= 300)
        operator_say(result, reply->status, error.code,
                     operator_json_text(object, "errorDescription"));
    result->down = reply->status == 503;
    if (turned_away(call, reply, &error, result))
        return;
    switch (call->task) {
    case OPERATOR_TASK_TOKEN:
        token_read(reply, object, result);
        return;
    case OPERATOR_TASK_SUBMIT:
    case OPERATOR_TASK_REVERSE:
        post_read(call, reply, object, &error, result);
        return;
    case OPERATOR_TASK_ASK:
    case OPERATOR_TASK_ASK_REVERSAL:
        ask_read(call, reply, object, &error, result);
        return;
    case OPERATOR_TASK_VALIDATE:
        validate_read(call, reply, object, &error, result);
        return;
    case OPERATOR_TASK_FLOAT:
        float_read(call, reply, object, result);
        return;
    case OPERATOR_TASK_COUNT:
        return;
    }
}

/* MTN MoMo, product Disbursement, as MTN's public documents say (read in 2026):
 *   [1] github.com/MTN-Group/MoMoAPIs_Javascript_sdk, docs/disbursements: MTN's own examples of
 *       every call and answer.
 *   [2] momodeveloper.mtn.com/api-documentation/common-error (and momoapi.mtn.com): HTTP 409
 *       RESOURCE_ALREADY_EXIST, "every request must have a unique reference ID; using an ID of the
 *       previous request will result in this error response"; 404 RESOURCE_NOT_FOUND, "requested
 *       reference ID does not exist"; 400, of which kinds; what texts may hold.
 *   [3] momodevelopercommunity.mtn.com, "Reason for some FAILED API responses updated" (192) and
 *       "Failure reasons updated" (338): the reasons of FAILED, by product.
 *   [4] momodeveloper.mtn.com/api-documentation/callback: PUT or POST, sent once, never again;
 *       https only; the host must be that of the API user's providerCallbackHost.
 *   [5] momoapi.mtn.co.rw and momoapi.mtn.com, docs/services/disbursement: the calls' schemas.
 *
 * The channel: url "https://proxy.momoapi.mtn.com" or "https://sandbox.momodeveloper.mtn.com";
 * account the API user (a UUID); secret its API key; secret_second the product's
 * Ocp-Apim-Subscription-Key; environment X-Target-Environment ("sandbox", "mtnivorycoast",
 * "mtncameroon" …). Callbacks carry no signature [4], so they prove themselves by callback_secret
 * at the end of the URL that they are sent to.
 *
 * A reference is taken once [2]: X-Reference-Id is made of ours, and stays for the channel's
 * number, so 404 to a question may be believed: sent again, a request that was on its way after all
 * would be answered 409. The sandbox takes no currency but EUR; there it stands for the channel's.
 *
 * Not here: refunds (POST /v1_0/refund). They pay back what was collected, by the reference of a
 * requesttopay [1]; no public document says that a transfer could be taken back. */
#include "operators/mtn_momo.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "operators/json.h"

#define PRODUCT "/disbursement"

enum { CODE_BYTES = 64, THROTTLED_MS = 1000, TOKEN_LIFETIME_S_MAX = 86400 };

/* --- Words --- */

/* Why a transfer is FAILED [2][3]. What is not in here is a refusal without a reason. */
static const struct reason_row {
    const char *code;
    enum transfer_reason reason;
} reasons[] = {
    {"PAYEE_NOT_FOUND", TRANSFER_REASON_RECEIVER_UNKNOWN},
    {"PAYEE_NOT_ALLOWED_TO_RECEIVE", TRANSFER_REASON_RECEIVER_BLOCKED}, /* "Blocked payee" */
    {"PAYEE_LIMIT_REACHED", TRANSFER_REASON_RECEIVER_LIMIT},
    {"NOT_ENOUGH_FUNDS", TRANSFER_REASON_OPERATOR_FLOAT},
    {"PAYER_LIMIT_REACHED", TRANSFER_REASON_OPERATOR_FLOAT}, /* We are the payer. */
    {"PAYER_NOT_FOUND", TRANSFER_REASON_OPERATOR_REFUSED},
    {"SENDER_ACCOUNT_NOT_ACTIVE", TRANSFER_REASON_OPERATOR_REFUSED},
    {"NOT_ALLOWED", TRANSFER_REASON_OPERATOR_REFUSED}, /* "Blocked partner account" */
    {"NOT_ALLOWED_TARGET_ENVIRONMENT", TRANSFER_REASON_OPERATOR_REFUSED},
    {"INVALID_CALLBACK_URL_HOST", TRANSFER_REASON_OPERATOR_REFUSED},
    {"INVALID_CURRENCY", TRANSFER_REASON_OPERATOR_REFUSED},
    {"INTERNAL_PROCESSING_ERROR", TRANSFER_REASON_OPERATOR_REFUSED},
    {"SERVICE_UNAVAILABLE", TRANSFER_REASON_OPERATOR_REFUSED},
    {"COULD_NOT_PERFORM_TRANSACTION", TRANSFER_REASON_OPERATOR_REFUSED},
    {"PAYMENT_NOT_APPROVED", TRANSFER_REASON_OPERATOR_REFUSED},
    {"APPROVAL_REJECTED", TRANSFER_REASON_OPERATOR_REFUSED},
    {"EXPIRED", TRANSFER_REASON_OPERATOR_REFUSED},
    {"TRANSACTION_CANCELED", TRANSFER_REASON_OPERATOR_REFUSED},
    /* What older installations say for three things at once. */
    {"LOW_BALANCE_OR_PAYEE_LIMIT_REACHED_OR_NOT_ALLOWED", TRANSFER_REASON_OPERATOR_REFUSED},
};

static enum transfer_reason reason_of(const char *code)
{
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (strcmp(reasons[i].code, code) == 0)
            return reasons[i].reason;
    return TRANSFER_REASON_OPERATOR_REFUSED;
}

/* What an error (400, 500) in answer to a transfer says of it; no row: it may have been taken. */
static const struct refusal_row {
    const char *code;
    enum verdict verdict;
    enum transfer_reason reason;
} refusals[] = {
    /* Of this receiver, whom asking again makes no other. */
    {"PAYEE_NOT_FOUND", VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_UNKNOWN},
    {"PAYEE_NOT_ALLOWED_TO_RECEIVE", VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_BLOCKED},
    /* Of our account or settings, which somebody has to mend: nobody's wages are refused for it. */
    {"NOT_ALLOWED", VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN},
    {"NOT_ALLOWED_TARGET_ENVIRONMENT", VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN},
    {"INVALID_CALLBACK_URL_HOST", VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN},
    {"INVALID_CURRENCY", VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN},
};

static bool is_sandbox(const struct channel *channel)
{
    return strcmp(channel->environment, "sandbox") == 0;
}

static const char *currency_told(const struct channel *channel, enum currency currency)
{
    return is_sandbox(channel) ? "EUR" : currency_text(currency);
}

/* --- What it is asked --- */

static const char *mtn_momo_check(const struct channel *channel)
{
    if (channel->account[0] == '\0' || channel->secret[0] == '\0')
        return "MTN MoMo needs an account (the API user) and a secret (its API key)";
    if (strlen(channel->account) + strlen(channel->secret) > OPERATOR_BASIC_BYTES_MAX)
        return "the API key is too long to be one of MTN MoMo's";
    if (!operator_word_fits(channel->secret_second, CHANNEL_TEXT_BYTES))
        return "MTN MoMo needs secret_second, the subscription key of the product Disbursement";
    if (!operator_word_fits(channel->environment, CHANNEL_TEXT_BYTES))
        return "MTN MoMo needs an environment, its X-Target-Environment: sandbox, mtnivorycoast …";
    return operator_callback_check(channel);
}

static void transfer_write(const struct operator_call *call, struct operator_request *request)
{
    const struct attempt *attempt = &call->attempts[0];
    struct amount amount = transfer_delivered(attempt->transfer);
    char minor[BUFFER_DIGITS], msisdn[BUFFER_DIGITS];
    invariant(amount.minor > 0);
    /* Both notes are our reference: of letters, digits and dots, and shorter than 160 characters,
     * so there is nothing in them that MTN refuses [2]. */
    json_t *body =
        json_pack("{s:s,s:s,s:s,s:{s:s,s:s},s:s,s:s}", "amount", buffer_digits(amount.minor, minor),
                  "currency", currency_told(call->channel, amount.currency), "externalId",
                  attempt->reference, "payee", "partyIdType", "MSISDN", "partyId",
                  buffer_digits(attempt->transfer->msisdn, msisdn), "payerMessage",
                  attempt->reference, "payeeNote", attempt->reference);
    operator_json_write(body, &request->body);
    operator_request_header(request, "Content-Type: application/json");
}

static void uuid_of(const struct operator_call *call, char uuid[OPERATOR_UUID_BYTES])
{
    operator_uuid(call->channel, call->attempts[0].reference, "", uuid);
}

static void submit_write(const struct operator_call *call, struct operator_request *request)
{
    AUTO(buffer_free) struct buffer url;
    char uuid[OPERATOR_UUID_BYTES];
    uuid_of(call, uuid);
    request->method = "POST";
    buffer_text_append(&request->url, PRODUCT "/v1_0/transfer");
    operator_request_header(request, "X-Reference-Id: %s", uuid);
    buffer_init(&url, OPERATOR_URL_BYTES_MAX);
    operator_callback_url(call->channel, &url);
    if (url.length > 0)
        operator_request_header(request, "X-Callback-Url: %s", buffer_text(&url));
    transfer_write(call, request);
}

/* The name costs as much as the question whether there is an account, and answers that too. */
static void validate_write(const struct operator_call *call, struct operator_request *request)
{
    buffer_format(&request->url, PRODUCT "/v1_0/accountholder/msisdn/%" PRId64 "/%s",
                  call->attempts[0].transfer->msisdn,
                  call->channel->name_least > 0 ? "basicuserinfo" : "active");
}

static void mtn_momo_write(const struct operator_call *call, struct operator_request *request)
{
    char uuid[OPERATOR_UUID_BYTES];
    request->method = "GET";
    buffer_text_append(&request->url, call->channel->url);
    operator_request_header(request, "Ocp-Apim-Subscription-Key: %s", call->channel->secret_second);
    if (call->task == OPERATOR_TASK_TOKEN) { /* It takes no body [2]. */
        request->method = "POST";
        buffer_text_append(&request->url, PRODUCT "/token/");
        operator_request_basic(request, call->channel->account, call->channel->secret);
        return;
    }
    operator_request_header(request, "Authorization: Bearer %s", call->token);
    operator_request_header(request, "X-Target-Environment: %s", call->channel->environment);
    switch (call->task) {
    case OPERATOR_TASK_SUBMIT:
        submit_write(call, request);
        return;
    case OPERATOR_TASK_ASK:
        uuid_of(call, uuid);
        buffer_format(&request->url, PRODUCT "/v1_0/transfer/%s", uuid);
        return;
    case OPERATOR_TASK_VALIDATE:
        validate_write(call, request);
        return;
    case OPERATOR_TASK_FLOAT:
        buffer_text_append(&request->url, PRODUCT "/v1_0/account/balance");
        return;
    case OPERATOR_TASK_TOKEN:
    case OPERATOR_TASK_REVERSE:
    case OPERATOR_TASK_ASK_REVERSAL:
    case OPERATOR_TASK_COUNT:
        break;
    }
    invariant(!"a task that MTN MoMo can't do");
}

/* --- What it answers --- */

/* The code of an error, {"code": "PAYEE_NOT_FOUND", "message": …}; of a FAILED transfer's reason,
 * which is a text in the documents and such an object in the schema. */
static void code_read(const json_t *object, char code[CODE_BYTES])
{
    const json_t *reason = json_object_get(object, "reason");
    bool inner = json_is_object(reason);
    if (json_is_string(reason))
        (void)operator_json_word(object, "reason", code, CODE_BYTES);
    else
        (void)operator_json_word(inner ? reason : object, "code", code, CODE_BYTES);
}

/* It was taken, now or before. What it is called with MTN is kept, for persons who ask about it,
 * and so that MTN is not believed when it says later that it never saw it. */
static void taken(const struct operator_call *call, struct operator_result *result)
{
    operator_result_all(call, result, VERDICT_PENDING, TRANSFER_REASON_PENDING_AT_OPERATOR);
    uuid_of(call, result->answers[0].operator_reference);
}

static void submit_read(const struct operator_call *call, const struct operator_reply *reply,
                        const char *code, struct operator_result *result)
{
    if (reply->status == 202) {
        taken(call, result);
        return;
    }
    if (reply->status == 409 && strcmp(code, "RESOURCE_ALREADY_EXIST") == 0) {
        taken(call, result);
        result->answers[0].ask_after_ms = 1;
        return;
    }
    if (reply->status == 400 || reply->status == 500)
        for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
            /* A 500 is too little to give it to another channel: it is asked about first. */
            if (strcmp(refusals[i].code, code) == 0 &&
                (reply->status == 400 || refusals[i].verdict == VERDICT_REJECTED))
                operator_result_all(call, result, refusals[i].verdict, refusals[i].reason);
    /* "Request does not follow the specification" [2]; it has no body. The settings are wrong, or
     * we are; nothing was done. A page is not MTN's. */
    if (reply->status == 400 && reply->length == 0)
        operator_result_all(call, result, VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN);
}

/* True when the answer is about this very transfer, as far as it tells. */
static bool is_about(const struct operator_call *call, const json_t *object)
{
    const struct attempt *attempt = &call->attempts[0];
    struct amount amount = transfer_delivered(attempt->transfer);
    int64_t minor = 0;
    bool same_id = json_object_get(object, "externalId") == NULL ||
                   operator_json_is(object, "externalId", attempt->reference);
    return same_id && operator_json_amount(object, "amount", &minor) && minor == amount.minor &&
           operator_json_is(object, "currency", currency_told(call->channel, amount.currency));
}

static void ask_read(const struct operator_call *call, const struct operator_reply *reply,
                     const json_t *object, const char *code, struct operator_result *result)
{
    struct verdict_answer *answer = &result->answers[0];
    if (reply->status == 404 && strcmp(code, "RESOURCE_NOT_FOUND") == 0) {
        if (operator_first_day(call) && call->attempts[0].transfer->operator_reference[0] == '\0')
            answer->verdict = VERDICT_NEVER_SEEN;
        return;
    }
    if (reply->status != 200 || object == NULL)
        return;
    if (!is_about(call, object)) {
        operator_say(result, reply->status, "breach", "it tells of another transfer");
        return;
    }
    const char *status = operator_json_text(object, "status");
    if (strcmp(status, "SUCCESSFUL") == 0) {
        operator_result_all(call, result, VERDICT_PAID, TRANSFER_REASON_NONE);
        (void)operator_json_word(object, "financialTransactionId", answer->operator_reference,
                                 sizeof answer->operator_reference);
    } else if (strcmp(status, "FAILED") == 0) {
        operator_result_all(call, result, VERDICT_REJECTED, reason_of(code));
        operator_say(result, reply->status, code, "");
    } else if (strcmp(status, "PENDING") == 0) {
        operator_result_all(call, result, VERDICT_PENDING, TRANSFER_REASON_PENDING_AT_OPERATOR);
    }
}

static void validate_read(const struct operator_call *call, const struct operator_reply *reply,
                          const json_t *object, const char *code, struct operator_result *result)
{
    if (reply->status == 404 && strcmp(code, "RESOURCE_NOT_FOUND") == 0)
        result->receiver = OPERATOR_RECEIVER_NONE;
    if (reply->status != 200 || object == NULL)
        return;
    const json_t *active = json_object_get(object, "result");
    if (call->channel->name_least <= 0) {
        if (json_is_boolean(active))
            result->receiver =
                json_is_true(active) ? OPERATOR_RECEIVER_FOUND : OPERATOR_RECEIVER_NONE;
        return;
    }
    const char *given = operator_json_text(object, "given_name");
    const char *family = operator_json_text(object, "family_name");
    const char *whole = operator_json_text(object, "name");
    if (given[0] == '\0' && family[0] == '\0' && whole[0] == '\0')
        return;
    result->receiver = OPERATOR_RECEIVER_FOUND;
    if (given[0] != '\0' && family[0] != '\0')
        operator_name_set(result, given, family);
    else
        operator_name_set(result, whole[0] != '\0' ? whole : given, family);
}

static void float_read(const struct operator_call *call, const struct operator_reply *reply,
                       const json_t *object, struct operator_result *result)
{
    enum currency currency = call->channel->currency;
    result->float_known =
        reply->status == 200 &&
        operator_json_is(object, "currency", currency_told(call->channel, currency)) &&
        operator_json_balance(object, "availableBalance", &result->float_left.minor);
    result->float_left.currency = currency;
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

/* True when the gateway turned the call away before anybody saw it. */
static bool turned_away(const struct operator_call *call, const struct operator_reply *reply,
                        struct operator_result *result)
{
    if (reply->status != 401 && reply->status != 403 && reply->status != 429)
        return false;
    operator_result_all(call, result,
                        call->task == OPERATOR_TASK_SUBMIT ? VERDICT_NOT_SENT : VERDICT_UNKNOWN,
                        TRANSFER_REASON_NONE);
    /* 403: "IP not authorized to utilize Disbursement API" [2]. */
    result->token_refused = reply->status == 401 && call->task != OPERATOR_TASK_TOKEN;
    if (reply->status == 429)
        result->throttled_ms = reply->retry_after_ms > 0 ? reply->retry_after_ms : THROTTLED_MS;
    return true;
}

static void mtn_momo_read(const struct operator_call *call, const struct operator_reply *reply,
                          struct operator_result *result)
{
    AUTO(operator_json_free) json_t *object = operator_json_object(reply->body, reply->length);
    char code[CODE_BYTES] = "";
    code_read(object, code);
    operator_result_all(call, result, VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN);
    if (reply->status >= 300)
        operator_say(result, reply->status, code, operator_json_text(object, "message"));
    result->down = reply->status == 503 || strcmp(code, "SERVICE_UNAVAILABLE") == 0;
    if (turned_away(call, reply, result))
        return;
    switch (call->task) {
    case OPERATOR_TASK_TOKEN:
        token_read(reply, object, result);
        return;
    case OPERATOR_TASK_SUBMIT:
        submit_read(call, reply, code, result);
        return;
    case OPERATOR_TASK_ASK:
        result->down = reply->status == 503;
        ask_read(call, reply, object, code, result);
        return;
    case OPERATOR_TASK_VALIDATE:
        validate_read(call, reply, object, code, result);
        return;
    case OPERATOR_TASK_FLOAT:
        float_read(call, reply, object, result);
        return;
    case OPERATOR_TASK_REVERSE:
    case OPERATOR_TASK_ASK_REVERSAL:
    case OPERATOR_TASK_COUNT:
        return;
    }
}

/* The transfer's state, with our reference as its externalId [1]. */
static enum operator_callback_word mtn_momo_callback(const struct operator_callback *callback,
                                                     char reference[TRANSFER_ID_TEXT_BYTES])
{
    if (!operator_callback_proved(callback) || operator_callback_after(callback)[0] != '\0')
        return OPERATOR_CALLBACK_FORGED;
    AUTO(operator_json_free)
    json_t *object = operator_json_object(callback->body, callback->length);
    bool told = operator_json_word(object, "externalId", reference, TRANSFER_ID_TEXT_BYTES);
    return told ? OPERATOR_CALLBACK_ABOUT : OPERATOR_CALLBACK_UNCLEAR;
}

const struct operator_connector *mtn_momo_connector(void)
{
    static const struct operator_connector connector = {
        .name = "mtn_momo",
        .abilities = OPERATOR_REFERENCE_ONCE | OPERATOR_ASKED | OPERATOR_CALLS_BACK |
                     OPERATOR_VALIDATES | OPERATOR_NAMES | OPERATOR_TELLS_FLOAT | OPERATOR_TOKENS,
        .channel_check = mtn_momo_check,
        .call_write = mtn_momo_write,
        .answer_read = mtn_momo_read,
        .callback_read = mtn_momo_callback};
    return &connector;
}

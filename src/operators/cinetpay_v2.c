/* CinetPay's JSON API of 2026, transfers. CinetPay publishes no reference of it; what follows is
 * from the pages of its own libraries and from clients that were written by them:
 *   [1] github.com/cinetpay/cinetpay-js, README: hosts, keys by country, tokens
 *   [2] github.com/cinetpay/cinetpay-php-sdk, README of 3.0: transfers, balances, notifications,
 *       statuses that come with HTTP 200, one account is one country
 *   [3] github.com/elinguiuriel/cinetpay-sdk, docs/cinetpay-sandbox-contract.md and harness/: the
 *       members of each call, codes, ids of at most 30 characters, replies as recorded
 *   [4] github.com/ANITCHE-TEAM/anitche, fournisseurs/cinetpay.py: statuses, notify_url of at most
 *       120 characters
 *   [5] other clients that quote [1]'s API_CODES and payment methods, and found HTTP 422 with code
 *       404 for an id that is not known
 *
 * What a channel's settings mean here:
 *   url              https://api.cinetpay.co, or https://api.cinetpay.net with a key sk_test_…
 *   secret           api_key, "sk_live_…": of one account, which is one country's [2]
 *   secret_second    api_password
 *   callback_url     notify_url, which CinetPay wants [3]; with the secret at most 120 characters
 *   callback_secret  the last part of that URL. The notify_token that CinetPay gives with each
 *                    transfer would have to be kept, and says no more than this does
 *
 * What is sure. That a merchant_transaction_id is taken only once is not told: there is a code for
 * it (1200 TRANSACTION_EXIST), but nothing says for which calls and how long. So it is not leant
 * on: what an answer leaves open is asked about, and never sent again because CinetPay does not
 * know it. [2] asks by CinetPay's transaction_id, clients do by ours; a transfer of which neither
 * is known there stays open until a person decides. A dot is in no published id, so ours are sent
 * with '-' for it: EA181025-112233-X123456. */
#include "operators/cinetpay_v2.h"

#include <stdio.h>
#include <string.h>

#include "money/number.h"
#include "money/tariff.h"
#include "operators/json.h"
#include "wire/form.h"

enum {
    V2_URL_BYTES_MAX = 120,
    V2_KEY_BYTES_MAX = 512,
    V2_TOKEN_MARGIN_S = 300, /* Before a token ends it is not used any more; it lives a day. */
    V2_TOKEN_LEAST_S = 60,
    V2_TOKEN_MOST_S = 24 * 3600,
    V2_THROTTLED_MS = 5000, /* 429 without Retry-After. */
};

/* Our payment methods (data/countries.csv) and CinetPay's [5]. */
static const struct v2_method {
    const char *ours, *theirs;
} v2_methods[] = {
    {"OM", "OM_CI"},           {"FLOOZ", "MOOV_CI"},      {"MOMO", "MTN_CI"},
    {"WAVECI", "WAVE_CI"},     {"OMSN", "OM_SN"},         {"FREESN", "FREE_SN"},
    {"WAVESN", "WAVE_SN"},     {"OMCM", "OM_CM"},         {"MTNCM", "MTN_CM"},
    {"TMONEYTG", "TMONEY_TG"}, {"FLOOZTG", "MOOV_TG"},    {"MTNBJ", "MTN_BJ"},
    {"MOOVBJ", "MOOV_BJ"},     {"OMML", "OM_ML"},         {"MOOVML", "MOOV_ML"},
    {"OMBF", "OM_BF"},         {"MOOVBF", "MOOV_BF"},     {"OMGN", "OM_GN"},
    {"MTNGN", "MTN_GN"},       {"OMCD", "OM_CD"},         {"MPESACD", "MPESA_CD"},
    {"AIRTELCD", "AIRTEL_CD"}, {"AIRTELNE", "AIRTEL_NE"},
};

/* CinetPay's words, with their codes [3][5], and what each says of a transfer: when it is the reply
 * to its sending and tells of no transfer, and when it is the state of one. */
static const struct v2_word {
    const char *word;
    int64_t code;
    enum verdict sent, state;
    enum transfer_reason reason;
    bool down; /* Nothing goes through the channel until somebody has mended what is wrong. */
} v2_words[] = {
    {"SUCCESS", 100, VERDICT_UNKNOWN, VERDICT_PAID, TRANSFER_REASON_NONE, false},
    {"OK", 200, VERDICT_UNKNOWN, VERDICT_PENDING, TRANSFER_REASON_NONE, false},
    {"INITIATED", 2001, VERDICT_UNKNOWN, VERDICT_PENDING, TRANSFER_REASON_NONE, false},
    {"PENDING", 2002, VERDICT_UNKNOWN, VERDICT_PENDING, TRANSFER_REASON_NONE, false},
    {"FAILED", 2010, VERDICT_UNKNOWN, VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED, false},
    /* It has it, from an attempt whose answer was lost. */
    {"TRANSACTION_EXIST", 1200, VERDICT_PENDING, VERDICT_UNKNOWN, TRANSFER_REASON_NONE, false},
    /* The platform's money with CinetPay is used up: what was not taken waits. */
    {"INSUFFICIENT_BALANCE", 2005, VERDICT_NOT_SENT, VERDICT_REJECTED,
     TRANSFER_REASON_OPERATOR_FLOAT, false},
    {"USER_NOT_FOUND", 2006, VERDICT_REJECTED, VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_UNKNOWN,
     false},
    {"USER_IS_BLOCKED", 2007, VERDICT_REJECTED, VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_BLOCKED,
     false},
    {"INVALID_PARAMS", 1004, VERDICT_REJECTED, VERDICT_UNKNOWN, TRANSFER_REASON_OPERATOR_REFUSED,
     false},
    {"INVALID_CREDENTIALS", 1005, VERDICT_NOT_SENT, VERDICT_UNKNOWN, TRANSFER_REASON_OPERATOR_DOWN,
     true},
    /* The address that we call from is not on the account's list. */
    {"NOT_ALLOWED", 2011, VERDICT_NOT_SENT, VERDICT_UNKNOWN, TRANSFER_REASON_OPERATOR_DOWN, true},
    {"INVALID_TOKEN", 1002, VERDICT_NOT_SENT, VERDICT_UNKNOWN, TRANSFER_REASON_OPERATOR_DOWN,
     false},
    {"EXPIRED_TOKEN", 1003, VERDICT_NOT_SENT, VERDICT_UNKNOWN, TRANSFER_REASON_OPERATOR_DOWN,
     false},
};

/* --- What is asked --- */

static const char *method_of(int operator_number)
{
    const struct operator_entry *entry = tariff_operator(operator_number, NULL);
    for (size_t i = 0; entry != NULL && i < sizeof v2_methods / sizeof *v2_methods; i++)
        if (strcmp(v2_methods[i].ours, entry->payment_method) == 0)
            return v2_methods[i].theirs;
    return NULL;
}

/* The reference as CinetPay is told it, and back. */
static void reference_turn(const char *from, char before, char after,
                           char to[TRANSFER_ID_TEXT_BYTES])
{
    size_t length = strlen(from);
    invariant(length < TRANSFER_ID_TEXT_BYTES);
    for (size_t i = 0; i <= length; i++)
        to[i] = from[i] == before ? after : from[i];
}

static void token_write(const struct operator_call *call, struct operator_request *request)
{
    json_t *body = json_object();
    json_object_set_new(body, "api_key", json_string(call->channel->secret));
    json_object_set_new(body, "api_password", json_string(call->channel->secret_second));
    buffer_format(&request->url, "%s/v1/oauth/login", call->channel->url);
    operator_json_write(body, &request->body);
}

static void submit_write(const struct operator_call *call, struct operator_request *request)
{
    const struct attempt *attempt = &call->attempts[0];
    struct amount delivered = transfer_delivered(attempt->transfer);
    const char *method = method_of(attempt->transfer->operator_number);
    char id[TRANSFER_ID_TEXT_BYTES], phone[NUMBER_TEXT_BYTES];
    struct buffer notify_url;
    invariant(method != NULL); /* channel_check saw to it. */
    buffer_init(&notify_url, V2_URL_BYTES_MAX);
    operator_callback_url(call->channel, &notify_url);
    invariant(buffer_ok(&notify_url));
    reference_turn(attempt->reference, '.', '-', id);
    number_e164_text(attempt->transfer->msisdn, phone);
    json_t *body = json_object();
    json_object_set_new(body, "currency", json_string(currency_text(delivered.currency)));
    json_object_set_new(body, "payment_method", json_string(method));
    json_object_set_new(body, "merchant_transaction_id", json_string(id));
    json_object_set_new(body, "amount", json_integer(delivered.minor));
    json_object_set_new(body, "phone_number", json_string(phone));
    json_object_set_new(body, "reason", json_string(id));
    json_object_set_new(body, "notify_url", json_string(buffer_text(&notify_url)));
    buffer_format(&request->url, "%s/v1/transfer", call->channel->url);
    operator_json_write(body, &request->body);
    buffer_free(&notify_url);
}

static void ask_write(const struct operator_call *call, struct operator_request *request)
{
    const struct attempt *attempt = &call->attempts[0];
    const char *known = attempt->transfer->operator_reference;
    char id[TRANSFER_ID_TEXT_BYTES];
    reference_turn(attempt->reference, '.', '-', id);
    buffer_format(&request->url, "%s/v1/transfer/", call->channel->url);
    operator_url_append(&request->url, known[0] != '\0' ? known : id);
}

static void v2_call_write(const struct operator_call *call, struct operator_request *request)
{
    switch (call->task) {
    case OPERATOR_TASK_TOKEN:
        token_write(call, request);
        break;
    case OPERATOR_TASK_SUBMIT:
        submit_write(call, request);
        break;
    case OPERATOR_TASK_ASK:
        ask_write(call, request);
        break;
    case OPERATOR_TASK_FLOAT:
        buffer_format(&request->url, "%s/v1/balances", call->channel->url);
        break;
    case OPERATOR_TASK_VALIDATE:
    case OPERATOR_TASK_REVERSE:
    case OPERATOR_TASK_ASK_REVERSAL:
    case OPERATOR_TASK_COUNT:
        invariant(!"a task of CinetPay's");
    }
    request->method = request->body.length > 0 ? "POST" : "GET";
    operator_request_header(request, "Accept: application/json");
    if (request->body.length > 0)
        operator_request_header(request, "Content-Type: application/json");
    if (call->task != OPERATOR_TASK_TOKEN)
        operator_request_header(request, "Authorization: Bearer %s", call->token);
}

/* --- What is answered --- */

static const struct v2_word *word_named(const char *word)
{
    for (size_t i = 0; i < sizeof v2_words / sizeof *v2_words; i++)
        if (strcmp(v2_words[i].word, word) == 0)
            return &v2_words[i];
    return NULL;
}

/* The word that a body says: its status, which its code must not contradict; its code alone where
 * it has no status. 200 goes with every status: it says that there is one. NULL: none that is
 * known, or two. */
static const struct v2_word *word_read(const json_t *body)
{
    enum { NO_CODE = 0 };
    int64_t code = operator_json_integer(body, "code", NO_CODE);
    const struct v2_word *word = word_named(operator_json_text(body, "status"));
    if (word != NULL)
        return code == NO_CODE || code == 200 || code == word->code ? word : NULL;
    if (json_object_get(body, "status") != NULL)
        return NULL;
    for (size_t i = 0; i < sizeof v2_words / sizeof *v2_words; i++)
        if (v2_words[i].code == code)
            return &v2_words[i];
    return NULL;
}

static bool token_wrong(const struct v2_word *word)
{
    return word != NULL && (word->code == 1002 || word->code == 1003);
}

static void said_note(const struct operator_reply *reply, const json_t *body,
                      struct operator_result *result)
{
    const char *words = operator_json_text(body, "description");
    if (words[0] == '\0')
        words = operator_json_text(body, "message");
    operator_say(result, reply->status, operator_json_text(body, "status"), words);
}

static void token_read(const struct operator_reply *reply, const json_t *body,
                       const struct v2_word *word, struct operator_result *result)
{
    int64_t lifetime_s =
        operator_json_integer(body, "expires_in", V2_TOKEN_LEAST_S) - V2_TOKEN_MARGIN_S;
    if (reply->status < 300 && word != NULL && word->code == 200 &&
        operator_json_word(body, "access_token", result->token, sizeof result->token)) {
        lifetime_s = lifetime_s < V2_TOKEN_LEAST_S ? V2_TOKEN_LEAST_S : lifetime_s;
        lifetime_s = lifetime_s > V2_TOKEN_MOST_S ? V2_TOKEN_MOST_S : lifetime_s;
        result->token_lifetime_ms = lifetime_s * 1000;
        return;
    }
    result->token[0] = '\0';
    result->down = word != NULL && word->down;
    said_note(reply, body, result);
}

/* True when a body tells of our transfer: by our id, and by nothing that is another's. */
static bool record_ours(const json_t *body, const struct attempt *attempt)
{
    char id[TRANSFER_ID_TEXT_BYTES];
    const char *known = attempt->transfer->operator_reference;
    struct amount delivered = transfer_delivered(attempt->transfer);
    const json_t *amount = json_object_get(body, "amount");
    int64_t minor;
    reference_turn(attempt->reference, '.', '-', id);
    return operator_json_is(body, "merchant_transaction_id", id) &&
           (known[0] == '\0' || operator_json_agrees(body, "transaction_id", known)) &&
           operator_json_agrees(body, "currency", currency_text(delivered.currency)) &&
           (amount == NULL || json_is_null(amount) ||
            (operator_json_amount(body, "amount", &minor) && minor == delivered.minor));
}

/* Makes a verdict of the state of our transfer. "OK" may have it in its details. */
static void record_read(const struct operator_reply *reply, const json_t *body,
                        struct operator_result *result)
{
    struct verdict_answer *answer = &result->answers[0];
    const json_t *details = json_object_get(body, "details");
    const struct v2_word *word = word_read(body);
    if (word != NULL && word->code == 200 && json_is_object(details))
        word = word_read(details);
    if (!operator_json_word(body, "transaction_id", answer->operator_reference,
                            sizeof answer->operator_reference))
        answer->operator_reference[0] = '\0';
    if (word != NULL && word->state != VERDICT_UNKNOWN) {
        answer->verdict = word->state;
        answer->reason = word->reason;
    }
    if (answer->verdict == VERDICT_REJECTED || answer->verdict == VERDICT_UNKNOWN)
        said_note(reply, body, result);
}

/* True when the body tells CinetPay's own id of a transfer: there is one. */
static bool record_there(const json_t *body)
{
    const json_t *value = json_object_get(body, "transaction_id");
    return value != NULL && !json_is_null(value);
}

/* A reply to the sending that tells of no transfer: refused, and nothing was made of it. FAILED is
 * a state; said without a transfer it is the sending that failed, by a word that is CinetPay's last
 * [3], and with a good status only. */
static void refusal_read(const struct operator_call *call, const struct operator_reply *reply,
                         const json_t *body, const struct v2_word *word,
                         struct operator_result *result)
{
    char id[TRANSFER_ID_TEXT_BYTES];
    reference_turn(call->attempts[0].reference, '.', '-', id);
    said_note(reply, body, result);
    if (word == NULL || record_there(body) ||
        !operator_json_agrees(body, "merchant_transaction_id", id))
        return;
    if (word->sent != VERDICT_UNKNOWN) {
        operator_result_all(call, result, word->sent, word->reason);
        result->down = word->down;
    } else if (word->code == 2010 && reply->status < 300) {
        operator_result_all(call, result, VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED);
    }
}

static void float_read(const struct operator_call *call, const struct operator_reply *reply,
                       const json_t *body, struct operator_result *result)
{
    enum currency currency;
    if (currency_read(operator_json_text(body, "currency"), &currency) &&
        currency == call->channel->currency &&
        operator_json_balance(body, "available_balance", &result->float_left.minor)) {
        result->float_left.currency = currency;
        result->float_known = true;
    } else {
        said_note(reply, body, result);
    }
}

static void task_read(const struct operator_call *call, const struct operator_reply *reply,
                      const json_t *body, const struct v2_word *word,
                      struct operator_result *result)
{
    bool good = reply->status >= 200 && reply->status < 300;
    switch (call->task) {
    case OPERATOR_TASK_TOKEN:
        token_read(reply, body, word, result);
        break;
    case OPERATOR_TASK_SUBMIT:
        if (good && record_there(body) && record_ours(body, &call->attempts[0]))
            record_read(reply, body, result);
        else
            refusal_read(call, reply, body, word, result);
        break;
    case OPERATOR_TASK_ASK:
        if (good && record_ours(body, &call->attempts[0]))
            record_read(reply, body, result);
        else
            said_note(reply, body, result);
        break;
    case OPERATOR_TASK_FLOAT:
        if (good)
            float_read(call, reply, body, result);
        else
            said_note(reply, body, result);
        break;
    case OPERATOR_TASK_VALIDATE:
    case OPERATOR_TASK_REVERSE:
    case OPERATOR_TASK_ASK_REVERSAL:
    case OPERATOR_TASK_COUNT:
        invariant(!"a task of CinetPay's");
    }
}

/* Answers that say that nothing was done, before any task is looked at. */
static bool turned_away(const struct operator_call *call, const struct operator_reply *reply,
                        const struct v2_word *word, struct operator_result *result)
{
    bool token = call->task != OPERATOR_TASK_TOKEN && reply->status < 500 &&
                 (reply->status == 401 || token_wrong(word));
    if (reply->status != 429 && reply->status != 403 && !token)
        return false;
    if (reply->status == 429)
        result->throttled_ms = reply->retry_after_ms > 0 ? reply->retry_after_ms : V2_THROTTLED_MS;
    else if (token)
        result->token_refused = true;
    else
        result->down = true;
    if (call->task == OPERATOR_TASK_SUBMIT)
        operator_result_all(call, result, VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN);
    return true;
}

static void v2_answer_read(const struct operator_call *call, const struct operator_reply *reply,
                           struct operator_result *result)
{
    AUTO(operator_json_free) json_t *body = operator_json_object(reply->body, reply->length);
    const struct v2_word *word = word_read(body);
    operator_result_all(call, result, VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN);
    if (turned_away(call, reply, word, result)) {
        said_note(reply, body, result);
    } else if (reply->status >= 500) {
        /* A server that fails may fail in the middle: its words say nothing. */
        said_note(reply, body, result);
        result->down = reply->status == 503;
    } else {
        task_read(call, reply, body, word, result);
    }
}

/* --- What comes unasked --- */

/* A notification, JSON [2] or a form, as the older API sends them. */
static enum operator_callback_word v2_callback_read(const struct operator_callback *callback,
                                                    char reference[TRANSFER_ID_TEXT_BYTES])
{
    char id[TRANSFER_ID_TEXT_BYTES];
    AUTO(form_closep) struct form *form = NULL;
    if (!operator_callback_proved(callback))
        return OPERATOR_CALLBACK_FORGED;
    const struct form_input input = {.body = callback->body, .body_length = callback->length};
    if (form_open(&input, &form) != FORM_READ)
        return OPERATOR_CALLBACK_UNCLEAR;
    const char *told = form_body(form, "merchant_transaction_id");
    if (told == NULL || !operator_word_fits(told, sizeof id - 1))
        return OPERATOR_CALLBACK_UNCLEAR;
    reference_turn(told, '-', '.', reference);
    return OPERATOR_CALLBACK_ABOUT;
}

/* --- Settings --- */

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static const char *operators_check(const struct channel *channel)
{
    const struct country *first = NULL;
    for (int number = 1; number <= OPERATOR_NUMBER_MAX; number++) {
        const struct country *country;
        if ((channel->operators >> number & 1) == 0 || tariff_operator(number, &country) == NULL)
            continue;
        if (method_of(number) == NULL)
            return "operators: CinetPay has no name for one of them";
        if (first != NULL && country != first)
            return "operators: one key is one country's, so they must be of one country";
        first = country;
    }
    return NULL;
}

static const char *v2_channel_check(const struct channel *channel)
{
    bool test = begins(channel->secret, "sk_test_");
    if (channel->url[0] == '\0')
        return "url is missing: https://api.cinetpay.co";
    if (!operator_word_fits(channel->secret, V2_KEY_BYTES_MAX))
        return "secret is missing: the api_key";
    if (!operator_word_fits(channel->secret_second, V2_KEY_BYTES_MAX))
        return "secret_second is missing: the api_password";
    if (strcmp(channel->url, "https://api.cinetpay.co") == 0 && test)
        return "secret is a key for tests: it goes with https://api.cinetpay.net";
    if (strcmp(channel->url, "https://api.cinetpay.net") == 0 && !test)
        return "secret is no key for tests: it goes with https://api.cinetpay.co";
    if (channel->callback_url[0] == '\0')
        return "callback_url is missing: CinetPay takes no transfer without a notify_url";
    if (strlen(channel->callback_url) + 1 + strlen(channel->callback_secret) > V2_URL_BYTES_MAX)
        return "callback_url and callback_secret are together longer than 120 characters";
    const char *wrong = operator_callback_check(channel);
    return wrong != NULL ? wrong : operators_check(channel);
}

const struct operator_connector *cinetpay_v2_connector(void)
{
    static const struct operator_connector connector = {
        .name = "cinetpay_v2",
        .abilities = OPERATOR_ASKED | OPERATOR_CALLS_BACK | OPERATOR_TELLS_FLOAT | OPERATOR_TOKENS,
        .channel_check = v2_channel_check,
        .call_write = v2_call_write,
        .answer_read = v2_answer_read,
        .callback_read = v2_callback_read,
    };
    return &connector;
}

/* The GSMA's Mobile Money API, 1.1 and 1.2, as its public documents say (read in 2026):
 *   [1] developer.mobilemoneyapi.io, Getting Started 1.2 (github.com/gsmainclusivetechlab/
 *       mobilemoneyapi-devportal, docs/api-versions-1.2/get-started.md): flows, headers, amounts,
 *       errors, "Client Correlation ID", "Missing Response Retrieval"
 *   [2] the same, public/swagger-files/mobile-money-api-specification-1.2.0-disbursements.yaml, and
 *       download-files/Mobile_Money_API_v1.1.2-Specification_Definition.yaml
 *   [3] github.com/gsmainclusivetechlab/mmapi-nodejs-sdk, docs/disbursement: calls and answers of
 *       the GSMA's simulator; mmapi-php-sdk, Common/Process/AccessToken.php: how tokens are fetched
 *
 * The channel: url up to and with "/mm" (".../v1.2/mm"); account what is debited, KEY:VALUE by the
 * standard's account identifiers ("walletid:1", "msisdn:+22507…"), or "", where the operator knows
 * it by who calls; secret NAME:PASSWORD, of OAuth2 (the consumer key and secret) or of basic
 * authentication; secret_second X-API-Key, "" where none is wanted; environment where tokens are
 * fetched, a whole URL or, with a slash in front, what follows url (gsma_basic: nothing). Callbacks
 * have no signature that the standard names, so they prove themselves by callback_secret in the URL
 * that they are sent to; behind it stands our reference, which a callback about a failure would not
 * tell otherwise.
 *
 * What is sure. "A POST request that is submitted with a correlation ID that has already been
 * supplied will be rejected as unsafe, thus avoiding transaction duplication" [1]: X-CorrelationID
 * is made of our reference, so a reference is taken once. After a lost answer GET /responses/{that
 * id} tells whether the request came to anything: 404 with an error of the category Identification
 * is "no", and is believed on the first day, as long as no answer ever said that the request was
 * taken. "The request is a duplicate" is no refusal of the first one: that is asked about.
 *
 * Not here, and why. Batches (POST /batchtransactions): only the batch has a correlation id, its
 * items have none, so that after a lost answer, or in another batch, an item could be paid a second
 * time. X-User-Credential-1 and -2, the PIN of a person: "should only be used" where there is no
 * OAuth2 [1]. X-Content-Hash: an integrity check that TLS makes idle. GET /heartbeat: a 503 tells
 * the same; it is only called where a reversal lacks what it would be asked by. */
#include "operators/gsma.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"
#include "money/number.h"
#include "operators/json.h"

/* --- Settings --- */

enum { GSMA_KEY_BYTES = 32 };

/* Splits "KEY:VALUE". False: it is none. */
static bool account_split(const char *account, char key[GSMA_KEY_BYTES], const char **value)
{
    size_t length = strspn(account, "abcdefghijklmnopqrstuvwxyz");
    if (length == 0 || length >= GSMA_KEY_BYTES || account[length] != ':')
        return false;
    memcpy(key, account, length);
    key[length] = '\0';
    *value = account + length + 1;
    return operator_word_fits(*value, CHANNEL_TEXT_BYTES);
}

static const char *common_check(const struct channel *channel)
{
    char key[GSMA_KEY_BYTES];
    const char *value;
    const char *colon = strchr(channel->secret, ':');
    if (channel->account[0] != '\0' && !account_split(channel->account, key, &value))
        return "account is what is debited: an identifier of the GSMA's and its value, walletid:1";
    if (colon == NULL || colon == channel->secret || colon[1] == '\0' ||
        strlen(channel->secret) > OPERATOR_BASIC_BYTES_MAX)
        return "secret must be NAME:PASSWORD, of OAuth2 or of basic authentication";
    if (channel->secret_second[0] != '\0' &&
        !operator_word_fits(channel->secret_second, CHANNEL_TEXT_BYTES))
        return "secret_second is the X-API-Key, a word without blanks";
    return operator_callback_check(channel);
}

static const char *gsma_check(const struct channel *channel)
{
    const char *from = channel->environment;
    if (!operator_word_fits(from, CHANNEL_TEXT_BYTES) ||
        (from[0] != '/' && strncmp(from, "https://", 8) != 0))
        return "environment must say where tokens are fetched: https://…, or /… behind url";
    return common_check(channel);
}

static const char *gsma_basic_check(const struct channel *channel)
{
    if (channel->environment[0] != '\0')
        return "gsma_basic fetches no tokens, so environment means nothing to it";
    return common_check(channel);
}

/* --- What is asked --- */

enum gsma_asked gsma_asked(const struct operator_call *call, const char **word)
{
    static const struct {
        const char *prefix;
        enum gsma_asked asked;
    } rows[] = {{"requeststates/", GSMA_ASKED_STATE},
                {"transactions/", GSMA_ASKED_TRANSACTION},
                {"responses/", GSMA_ASKED_RESPONSE}};
    const struct attempt *attempt = &call->attempts[0];
    const char *told = call->task == OPERATOR_TASK_ASK_REVERSAL
                           ? attempt->reversal_reference
                           : attempt->transfer->operator_reference;
    *word = "";
    if (told == NULL)
        return GSMA_ASKED_RESPONSE;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t length = strlen(rows[i].prefix);
        if (strncmp(told, rows[i].prefix, length) == 0 && told[length] != '\0') {
            *word = told + length;
            return rows[i].asked;
        }
    }
    return GSMA_ASKED_RESPONSE;
}

const char *gsma_paid_reference(const struct operator_call *call)
{
    const char *told = call->attempts[0].transfer->operator_reference;
    if (strncmp(told, "transactions/", 13) == 0)
        return told + 13;
    return strchr(told, '/') == NULL ? told : "";
}

/* The headers of every call but a token's. The standard wants Accept and Accept-Charset. */
static void headers_write(const struct operator_call *call, struct operator_request *request)
{
    char date[CLOCK_TEXT_BYTES];
    clock_iso_text(call->now_ms, date);
    operator_request_header(request, "Accept: application/json");
    operator_request_header(request, "Accept-Charset: utf-8");
    operator_request_header(request, "X-Date: %s", date);
    if (call->channel->secret_second[0] != '\0')
        operator_request_header(request, "X-API-Key: %s", call->channel->secret_second);
}

/* What a POST has besides. */
static void post_headers_write(const struct operator_call *call, const char *what,
                               struct operator_request *request)
{
    AUTO(buffer_free) struct buffer url;
    char uuid[OPERATOR_UUID_BYTES];
    operator_uuid(call->channel, call->attempts[0].reference, what, uuid);
    request->method = "POST";
    operator_request_header(request, "Content-Type: application/json");
    operator_request_header(request, "X-CorrelationID: %s", uuid);
    buffer_init(&url, OPERATOR_URL_BYTES_MAX);
    operator_callback_url(call->channel, &url);
    if (url.length > 0)
        operator_request_header(request, "X-Callback-URL: %s/%s", buffer_text(&url),
                                call->attempts[0].reference);
}

/* [{"key": key, "value": value}] */
static json_t *party(const char *key, const char *value)
{
    json_t *array = json_pack("[{s:s,s:s}]", "key", key, "value", value);
    invariant(array != NULL);
    return array;
}

static void transaction_write(const struct operator_call *call, struct operator_request *request)
{
    const struct attempt *attempt = &call->attempts[0];
    struct amount amount = transfer_delivered(attempt->transfer);
    char minor[BUFFER_DIGITS], phone[NUMBER_TEXT_BYTES], key[GSMA_KEY_BYTES];
    const char *value;
    invariant(amount.minor > 0);
    number_e164_text(attempt->transfer->msisdn, phone);
    json_t *body = json_object();
    bool set =
        json_object_set_new(body, "amount", json_string(buffer_digits(amount.minor, minor))) == 0;
    if (account_split(call->channel->account, key, &value))
        set &= json_object_set_new(body, "debitParty", party(key, value)) == 0;
    set &= json_object_set_new(body, "creditParty", party("msisdn", phone)) == 0;
    set &= json_object_set_new(body, "currency", json_string(currency_text(amount.currency))) == 0;
    set &= json_object_set_new(body, "requestingOrganisationTransactionReference",
                               json_string(attempt->reference)) == 0;
    invariant(set);
    operator_json_write(body, &request->body);
}

static void ask_write(const struct operator_call *call, const char *what,
                      struct operator_request *request)
{
    static const char *const paths[] = {[GSMA_ASKED_RESPONSE] = "/responses/",
                                        [GSMA_ASKED_STATE] = "/requeststates/",
                                        [GSMA_ASKED_TRANSACTION] = "/transactions/"};
    const char *word;
    char uuid[OPERATOR_UUID_BYTES];
    enum gsma_asked asked = gsma_asked(call, &word);
    if (asked == GSMA_ASKED_RESPONSE) {
        operator_uuid(call->channel, call->attempts[0].reference, what, uuid);
        word = uuid;
    }
    buffer_text_append(&request->url, paths[asked]);
    operator_url_append(&request->url, word);
}

static void reverse_write(const struct operator_call *call, struct operator_request *request)
{
    const char *paid = gsma_paid_reference(call);
    if (paid[0] == '\0') { /* Nothing can be asked for; answer_read says so. */
        buffer_text_append(&request->url, "/heartbeat");
        return;
    }
    buffer_text_append(&request->url, "/transactions/");
    operator_url_append(&request->url, paid);
    buffer_text_append(&request->url, "/reversals");
    post_headers_write(call, "reversal", request);
    operator_json_write(json_pack("{s:s}", "type", "reversal"), &request->body);
}

static void validate_write(const struct operator_call *call, struct operator_request *request)
{
    char phone[NUMBER_TEXT_BYTES];
    number_e164_text(call->attempts[0].transfer->msisdn, phone);
    buffer_text_append(&request->url, "/accounts/msisdn/");
    operator_url_append(&request->url, phone);
    buffer_text_append(&request->url, call->channel->name_least > 0 ? "/accountname" : "/status");
}

static void float_write(const struct operator_call *call, struct operator_request *request)
{
    char key[GSMA_KEY_BYTES];
    const char *value;
    buffer_text_append(&request->url, "/accounts/");
    if (account_split(call->channel->account, key, &value)) {
        buffer_format(&request->url, "%s/", key);
        operator_url_append(&request->url, value);
        buffer_char(&request->url, '/');
    }
    buffer_text_append(&request->url, "balance");
}

static void basic_write(const struct channel *channel, struct operator_request *request)
{
    char name[CHANNEL_SECRET_BYTES];
    size_t length = strcspn(channel->secret, ":");
    invariant(channel->secret[length] == ':');
    memcpy(name, channel->secret, length);
    name[length] = '\0';
    operator_request_basic(request, name, channel->secret + length + 1);
    secret_wipe(name, sizeof name);
}

static void token_write(const struct operator_call *call, struct operator_request *request)
{
    request->method = "POST";
    if (call->channel->environment[0] == '/')
        buffer_text_append(&request->url, call->channel->url);
    buffer_text_append(&request->url, call->channel->environment);
    basic_write(call->channel, request);
    operator_request_header(request, "Content-Type: application/x-www-form-urlencoded");
    buffer_text_append(&request->body, "grant_type=client_credentials");
}

static void task_write(const struct operator_call *call, struct operator_request *request)
{
    request->method = "GET";
    buffer_text_append(&request->url, call->channel->url);
    headers_write(call, request);
    switch (call->task) {
    case OPERATOR_TASK_SUBMIT:
        buffer_text_append(&request->url, "/transactions/type/disbursement");
        post_headers_write(call, "", request);
        transaction_write(call, request);
        return;
    case OPERATOR_TASK_ASK:
        ask_write(call, "", request);
        return;
    case OPERATOR_TASK_VALIDATE:
        validate_write(call, request);
        return;
    case OPERATOR_TASK_FLOAT:
        float_write(call, request);
        return;
    case OPERATOR_TASK_REVERSE:
        reverse_write(call, request);
        return;
    case OPERATOR_TASK_ASK_REVERSAL:
        ask_write(call, "reversal", request);
        return;
    case OPERATOR_TASK_TOKEN:
    case OPERATOR_TASK_COUNT:
        break;
    }
    invariant(!"a task that the GSMA's API does not know");
}

static void gsma_write(const struct operator_call *call, struct operator_request *request)
{
    if (call->task == OPERATOR_TASK_TOKEN) {
        token_write(call, request);
        return;
    }
    operator_request_header(request, "Authorization: Bearer %s", call->token);
    task_write(call, request);
}

static void gsma_basic_write(const struct operator_call *call, struct operator_request *request)
{
    basic_write(call->channel, request);
    task_write(call, request);
}

/* --- Callbacks --- */

static enum operator_callback_word gsma_callback(const struct operator_callback *callback,
                                                 char reference[TRANSFER_ID_TEXT_BYTES])
{
    if (!operator_callback_proved(callback))
        return OPERATOR_CALLBACK_FORGED;
    const char *after = operator_callback_after(callback);
    if (!operator_word_fits(after, TRANSFER_ID_TEXT_BYTES - 1))
        return OPERATOR_CALLBACK_UNCLEAR;
    memcpy(reference, after, strlen(after) + 1);
    return OPERATOR_CALLBACK_ABOUT;
}

enum {
    GSMA_ABILITIES = OPERATOR_REFERENCE_ONCE | OPERATOR_ASKED | OPERATOR_CALLS_BACK |
                     OPERATOR_VALIDATES | OPERATOR_NAMES | OPERATOR_TELLS_FLOAT | OPERATOR_REVERSES
};

const struct operator_connector *gsma_connector(void)
{
    static const struct operator_connector connector = {.name = "gsma",
                                                        .abilities =
                                                            GSMA_ABILITIES | OPERATOR_TOKENS,
                                                        .channel_check = gsma_check,
                                                        .call_write = gsma_write,
                                                        .answer_read = gsma_answer_read,
                                                        .callback_read = gsma_callback};
    return &connector;
}

const struct operator_connector *gsma_basic_connector(void)
{
    static const struct operator_connector connector = {.name = "gsma_basic",
                                                        .abilities = GSMA_ABILITIES,
                                                        .channel_check = gsma_basic_check,
                                                        .call_write = gsma_basic_write,
                                                        .answer_read = gsma_answer_read,
                                                        .callback_read = gsma_callback};
    return &connector;
}

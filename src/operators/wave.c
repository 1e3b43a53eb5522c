/* Wave Business payouts, by
 *   [1] docs.wave.com/payout, /business and /webhook (2026): the calls, keys, the signing of
 *       requests, webhooks; what the stored copies of these pages cut off is from those who quote
 * it: [2] github.com/0xc007b/wave-api-client, src/common/types.ts and src/api/payout/types.ts:
 *       statuses, error codes, the members of an error
 *   [3] public guides to the payout API that print its requests and replies, the HTTP status of
 * each code, what a key promises, verify_recipient and its words, reversal within three days
 *
 * What a channel's settings mean here:
 *   url              https://api.wave.com
 *   secret           the API key, "wave_ci_prod_…": bound to one wallet, and so to one country
 *   secret_second    the key's signing secret, when request signing was chosen as the key was made
 *   callback_secret  the webhook's secret, of either of Wave's two strategies
 *   callback_url     the URL that was registered for webhooks in Wave's portal
 *   account          the aggregated merchant's id, for an aggregator's wallet; "" else
 *   batch_max        more than 1: payouts go in batches (and see "What is sure")
 *
 * What is sure. Each POST that moves money carries an Idempotency-Key, and Wave promises [3] that
 * several requests with one key never send the money twice; a key that comes again with another
 * body is refused (idempotency-mismatch). Ours is made of the transfer's reference, so it is the
 * same after a restart, and the body holds nothing of the attempt (only the receiver's name may
 * change in between; then the refusal is asked about). A payout is found by its client_reference.
 * The promise names no end, but no document says how long a key is remembered either: it is leant
 * on for a day only, after the transfer first went out, and only when the search finds nothing.
 * Later that is UNKNOWN, and a person's. The key of a batch protects the batch and not a payout
 * that is sent again by itself: where a channel sends batches NEVER_SEEN is never said.
 *
 * Status 408, 5xx and any word that is not in the tables are UNKNOWN, as Wave itself says: the
 * payout may be under way. Wave's pages list no webhook for payouts; what comes with a
 * client_reference only makes us ask. */
#include "operators/wave.h"

#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "money/number.h"
#include "operators/json.h"

enum {
    WAVE_SIGNATURE_AGE_MS_MAX = 5 * 60 * 1000, /* Wave's own window for requests. */
    WAVE_SIGNATURES_MAX = 8, /* Of one header: more than one while a secret turns. */
    WAVE_SIGNATURE_BYTES_MAX = 1024,
    WAVE_SECRET_BYTES_MAX = 2048, /* Of a header with "Authorization: Bearer " before it. */
    WAVE_BATCH_MAX = 100,         /* Ours: Wave names none. */
};

/* --- What is asked --- */

bool wave_payout_known(const struct transfer *transfer)
{
    return strncmp(transfer->operator_reference, "pt-", 3) == 0;
}

bool wave_batch_known(const struct transfer *transfer)
{
    return strncmp(transfer->operator_reference, "pb-", 3) == 0;
}

static void path_write(const struct operator_call *call, struct operator_request *request,
                       const char *before, const char *word, const char *after)
{
    buffer_format(&request->url, "%s/v1/%s", call->channel->url, before);
    operator_url_append(&request->url, word);
    buffer_text_append(&request->url, after);
}

/* What is asked about one transfer: the payout, its batch, or whatever has its reference. */
static void question_write(const struct operator_call *call, struct operator_request *request)
{
    const struct attempt *attempt = &call->attempts[0];
    request->method = "GET";
    if (wave_payout_known(attempt->transfer))
        path_write(call, request, "payout/", attempt->transfer->operator_reference, "");
    else if (wave_batch_known(attempt->transfer))
        path_write(call, request, "payout-batch/", attempt->transfer->operator_reference, "");
    else
        path_write(call, request, "payouts/search?client_reference=", attempt->reference, "");
}

/* The payout of an attempt, as Wave wants it; the same whenever it is written. */
static json_t *payout_make(const struct channel *channel, const struct attempt *attempt)
{
    char mobile[NUMBER_TEXT_BYTES], digits[BUFFER_DIGITS];
    struct amount delivered = transfer_delivered(attempt->transfer);
    number_e164_text(attempt->transfer->msisdn, mobile);
    json_t *payout = json_object();
    json_object_set_new(payout, "currency", json_string(currency_text(delivered.currency)));
    json_object_set_new(payout, "receive_amount",
                        json_string(buffer_digits(delivered.minor, digits)));
    json_object_set_new(payout, "mobile", json_string(mobile));
    /* A name that was cut within a character is no text, and left out. */
    if (attempt->receiver_name[0] != '\0')
        json_object_set_new(payout, "name", json_string(attempt->receiver_name));
    json_object_set_new(payout, "client_reference", json_string(attempt->reference));
    json_object_set_new(payout, "payment_reason", json_string(attempt->reference));
    if (channel->account[0] != '\0')
        json_object_set_new(payout, "aggregated_merchant_id", json_string(channel->account));
    return payout;
}

/* The key of a batch is of all its references, in order: another batch has another. */
static void batch_key_make(const struct operator_call *call, char key[OPERATOR_UUID_BYTES])
{
    struct secret_digest digest;
    uint8_t hash[SECRET_HASH_BYTES];
    char what[2 * SECRET_HASH_BYTES / 2 + sizeof "batch "] = "batch ";
    secret_digest_begin(&digest);
    for (size_t i = 0; i < call->count; i++)
        secret_digest_add(&digest, call->attempts[i].reference,
                          strlen(call->attempts[i].reference) + 1);
    secret_digest_end(&digest, hash);
    secret_hex(hash, SECRET_HASH_BYTES / 2, what + strlen(what));
    operator_uuid(call->channel, call->attempts[0].reference, what, key);
}

static void submit_write(const struct operator_call *call, struct operator_request *request)
{
    char key[OPERATOR_UUID_BYTES];
    request->method = "POST";
    if (call->count == 1) {
        operator_uuid(call->channel, call->attempts[0].reference, "", key);
        path_write(call, request, "payout", "", "");
        operator_json_write(payout_make(call->channel, &call->attempts[0]), &request->body);
    } else {
        json_t *batch = json_object(), *payouts = json_array();
        for (size_t i = 0; i < call->count; i++)
            json_array_append_new(payouts, payout_make(call->channel, &call->attempts[i]));
        json_object_set_new(batch, "payouts", payouts);
        batch_key_make(call, key);
        path_write(call, request, "payout-batch", "", "");
        operator_json_write(batch, &request->body);
    }
    operator_request_header(request, "Idempotency-Key: %s", key);
}

static void validate_write(const struct operator_call *call, struct operator_request *request)
{
    const struct attempt *attempt = &call->attempts[0];
    char mobile[NUMBER_TEXT_BYTES], digits[BUFFER_DIGITS];
    struct amount delivered = transfer_delivered(attempt->transfer);
    number_e164_text(attempt->transfer->msisdn, mobile);
    json_t *body = json_object();
    json_object_set_new(body, "amount", json_string(buffer_digits(delivered.minor, digits)));
    json_object_set_new(body, "currency", json_string(currency_text(delivered.currency)));
    json_object_set_new(body, "mobile", json_string(mobile));
    if (attempt->receiver_name[0] != '\0')
        json_object_set_new(body, "name", json_string(attempt->receiver_name));
    request->method = "POST";
    path_write(call, request, "verify_recipient/", "", "");
    operator_json_write(body, &request->body);
}

/* A payout whose id nobody told us can't be reversed: it is looked for. */
static void reverse_write(const struct operator_call *call, struct operator_request *request)
{
    const struct attempt *attempt = &call->attempts[0];
    char key[OPERATOR_UUID_BYTES];
    if (!wave_payout_known(attempt->transfer)) {
        question_write(call, request);
        return;
    }
    operator_uuid(call->channel, attempt->reference, "reversal", key);
    request->method = "POST";
    path_write(call, request, "payout/", attempt->transfer->operator_reference, "/reverse");
    operator_request_header(request, "Idempotency-Key: %s", key);
}

/* Wave-Signature: the time in seconds, and HMAC-SHA-256 over that time and the body. */
static void signature_make(const char *secret, const char *seconds, const char *body, size_t length,
                           char hex[2 * SECRET_HMAC_BYTES + 1])
{
    uint8_t mac[SECRET_HMAC_BYTES];
    struct buffer message;
    buffer_init(&message, strlen(seconds) + length);
    buffer_text_append(&message, seconds);
    buffer_append(&message, body, length);
    invariant(buffer_ok(&message));
    secret_hmac(secret, strlen(secret), buffer_text(&message), message.length, mac);
    secret_hex(mac, sizeof mac, hex);
    buffer_free(&message);
}

static void wave_call_write(const struct operator_call *call, struct operator_request *request)
{
    operator_request_header(request, "Authorization: Bearer %s", call->channel->secret);
    switch (call->task) {
    case OPERATOR_TASK_SUBMIT:
        submit_write(call, request);
        break;
    case OPERATOR_TASK_ASK:
    case OPERATOR_TASK_ASK_REVERSAL:
        question_write(call, request);
        break;
    case OPERATOR_TASK_VALIDATE:
        validate_write(call, request);
        break;
    case OPERATOR_TASK_FLOAT:
        request->method = "GET";
        path_write(call, request, "balance", "", "");
        break;
    case OPERATOR_TASK_REVERSE:
        reverse_write(call, request);
        break;
    case OPERATOR_TASK_TOKEN:
    case OPERATOR_TASK_COUNT:
        invariant(!"a task of Wave's");
    }
    if (request->body.length > 0)
        operator_request_header(request, "Content-Type: application/json");
    if (call->channel->secret_second[0] != '\0') {
        char digits[BUFFER_DIGITS], hex[2 * SECRET_HMAC_BYTES + 1];
        const char *seconds = buffer_digits(call->now_ms / 1000, digits);
        signature_make(call->channel->secret_second, seconds, buffer_text(&request->body),
                       request->body.length, hex);
        operator_request_header(request, "Wave-Signature: t=%s,v1=%s", seconds, hex);
    }
}

/* --- What comes unasked --- */

/* Takes the next "name=value" of a signature's header, up to a comma. */
static bool part_next(const char **at, char name[8], char value[2 * SECRET_HMAC_BYTES + 2])
{
    size_t length = strcspn(*at, ",");
    const char *equal = memchr(*at, '=', length);
    if (equal == NULL)
        return false;
    size_t name_length = (size_t)(equal - *at), value_length = length - name_length - 1;
    name[0] = value[0] = '\0';
    if (name_length < 8 && value_length < 2 * SECRET_HMAC_BYTES + 2) {
        memcpy(name, *at, name_length);
        name[name_length] = '\0';
        memcpy(value, equal + 1, value_length);
        value[value_length] = '\0';
    }
    *at += length + ((*at)[length] == ',');
    return true;
}

/* The time of a signature is one that Wave could have signed just now. */
static bool seconds_fresh(const char *seconds, int64_t now_ms)
{
    int64_t at_s = 0;
    size_t length = strspn(seconds, "0123456789");
    if (length == 0 || length > 12 || seconds[length] != '\0')
        return false;
    for (size_t i = 0; i < length; i++)
        at_s = at_s * 10 + (seconds[i] - '0');
    int64_t age_ms = now_ms - at_s * 1000;
    return age_ms <= WAVE_SIGNATURE_AGE_MS_MAX && age_ms >= -WAVE_SIGNATURE_AGE_MS_MAX;
}

/* Wave-Signature: t=1639081943,v1=942119a…,v1=…: one of them is enough. Each is compared whole,
 * and none is passed over once one is right. */
static bool signature_right(const struct operator_callback *callback, const char *header)
{
    char name[8] = "", value[2 * SECRET_HMAC_BYTES + 2] = "";
    char seconds[2 * SECRET_HMAC_BYTES + 2] = "";
    char ours[2 * SECRET_HMAC_BYTES + 1];
    const char *at = header;
    bool right = false;
    if (strlen(header) > WAVE_SIGNATURE_BYTES_MAX || !part_next(&at, name, seconds) ||
        strcmp(name, "t") != 0 || !seconds_fresh(seconds, callback->now_ms))
        return false;
    signature_make(callback->channel->callback_secret, seconds, callback->body, callback->length,
                   ours);
    for (int i = 0; i < WAVE_SIGNATURES_MAX && part_next(&at, name, value); i++)
        if (strcmp(name, "v1") == 0 && strlen(value) == sizeof ours - 1)
            right |= secret_equal(value, ours, sizeof ours - 1);
    return right;
}

/* The other strategy: the secret itself, as a bearer token. Hashes are compared, so that neither
 * bytes nor lengths show in the time. */
static bool bearer_right(const struct operator_callback *callback, const char *header)
{
    static const char bearer[] = "Bearer ";
    uint8_t told[SECRET_HASH_BYTES], ours[SECRET_HASH_BYTES];
    const char *secret = callback->channel->callback_secret;
    if (strncmp(header, bearer, sizeof bearer - 1) != 0)
        return false;
    header += sizeof bearer - 1;
    secret_sha256(header, strlen(header), told);
    secret_sha256(secret, strlen(secret), ours);
    return secret_equal(told, ours, sizeof ours);
}

static enum operator_callback_word wave_callback_read(const struct operator_callback *callback,
                                                      char reference[TRANSFER_ID_TEXT_BYTES])
{
    const char *signature = callback->header(callback->context, "Wave-Signature");
    const char *bearer = callback->header(callback->context, "Authorization");
    if (callback->channel->callback_secret[0] == '\0')
        return OPERATOR_CALLBACK_FORGED;
    bool right = signature != NULL ? signature_right(callback, signature)
                                   : bearer != NULL && bearer_right(callback, bearer);
    if (!right)
        return OPERATOR_CALLBACK_FORGED;
    AUTO(operator_json_free) json_t *event = operator_json_object(callback->body, callback->length);
    return operator_json_word(json_object_get(event, "data"), "client_reference", reference,
                              TRANSFER_ID_TEXT_BYTES)
               ? OPERATOR_CALLBACK_ABOUT
               : OPERATOR_CALLBACK_UNCLEAR;
}

static const char *wave_channel_check(const struct channel *channel)
{
    if (channel->url[0] == '\0')
        return "url is missing: https://api.wave.com";
    if (!operator_word_fits(channel->secret, WAVE_SECRET_BYTES_MAX))
        return "secret is missing, or no API key: it is one word of at most 2048 characters";
    if (channel->callback_url[0] != '\0' && channel->callback_secret[0] == '\0')
        return "callback_secret is missing: the webhook's secret, without which none is believed";
    return NULL;
}

const struct operator_connector *wave_connector(void)
{
    static const struct operator_connector connector = {
        .name = "wave",
        .abilities = OPERATOR_REFERENCE_ONCE | OPERATOR_ASKED | OPERATOR_CALLS_BACK |
                     OPERATOR_VALIDATES | OPERATOR_NAMES | OPERATOR_TELLS_FLOAT | OPERATOR_REVERSES,
        .batch_max = WAVE_BATCH_MAX,
        .channel_check = wave_channel_check,
        .call_write = wave_call_write,
        .answer_read = wave_answer_read,
        .callback_read = wave_callback_read,
    };
    return &connector;
}

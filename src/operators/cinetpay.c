/* CinetPay's Payout API v1.1.0 as an operator: https://docs.cinetpay.com/api/1.0-en/transfert
 * (utilisation, annexe; the host is gone since 2026) and the collection in tests/api/seed. It is
 * the API that payoutd serves, so what is sent and read is libpayout's (client/request.h,
 * result.h), and there is one spelling of it. payoutd can stand behind payoutd so.
 *
 * What a channel's settings mean here:
 *   url              https://client.cinetpay.com, without /v1
 *   account          the apikey
 *   secret           the API password, which is not the console's
 *   environment      the e-mail address that contacts are given, of whom none is known here; ""
 *                    gives them none
 *   callback_url     where notifications go; "" gives none: the account's own must be set then
 *   callback_secret  the last part of the URL that notifications go to: CinetPay signs none
 *   secret_second    the account's secret key, where the other side is payoutd: x-token must be
 *                    right then, too
 *
 * What is sure. A client_transaction_id is taken once (805), so what check/money does not know
 * (723) may be sent again under it, on the first day; but not what it took before. Nothing is
 * recorded of what is refused by a code that says no (602 and all of 7xx and 8xx but 709, 710,
 * 715); -1, 709, 710 and 715 are UNKNOWN. A lot that waits for the mail that confirms it is
 * PENDING: the address payoutd calls from has to be on the account's list. One transfer is one lot:
 * a request that is refused as a whole is about one. */
#include "operators/cinetpay.h"

#include <stdio.h>
#include <string.h>

#include "client/request.h"
#include "money/tariff.h"
#include "wire/form.h"
#include "wire/signature.h"

enum { CINETPAY_KEY_BYTES_MAX = 512 };

/* --- What is asked --- */

/* A receiver as this API wants one: "225" and "0707895086". */
struct phone {
    const struct country *country;
    char national[BUFFER_DIGITS];
};

static void phone_make(const struct transfer *transfer, struct phone *phone)
{
    char digits[BUFFER_DIGITS];
    const char *msisdn = buffer_digits(transfer->msisdn, digits);
    const struct operator_entry *entry =
        tariff_operator(transfer->operator_number, &phone->country);
    invariant(entry != NULL);
    size_t length = strlen(phone->country->prefix);
    invariant(strncmp(msisdn, phone->country->prefix, length) == 0);
    (void)snprintf(phone->national, sizeof phone->national, "%s", msisdn + length);
}

/* The operator's payment_method where the number alone would lead to another; else NULL: CinetPay
 * is known to refuse some that it would have found by itself (811). */
static const char *method_needed(const struct transfer *transfer, const struct phone *phone)
{
    const struct operator_entry *entry = tariff_operator(transfer->operator_number, NULL);
    const struct operator_entry *found = tariff_operator_by_number(phone->country, phone->national);
    return found != NULL && found->number == entry->number ? NULL : entry->payment_method;
}

/* Calls carry the token in the query: in a body it is refused by some (706). */
static void path_write(const struct operator_call *call, const char *path,
                       struct operator_request *request)
{
    buffer_format(&request->url, "%s/v1/%s?", call->channel->url, path);
    if (call->task != OPERATOR_TASK_TOKEN)
        transport_field(&request->url, "token", call->token);
    transport_field(&request->url, "lang", "fr");
}

/* Takes over a body that libpayout wrote. */
static void body_take(struct operator_request *request, struct buffer *body)
{
    invariant(buffer_ok(body));
    buffer_append(&request->body, body->bytes, body->length);
    buffer_free(body);
}

static void token_write(const struct operator_call *call, struct operator_request *request)
{
    path_write(call, "auth/login", request);
    transport_field(&request->body, "apikey", call->channel->account);
    transport_field(&request->body, "password", call->channel->secret);
}

/* "Awa Koné": the first word is the surname as this API has it, the rest the name. One word is
 * both, since it wants both. */
static void contact_write(const struct operator_call *call, struct operator_request *request)
{
    const struct attempt *attempt = &call->attempts[0];
    struct phone phone;
    struct buffer body;
    char given[OPERATOR_NAME_BYTES];
    phone_make(attempt->transfer, &phone);
    const char *whole = attempt->receiver_name[0] != '\0' ? attempt->receiver_name : phone.national;
    (void)snprintf(given, sizeof given, "%.*s", (int)strcspn(whole, " "), whole);
    const char *rest = whole + strcspn(whole, " ");
    rest += strspn(rest, " ");
    struct payout_contact contact = {
        .prefix = phone.country->prefix,
        .phone = phone.national,
        .name = rest[0] != '\0' ? rest : given,
        .surname = given,
        .email = call->channel->environment[0] != '\0' ? call->channel->environment : NULL,
    };
    path_write(call, "transfer/contact", request);
    request_contacts_write(&contact, 1, &body);
    body_take(request, &body);
}

static void submit_write(const struct operator_call *call, struct operator_request *request)
{
    const struct attempt *attempt = &call->attempts[0];
    const struct channel *channel = call->channel;
    struct phone phone;
    struct buffer body, url;
    phone_make(attempt->transfer, &phone);
    buffer_init(&url, OPERATOR_URL_BYTES_MAX);
    if (channel->callback_secret[0] != '\0')
        operator_callback_url(channel, &url);
    else
        buffer_text_append(&url, channel->callback_url);
    invariant(buffer_ok(&url));
    struct payout_transfer transfer = {
        .prefix = phone.country->prefix,
        .phone = phone.national,
        .amount = transfer_delivered(attempt->transfer).minor,
        .notify_url = url.length > 0 ? buffer_text(&url) : NULL,
        .client_transaction_id = attempt->reference,
        .payment_method = method_needed(attempt->transfer, &phone),
    };
    path_write(call, "transfer/money/send/contact", request);
    request_transfers_write(&transfer, 1, &body);
    body_take(request, &body);
    buffer_free(&url);
}

static void cinetpay_call_write(const struct operator_call *call, struct operator_request *request)
{
    switch (call->task) {
    case OPERATOR_TASK_TOKEN:
        token_write(call, request);
        break;
    case OPERATOR_TASK_SUBMIT:
        submit_write(call, request);
        break;
    case OPERATOR_TASK_VALIDATE:
        contact_write(call, request);
        break;
    case OPERATOR_TASK_ASK:
        path_write(call, "transfer/check/money", request);
        transport_field(&request->url, "client_transaction_id", call->attempts[0].reference);
        break;
    case OPERATOR_TASK_FLOAT:
        path_write(call, "transfer/check/balance", request);
        break;
    case OPERATOR_TASK_REVERSE:
    case OPERATOR_TASK_ASK_REVERSAL:
    case OPERATOR_TASK_COUNT:
        invariant(!"a task of CinetPay's");
    }
    request->method = request->body.length > 0 ? "POST" : "GET";
    if (request->body.length > 0)
        operator_request_header(request, "Content-Type: application/x-www-form-urlencoded");
}

/* --- What comes unasked --- */

/* x-token is a hash over the values, under the account's secret key (wire/signature.h). */
static bool signature_right(const struct operator_callback *callback, const struct form *form)
{
    struct notice notice;
    const char *token = callback->header(callback->context, "x-token");
#define FIELD(member) notice.member = form_body(form, #member);
    NOTICE_FIELDS(FIELD)
#undef FIELD
    return token != NULL &&
           signature_token_matches(&notice, callback->channel->secret_second, token);
}

static bool callback_right(const struct operator_callback *callback, const struct form *form)
{
    const struct channel *channel = callback->channel;
    bool secret = channel->callback_secret[0] != '\0', key = channel->secret_second[0] != '\0';
    if (secret && !operator_callback_proved(callback))
        return false;
    if (key && !signature_right(callback, form))
        return false;
    return secret || key;
}

static enum operator_callback_word cinetpay_callback_read(const struct operator_callback *callback,
                                                          char reference[TRANSFER_ID_TEXT_BYTES])
{
    AUTO(form_closep) struct form *form = NULL;
    const struct form_input input = {.content_type = "application/x-www-form-urlencoded",
                                     .body = callback->body,
                                     .body_length = callback->length};
    if (form_open(&input, &form) != FORM_READ || !callback_right(callback, form))
        return OPERATOR_CALLBACK_FORGED;
    const char *id = form_body(form, "client_transaction_id");
    if (id == NULL || !operator_word_fits(id, TRANSFER_ID_TEXT_BYTES - 1))
        return OPERATOR_CALLBACK_UNCLEAR;
    memcpy(reference, id, strlen(id) + 1);
    return OPERATOR_CALLBACK_ABOUT;
}

static const char *cinetpay_channel_check(const struct channel *channel)
{
    if (channel->url[0] == '\0')
        return "url is missing: https://client.cinetpay.com";
    if (channel->account[0] == '\0')
        return "account is missing: the apikey";
    if (channel->secret[0] == '\0' || strlen(channel->secret) > CINETPAY_KEY_BYTES_MAX)
        return "secret is missing, or longer than 512 characters: the API password";
    if (channel->callback_secret[0] == '\0' && channel->secret_second[0] != '\0')
        return NULL;
    return operator_callback_check(channel);
}

const struct operator_connector *cinetpay_connector(void)
{
    static const struct operator_connector connector = {
        .name = "cinetpay",
        .abilities = OPERATOR_REFERENCE_ONCE | OPERATOR_ASKED | OPERATOR_CALLS_BACK |
                     OPERATOR_VALIDATES | OPERATOR_TELLS_FLOAT | OPERATOR_TOKENS |
                     OPERATOR_INTRODUCES,
        .channel_check = cinetpay_channel_check,
        .call_write = cinetpay_call_write,
        .answer_read = cinetpay_answer_read,
        .callback_read = cinetpay_callback_read,
    };
    return &connector;
}

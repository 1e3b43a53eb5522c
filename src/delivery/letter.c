#include "delivery/letter.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "money/tariff.h"
#include "wire/reply.h"

void letter_init(struct letter *letter)
{
    *letter = (struct letter){0};
    buffer_init(&letter->body, LETTER_BODY_BYTES_MAX);
}

void letter_free(struct letter *letter)
{
    buffer_free(&letter->body);
}

/* {"type":"transfer.val","timestamp":"…","data":{the fields of the form, all of them texts}} */
static void json_write(const struct notice *notice, const struct notification *told,
                       struct buffer *body)
{
    char type[NOTICE_TYPE_BYTES], at[CLOCK_TEXT_BYTES];
    notice_type(transfer_state_text(told->transfer_state), type);
    clock_iso_text(told->created_at_ms, at);
    buffer_char(body, '{');
    reply_text_member(body, "type", type);
    reply_text_member(body, "timestamp", at);
    buffer_text_append(body, ",\"data\":{");
#define FIELD(member)                                                                              \
    reply_text_member(body, #member, notice->member == NULL ? "" : notice->member);
    NOTICE_FIELDS(FIELD)
#undef FIELD
    buffer_text_append(body, "}}");
}

/* Whom it goes to, and what signs. */
static void letter_address(struct letter *letter, const char *url, const char *secret_key,
                           const char *secret_before, int64_t before_until_ms)
{
    invariant(strlen(secret_key) < sizeof letter->secret);
    invariant(strlen(secret_before) < sizeof letter->secret_before);
    (void)snprintf(letter->url, sizeof letter->url, "%s", url);
    (void)snprintf(letter->secret, sizeof letter->secret, "%s", secret_key);
    (void)snprintf(letter->secret_before, sizeof letter->secret_before, "%s", secret_before);
    letter->before_until_ms = before_until_ms;
}

static void letter_body(struct letter *letter, const struct notice *notice,
                        const struct notification *told, bool json)
{
    char token[SIGNATURE_HEX_BYTES];
    buffer_clear(&letter->body);
    if (json)
        json_write(notice, told, &letter->body);
    else
        notice_write(notice, &letter->body);
    invariant(buffer_ok(&letter->body)); /* Every value has its limit, and they fit. */
    letter->type_header =
        json ? "Content-Type: application/json" : "Content-Type: application/x-www-form-urlencoded";
    letter->token_before_header[0] = '\0';
    if (letter->secret[0] == '\0')
        return;
    signature_token(notice, letter->secret, token);
    (void)snprintf(letter->token_header, sizeof letter->token_header, "x-token: %s", token);
    if (letter->secret_before[0] == '\0')
        return;
    signature_token(notice, letter->secret_before, token);
    (void)snprintf(letter->token_before_header, sizeof letter->token_before_header,
                   "x-token-before: %s", token);
}

void letter_write(struct letter *letter, const struct due_notification *due,
                  const struct merchant *merchant, const struct endpoint *endpoint)
{
    const struct transfer *transfer = &due->transfer;
    const struct notification *told = &due->notification;
    const struct operator_entry *operator_entry = tariff_operator(transfer->operator_number, NULL);
    enum payout_lang lang = merchant->lang == MERCHANT_LANG_EN ? PAYOUT_EN : PAYOUT_FR;
    char transaction[TRANSFER_ID_TEXT_BYTES], lot[LOT_TEXT_BYTES], amount[24], receiver[256];
    char validated[CLOCK_TEXT_BYTES] = "";
    transfer_id_text(transfer->id, transaction);
    lot_text(transfer->merchant, transfer->lot, lot);
    (void)snprintf(amount, sizeof amount, "%" PRId64, transfer->amount.minor);
    (void)snprintf(receiver, sizeof receiver, "%s%s", transfer->prefix, transfer->phone);
    if (told->validated_at_ms != 0)
        clock_text(told->validated_at_ms, validated);
    const struct notice notice = {
        .transaction_id = transaction,
        .client_transaction_id = transfer->client_id,
        .lot = lot,
        .amount = amount,
        .receiver = receiver,
        .operator= operator_entry == NULL ? "" : operator_entry->name,
        .treatment_status = transfer_state_text(told->transfer_state),
        .sending_status = told->confirmed ? "CONFIRM" : "PENDING",
        .comment = transfer_reason_text(told->reason, lang),
        .operator_transaction_id = told->operator_reference,
        .validated_at = validated,
    };
    if (endpoint == NULL)
        letter_address(letter, transfer->notify_url, merchant->secret_key, merchant->secret_before,
                       merchant->secret_before_until_ms);
    else
        letter_address(letter, endpoint->url, endpoint->secret_key, endpoint->secret_before,
                       endpoint->secret_before_until_ms);
    letter_body(letter, &notice, told, endpoint != NULL && endpoint->format == ENDPOINT_JSON);
    /* The same message to whoever hears it, however often: a redelivery has it, too. */
    (void)snprintf(letter->id, sizeof letter->id, "%s.%" PRId32, transaction, told->key.number);
    (void)snprintf(letter->id_header, sizeof letter->id_header, "webhook-id: %s", letter->id);
}

void letter_sign(struct letter *letter, int64_t now_ms)
{
    char signature[SIGNATURE_WEBHOOK_BYTES];
    int64_t now_s = now_ms / 1000;
    signature_webhook(letter->secret, letter->id, now_s, buffer_text(&letter->body),
                      letter->body.length, signature);
    (void)snprintf(letter->timestamp_header, sizeof letter->timestamp_header,
                   "webhook-timestamp: %" PRId64, now_s);
    (void)snprintf(letter->signature_header, sizeof letter->signature_header,
                   "webhook-signature: %s", signature);
    if (now_ms >= letter->before_until_ms)
        letter->token_before_header[0] = '\0';
    if (letter->token_before_header[0] == '\0')
        return;
    size_t length = strlen(letter->signature_header);
    signature_webhook(letter->secret_before, letter->id, now_s, buffer_text(&letter->body),
                      letter->body.length, signature);
    (void)snprintf(letter->signature_header + length, sizeof letter->signature_header - length,
                   " %s", signature);
}

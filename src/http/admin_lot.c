/* /admin/v1/lots and /admin/v1/transfers: what waits for a decision, the decision, and all that is
 * known of a transfer. */
#include <string.h>

#include "http/admin.h"
#include "http/endpoint.h"
#include "http/route.h"
#include "http/worker.h"
#include "money/number.h"
#include "money/tariff.h"
#include "wire/reply.h"

/* --- Lots --- */

void admin_lot_write(struct buffer *text, const struct lot *lot)
{
    char name[LOT_TEXT_BYTES];
    lot_text(lot->merchant, lot->code, name);
    reply_text_member(text, "lot", name);
    reply_int_member(text, "merchant", lot->merchant.value);
    reply_text_member(text, "state", lot_state_text(lot->state));
    reply_int_member(text, "count", lot->count);
    admin_open_member(text, "total", '{');
    for (enum currency currency = CURRENCY_XOF; currency < CURRENCY_END; currency++)
        if (lot->total_minor[currency] > 0)
            reply_int_member(text, currency_text(currency), lot->total_minor[currency]);
    buffer_char(text, '}');
    admin_open_member(text, "fees", '{');
    for (enum currency currency = CURRENCY_XOF; currency < CURRENCY_END; currency++)
        if (lot->fee_minor[currency] > 0)
            reply_int_member(text, currency_text(currency), lot->fee_minor[currency]);
    buffer_char(text, '}');
    reply_text_member(text, "source", lot->source);
    reply_bool_member(text, "listed", lot->listed);
    reply_text_member(text, "sender", lot->sender);
    reply_int_member(text, "persons", lot->persons);
    char hash[2 * SECRET_HASH_BYTES + 1];
    secret_hex(lot->hash, sizeof lot->hash, hash);
    reply_text_member(text, "hash", lot_hashed(lot) ? hash : NULL);
    admin_time_member(text, "created_at", lot->created_at_ms);
    admin_time_member(text, "expires_at", lot->expires_at_ms);
    admin_time_member(text, "decided_at", lot->decided_at_ms);
}

static void approvals_write(struct buffer *text, const struct approval *approvals, size_t count)
{
    admin_open_member(text, "approvals", '[');
    for (size_t i = 0; i < count; i++) {
        admin_comma(text);
        buffer_char(text, '{');
        reply_int_member(text, "number", approvals[i].number);
        reply_text_member(text, "act", approval_act_text(approvals[i].act));
        reply_text_member(text, "person", approvals[i].person);
        reply_text_member(text, "from", approvals[i].from);
        admin_time_member(text, "at", approvals[i].at_ms);
        buffer_char(text, '}');
    }
    buffer_char(text, ']');
}

static void mails_write(struct buffer *text, const struct mail *mails, size_t count)
{
    admin_open_member(text, "mails", '[');
    for (size_t i = 0; i < count; i++) {
        admin_comma(text);
        buffer_char(text, '{');
        reply_int_member(text, "number", mails[i].number);
        reply_text_member(text, "kind", mail_kind_text(mails[i].kind));
        reply_text_member(text, "state", mail_state_text(mails[i].state));
        reply_text_member(text, "to", mails[i].to);
        reply_int_member(text, "tries", mails[i].tries);
        reply_text_member(text, "error", mails[i].error);
        admin_time_member(text, "due_at", mails[i].due_at_ms);
        admin_time_member(text, "ended_at", mails[i].ended_at_ms);
        buffer_char(text, '}');
    }
    buffer_char(text, ']');
}

enum turn admin_lots(struct request *request)
{
    struct store_reader *reader;
    struct lot *lots;
    size_t count;
    struct fault fault;
    int64_t merchant, limit;
    if (!admin_query_number(request, "merchant", 0, MERCHANT_ID_MIN, MERCHANT_ID_MAX, &merchant) ||
        !admin_query_number(request, "limit", ADMIN_PAGE_DEFAULT, 1, ADMIN_PAGE_MAX, &limit))
        return TURN_REPLY;
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        store_read_waiting_lots(reader, request->arena, (struct merchant_id){merchant},
                                (size_t)limit, &lots, &count, &fault) != FAULT_NONE)
        return route_fault(request, &fault);
    struct buffer *text = admin_begin(request);
    admin_open_member(text, "lots", '[');
    for (size_t i = 0; i < count; i++) {
        admin_comma(text);
        buffer_char(text, '{');
        admin_lot_write(text, &lots[i]);
        buffer_char(text, '}');
    }
    buffer_char(text, ']');
    return admin_end(request);
}

static enum turn lot_unknown(struct request *request)
{
    return admin_refuse(request, PAYOUT_NOT_FOUND, "There is no such lot");
}

void admin_transfer_write(struct buffer *text, const struct transfer *transfer)
{
    char id[TRANSFER_ID_TEXT_BYTES], lot[LOT_TEXT_BYTES], e164[NUMBER_TEXT_BYTES];
    const struct operator_entry *entry = tariff_operator(transfer->operator_number, NULL);
    transfer_id_text(transfer->id, id);
    lot_text(transfer->merchant, transfer->lot, lot);
    number_e164_text(transfer->msisdn, e164);
    reply_text_member(text, "transaction_id", id);
    reply_int_member(text, "merchant", transfer->merchant.value);
    reply_text_member(text, "lot", lot);
    reply_text_member(text, "client_transaction_id", transfer->client_id);
    reply_text_member(text, "receiver_e164", e164);
    reply_text_member(text, "operator", entry == NULL ? NULL : entry->name);
    reply_int_member(text, "amount", transfer->amount.minor);
    reply_int_member(text, "fee", transfer->fee_minor);
    reply_text_member(text, "fee_payer", fee_payer_text(transfer->payer));
    reply_int_member(text, "delivered", transfer_delivered(transfer).minor);
    reply_text_member(text, "currency", currency_text(transfer->amount.currency));
    reply_bool_member(text, "confirmed", transfer_confirmed(transfer));
    if (transfer->twin_of.value != 0) {
        transfer_id_text(transfer->twin_of, id);
        reply_bool_member(text, "suspected", transfer->suspected);
        reply_text_member(text, "double_of", id);
    }
    if (transfer->screenings > 0)
        reply_text_member(text, "screening", screening_state_text(transfer->screening));
    reply_text_member(text, "state", transfer_state_text(transfer->state));
    reply_text_member(text, "reason", transfer_reason_word(transfer->reason));
    reply_text_member(text, "comment", transfer_reason_text(transfer->reason, PAYOUT_EN));
    reply_text_member(text, "operator_reference", transfer->operator_reference);
    reply_text_member(text, "notify_url", transfer->notify_url);
    reply_int_member(text, "attempts", transfer->attempts);
    reply_int_member(text, "channel", transfer->channel);
    reply_bool_member(text, "in_hand", transfer->in_hand != STEP_NONE);
    reply_bool_member(text, "called_back", transfer->called_back);
    admin_time_member(text, "wait_until", transfer->wait_until_ms);
    admin_time_member(text, "created_at", transfer->created_at_ms);
    admin_time_member(text, "changed_at", transfer->changed_at_ms);
    admin_time_member(text, "submitted_at", transfer->submitted_at_ms);
    admin_time_member(text, "validated_at", transfer->validated_at_ms);
    admin_time_member(text, "due_at", transfer->due_at_ms);
}

/* The lot that the path names; NULL when it was refused. */
static struct lot *path_lot(struct request *request, struct store_reader *reader)
{
    struct merchant_id merchant;
    struct lot_code code;
    struct lot *lot = NULL;
    struct fault fault;
    if (!lot_read(request->parameters[0], &merchant, &code))
        (void)lot_unknown(request);
    else if (store_read_lot(reader, request->arena, merchant, code, &lot, &fault) != FAULT_NONE)
        (void)route_fault(request, &fault);
    else if (lot == NULL)
        (void)lot_unknown(request);
    return lot;
}

enum turn admin_lot_show(struct request *request)
{
    struct store_reader *reader;
    struct transfer *transfers = NULL;
    struct approval *approvals;
    struct mail *mails;
    size_t found = 0, approval_count, mail_count;
    struct fault fault;
    int64_t skip, limit;
    if (!admin_query_number(request, "skip", 0, 0, COMMAND_ITEMS_MAX, &skip) ||
        !admin_query_number(request, "limit", ADMIN_PAGE_DEFAULT, 1, ADMIN_PAGE_MAX, &limit))
        return TURN_REPLY;
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE)
        return route_fault(request, &fault);
    const struct lot *lot = path_lot(request, reader);
    if (lot == NULL)
        return TURN_REPLY;
    int64_t count = lot->count - skip < limit ? lot->count - skip : limit;
    if (count > 0 &&
        store_read_transfers(reader, request->arena, (struct transfer_id){lot->first.value + skip},
                             count, &transfers, &found, &fault) != FAULT_NONE)
        return route_fault(request, &fault);
    if (store_read_approvals(reader, request->arena, lot->merchant, lot->code, &approvals,
                             &approval_count, &fault) != FAULT_NONE ||
        store_read_mails(reader, request->arena, lot->merchant, lot->code, &mails, &mail_count,
                         &fault) != FAULT_NONE)
        return route_fault(request, &fault);
    struct buffer *text = admin_begin(request);
    admin_lot_write(text, lot);
    approvals_write(text, approvals, approval_count);
    mails_write(text, mails, mail_count);
    admin_open_member(text, "transfers", '[');
    for (size_t i = 0; i < found; i++) {
        admin_comma(text);
        buffer_char(text, '{');
        admin_transfer_write(text, &transfers[i]);
        buffer_char(text, '}');
    }
    buffer_char(text, ']');
    return admin_end(request);
}

static bool hash_read(const char *text, uint8_t hash[SECRET_HASH_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    if (strlen(text) != (size_t)2 * SECRET_HASH_BYTES ||
        strspn(text, digits) != (size_t)2 * SECRET_HASH_BYTES)
        return false;
    for (size_t i = 0; i < SECRET_HASH_BYTES; i++)
        hash[i] = (uint8_t)((strchr(digits, text[2 * i]) - digits) * 16 +
                            (strchr(digits, text[2 * i + 1]) - digits));
    return true;
}

static enum turn lot_submit(struct request *request, enum lot_state to)
{
    static const char *const names[] = {"person", "hash", NULL};
    struct lot_decide *decide = &request->job.command.lot_decide;
    struct admin_input input;
    if (!lot_read(request->parameters[0], &decide->merchant, &decide->lot))
        return lot_unknown(request);
    if (!admin_input_read(request, names, &input))
        return TURN_REPLY;
    decide->person = admin_input_person(&input, SETTLEMENT_PERSON_BYTES_MAX,
                                        "person must say who decides, in 1 to 128 bytes");
    if (decide->person == NULL)
        return TURN_REPLY;
    const char *hash = admin_input_text(&input, "hash");
    if (hash != NULL && !hash_read(hash, decide->hash))
        return admin_refuse(request, PAYOUT_INVALID_PARAM,
                            "hash must be the lot's, as it was shown: 64 hexadecimal digits");
    decide->from = request->client_text;
    decide->to = to;
    request->job.command.kind = COMMAND_LOT_DECIDE;
    return TURN_LANE;
}

enum turn admin_lot_confirm(struct request *request)
{
    return lot_submit(request, LOT_CONFIRMED);
}

enum turn admin_lot_cancel(struct request *request)
{
    return lot_submit(request, LOT_CANCELLED);
}

enum turn admin_lot_decided(struct request *request)
{
    const struct command *command = &request->job.command;
    const struct lot_decide *decide = &command->lot_decide;
    if (command->code == PAYOUT_NOT_FOUND)
        return lot_unknown(request);
    if (command->code == PAYOUT_NOT_ALLOWED)
        return request_refuse_as(request, command->code, 409, NULL,
                                 approval_refusal_text(decide->refusal));
    if (command->code != PAYOUT_OK)
        return request_refuse(request, command->code);
    struct buffer *text = admin_begin(request);
    reply_text_member(text, "lot", request->parameters[0]);
    reply_text_member(text, "state", lot_state_text(decide->state));
    reply_int_member(text, "persons", decide->persons);
    reply_int_member(text, "given", decide->given);
    reply_bool_member(text, "again", decide->again);
    return admin_end(request);
}

/* --- A transfer --- */

static const char *notification_state_text(enum notification_state state)
{
    switch (state) {
    case NOTIFICATION_BLOCKED:
        return "BLOCKED";
    case NOTIFICATION_DUE:
        return "DUE";
    case NOTIFICATION_DELIVERED:
        return "DELIVERED";
    case NOTIFICATION_DEAD:
        return "DEAD";
    }
    invariant(false && "a notification's state");
}

static void notification_write(struct buffer *text, const struct notification *notification)
{
    admin_comma(text);
    buffer_char(text, '{');
    reply_int_member(text, "endpoint", notification->key.endpoint);
    reply_int_member(text, "number", notification->key.number);
    reply_text_member(text, "state", notification_state_text(notification->state));
    reply_text_member(text, "treatment_status", transfer_state_text(notification->transfer_state));
    reply_bool_member(text, "confirmed", notification->confirmed);
    reply_text_member(text, "reason", transfer_reason_word(notification->reason));
    reply_int_member(text, "attempts", notification->attempts);
    reply_int_member(text, "redeliveries", notification->redeliveries);
    admin_time_member(text, "created_at", notification->created_at_ms);
    admin_time_member(text, "due_at", notification->due_at_ms);
    admin_time_member(text, "ended_at", notification->ended_at_ms);
    buffer_char(text, '}');
}

static void delivery_write(struct buffer *text, const struct delivery *delivery)
{
    admin_comma(text);
    buffer_char(text, '{');
    reply_int_member(text, "endpoint", delivery->key.endpoint);
    reply_int_member(text, "number", delivery->key.number);
    reply_int_member(text, "attempt", delivery->attempt);
    admin_time_member(text, "at", delivery->at_ms);
    reply_int_member(text, "duration_ms", delivery->duration_ms);
    reply_int_member(text, "http_status", delivery->http_status);
    reply_text_member(text, "error", delivery->error);
    buffer_char(text, '}');
}

enum turn admin_transfer_show(struct request *request)
{
    struct store_reader *reader;
    struct transfer_id id;
    struct transfer *transfer = NULL;
    struct notification *notifications;
    struct delivery *deliveries;
    struct settlement *settlements;
    struct contradiction *contradictions;
    struct screening *screenings;
    struct reversal *reversals;
    size_t screening_count, notification_count, delivery_count, settlement_count,
        contradiction_count, reversal_count;
    struct fault fault;
    bool named = transfer_id_read(request->parameters[0], &id);
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        (named && store_read_transfer(reader, request->arena, id, &transfer, &fault) != FAULT_NONE))
        return route_fault(request, &fault);
    if (transfer == NULL)
        return admin_refuse(request, PAYOUT_NOT_FOUND, "There is no such transfer");
    if (store_read_notifications(reader, request->arena, id, &notifications, &notification_count,
                                 &deliveries, &delivery_count, &fault) != FAULT_NONE ||
        store_read_settlements(reader, request->arena, id, &settlements, &settlement_count,
                               &fault) != FAULT_NONE ||
        store_read_contradictions(reader, request->arena, id, &contradictions, &contradiction_count,
                                  &fault) != FAULT_NONE ||
        store_read_screenings(reader, request->arena, id, &screenings, &screening_count, &fault) !=
            FAULT_NONE ||
        store_read_reversals(reader, request->arena, id, &reversals, &reversal_count, &fault) !=
            FAULT_NONE)
        return route_fault(request, &fault);
    struct buffer *text = admin_begin(request);
    admin_transfer_write(text, transfer);
    admin_open_member(text, "notifications", '[');
    for (size_t i = 0; i < notification_count; i++)
        notification_write(text, &notifications[i]);
    buffer_char(text, ']');
    admin_open_member(text, "deliveries", '[');
    for (size_t i = 0; i < delivery_count; i++)
        delivery_write(text, &deliveries[i]);
    buffer_char(text, ']');
    admin_screenings_write(text, screenings, screening_count);
    admin_settlements_write(text, settlements, settlement_count);
    admin_reversals_write(text, reversals, reversal_count);
    admin_contradictions_write(text, contradictions, contradiction_count, transfer);
    return admin_end(request);
}

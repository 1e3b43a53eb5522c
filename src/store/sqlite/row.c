#include "store/sqlite/sqlite.h"

const char *row_get_text(struct query *query)
{
    const char *text = query_get_text(query);
    if (text == NULL) {
        query->implausible = true;
        return "";
    }
    return text;
}

/* Keys of accounts are checked where they are read: account_number stops at a bad one. */
static struct account_key account_get(struct query *query)
{
    struct account_key key = account_key_of(query_get(query));
    if (key.merchant.value < 0 || key.merchant.value > MERCHANT_ID_MAX ||
        key.kind < ACCOUNT_AVAILABLE || key.kind >= ACCOUNT_KIND_END ||
        key.currency < CURRENCY_XOF || key.currency >= CURRENCY_END) {
        query->implausible = true;
        return (struct account_key){.kind = ACCOUNT_SUSPENSE, .currency = CURRENCY_XOF};
    }
    return key;
}

static enum currency currency_get(struct query *query)
{
    return (enum currency)query_get_enum(query, CURRENCY_XOF, CURRENCY_END);
}

void row_get_merchant(struct query *query, struct merchant *merchant)
{
    merchant->id.value = query_get(query);
    query_get_chars(query, merchant->name, sizeof merchant->name);
    query_get_chars(query, merchant->apikey, sizeof merchant->apikey);
    query_get_chars(query, merchant->password_hash, sizeof merchant->password_hash);
    query_get_chars(query, merchant->secret_key, sizeof merchant->secret_key);
    merchant->currency = currency_get(query);
    merchant->lang = query_get_enum(query, MERCHANT_LANG_FR, MERCHANT_LANG_EN + 1);
    merchant->suspended = query_get_bool(query);
    merchant->token_query_only = query_get_bool(query);
    merchant->flat_reply = query_get_bool(query);
    merchant->all_or_nothing = query_get_bool(query);
    query_get_chars(query, merchant->notify_url, sizeof merchant->notify_url);
    query_get_chars(query, merchant->ip_list, sizeof merchant->ip_list);
    merchant->lot_expiry_ms = query_get(query);
    merchant->last_lot.value = query_get(query);
    merchant->created_at_ms = query_get(query);
    merchant->two_persons = query_get_bool(query);
    merchant->double_window_ms = query_get(query);
    query_get_chars(query, merchant->fees, sizeof merchant->fees);
    merchant->limits.day_minor = query_get(query);
    merchant->limits.month_minor = query_get(query);
    merchant->limits.receiver_day_minor = query_get(query);
    merchant->limits.receiver_month_minor = query_get(query);
    merchant->limits.receiver_hour_count = query_get(query);
    merchant->limits.reserve_minor = query_get(query);
    query_get_chars(query, merchant->confirm_mail, sizeof merchant->confirm_mail);
    merchant->approve_above_minor = query_get(query);
    query_get_chars(query, merchant->api_ip_list, sizeof merchant->api_ip_list);
    merchant->calls_per_minute = query_get(query);
    query_get_chars(query, merchant->password_before, sizeof merchant->password_before);
    merchant->password_before_until_ms = query_get(query);
    query_get_chars(query, merchant->secret_before, sizeof merchant->secret_before);
    merchant->secret_before_until_ms = query_get(query);
    merchant->operator_wait_ms = query_get(query);
}

void row_put_terms(struct query *query, const struct merchant *merchant)
{
    query_put_text(query, merchant->fees);
    query_put(query, merchant->limits.day_minor);
    query_put(query, merchant->limits.month_minor);
    query_put(query, merchant->limits.receiver_day_minor);
    query_put(query, merchant->limits.receiver_month_minor);
    query_put(query, merchant->limits.receiver_hour_count);
    query_put(query, merchant->limits.reserve_minor);
    query_put_text(query, merchant->confirm_mail);
    query_put(query, merchant->approve_above_minor);
    query_put_text(query, merchant->api_ip_list);
    query_put(query, merchant->calls_per_minute);
    query_put_text(query, merchant->password_before);
    query_put(query, merchant->password_before_until_ms);
    query_put_text(query, merchant->secret_before);
    query_put(query, merchant->secret_before_until_ms);
    query_put(query, merchant->operator_wait_ms);
}

void row_put_merchant(struct query *query, const struct merchant *merchant)
{
    query_put(query, merchant->id.value);
    query_put_text(query, merchant->name);
    query_put_text(query, merchant->apikey);
    query_put_text(query, merchant->password_hash);
    query_put_text(query, merchant->secret_key);
    query_put(query, merchant->currency);
    query_put(query, merchant->lang);
    query_put(query, merchant->suspended);
    query_put(query, merchant->token_query_only);
    query_put(query, merchant->flat_reply);
    query_put(query, merchant->all_or_nothing);
    query_put_text(query, merchant->notify_url);
    query_put_text(query, merchant->ip_list);
    query_put(query, merchant->lot_expiry_ms);
    query_put(query, merchant->last_lot.value);
    query_put(query, merchant->created_at_ms);
    query_put(query, merchant->two_persons);
    query_put(query, merchant->double_window_ms);
    row_put_terms(query, merchant);
}

void row_get_contact(struct query *query, struct contact *contact)
{
    contact->merchant.value = query_get(query);
    contact->msisdn = query_get(query);
    contact->prefix = row_get_text(query);
    contact->phone = row_get_text(query);
    contact->name = row_get_text(query);
    contact->surname = row_get_text(query);
    contact->email = row_get_text(query);
    contact->lot.value = query_get(query);
    contact->created_at_ms = query_get(query);
    contact->listed_under = query_get(query);
}

void row_put_contact(struct query *query, const struct contact *contact)
{
    query_put(query, contact->merchant.value);
    query_put(query, contact->msisdn);
    query_put_text(query, contact->prefix);
    query_put_text(query, contact->phone);
    query_put_text(query, contact->name);
    query_put_text(query, contact->surname);
    query_put_text(query, contact->email);
    query_put(query, contact->lot.value);
    query_put(query, contact->created_at_ms);
    query_put(query, contact->listed_under);
}

_Static_assert(CURRENCY_END == 5, "a lot has a column for each currency's total");

void row_get_lot(struct query *query, struct lot *lot)
{
    lot->merchant.value = query_get(query);
    lot->code.value = query_get(query);
    lot->state = (enum lot_state)query_get_enum(query, LOT_WAITING, LOT_STATE_END);
    lot->first.value = query_get(query);
    lot->count = query_get(query);
    for (size_t i = CURRENCY_XOF; i < CURRENCY_END; i++)
        lot->total_minor[i] = query_get(query);
    lot->created_at_ms = query_get(query);
    lot->expires_at_ms = query_get(query);
    lot->decided_at_ms = query_get(query);
    lot->source = row_get_text(query);
    for (size_t i = CURRENCY_XOF; i < CURRENCY_END; i++)
        lot->fee_minor[i] = query_get(query);
    lot->mails = query_get_32(query);
    lot->sender = row_get_text(query);
    lot->listed = query_get_bool(query);
    lot->persons = query_get_32(query);
    query_get_bytes(query, lot->hash, sizeof lot->hash);
}

void row_put_lot(struct query *query, const struct lot *lot)
{
    query_put(query, lot->merchant.value);
    query_put(query, lot->code.value);
    query_put(query, lot->state);
    query_put(query, lot->first.value);
    query_put(query, lot->count);
    for (size_t i = CURRENCY_XOF; i < CURRENCY_END; i++)
        query_put(query, lot->total_minor[i]);
    query_put(query, lot->created_at_ms);
    query_put(query, lot->expires_at_ms);
    query_put(query, lot->decided_at_ms);
    query_put_text(query, lot->source);
    for (size_t i = CURRENCY_XOF; i < CURRENCY_END; i++)
        query_put(query, lot->fee_minor[i]);
    query_put(query, lot->mails);
    query_put_text(query, lot->sender);
    query_put(query, lot->listed);
    query_put(query, lot->persons);
    query_put_bytes(query, lot->hash, sizeof lot->hash);
}

void row_get_transfer(struct query *query, struct transfer *transfer)
{
    transfer->id.value = query_get(query);
    transfer->merchant.value = query_get(query);
    transfer->lot.value = query_get(query);
    transfer->client_id = query_get_text(query);
    transfer->prefix = row_get_text(query);
    transfer->phone = row_get_text(query);
    transfer->msisdn = query_get(query);
    transfer->operator_number = query_get_enum(query, 0, 256); /* An account's key has 8 bits. */
    transfer->amount.minor = query_get(query);
    transfer->amount.currency = currency_get(query);
    transfer->notify_url = row_get_text(query);
    transfer->confirmed = query_get_bool(query);
    transfer->state = (enum transfer_state)query_get_enum(query, TRANSFER_NEW, TRANSFER_STATE_END);
    transfer->reason = (enum transfer_reason)query_get_enum(query, 0, TRANSFER_REASON_END);
    transfer->operator_reference = row_get_text(query);
    transfer->step = (enum transfer_step)query_get_enum(query, STEP_NONE, STEP_SCREEN + 1);
    transfer->due_at_ms = query_get(query);
    transfer->attempts = query_get_32(query);
    transfer->notifications = query_get_32(query);
    transfer->created_at_ms = query_get(query);
    transfer->changed_at_ms = query_get(query);
    transfer->submitted_at_ms = query_get(query);
    transfer->validated_at_ms = query_get(query);
    transfer->watched = query_get_bool(query);
    transfer->suspected = query_get_bool(query);
    transfer->twin_of.value = query_get(query);
    transfer->fee_minor = query_get(query);
    transfer->payer = (enum fee_payer)query_get_enum(query, FEE_PAYER_MERCHANT, FEE_PAYER_END);
    transfer->screening = (enum screening_state)query_get_enum(query, 0, SCREENING_STATE_END);
    transfer->screenings = query_get_32(query);
    transfer->channel = query_get_enum(query, 0, TRANSFER_CHANNEL_MAX + 1);
    transfer->channel_attempt = query_get_32(query);
    transfer->in_hand = (enum transfer_step)query_get_enum(query, STEP_NONE, STEP_ASK + 1);
    transfer->called_back = query_get_bool(query);
    transfer->wait_ms = query_get(query);
    transfer->wait_until_ms = query_get(query);
    transfer->reversals = query_get_32(query);
}

void row_put_transfer(struct query *query, const struct transfer *transfer)
{
    query_put(query, transfer->id.value);
    query_put(query, transfer->merchant.value);
    query_put(query, transfer->lot.value);
    query_put_text(query, transfer->client_id);
    query_put_text(query, transfer->prefix);
    query_put_text(query, transfer->phone);
    query_put(query, transfer->msisdn);
    query_put(query, transfer->operator_number);
    query_put(query, transfer->amount.minor);
    query_put(query, transfer->amount.currency);
    query_put_text(query, transfer->notify_url);
    query_put(query, transfer->confirmed);
    query_put(query, transfer->state);
    query_put(query, transfer->reason);
    query_put_text(query, transfer->operator_reference);
    query_put(query, transfer->step);
    query_put(query, transfer->due_at_ms);
    query_put(query, transfer->attempts);
    query_put(query, transfer->notifications);
    query_put(query, transfer->created_at_ms);
    query_put(query, transfer->changed_at_ms);
    query_put(query, transfer->submitted_at_ms);
    query_put(query, transfer->validated_at_ms);
    query_put(query, transfer->watched);
    query_put(query, transfer->suspected);
    query_put(query, transfer->twin_of.value);
    query_put(query, transfer->fee_minor);
    query_put(query, transfer->payer);
    query_put(query, transfer->screening);
    query_put(query, transfer->screenings);
    query_put(query, transfer->channel);
    query_put(query, transfer->channel_attempt);
    query_put(query, transfer->in_hand);
    query_put(query, transfer->called_back);
    query_put(query, transfer->wait_ms);
    query_put(query, transfer->wait_until_ms);
    query_put(query, transfer->reversals);
}

static enum movement_kind movement_kind_get(struct query *query)
{
    return (enum movement_kind)query_get_enum(query, MOVEMENT_HOLD, MOVEMENT_KIND_END);
}

void row_get_funding(struct query *query, struct funding *funding)
{
    funding->merchant.value = query_get(query);
    funding->reference = row_get_text(query);
    funding->kind = movement_kind_get(query);
    funding->amount.minor = query_get(query);
    funding->amount.currency = currency_get(query);
    funding->at_ms = query_get(query);
}

void row_put_funding(struct query *query, const struct funding *funding)
{
    query_put(query, funding->merchant.value);
    query_put_text(query, funding->reference);
    query_put(query, funding->kind);
    query_put(query, funding->amount.minor);
    query_put(query, funding->amount.currency);
    query_put(query, funding->at_ms);
}

void row_get_movement(struct query *query, struct movement *movement)
{
    movement->id = query_get(query);
    movement->kind = movement_kind_get(query);
    movement->from = account_get(query);
    movement->to = account_get(query);
    movement->amount.minor = query_get(query);
    movement->amount.currency = currency_get(query);
    movement->merchant.value = query_get(query);
    movement->reference = query_get(query);
    movement->at_ms = query_get(query);
}

void row_put_movement(struct query *query, const struct movement *movement)
{
    query_put(query, movement->id);
    query_put(query, movement->kind);
    query_put(query, account_number(movement->from));
    query_put(query, account_number(movement->to));
    query_put(query, movement->amount.minor);
    query_put(query, movement->amount.currency);
    query_put(query, movement->merchant.value);
    query_put(query, movement->reference);
    query_put(query, movement->at_ms);
}

void row_get_usage(struct query *query, struct usage *usage)
{
    usage->merchant.value = query_get(query);
    usage->msisdn = query_get(query);
    usage->currency = currency_get(query);
    usage->hour = query_get(query);
    usage->hour_count = query_get(query);
    usage->day = query_get(query);
    usage->day_minor = query_get(query);
    usage->month = query_get(query);
    usage->month_minor = query_get(query);
}

void row_put_usage(struct query *query, const struct usage *usage)
{
    query_put(query, usage->merchant.value);
    query_put(query, usage->msisdn);
    query_put(query, usage->currency);
    query_put(query, usage->hour);
    query_put(query, usage->hour_count);
    query_put(query, usage->day);
    query_put(query, usage->day_minor);
    query_put(query, usage->month);
    query_put(query, usage->month_minor);
}

void row_get_contradiction(struct query *query, struct contradiction *contradiction)
{
    contradiction->id = query_get(query);
    contradiction->transfer.value = query_get(query);
    contradiction->state =
        (enum transfer_state)query_get_enum(query, TRANSFER_NEW, TRANSFER_STATE_END);
    contradiction->verdict =
        (enum verdict)query_get_enum(query, VERDICT_PAID, VERDICT_NOT_SENT + 1);
    contradiction->operator_reference = row_get_text(query);
    contradiction->at_ms = query_get(query);
    contradiction->closed_at_ms = query_get(query);
    contradiction->person = row_get_text(query);
    contradiction->note = row_get_text(query);
}

void row_get_settlement(struct query *query, struct settlement *settlement)
{
    settlement->transfer.value = query_get(query);
    settlement->number = query_get_32(query);
    settlement->act =
        (enum settlement_act)query_get_enum(query, SETTLEMENT_PROPOSED, SETTLEMENT_ACT_END);
    settlement->outcome =
        (enum transfer_state)query_get_enum(query, TRANSFER_NEW, TRANSFER_STATE_END);
    settlement->person = row_get_text(query);
    settlement->evidence = row_get_text(query);
    settlement->at_ms = query_get(query);
}

void row_put_settlement(struct query *query, const struct settlement *settlement)
{
    query_put(query, settlement->transfer.value);
    query_put(query, settlement->number);
    query_put(query, settlement->act);
    query_put(query, settlement->outcome);
    query_put_text(query, settlement->person);
    query_put_text(query, settlement->evidence);
    query_put(query, settlement->at_ms);
}

void row_get_mail(struct query *query, struct mail *mail)
{
    mail->merchant.value = query_get(query);
    mail->lot.value = query_get(query);
    mail->number = query_get_32(query);
    mail->kind = (enum mail_kind)query_get_enum(query, MAIL_LOT_WAITING, MAIL_KIND_END);
    mail->state = (enum mail_state)query_get_enum(query, MAIL_WAITING, MAIL_STATE_END);
    mail->to = row_get_text(query);
    mail->tries = query_get_32(query);
    mail->due_at_ms = query_get(query);
    mail->created_at_ms = query_get(query);
    mail->ended_at_ms = query_get(query);
    mail->error = row_get_text(query);
}

void row_put_mail(struct query *query, const struct mail *mail)
{
    query_put(query, mail->merchant.value);
    query_put(query, mail->lot.value);
    query_put(query, mail->number);
    query_put(query, mail->kind);
    query_put(query, mail->state);
    query_put_text(query, mail->to);
    query_put(query, mail->tries);
    query_put(query, mail->due_at_ms);
    query_put(query, mail->created_at_ms);
    query_put(query, mail->ended_at_ms);
    query_put_text(query, mail->error);
}

void row_get_act(struct query *query, struct act *act)
{
    act->id = query_get(query);
    act->kind = (enum act_kind)query_get_enum(query, 1, ACT_KIND_END);
    act->merchant.value = query_get(query);
    act->person = row_get_text(query);
    act->from = row_get_text(query);
    act->request = row_get_text(query);
    act->subject = row_get_text(query);
    act->before = row_get_text(query);
    act->after = row_get_text(query);
    act->at_ms = query_get(query);
}

void row_put_act(struct query *query, const struct act *act)
{
    query_put(query, act->id);
    query_put(query, act->kind);
    query_put(query, act->merchant.value);
    query_put_text(query, act->person);
    query_put_text(query, act->from);
    query_put_text(query, act->request);
    query_put_text(query, act->subject);
    query_put_text(query, act->before);
    query_put_text(query, act->after);
    query_put(query, act->at_ms);
}

void row_get_act_head(struct query *query, struct act_head *head)
{
    head->last_act_id = query_get(query);
    query_get_bytes(query, head->hash, sizeof head->hash);
}

void row_get_approval(struct query *query, struct approval *approval)
{
    approval->merchant.value = query_get(query);
    approval->lot.value = query_get(query);
    approval->number = query_get_32(query);
    approval->act = (enum approval_act)query_get_enum(query, APPROVAL_GIVEN, APPROVAL_ACT_END);
    approval->person = row_get_text(query);
    approval->from = row_get_text(query);
    approval->at_ms = query_get(query);
}

void row_put_approval(struct query *query, const struct approval *approval)
{
    query_put(query, approval->merchant.value);
    query_put(query, approval->lot.value);
    query_put(query, approval->number);
    query_put(query, approval->act);
    query_put_text(query, approval->person);
    query_put_text(query, approval->from);
    query_put(query, approval->at_ms);
}

void row_get_head(struct query *query, struct ledger_head *head)
{
    head->last_movement_id = query_get(query);
    query_get_bytes(query, head->hash, sizeof head->hash);
}

void row_get_account(struct query *query, struct account_balance *account)
{
    account->key = account_get(query);
    account->balance_minor = query_get(query);
}

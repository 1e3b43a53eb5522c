/* The tables, column by column: from here come the statements that load and save them and the
 * structs that they are read into. A column is added here and in a migration, and nowhere else. */
#include "store/postgres/postgres.h"

#define OF(type, member) offsetof(struct type, member), sizeof(((struct type *)0)->member)
#define NUMBER(type, name, member, use)                                                            \
    {                                                                                              \
        name, COLUMN_NUMBER, use, OF(type, member), 0, 0                                           \
    }
#define RANGE(type, name, member, use, first, end)                                                 \
    {                                                                                              \
        name, COLUMN_ENUM, use, OF(type, member), first, end                                       \
    }
#define TEXT(type, name, member, use)                                                              \
    {                                                                                              \
        name, COLUMN_TEXT, use, OF(type, member), 0, 0                                             \
    }
#define OPTION(type, name, member, use)                                                            \
    {                                                                                              \
        name, COLUMN_TEXT_OR_NULL, use, OF(type, member), 0, 0                                     \
    }
#define CHARS(type, name, member, use)                                                             \
    {                                                                                              \
        name, COLUMN_CHARS, use, OF(type, member), 0, 0                                            \
    }
#define BYTES(type, name, member, use)                                                             \
    {                                                                                              \
        name, COLUMN_BYTES, use, OF(type, member), 0, 0                                            \
    }
#define ACCOUNT(type, name, member, use)                                                           \
    {                                                                                              \
        name, COLUMN_ACCOUNT, use, OF(type, member), 0, 0                                          \
    }
#define CURRENCY(type, member, use) RANGE(type, "currency", member, use, CURRENCY_XOF, CURRENCY_END)

static const struct column merchant_columns[] = {
    NUMBER(merchant, "id", id, KEY),
    CHARS(merchant, "name", name, CHANGES),
    CHARS(merchant, "apikey", apikey, STAYS),
    CHARS(merchant, "password_hash", password_hash, CHANGES),
    CHARS(merchant, "secret_key", secret_key, CHANGES),
    CURRENCY(merchant, currency, STAYS),
    RANGE(merchant, "lang", lang, CHANGES, MERCHANT_LANG_FR, MERCHANT_LANG_EN + 1),
    NUMBER(merchant, "suspended", suspended, CHANGES),
    NUMBER(merchant, "token_query_only", token_query_only, CHANGES),
    NUMBER(merchant, "flat_reply", flat_reply, CHANGES),
    NUMBER(merchant, "all_or_nothing", all_or_nothing, CHANGES),
    CHARS(merchant, "notify_url", notify_url, CHANGES),
    CHARS(merchant, "ip_list", ip_list, CHANGES),
    NUMBER(merchant, "lot_expiry_ms", lot_expiry_ms, CHANGES),
    NUMBER(merchant, "last_lot", last_lot, CHANGES),
    NUMBER(merchant, "created_at_ms", created_at_ms, STAYS),
    NUMBER(merchant, "two_persons", two_persons, CHANGES),
    NUMBER(merchant, "double_window_ms", double_window_ms, CHANGES),
    CHARS(merchant, "fees", fees, CHANGES),
    NUMBER(merchant, "day_minor", limits.day_minor, CHANGES),
    NUMBER(merchant, "month_minor", limits.month_minor, CHANGES),
    NUMBER(merchant, "receiver_day_minor", limits.receiver_day_minor, CHANGES),
    NUMBER(merchant, "receiver_month_minor", limits.receiver_month_minor, CHANGES),
    NUMBER(merchant, "receiver_hour_count", limits.receiver_hour_count, CHANGES),
    NUMBER(merchant, "reserve_minor", limits.reserve_minor, CHANGES),
    CHARS(merchant, "confirm_mail", confirm_mail, CHANGES),
    NUMBER(merchant, "approve_above_minor", approve_above_minor, CHANGES),
    CHARS(merchant, "api_ip_list", api_ip_list, CHANGES),
    NUMBER(merchant, "calls_per_minute", calls_per_minute, CHANGES),
    CHARS(merchant, "password_before", password_before, CHANGES),
    NUMBER(merchant, "password_before_until_ms", password_before_until_ms, CHANGES),
    CHARS(merchant, "secret_before", secret_before, CHANGES),
    NUMBER(merchant, "secret_before_until_ms", secret_before_until_ms, CHANGES),
    NUMBER(merchant, "operator_wait_ms", operator_wait_ms, CHANGES),
};
/* Of the book's row: there is no struct of an account alone. */
static const struct column account_columns[] = {
    ACCOUNT(account_row, "number", key, KEY),
    NUMBER(account_row, "balance_minor", balance_minor, CHANGES),
};
/* As the lane stands, in the book of its batch. */
static const struct column lane_columns[] = {
    NUMBER(book, "number", share.lane, KEY | SOUGHT),
    NUMBER(book, "last_transfer", last_transfer, CHANGES),
    NUMBER(book, "last_at_ms", last_at_ms, CHANGES),
    NUMBER(book, "last_movement_id", head.last_movement_id, CHANGES),
    NUMBER(book, "last_act_id", act_head.last_act_id, CHANGES),
    BYTES(book, "movement_hash", head.hash, CHANGES),
    BYTES(book, "act_hash", act_head.hash, CHANGES),
};
static const struct column balance_columns[] = {
    ACCOUNT(account_balance, "number", key, KEY),
    NUMBER(account_balance, "balance_minor", balance_minor, STAYS),
};
static const struct column contact_columns[] = {
    NUMBER(contact, "merchant", merchant, KEY),
    NUMBER(contact, "msisdn", msisdn, KEY),
    TEXT(contact, "prefix", prefix, STAYS),
    TEXT(contact, "phone", phone, STAYS),
    TEXT(contact, "name", name, CHANGES),
    TEXT(contact, "surname", surname, CHANGES),
    TEXT(contact, "email", email, CHANGES),
    NUMBER(contact, "lot", lot, STAYS),
    NUMBER(contact, "created_at_ms", created_at_ms, STAYS),
    NUMBER(contact, "listed_under", listed_under, CHANGES),
};
_Static_assert(CURRENCY_END == 5, "a lot has a column for each currency's total");
static const struct column lot_columns[] = {
    NUMBER(lot, "merchant", merchant, KEY),
    NUMBER(lot, "code", code, KEY),
    RANGE(lot, "state", state, CHANGES, LOT_WAITING, LOT_STATE_END),
    NUMBER(lot, "first", first, STAYS),
    NUMBER(lot, "count", count, STAYS),
    NUMBER(lot, "total_xof_minor", total_minor[CURRENCY_XOF], STAYS),
    NUMBER(lot, "total_xaf_minor", total_minor[CURRENCY_XAF], STAYS),
    NUMBER(lot, "total_gnf_minor", total_minor[CURRENCY_GNF], STAYS),
    NUMBER(lot, "total_cdf_minor", total_minor[CURRENCY_CDF], STAYS),
    NUMBER(lot, "created_at_ms", created_at_ms, STAYS),
    NUMBER(lot, "expires_at_ms", expires_at_ms, CHANGES),
    NUMBER(lot, "decided_at_ms", decided_at_ms, CHANGES),
    TEXT(lot, "source", source, STAYS),
    NUMBER(lot, "fee_xof_minor", fee_minor[CURRENCY_XOF], STAYS),
    NUMBER(lot, "fee_xaf_minor", fee_minor[CURRENCY_XAF], STAYS),
    NUMBER(lot, "fee_gnf_minor", fee_minor[CURRENCY_GNF], STAYS),
    NUMBER(lot, "fee_cdf_minor", fee_minor[CURRENCY_CDF], STAYS),
    NUMBER(lot, "mails", mails, STAYS),
    TEXT(lot, "sender", sender, STAYS),
    NUMBER(lot, "listed", listed, STAYS),
    NUMBER(lot, "persons", persons, STAYS),
    BYTES(lot, "hash", hash, STAYS),
};
/* What never changes of a transfer is not written again: its client_id's index is left alone. */
static const struct column transfer_columns[] = {
    NUMBER(transfer, "id", id, KEY),
    NUMBER(transfer, "merchant", merchant, STAYS),
    NUMBER(transfer, "lot", lot, STAYS),
    OPTION(transfer, "client_id", client_id, STAYS),
    TEXT(transfer, "prefix", prefix, STAYS),
    TEXT(transfer, "phone", phone, STAYS),
    NUMBER(transfer, "msisdn", msisdn, STAYS),
    RANGE(transfer, "operator_number", operator_number, STAYS, 0,
          256), /* 8 bits of an account's. */
    NUMBER(transfer, "amount_minor", amount.minor, STAYS),
    CURRENCY(transfer, amount.currency, STAYS),
    TEXT(transfer, "notify_url", notify_url, STAYS),
    NUMBER(transfer, "confirmed", confirmed, CHANGES),
    RANGE(transfer, "state", state, CHANGES, TRANSFER_NEW, TRANSFER_STATE_END),
    RANGE(transfer, "reason", reason, CHANGES, 0, TRANSFER_REASON_END),
    TEXT(transfer, "operator_reference", operator_reference, CHANGES),
    RANGE(transfer, "step", step, CHANGES, STEP_NONE, STEP_SCREEN + 1),
    NUMBER(transfer, "due_at_ms", due_at_ms, CHANGES),
    NUMBER(transfer, "attempts", attempts, CHANGES),
    NUMBER(transfer, "notifications", notifications, CHANGES),
    NUMBER(transfer, "created_at_ms", created_at_ms, STAYS),
    NUMBER(transfer, "changed_at_ms", changed_at_ms, CHANGES),
    NUMBER(transfer, "submitted_at_ms", submitted_at_ms, CHANGES),
    NUMBER(transfer, "validated_at_ms", validated_at_ms, CHANGES),
    NUMBER(transfer, "watched", watched, STAYS),
    NUMBER(transfer, "suspected", suspected, CHANGES),
    NUMBER(transfer, "twin_of", twin_of, STAYS),
    NUMBER(transfer, "fee_minor", fee_minor, STAYS),
    RANGE(transfer, "fee_payer", payer, STAYS, FEE_PAYER_MERCHANT, FEE_PAYER_END),
    RANGE(transfer, "screening", screening, CHANGES, 0, SCREENING_STATE_END),
    NUMBER(transfer, "screenings", screenings, CHANGES),
    RANGE(transfer, "channel", channel, CHANGES, 0, TRANSFER_CHANNEL_MAX + 1),
    NUMBER(transfer, "channel_attempt", channel_attempt, CHANGES),
    RANGE(transfer, "in_hand", in_hand, CHANGES, STEP_NONE, STEP_ASK + 1),
    NUMBER(transfer, "called_back", called_back, CHANGES),
    NUMBER(transfer, "wait_ms", wait_ms, STAYS),
    NUMBER(transfer, "wait_until_ms", wait_until_ms, CHANGES),
    NUMBER(transfer, "reversals", reversals, CHANGES),
};
/* A transfer by its client's id, and by what it looks like: of the book's rows. */
static const struct column client_columns[] = {
    NUMBER(client_row, "merchant", merchant, KEY | SOUGHT),
    TEXT(client_row, "client_id", client_id, KEY | SOUGHT),
    NUMBER(client_row, "id", transfer, STAYS),
};
static const struct column sighting_columns[] = {
    NUMBER(sighting_row, "merchant", merchant, KEY | SOUGHT),
    NUMBER(sighting_row, "msisdn", msisdn, KEY | SOUGHT),
    NUMBER(sighting_row, "amount_minor", amount.minor, KEY | SOUGHT),
    CURRENCY(sighting_row, amount.currency, KEY | SOUGHT),
    NUMBER(sighting_row, "since_ms", since_ms, KEY | SOUGHT),
    NUMBER(sighting_row, "id", transfer, STAYS),
};
static const struct column notification_columns[] = {
    NUMBER(notification, "transfer", key.transfer, KEY),
    NUMBER(notification, "endpoint", key.endpoint, KEY),
    NUMBER(notification, "number", key.number, KEY),
    NUMBER(notification, "merchant", merchant, STAYS),
    NUMBER(notification, "queue", queue, STAYS),
    RANGE(notification, "state", state, CHANGES, NOTIFICATION_BLOCKED, NOTIFICATION_DEAD + 1),
    NUMBER(notification, "due_at_ms", due_at_ms, CHANGES),
    NUMBER(notification, "next_number", next_number, CHANGES),
    NUMBER(notification, "attempts", attempts, CHANGES),
    NUMBER(notification, "created_at_ms", created_at_ms, STAYS),
    NUMBER(notification, "ended_at_ms", ended_at_ms, CHANGES),
    RANGE(notification, "transfer_state", transfer_state, STAYS, TRANSFER_NEW, TRANSFER_STATE_END),
    NUMBER(notification, "confirmed", confirmed, STAYS),
    RANGE(notification, "reason", reason, STAYS, 0, TRANSFER_REASON_END),
    TEXT(notification, "operator_reference", operator_reference, STAYS),
    NUMBER(notification, "validated_at_ms", validated_at_ms, STAYS),
    NUMBER(notification, "redeliveries", redeliveries, CHANGES),
    NUMBER(notification, "redelivered_at_ms", redelivered_at_ms, CHANGES),
    NUMBER(notification, "attempts_before", attempts_before, CHANGES),
};
static const struct column delivery_columns[] = {
    NUMBER(delivery, "transfer", key.transfer, STAYS),
    NUMBER(delivery, "endpoint", key.endpoint, STAYS),
    NUMBER(delivery, "number", key.number, STAYS),
    NUMBER(delivery, "attempt", attempt, STAYS),
    NUMBER(delivery, "at_ms", at_ms, STAYS),
    NUMBER(delivery, "duration_ms", duration_ms, STAYS),
    NUMBER(delivery, "http_status", http_status, STAYS),
    TEXT(delivery, "error", error, STAYS),
};
static const struct column endpoint_columns[] = {
    NUMBER(endpoint, "merchant", merchant, KEY),
    NUMBER(endpoint, "number", number, KEY),
    NUMBER(endpoint, "id", id, STAYS),
    RANGE(endpoint, "state", state, CHANGES, ENDPOINT_ON, ENDPOINT_STATE_END),
    RANGE(endpoint, "format", format, CHANGES, ENDPOINT_FORM, ENDPOINT_FORMAT_END),
    RANGE(endpoint, "events", events, CHANGES, 1, (int)ENDPOINT_EVENTS_ALL + 1),
    CHARS(endpoint, "url", url, CHANGES),
    CHARS(endpoint, "secret_key", secret_key, CHANGES),
    CHARS(endpoint, "secret_before", secret_before, CHANGES),
    NUMBER(endpoint, "secret_before_until_ms", secret_before_until_ms, CHANGES),
    NUMBER(endpoint, "created_at_ms", created_at_ms, STAYS),
    NUMBER(endpoint, "changed_at_ms", changed_at_ms, CHANGES),
    NUMBER(endpoint, "failures", failures, CHANGES),
    NUMBER(endpoint, "failing_since_ms", failing_since_ms, CHANGES),
    NUMBER(endpoint, "day", day, CHANGES),
    NUMBER(endpoint, "day_tries", day_tries, CHANGES),
    NUMBER(endpoint, "day_failures", day_failures, CHANGES),
    NUMBER(endpoint, "bad_day", bad_day, CHANGES),
    NUMBER(endpoint, "mails", mails, CHANGES),
};
/* All of a merchant's: the book's row, with the greatest number that was ever given. */
static const struct column endpoints_columns[] = {
    NUMBER(endpoints_row, "merchant", merchant, KEY | SOUGHT),
    NUMBER(endpoints_row, "number", last_number, STAYS),
};
static const struct column funding_columns[] = {
    NUMBER(funding, "merchant", merchant, KEY),
    TEXT(funding, "reference", reference, KEY),
    RANGE(funding, "kind", kind, STAYS, MOVEMENT_HOLD, MOVEMENT_KIND_END),
    NUMBER(funding, "amount_minor", amount.minor, STAYS),
    CURRENCY(funding, amount.currency, STAYS),
    NUMBER(funding, "at_ms", at_ms, STAYS),
};
static const struct column movement_columns[] = {
    NUMBER(movement, "id", id, STAYS),
    RANGE(movement, "kind", kind, STAYS, MOVEMENT_HOLD, MOVEMENT_KIND_END),
    ACCOUNT(movement, "from_account", from, STAYS),
    ACCOUNT(movement, "to_account", to, STAYS),
    NUMBER(movement, "amount_minor", amount.minor, STAYS),
    CURRENCY(movement, amount.currency, STAYS),
    NUMBER(movement, "merchant", merchant, STAYS),
    NUMBER(movement, "reference", reference, STAYS),
    NUMBER(movement, "at_ms", at_ms, STAYS),
};
static const struct column ledger_head_columns[] = {
    NUMBER(ledger_head, "last_movement_id", last_movement_id, STAYS),
    BYTES(ledger_head, "hash", hash, STAYS),
};
static const struct column contradiction_columns[] = {
    NUMBER(contradiction, "id", id, KEY | GIVEN),
    NUMBER(contradiction, "transfer", transfer, STAYS),
    RANGE(contradiction, "state", state, STAYS, TRANSFER_NEW, TRANSFER_STATE_END),
    RANGE(contradiction, "verdict", verdict, STAYS, VERDICT_PAID, VERDICT_NOT_SENT + 1),
    TEXT(contradiction, "operator_reference", operator_reference, STAYS),
    NUMBER(contradiction, "at_ms", at_ms, STAYS),
    NUMBER(contradiction, "closed_at_ms", closed_at_ms, CHANGES | GIVEN),
    TEXT(contradiction, "person", person, CHANGES | GIVEN),
    TEXT(contradiction, "note", note, CHANGES | GIVEN),
};
static const struct column settlement_columns[] = {
    NUMBER(settlement, "transfer", transfer, KEY),
    NUMBER(settlement, "number", number, STAYS),
    RANGE(settlement, "act", act, STAYS, SETTLEMENT_PROPOSED, SETTLEMENT_ACT_END),
    RANGE(settlement, "outcome", outcome, STAYS, TRANSFER_NEW, TRANSFER_STATE_END),
    TEXT(settlement, "person", person, STAYS),
    TEXT(settlement, "evidence", evidence, STAYS),
    NUMBER(settlement, "at_ms", at_ms, STAYS),
};
static const struct column screening_columns[] = {
    NUMBER(screening, "transfer", transfer, STAYS),
    NUMBER(screening, "number", number, STAYS),
    RANGE(screening, "verdict", verdict, STAYS, 0, SCREENING_STATE_END),
    TEXT(screening, "source", source, STAYS),
    TEXT(screening, "version", version, STAYS),
    TEXT(screening, "entry", entry, STAYS),
    NUMBER(screening, "score", score, STAYS),
    NUMBER(screening, "at_ms", at_ms, STAYS),
};
static const struct column usage_columns[] = {
    NUMBER(usage, "merchant", merchant, KEY),
    NUMBER(usage, "msisdn", msisdn, KEY),
    CURRENCY(usage, currency, KEY),
    NUMBER(usage, "hour", hour, CHANGES),
    NUMBER(usage, "hour_count", hour_count, CHANGES),
    NUMBER(usage, "day", day, CHANGES),
    NUMBER(usage, "day_minor", day_minor, CHANGES),
    NUMBER(usage, "month", month, CHANGES),
    NUMBER(usage, "month_minor", month_minor, CHANGES),
};
static const struct column mail_columns[] = {
    NUMBER(mail, "merchant", merchant, KEY),
    NUMBER(mail, "lot", lot, KEY),
    NUMBER(mail, "number", number, KEY),
    RANGE(mail, "kind", kind, STAYS, MAIL_LOT_WAITING, MAIL_KIND_END),
    RANGE(mail, "state", state, CHANGES, MAIL_WAITING, MAIL_STATE_END),
    TEXT(mail, "recipient", to, STAYS),
    NUMBER(mail, "tries", tries, CHANGES),
    NUMBER(mail, "due_at_ms", due_at_ms, CHANGES),
    NUMBER(mail, "created_at_ms", created_at_ms, STAYS),
    NUMBER(mail, "ended_at_ms", ended_at_ms, CHANGES),
    TEXT(mail, "error", error, CHANGES),
};
static const struct column approval_columns[] = {
    NUMBER(approval, "merchant", merchant, KEY),
    NUMBER(approval, "lot", lot, KEY),
    NUMBER(approval, "number", number, STAYS),
    RANGE(approval, "act", act, STAYS, APPROVAL_GIVEN, APPROVAL_ACT_END),
    TEXT(approval, "person", person, STAYS),
    TEXT(approval, "from_address", from, STAYS),
    NUMBER(approval, "at_ms", at_ms, STAYS),
};
static const struct column person_columns[] = {
    CHARS(user, "name", name, KEY),
    NUMBER(user, "id", id, STAYS),
    NUMBER(user, "merchant", merchant, STAYS),
    RANGE(user, "role", role, CHANGES, USER_OWNER, USER_ROLE_END),
    CHARS(user, "mail", mail, CHANGES),
    CHARS(user, "password_hash", password_hash, CHANGES),
    CHARS(user, "totp", totp, CHANGES),
    NUMBER(user, "totp_on", totp_on, CHANGES),
    NUMBER(user, "totp_step", totp_step, CHANGES),
    CHARS(user, "recovery", recovery, CHANGES),
    NUMBER(user, "disabled", disabled, CHANGES),
    NUMBER(user, "must_change", must_change, CHANGES),
    NUMBER(user, "failures", failures, CHANGES),
    NUMBER(user, "created_at_ms", created_at_ms, STAYS),
};
static const struct column session_columns[] = {
    BYTES(session, "hash", hash, STAYS),
    TEXT(session, "person", user, STAYS),
    TEXT(session, "source", from, STAYS),
    NUMBER(session, "created_at_ms", created_at_ms, STAYS),
    NUMBER(session, "seen_at_ms", seen_at_ms, STAYS),
    NUMBER(session, "ended_at_ms", ended_at_ms, STAYS),
};
static const struct column channel_switch_columns[] = {
    RANGE(channel_switch, "channel", channel, KEY, 1, TRANSFER_CHANNEL_MAX + 1),
    NUMBER(channel_switch, "off", off, STAYS),
    TEXT(channel_switch, "person", person, STAYS),
    TEXT(channel_switch, "reason", reason, STAYS),
    NUMBER(channel_switch, "at_ms", at_ms, STAYS),
};
static const struct column channel_account_columns[] = {
    RANGE(channel_account, "channel", channel, KEY, 1, TRANSFER_CHANNEL_MAX + 1),
    TEXT(channel_account, "connector", connector, STAYS),
    TEXT(channel_account, "url", url, STAYS),
    TEXT(channel_account, "account", account, STAYS),
    TEXT(channel_account, "environment", environment, STAYS),
    NUMBER(channel_account, "at_ms", at_ms, STAYS),
};
static const struct column reversal_columns[] = {
    NUMBER(reversal, "transfer", transfer, KEY),
    NUMBER(reversal, "number", number, KEY),
    RANGE(reversal, "state", state, CHANGES, REVERSAL_PROPOSED, REVERSAL_STATE_END),
    TEXT(reversal, "person", person, STAYS),
    TEXT(reversal, "evidence", evidence, STAYS),
    TEXT(reversal, "second", second, CHANGES),
    TEXT(reversal, "operator_reference", operator_reference, CHANGES),
    RANGE(reversal, "step", step, CHANGES, STEP_NONE, STEP_ASK + 1),
    RANGE(reversal, "in_hand", in_hand, CHANGES, STEP_NONE, STEP_ASK + 1),
    NUMBER(reversal, "due_at_ms", due_at_ms, CHANGES),
    NUMBER(reversal, "attempts", attempts, CHANGES),
    NUMBER(reversal, "asked_at_ms", asked_at_ms, STAYS),
    NUMBER(reversal, "changed_at_ms", changed_at_ms, CHANGES),
    NUMBER(reversal, "ended_at_ms", ended_at_ms, CHANGES),
};
static const struct column callback_columns[] = {
    NUMBER(callback, "id", id, GIVEN),
    RANGE(callback, "channel", channel, KEY, 1, TRANSFER_CHANNEL_MAX + 1),
    BYTES(callback, "hash", hash, KEY),
    TEXT(callback, "reference", reference, STAYS),
    TEXT(callback, "why", why, STAYS),
    TEXT(callback, "body", body, STAYS),
    NUMBER(callback, "first_at_ms", first_at_ms, STAYS),
    NUMBER(callback, "last_at_ms", last_at_ms, CHANGES),
    NUMBER(callback, "times", times, CHANGES),
};
static const struct column act_columns[] = {
    NUMBER(act, "id", id, STAYS),
    RANGE(act, "kind", kind, STAYS, 1, ACT_KIND_END),
    NUMBER(act, "merchant", merchant, STAYS),
    TEXT(act, "person", person, STAYS),
    TEXT(act, "source", from, STAYS),
    TEXT(act, "request", request, STAYS),
    TEXT(act, "subject", subject, STAYS),
    TEXT(act, "before", before, STAYS),
    TEXT(act, "after", after, STAYS),
    NUMBER(act, "at_ms", at_ms, STAYS),
};
static const struct column act_head_columns[] = {
    NUMBER(act_head, "last_act_id", last_act_id, STAYS),
    BYTES(act_head, "hash", hash, STAYS),
};

#define TABLE(name, columns)                                                                       \
    {                                                                                              \
        name, columns, sizeof columns / sizeof *columns                                            \
    }
const struct table tables[TABLE_COUNT] = {
    [TABLE_MERCHANT] = TABLE("merchant", merchant_columns),
    [TABLE_ACCOUNT] = TABLE("account", account_columns),
    [TABLE_LANE] = TABLE("lane", lane_columns),
    [TABLE_BALANCE] = TABLE("account", balance_columns),
    [TABLE_CONTACT] = TABLE("contact", contact_columns),
    [TABLE_LOT] = TABLE("lot", lot_columns),
    [TABLE_TRANSFER] = TABLE("transfer", transfer_columns),
    [TABLE_CLIENT] = TABLE("transfer", client_columns),
    [TABLE_SIGHTING] = TABLE("transfer", sighting_columns),
    [TABLE_NOTIFICATION] = TABLE("notification", notification_columns),
    [TABLE_ENDPOINT] = TABLE("endpoint", endpoint_columns),
    [TABLE_ENDPOINTS] = TABLE("endpoint", endpoints_columns),
    [TABLE_DELIVERY] = TABLE("delivery", delivery_columns),
    [TABLE_FUNDING] = TABLE("funding", funding_columns),
    [TABLE_MOVEMENT] = TABLE("movement", movement_columns),
    [TABLE_LEDGER_HEAD] = TABLE("ledger_head", ledger_head_columns),
    [TABLE_CONTRADICTION] = TABLE("contradiction", contradiction_columns),
    [TABLE_SETTLEMENT] = TABLE("settlement", settlement_columns),
    [TABLE_SCREENING] = TABLE("screening", screening_columns),
    [TABLE_USAGE] = TABLE("usage", usage_columns),
    [TABLE_MAIL] = TABLE("mail", mail_columns),
    [TABLE_APPROVAL] = TABLE("approval", approval_columns),
    [TABLE_PERSON] = TABLE("person", person_columns),
    [TABLE_SESSION] = TABLE("session", session_columns),
    [TABLE_CHANNEL_SWITCH] = TABLE("channel_switch", channel_switch_columns),
    [TABLE_CHANNEL_ACCOUNT] = TABLE("channel_account", channel_account_columns),
    [TABLE_REVERSAL] = TABLE("reversal", reversal_columns),
    [TABLE_CALLBACK] = TABLE("callback", callback_columns),
    [TABLE_ACT] = TABLE("act", act_columns),
    [TABLE_ACT_HEAD] = TABLE("act_head", act_head_columns),
};

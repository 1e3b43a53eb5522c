#include "daemon/export_format.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "money/number.h"
#include "money/tariff.h"
#include "wire/reply.h"

enum { DATE_BYTES = 9, NAME_BYTES = 64 };

/* --- What both say of an entry --- */

struct entry_texts {
    char at[CLOCK_TEXT_BYTES], id[TRANSFER_ID_TEXT_BYTES], lot[LOT_TEXT_BYTES],
        receiver[NUMBER_TEXT_BYTES];
    const char *reference; /* The transaction's, the lot's, or what its people gave a funding. */
    const char *operator_name;
    int64_t available_change, held_change;
};

/* How much it gives to the merchant's account of that kind, or takes from it. */
static int64_t change_of(const struct movement *movement, enum account_kind kind)
{
    int64_t to = movement->to.kind == kind ? movement->amount.minor : 0;
    return movement->from.kind == kind ? to - movement->amount.minor : to;
}

static void entry_texts_fill(const struct statement_entry *entry, struct entry_texts *texts)
{
    const struct movement *movement = &entry->movement;
    *texts = (struct entry_texts){.reference = entry->reference, .operator_name = ""};
    texts->available_change = change_of(movement, ACCOUNT_AVAILABLE);
    texts->held_change = change_of(movement, ACCOUNT_HELD);
    clock_iso_text(movement->at_ms, texts->at);
    if (entry->transfer != NULL) {
        const struct operator_entry *operator_entry =
            tariff_operator(entry->transfer->operator_number, NULL);
        transfer_id_text(entry->transfer->id, texts->id);
        number_e164_text(entry->transfer->msisdn, texts->receiver);
        texts->reference = texts->id;
        texts->operator_name = operator_entry == NULL ? "" : operator_entry->payment_method;
    } else if (movement->kind == MOVEMENT_HOLD && movement->reference > 0) {
        lot_text(movement->merchant, (struct lot_code){movement->reference}, texts->lot);
        texts->reference = texts->lot;
    }
}

/* --- CSV --- */

static void csv_text(struct buffer *out, const char *value)
{
    buffer_char(out, ',');
    if (strpbrk(value, ",;\t\"\r\n") == NULL) {
        buffer_text_append(out, value);
        return;
    }
    buffer_char(out, '"');
    for (const char *at = value; *at != '\0'; at++) {
        if (*at == '"')
            buffer_char(out, '"');
        buffer_char(out, *at);
    }
    buffer_char(out, '"');
}

static void csv_number(struct buffer *out, int64_t number)
{
    buffer_char(out, ',');
    buffer_int(out, number);
}

static void csv_money(struct buffer *out, const struct merchant_money *money)
{
    csv_number(out, money->available_minor);
    csv_number(out, money->held_minor);
    csv_number(out, money->available_minor + money->held_minor);
    buffer_char(out, '\n');
}

static void csv_begin(struct buffer *out, const struct export_head *head)
{
    (void)head;
    buffer_text_append(out,
                       "at,movement,kind,reference,client_transaction_id,receiver,operator,"
                       "operator_reference,currency,amount,available_change,held_change,available,"
                       "held,balance\n");
}

/* "2026-11-01T00:00:00.000Z,,opening,,,,,,XOF,,,,1000,0,1000" */
static void csv_balance(struct buffer *out, const struct export_head *head, const char *kind,
                        int64_t at_ms, const struct merchant_money *money)
{
    char at[CLOCK_TEXT_BYTES];
    clock_iso_text(at_ms, at);
    buffer_format(out, "%s,,%s,,,,,,%s,,,", at, kind, currency_text(head->currency));
    csv_money(out, money);
}

static void csv_currency_begin(struct buffer *out, const struct export_head *head)
{
    csv_balance(out, head, "opening", head->from_ms, &head->sums->opening);
}

static void csv_entry(struct buffer *out, const struct export_head *head,
                      const struct statement_entry *entry)
{
    const struct movement *movement = &entry->movement;
    const struct transfer *transfer = entry->transfer;
    struct entry_texts texts;
    entry_texts_fill(entry, &texts);
    buffer_text_append(out, texts.at);
    csv_number(out, movement->id);
    csv_text(out, movement_kind_text(movement->kind));
    csv_text(out, texts.reference);
    csv_text(out, transfer != NULL && transfer->client_id != NULL ? transfer->client_id : "");
    csv_text(out, texts.receiver);
    csv_text(out, texts.operator_name);
    csv_text(out, transfer != NULL ? transfer->operator_reference : "");
    csv_text(out, currency_text(head->currency));
    csv_number(out, movement->amount.minor);
    csv_number(out, texts.available_change);
    csv_number(out, texts.held_change);
    csv_money(out, entry->balance);
}

static void csv_currency_end(struct buffer *out, const struct export_head *head)
{
    csv_balance(out, head, "closing", head->to_ms, &head->sums->closing);
}

static void csv_end(struct buffer *out)
{
    (void)out;
}

/* --- JSON, named as camt.053 names it --- */

static void json_open(struct buffer *out, const char *name, char bracket)
{
    char last = out->length > 0 ? out->bytes[out->length - 1] : '{';
    if (last != '{' && last != '[')
        buffer_char(out, ',');
    if (name != NULL) {
        reply_text(out, name);
        buffer_char(out, ':');
    }
    buffer_char(out, bracket);
}

static void json_time(struct buffer *out, const char *name, int64_t at_ms)
{
    char at[CLOCK_TEXT_BYTES];
    clock_iso_text(at_ms, at);
    reply_text_member(out, name, at);
}

/* "20261101" */
static void date_text(int64_t at_ms, char text[DATE_BYTES])
{
    struct clock_parts at = clock_split(at_ms / 1000);
    (void)snprintf(text, DATE_BYTES, "%04d%02d%02d", at.year % 10000, at.month, at.day);
}

static void json_id(struct buffer *out, const char *name, const struct export_head *head,
                    const char *middle)
{
    char from[DATE_BYTES], to[DATE_BYTES], id[NAME_BYTES];
    date_text(head->from_ms, from);
    date_text(head->to_ms, to);
    (void)snprintf(id, sizeof id, "%lld%s-%s-%s", (long long)head->merchant->id.value, middle, from,
                   to);
    reply_text_member(out, name, id);
}

static void json_begin(struct buffer *out, const struct export_head *head)
{
    buffer_text_append(out, "{\"BkToCstmrStmt\":{\"GrpHdr\":{");
    json_id(out, "MsgId", head, "");
    json_time(out, "CreDtTm", head->made_at_ms);
    buffer_text_append(out, "},\"Stmt\":[");
}

/* The amount without its sign, and the sign as CRDT (0 too) or DBIT. */
static void json_amount(struct buffer *out, enum currency currency, int64_t minor)
{
    json_open(out, "Amt", '{');
    reply_text_member(out, "Ccy", currency_text(currency));
    reply_int_member(out, "Amt", minor < 0 ? -minor : minor);
    buffer_char(out, '}');
    reply_text_member(out, "CdtDbtInd", minor < 0 ? "DBIT" : "CRDT");
}

static void json_balance(struct buffer *out, const struct export_head *head, const char *code,
                         int64_t at_ms, int64_t minor)
{
    json_open(out, NULL, '{');
    buffer_format(out, "\"Tp\":{\"CdOrPrtry\":{\"Cd\":\"%s\"}}", code);
    json_amount(out, head->currency, minor);
    json_open(out, "Dt", '{');
    json_time(out, "DtTm", at_ms);
    buffer_text_append(out, "}}");
}

static void json_currency_begin(struct buffer *out, const struct export_head *head)
{
    char middle[NAME_BYTES], account[NAME_BYTES];
    const struct merchant_money *opening = &head->sums->opening, *closing = &head->sums->closing;
    (void)snprintf(middle, sizeof middle, "-%s", currency_text(head->currency));
    (void)snprintf(account, sizeof account, "%lld", (long long)head->merchant->id.value);
    json_open(out, NULL, '{');
    json_id(out, "Id", head, middle);
    json_time(out, "CreDtTm", head->made_at_ms);
    json_open(out, "FrToDt", '{');
    json_time(out, "FrDtTm", head->from_ms);
    json_time(out, "ToDtTm", head->to_ms);
    buffer_text_append(out, "},\"Acct\":{\"Id\":{\"Othr\":{");
    reply_text_member(out, "Id", account);
    buffer_text_append(out, "}}");
    reply_text_member(out, "Ccy", currency_text(head->currency));
    reply_text_member(out, "Nm", head->merchant->name);
    buffer_text_append(out, "},\"Bal\":[");
    json_balance(out, head, "OPBD", head->from_ms, opening->available_minor + opening->held_minor);
    json_balance(out, head, "OPAV", head->from_ms, opening->available_minor);
    json_balance(out, head, "CLBD", head->to_ms, closing->available_minor + closing->held_minor);
    json_balance(out, head, "CLAV", head->to_ms, closing->available_minor);
    buffer_text_append(out, "],\"TxsSummry\":{\"TtlNtries\":{");
    reply_int_member(out, "NbOfNtries", head->sums->count);
    buffer_text_append(out, "}},\"Ntry\":[");
}

/* Who was paid, and under which names all know it. */
static void json_details(struct buffer *out, const struct transfer *transfer,
                         const struct entry_texts *texts)
{
    buffer_text_append(out, ",\"NtryDtls\":{\"TxDtls\":{\"Refs\":{");
    if (transfer->client_id != NULL)
        reply_text_member(out, "EndToEndId", transfer->client_id);
    reply_text_member(out, "TxId", texts->id);
    if (transfer->operator_reference[0] != '\0')
        reply_text_member(out, "ClrSysRef", transfer->operator_reference);
    buffer_text_append(out, "},\"RltdPties\":{\"CdtrAcct\":{\"Id\":{\"Othr\":{");
    reply_text_member(out, "Id", texts->receiver);
    buffer_text_append(out, "}}}},\"RltdAgts\":{\"CdtrAgt\":{\"FinInstnId\":{\"Othr\":{");
    reply_text_member(out, "Id", texts->operator_name);
    buffer_text_append(out, "}}}}}}");
}

/* A hold and its release leave what was booked as it was: camt's status for that is INFO. */
static void json_entry(struct buffer *out, const struct export_head *head,
                       const struct statement_entry *entry)
{
    const struct movement *movement = &entry->movement;
    struct entry_texts texts;
    entry_texts_fill(entry, &texts);
    int64_t booked = texts.available_change + texts.held_change;
    json_open(out, NULL, '{');
    reply_int_member(out, "NtryRef", movement->id);
    json_amount(out, head->currency, booked != 0 ? booked : texts.available_change);
    buffer_format(out, ",\"Sts\":{\"Cd\":\"%s\"}", booked != 0 ? "BOOK" : "INFO");
    json_open(out, "BookgDt", '{');
    reply_text_member(out, "DtTm", texts.at);
    buffer_char(out, '}');
    reply_text_member(out, "AcctSvcrRef", texts.reference);
    buffer_format(out, ",\"BkTxCd\":{\"Prtry\":{\"Cd\":\"%s\",\"Issr\":\"payoutd\"}}",
                  movement_kind_text(movement->kind));
    if (entry->transfer != NULL)
        json_details(out, entry->transfer, &texts);
    json_open(out, "Balance", '{'); /* Ours: camt has no running balance. */
    reply_int_member(out, "amount", entry->balance->available_minor + entry->balance->held_minor);
    reply_int_member(out, "inUsing", entry->balance->held_minor);
    reply_int_member(out, "available", entry->balance->available_minor);
    buffer_text_append(out, "}}");
}

static void json_currency_end(struct buffer *out, const struct export_head *head)
{
    (void)head;
    buffer_text_append(out, "]}");
}

static void json_end(struct buffer *out)
{
    buffer_text_append(out, "]}}\n");
}

const struct export_format *export_format_named(const char *name)
{
    static const struct export_format formats[] = {
        {"csv", csv_begin, csv_currency_begin, csv_entry, csv_currency_end, csv_end},
        {"json", json_begin, json_currency_begin, json_entry, json_currency_end, json_end},
    };
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    return NULL;
}

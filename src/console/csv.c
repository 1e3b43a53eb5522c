#include "console/csv.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "console/name.h"
#include "http/worker.h"
#include "money/number.h"
#include "money/tariff.h"

void csv_text(struct buffer *text, bool first, const char *cell)
{
    if (!first)
        buffer_char(text, ',');
    if (cell == NULL || cell[0] == '\0')
        return;
    /* What begins so is a formula to Excel, LibreOffice or Google. */
    bool formula = strchr("=+-@\t\r\n|%", cell[0]) != NULL;
    bool quoted = formula || strpbrk(cell, "\",;\r\n\t") != NULL;
    if (quoted)
        buffer_char(text, '"');
    if (formula)
        buffer_char(text, '\'');
    for (const char *at = cell; *at != '\0'; at++) {
        if (*at == '"')
            buffer_char(text, '"');
        buffer_char(text, *at);
    }
    if (quoted)
        buffer_char(text, '"');
}

void csv_number(struct buffer *text, int64_t number)
{
    buffer_char(text, ',');
    buffer_int(text, number);
}

void csv_end(struct buffer *text)
{
    buffer_text_append(text, "\r\n");
}

void csv_transfers_head(struct buffer *text)
{
    /* The mark tells a spreadsheet that it is UTF-8. */
    buffer_text_append(text, "\xEF\xBB\xBF"
                             "transaction_id,client_transaction_id,lot,phone,name,surname,operator,"
                             "amount,fee,fee_payer,currency,state,reason,operator_reference,"
                             "created_at,validated_at\r\n");
}

static void time_cell(struct buffer *text, int64_t at_ms)
{
    char at[CLOCK_TEXT_BYTES] = "";
    if (at_ms > 0)
        clock_iso_text(at_ms, at);
    csv_text(text, false, at);
}

static void transfer_line(struct buffer *text, const struct transfer *transfer,
                          const struct contact *contact)
{
    char id[TRANSFER_ID_TEXT_BYTES], lot[LOT_TEXT_BYTES], e164[NUMBER_TEXT_BYTES];
    const struct operator_entry *entry = tariff_operator(transfer->operator_number, NULL);
    transfer_id_text(transfer->id, id);
    lot_text(transfer->merchant, transfer->lot, lot);
    number_e164_text(transfer->msisdn, e164);
    csv_text(text, true, id);
    csv_text(text, false, transfer->client_id);
    csv_text(text, false, lot);
    csv_text(text, false, e164 + 1); /* Without the plus, which a spreadsheet reckons with. */
    csv_text(text, false, contact == NULL ? NULL : contact->name);
    csv_text(text, false, contact == NULL ? NULL : contact->surname);
    csv_text(text, false, entry == NULL ? NULL : entry->payment_method);
    csv_number(text, transfer->amount.minor);
    csv_number(text, transfer->fee_minor);
    csv_text(text, false, fee_payer_text(transfer->payer));
    csv_text(text, false, currency_text(transfer->amount.currency));
    csv_text(text, false, transfer_state_text(transfer->state));
    csv_text(text, false, transfer_reason_word(transfer->reason));
    csv_text(text, false, transfer->operator_reference);
    time_cell(text, transfer->created_at_ms);
    time_cell(text, transfer->validated_at_ms);
    csv_end(text);
}

bool csv_transfers(struct request *request, struct arena *scratch, const struct transfer *transfers,
                   size_t count, struct buffer *text, struct fault *fault)
{
    struct names names;
    if (!names_read(request, scratch, transfers, count, &names, fault))
        return false;
    for (size_t i = 0; i < count; i++)
        transfer_line(text, &transfers[i], names_of(&names, &transfers[i]));
    return true;
}

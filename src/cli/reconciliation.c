#include "cli/reconciliation.h"

#include <string.h>
#include <strings.h>

const char *finding_word(enum finding_kind kind)
{
    static const char *const words[FINDING_COUNT] = {
#define FINDING(NAME, word, meaning) [FINDING_##NAME] = (word),
        FINDINGS(FINDING)
#undef FINDING
    };
    return words[kind];
}

const char *finding_meaning(enum finding_kind kind)
{
    static const char *const meanings[FINDING_COUNT] = {
#define FINDING(NAME, word, meaning) [FINDING_##NAME] = (meaning),
        FINDINGS(FINDING)
#undef FINDING
    };
    return meanings[kind];
}

static void tell(struct reconciliation *reconciliation, enum finding_kind kind,
                 struct operator_row *row, const struct our_transfer *transfer)
{
    const struct finding finding = {.kind = kind, .row = row, .transfer = transfer};
    if (row != NULL)
        row->met = true;
    reconciliation->found(reconciliation->context, &finding);
}

/* Whether what the operator says and what we say of a transfer can both be true. */
static bool ends_agree(enum said said, enum our_state state)
{
    switch (said) {
    case SAID_PAID:
        return state == OUR_VAL;
    case SAID_REJECTED:
        return state == OUR_REJ;
    case SAID_PENDING:
        return state == OUR_REC || state == OUR_NOS;
    case SAID_IGNORED:
    case SAID_UNKNOWN:
        break;
    }
    return false;
}

static enum finding_kind compare(const struct reconciliation *reconciliation,
                                 const struct operator_row *row,
                                 const struct our_transfer *transfer)
{
    if (strcasecmp(transfer->operator_method, reconciliation->operator_method) != 0)
        return FINDING_OTHER_OPERATOR;
    if (row->amount != transfer->amount)
        return FINDING_AMOUNT_DIFFERS;
    return ends_agree(row->said, transfer->state) ? FINDING_MATCHED : FINDING_STATUS_DIFFERS;
}

/* The rows from first on that name one transfer: one that says paid speaks for them, else the last.
 * Each other one that says paid too is a payment too many. */
static void rows_compare(struct reconciliation *reconciliation, size_t first, size_t count,
                         const struct our_transfer *transfer)
{
    struct operator_row *rows = &reconciliation->file->rows[first];
    size_t speaks = count - 1;
    for (size_t i = count; i-- > 0;)
        if (rows[i].said == SAID_PAID)
            speaks = i;
    tell(reconciliation, compare(reconciliation, &rows[speaks], transfer), &rows[speaks], transfer);
    for (size_t i = 0; i < count; i++) {
        rows[i].met = true;
        if (i != speaks && rows[i].said == SAID_PAID)
            tell(reconciliation, FINDING_TWICE_THERE, &rows[i], transfer);
    }
}

/* How many rows from first on have its key. */
static size_t rows_alike(const struct operator_file *file, size_t first)
{
    size_t count = 1;
    while (first + count < file->count && file->rows[first + count].key == file->rows[first].key)
        count++;
    return count;
}

/* The rows before key name transfers that did not come by. */
static void rows_pass(struct reconciliation *reconciliation, int64_t key)
{
    struct operator_file *file = reconciliation->file;
    while (reconciliation->at < file->count && file->rows[reconciliation->at].key < key) {
        size_t first = reconciliation->at, count = rows_alike(file, first);
        struct our_transfer transfer;
        if (reconciliation->find(reconciliation->context, file->rows[first].key, &transfer))
            rows_compare(reconciliation, first, count, &transfer);
        else
            for (size_t i = 0; i < count; i++)
                tell(reconciliation, FINDING_MISSING_HERE, &file->rows[first + i], NULL);
        reconciliation->at += count;
    }
}

/* True when the transfer's time with the operator is in the file's period, so that the file would
 * name it. What was rejected may be in no file; what was never given out is in none. */
static bool is_expected(const struct reconciliation *reconciliation,
                        const struct our_transfer *transfer)
{
    int64_t at_ms = 0;
    switch (transfer->state) {
    case OUR_VAL:
        at_ms = transfer->validated_at_ms;
        break;
    case OUR_REC:
    case OUR_NOS:
        at_ms = transfer->submitted_at_ms;
        break;
    case OUR_NEW:
    case OUR_REJ:
        return false;
    }
    return at_ms >= reconciliation->from_ms && at_ms < reconciliation->to_ms;
}

void reconciliation_begin(struct reconciliation *reconciliation)
{
    /* Rows without a key are looked for by the operator's reference. */
    reconciliation->at = 0;
    while (reconciliation->at < reconciliation->file->count &&
           reconciliation->file->rows[reconciliation->at].key == 0)
        reconciliation->at++;
}

void reconciliation_take(struct reconciliation *reconciliation, const struct our_transfer *transfer)
{
    struct operator_file *file = reconciliation->file;
    rows_pass(reconciliation, transfer->key);
    if (reconciliation->at < file->count && file->rows[reconciliation->at].key == transfer->key) {
        size_t count = rows_alike(file, reconciliation->at);
        rows_compare(reconciliation, reconciliation->at, count, transfer);
        reconciliation->at += count;
        return;
    }
    struct operator_row *row = transfer->operator_reference[0] == '\0'
                                   ? NULL
                                   : operator_file_find(file, transfer->operator_reference);
    if (row == NULL) {
        if (is_expected(reconciliation, transfer))
            tell(reconciliation, FINDING_MISSING_THERE, NULL, transfer);
        return;
    }
    tell(reconciliation, compare(reconciliation, row, transfer), row, transfer);
    while ((row = operator_file_find(file, transfer->operator_reference)) != NULL) {
        row->met = true;
        if (row->said == SAID_PAID)
            tell(reconciliation, FINDING_TWICE_THERE, row, transfer);
    }
}

void reconciliation_end(struct reconciliation *reconciliation)
{
    struct operator_file *file = reconciliation->file;
    rows_pass(reconciliation, INT64_MAX);
    for (size_t i = 0; i < file->count && file->rows[i].key == 0; i++)
        if (!file->rows[i].met)
            tell(reconciliation, FINDING_MISSING_HERE, &file->rows[i], NULL);
}

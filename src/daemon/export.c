#include "daemon/export.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/export_format.h"

enum {
    EXIT_USAGE = 2,
    ARENA_BYTES_MAX = 16 * 1024 * 1024,
    OUT_BYTES_MAX = 1024 * 1024,
    OUT_BYTES_FULL = 256 * 1024, /* Written from here on. */
};

struct statement {
    const struct export_format *format;
    struct export_head head;
    struct statement_sums sums;
    struct merchant_money balance; /* After the last entry. */
    struct buffer out;
    bool begun, written, right;
};

/* Writes all but the last keep bytes: what is appended next may have to see them. */
static void out_flush(struct statement *statement, size_t keep)
{
    struct buffer *out = &statement->out;
    char kept[8];
    invariant(keep < sizeof kept && keep <= out->length);
    size_t length = out->length - keep;
    memcpy(kept, buffer_text(out) + length, keep);
    statement->written = statement->written && buffer_ok(out) &&
                         fwrite(buffer_text(out), 1, length, stdout) == length;
    buffer_clear(out);
    buffer_append(out, kept, keep);
}

static bool money_equal(const struct merchant_money *a, const struct merchant_money *b)
{
    return a->available_minor == b->available_minor && a->held_minor == b->held_minor;
}

static void mismatch_say(struct statement *statement, const char *what,
                         const struct merchant_money *is, const struct merchant_money *should)
{
    statement->right = false;
    fprintf(stderr,
            "payoutd export: %s in %s: %" PRId64 " available and %" PRId64
            " held, its movements say %" PRId64 " and %" PRId64 ": run payoutd audit\n",
            what, currency_text(statement->head.currency), is->available_minor, is->held_minor,
            should->available_minor, should->held_minor);
}

/* Nothing is written of a currency whose movements don't come to what is kept. */
static bool sums_take(void *context, const struct statement_sums *sums)
{
    struct statement *statement = context;
    statement->sums = *sums;
    statement->balance = sums->opening;
    if (!money_equal(&sums->kept, &sums->now)) {
        mismatch_say(statement, "the balance that is kept", &sums->kept, &sums->now);
        return false;
    }
    if (!statement->begun)
        statement->format->begin(&statement->out, &statement->head);
    statement->begun = true;
    statement->format->currency_begin(&statement->out, &statement->head);
    return true;
}

static bool entry_take(void *context, const struct statement_entry *entry)
{
    struct statement *statement = context;
    statement->format->entry(&statement->out, &statement->head, entry);
    statement->balance = *entry->balance;
    if (statement->out.length >= OUT_BYTES_FULL)
        out_flush(statement, 1);
    return statement->written;
}

static enum fault_kind currency_export(struct statement *statement, struct store_reader *reader,
                                       enum currency currency, struct fault *fault)
{
    statement->head.currency = currency;
    const struct store_statement wanted = {.merchant = statement->head.merchant->id,
                                           .currency = currency,
                                           .from_ms = statement->head.from_ms,
                                           .to_ms = statement->head.to_ms,
                                           .context = statement,
                                           .sums = sums_take,
                                           .entry = entry_take};
    enum fault_kind kind = store_statement(reader, &wanted, fault);
    if (kind != FAULT_NONE || !statement->right || !statement->written)
        return kind;
    if (!money_equal(&statement->balance, &statement->sums.closing))
        mismatch_say(statement, "the last entry's balance", &statement->balance,
                     &statement->sums.closing);
    statement->format->currency_end(&statement->out, &statement->head);
    return kind;
}

/* In each currency in which it ever had money, and its own. */
static enum fault_kind currencies_export(struct statement *statement, struct store_reader *reader,
                                         struct arena *arena, struct fault *fault)
{
    struct account_balance *accounts;
    size_t count;
    bool has[CURRENCY_END] = {false};
    enum fault_kind kind =
        store_read_accounts(reader, arena, statement->head.merchant->id, &accounts, &count, fault);
    if (kind != FAULT_NONE)
        return kind;
    has[statement->head.merchant->currency] = true;
    for (size_t i = 0; i < count; i++)
        has[accounts[i].key.currency] = true;
    for (enum currency currency = CURRENCY_XOF;
         currency < CURRENCY_END && kind == FAULT_NONE && statement->right && statement->written;
         currency++)
        if (has[currency])
            kind = currency_export(statement, reader, currency, fault);
    if (kind == FAULT_NONE && statement->begun)
        statement->format->end(&statement->out);
    out_flush(statement, 0);
    return kind;
}

static enum fault_kind merchant_export(struct statement *statement, struct store_reader *reader,
                                       struct merchant_id id, struct fault *fault)
{
    AUTO(arena_closep) struct arena *arena = arena_open(ARENA_BYTES_MAX);
    struct merchant *merchant;
    enum fault_kind kind = store_read_merchant(reader, arena, id, &merchant, fault);
    if (kind != FAULT_NONE)
        return kind;
    if (merchant == NULL)
        return fault_set(fault, FAULT_FINAL, "there is no merchant %" PRId64, id.value);
    statement->head.merchant = merchant;
    if (statement->head.from_ms < 0)
        statement->head.from_ms = merchant->created_at_ms;
    return currencies_export(statement, reader, arena, fault);
}

/* --- The command line --- */

static bool merchant_id_read(const char *text, struct merchant_id *id)
{
    char *end = NULL;
    long long value = text[0] >= '0' && text[0] <= '9' ? strtoll(text, &end, 10) : 0;
    id->value = value;
    return end != NULL && *end == '\0' && value >= MERCHANT_ID_MIN && value <= MERCHANT_ID_MAX;
}

static bool options_read(const struct export_options *options, struct statement *statement,
                         struct merchant_id *id)
{
    const char *wrong = NULL;
    statement->head.from_ms = -1; /* When the merchant was made. */
    statement->head.to_ms = statement->head.made_at_ms = clock_now_ms();
    statement->format = export_format_named(options->format == NULL ? "csv" : options->format);
    if (options->merchant == NULL || !merchant_id_read(options->merchant, id))
        wrong = "--merchant must be a merchant's ten digits";
    else if (options->from != NULL && !clock_text_read(options->from, &statement->head.from_ms))
        wrong = "--from must be a date or a time in UTC, as 2026-11-01 or 2026-11-01T12:00:00";
    else if (options->to != NULL && !clock_text_read(options->to, &statement->head.to_ms))
        wrong = "--to must be a date or a time in UTC, as 2026-12-01 or 2026-12-01T12:00:00";
    else if (statement->head.to_ms <= statement->head.from_ms)
        wrong = "--to must be after --from";
    else if (statement->format == NULL)
        wrong = "--format must be csv or json";
    if (wrong != NULL)
        fprintf(stderr, "payoutd export: %s\n", wrong);
    return wrong == NULL;
}

int export_run(const char *store_url, const struct export_options *options)
{
    struct fault fault;
    struct store *store = NULL;
    struct store_reader *reader = NULL;
    struct statement statement = {.written = true, .right = true};
    struct merchant_id id;
    statement.head.sums = &statement.sums;
    if (!options_read(options, &statement, &id))
        return EXIT_USAGE;
    buffer_init(&statement.out, OUT_BYTES_MAX);
    enum fault_kind kind = store_open_beside(store_url, &store, &fault);
    if (kind == FAULT_NONE)
        kind = store_reader_open(store, &reader, &fault);
    if (kind == FAULT_NONE)
        kind = merchant_export(&statement, reader, id, &fault);
    if (kind != FAULT_NONE)
        fprintf(stderr, "payoutd export: %s\n", fault.text);
    else if (!statement.written || fflush(stdout) != 0)
        fprintf(stderr, "payoutd export: standard output does not take it\n");
    store_reader_close(reader);
    store_close(store);
    buffer_free(&statement.out);
    return kind == FAULT_NONE && statement.right && statement.written ? EXIT_SUCCESS : EXIT_FAILURE;
}

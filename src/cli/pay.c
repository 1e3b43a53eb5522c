#include "cli/pay.h"

#include <inttypes.h>
#include <string.h>

#include "cli/csv.h"
#include "cli/settings.h"
#include "wire/reply.h"

enum { LINES_BYTES_MAX = 64 * 1024 * 1024, NUMBER_BYTES = 24 };

static const char *text_keep(struct arena *arena, const char *text)
{
    if (text == NULL)
        return NULL;
    size_t size = strlen(text) + 1;
    return memcpy(arena_alloc(arena, size, 1), text, size);
}

void pay_header_write(struct buffer *text)
{
    buffer_text_append(text, "line,prefix,phone,amount,client_transaction_id,notify_url,"
                             "payment_method,outcome,code,status,transaction_id,lot,"
                             "treatment_status\n");
}

void pay_line_write(const struct person *person, const struct pay_line *line, struct buffer *text)
{
    char at[NUMBER_BYTES], amount[NUMBER_BYTES], code[NUMBER_BYTES];
    bool answered = line->outcome != PAYOUT_OUTCOME_NOT_SENT;
    (void)snprintf(at, sizeof at, "%" PRId64, person->line);
    (void)snprintf(amount, sizeof amount, "%" PRId64, person->amount);
    (void)snprintf(code, sizeof code, "%d", (int)line->code);
    const char *const fields[] = {
        at,
        person->prefix,
        person->phone,
        amount,
        person->client_transaction_id,
        person->notify_url,
        person->payment_method,
        payout_outcome_word(line->outcome),
        answered ? code : NULL,
        line->status,
        line->transaction_id,
        line->lot,
        line->treatment_status,
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        csv_field_write(text, fields[i] == NULL ? "" : fields[i], i == 0);
    buffer_char(text, '\n');
}

void pay_line_json(const struct person *person, const struct pay_line *line, struct buffer *out)
{
    buffer_char(out, '{');
    reply_int_member(out, "line", person->line);
    reply_text_member(out, "prefix", person->prefix);
    reply_text_member(out, "phone", person->phone);
    reply_int_member(out, "amount", person->amount);
    reply_text_member(out, "client_transaction_id", person->client_transaction_id);
    reply_text_member(out, "outcome", payout_outcome_word(line->outcome));
    reply_int_member(out, "code", (int)line->code);
    reply_text_member(out, "status", line->status);
    reply_text_member(out, "transaction_id", line->transaction_id);
    reply_text_member(out, "lot", line->lot);
    reply_text_member(out, "treatment_status", line->treatment_status);
    buffer_char(out, '}');
}

/* Writes rows from first on to the result file, all the way to the disk's owner: a cut that follows
 * loses none of them. */
static void result_write(const struct pay_options *options, struct pay *pay, size_t first,
                         size_t count)
{
    struct buffer text;
    if (options->result == NULL)
        return;
    buffer_init(&text, LINES_BYTES_MAX);
    for (size_t i = first; i < first + count; i++)
        pay_line_write(&options->rows[i], &pay->lines[i], &text);
    bool written = buffer_ok(&text) &&
                   fwrite(buffer_text(&text), 1, text.length, options->result) == text.length &&
                   fflush(options->result) == 0;
    pay->result_lost = pay->result_lost || !written;
    buffer_free(&text);
}

/* What the bulk calls back; its first transfer is the row at offset. */
struct paying {
    const struct pay_options *options;
    struct pay *pay;
    size_t offset;
};

/* Takes over what became of one lot's rows. */
static void lines_take(const struct pay_options *options, struct pay *pay, size_t first,
                       const struct payout_result *result)
{
    for (size_t i = 0; i < result->item_count; i++) {
        const struct payout_item *item = &result->items[i];
        pay->lines[first + i] = (struct pay_line){
            .outcome = item->outcome,
            .code = item->code,
            .status =
                text_keep(options->arena, item->status != NULL ? item->status : result->message),
            .transaction_id = text_keep(options->arena, item->transaction_id),
            .lot = text_keep(options->arena, item->lot),
            .treatment_status = text_keep(options->arena, item->treatment_status),
        };
    }
}

/* True when trying again later can't change what became of the lot's rows: all are there, or
 * refused for what they are. */
static bool lines_final(const struct pay_line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool there = lines[i].outcome == PAYOUT_OUTCOME_ACCEPTED ||
                     lines[i].outcome == PAYOUT_OUTCOME_REPEATED;
        bool later = lines[i].code == PAYOUT_INSUFFICIENT_BALANCE ||
                     lines[i].code == PAYOUT_OPERATOR_UNAVAILABLE ||
                     lines[i].code == PAYOUT_OPERATOR_NOT_AVAILABLE ||
                     (lines[i].code >= PAYOUT_INVALID_CREDENTIALS &&
                      lines[i].code <= PAYOUT_EXECUTION_UNKNOWN);
        if (!there && (later || lines[i].outcome != PAYOUT_OUTCOME_REFUSED))
            return false;
    }
    return true;
}

static bool part_tell(void *context, const struct payout_bulk_part *part)
{
    const struct paying *paying = context;
    const struct pay_options *options = paying->options;
    struct pay *pay = paying->pay;
    size_t first = paying->offset + part->first;
    if (part->contacts)
        return true;
    if (part->result == NULL) {
        progress_show(options->progress, first, "sending");
        return options->journal == NULL || journal_begin(options->journal, first, part->count);
    }
    lines_take(options, pay, first, part->result);
    result_write(options, pay, first, part->count);
    /* One that is to be tried again does not end. */
    return options->journal == NULL || !lines_final(pay->lines + first, part->count) ||
           journal_end(options->journal, first, part->count, pay->lines + first);
}

static bool part_sent_before(void *context, size_t first, size_t count)
{
    const struct paying *paying = context;
    (void)count;
    return paying->options->journal != NULL &&
           journal_begun(paying->options->journal, paying->offset + first);
}

/* The rows as libpayout takes them. */
static struct payout_transfer *transfers_make(const struct pay_options *options)
{
    struct payout_transfer *transfers =
        arena_alloc(options->arena, options->count, sizeof *transfers);
    for (size_t i = 0; i < options->count; i++) {
        const struct person *person = &options->rows[i];
        invariant(person->client_transaction_id != NULL);
        transfers[i] = (struct payout_transfer){
            .prefix = person->prefix,
            .phone = person->phone,
            .amount = person->amount,
            .notify_url = person->notify_url,
            .client_transaction_id = person->client_transaction_id,
            .payment_method = person->payment_method,
        };
    }
    return transfers;
}

static struct payout_contact *contacts_make(const struct pay_options *options)
{
    struct payout_contact *contacts = arena_alloc(options->arena, options->count, sizeof *contacts);
    for (size_t i = 0; i < options->count; i++) {
        const struct person *person = &options->rows[i];
        contacts[i] = (struct payout_contact){.prefix = person->prefix,
                                              .phone = person->phone,
                                              .name = person->name,
                                              .surname = person->surname,
                                              .email = person->email};
    }
    return contacts;
}

/* Sends count rows from first on, which begin a lot. False: no more may be sent. */
static bool rows_send(const struct pay_options *options, struct pay *pay,
                      const struct payout_transfer *transfers,
                      const struct payout_contact *contacts, size_t first, size_t count)
{
    struct paying paying = {options, pay, first};
    const struct payout_bulk_options bulk = {
        .size = sizeof bulk,
        .part_items = options->lot_size,
        .contacts = contacts == NULL ? NULL : contacts + first,
        .sent_before = part_sent_before,
        .tell = part_tell,
        .context = &paying,
    };
    struct payout_bulk_end end;
    enum payout_client_fault fault =
        payout_bulk(options->client, transfers + first, count, &bulk, &end);
    if (!end.stopped)
        return true;
    result_write(options, pay, first + end.done, options->count - first - end.done);
    pay->journal_lost = end.text[0] == '\0';
    pay->refused = fault == PAYOUT_CLIENT_DONE && !pay->journal_lost;
    pay->unreachable = fault != PAYOUT_CLIENT_DONE && fault != PAYOUT_CLIENT_UNKNOWN;
    (void)snprintf(pay->why, sizeof pay->why, "%s",
                   pay->journal_lost ? "writing the journal" : end.text);
    return false;
}

/* How many rows from first on are not known to have ended; *ended: else, how many have. */
static size_t rows_open(const struct pay_options *options, struct pay *pay, size_t first,
                        size_t *ended)
{
    size_t at = first;
    *ended = 0;
    while (at < options->count) {
        size_t rest = options->count - at;
        size_t count = rest < options->lot_size ? rest : options->lot_size;
        bool known =
            options->journal != NULL && journal_ended(options->journal, at, pay->lines + at);
        if (known && at == first)
            *ended = count;
        if (known)
            break;
        at += count;
    }
    return at - first;
}

void pay_run(const struct pay_options *options, struct pay *pay)
{
    *pay = (struct pay){.lines = arena_alloc(options->arena, options->count, sizeof *pay->lines)};
    const struct payout_transfer *transfers = transfers_make(options);
    const struct payout_contact *contacts = options->add_contacts ? contacts_make(options) : NULL;
    for (size_t i = 0; i < options->count; i++)
        pay->lines[i].outcome = PAYOUT_OUTCOME_NOT_SENT;
    bool on = true;
    for (size_t first = 0; on && first < options->count;) {
        size_t ended, count = rows_open(options, pay, first, &ended);
        if (count > 0)
            on = rows_send(options, pay, transfers, contacts, first, count);
        else
            result_write(options, pay, first, ended);
        first += count + ended;
    }
    progress_end(options->progress);
    for (size_t i = 0; i < options->count; i++)
        pay->counts[pay->lines[i].outcome]++;
}

int pay_status(const struct pay *pay, size_t count)
{
    size_t good = pay->counts[PAYOUT_OUTCOME_ACCEPTED] + pay->counts[PAYOUT_OUTCOME_REPEATED];
    if (pay->counts[PAYOUT_OUTCOME_UNKNOWN] > 0)
        return STATUS_UNKNOWN;
    if (pay->unreachable || pay->journal_lost)
        return STATUS_UNREACHABLE;
    if (good == count)
        return STATUS_OK;
    return good == 0 ? STATUS_REFUSED : STATUS_SOME_REFUSED;
}

#include "cli/pay.h"

#include <inttypes.h>
#include <string.h>

#include "cli/csv.h"
#include "cli/settings.h"

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

/* Notes why it can't go on. */
static void stop(struct pay *pay, const struct payout_result *result, const char *what)
{
    const char *reason = result == NULL                   ? "out of memory"
                         : result->text[0] != '\0'        ? result->text
                         : result->description[0] != '\0' ? result->description
                                                          : result->message;
    if (result != NULL && result->fault == PAYOUT_CLIENT_DONE)
        pay->refused = true;
    else if (result == NULL || result->fault != PAYOUT_CLIENT_UNKNOWN)
        pay->unreachable = true;
    if (result != NULL && result->fault == PAYOUT_CLIENT_DONE)
        (void)snprintf(pay->why, sizeof pay->why, "%s: %d %s", what, (int)result->code, reason);
    else
        (void)snprintf(pay->why, sizeof pay->why, "%s: %s", what, reason);
}

/* True when the request was refused for who sent it or how often, so that the next one would be
 * too. */
static bool sender_refused(const struct payout_result *result)
{
    invariant(result != NULL); /* Something was answered. */
    return result->http_status == 429 ||
           (result->code >= PAYOUT_INVALID_CREDENTIALS && result->code <= PAYOUT_NOT_ALLOWED);
}

/* Adds the people of a lot. False: the lot can't be sent. That some are refused is no reason: their
 * transfers will be refused too, and say so. */
static bool contacts_add(const struct pay_options *options, struct pay *pay, size_t first,
                         size_t count)
{
    struct payout_contact *contacts = arena_alloc(options->arena, count, sizeof *contacts);
    struct payout_result *result = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct person *person = &options->rows[first + i];
        contacts[i] = (struct payout_contact){.prefix = person->prefix,
                                              .phone = person->phone,
                                              .name = person->name,
                                              .surname = person->surname,
                                              .email = person->email};
    }
    enum payout_client_fault fault = payout_contact_add(options->client, contacts, count, &result);
    bool on = fault == PAYOUT_CLIENT_DONE && !sender_refused(result);
    if (!on)
        stop(pay, result, "adding contacts");
    payout_result_free(result);
    return on;
}

static size_t digits_copy(const char *text, char *digits, size_t size)
{
    size_t length = 0;
    for (; text != NULL && *text != '\0'; text++)
        if (*text >= '0' && *text <= '9' && length + 1 < size)
            digits[length++] = *text;
    digits[length] = '\0';
    return length;
}

/* True when a and b end with the same digits, as many as the shorter one has: numbers are written
 * with and without their country. */
static bool receiver_equal(const char *a, const char *b)
{
    char left[32], right[32];
    size_t left_length = digits_copy(a, left, sizeof left);
    size_t right_length = digits_copy(b, right, sizeof right);
    size_t shorter = left_length < right_length ? left_length : right_length;
    return shorter >= 6 &&
           memcmp(left + left_length - shorter, right + right_length - shorter, shorter) == 0;
}

/* The server had the id already and did not say for what (805 without a transaction_id): asks. The
 * row is REPEATED only when the id stands for this very payment. */
static void repeated_settle(const struct pay_options *options, const struct person *person,
                            struct pay_line *line)
{
    struct payout_result *result = NULL;
    const struct payout_check_key key = {.client_transaction_id = person->client_transaction_id};
    enum payout_client_fault fault = payout_check(options->client, &key, &result);
    if (fault != PAYOUT_CLIENT_DONE || result->code != PAYOUT_OK || result->transfer_count != 1) {
        /* It exists, and nobody tells for whom: to be looked at by a person. */
        line->outcome = PAYOUT_OUTCOME_UNKNOWN;
    } else {
        const struct payout_transfer_state *state = &result->transfers[0];
        bool same =
            state->amount == person->amount && receiver_equal(state->receiver, person->phone);
        line->outcome = same ? PAYOUT_OUTCOME_REPEATED : PAYOUT_OUTCOME_REFUSED;
        line->transaction_id = same ? text_keep(options->arena, state->transaction_id) : NULL;
        line->lot = same ? text_keep(options->arena, state->lot) : NULL;
        line->treatment_status = same ? text_keep(options->arena, state->treatment_status) : NULL;
    }
    payout_result_free(result);
}

/* Takes over what became of one lot's rows. */
static void lines_take(const struct pay_options *options, struct pay *pay, size_t first,
                       const struct payout_result *result)
{
    for (size_t i = 0; i < result->item_count; i++) {
        const struct payout_item *item = &result->items[i];
        struct pay_line *line = &pay->lines[first + i];
        *line = (struct pay_line){
            .outcome = item->outcome,
            .code = item->code,
            .status =
                text_keep(options->arena, item->status != NULL ? item->status : result->message),
            .transaction_id = text_keep(options->arena, item->transaction_id),
            .lot = text_keep(options->arena, item->lot),
            .treatment_status = text_keep(options->arena, item->treatment_status),
        };
        if (line->outcome == PAYOUT_OUTCOME_REPEATED && line->transaction_id == NULL)
            repeated_settle(options, &options->rows[first + i], line);
    }
}

/* Sends the rows from first on as one lot. False: the ones behind it must not be sent. */
static bool lot_send(const struct pay_options *options, struct pay *pay, size_t first, size_t count)
{
    struct payout_transfer *transfers = arena_alloc(options->arena, count, sizeof *transfers);
    struct payout_result *result = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct person *person = &options->rows[first + i];
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
    enum payout_client_fault fault = payout_send(options->client, transfers, count, NULL, &result);
    if (result != NULL)
        lines_take(options, pay, first, result);
    /* That all of a lot's items are bad says nothing of the next lot. */
    bool on = fault == PAYOUT_CLIENT_DONE && !sender_refused(result) &&
              result->code != PAYOUT_INSUFFICIENT_BALANCE;
    if (!on)
        stop(pay, result, "sending");
    payout_result_free(result);
    return on;
}

void pay_run(const struct pay_options *options, struct pay *pay)
{
    *pay = (struct pay){.lines = arena_alloc(options->arena, options->count, sizeof *pay->lines)};
    for (size_t i = 0; i < options->count; i++)
        pay->lines[i].outcome = PAYOUT_OUTCOME_NOT_SENT;
    size_t first = 0;
    for (bool on = true; on && first < options->count;) {
        size_t rest = options->count - first;
        size_t count = rest < options->lot_size ? rest : options->lot_size;
        progress_show(options->progress, first, "sending");
        on = (!options->add_contacts || contacts_add(options, pay, first, count)) &&
             lot_send(options, pay, first, count);
        result_write(options, pay, first, count);
        first += count;
    }
    result_write(options, pay, first, options->count - first);
    progress_end(options->progress);
    for (size_t i = 0; i < options->count; i++)
        pay->counts[pay->lines[i].outcome]++;
}

int pay_status(const struct pay *pay, size_t count)
{
    size_t good = pay->counts[PAYOUT_OUTCOME_ACCEPTED] + pay->counts[PAYOUT_OUTCOME_REPEATED];
    if (pay->counts[PAYOUT_OUTCOME_UNKNOWN] > 0)
        return STATUS_UNKNOWN;
    if (pay->unreachable)
        return STATUS_UNREACHABLE;
    if (good == count)
        return STATUS_OK;
    return good == 0 ? STATUS_REFUSED : STATUS_SOME_REFUSED;
}

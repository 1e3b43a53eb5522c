#include "cli/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/random.h"
#include "cli/csv.h"
#include "cli/print.h"
#include "cli/say.h"
#include "cli/settings.h"

/* A CSV. Its records, by their first field:
 *   payout-journal,1,ACCOUNT,LOT-SIZE,BATCH
 *   row,PREFIX,PHONE,AMOUNT,NOTIFY-URL,PAYMENT-METHOD,ID       one a payment, in the file's order
 *   ready,COUNT                                                 all of them are there
 *   begin,FIRST,COUNT                                           this lot is about to leave
 *   line,INDEX,OUTCOME,CODE,STATUS,TRANSACTION-ID,LOT,TREATMENT what became of a payment
 *   end,FIRST,COUNT                                             of the whole lot it is known
 * What stands behind the last line end was cut off in the middle, and never counted. */
static const char journal_mark[] = "payout-journal,1,";

enum { NUMBER_BYTES = 24, PATH_BYTES_MAX = 4096, ROW_FIELDS = 7, LINE_FIELDS = 8 };

enum lot_state { LOT_NEW, LOT_BEGUN, LOT_ENDED };
struct journal {
    struct arena *arena;
    const char *path;
    int file;
    const char *account, *batch;
    size_t lot_size;
    bool resumed;
    char *bytes; /* What was there. */
    size_t length, count, lot_count;
    enum lot_state *lots;
    struct pay_line *lines;
};

static bool problem(const struct journal *journal, const char *what)
{
    print_problem("%s: %s", journal->path, say(what));
    return false;
}

/* --- Writing --- */

static void record_write(struct buffer *text, const char *const *fields, size_t count)
{
    for (size_t i = 0; i < count; i++)
        csv_field_write(text, fields[i] == NULL ? "" : fields[i], i == 0);
    buffer_char(text, '\n');
}

static void numbers_write(struct buffer *text, const char *kind, size_t first, size_t count)
{
    buffer_format(text, "%s,%zu,%zu\n", kind, first, count);
}

/* Appends text, and has it on the disk. */
static bool append(struct journal *journal, const struct buffer *text)
{
    size_t done = 0;
    while (buffer_ok(text) && done < text->length) {
        ssize_t written = write(journal->file, text->bytes + done, text->length - done);
        if (written <= 0 && errno != EINTR)
            break;
        done += written > 0 ? (size_t)written : 0;
    }
    if (buffer_ok(text) && done == text->length && fdatasync(journal->file) == 0)
        return true;
    print_problem("%s: %s: nothing more is sent", journal->path, strerror(errno));
    return false;
}

/* --- Opening --- */

/* The name of a file that was made must be on the disk, too. */
static bool folder_sync(const char *path)
{
    char copy[PATH_BYTES_MAX];
    if ((size_t)snprintf(copy, sizeof copy, "%s", path) >= sizeof copy)
        return false;
    int folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = folder >= 0 && fsync(folder) == 0;
    if (folder >= 0)
        (void)close(folder);
    return synced;
}

static bool file_take(struct journal *journal)
{
    journal->file = open(journal->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (journal->file < 0)
        return problem(journal, strerror(errno));
    if (flock(journal->file, LOCK_EX | LOCK_NB) != 0)
        return problem(journal, "another payout is at work with it");
    struct buffer text;
    char piece[64 * 1024];
    buffer_init(&text, JOURNAL_BYTES_MAX);
    ssize_t got;
    while ((got = read(journal->file, piece, sizeof piece)) > 0)
        buffer_append(&text, piece, (size_t)got);
    bool whole = got == 0 && buffer_ok(&text);
    const char *end = whole && text.length > 0 ? memrchr(text.bytes, '\n', text.length) : NULL;
    journal->length = end == NULL ? 0 : (size_t)(end - text.bytes) + 1;
    journal->bytes = arena_alloc(journal->arena, journal->length + 1, 1);
    if (journal->length > 0)
        memcpy(journal->bytes, text.bytes, journal->length);
    size_t mark = sizeof journal_mark - 1, shown = text.length < mark ? text.length : mark;
    bool ours = whole && (shown == 0 || memcmp(text.bytes, journal_mark, shown) == 0);
    buffer_free(&text);
    return ours || problem(journal, "this is no journal of payout's, or it can't be read");
}

static bool number_read(const char *text, size_t *number)
{
    char *end;
    errno = 0;
    unsigned long long read = strtoull(text, &end, 10);
    *number = (size_t)read;
    return end != text && *end == '\0' && errno == 0;
}

static const char *text_keep(struct journal *journal, const char *text)
{
    size_t size = strlen(text) + 1;
    return size == 1 ? NULL : memcpy(arena_alloc(journal->arena, size, 1), text, size);
}

/* Reads the head of one that is there. False: it was cut off before it was ready, so that nothing
 * was sent; or it is another one's (said so, *other). */
static bool head_read(struct journal *journal, bool *other)
{
    struct csv csv;
    struct csv_row row;
    bool good = false, ready = false;
    *other = false;
    csv_open(&csv, journal->bytes, journal->length);
    if (csv_next(&csv, &row) == CSV_ROW && row.count == 5 &&
        number_read(row.fields[3], &journal->lot_size) && journal->lot_size > 0) {
        good = true;
        journal->batch = text_keep(journal, row.fields[4]);
        *other = strcmp(row.fields[2], journal->account) != 0;
    }
    while (good && !ready && csv_next(&csv, &row) == CSV_ROW)
        ready = row.count == 2 && strcmp(row.fields[0], "ready") == 0 &&
                number_read(row.fields[1], &journal->count);
    csv_close(&csv);
    return ready && !*other;
}

struct journal *journal_open(struct arena *arena, const char *path, const char *account,
                             const char *batch, size_t lot_size)
{
    struct journal *journal = arena_alloc(arena, 1, sizeof *journal);
    bool other = false;
    *journal = (struct journal){.arena = arena, .path = path, .account = account, .file = -1};
    if (!file_take(journal)) {
        journal_close(journal);
        return NULL;
    }
    journal->resumed = head_read(journal, &other);
    if (other || (journal->resumed && batch != NULL && strcmp(batch, journal->batch) != 0)) {
        (void)problem(journal, other ? "it was begun for another server or account"
                                     : "it was begun with another --batch");
        journal_close(journal);
        return NULL;
    }
    if (!journal->resumed) {
        char *made = arena_alloc(arena, JOURNAL_BATCH_CHARACTERS + 1, 1);
        random_text(made, JOURNAL_BATCH_CHARACTERS + 1);
        journal->batch = batch != NULL ? batch : made;
        journal->lot_size = lot_size;
    }
    return journal;
}

void journal_close(struct journal *journal)
{
    if (journal != NULL && journal->file >= 0)
        (void)close(journal->file); /* The lock goes with it. */
}

const char *journal_batch(const struct journal *journal)
{
    return journal->batch;
}

size_t journal_lot_size(const struct journal *journal)
{
    return journal->lot_size;
}

bool journal_resumed(const struct journal *journal)
{
    return journal->resumed;
}

/* --- The rows --- */

/* A payment's record: all that is sent of it. */
static void person_write(const struct person *person, struct buffer *text)
{
    char amount[NUMBER_BYTES];
    (void)snprintf(amount, sizeof amount, "%" PRId64, person->amount);
    const char *const fields[ROW_FIELDS] = {"row",
                                            person->prefix,
                                            person->phone,
                                            amount,
                                            person->notify_url,
                                            person->payment_method,
                                            person->client_transaction_id};
    record_write(text, fields, ROW_FIELDS);
}

/* Writes the head of a new one. */
static bool head_write(struct journal *journal, const struct people *people)
{
    struct buffer text;
    char lot_size[NUMBER_BYTES];
    (void)snprintf(lot_size, sizeof lot_size, "%zu", journal->lot_size);
    const char *const head[] = {"payout-journal", "1", journal->account, lot_size, journal->batch};
    buffer_init(&text, JOURNAL_BYTES_MAX);
    record_write(&text, head, sizeof head / sizeof *head);
    for (size_t i = 0; i < people->count; i++)
        person_write(&people->rows[i], &text);
    buffer_format(&text, "ready,%zu\n", people->count);
    bool written = ftruncate(journal->file, 0) == 0 && append(journal, &text) &&
                   fsync(journal->file) == 0 && folder_sync(journal->path);
    buffer_free(&text);
    return written || problem(journal, "it can't be written: nothing was sent");
}

/* True when the records say the same of the payments as people. */
static bool rows_equal(struct journal *journal, const struct people *people)
{
    struct buffer text;
    buffer_init(&text, JOURNAL_BYTES_MAX);
    for (size_t i = 0; i < people->count; i++)
        person_write(&people->rows[i], &text);
    buffer_format(&text, "ready,%zu\n", people->count);
    const char *rows = memchr(journal->bytes, '\n', journal->length);
    bool equal = buffer_ok(&text) && rows != NULL &&
                 text.length <= journal->length - (size_t)(rows + 1 - journal->bytes) &&
                 memcmp(rows + 1, text.bytes, text.length) == 0;
    buffer_free(&text);
    return equal;
}

/* --- The lots --- */

static void line_take(struct journal *journal, const struct csv_row *row)
{
    size_t index;
    if (row->count != LINE_FIELDS || !number_read(row->fields[1], &index) ||
        index >= journal->count)
        return;
    struct pay_line *line = &journal->lines[index];
    *line = (struct pay_line){
        .code = (enum payout_code)strtol(row->fields[3], NULL, 10),
        .status = text_keep(journal, row->fields[4]),
        .transaction_id = text_keep(journal, row->fields[5]),
        .lot = text_keep(journal, row->fields[6]),
        .treatment_status = text_keep(journal, row->fields[7]),
    };
    for (enum payout_outcome outcome = PAYOUT_OUTCOME_UNKNOWN; outcome <= PAYOUT_OUTCOME_NOT_SENT;
         outcome++)
        if (strcmp(row->fields[2], payout_outcome_word(outcome)) == 0)
            line->outcome = outcome;
}

/* Reads what happened to the lots. False: it is damaged. */
static bool lots_read(struct journal *journal)
{
    struct csv csv;
    struct csv_row row;
    enum csv_result read;
    csv_open(&csv, journal->bytes, journal->length);
    while ((read = csv_next(&csv, &row)) == CSV_ROW) {
        bool begins = strcmp(row.fields[0], "begin") == 0;
        size_t first;
        if (strcmp(row.fields[0], "line") == 0)
            line_take(journal, &row);
        if ((begins || strcmp(row.fields[0], "end") == 0) && row.count == 3 &&
            number_read(row.fields[1], &first) && first < journal->count)
            journal->lots[first / journal->lot_size] = begins ? LOT_BEGUN : LOT_ENDED;
    }
    csv_close(&csv);
    return read == CSV_END;
}

bool journal_rows(struct journal *journal, const struct people *people)
{
    if (journal->resumed && !rows_equal(journal, people))
        return problem(journal, "the payments are not those it was begun with: bring the file back "
                                "as it was, or name another --journal");
    journal->count = people->count;
    journal->lot_count = (people->count + journal->lot_size - 1) / journal->lot_size;
    journal->lots = arena_alloc(journal->arena, journal->lot_count, sizeof *journal->lots);
    journal->lines = arena_alloc(journal->arena, journal->count, sizeof *journal->lines);
    if (!journal->resumed)
        return head_write(journal, people);
    /* What a kill cut off in the middle goes, so that what follows begins on a line of its own. */
    if (ftruncate(journal->file, (off_t)journal->length) != 0)
        return problem(journal, strerror(errno));
    return lots_read(journal) || problem(journal, "it is damaged: nothing was sent");
}

bool journal_ended(const struct journal *journal, size_t first, struct pay_line *lines)
{
    size_t rest = journal->count - first;
    size_t count = rest < journal->lot_size ? rest : journal->lot_size;
    if (journal->lots[first / journal->lot_size] != LOT_ENDED)
        return false;
    memcpy(lines, journal->lines + first, count * sizeof *lines);
    return true;
}

bool journal_begun(const struct journal *journal, size_t first)
{
    return journal->lots[first / journal->lot_size] == LOT_BEGUN;
}

bool journal_begin(struct journal *journal, size_t first, size_t count)
{
    struct buffer text;
    buffer_init(&text, NUMBER_BYTES * (size_t)4);
    numbers_write(&text, "begin", first, count);
    bool written = append(journal, &text);
    buffer_free(&text);
    return written;
}

/* A field that the server told: a line end in it would look like a record's. */
static void told_write(struct buffer *text, const char *told)
{
    struct buffer clean;
    buffer_init(&clean, CSV_ROW_BYTES_MAX);
    print_clean(&clean, told == NULL ? "" : told);
    csv_field_write(text, buffer_text(&clean), false);
    buffer_free(&clean);
}

bool journal_end(struct journal *journal, size_t first, size_t count, const struct pay_line *lines)
{
    struct buffer text;
    buffer_init(&text, JOURNAL_BYTES_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct pay_line *line = &lines[i];
        buffer_format(&text, "line,%zu,%s,%d", first + i, payout_outcome_word(line->outcome),
                      (int)line->code);
        told_write(&text, line->status);
        told_write(&text, line->transaction_id);
        told_write(&text, line->lot);
        told_write(&text, line->treatment_status);
        buffer_char(&text, '\n');
    }
    numbers_write(&text, "end", first, count);
    bool written = append(journal, &text);
    buffer_free(&text);
    return written;
}

/* journal: what `payout send FILE` must not forget when it is killed: which payments it is about,
 * with their client_transaction_ids, and which lots began and ended. It is on the disk (fsync)
 * before the first byte of what it tells leaves. It must never let a payment have two ids, nor call
 * a lot ended whose outcome is not known. One process at a time holds one; one thread. */
#ifndef PAYOUT_CLI_JOURNAL_H
#define PAYOUT_CLI_JOURNAL_H
#include <stdbool.h>

#include "cli/people.h"

enum { JOURNAL_BYTES_MAX = 512 * 1024 * 1024, JOURNAL_BATCH_CHARACTERS = 16 };

/* What became of a row. */
struct pay_line {
    enum payout_outcome outcome; /* REPEATED: it is the very same payment. */
    enum payout_code code;
    const char *status, *transaction_id, *lot, *treatment_status; /* NULL: not told. */
};

struct journal;
/* Opens or makes the journal at path, for payments of account (whom to pay through, and as whom). A
 * new one takes batch (NULL: a random one) and lot_size. NULL: said why; nothing was changed.
 * journal_close. */
struct journal *journal_open(struct arena *arena, const char *path, const char *account,
                             const char *batch, size_t lot_size);
void journal_close(struct journal *journal); /* NULL is fine. */

/* As it was begun with: the batch's name that ids are made of, and how many rows a lot has. */
const char *journal_batch(const struct journal *journal);
size_t journal_lot_size(const struct journal *journal);
/* True when there was one at path that is gone on with. */
bool journal_resumed(const struct journal *journal);

/* Writes the rows down, or compares them with those that were. False: said why, and nothing may be
 * sent. */
MUST_USE bool journal_rows(struct journal *journal, const struct people *people);

/* True when the lot's outcome is known; its lines then go to lines. */
bool journal_ended(const struct journal *journal, size_t first, struct pay_line *lines);
/* True when the lot may have left before. */
bool journal_begun(const struct journal *journal, size_t first);
/* Writes down that a lot is about to leave, or what became of its rows. False: the disk does not
 * take it, said so; nothing more may be sent. */
MUST_USE bool journal_begin(struct journal *journal, size_t first, size_t count);
MUST_USE bool journal_end(struct journal *journal, size_t first, size_t count,
                          const struct pay_line *lines);
#endif

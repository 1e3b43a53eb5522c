/* move: takes a whole installation's rows from one store into another that is empty, of whatever
 * kind: ids, chains and hashes stay as they are. What was not copied whole is marked, and is no
 * store to anybody. One thread. */
#ifndef PAYOUT_STORE_MOVE_H
#define PAYOUT_STORE_MOVE_H
#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "store/store.h"

struct move;

/* Both URLs as store_open's. Nobody may write to either meanwhile; refuses a destination where
 * something is, except, with again, what a copy left that did not come to its end. The caller owns
 * *move: move_close. */
MUST_USE enum fault_kind move_open(const char *from, const char *into, bool again,
                                   struct move **move, struct fault *fault);
/* Called with each table's name and its rows so far. */
typedef void move_progress(void *context, const char *table, int64_t rows);
/* Copies every row; after it they last. */
MUST_USE enum fault_kind move_rows(struct move *move, move_progress *progress, void *context,
                                   struct fault *fault);
/* Reads all that is in the destination again. A fault names the first table that does not hold, row
 * for row, what was read of the source. */
MUST_USE enum fault_kind move_compare(struct move *move, move_progress *progress, void *context,
                                      struct fault *fault);
/* The destination, to be read only; the caller closes it, before move_finish. */
MUST_USE enum fault_kind move_store(struct move *move, struct store **store, struct fault *fault);
/* The destination is a store from now on. */
MUST_USE enum fault_kind move_finish(struct move *move, struct fault *fault);
/* NULL is fine. Without move_finish the destination stays marked. */
void move_close(struct move *move);
#endif

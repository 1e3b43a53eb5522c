/* table: the rows of one kind that a book holds: a list in order of wanting, and buckets by hash.
 * The room's own. One owner: the book. */
#ifndef PAYOUT_MONEY_TABLE_H
#define PAYOUT_MONEY_TABLE_H
#include "money/book.h"

/* Adds a row of size bytes, WANTED, zeroed but for its head. */
void *table_add(struct arena *arena, struct book_table *table, uint64_t hash, size_t size);
/* The first row of the bucket of hash; NULL: it is empty. */
struct book_row *table_first(const struct book_table *table, uint64_t hash);
/* Keys of a number or two need no secret hash: no client chooses them freely. */
uint64_t table_hash(int64_t a, int64_t b);
/* A text does: its hash is under a key of this process. */
uint64_t table_hash_text(struct merchant_id merchant, const char *text);
#endif

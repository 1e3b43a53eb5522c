/* csv: files that people open in a spreadsheet: what it would take for a formula is a text in them.
 */
#ifndef PAYOUT_CONSOLE_CSV_H
#define PAYOUT_CONSOLE_CSV_H
#include "http/request.h"
#include "store/store.h"

/* Appends a cell, with a comma in front unless it is the first of its line. NULL is empty. */
void csv_text(struct buffer *text, bool first, const char *cell);
void csv_number(struct buffer *text, int64_t number);
void csv_end(struct buffer *text);

/* The columns of transfers, as the first line. */
void csv_transfers_head(struct buffer *text);
/* A line a transfer; the names of contacts are read. Scratch is for that. False: fault is set. */
MUST_USE bool csv_transfers(struct request *request, struct arena *scratch,
                            const struct transfer *transfers, size_t count, struct buffer *text,
                            struct fault *fault);
#endif

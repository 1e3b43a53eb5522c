/* pay: many transfers, lot after lot, until all are sent or one may not go on. It must never send
 * what has no client_transaction_id, nor go on after an outcome that it does not know. */
#ifndef PAYOUT_CLI_PAY_H
#define PAYOUT_CLI_PAY_H
#include <stdio.h>

#include "cli/journal.h"
#include "cli/people.h"
#include "cli/print.h"

enum { PAY_LOT_SIZE_DEFAULT = 500, PAY_OUTCOME_COUNT = PAYOUT_OUTCOME_NOT_SENT + 1 };

struct pay_options {
    struct arena *arena; /* Texts of the lines go there. */
    struct payout_client *client;
    const struct person *rows;
    size_t count;
    size_t lot_size;         /* 1 to PAYOUT_ITEMS_MAX */
    bool add_contacts;       /* Before each lot, its people are added. */
    struct journal *journal; /* Gets each lot before it leaves and when its outcome is known; lots
                                that ended there are not sent again. NULL: none. */
    FILE *result;            /* Gets every line as soon as its outcome is known. NULL: none. */
    const struct progress *progress;
};

struct pay {
    struct pay_line *lines; /* One a row. */
    size_t counts[PAY_OUTCOME_COUNT];
    bool unreachable;  /* It stopped since the server could not be reached. */
    bool refused;      /* It stopped since the server refused a whole request. */
    bool journal_lost; /* It stopped since the journal could not be written. */
    bool result_lost;  /* The result file could not be written. */
    char why[320];     /* Why it stopped; "": it did not. */
};

/* Sends all rows that it may send. */
void pay_run(const struct pay_options *options, struct pay *pay);
/* The enum exit_status of what became of them. */
int pay_status(const struct pay *pay, size_t count);
/* Appends the result file's header row, and a row. */
void pay_header_write(struct buffer *text);
void pay_line_write(const struct person *person, const struct pay_line *line, struct buffer *text);
/* Appends a row as JSON. */
void pay_line_json(const struct person *person, const struct pay_line *line, struct buffer *out);
#endif

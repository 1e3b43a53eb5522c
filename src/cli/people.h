/* people: a CSV of people to pay, or to add as contacts: which column is which, and whether every
 * row makes sense, before anything is sent. Pure. One thread. */
#ifndef PAYOUT_CLI_PEOPLE_H
#define PAYOUT_CLI_PEOPLE_H
#include <stdbool.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/fault.h"
#include "payout/payout.h"

enum {
    PEOPLE_BYTES_MAX = 128 * 1024 * 1024,
    PEOPLE_ROWS_MAX = 1000000,
    PEOPLE_ERRORS_MAX = 50, /* Written out; the others are counted. */
    PEOPLE_BATCH_BYTES_MAX = 64,
    PEOPLE_ID_BYTES_MAX = 128,
};

/* Texts are NULL when the row has none. */
struct person {
    int64_t line;
    const char *prefix, *phone;
    int64_t amount; /* 0 when amounts aren't wanted. */
    const char *client_transaction_id, *notify_url, *payment_method;
    const char *name, *surname, *email;
};

struct people_options {
    const char *path;    /* For messages. */
    bool amounts;        /* They are to be paid: every row needs an amount and an id. */
    bool ignore_unknown; /* Columns that mean nothing here are left out; else an error. */
    const char *prefix, *notify_url, *payment_method; /* Where a row has none. NULL: none. */
    /* Rows without a client_transaction_id get BATCH-PREFIXPHONE-N: the N-th payment to that
     * number in this batch, wherever its row stands. So the same file gives the same ids, also
     * when rows were added to it, put in order or taken out; and an amount that was changed is
     * refused by the server (805) instead of paid again. NULL: such a row is an error. */
    const char *batch;
};

struct people {
    struct person *rows;
    size_t count;
    int64_t total; /* Of the amounts. */
    bool derived;  /* Some ids come from the batch's name. */
    size_t error_count;
};

/* Reads all rows; texts are in arena. Appends "path:line: what is wrong" a line to errors; true
 * when there is nothing wrong and at least one row. */
MUST_USE bool people_read(struct arena *arena, const char *bytes, size_t length,
                          const struct people_options *options, struct people *people,
                          struct buffer *errors);
/* Reads the file at path ("-": standard input). False: said why on standard error. In
 * people_file.c. */
MUST_USE bool people_file_read(struct arena *arena, const char *path,
                               const struct people_options *options, struct people *people);
/* True for what may be a batch's name: 1 to PEOPLE_BATCH_BYTES_MAX of A-Z a-z 0-9 . _ - */
bool people_batch_valid(const char *name);
/* "1500" to 1500; false when it is not a whole number > 0 of at most 15 digits. */
bool people_amount_read(const char *text, int64_t *amount);
#endif

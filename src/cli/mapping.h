/* mapping: what the columns and words of an operator's file mean: a small INI file, one an
 * operator. docs/operations.md shows one. It must never guess what it does not say. */
#ifndef PAYOUT_CLI_MAPPING_H
#define PAYOUT_CLI_MAPPING_H
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/fault.h"

enum mapping_column {
    MAPPING_REFERENCE, /* Holds our transaction_id, with more around it if it likes. */
    MAPPING_AMOUNT,
    MAPPING_STATUS,
    MAPPING_DATE,
    MAPPING_OPERATOR_REFERENCE,
    MAPPING_COLUMN_COUNT,
};

/* What an operator's file says of a transfer. */
enum said {
    SAID_PAID,
    SAID_REJECTED,
    SAID_PENDING,
    SAID_IGNORED, /* Such rows are none of ours: fees, deposits. */
    SAID_UNKNOWN, /* No word of the mapping. */
};
const char *said_text(enum said said); /* "paid" */

enum { MAPPING_WORDS_MAX = 64 };

/* Texts are in the arena. */
struct mapping {
    /* As in the header row, or numbers from 1 where there is none; NULL: there is no such column.
     * AMOUNT is there, and REFERENCE or OPERATOR_REFERENCE. */
    const char *columns[MAPPING_COLUMN_COUNT];
    struct mapping_word {
        const char *text;
        enum said said;
    } words[MAPPING_WORDS_MAX];
    size_t word_count;
    char separator; /* 0: by the first line. */
    bool header;
    int64_t skip_lines;          /* Before the header. */
    char decimal;                /* '.' or ',': the other one stands between thousands. */
    bool negative;               /* Amounts that were paid out may have a minus. */
    const char *date_format;     /* strptime's; NULL: ISO 8601. */
    int64_t utc_offset_s;        /* Of the file's dates. */
    const char *operator_method; /* payment_method; NULL: not said. */
};

/* Reads the file at path. False: said why on standard error. */
MUST_USE bool mapping_read(struct arena *arena, const char *path, struct mapping *mapping);
/* Steps over blanks at both ends of *text, the no-break ones too; the length of what is left. */
size_t mapping_trim(const char **text);
/* What a word of the status column means, without regard to case and blanks around it. */
enum said mapping_said(const struct mapping *mapping, const char *word);
/* An amount as people write it, in whole units: "1 500", "1.500,00 XOF", "-1500". False: it is
 * none, or has cents. */
MUST_USE bool mapping_amount(const struct mapping *mapping, const char *text, int64_t *amount);
/* A date in the mapping's format as UTC. False: it is none. */
MUST_USE bool mapping_date(const struct mapping *mapping, const char *text, int64_t *at_ms);
#endif

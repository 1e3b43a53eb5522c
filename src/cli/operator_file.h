/* operator_file: an operator's list of what it paid, read by a mapping. A million rows are fine:
 * the file is mapped, and a row is some numbers and where it stands; its texts are read again when
 * they are shown. It must never leave a row out: what can't be read is told. One thread. */
#ifndef PAYOUT_CLI_OPERATOR_FILE_H
#define PAYOUT_CLI_OPERATOR_FILE_H
#include "cli/csv.h"
#include "cli/mapping.h"

enum { OPERATOR_FIELD_BYTES = 512 };

struct operator_row {
    int64_t key;             /* Of our transaction_id (transaction_key); 0: there is none in it. */
    int64_t amount;          /* In whole units. */
    int64_t at_ms;           /* 0: not told. */
    uint64_t reference_hash; /* Of the operator's own reference; 0: there is none. */
    int64_t line;            /* In the file. */
    size_t offset;
    enum said said;
    bool met; /* For the reconciliation: it was held against a transfer, or told. */
};

struct operator_file {
    const struct mapping *mapping;
    const char *path;
    const char *bytes; /* Mapped. */
    size_t length;
    char separator;
    size_t columns[MAPPING_COLUMN_COUNT]; /* Index in a row; CSV_FIELDS_MAX: not there. */
    struct operator_row *rows;            /* By key, then line. */
    size_t count;
    size_t *by_reference; /* Indexes of the rows without a key, by reference_hash. */
    size_t by_reference_count;
    int64_t ignored;
    struct csv again; /* For operator_file_field. */
    char field[OPERATOR_FIELD_BYTES];
};

/* What can't be read: called with the line and why, in order. */
typedef void operator_file_unreadable(void *context, int64_t line, const char *why);
/* False: said why on standard error; nothing is to be closed. path and mapping must outlive it. */
MUST_USE bool operator_file_open(struct operator_file *file, const char *path,
                                 const struct mapping *mapping,
                                 operator_file_unreadable *unreadable, void *context);
void operator_file_close(struct operator_file *file);
/* A field of a row, without blanks around it, cut after OPERATOR_FIELD_BYTES; "" when the row has
 * none. Valid until the next call. */
const char *operator_file_field(struct operator_file *file, const struct operator_row *row,
                                enum mapping_column column);
/* The row without a key that has this operator's reference and was not met yet; NULL. */
struct operator_row *operator_file_find(struct operator_file *file, const char *reference);

/* A transaction_id as a number that has its order, wherever in text it stands; 0: there is none. */
int64_t transaction_key(const char *text);
/* The second in which it was made. */
int64_t transaction_at_ms(int64_t key);
/* "EA181025.112233.X123456" */
enum { TRANSACTION_TEXT_BYTES = 24 };
void transaction_text(int64_t key, char text[TRANSACTION_TEXT_BYTES]);
#endif

/* form: what a request says, whatever encoding it says it in: the query, and a body that is
 * urlencoded, multipart or JSON, with all that published clients get wrong (docs/wire.md). Shared
 * with libpayout, so running out of memory is reported. Pure; any thread. */
#ifndef PAYOUT_WIRE_FORM_H
#define PAYOUT_WIRE_FORM_H
#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"

enum { FORM_FIELDS_MAX = 64, FORM_NAME_BYTES_MAX = 128 };

/* What came in; nothing need be valid in any way. query and body are not NUL-terminated. */
struct form_input {
    const char *query; /* What follows '?', still encoded. NULL: none. */
    size_t query_length;
    const char
        *content_type; /* The header as sent; NULL: none (then the body's first byte tells). */
    const char *body;  /* NULL: none. */
    size_t body_length;
};

enum form_result {
    FORM_READ,
    FORM_TOO_MANY, /* More than FORM_FIELDS_MAX fields. */
    FORM_NO_MEMORY,
};

struct form;
/* Reads input into *form, which owns all it gives out: form_close. What can't be decoded is taken
 * as it stands. *form is NULL unless FORM_READ. */
MUST_USE enum form_result form_open(const struct form_input *input, struct form **form);
void form_close(struct form *form); /* NULL is fine. */
void form_closep(struct form **form);

/* The first field of that name, decoded, NUL-terminated (a NUL byte inside makes a field absent);
 * NULL when there is none. Names are compared without the blanks around them. Valid until
 * form_close. */
const char *form_query(const struct form *form, const char *name); /* Of the query only. */
const char *form_body(const struct form *form, const char *name);  /* Of the body only. */
const char *form_field(const struct form *form,
                       const char *name); /* The body's, else the query's. */

struct items;
enum form_data {
    FORM_DATA_READ,
    FORM_DATA_ABSENT,     /* 704 */
    FORM_DATA_UNREADABLE, /* Not JSON: 718 */
    FORM_DATA_NOT_ITEMS,  /* JSON, but not an object or an array of objects; or an empty one: 716 */
    FORM_DATA_NO_MEMORY,
};
/* Reads what is to be done (`data`, or what stands in its place: a bare JSON body, bare fields) as
 * a list of items. *items belongs to the caller (items_close) and does not need the form any
 * longer.
 */
MUST_USE enum form_data form_items(const struct form *form, struct items **items);
#endif

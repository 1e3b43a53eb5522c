/* spec: the Payout API as machines read it: OpenAPI 3.1, written from the tables that serve it: the
 * routes, the codes, the countries and the headers, and from what each route says of itself here
 * (spec_table.c). tests/api holds every reply against it. It must never know a merchant. Pure; any
 * thread. */
#ifndef PAYOUT_HTTP_SPEC_H
#define PAYOUT_HTTP_SPEC_H
#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "payout/code.h"

enum {
    SPEC_CODES_MAX = 16, /* That one call may answer by itself. */
    SPEC_BYTES_MAX = 512 * 1024,
};

/* What a value is. */
enum spec_kind {
    SPEC_TEXT,
    SPEC_TEXT_OR_NULL,
    SPEC_INTEGER,
    SPEC_DIGITS, /* An integer, or a text that holds one. */
    SPEC_LIST,   /* Of objects: members. */
    SPEC_ITEMS,  /* The parameter `data`: one object or a list of them: members. */
};

/* From which table its values are, when it is one of a few. */
enum spec_choice {
    SPEC_FREE,
    SPEC_LANGUAGES,
    SPEC_PREFIXES,
    SPEC_METHODS,
    SPEC_OPERATORS,
    SPEC_COUNTRIES,
    SPEC_CURRENCIES,
    SPEC_STATES,
    SPEC_SENDING,
    SPEC_YES_NO,
    SPEC_DOORS,
};

/* A parameter, or a member of an object. */
struct spec_member {
    const char *name; /* NULL ends a table. */
    enum spec_kind kind;
    enum spec_choice choice;
    bool optional;
    const char *pattern; /* NULL: any. */
    const char *about, *example;
    const struct spec_member *members;
};

/* What `data` of a success is. */
enum spec_data {
    SPEC_DATA_OBJECT,
    SPEC_DATA_LIST,
    SPEC_DATA_RESULTS, /* One result an item, the item as sent in each: nested, or flat. */
};

/* What a route says of itself. */
struct spec {
    const char *summary, *about;
    bool posts; /* POST is the usual way, GET the other. */
    const struct spec_member *parameters;
    enum spec_data data;
    const struct spec_member *members; /* Of `data`, or of each of its objects. */
    /* Codes of whole replies, beside those that any call may get. PAYOUT_OK ends the lists. */
    enum payout_code codes[SPEC_CODES_MAX];
    /* Codes of single results, of whole replies too when no item was good. */
    enum payout_code item_codes[SPEC_CODES_MAX];
    /* Of single results that have, as those with PAYOUT_OK, all members. */
    enum payout_code known_codes[SPEC_CODES_MAX];
};
extern const struct spec spec_login, spec_balance, spec_contact, spec_send, spec_check,
    spec_operators;
/* A notification's fields, by their names in wire/signature.h; NULL when there is none such. */
const struct spec_member *spec_notice_field(const char *name);

/* Appends the whole document, indented. */
void spec_write(struct buffer *text);
#endif

/* tariff: which countries and operators there are, their numbers, currencies and tranches, as
 * data/countries.csv says; the table is made from it at build time (tools/countries.py). Constant
 * data and pure functions: any thread. It must never know a merchant. */
#ifndef PAYOUT_MONEY_TARIFF_H
#define PAYOUT_MONEY_TARIFF_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "money/amount.h"

/* An operator in a country: a line of the table. Its number is stored with transfers and accounts:
 * the csv never uses one again for something else. 1 to OPERATOR_NUMBER_MAX; 0 is none. */
enum { OPERATOR_NUMBER_MAX = 63, OPERATOR_NUMBER_PREFIXES_MAX = 32, COUNTRY_OPERATORS_MAX = 8 };

struct operator_entry {
    int number;
    const char *name;           /* As check/money shows it: "OM". Not unique over countries. */
    const char *payment_method; /* As clients name it: "OMSN". Unique. */
    const char *prefixes[OPERATOR_NUMBER_PREFIXES_MAX]; /* NULL-terminated; first digits of a
                                                            national number. None: by name only. */
};

struct country {
    const char *prefix; /* "225" */
    const char *code;   /* "CI" */
    enum currency currency;
    int digits;                         /* Of a national number today. */
    int old_digits;                     /* Before the national plan changed; 0: it did not. */
    int64_t multiple, minimum, maximum; /* In the currency's smallest unit. */
    size_t operator_count;
    const struct operator_entry *operators;
};

/* All countries; *count is set. */
const struct country *tariff_countries(size_t *count);
/* The country of a prefix ("225", digits only); NULL when there is none. */
const struct country *tariff_country(const char *prefix);
/* The operator with this number, and in *country (may be NULL) its country; NULL when there is
 * none. */
const struct operator_entry *tariff_operator(int number, const struct country **country);
/* The operator that serves a clean national number (number_read); the longest prefix wins. NULL:
 * nobody does. */
const struct operator_entry *tariff_operator_by_number(const struct country *country,
                                                       const char *national);
/* The operator that has this payment_method in any country, compared without regard to case; NULL
 * when none has. */
const struct operator_entry *tariff_operator_named(const char *payment_method);
/* The country's operator with this payment_method, compared without regard to case; NULL when it
 * has none such. */
const struct operator_entry *tariff_operator_by_method(const struct country *country,
                                                       const char *payment_method);
#endif

/* number: a phone number as a client wrote it, made into one canonical number. Old national plans
 * (Côte d'Ivoire before 2021-01-31, Benin before 2024-11-30) are carried to today's by the national
 * rules (docs/wire.md). Pure; any thread. It must never guess: what is not a number of its country
 * is refused. */
#ifndef PAYOUT_MONEY_NUMBER_H
#define PAYOUT_MONEY_NUMBER_H
#include <stdbool.h>
#include <stdint.h>

#include "money/tariff.h"
#include "payout/code.h"

enum { NUMBER_TEXT_BYTES = 20 };

struct number {
    const struct country *country;
    char national[NUMBER_TEXT_BYTES]; /* "0707895086": today's plan, digits only. */
    int64_t msisdn;                   /* 2250707895086: E.164 without the plus. */
};

/* Cleans phone (blanks, dots, dashes, parentheses; a +, 00 or the country's own prefix in front)
 * for the country that prefix names (cleaned in the same way: "+225", "00225"). PAYOUT_OK, or
 * PAYOUT_INVALID_PHONE with *number untouched. Neither text need be valid in any way, nor UTF-8;
 * both are at most a few hundred bytes (longer ones are refused). */
enum payout_code number_read(const char *prefix, const char *phone, struct number *number);
/* The operator that serves the number: payment_method's when it is not NULL and not empty
 * (PAYOUT_INVALID_PAYMENT_METHOD when the country has none such or the number is another
 * operator's), else by the number's first digits (PAYOUT_OPERATOR_NOT_AVAILABLE when nobody serves
 * it). */
enum payout_code number_operator(const struct number *number, const char *payment_method,
                                 const struct operator_entry **entry);
/* "+2250707895086" */
void number_e164_text(int64_t msisdn, char text[NUMBER_TEXT_BYTES]);
#endif

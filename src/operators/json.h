/* json: what operators' servers say, read with limits and without belief, and what they are told,
 * written. A connector never looks for words in a text that it has not parsed. Amounts are whole
 * units of currencies that have no smaller one: they are read digit by digit, never through a
 * floating-point number of ours. Pure; any thread. */
#ifndef PAYOUT_OPERATORS_JSON_H
#define PAYOUT_OPERATORS_JSON_H
#include <jansson.h>

#include "operators/operator.h"

/* The object, or the array, that these bytes are: UTF-8, no member twice, no NUL in a text, nothing
 * after it. NULL when they are none. The caller's: json_decref, or AUTO(operator_json_free). */
json_t *operator_json_object(const char *bytes, size_t length);
json_t *operator_json_array(const char *bytes, size_t length);
void operator_json_free(json_t **value);

/* In all that follow object may be NULL or no object at all: then it has no members. */

/* The member's text, as long as object lives; "" when it has none, or it is no text. */
const char *operator_json_text(const json_t *object, const char *name);
/* A member that is a text or a whole number, as a word of visible ASCII: an operator's reference, a
 * code, a token. False, and word "", when there is none, it is longer than size - 1, or has a blank
 * or anything else that could not go into a header. */
bool operator_json_word(const json_t *object, const char *name, char *word, size_t size);
/* True when the member is this text, or the whole number that is written so. */
bool operator_json_is(const json_t *object, const char *name, const char *word);
/* True when the member is absent or null, or this text. */
bool operator_json_agrees(const json_t *object, const char *name, const char *text);
/* A member that is a whole number, or a text of one: "3600". otherwise: it is neither. */
int64_t operator_json_integer(const json_t *object, const char *name, int64_t otherwise);
/* A member that is an amount, as a text or a number, in whole units: 500, "500", "500.00". False,
 * *minor untouched, when it is none or has a fraction: "500.50", "5e2", "-1". */
MUST_USE bool operator_json_amount(const json_t *object, const char *name, int64_t *minor);
/* A balance: as an amount, but it may be negative, and a fraction of a unit is left out. */
MUST_USE bool operator_json_balance(const json_t *object, const char *name, int64_t *minor);

/* Appends value, compactly, its members in the order in which they were set, and lets go of it.
 * NULL is our own mistake: a text was not UTF-8. */
void operator_json_write(json_t *value, struct buffer *body);

/* Says in result what the operator said, for the log: "500 PAYEE_NOT_FOUND: no such payee", cut to
 * fit, unprintable characters left out. code and words may be "". */
void operator_say(struct operator_result *result, int status, const char *code, const char *words);
#endif

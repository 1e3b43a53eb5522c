/* result: an answer as the caller of libpayout sees it. It reads tolerantly, since servers of this
 * API differ: nested or flat data, codes as numbers or texts. It must never take an answer that it
 * can't read for a yes or a no. */
#ifndef PAYOUT_CLIENT_RESULT_H
#define PAYOUT_CLIENT_RESULT_H
#include <jansson.h>

#include "client/transport.h"

/* Texts that are not in the answer as they are: numbers written as texts. */
struct result_scrap {
    struct result_scrap *next;
    char text[];
};

/* What payout_result_free frees. */
struct result {
    struct payout_result seen; /* First: the two are one address. */
    json_t *root;              /* Of the answer; texts in seen point into it. */
    struct buffer body;
    struct result_scrap *scraps;
    struct result_scrap *kept; /* What outlives result_clear. */
};

/* NULL when memory ran out; else with count items of unknown outcome. */
struct result *result_open(size_t count);
/* Forgets an answer, for the next one; items are unknown again. */
void result_clear(struct result *result);
/* Reads JSON: DONE, NO_MEMORY or UNREADABLE. The caller owns *root (json_decref). */
MUST_USE enum payout_client_fault result_json(const char *text, size_t length, json_t **root);
/* Takes reply's body over and reads the envelope: DONE, NO_MEMORY, or UNREADABLE with a sentence in
 * text when it is not one. */
MUST_USE enum payout_client_fault result_read(struct result *result, struct transport_reply *reply);

/* A copy of text that lives as long as the result; NULL for NULL. Sets *short_of when memory ran
 * out. */
const char *result_keep(struct result *result, const char *text, bool *short_of);
/* Reads an integer as servers write it: "500", "500.00"; false when it is none. */
MUST_USE bool result_integer_text(const char *text, int64_t *number);
/* What a treatment_status means; NULL is OTHER. */
enum payout_treatment result_treatment(const char *word);

/* What follows reads data, after result_read. Each returns DONE, NO_MEMORY or UNREADABLE. */
MUST_USE enum payout_client_fault result_token(struct result *result);
MUST_USE enum payout_client_fault result_balances(struct result *result);
MUST_USE enum payout_client_fault result_transfers(struct result *result);
/* Gives every item its outcome. client_id tells what client_transaction_id the item at index was
 * sent with (NULL: none). known is the code that stands for "it was there before" (726, 805). */
MUST_USE enum payout_client_fault
result_items(struct result *result, const char *(*client_id)(const void *context, size_t index),
             const void *context, enum payout_code known);
#endif

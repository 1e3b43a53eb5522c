/* search: what a person types into the one field of a search, and the page of what was found. */
#ifndef PAYOUT_CONSOLE_SEARCH_H
#define PAYOUT_CONSOLE_SEARCH_H
#include "http/request.h"
#include "store/store.h"

enum search_kind {
    SEARCH_FILTER, /* filter is narrowed: by number, or by a lot's ids. */
    SEARCH_ONE,    /* It is this transfer, or none (NULL). */
    SEARCH_FAULT,
};
/* Finds out what words are (NULL or "": nothing): a transfer's id, a lot, the merchant's own id, a
 * phone number, or part of a contact's name. What they name is only ever the filter's merchant's.
 */
enum search_kind search_words(struct request *request, const char *words,
                              struct transfer_filter *filter, struct transfer **one,
                              struct fault *fault);
/* Whether part of a name is in the contact's, whatever its case. */
bool search_named(const struct contact *contact, const char *part);
/* Appends what the filter finds, and ends the answer. */
enum turn search_page(struct request *request, struct buffer *text,
                      const struct transfer_filter *filter);
enum turn search_answer(struct request *request, struct buffer *text,
                        const struct transfer *transfers, size_t count, struct transfer_id next);
#endif

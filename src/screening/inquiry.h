/* inquiry: what a screening service is asked about one transfer, and what its answer says. It must
 * never send anything, nor try again. */
#ifndef PAYOUT_SCREENING_INQUIRY_H
#define PAYOUT_SCREENING_INQUIRY_H
#include "base/buffer.h"
#include "store/store.h"

enum { INQUIRY_BYTES_MAX = 16 * 1024 };

/* Appends the body, a JSON object: merchant, transaction_id, name, surname, phone, amount,
 * currency, country, operator. */
void inquiry_write(const struct due_screening *due, struct buffer *body);

struct inquiry_answer {
    enum screening_state verdict; /* CLEAR or MATCH. */
    int score;                    /* 0 to 100; when it says none, 100 of a MATCH. */
    char reference[SCREENING_SOURCE_BYTES_MAX + 1];
    char entry[SCREENING_ENTRY_BYTES_MAX + 1];
};
/* Reads {"result": "clear" | "match", "score": 0 to 100, "reference": "…", "entries": [text or
 * {"id": …, "name": …}, …]}; all but result may be missing. Anything else is no answer: a fault
 * that says why. Pure. */
MUST_USE enum fault_kind inquiry_read(const char *bytes, size_t length,
                                      struct inquiry_answer *answer, struct fault *fault);
#endif

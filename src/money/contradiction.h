/* contradiction: an operator's answer against a state that nothing leads out of. It moves no money,
 * ever: it is written down, counted until a person closes it, and says whose money is in question.
 */
#ifndef PAYOUT_MONEY_CONTRADICTION_H
#define PAYOUT_MONEY_CONTRADICTION_H
#include <stdbool.h>
#include <stdint.h>

#include "money/transfer.h"

enum { CONTRADICTION_PERSON_BYTES_MAX = 128, CONTRADICTION_NOTE_BYTES_MAX = 2000 };

struct contradiction {
    int64_t id; /* 1, 2, 3 … given by the store. */
    struct transfer_id transfer;
    enum transfer_state state; /* The one it had, and kept. */
    enum verdict verdict;      /* What was said. */
    const char *operator_reference;
    int64_t at_ms;
    int64_t closed_at_ms;      /* 0: it is open. */
    const char *person, *note; /* Who closed it, and what came of it; "" while open. */
};

/* Whose money is in question, were the operator right. */
enum suspense {
    SUSPENSE_NONE,     /* Nobody's. */
    SUSPENSE_PLATFORM, /* It paid, and no merchant's money went for it. */
    SUSPENSE_MERCHANT, /* The merchant's money went, and nobody was paid. */
};
enum suspense contradiction_suspense(const struct contradiction *contradiction);
const char *suspense_text(enum suspense suspense); /* "PLATFORM"; NULL for none. */
#endif

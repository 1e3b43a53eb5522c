/* screening: whether the receiver's name is one that nobody may be paid under. With screening on, a
 * transfer is given to no operator before somebody was asked about the name and said CLEAR, or a
 * person let it go. What was answered is a line that is only ever added. */
#ifndef PAYOUT_MONEY_SCREENING_H
#define PAYOUT_MONEY_SCREENING_H
#include <stdint.h>

#include "money/id.h"

enum { SCREENING_SOURCE_BYTES_MAX = 255, SCREENING_ENTRY_BYTES_MAX = 500 };

/* How a transfer stands. A line holds CLEAR, MATCH or SKIPPED. SCREENING(name, stored number,
 * meaning) */
#define SCREENINGS(SCREENING)                                                                      \
    SCREENING(NONE, 0, "nobody was asked about the name")                                          \
    SCREENING(CLEAR, 1, "the name is like none")                                                   \
    SCREENING(MATCH, 2, "the name is like one: a person has to decide")                            \
    SCREENING(SKIPPED, 3, "nobody was asked: screening had been switched off")                     \
    SCREENING(RELEASED, 4, "a person let it go")                                                   \
    SCREENING(REFUSED, 5, "a person refused it")

enum screening_state {
#define SCREENING(name, number, meaning) SCREENING_##name = (number),
    SCREENINGS(SCREENING)
#undef SCREENING
        SCREENING_STATE_END
};
const char *screening_state_text(enum screening_state state); /* "CLEAR" */

struct screening {
    struct transfer_id transfer;
    int32_t number; /* 1, 2, 3 … with the transfer its key. */
    enum screening_state verdict;
    const char *source;  /* Who was asked: "list", "url". Never NULL, nor are the others. */
    const char *version; /* Of the list; the service's reference of its answer. */
    const char *entry;   /* What the name is like; "" with none. */
    int32_t score;       /* 0 to 100. */
    int64_t at_ms;
};
#endif

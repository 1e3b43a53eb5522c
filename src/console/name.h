/* name: the names of transfers' receivers, which stand with their contacts. */
#ifndef PAYOUT_CONSOLE_NAME_H
#define PAYOUT_CONSOLE_NAME_H
#include "http/request.h"
#include "store/store.h"

struct names {
    struct contact *contacts; /* In the order of their numbers, of each merchant in turn. */
    size_t count;
};
/* Reads those of count transfers, into arena. False: fault is set. */
MUST_USE bool names_read(struct request *request, struct arena *arena,
                         const struct transfer *transfers, size_t count, struct names *names,
                         struct fault *fault);
/* NULL: there is none. */
const struct contact *names_of(const struct names *names, const struct transfer *transfer);
#endif

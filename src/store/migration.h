/* migration: brings a store's schema up to today's, of whatever kind it is, as a whole or not at
 * all, or only tries it. Opening a store to write does the same without a word; this is for those
 * who want to see it before, and for more than one machine. */
#ifndef PAYOUT_STORE_MIGRATION_H
#define PAYOUT_STORE_MIGRATION_H
#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"

/* Who is told how it goes on. */
struct migration {
    bool dry_run; /* All is done, looked at, and rolled back. */
    void *context;
    /* Once, first: the number that the schema has, 0 when there is none yet, and today's. */
    void (*begins)(void *context, int64_t from, int64_t to);
    /* Before each step: its number, and what its file says that it is for. */
    void (*step)(void *context, int64_t number, const char *what);
    /* After the last: what was there before, and is there still. */
    void (*counted)(void *context, const char *what);
};
/* Takes the store's lock: nobody else writes to it meanwhile. Refuses a schema that is newer than
 * this payoutd, a file that is damaged, a disk that has no room, and steps after which there is
 * not what was there. */
MUST_USE enum fault_kind store_migrate(const char *url, const struct migration *migration,
                                       struct fault *fault);
#endif

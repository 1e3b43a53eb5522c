/* store_memory: the store's interface over plain arrays, for the simulator and the unit tests: it
 * is linked in the place of src/store. Its commits are all or nothing, as the real ones are; faults
 * are planned by whoever drives it. The lane may run on one thread and readers on others; all the
 * rest is for one thread, or while the lane rests. */
#ifndef PAYOUT_TESTS_STORE_MEMORY_H
#define PAYOUT_TESTS_STORE_MEMORY_H
#include "support/store_tables.h"

/* What the next store_book_save does. */
enum save_plan {
    SAVE_WELL,
    SAVE_AGAIN,            /* Nothing happens, FAULT_AGAIN. */
    SAVE_FINAL,            /* Nothing happens, FAULT_FINAL. */
    SAVE_UNKNOWN_DONE,     /* Committed, and FAULT_UNKNOWN. */
    SAVE_UNKNOWN_NOT_DONE, /* Nothing happens, FAULT_UNKNOWN. */
    SAVE_CRASH_BEFORE,     /* The process dies before the commit ... */
    SAVE_CRASH_AFTER,      /* ... and after it: nobody is answered. */
};

/* A reader sees what the store holds now. */
struct store_reader {
    struct store *store;
};

struct store *store_memory_open(void);
/* Before anything is in it: so many lanes, driven by one thread; 1 when this is not called. */
void store_memory_lanes(struct store *store, int lanes);
/* Asked before every save; NULL: all go well. */
void store_memory_plan(struct store *store, enum save_plan (*plan)(void *context), void *context);
/* The next loads and batch_known calls fail with this; FAULT_NONE: they go well. */
void store_memory_fail_load(struct store *store, enum fault_kind kind, int times);
void store_memory_fail_known(struct store *store, enum fault_kind kind, int times);
/* True after a crash was planned and happened: every call fails until the restart. */
bool store_memory_crashed(const struct store *store);
void store_memory_restart(struct store *store);

/* Between these nothing is committed: for whoever looks at the tables beside a running lane. */
void store_memory_lock(struct store *store);
void store_memory_unlock(struct store *store);
/* Everything that is committed. Valid until the next save. */
const struct store_memory_tables *store_memory_tables(const struct store *store);
#endif

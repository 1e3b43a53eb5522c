/* platform: a store in memory with a running lane and one rich merchant, for the tests of what
 * works beside the lane. It waits for conditions, never for time. */
#ifndef PAYOUT_TESTS_PLATFORM_H
#define PAYOUT_TESTS_PLATFORM_H
#include <pthread.h>

#include "lane/lane.h"
#include "support/store_memory.h"

struct platform {
    struct store *store;
    struct lane *lane;
    pthread_mutex_t mutex; /* Guards whom to wake. */
    void (*wake)(void *worker);
    void (*tell)(void *teller, int64_t from_ms);
    void *teller;
    void *worker;
    struct merchant_id merchant;
    /* Lots wait and are confirmed by a command of their own, which the merchant is told of. */
    bool confirms_later;
    int operator_number; /* Of those that are sent; 0: 1. */
};

enum { PLATFORM_PATIENCE_MS = 30000 };

/* A lane that rests, with a queue of queue_weight_max (0: the usual). */
void platform_open(struct platform *platform, size_t queue_weight_max);
void platform_start(struct platform *platform);
void platform_close(struct platform *platform);
/* Whom the lane wakes from now on, when it made work (wakes) or notifications (tells); NULL:
 * nobody. Before the one that was woken till now is closed. */
void platform_wakes(struct platform *platform, void (*wake)(void *worker), void *worker);
void platform_tells(struct platform *platform, void (*tell)(void *teller, int64_t from_ms),
                    void *teller);
/* Sends one confirmed lot to the numbers first_msisdn, first_msisdn + step, ...; returns the first
 * transfer's id, the others follow. Each is of amount_minor. */
struct transfer_id platform_send(struct platform *platform, int64_t first_msisdn, int64_t step,
                                 size_t count, int64_t amount_minor, const char *notify_url);
/* A copy of what is committed of a transfer, its texts included. */
struct transfer platform_transfer(struct platform *platform, struct transfer_id id);
/* How many transfers are in this state. */
size_t platform_count(struct platform *platform, enum transfer_state state);
/* Waits until condition(context) is true, or stops the test. */
void platform_wait(bool (*condition)(void *context), void *context);
/* Waits until count transfers are in this state. */
void platform_wait_state(struct platform *platform, enum transfer_state state, size_t count);
#endif

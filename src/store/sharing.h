/* sharing: the processes of one store, as the store knows them: who is there, whose each share of
 * the work is, and what they tell each other. A share is a lease: it ends by the database's clock
 * unless it is renewed. A connection of its own; one thread. */
#ifndef PAYOUT_STORE_SHARING_H
#define PAYOUT_STORE_SHARING_H
#include "store/shares.h"
#include "store/store.h"

enum { SHARING_KEYS_BYTES = 16, SHARING_NAME_BYTES = 64, SHARING_TEXT_BYTES = 96 };

struct sharing_self {
    int64_t id; /* By chance, positive: another one at each start. */
    char name[SHARING_NAME_BYTES];
    bool alone;                       /* Nobody else has its name: what one had is its own. */
    bool works;                       /* It takes work, and counts among those who share it. */
    uint8_t keys[SHARING_KEYS_BYTES]; /* What its keys hash to. */
    int64_t lease_ms;
};

struct store_sharing;
/* Whether more than one process may use the store. */
bool store_is_shared(const struct store *store);
/* self must outlive it. Connects; an alone one's predecessor, which may not have ended in order,
 * has nothing any more. The caller owns *sharing: store_sharing_close. */
MUST_USE enum fault_kind store_sharing_open(struct store *store, const struct sharing_self *self,
                                            struct store_sharing **sharing, struct fault *fault);
void store_sharing_close(struct store_sharing *sharing); /* NULL is fine. */

/* Each connects anew when the connection was lost, and tries once. After a fault nothing is known
 * to have happened. */

struct sharing_beat {
    uint32_t held[DUTY_END]; /* What is its own, for lease_ms from before the call. */
    int64_t now_ms;          /* By the database's clock. */
    int64_t workers;         /* That are there, this one too. */
    int64_t strangers;       /* Processes with other keys. */
};
/* It is still there: gives the shards `given` back, and renews all others that are still its own.
 */
MUST_USE enum fault_kind store_sharing_beat(struct store_sharing *sharing,
                                            const uint32_t given[DUTY_END],
                                            struct sharing_beat *beat, struct fault *fault);
/* Takes up to most shards of a duty that nobody has any more. */
MUST_USE enum fault_kind store_sharing_take(struct store_sharing *sharing, enum duty duty,
                                            int64_t most, uint32_t *taken, struct fault *fault);
/* Gives all back: it ends. */
MUST_USE enum fault_kind store_sharing_leave(struct store_sharing *sharing, struct fault *fault);
/* Tells all processes, this one too; text is shorter than SHARING_TEXT_BYTES. */
MUST_USE enum fault_kind store_sharing_tell(struct store_sharing *sharing, const char *text,
                                            struct fault *fault);
/* Waits until something was told, the descriptor can be read, or the time is over. False: it hears
 * nothing, since it has no connection; it waited for the descriptor and the time. */
bool store_sharing_wait(struct store_sharing *sharing, int descriptor, int64_t wait_ms);
/* What was told next, as long as there is something. */
bool store_sharing_heard(struct store_sharing *sharing, char text[SHARING_TEXT_BYTES]);
#endif

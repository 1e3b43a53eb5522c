/* world: the smallest world in which anything can go wrong: one lot, a transfer or two, two workers
 * of two payoutd, two channels, behind each an operator that knows nothing of the other and pays a
 * reference once, and messages between them that are late, doubled, lost or lies. Its whole state
 * is a few numbers, so that every state there is can be visited. What happens to transfers, lots
 * and money is decided by money/ itself, over a book that is made of these numbers; times are told
 * from now on, so that the states are finite. */
#ifndef PAYOUT_TESTS_MODEL_WORLD_H
#define PAYOUT_TESTS_MODEL_WORLD_H
#include <stdbool.h>
#include <stdint.h>

#include "money/command.h"

enum {
    WORLD_TRANSFERS_MAX = 2,
    WORLD_WORKERS = 2,
    WORLD_CHANNELS = 2,
    WORLD_SUBMITS_MAX = 2,
    WORLD_ASKS_MAX = 1,
    WORLD_ANSWERS_MAX = 1, /* On the way, of a kind. */
    WORLD_DUE_NEVER = 255
};

/* Troubles there are so many of, in a whole history: what makes the states finite. */
#define WORLD_TROUBLES(TROUBLE)                                                                    \
    TROUBLE(CRASH)  /* A worker dies, or its process: what it held is gone. */                     \
    TROUBLE(LOSS)   /* A message never arrives, or does not even leave. */                         \
    TROUBLE(DOUBLE) /* An answer comes once more. */                                               \
    TROUBLE(LIE)    /* The operator says the opposite of what is so. */                            \
    TROUBLE(PERSON) /* A person settles an unknown outcome, whatever is so. */                     \
    TROUBLE(CALL)   /* Somebody calls us back in the operator's name, whatever it has seen. */
enum world_trouble {
#define TROUBLE(name) TROUBLE_##name,
    WORLD_TROUBLES(TROUBLE)
#undef TROUBLE
        TROUBLE_COUNT,
};

/* A transfer as it is behind one of the channels. */
struct world_side {
    uint8_t seen, ended; /* As the operator has it. ended: 0 or the verdict, PAID or REJECTED. */
    uint8_t submits, asks, answers[VERDICT_NOT_SENT + 1]; /* On the way. */
};

struct world_transfer {
    /* As payoutd has it. */
    uint8_t state, confirmed, step, due; /* due: ticks from now; WORLD_DUE_NEVER. */
    uint8_t submitted, notifications;
    uint8_t channel, first; /* first: it was chosen for the last attempt that there was. */
    uint8_t in_hand, called_back,
        wait;               /* wait: ticks until it has waited long enough; WORLD_DUE_NEVER. */
    uint8_t pays, releases; /* Movements of its money. */
    struct world_side sides[WORLD_CHANNELS];
    /* What is true of the past. */
    uint8_t unexcused; /* Claims to submit since it last said NEVER_SEEN. */
    uint8_t lied, by_person;
};

enum worker_phase { WORKER_IDLE, WORKER_HAS_READ, WORKER_HAS_CLAIMED, WORKER_WAITS };
struct world_worker {
    uint8_t phase, transfer, step;
    uint8_t current; /* HAS_READ: the due time that it read is still the transfer's. */
    uint8_t channel; /* HAS_CLAIMED, WAITS: through which. */
    uint8_t last;    /* The same: nobody has claimed it since. */
};

struct world {
    uint8_t lot, lot_expires;          /* Ticks from now. */
    uint8_t persons;                   /* That have to confirm the lot. */
    uint8_t given, last;               /* Who confirmed it first and last, from 1; 0: nobody. */
    uint8_t available, held, paid_out; /* In transfers' amounts. */
    uint8_t troubles[TROUBLE_COUNT];   /* Left. */
    struct world_worker workers[WORLD_WORKERS];
    struct world_transfer transfers[WORLD_TRANSFERS_MAX];
};

/* A lot of count transfers that waits for the confirmation of one or two persons. */
void world_begin(struct world *world, int count, int persons,
                 const uint8_t troubles[TROUBLE_COUNT]);
int world_count(const struct world *world);
/* Takes the action with this number, if it can happen now. *trouble: whether it was one of the
 * troubles. After each the world is checked: a broken promise stops the program, by
 * world_broken. */
bool world_act(struct world *world, int action, bool *trouble);
int world_actions(void);
/* Nothing is left to be done. */
bool world_ended(const struct world *world);
void world_action_text(int action, char *text, size_t size);
/* The program's own: told what was broken. */
_Noreturn void world_broken(const char *what);
#endif

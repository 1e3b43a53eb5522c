/* world: one simulated platform: merchants that make mistakes, operators that misbehave, workers
 * that die, a store that fails, and a clock, all driven by one seed. Single-threaded. */
#ifndef PAYOUT_TESTS_SIM_WORLD_H
#define PAYOUT_TESTS_SIM_WORLD_H
#include "lane/lane.h"
#include "sim/ground.h"
#include "sim/operator_fake.h"
#include "sim/screener_fake.h"
#include "support/store_tables.h"

enum {
    WORLD_MERCHANTS = 3,
    WORLD_PEOPLE = 12,
    WORLD_ORDERS_MAX = 400,                 /* What merchants want to be paid: one item each. */
    WORLD_HEARD_MAX = WORLD_ORDERS_MAX * 9, /* Transfers, each by its notify_url and endpoints. */
    WORLD_WORKERS = 2,
    WORLD_HISTORY_MAX = 400000,
    WORLD_PROMISES_MAX = 8000,
    WORLD_ITEMS_MAX = 8, /* Of one request. */
    /* What the third merchant may send: in a day, to one person, to one person in an hour. */
    WORLD_DAY_MINOR = 30000,
    WORLD_RECEIVER_DAY_MINOR = 6000,
    WORLD_RECEIVER_HOUR = 3,
    WORLD_LEAST_MINOR = 200, /* No receiver gets less. */
    /* Above which the first two merchants' lots need two persons. */
    WORLD_ABOVE_FIRST_MINOR = 2500,
    WORLD_ABOVE_SECOND_MINOR = 4000,
    WORLD_PERSONS = 5,
    WORLD_WINDOW_MS = 900000, /* Within which the first merchant wants doubles to be found. */
};

/* Which kinds of trouble there are: a mask, so that a failing seed can be shrunk. */
#define WORLD_TROUBLES(TROUBLE)                                                                    \
    TROUBLE(STORE_AGAIN)                                                                           \
    TROUBLE(STORE_UNKNOWN)                                                                         \
    TROUBLE(STORE_FINAL)                                                                           \
    TROUBLE(CRASH)                                                                                 \
    TROUBLE(OPERATOR_LOST)                                                                         \
    TROUBLE(OPERATOR_LATE)                                                                         \
    TROUBLE(OPERATOR_TWICE)                                                                        \
    TROUBLE(OPERATOR_CONTRADICTS)                                                                  \
    TROUBLE(OPERATOR_DOWN)                                                                         \
    TROUBLE(CLIENT_DUPLICATES)                                                                     \
    TROUBLE(OPERATOR_CALLS_BACK)                                                                   \
    TROUBLE(CLIENT_RUSHES)                                                                         \
    TROUBLE(WORKER_PAUSES)                                                                         \
    TROUBLE(CLOCK_BACK)                                                                            \
    TROUBLE(DISK_READ)                                                                             \
    TROUBLE(DISK_WRITE)                                                                            \
    TROUBLE(DISK_SYNC)                                                                             \
    TROUBLE(DISK_FULL)                                                                             \
    TROUBLE(KILLED)                                                                                \
    TROUBLE(POWER_OFF)                                                                             \
    TROUBLE(STOPPED)                                                                               \
    TROUBLE(SCREENER_LATE)                                                                         \
    TROUBLE(SCREENER_TWICE)                                                                        \
    TROUBLE(SCREENER_DOWN)                                                                         \
    TROUBLE(SCREENING_OFF)                                                                         \
    TROUBLE(OPERATOR_UNREACHABLE)                                                                  \
    TROUBLE(CALLBACK_FORGED)
enum trouble {
#define TROUBLE(name) TROUBLE_##name,
    WORLD_TROUBLES(TROUBLE)
#undef TROUBLE
        TROUBLE_COUNT,
};
#define TROUBLES_ALL ((1u << TROUBLE_COUNT) - 1)

/* What a merchant wants: to pay amount to a person once, under client_id. */
struct order {
    int merchant, person;
    int64_t amount_minor;
    char client_id[24];
    bool answered;            /* It has heard that the transfer was accepted. */
    struct transfer_id known; /* As it was told. */
};

/* What was answered and must be so from then on, whatever dies. */
struct promise {
    enum {
        PROMISE_FUNDING,  /* number: the reference's; merchant, kind, amount_minor. */
        PROMISE_LOT_SENT, /* merchant, number: its code. */
        PROMISE_LOT,      /* The same, and its state. */
        PROMISE_CONTACT,  /* merchant, number: the msisdn. */
        PROMISE_TRANSFER, /* number: its id; state. */
        PROMISE_DELIVERY, /* number: the transfer's id; amount_minor: the endpoint; state: the
                             notification's number. */
        PROMISE_MAIL,     /* merchant, number: the lot; amount_minor: the mail's; state. */
    } kind;
    int64_t merchant, number, amount_minor;
    int state;
};

/* Kept over the lives of its payoutd: but for what a life opens, nothing in it may point to memory
 * of a process. */
struct world {
    uint64_t seed, random;
    unsigned troubles;
    int64_t now_ms;
    int step, steps; /* Taken, and to be taken before all trouble ends. */
    struct ground *ground;
    /* Of a life: */
    struct store *store;
    struct store_reader *reader;
    struct lane *lane;
    struct arena *arena; /* What must outlive commands. */
    /* Of the world: */
    bool prepared; /* Its merchants are there. */
    struct operator_fake operator_fake;
    struct screener_fake screener_fake;
    bool screening;         /* This life screens names before money goes. */
    bool screening_was_off; /* Some life did not. */
    struct merchant_id merchants[WORLD_MERCHANTS];
    struct order orders[WORLD_ORDERS_MAX];
    int order_count;
    /* The last request to send, as long as nobody answered it: by number in orders. */
    int pending[WORLD_ITEMS_MAX], pending_merchant;
    size_t pending_count;
    struct promise promises[WORLD_PROMISES_MAX];
    int promise_count;
    int funding_count;
    int64_t worker_paused_until_ms[WORLD_WORKERS];
    int64_t operator_down_until_ms;
    bool calm, ended; /* calm: no new trouble; everything must end. */
    int crashes;
    /* What merchants received: the number last delivered of each transfer. */
    struct heard {
        struct transfer_id transfer;
        int32_t endpoint, number;
        enum transfer_state state;
    } heard[WORLD_HEARD_MAX];
    size_t heard_count;
    char history[WORLD_HISTORY_MAX];
    size_t history_length;
};

struct world *world_open(uint64_t seed, unsigned troubles, int steps);
void world_close(struct world *world);
/* Lives to its end: steps, audited, and then no more trouble until everything has ended or can't.
 */
void world_live(struct world *world);
/* Opens what a life needs on the ground. */
void world_boot(struct world *world);
/* Runs one command. True when it was answered. */
bool world_call(struct world *world, struct lane_job *job);
/* Runs count commands in one batch; answered tells of which. */
void world_call_together(struct world *world, struct lane_job *jobs, size_t count, bool *answered);
/* One of us has died, and the next one is up. */
void world_crashed(struct world *world);
bool world_operator_down(const struct world *world);
/* A number from 0 to limit - 1. */
uint32_t world_random(struct world *world, uint32_t limit);
/* True once in `of` times when the trouble is on and the world is not calm. */
bool world_trouble(struct world *world, enum trouble trouble, uint32_t of);
void world_say(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* --- merchants.c: one step of a merchant --- */
void merchants_step(struct world *world, int merchant);
/* Whoever lost its connection sends the same at once, when there is somebody. */
void merchants_reconnect(struct world *world);
/* Those who never heard ask by sending the same again. */
void merchants_ask(struct world *world);
/* --- persons.c --- */

/* Who decides, as they say their names: some are one person's. */
extern const char *const world_persons[WORLD_PERSONS];
/* Of merchants' confirm_mail: as many as the merchant's number. */
extern const char *const world_addresses[WORLD_MERCHANTS - 1];
/* One step of the platform's people. */
void persons_step(struct world *world);
/* Somebody has something sent again that merchants were told. */
void persons_redeliver(struct world *world);
/* ... when everything has to end. */
void persons_finish(struct world *world);
/* --- machine.c: what payoutd's threads do --- */
void machine_step(struct world *world);
void machine_outcomes(struct world *world);

/* auditor.c: notes what was answered. */
void auditor_promised(struct world *world, const struct promise *promise);
/* Checks every invariant with books of its own; stops with a sentence when one is
 * broken. */
void auditor_check(struct world *world);
/* An outcome was answered as applied: before is the state that the transfer had then. */
void auditor_check_answer(struct world *world, enum transfer_state before,
                          const struct outcome_item *item);
/* --- auditor_persons.c: what the platform's people did --- */
void auditor_check_persons(struct world *world, const struct store_memory_tables *tables);
/* True when a person, not the operator, ended the transfer. */
bool auditor_settled(const struct store_memory_tables *tables, const struct transfer *transfer);
/* --- auditor_lots.c: who confirmed them, and the mails that ask to --- */
int64_t auditor_approve_above(const struct world *world, struct merchant_id merchant);
void auditor_check_lots(struct world *world, const struct store_memory_tables *tables);
/* A decision on a lot was answered: before is the lot as it was then. */
void auditor_check_decision(struct world *world, const struct lot *before,
                            const struct lot_decide *decide, enum payout_code code);
/* --- auditor_endpoints.c: who is told --- */

/* What the merchant's endpoint with that number hears; 0: it has none. */
unsigned auditor_events(int merchant, int32_t endpoint);
void auditor_check_endpoints(struct world *world, const struct store_memory_tables *tables);
/* --- auditor_terms.c: fees and limits --- */

/* What is held for a transfer beside its amount, and what its receiver gets. */
int64_t auditor_fee_on_top(const struct transfer *transfer);
int64_t auditor_delivered(const struct transfer *transfer);
void auditor_check_terms(struct world *world, const struct store_memory_tables *tables);
/* --- auditor.c --- */
/* After world_drain: everything has ended well. */
void auditor_check_end(struct world *world);
_Noreturn void auditor_fail(struct world *world, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
#define audit(world, condition, ...)                                                               \
    ((condition) ? (void)0 : auditor_fail((world), #condition ": " __VA_ARGS__))
#endif

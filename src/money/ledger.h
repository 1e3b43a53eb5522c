/* ledger: accounts and movements. A movement is two entries of one sum, written as one row: it
 * takes from one account and gives to another, so that the sum of all accounts is zero whatever is
 * written. Movements are immutable; balances are kept with their accounts and can be rebuilt from
 * them. Pure: nothing here reads or writes anything but what it is given. */
#ifndef PAYOUT_MONEY_LEDGER_H
#define PAYOUT_MONEY_LEDGER_H
#include <stdbool.h>
#include <stdint.h>

#include "base/secret.h"
#include "money/amount.h"
#include "money/id.h"

/* The numbers are stored: never reused. */
enum account_kind {
    ACCOUNT_AVAILABLE = 1, /* A merchant's money that it may send. Never negative. */
    ACCOUNT_HELD = 2,      /* A merchant's money in transfers that are not final. Never negative. */
    ACCOUNT_FLOAT = 3,     /* What an operator paid out for us: settled with it elsewhere. */
    ACCOUNT_FEES = 4,      /* What the platform earned. */
    ACCOUNT_SUSPENSE = 5,  /* What a person has to decide on. */
    ACCOUNT_OUTSIDE = 6,   /* The world: top-ups come from it, so it is negative. */
    ACCOUNT_KIND_END
};
const char *account_kind_text(enum account_kind kind);

/* Which account: merchant 0 where it is the platform's, operator_number 0 where it has none. */
struct account_key {
    struct merchant_id merchant;
    enum account_kind kind;
    enum currency currency;
    int operator_number;
};
/* One number for a key (what is stored in movements), and back. Reversible, never 0. */
int64_t account_number(struct account_key key);
struct account_key account_key_of(int64_t number);

/* The numbers are stored: never reused. */
enum movement_kind {
    MOVEMENT_HOLD =
        1, /* available → held: a lot was accepted, with its fees. One for a lot and currency. */
    MOVEMENT_PAY = 2,      /* held → float: a transfer was paid. */
    MOVEMENT_RELEASE = 3,  /* held → available: a transfer was rejected, cancelled or expired. */
    MOVEMENT_TOP_UP = 4,   /* outside → available. */
    MOVEMENT_WITHDRAW = 5, /* available → outside. */
    MOVEMENT_FEE = 6,      /* held → fees: a transfer that costs something was paid. */
    MOVEMENT_REVERSE = 7, /* float → available: a paid transfer was taken back at its operator. */
    MOVEMENT_KIND_END
};
const char *movement_kind_text(enum movement_kind kind);

struct movement {
    int64_t id; /* share_row_id: given by the book when it is saved. */
    enum movement_kind kind;
    struct account_key from, to; /* Two accounts of one currency. */
    struct amount amount;        /* > 0 */
    struct merchant_id merchant;
    int64_t reference; /* HOLD: the lot's code. PAY, RELEASE, FEE, REVERSE: the transfer's id. else
                          0. */
    int64_t at_ms;
};

/* The chain over a lane's ledger: after each batch with movements, the hash of the head before and
 * of the batch's movements in order. Whoever knows a head can tell whether anything before it was
 * changed. */
struct ledger_head {
    int64_t last_movement_id;        /* 0: there is none. */
    uint8_t hash[SECRET_HASH_BYTES]; /* Zeros: there is none. */
};
/* One link in the making: begun from the head before, given each movement, ended as the next head.
 */
struct ledger_link {
    struct secret_digest digest;
    int64_t last_movement_id;
};
void ledger_link_begin(struct ledger_link *link, const struct ledger_head *before);
/* movement->id must come after the last. */
void ledger_link_add(struct ledger_link *link, const struct movement *movement);
void ledger_link_end(struct ledger_link *link, struct ledger_head *after);
#endif

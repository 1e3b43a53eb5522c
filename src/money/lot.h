/* lot: the transfers of one request. It waits for a confirmation (money/approval.h) or is confirmed
 * at once. */
#ifndef PAYOUT_MONEY_LOT_H
#define PAYOUT_MONEY_LOT_H
#include <stdbool.h>
#include <stdint.h>

#include "base/secret.h"
#include "money/amount.h"
#include "money/id.h"
#include "money/transfer.h"

/* The numbers are stored: never reused. WAITING leads to the other three; from them nothing leads
 * on. */
#define LOT_STATES(STATE)                                                                          \
    STATE(WAITING, 1, "its money is held, its confirmation awaited")                               \
    STATE(CONFIRMED, 2, "confirmed: by a listed address or a person")                              \
    STATE(CANCELLED, 3, "cancelled by a person, money given back")                                 \
    STATE(EXPIRED, 4, "not confirmed in time, money given back")

enum lot_state {
#define STATE(name, number, meaning) LOT_##name = (number),
    LOT_STATES(STATE)
#undef STATE
        LOT_STATE_END
};
bool lot_state_may(enum lot_state from, enum lot_state to);
const char *lot_state_text(enum lot_state state); /* "WAITING" */

struct lot {
    struct merchant_id merchant;
    struct lot_code code; /* With the merchant its key. */
    enum lot_state state;
    struct transfer_id first; /* The lot's transfers are first … first + count - 1, all of them. */
    int64_t count;
    int64_t total_minor[CURRENCY_END];    /* By currency, as accepted ... */
    int64_t fee_minor[CURRENCY_END];      /* ... and the fees held with it: the merchant's. */
    int64_t created_at_ms, expires_at_ms; /* expires_at_ms: 0 unless WAITING. */
    int64_t decided_at_ms;                /* When it left WAITING; 0 before. */
    int32_t mails;                        /* How many were made for it (money/mail.h). */
    const char *source;                   /* The address that sent it, as text. Never NULL. */
    const char *sender; /* The person who sent it; "": whoever has the API's keys. Never NULL. */
    bool listed;        /* It came from one of the merchant's ip_list. */
    int32_t persons;    /* How many have to confirm it: 1 or 2; 0: none had to, it was listed. */
    uint8_t hash[SECRET_HASH_BYTES]; /* Of what it pays, see below; zeros in those of before there
                                        were hashes. */
};

/* Has it a hash? */
bool lot_hashed(const struct lot *lot);
/* The hash: SHA-256 over its merchant and code, then for each of its transfers in order the id, the
 * receiver, the operator, the currency, the amount and the fee with who pays it, then how many
 * persons it needs and its sender. What a person confirmed is bound by it. */
void lot_hash_begin(struct secret_digest *digest, struct merchant_id merchant,
                    struct lot_code code);
void lot_hash_add(struct secret_digest *digest, const struct transfer *transfer);
void lot_hash_end(struct secret_digest *digest, int32_t persons, const char *sender,
                  uint8_t hash[SECRET_HASH_BYTES]);
#endif

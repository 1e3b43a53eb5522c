/* id: what merchants, transfers and lots are called, inside and on the wire. Each is a struct of
 * its own, so that one can't be given for another.
 *
 * A transfer's id is a number that IS its public transaction_id: seconds since 1970 times
 * 26,000,000 plus what the letter and the six digits say ("EA181025.112233.X123456"). So the id
 * needs no second index, and rows come in order of time. A lot's code is the second in which it was
 * made times 1,000,000 plus a number that tells lots of one merchant and second apart; its public
 * text is the merchant's constant part (00 and ten digits), the ten-digit second and, from the
 * second lot of that second on, the number ("0044557641201539786998"). Pure; any thread. */
#ifndef PAYOUT_MONEY_ID_H
#define PAYOUT_MONEY_ID_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

struct merchant_id {
    int64_t value; /* MERCHANT_ID_MIN to MERCHANT_ID_MAX: ten digits. 0: the platform itself. */
};
struct transfer_id {
    int64_t value; /* > 0 */
};
struct lot_code {
    int64_t value; /* > 0; unique with its merchant only. */
};

#define MERCHANT_ID_MIN         INT64_C(1000000000)
#define MERCHANT_ID_MAX         INT64_C(9999999999)
#define TRANSFER_IDS_PER_SECOND INT64_C(26000000)
#define LOTS_PER_SECOND         INT64_C(1000000)

enum { TRANSFER_ID_TEXT_BYTES = 24, LOT_TEXT_BYTES = 32 };

/* Writes "EA181025.112233.X123456". */
void transfer_id_text(struct transfer_id id, char text[TRANSFER_ID_TEXT_BYTES]);
/* False, *id untouched, when text is not exactly such an id. text need not be valid in any way. */
MUST_USE bool transfer_id_read(const char *text, struct transfer_id *id);

/* Writes the lot's public text. */
void lot_text(struct merchant_id merchant, struct lot_code code, char text[LOT_TEXT_BYTES]);
/* False when text is not exactly a lot's text; whose it is and its code otherwise. */
MUST_USE bool lot_read(const char *text, struct merchant_id *merchant, struct lot_code *code);

/* Which of each second's ids may be given. */
struct transfer_range {
    int64_t first, count;
};
/* The first of count transfer ids of the range that are free when all up to last are taken: they
 * belong to the second of now_ms, or follow last when that is further on (a clock that went back, a
 * full second). spread: any number; says where in a fresh second the ids begin, so that they can't
 * be guessed from the clock. The caller keeps result + count - 1 as the new last. */
struct transfer_id transfer_id_next(struct transfer_range range, struct transfer_id last,
                                    int64_t now_ms, int64_t count, uint32_t spread);
/* The code of the next lot of a merchant whose last was last. */
struct lot_code lot_code_next(struct lot_code last, int64_t now_ms);
#endif

#include "money/ledger.h"

#include <string.h>

/* An account's number: merchant in the high bits, then kind, currency and operator. */
enum { KIND_SHIFT = 12, CURRENCY_SHIFT = 8, MERCHANT_SHIFT = 16 };
_Static_assert(ACCOUNT_KIND_END <= 16 && CURRENCY_END <= 16, "each has four bits");

const char *account_kind_text(enum account_kind kind)
{
    switch (kind) {
    case ACCOUNT_AVAILABLE:
        return "available";
    case ACCOUNT_HELD:
        return "held";
    case ACCOUNT_FLOAT:
        return "float";
    case ACCOUNT_FEES:
        return "fees";
    case ACCOUNT_SUSPENSE:
        return "suspense";
    case ACCOUNT_OUTSIDE:
        return "outside";
    case ACCOUNT_KIND_END:
        break;
    }
    invariant(!"an account kind");
}

const char *movement_kind_text(enum movement_kind kind)
{
    switch (kind) {
    case MOVEMENT_HOLD:
        return "hold";
    case MOVEMENT_PAY:
        return "pay";
    case MOVEMENT_RELEASE:
        return "release";
    case MOVEMENT_TOP_UP:
        return "top-up";
    case MOVEMENT_WITHDRAW:
        return "withdraw";
    case MOVEMENT_FEE:
        return "fee";
    case MOVEMENT_REVERSE:
        return "reverse";
    case MOVEMENT_KIND_END:
        break;
    }
    invariant(!"a movement kind");
}

int64_t account_number(struct account_key key)
{
    invariant(key.merchant.value >= 0 && key.merchant.value <= MERCHANT_ID_MAX);
    invariant(key.kind >= ACCOUNT_AVAILABLE && key.kind < ACCOUNT_KIND_END);
    invariant(key.currency >= CURRENCY_XOF && key.currency < CURRENCY_END);
    invariant(key.operator_number >= 0 && key.operator_number < 1 << CURRENCY_SHIFT);
    return key.merchant.value << MERCHANT_SHIFT | (int64_t)key.kind << KIND_SHIFT |
           (int64_t)key.currency << CURRENCY_SHIFT | key.operator_number;
}

struct account_key account_key_of(int64_t number)
{
    return (struct account_key){
        .merchant = {.value = number >> MERCHANT_SHIFT},
        .kind = (enum account_kind)(number >> KIND_SHIFT & 15),
        .currency = (enum currency)(number >> CURRENCY_SHIFT & 15),
        .operator_number = (int)(number & 255),
    };
}

void ledger_link_begin(struct ledger_link *link, const struct ledger_head *before)
{
    secret_digest_begin(&link->digest);
    secret_digest_add(&link->digest, before->hash, sizeof before->hash);
    link->last_movement_id = before->last_movement_id;
}

void ledger_link_add(struct ledger_link *link, const struct movement *movement)
{
    invariant(movement->id > link->last_movement_id);
    const int64_t fields[] = {
        movement->id,
        movement->kind,
        account_number(movement->from),
        account_number(movement->to),
        movement->amount.minor,
        movement->amount.currency,
        movement->merchant.value,
        movement->reference,
        movement->at_ms,
    };
    /* Little-endian, whatever the machine: a head must be the same everywhere. */
    uint8_t bytes[sizeof fields];
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        for (size_t j = 0; j < 8; j++)
            bytes[8 * i + j] = (uint8_t)((uint64_t)fields[i] >> (8 * j));
    secret_digest_add(&link->digest, bytes, sizeof bytes);
    link->last_movement_id = movement->id;
}

void ledger_link_end(struct ledger_link *link, struct ledger_head *after)
{
    after->last_movement_id = link->last_movement_id;
    secret_digest_end(&link->digest, after->hash);
}

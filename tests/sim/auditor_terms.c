/* The auditor of fees and limits: reckons them anew, from the transfers alone. */
#include "sim/world.h"

int64_t auditor_fee_on_top(const struct transfer *transfer)
{
    return transfer->payer == FEE_PAYER_RECEIVER ? 0 : transfer->fee_minor;
}

int64_t auditor_delivered(const struct transfer *transfer)
{
    return transfer->amount.minor -
           (transfer->payer == FEE_PAYER_RECEIVER ? transfer->fee_minor : 0);
}

/* The merchants' fees, written down a second time (world.c). */
static struct fee fee_expected(const struct world *world, const struct transfer *transfer)
{
    int64_t minor = transfer->amount.minor;
    if (transfer->merchant.value == world->merchants[0].value) {
        if (transfer->operator_number == 1 && minor >= 1000)
            return (struct fee){5, FEE_PAYER_RECEIVER};
        int64_t fee = 10 + (minor * 15 + 999) / 1000;
        return (struct fee){fee < 40 ? fee : 40, FEE_PAYER_MERCHANT};
    }
    if (transfer->merchant.value == world->merchants[1].value) {
        if (transfer->operator_number == 1 && minor >= 1500)
            return (struct fee){8, FEE_PAYER_MERCHANT};
        int64_t fee = 3 + (minor * 20 + 999) / 1000;
        return (struct fee){fee < 37 ? (fee > 9 ? fee : 9) : 37, FEE_PAYER_RECEIVER};
    }
    return (struct fee){0, FEE_PAYER_MERCHANT};
}

static void check_fees(struct world *world, const struct store_memory_tables *tables)
{
    int64_t earned = 0, booked = 0;
    for (size_t i = 0; i < tables->transfer_count; i++) {
        const struct transfer *transfer = &tables->transfers[i];
        struct fee expected = fee_expected(world, transfer);
        audit(world, transfer->fee_minor == expected.minor && transfer->payer == expected.payer,
              "the fee of %lld: %lld", (long long)transfer->id.value,
              (long long)transfer->fee_minor);
        audit(world, auditor_delivered(transfer) >= WORLD_LEAST_MINOR, "%lld delivers %lld",
              (long long)transfer->id.value, (long long)auditor_delivered(transfer));
        int fees = 0;
        for (size_t j = 0; j < tables->movement_count; j++)
            fees += tables->movements[j].kind == MOVEMENT_FEE &&
                    tables->movements[j].reference == transfer->id.value &&
                    tables->movements[j].amount.minor == transfer->fee_minor;
        bool paid = transfer->state == TRANSFER_VAL;
        audit(world, fees == (paid && transfer->fee_minor > 0), "fees booked for %lld: %d",
              (long long)transfer->id.value, fees);
        earned += paid ? transfer->fee_minor : 0;
    }
    for (size_t i = 0; i < tables->account_count; i++)
        if (tables->accounts[i].key.kind == ACCOUNT_FEES)
            booked += tables->accounts[i].balance_minor;
    audit(world, booked == earned, "fees: %lld, earned %lld", (long long)booked, (long long)earned);
    for (size_t i = 0; i < tables->lot_count; i++) {
        const struct lot *lot = &tables->lots[i];
        int64_t sum = 0;
        for (size_t j = 0; j < tables->transfer_count; j++)
            if (tables->transfers[j].lot.value == lot->code.value &&
                tables->transfers[j].merchant.value == lot->merchant.value)
                sum += auditor_fee_on_top(&tables->transfers[j]);
        audit(world, lot->fee_minor[CURRENCY_XOF] == sum, "the fees of lot %lld",
              (long long)lot->code.value);
    }
}

/* With each transfer of the third merchant: what it sent in that hour and day is within limits. */
static void check_limits(struct world *world, const struct store_memory_tables *tables)
{
    const int64_t hour_ms = 3600000, day_ms = 24 * hour_ms;
    for (size_t i = 0; i < tables->transfer_count; i++) {
        const struct transfer *transfer = &tables->transfers[i];
        int64_t in_day = 0, to_person = 0, in_hour = 0;
        if (transfer->merchant.value != world->merchants[2].value)
            continue;
        for (size_t j = 0; j < tables->transfer_count; j++) {
            const struct transfer *each = &tables->transfers[j];
            if (each->merchant.value != transfer->merchant.value ||
                each->created_at_ms / day_ms != transfer->created_at_ms / day_ms)
                continue;
            in_day += each->amount.minor;
            if (each->msisdn != transfer->msisdn)
                continue;
            to_person += each->amount.minor;
            in_hour += each->created_at_ms / hour_ms == transfer->created_at_ms / hour_ms;
        }
        audit(world, in_day <= WORLD_DAY_MINOR, "sent in a day: %lld", (long long)in_day);
        audit(world, to_person <= WORLD_RECEIVER_DAY_MINOR, "sent to one: %lld",
              (long long)to_person);
        audit(world, in_hour <= WORLD_RECEIVER_HOUR, "sent to one in an hour: %lld",
              (long long)in_hour);
    }
}

void auditor_check_terms(struct world *world, const struct store_memory_tables *tables)
{
    check_fees(world, tables);
    check_limits(world, tables);
}

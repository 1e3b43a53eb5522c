#include "daemon/audit_lot.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { WHAT_BYTES = 200, ARENA_BYTES_MAX = 16 * 1024 * 1024 };

void audit_lot_begin(struct audit_lot *audit, struct store_reader *reader,
                     void (*tell)(void *context, const char *what), void *context)
{
    *audit = (struct audit_lot){.tell = tell, .context = context, .reader = reader};
}

static void lot_tell(const struct audit_lot *audit, struct merchant_id merchant,
                     struct lot_code code, const char *what)
{
    char text[WHAT_BYTES];
    (void)snprintf(text, sizeof text, "lot %" PRId64 " of %" PRId64 ": %s", code.value,
                   merchant.value, what);
    audit->tell(audit->context, text);
}

/* NULL: it is not there, or can't be read, which was told. */
static struct lot *lot_find(struct audit_lot *audit, struct arena *arena,
                            struct merchant_id merchant, struct lot_code code)
{
    struct lot *lot = NULL;
    struct fault fault;
    if (store_read_lot(audit->reader, arena, merchant, code, &lot, &fault) != FAULT_NONE)
        lot_tell(audit, merchant, code, "it can't be read");
    return lot;
}

/* The lot's transfers were all given: they are what was hashed, and were confirmed by those who had
 * to. A lot that is not there is told of by its sums. */
static void lot_judge(struct audit_lot *audit, struct arena *arena, const struct lot *lot)
{
    uint8_t hash[SECRET_HASH_BYTES];
    struct approval *approvals = NULL;
    size_t count = 0;
    struct fault fault;
    lot_hash_end(&audit->digest, lot->persons, lot->sender, hash);
    if (lot_hashed(lot) && memcmp(hash, lot->hash, sizeof hash) != 0)
        lot_tell(audit, lot->merchant, lot->code, "its hash is not that of its transfers");
    if (lot->persons != 0 && store_read_approvals(audit->reader, arena, lot->merchant, lot->code,
                                                  &approvals, &count, &fault) != FAULT_NONE)
        lot_tell(audit, lot->merchant, lot->code, "who confirmed it can't be read");
    else if (!approval_right(lot, approvals, (int64_t)count))
        lot_tell(audit, lot->merchant, lot->code,
                 "it was not decided on by those who had to, or as it says");
}

void audit_lot_last(struct audit_lot *audit)
{
    if (audit->merchant.value == 0)
        return;
    AUTO(arena_closep) struct arena *arena = arena_open(ARENA_BYTES_MAX);
    const struct lot *lot = lot_find(audit, arena, audit->merchant, audit->code);
    if (lot != NULL)
        lot_judge(audit, arena, lot);
    audit->merchant = (struct merchant_id){0};
}

void audit_lot_transfer(struct audit_lot *audit, const struct transfer *transfer)
{
    if (audit->merchant.value != transfer->merchant.value ||
        audit->code.value != transfer->lot.value) {
        audit_lot_last(audit);
        audit->merchant = transfer->merchant;
        audit->code = transfer->lot;
        lot_hash_begin(&audit->digest, transfer->merchant, transfer->lot);
    }
    lot_hash_add(&audit->digest, transfer);
}

void audit_lot_approval(struct audit_lot *audit, const struct approval *approval)
{
    audit->approvals++;
    AUTO(arena_closep) struct arena *arena = arena_open(ARENA_BYTES_MAX);
    const struct lot *lot = lot_find(audit, arena, approval->merchant, approval->lot);
    if (lot == NULL || lot->persons == 0)
        lot_tell(audit, approval->merchant, approval->lot,
                 "somebody decided on it, and there was nothing to decide");
}

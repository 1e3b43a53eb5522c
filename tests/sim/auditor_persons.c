/* The auditor of what the platform's people did: every word of theirs is there, in order, and did
 * what it may and nothing else. */
#include <string.h>

#include "sim/world.h"

/* The transfer's settlement with this number; NULL when there is none. */
static const struct settlement *settlement_of(const struct store_memory_tables *tables,
                                              struct transfer_id transfer, int32_t number)
{
    for (size_t i = 0; i < tables->settlement_count; i++)
        if (tables->settlements[i].transfer.value == transfer.value &&
            tables->settlements[i].number == number)
            return &tables->settlements[i];
    return NULL;
}

bool auditor_settled(const struct store_memory_tables *tables, const struct transfer *transfer)
{
    for (size_t i = 0; i < tables->settlement_count; i++)
        if (tables->settlements[i].transfer.value == transfer->id.value &&
            tables->settlements[i].act == SETTLEMENT_SETTLED)
            return true;
    return false;
}

static bool two_persons(const struct store_memory_tables *tables, struct merchant_id id)
{
    for (size_t i = 0; i < tables->merchant_count; i++)
        if (tables->merchants[i].id.value == id.value)
            return tables->merchants[i].two_persons;
    return false;
}

/* One after the other: what may follow what. */
static void check_follows(struct world *world, const struct store_memory_tables *tables,
                          const struct transfer *transfer, const struct settlement *before,
                          const struct settlement *each)
{
    bool proposed = before != NULL && before->act == SETTLEMENT_PROPOSED;
    audit(world,
          before == NULL || before->act == SETTLEMENT_PROPOSED ||
              before->act == SETTLEMENT_WITHDRAWN || before->act == SETTLEMENT_RELEASED ||
              before->act == SETTLEMENT_NAME_RELEASED,
          "something follows an end of %lld", (long long)transfer->id.value);
    if (each->act == SETTLEMENT_RELEASED || each->act == SETTLEMENT_REFUSED)
        audit(world, before == NULL && transfer->twin_of.value != 0 && !transfer->suspected,
              "%lld was no double", (long long)transfer->id.value);
    else if (each->act == SETTLEMENT_NAME_RELEASED || each->act == SETTLEMENT_NAME_REFUSED)
        audit(world, before == NULL || before->act == SETTLEMENT_RELEASED,
              "a word on the name of %lld comes late", (long long)transfer->id.value);
    else if (each->act == SETTLEMENT_PROPOSED)
        audit(world, !proposed, "two proposals at once");
    else if (each->act != SETTLEMENT_SETTLED)
        audit(world, proposed, "nothing was proposed and %s", settlement_act_text(each->act));
    if (each->act == SETTLEMENT_OVERTAKEN || each->act == SETTLEMENT_SETTLED)
        audit(world, transfer->state == each->outcome, "%lld ended otherwise",
              (long long)transfer->id.value);
    if (each->act == SETTLEMENT_SETTLED && two_persons(tables, transfer->merchant))
        audit(world,
              proposed && before->outcome == each->outcome &&
                  strcmp(before->person, each->person) != 0,
              "%lld was settled by one person", (long long)transfer->id.value);
}

static void check_transfer(struct world *world, const struct store_memory_tables *tables,
                           const struct transfer *transfer)
{
    const struct settlement *last = NULL, *each;
    int32_t count = 0;
    while ((each = settlement_of(tables, transfer->id, count + 1)) != NULL) {
        check_follows(world, tables, transfer, last, each);
        last = each;
        count++;
    }
    for (size_t i = 0; i < tables->settlement_count; i++)
        audit(world,
              tables->settlements[i].transfer.value != transfer->id.value ||
                  tables->settlements[i].number <= count,
              "a gap in the settlements of %lld", (long long)transfer->id.value);
    audit(world,
          (transfer->reason == TRANSFER_REASON_DECIDED_BY_PERSON) ==
              (last != NULL && last->act == SETTLEMENT_SETTLED),
          "who decided %lld", (long long)transfer->id.value);
    audit(world,
          last == NULL || last->act != SETTLEMENT_PROPOSED ||
              !transfer_state_final(transfer->state),
          "a proposal about %lld went silently", (long long)transfer->id.value);
}

/* What looks like one sent before, and only that, waits, and nothing was done with it. */
static void check_double(struct world *world, const struct store_memory_tables *tables,
                         const struct transfer *transfer)
{
    bool like_one = false, like_a_live_one = false;
    for (size_t i = 0; i < tables->transfer_count; i++) {
        const struct transfer *each = &tables->transfers[i];
        if (each->id.value >= transfer->id.value ||
            each->merchant.value != transfer->merchant.value || each->msisdn != transfer->msisdn ||
            each->amount.minor != transfer->amount.minor ||
            each->created_at_ms <= transfer->created_at_ms - WORLD_WINDOW_MS)
            continue;
        like_one = true;
        like_a_live_one = like_a_live_one || each->state != TRANSFER_REJ;
    }
    bool wanted = transfer->merchant.value == world->merchants[0].value;
    bool found = transfer->twin_of.value != 0;
    audit(world, !found || (wanted && like_one), "%lld is like no other",
          (long long)transfer->id.value);
    /* Not rejected now, it was not rejected then. */
    audit(world, found || !wanted || !like_a_live_one, "%lld is a double that nobody saw",
          (long long)transfer->id.value);
    if (transfer->suspected)
        audit(world,
              found && transfer->state == TRANSFER_NEW && transfer->attempts == 0 &&
                  operator_fake_order(world, transfer->id.value) == NULL,
              "a possible double was given out: %lld", (long long)transfer->id.value);
    const struct settlement *first = settlement_of(tables, transfer->id, 1);
    if (found && transfer->submitted_at_ms > 0)
        audit(world, first != NULL && first->act == SETTLEMENT_RELEASED,
              "nobody released the double %lld", (long long)transfer->id.value);
}

void auditor_check_persons(struct world *world, const struct store_memory_tables *tables)
{
    for (size_t i = 0; i < tables->transfer_count; i++) {
        check_transfer(world, tables, &tables->transfers[i]);
        check_double(world, tables, &tables->transfers[i]);
    }
}

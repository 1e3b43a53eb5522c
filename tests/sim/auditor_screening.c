/* The auditor of what was answered about names: every line is there, in order, and nobody went past
 * them. */
#include "sim/world.h"

static const struct screening *screening_of(const struct store_memory_tables *tables,
                                            struct transfer_id transfer, int32_t number)
{
    for (size_t i = 0; i < tables->screening_count; i++)
        if (tables->screenings[i].transfer.value == transfer.value &&
            tables->screenings[i].number == number)
            return &tables->screenings[i];
    return NULL;
}

static bool person_did(const struct store_memory_tables *tables, struct transfer_id transfer,
                       enum settlement_act act)
{
    for (size_t i = 0; i < tables->settlement_count; i++)
        if (tables->settlements[i].transfer.value == transfer.value &&
            tables->settlements[i].act == act)
            return true;
    return false;
}

static void check_transfer(struct world *world, const struct store_memory_tables *tables,
                           const struct transfer *transfer)
{
    const struct screener_record *record = screener_fake_record(world, transfer);
    const struct screening *last = screening_of(tables, transfer->id, transfer->screenings);
    enum screening_state is = transfer->screening;
    long long id = transfer->id.value;
    for (int32_t i = 1; i <= transfer->screenings; i++) {
        const struct screening *each = screening_of(tables, transfer->id, i);
        audit(world, each != NULL, "screening %d of %lld is not there", i, id);
        audit(world,
              each->verdict == SCREENING_SKIPPED
                  ? record->skipped
                  : record->answered &&
                        each->verdict == (record->listed ? SCREENING_MATCH : SCREENING_CLEAR),
              "another answer about %lld was written down", id);
    }
    audit(world, screening_of(tables, transfer->id, transfer->screenings + 1) == NULL,
          "a screening of %lld that nobody counted", id);
    bool decided = is == SCREENING_RELEASED || is == SCREENING_REFUSED;
    audit(world,
          last == NULL ? is == SCREENING_NONE
                       : is == (decided ? is : last->verdict) &&
                             (!decided || last->verdict == SCREENING_MATCH),
          "how %lld stands is not what was answered", id);
    audit(world,
          (is == SCREENING_RELEASED) == person_did(tables, transfer->id, SETTLEMENT_NAME_RELEASED),
          "who released %lld", id);
    audit(world,
          (is == SCREENING_REFUSED) == person_did(tables, transfer->id, SETTLEMENT_NAME_REFUSED) &&
              (is == SCREENING_REFUSED) == (transfer->reason == TRANSFER_REASON_NAME_REFUSED),
          "who refused %lld", id);
    audit(world, is != SCREENING_REFUSED || transfer->state == TRANSFER_REJ,
          "%lld was refused for its name and is %s", id, transfer_state_text(transfer->state));
    bool waits = is == SCREENING_MATCH || transfer->step == STEP_SCREEN;
    audit(world,
          !waits || (transfer->state == TRANSFER_NEW && transfer->attempts == 0 &&
                     operator_fake_order(world, transfer->id.value) == NULL),
          "%lld was given out before its name was cleared", id);
    audit(world,
          transfer->submitted_at_ms == 0 || is == SCREENING_CLEAR || is == SCREENING_RELEASED ||
              world->screening_was_off,
          "%lld was given out with its name %s", id, screening_state_text(is));
}

void auditor_check_screening(struct world *world, const struct store_memory_tables *tables)
{
    int64_t lines = 0;
    for (size_t i = 0; i < tables->transfer_count; i++) {
        check_transfer(world, tables, &tables->transfers[i]);
        lines += tables->transfers[i].screenings;
    }
    audit(world, (size_t)lines == tables->screening_count, "screenings of nobody");
}

/* The auditor of lots: who had to confirm them, and who was asked to by mail. */
#include <ctype.h>
#include <string.h>

#include "sim/world.h"

/* Names as they are said differ in case and in blanks around; those of the world begin otherwise
 * each. */
static int person_of(const char *said)
{
    while (*said == ' ')
        said++;
    return tolower((unsigned char)*said);
}

int64_t auditor_approve_above(const struct world *world, struct merchant_id merchant)
{
    if (merchant.value == world->merchants[0].value)
        return WORLD_ABOVE_FIRST_MINOR;
    return merchant.value == world->merchants[1].value ? WORLD_ABOVE_SECOND_MINOR : 0;
}

static bool needs_two(const struct world *world, const struct lot *lot)
{
    int64_t above = auditor_approve_above(world, lot->merchant);
    return above > 0 && lot->total_minor[CURRENCY_XOF] > above;
}

/* What was written down about the lot, in order. */
static int approvals_of(struct world *world, const struct store_memory_tables *tables,
                        const struct lot *lot, const struct approval *found[2])
{
    int count = 0;
    for (size_t i = 0; i < tables->approval_count; i++) {
        const struct approval *each = &tables->approvals[i];
        if (each->merchant.value != lot->merchant.value || each->lot.value != lot->code.value)
            continue;
        audit(world, count < 2 && each->number == count + 1, "approval %d of lot %lld",
              each->number, (long long)lot->code.value);
        found[count++] = each;
    }
    return count;
}

static void check_approvals(struct world *world, const struct store_memory_tables *tables,
                            const struct lot *lot)
{
    const struct approval *found[2];
    int count = approvals_of(world, tables, lot, found);
    bool two = needs_two(world, lot), given = count > 0 && found[0]->act == APPROVAL_GIVEN;
    long long code = (long long)lot->code.value;
    if (lot->listed && !two) {
        audit(world, lot->state == LOT_CONFIRMED && count == 0, "lot %lld was listed", code);
        return;
    }
    audit(world, two || !given, "lot %lld needs one, and waits for a second", code);
    if (given)
        audit(world, person_of(found[0]->person) != person_of(lot->sender),
              "who sent lot %lld was the first", code);
    if (lot->state == LOT_WAITING) {
        audit(world, count == given, "lot %lld waits, after its end", code);
        return;
    }
    audit(world, count == 1 + given, "lot %lld ended, and nobody wrote down how", code);
    const struct approval *last = found[count - 1];
    static const enum approval_act acts[LOT_STATE_END] = {[LOT_CONFIRMED] = APPROVAL_CONFIRMED,
                                                          [LOT_CANCELLED] = APPROVAL_CANCELLED,
                                                          [LOT_EXPIRED] = APPROVAL_EXPIRED};
    audit(world, last->act == acts[lot->state], "lot %lld is %s after %s", code,
          lot_state_text(lot->state), approval_act_text(last->act));
    if (lot->state != LOT_CONFIRMED || !two)
        return;
    audit(world, given, "one person confirmed lot %lld", code);
    audit(world, person_of(found[0]->person) != person_of(last->person),
          "one person confirmed lot %lld twice", code);
    audit(world, person_of(last->person) != person_of(lot->sender),
          "who sent lot %lld was the second", code);
}

/* One for each address of a lot that waits or waited, made with it, and none waits longer. */
static void check_mails(struct world *world, const struct store_memory_tables *tables,
                        const struct lot *lot)
{
    int count = 0, wanted = 0;
    for (int i = 0; i < WORLD_MERCHANTS; i++)
        if (world->merchants[i].value == lot->merchant.value)
            wanted = i; /* So many addresses it has. */
    if (lot->listed && !needs_two(world, lot))
        wanted = 0;
    for (size_t i = 0; i < tables->mail_count; i++) {
        const struct mail *mail = &tables->mails[i];
        if (mail->merchant.value != lot->merchant.value || mail->lot.value != lot->code.value)
            continue;
        count++;
        audit(world, mail->number >= 1 && mail->number <= wanted, "mail %d of lot %lld",
              mail->number, (long long)lot->code.value);
        audit(world, strcmp(mail->to, world_addresses[mail->number - 1]) == 0,
              "a mail to somebody else: %.40s", mail->to);
        audit(world, mail->created_at_ms == lot->created_at_ms, "a mail that came later");
        audit(world, mail->state != MAIL_WAITING || lot->state == LOT_WAITING,
              "a mail waits for lot %lld, which does not", (long long)lot->code.value);
        audit(world, mail->state != MAIL_OVERTAKEN || lot->state != LOT_WAITING,
              "a mail is overtaken by nothing");
    }
    audit(world, count == wanted && lot->mails == wanted, "lot %lld made %d mails, not %d",
          (long long)lot->code.value, count, wanted);
}

/* The hash is of what the operators are told to pay. */
static void check_hash(struct world *world, const struct store_memory_tables *tables,
                       const struct lot *lot)
{
    struct secret_digest digest;
    uint8_t hash[SECRET_HASH_BYTES];
    lot_hash_begin(&digest, lot->merchant, lot->code);
    for (size_t i = 0; i < tables->transfer_count; i++) /* By id. */
        if (tables->transfers[i].lot.value == lot->code.value &&
            tables->transfers[i].merchant.value == lot->merchant.value)
            lot_hash_add(&digest, &tables->transfers[i]);
    lot_hash_end(&digest, lot->persons, lot->sender, hash);
    audit(world, memcmp(hash, lot->hash, sizeof hash) == 0, "the hash of lot %lld",
          (long long)lot->code.value);
    audit(world,
          lot->persons == (needs_two(world, lot) ? 2
                           : lot->listed         ? 0
                                                 : 1),
          "lot %lld needs %d", (long long)lot->code.value, lot->persons);
}

void auditor_check_decision(struct world *world, const struct lot *before,
                            const struct lot_decide *decide, enum payout_code code)
{
    static const uint8_t whatever[SECRET_HASH_BYTES];
    bool bound = memcmp(decide->hash, whatever, sizeof whatever) != 0;
    bool other = bound && memcmp(decide->hash, before->hash, sizeof whatever) != 0;
    audit(world, code != PAYOUT_OK || !other, "a decision on another lot counted");
    if (code != PAYOUT_OK || decide->again || decide->to != LOT_CONFIRMED)
        return;
    audit(world,
          !needs_two(world, before) || person_of(decide->person) != person_of(before->sender),
          "who sent lot %lld confirmed it", (long long)before->code.value);
}

void auditor_check_lots(struct world *world, const struct store_memory_tables *tables)
{
    for (size_t i = 0; i < tables->lot_count; i++) {
        check_approvals(world, tables, &tables->lots[i]);
        check_mails(world, tables, &tables->lots[i]);
        check_hash(world, tables, &tables->lots[i]);
    }
}

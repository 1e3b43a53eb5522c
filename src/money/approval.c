#include "money/approval.h"

#include <string.h>

#include "base/fault.h"
#include "money/rules.h"

const char *approval_act_text(enum approval_act act)
{
    switch (act) {
#define ACT(name, number, meaning)                                                                 \
    case APPROVAL_##name:                                                                          \
        return #name;
        APPROVAL_ACTS(ACT)
#undef ACT
    case APPROVAL_ACT_END:
        break;
    }
    invariant(!"an approval's act");
}

const char *approval_refusal_text(enum approval_refusal refusal)
{
    switch (refusal) {
#define REFUSAL(name, text)                                                                        \
    case APPROVAL_REFUSAL_##name:                                                                  \
        return text;
        APPROVAL_REFUSALS(REFUSAL)
#undef REFUSAL
    case APPROVAL_REFUSAL_END:
        break;
    }
    invariant(!"an approval's refusal");
}

/* Whether the person may be one of the two that the lot needs. */
static bool second_pair_of_eyes(const struct lot *lot, const char *person)
{
    return lot->sender[0] == '\0' || !settlement_same_person(lot->sender, person);
}

/* --- When a lot is decided on --- */

void lot_decide_want(const struct command *command, struct book *book)
{
    const struct lot_decide *decide = &command->lot_decide;
    (void)book_approval(book, decide->merchant, decide->lot);
    const struct lot_row *row = book_lot(book, decide->merchant, decide->lot);
    if (row->row.state == ROW_WANTED || row->row.state == ROW_ABSENT ||
        row->lot.state != LOT_WAITING)
        return;
    mail_lot_want(book, &row->lot);
    for (int64_t i = 0; i < row->lot.count; i++) {
        struct transfer_id id = {row->lot.first.value + i};
        const struct transfer_row *transfer = book_transfer(book, id);
        if (transfer->row.state != ROW_WANTED && transfer->row.state != ROW_ABSENT)
            transfer_rows_want(book, &transfer->transfer);
    }
}

/* Whether the lot's transfers are what its hash was made of. */
static bool lot_whole(struct book *book, const struct lot *lot)
{
    struct secret_digest digest;
    uint8_t hash[SECRET_HASH_BYTES];
    if (!lot_hashed(lot))
        return true; /* It was sent before there were hashes. */
    lot_hash_begin(&digest, lot->merchant, lot->code);
    for (int64_t i = 0; i < lot->count; i++)
        lot_hash_add(&digest,
                     &book_transfer(book, (struct transfer_id){lot->first.value + i})->transfer);
    lot_hash_end(&digest, lot->persons, lot->sender, hash);
    return secret_equal(hash, lot->hash, sizeof hash);
}

/* Whether the lot, which is not there yet, may go there now. */
static enum approval_refusal lot_check(struct book *book, const struct lot *lot,
                                       const struct lot_decide *decide, int64_t at_ms)
{
    if (!lot_state_may(lot->state, decide->to))
        return APPROVAL_REFUSAL_DECIDED;
    bool expired = lot->expires_at_ms <= at_ms;
    if (decide->to == LOT_EXPIRED)
        return expired ? APPROVAL_REFUSAL_NONE : APPROVAL_REFUSAL_TOO_EARLY;
    if (decide->to == LOT_CANCELLED)
        return APPROVAL_REFUSAL_NONE;
    if (expired) /* Its money is about to go back. */
        return APPROVAL_REFUSAL_TOO_LATE;
    if (lot->persons == 2 && !second_pair_of_eyes(lot, decide->person))
        return APPROVAL_REFUSAL_SENDER;
    return lot_whole(book, lot) ? APPROVAL_REFUSAL_NONE : APPROVAL_REFUSAL_DAMAGED;
}

/* Whether the person saw this lot. */
static bool lot_seen(const struct lot *lot, const uint8_t hash[SECRET_HASH_BYTES])
{
    static const uint8_t whatever[SECRET_HASH_BYTES];
    return secret_equal(hash, whatever, sizeof whatever) ||
           secret_equal(hash, lot->hash, sizeof lot->hash);
}

static void approval_add(struct book *book, struct approval_row *row, enum approval_act act,
                         const struct lot_decide *decide, int64_t at_ms)
{
    bool by_person = act != APPROVAL_EXPIRED;
    row->approval = (struct approval){
        .merchant = row->approval.merchant,
        .lot = row->approval.lot,
        .number = row->approval.number + 1,
        .act = act,
        .person = by_person ? decide->person : "",
        .from = by_person && decide->from != NULL ? decide->from : "",
        .at_ms = at_ms,
    };
    book_approve(book, row);
}

/* The lot goes there, with all that is its own. */
static void lot_go(struct book *book, struct lot_row *row, enum lot_state to, int64_t at_ms)
{
    row->lot.state = to;
    row->lot.decided_at_ms = at_ms;
    row->lot.expires_at_ms = 0;
    book_row_change(&row->row);
    mail_lot_overtake(book, &row->lot, at_ms);
    for (int64_t i = 0; i < row->lot.count; i++) {
        struct transfer_row *transfer =
            book_transfer(book, (struct transfer_id){row->lot.first.value + i});
        if (to == LOT_CONFIRMED)
            transfer_confirm(book, transfer, at_ms);
        else
            transfer_reject(book, transfer,
                            to == LOT_CANCELLED ? TRANSFER_REASON_LOT_CANCELLED
                                                : TRANSFER_REASON_LOT_EXPIRED,
                            at_ms);
    }
}

/* The person's word counts: what it makes of the lot. */
static void lot_say(struct book *book, struct lot_row *row, struct lot_decide *decide,
                    int64_t at_ms)
{
    struct approval_row *last = book_approval(book, decide->merchant, decide->lot);
    bool given = book_row_exists(&last->row) && last->approval.act == APPROVAL_GIVEN;
    if (decide->to == LOT_CANCELLED) {
        approval_add(book, last, APPROVAL_CANCELLED, decide, at_ms);
    } else if (decide->to == LOT_EXPIRED) {
        approval_add(book, last, APPROVAL_EXPIRED, decide, at_ms);
    } else if (row->lot.persons < 2) {
        approval_add(book, last, APPROVAL_CONFIRMED, decide, at_ms);
    } else if (!given) {
        approval_add(book, last, APPROVAL_GIVEN, decide, at_ms);
        return; /* Another person has to say so too. */
    } else if (settlement_same_person(last->approval.person, decide->person)) {
        decide->again = true;
        return;
    } else {
        approval_add(book, last, APPROVAL_CONFIRMED, decide, at_ms);
    }
    lot_go(book, row, decide->to, at_ms);
}

/* How many persons confirmed the lot until now. */
static int32_t lot_given(struct book *book, const struct lot *lot)
{
    const struct approval_row *last = book_approval(book, lot->merchant, lot->code);
    if (!book_row_exists(&last->row))
        return 0;
    bool says_so = last->approval.act == APPROVAL_GIVEN || last->approval.act == APPROVAL_CONFIRMED;
    return last->approval.number - (says_so ? 0 : 1);
}

/* Writes down who said what, when somebody was behind it. */
static void lot_decide_act(const struct command *command, struct book *book, enum lot_state before)
{
    const struct lot_decide *decide = &command->lot_decide;
    const struct lot *lot = &book_lot(book, decide->merchant, decide->lot)->lot;
    const struct approval *said = &book_approval(book, decide->merchant, decide->lot)->approval;
    char subject[LOT_TEXT_BYTES];
    lot_text(decide->merchant, decide->lot, subject);
    struct act_changes changes;
    act_changes_begin(&changes, false);
    act_change_text(&changes, "state", lot_state_text(before), lot_state_text(lot->state));
    if (said->act == APPROVAL_GIVEN)
        act_tell_text(&changes, "act", approval_act_text(said->act));
    act_write(book, command, ACT_LOT_DECIDE, decide->merchant, subject, &changes);
}

void lot_decide_decide(struct command *command, struct book *book)
{
    struct lot_decide *decide = &command->lot_decide;
    invariant(decide->to == LOT_CONFIRMED || decide->to == LOT_CANCELLED ||
              decide->to == LOT_EXPIRED);
    invariant(decide->to == LOT_EXPIRED || decide->person[0] != '\0');
    struct lot_row *row = book_lot(book, decide->merchant, decide->lot);
    decide->again = false;
    decide->refusal = APPROVAL_REFUSAL_NONE;
    if (!book_row_exists(&row->row)) {
        command->code = PAYOUT_NOT_FOUND;
        return;
    }
    if (!lot_seen(&row->lot, decide->hash))
        decide->refusal = APPROVAL_REFUSAL_OTHER_HASH;
    else if (row->lot.state == decide->to)
        decide->again = true; /* The same again changes nothing. */
    else
        decide->refusal = lot_check(book, &row->lot, decide, command->at_ms);
    if (decide->refusal == APPROVAL_REFUSAL_NONE && !decide->again) {
        lot_say(book, row, decide, command->at_ms);
        if (!decide->again) /* It was no news. */
            lot_decide_act(command, book, LOT_WAITING);
    }
    command->code = decide->refusal == APPROVAL_REFUSAL_NONE ? PAYOUT_OK : PAYOUT_NOT_ALLOWED;
    decide->state = row->lot.state;
    decide->persons = row->lot.persons;
    decide->given = lot_given(book, &row->lot);
}

/* --- For audits --- */

/* Whether they are two persons, and neither of them sent the lot. */
static bool approval_two(const struct lot *lot, const struct approval *a, const struct approval *b)
{
    return a->person[0] != '\0' && b->person[0] != '\0' &&
           !settlement_same_person(a->person, b->person) && second_pair_of_eyes(lot, a->person) &&
           second_pair_of_eyes(lot, b->person);
}

bool approval_right(const struct lot *lot, const struct approval *approvals, int64_t count)
{
    static const enum approval_act ends[LOT_STATE_END] = {
        [LOT_CONFIRMED] = APPROVAL_CONFIRMED,
        [LOT_CANCELLED] = APPROVAL_CANCELLED,
        [LOT_EXPIRED] = APPROVAL_EXPIRED,
    };
    invariant(lot->state >= LOT_WAITING && lot->state < LOT_STATE_END);
    if (lot->persons < 0 || lot->persons > 2 || (lot->persons == 0 && !lot->listed) || count > 2)
        return false;
    for (int64_t i = 0; i < count; i++)
        if (approvals[i].number != i + 1)
            return false;
    if (!lot_hashed(lot) && count == 0) /* It was decided before such things were written down. */
        return lot->persons == 1;
    if (lot->persons == 0) /* It never waited. */
        return lot->state == LOT_CONFIRMED && count == 0;
    bool given = count > 0 && approvals[0].act == APPROVAL_GIVEN;
    if (given && (lot->persons != 2 || !second_pair_of_eyes(lot, approvals[0].person)))
        return false;
    if (lot->state == LOT_WAITING)
        return count == (given ? 1 : 0);
    if (count != (given ? 2 : 1) || approvals[count - 1].act != ends[lot->state])
        return false;
    if (lot->state != LOT_CONFIRMED)
        return true;
    return lot->persons == 1 ? approvals[0].person[0] != '\0'
                             : given && approval_two(lot, &approvals[0], &approvals[1]);
}

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "client/call_own.h"

enum { PROBES_MAX = 3, DIGITS_MAX = 32, DIGITS_LEAST = 6 };

bool ask_possible(const struct call *call)
{
    return call->input.kind == CALL_SEND && call->repeatable;
}

void ask_begin(struct call *call)
{
    memory_give(call->lot);
    call->lot = NULL;
    call->probe = 0;
}

/* A request is one lot, so one of its transfers tells where the others are; but the first may be
 * one that was refused: the last and the middle one are asked for, too. */
static size_t probe_index(const struct call *call)
{
    return call->probe == 0   ? 0
           : call->probe == 1 ? call->pending_count - 1
                              : call->pending_count / 2;
}

void ask_query(const struct call *call, struct buffer *query)
{
    if (call->lot != NULL)
        transport_field(query, "lot", call->lot);
    else
        transport_field(query, "client_transaction_id",
                        call->pending[probe_index(call)].client_transaction_id);
}

static size_t digits_copy(const char *text, char *digits)
{
    size_t length = 0;
    for (; text != NULL && *text != '\0'; text++)
        if (*text >= '0' && *text <= '9' && length + 1 < DIGITS_MAX)
            digits[length++] = *text;
    digits[length] = '\0';
    return length;
}

/* True when a and b end with the same digits, as many as the shorter one has: numbers are written
 * with and without their country. */
static bool receiver_equal(const char *a, const char *b)
{
    char left[DIGITS_MAX], right[DIGITS_MAX];
    size_t left_length = digits_copy(a, left), right_length = digits_copy(b, right);
    size_t shorter = left_length < right_length ? left_length : right_length;
    return shorter >= DIGITS_LEAST &&
           memcmp(left + left_length - shorter, right + right_length - shorter, shorter) == 0;
}

/* Whether an id stands for this very payment. */
static bool is_same(const struct payout_transfer_state *state,
                    const struct payout_transfer *transfer)
{
    return state->amount == transfer->amount && receiver_equal(state->receiver, transfer->phone);
}

/* What is known of a transfer whose id the server has. False: no memory. */
static bool item_fill(struct call *call, const struct payout_transfer_state *state,
                      const struct payout_transfer *transfer, struct payout_item *item)
{
    bool short_of = false, same = is_same(state, transfer);
    *item = (struct payout_item){
        .outcome = same ? PAYOUT_OUTCOME_REPEATED : PAYOUT_OUTCOME_REFUSED,
        .code = PAYOUT_CLIENT_ID_EXISTS,
        .status = payout_code_word(PAYOUT_CLIENT_ID_EXISTS),
        .client_transaction_id =
            result_keep(call->result, transfer->client_transaction_id, &short_of),
    };
    if (same) {
        item->transaction_id = result_keep(call->result, state->transaction_id, &short_of);
        item->lot = result_keep(call->result, state->lot, &short_of);
        item->treatment_status = result_keep(call->result, state->treatment_status, &short_of);
    }
    return !short_of;
}

/* The transfer with that id, looked for from *from on, and then before; *from follows it, since
 * answers are in the order in which they were sent. NULL: it is not there. */
static const struct payout_transfer_state *state_find(const struct payout_result *seen,
                                                      const char *id, size_t *from)
{
    for (size_t n = 0; n < seen->transfer_count; n++) {
        size_t at = (*from + n) % seen->transfer_count;
        const char *told = seen->transfers[at].client_transaction_id;
        if (told == NULL || strcmp(told, id) != 0)
            continue;
        *from = at + 1;
        return &seen->transfers[at];
    }
    return NULL;
}

/* The one transfer that was asked for by its id; NULL: there is none for certain. */
static const struct payout_transfer_state *state_single(const struct payout_result *seen,
                                                        const char *id)
{
    size_t from = 0;
    if (seen->transfer_count == 1 && seen->transfers[0].client_transaction_id == NULL)
        return &seen->transfers[0];
    return state_find(seen, id, &from);
}

/* Takes those of pending that the answer has out of it. False: no memory. */
static bool pending_reduce(struct call *call)
{
    const struct payout_result *seen = &call->asked->seen;
    size_t kept = 0, from = 0;
    bool good = true;
    for (size_t i = 0; i < call->pending_count; i++) {
        const struct payout_transfer *transfer = &call->pending[i];
        const struct payout_transfer_state *state =
            seen->transfer_count == 1 && call->lot == NULL && i == probe_index(call)
                ? state_single(seen, transfer->client_transaction_id)
                : state_find(seen, transfer->client_transaction_id, &from);
        if (state != NULL) {
            good = item_fill(call, state, transfer, &call->known[call->indexes[i]]) && good;
            continue;
        }
        call->indexes[kept] = call->indexes[i];
        call->pending[kept++] = *transfer;
    }
    call->pending_count = kept;
    call->result->seen.item_count = kept;
    return good;
}

/* What to do when the id asked for is there, or not: the lot, another id, or nothing more. */
static enum ask_end probe_next(struct call *call, const char *lot)
{
    if (call->pending_count == 0)
        return ASK_OVER;
    if (lot != NULL) {
        call->lot = memory_text(lot);
        return call->lot == NULL ? ASK_FAILED : ASK_ON;
    }
    call->probe++;
    return call->probe < PROBES_MAX && call->probe < call->pending_count ? ASK_ON : ASK_OVER;
}

enum ask_end ask_read(struct call *call)
{
    struct payout_result *seen = &call->asked->seen;
    if (seen->code == PAYOUT_NOT_FOUND && call->lot == NULL)
        return probe_next(call, NULL);
    if (seen->code != PAYOUT_OK || result_transfers(call->asked) != PAYOUT_CLIENT_DONE)
        return ASK_FAILED;
    const char *id = call->pending[probe_index(call)].client_transaction_id;
    const struct payout_transfer_state *found = call->lot == NULL ? state_single(seen, id) : NULL;
    const char *lot =
        found != NULL && is_same(found, &call->pending[probe_index(call)]) ? found->lot : NULL;
    bool by_lot = call->lot != NULL;
    if (!pending_reduce(call)) {
        (void)snprintf(seen->text, sizeof seen->text, "out of memory");
        return ASK_FAILED;
    }
    return by_lot ? ASK_OVER : probe_next(call, lot);
}

bool settle_next(struct call *call)
{
    const struct payout_result *seen = &call->result->seen;
    for (; call->settle_at < seen->item_count; call->settle_at++) {
        const struct payout_item *item = &seen->items[call->settle_at];
        const char *id = call->pending[call->settle_at].client_transaction_id;
        if (item->outcome == PAYOUT_OUTCOME_REPEATED && item->transaction_id == NULL && id != NULL)
            return true;
    }
    return false;
}

void settle_query(const struct call *call, struct buffer *query)
{
    transport_field(query, "client_transaction_id",
                    call->pending[call->settle_at].client_transaction_id);
}

/* It exists, and nobody tells for whom: to be looked at by a person. */
static void settle_unknown(struct call *call)
{
    call->result->seen.items[call->settle_at].outcome = PAYOUT_OUTCOME_UNKNOWN;
    call->settle_at++;
}

static void settle_end(struct call *call)
{
    struct payout_result *seen = &call->result->seen;
    for (size_t i = 0; i < seen->item_count; i++) {
        if (seen->items[i].outcome != PAYOUT_OUTCOME_UNKNOWN)
            continue;
        if (seen->text[0] == '\0')
            (void)snprintf(
                seen->text, sizeof seen->text,
                "a client_transaction_id is taken, and the server does not tell by what");
        call_end(call, PAYOUT_CLIENT_UNKNOWN);
        return;
    }
    call_end(call, seen->fault);
}

void settle_read(struct call *call, enum payout_client_fault fault)
{
    struct payout_result *seen = &call->asked->seen;
    const struct payout_transfer *transfer = &call->pending[call->settle_at];
    bool good = fault == PAYOUT_CLIENT_DONE && seen->code == PAYOUT_OK &&
                result_transfers(call->asked) == PAYOUT_CLIENT_DONE;
    const struct payout_transfer_state *state =
        good ? state_single(seen, transfer->client_transaction_id) : NULL;
    if (state == NULL ||
        !item_fill(call, state, transfer, &call->result->seen.items[call->settle_at]))
        settle_unknown(call);
    else
        call->settle_at++;
    /* Who does not answer one question won't answer the next. */
    while (fault != PAYOUT_CLIENT_DONE && settle_next(call))
        settle_unknown(call);
    if (!settle_next(call))
        settle_end(call);
}

void ask_finish(struct call *call)
{
    struct payout_item *items = call->result->seen.items;
    size_t left = call->pending_count;
    call->result->seen.item_count = call->input.count;
    for (size_t i = call->input.count; i-- > 0;) {
        bool sent = left > 0 && call->indexes[left - 1] == i;
        if (sent)
            left--;
        items[i] = sent ? items[left] : call->known[i];
    }
}

#include <stdio.h>

#include "client/call_own.h"

/* True when the server was too busy to look at the request. */
static bool turned_away(const struct payout_result *seen)
{
    return seen->http_status == 429;
}

/* Whether every item's outcome is known. */
static bool items_settled(const struct payout_result *seen)
{
    for (size_t i = 0; i < seen->item_count; i++)
        if (seen->items[i].outcome == PAYOUT_OUTCOME_UNKNOWN)
            return false;
    return true;
}

/* Items that a server would name one by one: so an answer that has none of them (a login refused, a
 * 429) says nothing about a request that went before it. */
static bool items_answered(const struct payout_result *seen)
{
    return items_settled(seen) && (seen->code == PAYOUT_OK || seen->items[0].status != NULL ||
                                   seen->items[0].transaction_id != NULL ||
                                   seen->items[0].outcome == PAYOUT_OUTCOME_REPEATED);
}

static void items_outcome_set(struct payout_result *seen, enum payout_outcome outcome)
{
    for (size_t i = 0; i < seen->item_count; i++) {
        seen->items[i].outcome = outcome;
        seen->items[i].code = seen->code;
    }
}

enum payout_client_fault judge_change(const struct call *call, enum payout_client_fault fault)
{
    struct payout_result *seen = &call->result->seen;
    if (fault == PAYOUT_CLIENT_DONE && (call->doubt ? items_answered(seen) : items_settled(seen)))
        return PAYOUT_CLIENT_DONE;
    if (!call->doubt && (!call->left || turned_away(seen))) {
        /* Not one item was looked at. */
        items_outcome_set(seen, fault == PAYOUT_CLIENT_DONE ? PAYOUT_OUTCOME_REFUSED
                                                            : PAYOUT_OUTCOME_NOT_SENT);
        return fault == PAYOUT_CLIENT_UNREADABLE ? PAYOUT_CLIENT_UNREACHABLE : fault;
    }
    if (call->doubt && seen->code != PAYOUT_OK)
        items_outcome_set(seen, PAYOUT_OUTCOME_UNKNOWN);
    if (seen->text[0] == '\0')
        (void)snprintf(seen->text, sizeof seen->text, "the server did not tell the outcome%s%s",
                       seen->message[0] != '\0' ? ": " : "", seen->message);
    return PAYOUT_CLIENT_UNKNOWN;
}

bool judge_may_repeat(const struct call *call, enum payout_client_fault fault)
{
    const struct payout_result *seen = &call->result->seen;
    bool changes = call->input.kind == CALL_CONTACT || call->input.kind == CALL_SEND;
    if (call->input.kind == CALL_LOGIN || call->repeats >= call->account->repeats_max)
        return false;
    if (fault != PAYOUT_CLIENT_UNKNOWN && turned_away(seen))
        return true;
    if (changes && !call->repeatable)
        return false;
    if (fault == PAYOUT_CLIENT_DONE)
        return seen->code == PAYOUT_EXECUTION_ERROR || seen->code == PAYOUT_EXECUTION_UNKNOWN;
    return fault == PAYOUT_CLIENT_UNKNOWN || fault == PAYOUT_CLIENT_UNREACHABLE ||
           (fault == PAYOUT_CLIENT_UNREADABLE && seen->http_status >= 500);
}

int64_t judge_wait_ms(const struct call *call)
{
    const struct account *account = call->account;
    int64_t asked_s = call->result->seen.retry_after_s, wait_ms = account->repeat_wait_ms;
    for (int i = 0; i < call->repeats && wait_ms < account->wait_ms_max; i++)
        wait_ms *= 2;
    if (asked_s >= 0)
        wait_ms = asked_s > account->wait_ms_max / 1000 ? account->wait_ms_max : asked_s * 1000;
    return wait_ms < account->wait_ms_max ? wait_ms : account->wait_ms_max;
}

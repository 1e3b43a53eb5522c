#include "operators/errand.h"

#include <stdlib.h>
#include <string.h>

#include "base/name.h"
#include "operators/line.h"

enum { TEXTS = 5 };

/* Where a transfer keeps its texts: a connector may read any of them. */
static void texts_of(struct transfer *transfer, const char **texts[TEXTS])
{
    texts[0] = &transfer->client_id;
    texts[1] = &transfer->prefix;
    texts[2] = &transfer->phone;
    texts[3] = &transfer->notify_url;
    texts[4] = &transfer->operator_reference;
}

struct errand *errand_open(const struct caller_order *order)
{
    struct transfer transfer = *order->transfer;
    const char **texts[TEXTS];
    size_t lengths[TEXTS], length = 0;
    texts_of(&transfer, texts);
    for (int i = 0; i < TEXTS; i++)
        length += lengths[i] = *texts[i] == NULL ? 0 : strlen(*texts[i]) + 1;
    struct errand *errand = calloc(1, sizeof *errand + length);
    invariant(errand != NULL);
    char *at = errand->texts;
    for (int i = 0; i < TEXTS; i++)
        if (lengths[i] > 0) {
            memcpy(at, *texts[i], lengths[i]);
            *texts[i] = at;
            at += lengths[i];
        }
    errand->held = order->held;
    errand->task = order->task;
    errand->transfer = transfer;
    errand->until_us = order->until_us;
    errand->probe = order->probe;
    /* Where a receiver has to be made known to the operator first, that is done before each submit:
     * a worker may have ended before it had done so. */
    errand->later = order->held->number != transfer.channel_attempt;
    errand->introduced =
        errand->later && (order->line->channel->connector->abilities & OPERATOR_INTRODUCES) == 0;
    /* A name that is too long is cut: it is compared, not written. */
    strncpy(errand->receiver_name, order->receiver_name, sizeof errand->receiver_name - 1);
    errand->attempt = (struct attempt){.transfer = &errand->transfer,
                                       .number = order->held->number,
                                       .receiver_name = errand->receiver_name,
                                       .reversal_reference = errand->reversal_reference};
    if (order->reversal_reference != NULL)
        strncpy(errand->reversal_reference, order->reversal_reference,
                sizeof errand->reversal_reference - 1);
    transfer_id_text(transfer.id, errand->attempt.reference);
    return errand;
}

void errand_close(struct errand *errand)
{
    free(errand);
}

struct verdict_answer errand_unanswered(const struct errand *errand, bool left)
{
    bool submit = errand->task == OPERATOR_TASK_SUBMIT || errand->task == OPERATOR_TASK_REVERSE;
    enum transfer_reason reason = errand->transfer.reason;
    if (submit && !left)
        return (struct verdict_answer){.verdict = VERDICT_NOT_SENT};
    /* What the operator said that it has, it has still, though it does not answer now. */
    if (!submit && reason == TRANSFER_REASON_PENDING_AT_OPERATOR)
        return (struct verdict_answer){.verdict = VERDICT_PENDING, .reason = reason};
    return (struct verdict_answer){.verdict = VERDICT_UNKNOWN};
}

struct verdict_answer errand_validated(const struct errand *errand, const struct call *call,
                                       const struct channel *channel)
{
    static const struct verdict_answer not_sent = {.verdict = VERDICT_NOT_SENT};
    if (!call->answered || call->result.token_refused)
        return not_sent;
    if (errand->later)
        return (struct verdict_answer){0};
    switch (call->result.receiver) {
    case OPERATOR_RECEIVER_NONE:
        return (struct verdict_answer){.verdict = VERDICT_REJECTED,
                                       .reason = TRANSFER_REASON_RECEIVER_UNKNOWN};
    case OPERATOR_RECEIVER_OTHER:
        if (channel->name_least > 0)
            return (struct verdict_answer){.verdict = VERDICT_REJECTED,
                                           .reason = TRANSFER_REASON_RECEIVER_NAME};
        break;
    case OPERATOR_RECEIVER_FOUND:
        /* Only a name that is told can be another than the merchant's. */
        if (channel->name_least > 0 && call->result.receiver_name[0] != '\0' &&
            name_likeness(call->result.receiver_name, errand->receiver_name) < channel->name_least)
            return (struct verdict_answer){.verdict = VERDICT_REJECTED,
                                           .reason = TRANSFER_REASON_RECEIVER_NAME};
        break;
    case OPERATOR_RECEIVER_UNCLEAR:
        return not_sent;
    }
    return (struct verdict_answer){0};
}

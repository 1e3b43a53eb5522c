#include "operators/cinetpay.h"

#include <stdio.h>
#include <string.h>

#include "client/result.h"
#include "operators/json.h"

enum {
    CINETPAY_TOKEN_MS =
        270 * 1000, /* It lives five minutes; half a minute is for clocks and calls. */
    CINETPAY_TOKEN_BYTES_MAX = 1500, /* As it stands in a URL, encoded. */
    /* Sixty calls a minute are let in: where a notification will tell, the first question waits. */
    CINETPAY_ASK_AFTER_MS = 10000,
    CINETPAY_THROTTLED_MS = 5000, /* 429 without Retry-After. */
    CINETPAY_RECEIVER_DIGITS = 8, /* The last ones, by which numbers of old plans agree, too. */
};

/* What becomes of a transfer whose sending was refused. Nothing was recorded (docs/wire.md): so it
 * is either for ever that it is refused, or it waits until somebody has mended what is wrong. */
static const struct cinetpay_refusal {
    enum payout_code code;
    enum verdict verdict;
    enum transfer_reason reason;
    bool down; /* Nothing goes through the channel until then. */
} cinetpay_refusals[] = {
    /* The platform's money with CinetPay is used up: wages wait, and the alarm of the float tells.
     */
    {PAYOUT_INSUFFICIENT_BALANCE, VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_FLOAT, false},
    /* One operator, of several that the channel may serve, is switched off there. */
    {PAYOUT_OPERATOR_UNAVAILABLE, VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, false},
    /* The contact is added before each sending: it was not there, it will be. */
    {PAYOUT_NOT_MY_CONTACT, VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, false},
    /* The account, the address we call from, or a setting. */
    {PAYOUT_INVALID_CREDENTIALS, VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, true},
    {PAYOUT_TOKEN_NOT_CREATED, VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, true},
    {PAYOUT_INVALID_USER, VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, true},
    {PAYOUT_TOKEN_NOT_REFRESHED, VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, true},
    {PAYOUT_NOT_ALLOWED, VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, true},
    {PAYOUT_MISSING_NOTIFY_URL, VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, true},
    /* The way mangles what we send. */
    {PAYOUT_INVALID_PARAM, VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, true},
    {PAYOUT_JSON_PARSE_ERROR, VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, true},
    /* The transfer itself: it would be refused again. */
    {PAYOUT_INVALID_PHONE, VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_UNKNOWN, false},
    {PAYOUT_PHONE_NOT_PARTICULAR, VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_UNKNOWN, false},
    {PAYOUT_OPERATOR_NOT_AVAILABLE, VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED, false},
    {PAYOUT_INVALID_PAYMENT_METHOD, VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED, false},
    {PAYOUT_AMOUNT_TOO_SMALL, VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED, false},
    {PAYOUT_AMOUNT_TOO_LARGE, VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED, false},
    {PAYOUT_INVALID_AMOUNT, VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED, false},
    {PAYOUT_DATA_NOT_VALID, VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED, false},
};

/* Reasons that are told as such where the comment is payoutd's own sentence for them. */
static const enum transfer_reason cinetpay_reasons[] = {
    TRANSFER_REASON_RECEIVER_UNKNOWN, TRANSFER_REASON_RECEIVER_LIMIT,
    TRANSFER_REASON_RECEIVER_BLOCKED, TRANSFER_REASON_RECEIVER_NAME,
    TRANSFER_REASON_OPERATOR_FLOAT,
};

static bool token_wrong(enum payout_code code)
{
    return code == PAYOUT_EXPIRED_TOKEN || code == PAYOUT_INVALID_TOKEN;
}

/* Writes down what was said when it is an error. */
static void said_note(const struct payout_result *seen, struct operator_result *result)
{
    char code[BUFFER_DIGITS];
    operator_say(result, seen->http_status, buffer_digits(seen->code, code),
                 seen->message[0] != '\0' ? seen->message : seen->text);
}

/* --- By task --- */

static bool token_fits(const char *token)
{
    struct buffer encoded;
    buffer_init(&encoded, CINETPAY_TOKEN_BYTES_MAX);
    transport_encode(&encoded, token);
    bool fits = buffer_ok(&encoded) && operator_word_fits(token, OPERATOR_TOKEN_BYTES - 1);
    buffer_free(&encoded);
    return fits;
}

static void token_read(struct result *read, struct operator_result *result)
{
    const struct payout_result *seen = &read->seen;
    if (seen->code == PAYOUT_OK && result_token(read) == PAYOUT_CLIENT_DONE &&
        token_fits(seen->token)) {
        memcpy(result->token, seen->token, strlen(seen->token) + 1);
        result->token_lifetime_ms = CINETPAY_TOKEN_MS;
        return;
    }
    said_note(seen, result);
    result->down = seen->code == PAYOUT_INVALID_CREDENTIALS || seen->code == PAYOUT_INVALID_USER ||
                   seen->code == PAYOUT_NOT_ALLOWED;
}

/* The one item's outcome. */
static bool item_read(const struct operator_call *call, struct result *read, enum payout_code known,
                      const char *(*client_id)(const void *context, size_t index))
{
    return result_items(read, client_id, call, known) == PAYOUT_CLIENT_DONE;
}

static const char *reference_of(const void *context, size_t index)
{
    const struct operator_call *call = context;
    return call->attempts[index].reference;
}

static const char *no_reference(const void *context, size_t index)
{
    (void)context;
    (void)index;
    return NULL;
}

static void submit_refused(const struct operator_call *call, enum payout_code code,
                           struct operator_result *result)
{
    for (size_t i = 0; i < sizeof cinetpay_refusals / sizeof *cinetpay_refusals; i++)
        if (cinetpay_refusals[i].code == code) {
            operator_result_all(call, result, cinetpay_refusals[i].verdict,
                                cinetpay_refusals[i].reason);
            result->down = cinetpay_refusals[i].down;
        }
}

static void reference_note(const char *id, struct verdict_answer *answer)
{
    if (id != NULL && operator_word_fits(id, sizeof answer->operator_reference - 1))
        memcpy(answer->operator_reference, id, strlen(id) + 1);
}

static void submit_read(const struct operator_call *call, struct result *read,
                        struct operator_result *result)
{
    const struct payout_result *seen = &read->seen;
    struct verdict_answer *answer = &result->answers[0];
    if (!item_read(call, read, PAYOUT_CLIENT_ID_EXISTS, reference_of))
        return;
    const struct payout_item *item = &seen->items[0];
    char code[BUFFER_DIGITS];
    switch (item->outcome) {
    case PAYOUT_OUTCOME_ACCEPTED:
    case PAYOUT_OUTCOME_REPEATED: /* 805: it has it; asking tells whether it is the same. */
        answer->verdict = VERDICT_PENDING;
        answer->reason = TRANSFER_REASON_NONE;
        if (call->channel->callback_url[0] != '\0')
            answer->ask_after_ms = CINETPAY_ASK_AFTER_MS;
        /* Whatever name it has there: what was taken once is not believed never to have been. */
        reference_note(call->attempts[0].reference, answer);
        reference_note(item->transaction_id, answer);
        return;
    case PAYOUT_OUTCOME_REFUSED:
        operator_say(result, seen->http_status, buffer_digits(item->code, code),
                     item->status != NULL ? item->status : seen->message);
        submit_refused(call, item->code, result);
        return;
    case PAYOUT_OUTCOME_NOT_SENT: /* libpayout's own word, for what never left it. */
    case PAYOUT_OUTCOME_UNKNOWN:
        break;
    }
    said_note(seen, result);
}

/* True when what is told of it is about our transfer. */
static bool state_ours(const struct payout_transfer_state *state, const struct attempt *attempt)
{
    char digits[BUFFER_DIGITS];
    const char *msisdn = buffer_digits(attempt->transfer->msisdn, digits);
    const char *receiver = state->receiver != NULL ? state->receiver : "";
    size_t ours = strlen(msisdn), theirs = strlen(receiver);
    return state->client_transaction_id != NULL &&
           strcmp(state->client_transaction_id, attempt->reference) == 0 &&
           state->amount == transfer_delivered(attempt->transfer).minor &&
           theirs >= CINETPAY_RECEIVER_DIGITS &&
           strcmp(receiver + theirs - CINETPAY_RECEIVER_DIGITS,
                  msisdn + ours - CINETPAY_RECEIVER_DIGITS) == 0;
}

static enum transfer_reason comment_read(const char *comment)
{
    for (size_t i = 0; comment != NULL && i < sizeof cinetpay_reasons / sizeof *cinetpay_reasons;
         i++)
        if (strcmp(comment, transfer_reason_text(cinetpay_reasons[i], PAYOUT_FR)) == 0 ||
            strcmp(comment, transfer_reason_text(cinetpay_reasons[i], PAYOUT_EN)) == 0)
            return cinetpay_reasons[i];
    return TRANSFER_REASON_OPERATOR_REFUSED;
}

static void state_read(const struct payout_result *seen, const struct payout_transfer_state *state,
                       struct operator_result *result)
{
    struct verdict_answer *answer = &result->answers[0];
    const char *comment = state->comment != NULL ? state->comment : "";
    reference_note(state->transaction_id, answer);
    answer->reason = TRANSFER_REASON_NONE;
    switch (state->treatment) {
    case PAYOUT_TREATMENT_VAL:
        answer->verdict = VERDICT_PAID;
        break;
    case PAYOUT_TREATMENT_REJ:
        answer->verdict = VERDICT_REJECTED;
        answer->reason = comment_read(state->comment);
        operator_say(result, seen->http_status, "REJ", comment);
        break;
    case PAYOUT_TREATMENT_NEW:
    case PAYOUT_TREATMENT_REC:
    case PAYOUT_TREATMENT_NOS:
        answer->verdict = VERDICT_PENDING;
        if (state->sending_status != NULL && strcmp(state->sending_status, "PENDING") == 0)
            operator_say(result, seen->http_status, "", "its lot waits to be confirmed by mail");
        break;
    case PAYOUT_TREATMENT_OTHER:
        answer->reason = TRANSFER_REASON_OUTCOME_UNKNOWN;
        operator_say(result, seen->http_status, "", "a treatment_status that is not known");
    }
}

/* What it took once, and gave an id, it may have forgotten, but not never seen. */
static void ask_read(const struct operator_call *call, struct result *read,
                     struct operator_result *result)
{
    const struct payout_result *seen = &read->seen;
    if (seen->code == PAYOUT_NOT_FOUND && operator_first_day(call) &&
        call->attempts[0].transfer->operator_reference[0] == '\0') {
        result->answers[0].verdict = VERDICT_NEVER_SEEN;
        return;
    }
    if (seen->code != PAYOUT_OK || result_transfers(read) != PAYOUT_CLIENT_DONE) {
        said_note(seen, result);
        return;
    }
    if (seen->transfer_count == 1 && state_ours(&seen->transfers[0], &call->attempts[0]))
        state_read(seen, &seen->transfers[0], result);
    else
        operator_say(result, seen->http_status, "", "not the transfer that was asked about");
}

/* A contact that was there before is as good. */
static void contact_read(const struct operator_call *call, struct result *read,
                         struct operator_result *result)
{
    const struct payout_result *seen = &read->seen;
    if (!item_read(call, read, PAYOUT_ALREADY_MY_CONTACT, no_reference))
        return;
    const struct payout_item *item = &seen->items[0];
    char code[BUFFER_DIGITS];
    if (item->outcome == PAYOUT_OUTCOME_ACCEPTED || item->outcome == PAYOUT_OUTCOME_REPEATED) {
        result->receiver = OPERATOR_RECEIVER_FOUND;
        return;
    }
    operator_say(result, seen->http_status, buffer_digits(item->code, code),
                 item->status != NULL ? item->status : seen->message);
    if (item->outcome == PAYOUT_OUTCOME_REFUSED &&
        (item->code == PAYOUT_INVALID_PHONE || item->code == PAYOUT_PHONE_NOT_PARTICULAR ||
         item->code == PAYOUT_OPERATOR_NOT_AVAILABLE))
        result->receiver = OPERATOR_RECEIVER_NONE;
}

static void float_read(const struct operator_call *call, struct result *read,
                       struct operator_result *result)
{
    const struct payout_result *seen = &read->seen;
    const char *wanted = currency_text(call->channel->currency);
    if (seen->code != PAYOUT_OK || result_balances(read) != PAYOUT_CLIENT_DONE) {
        said_note(seen, result);
        return;
    }
    /* The first may have no name: it is the account's home currency, which is the channel's. */
    for (size_t i = 0; i < seen->balance_count && !result->float_known; i++) {
        const struct payout_balance *balance = &seen->balances[i];
        bool bare = i == 0 && balance->currency == NULL && seen->balance_count == 1;
        if (!bare && (balance->currency == NULL || strcmp(balance->currency, wanted) != 0))
            continue;
        result->float_known = true;
        result->float_left = (struct amount){balance->available, call->channel->currency};
    }
    if (!result->float_known)
        operator_say(result, seen->http_status, "", "no balance in the channel's currency");
}

static void task_read(const struct operator_call *call, struct result *read,
                      struct operator_result *result)
{
    switch (call->task) {
    case OPERATOR_TASK_TOKEN:
        token_read(read, result);
        break;
    case OPERATOR_TASK_SUBMIT:
        submit_read(call, read, result);
        break;
    case OPERATOR_TASK_ASK:
        ask_read(call, read, result);
        break;
    case OPERATOR_TASK_VALIDATE:
        contact_read(call, read, result);
        break;
    case OPERATOR_TASK_FLOAT:
        float_read(call, read, result);
        break;
    case OPERATOR_TASK_REVERSE:
    case OPERATOR_TASK_ASK_REVERSAL:
    case OPERATOR_TASK_COUNT:
        invariant(!"a task of CinetPay's");
    }
}

/* --- The reply --- */

/* Answers that say that nothing was done, before any task is looked at. */
static bool turned_away(const struct operator_call *call, const struct operator_reply *reply,
                        const struct result *read, bool readable, struct operator_result *result)
{
    const struct payout_result *seen = &read->seen;
    bool refused = readable && token_wrong(seen->code) && call->task != OPERATOR_TASK_TOKEN;
    if (reply->status != 429 && !refused)
        return false;
    if (reply->status == 429)
        result->throttled_ms =
            reply->retry_after_ms > 0 ? reply->retry_after_ms : CINETPAY_THROTTLED_MS;
    else
        result->token_refused = true;
    if (call->task == OPERATOR_TASK_SUBMIT)
        operator_result_all(call, result, VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN);
    return true;
}

void cinetpay_answer_read(const struct operator_call *call, const struct operator_reply *reply,
                          struct operator_result *result)
{
    bool items = call->task == OPERATOR_TASK_SUBMIT || call->task == OPERATOR_TASK_VALIDATE;
    struct transport_reply wire = {.status = reply->status, .retry_after_s = -1};
    operator_result_all(call, result, VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN);
    struct result *read = result_open(items ? call->count : 0);
    invariant(read != NULL);
    buffer_init(&wire.body, TRANSPORT_REPLY_BYTES_MAX);
    buffer_append(&wire.body, reply->body, reply->length);
    invariant(buffer_ok(&wire.body));
    bool readable = result_read(read, &wire) == PAYOUT_CLIENT_DONE;
    if (turned_away(call, reply, read, readable, result))
        said_note(&read->seen, result);
    else if (readable && reply->status < 500)
        task_read(call, read, result);
    else {
        /* A server that fails may fail in the middle: its words say nothing. */
        said_note(&read->seen, result);
        result->down = reply->status == 503;
    }
    buffer_free(&wire.body);
    payout_result_free(&read->seen);
}

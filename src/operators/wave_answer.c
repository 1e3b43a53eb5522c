#include "operators/wave.h"

#include <stdio.h>
#include <string.h>

#include "money/number.h"
#include "operators/json.h"

enum {
    WAVE_KEY_SURE_MS = 24 * 3600 * 1000, /* See the head of wave.c. */
    WAVE_THROTTLED_MS = 5000,            /* 429 without Retry-After. */
    WAVE_CODE_BYTES = 64,
};

/* What Wave's word for an error means for a payout that was to be made, or failed. */
static const struct wave_error {
    const char *code;
    enum verdict submitted; /* … when it is all of the reply; a failed payout is REJECTED. */
    enum transfer_reason reason;
} wave_errors[] = {
    /* Nothing was made of it; it can go once the wallet is filled, under the same key. */
    {"insufficient-funds", VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_FLOAT},
    {"recipient-limit-exceeded", VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_LIMIT},
    {"recipient-account-blocked", VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_BLOCKED},
    {"recipient-account-inactive", VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_BLOCKED},
    {"recipient-minor", VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_BLOCKED},
    {"country-mismatch", VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED},
    {"currency-mismatch", VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED},
    {"request-validation-error", VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED},
    /* A setting is wrong, or the way mangles what we send: no transfer's fault. */
    {"request-not-json", VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN},
    {"request-parsing-error", VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN},
    {"aggregated-merchant-required", VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN},
    {"invalid-aggregated-merchant-id", VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN},
    /* A request with this key is there, of another body: an earlier attempt of ours. */
    {"idempotency-mismatch", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN},
};

/* What Wave's word for an error says of a reversal: none of them leaves a doubt that the money
 * stays where it is. */
static const char *const wave_reversal_errors[] = {
    "insufficient-funds", /* The receiver has spent it. */
    "payout-reversal-time-limit-exceeded",
    "payout-reversal-account-terminated",
    "not-found",
};

static const struct wave_status {
    const char *word;
    enum verdict verdict;
} wave_statuses[] = {
    {"succeeded", VERDICT_PAID},
    {"processing", VERDICT_PENDING},
    {"failed", VERDICT_REJECTED},
    {"reversed", VERDICT_REJECTED}, /* It was paid, and is back in the wallet with its fee. */
};

static const struct wave_error *wave_error_find(const char *code)
{
    for (size_t i = 0; i < sizeof wave_errors / sizeof *wave_errors; i++)
        if (strcmp(wave_errors[i].code, code) == 0)
            return &wave_errors[i];
    return NULL;
}

/* Wave writes an error as {code, message, details} or {error_code, error_message}. */
static void error_read(const json_t *body, char code[WAVE_CODE_BYTES], const char **words)
{
    if (!operator_json_word(body, "code", code, WAVE_CODE_BYTES) &&
        !operator_json_word(body, "error_code", code, WAVE_CODE_BYTES))
        code[0] = '\0';
    *words = operator_json_text(body, "message");
    if ((*words)[0] == '\0')
        *words = operator_json_text(body, "error_message");
}

static void unknown_set(struct verdict_answer *answer)
{
    *answer = (struct verdict_answer){.verdict = VERDICT_UNKNOWN,
                                      .reason = TRANSFER_REASON_OUTCOME_UNKNOWN};
}

/* True when the payout is the one that attempt stands for: its reference is ours, and so are
 * amount, currency and number. One that is ours but not the same would be a fault that only a
 * person can judge. */
static bool payout_ours(const json_t *payout, const struct attempt *attempt)
{
    char mobile[NUMBER_TEXT_BYTES];
    int64_t minor;
    struct amount delivered = transfer_delivered(attempt->transfer);
    number_e164_text(attempt->transfer->msisdn, mobile);
    return operator_json_is(payout, "client_reference", attempt->reference) &&
           (json_object_get(payout, "receive_amount") == NULL ||
            (operator_json_amount(payout, "receive_amount", &minor) && minor == delivered.minor)) &&
           operator_json_agrees(payout, "currency", currency_text(delivered.currency)) &&
           operator_json_agrees(payout, "mobile", mobile);
}

/* Why a payout failed; the word goes to the log. */
static enum transfer_reason failure_read(const json_t *payout, struct operator_result *result,
                                         int status)
{
    char code[WAVE_CODE_BYTES];
    const char *words;
    error_read(json_object_get(payout, "payout_error"), code, &words);
    operator_say(result, status, code, words);
    const struct wave_error *error = wave_error_find(code);
    return error != NULL && error->submitted != VERDICT_UNKNOWN &&
                   error->reason != TRANSFER_REASON_OPERATOR_DOWN
               ? error->reason
               : TRANSFER_REASON_OPERATOR_REFUSED;
}

/* Makes a verdict of a payout as Wave shows it. */
static void payout_read(const json_t *payout, const struct attempt *attempt, int status,
                        struct operator_result *result, struct verdict_answer *answer)
{
    unknown_set(answer);
    if (!payout_ours(payout, attempt)) {
        operator_say(result, status, "", "a payout that is not the one that was asked about");
        return;
    }
    if (!operator_json_word(payout, "id", answer->operator_reference,
                            sizeof answer->operator_reference))
        answer->operator_reference[0] = '\0';
    for (size_t i = 0; i < sizeof wave_statuses / sizeof *wave_statuses; i++)
        if (operator_json_is(payout, "status", wave_statuses[i].word)) {
            answer->verdict = wave_statuses[i].verdict;
            answer->reason = TRANSFER_REASON_NONE;
        }
    if (answer->verdict == VERDICT_REJECTED)
        answer->reason = failure_read(payout, result, status);
    else if (answer->verdict == VERDICT_UNKNOWN)
        operator_say(result, status, "", "a payout in a state that is not known");
}

/* The index of the payout that a validation error is about: its details' loc is ["body",
 * "payouts", 3, …]. -1: none is named. */
static json_int_t detail_index(const json_t *detail)
{
    const json_t *loc = json_object_get(detail, "loc");
    for (size_t i = 0; i + 1 < json_array_size(loc); i++) {
        const char *word = json_string_value(json_array_get(loc, i));
        const json_t *index = json_array_get(loc, i + 1);
        if (word != NULL && strcmp(word, "payouts") == 0 && json_is_integer(index))
            return json_integer_value(index);
    }
    return -1;
}

/* A batch that was refused as a whole: nothing was made of any of it. The payouts that it names as
 * not valid are rejected, the others may go again. */
static void batch_refused(const struct operator_call *call, const json_t *body,
                          struct operator_result *result)
{
    const json_t *details = json_object_get(body, "details");
    operator_result_all(call, result, VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN);
    for (size_t i = 0; i < json_array_size(details); i++) {
        json_int_t index = detail_index(json_array_get(details, i));
        if (index >= 0 && (size_t)index < call->count)
            result->answers[index] = (struct verdict_answer){
                .verdict = VERDICT_REJECTED, .reason = TRANSFER_REASON_OPERATOR_REFUSED};
    }
}

/* What an error says of what was to be submitted. */
static void submit_refused(const struct operator_call *call, const struct operator_reply *reply,
                           const json_t *body, const char *code, struct operator_result *result)
{
    const struct wave_error *error = wave_error_find(code);
    bool refused = reply->status == 400 || reply->status == 409 || reply->status == 422;
    if (error == NULL)
        return; /* UNKNOWN, as it is. */
    if (!refused || error->submitted == VERDICT_UNKNOWN)
        return;
    if (call->count > 1 && error->submitted == VERDICT_REJECTED)
        batch_refused(call, body, result);
    else
        operator_result_all(call, result, error->submitted, error->reason);
    result->down = error->reason == TRANSFER_REASON_OPERATOR_DOWN;
}

static void submit_read(const struct operator_call *call, const struct operator_reply *reply,
                        const json_t *body, struct operator_result *result)
{
    char batch[sizeof result->answers->operator_reference];
    if (call->count == 1) {
        payout_read(body, &call->attempts[0], reply->status, result, &result->answers[0]);
        return;
    }
    if (!operator_json_word(body, "id", batch, sizeof batch) || strncmp(batch, "pb-", 3) != 0) {
        operator_say(result, reply->status, "", "a batch without an id");
        return;
    }
    operator_result_all(call, result, VERDICT_PENDING, TRANSFER_REASON_NONE);
    for (size_t i = 0; i < call->count; i++)
        memcpy(result->answers[i].operator_reference, batch, sizeof batch);
}

/* How much a verdict weighs when there are several payouts of one reference, which there can't be:
 * whoever was paid by one of them was paid. */
static int verdict_weight(enum verdict verdict)
{
    return verdict == VERDICT_PAID      ? 3
           : verdict == VERDICT_PENDING ? 2
           : verdict == VERDICT_UNKNOWN ? 1
                                        : 0;
}

/* Makes a verdict of a list of payouts; false when none of them has the attempt's reference. */
static bool list_read(const json_t *list, const struct attempt *attempt, int status,
                      struct operator_result *result, struct verdict_answer *answer)
{
    size_t found = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *payout = json_array_get(list, i);
        struct verdict_answer said;
        if (!operator_json_is(payout, "client_reference", attempt->reference))
            continue;
        payout_read(payout, attempt, status, result, &said);
        if (found++ == 0 || verdict_weight(said.verdict) > verdict_weight(answer->verdict))
            *answer = said;
    }
    if (found > 1)
        operator_say(result, status, "", "several payouts of one reference");
    return found > 0;
}

/* What a search that found nothing proves (see the head of this file). */
static bool never_seen_sure(const struct operator_call *call)
{
    int64_t submitted_at_ms = call->attempts[0].transfer->submitted_at_ms;
    return call->channel->batch_max <= 1 && submitted_at_ms > 0 &&
           call->now_ms - submitted_at_ms < WAVE_KEY_SURE_MS;
}

static void question_read(const struct operator_call *call, const struct operator_reply *reply,
                          const json_t *body, struct operator_result *result)
{
    const struct attempt *attempt = &call->attempts[0];
    struct verdict_answer *answer = &result->answers[0];
    if (wave_payout_known(attempt->transfer)) {
        payout_read(body, attempt, reply->status, result, answer);
        return;
    }
    if (wave_batch_known(attempt->transfer)) {
        bool whole = operator_json_is(body, "id", attempt->transfer->operator_reference);
        const json_t *payouts = json_object_get(body, "payouts");
        if (whole && list_read(payouts, attempt, reply->status, result, answer))
            return;
        if (whole && operator_json_is(body, "status", "processing"))
            answer->verdict = VERDICT_PENDING;
        else
            operator_say(result, reply->status, "", "a batch without this payout");
        return;
    }
    const json_t *found = json_object_get(body, "result");
    if (list_read(found, attempt, reply->status, result, answer))
        return;
    if (json_is_array(found) && json_array_size(found) == 0 && never_seen_sure(call))
        answer->verdict = VERDICT_NEVER_SEEN;
    else
        operator_say(result, reply->status, "", "no such payout was found");
}

/* The name that Wave compared is the one that the contact has. Of a number that has no account, or
 * one without papers, it knows no name: the sending itself will tell. */
static void validate_read(const struct operator_call *call, const struct operator_reply *reply,
                          const json_t *body, struct operator_result *result)
{
    if (operator_json_is(body, "name_match", "MATCH")) {
        result->receiver = OPERATOR_RECEIVER_FOUND;
        (void)snprintf(result->receiver_name, sizeof result->receiver_name, "%s",
                       call->attempts[0].receiver_name);
    } else if (operator_json_is(body, "name_match", "NO_MATCH")) {
        result->receiver = OPERATOR_RECEIVER_OTHER;
    } else if (operator_json_is(body, "name_match", "NAME_NOT_KNOWN")) {
        result->receiver = OPERATOR_RECEIVER_FOUND;
    } else {
        operator_say(result, reply->status, "", "no name_match that is known");
    }
}

/* What Wave refuses to check because of the receiver it will refuse to pay, with the same word: the
 * sending gets it, and its verdict. */
static void validate_refused(const struct operator_reply *reply, const char *code,
                             struct operator_result *result)
{
    const struct wave_error *error = wave_error_find(code);
    if ((reply->status == 400 || reply->status == 422) && error != NULL &&
        error->submitted == VERDICT_REJECTED)
        result->receiver = OPERATOR_RECEIVER_FOUND;
}

static void float_read(const struct operator_call *call, const struct operator_reply *reply,
                       const json_t *body, struct operator_result *result)
{
    enum currency currency;
    if (currency_read(operator_json_text(body, "currency"), &currency) &&
        currency == call->channel->currency &&
        operator_json_balance(body, "amount", &result->float_left.minor)) {
        result->float_left.currency = currency;
        result->float_known = true;
    } else {
        operator_say(result, reply->status, "", "no balance in the channel's currency");
    }
}

/* Whether the payout is reversed, or still could be: Wave reverses one payout only once. */
static void reversal_read(const struct operator_call *call, const struct operator_reply *reply,
                          const json_t *body, struct operator_result *result)
{
    const struct attempt *attempt = &call->attempts[0];
    struct verdict_answer *answer = &result->answers[0], found;
    const json_t *payout = body;
    unknown_set(&found);
    if (!wave_payout_known(attempt->transfer)) {
        payout = json_array_get(json_object_get(body, "result"), 0);
        if (json_array_size(json_object_get(body, "result")) != 1)
            return;
    }
    payout_read(payout, attempt, reply->status, result, &found);
    if (found.verdict == VERDICT_UNKNOWN)
        return;
    memcpy(answer->operator_reference, found.operator_reference, sizeof found.operator_reference);
    if (operator_json_is(payout, "status", "reversed"))
        answer->verdict = VERDICT_PAID;
    else if (found.verdict == VERDICT_PAID)
        answer->verdict =
            call->task == OPERATOR_TASK_REVERSE ? VERDICT_NOT_SENT : VERDICT_NEVER_SEEN;
}

static void reverse_refused(const char *code, struct operator_result *result)
{
    size_t count = sizeof wave_reversal_errors / sizeof *wave_reversal_errors;
    for (size_t i = 0; i < count; i++)
        if (strcmp(wave_reversal_errors[i], code) == 0) {
            result->answers[0].verdict = VERDICT_REJECTED;
            result->answers[0].reason = TRANSFER_REASON_OPERATOR_REFUSED;
        }
}

/* A reply that tells what was asked for. */
static void success_read(const struct operator_call *call, const struct operator_reply *reply,
                         const json_t *body, struct operator_result *result)
{
    switch (call->task) {
    case OPERATOR_TASK_SUBMIT:
        submit_read(call, reply, body, result);
        break;
    case OPERATOR_TASK_ASK:
        question_read(call, reply, body, result);
        break;
    case OPERATOR_TASK_VALIDATE:
        validate_read(call, reply, body, result);
        break;
    case OPERATOR_TASK_FLOAT:
        float_read(call, reply, body, result);
        break;
    case OPERATOR_TASK_REVERSE:
        if (!wave_payout_known(call->attempts[0].transfer))
            reversal_read(call, reply, body, result);
        else if (reply->length ==
                 0) /* So Wave says that it is done; any other body is asked about. */
            result->answers[0].verdict = VERDICT_PAID;
        else
            operator_say(result, reply->status, "", "a reversal's answer with a body");
        break;
    case OPERATOR_TASK_ASK_REVERSAL:
        reversal_read(call, reply, body, result);
        break;
    case OPERATOR_TASK_TOKEN:
    case OPERATOR_TASK_COUNT:
        invariant(!"a task of Wave's");
    }
}

/* A reply that tells why not. Wave takes nothing from whom it does not know (401, 403) or who asks
 * too often (429); beyond that only its own words count. */
static void refusal_read(const struct operator_call *call, const struct operator_reply *reply,
                         const json_t *body, struct operator_result *result)
{
    char code[WAVE_CODE_BYTES];
    const char *words;
    bool moves = call->task == OPERATOR_TASK_SUBMIT || call->task == OPERATOR_TASK_REVERSE;
    error_read(body, code, &words);
    operator_say(result, reply->status, code, words);
    if (reply->status == 401 || reply->status == 403 || reply->status == 429) {
        if (moves)
            operator_result_all(call, result, VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN);
        /* A check of a number is counted by number: it says nothing of the channel. */
        if (reply->status != 429)
            result->down = true;
        else if (call->task != OPERATOR_TASK_VALIDATE)
            result->throttled_ms =
                reply->retry_after_ms > 0 ? reply->retry_after_ms : WAVE_THROTTLED_MS;
        return;
    }
    result->down = reply->status == 503;
    if (call->task == OPERATOR_TASK_VALIDATE)
        validate_refused(reply, code, result);
    else if (call->task == OPERATOR_TASK_SUBMIT)
        submit_refused(call, reply, body, code, result);
    else if (call->task == OPERATOR_TASK_REVERSE && wave_payout_known(call->attempts[0].transfer) &&
             reply->status >= 400 && reply->status < 500 && reply->status != 408)
        reverse_refused(code, result);
}

void wave_answer_read(const struct operator_call *call, const struct operator_reply *reply,
                      struct operator_result *result)
{
    AUTO(operator_json_free) json_t *body = operator_json_object(reply->body, reply->length);
    operator_result_all(call, result, VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN);
    /* Then only the payout's id was asked for. */
    if (call->task == OPERATOR_TASK_REVERSE && !wave_payout_known(call->attempts[0].transfer))
        operator_result_all(call, result, VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN);
    if (reply->status >= 200 && reply->status < 300)
        success_read(call, reply, body, result);
    else
        refusal_read(call, reply, body, result);
}

#include "operators/answer.h"

#include "base/log.h"
#include "base/random.h"
#include "operators/pace.h"

static enum transfer_reason reason_default(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_REJECTED:
        return TRANSFER_REASON_OPERATOR_REFUSED;
    case VERDICT_PENDING:
        return TRANSFER_REASON_PENDING_AT_OPERATOR;
    case VERDICT_UNKNOWN:
    case VERDICT_NEVER_SEEN:
        return TRANSFER_REASON_OUTCOME_UNKNOWN;
    case VERDICT_NOT_SENT:
        return TRANSFER_REASON_OPERATOR_DOWN;
    case VERDICT_PAID:
        break;
    }
    return TRANSFER_REASON_NONE;
}

/* True when the verdict is one, and one that this connector may give at this step. */
static bool answer_can_be(const struct verdict_answer *answer,
                          const struct operator_connector *connector, enum transfer_step step)
{
    switch (answer->verdict) {
    case VERDICT_PAID:
    case VERDICT_REJECTED:
    case VERDICT_PENDING:
    case VERDICT_UNKNOWN:
        return true;
    case VERDICT_NEVER_SEEN:
        return step == STEP_ASK && (connector->abilities & OPERATOR_REFERENCE_ONCE) != 0;
    case VERDICT_NOT_SENT:
        return step == STEP_SUBMIT;
    }
    return false;
}

void answer_settle(struct verdict_answer *answer, const struct operator_connector *connector,
                   enum transfer_step step, int64_t lease_ms)
{
    if (!answer_can_be(answer, connector, step)) {
        log_breach(connector->name, "a verdict that can't be");
        answer->verdict = VERDICT_UNKNOWN;
        answer->reason = TRANSFER_REASON_OUTCOME_UNKNOWN;
    }
    if (answer->verdict == VERDICT_PAID)
        answer->reason = TRANSFER_REASON_NONE;
    else if (answer->reason == TRANSFER_REASON_NONE)
        answer->reason = reason_default(answer->verdict);
    if (answer->afterwards != VERDICT_PAID && answer->afterwards != VERDICT_REJECTED)
        answer->afterwards = 0;
    /* An answer after the lease would be one to what somebody else asks about by then. */
    int64_t most_ms = lease_ms / 4 * 3;
    if (answer->answer_after_ms > most_ms)
        *answer = (struct verdict_answer){.verdict = VERDICT_UNKNOWN,
                                          .reason = TRANSFER_REASON_OUTCOME_UNKNOWN,
                                          .answer_after_ms = most_ms};
    if ((connector->abilities & OPERATOR_ASKED) == 0 &&
        (answer->verdict == VERDICT_UNKNOWN || answer->verdict == VERDICT_PENDING))
        answer->ask_after_ms = ANSWER_UNASKED_MS;
    if (answer->answers < 1)
        answer->answers = 1;
    if (answer->answers > ANSWER_TIMES_MAX)
        answer->answers = ANSWER_TIMES_MAX;
}

int64_t answer_again_ms(const struct verdict_answer *answer, int32_t number)
{
    if (answer->ask_after_ms > 0)
        return pace_span(answer->ask_after_ms);
    int64_t span_ms = ANSWER_ASK_FIRST_MS;
    for (int32_t each = 1; each < number && span_ms < ANSWER_ASK_MOST_MS; each++)
        span_ms *= 2;
    if (span_ms > ANSWER_ASK_MOST_MS)
        span_ms = ANSWER_ASK_MOST_MS;
    span_ms = pace_span(span_ms);
    return span_ms / 4 * 3 + random_below((uint32_t)(span_ms / 2));
}

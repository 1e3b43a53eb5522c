#include "operators/sandbox.h"

#include <inttypes.h>
#include <stdio.h>

enum { ENDING_OF = 10000, SCALE_PERCENT_MAX = 1000000 };
/* Up to here it says when to ask, so that a developer sees the end on time; beyond, the worker asks
 * by its own backoff. */
enum { ASK_AT_THE_END_MS_MAX = 600000 };

static const struct sandbox_row rows[] = {
#define ROW(ending, behaviour, reason, delay_ms, happens)                                          \
    {ending, SANDBOX_##behaviour, TRANSFER_REASON_##reason, delay_ms, happens},
#include "payout/sandbox.def"
#undef ROW
};

static int scale_percent = 100;

void sandbox_scale_set(int percent)
{
    invariant(percent >= 0 && percent <= SCALE_PERCENT_MAX);
    scale_percent = percent;
}

const struct sandbox_row *sandbox_rows(size_t *count)
{
    *count = sizeof rows / sizeof *rows;
    return rows;
}

static const struct sandbox_row *row_with(int64_t ending)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].ending == ending)
            return &rows[i];
    return NULL;
}

const struct sandbox_row *sandbox_row_of(int64_t msisdn, int64_t amount_minor)
{
    const struct sandbox_row *row = row_with(msisdn % ENDING_OF);
    return row != NULL ? row : row_with(amount_minor);
}

void sandbox_table_write(struct buffer *text)
{
    buffer_text_append(text, "| Number ends in, or amount is | What happens |\n|---:|---|\n");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        buffer_format(text, "| %" PRId64 " | %s |\n", rows[i].ending, rows[i].happens);
    buffer_text_append(text, "| any other | paid at once |\n");
}

/* --- What it says --- */

static int64_t row_delay_ms(const struct sandbox_row *row)
{
    return row->delay_ms * scale_percent / 100;
}

/* How long, from now, until the row's delay is over for a transfer that first went out at
 * submitted_at_ms; 0: it is over. */
static int64_t row_left_ms(const struct sandbox_row *row, const struct attempt *attempt)
{
    int64_t end_ms = attempt->transfer->submitted_at_ms + row_delay_ms(row);
    return end_ms > attempt->now_ms ? end_ms - attempt->now_ms : 0;
}

static void say_paid(const struct attempt *attempt, struct verdict_answer *answer)
{
    answer->verdict = VERDICT_PAID;
    (void)snprintf(answer->operator_reference, sizeof answer->operator_reference, "SB%" PRId64,
                   attempt->transfer->id.value);
}

/* It has not decided, or its answer got lost: asked when left_ms are over, it will have. */
static void say_wait(enum verdict verdict, int64_t left_ms, struct verdict_answer *answer)
{
    answer->verdict = verdict;
    answer->reason = verdict == VERDICT_PENDING ? TRANSFER_REASON_PENDING_AT_OPERATOR
                                                : TRANSFER_REASON_OUTCOME_UNKNOWN;
    if (left_ms <= ASK_AT_THE_END_MS_MAX)
        answer->ask_after_ms = left_ms > 0 ? left_ms : 1;
}

/* The end of a row, whenever it comes. */
static void say_end(const struct sandbox_row *row, const struct attempt *attempt,
                    struct verdict_answer *answer)
{
    switch (row->behaviour) {
    case SANDBOX_REJECTED:
    case SANDBOX_PENDING_REJECTED:
    case SANDBOX_UNKNOWN_REJECTED:
        answer->verdict = VERDICT_REJECTED;
        answer->reason = row->reason;
        return;
    case SANDBOX_TWICE:
        answer->answers = 2;
        break;
    case SANDBOX_CONTRADICTS:
        answer->afterwards = VERDICT_REJECTED;
        break;
    case SANDBOX_PENDING_PAID:
    case SANDBOX_SLOW:
    case SANDBOX_UNKNOWN_PAID:
    case SANDBOX_NEVER_SEEN:
    case SANDBOX_DOWN:
        break;
    }
    say_paid(attempt, answer);
}

static const struct sandbox_row *row_of(const struct transfer *transfer)
{
    return sandbox_row_of(transfer->msisdn, transfer_delivered(transfer).minor);
}

static void sandbox_submit(const struct attempt *attempt, struct verdict_answer *answer)
{
    const struct sandbox_row *row = row_of(attempt->transfer);
    if (row == NULL) {
        say_paid(attempt, answer);
        return;
    }
    switch (row->behaviour) {
    case SANDBOX_PENDING_PAID:
    case SANDBOX_PENDING_REJECTED:
        say_wait(VERDICT_PENDING, row_left_ms(row, attempt), answer);
        return;
    case SANDBOX_UNKNOWN_PAID:
    case SANDBOX_UNKNOWN_REJECTED:
        say_wait(VERDICT_UNKNOWN, row_left_ms(row, attempt), answer);
        return;
    case SANDBOX_NEVER_SEEN:
        if (attempt->number == 1) { /* Lost on its way; the next one arrives. */
            say_wait(VERDICT_UNKNOWN, row_left_ms(row, attempt), answer);
            return;
        }
        break;
    case SANDBOX_SLOW:
        answer->answer_after_ms = row_left_ms(row, attempt);
        break;
    case SANDBOX_REJECTED:
    case SANDBOX_DOWN:
    case SANDBOX_TWICE:
    case SANDBOX_CONTRADICTS:
        break;
    }
    say_end(row, attempt, answer);
}

static void sandbox_ask(const struct attempt *attempt, struct verdict_answer *answer)
{
    const struct sandbox_row *row = row_of(attempt->transfer);
    if (row == NULL) {
        say_paid(attempt, answer);
        return;
    }
    int64_t left_ms = row_left_ms(row, attempt);
    switch (row->behaviour) {
    case SANDBOX_NEVER_SEEN:
        if (left_ms > 0) { /* Not known yet that it was lost. */
            say_wait(VERDICT_UNKNOWN, left_ms, answer);
            return;
        }
        /* It takes a reference once: to be sent again what it has after all would do no harm. */
        answer->verdict = VERDICT_NEVER_SEEN;
        answer->ask_after_ms = 1;
        return;
    case SANDBOX_PENDING_PAID:
    case SANDBOX_PENDING_REJECTED:
    case SANDBOX_SLOW: /* Asked before it answered: there was a crash. */
        if (left_ms > 0) {
            say_wait(VERDICT_PENDING, left_ms, answer);
            return;
        }
        break;
    case SANDBOX_UNKNOWN_PAID:
    case SANDBOX_UNKNOWN_REJECTED:
        if (left_ms > 0) {
            say_wait(VERDICT_UNKNOWN, left_ms, answer);
            return;
        }
        break;
    case SANDBOX_REJECTED:
    case SANDBOX_DOWN:
    case SANDBOX_TWICE:
    case SANDBOX_CONTRADICTS:
        break;
    }
    say_end(row, attempt, answer);
}

/* A transfer that has heard of the outage has waited for its end. */
static int64_t sandbox_wait_ms(const struct transfer *transfer, int64_t now_ms)
{
    const struct sandbox_row *row = row_of(transfer);
    (void)now_ms;
    if (row == NULL || row->behaviour != SANDBOX_DOWN || transfer->state != TRANSFER_NEW ||
        transfer->reason == TRANSFER_REASON_OPERATOR_DOWN)
        return 0;
    return row_delay_ms(row);
}

const struct operator_connector *sandbox_connector(void)
{
    static const struct operator_connector connector = {.name = "sandbox",
                                                        .abilities = OPERATOR_REFERENCE_ONCE |
                                                                     OPERATOR_ASKED,
                                                        .wait_ms = sandbox_wait_ms,
                                                        .submit = sandbox_submit,
                                                        .ask = sandbox_ask};
    return &connector;
}

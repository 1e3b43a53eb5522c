#include "base/clock.h"
#include "operators/answer.h"
#include "operators/worker_own.h"

void outcomes_add(struct operator_worker *worker, struct attempt_held *held)
{
    held->next = NULL;
    if (worker->answered == NULL)
        worker->answered = held;
    else
        worker->answered_last->next = held;
    worker->answered_last = held;
}

static void outcome_add(struct operator_worker *worker, struct work *work,
                        struct attempt_held *held, enum verdict verdict, int32_t attempt,
                        int64_t now_ms)
{
    work->held[work->count] = held;
    work->outcomes[work->count++] =
        (struct outcome_item){.transfer = held->transfer,
                              .merchant = held->merchant,
                              .attempt = attempt,
                              .verdict = verdict,
                              .reason = held->answer.reason,
                              .operator_reference = held->answer.operator_reference,
                              .next_at_ms = now_ms + answer_again_ms(&held->answer, held->number)};
    held->open++;
    worker_count(&worker->figures.verdicts[verdict], 1);
}

void outcomes_send(struct operator_worker *worker)
{
    int64_t now_ms = clock_now_ms();
    while (worker->answered != NULL) {
        struct work *work = works_take(worker->works, COMMAND_TRANSFER_OUTCOME);
        if (work == NULL)
            return;
        while (worker->answered != NULL && work->count + ANSWER_TIMES_MAX + 1 <= WORK_ITEMS_MAX) {
            struct attempt_held *held = worker->answered;
            worker->answered = held->next;
            outcome_add(worker, work, held, held->answer.verdict, held->number, now_ms);
            for (int i = 1; i < held->answer.answers; i++)
                outcome_add(worker, work, held, held->answer.verdict, held->number, now_ms);
            if (held->answer.afterwards != 0)
                outcome_add(worker, work, held, held->answer.afterwards, 0, now_ms);
        }
        work->job.command.transfer_outcome =
            (struct transfer_outcome){.items = work->outcomes, .count = work->count};
        works_submit(worker->works, work);
    }
}

void outcomes_ended(struct operator_worker *worker, struct work *work)
{
    if (work->job.fault == FAULT_AGAIN && worker->stop_by_us == 0) {
        works_again(worker->works, work); /* Nothing happened: the same once more. */
        return;
    }
    if (work->job.fault != FAULT_NONE) {
        /* Not known to be written: each is asked about when its lease is over. */
        worker_count(&worker->figures.lost, work->count);
        worker_look_soon(worker);
    }
    for (size_t i = 0; i < work->count; i++) {
        struct attempt_held *held = work->held[i];
        if (--held->open > 0)
            continue;
        worker->put_off -= held->put_off;
        attempts_release(worker->attempts, held);
    }
    works_free(worker->works, work);
}

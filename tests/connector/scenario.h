/* scenario: what every connector has to pass that can do what the scenario needs; a function a
 * scenario, for cmocka, its state a bench. */
#ifndef PAYOUT_TESTS_CONNECTOR_SCENARIO_H
#define PAYOUT_TESTS_CONNECTOR_SCENARIO_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "connector/bench.h"

/* Beside the abilities: batches, of a connector that has them. */
#define SCENARIO_BATCH (1u << 30)
/* SCENARIO(name, abilities that it needs) */
#define SCENARIOS(SCENARIO)                                                                        \
    SCENARIO(a_transfer_is_paid, 0)                                                                \
    SCENARIO(each_rejection_has_its_reason, 0)                                                     \
    SCENARIO(a_pending_transfer_is_paid_in_the_end, OPERATOR_ASKED)                                \
    SCENARIO(a_pending_transfer_is_rejected_in_the_end, OPERATOR_ASKED)                            \
    SCENARIO(what_was_never_sent_is_never_seen, OPERATOR_ASKED)                                    \
    SCENARIO(one_without_an_answer_is_found, OPERATOR_ASKED)                                       \
    SCENARIO(one_that_never_arrived_is_not_found_and_sent_again, OPERATOR_ASKED)                   \
    SCENARIO(two_workers_that_submit_one_transfer_pay_it_once,                                     \
             OPERATOR_REFERENCE_ONCE | OPERATOR_ASKED)                                             \
    SCENARIO(an_error_behind_which_it_was_done_is_no_refusal, OPERATOR_ASKED)                      \
    SCENARIO(an_error_before_anything_was_done_is_no_refusal, OPERATOR_ASKED)                      \
    SCENARIO(throttled_it_waits_and_is_paid, OPERATOR_ASKED)                                       \
    SCENARIO(maintenance_is_waited_for, OPERATOR_ASKED)                                            \
    SCENARIO(a_token_that_expires_midway_is_fetched_anew, OPERATOR_TOKENS)                         \
    SCENARIO(a_wrong_secret_pays_and_rejects_nobody, 0)                                            \
    SCENARIO(a_callback_is_about_its_transfer_each_time_that_it_comes, OPERATOR_CALLS_BACK)        \
    SCENARIO(a_callback_before_the_reply_changes_nothing, OPERATOR_CALLS_BACK)                     \
    SCENARIO(a_forged_callback_is_refused, OPERATOR_CALLS_BACK)                                    \
    SCENARIO(a_receiver_is_validated, OPERATOR_VALIDATES)                                          \
    SCENARIO(a_receiver_of_another_name_is_told, OPERATOR_NAMES)                                   \
    SCENARIO(the_float_is_told, OPERATOR_TELLS_FLOAT)                                              \
    SCENARIO(a_paid_transfer_is_reversed_once, OPERATOR_REVERSES)                                  \
    SCENARIO(a_batch_is_paid_each_by_its_own, SCENARIO_BATCH)                                      \
    SCENARIO(no_mutation_of_a_waiting_answer_ends_it, OPERATOR_ASKED)                              \
    SCENARIO(no_mutation_of_a_paid_answer_rejects_it, OPERATOR_ASKED)                              \
    SCENARIO(no_mutation_of_a_rejected_answer_pays_it, OPERATOR_ASKED)                             \
    SCENARIO(no_answer_that_was_cut_ends_anything, OPERATOR_ASKED)                                 \
    SCENARIO(no_page_of_a_proxy_ends_anything, OPERATOR_ASKED)                                     \
    SCENARIO(all_faults_at_once_pay_nobody_twice, OPERATOR_ASKED)
#define SCENARIO(name, needs) void name(void **state);
SCENARIOS(SCENARIO)
#undef SCENARIO

static inline bool able(const struct bench *bench, unsigned abilities)
{
    return (bench->connector->abilities & abilities) == abilities;
}
#endif

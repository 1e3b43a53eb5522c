/* script: which faults happen how often, and how long things take. The room's own. */
#ifndef PAYOUT_SIMULATOR_SCRIPT_H
#define PAYOUT_SIMULATOR_SCRIPT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "simulator/simulator.h"

/* FAULT(name, word in a script, what happens) */
#define SIM_FAULTS(FAULT)                                                                          \
    FAULT(LATE, "late", "the reply comes late_ms later")                                           \
    FAULT(ERROR_BEFORE, "error_before", "500, and nothing was done")                               \
    FAULT(ERROR_AFTER, "error_after", "500, but it was done")                                      \
    FAULT(SILENT_BEFORE, "silent_before", "no answer, and nothing was done")                       \
    FAULT(SILENT_AFTER, "silent_after", "no answer, but it was done")                              \
    FAULT(CUT_BEFORE, "cut_before", "the connection is cut, and nothing was done")                 \
    FAULT(CUT_AFTER, "cut_after", "the connection is cut, but it was done")                        \
    FAULT(MALFORMED, "malformed", "the answer is cut, of wrong types or HTML")                     \
    FAULT(THROTTLE, "throttle", "429 with Retry-After, and nothing was done")                      \
    FAULT(MAINTENANCE, "maintenance", "503 for a window of maintenance_ms")                        \
    FAULT(TOKEN_EARLY, "token_early", "a token dies within token_early_ms")                        \
    FAULT(CALLBACK_LOST, "callback_lost", "no callback")                                           \
    FAULT(CALLBACK_TWICE, "callback_twice", "the callback comes twice")                            \
    FAULT(CALLBACK_LATE, "callback_late", "the callback comes callback_late_ms later")             \
    FAULT(CALLBACK_FIRST, "callback_first", "the callback comes before the reply")                 \
    FAULT(SKEW, "skew", "dates are off by up to skew_ms")                                          \
    FAULT(PENDING, "pending", "it is decided only after pending_long_ms")                          \
    FAULT(REJECT, "reject", "it is rejected, for one of the reasons")
enum sim_fault {
#define FAULT(name, word, what) SIM_FAULT_##name,
    SIM_FAULTS(FAULT)
#undef FAULT
        SIM_FAULT_COUNT
};

/* SPAN(member, default): milliseconds that a script may set. */
#define SIM_SPANS(SPAN)                                                                            \
    SPAN(latency_ms, 0) /* Of every reply, from 0 to this. */                                      \
    SPAN(late_ms, 3000)                                                                            \
    SPAN(pending_ms, 0) /* Until a transfer is decided, from 0 to this. */                         \
    SPAN(pending_long_ms, 10000)                                                                   \
    SPAN(callback_late_ms, 10000)                                                                  \
    SPAN(callback_first_ms, 200) /* By how much the callback comes before the reply. */            \
    SPAN(retry_after_ms, 1000)                                                                     \
    SPAN(maintenance_ms, 5000)                                                                     \
    SPAN(skew_ms, 3600000)                                                                         \
    SPAN(token_ms, 3600000)    /* How long a token lives. */                                       \
    SPAN(token_early_ms, 1000) /* … and at most one that dies early. */                          \
    SPAN(hurry, 1)             /* Divides the delays of the numbers that mean something. */

enum { SIM_ONLY_MAX = 64 };
struct sim_script {
    struct {
        int share;                               /* In hundredths of a percent. */
        char only[SIM_ONLY_MAX][SIM_TEXT_BYTES]; /* It always happens to calls that hold one of
                                                    these. */
        int only_count;
    } faults[SIM_FAULT_COUNT];
#define SPAN(member, value) int64_t member;
    SIM_SPANS(SPAN)
#undef SPAN
};

void script_default(struct sim_script *script);
/* Changes what json names. floats: amounts by protocol, changed when named. False with a sentence,
 * script then may be half changed. */
bool script_read(struct sim_script *script, int64_t floats[SIM_PROTOCOL_COUNT], const char *json,
                 size_t length, char error[SIM_ERROR_BYTES]);
/* Appends the script as JSON, as script_read takes it (without floats). */
void script_write(const struct sim_script *script, struct buffer *text);
const char *fault_word(enum sim_fault fault);
const char *fault_what(enum sim_fault fault);
#endif

/* report: what a reconciliation found, for a person (a table, and the commands that would put
 * things right), for programs (JSON) and for both (a CSV of every difference). It must never run a
 * proposal, nor write one that a shell could read otherwise than it is meant. One thread. */
#ifndef PAYOUT_CLI_REPORT_H
#define PAYOUT_CLI_REPORT_H
#include <stdio.h>

#include "cli/print.h"
#include "cli/reconciliation.h"

enum { REPORT_SHOWN_MAX = 200 }; /* Differences, and commands, that a person is shown. */

struct report {
    struct arena *arena;
    struct operator_file *file;
    const char *operator_method;
    int64_t from_ms, to_ms;
    FILE *csv; /* NULL: none is wanted. */
    bool json;
    /* The report's own. */
    size_t counts[FINDING_COUNT];
    int64_t here[FINDING_COUNT], there[FINDING_COUNT]; /* Sums of the amounts. */
    struct table table;
    size_t shown;
    struct buffer commands; /* For a person: a line each. */
    size_t commands_shown, commands_hidden;
    struct buffer differences; /* JSON. */
    int64_t unverified;        /* Missing here, and not looked for elsewhere. */
};

/* The first members are set. report_close. */
void report_open(struct report *report);
void report_close(struct report *report);
void report_add(struct report *report, const struct finding *finding);
/* How many findings are differences. */
size_t report_differences(const struct report *report);
/* Writes it. False: standard output or the CSV does not take it. */
MUST_USE bool report_write(struct report *report);

/* Appends the command that a person may run about the finding; false, nothing appended, when there
 * is none. */
bool proposal_write(struct operator_file *file, const struct finding *finding,
                    struct buffer *command);
/* Appends text as one word of a POSIX shell, whatever it holds; control characters become '?'. */
void shell_word_write(struct buffer *command, const char *text);
#endif

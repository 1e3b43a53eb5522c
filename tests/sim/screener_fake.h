/* screener_fake: who is asked about receivers' names, as it may be: late, down, answering twice.
 * Whom it has on its list is the truth that what left is held against. */
#ifndef PAYOUT_TESTS_SIM_SCREENER_FAKE_H
#define PAYOUT_TESTS_SIM_SCREENER_FAKE_H
#include <stdbool.h>
#include <stdint.h>

#include "money/command.h"

struct world;

enum { SCREENER_ANSWERS_MAX = 400, SCREENER_ASKED_MAX = 2000 };

/* An answer on its way. */
struct screener_answer {
    int64_t transfer, due_at_ms, arrives_at_ms;
    enum screening_state verdict;
    int boot; /* Of which life of ours the question was. */
};
/* What it knows of a transfer. */
struct screener_record {
    int64_t transfer;
    bool listed;   /* The receiver's name is on its list. */
    bool answered; /* It has said so. */
    bool skipped;  /* A life of ours without screening let it go, or may have. */
    bool released; /* A person let it go, or may have: the answer was lost. */
};
struct screener_fake {
    struct screener_answer answers[SCREENER_ANSWERS_MAX];
    int answer_count;
    struct screener_record records[SCREENER_ASKED_MAX];
    int record_count;
    int64_t down_until_ms;
};

/* The thread that asks: what is due is asked about, what was answered is written down. */
void screener_fake_step(struct world *world);
/* The record of a transfer, made when there is none yet. */
struct screener_record *screener_fake_record(struct world *world, const struct transfer *transfer);
/* A transfer that was NEW is given to an operator now. */
void screener_fake_leaves(struct world *world, const struct transfer *transfer);
/* --- auditor_screening.c --- */
struct store_memory_tables;
void auditor_check_screening(struct world *world, const struct store_memory_tables *tables);
#endif

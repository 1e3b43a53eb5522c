/* reconciliation: an operator's file held against our transfers, which come in the order of their
 * ids: two sorted lists as one. What it finds it tells; it proposes nothing by itself, and changes
 * nothing anywhere. One thread. */
#ifndef PAYOUT_CLI_RECONCILIATION_H
#define PAYOUT_CLI_RECONCILIATION_H
#include "cli/operator_file.h"

/* FINDING(NAME, word, meaning) */
#define FINDINGS(FINDING)                                                                          \
    FINDING(MATCHED, "matched", "both say the same")                                               \
    FINDING(AMOUNT_DIFFERS, "amount differs", "same transfer, another amount")                     \
    FINDING(STATUS_DIFFERS, "status differs", "same transfer and amount, another end")             \
    FINDING(OTHER_OPERATOR, "other operator", "we gave it to another operator")                    \
    FINDING(TWICE_THERE, "twice there", "the operator says that it paid it once more")             \
    FINDING(MISSING_HERE, "missing here", "the operator names a transfer that we don't know")      \
    FINDING(MISSING_THERE, "missing there", "the operator does not name what we gave it")          \
    FINDING(UNREADABLE, "unreadable", "a row that makes no sense")

enum finding_kind {
#define FINDING(NAME, word, meaning) FINDING_##NAME,
    FINDINGS(FINDING)
#undef FINDING
        FINDING_COUNT,
};
const char *finding_word(enum finding_kind kind);
const char *finding_meaning(enum finding_kind kind);

/* A transfer of ours, as the admin API shows it. Texts are never NULL. */
enum our_state { OUR_NEW, OUR_REC, OUR_NOS, OUR_VAL, OUR_REJ };
struct our_transfer {
    int64_t key; /* transaction_key of its id. */
    enum our_state state;
    const char *id, *client_id, *operator_method, *operator_reference, *currency, *state_text;
    int64_t merchant;
    int64_t amount;                           /* What the operator was to pay. */
    int64_t charged;                          /* What it costs the merchant when it is paid. */
    int64_t submitted_at_ms, validated_at_ms; /* 0: never. */
};

struct finding {
    enum finding_kind kind;
    const struct operator_row *row;      /* NULL: MISSING_THERE, UNREADABLE. */
    const struct our_transfer *transfer; /* NULL: MISSING_HERE, UNREADABLE. */
    int64_t line;                        /* UNREADABLE. */
    const char *why;                     /* UNREADABLE; else NULL. */
};

struct reconciliation {
    struct operator_file *file;
    const char *operator_method; /* The file's. */
    int64_t from_ms, to_ms;      /* The file's period: what ended in it must be in the file. */
    void *context;
    void (*found)(void *context, const struct finding *finding);
    /* Looks a transfer up that did not come by: of another period or operator. False: there is
     * none. *transfer is valid until the next call, and leaves those that come by alone. */
    bool (*find)(void *context, int64_t key, struct our_transfer *transfer);
    size_t at; /* The first row that was not passed yet. */
};

/* The others are set; called once, before all. */
void reconciliation_begin(struct reconciliation *reconciliation);
/* The operator's transfers, each with a greater key than the one before. */
void reconciliation_take(struct reconciliation *reconciliation,
                         const struct our_transfer *transfer);
/* No more come: tells what is left in the file. */
void reconciliation_end(struct reconciliation *reconciliation);
#endif

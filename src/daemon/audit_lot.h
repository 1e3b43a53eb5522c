/* audit_lot: what each lot pays, held against the hash that persons confirmed, and what they said
 * against what became of it. Fed with the transfers by id, in which a lot's follow each other; the
 * lots are looked up as they come. One thread. */
#ifndef PAYOUT_DAEMON_AUDIT_LOT_H
#define PAYOUT_DAEMON_AUDIT_LOT_H
#include "store/store.h"

struct audit_lot {
    void (*tell)(void *context, const char *what); /* What is wrong, as a sentence. */
    void *context;
    struct store_reader *reader; /* That of the audit. */
    int64_t approvals;           /* Seen. */
    /* The lot whose transfers come now; merchant 0: none. */
    struct merchant_id merchant;
    struct lot_code code;
    struct secret_digest digest;
};
void audit_lot_begin(struct audit_lot *audit, struct store_reader *reader,
                     void (*tell)(void *context, const char *what), void *context);
/* Every transfer, by id; then audit_lot_last, within the same view. */
void audit_lot_transfer(struct audit_lot *audit, const struct transfer *transfer);
/* The last transfer was given. More than once is fine. */
void audit_lot_last(struct audit_lot *audit);
/* Every approval, within the same view. */
void audit_lot_approval(struct audit_lot *audit, const struct approval *approval);
#endif

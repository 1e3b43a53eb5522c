/* audit_ledger: the chains over the ledger, one a lane, gone along from their beginnings: a
 * movement that is gone, came in between or was changed is found, and told. One thread. */
#ifndef PAYOUT_DAEMON_AUDIT_LEDGER_H
#define PAYOUT_DAEMON_AUDIT_LEDGER_H
#include "money/ledger.h"
#include "money/share.h"

struct audit_ledger_chain { /* A lane's. */
    int64_t last_movement_id;
    struct ledger_link link;
    struct ledger_head head; /* The last that was written down. */
};
struct audit_ledger {
    void (*tell)(void *context, const char *what); /* What is wrong, as a sentence. */
    void *context;
    int64_t movements, heads;
    struct audit_ledger_chain chains[LANES_MAX];
};
void audit_ledger_begin(struct audit_ledger *audit, void (*tell)(void *context, const char *what),
                        void *context);
/* Every movement, by id; and every head, right after the last movement that it covers. */
void audit_ledger_take(struct audit_ledger *audit, const struct movement *movement);
void audit_ledger_head(struct audit_ledger *audit, const struct ledger_head *head);
/* All were taken. */
void audit_ledger_end(struct audit_ledger *audit);
#endif

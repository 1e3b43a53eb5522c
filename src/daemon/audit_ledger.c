#include "daemon/audit_ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { WHAT_BYTES = 160 };

void audit_ledger_begin(struct audit_ledger *audit, void (*tell)(void *context, const char *what),
                        void *context)
{
    *audit = (struct audit_ledger){.tell = tell, .context = context};
    for (int lane = 0; lane < LANES_MAX; lane++)
        ledger_link_begin(&audit->chains[lane].link, &audit->chains[lane].head);
}

void audit_ledger_take(struct audit_ledger *audit, const struct movement *movement)
{
    struct audit_ledger_chain *chain = &audit->chains[share_row_lane(movement->id)];
    audit->movements++;
    if (share_row_gap(chain->last_movement_id, movement->id)) {
        char what[WHAT_BYTES];
        (void)snprintf(what, sizeof what, "movements %" PRId64 " to %" PRId64 " are missing",
                       chain->last_movement_id + 1, movement->id - 1);
        audit->tell(audit->context, what);
    }
    chain->link.last_movement_id = movement->id - 1; /* The chain goes on over a gap, and breaks. */
    ledger_link_add(&chain->link, movement);
    chain->last_movement_id = movement->id;
}

void audit_ledger_head(struct audit_ledger *audit, const struct ledger_head *head)
{
    char what[WHAT_BYTES] = "";
    struct audit_ledger_chain *chain = &audit->chains[share_row_lane(head->last_movement_id)];
    struct ledger_head reckoned;
    audit->heads++;
    ledger_link_end(&chain->link, &reckoned);
    if (head->last_movement_id != chain->last_movement_id)
        (void)snprintf(what, sizeof what,
                       "the chain's head for movement %" PRId64 " comes after %" PRId64,
                       head->last_movement_id, chain->last_movement_id);
    else if (memcmp(reckoned.hash, head->hash, sizeof head->hash) != 0)
        (void)snprintf(what, sizeof what,
                       "the chain breaks: movements %" PRId64 " to %" PRId64
                       " are not those that were written",
                       chain->head.last_movement_id + 1, head->last_movement_id);
    if (what[0] != '\0')
        audit->tell(audit->context, what);
    chain->head = *head; /* What comes after is held against what is written down. */
    ledger_link_begin(&chain->link, head);
    chain->link.last_movement_id = chain->last_movement_id;
}

void audit_ledger_end(struct audit_ledger *audit)
{
    for (int lane = 0; lane < LANES_MAX; lane++) {
        const struct audit_ledger_chain *chain = &audit->chains[lane];
        char what[WHAT_BYTES];
        if (chain->last_movement_id == chain->head.last_movement_id)
            continue;
        (void)snprintf(what, sizeof what, "movements after %" PRId64 " are outside the chain",
                       chain->head.last_movement_id);
        audit->tell(audit->context, what);
    }
}

#include "daemon/audit_act.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { WHAT_BYTES = 160 };

void audit_act_begin(struct audit_act *audit, void (*tell)(void *context, const char *what),
                     void *context)
{
    *audit = (struct audit_act){.tell = tell, .context = context};
    for (int lane = 0; lane < LANES_MAX; lane++)
        act_link_begin(&audit->chains[lane].link, &audit->chains[lane].head);
}

void audit_act_take(struct audit_act *audit, const struct act *act)
{
    char what[WHAT_BYTES];
    struct audit_act_chain *chain = &audit->chains[share_row_lane(act->id)];
    audit->acts++;
    if (share_row_gap(chain->last_act_id, act->id)) {
        (void)snprintf(what, sizeof what, "acts %" PRId64 " to %" PRId64 " are missing",
                       chain->last_act_id + 1, act->id - 1);
        audit->tell(audit->context, what);
    }
    chain->link.last_act_id = act->id - 1; /* Over a gap its hash will not fit either. */
    act_link_add(&chain->link, act);
    chain->last_act_id = act->id;
}

void audit_act_head(struct audit_act *audit, const struct act_head *head)
{
    char what[WHAT_BYTES] = "";
    struct audit_act_chain *chain = &audit->chains[share_row_lane(head->last_act_id)];
    struct act_head reckoned;
    act_link_end(&chain->link, &reckoned);
    if (head->last_act_id != chain->last_act_id)
        (void)snprintf(what, sizeof what,
                       "the head of the acts for act %" PRId64 " comes after %" PRId64,
                       head->last_act_id, chain->last_act_id);
    else if (memcmp(reckoned.hash, head->hash, sizeof head->hash) != 0)
        (void)snprintf(what, sizeof what,
                       "acts %" PRId64 " to %" PRId64 " are not those that were written",
                       chain->head.last_act_id + 1, head->last_act_id);
    if (what[0] != '\0')
        audit->tell(audit->context, what);
    chain->head = *head; /* What comes after is held against what is written down. */
    act_link_begin(&chain->link, head);
    chain->link.last_act_id = chain->last_act_id;
}

void audit_act_end(struct audit_act *audit)
{
    for (int lane = 0; lane < LANES_MAX; lane++) {
        const struct audit_act_chain *chain = &audit->chains[lane];
        char what[WHAT_BYTES];
        if (chain->last_act_id == chain->head.last_act_id)
            continue;
        (void)snprintf(what, sizeof what, "acts after %" PRId64 " are outside their chain",
                       chain->head.last_act_id);
        audit->tell(audit->context, what);
    }
}

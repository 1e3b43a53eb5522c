#include "daemon/audit_act.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { WHAT_BYTES = 160 };

void audit_act_begin(struct audit_act *audit, void (*tell)(void *context, const char *what),
                     void *context)
{
    *audit = (struct audit_act){.tell = tell, .context = context};
    act_link_begin(&audit->link, &audit->head);
}

void audit_act_take(struct audit_act *audit, const struct act *act)
{
    char what[WHAT_BYTES];
    audit->acts++;
    if (act->id != audit->last_act_id + 1) {
        (void)snprintf(what, sizeof what, "acts %" PRId64 " to %" PRId64 " are missing",
                       audit->last_act_id + 1, act->id - 1);
        audit->tell(audit->context, what);
        audit->link.last_act_id = act->id - 1; /* Its hash will not fit either. */
    }
    act_link_add(&audit->link, act);
    audit->last_act_id = act->id;
}

void audit_act_head(struct audit_act *audit, const struct act_head *head)
{
    char what[WHAT_BYTES];
    if (head->last_act_id != audit->last_act_id) {
        (void)snprintf(what, sizeof what,
                       "the head of the acts for act %" PRId64 " comes after %" PRId64,
                       head->last_act_id, audit->last_act_id);
        audit->tell(audit->context, what);
    } else {
        act_link_end(&audit->link, &audit->head);
        if (memcmp(audit->head.hash, head->hash, sizeof head->hash) != 0) {
            (void)snprintf(what, sizeof what,
                           "acts %" PRId64 " to %" PRId64 " are not those that were written",
                           audit->last_head_act_id + 1, head->last_act_id);
            audit->tell(audit->context, what);
        }
    }
    audit->head = *head; /* What comes after is held against what is written down. */
    audit->last_head_act_id = head->last_act_id;
    act_link_begin(&audit->link, head);
    audit->link.last_act_id = audit->last_act_id;
}

void audit_act_end(struct audit_act *audit)
{
    char what[WHAT_BYTES];
    if (audit->last_act_id == audit->last_head_act_id)
        return;
    (void)snprintf(what, sizeof what, "acts after %" PRId64 " are outside their chain",
                   audit->last_head_act_id);
    audit->tell(audit->context, what);
}

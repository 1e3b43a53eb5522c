/* audit_act: the chains over what persons did, one a lane, gone along from their beginnings: an act
 * that is gone, came in between or was changed is found, and told. One thread. */
#ifndef PAYOUT_DAEMON_AUDIT_ACT_H
#define PAYOUT_DAEMON_AUDIT_ACT_H
#include "money/act.h"
#include "money/share.h"

struct audit_act_chain { /* A lane's. */
    int64_t last_act_id;
    struct act_link link;
    struct act_head head; /* The last that was written down. */
};
struct audit_act {
    void (*tell)(void *context, const char *what); /* What is wrong, as a sentence. */
    void *context;
    int64_t acts;
    struct audit_act_chain chains[LANES_MAX];
};
void audit_act_begin(struct audit_act *audit, void (*tell)(void *context, const char *what),
                     void *context);
/* Every act, by id; and every head, right after the last act that it covers. */
void audit_act_take(struct audit_act *audit, const struct act *act);
void audit_act_head(struct audit_act *audit, const struct act_head *head);
/* All were taken. */
void audit_act_end(struct audit_act *audit);
#endif

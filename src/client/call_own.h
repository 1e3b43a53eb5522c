/* What the files of a call share: call.c moves it on, judge.c says what an answer is worth, ask.c
 * asks for transfers that may be there. */
#ifndef PAYOUT_CLIENT_CALL_OWN_H
#define PAYOUT_CLIENT_CALL_OWN_H
#include "client/call.h"

/* What the next request is about. */
enum call_state {
    STATE_LOGIN,
    STATE_MAIN,   /* The call itself. */
    STATE_ASK,    /* Are they there? By an id, or by the lot that one was found in. */
    STATE_SETTLE, /* The id is taken: by the same payment? */
    STATE_WAIT,
    STATE_ENDED,
};

struct call {
    struct account *account;
    struct call_input input;
    enum call_state state, next; /* next: after a login, or a wait. */
    struct result *result;       /* Of the last request that was not an ask. */
    struct buffer path, body;
    struct buffer query;   /* Of a check. */
    struct buffer login;   /* The body of a login. */
    uint64_t token_number; /* Of the token that the last request carried. */
    bool renewed;          /* The token, since the last wait. */
    bool left;             /* Some of the last request may have reached the server. */
    bool sent;             /* Some of what the call is about may have, ever. */
    bool doubt;            /* An earlier one may have been carried out. */
    int repeats;
    int64_t wait_ms;

    /* Of a send. Of input.transfers the ones that are still to be sent, in order: pending[i] is
     * input.transfers[indexes[i]]. Of the others known tells. */
    bool repeatable; /* Twice is as good as once. */
    struct payout_transfer *pending;
    size_t *indexes;
    size_t pending_count;
    struct payout_item *known;
    struct result *asked; /* The answer to an ask. */
    size_t probe;         /* How many ids were asked for. */
    char *lot;            /* The lot to ask for; NULL: by id. */
    size_t settle_at;     /* Index of the item that is asked about. */
};

/* Ends it, with fault: nothing more will be asked. */
void call_end(struct call *call, enum payout_client_fault fault);

/* judge.c */
/* What the caller is told of a call that changes something: in doubt, UNKNOWN. */
enum payout_client_fault judge_change(const struct call *call, enum payout_client_fault fault);
/* True when asking again may help and can't harm. */
bool judge_may_repeat(const struct call *call, enum payout_client_fault fault);
/* How long to wait before that. */
int64_t judge_wait_ms(const struct call *call);

/* ask.c */
bool ask_possible(const struct call *call);
/* Begins to ask for what is pending. */
void ask_begin(struct call *call);
/* Writes the query of the next question into query. */
void ask_query(const struct call *call, struct buffer *query);
/* Reads an answer to it. ASK_ON: there is another question; ASK_FAILED: nobody knows. */
enum ask_end { ASK_ON, ASK_OVER, ASK_FAILED };
enum ask_end ask_read(struct call *call);
/* Goes on to the next item of which only its id is known to be taken; false: there is none. */
bool settle_next(struct call *call);
void settle_query(const struct call *call, struct buffer *query);
/* Reads the answer to it, fault being how the question went; ends the call after the last one. */
void settle_read(struct call *call, enum payout_client_fault fault);
/* Puts the items in their places again, those that were known too. */
void ask_finish(struct call *call);
#endif

/* call: one of the five calls as a machine without I/O: it says which request comes next or how
 * long to wait, and is told the answer. Whoever drives it (client.c waits, loop.c does not) owns
 * the sockets; whether anything may be sent again is decided here and nowhere else. It must never
 * send again what may have arrived unless every item has its client_transaction_id and the server,
 * asked for them, does not have it. One thread at a time. */
#ifndef PAYOUT_CLIENT_CALL_H
#define PAYOUT_CLIENT_CALL_H
#include "client/result.h"
#include "client/transport.h"

/* Whose call it is, and how patient that one is. */
struct account {
    char *apikey, *password;
    char *token;           /* NULL: not logged in. */
    uint64_t token_number; /* Of the token: so that a call renews only the one that it used. */
    enum payout_lang lang;
    int repeats_max;
    int64_t repeat_wait_ms, wait_ms_max;
};
void account_wipe(struct account *account);

enum call_kind { CALL_LOGIN, CALL_BALANCE, CALL_CONTACT, CALL_SEND, CALL_CHECK };
struct call_input {
    enum call_kind kind;
    const struct payout_contact *contacts;   /* CALL_CONTACT; borrowed. */
    const struct payout_transfer *transfers; /* CALL_SEND; borrowed. */
    size_t count;                            /* Of either. */
    bool never_repeat, ask_first;            /* CALL_SEND */
    const struct payout_check_key *key;      /* CALL_CHECK; not needed afterwards. */
};

/* options may be NULL, or those of an older header. */
struct call_input call_send_input(const struct payout_transfer *transfers, size_t count,
                                  const struct payout_send_options *options);

enum call_step {
    CALL_REQUEST, /* request is to be sent, and call_answer told. */
    CALL_WAIT,    /* wait_ms is to be waited, and call_waited told. */
    CALL_ENDED,   /* See its result. */
};

struct call;
/* DONE, NO_MEMORY or BAD_ARGUMENT. The caller owns *call: call_close. */
MUST_USE enum payout_client_fault call_open(struct account *account, const struct call_input *input,
                                            struct call **call);
/* Ends what it was about, unless it has ended: nobody will tell the answer any more. */
void call_abandon(struct call *call);
/* The result, which is the caller's from now on. Only of a call that has ended. */
struct payout_result *call_result(struct call *call);
void call_close(struct call *call); /* NULL is fine. */

/* What comes next. request lives until call_answer. */
MUST_USE enum call_step call_next(struct call *call, struct transport_request *request,
                                  int64_t *wait_ms);
/* What became of the request; the reply's body is taken over. */
void call_answer(struct call *call, enum payout_client_fault fault, struct transport_reply *reply);
void call_waited(struct call *call);
#endif

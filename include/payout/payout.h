/* libpayout: a client of the Payout API v1.1.0, for payoutd and for every other server that speaks
 * it. Five calls: log in, balance, contacts, send, check.
 *
 * It keeps no global state and never stops the process: running out of memory is an answer like any
 * other. A client belongs to one thread at a time; several clients may be used at once. libcurl is
 * initialised by its first use; a program with threads should call curl_global_init itself, first.
 *
 * What is safe for money, and must stay so: a send is repeated by the library only when every one
 * of its transfers has a client_transaction_id, which makes a second payment impossible. When the
 * library can't know whether a send took place it says PAYOUT_CLIENT_UNKNOWN, and never anything
 * else. */
#ifndef PAYOUT_PAYOUT_H
#define PAYOUT_PAYOUT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "payout/code.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What became of a call, as far as the library is concerned. What the server decided is a code. */
enum payout_client_fault {
    PAYOUT_CLIENT_DONE = 0, /* The server answered: look at code, and at each item's outcome. */
    /* These four: nothing was done by the server, or nothing that matters (a read). */
    PAYOUT_CLIENT_BAD_ARGUMENT, /* The caller's mistake; nothing was sent. */
    PAYOUT_CLIENT_NO_MEMORY,    /* Memory ran out. Of a send: nothing was sent. */
    PAYOUT_CLIENT_UNREACHABLE,  /* No connection, or no answer to a read. Of a send: nothing was
                                   sent. */
    PAYOUT_CLIENT_UNREADABLE,   /* A read was answered by something that is not this API. */
    /* A send, or an adding of contacts, left and its outcome is not known, for all of its items or
     * for some (outcome says which). Ask with payout_check, or send the same items with the same
     * client_transaction_ids again. Never send again without ids: somebody could be paid twice. */
    PAYOUT_CLIENT_UNKNOWN,
};
/* A word for logs: "DONE", "NO_MEMORY" … A constant. */
PAYOUT_API const char *payout_client_fault_word(enum payout_client_fault fault);

struct payout_client;

/* Zero or NULL takes the default of each, but for the first three. All texts are copied. */
struct payout_client_options {
    const char *base_url;  /* "https://client.cinetpay.com", without /v1 (one at the end is cut). */
    const char *apikey;    /* The merchant's. */
    const char *password;  /* The API password. */
    enum payout_lang lang; /* Of the descriptions. Default: PAYOUT_FR. */
    int64_t connect_timeout_ms; /* Default: 10,000. */
    int64_t timeout_ms;         /* Of one whole request. Default: 60,000. */
    int repeats_max;        /* How often a call that is safe to repeat is repeated when it failed.
                               Default: 3; less than 0: never. */
    int64_t repeat_wait_ms; /* The first wait before it; it doubles. Default: 500. A Retry-After
                               of the server counts instead. */
    int64_t wait_ms_max;    /* No wait is longer. Default: 60,000. */
    const char *user_agent; /* Default: "libpayout". */
    const char *ca_file;    /* Certificates to trust, PEM. Default: the system's. */
    /* Called to wait, with wait_context and milliseconds; it may show something to a person, or
     * return at once. Default: poll(2). */
    void (*wait)(void *wait_context, int64_t wait_ms);
    void *wait_context;
};

/* Makes a client; nothing is sent before the first call.
 * options: not NULL; not needed afterwards.
 * client: out; the caller owns it (payout_client_close). NULL unless DONE is returned.
 * Returns DONE, NO_MEMORY, or BAD_ARGUMENT: base_url is not http:// or https://, or one of the
 * first three is missing. */
PAYOUT_API enum payout_client_fault payout_client_open(const struct payout_client_options *options,
                                                       struct payout_client **client);
/* Ends its connections, wipes the password and the token, frees it. Results outlive it.
 * client: NULL is fine. */
PAYOUT_API void payout_client_close(struct payout_client *client);

/* What became of one contact or transfer of a request. */
enum payout_outcome {
    PAYOUT_OUTCOME_UNKNOWN = 0, /* The answer does not tell. */
    PAYOUT_OUTCOME_ACCEPTED,
    PAYOUT_OUTCOME_REPEATED, /* It was there before. Of a contact: 726. Of a transfer: 805, and
                                nothing new was made. When transaction_id is not NULL the server
                                found the same phone and amount: it is the same transfer. */
    PAYOUT_OUTCOME_REFUSED,  /* See its code. */
    PAYOUT_OUTCOME_NOT_SENT, /* It never left, or was turned away unread. */
};
PAYOUT_API const char *payout_outcome_word(enum payout_outcome outcome); /* "ACCEPTED" */

struct payout_item {
    enum payout_outcome outcome;
    enum payout_code code; /* May be a number that this version has no name for. When the answer
                              has none for this item: the request's. */
    const char *status;    /* "success", "AMOUNT_TOO_SMALL" … These five: NULL when not told. */
    const char *transaction_id;
    const char *client_transaction_id;
    const char *lot;
    const char *treatment_status; /* "NEW" … */
};

enum payout_treatment {
    PAYOUT_TREATMENT_OTHER = 0, /* A word that is not one of these. */
    PAYOUT_TREATMENT_NEW,       /* Waits. */
    PAYOUT_TREATMENT_REC,       /* In process. */
    PAYOUT_TREATMENT_VAL,       /* Paid. Final. */
    PAYOUT_TREATMENT_REJ,       /* Rejected, the money is back. Final. */
    PAYOUT_TREATMENT_NOS,       /* The operator has not told yet whether it was paid. */
};

/* A transfer as the server knows it. Texts are NULL when the server has none. */
struct payout_transfer_state {
    const char *transaction_id, *client_transaction_id, *lot;
    int64_t amount;             /* -1 when it can't be read. */
    const char *receiver;       /* Prefix and phone as they were sent. */
    const char *receiver_e164;  /* "+2250707895086"; payoutd only. */
    const char *operator_name;  /* The member `operator`. */
    const char *sending_status; /* "PENDING": the lot waits to be confirmed; "CONFIRM". */
    const char *treatment_status;
    enum payout_treatment treatment;
    bool valid; /* transfer_valid is "Y". */
    const char *comment;
    const char *validated_at; /* "2018-10-25 11:25:07" */
    const char *operator_transaction_id;
};

/* In the currency's smallest unit in use. */
struct payout_balance {
    const char *currency; /* NULL for the first when the server does not tell. */
    int64_t amount, in_using, available;
};

/* Everything that a call brought home. All of it, texts too, lives until payout_result_free. */
struct payout_result {
    enum payout_client_fault fault; /* What the call returned. */
    char text[256];                 /* A sentence on what went wrong; "" when nothing did. */
    int http_status;                /* 0: there was no answer. */
    enum payout_code code;          /* The envelope's; PAYOUT_UNEXPECTED_ERROR without one. May be a
                                       number that this version has no name for. */
    const char *message;            /* The envelope's word: "OPERATION_SUCCES". Never NULL. */
    const char *description;        /* In the client's language. Never NULL. */
    int64_t retry_after_s;          /* What the server asked for; -1: nothing. */
    int requests;                   /* How many requests it took, logins included. */
    const char *reply;              /* The last answer's body, NUL-terminated; "" without one. */
    size_t reply_length;

    const char *token; /* login */
    /* balance: the first one is the merchant's home currency. */
    struct payout_balance *balances;
    size_t balance_count;
    /* contact_add and send: one an item that was given, in that order; all there whatever
     * happened. */
    struct payout_item *items;
    size_t item_count;
    /* check */
    struct payout_transfer_state *transfers;
    size_t transfer_count;
};
/* Frees the result with all that it holds. NULL is fine. */
PAYOUT_API void payout_result_free(struct payout_result *result);

/* The five calls. Each returns result->fault and sets *result, which the caller owns; *result is
 * NULL only with NO_MEMORY or BAD_ARGUMENT. DONE does not mean that the server agreed: look at
 * code. The last four log in by themselves when there is no token yet, or an old one (705, 706). */

/* Logs in anew and keeps the token for the calls that follow. */
PAYOUT_API enum payout_client_fault payout_login(struct payout_client *client,
                                                 struct payout_result **result);
/* Asks for the merchant's money. Fills balances. */
PAYOUT_API enum payout_client_fault payout_balance(struct payout_client *client,
                                                   struct payout_result **result);

enum { PAYOUT_ITEMS_MAX = 10000 };

/* Texts may be NULL when the server needs none; it decides on what is in them. */
struct payout_contact {
    const char *prefix; /* "225" */
    const char *phone;  /* "0707895086" */
    const char *name, *surname, *email;
};
/* Adds contacts; one that is there already (REPEATED) is as good. It is always safe to repeat.
 * contacts, count: 1 to PAYOUT_ITEMS_MAX, else BAD_ARGUMENT. Fills items. */
PAYOUT_API enum payout_client_fault payout_contact_add(struct payout_client *client,
                                                       const struct payout_contact *contacts,
                                                       size_t count, struct payout_result **result);

struct payout_transfer {
    const char *prefix, *phone;
    int64_t amount;                    /* > 0, in the currency's smallest unit in use. */
    const char *notify_url;            /* NULL: the merchant's own. */
    const char *client_transaction_id; /* Yours, unique for ever; NULL: none, but read above what
                                          that costs. */
    const char *payment_method;        /* NULL: the operator that the number belongs to. */
};
struct payout_send_options {
    bool never_repeat; /* Also when every transfer has its client_transaction_id. */
};
/* Sends money: one request, one lot.
 * transfers, count: 1 to PAYOUT_ITEMS_MAX, else BAD_ARGUMENT; an amount that is not > 0 too.
 * options: NULL takes the defaults.
 * Fills items. UNKNOWN: see above, and each item's outcome. */
PAYOUT_API enum payout_client_fault
payout_send(struct payout_client *client, const struct payout_transfer *transfers, size_t count,
            const struct payout_send_options *options, struct payout_result **result);

/* The first that is not NULL is asked for. */
struct payout_check_key {
    const char *transaction_id;        /* The server's. */
    const char *client_transaction_id; /* Yours. */
    const char *lot;                   /* All transfers of a lot. */
};
/* Asks what became of transfers. Code PAYOUT_NOT_FOUND when there are none.
 * key: not NULL, and one of its texts not NULL, else BAD_ARGUMENT. Fills transfers. */
PAYOUT_API enum payout_client_fault payout_check(struct payout_client *client,
                                                 const struct payout_check_key *key,
                                                 struct payout_result **result);

#ifdef __cplusplus
}
#endif
#endif

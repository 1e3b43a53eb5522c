/**
 * @file
 * libpayout: a client of the Payout API v1.1.0, for payoutd and for every other server that speaks
 * it.
 *
 * It never stops the process: running out of memory is an answer like any other. A client belongs
 * to one thread at a time; several clients may be used at once, by as many threads. What is not of
 * a client (payout_code_text(), payout_notification_read() …) may be called by any thread.
 * libcurl is initialised by its first use; a program with threads should call curl_global_init()
 * itself, first.
 *
 * What is safe for money, and must stay so: a send is repeated by the library only when every one
 * of its transfers has a client_transaction_id, which makes a second payment impossible, and only
 * after it asked whether the first one had arrived. When the library can't know whether a send took
 * place it says ::PAYOUT_CLIENT_UNKNOWN, and never anything else.
 *
 * The ABI: handles are opaque; structs that a caller fills in begin with their size, or end with
 * room that must be zero (designated initialisers and memset see to it); structs that the library
 * fills in end with room for more. Symbols have the version LIBPAYOUT_0.
 */
#ifndef PAYOUT_PAYOUT_H
#define PAYOUT_PAYOUT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "payout/code.h"
#include "payout/transport.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What became of a call, as far as the library is concerned. What the server decided is a code. */
enum payout_client_fault {
    /** The server answered: look at code, and at each item's outcome. */
    PAYOUT_CLIENT_DONE = 0,
    /** The caller's mistake; nothing was sent. */
    PAYOUT_CLIENT_BAD_ARGUMENT,
    /** Memory ran out. Of a send: nothing was sent. */
    PAYOUT_CLIENT_NO_MEMORY,
    /** No connection, or no answer to a read. Of a send: nothing was sent. */
    PAYOUT_CLIENT_UNREACHABLE,
    /** A read was answered by something that is not this API. */
    PAYOUT_CLIENT_UNREADABLE,
    /** A send, or an adding of contacts, left and its outcome is not known, for all of its items or
     * for some (outcome says which). Ask with payout_check(), or send the same items with the same
     * client_transaction_ids again. Never send again without ids: somebody could be paid twice. */
    PAYOUT_CLIENT_UNKNOWN,
};
/** A word for logs: "DONE", "NO_MEMORY" … A constant. */
PAYOUT_API const char *payout_client_fault_word(enum payout_client_fault fault);

/** Where the library takes its memory from, and libcurl and jansson with it. */
struct payout_memory {
    void *(*take)(size_t size);                 /**< As malloc. */
    void *(*resize)(void *memory, size_t size); /**< As realloc. */
    void (*give)(void *memory);                 /**< As free. */
};
/** Sets it for the whole process: before any other call of libpayout, libcurl and jansson, by one
 * thread. It is libcurl's global initialisation as well (curl_global_init_mem).
 * @param memory not NULL, nor one of its members.
 * @return DONE, BAD_ARGUMENT, or NO_MEMORY when libcurl could not start. */
PAYOUT_API enum payout_client_fault payout_memory_use(const struct payout_memory *memory);

/** A merchant's connection to a server. */
struct payout_client;

/** Zero or NULL takes the default of each, but for the first four. All texts are copied. */
struct payout_client_options {
    size_t size; /**< sizeof(struct payout_client_options). */
    const char
        *base_url;      /**< "https://client.cinetpay.com", without /v1 (one at the end is cut). */
    const char *apikey; /**< The merchant's. */
    const char *password;       /**< The API password. */
    enum payout_lang lang;      /**< Of the descriptions. Default: ::PAYOUT_FR. */
    int64_t connect_timeout_ms; /**< Default: 10,000. */
    int64_t timeout_ms;         /**< Of one whole request. Default: 60,000. */
    /** How often a call that is safe to repeat is repeated when it failed. Default: 3; less than 0:
     * never. */
    int repeats_max;
    /** The first wait before it; it doubles. Default: 500. A Retry-After of the server counts
     * instead. */
    int64_t repeat_wait_ms;
    int64_t wait_ms_max;    /**< No wait is longer. Default: 60,000. */
    const char *user_agent; /**< Default: "libpayout". */
    const char *ca_file;    /**< Certificates to trust, PEM. Default: the system's. */
    /** "http://proxy.example:3128", "socks5h://…". Default: what the environment says
     * (https_proxy);
     * "": none. */
    const char *proxy;
    /** Called to wait between two tries of a call that blocks, with wait_context and milliseconds;
     * it may show something to a person, or return at once. Default: poll(2). */
    void (*wait)(void *wait_context, int64_t wait_ms);
    void *wait_context; /**< For wait. */
    /** Makes the HTTP exchanges in libcurl's place. See payout_exchange_function. */
    payout_exchange_function *exchange;
    void *exchange_context; /**< For exchange. */
};

/** Makes a client; nothing is sent before the first call.
 * @param options not NULL; not needed afterwards.
 * @param client out; the caller owns it (payout_client_close()). NULL unless DONE is returned.
 * @return DONE, NO_MEMORY, or BAD_ARGUMENT: base_url is not http:// or https://, or one of the
 * first four is missing. */
PAYOUT_API enum payout_client_fault payout_client_open(const struct payout_client_options *options,
                                                       struct payout_client **client);
/** Ends its connections, wipes the password and the token, frees it. Results outlive it. Calls that
 * were started and have not ended do so now, UNREACHABLE or UNKNOWN.
 * @param client NULL is fine. Not from within a payout_done_function of its own. */
PAYOUT_API void payout_client_close(struct payout_client *client);

/** What became of one contact or transfer of a request. */
enum payout_outcome {
    PAYOUT_OUTCOME_UNKNOWN = 0, /**< The answer does not tell. */
    PAYOUT_OUTCOME_ACCEPTED,    /**< It is there. */
    /** It was there before, and nothing new was made. Of a contact: 726. Of a transfer: 805, and
     * it is the same payment when there is a transaction_id: same phone, same amount. The library
     * asks the server for it when the answer did not tell. */
    PAYOUT_OUTCOME_REPEATED,
    PAYOUT_OUTCOME_REFUSED,  /**< See its code. 805: the id stands for another payment. */
    PAYOUT_OUTCOME_NOT_SENT, /**< It never left, or was turned away unread. */
};
/** A word for it: "ACCEPTED". A constant. */
PAYOUT_API const char *payout_outcome_word(enum payout_outcome outcome);

/** What became of one contact or transfer. Texts are NULL when not told. */
struct payout_item {
    enum payout_outcome outcome; /**< What became of it. */
    /** May be a number that this version has no name for. When the answer has none for this item:
     * the request's. */
    enum payout_code code;
    const char *status;                /**< "success", "AMOUNT_TOO_SMALL" … */
    const char *transaction_id;        /**< The server's. */
    const char *client_transaction_id; /**< Yours. */
    const char *lot;                   /**< The request it belongs to, at the server. */
    const char *treatment_status;      /**< "NEW" … */
    const void *reserved[3];           /**< For versions to come. */
};

/** Where a transfer is. */
enum payout_treatment {
    PAYOUT_TREATMENT_OTHER = 0, /**< A word that is not one of these. */
    PAYOUT_TREATMENT_NEW,       /**< Waits. */
    PAYOUT_TREATMENT_REC,       /**< In process. */
    PAYOUT_TREATMENT_VAL,       /**< Paid. Final. */
    PAYOUT_TREATMENT_REJ,       /**< Rejected, the money is back. Final. */
    PAYOUT_TREATMENT_NOS,       /**< The operator has not told yet whether it was paid. */
};

/** A transfer as the server knows it. Texts are NULL when the server has none. */
struct payout_transfer_state {
    const char *transaction_id;        /**< The server's. */
    const char *client_transaction_id; /**< Yours. */
    const char *lot;                   /**< Its lot. */
    int64_t amount;                    /**< -1 when it can't be read. */
    const char *receiver;              /**< Prefix and phone as they were sent. */
    const char *receiver_e164;         /**< "+2250707895086"; payoutd only. */
    const char *operator_name;         /**< The member `operator`. */
    const char *sending_status;        /**< "PENDING": its lot waits to be confirmed; "CONFIRM". */
    const char *treatment_status;      /**< "VAL" … */
    enum payout_treatment treatment;   /**< The same. */
    bool valid;                        /**< transfer_valid is "Y". */
    const char *comment;               /**< Why it was rejected. */
    const char *validated_at;          /**< "2018-10-25 11:25:07" */
    const char *operator_transaction_id; /**< The operator's. */
    const void *reserved[4];             /**< For versions to come. */
};

/** A merchant's money, in the currency's smallest unit in use. */
struct payout_balance {
    const char *currency;    /**< NULL for the first when the server does not tell. */
    int64_t amount;          /**< All of it. */
    int64_t in_using;        /**< What is held for transfers. */
    int64_t available;       /**< What is free. */
    const void *reserved[2]; /**< For versions to come. */
};

/** Everything that a call brought home. All of it, texts too, lives until payout_result_free(). */
struct payout_result {
    enum payout_client_fault fault; /**< What the call returned. */
    char text[256];                 /**< A sentence on what went wrong; "" when nothing did. */
    int http_status;                /**< 0: there was no answer. */
    /** The envelope's; ::PAYOUT_UNEXPECTED_ERROR without one. May be a number that this version has
     * no name for. */
    enum payout_code code;
    const char *message;     /**< The envelope's word: "OPERATION_SUCCES". Never NULL. */
    const char *description; /**< In the client's language. Never NULL. */
    int64_t retry_after_s;   /**< What the server asked for; -1: nothing. */
    int requests;            /**< How many requests it took, logins included. */
    const char *reply;       /**< The last answer's body, NUL-terminated; "" without one. */
    size_t reply_length;     /**< Of reply. */
    const char *token;       /**< Of a login. */
    /** Of a balance: the first one is the merchant's home currency. */
    struct payout_balance *balances;
    size_t balance_count; /**< Of balances. */
    /** Of contacts and sends: one an item that was given, in that order; all there whatever
     * happened. */
    struct payout_item *items;
    size_t item_count;                       /**< Of items. */
    struct payout_transfer_state *transfers; /**< Of a check. */
    size_t transfer_count;                   /**< Of transfers. */
};
/** Frees the result with all that it holds. NULL is fine. */
PAYOUT_API void payout_result_free(struct payout_result *result);

/** @name The five calls
 * Each returns result->fault and sets *result, which the caller owns; *result is NULL only with
 * NO_MEMORY or BAD_ARGUMENT. DONE does not mean that the server agreed: look at code. The last four
 * log in by themselves when there is no token yet, or an old one (705, 706), also when it dies
 * while they are under way. */
/** @{ */

/** Logs in anew and keeps the token for the calls that follow. */
PAYOUT_API enum payout_client_fault payout_login(struct payout_client *client,
                                                 struct payout_result **result);
/** Asks for the merchant's money. Fills balances. */
PAYOUT_API enum payout_client_fault payout_balance(struct payout_client *client,
                                                   struct payout_result **result);

/** Limits. */
enum {
    PAYOUT_ITEMS_MAX = 10000 /**< Items of one request. */
};

/** Somebody to be paid. Texts may be NULL when the server needs none; it decides on what is in
 * them. */
struct payout_contact {
    const char *prefix;      /**< "225" */
    const char *phone;       /**< "0707895086" */
    const char *name;        /**< Family name. */
    const char *surname;     /**< Given name. */
    const char *email;       /**< Mail address. */
    const void *reserved[2]; /**< NULL. */
};
/** Adds contacts; one that is there already (REPEATED) is as good. It is always safe to repeat.
 * @param client the client.
 * @param contacts not NULL.
 * @param count 1 to PAYOUT_ITEMS_MAX, else BAD_ARGUMENT.
 * @param result out; its items are filled. */
PAYOUT_API enum payout_client_fault payout_contact_add(struct payout_client *client,
                                                       const struct payout_contact *contacts,
                                                       size_t count, struct payout_result **result);

/** A payment. */
struct payout_transfer {
    const char *prefix;                /**< "225" */
    const char *phone;                 /**< "0707895086" */
    int64_t amount;                    /**< > 0, in the currency's smallest unit in use. */
    const char *notify_url;            /**< NULL: the merchant's own. */
    const char *client_transaction_id; /**< Yours, unique for ever; NULL: none, but read above what
                                          that costs. */
    const char *payment_method;        /**< NULL: the operator that the number belongs to. */
    const void *reserved[2];           /**< NULL. */
};
/** How to send. */
struct payout_send_options {
    size_t size;       /**< sizeof(struct payout_send_options). */
    bool never_repeat; /**< Also when every transfer has its client_transaction_id. */
    /** Somebody (a process that was killed, say) may have sent these very transfers already: ask
     * before the first try, too, and send only what the server does not know. Every transfer must
     * have its client_transaction_id, else BAD_ARGUMENT. */
    bool ask_first;
};
/** Sends money: one request, one lot. After a time-out or an unclear answer it asks for the ids,
 * and sends again what the server does not have.
 * @param client the client.
 * @param transfers not NULL; an amount that is not > 0 is a BAD_ARGUMENT.
 * @param count 1 to PAYOUT_ITEMS_MAX, else BAD_ARGUMENT.
 * @param options NULL takes the defaults.
 * @param result out; its items are filled. */
PAYOUT_API enum payout_client_fault
payout_send(struct payout_client *client, const struct payout_transfer *transfers, size_t count,
            const struct payout_send_options *options, struct payout_result **result);

/** What to ask for: the first that is not NULL. */
struct payout_check_key {
    const char *transaction_id;        /**< The server's. */
    const char *client_transaction_id; /**< Yours. */
    const char *lot;                   /**< All transfers of a lot. */
    const void *reserved[2];           /**< NULL. */
};
/** Asks what became of transfers. Code ::PAYOUT_NOT_FOUND when there are none.
 * @param client the client.
 * @param key not NULL, and one of its texts not NULL, else BAD_ARGUMENT.
 * @param result out; its transfers are filled. */
PAYOUT_API enum payout_client_fault payout_check(struct payout_client *client,
                                                 const struct payout_check_key *key,
                                                 struct payout_result **result);
/** @} */

/** @name Many transfers
 * Any number of transfers, as requests of a size that the server takes. */
/** @{ */

/** One request of a bulk has ended, or is about to begin. */
struct payout_bulk_part {
    size_t first;                       /**< The index of its first transfer. */
    size_t count;                       /**< How many. */
    bool contacts;                      /**< It adds contacts; else it sends. */
    const struct payout_result *result; /**< What came of it; NULL before it begins. */
    const void *reserved[3];            /**< For versions to come. */
};
/** How to send many. */
struct payout_bulk_options {
    size_t size;       /**< sizeof(struct payout_bulk_options). */
    size_t part_items; /**< Transfers of one request, to PAYOUT_ITEMS_MAX. Default: 500. */
    /** One a transfer, which are added before it is sent; NULL: they are there. */
    const struct payout_contact *contacts;
    /** Whether the request that begins at this transfer may have been sent before: see
     * payout_send_options::ask_first. NULL: none was. */
    bool (*sent_before)(void *context, size_t first, size_t count);
    /** Called before each request leaves and after it ended. False: stop here; nothing of the
     * request leaves when it was about to begin. NULL: nobody is told. */
    bool (*tell)(void *context, const struct payout_bulk_part *part);
    void *context; /**< For both. */
};
/** What became of a bulk. */
struct payout_bulk_end {
    size_t done;                    /**< Transfers of the requests that ended; the others, from
                                       there on, never left. */
    enum payout_client_fault fault; /**< The last request's; DONE: it went through. */
    enum payout_code code;          /**< The last request's. */
    bool stopped;   /**< It did not go through: tell said so, or the next request would have failed
                       like the last. */
    char text[256]; /**< A sentence on why it stopped; "": it did not. */
    const void *reserved[4]; /**< For versions to come. */
};
/** Sends any number of transfers, request after request. It stops after one whose outcome is not
 * known, and after one that was refused for who sent it (701–708), how often (429) or what it costs
 * (602); that items are refused is no reason to stop.
 * @param client the client.
 * @param transfers not NULL; each with its client_transaction_id, else BAD_ARGUMENT.
 * @param count at least 1.
 * @param options NULL takes the defaults.
 * @param end out; filled whatever is returned.
 * @return end->fault. */
PAYOUT_API enum payout_client_fault
payout_bulk(struct payout_client *client, const struct payout_transfer *transfers, size_t count,
            const struct payout_bulk_options *options, struct payout_bulk_end *end);
/** @} */

/** @name The same calls on an event loop of yours
 * The _start functions return at once, DONE when the call was begun (or BAD_ARGUMENT, NO_MEMORY:
 * then done is never called). Wait until the descriptor of payout_client_fd() can be read (poll,
 * epoll, libuv, GLib …), then call payout_client_run(), which moves all calls of the client on and
 * calls done for those that ended. Any number of calls may be under way. What a call is given must
 * stay where it is until it ended. With an exchange function of yours payout_client_run() blocks
 * as long as that does. */
/** @{ */

/** Told once when a call has ended; result is its own to free. It may start other calls.
 * @param context what was given with the call.
 * @param result never NULL. */
typedef void payout_done_function(void *context, struct payout_result *result);
/** One descriptor for all that the client waits for, connections and times; only to be watched for
 * reading. -1: there is none, no memory or no descriptors. It lives until payout_client_close(). */
PAYOUT_API int payout_client_fd(struct payout_client *client);
/** Does what can be done without waiting. */
PAYOUT_API void payout_client_run(struct payout_client *client);
/** How many calls are under way. */
PAYOUT_API size_t payout_client_pending(const struct payout_client *client);
/** As payout_login(). */
PAYOUT_API enum payout_client_fault payout_login_start(struct payout_client *client,
                                                       payout_done_function *done, void *context);
/** As payout_balance(). */
PAYOUT_API enum payout_client_fault payout_balance_start(struct payout_client *client,
                                                         payout_done_function *done, void *context);
/** As payout_contact_add(). */
PAYOUT_API enum payout_client_fault
payout_contact_add_start(struct payout_client *client, const struct payout_contact *contacts,
                         size_t count, payout_done_function *done, void *context);
/** As payout_send(). */
PAYOUT_API enum payout_client_fault payout_send_start(struct payout_client *client,
                                                      const struct payout_transfer *transfers,
                                                      size_t count,
                                                      const struct payout_send_options *options,
                                                      payout_done_function *done, void *context);
/** As payout_check(). */
PAYOUT_API enum payout_client_fault payout_check_start(struct payout_client *client,
                                                       const struct payout_check_key *key,
                                                       payout_done_function *done, void *context);
/** @} */

/** @name Notifications
 * Reading what a server tells, and whether it is the server who tells. */
/** @{ */

/** What a signature is worth. */
enum payout_proof {
    PAYOUT_PROOF_NONE,       /**< There is none. */
    PAYOUT_PROOF_UNVERIFIED, /**< There is one, and no secret to verify it with. */
    PAYOUT_PROOF_RIGHT,      /**< It is the server's. */
    PAYOUT_PROOF_WRONG,      /**< It is not: forged, damaged, too old, or of another key. */
};
/** A word for it: "right". A constant. */
PAYOUT_API const char *payout_proof_word(enum payout_proof proof);

/** A notification as it came. Headers are NULL when absent. */
struct payout_notification_input {
    size_t size;                   /**< sizeof(struct payout_notification_input). */
    const char *body;              /**< The bytes as they came. */
    size_t body_length;            /**< Of body. */
    const char *content_type;      /**< Content-Type */
    const char *x_token;           /**< x-token */
    const char *x_token_before;    /**< x-token-before: while a replaced key holds on. */
    const char *webhook_id;        /**< webhook-id */
    const char *webhook_timestamp; /**< webhook-timestamp */
    const char *webhook_signature; /**< webhook-signature */
    const char *secret;            /**< The merchant's secret key; NULL: none is known. */
    int64_t now_s;                 /**< Seconds since 1970; 0: the system's. */
    int64_t age_s_max;             /**< How old (or early) a timestamp may be. Default: 300. */
};
/** What a notification says. Texts are never NULL, and live until it is freed. */
struct payout_notification {
    enum payout_proof token;   /**< Of x-token (CinetPay's scheme). */
    enum payout_proof webhook; /**< Of Standard Webhooks' signature, its age included. */
    /** One is right and none is wrong: believe it. */
    bool authentic;
    enum payout_treatment treatment;     /**< treatment_status. */
    int64_t amount_minor;                /**< amount; -1 when it can't be read. */
    const char *transaction_id;          /**< The server's. */
    const char *client_transaction_id;   /**< Yours. */
    const char *lot;                     /**< Its lot. */
    const char *amount;                  /**< As it was written. */
    const char *receiver;                /**< Whom. */
    const char *operator_name;           /**< The field `operator`. */
    const char *treatment_status;        /**< "VAL" … */
    const char *sending_status;          /**< "CONFIRM" … */
    const char *comment;                 /**< Why it was rejected. */
    const char *operator_transaction_id; /**< The operator's. */
    const char *validated_at;            /**< When it was paid. */
    const void *reserved[4];             /**< For versions to come. */
};
/** Reads and verifies a notification, a form or JSON.
 * @param input not NULL.
 * @param notification out; the caller owns it. NULL unless DONE.
 * @return DONE, NO_MEMORY, BAD_ARGUMENT, or UNREADABLE: it is no notification. */
PAYOUT_API enum payout_client_fault
payout_notification_read(const struct payout_notification_input *input,
                         struct payout_notification **notification);
/** Frees it. NULL is fine. */
PAYOUT_API void payout_notification_free(struct payout_notification *notification);
/** @} */

#ifdef __cplusplus
}
#endif
#endif

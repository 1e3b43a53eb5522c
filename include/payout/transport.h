/**
 * @file
 * The door for programs that make HTTP requests their own way (an enterprise's proxy, a test, a
 * language's own client): a function that makes one exchange in libcurl's place.
 */
#ifndef PAYOUT_TRANSPORT_H
#define PAYOUT_TRANSPORT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "payout/code.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One HTTP request. It and all it holds live until the function returns. */
struct payout_http_request {
    const char *url;            /**< The whole, encoded. A token is in it: not for logs. */
    const char *body;           /**< NULL: a GET. Else a POST. */
    size_t body_length;         /**< Of body. */
    const char *const *headers; /**< "Name: value", ended by NULL. */
    int64_t connect_timeout_ms; /**< How long to wait for a connection. */
    int64_t timeout_ms;         /**< How long to wait in all. */
    bool once; /**< Must reach the server once at most: no second try, also not on a connection that
                  turned out dead. */
    const void *reserved[4]; /**< For versions to come. */
};

/** An answer that is being filled in. */
struct payout_http_reply;
/** Sets the answer's HTTP status. */
PAYOUT_API void payout_http_reply_status(struct payout_http_reply *reply, int status);
/** Sets its Retry-After, in seconds. */
PAYOUT_API void payout_http_reply_retry_after(struct payout_http_reply *reply, int64_t seconds);
/** Appends to its body. False: memory ran out, or the body is too long; return
 * ::PAYOUT_EXCHANGE_UNANSWERED then. */
PAYOUT_API bool payout_http_reply_append(struct payout_http_reply *reply, const void *bytes,
                                         size_t length);
/** Says in a sentence what went wrong. */
PAYOUT_API void payout_http_reply_problem(struct payout_http_reply *reply, const char *text);

/** How an exchange ended. Money depends on it. */
enum payout_exchange_end {
    PAYOUT_EXCHANGE_ANSWERED = 0, /**< A whole answer came, whatever its status. */
    PAYOUT_EXCHANGE_NOT_SENT,     /**< Not one byte of the request can have reached the server. */
    PAYOUT_EXCHANGE_UNANSWERED,   /**< Some of it may have. In doubt, this one. */
};
/** Makes one exchange.
 * @param context exchange_context of payout_client_options.
 * @param request what to send.
 * @param reply to be filled in. */
typedef enum payout_exchange_end payout_exchange_function(void *context,
                                                          const struct payout_http_request *request,
                                                          struct payout_http_reply *reply);

#ifdef __cplusplus
}
#endif
#endif

#include "client/hook.h"

#include <stdio.h>

struct payout_http_reply {
    struct transport_reply *reply;
};

void payout_http_reply_status(struct payout_http_reply *reply, int status)
{
    reply->reply->status = status;
}

void payout_http_reply_retry_after(struct payout_http_reply *reply, int64_t seconds)
{
    reply->reply->retry_after_s = seconds;
}

bool payout_http_reply_append(struct payout_http_reply *reply, const void *bytes, size_t length)
{
    buffer_append(&reply->reply->body, bytes, length);
    return buffer_ok(&reply->reply->body);
}

void payout_http_reply_problem(struct payout_http_reply *reply, const char *text)
{
    (void)snprintf(reply->reply->error, sizeof reply->reply->error, "%s", text);
}

enum payout_client_fault hook_run(payout_exchange_function *exchange, void *context,
                                  const struct payout_http_request *request,
                                  struct transport_reply *reply)
{
    struct payout_http_reply filled = {reply};
    enum payout_exchange_end end = exchange(context, request, &filled);
    bool whole = end == PAYOUT_EXCHANGE_ANSWERED && buffer_ok(&reply->body) && reply->status >= 100;
    reply->left = end != PAYOUT_EXCHANGE_NOT_SENT;
    if (whole) {
        reply->error[0] = '\0';
        return PAYOUT_CLIENT_DONE;
    }
    reply->status = 0;
    if (reply->error[0] == '\0')
        (void)snprintf(reply->error, sizeof reply->error, "%s",
                       buffer_ok(&reply->body) ? "the exchange function has no answer"
                                               : "the answer can't be kept");
    return PAYOUT_CLIENT_UNREACHABLE;
}

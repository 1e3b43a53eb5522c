#include "operators/call.h"

#include <stdlib.h>

#include "base/secret.h"

struct call *call_open(size_t attempt_max)
{
    struct call *call = calloc(1, sizeof *call);
    invariant(call != NULL && attempt_max > 0);
    call->attempt_max = attempt_max;
    call->attempts = calloc(attempt_max, sizeof *call->attempts);
    call->answers = calloc(attempt_max, sizeof *call->answers);
    call->errands = calloc(attempt_max, sizeof(struct errand *));
    invariant(call->attempts != NULL && call->answers != NULL && call->errands != NULL);
    operator_request_init(&call->request);
    return call;
}

void call_close(struct call *call)
{
    if (call == NULL)
        return;
    operator_request_free(&call->request);
    secret_wipe(call->token, sizeof call->token);
    free(call->errands);
    free(call->answers);
    free(call->attempts);
    free(call);
}

/* Whatever a connector left out is not known. */
static void answers_clear(struct call *call)
{
    call->result = (struct operator_result){.answers = call->answers};
    for (size_t i = 0; i < call->about.count; i++)
        call->answers[i] = (struct verdict_answer){.verdict = VERDICT_UNKNOWN};
}

static void buffer_wipe(struct buffer *buffer)
{
    if (buffer->length > 0)
        secret_wipe(buffer->bytes, buffer->length);
}

static void call_ended(struct exchange_call *exchange)
{
    struct call *call = exchange->context;
    call->answered = exchange->status != 0;
    answers_clear(call);
    if (call->answered) {
        struct operator_reply reply = {.status = exchange->status,
                                       .body = buffer_text(&exchange->answer),
                                       .length = exchange->answer.length,
                                       .retry_after_ms = exchange->retry_after_ms};
        call->about.channel->connector->answer_read(&call->about, &reply, &call->result);
        call->result.said[sizeof call->result.said - 1] = '\0';
    }
    /* Tokens and passwords may not lie about in memory until the next call. */
    secret_wipe(call->request.headers, sizeof call->request.headers);
    buffer_wipe(&call->request.url);
    buffer_wipe(&call->request.body);
    if (call->about.task == OPERATOR_TASK_TOKEN)
        buffer_wipe(&exchange->answer);
    call->done(call);
}

void call_start(struct call *call, struct exchange *exchange, int64_t timeout_ms,
                void (*done)(struct call *call))
{
    const struct channel *channel = call->about.channel;
    struct operator_request *request = &call->request;
    invariant(call->about.count <= call->attempt_max && timeout_ms > 0);
    call->about.attempts = call->attempts;
    call->about.token = call->token;
    call->done = done;
    buffer_clear(&request->url);
    buffer_clear(&request->body);
    request->method = NULL;
    request->header_count = 0;
    channel->connector->call_write(&call->about, request);
    invariant(buffer_ok(&request->url) && buffer_ok(&request->body) && request->method != NULL);
    invariant(request->header_count <= OPERATOR_HEADERS_MAX);
    int64_t connect_ms = channel->connect_timeout_ms;
    call->exchange = (struct exchange_call){
        .method = request->method,
        .url = buffer_text(&request->url),
        .body = buffer_text(&request->body),
        .body_length = request->body.length,
        .timeout_ms = timeout_ms,
        .connect_timeout_ms = connect_ms > 0 && connect_ms < timeout_ms ? connect_ms : timeout_ms,
        .done = call_ended,
        .context = call};
    for (size_t i = 0; i < request->header_count; i++)
        call->exchange.headers[i] = request->headers[i];
    exchange_start(exchange, &call->exchange);
}

/* What watches the server asks: is it alive, does it work, how much does it do. */
#include "http/endpoint.h"
#include "http/route.h"
#include "http/worker.h"
#include "wire/reply.h"

enum turn health_root(struct request *request)
{
    buffer_text_append(&request->answer.text,
                       "{\"service\":\"payoutd\",\"api\":\"CinetPay Payout API v1.1.0\","
                       "\"base\":\"/v1\",\"alive\":\"/healthz\",\"ready\":\"/readyz\"}\n");
    return request_plain(request, 200, "application/json");
}

enum turn health_alive(struct request *request)
{
    buffer_text_append(&request->answer.text, "ok\n");
    return request_plain(request, 200, "text/plain; charset=utf-8");
}

enum turn health_ready(struct request *request)
{
    struct store_reader *reader;
    struct fault fault;
    if (atomic_load(&request->http->quiesced)) {
        buffer_text_append(&request->answer.text, "stopping\n");
        return request_plain(request, 503, "text/plain; charset=utf-8");
    }
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        store_read_alive(reader, &fault) != FAULT_NONE)
        return route_fault(request, &fault);
    return health_alive(request);
}

enum turn health_metrics(struct request *request)
{
    struct store_reader *reader;
    struct fault fault;
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        metrics_write(request->http, reader, &request->answer.text, &fault) != FAULT_NONE)
        return route_fault(request, &fault);
    return request_plain(request, 200, "text/plain; version=0.0.4; charset=utf-8");
}

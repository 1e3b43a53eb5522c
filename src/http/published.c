/* GET /openapi.json and /postman.json: the Payout API for machines, and for those who try it. */
#include "collection.h"
#include "http/endpoint.h"
#include "http/route.h"
#include "http/spec.h"

enum turn openapi_begin(struct request *request)
{
    spec_write(&request->answer.text);
    return request_plain(request, 200, "application/json");
}

enum turn postman_begin(struct request *request)
{
    buffer_append(&request->answer.text, collection[0].bytes, collection[0].length);
    return request_plain(request, 200, "application/json");
}

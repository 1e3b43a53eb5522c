#include "http/headers.h"

#include <microhttpd.h>
#include <stdio.h>

#include "http/access.h"
#include "http/route.h"

static void header_add(struct MHD_Response *response, const char *name, const char *value)
{
    invariant(MHD_add_response_header(response, name, value) == MHD_YES);
}

static void header_number_add(struct MHD_Response *response, const char *name, int64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%lld", (long long)value);
    header_add(response, name, text);
}

/* Those that every reply of the Payout API has, as the original's. */
static void headers_add_api(struct MHD_Response *response, const struct answer *answer)
{
    header_add(response, "Cache-Control", "private, must-revalidate");
    header_add(response, "pragma", "no-cache");
    header_add(response, "expires", "-1");
    header_add(response, "Access-Control-Allow-Origin", "*");
    header_add(response, "Access-Control-Allow-Methods", "GET,POST");
    header_add(response, "Access-Control-Allow-Headers",
               "X-Requested-With, Content-Type, X-Auth-Token, Origin, Authorization");
    header_add(response, "Access-Control-Expose-Headers", "api.client.transfert");
    header_number_add(response, "X-RateLimit-Limit", answer->rate_limit);
    header_number_add(response, "X-RateLimit-Remaining", answer->rate_remaining);
}

/* Browsers and clients that keep it never speak to this name without TLS again. */
static void hsts_add(struct MHD_Response *response, const struct request *request)
{
    char text[40];
    int64_t seconds = request->settings->hsts_seconds;
    if (seconds <= 0 || !access_secure(request))
        return;
    (void)snprintf(text, sizeof text, "max-age=%lld", (long long)seconds);
    header_add(response, "Strict-Transport-Security", text);
}

void headers_add(struct MHD_Response *response, const struct request *request)
{
    const struct answer *answer = &request->answer;
    if (answer->content_type != NULL)
        header_add(response, "Content-Type", answer->content_type);
    if (request->route->voice == VOICE_API)
        headers_add_api(response, answer);
    else
        header_add(response, "Cache-Control", "no-store");
    header_add(response, "X-Request-Id", request->id);
    hsts_add(response, request);
    if (answer->retry_after_seconds > 0)
        header_number_add(response, "Retry-After", answer->retry_after_seconds);
    if (atomic_load(&request->http->quiesced))
        header_add(response, "Connection", "close");
}

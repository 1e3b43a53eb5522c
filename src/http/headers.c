#include "http/headers.h"

#include <microhttpd.h>
#include <stdio.h>

#include "http/access.h"
#include "http/page.h"
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

/* The page's address is a secret: no referrer, no copy in a cache or an index, no frame, and
 * nothing of another place that could read it. */
static void headers_add_page(struct MHD_Response *response)
{
    header_add(response, "Cache-Control", "no-store");
    header_add(response, "Content-Security-Policy", page_policy());
    header_add(response, "Referrer-Policy", "no-referrer");
    header_add(response, "X-Content-Type-Options", "nosniff");
    header_add(response, "X-Frame-Options", "DENY");
    header_add(response, "X-Robots-Tag", "noindex, nofollow");
}

/* Only what we serve ourselves runs, is shown, or is asked for; no page frames ours. */
static void headers_add_console(struct MHD_Response *response, const struct answer *answer)
{
    header_add(response, "Content-Security-Policy",
               "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
               "img-src 'self' data:; font-src 'self'; manifest-src 'self'; "
               "frame-ancestors 'none'; base-uri 'none'; form-action 'self'");
    header_add(response, "Cache-Control",
               answer->immutable ? "public, max-age=31536000, immutable" : "no-store");
    header_add(response, "Cross-Origin-Opener-Policy", "same-origin");
    header_add(response, "Cross-Origin-Resource-Policy", "same-origin");
    header_add(response, "Permissions-Policy", "camera=(), geolocation=(), microphone=()");
    header_add(response, "Referrer-Policy", "no-referrer");
    header_add(response, "X-Content-Type-Options", "nosniff");
    header_add(response, "X-Frame-Options", "DENY");
    header_add(response, "X-Robots-Tag", "noindex, nofollow");
    if (answer->cookie != NULL)
        header_add(response, "Set-Cookie", answer->cookie);
    if (answer->encoding != NULL)
        header_add(response, "Content-Encoding", answer->encoding);
    if (answer->immutable)
        header_add(response, "Vary", "Accept-Encoding");
    if (answer->file_name != NULL) {
        char text[160];
        (void)snprintf(text, sizeof text, "attachment; filename=\"%s\"", answer->file_name);
        header_add(response, "Content-Disposition", text);
    }
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
    switch (request->voice) {
    case VOICE_API:
        headers_add_api(response, answer);
        break;
    case VOICE_PAGE:
        headers_add_page(response);
        break;
    case VOICE_CONSOLE:
        headers_add_console(response, answer);
        break;
    case VOICE_PLAIN:
        header_add(response, "Cache-Control", "no-store");
        break;
    }
    header_add(response, "X-Request-Id", request->id);
    hsts_add(response, request);
    if (answer->retry_after_seconds > 0)
        header_number_add(response, "Retry-After", answer->retry_after_seconds);
    if (atomic_load(&request->http->quiesced))
        header_add(response, "Connection", "close");
}

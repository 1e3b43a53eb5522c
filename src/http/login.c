/* POST /v1/auth/login: a merchant's apikey and API password for a token. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "http/access.h"
#include "http/endpoint.h"
#include "http/route.h"
#include "http/worker.h"
#include "wire/reply.h"

enum { LOGIN_PASSWORD_BYTES_MAX = 1024 };

/* Wrong pairs are slowed down for the account they are tried on, from where they are tried: nobody
 * can lock a merchant out from elsewhere. */
static bool login_limited(struct request *request, const char *apikey)
{
    int per_minute = request->settings->logins_per_minute;
    char key[MERCHANT_KEY_BYTES + ADDRESS_TEXT_BYTES + 1];
    int length = snprintf(key, sizeof key, "%s %s", request->client_text, apikey);
    invariant(length > 0 && (size_t)length < sizeof key);
    return per_minute > 0 && !access_limit(request, 'l', key, (size_t)length, per_minute);
}

enum turn login_begin(struct request *request)
{
    const char *apikey = request_text(request, "apikey");
    const char *password = request_text(request, "password");
    if (apikey == NULL || password == NULL)
        return request_refuse(request, PAYOUT_INVALID_PARAM);
    size_t password_length = strlen(password);
    if (strlen(apikey) >= MERCHANT_KEY_BYTES || password_length > LOGIN_PASSWORD_BYTES_MAX)
        return request_refuse(request, PAYOUT_INVALID_CREDENTIALS); /* Nobody's, by its form. */
    if (login_limited(request, apikey))
        return TURN_REPLY;
    struct store_reader *reader;
    struct merchant *merchant;
    struct fault fault;
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        store_read_merchant_by_apikey(reader, request->arena, apikey, &merchant, &fault) !=
            FAULT_NONE)
        return route_fault(request, &fault);
    request->merchant = merchant;
    /* An apikey that is not there costs as much as one that is. */
    request->hash = (struct hasher_job){.hash = merchant == NULL ? NULL : merchant->password_hash,
                                        .password = password,
                                        .password_length = password_length};
    return TURN_HASH;
}

enum turn login_hashed(struct request *request)
{
    if (!request->hash.matches) {
        (void)atomic_fetch_add_explicit(&request->http->metrics.logins_refused, 1,
                                        memory_order_relaxed);
        return request_refuse(request, PAYOUT_INVALID_CREDENTIALS);
    }
    request->merchant_id = request->merchant->id;
    if (request->merchant->suspended)
        return request_refuse(request, PAYOUT_INVALID_USER);
    char token[TOKEN_TEXT_BYTES];
    token_write(&request->http->key, request->merchant_id, clock_now_ms(),
                request->http->token_lifetime_ms, token);
    struct buffer *text = request_data_begin(request);
    buffer_char(text, '{');
    reply_text_member(text, "token", token);
    buffer_char(text, '}');
    return request_data_end(request);
}

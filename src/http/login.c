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

/* Counted for the account and where it is tried from, and for that place alone; wrong pairs cost a
 * growing wait there. Nobody can lock a merchant out from elsewhere. */
static bool login_let_in(struct request *request, const char *apikey)
{
    const struct settings *settings = request->settings;
    char key[MERCHANT_KEY_BYTES + ADDRESS_TEXT_BYTES + 1];
    int length = snprintf(key, sizeof key, "%s %s", request->client_text, apikey);
    invariant(length > 0 && (size_t)length < sizeof key);
    if (settings->address_logins_per_minute > 0 &&
        !access_limit_address(request, 'L', settings->address_logins_per_minute))
        return false;
    if (settings->logins_per_minute <= 0)
        return true;
    return access_limit(request, 'l', key, (size_t)length, settings->logins_per_minute) &&
           access_guess(request, 'l', apikey);
}

/* The old password's hash while it holds, else NULL. A login of such a merchant takes twice the
 * time, right or wrong: it tells those who know its apikey that its password was changed lately,
 * and nothing else. */
static const char *hash_before(const struct merchant *merchant)
{
    bool holds = merchant != NULL && merchant->password_before[0] != '\0' &&
                 clock_now_ms() < merchant->password_before_until_ms;
    return holds ? merchant->password_before : NULL;
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
    if (!login_let_in(request, apikey))
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
                                        .hash_before = hash_before(merchant),
                                        .password = password,
                                        .password_length = password_length};
    return TURN_HASH;
}

enum turn login_hashed(struct request *request)
{
    access_guess_end(request, 'l', request_text(request, "apikey"), request->hash.matches);
    if (!request->hash.matches) {
        (void)atomic_fetch_add_explicit(&request->http->metrics.logins_refused, 1,
                                        memory_order_relaxed);
        return request_refuse(request, PAYOUT_INVALID_CREDENTIALS);
    }
    request->merchant_id = request->merchant->id;
    if (request->merchant->suspended)
        return request_refuse(request, PAYOUT_INVALID_USER);
    /* Only who knows the password learns that it would do elsewhere. */
    if (!access_from(request, request->merchant))
        return TURN_REPLY;
    char token[TOKEN_TEXT_BYTES];
    token_write(&request->http->key, request->merchant_id, clock_now_ms(),
                request->http->token_lifetime_ms, token);
    struct buffer *text = request_data_begin(request);
    buffer_char(text, '{');
    reply_text_member(text, "token", token);
    buffer_char(text, '}');
    return request_data_end(request);
}

#include "http/access.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "http/cookie.h"
#include "http/route.h"
#include "http/session.h"
#include "http/worker.h"

/* --- Addresses --- */

/* Reads the last word of list, which is cut before it; false when none is left or it is no address.
 * "[2001:db8::1]:443" and "192.0.2.1:80" are read without their ports. */
static bool forwarded_pop(char *list, size_t *length, struct address *address)
{
    size_t end = *length;
    while (end > 0 && strchr(" \t,", list[end - 1]) != NULL)
        end--;
    size_t begin = end;
    while (begin > 0 && list[begin - 1] != ',')
        begin--;
    *length = begin;
    while (begin < end && strchr(" \t", list[begin]) != NULL)
        begin++;
    const char *word = list + begin;
    size_t word_length = end - begin;
    if (word_length > 0 && word[0] == '[') {
        const char *close = memchr(word, ']', word_length);
        return close != NULL && address_read(word + 1, (size_t)(close - word - 1), address);
    }
    if (address_read(word, word_length, address))
        return true;
    const char *colon = word_length == 0 ? NULL : memrchr(word, ':', word_length);
    return colon != NULL && address_read(word, (size_t)(colon - word), address);
}

static bool proxy_trusted(const struct request *request, const struct address *address)
{
    const struct address_list *trusted = request->settings->trusted_proxies;
    return trusted != NULL && address_list_has(trusted, address);
}

void access_client(struct request *request)
{
    request->client = request->peer;
    size_t length = request->forwarded_for == NULL ? 0 : strlen(request->forwarded_for);
    while (proxy_trusted(request, &request->client) && length > 0) {
        struct address next = {
            0}; /* "::" is nobody's: whom a proxy calls by no address is not it. */
        (void)forwarded_pop(request->forwarded_for, &length, &next);
        request->client = next;
    }
    address_text(&request->client, request->client_text);
}

bool access_secure(const struct request *request)
{
    return request->http->tls != NULL ||
           (request->forwarded_proto != NULL && proxy_trusted(request, &request->peer) &&
            strcasecmp(request->forwarded_proto, "https") == 0);
}

/* For what only the platform's own people may call. Somebody behind a proxy that we were not told
 * of looks like the proxy, which often is loopback: then nobody can say who calls. */
static bool client_among(const struct request *request, const struct address_list *list)
{
    bool told = proxy_trusted(request, &request->peer) && request->forwarded_for != NULL;
    if (request->forwarded && !told)
        return false;
    return address_list_has(list, &request->client);
}

/* Whether the client is on a merchant's list. A list that can't be read has nobody on it. */
static bool client_listed(const struct request *request, const struct merchant *merchant,
                          const char *text)
{
    struct address_list *list = NULL;
    struct fault fault;
    if (address_list_read(text, &list, &fault) != FAULT_NONE) {
        log_event(LOG_LEVEL_WARNING, "unreadable ip list",
                  LOG_NUMBER("merchant", merchant->id.value), LOG_TEXT("why", fault.text));
        return false;
    }
    bool listed = address_list_has(list, &request->client);
    address_list_close(list);
    return listed;
}

bool access_listed(const struct request *request, const struct merchant *merchant)
{
    return merchant->ip_list[0] != '\0' && client_listed(request, merchant, merchant->ip_list);
}

bool access_from(struct request *request, const struct merchant *merchant)
{
    if (merchant->api_ip_list[0] == '\0' || client_listed(request, merchant, merchant->api_ip_list))
        return true;
    log_event(LOG_LEVEL_WARNING, "address refused", LOG_TEXT("request", request->id),
              LOG_NUMBER("merchant", merchant->id.value), LOG_TEXT("from", request->client_text));
    (void)request_refuse_as(request, PAYOUT_NOT_ALLOWED, 0,
                            "Ce compte ne peut pas être utilisé depuis cette adresse IP",
                            "This account may not be used from this IP address");
    return false;
}

/* --- Limits --- */

static bool limit_refuse(struct request *request, int64_t retry_after_seconds)
{
    (void)atomic_fetch_add_explicit(&request->http->metrics.limited, 1, memory_order_relaxed);
    (void)request_refuse_as(request, PAYOUT_EXECUTION_ERROR, 429,
                            "Trop de requêtes : patientez avant de réessayer",
                            "Too many requests: wait before you try again");
    request->answer.retry_after_seconds = retry_after_seconds;
    return false;
}

bool access_limit(struct request *request, char kind, const void *key, size_t length,
                  int per_minute)
{
    struct answer *answer = &request->answer;
    struct limit_result result =
        limit_take(request->http->limit, kind, key, length, per_minute, clock_monotonic_us());
    if (!result.allowed || !answer->rate_known || result.remaining < answer->rate_remaining) {
        answer->rate_known = true; /* Of several limits the one that is nearest. */
        answer->rate_limit = per_minute;
        answer->rate_remaining = result.remaining;
    }
    return result.allowed || limit_refuse(request, result.retry_after_seconds);
}

bool access_limit_address(struct request *request, char kind, int per_minute)
{
    struct address house = address_house(&request->client);
    return access_limit(request, kind, &house, sizeof house, per_minute);
}

/* What guesses are counted under: where they come from, and what they are at. */
struct guess_key {
    struct address house;
    char name[MERCHANT_KEY_BYTES];
};
static struct guess_key guess_key(const struct request *request, const char *name)
{
    struct guess_key key = {.house = address_house(&request->client)};
    (void)snprintf(key.name, sizeof key.name, "%s", name);
    return key;
}

bool access_guess(struct request *request, char kind, const char *name)
{
    struct guess_key key = guess_key(request, name);
    int64_t wait_seconds =
        limit_guess_begin(request->http->limit, kind, &key, sizeof key, clock_monotonic_us());
    return wait_seconds == 0 || limit_refuse(request, wait_seconds);
}

void access_guess_end(const struct request *request, char kind, const char *name, bool right)
{
    struct guess_key key = guess_key(request, name);
    limit_guess_end(request->http->limit, kind, &key, sizeof key, right, clock_monotonic_us());
}

/* --- Merchants --- */

/* What follows "Bearer " in the header; NULL when it says something else. */
static const char *bearer(const struct request *request)
{
    const char *header = request->authorization;
    if (header == NULL || strncasecmp(header, "Bearer", 6) != 0 || header[6] != ' ')
        return NULL;
    header += 6;
    while (*header == ' ')
        header++;
    return header[0] != '\0' ? header : NULL;
}

const char *access_token(const struct request *request, bool *in_query)
{
    const char *token = form_query(request->form, "token");
    *in_query = token != NULL && token[0] != '\0';
    if (*in_query)
        return token;
    token = bearer(request);
    if (token != NULL)
        return token;
    token = form_body(request->form, "token");
    return token != NULL && token[0] != '\0' ? token : NULL;
}

static bool refused(struct request *request, enum payout_code code)
{
    (void)request_refuse(request, code);
    return false;
}

static bool merchant_granted(struct request *request)
{
    bool in_query;
    const char *token = access_token(request, &in_query);
    if (token == NULL)
        return refused(request, PAYOUT_INVALID_TOKEN);
    size_t length = strcspn(token, " \t\r\n"); /* Pasted tokens bring blanks along. */
    enum payout_code code =
        token_read(&request->http->key, token, length, clock_now_ms(), &request->merchant_id);
    if (code != PAYOUT_OK)
        return refused(request, code);
    struct merchant *merchant;
    struct fault fault;
    if (worker_merchant(request->http, request->arena, request->merchant_id, &merchant, &fault) !=
        FAULT_NONE) {
        (void)route_fault(request, &fault);
        return false;
    }
    if (merchant == NULL || merchant->suspended)
        return refused(request, PAYOUT_INVALID_USER);
    if (merchant->token_query_only && !in_query)
        return refused(request, PAYOUT_INVALID_TOKEN);
    if (!access_from(request, merchant))
        return false;
    request->merchant = merchant;
    int64_t own = merchant->calls_per_minute;
    int per_minute = own > 0 ? (int)own : request->settings->calls_per_minute;
    return per_minute <= 0 || access_limit(request, 'm', &request->merchant_id.value,
                                           sizeof request->merchant_id.value, per_minute);
}

/* --- The platform's people --- */

/* Whether there is an admin API for this address. */
static bool admin_offered(struct request *request)
{
    const struct settings *settings = request->settings;
    if (settings->admin_token_length == 0)
        return refused(request, PAYOUT_NOT_FOUND);
    return client_among(request, settings->admin_from) || refused(request, PAYOUT_NOT_ALLOWED);
}

const char *access_bearer(const struct request *request)
{
    return bearer(request);
}

static bool admin_granted(struct request *request)
{
    const struct settings *settings = request->settings;
    if (!admin_offered(request))
        return false;
    /* Both in blocks of one size: the time tells neither where they differ nor how long ours is. */
    char shown[HTTP_ADMIN_TOKEN_BYTES_MAX + 1] = {0};
    const char *token = bearer(request);
    if (token != NULL && session_is(token))
        return session_granted(request, token);
    size_t length = token == NULL ? 0 : strlen(token);
    if (length < sizeof shown && length > 0)
        memcpy(shown, token, length);
    if (!secret_equal(shown, settings->admin_token, sizeof shown) || settings->admin_token_off) {
        log_event(LOG_LEVEL_WARNING, "admin token refused", LOG_TEXT("request", request->id),
                  LOG_TEXT("from", request->client_text));
        return refused(request, PAYOUT_INVALID_TOKEN);
    }
    return true;
}

bool access_platform(const struct request *request)
{
    return client_among(request, request->settings->admin_from);
}

bool access_granted(struct request *request)
{
    if (request->by_cookie && request->route->access == ACCESS_ADMIN_LOGIN)
        return cookie_same_origin(request);
    if (request->by_cookie && request->route->access == ACCESS_ADMIN)
        return cookie_granted(request);
    switch (request->route->access) {
    case ACCESS_OPEN:
        return true;
    case ACCESS_TOKEN:
        return merchant_granted(request);
    case ACCESS_ADMIN:
        return admin_granted(request);
    case ACCESS_ADMIN_LOGIN:
        return admin_offered(request);
    case ACCESS_CONSOLE:
        return cookie_granted(request);
    case ACCESS_METRICS:
        return client_among(request, request->settings->metrics_from) ||
               refused(request, PAYOUT_NOT_ALLOWED);
    }
    invariant(false && "an access");
}

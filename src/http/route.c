#include "http/route.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "http/access.h"
#include "http/endpoint.h"
#include "http/person.h"
#include "http/spec.h"
#include "http/worker.h"
#include "wire/reply.h"

#define GET_OR_POST (METHOD_GET | METHOD_POST)
/* Only what changes nothing may be called by HEAD. */
#define READING (METHOD_GET | METHOD_HEAD)

static enum turn unknown_begin(struct request *request)
{
    return request_refuse(request, PAYOUT_NOT_FOUND);
}

static const struct route routes[] = {
    {"login", "/v1/auth/login", GET_OR_POST, ACCESS_OPEN, VOICE_API, .begin = login_begin,
     .hashed = login_hashed, .spec = &spec_login},
    {"balance", "/v1/transfer/check/balance", READING | METHOD_POST, ACCESS_TOKEN, VOICE_API,
     .begin = balance_begin, .spec = &spec_balance},
    {"contact", "/v1/transfer/contact", GET_OR_POST, ACCESS_TOKEN, VOICE_API,
     .begin = contact_begin, .decided = contact_decided, .spec = &spec_contact},
    {"send", "/v1/transfer/money/send/contact", GET_OR_POST, ACCESS_TOKEN, VOICE_API,
     .begin = send_begin, .decided = send_decided, .spec = &spec_send},
    {"check", "/v1/transfer/check/money", READING | METHOD_POST, ACCESS_TOKEN, VOICE_API,
     .begin = check_begin, .spec = &spec_check},
    {"operators", "/v1/operators", READING | METHOD_POST, ACCESS_TOKEN, VOICE_API,
     .begin = operators_begin, .spec = &spec_operators},
    {"confirm", "/confirm/{token}", READING, ACCESS_OPEN, VOICE_PAGE, .begin = confirm_show},
    {"confirm_decide", "/confirm/{token}", METHOD_POST, ACCESS_OPEN, VOICE_PAGE,
     .begin = confirm_decide, .decided = confirm_decided},
    {"callback", "/callback/v1/{channel}", METHOD_POST | METHOD_PUT, ACCESS_OPEN, VOICE_PLAIN,
     .begin = callback_begin, .decided = callback_decided},
    {"callback_rest", "/callback/v1/{channel}/{rest+}", METHOD_POST | METHOD_PUT, ACCESS_OPEN,
     VOICE_PLAIN, .begin = callback_begin, .decided = callback_decided},
    {"callback_ping", "/callback/v1/{channel}", READING, ACCESS_OPEN, VOICE_PLAIN,
     .begin = callback_ping},
    {"callback_ping_rest", "/callback/v1/{channel}/{rest+}", READING, ACCESS_OPEN, VOICE_PLAIN,
     .begin = callback_ping},
    {"root", "/", READING, ACCESS_OPEN, VOICE_PLAIN, .begin = health_root},
    {"openapi", "/openapi.json", READING, ACCESS_OPEN, VOICE_PLAIN, .begin = openapi_begin},
    {"postman", "/postman.json", READING, ACCESS_OPEN, VOICE_PLAIN, .begin = postman_begin},
    {"healthz", "/healthz", READING, ACCESS_OPEN, VOICE_PLAIN, .begin = health_alive},
    {"readyz", "/readyz", READING, ACCESS_OPEN, VOICE_PLAIN, .begin = health_ready},
    {"metrics", "/metrics", READING, ACCESS_METRICS, VOICE_PLAIN, .begin = health_metrics},
#define ADMIN(ROLES, SCOPE) ACCESS_ADMIN, VOICE_PLAIN, .roles = ROLE_##ROLES, .scope = SCOPE_##SCOPE
    {"admin_merchants", "/admin/v1/merchants", READING, ADMIN(OURS, PLATFORM),
     .begin = admin_merchants},
    {"admin_merchant_create", "/admin/v1/merchants", METHOD_POST, ADMIN(OURS, PLATFORM),
     .begin = admin_merchant_create, .hashed = admin_merchant_create_hashed,
     .decided = admin_merchant_created},
    {"admin_merchant_show", "/admin/v1/merchants/{id}", READING, ADMIN(ALL, MERCHANT),
     .begin = admin_merchant_show},
    {"admin_merchant_change", "/admin/v1/merchants/{id}", METHOD_POST, ADMIN(OWNERS, MERCHANT),
     .begin = admin_merchant_change, .decided = admin_merchant_changed},
    {"admin_merchant_password", "/admin/v1/merchants/{id}/password", METHOD_POST,
     ADMIN(OWNERS, MERCHANT), .begin = admin_merchant_password,
     .hashed = admin_merchant_password_hashed, .decided = admin_merchant_password_changed},
    {"admin_merchant_secret", "/admin/v1/merchants/{id}/secret", METHOD_POST,
     ADMIN(OWNERS, MERCHANT), .begin = admin_merchant_secret,
     .decided = admin_merchant_secret_changed},
    {"admin_merchant_topup", "/admin/v1/merchants/{id}/topup", METHOD_POST, ADMIN(OURS, PLATFORM),
     .begin = admin_merchant_topup, .decided = admin_merchant_funded},
    {"admin_merchant_withdraw", "/admin/v1/merchants/{id}/withdraw", METHOD_POST,
     ADMIN(OURS, PLATFORM), .begin = admin_merchant_withdraw, .decided = admin_merchant_funded},
    {"admin_lots", "/admin/v1/lots", READING, ADMIN(ALL, QUERY), .begin = admin_lots},
    {"admin_lot_show", "/admin/v1/lots/{lot}", READING, ADMIN(ALL, LOT), .begin = admin_lot_show},
    {"admin_lot_confirm", "/admin/v1/lots/{lot}/confirm", METHOD_POST, ADMIN(CHECKERS, LOT),
     .begin = admin_lot_confirm, .decided = admin_lot_decided},
    {"admin_lot_cancel", "/admin/v1/lots/{lot}/cancel", METHOD_POST, ADMIN(CHECKERS, LOT),
     .begin = admin_lot_cancel, .decided = admin_lot_decided},
    {"admin_transfers", "/admin/v1/transfers", READING, ADMIN(OURS, PLATFORM),
     .begin = admin_transfers},
    {"admin_transfer_show", "/admin/v1/transfers/{id}", READING, ADMIN(ALL, TRANSFER),
     .begin = admin_transfer_show},
    {"admin_transfer_settle", "/admin/v1/transfers/{id}/settle", METHOD_POST, ADMIN(OURS, PLATFORM),
     .begin = admin_transfer_settle, .decided = admin_transfer_settled},
    {"admin_transfer_withdraw", "/admin/v1/transfers/{id}/withdraw", METHOD_POST,
     ADMIN(OURS, PLATFORM), .begin = admin_transfer_withdraw, .decided = admin_transfer_settled},
    {"admin_transfer_reverse", "/admin/v1/transfers/{id}/reverse", METHOD_POST,
     ADMIN(OURS, PLATFORM), .begin = admin_transfer_reverse, .decided = admin_transfer_reversed},
    {"admin_settlements", "/admin/v1/settlements", READING, ADMIN(OURS, PLATFORM),
     .begin = admin_proposals},
    {"admin_contradictions", "/admin/v1/contradictions", READING, ADMIN(OURS, PLATFORM),
     .begin = admin_contradictions},
    {"admin_contradiction_close", "/admin/v1/contradictions/{id}/close", METHOD_POST,
     ADMIN(OURS, PLATFORM), .begin = admin_contradiction_close,
     .decided = admin_contradiction_closed},
    {"admin_doubles", "/admin/v1/doubles", READING, ADMIN(ALL, QUERY), .begin = admin_doubles},
    {"admin_double_release", "/admin/v1/transfers/{id}/release", METHOD_POST,
     ADMIN(CHECKERS, TRANSFER), .begin = admin_double_release, .decided = admin_double_decided},
    {"admin_double_refuse", "/admin/v1/transfers/{id}/refuse", METHOD_POST,
     ADMIN(CHECKERS, TRANSFER), .begin = admin_double_refuse, .decided = admin_double_decided},
    {"admin_lot_send", "/admin/v1/merchants/{id}/lots", METHOD_POST, ADMIN(SENDERS, MERCHANT),
     .begin = admin_lot_send, .decided = send_decided},
    {"admin_contact_add", "/admin/v1/merchants/{id}/contacts", METHOD_POST,
     ADMIN(SENDERS, MERCHANT), .begin = admin_contact_add, .decided = contact_decided},
    {"admin_login", "/admin/v1/login", METHOD_POST, ACCESS_ADMIN_LOGIN, VOICE_PLAIN,
     .begin = admin_login, .hashed = admin_login_hashed, .decided = admin_login_decided},
    {"admin_logout", "/admin/v1/logout", METHOD_POST, ADMIN(ALL, SELF), .begin = admin_logout,
     .decided = admin_logged_out},
    {"admin_me", "/admin/v1/me", READING, ADMIN(ALL, SELF), .begin = admin_me},
    {"admin_me_password", "/admin/v1/me/password", METHOD_POST, ADMIN(ALL, SELF),
     .begin = admin_me_password, .hashed = admin_me_password_hashed, .decided = admin_user_changed},
    {"admin_me_totp", "/admin/v1/me/totp", METHOD_POST, ADMIN(ALL, SELF), .begin = admin_me_totp,
     .hashed = admin_me_totp_hashed, .decided = admin_me_totp_made},
    {"admin_me_totp_confirm", "/admin/v1/me/totp/confirm", METHOD_POST, ADMIN(ALL, SELF),
     .begin = admin_me_totp_confirm, .decided = admin_user_changed},
    {"admin_users", "/admin/v1/users", READING, ADMIN(OWNERS, QUERY), .begin = admin_users},
    {"admin_user_create", "/admin/v1/users", METHOD_POST, ADMIN(OWNERS, BODY),
     .begin = admin_user_create, .hashed = admin_user_create_hashed, .decided = admin_user_created},
    {"admin_user_show", "/admin/v1/users/{name}", READING, ADMIN(OWNERS, USER),
     .begin = admin_user_show},
    {"admin_user_change", "/admin/v1/users/{name}", METHOD_POST, ADMIN(OWNERS, USER),
     .begin = admin_user_change, .decided = admin_user_changed},
    {"admin_user_password", "/admin/v1/users/{name}/password", METHOD_POST, ADMIN(OWNERS, USER),
     .begin = admin_user_password, .hashed = admin_user_password_hashed,
     .decided = admin_user_password_changed},
    {"admin_user_totp", "/admin/v1/users/{name}/totp/reset", METHOD_POST, ADMIN(OWNERS, USER),
     .begin = admin_user_totp, .decided = admin_user_changed},
    {"admin_acts", "/admin/v1/acts", READING, ADMIN(OVERSEERS, QUERY), .begin = admin_acts},
    {"admin_screening", "/admin/v1/screening", READING, ADMIN(OURS, PLATFORM),
     .begin = admin_screening},
    {"admin_screening_check", "/admin/v1/screening/check", METHOD_POST, ADMIN(OURS, PLATFORM),
     .begin = admin_screening_check},
    {"admin_screening_release", "/admin/v1/screening/{id}/release", METHOD_POST,
     ADMIN(OURS, PLATFORM), .begin = admin_screening_release, .decided = admin_screening_decided},
    {"admin_screening_refuse", "/admin/v1/screening/{id}/refuse", METHOD_POST,
     ADMIN(OURS, PLATFORM), .begin = admin_screening_refuse, .decided = admin_screening_decided},
    {"admin_endpoints", "/admin/v1/merchants/{id}/endpoints", READING, ADMIN(ALL, MERCHANT),
     .begin = admin_endpoints},
    {"admin_endpoint_add", "/admin/v1/merchants/{id}/endpoints", METHOD_POST,
     ADMIN(OWNERS, MERCHANT), .begin = admin_endpoint_add, .decided = admin_endpoint_added},
    {"admin_endpoint_change", "/admin/v1/merchants/{id}/endpoints/{number}", METHOD_POST,
     ADMIN(OWNERS, MERCHANT), .begin = admin_endpoint_change, .decided = admin_endpoint_changed},
    {"admin_endpoint_remove", "/admin/v1/merchants/{id}/endpoints/{number}/remove", METHOD_POST,
     ADMIN(OWNERS, MERCHANT), .begin = admin_endpoint_remove, .decided = admin_endpoint_changed},
    {"admin_endpoint_rotate", "/admin/v1/merchants/{id}/endpoints/{number}/rotate", METHOD_POST,
     ADMIN(OWNERS, MERCHANT), .begin = admin_endpoint_rotate, .decided = admin_endpoint_rotated},
    {"admin_notifications_dead", "/admin/v1/notifications/dead", READING, ADMIN(ALL, QUERY),
     .begin = admin_notifications_dead},
    {"admin_redeliver", "/admin/v1/notifications/redeliver", METHOD_POST, ADMIN(OWNERS, BODY),
     .begin = admin_redeliver, .decided = admin_redelivered},
    {"admin_channels", "/admin/v1/channels", READING, ADMIN(OURS, PLATFORM),
     .begin = admin_channels},
    {"admin_channel_show", "/admin/v1/channels/{name}", READING, ADMIN(OURS, PLATFORM),
     .begin = admin_channel_show},
    {"admin_channel_switch", "/admin/v1/channels/{name}/switch", METHOD_POST, ADMIN(OURS, PLATFORM),
     .begin = admin_channel_switch, .decided = admin_channel_switched},
    {"admin_callbacks", "/admin/v1/callbacks", READING, ADMIN(OURS, PLATFORM),
     .begin = admin_callbacks},
    {"admin_summary", "/admin/v1/summary", READING, ADMIN(OURS, PLATFORM), .begin = admin_summary},
    {"unknown", "", 0, ACCESS_OPEN, VOICE_API, .begin = unknown_begin},
};
enum { ROUTES = sizeof routes / sizeof *routes };
_Static_assert((int)ROUTES + (int)HTTP_ROUTES_MORE_MAX <= (int)METRICS_ROUTES_MAX,
               "every route is counted");

size_t route_count(const struct http *http)
{
    return ROUTES + (http == NULL ? 0 : http->route_count);
}

const struct route *route_at(const struct http *http, size_t index)
{
    invariant(index < route_count(http));
    return index < ROUTES ? &routes[index] : &http->routes[index - ROUTES];
}

size_t route_index(const struct http *http, const struct route *route)
{
    if (route >= routes && route < routes + ROUTES)
        return (size_t)(route - routes);
    invariant(route >= http->routes && route < http->routes + http->route_count);
    return ROUTES + (size_t)(route - http->routes);
}

const struct route *route_unknown(void)
{
    return &routes[ROUTES - 1];
}

/* --- Finding --- */

struct span {
    const char *at;
    size_t length;
};

/* True when path is as pattern says; sets spans to what stands for its {…}. */
static bool pattern_matches(const char *pattern, const char *path,
                            struct span spans[REQUEST_PARAMETERS_MAX])
{
    size_t count = 0;
    while (*pattern != '\0') {
        if (*pattern == '{') {
            size_t name = strcspn(pattern, "}");
            bool rest = pattern[name - 1] == '+';
            struct span span = {path, rest ? strlen(path) : strcspn(path, "/")};
            invariant(count < REQUEST_PARAMETERS_MAX);
            if (span.length == 0)
                return false;
            spans[count++] = span;
            path += span.length;
            pattern += name + 1;
        } else if (*pattern++ != *path++) {
            return false;
        }
    }
    return *path == '\0';
}

/* Of count routes; NULL when the path is not among them. */
static const struct route *list_find(const struct route *list, size_t count, const char *path,
                                     enum method method, struct arena *arena,
                                     const char *parameters[REQUEST_PARAMETERS_MAX], bool *allowed)
{
    const struct route *found = NULL;
    *allowed = true;
    for (const struct route *route = list; route < list + count; route++) {
        struct span spans[REQUEST_PARAMETERS_MAX] = {{NULL, 0}};
        if (!pattern_matches(route->path, path, spans))
            continue;
        found = route;
        *allowed = (route->methods & method) != 0;
        if (!*allowed)
            continue; /* Another line may have the same path for this method. */
        for (size_t i = 0; i < REQUEST_PARAMETERS_MAX && spans[i].at != NULL; i++) {
            char *copy = arena_alloc(arena, spans[i].length + 1, 1);
            memcpy(copy, spans[i].at, spans[i].length);
            parameters[i] = copy;
        }
        return found;
    }
    return found;
}

const struct route *route_find(const struct http *http, const char *path, enum method method,
                               struct arena *arena, const char *parameters[REQUEST_PARAMETERS_MAX],
                               bool *allowed)
{
    static const char console[] = REQUEST_CONSOLE_PATH, admin[] = "/admin/v1/";
    const struct route *found =
        list_find(routes, ROUTES - 1, path, method, arena, parameters, allowed);
    if (found == NULL && http != NULL && http->route_count > 0) {
        found =
            list_find(http->routes, http->route_count, path, method, arena, parameters, allowed);
        bool below = strncmp(path, console, sizeof console - 1) == 0;
        if (below && (found == NULL || !*allowed || found->access == ACCESS_OPEN)) {
            size_t size = strlen(path) + sizeof admin;
            char *same = arena_alloc(arena, size, 1);
            (void)snprintf(same, size, "%s%s", admin, path + sizeof console - 1);
            found = list_find(routes, ROUTES - 1, same, method, arena, parameters, allowed);
        }
    }
    if (found != NULL)
        return found;
    *allowed = true;
    return route_unknown();
}

/* --- What every request goes through --- */

/* What a process answers that only works. */
static bool route_of_work(const struct route *route)
{
    return route->begin == health_root || route->begin == health_alive ||
           route->begin == health_ready || route->begin == health_metrics ||
           route->begin == callback_begin || route->begin == callback_ping;
}

/* Reads query and body. False: it was refused. */
static bool form_read(struct request *request)
{
    struct form_input input = {.query = request->query,
                               .query_length = request->query_length,
                               .content_type = request->content_type,
                               .body = request->body.length > 0 ? request->body.bytes : NULL,
                               .body_length = request->body.length};
    if (request_calls_back(request))
        input.body = NULL;
    enum form_result result = form_open(&input, &request->form);
    bool too_many = result == FORM_TOO_MANY;
    if (too_many) { /* The query by itself may say in which language to refuse. */
        input.body = NULL;
        result = form_open(&input, &request->form);
    }
    invariant(result != FORM_NO_MEMORY);
    const char *lang = request->form == NULL ? NULL : request_text(request, "lang");
    request->lang = lang != NULL && strcmp(lang, "en") == 0 ? PAYOUT_EN : PAYOUT_FR;
    if (too_many)
        (void)request_refuse_as(request, PAYOUT_INVALID_PARAM, 0, "La requête a trop de paramètres",
                                "The request has too many parameters");
    return !too_many;
}

static enum turn refuse_body(struct request *request)
{
    return request_refuse_as(request, PAYOUT_DATA_NOT_VALID, 413,
                             "Le corps de la requête est trop grand",
                             "The request's body is too large");
}

static enum turn refuse_head(struct request *request)
{
    return request_refuse_as(request, PAYOUT_INVALID_PARAM, 400,
                             "Les en-têtes de la requête se contredisent",
                             "The headers of the request contradict each other");
}

static enum turn refuse_method(struct request *request)
{
    int status = request->voice == VOICE_API ? 0 : 405;
    return request_refuse_as(request, PAYOUT_NOT_ALLOWED, status,
                             "Cette méthode n'est pas autorisée ici",
                             "This method is not allowed here");
}

/* What the handler left to be done; a command learns who is behind it. */
static enum turn turn_ready(struct request *request, enum turn turn)
{
    if (turn == TURN_LANE)
        person_act(request);
    return turn;
}

enum turn route_begin(struct request *request)
{
    bool allowed;
    request->route = route_find(request->http, request->path, request->method, request->arena,
                                request->parameters, &allowed);
    if (request->http->work_only && !route_of_work(request->route)) {
        request->route = route_unknown();
        allowed = true;
    }
    request->voice = request->by_cookie ? VOICE_CONSOLE : request->route->voice;
    access_client(request);
    if (request->method == METHOD_OPTIONS && request->route != route_unknown())
        return request_plain(request, 204, NULL);
    if (request->malformed)
        return refuse_head(request);
    if (!form_read(request))
        return TURN_REPLY;
    if (!allowed)
        return refuse_method(request);
    if (request->body_too_large)
        return refuse_body(request);
    if (request->no_room)
        return route_busy(request);
    if (!access_granted(request))
        return TURN_REPLY;
    return turn_ready(request, request->route->begin(request));
}

enum turn route_resume(struct request *request)
{
    switch (request->waits_for) {
    case TURN_HASH:
        return turn_ready(request, request->route->hashed(request));
    case TURN_LANE:
        if (request->job.fault == FAULT_NONE)
            return turn_ready(request, request->route->decided(request));
        /* Why is in the lane's own line of the log. */
        return route_fault(request, &(struct fault){.kind = request->job.fault,
                                                    .text = "the lane could not commit"});
    case TURN_REPLY:
    case TURN_CREW:
        break;
    }
    invariant(false && "a request that waits for nothing goes on");
}

bool route_owner_find(struct request *request, struct transfer_id id)
{
    struct store_reader *reader;
    struct transfer *transfer = NULL;
    struct fault fault;
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        store_read_transfer(reader, request->arena, id, &transfer, &fault) != FAULT_NONE) {
        (void)route_fault(request, &fault);
        return false;
    }
    request->job.command.merchant.value = transfer == NULL ? 0 : transfer->merchant.value;
    return true;
}

enum turn route_busy(struct request *request)
{
    (void)request_refuse(request, PAYOUT_EXECUTION_ERROR);
    request->answer.retry_after_seconds = REQUEST_RETRY_SECONDS;
    return TURN_REPLY;
}

enum turn route_fault(struct request *request, const struct fault *fault)
{
    log_event(LOG_LEVEL_ERROR, "request failed", LOG_TEXT("request", request->id),
              LOG_TEXT("route", request->route->name), LOG_TEXT("why", fault->text));
    switch (fault->kind) {
    case FAULT_UNKNOWN:
        (void)request_refuse(request, PAYOUT_EXECUTION_UNKNOWN);
        break;
    case FAULT_AGAIN:
    case FAULT_FINAL:
        (void)request_refuse(request, PAYOUT_EXECUTION_ERROR);
        break;
    case FAULT_NONE:
        invariant(false && "a fault");
    }
    request->answer.retry_after_seconds = REQUEST_RETRY_SECONDS;
    return TURN_REPLY;
}

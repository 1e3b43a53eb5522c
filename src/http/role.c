#include "http/role.h"

#include <string.h>

#include "http/admin.h"
#include "http/route.h"
#include "http/worker.h"

/* What of a request says whose affair it is. */
enum scope {
    SCOPE_SELF,     /* The user's own: nothing. Also while it must choose a password or prove a
                       second factor. */
    SCOPE_PLATFORM, /* Nobody's but the platform's. */
    SCOPE_MERCHANT, /* The path's first parameter is a merchant ... */
    SCOPE_LOT,      /* ... a lot ... */
    SCOPE_TRANSFER, /* ... a transfer ... */
    SCOPE_USER,     /* ... a user. */
    SCOPE_BODY,     /* The body says whose, and its handler looks. */
    SCOPE_QUERY,    /* `merchant` in the query, which is the user's own when it is not there. */
};

#define BIT(role) (1u << USER_##role)
#define ANYBODY   (BIT(OWNER) | BIT(MAKER) | BIT(CHECKER) | BIT(VIEWER) | BIT(PLATFORM))
#define SENDERS   (BIT(OWNER) | BIT(MAKER) | BIT(PLATFORM))
#define CHECKERS  (BIT(OWNER) | BIT(CHECKER) | BIT(PLATFORM))
#define OWNERS    (BIT(OWNER) | BIT(PLATFORM))
#define OURS      BIT(PLATFORM)

static const struct line {
    const char *route;
    unsigned roles;
    enum scope scope;
} lines[] = {
    {"admin_me", ANYBODY, SCOPE_SELF},
    {"admin_logout", ANYBODY, SCOPE_SELF},
    {"admin_me_password", ANYBODY, SCOPE_SELF},
    {"admin_me_totp", ANYBODY, SCOPE_SELF},
    {"admin_me_totp_confirm", ANYBODY, SCOPE_SELF},
    {"admin_users", OWNERS, SCOPE_QUERY},
    {"admin_user_create", OWNERS, SCOPE_BODY},
    {"admin_user_show", OWNERS, SCOPE_USER},
    {"admin_user_change", OWNERS, SCOPE_USER},
    {"admin_user_password", OWNERS, SCOPE_USER},
    {"admin_user_totp", OWNERS, SCOPE_USER},
    {"admin_acts", OWNERS | BIT(CHECKER) | BIT(VIEWER), SCOPE_QUERY},
    {"admin_merchants", OURS, SCOPE_PLATFORM},
    {"admin_merchant_create", OURS, SCOPE_PLATFORM},
    {"admin_merchant_show", ANYBODY, SCOPE_MERCHANT},
    {"admin_merchant_change", OWNERS, SCOPE_MERCHANT}, /* What is the merchant's own. */
    {"admin_merchant_password", OWNERS, SCOPE_MERCHANT},
    {"admin_merchant_secret", OWNERS, SCOPE_MERCHANT},
    {"admin_lot_send", SENDERS, SCOPE_MERCHANT},
    {"admin_contact_add", SENDERS, SCOPE_MERCHANT},
    {"admin_merchant_topup", OURS, SCOPE_PLATFORM},
    {"admin_merchant_withdraw", OURS, SCOPE_PLATFORM},
    {"admin_lots", ANYBODY, SCOPE_QUERY},
    {"admin_lot_show", ANYBODY, SCOPE_LOT},
    {"admin_lot_confirm", CHECKERS, SCOPE_LOT},
    {"admin_lot_cancel", CHECKERS, SCOPE_LOT},
    {"admin_transfers", OURS, SCOPE_PLATFORM},
    {"admin_transfer_show", ANYBODY, SCOPE_TRANSFER},
    /* Whose money is lost when the word is wrong: the platform's, which has paid the operator. */
    {"admin_transfer_settle", OURS, SCOPE_PLATFORM},
    {"admin_transfer_withdraw", OURS, SCOPE_PLATFORM},
    {"admin_transfer_reverse", OURS, SCOPE_PLATFORM},
    {"admin_settlements", OURS, SCOPE_PLATFORM},
    {"admin_contradictions", OURS, SCOPE_PLATFORM},
    {"admin_contradiction_close", OURS, SCOPE_PLATFORM},
    {"admin_doubles", ANYBODY, SCOPE_QUERY},
    {"admin_double_release", CHECKERS, SCOPE_TRANSFER},
    {"admin_double_refuse", CHECKERS, SCOPE_TRANSFER},
    {"admin_screening", OURS, SCOPE_PLATFORM},
    {"admin_screening_check", OURS, SCOPE_PLATFORM},
    {"admin_screening_release", OURS, SCOPE_PLATFORM},
    {"admin_screening_refuse", OURS, SCOPE_PLATFORM},
    {"admin_endpoints", ANYBODY, SCOPE_MERCHANT},
    {"admin_endpoint_add", OWNERS, SCOPE_MERCHANT},
    {"admin_endpoint_change", OWNERS, SCOPE_MERCHANT},
    {"admin_endpoint_remove", OWNERS, SCOPE_MERCHANT},
    {"admin_endpoint_rotate", OWNERS, SCOPE_MERCHANT},
    {"admin_notifications_dead", ANYBODY, SCOPE_QUERY},
    {"admin_redeliver", OWNERS, SCOPE_BODY},
    {"admin_channels", OURS, SCOPE_PLATFORM},
    {"admin_channel_show", OURS, SCOPE_PLATFORM},
    {"admin_channel_switch", OURS, SCOPE_PLATFORM},
    {"admin_callbacks", OURS, SCOPE_PLATFORM},
    {"admin_summary", OURS, SCOPE_PLATFORM},
};

static const struct line *line_of(const char *route)
{
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (strcmp(lines[i].route, route) == 0)
            return &lines[i];
    return NULL;
}

bool role_may(const char *route, enum user_role role, bool *known)
{
    const struct line *line = line_of(route);
    *known = line != NULL;
    return line != NULL && (line->roles & 1u << role) != 0;
}

/* Sets *owner to whose affair it is; 0 when there is no such thing. False: it could not be read. */
static bool owner_find(struct request *request, enum scope scope, struct merchant_id *owner,
                       struct fault *fault)
{
    const char *named = request->parameters[0];
    struct store_reader *reader;
    struct transfer_id id;
    struct lot_code code;
    *owner = (struct merchant_id){0};
    if (scope == SCOPE_MERCHANT) {
        (void)!admin_number_read(named, MERCHANT_ID_MIN, MERCHANT_ID_MAX, &owner->value);
        return true;
    }
    if (scope == SCOPE_LOT) {
        if (!lot_read(named, owner, &code))
            *owner = (struct merchant_id){0};
        return true;
    }
    if (worker_reader(request->http, &reader, fault) != FAULT_NONE)
        return false;
    if (scope == SCOPE_TRANSFER) {
        struct transfer *transfer = NULL;
        if (transfer_id_read(named, &id) &&
            store_read_transfer(reader, request->arena, id, &transfer, fault) != FAULT_NONE)
            return false;
        if (transfer != NULL)
            *owner = transfer->merchant;
        return true;
    }
    struct user *user = NULL;
    if (store_read_user(reader, request->arena, named, &user, fault) != FAULT_NONE)
        return false;
    if (user != NULL)
        *owner = user->merchant;
    return true;
}

static bool refused(struct request *request, enum payout_code code, const char *why)
{
    (void)admin_refuse(request, code, why);
    return false;
}

/* A merchant's user sees and touches what is its merchant's. */
static bool scope_granted(struct request *request, enum scope scope)
{
    const struct user *user = request->user;
    struct merchant_id owner;
    struct fault fault;
    const char *merchant;
    int64_t asked = 0;
    if (user->role == USER_PLATFORM)
        return true;
    switch (scope) {
    case SCOPE_PLATFORM:
        return refused(request, PAYOUT_NOT_ALLOWED, "This is the platform's");
    case SCOPE_QUERY:
        merchant = form_query(request->form, "merchant");
        if (merchant == NULL || (admin_number_read(merchant, 0, MERCHANT_ID_MAX, &asked) &&
                                 asked == user->merchant.value))
            return true;
        return refused(request, PAYOUT_NOT_FOUND, "There is no such merchant");
    case SCOPE_MERCHANT:
    case SCOPE_LOT:
    case SCOPE_TRANSFER:
    case SCOPE_USER:
        if (!owner_find(request, scope, &owner, &fault)) {
            (void)route_fault(request, &fault);
            return false;
        }
        /* Another's is as good as none: nobody learns what there is. */
        return owner.value == user->merchant.value ||
               refused(request, PAYOUT_NOT_FOUND, "There is no such thing");
    case SCOPE_SELF:
    case SCOPE_BODY:
        break;
    }
    return true;
}

bool role_granted(struct request *request)
{
    const struct user *user = request->user;
    const struct line *line = line_of(request->route->name);
    if (line == NULL || (line->roles & 1u << user->role) == 0)
        return refused(request, PAYOUT_NOT_ALLOWED, "Your role may not do this");
    if (line->scope != SCOPE_SELF && user->must_change)
        return refused(request, PAYOUT_NOT_ALLOWED, "Choose a password of your own first");
    bool guarded = user->role == USER_PLATFORM || user->role == USER_OWNER;
    if (line->scope != SCOPE_SELF && guarded && !user->totp_on && request->settings->totp_required)
        return refused(request, PAYOUT_NOT_ALLOWED, "Set up your second factor first");
    return scope_granted(request, line->scope);
}

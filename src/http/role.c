#include "http/role.h"

#include <string.h>

#include "http/admin.h"
#include "http/route.h"
#include "http/worker.h"

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
    const struct route *route = request->route;
    if ((route->roles & 1u << user->role) == 0)
        return refused(request, PAYOUT_NOT_ALLOWED, "Your role may not do this");
    if (route->scope != SCOPE_SELF && user->must_change)
        return refused(request, PAYOUT_NOT_ALLOWED, "Choose a password of your own first");
    bool guarded = user->role == USER_PLATFORM || user->role == USER_OWNER;
    if (route->scope != SCOPE_SELF && guarded && !user->totp_on && request->settings->totp_required)
        return refused(request, PAYOUT_NOT_ALLOWED, "Set up your second factor first");
    return scope_granted(request, route->scope);
}

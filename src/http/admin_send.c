/* POST /admin/v1/merchants/{id}/lots and …/contacts: what a person sends, in the Payout API's own
 * words. Such a lot always waits for somebody who confirms it. */
#include "http/admin.h"
#include "http/endpoint.h"
#include "http/route.h"
#include "http/worker.h"

/* Speaks for the merchant that the path names. False: refused. */
static bool merchant_take(struct request *request)
{
    struct merchant_id id;
    struct merchant *merchant = NULL;
    struct fault fault;
    if (!admin_path_merchant(request, &id))
        return false;
    if (worker_merchant(request->http, request->arena, id, &merchant, &fault) != FAULT_NONE) {
        (void)route_fault(request, &fault);
        return false;
    }
    if (merchant == NULL) {
        (void)admin_refuse(request, PAYOUT_NOT_FOUND, "There is no such merchant");
        return false;
    }
    request->merchant = merchant;
    request->merchant_id = id;
    return true;
}

enum turn admin_lot_send(struct request *request)
{
    if (request->user == NULL)
        return admin_refuse(request, PAYOUT_NOT_ALLOWED, "Only who is logged in sends lots here");
    if (!merchant_take(request))
        return TURN_REPLY;
    enum turn turn = send_begin(request);
    if (turn == TURN_LANE) {
        request->job.command.lot_send.listed = false;
        request->job.command.lot_send.sender = request->user->name;
    }
    return turn;
}

enum turn admin_contact_add(struct request *request)
{
    return merchant_take(request) ? contact_begin(request) : TURN_REPLY;
}

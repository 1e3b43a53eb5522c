/* send: what the Payout API's way to send has in common with another one. */
#ifndef PAYOUT_HTTP_SEND_H
#define PAYOUT_HTTP_SEND_H
#include "http/request.h"
#include "money/fee.h"

/* The fees of request->merchant. */
void send_fees(const struct request *request, struct fee_table *fees);
/* Whether what the item becomes, which is good by itself, could ever go anywhere: by what is
 * delivered, so with its fee. */
enum payout_code send_way_check(const struct request *request, const struct send_item *item,
                                const struct fee_table *fees);
#endif

/* whose: for which merchant a request of the console is, and what that is told of the installation.
 */
#ifndef PAYOUT_CONSOLE_WHOSE_H
#define PAYOUT_CONSOLE_WHOSE_H
#include "http/request.h"

/* How often the pages ask for another token. */
enum { CONSOLE_RENEW_SECONDS = 3600 };

/* The merchant whose affair it is: the user's own, or the one that `merchant` in the query names.
 * Sets request->merchant and ->merchant_id. False: the platform's user named none, or there is
 * none; it was refused. */
MUST_USE bool whose_merchant(struct request *request);
/* The same for lists: 0, all of them, when a platform's user names none. */
MUST_USE bool whose_any(struct request *request, struct merchant_id *merchant);
/* Whether one of the channels pays nobody. */
bool whose_sandbox(const struct request *request);
#endif

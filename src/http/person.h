/* person: who is behind a call of the platform's own API, for the acts that it leaves. */
#ifndef PAYOUT_HTTP_PERSON_H
#define PAYOUT_HTTP_PERSON_H
#include "http/request.h"

/* The request is about to wait for its command: says who is behind it. Nobody is, unless the route
 * is the platform's own. */
void person_act(struct request *request);
#endif

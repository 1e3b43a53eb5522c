/* head: what we take from a request's headers. It must never trust one: whose word counts is
 * access.c's to say. */
#ifndef PAYOUT_HTTP_HEAD_H
#define PAYOUT_HTTP_HEAD_H
#include "http/request.h"

/* One header, in the order in which they came. value must live as long as the request. */
void head_header(struct request *request, const char *name, const char *value);
#endif

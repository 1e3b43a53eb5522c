/* headers: the headers of every reply. */
#ifndef PAYOUT_HTTP_HEADERS_H
#define PAYOUT_HTTP_HEADERS_H
#include "http/request.h"

struct MHD_Response;
/* Adds what the request's answer, its route and the settings want. */
void headers_add(struct MHD_Response *response, const struct request *request);
#endif

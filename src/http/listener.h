/* listener: the socket that the server listens on. */
#ifndef PAYOUT_HTTP_LISTENER_H
#define PAYOUT_HTTP_LISTENER_H
#include "base/fault.h"

/* Opens a socket that listens at text ("127.0.0.1:8086", "[::]:80", ":8086": every address; port 0:
 * any). The caller owns *listener, and closes it. FAULT_FINAL says what is wrong. */
MUST_USE enum fault_kind listener_open(const char *text, int *listener, int *port,
                                       struct fault *fault);
/* The port of such a socket. */
int listener_port(int listener);
#endif

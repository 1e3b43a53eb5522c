/* request: the bodies of the two calls that carry items. Pure; any thread. */
#ifndef PAYOUT_CLIENT_REQUEST_H
#define PAYOUT_CLIENT_REQUEST_H
#include "client/transport.h"

enum { REQUEST_BYTES_MAX = 64 * 1024 * 1024 };

/* Each initialises *body (the caller's: buffer_free) and writes data=… into it; not buffer_ok when
 * memory or REQUEST_BYTES_MAX ran out. */
void request_contacts_write(const struct payout_contact *contacts, size_t count,
                            struct buffer *body);
void request_transfers_write(const struct payout_transfer *transfers, size_t count,
                             struct buffer *body);
#endif

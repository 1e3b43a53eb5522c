/* audit_channel: what payoutd audit proves about the channel of one transfer. Pure. */
#ifndef PAYOUT_DAEMON_AUDIT_CHANNEL_H
#define PAYOUT_DAEMON_AUDIT_CHANNEL_H
#include <stdbool.h>

#include "money/transfer.h"

/* Whether through which channel it goes is what can be, of what was done with it until now. */
bool audit_channel_fits(const struct transfer *transfer);
#endif

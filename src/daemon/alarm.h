/* alarm: notices when the oldest transfer that has not ended is older than it should ever be, and
 * says so: a line in the log when it begins, one an hour while it lasts, one when it is over; and a
 * metric. It must never do anything about it. */
#ifndef PAYOUT_DAEMON_ALARM_H
#define PAYOUT_DAEMON_ALARM_H
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "store/store.h"

#define ALARM_AGAIN_MS (INT64_C(3600) * 1000)

/* All zero but for after_ms to begin with. */
struct alarm {
    int64_t after_ms; /* So old a transfer may become. > 0 */
    int64_t said_at_ms;
    _Atomic bool on;
    _Atomic uint64_t begun; /* How often it began. */
};
/* One look at how things stand now. One thread. */
void alarm_look(struct alarm *alarm, const struct store_figures *figures, int64_t now_ms);
/* Appends the metrics. Any thread. */
void alarm_metrics(const struct alarm *alarm, struct buffer *text);
#endif

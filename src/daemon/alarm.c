#include "daemon/alarm.h"

#include <inttypes.h>

#include "base/log.h"

void alarm_look(struct alarm *alarm, const struct store_figures *figures, int64_t now_ms)
{
    int64_t oldest_ms = figures->oldest_unfinished_at_ms;
    bool on = oldest_ms != 0 && now_ms - oldest_ms >= alarm->after_ms;
    bool was_on = atomic_exchange(&alarm->on, on);
    if (!on) {
        if (was_on)
            log_event(LOG_LEVEL_INFO, "no transfer is unfinished for too long any more");
        return;
    }
    if (was_on && now_ms - alarm->said_at_ms < ALARM_AGAIN_MS && now_ms >= alarm->said_at_ms)
        return;
    if (!was_on)
        atomic_fetch_add(&alarm->begun, 1);
    alarm->said_at_ms = now_ms;
    log_event(LOG_LEVEL_WARNING, "transfer unfinished for too long",
              LOG_NUMBER("oldest_seconds", (now_ms - oldest_ms) / 1000),
              LOG_NUMBER("unfinished", figures->transfers_due));
}

void alarm_metrics(const struct alarm *alarm, struct buffer *text)
{
    buffer_format(text,
                  "# HELP payoutd_unfinished_alarm 1 while the oldest unfinished transfer is older "
                  "than [operator] alarm_after.\n"
                  "# TYPE payoutd_unfinished_alarm gauge\n"
                  "payoutd_unfinished_alarm %d\n"
                  "# HELP payoutd_unfinished_alarms_total How often that began.\n"
                  "# TYPE payoutd_unfinished_alarms_total counter\n"
                  "payoutd_unfinished_alarms_total %" PRIu64 "\n",
                  atomic_load(&alarm->on) ? 1 : 0, atomic_load(&alarm->begun));
}

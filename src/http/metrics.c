#include "http/metrics.h"

#include <inttypes.h>

#include "base/clock.h"
#include "http/guest.h"
#include "http/http.h"
#include "http/route.h"

static const int statuses[METRICS_STATUSES] = {200, 202, 204, 400, 401, 403, 404, 405,
                                               409, 413, 417, 429, 500, 503, 0};
static const int64_t bounds_us[METRICS_BUCKETS - 1] = {
    250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 5000000};

static void count(atomic_uint_fast64_t *counter, uint64_t by)
{
    (void)atomic_fetch_add_explicit(counter, by, memory_order_relaxed);
}

static uint64_t counted(const atomic_uint_fast64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

void metrics_count(struct metrics *metrics, size_t route, int status, int64_t duration_us)
{
    invariant(route < METRICS_ROUTES_MAX);
    struct metrics_route *of = &metrics->routes[route];
    size_t at_status = 0, at_bound = 0;
    while (at_status < METRICS_STATUSES - 1 && statuses[at_status] != status)
        at_status++;
    while (at_bound < METRICS_BUCKETS - 1 && duration_us > bounds_us[at_bound])
        at_bound++;
    count(&of->by_status[at_status], 1);
    count(&of->by_latency[at_bound], 1);
    count(&of->latency_us_sum, (uint64_t)duration_us);
}

static void head_write(struct buffer *text, const char *name, const char *type, const char *help)
{
    buffer_format(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void single_write(struct buffer *text, const char *name, const char *type, const char *help,
                         int64_t value)
{
    head_write(text, name, type, help);
    buffer_format(text, "%s %" PRId64 "\n", name, value);
}

/* A histogram's bound and its sum are in seconds; we count in whole microseconds. */
static void seconds_write(struct buffer *text, uint64_t us)
{
    buffer_format(text, "%" PRIu64 ".%06" PRIu64, us / 1000000, us % 1000000);
}

static void route_statuses_write(struct buffer *text, const struct metrics_route *of,
                                 const char *name)
{
    for (size_t i = 0; i < METRICS_STATUSES; i++) {
        uint64_t number = counted(&of->by_status[i]);
        if (number == 0)
            continue;
        buffer_format(text, "payoutd_http_requests_total{route=\"%s\",status=\"", name);
        if (statuses[i] == 0)
            buffer_text_append(text, "other");
        else
            buffer_int(text, statuses[i]);
        buffer_format(text, "\"} %" PRIu64 "\n", number);
    }
}

static void route_latencies_write(struct buffer *text, const struct metrics_route *of,
                                  const char *name)
{
    uint64_t below = 0;
    for (size_t i = 0; i < METRICS_BUCKETS; i++) {
        below += counted(&of->by_latency[i]);
        buffer_format(text, "payoutd_http_request_seconds_bucket{route=\"%s\",le=\"", name);
        if (i < METRICS_BUCKETS - 1)
            seconds_write(text, (uint64_t)bounds_us[i]);
        else
            buffer_text_append(text, "+Inf");
        buffer_format(text, "\"} %" PRIu64 "\n", below);
    }
    buffer_format(text, "payoutd_http_request_seconds_sum{route=\"%s\"} ", name);
    seconds_write(text, counted(&of->latency_us_sum));
    buffer_format(text, "\npayoutd_http_request_seconds_count{route=\"%s\"} %" PRIu64 "\n", name,
                  below);
}

static void callbacks_write(const struct metrics *metrics, struct buffer *text)
{
    static const char *const name = "payoutd_callbacks_total";
    head_write(text, name, "counter",
               "Calls of operators: known (a transfer that is final, or said before), hastened (a "
               "transfer is asked about sooner), parked, forged.");
    buffer_format(text, "%s{became=\"hastened\"} %" PRIu64 "\n", name,
                  counted(&metrics->callbacks_hastened));
    buffer_format(text, "%s{became=\"known\"} %" PRIu64 "\n", name,
                  counted(&metrics->callbacks_known));
    buffer_format(text, "%s{became=\"parked\"} %" PRIu64 "\n", name,
                  counted(&metrics->callbacks_parked));
    buffer_format(text, "%s{became=\"forged\"} %" PRIu64 "\n", name,
                  counted(&metrics->callbacks_forged));
}

static void routes_write(struct http *http, struct buffer *text)
{
    head_write(text, "payoutd_http_requests_total", "counter", "Requests by route and status.");
    for (size_t i = 0; i < route_count(http); i++)
        route_statuses_write(text, &http->metrics.routes[i], route_at(http, i)->name);
    head_write(text, "payoutd_http_request_seconds", "histogram",
               "Time from a request's head to its reply.");
    for (size_t i = 0; i < route_count(http); i++)
        if (counted(&http->metrics.routes[i].latency_us_sum) > 0)
            route_latencies_write(text, &http->metrics.routes[i], route_at(http, i)->name);
    single_write(text, "payoutd_http_limited_total", "counter", "Requests over a rate limit.",
                 (int64_t)counted(&http->metrics.limited));
    single_write(text, "payoutd_logins_refused_total", "counter", "Logins with a wrong pair.",
                 (int64_t)counted(&http->metrics.logins_refused));
    callbacks_write(&http->metrics, text);
    if (http->tls != NULL)
        single_write(text, "payoutd_tls_certificate_expires_timestamp_seconds", "gauge",
                     "When the certificate that is shown ends.",
                     tls_expires_at_ms(http->tls) / 1000);
    single_write(text, "payoutd_http_held_bytes", "gauge",
                 "Bodies and answers of all requests, in memory.",
                 (int64_t)atomic_load(&http->held.bytes));
    single_write(text, "payoutd_http_memory_full_total", "counter",
                 "Requests refused since all together held too much.",
                 (int64_t)counted(&http->held.refused));
    single_write(text, "payoutd_hasher_full_total", "counter",
                 "Requests refused because too many passwords waited to be checked.",
                 (int64_t)counted(&http->metrics.hasher_full));
    const struct guest_figures *guests = guests_figures(http->guests);
    single_write(text, "payoutd_http_slow_total", "counter",
                 "Connections ended because a request or the reading of an answer took too long.",
                 (int64_t)counted(&guests->slow));
    single_write(text, "payoutd_http_made_room_total", "counter",
                 "Connections ended to make room for others.", (int64_t)counted(&guests->for_room));
    single_write(text, "payoutd_http_too_many_total", "counter",
                 "Connections ended because their address had too many.",
                 (int64_t)counted(&guests->too_many));
    (void)pthread_mutex_lock(&http->lock);
    size_t open = http->requests_open;
    (void)pthread_mutex_unlock(&http->lock);
    single_write(text, "payoutd_http_requests_open", "gauge", "Requests under way.", (int64_t)open);
}

static void lane_write(const struct lane *lane, struct buffer *text)
{
    struct lane_figures figures;
    lane_read_figures(lane, &figures);
    single_write(text, "payoutd_lane_batches_total", "counter", "Durable commits.",
                 (int64_t)figures.batches);
    single_write(text, "payoutd_lane_faults_total", "counter", "Batches that failed.",
                 (int64_t)figures.faults);
    single_write(text, "payoutd_lane_refused_full_total", "counter",
                 "Commands refused because the queue was full.", (int64_t)figures.refused_full);
    single_write(text, "payoutd_lane_queue_weight", "gauge", "Weight of the commands that wait.",
                 (int64_t)figures.queue_weight);
    head_write(text, "payoutd_lane_commands_total", "counter", "Commands decided, by kind.");
    for (int kind = 0; kind < COMMAND_KIND_COUNT; kind++)
        buffer_format(text, "payoutd_lane_commands_total{kind=\"%s\"} %" PRIu64 "\n",
                      command_kind_text((enum command_kind)kind), figures.commands_by_kind[kind]);
    head_write(text, "payoutd_lane_wait_seconds", "histogram",
               "Time from a command's queueing to its answer.");
    uint64_t below = 0;
    for (int i = 0; i < LANE_HISTOGRAM_BUCKETS; i++) {
        below += figures.wait_us_buckets[i];
        buffer_text_append(text, "payoutd_lane_wait_seconds_bucket{le=\"");
        if (i < LANE_HISTOGRAM_BUCKETS - 1)
            seconds_write(text, UINT64_C(1) << i);
        else
            buffer_text_append(text, "+Inf");
        buffer_format(text, "\"} %" PRIu64 "\n", below);
    }
    buffer_text_append(text, "payoutd_lane_wait_seconds_sum ");
    seconds_write(text, figures.wait_us_sum);
    buffer_format(text, "\npayoutd_lane_wait_seconds_count %" PRIu64 "\n", below);
}

static void store_write(const struct store_figures *figures, struct buffer *text)
{
    int64_t oldest_ms = figures->oldest_unfinished_at_ms;
    int64_t age_ms = oldest_ms == 0 ? 0 : clock_now_ms() - oldest_ms;
    single_write(text, "payoutd_oldest_unfinished_seconds", "gauge",
                 "Age of the oldest confirmed transfer that is not final.",
                 age_ms < 0 ? 0 : age_ms / 1000);
    single_write(text, "payoutd_transfers_due", "gauge", "Transfers with a step to be done.",
                 figures->transfers_due);
    single_write(text, "payoutd_notifications_waiting", "gauge", "Notifications not delivered yet.",
                 figures->notifications_waiting);
    int64_t due_ms = figures->notification_due_at_ms;
    int64_t lag_ms = due_ms == 0 ? 0 : clock_now_ms() - due_ms;
    single_write(text, "payoutd_notification_lag_seconds", "gauge",
                 "For how long the oldest due notification has been due.",
                 lag_ms < 0 ? 0 : lag_ms / 1000);
    single_write(text, "payoutd_notifications_dead", "gauge", "Notifications that were given up.",
                 figures->notifications_dead);
    single_write(text, "payoutd_mails_waiting", "gauge", "Mails not sent yet.",
                 figures->mails_waiting);
    single_write(text, "payoutd_mails_dead", "gauge", "Mails that were given up.",
                 figures->mails_dead);
    single_write(text, "payoutd_contradictions", "gauge",
                 "Open answers of operators against a final state: a person has to look.",
                 figures->contradictions);
    single_write(text, "payoutd_settlements_proposed", "gauge",
                 "Settlements that wait for a second person.", figures->proposals);
    single_write(text, "payoutd_screening_matched", "gauge",
                 "Transfers to names like one of a list that wait for a person.", figures->matched);
    single_write(text, "payoutd_screening_due", "gauge", "Transfers that are to be screened.",
                 figures->screenings_due);
    single_write(text, "payoutd_doubles_suspected", "gauge",
                 "Transfers that look like doubles and wait for a person.", figures->suspected);
    single_write(text, "payoutd_callbacks_parked", "gauge",
                 "Calls of operators that could not be placed.", figures->callbacks);
    single_write(text, "payoutd_store_bytes", "gauge", "Size of the store.",
                 figures->database_bytes);
}

enum fault_kind metrics_write(struct http *http, struct store_reader *reader, struct buffer *text,
                              struct fault *fault)
{
    struct store_figures figures;
    if (store_read_figures(reader, &figures, fault) != FAULT_NONE)
        return fault_wrap(fault, "metrics");
    routes_write(http, text);
    lane_write(http->lane, text);
    store_write(&figures, text);
    if (http->metrics_more != NULL)
        http->metrics_more(http->metrics_context, text);
    return FAULT_NONE;
}

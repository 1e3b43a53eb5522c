#include "operators/line.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/secret.h"
#include "operators/call.h"
#include "operators/pace.h"
#include "operators/worker.h"

enum { THROTTLED_MS = 1000 }; /* Too many calls, and no word when to come back. */
#define US_PER_MS       INT64_C(1000)
#define SAID_US         INT64_C(10000000)   /* A channel's errors are logged so often at most. */
#define FLOAT_LOGGED_US INT64_C(3600000000) /* And an alarm. */

static const char *const task_texts[OPERATOR_TASK_COUNT] = {
    [OPERATOR_TASK_TOKEN] = "token",
    [OPERATOR_TASK_SUBMIT] = "submit",
    [OPERATOR_TASK_ASK] = "ask",
    [OPERATOR_TASK_VALIDATE] = "validate",
    [OPERATOR_TASK_FLOAT] = "float",
    [OPERATOR_TASK_REVERSE] = "reverse",
    [OPERATOR_TASK_ASK_REVERSAL] = "ask_reversal",
};
static const char *const outcome_texts[] = {"answered", "failed", "down", "neither"};

void line_figure_add(atomic_uint_fast64_t *figure, uint64_t more)
{
    atomic_fetch_add_explicit(figure, more, memory_order_relaxed);
}

void line_init(struct line *line, const struct channel *channel, int64_t now_us)
{
    const struct operator_connector *connector = channel->connector;
    bool direct = connector->submit != NULL;
    size_t batch = connector->batch_max > 0 ? connector->batch_max : 1;
    bool introduces = (connector->abilities & OPERATOR_INTRODUCES) != 0;
    bool validates = channel->validate && (connector->abilities & OPERATOR_VALIDATES) != 0;
    if (channel->batch_max < (int64_t)batch)
        batch = channel->batch_max > 1 ? (size_t)channel->batch_max : 1;
    *line = (struct line){.channel = channel, .direct = direct, .float_at_us = now_us};
    health_init(&line->health, channel, batch, introduces || validates);
}

void line_count(struct line *line, enum operator_task task, enum health_outcome outcome,
                int64_t duration_ms)
{
    int bucket = 0;
    while (bucket < LINE_TIME_BUCKETS - 1 && duration_ms > INT64_C(1) << bucket)
        bucket++;
    line_figure_add(&line->figures.calls[task][outcome], 1);
    line_figure_add(&line->figures.times[bucket], 1);
    line_figure_add(&line->figures.time_ms_sum, (uint64_t)duration_ms);
}

void line_show(struct line *line, int64_t now_us)
{
    struct line_figures *figures = &line->figures;
    bool closed = health_door(&line->health, HEALTH_SUBMITS, now_us) == HEALTH_CLOSED;
    int64_t wait_us = closed ? health_wait_us(&line->health, HEALTH_SUBMITS, now_us) : 0;
    atomic_store_explicit(&figures->closed_until_us, closed ? now_us + wait_us : 0,
                          memory_order_relaxed);
    bool down = line->health.breakers[HEALTH_SUBMITS].state != BREAKER_CLOSED;
    if (atomic_exchange(&figures->down, down) != down)
        atomic_store(&figures->since_ms, clock_now_ms());
    atomic_store_explicit(&figures->off, line->health.off, memory_order_relaxed);
    atomic_store_explicit(&figures->waiting, (int_fast64_t)line->health.waiting,
                          memory_order_relaxed);
    atomic_store_explicit(&figures->under_way, (int_fast64_t)line->health.calls,
                          memory_order_relaxed);
    for (int kind = 0; kind < HEALTH_KIND_COUNT; kind++)
        atomic_store_explicit(&figures->breaker[kind], (int)line->health.breakers[kind].state,
                              memory_order_relaxed);
}

void line_tell(struct line *line, enum health_kind kind, enum health_outcome outcome, bool probe)
{
    const struct breaker *breaker = &line->health.breakers[kind];
    enum breaker_state before = breaker->state;
    health_tell(&line->health, kind, outcome, probe, random_below(UINT32_MAX),
                clock_monotonic_us());
    if (breaker->state == before)
        return;
    if (breaker->state == BREAKER_OPEN)
        line_figure_add(&line->figures.opened, 1);
    log_event(breaker->state == BREAKER_CLOSED ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING,
              "channel breaker", LOG_TEXT("channel", line->channel->name),
              LOG_TEXT("of", kind == HEALTH_SUBMITS ? "submits" : "asks"),
              LOG_TEXT("is", breaker_state_text(breaker->state)));
}

enum health_kind line_kind(enum operator_task task)
{
    switch (task) {
    case OPERATOR_TASK_SUBMIT:
    case OPERATOR_TASK_VALIDATE:
    case OPERATOR_TASK_REVERSE:
    case OPERATOR_TASK_TOKEN:
        return HEALTH_SUBMITS;
    case OPERATOR_TASK_ASK:
    case OPERATOR_TASK_ASK_REVERSAL:
    case OPERATOR_TASK_FLOAT:
    case OPERATOR_TASK_COUNT:
        break;
    }
    return HEALTH_ASKS;
}

/* True when a reply says of each attempt what became of it. */
static bool call_decides(const struct call *call)
{
    for (size_t i = 0; i < call->about.count; i++)
        if (call->answers[i].verdict == VERDICT_UNKNOWN ||
            call->answers[i].verdict == VERDICT_NOT_SENT)
            return false;
    return call->about.count > 0 && call->about.task != OPERATOR_TASK_VALIDATE;
}

static enum health_outcome call_outcome(const struct call *call)
{
    int status = call->exchange.status;
    if (!call->answered)
        return HEALTH_FAILED;
    if (call->result.down)
        return HEALTH_DOWN;
    if (call->result.throttled_ms > 0 || call->result.token_refused || status == 429)
        return HEALTH_NEITHER;
    if (call->about.task == OPERATOR_TASK_TOKEN && call->result.token[0] == '\0')
        return HEALTH_FAILED;
    return status >= 500 && !call_decides(call) ? HEALTH_FAILED : HEALTH_ANSWERED;
}

/* What went wrong, in the operator's own words, without drowning the log in them. */
static void call_log(struct line *line, const struct call *call)
{
    int64_t now_us = clock_monotonic_us();
    const char *said = call->answered ? call->result.said : call->exchange.error;
    if (said[0] == '\0')
        return;
    if (line->said_logged_us != 0 && now_us - line->said_logged_us < SAID_US) {
        line->said_untold++;
        return;
    }
    log_event(LOG_LEVEL_WARNING, "operator said", LOG_TEXT("channel", line->channel->name),
              LOG_TEXT("to", task_texts[call->about.task]),
              LOG_NUMBER("status", call->exchange.status), LOG_TEXT("what", said),
              LOG_NUMBER("untold", line->said_untold));
    line->said_logged_us = now_us;
    line->said_untold = 0;
}

enum health_outcome line_heed(struct line *line, const struct call *call)
{
    enum health_outcome outcome = call_outcome(call);
    int64_t wait_ms = call->result.throttled_ms;
    health_call_end(&line->health, call->exchange.duration_ms * US_PER_MS);
    line_count(line, call->about.task, outcome, call->exchange.duration_ms);
    call_log(line, call);
    if (call->result.token_refused) {
        line_figure_add(&line->figures.tokens_refused, 1);
        if (strcmp(line->token, call->token) == 0)
            secret_wipe(line->token, sizeof line->token);
    }
    if (wait_ms == 0 && call->exchange.status == 429)
        wait_ms = THROTTLED_MS;
    if (wait_ms < call->exchange.retry_after_ms)
        wait_ms = call->exchange.retry_after_ms;
    if (wait_ms > EXCHANGE_RETRY_AFTER_MS_MAX)
        wait_ms = EXCHANGE_RETRY_AFTER_MS_MAX;
    wait_ms = pace_span(wait_ms);
    if (wait_ms > 0) {
        line_figure_add(&line->figures.throttled, 1);
        health_throttle(&line->health, wait_ms * US_PER_MS, clock_monotonic_us());
    }
    return outcome;
}

void line_picture(const struct line *line, int64_t now_us, struct operator_picture *picture)
{
    const struct line_figures *figures = &line->figures;
    const atomic_uint_fast64_t *submits = figures->calls[OPERATOR_TASK_SUBMIT];
    int64_t closed_us = atomic_load(&figures->closed_until_us) - now_us;
    *picture = (struct operator_picture){
        .off = atomic_load(&figures->off),
        .submits = (enum breaker_state)atomic_load(&figures->breaker[HEALTH_SUBMITS]),
        .asks = (enum breaker_state)atomic_load(&figures->breaker[HEALTH_ASKS]),
        .closed_ms = closed_us > 0 ? (closed_us + US_PER_MS - 1) / US_PER_MS : 0,
        .under_way = atomic_load(&figures->under_way),
        .waiting = atomic_load(&figures->waiting),
        .since_ms = atomic_load(&figures->since_ms),
        .put_off = (int64_t)atomic_load(&figures->put_off),
        .answered = (int64_t)atomic_load(&submits[HEALTH_ANSWERED]),
        .failed =
            (int64_t)(atomic_load(&submits[HEALTH_FAILED]) + atomic_load(&submits[HEALTH_DOWN])),
        .float_known = atomic_load(&figures->float_known),
        .float_alarm = atomic_load(&figures->float_alarm),
        .float_minor = atomic_load(&figures->float_minor),
        .float_at_ms = atomic_load(&figures->float_at_ms)};
}

void line_float(struct line *line, const struct amount *left, int64_t now_us)
{
    struct line_figures *figures = &line->figures;
    const struct channel *channel = line->channel;
    bool alarm = channel->float_alarm_minor > 0 && left->minor < channel->float_alarm_minor;
    if (channel->currency != 0 && left->currency != channel->currency) {
        log_breach(channel->name, "a float in another currency");
        return;
    }
    atomic_store(&figures->float_minor, left->minor);
    atomic_store(&figures->float_at_ms, clock_now_ms());
    atomic_store(&figures->float_known, true);
    atomic_store(&figures->float_alarm, alarm);
    if (!alarm || (line->float_logged_us != 0 && now_us - line->float_logged_us < FLOAT_LOGGED_US))
        return;
    line->float_logged_us = now_us;
    log_event(LOG_LEVEL_WARNING, "the float is low", LOG_TEXT("channel", channel->name),
              LOG_NUMBER("left", left->minor), LOG_NUMBER("alarm", channel->float_alarm_minor));
}

/* --- Prometheus --- */

static void head_write(struct buffer *text, const char *name, const char *type, const char *help)
{
    buffer_format(text, "# HELP payoutd_channel_%s %s\n# TYPE payoutd_channel_%s %s\n", name, help,
                  name, type);
}

static void counters_write(const struct line *lines, size_t count, struct buffer *text,
                           const char *name, const char *help, size_t offset)
{
    head_write(text, name, "counter", help);
    for (size_t i = 0; i < count; i++) {
        const char *figures = (const char *)&lines[i].figures;
        const atomic_uint_fast64_t *figure = (const void *)(figures + offset);
        buffer_format(text, "payoutd_channel_%s{channel=\"%s\"} %" PRIuFAST64 "\n", name,
                      lines[i].channel->name, atomic_load(figure));
    }
}

static void gauges_write(const struct line *lines, size_t count, struct buffer *text,
                         const char *name, const char *help, size_t offset)
{
    head_write(text, name, "gauge", help);
    for (size_t i = 0; i < count; i++) {
        const char *figures = (const char *)&lines[i].figures;
        const atomic_int_fast64_t *figure = (const void *)(figures + offset);
        buffer_format(text, "payoutd_channel_%s{channel=\"%s\"} %" PRIdFAST64 "\n", name,
                      lines[i].channel->name, atomic_load(figure));
    }
}

/* Only what was called: most channels never make most calls. */
static void calls_write(const struct line *lines, size_t count, struct buffer *text)
{
    head_write(text, "calls_total", "counter", "Calls to operators by what came of them.");
    for (size_t i = 0; i < count; i++)
        for (int task = 0; task < OPERATOR_TASK_COUNT; task++)
            for (int outcome = 0; outcome <= HEALTH_NEITHER; outcome++) {
                uint_fast64_t calls = atomic_load(&lines[i].figures.calls[task][outcome]);
                if (calls > 0)
                    buffer_format(text,
                                  "payoutd_channel_calls_total{channel=\"%s\",task=\"%s\","
                                  "outcome=\"%s\"} %" PRIuFAST64 "\n",
                                  lines[i].channel->name, task_texts[task], outcome_texts[outcome],
                                  calls);
            }
}

static void times_write(const struct line *lines, size_t count, struct buffer *text)
{
    head_write(text, "call_seconds", "histogram", "How long calls took.");
    for (size_t i = 0; i < count; i++) {
        const struct line_figures *figures = &lines[i].figures;
        const char *name = lines[i].channel->name;
        uint_fast64_t sum = 0;
        for (int bucket = 0; bucket < LINE_TIME_BUCKETS - 1; bucket++) {
            sum += atomic_load(&figures->times[bucket]);
            buffer_format(text,
                          "payoutd_channel_call_seconds_bucket{channel=\"%s\",le=\"%d.%03d\"} "
                          "%" PRIuFAST64 "\n",
                          name, (1 << bucket) / 1000, (1 << bucket) % 1000, sum);
        }
        sum += atomic_load(&figures->times[LINE_TIME_BUCKETS - 1]);
        uint_fast64_t sum_ms = atomic_load(&figures->time_ms_sum);
        buffer_format(text,
                      "payoutd_channel_call_seconds_bucket{channel=\"%s\",le=\"+Inf\"} "
                      "%" PRIuFAST64 "\n"
                      "payoutd_channel_call_seconds_sum{channel=\"%s\"} %" PRIuFAST64
                      ".%03" PRIuFAST64 "\n"
                      "payoutd_channel_call_seconds_count{channel=\"%s\"} %" PRIuFAST64 "\n",
                      name, sum, name, sum_ms / 1000, sum_ms % 1000, name, sum);
    }
}

static void states_write(const struct line *lines, size_t count, struct buffer *text)
{
    static const char *const kinds[HEALTH_KIND_COUNT] = {"submits", "asks"};
    head_write(text, "breaker", "gauge", "0: closed, 1: open (nothing goes), 2: half-open.");
    for (size_t i = 0; i < count; i++)
        for (int kind = 0; kind < HEALTH_KIND_COUNT; kind++)
            buffer_format(text, "payoutd_channel_breaker{channel=\"%s\",of=\"%s\"} %d\n",
                          lines[i].channel->name, kinds[kind],
                          atomic_load(&lines[i].figures.breaker[kind]));
    head_write(text, "off", "gauge", "1: a person switched it off.");
    for (size_t i = 0; i < count; i++)
        buffer_format(text, "payoutd_channel_off{channel=\"%s\"} %d\n", lines[i].channel->name,
                      (int)atomic_load(&lines[i].figures.off));
    head_write(text, "float_alarm", "gauge", "1: the float is below its alarm.");
    for (size_t i = 0; i < count; i++)
        buffer_format(text, "payoutd_channel_float_alarm{channel=\"%s\"} %d\n",
                      lines[i].channel->name, (int)atomic_load(&lines[i].figures.float_alarm));
    head_write(text, "float", "gauge", "What is left with the operator, in minor units.");
    for (size_t i = 0; i < count; i++)
        if (atomic_load(&lines[i].figures.float_known))
            buffer_format(text, "payoutd_channel_float{channel=\"%s\"} %" PRIdFAST64 "\n",
                          lines[i].channel->name, atomic_load(&lines[i].figures.float_minor));
}

#define FIGURE(name) offsetof(struct line_figures, name)

void line_metrics(const struct line *lines, size_t count, struct buffer *text)
{
    calls_write(lines, count, text);
    times_write(lines, count, text);
    counters_write(lines, count, text, "put_off_total", "Transfers that were told to wait.",
                   FIGURE(put_off));
    counters_write(lines, count, text, "throttled_total", "Answers that asked for fewer calls.",
                   FIGURE(throttled));
    counters_write(lines, count, text, "tokens_refused_total", "Tokens that were not taken.",
                   FIGURE(tokens_refused));
    counters_write(lines, count, text, "opened_total", "How often a breaker opened.",
                   FIGURE(opened));
    gauges_write(lines, count, text, "waiting", "Claimed transfers that wait for a call.",
                 FIGURE(waiting));
    gauges_write(lines, count, text, "under_way", "Calls under way.", FIGURE(under_way));
    states_write(lines, count, text);
}

#include "operators/caller.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"
#include "operators/answer.h"
#include "operators/call.h"
#include "operators/errand.h"

enum {
    CONNECTIONS_MAX = 16384,
    CALLS_KEPT_MAX = 64,      /* For the next ones; each is some 20 kB. */
    TOKEN_MS_LEAST = 10000,   /* Whatever an operator says: it would be fetched all the time … */
    TOKEN_MS_MOST = 86400000, /* … or never again. */
    AGENT_BYTES = 128,
};
#define US_PER_MS INT64_C(1000)

struct caller {
    struct caller_options options;
    struct exchange *exchange;
    struct call *free_calls;
    size_t kept;
    bool stopping;
    bool moved; /* A call ended since this was asked last. */
};

size_t caller_connections(const struct channel *channels, size_t count)
{
    size_t connections = 0;
    for (size_t i = 0; i < count; i++) /* And one for a token, one for the float. */
        if (channels[i].connector->submit == NULL)
            connections += (size_t)channels[i].under_way_max + 2;
    return connections < CONNECTIONS_MAX ? connections : CONNECTIONS_MAX;
}

enum fault_kind caller_open(const struct caller_options *options, struct caller **caller,
                            struct fault *fault)
{
    struct caller *opened = calloc(1, sizeof *opened);
    invariant(opened != NULL);
    opened->options = *options;
    /* Channels may share a host: each keeps its own limit. */
    size_t connections = options->connections > 0 ? options->connections : 1;
    char agent[AGENT_BYTES] = "payoutd";
    if (options->name != NULL)
        (void)snprintf(agent, sizeof agent, "payoutd (worker %s)", options->name);
    struct exchange_options exchange = {.user_agent = agent,
                                        .connections_max = connections,
                                        .connections_per_host_max = connections};
    if (exchange_open(&exchange, &opened->exchange, fault) != FAULT_NONE) {
        free(opened);
        return fault_wrap(fault, "call operators");
    }
    *caller = opened;
    return FAULT_NONE;
}

void caller_close(struct caller *caller)
{
    if (caller == NULL)
        return;
    caller_stop(caller);
    exchange_close(caller->exchange);
    for (struct call *call = caller->free_calls, *next; call != NULL; call = next) {
        next = call->next;
        call_close(call);
    }
    for (size_t i = 0; i < caller->options.count; i++)
        secret_wipe(caller->options.lines[i].token, sizeof caller->options.lines[i].token);
    free(caller);
}

/* --- Calls' memory --- */

/* One for a batch is as large as its channel's batches, and is not kept. */
static struct call *call_take(struct caller *caller, struct line *line, enum operator_task task)
{
    struct call *call = caller->free_calls;
    size_t most = task == OPERATOR_TASK_SUBMIT ? line->health.batch : 1;
    if (most == 1 && call != NULL) {
        caller->free_calls = call->next;
        caller->kept--;
    } else {
        call = call_open(most);
    }
    call->owner = caller;
    call->line = line;
    call->about =
        (struct operator_call){.task = task, .channel = line->channel, .now_ms = clock_now_ms()};
    if (task != OPERATOR_TASK_TOKEN) /* It was wiped before. */
        memcpy(call->token, line->token, sizeof call->token);
    health_call_begin(&line->health);
    return call;
}

static void call_give_back(struct caller *caller, struct call *call)
{
    caller->moved = true;
    secret_wipe(call->token, sizeof call->token);
    secret_wipe(call->result.token, sizeof call->result.token);
    if (call->attempt_max > 1 || caller->kept == CALLS_KEPT_MAX) {
        call_close(call);
        return;
    }
    call->next = caller->free_calls;
    caller->free_calls = call;
    caller->kept++;
}

/* --- Errands --- */

/* What is written down of an attempt, at last. What was not sent comes back soon, whatever its
 * channel says: by then another one may have it, or it is put off with the others. */
static void errand_settle(const struct caller *caller, const struct line *line,
                          const struct errand *errand, const struct verdict_answer *answer)
{
    errand->held->answer = *answer;
    answer_settle(&errand->held->answer, line->channel->connector,
                  line_kind(errand->task) == HEALTH_SUBMITS ? STEP_SUBMIT : STEP_ASK,
                  caller->options.lease_ms);
}

static void errand_leave(struct caller *caller, struct line *line, struct errand *errand)
{
    struct attempt_held *held = errand->held;
    if (errand->probe)
        line_tell(line, line_kind(errand->task), HEALTH_NEITHER, true);
    errand_close(errand);
    caller->options.ended(caller->options.context, held);
}

static void errand_end(struct caller *caller, struct line *line, struct errand *errand,
                       const struct verdict_answer *answer)
{
    errand_settle(caller, line, errand, answer);
    errand_leave(caller, line, errand);
}

/* Nothing left for it. reason: NONE when that was not its operator's doing. */
static void errand_give_back(struct caller *caller, struct line *line, struct errand *errand,
                             enum transfer_reason reason)
{
    struct verdict_answer answer = errand_unanswered(errand, false);
    errand_settle(caller, line, errand, &answer);
    if (errand->held->answer.verdict == VERDICT_NOT_SENT)
        errand->held->answer.reason = reason;
    errand_leave(caller, line, errand);
}

static void line_push(struct line *line, struct errand *errand, bool front)
{
    struct errand *last = line->last;
    errand->next = front ? line->first : NULL;
    if (line->first == NULL || front)
        line->first = errand;
    else
        last->next = errand;
    if (errand->next == NULL)
        line->last = errand;
    line->health.waiting++;
}

/* Takes out the errand that *at holds. */
static struct errand *line_take(struct line *line, struct errand **at)
{
    struct errand *errand = *at;
    invariant(line->health.waiting > 0);
    *at = errand->next;
    if (line->last == errand) {
        line->last = NULL;
        for (struct errand *each = line->first; each != NULL; each = each->next)
            line->last = each;
    }
    line->health.waiting--;
    return errand;
}

static void line_give_back(struct caller *caller, struct line *line, enum transfer_reason reason)
{
    while (line->first != NULL)
        errand_give_back(caller, line, line_take(line, &line->first), reason);
}

/* --- What came back --- */

/* The probe is the first of its call, and alone: it is told as soon as something is known. */
static void call_tell(struct line *line, struct call *call, enum health_outcome outcome)
{
    bool probe = call->about.count > 0 && call->errands[0]->probe;
    if (probe)
        call->errands[0]->probe = false;
    line_tell(line, line_kind(call->about.task), outcome, probe);
}

/* A token that was not taken costs one more try with another: only then is it believed. True when
 * the attempts are on their way again. */
static bool call_again(struct line *line, struct call *call)
{
    if (!call->answered || !call->result.token_refused)
        return false;
    for (size_t i = 0; i < call->about.count; i++)
        if (call->errands[i]->again)
            return false;
    for (size_t i = call->about.count; i-- > 0;) {
        call->errands[i]->again = true;
        line_push(line, call->errands[i], true);
    }
    health_spend(&line->health, clock_monotonic_us());
    return true;
}

static void attempts_ended(struct call *call)
{
    struct line *line = call->line;
    struct caller *caller = call->owner;
    enum health_outcome outcome = line_heed(line, call);
    if (!call_again(line, call)) {
        call_tell(line, call, call->result.token_refused ? HEALTH_FAILED : outcome);
        for (size_t i = 0; i < call->about.count; i++) {
            struct verdict_answer answer = call->answers[i];
            if (!call->answered)
                answer = errand_unanswered(call->errands[i], call->exchange.left);
            answer.operator_reference[sizeof answer.operator_reference - 1] = '\0';
            answer.answer_after_ms = 0; /* It has answered. */
            errand_end(caller, line, call->errands[i], &answer);
        }
    }
    call_give_back(caller, call);
}

static void validate_ended(struct call *call)
{
    struct line *line = call->line;
    struct errand *errand = call->errands[0];
    struct caller *caller = call->owner;
    enum health_outcome outcome = line_heed(line, call);
    if (call_again(line, call)) {
        call_give_back(caller, call);
        return;
    }
    struct verdict_answer answer = errand_validated(errand, call, line->channel);
    if (outcome == HEALTH_ANSWERED && answer.verdict == 0) {
        errand->introduced = true; /* What it was looked up for may still fail: a probe goes on. */
        line_push(line, errand, true);
    } else {
        call_tell(line, call, call->result.token_refused ? HEALTH_FAILED : outcome);
        if (answer.verdict == 0)
            answer = errand_unanswered(errand, false);
        errand_end(caller, line, errand, &answer);
    }
    call_give_back(caller, call);
}

/* --- Tokens --- */

static void token_ended(struct call *call)
{
    struct line *line = call->line;
    struct caller *caller = call->owner;
    bool given = call->answered && call->result.token[0] != '\0';
    int64_t now_us = clock_monotonic_us();
    bool probes[HEALTH_KIND_COUNT];
    for (int kind = 0; kind < HEALTH_KIND_COUNT; kind++)
        probes[kind] = line->health.breakers[kind].state != BREAKER_CLOSED &&
                       !line->health.breakers[kind].probing;
    enum health_outcome outcome = line_heed(line, call);
    line->token_coming = false;
    if (given) {
        int64_t life_ms = call->result.token_lifetime_ms;
        if (life_ms < TOKEN_MS_LEAST || life_ms > TOKEN_MS_MOST)
            life_ms = life_ms < TOKEN_MS_LEAST ? TOKEN_MS_LEAST : TOKEN_MS_MOST;
        memcpy(line->token, call->result.token, sizeof line->token);
        line->token[sizeof line->token - 1] = '\0';
        line->token_until_us = now_us + life_ms * US_PER_MS;
        line->token_refresh_us = now_us + life_ms * US_PER_MS / 10 * 9;
    } else if (line->token[0] != '\0') {
        /* The one that there is still holds. */
        line->token_refresh_us = now_us + (line->token_until_us - now_us) / 2;
    } else {
        for (int kind = 0; kind < HEALTH_KIND_COUNT; kind++)
            line_tell(line, (enum health_kind)kind, outcome, probes[kind]);
    }
    call_give_back(caller, call);
    if (line->token[0] == '\0')
        line_give_back(caller, line, TRANSFER_REASON_OPERATOR_DOWN);
}

/* One at a time. */
static void token_fetch(struct caller *caller, struct line *line)
{
    int64_t now_us = clock_monotonic_us();
    if (line->token_coming || caller->stopping)
        return;
    line->token_coming = true;
    struct call *call = call_take(caller, line, OPERATOR_TASK_TOKEN);
    health_spend(&line->health, now_us);
    call_start(call, caller->exchange, line->channel->timeout_ms, token_ended);
}

bool caller_token(struct caller *caller, struct line *line)
{
    int64_t now_us = clock_monotonic_us();
    if ((line->channel->connector->abilities & OPERATOR_TOKENS) == 0)
        return true;
    if (line->token[0] != '\0' && now_us >= line->token_until_us)
        secret_wipe(line->token, sizeof line->token);
    bool open = health_door(&line->health, HEALTH_SUBMITS, now_us) != HEALTH_CLOSED ||
                health_door(&line->health, HEALTH_ASKS, now_us) != HEALTH_CLOSED ||
                line->first != NULL;
    if (open && (line->token[0] == '\0' || now_us >= line->token_refresh_us))
        token_fetch(caller, line);
    return line->token[0] != '\0';
}

/* --- Floats --- */

static void float_ended(struct call *call)
{
    struct line *line = call->line;
    struct caller *caller = call->owner;
    enum health_outcome outcome = line_heed(line, call);
    line->float_coming = false;
    line_tell(line, HEALTH_ASKS, outcome, false);
    if (outcome == HEALTH_ANSWERED && call->result.float_known)
        line_float(line, &call->result.float_left, clock_monotonic_us());
    call_give_back(caller, call);
}

static void float_ask(struct caller *caller, struct line *line, int64_t now_us)
{
    const struct channel *channel = line->channel;
    if (channel->float_ask_ms <= 0 || now_us < line->float_at_us || line->float_coming ||
        (channel->connector->abilities & OPERATOR_TELLS_FLOAT) == 0)
        return;
    if (health_door(&line->health, HEALTH_ASKS, now_us) != HEALTH_OPEN ||
        line->health.breakers[HEALTH_ASKS].state != BREAKER_CLOSED || !caller_token(caller, line))
        return;
    line->float_at_us = now_us + channel->float_ask_ms * US_PER_MS;
    line->float_coming = true;
    struct call *call = call_take(caller, line, OPERATOR_TASK_FLOAT);
    health_spend(&line->health, now_us);
    call_start(call, caller->exchange, channel->timeout_ms, float_ended);
}

/* --- Sending --- */

/* How long a call for errand may take; 0: it is too late for one. */
static int64_t errand_time_ms(const struct caller *caller, const struct line *line,
                              const struct errand *errand, int64_t now_us)
{
    int64_t left_ms = (errand->until_us - now_us) / US_PER_MS;
    int64_t time_ms = line->channel->timeout_ms;
    int64_t least_ms = caller->options.lease_ms / 4;
    if (least_ms > time_ms)
        least_ms = time_ms;
    if (left_ms < least_ms)
        return 0;
    return left_ms < time_ms ? left_ms : time_ms;
}

/* Those that have waited for so long that there is no time left for their call. */
static void line_expire(struct caller *caller, struct line *line, int64_t now_us)
{
    struct errand **at = &line->first;
    while (*at != NULL) {
        if (errand_time_ms(caller, line, *at, now_us) > 0)
            at = &(*at)->next;
        else
            errand_give_back(caller, line, line_take(line, at), TRANSFER_REASON_NONE);
    }
}

static bool errand_to_validate(const struct line *line, const struct errand *errand)
{
    return errand->task == OPERATOR_TASK_SUBMIT && line->health.calls_each > 0 &&
           !errand->introduced;
}

/* Begins a call for the first that waits, with those behind it that can go along. */
static void line_call(struct caller *caller, struct line *line, int64_t now_us)
{
    bool validate = errand_to_validate(line, line->first);
    enum operator_task task = validate ? OPERATOR_TASK_VALIDATE : line->first->task;
    int64_t time_ms = errand_time_ms(caller, line, line->first, now_us);
    struct call *call = call_take(caller, line, task);
    struct errand **at = &line->first;
    while (*at != NULL && call->about.count < call->attempt_max) {
        struct errand *errand = *at;
        int64_t its_ms = errand_time_ms(caller, line, errand, now_us);
        if (call->about.count > 0 &&
            (errand->task != task || errand_to_validate(line, errand) || errand->probe)) {
            at = &errand->next;
            continue;
        }
        time_ms = its_ms < time_ms ? its_ms : time_ms;
        errand->attempt.now_ms = call->about.now_ms;
        call->attempts[call->about.count] = errand->attempt;
        call->errands[call->about.count++] = line_take(line, at);
        if (errand->probe)
            break;
    }
    call_start(call, caller->exchange, time_ms, validate ? validate_ended : attempts_ended);
}

static void line_send(struct caller *caller, struct line *line)
{
    int64_t now_us = clock_monotonic_us();
    line_expire(caller, line, now_us);
    if (line->first == NULL)
        return;
    if (caller->stopping || line->health.throttled_until_us > now_us) {
        line_give_back(caller, line,
                       caller->stopping ? TRANSFER_REASON_NONE : TRANSFER_REASON_OPERATOR_DOWN);
        return;
    }
    if (!caller_token(caller, line))
        return;
    while (line->first != NULL && health_may_call(&line->health, now_us))
        line_call(caller, line, now_us);
}

void caller_send(struct caller *caller)
{
    for (size_t i = 0; i < caller->options.count; i++) {
        struct line *line = &caller->options.lines[i];
        if (line->direct)
            continue;
        line_send(caller, line);
        if (!caller->stopping)
            float_ask(caller, line, clock_monotonic_us());
    }
}

void caller_give(struct caller *caller, const struct caller_order *order)
{
    (void)caller;
    line_push(order->line, errand_open(order), false);
}

void caller_step(struct caller *caller, int64_t wait_ms)
{
    exchange_step(caller->exchange, wait_ms);
    caller_send(caller);
}

void caller_wake(struct caller *caller)
{
    exchange_wake(caller->exchange);
}

int64_t caller_next_us(const struct caller *caller, int64_t now_us)
{
    int64_t next_us = INT64_MAX;
    for (size_t i = 0; i < caller->options.count; i++) {
        const struct line *line = &caller->options.lines[i];
        int64_t least_us = caller->options.lease_ms / 4 * US_PER_MS;
        for (const struct errand *errand = line->first; errand != NULL; errand = errand->next)
            if (errand->until_us - least_us - now_us < next_us)
                next_us = errand->until_us - least_us - now_us;
        if (!line->direct && line->channel->float_ask_ms > 0 && !line->float_coming &&
            line->float_at_us > now_us && line->float_at_us - now_us < next_us)
            next_us = line->float_at_us - now_us;
    }
    return next_us < 1000 ? 1000 : next_us;
}

void caller_stop(struct caller *caller)
{
    caller->stopping = true;
    for (size_t i = 0; i < caller->options.count; i++)
        line_give_back(caller, &caller->options.lines[i], TRANSFER_REASON_NONE);
}

bool caller_moved(struct caller *caller)
{
    bool moved = caller->moved;
    caller->moved = false;
    return moved;
}

size_t caller_under_way(const struct caller *caller)
{
    return exchange_under_way(caller->exchange);
}

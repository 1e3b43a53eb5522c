/* line: one channel as the worker has it in hand: its health, its token, what was claimed for it
 * and waits for a call, and its figures, which any thread may read. All else is the worker's
 * thread's. */
#ifndef PAYOUT_OPERATORS_LINE_H
#define PAYOUT_OPERATORS_LINE_H
#include <stdatomic.h>

#include "base/buffer.h"
#include "operators/health.h"
#include "operators/operator.h"

struct call;
struct operator_picture;
enum { LINE_TIME_BUCKETS = 17 }; /* Bucket n counts calls of at most 2^n ms: to 65 s, and more. */

struct line_figures {
    atomic_uint_fast64_t calls[OPERATOR_TASK_COUNT][HEALTH_NEITHER + 1];
    atomic_uint_fast64_t times[LINE_TIME_BUCKETS], time_ms_sum;
    atomic_uint_fast64_t put_off, throttled, tokens_refused, opened;
    atomic_int_fast64_t waiting, under_way, float_minor;
    atomic_int breaker[HEALTH_KIND_COUNT];
    atomic_int_fast64_t closed_until_us;       /* To submits. */
    atomic_int_fast64_t since_ms, float_at_ms; /* Of down; 0: since the start. */
    atomic_bool off, down, float_known, float_alarm;
};

struct line {
    const struct channel *channel;
    bool direct; /* It has no network: its connector answers at once. */
    struct health health;
    char token[OPERATOR_TOKEN_BYTES]; /* "": none. */
    int64_t token_until_us, token_refresh_us;
    bool token_coming;
    struct errand *first, *last; /* Claimed, and waiting for a call; health.waiting of them. */
    int64_t float_at_us;         /* When it is asked for next. */
    bool float_coming;
    int64_t float_logged_us;  /* When its alarm was, last; 0: never. */
    int64_t said_logged_us;   /* When what an operator said was, last … */
    int64_t said_untold;      /* … and how much was not, since then. */
    size_t left, left_before; /* Of what is due, left by the look that is made; by the one before,
                                 and not seen yet by this one. */
    int64_t hurry_us;         /* The look's that is made: see health_put_off_us. */
    struct line_figures figures;
};

void line_init(struct line *line, const struct channel *channel, int64_t now_us);
/* Which breaker a call is about. */
enum health_kind line_kind(enum operator_task task);
/* health_tell, now; logs when the breaker opens or closes. */
void line_tell(struct line *line, enum health_kind kind, enum health_outcome outcome, bool probe);
/* Whatever the call was for: counts it, logs what was said, and heeds what it says of the channel
 * as a whole. What it means to the breaker is returned, and is still to be told. */
enum health_outcome line_heed(struct line *line, const struct call *call);
/* So much is left with the operator. */
void line_float(struct line *line, const struct amount *left, int64_t now_us);
void line_figure_add(atomic_uint_fast64_t *figure, uint64_t more);
/* Counts a call that took so long. */
void line_count(struct line *line, enum operator_task task, enum health_outcome outcome,
                int64_t duration_ms);
/* Puts what changed since the last time where other threads see it. */
void line_show(struct line *line, int64_t now_us);
/* As it was shown last. Any thread. */
void line_picture(const struct line *line, int64_t now_us, struct operator_picture *picture);
/* Appends the figures of all lines as Prometheus text. Any thread. */
void line_metrics(const struct line *lines, size_t count, struct buffer *text);
#endif

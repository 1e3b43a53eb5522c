#include "screening/screener.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "net/exchange.h"
#include "screening/inquiry.h"
#include "wire/signature.h"

enum {
    UNDER_WAY_MAX_DEFAULT = 16,
    TIMEOUT_MS_DEFAULT = 5000,
    CONNECT_TIMEOUT_MS_MAX = 3000,
    ITEMS_MAX = 1000,     /* Of one command. */
    LATER_MS_MIN = 1000,  /* Before one that nobody answered about is asked about again ... */
    LATER_MS_MAX = 60000, /* ... twice as long as it has waited, within these. */
    LIST_LOOK_MS = 2000,  /* Between two looks at the list's file. */
    FAULT_WAIT_MS = 1000, /* Before store or lane are tried again. */
    SLEEP_MS_MAX = 60000,
};
#define PAGE_ARENA_BYTES ((size_t)64 << 20)

/* A question to the service. */
struct question {
    struct screener *screener;
    enum { QUESTION_FREE, QUESTION_ASKED, QUESTION_ANSWERED } state;
    struct transfer transfer; /* Its texts are gone. */
    struct exchange_call call;
    struct buffer body;
    struct inquiry_answer answer;
    char id_header[sizeof "webhook-id: " + TRANSFER_ID_TEXT_BYTES];
    char timestamp_header[48];
    char signature_header[sizeof "webhook-signature: " + SIGNATURE_WEBHOOK_BYTES];
};

struct figures {
    atomic_uint_fast64_t clear, matches, skipped, unanswered, faults;
    atomic_int down;
};

struct screener {
    struct screener_options options;
    char url[SCREENER_URL_BYTES_MAX + 1];
    char bearer_header[sizeof "Authorization: Bearer " + SCREENER_KEY_BYTES_MAX];
    char secret[SCREENER_KEY_BYTES_MAX + 1];
    struct figures figures;
    pthread_t thread;
    bool joined;
    atomic_bool woken, stopping;
    struct exchange *exchange;
    /* The thread's own: */
    struct store_reader *reader;
    struct question *questions; /* under_way_max of them. */
    size_t under_way;           /* Questions that are not free. */
    int64_t failures;           /* Of the service, one after the other. */
    int64_t probe_at_ms;        /* When one question is tried, after a failure. */
    int64_t look_at_ms;         /* When something will be due. */
    int64_t list_at_ms;         /* When the list's file is looked at. */
    bool look;
    bool closing; /* What ends now was cut off. */
};

static void count(atomic_uint_fast64_t *figure)
{
    atomic_fetch_add_explicit(figure, 1, memory_order_relaxed);
}

/* --- What was answered, to the lane --- */

/* One command's worth. */
struct report {
    struct screened_item items[ITEMS_MAX];
    struct watch_answer answers[ITEMS_MAX]; /* The list's, where items point. */
    size_t count;
};

static void item_count(struct screener *screener, const struct screened_item *item)
{
    switch (item->verdict) {
    case SCREENING_CLEAR:
        count(&screener->figures.clear);
        return;
    case SCREENING_MATCH:
        count(&screener->figures.matches);
        return;
    case SCREENING_SKIPPED:
        count(&screener->figures.skipped);
        return;
    case SCREENING_NONE:
    case SCREENING_RELEASED:
    case SCREENING_REFUSED:
    case SCREENING_STATE_END:
        break;
    }
    count(&screener->figures.unanswered);
}

/* True when it is written down. If not, all of it is due as before. */
static bool report_send(struct screener *screener, struct report *report)
{
    if (report->count == 0)
        return true;
    bool matches = false; /* Only these leave acts: without one the acts' head need not be read. */
    for (size_t i = 0; i < report->count; i++)
        matches = matches || report->items[i].verdict == SCREENING_MATCH;
    struct lane_job job = {
        .command = {.kind = COMMAND_TRANSFER_SCREENED,
                    .actor = {.person = matches ? "screening" : NULL},
                    .transfer_screened = {.items = report->items, .count = report->count}}};
    if (lane_call(screener->options.lane, &job) != FAULT_NONE) {
        count(&screener->figures.faults);
        return false;
    }
    for (size_t i = 0; i < report->count; i++)
        if (report->items[i].applied)
            item_count(screener, &report->items[i]);
    return true;
}

static struct screened_item *report_add(struct report *report, const struct transfer *transfer)
{
    invariant(report->count < ITEMS_MAX);
    struct screened_item *item = &report->items[report->count++];
    *item = (struct screened_item){.transfer = transfer->id,
                                   .merchant = transfer->merchant,
                                   .due_at_ms = transfer->due_at_ms,
                                   .source = "",
                                   .version = "",
                                   .entry = ""};
    return item;
}

/* Nobody answered about it. changed_at_ms is when it was put off last, so it waits longer each
 * time. */
static void report_later(struct report *report, const struct transfer *transfer, int64_t now_ms)
{
    int64_t wait_ms = 2 * (now_ms - transfer->changed_at_ms);
    wait_ms = wait_ms < LATER_MS_MIN ? LATER_MS_MIN : wait_ms;
    wait_ms = wait_ms > LATER_MS_MAX ? LATER_MS_MAX : wait_ms;
    struct screened_item *item = report_add(report, transfer);
    item->verdict = SCREENING_NONE;
    item->next_at_ms = now_ms + wait_ms;
}

/* --- The list --- */

static void list_ask(struct screener *screener, struct report *report,
                     const struct due_screening *due, int64_t now_ms)
{
    struct watch_answer *answer = &report->answers[report->count];
    if (!watch_ask(screener->options.watch, due->name, due->surname, answer)) {
        report_later(report, &due->transfer, now_ms);
        return;
    }
    struct screened_item *item = report_add(report, &due->transfer);
    bool matches = answer->score >= screener->options.threshold;
    item->verdict = matches ? SCREENING_MATCH : SCREENING_CLEAR;
    item->source = "list";
    item->version = answer->version;
    item->entry = answer->entry;
    item->score = answer->score;
}

/* --- The service --- */

static bool question_asked(const struct screener *screener, struct transfer_id id)
{
    for (size_t i = 0; i < screener->options.under_way_max; i++)
        if (screener->questions[i].state != QUESTION_FREE &&
            screener->questions[i].transfer.id.value == id.value)
            return true;
    return false;
}

static void service_failed(struct screener *screener, const char *why)
{
    if (screener->failures++ == 0)
        log_event(LOG_LEVEL_ERROR, "screening service does not answer", LOG_TEXT("why", why),
                  LOG_TEXT("so", "nothing is paid before it does"));
    int64_t wait_ms = LATER_MS_MIN;
    for (int64_t i = 1; i < screener->failures && wait_ms < LATER_MS_MAX; i++)
        wait_ms *= 2;
    screener->probe_at_ms = clock_now_ms() + (wait_ms < LATER_MS_MAX ? wait_ms : LATER_MS_MAX);
    atomic_store(&screener->figures.down, 1);
}

static void service_answered(struct screener *screener)
{
    if (screener->failures > 0)
        log_event(LOG_LEVEL_INFO, "screening service answers again");
    screener->failures = 0;
    atomic_store(&screener->figures.down, 0);
}

static void question_done(struct exchange_call *call)
{
    struct question *question = call->context;
    struct screener *screener = question->screener;
    struct fault fault = {0};
    question->state = QUESTION_ANSWERED;
    question->answer = (struct inquiry_answer){0};
    if (screener->closing)
        return;
    enum fault_kind kind;
    if (call->status == 0)
        kind = fault_set(&fault, FAULT_FINAL, "%s", call->error);
    else if (call->status != 200)
        kind = fault_set(&fault, FAULT_FINAL, "HTTP status %d", call->status);
    else
        kind = inquiry_read(buffer_text(&call->answer), call->answer.length, &question->answer,
                            &fault);
    if (kind == FAULT_NONE) {
        service_answered(screener);
        return;
    }
    question->answer.verdict = SCREENING_NONE;
    service_failed(screener, fault.text);
}

static void question_sign(struct question *question)
{
    const struct screener *screener = question->screener;
    char id[TRANSFER_ID_TEXT_BYTES], signature[SIGNATURE_WEBHOOK_BYTES];
    int64_t now_s = clock_now_ms() / 1000;
    transfer_id_text(question->transfer.id, id);
    signature_webhook(screener->secret, id, now_s, buffer_text(&question->body),
                      question->body.length, signature);
    (void)snprintf(question->id_header, sizeof question->id_header, "webhook-id: %s", id);
    (void)snprintf(question->timestamp_header, sizeof question->timestamp_header,
                   "webhook-timestamp: %" PRId64, now_s);
    (void)snprintf(question->signature_header, sizeof question->signature_header,
                   "webhook-signature: %s", signature);
}

static void question_ask(struct screener *screener, const struct due_screening *due)
{
    struct question *question = screener->questions;
    while (question->state != QUESTION_FREE)
        question++;
    question->state = QUESTION_ASKED;
    question->transfer = due->transfer;
    buffer_clear(&question->body);
    inquiry_write(due, &question->body);
    int64_t timeout_ms = screener->options.timeout_ms;
    question->call = (struct exchange_call){
        .method = "POST",
        .url = screener->url,
        .headers = {"Content-Type: application/json", "Accept: application/json"},
        .body = buffer_text(&question->body),
        .body_length = question->body.length,
        .timeout_ms = timeout_ms,
        .connect_timeout_ms =
            timeout_ms < CONNECT_TIMEOUT_MS_MAX ? timeout_ms : CONNECT_TIMEOUT_MS_MAX,
        .public_only = false, /* It is the platform's own, and may be its neighbour. */
        .done = question_done,
        .context = question,
    };
    size_t header = 2;
    if (screener->bearer_header[0] != '\0')
        question->call.headers[header++] = screener->bearer_header;
    if (screener->secret[0] != '\0') {
        question_sign(question);
        question->call.headers[header++] = question->id_header;
        question->call.headers[header++] = question->timestamp_header;
        question->call.headers[header++] = question->signature_header;
    }
    screener->under_way++;
    exchange_start(screener->exchange, &question->call);
}

/* While the service is down one question at a time tries whether it is back; the others wait. */
static bool service_takes(const struct screener *screener, int64_t now_ms)
{
    if (screener->failures > 0)
        return screener->under_way == 0 && now_ms >= screener->probe_at_ms;
    return screener->under_way < screener->options.under_way_max;
}

/* Writes down what the service answered. */
static void answers_report(struct screener *screener, struct report *report)
{
    int64_t now_ms = clock_now_ms();
    struct question *ended[SCREENER_UNDER_WAY_MAX];
    size_t ended_count = 0;
    report->count = 0;
    for (size_t i = 0; i < screener->options.under_way_max; i++) {
        struct question *question = &screener->questions[i];
        if (question->state != QUESTION_ANSWERED)
            continue;
        ended[ended_count++] = question;
        if (question->answer.verdict == SCREENING_NONE) {
            report_later(report, &question->transfer, now_ms);
            continue;
        }
        struct screened_item *item = report_add(report, &question->transfer);
        item->verdict = question->answer.verdict;
        item->source = "url";
        item->version = question->answer.reference;
        item->entry = question->answer.entry;
        item->score = question->answer.score;
    }
    if (ended_count == 0)
        return;
    if (!report_send(screener, report)) {
        screener->look_at_ms = now_ms + FAULT_WAIT_MS; /* They are asked about once more. */
        screener->look = false;
    } else {
        screener->look = true;
    }
    for (size_t i = 0; i < ended_count; i++) {
        ended[i]->state = QUESTION_FREE;
        screener->under_way--;
    }
}

/* --- What is due --- */

/* Asks about one, or says at once what there is to say. False: it stays due. */
static bool due_take(struct screener *screener, struct report *report,
                     const struct due_screening *due, int64_t now_ms)
{
    if (screener->options.watch != NULL) {
        list_ask(screener, report, due, now_ms);
    } else if (screener->url[0] == '\0') {
        report_add(report, &due->transfer)->verdict = SCREENING_SKIPPED;
    } else if (!question_asked(screener, due->transfer.id)) {
        if (service_takes(screener, now_ms))
            question_ask(screener, due);
        else if (screener->failures > 0)
            report_later(report, &due->transfer, now_ms);
        else
            return false;
    }
    return true;
}

static enum fault_kind due_look(struct screener *screener, struct report *report,
                                struct fault *fault)
{
    AUTO(arena_closep) struct arena *arena = arena_open(PAGE_ARENA_BYTES);
    struct due_screening *due;
    struct next_due next;
    size_t found, taken = 0;
    int64_t now_ms = clock_now_ms();
    enum fault_kind kind =
        store_read_due_screenings(screener->reader, arena, now_ms, ITEMS_MAX, &due, &found, fault);
    if (kind != FAULT_NONE)
        return fault_wrap(fault, "read what is to be screened");
    report->count = 0;
    while (taken < found && due_take(screener, report, &due[taken], now_ms))
        taken++;
    size_t reported = report->count;
    if (!report_send(screener, report))
        return fault_set(fault, FAULT_AGAIN, "the lane did not take what was answered");
    screener->look = found == ITEMS_MAX && reported > 0;
    if (screener->look)
        return FAULT_NONE;
    kind = store_read_next_due(screener->reader, now_ms, &next, fault);
    if (kind != FAULT_NONE)
        return fault_wrap(fault, "read what is to be screened next");
    screener->look_at_ms = next.screening_at_ms == 0 ? INT64_MAX : next.screening_at_ms;
    return FAULT_NONE;
}

/* --- The thread --- */

static int64_t screener_sleep_ms(const struct screener *screener)
{
    int64_t now_ms = clock_now_ms(), until_ms = now_ms + SLEEP_MS_MAX;
    if (screener->look)
        return 0;
    if (screener->look_at_ms < until_ms)
        until_ms = screener->look_at_ms;
    if (screener->options.watch != NULL && screener->list_at_ms < until_ms)
        until_ms = screener->list_at_ms;
    return until_ms > now_ms ? until_ms - now_ms : 0;
}

static void screener_turn(struct screener *screener, struct report *report)
{
    struct fault fault = {0};
    int64_t now_ms = clock_now_ms();
    if (atomic_exchange(&screener->woken, false) || now_ms >= screener->look_at_ms) {
        screener->look = true;
        screener->look_at_ms = INT64_MAX;
    }
    if (screener->options.watch != NULL && now_ms >= screener->list_at_ms) {
        (void)watch_look(screener->options.watch);
        screener->list_at_ms = now_ms + LIST_LOOK_MS;
    }
    if (shares_use(screener->options.shares, DUTY_SCREENING, 0) == 0)
        screener->look = false; /* Another process asks; it is woken when it is to. */
    if (screener->look && due_look(screener, report, &fault) != FAULT_NONE) {
        log_event(LOG_LEVEL_ERROR, "names can't be screened", LOG_TEXT("why", fault.text));
        count(&screener->figures.faults);
        screener->look = false;
        screener->look_at_ms = now_ms + FAULT_WAIT_MS;
    }
    exchange_step(screener->exchange, screener_sleep_ms(screener));
    answers_report(screener, report);
}

static void *screener_run(void *argument)
{
    struct screener *screener = argument;
    struct report *report = malloc(sizeof *report);
    invariant(report != NULL);
    while (!atomic_load(&screener->stopping))
        screener_turn(screener, report);
    free(report);
    return NULL;
}

/* --- Opening and closing --- */

static void texts_take(struct screener *screener)
{
    const struct screener_options *options = &screener->options;
    if (options->watch == NULL && options->url != NULL)
        (void)snprintf(screener->url, sizeof screener->url, "%s", options->url);
    if (options->bearer != NULL && options->bearer[0] != '\0')
        (void)snprintf(screener->bearer_header, sizeof screener->bearer_header,
                       "Authorization: Bearer %s", options->bearer);
    if (options->secret != NULL)
        (void)snprintf(screener->secret, sizeof screener->secret, "%s", options->secret);
    screener->options.url = screener->options.bearer = screener->options.secret = NULL;
}

static void screener_free(struct screener *screener)
{
    screener->closing = true;
    exchange_close(screener->exchange);
    store_reader_close(screener->reader);
    for (size_t i = 0; screener->questions != NULL && i < screener->options.under_way_max; i++)
        buffer_free(&screener->questions[i].body);
    free(screener->questions);
    secret_wipe(screener, sizeof *screener);
    free(screener);
}

enum fault_kind screener_open(const struct screener_options *options, struct screener **screener,
                              struct fault *fault)
{
    struct screener *opened = calloc(1, sizeof *opened);
    invariant(opened != NULL);
    opened->options = *options;
    if (opened->options.under_way_max == 0)
        opened->options.under_way_max = UNDER_WAY_MAX_DEFAULT;
    if (opened->options.timeout_ms == 0)
        opened->options.timeout_ms = TIMEOUT_MS_DEFAULT;
    invariant(opened->options.under_way_max <= SCREENER_UNDER_WAY_MAX);
    texts_take(opened);
    size_t most = opened->options.under_way_max;
    if (store_reader_open(options->store, &opened->reader, fault) != FAULT_NONE ||
        exchange_open(&(struct exchange_options){.connections_max = most,
                                                 .connections_per_host_max = most,
                                                 .user_agent = "payoutd"},
                      &opened->exchange, fault) != FAULT_NONE) {
        screener_free(opened);
        return fault_wrap(fault, "start the screener");
    }
    opened->questions = calloc(most, sizeof *opened->questions);
    invariant(opened->questions != NULL);
    for (size_t i = 0; i < most; i++) {
        opened->questions[i].screener = opened;
        buffer_init(&opened->questions[i].body, INQUIRY_BYTES_MAX);
    }
    opened->look = true; /* What was left from before. */
    opened->look_at_ms = INT64_MAX;
    opened->list_at_ms = clock_now_ms() + LIST_LOOK_MS;
    invariant(pthread_create(&opened->thread, NULL, screener_run, opened) == 0);
    (void)pthread_setname_np(opened->thread, "screening");
    *screener = opened;
    return FAULT_NONE;
}

void screener_wake(void *context)
{
    struct screener *screener = context;
    atomic_store(&screener->woken, true);
    exchange_wake(screener->exchange);
}

void screener_stop(struct screener *screener)
{
    if (screener == NULL || screener->joined)
        return;
    atomic_store(&screener->stopping, true);
    exchange_wake(screener->exchange);
    invariant(pthread_join(screener->thread, NULL) == 0);
    screener->joined = true;
}

void screener_close(struct screener *screener)
{
    if (screener == NULL)
        return;
    screener_stop(screener);
    screener_free(screener);
}

void screener_metrics(const struct screener *screener, struct buffer *text)
{
    const struct figures *figures = &screener->figures;
    static const char *const names[] = {"clear", "match", "skipped", "unanswered"};
    const atomic_uint_fast64_t *const counts[] = {&figures->clear, &figures->matches,
                                                  &figures->skipped, &figures->unanswered};
    buffer_text_append(text, "# HELP payoutd_screening_answers_total What was answered about "
                             "names.\n# TYPE payoutd_screening_answers_total counter\n");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        buffer_format(text, "payoutd_screening_answers_total{result=\"%s\"} %" PRIuFAST64 "\n",
                      names[i], atomic_load(counts[i]));
    buffer_format(text,
                  "# HELP payoutd_screening_faults_total Reads and writes that failed.\n"
                  "# TYPE payoutd_screening_faults_total counter\n"
                  "payoutd_screening_faults_total %" PRIuFAST64 "\n",
                  atomic_load(&figures->faults));
    buffer_format(text,
                  "# HELP payoutd_screening_down 1: the service does not answer.\n"
                  "# TYPE payoutd_screening_down gauge\n"
                  "payoutd_screening_down %d\n",
                  atomic_load(&figures->down));
    if (screener->options.watch != NULL)
        watch_metrics(screener->options.watch, text);
}

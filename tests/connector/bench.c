#include "connector/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/secret.h"
#include "operators/connectors.h"

#define URL          "http://operator.test/"
#define CALLBACK_URL "http://127.0.0.1:8080/callback/v1/bench"
#define BEGAN_MS     INT64_C(1796000000000)

enum { ASKS_MAX = 40, ASK_AFTER_MS = 1000, RESUBMITS_MAX = 40 };

const struct pair pairs[] = {
    {.connector = "mtn_momo",
     .protocol = SIM_MTN,
     .environment = "mtnivorycoast",
     .operator_number = 3,
     .first_msisdn = INT64_C(2250506120000),
     .calls_back = true,
     .refuses_bare = true,
     .reasons = {TRANSFER_REASON_RECEIVER_UNKNOWN, TRANSFER_REASON_RECEIVER_LIMIT,
                 TRANSFER_REASON_RECEIVER_BLOCKED, TRANSFER_REASON_OPERATOR_REFUSED,
                 TRANSFER_REASON_OPERATOR_REFUSED, TRANSFER_REASON_OPERATOR_FLOAT}},
    {.connector = "wave",
     .protocol = SIM_WAVE,
     .operator_number = 4,
     .first_msisdn = INT64_C(2250707890000),
     .waits_for_float = true,
     .no_accounts = true,
     /* Wave pays out to a number without an account as to an inactive one, and has no words for a
      * name that differs: the simulator says recipient-minor. */
     .reasons = {TRANSFER_REASON_RECEIVER_BLOCKED, TRANSFER_REASON_RECEIVER_LIMIT,
                 TRANSFER_REASON_RECEIVER_BLOCKED, TRANSFER_REASON_RECEIVER_BLOCKED,
                 TRANSFER_REASON_OPERATOR_REFUSED, TRANSFER_REASON_OPERATOR_FLOAT}},
    {.connector = "gsma",
     .protocol = SIM_GSMA,
     .account = "organisationid:sim-gsma-client",
     .secret = "sim-gsma-client:sim-gsma-secret",
     .environment = "/v1/oauth/accesstoken",
     .operator_number = 2,
     .first_msisdn = INT64_C(2250102030000),
     .calls_back = true,
     .reasons = {TRANSFER_REASON_RECEIVER_UNKNOWN, TRANSFER_REASON_RECEIVER_LIMIT,
                 TRANSFER_REASON_RECEIVER_BLOCKED, TRANSFER_REASON_OPERATOR_REFUSED,
                 TRANSFER_REASON_OPERATOR_REFUSED, TRANSFER_REASON_OPERATOR_FLOAT}},
    {.connector = "gsma_basic",
     .protocol = SIM_GSMA,
     .account = "organisationid:sim-gsma-client",
     .secret = "sim-gsma-client:sim-gsma-secret",
     .operator_number = 2,
     .first_msisdn = INT64_C(2250102030000),
     .calls_back = true,
     .reasons = {TRANSFER_REASON_RECEIVER_UNKNOWN, TRANSFER_REASON_RECEIVER_LIMIT,
                 TRANSFER_REASON_RECEIVER_BLOCKED, TRANSFER_REASON_OPERATOR_REFUSED,
                 TRANSFER_REASON_OPERATOR_REFUSED, TRANSFER_REASON_OPERATOR_FLOAT}},
    {.connector = "orange",
     .protocol = SIM_ORANGE,
     .environment = "781234567",
     .operator_number = 5,
     .first_msisdn = INT64_C(221771230000),
     .waits_for_float = true,
     .fails_mute = true,
     .reasons = {TRANSFER_REASON_RECEIVER_UNKNOWN, TRANSFER_REASON_RECEIVER_LIMIT,
                 TRANSFER_REASON_RECEIVER_BLOCKED, TRANSFER_REASON_OPERATOR_REFUSED,
                 TRANSFER_REASON_OPERATOR_REFUSED, TRANSFER_REASON_OPERATOR_FLOAT}},
    {.connector = "cinetpay",
     .protocol = SIM_CINETPAY,
     .no_accounts = true,
     .operator_number = 1,
     .first_msisdn = INT64_C(2250707890000),
     .calls_back = true,
     .reasons = {TRANSFER_REASON_OPERATOR_REFUSED, TRANSFER_REASON_OPERATOR_REFUSED,
                 TRANSFER_REASON_OPERATOR_REFUSED, TRANSFER_REASON_OPERATOR_REFUSED,
                 TRANSFER_REASON_OPERATOR_REFUSED, TRANSFER_REASON_OPERATOR_REFUSED}},
    {.connector = "cinetpay_v2",
     .protocol = SIM_CINETPAY_V2,
     .operator_number = 1,
     .first_msisdn = INT64_C(2250707890000),
     .calls_back = true,
     /* "User has not enough balance", inside a FAILED, does not say whose. */
     .reasons = {TRANSFER_REASON_OPERATOR_REFUSED, TRANSFER_REASON_OPERATOR_REFUSED,
                 TRANSFER_REASON_OPERATOR_REFUSED, TRANSFER_REASON_OPERATOR_REFUSED,
                 TRANSFER_REASON_OPERATOR_REFUSED, TRANSFER_REASON_OPERATOR_REFUSED}},
};
const size_t pair_count = sizeof pairs / sizeof pairs[0];

#define COPY(to, from) (void)snprintf(to, sizeof(to), "%s", from)

struct bench *bench_open(const struct pair *pair, uint64_t seed)
{
    const struct operator_connector *connector = connector_named(pair->connector);
    const struct sim_credentials *credentials = sim_credentials(pair->protocol);
    if (connector == NULL)
        return NULL;
    struct bench *bench = calloc(1, sizeof *bench);
    invariant(bench != NULL);
    secret_init();
    bench->pair = pair;
    bench->connector = connector;
    bench->world = sim_open(seed);
    bench->now_ms = BEGAN_MS;
    struct channel *channel = &bench->channel;
    channel->number = 2;
    channel->connector = connector;
    channel->operators = UINT64_C(1) << pair->operator_number;
    channel->currency = CURRENCY_XOF;
    channel->batch_max = 1;
    (void)snprintf(channel->url, sizeof channel->url, URL "%s", sim_protocol_word(pair->protocol));
    COPY(channel->name, "bench");
    COPY(channel->account, pair->account != NULL ? pair->account : credentials->account);
    COPY(channel->environment, pair->environment != NULL ? pair->environment : "");
    COPY(channel->secret, pair->secret != NULL ? pair->secret : credentials->secret);
    COPY(channel->secret_second, credentials->second);
    if (pair->calls_back && (connector->abilities & OPERATOR_CALLS_BACK) != 0) {
        COPY(channel->callback_url, CALLBACK_URL);
        COPY(channel->callback_secret, "0123456789abcdef0123456789abcdef");
    }
    channel->validate = (connector->abilities & OPERATOR_VALIDATES) != 0;
    channel->name_least = (connector->abilities & OPERATOR_NAMES) != 0 ? 80 : 0;
    const char *lacks = connector->channel_check(channel);
    if (lacks != NULL)
        fprintf(stderr, "%s: %s\n", pair->connector, lacks);
    invariant(lacks == NULL);
    operator_request_init(&bench->request);
    sim_reply_init(&bench->reply);
    return bench;
}

void bench_close(struct bench *bench)
{
    if (bench == NULL)
        return;
    operator_request_free(&bench->request);
    sim_reply_free(&bench->reply);
    sim_close(bench->world);
    free(bench);
}

void bench_script(struct bench *bench, const char *json)
{
    char error[SIM_ERROR_BYTES];
    bool good = sim_script(bench->world, json, strlen(json), error);
    invariant(good);
}

void order_open(struct bench *bench, struct bench_order *order, int ending, int64_t amount_minor)
{
    *order = (struct bench_order){
        .transfer = {.id = {BEGAN_MS / 1000 * TRANSFER_IDS_PER_SECOND + ++bench->serial},
                     .merchant = {MERCHANT_ID_MIN},
                     .msisdn = bench->pair->first_msisdn + ending,
                     .operator_number = bench->pair->operator_number,
                     .amount = {amount_minor, CURRENCY_XOF},
                     .state = TRANSFER_REC,
                     .channel = bench->channel.number,
                     .attempts = 1,
                     .submitted_at_ms = bench->now_ms,
                     .created_at_ms = bench->now_ms},
        .attempt = {.number = 1, .receiver_name = "Awa Koné"}};
    transfer_id_text(order->transfer.id, order->attempt.reference);
}

/* --- Calls --- */

static void header_split(char line[OPERATOR_HEADER_BYTES], struct sim_header *header)
{
    char *colon = strchr(line, ':');
    invariant(colon != NULL && colon[1] == ' ');
    *colon = '\0';
    *header = (struct sim_header){line, colon + 2};
}

/* Has the operator answer what was written. False: nothing came back. */
static bool carry(struct bench *bench)
{
    struct sim_header headers[OPERATOR_HEADERS_MAX];
    const struct operator_request *request = &bench->request;
    char lines[OPERATOR_HEADERS_MAX][OPERATOR_HEADER_BYTES];
    char path[OPERATOR_URL_BYTES_MAX + 1];
    const char *url = buffer_text(&request->url);
    invariant(buffer_ok(&request->url) && buffer_ok(&request->body) && request->method != NULL);
    invariant(strncmp(url, URL, strlen(URL)) == 0);
    (void)snprintf(path, sizeof path, "/%s", url + strlen(URL));
    char *query = strchr(path, '?');
    if (query != NULL)
        *query++ = '\0';
    memcpy(lines, request->headers, sizeof lines);
    for (size_t i = 0; i < request->header_count; i++)
        header_split(lines[i], &headers[i]);
    const struct sim_request sent = {.method = request->method,
                                     .path = path,
                                     .query = query == NULL ? "" : query,
                                     .headers = headers,
                                     .header_count = request->header_count,
                                     .body = buffer_text(&request->body),
                                     .length = request->body.length,
                                     .now_ms = bench->now_ms};
    sim_answer(bench->world, &sent, &bench->reply);
    return bench->reply.status != 0;
}

static int64_t retry_after_ms(const struct sim_reply *reply)
{
    for (size_t i = 0; i < reply->header_count; i++)
        if (strncasecmp(reply->headers[i], "retry-after: ", 13) == 0)
            return strtoll(reply->headers[i] + 13, NULL, 10) * 1000;
    return 0;
}

static bool call_once(struct bench *bench, enum operator_task task, struct bench_order *orders,
                      size_t count)
{
    struct attempt attempts[BENCH_BATCH_MAX];
    invariant(count <= BENCH_BATCH_MAX);
    for (size_t i = 0; i < count; i++) {
        orders[i].transfer.operator_reference = orders[i].operator_reference;
        attempts[i] = orders[i].attempt;
        attempts[i].transfer = &orders[i].transfer;
        attempts[i].reversal_reference = orders[i].reversal_reference;
        attempts[i].now_ms = bench->now_ms;
    }
    const struct operator_call call = {.task = task,
                                       .channel = &bench->channel,
                                       .token = task == OPERATOR_TASK_TOKEN ? "" : bench->token,
                                       .attempts = attempts,
                                       .count = count,
                                       .now_ms = bench->now_ms};
    buffer_clear(&bench->request.url);
    buffer_clear(&bench->request.body);
    bench->request.header_count = 0;
    bench->request.method = NULL;
    bench->connector->call_write(&call, &bench->request);
    bench->result = (struct operator_result){.answers = bench->answers};
    for (size_t i = 0; i < BENCH_BATCH_MAX; i++)
        bench->answers[i] = (struct verdict_answer){.verdict = VERDICT_UNKNOWN};
    if (!carry(bench))
        return false;
    const struct operator_reply reply = {.status = bench->reply.status,
                                         .body = buffer_text(&bench->reply.body),
                                         .length = bench->reply.body.length,
                                         .retry_after_ms = retry_after_ms(&bench->reply)};
    bench->connector->answer_read(&call, &reply, &bench->result);
    bool reversal = task == OPERATOR_TASK_REVERSE || task == OPERATOR_TASK_ASK_REVERSAL;
    for (size_t i = 0; i < count; i++) {
        char *told = reversal ? orders[i].reversal_reference : orders[i].operator_reference;
        if (bench->answers[i].operator_reference[0] != '\0')
            (void)snprintf(told, sizeof orders[i].operator_reference, "%s",
                           bench->answers[i].operator_reference);
    }
    return true;
}

static void token_fetch(struct bench *bench)
{
    if ((bench->connector->abilities & OPERATOR_TOKENS) == 0 ||
        (bench->token[0] != '\0' && bench->now_ms < bench->token_until_ms))
        return;
    bench->token[0] = '\0';
    if (call_once(bench, OPERATOR_TASK_TOKEN, NULL, 0) && bench->result.token[0] != '\0') {
        COPY(bench->token, bench->result.token);
        bench->token_until_ms = bench->now_ms + bench->result.token_lifetime_ms;
    }
}

bool bench_call(struct bench *bench, enum operator_task task, struct bench_order *orders,
                size_t count)
{
    token_fetch(bench);
    bool answered = call_once(bench, task, orders, count);
    if (answered && bench->result.token_refused) {
        bench->token[0] = '\0';
        token_fetch(bench);
        answered = call_once(bench, task, orders, count);
    }
    return answered;
}

struct verdict_answer bench_read(struct bench *bench, enum operator_task task,
                                 struct bench_order *order, int status, const char *body,
                                 size_t length)
{
    order->transfer.operator_reference = order->operator_reference;
    struct attempt attempt = order->attempt;
    attempt.transfer = &order->transfer;
    attempt.reversal_reference = order->reversal_reference;
    attempt.now_ms = bench->now_ms;
    const struct operator_call call = {.task = task,
                                       .channel = &bench->channel,
                                       .token = bench->token,
                                       .attempts = &attempt,
                                       .count = 1,
                                       .now_ms = bench->now_ms};
    const struct operator_reply reply = {.status = status, .body = body, .length = length};
    bench->result = (struct operator_result){.answers = bench->answers};
    bench->answers[0] = (struct verdict_answer){.verdict = VERDICT_UNKNOWN};
    bench->connector->answer_read(&call, &reply, &bench->result);
    return bench->answers[0];
}

/* --- A transfer's life --- */

static bool introduce(struct bench *bench, struct bench_order *order)
{
    if ((bench->connector->abilities & OPERATOR_INTRODUCES) == 0)
        return true;
    return bench_call(bench, OPERATOR_TASK_VALIDATE, order, 1) &&
           bench->result.receiver == OPERATOR_RECEIVER_FOUND;
}

static enum verdict submit(struct bench *bench, struct bench_order *order)
{
    if (!introduce(bench, order))
        return VERDICT_NOT_SENT;
    return bench_call(bench, OPERATOR_TASK_SUBMIT, order, 1) ? bench->answers[0].verdict
                                                             : VERDICT_UNKNOWN;
}

enum verdict bench_ask(struct bench *bench, struct bench_order *order, enum transfer_reason *reason)
{
    enum verdict verdict = VERDICT_UNKNOWN;
    for (int i = 0; i < ASKS_MAX && (verdict == VERDICT_UNKNOWN || verdict == VERDICT_PENDING);
         i++) {
        bench->now_ms += ASK_AFTER_MS;
        order->attempt.number++;
        verdict = bench_call(bench, OPERATOR_TASK_ASK, order, 1) ? bench->answers[0].verdict
                                                                 : VERDICT_UNKNOWN;
    }
    if (reason != NULL)
        *reason = bench->answers[0].reason;
    return verdict;
}

enum verdict bench_play(struct bench *bench, struct bench_order *order,
                        enum transfer_reason *reason)
{
    enum verdict verdict = VERDICT_NOT_SENT;
    for (int i = 0; i < RESUBMITS_MAX; i++) {
        if (verdict == VERDICT_NOT_SENT || verdict == VERDICT_NEVER_SEEN)
            verdict = submit(bench, order);
        if (reason != NULL)
            *reason = bench->answers[0].reason;
        if (verdict == VERDICT_PENDING || verdict == VERDICT_UNKNOWN)
            verdict = bench_ask(bench, order, reason);
        if (verdict == VERDICT_PAID || verdict == VERDICT_REJECTED || verdict == VERDICT_UNKNOWN)
            break;
        bench->now_ms += ASK_AFTER_MS;
    }
    return verdict;
}

struct sim_totals bench_totals(const struct bench *bench)
{
    struct sim_totals totals;
    sim_totals(bench->world, bench->pair->protocol, &totals);
    return totals;
}

/* --- Callbacks --- */

static const char *callback_header_find(void *context, const char *name)
{
    static char value[SIM_HEADER_BYTES];
    const struct sim_callback *callback = context;
    size_t length = strlen(name);
    for (size_t i = 0; i < callback->header_count; i++)
        if (strncasecmp(callback->headers[i], name, length) == 0 &&
            callback->headers[i][length] == ':') {
            COPY(value, callback->headers[i] + length + 2);
            return value;
        }
    return NULL;
}

enum operator_callback_word bench_callback(struct bench *bench, const struct sim_callback *callback,
                                           char reference[TRANSFER_ID_TEXT_BYTES])
{
    const char *url = bench->channel.callback_url;
    size_t length = strlen(url);
    invariant(strncmp(callback->url, url, length) == 0);
    const struct operator_callback came = {
        .channel = &bench->channel,
        .method = callback->method,
        .rest = callback->url[length] == '/' ? callback->url + length + 1 : "",
        .body = buffer_text(&callback->body),
        .length = callback->body.length,
        .now_ms = bench->now_ms,
        .header = callback_header_find,
        .context = (void *)(uintptr_t)callback};
    return bench->connector->callback_read(&came, reference);
}

/* operator: any bytes as an operator's reply, or its callback, as each connector reads them.
 * Whatever comes, every attempt gets a verdict that can be believed of it: none that its connector
 * may not give, no end from what is no JSON that says something, or from a server that fails. The
 * same bytes say the same, and what an operator told goes back out without breaking a header or a
 * URL. The first bytes say which connector, what was asked, the status, what is known of the
 * transfer; a callback's headers end at the first NUL. */
#include "fuzz.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "operators/connectors.h"

enum {
    CHOICES = 5, /* Bytes that choose. */
    KNOWN = 1,   /* The transfer has an operator_reference, of the kind that the operator gives. */
    CALLBACK = 2,
    BATCH = 4,
    SIGNED = 8,
    NAMED = 16,
    TOLD_SHIFT = 5, /* The bits above: which of told, with KNOWN; 0: its setting's. */
    BATCH_MAX = 3,
};

/* What an operator may have told of a transfer before. */
static const char *const told[8] = {NULL,      "requeststates/208108a9", "transactions/REF-1",
                                    "REF-1",   "pb-1u1jwx7wg7zmg",       "CI1234.5678.91023",
                                    "a/b?c#d", "responses/208108a9"};

/* Settings that each connector takes. */
static const struct setting {
    const char *name, *account, *environment, *secret, *second, *reference;
} settings[] = {
    {"mtn_momo", "6f1d6e1a-5c0e-4f0e-8a57-3f7e0c2f9a11", "sandbox", "key", "subscription",
     "363440463"},
    {"wave", "", "", "wave_sn_prod_Y", "wave_ci_AKS", "pt-185b5e4b8100c"},
    {"cinetpay", "apikey", "a@b.example", "password", "", "EA181025.112233.A000001"},
    {"cinetpay_v2", "", "", "sk_live_a", "password", "50901a80c84b4edcb4f50ae864bfa7c5"},
    {"gsma", "walletid:1", "/oauth", "name:password", "", "1638"},
    {"gsma_basic", "walletid:1", "", "name:password", "", "1638"},
    {"orange", "client", "781234567", "secret", "c2Vjb25k", "CI1234.5678.91023"},
    {"", "account", "environment", "secret", "second", "reference"},
};

static const struct setting *setting_of(const struct operator_connector *connector)
{
    const struct setting *each = settings;
    while (each->name[0] != '\0' && strcmp(each->name, connector->name) != 0)
        each++;
    return each;
}

struct scene {
    struct channel channel;
    struct transfer transfer;
    struct attempt attempts[BATCH_MAX];
    struct verdict_answer answers[BATCH_MAX];
    struct operator_call call;
    struct operator_result result;
    struct operator_reply reply;
};

static void scene_make(struct scene *scene, const struct operator_connector *connector, int flags)
{
    const struct setting *setting = setting_of(connector);
    const char *known =
        told[flags >> TOLD_SHIFT] != NULL ? told[flags >> TOLD_SHIFT] : setting->reference;
    scene->channel = (struct channel){.number = 2,
                                      .name = "fuzz",
                                      .connector = connector,
                                      .url = "https://operator.example",
                                      .callback_url = "https://pay.example/callback/v1/fuzz",
                                      .callback_secret = "0123456789abcdef",
                                      .currency = CURRENCY_XOF,
                                      .operators = 1 << 1,
                                      .name_least = (flags & NAMED) != 0 ? 60 : 0,
                                      .batch_max = (flags & BATCH) != 0 ? BATCH_MAX : 1};
#define SET(member, text)                                                                          \
    (void)snprintf(scene->channel.member, sizeof scene->channel.member, "%s", text)
    SET(account, setting->account);
    SET(environment, setting->environment);
    SET(secret, setting->secret);
    SET(secret_second, (flags & SIGNED) != 0 ? setting->second : "");
#undef SET
    scene->transfer = (struct transfer){.id = {1},
                                        .msisdn = INT64_C(2250707895086),
                                        .operator_number = 1,
                                        .amount = {500, CURRENCY_XOF},
                                        .state = TRANSFER_REC,
                                        .submitted_at_ms = INT64_C(1760786000000),
                                        .operator_reference = (flags & KNOWN) != 0 ? known : ""};
    for (size_t i = 0; i < BATCH_MAX; i++) {
        scene->attempts[i] =
            (struct attempt){.transfer = &scene->transfer,
                             .number = 1,
                             .now_ms = INT64_C(1760786553000),
                             .receiver_name = "Awa Koné",
                             .reversal_reference = scene->transfer.operator_reference};
        (void)snprintf(scene->attempts[i].reference, TRANSFER_ID_TEXT_BYTES,
                       "EA181025.112233.X12345%zu", i);
    }
    scene->call = (struct operator_call){.channel = &scene->channel,
                                         .token = "t0k3n",
                                         .attempts = scene->attempts,
                                         .count = 1,
                                         .now_ms = INT64_C(1760786553000)};
    scene->result = (struct operator_result){.answers = scene->answers};
}

/* False: a connector of these abilities is never asked that. */
static bool task_choose(const struct operator_connector *connector, int choice,
                        struct operator_call *call, int flags)
{
    static const unsigned needs[OPERATOR_TASK_COUNT] = {
        [OPERATOR_TASK_TOKEN] = OPERATOR_TOKENS,
        [OPERATOR_TASK_ASK] = OPERATOR_ASKED,
        [OPERATOR_TASK_VALIDATE] = OPERATOR_VALIDATES,
        [OPERATOR_TASK_FLOAT] = OPERATOR_TELLS_FLOAT,
        [OPERATOR_TASK_REVERSE] = OPERATOR_REVERSES,
        [OPERATOR_TASK_ASK_REVERSAL] = OPERATOR_REVERSES,
    };
    call->task = (enum operator_task)(choice % OPERATOR_TASK_COUNT);
    if (call->task == OPERATOR_TASK_TOKEN || call->task == OPERATOR_TASK_FLOAT)
        call->count = 0;
    else if (call->task == OPERATOR_TASK_SUBMIT && (flags & BATCH) != 0 &&
             connector->batch_max >= BATCH_MAX)
        call->count = BATCH_MAX;
    return (connector->abilities & needs[call->task]) == needs[call->task];
}

/* JSON that says anything at all. */
static bool reply_says(const struct operator_reply *reply)
{
    json_t *value = json_loadb(reply->body, reply->length, JSON_DISABLE_EOF_CHECK, NULL);
    bool says = json_object_size(value) > 0 || json_array_size(value) > 0;
    json_decref(value);
    return says;
}

/* What may end a transfer, or a reversal. Wave says that a reversal is done by 200 and nothing
 * else; MTN puts what it says of a receiver under 500, the schema's only status that has a code. */
static void end_check(const struct scene *scene, const struct verdict_answer *answer)
{
    int status = scene->reply.status;
    bool good = status >= 200 && status < 300;
    bool mute = scene->call.task == OPERATOR_TASK_REVERSE && scene->reply.length == 0 && good;
    bool receiver = strcmp(scene->channel.connector->name, "mtn_momo") == 0 && status == 500 &&
                    (answer->reason == TRANSFER_REASON_RECEIVER_UNKNOWN ||
                     answer->reason == TRANSFER_REASON_RECEIVER_BLOCKED);
    invariant(mute || reply_says(&scene->reply));
    invariant(answer->verdict == VERDICT_PAID ? good : status < 500 || receiver);
}

static void text_check(const char *text, size_t size)
{
    const char *end = memchr(text, '\0', size);
    invariant(end != NULL);
    for (; text < end; text++)
        invariant((unsigned char)*text >= ' ' && *text != 0x7f);
}

static void answer_check(const struct scene *scene, size_t i)
{
    const struct operator_connector *connector = scene->channel.connector;
    const struct verdict_answer *answer = &scene->answers[i];
    enum operator_task task = scene->call.task;
    bool sends = task == OPERATOR_TASK_SUBMIT || task == OPERATOR_TASK_REVERSE;
    bool asks = task == OPERATOR_TASK_ASK || task == OPERATOR_TASK_ASK_REVERSAL;
    bool ends = answer->verdict == VERDICT_PAID || answer->verdict == VERDICT_REJECTED;
    invariant(answer->verdict >= VERDICT_PAID && answer->verdict <= VERDICT_NOT_SENT);
    if (answer->verdict == VERDICT_NOT_SENT)
        invariant(sends);
    if (answer->verdict == VERDICT_NEVER_SEEN)
        invariant(asks && (connector->abilities & OPERATOR_REFERENCE_ONCE) != 0 &&
                  scene->reply.status < 500);
    if (ends)
        end_check(scene, answer);
    /* No end, and nothing to send again, from what turned us away. */
    if (scene->result.token_refused || scene->result.throttled_ms > 0)
        invariant(!ends && answer->verdict != VERDICT_NEVER_SEEN);
    invariant(answer->ask_after_ms >= 0);
    text_check(answer->operator_reference, sizeof answer->operator_reference);
    invariant(transfer_reason_word(answer->reason)[0] != '\0');
}

static void request_check(const struct operator_call *call)
{
    struct operator_request request;
    operator_request_init(&request);
    call->channel->connector->call_write(call, &request);
    invariant(buffer_ok(&request.url) && buffer_ok(&request.body) && request.method != NULL);
    for (const char *at = buffer_text(&request.url); *at != '\0'; at++)
        invariant(*at > ' ' && *at <= '~');
    for (size_t i = 0; i < request.header_count; i++)
        text_check(request.headers[i], sizeof request.headers[i]);
    operator_request_free(&request);
}

static void answers_read(struct scene *scene)
{
    memset(scene->answers, 0, sizeof scene->answers);
    scene->result = (struct operator_result){.answers = scene->answers};
    scene->channel.connector->answer_read(&scene->call, &scene->reply, &scene->result);
}

/* What was told goes back out in the next question. */
static void told_again(struct scene *scene)
{
    struct operator_call ask = scene->call;
    if (ask.count != 1 || scene->call.task == OPERATOR_TASK_VALIDATE ||
        (scene->channel.connector->abilities & OPERATOR_ASKED) == 0)
        return;
    ask.task = OPERATOR_TASK_ASK;
    scene->transfer.operator_reference = scene->answers[0].operator_reference;
    request_check(&ask);
}

static void result_check(const struct scene *scene)
{
    const struct operator_result *result = &scene->result;
    invariant(memchr(result->said, '\0', sizeof result->said) != NULL);
    invariant(memchr(result->token, '\0', sizeof result->token) != NULL);
    invariant(memchr(result->receiver_name, '\0', sizeof result->receiver_name) != NULL);
    for (const char *at = result->said; *at != '\0'; at++)
        invariant(*at >= ' ' && *at <= '~');
    for (const char *at = result->token; *at != '\0'; at++)
        invariant(*at > ' ' && *at <= '~');
    if (result->token[0] != '\0')
        invariant(scene->call.task == OPERATOR_TASK_TOKEN && result->token_lifetime_ms > 0);
    if (result->float_known)
        invariant(result->float_left.currency == scene->channel.currency);
}

static void reply_read(struct scene *scene, int status, const char *body, size_t length)
{
    struct verdict_answer before[BATCH_MAX];
    scene->reply = (struct operator_reply){.status = status, .body = body, .length = length};
    request_check(&scene->call);
    answers_read(scene);
    memcpy(before, scene->answers, sizeof before);
    answers_read(scene);
    invariant(memcmp(before, scene->answers, sizeof before) == 0);
    if (scene->call.task == OPERATOR_TASK_VALIDATE)
        invariant(scene->result.receiver <= OPERATOR_RECEIVER_OTHER);
    else
        for (size_t i = 0; i < scene->call.count; i++)
            answer_check(scene, i);
    result_check(scene);
    told_again(scene);
}

/* Every header is the same text: which of them a connector looks for is its own matter. */
static const char *header_find(void *context, const char *name)
{
    const char *header = context;
    (void)name;
    return header[0] != '\0' ? header : NULL;
}

static void callback_check(struct scene *scene, const char *bytes, size_t size)
{
    const struct operator_connector *connector = scene->channel.connector;
    const char *end = memchr(bytes, '\0', size);
    size_t length = end != NULL ? (size_t)(end - bytes) : size;
    char *header = calloc(1, length + 1), reference[TRANSFER_ID_TEXT_BYTES];
    invariant(header != NULL);
    memcpy(header, bytes, length);
    size_t skip = end != NULL ? length + 1 : size;
    /* What follows a callback's name is the secret, or what the bytes say. */
    struct operator_callback callback = {.channel = &scene->channel,
                                         .method = "POST",
                                         .rest = length % 2 == 0 ? "0123456789abcdef" : header,
                                         .body = bytes + skip,
                                         .length = size - skip,
                                         .now_ms = scene->call.now_ms,
                                         .header = header_find,
                                         .context = header};
    if (connector->callback_read(&callback, reference) == OPERATOR_CALLBACK_ABOUT)
        invariant(memchr(reference, '\0', sizeof reference) != NULL && reference[0] != '\0');
    /* What proved itself by our secret proves nothing by another. */
    memcpy(scene->channel.callback_secret, "fedcba9876543210", 17);
    if (strstr(header, "fedcba9876543210") == NULL)
        invariant(connector->callback_read(&callback, reference) == OPERATOR_CALLBACK_FORGED);
    free(header);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static bool ready;
    if (!ready)
        secret_init();
    ready = true;
    if (size < CHOICES)
        return 0;
    const struct operator_connector *connector = connector_at(bytes[0]);
    if (connector == NULL || connector->answer_read == NULL)
        return 0;
    struct scene *scene = calloc(1, sizeof *scene);
    invariant(scene != NULL);
    int status = 100 + (bytes[2] << 8 | bytes[3]) % 500, flags = bytes[4];
    scene_make(scene, connector, flags);
    /* A copy, so that what reads past its end is found. */
    char *body = malloc(size - CHOICES + (size == CHOICES));
    invariant(body != NULL);
    memcpy(body, bytes + CHOICES, size - CHOICES);
    if ((flags & CALLBACK) != 0) {
        if (connector->callback_read != NULL)
            callback_check(scene, body, size - CHOICES);
    } else if (task_choose(connector, bytes[1], &scene->call, flags)) {
        reply_read(scene, status, body, size - CHOICES);
    }
    free(body);
    free(scene);
    return 0;
}

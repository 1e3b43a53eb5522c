/* saying: a connector with an attempt, what it writes for a task, and what it makes of a reply. The
 * transfer is of 500 XOF to +2250707895086, its reference EA181025.112233.X123456; tests change
 * what they like before they ask. Each call to saying_read starts from a clean result. */
#ifndef PAYOUT_TESTS_SAYING_H
#define PAYOUT_TESTS_SAYING_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "operators/operator.h"

#define SAYING_REFERENCE "EA181025.112233.X123456"

struct saying {
    const struct operator_connector *connector;
    struct channel channel;
    struct transfer transfer;
    struct attempt attempt;
    struct operator_call call;
    struct operator_request request;
    struct verdict_answer answer;
    struct operator_result result;
};

static inline struct saying *saying_open(const struct operator_connector *connector,
                                         const struct channel *channel)
{
    struct saying *saying = calloc(1, sizeof *saying);
    assert_non_null(saying);
    secret_init();
    saying->connector = connector;
    saying->channel = *channel;
    saying->channel.connector = connector;
    saying->transfer = (struct transfer){.id = {1},
                                         .msisdn = INT64_C(2250707895086),
                                         .operator_number = 3,
                                         .amount = {500, CURRENCY_XOF},
                                         .client_id = NULL,
                                         .state = TRANSFER_REC,
                                         .attempts = 1,
                                         .submitted_at_ms = INT64_C(1760786550000),
                                         .operator_reference = ""};
    saying->attempt = (struct attempt){.transfer = &saying->transfer,
                                       .reference = SAYING_REFERENCE,
                                       .number = 1,
                                       .now_ms = INT64_C(1760786553000),
                                       .receiver_name = "Awa Koné"};
    saying->call = (struct operator_call){.channel = &saying->channel,
                                          .token = "t0k3n",
                                          .attempts = &saying->attempt,
                                          .count = 1,
                                          .now_ms = INT64_C(1760786553000)};
    operator_request_init(&saying->request);
    return saying;
}

static inline void saying_close(struct saying *saying)
{
    operator_request_free(&saying->request);
    free(saying);
}

static inline void saying_task(struct saying *saying, enum operator_task task)
{
    saying->call.task = task;
    saying->call.count = task == OPERATOR_TASK_TOKEN || task == OPERATOR_TASK_FLOAT ? 0 : 1;
}

static inline void saying_write(struct saying *saying, enum operator_task task)
{
    saying_task(saying, task);
    operator_request_free(&saying->request);
    operator_request_init(&saying->request);
    saying->connector->call_write(&saying->call, &saying->request);
    assert_true(buffer_ok(&saying->request.url));
    assert_true(buffer_ok(&saying->request.body));
    for (size_t i = 0; i < saying->request.header_count; i++)
        for (const char *at = saying->request.headers[i]; *at != '\0'; at++)
            assert_true(*at >= ' ' && *at <= '~');
}

/* The request's header, from its name on; NULL: there is none. */
static inline const char *saying_header(const struct saying *saying, const char *name)
{
    for (size_t i = 0; i < saying->request.header_count; i++)
        if (strncmp(saying->request.headers[i], name, strlen(name)) == 0 &&
            saying->request.headers[i][strlen(name)] == ':')
            return saying->request.headers[i] + strlen(name) + 2;
    return NULL;
}

static inline struct verdict_answer *saying_read_bytes(struct saying *saying,
                                                       enum operator_task task, int status,
                                                       const char *body, size_t length)
{
    saying_task(saying, task);
    /* A copy without a NUL behind it: what reads past its end is found. */
    char *bytes = malloc(length + (length == 0));
    assert_non_null(bytes);
    memcpy(bytes, body, length);
    saying->answer = (struct verdict_answer){0};
    saying->result = (struct operator_result){.answers = &saying->answer};
    struct operator_reply reply = {.status = status, .body = bytes, .length = length};
    saying->connector->answer_read(&saying->call, &reply, &saying->result);
    free(bytes);
    if (task == OPERATOR_TASK_SUBMIT || task == OPERATOR_TASK_ASK ||
        task == OPERATOR_TASK_REVERSE || task == OPERATOR_TASK_ASK_REVERSAL)
        assert_in_range(saying->answer.verdict, VERDICT_PAID, VERDICT_NOT_SENT);
    return &saying->answer;
}

static inline struct verdict_answer *saying_read(struct saying *saying, enum operator_task task,
                                                 int status, const char *body)
{
    return saying_read_bytes(saying, task, status, body, strlen(body));
}

/* A file of tests/data/operators, whole; the caller's. */
static inline char *saying_file(const char *folder, const char *name)
{
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail_msg("%s is not there", path);
    char *text = calloc(1, 65536);
    assert_non_null(text);
    assert_true(fread(text, 1, 65535, file) > 0);
    assert_int_equal(fclose(file), 0);
    return text;
}

/* A document's JSON, which is printed over several lines, as it would be sent: compact. */
static inline char *saying_compact(const char *folder, const char *name)
{
    char *text = saying_file(folder, name);
    json_t *value = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(value);
    char *compact = json_dumps(value, JSON_COMPACT);
    assert_non_null(compact);
    json_decref(value);
    free(text);
    return compact;
}

/* Bodies that say nothing, whatever the status and the task: none may end a transfer. */
static const char *const saying_nothing[] = {
    "",
    " ",
    "null",
    "true",
    "1",
    "\"SUCCESSFUL\"",
    "[]",
    "[{\"status\":\"SUCCESSFUL\"}]",
    "{",
    "{}",
    "{}{}",
    "{\"status\":null}",
    "{\"status\":[]}",
    "{\"status\":{\"status\":\"SUCCESSFUL\"}}",
    "{\"status\":\"\"}",
    "{\"status\":\"SUCCESSFUL\",\"status\":\"FAILED\"}",
    "{\"status\":\"SUCCESSFUL\\u0000\"}",
    "{\"code\":1}",
    "{\"code\":null,\"message\":[]}",
    "<html><body>502 Bad Gateway: SUCCESSFUL</body></html>",
    "status=SUCCESSFUL",
    "\xff\xfe{\"status\":\"SUCCESSFUL\"}",
    "{\"amount\":1e999}",
    "{\"amount\":99999999999999999999999999}",
};

/* True when the answer ends the transfer. */
static inline bool saying_ends(const struct verdict_answer *answer)
{
    return answer->verdict == VERDICT_PAID || answer->verdict == VERDICT_REJECTED;
}

static inline void saying_nothing_ends_anything(struct saying *saying)
{
    static const enum operator_task tasks[] = {OPERATOR_TASK_SUBMIT, OPERATOR_TASK_ASK,
                                               OPERATOR_TASK_REVERSE, OPERATOR_TASK_ASK_REVERSAL};
    for (size_t task = 0; task < sizeof tasks / sizeof *tasks; task++)
        for (size_t i = 0; i < sizeof saying_nothing / sizeof *saying_nothing; i++)
            for (int status = 100; status < 600; status++)
                if (saying_ends(saying_read(saying, tasks[task], status, saying_nothing[i])))
                    fail_msg("task %zu, %d %s", task, status, saying_nothing[i]);
}
#endif

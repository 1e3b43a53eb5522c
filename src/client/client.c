#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/request.h"
#include "client/result.h"

enum { REPEATS_MAX = 3, REPEAT_WAIT_MS = 500, WAIT_MS_MAX = 60000, PATH_BYTES_MAX = 8192 };

struct payout_client {
    struct transport *transport;
    char *apikey, *password;
    char *token; /* NULL: not logged in. */
    const char *lang;
    int repeats_max;
    int64_t repeat_wait_ms, wait_ms_max;
    void (*wait)(void *context, int64_t wait_ms);
    void *wait_context;
};

/* One of the calls, as the loop below sees it. */
struct call {
    const char *path;           /* "/v1/transfer/contact" */
    const struct buffer *query; /* More of the query, encoded; NULL: none. */
    const struct buffer *body;  /* NULL: a GET. */
    bool changes;               /* Something at the server: no answer is UNKNOWN. */
    bool repeatable;            /* Twice is as good as once. */
    enum payout_client_fault (*read)(struct result *result, const void *context);
    const void *context;
};

static void poll_wait(void *context, int64_t wait_ms)
{
    (void)context;
    (void)poll(NULL, 0, wait_ms > INT32_MAX ? INT32_MAX : (int)wait_ms);
}

static void wipe_free(char *text)
{
    if (text != NULL)
        explicit_bzero(text, strlen(text));
    free(text);
}

enum payout_client_fault payout_client_open(const struct payout_client_options *options,
                                            struct payout_client **client)
{
    *client = NULL;
    if (options->apikey == NULL || options->password == NULL)
        return PAYOUT_CLIENT_BAD_ARGUMENT;
    struct payout_client *made = calloc(1, sizeof *made);
    if (made == NULL)
        return PAYOUT_CLIENT_NO_MEMORY;
    *made = (struct payout_client){
        .lang = options->lang == PAYOUT_EN ? "en" : "fr",
        .repeats_max = options->repeats_max == 0  ? REPEATS_MAX
                       : options->repeats_max < 0 ? 0
                                                  : options->repeats_max,
        .repeat_wait_ms = options->repeat_wait_ms > 0 ? options->repeat_wait_ms : REPEAT_WAIT_MS,
        .wait_ms_max = options->wait_ms_max > 0 ? options->wait_ms_max : WAIT_MS_MAX,
        .wait = options->wait != NULL ? options->wait : poll_wait,
        .wait_context = options->wait_context,
    };
    const struct transport_options transport = {
        .base_url = options->base_url,
        .connect_timeout_ms = options->connect_timeout_ms,
        .timeout_ms = options->timeout_ms,
        .user_agent = options->user_agent,
        .ca_file = options->ca_file,
    };
    enum payout_client_fault fault = transport_open(&transport, &made->transport);
    made->apikey = strdup(options->apikey);
    made->password = strdup(options->password);
    if (fault == PAYOUT_CLIENT_DONE && (made->apikey == NULL || made->password == NULL))
        fault = PAYOUT_CLIENT_NO_MEMORY;
    if (fault != PAYOUT_CLIENT_DONE) {
        payout_client_close(made);
        return fault;
    }
    *client = made;
    return PAYOUT_CLIENT_DONE;
}

void payout_client_close(struct payout_client *client)
{
    if (client == NULL)
        return;
    transport_close(client->transport);
    wipe_free(client->apikey);
    wipe_free(client->password);
    wipe_free(client->token);
    free(client);
}

const char *payout_client_fault_word(enum payout_client_fault fault)
{
    switch (fault) {
    case PAYOUT_CLIENT_DONE:
        return "DONE";
    case PAYOUT_CLIENT_BAD_ARGUMENT:
        return "BAD_ARGUMENT";
    case PAYOUT_CLIENT_NO_MEMORY:
        return "NO_MEMORY";
    case PAYOUT_CLIENT_UNREACHABLE:
        return "UNREACHABLE";
    case PAYOUT_CLIENT_UNREADABLE:
        return "UNREADABLE";
    case PAYOUT_CLIENT_UNKNOWN:
        return "UNKNOWN";
    }
    return "UNKNOWN";
}

const char *payout_outcome_word(enum payout_outcome outcome)
{
    switch (outcome) {
    case PAYOUT_OUTCOME_UNKNOWN:
        return "UNKNOWN";
    case PAYOUT_OUTCOME_ACCEPTED:
        return "ACCEPTED";
    case PAYOUT_OUTCOME_REPEATED:
        return "REPEATED";
    case PAYOUT_OUTCOME_REFUSED:
        return "REFUSED";
    case PAYOUT_OUTCOME_NOT_SENT:
        return "NOT_SENT";
    }
    return "UNKNOWN";
}

/* Sends one request and reads its envelope. *left: some of the request may have reached the
 * server. */
static enum payout_client_fault call_once(struct payout_client *client, const struct call *call,
                                          const char *token, struct result *result, bool *left)
{
    struct transport_reply reply;
    struct buffer path;
    *left = false;
    result_clear(result);
    buffer_init(&path, PATH_BYTES_MAX);
    buffer_format(&path, "%s?", call->path);
    if (token != NULL)
        transport_field(&path, "token", token);
    transport_field(&path, "lang", client->lang);
    if (call->query != NULL)
        buffer_format(&path, "&%s", buffer_text(call->query));
    if (!buffer_ok(&path)) {
        buffer_free(&path);
        (void)snprintf(result->seen.text, sizeof result->seen.text, "out of memory");
        return PAYOUT_CLIENT_NO_MEMORY;
    }
    const struct transport_request request = {
        .path = buffer_text(&path),
        .body = call->body != NULL ? buffer_text(call->body) : NULL,
        .body_length = call->body != NULL ? call->body->length : 0,
        .content_type = "application/x-www-form-urlencoded",
        .fresh = call->changes && !call->repeatable,
    };
    enum payout_client_fault fault = transport_call(client->transport, &request, &reply);
    result->seen.requests++;
    *left = reply.left;
    if (fault == PAYOUT_CLIENT_DONE)
        fault = result_read(result, &reply);
    else
        (void)snprintf(result->seen.text, sizeof result->seen.text, "%s", reply.error);
    buffer_free(&reply.body);
    buffer_free(&path);
    return fault;
}

/* Logs in and keeps the token. DONE with another code than OK: the server refused. */
static enum payout_client_fault login(struct payout_client *client, struct result *result)
{
    struct buffer body;
    bool left;
    const struct call call = {.path = "/v1/auth/login", .body = &body};
    wipe_free(client->token);
    client->token = NULL;
    buffer_init(&body, PATH_BYTES_MAX);
    transport_field(&body, "apikey", client->apikey);
    transport_field(&body, "password", client->password);
    enum payout_client_fault fault = PAYOUT_CLIENT_NO_MEMORY;
    if (buffer_ok(&body))
        fault = call_once(client, &call, NULL, result, &left);
    else
        (void)snprintf(result->seen.text, sizeof result->seen.text, "out of memory");
    if (body.bytes != NULL)
        explicit_bzero(body.bytes, body.size);
    buffer_free(&body);
    if (fault == PAYOUT_CLIENT_DONE && result->seen.code == PAYOUT_OK)
        fault = result_token(result);
    if (fault == PAYOUT_CLIENT_DONE && result->seen.code == PAYOUT_OK) {
        client->token = strdup(result->seen.token);
        if (client->token == NULL) {
            (void)snprintf(result->seen.text, sizeof result->seen.text, "out of memory");
            return PAYOUT_CLIENT_NO_MEMORY;
        }
    }
    return fault;
}

/* One try with a token, which is renewed once when the server says that it is too old: it then did
 * nothing, so asking again is no repetition. *left: as for call_once; not of a login. */
static enum payout_client_fault call_with_token(struct payout_client *client,
                                                const struct call *call, struct result *result,
                                                bool *left)
{
    enum payout_client_fault fault;
    *left = false;
    for (bool renewed = false;;) {
        if (client->token == NULL) {
            renewed = true;
            fault = login(client, result);
            if (fault != PAYOUT_CLIENT_DONE || result->seen.code != PAYOUT_OK)
                return fault;
        }
        fault = call_once(client, call, client->token, result, left);
        bool old = fault == PAYOUT_CLIENT_DONE && (result->seen.code == PAYOUT_EXPIRED_TOKEN ||
                                                   result->seen.code == PAYOUT_INVALID_TOKEN);
        if (!old)
            break;
        wipe_free(client->token);
        client->token = NULL;
        if (renewed)
            break;
    }
    if (fault == PAYOUT_CLIENT_DONE)
        fault = call->read(result, call->context);
    return fault;
}

/* True when the server was too busy to look at the request. */
static bool turned_away(const struct result *result)
{
    return result->seen.http_status == 429;
}

/* Whether every item's outcome is known. */
static bool items_settled(const struct result *result)
{
    for (size_t i = 0; i < result->seen.item_count; i++)
        if (result->seen.items[i].outcome == PAYOUT_OUTCOME_UNKNOWN)
            return false;
    return true;
}

/* Items that a server would name one by one: so an answer that has none of them (a login refused, a
 * 429) says nothing about a request that went before it. */
static bool items_answered(const struct result *result)
{
    return items_settled(result) &&
           (result->seen.code == PAYOUT_OK || result->seen.items[0].status != NULL ||
            result->seen.items[0].transaction_id != NULL ||
            result->seen.items[0].outcome == PAYOUT_OUTCOME_REPEATED);
}

static void items_outcome_set(struct result *result, enum payout_outcome outcome)
{
    for (size_t i = 0; i < result->seen.item_count; i++) {
        result->seen.items[i].outcome = outcome;
        result->seen.items[i].code = result->seen.code;
    }
}

/* What the caller is told of a call that changes something: in doubt, UNKNOWN. left: some of the
 * last request may have reached the server; doubt: an earlier one may have been carried out. */
static enum payout_client_fault change_judge(struct result *result, enum payout_client_fault fault,
                                             bool left, bool doubt)
{
    struct payout_result *seen = &result->seen;
    if (fault == PAYOUT_CLIENT_DONE && (doubt ? items_answered(result) : items_settled(result)))
        return PAYOUT_CLIENT_DONE;
    if (!doubt && (!left || turned_away(result))) {
        /* Not one item was looked at. */
        items_outcome_set(result, fault == PAYOUT_CLIENT_DONE ? PAYOUT_OUTCOME_REFUSED
                                                              : PAYOUT_OUTCOME_NOT_SENT);
        return fault == PAYOUT_CLIENT_UNREADABLE ? PAYOUT_CLIENT_UNREACHABLE : fault;
    }
    if (doubt && seen->code != PAYOUT_OK)
        items_outcome_set(result, PAYOUT_OUTCOME_UNKNOWN);
    if (seen->text[0] == '\0')
        (void)snprintf(seen->text, sizeof seen->text, "the server did not tell the outcome%s%s",
                       seen->message[0] != '\0' ? ": " : "", seen->message);
    return PAYOUT_CLIENT_UNKNOWN;
}

/* True when asking again may help and can't harm. */
static bool may_repeat(const struct call *call, enum payout_client_fault fault,
                       const struct result *result)
{
    if (fault != PAYOUT_CLIENT_UNKNOWN && turned_away(result))
        return true;
    if (call->changes && !call->repeatable)
        return false;
    if (fault == PAYOUT_CLIENT_DONE)
        return result->seen.code == PAYOUT_EXECUTION_ERROR ||
               result->seen.code == PAYOUT_EXECUTION_UNKNOWN;
    return fault == PAYOUT_CLIENT_UNKNOWN || fault == PAYOUT_CLIENT_UNREACHABLE ||
           (fault == PAYOUT_CLIENT_UNREADABLE && result->seen.http_status >= 500);
}

static int64_t wait_of(const struct payout_client *client, const struct result *result, int repeat)
{
    int64_t wait_ms = client->repeat_wait_ms;
    for (int i = 0; i < repeat && wait_ms < client->wait_ms_max; i++)
        wait_ms *= 2;
    if (result->seen.retry_after_s >= 0)
        wait_ms = result->seen.retry_after_s > client->wait_ms_max / 1000
                      ? client->wait_ms_max
                      : result->seen.retry_after_s * 1000;
    return wait_ms < client->wait_ms_max ? wait_ms : client->wait_ms_max;
}

static enum payout_client_fault call_run(struct payout_client *client, const struct call *call,
                                         struct result *result)
{
    enum payout_client_fault fault;
    bool doubt = false;
    for (int repeat = 0;; repeat++) {
        bool left;
        fault = call_with_token(client, call, result, &left);
        if (call->changes)
            fault = change_judge(result, fault, left, doubt);
        doubt = doubt || fault == PAYOUT_CLIENT_UNKNOWN;
        if (repeat >= client->repeats_max || !may_repeat(call, fault, result))
            break;
        client->wait(client->wait_context, wait_of(client, result, repeat));
    }
    result->seen.fault = fault;
    return fault;
}

static enum payout_client_fault finish(struct result *result, struct payout_result **seen)
{
    *seen = &result->seen;
    return result->seen.fault;
}

enum payout_client_fault payout_login(struct payout_client *client, struct payout_result **result)
{
    *result = NULL;
    struct result *made = result_open(0);
    if (made == NULL)
        return PAYOUT_CLIENT_NO_MEMORY;
    made->seen.fault = login(client, made);
    return finish(made, result);
}

static enum payout_client_fault balance_read(struct result *result, const void *context)
{
    (void)context;
    return result->seen.code == PAYOUT_OK ? result_balances(result) : PAYOUT_CLIENT_DONE;
}

enum payout_client_fault payout_balance(struct payout_client *client, struct payout_result **result)
{
    *result = NULL;
    struct result *made = result_open(0);
    if (made == NULL)
        return PAYOUT_CLIENT_NO_MEMORY;
    const struct call call = {.path = "/v1/transfer/check/balance", .read = balance_read};
    (void)call_run(client, &call, made);
    return finish(made, result);
}

/* Runs a call whose body says what to do with items. */
static enum payout_client_fault items_run(struct payout_client *client, struct call *call,
                                          struct buffer *body, size_t count,
                                          struct payout_result **seen)
{
    struct result *result = result_open(count);
    if (result == NULL || !buffer_ok(body)) {
        payout_result_free(result == NULL ? NULL : &result->seen);
        buffer_free(body);
        return PAYOUT_CLIENT_NO_MEMORY;
    }
    call->body = body;
    (void)call_run(client, call, result);
    buffer_free(body);
    return finish(result, seen);
}

static const char *no_id(const void *context, size_t index)
{
    (void)context;
    (void)index;
    return NULL;
}

static enum payout_client_fault contacts_read(struct result *result, const void *context)
{
    return result_items(result, no_id, context, PAYOUT_ALREADY_MY_CONTACT);
}

enum payout_client_fault payout_contact_add(struct payout_client *client,
                                            const struct payout_contact *contacts, size_t count,
                                            struct payout_result **result)
{
    *result = NULL;
    if (contacts == NULL || count == 0 || count > PAYOUT_ITEMS_MAX)
        return PAYOUT_CLIENT_BAD_ARGUMENT;
    struct buffer body;
    request_contacts_write(contacts, count, &body);
    struct call call = {
        .path = "/v1/transfer/contact", .changes = true, .repeatable = true, .read = contacts_read};
    return items_run(client, &call, &body, count, result);
}

static const char *transfer_id(const void *context, size_t index)
{
    const struct payout_transfer *transfers = context;
    return transfers[index].client_transaction_id;
}

static enum payout_client_fault sent_read(struct result *result, const void *context)
{
    return result_items(result, transfer_id, context, PAYOUT_CLIENT_ID_EXISTS);
}

enum payout_client_fault payout_send(struct payout_client *client,
                                     const struct payout_transfer *transfers, size_t count,
                                     const struct payout_send_options *options,
                                     struct payout_result **result)
{
    *result = NULL;
    if (transfers == NULL || count == 0 || count > PAYOUT_ITEMS_MAX)
        return PAYOUT_CLIENT_BAD_ARGUMENT;
    bool repeatable = options == NULL || !options->never_repeat;
    for (size_t i = 0; i < count; i++) {
        const char *id = transfers[i].client_transaction_id;
        if (transfers[i].amount <= 0)
            return PAYOUT_CLIENT_BAD_ARGUMENT;
        repeatable = repeatable && id != NULL && *id != '\0';
    }
    struct buffer body;
    request_transfers_write(transfers, count, &body);
    struct call call = {.path = "/v1/transfer/money/send/contact",
                        .changes = true,
                        .repeatable = repeatable,
                        .read = sent_read,
                        .context = transfers};
    return items_run(client, &call, &body, count, result);
}

static enum payout_client_fault check_read(struct result *result, const void *context)
{
    (void)context;
    return result->seen.code == PAYOUT_OK ? result_transfers(result) : PAYOUT_CLIENT_DONE;
}

enum payout_client_fault payout_check(struct payout_client *client,
                                      const struct payout_check_key *key,
                                      struct payout_result **result)
{
    *result = NULL;
    const char *name = key->transaction_id != NULL          ? "transaction_id"
                       : key->client_transaction_id != NULL ? "client_transaction_id"
                                                            : "lot";
    const char *value = key->transaction_id != NULL          ? key->transaction_id
                        : key->client_transaction_id != NULL ? key->client_transaction_id
                                                             : key->lot;
    if (value == NULL)
        return PAYOUT_CLIENT_BAD_ARGUMENT;
    struct buffer query;
    buffer_init(&query, PATH_BYTES_MAX / 2);
    transport_field(&query, name, value);
    struct result *made = buffer_ok(&query) ? result_open(0) : NULL;
    if (made == NULL) {
        buffer_free(&query);
        return PAYOUT_CLIENT_NO_MEMORY;
    }
    const struct call call = {
        .path = "/v1/transfer/check/money", .query = &query, .read = check_read};
    (void)call_run(client, &call, made);
    buffer_free(&query);
    return finish(made, result);
}

#include "client/call.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "client/call_own.h"
#include "client/request.h"

enum { PATH_BYTES_MAX = 8192 };

static void wipe_free(char *text)
{
    if (text != NULL)
        explicit_bzero(text, strlen(text));
    memory_give(text);
}

static void token_drop(struct account *account)
{
    wipe_free(account->token);
    account->token = NULL;
}

void account_wipe(struct account *account)
{
    wipe_free(account->apikey);
    wipe_free(account->password);
    token_drop(account);
}

/* --- Birth and end --- */

struct call_input call_send_input(const struct payout_transfer *transfers, size_t count,
                                  const struct payout_send_options *options)
{
    struct payout_send_options known = {0};
    if (options != NULL)
        memcpy(&known, options, options->size < sizeof known ? options->size : sizeof known);
    return (struct call_input){
        .kind = CALL_SEND,
        .transfers = transfers,
        .count = count,
        .never_repeat = known.never_repeat,
        .ask_first = known.ask_first,
    };
}

static bool is_text(const char *text)
{
    return text != NULL && *text != '\0';
}

static bool input_valid(const struct call_input *input)
{
    bool ids = true;
    switch (input->kind) {
    case CALL_LOGIN:
    case CALL_BALANCE:
        return true;
    case CALL_CHECK:
        return input->key->transaction_id != NULL || input->key->client_transaction_id != NULL ||
               input->key->lot != NULL;
    case CALL_CONTACT:
        return input->contacts != NULL && input->count > 0 && input->count <= PAYOUT_ITEMS_MAX;
    case CALL_SEND:
        if (input->transfers == NULL || input->count == 0 || input->count > PAYOUT_ITEMS_MAX)
            return false;
        for (size_t i = 0; i < input->count; i++) {
            if (input->transfers[i].amount <= 0)
                return false;
            ids = ids && is_text(input->transfers[i].client_transaction_id);
        }
        return ids || !input->ask_first;
    }
    return false;
}

static bool ids_given(const struct call_input *input)
{
    for (size_t i = 0; i < input->count; i++)
        if (!is_text(input->transfers[i].client_transaction_id))
            return false;
    return true;
}

static void key_write(const struct payout_check_key *key, struct buffer *query)
{
    if (key->transaction_id != NULL)
        transport_field(query, "transaction_id", key->transaction_id);
    else if (key->client_transaction_id != NULL)
        transport_field(query, "client_transaction_id", key->client_transaction_id);
    else
        transport_field(query, "lot", key->lot);
}

/* What a send needs to know later: asking must not fail for want of memory in the middle. */
static bool send_prepare(struct call *call)
{
    size_t count = call->input.count;
    call->repeatable = !call->input.never_repeat && ids_given(&call->input);
    call->doubt = call->input.ask_first;
    call->pending = memory_take_zero(count, sizeof *call->pending);
    call->indexes = memory_take_zero(count, sizeof *call->indexes);
    call->known = memory_take_zero(count, sizeof *call->known);
    call->asked = result_open(0);
    if (call->pending == NULL || call->indexes == NULL || call->known == NULL ||
        call->asked == NULL)
        return false;
    memcpy(call->pending, call->input.transfers, count * sizeof *call->pending);
    for (size_t i = 0; i < count; i++)
        call->indexes[i] = i;
    call->pending_count = count;
    request_transfers_write(call->pending, count, &call->body);
    return buffer_ok(&call->body);
}

static bool call_prepare(struct call *call)
{
    const struct call_input *input = &call->input;
    bool items = input->kind == CALL_CONTACT || input->kind == CALL_SEND;
    call->result = result_open(items ? input->count : 0);
    if (call->result == NULL)
        return false;
    if (input->kind == CALL_SEND)
        return send_prepare(call);
    if (input->kind == CALL_CONTACT) {
        call->repeatable = true;
        request_contacts_write(input->contacts, input->count, &call->body);
    }
    if (input->kind == CALL_CHECK)
        key_write(input->key, &call->query);
    return buffer_ok(&call->body) && buffer_ok(&call->query);
}

static void state_set(struct call *call, enum call_state state)
{
    call->state = state;
    if (state == STATE_ASK)
        ask_begin(call);
}

enum payout_client_fault call_open(struct account *account, const struct call_input *input,
                                   struct call **call)
{
    *call = NULL;
    if (!input_valid(input))
        return PAYOUT_CLIENT_BAD_ARGUMENT;
    struct call *made = memory_take_zero(1, sizeof *made);
    if (made == NULL)
        return PAYOUT_CLIENT_NO_MEMORY;
    made->account = account;
    made->input = *input;
    made->state = STATE_ENDED;
    buffer_init(&made->path, PATH_BYTES_MAX);
    buffer_init(&made->query, PATH_BYTES_MAX / 2);
    buffer_init(&made->body, REQUEST_BYTES_MAX);
    if (!call_prepare(made)) {
        call_close(made);
        return PAYOUT_CLIENT_NO_MEMORY;
    }
    made->input.key = NULL;
    state_set(made, input->kind == CALL_LOGIN ? STATE_LOGIN
                    : input->ask_first        ? STATE_ASK
                                              : STATE_MAIN);
    *call = made;
    return PAYOUT_CLIENT_DONE;
}

static void buffer_wipe(struct buffer *buffer)
{
    if (buffer->bytes != NULL)
        explicit_bzero(buffer->bytes, buffer->size);
    buffer_free(buffer);
}

void call_close(struct call *call)
{
    if (call == NULL)
        return;
    payout_result_free(call->result == NULL ? NULL : &call->result->seen);
    payout_result_free(call->asked == NULL ? NULL : &call->asked->seen);
    memory_give(call->pending);
    memory_give(call->indexes);
    memory_give(call->known);
    memory_give(call->lot);
    buffer_wipe(&call->path); /* The token is in it. */
    buffer_wipe(&call->body); /* Of a login: the password. */
    buffer_free(&call->query);
    memory_give(call);
}

struct payout_result *call_result(struct call *call)
{
    struct payout_result *seen = &call->result->seen;
    call->result = NULL;
    return seen;
}

static void text_set(struct call *call, const char *text)
{
    (void)snprintf(call->result->seen.text, sizeof call->result->seen.text, "%s", text);
}

/* --- Requests --- */

static void path_begin(struct call *call, const char *path, bool token)
{
    buffer_clear(&call->path);
    buffer_format(&call->path, "%s?", path);
    if (token)
        transport_field(&call->path, "token", call->account->token);
    transport_field(&call->path, "lang", call->account->lang == PAYOUT_EN ? "en" : "fr");
    call->token_number = call->account->token_number;
}

static void login_write(struct call *call, struct buffer *body)
{
    path_begin(call, "/v1/auth/login", false);
    buffer_init(body, PATH_BYTES_MAX);
    transport_field(body, "apikey", call->account->apikey);
    transport_field(body, "password", call->account->password);
}

/* Writes the check of query into path. */
static void question_write(struct call *call)
{
    path_begin(call, "/v1/transfer/check/money", true);
    if (call->state != STATE_MAIN)
        buffer_clear(&call->query);
    if (call->state == STATE_ASK)
        ask_query(call, &call->query);
    if (call->state == STATE_SETTLE)
        settle_query(call, &call->query);
    buffer_format(&call->path, "&%s", buffer_text(&call->query));
    call->path.failed = call->path.failed || !buffer_ok(&call->query);
}

static const char *main_path(enum call_kind kind)
{
    switch (kind) {
    case CALL_LOGIN:
        return "/v1/auth/login";
    case CALL_BALANCE:
        return "/v1/transfer/check/balance";
    case CALL_CONTACT:
        return "/v1/transfer/contact";
    case CALL_SEND:
        return "/v1/transfer/money/send/contact";
    case CALL_CHECK:
        return "/v1/transfer/check/money";
    }
    return "";
}

/* Fills in the request of the state; false: no memory. */
static bool request_write(struct call *call, struct transport_request *request)
{
    bool changes = call->input.kind == CALL_CONTACT || call->input.kind == CALL_SEND;
    const struct buffer *body = NULL;
    *request = (struct transport_request){.content_type = "application/x-www-form-urlencoded"};
    if (call->state == STATE_LOGIN) {
        login_write(call, &call->login);
        body = &call->login;
    } else if (call->state != STATE_MAIN || call->input.kind == CALL_CHECK) {
        question_write(call);
    } else {
        path_begin(call, main_path(call->input.kind), true);
        body = changes ? &call->body : NULL;
        /* Not twice without having asked, also not by libcurl. */
        request->fresh = call->input.kind == CALL_SEND;
    }
    request->path = buffer_text(&call->path);
    if (body != NULL) {
        request->body = buffer_text(body);
        request->body_length = body->length;
    }
    return buffer_ok(&call->path) && (body == NULL || buffer_ok(body));
}

enum call_step call_next(struct call *call, struct transport_request *request, int64_t *wait_ms)
{
    for (;;) {
        if (call->state == STATE_ENDED)
            return CALL_ENDED;
        if (call->state == STATE_WAIT) {
            *wait_ms = call->wait_ms;
            return CALL_WAIT;
        }
        if (call->state != STATE_LOGIN && call->account->token == NULL) {
            call->next = call->state;
            call->state = STATE_LOGIN;
        }
        if (request_write(call, request))
            return CALL_REQUEST;
        /* As if it had been tried. */
        struct transport_reply reply = {.retry_after_s = -1, .error = "out of memory"};
        buffer_init(&reply.body, TRANSPORT_REPLY_BYTES_MAX);
        call_answer(call, PAYOUT_CLIENT_NO_MEMORY, &reply);
    }
}

/* --- Answers --- */

void call_end(struct call *call, enum payout_client_fault fault)
{
    if (call->input.kind == CALL_SEND)
        ask_finish(call);
    call->result->seen.fault = fault;
    call->state = STATE_ENDED;
}

/* A try is over, with fault: goes on, waits for another one, or ends. */
static void try_end(struct call *call, enum payout_client_fault fault)
{
    bool changes = call->input.kind == CALL_CONTACT || call->input.kind == CALL_SEND;
    if (changes)
        fault = judge_change(call, fault);
    call->doubt = call->doubt || fault == PAYOUT_CLIENT_UNKNOWN;
    if (!judge_may_repeat(call, fault)) {
        if (call->input.kind == CALL_SEND && settle_next(call)) {
            call->result->seen.fault = fault;
            state_set(call, STATE_SETTLE);
        } else {
            call_end(call, fault);
        }
        return;
    }
    call->wait_ms = judge_wait_ms(call);
    call->repeats++;
    call->renewed = false;
    call->next = call->doubt && ask_possible(call) ? STATE_ASK : STATE_MAIN;
    call->state = STATE_WAIT;
}

static const char *transfer_id(const void *context, size_t index)
{
    const struct payout_transfer *transfers = context;
    return transfers == NULL ? NULL : transfers[index].client_transaction_id;
}

/* Reads what the call is about. */
static enum payout_client_fault main_read(struct call *call)
{
    struct result *result = call->result;
    bool good = result->seen.code == PAYOUT_OK;
    switch (call->input.kind) {
    case CALL_LOGIN:
        return PAYOUT_CLIENT_DONE;
    case CALL_BALANCE:
        return good ? result_balances(result) : PAYOUT_CLIENT_DONE;
    case CALL_CHECK:
        return good ? result_transfers(result) : PAYOUT_CLIENT_DONE;
    case CALL_CONTACT:
        return result_items(result, transfer_id, NULL, PAYOUT_ALREADY_MY_CONTACT);
    case CALL_SEND:
        return result_items(result, transfer_id, call->pending, PAYOUT_CLIENT_ID_EXISTS);
    }
    return PAYOUT_CLIENT_DONE;
}

/* The login's answer, which is in result. */
static void login_take(struct call *call, struct result *result, enum payout_client_fault fault)
{
    struct account *account = call->account;
    bool good = fault == PAYOUT_CLIENT_DONE && result->seen.code == PAYOUT_OK;
    call->renewed = true;
    call->left = false; /* Of what the call is about, nothing. */
    if (good)
        fault = result_token(result);
    if (good && fault == PAYOUT_CLIENT_DONE) {
        token_drop(account);
        account->token = memory_text(result->seen.token);
        account->token_number++;
        if (account->token == NULL) {
            fault = PAYOUT_CLIENT_NO_MEMORY;
            (void)snprintf(result->seen.text, sizeof result->seen.text, "out of memory");
        } else if (call->input.kind != CALL_LOGIN) {
            call->state = call->next;
            return;
        }
    }
    if (call->input.kind == CALL_LOGIN)
        call_end(call, fault);
    else if (call->next == STATE_SETTLE)
        settle_read(call, PAYOUT_CLIENT_UNREACHABLE);
    else
        try_end(call, fault);
}

/* True when the server says that the token is too old: it then did nothing, so asking again is no
 * repetition. The token is renewed once. */
static bool token_refused(struct call *call, const struct payout_result *seen)
{
    if (seen->code != PAYOUT_EXPIRED_TOKEN && seen->code != PAYOUT_INVALID_TOKEN)
        return false;
    if (call->account->token_number == call->token_number)
        token_drop(call->account);
    if (call->renewed)
        return false;
    call->renewed = true;
    return true;
}

/* The answer to what the call is about. */
static void main_take(struct call *call, enum payout_client_fault fault)
{
    if (fault == PAYOUT_CLIENT_DONE && token_refused(call, &call->result->seen))
        return;
    if (fault == PAYOUT_CLIENT_DONE)
        fault = main_read(call);
    try_end(call, fault);
}

/* Everything was there already: nothing is left to be sent. */
static void all_known(struct call *call)
{
    struct payout_result *seen = &call->result->seen;
    result_clear(call->result);
    seen->http_status = call->asked->seen.http_status;
    seen->code = PAYOUT_OK;
    seen->message = payout_code_word(PAYOUT_OK);
    seen->description = payout_code_text(PAYOUT_OK, call->account->lang);
    call_end(call, PAYOUT_CLIENT_DONE);
}

static void ask_take(struct call *call, enum payout_client_fault fault)
{
    if (fault == PAYOUT_CLIENT_DONE && token_refused(call, &call->asked->seen))
        return;
    enum ask_end over = fault == PAYOUT_CLIENT_DONE ? ask_read(call) : ASK_FAILED;
    if (over == ASK_ON)
        return;
    if (over == ASK_FAILED) {
        result_clear(call->result);
        text_set(call, call->asked->seen.text[0] != '\0' ? call->asked->seen.text
                                                         : "the server does not tell what it has");
        call->result->seen.http_status = call->asked->seen.http_status;
        call->result->seen.retry_after_s = call->asked->seen.retry_after_s;
        try_end(call, PAYOUT_CLIENT_UNREACHABLE);
        return;
    }
    if (call->pending_count == 0) {
        all_known(call);
        return;
    }
    buffer_free(&call->body);
    request_transfers_write(call->pending, call->pending_count, &call->body);
    /* Whoever sent them before is gone, and the server does not have them: nothing is in doubt. */
    call->doubt = call->sent;
    call->renewed = false;
    state_set(call, STATE_MAIN);
}

static void settle_take(struct call *call, enum payout_client_fault fault)
{
    if (fault == PAYOUT_CLIENT_DONE && token_refused(call, &call->asked->seen))
        return;
    settle_read(call, fault);
}

void call_answer(struct call *call, enum payout_client_fault fault, struct transport_reply *reply)
{
    bool asks = call->state == STATE_ASK || call->state == STATE_SETTLE ||
                (call->state == STATE_LOGIN && call->next == STATE_SETTLE);
    struct result *result = asks ? call->asked : call->result;
    result_clear(result);
    if (call->state == STATE_LOGIN)
        buffer_wipe(&call->login);
    call->result->seen.requests++;
    call->left = reply->left;
    call->sent = call->sent || (call->state == STATE_MAIN && reply->left);
    if (fault == PAYOUT_CLIENT_DONE)
        fault = result_read(result, reply);
    else
        (void)snprintf(result->seen.text, sizeof result->seen.text, "%s", reply->error);
    buffer_free(&reply->body);
    switch (call->state) {
    case STATE_LOGIN:
        login_take(call, result, fault);
        break;
    case STATE_MAIN:
        main_take(call, fault);
        break;
    case STATE_ASK:
        ask_take(call, fault);
        break;
    case STATE_SETTLE:
        settle_take(call, fault);
        break;
    case STATE_WAIT:
    case STATE_ENDED:
        break; /* Nobody asked. */
    }
}

void call_waited(struct call *call)
{
    state_set(call, call->next);
}

void call_abandon(struct call *call)
{
    bool changes = call->input.kind == CALL_CONTACT || call->input.kind == CALL_SEND;
    if (call->state == STATE_ENDED)
        return;
    if (call->state == STATE_SETTLE) {
        call_end(call, PAYOUT_CLIENT_UNKNOWN);
        return;
    }
    call->left = call->state == STATE_MAIN && changes;
    result_clear(call->result);
    text_set(call, "the client was closed");
    enum payout_client_fault fault = PAYOUT_CLIENT_UNREACHABLE;
    call_end(call, changes ? judge_change(call, fault) : fault);
}

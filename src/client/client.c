#include <poll.h>
#include <string.h>

#include "base/memory.h"
#include "client/client_own.h"

enum { REPEATS_MAX = 3, REPEAT_WAIT_MS = 500, WAIT_MS_MAX = 60000 };

static void poll_wait(void *context, int64_t wait_ms)
{
    (void)context;
    (void)poll(NULL, 0, wait_ms > INT32_MAX ? INT32_MAX : (int)wait_ms);
}

/* The options that the caller's version of the header has; the others are 0. */
static bool options_take(const struct payout_client_options *given,
                         struct payout_client_options *options)
{
    size_t least = offsetof(struct payout_client_options, lang);
    *options = (struct payout_client_options){0};
    if (given == NULL || given->size < least)
        return false;
    memcpy(options, given, given->size < sizeof *options ? given->size : sizeof *options);
    return options->apikey != NULL && options->password != NULL;
}

static enum payout_client_fault client_fill(struct payout_client *client,
                                            const struct payout_client_options *options)
{
    const struct transport_options transport = {
        .base_url = options->base_url,
        .connect_timeout_ms = options->connect_timeout_ms,
        .timeout_ms = options->timeout_ms,
        .user_agent = options->user_agent,
        .ca_file = options->ca_file,
        .proxy = options->proxy,
        .exchange = options->exchange,
        .exchange_context = options->exchange_context,
    };
    struct account *account = &client->account;
    client->wait = options->wait != NULL ? options->wait : poll_wait;
    client->wait_context = options->wait_context;
    *account = (struct account){
        .apikey = memory_text(options->apikey),
        .password = memory_text(options->password),
        .lang = options->lang,
        .repeats_max = options->repeats_max == 0  ? REPEATS_MAX
                       : options->repeats_max < 0 ? 0
                                                  : options->repeats_max,
        .repeat_wait_ms = options->repeat_wait_ms > 0 ? options->repeat_wait_ms : REPEAT_WAIT_MS,
        .wait_ms_max = options->wait_ms_max > 0 ? options->wait_ms_max : WAIT_MS_MAX,
    };
    enum payout_client_fault fault = transport_open(&transport, &client->transport);
    if (fault == PAYOUT_CLIENT_DONE && (account->apikey == NULL || account->password == NULL))
        fault = PAYOUT_CLIENT_NO_MEMORY;
    return fault;
}

enum payout_client_fault payout_client_open(const struct payout_client_options *options,
                                            struct payout_client **client)
{
    struct payout_client_options known;
    *client = NULL;
    if (!options_take(options, &known))
        return PAYOUT_CLIENT_BAD_ARGUMENT;
    struct payout_client *made = memory_take_zero(1, sizeof *made);
    if (made == NULL)
        return PAYOUT_CLIENT_NO_MEMORY;
    enum payout_client_fault fault = client_fill(made, &known);
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
    loop_close(client->loop);
    transport_close(client->transport);
    account_wipe(&client->account);
    memory_give(client);
}

enum payout_client_fault payout_memory_use(const struct payout_memory *memory)
{
    if (memory == NULL || memory->take == NULL || memory->resize == NULL || memory->give == NULL)
        return PAYOUT_CLIENT_BAD_ARGUMENT;
    const struct memory_doors doors = {memory->take, memory->resize, memory->give};
    memory_use(&doors);
    json_set_alloc_funcs(memory->take, memory->give);
    return curl_global_init_mem(CURL_GLOBAL_ALL, memory->take, memory->give, memory->resize,
                                memory_text, memory_take_zero) == CURLE_OK
               ? PAYOUT_CLIENT_DONE
               : PAYOUT_CLIENT_NO_MEMORY;
}

/* --- The calls that wait --- */

static enum payout_client_fault client_call(struct payout_client *client,
                                            const struct call_input *input,
                                            struct payout_result **result)
{
    struct call *call;
    struct transport_request request;
    struct transport_reply reply;
    int64_t wait_ms;
    *result = NULL;
    enum payout_client_fault fault = call_open(&client->account, input, &call);
    if (fault != PAYOUT_CLIENT_DONE)
        return fault;
    for (enum call_step step; (step = call_next(call, &request, &wait_ms)) != CALL_ENDED;) {
        if (step == CALL_WAIT) {
            client->wait(client->wait_context, wait_ms);
            call_waited(call);
        } else {
            fault = transport_call(client->transport, &request, &reply);
            call_answer(call, fault, &reply);
        }
    }
    *result = call_result(call);
    call_close(call);
    return (*result)->fault;
}

enum payout_client_fault payout_login(struct payout_client *client, struct payout_result **result)
{
    const struct call_input input = {.kind = CALL_LOGIN};
    return client_call(client, &input, result);
}

enum payout_client_fault payout_balance(struct payout_client *client, struct payout_result **result)
{
    const struct call_input input = {.kind = CALL_BALANCE};
    return client_call(client, &input, result);
}

enum payout_client_fault payout_contact_add(struct payout_client *client,
                                            const struct payout_contact *contacts, size_t count,
                                            struct payout_result **result)
{
    const struct call_input input = {.kind = CALL_CONTACT, .contacts = contacts, .count = count};
    return client_call(client, &input, result);
}

enum payout_client_fault payout_send(struct payout_client *client,
                                     const struct payout_transfer *transfers, size_t count,
                                     const struct payout_send_options *options,
                                     struct payout_result **result)
{
    const struct call_input input = call_send_input(transfers, count, options);
    return client_call(client, &input, result);
}

enum payout_client_fault payout_check(struct payout_client *client,
                                      const struct payout_check_key *key,
                                      struct payout_result **result)
{
    const struct call_input input = {.kind = CALL_CHECK, .key = key};
    return client_call(client, &input, result);
}

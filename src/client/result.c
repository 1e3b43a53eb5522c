#include "client/result.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"

enum { DATA_DEPTH_MAX = 4 };

struct result *result_open(size_t count)
{
    struct result *result = memory_take_zero(1, sizeof *result);
    if (result == NULL)
        return NULL;
    buffer_init(&result->body, TRANSPORT_REPLY_BYTES_MAX);
    if (count > 0) {
        result->seen.items = memory_take_zero(count, sizeof *result->seen.items);
        if (result->seen.items == NULL) {
            memory_give(result);
            return NULL;
        }
        result->seen.item_count = count;
    }
    result_clear(result);
    return result;
}

static void scraps_free(struct result_scrap **scraps)
{
    for (struct result_scrap *scrap = *scraps, *next; scrap != NULL; scrap = next) {
        next = scrap->next;
        memory_give(scrap);
    }
    *scraps = NULL;
}

static char *scrap_add(struct result_scrap **scraps, size_t size)
{
    struct result_scrap *scrap = memory_take(sizeof *scrap + size);
    if (scrap == NULL)
        return NULL;
    scrap->next = *scraps;
    *scraps = scrap;
    return scrap->text;
}

const char *result_keep(struct result *result, const char *text, bool *short_of)
{
    if (text == NULL)
        return NULL;
    size_t size = strlen(text) + 1;
    char *kept = scrap_add(&result->kept, size);
    *short_of = *short_of || kept == NULL;
    return kept == NULL ? NULL : memcpy(kept, text, size);
}

void result_clear(struct result *result)
{
    struct payout_result *seen = &result->seen;
    scraps_free(&result->scraps);
    json_decref(result->root);
    result->root = NULL;
    buffer_free(&result->body);
    memory_give(seen->balances);
    memory_give(seen->transfers);
    *seen = (struct payout_result){
        .code = PAYOUT_UNEXPECTED_ERROR,
        .message = "",
        .description = "",
        .reply = "",
        .retry_after_s = -1,
        .requests = seen->requests,
        .items = seen->items,
        .item_count = seen->item_count,
    };
    for (size_t i = 0; i < seen->item_count; i++)
        seen->items[i] = (struct payout_item){.code = PAYOUT_UNEXPECTED_ERROR};
}

void payout_result_free(struct payout_result *seen)
{
    if (seen == NULL)
        return;
    struct result *result = (struct result *)(void *)seen;
    result_clear(result);
    scraps_free(&result->kept);
    memory_give(seen->items);
    memory_give(result);
}

bool result_integer_text(const char *text, int64_t *number)
{
    char *end;
    errno = 0;
    long long read = strtoll(text, &end, 10);
    if (end == text || errno != 0)
        return false;
    if (end[0] == '.' && end[1] != '\0')
        for (end++; *end == '0';)
            end++;
    while (*end == ' ')
        end++;
    *number = read;
    return *end == '\0';
}

/* Reads an integer that is written as a number or as a text; false when it is neither. */
static bool integer_read(const json_t *value, int64_t *number)
{
    if (json_is_integer(value)) {
        *number = json_integer_value(value);
        return true;
    }
    if (json_is_real(value)) {
        double real = json_real_value(value);
        /* Exact up to 2^53; a fraction is not an integer. */
        if (!(real >= -9007199254740992.0 && real <= 9007199254740992.0))
            return false;
        *number = (int64_t)real;
        return (double)*number == real;
    }
    return json_is_string(value) && result_integer_text(json_string_value(value), number);
}

static bool code_read(const json_t *object, enum payout_code *code)
{
    int64_t number;
    const json_t *value = json_object_get(object, "code");
    if (!integer_read(value, &number) || number < INT16_MIN || number > INT16_MAX)
        return false;
    *code = (enum payout_code)number;
    return true;
}

/* The member as text: NULL when it is absent, null or not a text or an integer. Sets *short_of when
 * memory ran out. */
static const char *text_read(struct result *result, const json_t *object, const char *name,
                             bool *short_of)
{
    const json_t *value = json_object_get(object, name);
    if (json_is_string(value))
        return json_string_value(value);
    if (!json_is_integer(value))
        return NULL;
    enum { DIGITS_BYTES = 24 };
    char *text = scrap_add(&result->scraps, DIGITS_BYTES);
    if (text == NULL) {
        *short_of = true;
        return NULL;
    }
    (void)snprintf(text, DIGITS_BYTES, "%lld", (long long)json_integer_value(value));
    return text;
}

static const char *text_or(const char *text, const char *otherwise)
{
    return text != NULL ? text : otherwise;
}

static enum payout_client_fault no_memory(struct result *result)
{
    (void)snprintf(result->seen.text, sizeof result->seen.text, "out of memory");
    return PAYOUT_CLIENT_NO_MEMORY;
}

static enum payout_client_fault unreadable(struct result *result, const char *what)
{
    (void)snprintf(result->seen.text, sizeof result->seen.text, "the server's answer (HTTP %d) %s",
                   result->seen.http_status, what);
    return PAYOUT_CLIENT_UNREADABLE;
}

enum payout_client_fault result_json(const char *text, size_t length, json_t **root)
{
    /* A failed allocation looks to jansson's lexer like a wrong byte: only a text that can't be
     * read twice over is not JSON. Other failed allocations leave no reason. */
    json_error_t error;
    *root = NULL;
    for (int i = 0; i < 2 && *root == NULL; i++)
        *root = json_loadb(text, length, 0, &error);
    if (*root != NULL)
        return PAYOUT_CLIENT_DONE;
    enum json_error_code why = json_error_code(&error);
    return why == json_error_unknown || why == json_error_out_of_memory ? PAYOUT_CLIENT_NO_MEMORY
                                                                        : PAYOUT_CLIENT_UNREADABLE;
}

enum payout_client_fault result_read(struct result *result, struct transport_reply *reply)
{
    struct payout_result *seen = &result->seen;
    buffer_free(&result->body);
    result->body = reply->body;
    buffer_init(&reply->body, TRANSPORT_REPLY_BYTES_MAX);
    seen->http_status = reply->status;
    seen->retry_after_s = reply->retry_after_s;
    seen->reply = buffer_text(&result->body);
    seen->reply_length = result->body.length;

    enum payout_client_fault fault = result_json(seen->reply, seen->reply_length, &result->root);
    if (fault != PAYOUT_CLIENT_DONE)
        return fault == PAYOUT_CLIENT_NO_MEMORY ? no_memory(result)
                                                : unreadable(result, "is not JSON");
    if (!json_is_object(result->root) || !code_read(result->root, &seen->code))
        return unreadable(result, "has no code: is this the API's address?");
    bool short_of = false;
    seen->message = text_or(text_read(result, result->root, "message", &short_of), "");
    seen->description = text_or(text_read(result, result->root, "description", &short_of), "");
    return short_of ? no_memory(result) : PAYOUT_CLIENT_DONE;
}

/* The object in data, or the first one in arrays around it. NULL: there is none. */
static const json_t *object_find(const struct result *result)
{
    const json_t *value = json_object_get(result->root, "data");
    for (int depth = 0; depth < DATA_DEPTH_MAX && json_is_array(value); depth++)
        value = json_array_get(value, 0);
    return json_is_object(value) ? value : NULL;
}

/* The array that holds the objects of data, however many arrays stand around it. NULL: data is one
 * object, or nothing that counts. */
static const json_t *list_find(const struct result *result)
{
    const json_t *value = json_object_get(result->root, "data");
    for (int depth = 0; depth < DATA_DEPTH_MAX && json_is_array(value); depth++) {
        const json_t *first = json_array_get(value, 0);
        if (!json_is_array(first))
            return value;
        value = first;
    }
    return NULL;
}

enum payout_client_fault result_token(struct result *result)
{
    const json_t *token = json_object_get(object_find(result), "token");
    if (!json_is_string(token) || json_string_length(token) == 0)
        return unreadable(result, "has no token");
    result->seen.token = json_string_value(token);
    return PAYOUT_CLIENT_DONE;
}

static bool balance_read(struct result *result, const json_t *object, bool *short_of,
                         struct payout_balance *balance)
{
    balance->currency = text_read(result, object, "currency", short_of);
    return integer_read(json_object_get(object, "amount"), &balance->amount) &&
           integer_read(json_object_get(object, "inUsing"), &balance->in_using) &&
           integer_read(json_object_get(object, "available"), &balance->available);
}

enum payout_client_fault result_balances(struct result *result)
{
    const json_t *object = object_find(result);
    const json_t *list = json_object_get(object, "balances");
    size_t listed = json_array_size(list);
    struct payout_result *seen = &result->seen;
    bool short_of = false;
    seen->balances = memory_take_zero(listed + 1, sizeof *seen->balances);
    if (seen->balances == NULL)
        return no_memory(result);
    struct payout_balance *home = &seen->balances[0];
    if (object == NULL || !balance_read(result, object, &short_of, home))
        return unreadable(result, "has no balance");
    seen->balance_count = 1;
    for (size_t i = 0; i < listed; i++) {
        struct payout_balance *next = &seen->balances[seen->balance_count];
        if (!balance_read(result, json_array_get(list, i), &short_of, next) || short_of)
            return short_of ? no_memory(result) : unreadable(result, "has an unreadable balance");
        /* payoutd lists the home currency first: it gives the three bare numbers their name. */
        if (i == 0 && home->currency == NULL && next->amount == home->amount &&
            next->available == home->available)
            home->currency = next->currency;
        else
            seen->balance_count++;
    }
    return short_of ? no_memory(result) : PAYOUT_CLIENT_DONE;
}

enum payout_treatment result_treatment(const char *word)
{
    static const struct {
        const char *word;
        enum payout_treatment treatment;
    } words[] = {
        {"NEW", PAYOUT_TREATMENT_NEW}, {"REC", PAYOUT_TREATMENT_REC}, {"VAL", PAYOUT_TREATMENT_VAL},
        {"REJ", PAYOUT_TREATMENT_REJ}, {"NOS", PAYOUT_TREATMENT_NOS},
    };
    for (size_t i = 0; word != NULL && i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].word, word) == 0)
            return words[i].treatment;
    return PAYOUT_TREATMENT_OTHER;
}

static void transfer_read(struct result *result, const json_t *object, bool *short_of,
                          struct payout_transfer_state *state)
{
    const char *valid = text_read(result, object, "transfer_valid", short_of);
    *state = (struct payout_transfer_state){
#define TEXT(member) .member = text_read(result, object, #member, short_of)
        TEXT(transaction_id),
        TEXT(client_transaction_id),
        TEXT(lot),
        TEXT(receiver),
        TEXT(receiver_e164),
        TEXT(sending_status),
        TEXT(treatment_status),
        TEXT(comment),
        TEXT(validated_at),
        TEXT(operator_transaction_id),
#undef TEXT
        .operator_name = text_read(result, object, "operator", short_of),
        .valid = valid != NULL && strcmp(valid, "Y") == 0,
    };
    state->treatment = result_treatment(state->treatment_status);
    if (!integer_read(json_object_get(object, "amount"), &state->amount))
        state->amount = -1;
}

enum payout_client_fault result_transfers(struct result *result)
{
    const json_t *list = list_find(result);
    const json_t *single = list == NULL ? object_find(result) : NULL;
    size_t count = list != NULL ? json_array_size(list) : single != NULL ? 1 : 0;
    struct payout_result *seen = &result->seen;
    bool short_of = false;
    seen->transfers = memory_take_zero(count + 1, sizeof *seen->transfers);
    if (seen->transfers == NULL)
        return no_memory(result);
    for (size_t i = 0; i < count && !short_of; i++) {
        const json_t *object = single != NULL ? single : json_array_get(list, i);
        if (!json_is_object(object))
            return unreadable(result, "has a transfer that is not an object");
        transfer_read(result, object, &short_of, &seen->transfers[i]);
        seen->transfer_count = i + 1;
    }
    return short_of ? no_memory(result) : PAYOUT_CLIENT_DONE;
}

/* True for the codes that say no for certain. The general errors (-1, 709, 710, 715) and numbers
 * that nobody told us of may be said of something half done. */
static bool code_refuses(enum payout_code code)
{
    switch (code) {
    case PAYOUT_OK:
    case PAYOUT_OPERATION_ERROR:
    case PAYOUT_EXECUTION_ERROR:
    case PAYOUT_EXECUTION_UNKNOWN:
    case PAYOUT_UNEXPECTED_ERROR:
        return false;
    case PAYOUT_INSUFFICIENT_BALANCE:
    case PAYOUT_INVALID_CREDENTIALS:
    case PAYOUT_TOKEN_NOT_CREATED:
    case PAYOUT_INVALID_USER:
    case PAYOUT_INVALID_PARAM:
    case PAYOUT_EXPIRED_TOKEN:
    case PAYOUT_INVALID_TOKEN:
    case PAYOUT_TOKEN_NOT_REFRESHED:
    case PAYOUT_NOT_ALLOWED:
    case PAYOUT_DATA_NOT_VALID:
    case PAYOUT_PHONE_NOT_PARTICULAR:
    case PAYOUT_JSON_PARSE_ERROR:
    case PAYOUT_AMOUNT_TOO_SMALL:
    case PAYOUT_AMOUNT_TOO_LARGE:
    case PAYOUT_OPERATOR_NOT_AVAILABLE:
    case PAYOUT_NOT_FOUND:
    case PAYOUT_NOT_MY_CONTACT:
    case PAYOUT_MISSING_NOTIFY_URL:
    case PAYOUT_ALREADY_MY_CONTACT:
    case PAYOUT_INVALID_AMOUNT:
    case PAYOUT_INVALID_PHONE:
    case PAYOUT_OPERATOR_UNAVAILABLE:
    case PAYOUT_CLIENT_ID_EXISTS:
    case PAYOUT_INVALID_PAYMENT_METHOD:
        return true;
    }
    return false;
}

static enum payout_outcome outcome_of(enum payout_code code, enum payout_code known)
{
    if (code == PAYOUT_OK)
        return PAYOUT_OUTCOME_ACCEPTED;
    if (code == known)
        return PAYOUT_OUTCOME_REPEATED;
    return code_refuses(code) ? PAYOUT_OUTCOME_REFUSED : PAYOUT_OUTCOME_UNKNOWN;
}

static void item_read(struct result *result, const json_t *object, enum payout_code known,
                      bool *short_of, struct payout_item *item)
{
    item->status = text_read(result, object, "status", short_of);
    item->transaction_id = text_read(result, object, "transaction_id", short_of);
    item->client_transaction_id = text_read(result, object, "client_transaction_id", short_of);
    item->lot = text_read(result, object, "lot", short_of);
    item->treatment_status = text_read(result, object, "treatment_status", short_of);
    if (code_read(object, &item->code)) {
        item->outcome = outcome_of(item->code, known);
    } else if (result->seen.code == PAYOUT_OK && json_object_get(object, "code") == NULL &&
               ((item->status != NULL && strcasecmp(item->status, "success") == 0) ||
                item->transaction_id != NULL)) {
        item->code = PAYOUT_OK;
        item->outcome = PAYOUT_OUTCOME_ACCEPTED;
    }
}

static bool id_equal(const json_t *object, const char *id)
{
    const json_t *told = json_object_get(object, "client_transaction_id");
    return id != NULL && json_is_string(told) && strcmp(json_string_value(told), id) == 0;
}

/* The answer's object for the item at index: the one in its place when the numbers agree and the
 * ids don't contradict, else the one with its id. NULL: none for certain. */
static const json_t *object_for(const json_t *list, size_t count, size_t index, const char *id)
{
    const json_t *object = json_array_get(list, index);
    if (json_array_size(list) == count && json_is_object(object) &&
        (id == NULL || json_is_null(json_object_get(object, "client_transaction_id")) ||
         json_object_get(object, "client_transaction_id") == NULL || id_equal(object, id)))
        return object;
    for (size_t i = 0; i < json_array_size(list); i++)
        if (id_equal(json_array_get(list, i), id))
            return json_array_get(list, i);
    return NULL;
}

enum payout_client_fault result_items(struct result *result,
                                      const char *(*client_id)(const void *context, size_t index),
                                      const void *context, enum payout_code known)
{
    struct payout_result *seen = &result->seen;
    const json_t *list = list_find(result);
    const json_t *single = list == NULL ? object_find(result) : NULL;
    bool short_of = false, listed = single != NULL || json_array_size(list) > 0;
    for (size_t i = 0; i < seen->item_count; i++) {
        struct payout_item *item = &seen->items[i];
        const char *id = client_id(context, i);
        const json_t *object = single != NULL && seen->item_count == 1 ? single
                               : list != NULL ? object_for(list, seen->item_count, i, id)
                                              : NULL;
        *item = (struct payout_item){.code = seen->code == PAYOUT_OK ? PAYOUT_UNEXPECTED_ERROR
                                                                     : seen->code};
        if (object != NULL)
            item_read(result, object, known, &short_of, item);
        else if (!listed && seen->code != PAYOUT_OK && seen->code != known)
            item->outcome = outcome_of(seen->code, known);
        else if (!listed && seen->code == known && seen->item_count == 1)
            item->outcome = PAYOUT_OUTCOME_REPEATED;
    }
    return short_of ? no_memory(result) : PAYOUT_CLIENT_DONE;
}

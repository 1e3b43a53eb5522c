/* CinetPay Payout API v1.1.0, from CinetPay's side.
 *
 * Sources: CinetPay's Postman collection "API Payout V1.1.0" and docs.cinetpay.com, Transfer API
 * (using the API, notification URL, steps to transfer money, statuses, code table). The token goes
 * in the query and lives five minutes; bodies are forms, items JSON in the field data.
 *
 * A receiver has to be a contact first (724), a contact that exists is code 726 with its own lot. A
 * client_transaction_id is taken once (805). Replies to contact and send are nested twice; the
 * envelope is an error when no item was taken. Notifications are forms, unsigned, after a GET. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "simulator/call.h"
#include "wire/reply.h"

enum { NOTE_LOT, NOTE_RECEIVER, NOTE_CLIENT, TOKEN_MS_MAX = 300000, ITEMS_MAX = 1000 };
#define KEY      "sim-cinetpay-apikey"
#define PASSWORD "sim-cinetpay-password"

static const char *const comments[SIM_REASON_COUNT] = {
    [SIM_REASON_NONE] = "",
    [SIM_REASON_RECEIVER_UNKNOWN] = "Le numero n'a pas de compte",
    [SIM_REASON_RECEIVER_LIMIT] = "Le plafond du compte est atteint",
    [SIM_REASON_RECEIVER_BLOCKED] = "Le compte est bloque",
    [SIM_REASON_RECEIVER_NAME] = "Le nom ne correspond pas",
    [SIM_REASON_OPERATOR_REFUSED] = "Transfert rejete",
    [SIM_REASON_OPERATOR_FLOAT] = "Solde insuffisant",
};

static const struct {
    const char *code, *message, *description;
    int status;
} errors[] = {
    {"602", "INSUFFICIENT_BALANCE", "Solde insuffisant", 417},
    {"701", "INVALID_CREDENTIALS", "Identifiant de connexion incorrect", 401},
    {"704", "INVALID_PARAM", "Un parametre manque", 400},
    {"705", "EXPIRED_TOKEN", "Votre token a expire", 401},
    {"706", "INVALID_TOKEN", "Votre token est invalide", 401},
    {"708", "NOT_ALLOWED", "Non autorise", 403},
    {"709", "EXECUTION_ERROR", "Erreur d'execution", 500},
    {"716", "DATA_NOT_VALID", "Une donnee est incorrecte", 417},
    {"718", "JSON_PARSE_ERROR", "Le JSON contient des erreurs", 400},
    {"723", "NOT_FOUND", "Aucun resultat", 404},
    {"724", "ERROR_PHONE_NOT_MY_CONTACT", "Le numero n'est pas un contact", 417},
    {"725", "MISSING_NOTIFY_URL", "Une url de notification est requise", 417},
    {"801", "INVALID_AMOUNT", "Le montant est invalide", 417},
    {"802", "INVALID_PHONE", "Le numero est invalide", 417},
    {"805", "CLIENT_TRANSACTION_ID_EXIST", "L'identifiant existe deja", 417},
};

static size_t error_find(int code)
{
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        char text[8];
        (void)snprintf(text, sizeof text, "%d", code);
        if (strcmp(errors[i].code, text) == 0)
            return i;
    }
    invariant(!"a code of CinetPay's");
    return 0;
}

static void fail_as(struct sim_call *call, int code)
{
    size_t i = error_find(code);
    struct buffer *text = call_json(call, errors[i].status);
    buffer_char(text, '{');
    reply_text_member(text, "code", errors[i].code);
    reply_text_member(text, "message", errors[i].message);
    reply_text_member(text, "description", errors[i].description);
    buffer_text_append(text, ",\"data\":[]}");
}

static void v1_fails(struct sim_call *call, int status)
{
    if (status == 404 || status == 405) {
        fail_as(call, status == 404 ? 723 : 708);
    } else {
        fail_as(call, 709);
        call->reply->status = status;
    }
}

/* --- Forms --- */

/* A field of the form, decoded, to be freed with buffer_free; false: there is none. */
static bool form_field(const struct sim_call *call, const char *name, struct buffer *value)
{
    size_t length = strlen(name);
    struct buffer body;
    buffer_init(value, SIM_BODY_BYTES_MAX);
    buffer_init(&body, SIM_BODY_BYTES_MAX);
    buffer_append(&body, call->request->body, call->request->length);
    for (const char *at = buffer_text(&body); *at != 0;) {
        size_t whole = strcspn(at, "&");
        if (whole > length && strncmp(at, name, length) == 0 && at[length] == '=') {
            size_t coded = whole - length - 1;
            buffer_append(value, at + length + 1, coded);
            if (coded > 0) {
                call_decode(at + length + 1, coded, true, value->bytes, coded + 1);
                value->length = strlen(value->bytes);
            }
            buffer_free(&body);
            return true;
        }
        at += whole + (at[whole] == '&');
    }
    buffer_free(&body);
    return false;
}

/* The items of the field data: an array, or one object. NULL, and answered, when they are none. */
static json_t *items_read(struct sim_call *call)
{
    struct buffer data;
    json_t *items = NULL;
    if (!form_field(call, "data", &data)) {
        fail_as(call, 704);
    } else {
        items = json_loadb(buffer_text(&data), data.length, 0, NULL);
        if (json_is_object(items)) {
            json_t *one = items;
            items = json_array();
            invariant(items != NULL && json_array_append_new(items, one) == 0);
        }
        if (!json_is_array(items) || json_array_size(items) == 0 ||
            json_array_size(items) > ITEMS_MAX) {
            json_decref(items);
            items = NULL;
            fail_as(call, 718);
        }
    }
    buffer_free(&data);
    return items;
}

/* --- Who calls --- */

static void login(struct sim_call *call)
{
    struct buffer key, password;
    char token[SIM_TEXT_BYTES];
    bool whole = form_field(call, "apikey", &key);
    whole = form_field(call, "password", &password) && whole;
    bool right =
        strcmp(buffer_text(&key), KEY) == 0 && strcmp(buffer_text(&password), PASSWORD) == 0;
    buffer_free(&key);
    buffer_free(&password);
    if (!whole || !right) {
        fail_as(call, whole ? 701 : 704);
        return;
    }
    world_token(call->world, SIM_CINETPAY, call->now_ms, token);
    int64_t *until = mark_find(&call->world->marks, MARK_TOKEN + SIM_CINETPAY, token);
    if (*until > call->now_ms + TOKEN_MS_MAX)
        *until = call->now_ms + TOKEN_MS_MAX;
    struct buffer *text = call_json(call, 200);
    buffer_text_append(text, "{\"code\":0,\"message\":\"OPERATION_SUCCES\",\"data\":{");
    reply_text_member(text, "token", token);
    buffer_text_append(text, "}}");
}

static bool v1_admits(struct sim_call *call)
{
    char token[SIM_TEXT_BYTES];
    call_query(call, "token", token, sizeof token);
    int64_t *until = mark_find(&call->world->marks, MARK_TOKEN + SIM_CINETPAY, token);
    if (until != NULL && *until > call->now_ms)
        return true;
    fail_as(call, until == NULL ? 706 : 705);
    return false;
}

/* --- Items --- */

struct item {
    char prefix[8], phone[24], receiver[SIM_TEXT_BYTES];
};

/* False: the number can't be one. */
static bool phone_read(const json_t *object, struct item *item)
{
    TEXT_COPY(item->prefix, json_text(object, "prefix"));
    TEXT_COPY(item->phone, json_text(object, "phone"));
    (void)snprintf(item->receiver, sizeof item->receiver, "%s%s", item->prefix, item->phone);
    return text_digits(item->prefix, 1, 4) && text_digits(item->phone, 7, 12);
}

/* Writes the item as it was sent, with what became of it. */
static void item_write(struct buffer *text, const json_t *object, int code, const char *status,
                       const char *lot, const struct sim_order *order)
{
    char *sent = json_dumps(object, JSON_COMPACT);
    invariant(sent != NULL);
    if (text->bytes[text->length - 1] == '}')
        buffer_char(text, ',');
    buffer_append(text, sent, strlen(sent) - 1);
    free(sent);
    reply_int_member(text, "code", code);
    reply_text_member(text, "status", status);
    if (order != NULL) {
        reply_text_member(text, "treatment_status", "NEW");
        reply_text_member(text, "transaction_id", order->own);
    }
    if (lot != NULL)
        reply_text_member(text, "lot", lot);
    buffer_char(text, '}');
}

static void lot_make(struct sim_call *call, char lot[SIM_NOTE_BYTES])
{
    (void)snprintf(lot, SIM_NOTE_BYTES, "00445576412%010lld%03lld",
                   (long long)(call->now_ms / 1000), (long long)(++call->world->serial % 1000));
}

/* Ends a reply to items: an error, when the first's code is one and none was taken. */
static void items_end(struct sim_call *call, struct buffer *items, int first_code, bool taken)
{
    if (!taken) {
        fail_as(call, first_code);
    } else {
        struct buffer *text = call_json(call, 200);
        buffer_format(text, "{\"code\":0,\"message\":\"OPERATION_SUCCES\",\"data\":[%s]]}",
                      buffer_text(items));
    }
    buffer_free(items);
}

static void contact_make(struct sim_call *call)
{
    json_t *list = items_read(call);
    struct buffer items;
    int first_code = 0;
    bool taken = false;
    if (list == NULL)
        return;
    buffer_init(&items, SIM_BODY_BYTES_MAX);
    buffer_char(&items, '[');
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *object = json_array_get(list, i);
        struct item item;
        int code = !phone_read(object, &item)             ? 802
                   : json_text(object, "name")[0] == 0    ? 716
                   : json_text(object, "surname")[0] == 0 ? 716
                                                          : 0;
        char lot[SIM_NOTE_BYTES];
        lot_make(call, lot);
        if (code == 0 && (*mark_put(&call->world->marks, MARK_CONTACT, item.receiver))++ > 0)
            item_write(&items, object, 726, "ERROR_PHONE_ALREADY_MY_CONTACT", lot, NULL);
        else
            item_write(&items, object, code,
                       code == 0 ? "success" : errors[error_find(code)].message, lot, NULL);
        first_code = i == 0 ? code : first_code;
        taken = taken || code == 0;
    }
    json_decref(list);
    items_end(call, &items, first_code, taken);
}

/* 0: it is taken as the draft; else the code. */
static int order_read(struct sim_call *call, const json_t *object, struct sim_order *draft)
{
    struct item item;
    const json_t *amount = json_object_get(object, "amount");
    const char *url = json_text(object, "notify_url");
    if (!phone_read(object, &item))
        return 802;
    TEXT_COPY(draft->receiver, item.receiver);
    TEXT_COPY(draft->notes[NOTE_RECEIVER], item.receiver);
    TEXT_COPY(draft->notes[NOTE_CLIENT], json_text(object, "client_transaction_id"));
    TEXT_COPY(draft->transfer, json_text(object, "client_transaction_id"));
    TEXT_COPY(draft->reference, json_text(object, "client_transaction_id"));
    TEXT_COPY(draft->callback_url, url);
    TEXT_COPY(draft->currency, strcmp(item.prefix, "237") == 0 ? "XAF" : "XOF");
    draft->amount_minor = json_integer_value(amount);
    if (mark_find(&call->world->marks, MARK_CONTACT, item.receiver) == NULL)
        return 724;
    if (!json_is_integer(amount) &&
        !text_amount(json_string_value(amount) == NULL ? "" : json_string_value(amount),
                     &draft->amount_minor))
        return 801;
    if (draft->amount_minor <= 0 || draft->amount_minor % 5 != 0)
        return 801;
    if (strncmp(url, "http", 4) != 0 || strlen(url) >= SIM_URL_BYTES)
        return 725;
    if (strlen(json_text(object, "client_transaction_id")) >= SIM_TEXT_BYTES)
        return 716;
    return 0;
}

static void id_make(struct sim_call *call, struct sim_order *draft)
{
    struct clock_parts at = clock_split(call->now_ms / 1000);
    int64_t serial = ++call->world->serial;
    (void)snprintf(draft->own, sizeof draft->own, "EA%02d%02d%02d.%02d%02d%02d.%c%06lld",
                   at.year % 100, at.month, at.day, at.hour, at.minute, at.second,
                   (char)('A' + serial / 1000000 % 26), (long long)(serial % 1000000));
    if (draft->reference[0] == 0)
        TEXT_COPY(draft->reference, draft->own);
}

static int64_t items_sum(const json_t *list)
{
    int64_t sum = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *amount = json_object_get(json_array_get(list, i), "amount");
        int64_t minor = json_integer_value(amount);
        if (json_is_string(amount) && !text_amount(json_string_value(amount), &minor))
            minor = 0;
        sum += minor;
    }
    return sum;
}

static void money_send(struct sim_call *call)
{
    json_t *list = items_read(call);
    struct buffer items;
    char lot[SIM_NOTE_BYTES];
    int first_code = 0;
    bool taken = false;
    if (list == NULL)
        return;
    if (items_sum(list) > call->world->floats[SIM_CINETPAY]) {
        json_decref(list);
        fail_as(call, 602);
        return;
    }
    lot_make(call, lot);
    buffer_init(&items, SIM_BODY_BYTES_MAX);
    buffer_char(&items, '[');
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *object = json_array_get(list, i);
        struct sim_order draft = {.protocol = SIM_CINETPAY};
        int code = order_read(call, object, &draft);
        struct sim_order *order =
            code == 0 ? world_reference(call->world, SIM_CINETPAY, draft.reference) : NULL;
        if (order != NULL) {
            call_touch(call, order);
            code = 805;
        }
        if (code == 0) {
            id_make(call, &draft);
            TEXT_COPY(draft.notes[NOTE_LOT], lot);
            order = call_accept(call, &draft);
            item_write(&items, object, 0, "success", lot, order);
            taken = true;
        } else {
            item_write(&items, object, code, errors[error_find(code)].message, NULL, NULL);
        }
        first_code = i == 0 ? code : first_code;
    }
    json_decref(list);
    items_end(call, &items, first_code, taken);
}

/* --- What became of it --- */

static const char *treatment(const struct sim_order *order)
{
    return order->state == SIM_PAID       ? "VAL"
           : order->state == SIM_REJECTED ? "REJ"
           : order->number % 2 == 0       ? "NEW"
                                          : "REC";
}

static void transfer_write(struct buffer *text, const struct sim_order *order)
{
    char amount[24], at[CLOCK_TEXT_BYTES];
    clock_text(order->decided_at_ms + order->skew_ms, at);
    (void)snprintf(amount, sizeof amount, "%lld", (long long)order->amount_minor);
    bool paid = order->state == SIM_PAID;
    buffer_char(text, '{');
    reply_text_member(text, "transaction_id", order->own);
    reply_text_member(text, "client_transaction_id",
                      order->notes[NOTE_CLIENT][0] == 0 ? NULL : order->notes[NOTE_CLIENT]);
    reply_text_member(text, "lot", order->notes[NOTE_LOT]);
    reply_text_member(text, "amount", amount);
    reply_text_member(text, "receiver", order->notes[NOTE_RECEIVER]);
    reply_text_member(text, "receiver_e164", order->receiver);
    reply_text_member(text, "operator", "OM");
    reply_text_member(text, "sending_status", "CONFIRM");
    reply_text_member(text, "transfer_valid", order->state == SIM_REJECTED ? "N" : "Y");
    reply_text_member(text, "treatment_status", treatment(order));
    reply_text_member(text, "comment",
                      order->state == SIM_REJECTED ? comments[order->reason] : NULL);
    reply_text_member(text, "validated_at", paid ? at : NULL);
    reply_text_member(text, "operator_transaction_id", paid ? order->own + 2 : NULL);
    buffer_char(text, '}');
}

static void money_check(struct sim_call *call)
{
    char own[SIM_TEXT_BYTES], client[SIM_TEXT_BYTES];
    call_query(call, "transaction_id", own, sizeof own);
    call_query(call, "client_transaction_id", client, sizeof client);
    if (own[0] == 0 && client[0] == 0) {
        fail_as(call, 704);
        return;
    }
    struct sim_order *order = own[0] != 0 ? world_own(call->world, SIM_CINETPAY, own)
                                          : world_reference(call->world, SIM_CINETPAY, client);
    if (order == NULL) {
        fail_as(call, 723);
        return;
    }
    call_touch(call, order);
    struct buffer *text = call_json(call, 200);
    buffer_text_append(text, "{\"code\":0,\"message\":\"OPERATION_SUCCES\",\"data\":[");
    transfer_write(text, order);
    buffer_text_append(text, "]}");
}

static void balance(struct sim_call *call)
{
    long long available = (long long)call->world->floats[SIM_CINETPAY];
    buffer_format(call_json(call, 200),
                  "{\"code\":0,\"message\":\"OPERATION_SUCCES\",\"data\":{\"amount\":%lld,"
                  "\"inUsing\":0,\"available\":%lld}}",
                  available, available);
}

static void v1_callback(struct sim_world *world, const struct sim_order *order,
                        struct sim_callback *callback)
{
    char at[CLOCK_TEXT_BYTES];
    (void)world;
    clock_text(order->decided_at_ms + order->skew_ms, at);
    at[10] = '+'; /* The blank between date and time, in a form. */
    callback->method = "POST";
    callback_header(callback, "Content-Type: application/x-www-form-urlencoded");
    buffer_format(&callback->body,
                  "transaction_id=%s&client_transaction_id=%s&lot=%s&amount=%lld&receiver=%s"
                  "&operator=OM&treatment_status=%s&sending_status=CONFIRM&comment="
                  "&operator_transaction_id=&validated_at=%s",
                  order->own, order->notes[NOTE_CLIENT], order->notes[NOTE_LOT],
                  (long long)order->amount_minor, order->notes[NOTE_RECEIVER], treatment(order),
                  order->state == SIM_PAID ? at : "");
}

static const struct sim_route routes[] = {
    {"POST", "/v1/auth/login", login, true},
    {"POST", "/v1/auth/login%20", login, true}, /* As the collection has it. */
    {"POST", "/v1/transfer/contact", contact_make, false},
    {"POST", "/v1/transfer/money/send/contact", money_send, false},
    {"GET", "/v1/transfer/check/money", money_check, false},
    {"POST", "/v1/transfer/check/money", money_check, false},
    {"GET", "/v1/transfer/check/balance", balance, false},
    {"GET", "/v1/transfer/check/balance/", balance, false},
};
const struct sim_side sim_cinetpay = {
    .credentials = {KEY, PASSWORD, "", ""},
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
    .admits = v1_admits,
    .fails = v1_fails,
    .callback_write = v1_callback,
};

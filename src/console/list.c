#include "console/list.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "money/tariff.h"

enum { TEXT_BYTES_MAX = 1000, DIGITS_MAX = 20 };

/* --- Numbers and amounts --- */

enum payout_code list_number(const char *country, const char *phone, struct number *number)
{
    size_t countries;
    const struct country *all = tariff_countries(&countries);
    phone += strspn(phone, " \t\r\n(");
    bool plus = phone[0] == '+';
    if (!plus && strncmp(phone, "00", 2) != 0)
        return number_read(country, phone, number);
    char digits[DIGITS_MAX + 1] = "";
    size_t count = 0;
    for (const char *at = phone + (plus ? 1 : 2); *at != '\0' && count < DIGITS_MAX; at++)
        if (*at >= '0' && *at <= '9')
            digits[count++] = *at;
    for (size_t i = 0; i < countries; i++)
        if (strncmp(digits, all[i].prefix, strlen(all[i].prefix)) == 0)
            return number_read(all[i].prefix, phone, number);
    return PAYOUT_INVALID_PHONE;
}

/* How many bytes stand for a blank or a separator of thousands at at; 0: none. */
static size_t separator(const char *at)
{
    if (strchr(" .,'", *at) != NULL && *at != '\0')
        return 1;
    if (strncmp(at, "\xC2\xA0", 2) == 0) /* No-break space. */
        return 2;
    return strncmp(at, "\xE2\x80\xAF", 3) == 0 ? 3 : 0; /* Its narrow sister, as French has it. */
}

void list_amount(const char *amount, char *text)
{
    size_t length = 0, group = 0;
    bool grouped = false, right = true;
    const char *at = amount + strspn(amount, " \t\r\n");
    size_t size = strlen(at);
    while (size > 0 && strchr(" \t\r\n", at[size - 1]) != NULL)
        size--;
    for (const char *end = at + size; at < end && right;) {
        size_t skip = separator(at);
        if (skip > 0) {
            right = length > 0 && (grouped ? group == 3 : group <= 3);
            grouped = true;
            group = 0;
            at += skip;
        } else {
            text[length++] = *at++;
            group++;
        }
    }
    text[length] = '\0';
    if (!right || (grouped && group != 3))
        memcpy(text, amount, strlen(amount) + 1);
}

/* --- The body --- */

static bool refused(struct request *request, const char *fr, const char *en)
{
    (void)request_refuse_as(request, PAYOUT_DATA_NOT_VALID, 0, fr, en);
    return false;
}

/* A member's text, a whole number too; "" when it is not there; NULL when it is something else. */
static const char *member_text(struct arena *arena, const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    char digits[DIGITS_MAX + 4];
    const char *text = digits;
    if (value == NULL || json_is_null(value))
        return "";
    if (json_is_integer(value))
        (void)snprintf(digits, sizeof digits, "%lld", (long long)json_integer_value(value));
    else if (json_is_string(value) && json_string_length(value) <= TEXT_BYTES_MAX)
        text = json_string_value(value);
    else
        return NULL;
    size_t size = strlen(text) + 1;
    char *kept = arena_alloc(arena, size, 1);
    memcpy(kept, text, size);
    return kept;
}

static bool item_read(struct request *request, const json_t *object, const char *country,
                      struct list_item *item)
{
    struct arena *arena = request->arena;
    item->phone = member_text(arena, object, "phone");
    item->amount = member_text(arena, object, "amount");
    item->operator_method = member_text(arena, object, "operator");
    item->name = member_text(arena, object, "name");
    item->surname = member_text(arena, object, "surname");
    item->email = member_text(arena, object, "email");
    if (item->phone == NULL || item->amount == NULL || item->operator_method == NULL ||
        item->name == NULL || item->surname == NULL || item->email == NULL)
        return false;
    item->refusal = list_number(country, item->phone, &item->number);
    bool fit = strlen(item->name) <= CONTACT_TEXT_BYTES_MAX &&
               strlen(item->surname) <= CONTACT_TEXT_BYTES_MAX &&
               strlen(item->email) <= CONTACT_TEXT_BYTES_MAX;
    if (!fit)
        item->refusal = PAYOUT_DATA_NOT_VALID;
    return true;
}

static bool key_valid(const char *key)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    size_t length = strlen(key);
    return length == 0 || (length >= LIST_KEY_BYTES_MIN && length <= LIST_KEY_BYTES_MAX &&
                           strspn(key, letters) == length);
}

static bool wait_read(const json_t *object, int64_t *wait_ms)
{
    const json_t *wait = json_object_get(object, "operator_wait");
    *wait_ms = 0;
    if (wait == NULL || json_is_null(wait))
        return true;
    int64_t seconds = json_is_integer(wait) ? json_integer_value(wait) : -1;
    *wait_ms = seconds == 0 ? LOT_WAITS_FOR_EVER : seconds * 1000;
    return seconds >= 0 && seconds <= LOT_WAIT_SECONDS_MAX;
}

static bool object_read(struct request *request, const json_t *object, struct list *list)
{
    const json_t *items = json_object_get(object, "items");
    const char *country = member_text(request->arena, object, "country");
    list->key = member_text(request->arena, object, "key");
    list->count = json_array_size(items);
    if (country == NULL || list->key == NULL || !key_valid(list->key))
        return refused(request, "country ou key n'est pas valide", "country or key is not valid");
    if (!wait_read(object, &list->wait_ms))
        return refused(request, "operator_wait n'est pas valide", "operator_wait is not valid");
    if (list->count == 0 || list->count > LIST_ITEMS_MAX)
        return refused(request, "items doit avoir de 1 à 5000 éléments",
                       "items must have 1 to 5000 elements");
    list->items = arena_alloc(request->arena, list->count, sizeof *list->items);
    for (size_t i = 0; i < list->count; i++) {
        const json_t *item = json_array_get(items, i);
        if (!json_is_object(item) || !item_read(request, item, country, &list->items[i]))
            return refused(request, "Un élément n'est pas valide", "An item is not valid");
    }
    return true;
}

bool list_read(struct request *request, struct list *list)
{
    const struct buffer *body = &request->body;
    json_t *object = json_loadb(body->bytes, body->length, JSON_REJECT_DUPLICATES, NULL);
    bool read = json_is_object(object) ? object_read(request, object, list)
                                       : refused(request, "Le corps n'est pas un objet JSON",
                                                 "The body is no JSON object");
    json_decref(object);
    return read;
}

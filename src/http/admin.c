#include "http/admin.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "wire/reply.h"

/* --- Reading --- */

static const char *text_keep(struct request *request, const char *text)
{
    size_t size = strlen(text) + 1;
    char *kept = arena_alloc(request->arena, size, 1);
    memcpy(kept, text, size);
    return kept;
}

/* A JSON value as text; NULL when it is none that a member may have. */
static const char *json_text(struct request *request, const json_t *value)
{
    char digits[24];
    switch (json_typeof(value)) {
    case JSON_STRING:
        return text_keep(request, json_string_value(value));
    case JSON_INTEGER:
        (void)snprintf(digits, sizeof digits, "%lld", (long long)json_integer_value(value));
        return text_keep(request, digits);
    case JSON_TRUE:
        return "true";
    case JSON_FALSE:
        return "false";
    case JSON_OBJECT:
    case JSON_ARRAY:
    case JSON_REAL:
    case JSON_NULL:
        break;
    }
    return NULL;
}

static size_t name_index(const struct admin_input *input, const char *name)
{
    size_t index = 0;
    while (index < input->count && strcmp(input->names[index], name) != 0)
        index++;
    return index;
}

static bool json_members_read(struct admin_input *input, json_t *object)
{
    const char *name;
    json_t *value;
    char why[160];
    json_object_foreach(object, name, value)
    {
        size_t index = name_index(input, name);
        const char *text = json_is_null(value) ? "" : json_text(input->request, value);
        if (index == input->count || text == NULL) {
            (void)snprintf(why, sizeof why, "%s: %.64s",
                           text == NULL ? "This member is no text, number, true or false"
                                        : "There is no such member",
                           name);
            (void)admin_refuse(input->request, PAYOUT_INVALID_PARAM, why);
            return false;
        }
        input->texts[index] = json_is_null(value) ? NULL : text;
    }
    return true;
}

bool admin_input_read(struct request *request, const char *const *names, struct admin_input *input)
{
    *input = (struct admin_input){.request = request};
    for (; names[input->count] != NULL; input->count++) {
        invariant(input->count < ADMIN_NAMES_MAX);
        input->names[input->count] = names[input->count];
    }
    const struct buffer *body = &request->body;
    size_t blanks = strspn(buffer_text(body), " \t\r\n");
    if (buffer_text(body)[blanks] != '{') {
        for (size_t i = 0; i < input->count; i++)
            input->texts[i] = form_body(request->form, input->names[i]);
        return true;
    }
    json_t *object = json_loadb(body->bytes, body->length, JSON_REJECT_DUPLICATES, NULL);
    if (object == NULL) {
        (void)admin_refuse(request, PAYOUT_JSON_PARSE_ERROR, "The body is no JSON object");
        return false;
    }
    bool read = json_members_read(input, object);
    json_decref(object);
    return read;
}

const char *admin_input_text(const struct admin_input *input, const char *name)
{
    size_t index = name_index(input, name);
    invariant(index < input->count);
    return input->texts[index];
}

bool admin_input_flag(const struct admin_input *input, const char *name, bool *sent, bool *value)
{
    const char *text = admin_input_text(input, name);
    *sent = text != NULL;
    if (text == NULL)
        return true;
    bool yes = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
    bool no = strcmp(text, "false") == 0 || strcmp(text, "0") == 0;
    *value = yes;
    if (yes || no)
        return true;
    char why[96];
    (void)snprintf(why, sizeof why, "%s must be true or false", name);
    (void)admin_refuse(input->request, PAYOUT_INVALID_PARAM, why);
    return false;
}

const char *admin_input_words(const struct admin_input *input, const char *name, size_t bytes_max,
                              const char *why)
{
    const char *text = admin_input_text(input, name);
    size_t blanks = text == NULL ? 0 : strspn(text, " \t\r\n");
    if (text != NULL && text[blanks] != '\0' && strlen(text) <= bytes_max)
        return text;
    (void)admin_refuse(input->request, PAYOUT_INVALID_PARAM, why);
    return NULL;
}

const char *admin_input_person(const struct admin_input *input, size_t bytes_max, const char *why)
{
    const struct user *user = input->request->user;
    if (user == NULL)
        return admin_input_words(input, "person", bytes_max, why);
    const char *named = admin_input_text(input, "person");
    if (named == NULL || strcmp(named, user->name) == 0)
        return user->name;
    (void)admin_refuse(input->request, PAYOUT_NOT_ALLOWED, "person is who is logged in");
    return NULL;
}

bool admin_number_read(const char *text, int64_t minimum, int64_t maximum, int64_t *number)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 18 || text[digits] != '\0')
        return false;
    int64_t read = 0;
    for (size_t i = 0; i < digits; i++)
        read = read * 10 + (text[i] - '0');
    *number = read;
    return read >= minimum && read <= maximum;
}

bool admin_query_number(struct request *request, const char *name, int64_t otherwise,
                        int64_t minimum, int64_t maximum, int64_t *number)
{
    const char *text = form_query(request->form, name);
    /* Who belongs to a merchant asks for what is its own (role.c has looked at what was said). */
    if (request->user != NULL && strcmp(name, "merchant") == 0)
        otherwise = request->user->merchant.value;
    *number = otherwise;
    if (text == NULL || admin_number_read(text, minimum, maximum, number))
        return true;
    char why[120];
    (void)snprintf(why, sizeof why, "%s must be a number from %lld to %lld", name,
                   (long long)minimum, (long long)maximum);
    (void)admin_refuse(request, PAYOUT_INVALID_PARAM, why);
    return false;
}

bool admin_path_merchant(struct request *request, struct merchant_id *id)
{
    if (admin_number_read(request->parameters[0], MERCHANT_ID_MIN, MERCHANT_ID_MAX, &id->value))
        return true;
    (void)admin_refuse(request, PAYOUT_NOT_FOUND, "There is no such merchant");
    return false;
}

/* --- Writing --- */

enum turn admin_refuse(struct request *request, enum payout_code code, const char *why)
{
    return request_refuse_as(request, code, 0, NULL, why);
}

struct buffer *admin_begin(struct request *request)
{
    buffer_clear(&request->answer.text);
    buffer_text_append(&request->answer.text, "{\"ok\":true");
    return &request->answer.text;
}

enum turn admin_end(struct request *request)
{
    buffer_text_append(&request->answer.text, "}\n");
    return request_plain(request, 200, "application/json");
}

void admin_time_member(struct buffer *text, const char *name, int64_t at_ms)
{
    char at[CLOCK_TEXT_BYTES];
    if (at_ms > 0)
        clock_iso_text(at_ms, at);
    reply_text_member(text, name, at_ms > 0 ? at : NULL);
}

void admin_comma(struct buffer *text)
{
    char last = text->length > 0 ? text->bytes[text->length - 1] : '{';
    if (last != '{' && last != '[')
        buffer_char(text, ',');
}

void admin_open_member(struct buffer *text, const char *name, char bracket)
{
    admin_comma(text);
    reply_text(text, name);
    buffer_char(text, ':');
    buffer_char(text, bracket);
}

#include "wire/form.h"

#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "wire/document.h"
#include "wire/field.h"
#include "wire/item.h"
#include "wire/utf8.h"

struct form {
    struct field_list query, body;
    json_t *document; /* The body, when it is JSON: an object or an array. Else NULL. */
    bool broken;      /* The body was meant to be JSON, and is not. */
};

/* --- Reading --- */

static bool type_is(const char *content_type, const char *type)
{
    return content_type != NULL && strncasecmp(content_type, type, strlen(type)) == 0;
}

static bool type_is_json(const char *content_type)
{
    return type_is(content_type, "application/json") || type_is(content_type, "text/json") ||
           (content_type != NULL && strcasestr(content_type, "+json") != NULL);
}

/* A JSON string that holds JSON is decoded once more. *value is replaced. */
static enum document_result text_unwrap(json_t **value)
{
    if (!json_is_string(*value))
        return DOCUMENT_READ;
    json_t *inner;
    enum document_result result =
        document_read(json_string_value(*value), json_string_length(*value), &inner);
    if (result == DOCUMENT_READ) {
        json_decref(*value);
        *value = inner;
    }
    return result;
}

/* False when memory ran out. */
static bool body_json_read(struct form *form, const char *body, size_t length)
{
    enum document_result result = document_read(body, length, &form->document);
    if (result == DOCUMENT_READ)
        result = text_unwrap(&form->document);
    bool container = json_is_object(form->document) || json_is_array(form->document);
    if (result != DOCUMENT_READ || !container) {
        json_decref(form->document);
        form->document = NULL;
        form->broken = true;
    }
    if (form->document != NULL && json_is_object(form->document))
        return fields_json(&form->body, form->document);
    return result != DOCUMENT_NO_MEMORY;
}

/* What a body is, its first bytes say more surely than its content type: clients send JSON under a
 * form's type, and forms under JSON's. */
static bool body_read(struct form *form, const struct form_input *input)
{
    const char *body = input->body;
    size_t length = input->body_length;
    size_t skip = document_blanks(body, length);
    if (skip == length)
        return true;
    bool json = type_is_json(input->content_type);
    if (document_begins(body, length) || (json && body[skip] == '"'))
        return body_json_read(form, body, length);
    if (type_is(input->content_type, "multipart/"))
        return fields_multipart(&form->body, input->content_type, body, length);
    form->broken = json && memchr(body, '=', length) == NULL;
    return fields_urlencoded(&form->body, body + skip, length - skip);
}

enum form_result form_open(const struct form_input *input, struct form **form)
{
    *form = NULL;
    struct form *read = memory_take_zero(1, sizeof *read);
    if (read == NULL)
        return FORM_NO_MEMORY;
    bool done =
        input->query == NULL || fields_urlencoded(&read->query, input->query, input->query_length);
    done = done && (input->body == NULL || body_read(read, input));
    if (done && !read->query.too_many && !read->body.too_many) {
        *form = read;
        return FORM_READ;
    }
    form_close(read);
    return done ? FORM_TOO_MANY : FORM_NO_MEMORY;
}

void form_close(struct form *form)
{
    if (form == NULL)
        return;
    fields_free(&form->query);
    fields_free(&form->body);
    json_decref(form->document);
    memory_give(form);
}

void form_closep(struct form **form)
{
    form_close(*form);
}

const char *form_query(const struct form *form, const char *name)
{
    const struct field *field = field_find(&form->query, name);
    return field == NULL ? NULL : field->value;
}

const char *form_body(const struct form *form, const char *name)
{
    const struct field *field = field_find(&form->body, name);
    return field == NULL ? NULL : field->value;
}

const char *form_field(const struct form *form, const char *name)
{
    const char *value = form_body(form, name);
    return value == NULL ? form_query(form, name) : value;
}

/* --- Items --- */

/* What a request says beside its items. The first ones are no part of an item even where an item
 * stands beside them; the others may be an item's own. */
static const char *const names_kept_apart[] = {"data", "token", "lang", "apikey", "password"};
static const char *const names_shared[] = {"transaction_id", "client_transaction_id", "lot"};

#define NAMED(names, name) name_among((names), sizeof(names) / sizeof *(names), (name))
static bool name_among(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* Takes over value, and makes items of it. */
static enum form_data items_of(json_t *value, struct items **items)
{
    json_t *array = value;
    if (json_is_object(value) && json_object_size(value) > 0) {
        array = json_array();
        if (array == NULL || json_array_append_new(array, value) != 0) {
            if (array == NULL)
                json_decref(value); /* json_array_append_new takes it in any case. */
            json_decref(array);
            return FORM_DATA_NO_MEMORY;
        }
    }
    bool good = json_is_array(array) && json_array_size(array) > 0;
    for (size_t i = 0; good && i < json_array_size(array); i++)
        good = json_is_object(json_array_get(array, i));
    if (!good) {
        json_decref(array);
        return FORM_DATA_NOT_ITEMS;
    }
    *items = items_open(array);
    return *items == NULL ? FORM_DATA_NO_MEMORY : FORM_DATA_READ;
}

/* Reads the JSON text in a field's value: decoded, or else as it came. */
static enum document_result data_read(const struct field *field, json_t **value)
{
    if (field->value == NULL)
        return DOCUMENT_UNREADABLE;
    enum document_result result = document_read(field->value, field->length, value);
    if (result == DOCUMENT_UNREADABLE && field->raw != NULL)
        result = document_read(field->raw, field->raw_length, value);
    return result;
}

static enum form_data items_of_field(const struct field *field, struct items **items)
{
    if (field->json != NULL && !json_is_string(field->json))
        return items_of(json_incref(field->json), items);
    json_t *value;
    enum document_result result = data_read(field, &value);
    if (result == DOCUMENT_READ) {
        result = text_unwrap(&value);
        if (result == DOCUMENT_READ)
            return items_of(value, items);
        json_decref(value);
    }
    return result == DOCUMENT_NO_MEMORY ? FORM_DATA_NO_MEMORY : FORM_DATA_UNREADABLE;
}

/* The field `data`, unless it is empty. */
static const struct field *data_find(const struct field_list *list)
{
    const struct field *field = field_find(list, "data");
    if (field == NULL || (field->json != NULL && json_is_null(field->json)))
        return NULL;
    bool empty =
        field->value != NULL && document_blanks(field->value, field->length) == field->length;
    return empty ? NULL : field;
}

/* Whether the fields are an item's own members. */
static bool fields_are_item(const struct field_list *list)
{
    return field_find(list, "prefix") != NULL || field_find(list, "phone") != NULL;
}

/* Whether there is none among the fields that a request can have beside its items. */
static bool fields_are_strange(const struct field_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const char *name = list->fields[i].name;
        if (name != NULL && (NAMED(names_kept_apart, name) || NAMED(names_shared, name)))
            return false;
    }
    return true;
}

/* Makes one item of the fields. */
static enum form_data items_of_fields(const struct field_list *list, struct items **items)
{
    json_t *object = json_object();
    bool failed = object == NULL;
    for (size_t i = 0; !failed && i < list->count; i++) {
        const struct field *field = &list->fields[i];
        bool text = field->json == NULL;
        if (field->name == NULL || (text && field->value == NULL) ||
            NAMED(names_kept_apart, field->name) || json_object_get(object, field->name) != NULL)
            continue;
        if (text && !(utf8_valid(field->value, field->length) &&
                      utf8_valid(field->name, strlen(field->name)))) {
            json_decref(object);
            return FORM_DATA_UNREADABLE;
        }
        json_t *value = text ? json_stringn(field->value, field->length) : json_incref(field->json);
        failed = json_object_set_new(object, field->name, value) != 0;
    }
    if (failed) {
        json_decref(object);
        return FORM_DATA_NO_MEMORY;
    }
    return items_of(object, items);
}

enum form_data form_items(const struct form *form, struct items **items)
{
    *items = NULL;
    if (form->broken)
        return FORM_DATA_UNREADABLE;
    if (json_is_array(form->document))
        return items_of(json_incref(form->document), items);
    const struct field *data = data_find(&form->body);
    if (data != NULL)
        return items_of_field(data, items);
    if (fields_are_item(&form->body))
        return items_of_fields(&form->body, items);
    data = data_find(&form->query);
    if (data != NULL)
        return items_of_field(data, items);
    if (fields_are_item(&form->query))
        return items_of_fields(&form->query, items);
    /* A JSON object is what is to be done, even when nothing in it is known. */
    if (json_is_object(form->document) && fields_are_strange(&form->body))
        return items_of_fields(&form->body, items);
    return FORM_DATA_ABSENT;
}

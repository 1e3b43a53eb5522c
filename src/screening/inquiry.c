#include "screening/inquiry.h"

#include <jansson.h>
#include <string.h>

#include "base/name.h"
#include "money/number.h"
#include "money/tariff.h"

static void text_member(json_t *object, const char *name, const char *text)
{
    /* What merchants sent was UTF-8 when it came; a text that is none goes as "". */
    json_t *value = json_string(text);
    invariant(json_object_set_new(object, name, value != NULL ? value : json_string("")) == 0);
}

static int body_append(const char *bytes, size_t length, void *context)
{
    struct buffer *body = context;
    buffer_append(body, bytes, length);
    return 0;
}

void inquiry_write(const struct due_screening *due, struct buffer *body)
{
    const struct transfer *transfer = &due->transfer;
    const struct country *country = NULL;
    const struct operator_entry *entry = tariff_operator(transfer->operator_number, &country);
    char id[TRANSFER_ID_TEXT_BYTES], phone[NUMBER_TEXT_BYTES];
    json_t *object = json_object();
    invariant(object != NULL && entry != NULL && country != NULL);
    transfer_id_text(transfer->id, id);
    number_e164_text(transfer->msisdn, phone);
    invariant(json_object_set_new(object, "merchant", json_integer(transfer->merchant.value)) == 0);
    text_member(object, "transaction_id", id);
    text_member(object, "name", due->name);
    text_member(object, "surname", due->surname);
    text_member(object, "phone", phone);
    invariant(json_object_set_new(object, "amount", json_integer(transfer->amount.minor)) == 0);
    text_member(object, "currency", currency_text(transfer->amount.currency));
    text_member(object, "country", country->code);
    text_member(object, "operator", entry->name);
    invariant(json_dump_callback(object, body_append, body, JSON_COMPACT) == 0);
    json_decref(object);
}

/* As much of text as there is room for, whole characters. */
static void text_add(char *target, size_t size, const char *text)
{
    size_t length = strlen(target);
    size_t more = name_text_cut(text, strlen(text), size - 1 - length);
    memcpy(target + length, text, more);
    target[length + more] = '\0';
}

static void entries_read(const json_t *entries, struct inquiry_answer *answer)
{
    for (size_t i = 0; i < json_array_size(entries); i++) {
        const json_t *entry = json_array_get(entries, i);
        const char *id = json_string_value(json_object_get(entry, "id"));
        const char *name = json_is_string(entry)
                               ? json_string_value(entry)
                               : json_string_value(json_object_get(entry, "name"));
        if (id == NULL && name == NULL)
            continue;
        if (answer->entry[0] != '\0')
            text_add(answer->entry, sizeof answer->entry, "; ");
        text_add(answer->entry, sizeof answer->entry, id == NULL ? "" : id);
        if (id != NULL && name != NULL)
            text_add(answer->entry, sizeof answer->entry, " ");
        text_add(answer->entry, sizeof answer->entry, name == NULL ? "" : name);
    }
}

static enum fault_kind object_read(const json_t *object, struct inquiry_answer *answer,
                                   struct fault *fault)
{
    const char *result = json_string_value(json_object_get(object, "result"));
    const char *reference = json_string_value(json_object_get(object, "reference"));
    const json_t *score = json_object_get(object, "score");
    if (result == NULL || (strcmp(result, "clear") != 0 && strcmp(result, "match") != 0))
        return fault_set(fault, FAULT_FINAL, "its result is neither clear nor match");
    answer->verdict = result[0] == 'c' ? SCREENING_CLEAR : SCREENING_MATCH;
    answer->score = answer->verdict == SCREENING_MATCH ? 100 : 0;
    if (score != NULL && !json_is_null(score)) {
        json_int_t number = json_integer_value(score);
        if (!json_is_integer(score) || number < 0 || number > 100)
            return fault_set(fault, FAULT_FINAL, "its score is no number from 0 to 100");
        answer->score = (int)number;
    }
    if (reference != NULL)
        text_add(answer->reference, sizeof answer->reference, reference);
    entries_read(json_object_get(object, "entries"), answer);
    return FAULT_NONE;
}

enum fault_kind inquiry_read(const char *bytes, size_t length, struct inquiry_answer *answer,
                             struct fault *fault)
{
    json_error_t error;
    *answer = (struct inquiry_answer){0};
    json_t *object = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(object)) {
        json_decref(object);
        return fault_set(fault, FAULT_FINAL, "its answer is no JSON object");
    }
    enum fault_kind kind = object_read(object, answer, fault);
    json_decref(object);
    return kind;
}

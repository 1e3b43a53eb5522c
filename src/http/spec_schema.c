#include <stdio.h>
#include <string.h>

#include "base/fault.h"
#include "http/spec_own.h"
#include "money/tariff.h"
#include "money/transfer.h"

json_t *spec_made(json_t *value)
{
    invariant(value != NULL);
    return value;
}

void spec_put(json_t *object, const char *name, json_t *value)
{
    invariant(json_object_set_new(object, name, spec_made(value)) == 0);
}

void spec_add(json_t *array, json_t *value)
{
    invariant(json_array_append_new(array, spec_made(value)) == 0);
}

json_t *spec_text_schema(const char *about)
{
    return spec_made(json_pack("{ss ss}", "type", "string", "description", about));
}

/* --- Values that are one of a few --- */

static void words_add(json_t *words, const char *word)
{
    for (size_t i = 0; i < json_array_size(words); i++)
        if (strcmp(json_string_value(json_array_get(words, i)), word) == 0)
            return;
    spec_add(words, json_string(word));
}

static void country_add(json_t *words, enum spec_choice choice, const struct country *country)
{
    if (choice == SPEC_PREFIXES)
        words_add(words, country->prefix);
    else if (choice == SPEC_COUNTRIES)
        words_add(words, country->code);
    else if (choice == SPEC_CURRENCIES)
        words_add(words, currency_text(country->currency));
    else
        for (size_t i = 0; i < country->operator_count; i++)
            words_add(words, choice == SPEC_METHODS ? country->operators[i].payment_method
                                                    : country->operators[i].name);
}

static json_t *countries_choice(enum spec_choice choice)
{
    size_t count;
    const struct country *countries = tariff_countries(&count);
    json_t *words = spec_made(json_array());
    for (size_t i = 0; i < count; i++)
        country_add(words, choice, &countries[i]);
    return words;
}

static json_t *states_choice(void)
{
    json_t *words = spec_made(json_array());
    for (enum transfer_state state = TRANSFER_NEW; state < TRANSFER_STATE_END; state++)
        spec_add(words, json_string(transfer_state_text(state)));
    return words;
}

/* NULL: it is free. */
static json_t *choice_words(enum spec_choice choice)
{
    switch (choice) {
    case SPEC_FREE:
        return NULL;
    case SPEC_LANGUAGES:
        return json_pack("[ss]", "fr", "en");
    case SPEC_PREFIXES:
    case SPEC_METHODS:
    case SPEC_OPERATORS:
    case SPEC_COUNTRIES:
    case SPEC_CURRENCIES:
        return countries_choice(choice);
    case SPEC_STATES:
        return states_choice();
    case SPEC_SENDING:
        return json_pack("[ss]", "PENDING", "CONFIRM");
    case SPEC_YES_NO:
        return json_pack("[ss]", "Y", "N");
    case SPEC_DOORS:
        return json_pack("[sss]", "available", "down", "off");
    }
    invariant(!"a choice");
}

/* --- Schemas --- */

json_t *spec_items_schema(const struct spec_member *member)
{
    json_t *item = spec_object_schema(member->members, true);
    return spec_made(json_pack("{so s[{ss si sO} o]}", "description", json_string(member->about),
                               "oneOf", "type", "array", "minItems", 1, "items", item, item));
}

static json_t *kind_type(enum spec_kind kind)
{
    switch (kind) {
    case SPEC_TEXT:
        return json_string("string");
    case SPEC_TEXT_OR_NULL:
        return json_pack("[ss]", "string", "null");
    case SPEC_INTEGER:
        return json_string("integer");
    case SPEC_DIGITS:
        return json_pack("[ss]", "string", "integer");
    case SPEC_LIST:
    case SPEC_ITEMS:
        return json_string("array");
    }
    invariant(!"a kind");
}

static json_t *example_value(const struct spec_member *member)
{
    if (member->kind != SPEC_INTEGER)
        return json_string(member->example);
    return spec_made(json_loads(member->example, JSON_DECODE_ANY, NULL));
}

json_t *spec_member_schema(const struct spec_member *member)
{
    if (member->kind == SPEC_ITEMS)
        return spec_items_schema(member);
    json_t *schema = spec_made(json_object()), *words = choice_words(member->choice);
    spec_put(schema, "type", kind_type(member->kind));
    spec_put(schema, "description", json_string(member->about));
    if (words != NULL)
        spec_put(schema, "enum", words);
    if (member->pattern != NULL)
        spec_put(schema, "pattern", json_string(member->pattern));
    if (member->members != NULL)
        spec_put(schema, "items", spec_object_schema(member->members, false));
    if (member->example != NULL)
        spec_put(schema, "examples", json_pack("[o]", example_value(member)));
    return schema;
}

json_t *spec_object_schema(const struct spec_member *members, bool open)
{
    json_t *properties = spec_made(json_object()), *required = spec_made(json_array());
    for (const struct spec_member *member = members; member->name != NULL; member++) {
        spec_put(properties, member->name, spec_member_schema(member));
        if (!member->optional)
            spec_add(required, json_string(member->name));
    }
    return spec_made(json_pack("{ss so so sb}", "type", "object", "properties", properties,
                               "required", required, "additionalProperties", open));
}

/* --- Replies --- */

/* The codes of a list, PAYOUT_OK too when that is wanted. */
static void codes_write(json_t *properties, const enum payout_code codes[SPEC_CODES_MAX], bool ok)
{
    json_t *numbers = spec_made(json_array()), *words = spec_made(json_array());
    if (ok) {
        spec_add(numbers, json_integer(PAYOUT_OK));
        words_add(words, "success");
    }
    for (size_t i = 0; i < SPEC_CODES_MAX && codes[i] != PAYOUT_OK; i++) {
        spec_add(numbers, json_integer(codes[i]));
        words_add(words, payout_code_word(codes[i]));
    }
    spec_put(json_object_get(properties, "code"), "enum", numbers);
    spec_put(json_object_get(properties, "status"), "enum", words);
}

/* A result: the item as it was sent, and members: all of them when it is good or known, code and
 * status when it was refused. */
static json_t *result_schema(const struct spec *spec)
{
    json_t *good = spec_object_schema(spec->members, true);
    json_t *refused = spec_object_schema(spec->members, true);
    codes_write(json_object_get(good, "properties"), spec->known_codes, true);
    codes_write(json_object_get(refused, "properties"), spec->item_codes, false);
    spec_put(refused, "required", json_pack("[ss]", "code", "status"));
    return spec_made(json_pack("{ss s[oo]}", "description",
                               "The item as it was sent, with what became of it.", "oneOf", good,
                               refused));
}

json_t *spec_data_schema(const struct spec *spec)
{
    json_t *result;
    switch (spec->data) {
    case SPEC_DATA_OBJECT:
        return spec_object_schema(spec->members, false);
    case SPEC_DATA_LIST:
        return spec_made(json_pack("{ss so}", "type", "array", "items",
                                   spec_object_schema(spec->members, false)));
    case SPEC_DATA_RESULTS:
        result = spec_made(
            json_pack("{ss si so}", "type", "array", "minItems", 1, "items", result_schema(spec)));
        return spec_made(json_pack(
            "{ss s[{ss si si sO} o]}", "description",
            "A list in a list, or one list for merchants whose `flat_reply` is set.", "oneOf",
            "type", "array", "minItems", 1, "maxItems", 1, "items", result, result));
    }
    invariant(!"data");
}

static json_t *envelope_schema(json_t *properties)
{
    json_t *required = spec_made(json_array());
    const char *name;
    json_t *value;
    json_object_foreach(properties, name, value)
    {
        spec_add(required, json_string(name));
    }
    return spec_made(json_pack("{ss so so sb}", "type", "object", "properties", properties,
                               "required", required, "additionalProperties", false));
}

json_t *spec_success_schema(json_t *data)
{
    return envelope_schema(
        spec_made(json_pack("{s{si} s{ss} so}", "code", "const", PAYOUT_OK, "message", "const",
                            payout_code_word(PAYOUT_OK), "data", data)));
}

/* Their numbers are texts. */
json_t *spec_refusal_schema(const enum payout_code *codes, size_t count, json_t *data)
{
    json_t *numbers = spec_made(json_array()), *words = spec_made(json_array());
    for (size_t i = 0; i < count; i++) {
        words_add(words, payout_code_word(codes[i]));
        char number[16];
        (void)snprintf(number, sizeof number, "%d", (int)codes[i]);
        words_add(numbers, number);
    }
    return envelope_schema(
        spec_made(json_pack("{s{ss so} s{ss so} so so}", "code", "type", "string", "enum", numbers,
                            "message", "type", "string", "enum", words, "description",
                            spec_text_schema("Why, in `lang`."), "data", data)));
}

#include "simulator/script.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "wire/reply.h"

static const struct {
    const char *word, *what;
} fault_names[] = {
#define FAULT(name, word, what) {word, what},
    SIM_FAULTS(FAULT)
#undef FAULT
};

static const struct {
    const char *word;
    size_t at;
    int64_t value;
} spans[] = {
#define SPAN(member, value) {#member, offsetof(struct sim_script, member), value},
    SIM_SPANS(SPAN)
#undef SPAN
};

enum {
    SPAN_COUNT = sizeof spans / sizeof spans[0],
    SPAN_MAX = 1000000000,
};
#define FLOAT_MAX INT64_C(1000000000000000)

static int64_t *span_at(struct sim_script *script, size_t i)
{
    return (int64_t *)(void *)((char *)script + spans[i].at);
}

const char *fault_word(enum sim_fault fault)
{
    return fault_names[fault].word;
}

const char *fault_what(enum sim_fault fault)
{
    return fault_names[fault].what;
}

void script_default(struct sim_script *script)
{
    memset(script, 0, sizeof *script);
    for (size_t i = 0; i < SPAN_COUNT; i++)
        *span_at(script, i) = spans[i].value;
}

static bool refuse(char error[SIM_ERROR_BYTES], const char *what, const char *name)
{
    (void)snprintf(error, SIM_ERROR_BYTES, "%s: %.60s", what, name);
    return false;
}

/* Percent, or {"percent": 5, "only": ["EA…"]}. */
static bool fault_read(struct sim_script *script, enum sim_fault fault, const json_t *value,
                       char error[SIM_ERROR_BYTES])
{
    const json_t *only = NULL, *percent = value;
    if (json_is_object(value)) {
        only = json_object_get(value, "only");
        percent = json_object_get(value, "percent");
        if (json_object_size(value) != (size_t)(only != NULL) + (percent != NULL))
            return refuse(error, "A fault has percent and only", fault_word(fault));
    }
    if (percent != NULL) {
        if (!json_is_number(percent) || json_number_value(percent) < 0 ||
            json_number_value(percent) > 100)
            return refuse(error, "A share is 0 to 100 percent", fault_word(fault));
        script->faults[fault].share = (int)lround(json_number_value(percent) * 100);
    }
    if (only == NULL)
        return true;
    if (!json_is_array(only) || json_array_size(only) > SIM_ONLY_MAX)
        return refuse(error, "only is an array of at most 64 texts", fault_word(fault));
    for (size_t i = 0; i < json_array_size(only); i++) {
        const char *text = json_string_value(json_array_get(only, i));
        if (text == NULL || text[0] == 0 || strlen(text) >= SIM_TEXT_BYTES)
            return refuse(error, "only is an array of at most 64 texts", fault_word(fault));
        (void)snprintf(script->faults[fault].only[i], SIM_TEXT_BYTES, "%s", text);
    }
    script->faults[fault].only_count = (int)json_array_size(only);
    return true;
}

static bool faults_read(struct sim_script *script, json_t *faults, char error[SIM_ERROR_BYTES])
{
    const char *name;
    json_t *value;
    json_object_foreach(faults, name, value)
    {
        int fault = 0;
        while (fault < SIM_FAULT_COUNT && strcmp(fault_names[fault].word, name) != 0)
            fault++;
        if (fault == SIM_FAULT_COUNT)
            return refuse(error, "No such fault", name);
        if (!fault_read(script, (enum sim_fault)fault, value, error))
            return false;
    }
    return json_is_object(faults) || refuse(error, "Not an object", "faults");
}

static bool floats_read(int64_t floats[SIM_PROTOCOL_COUNT], json_t *values,
                        char error[SIM_ERROR_BYTES])
{
    const char *name;
    json_t *value;
    json_object_foreach(values, name, value)
    {
        int protocol = 0;
        while (protocol < SIM_PROTOCOL_COUNT &&
               strcmp(sim_protocol_word((enum sim_protocol)protocol), name) != 0)
            protocol++;
        if (protocol == SIM_PROTOCOL_COUNT)
            return refuse(error, "No such operator", name);
        if (!json_is_integer(value) || json_integer_value(value) < 0 ||
            json_integer_value(value) > FLOAT_MAX)
            return refuse(error, "A float is a whole number from 0", name);
        floats[protocol] = json_integer_value(value);
    }
    return json_is_object(values) || refuse(error, "Not an object", "float");
}

static bool span_read(struct sim_script *script, const char *name, const json_t *value,
                      char error[SIM_ERROR_BYTES])
{
    size_t i = 0;
    while (i < SPAN_COUNT && strcmp(spans[i].word, name) != 0)
        i++;
    if (i == SPAN_COUNT)
        return refuse(error, "No such setting", name);
    if (!json_is_integer(value) || json_integer_value(value) < 0 ||
        json_integer_value(value) > SPAN_MAX)
        return refuse(error, "A whole number of milliseconds is wanted", name);
    *span_at(script, i) = json_integer_value(value);
    return true;
}

bool script_read(struct sim_script *script, int64_t floats[SIM_PROTOCOL_COUNT], const char *json,
                 size_t length, char error[SIM_ERROR_BYTES])
{
    json_error_t where;
    json_t *document = json_loadb(json, length, JSON_REJECT_DUPLICATES, &where);
    if (!json_is_object(document)) {
        json_decref(document);
        return refuse(error, "Not a JSON object", document == NULL ? where.text : "the script");
    }
    bool good = true;
    const char *name;
    json_t *value;
    json_object_foreach(document, name, value)
    {
        if (strcmp(name, "faults") == 0)
            good = faults_read(script, value, error);
        else if (strcmp(name, "float") == 0)
            good = floats_read(floats, value, error);
        else
            good = span_read(script, name, value, error);
        if (!good)
            break;
    }
    json_decref(document);
    if (script->hurry < 1)
        script->hurry = 1;
    return good;
}

void script_write(const struct sim_script *script, struct buffer *text)
{
    buffer_text_append(text, "{\"faults\":{");
    for (int fault = 0; fault < SIM_FAULT_COUNT; fault++) {
        buffer_format(text, "%s\"%s\":{\"percent\":%d.%02d,\"only\":[", fault == 0 ? "" : ",",
                      fault_names[fault].word, script->faults[fault].share / 100,
                      script->faults[fault].share % 100);
        for (int i = 0; i < script->faults[fault].only_count; i++) {
            buffer_text_append(text, i == 0 ? "" : ",");
            reply_text(text, script->faults[fault].only[i]);
        }
        buffer_text_append(text, "]}");
    }
    buffer_char(text, '}');
    for (size_t i = 0; i < SPAN_COUNT; i++)
        reply_int_member(text, spans[i].word, *span_at((struct sim_script *)(uintptr_t)script, i));
    buffer_char(text, '}');
}

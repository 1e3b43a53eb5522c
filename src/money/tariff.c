#include "money/tariff.h"

#include <string.h>
#include <strings.h>

/* Where an operator's number leads. */
struct place {
    const struct country *country;
    const struct operator_entry *entry;
};

#include "money/countries.inc"

const struct country *tariff_countries(size_t *count)
{
    *count = sizeof countries / sizeof *countries;
    return countries;
}

const struct country *tariff_country(const char *prefix)
{
    for (size_t i = 0; i < sizeof countries / sizeof *countries; i++)
        if (strcmp(countries[i].prefix, prefix) == 0)
            return &countries[i];
    return NULL;
}

const struct operator_entry *tariff_operator(int number, const struct country **country)
{
    if (number < 1 || number > OPERATOR_NUMBER_MAX || places[number].entry == NULL)
        return NULL;
    if (country != NULL)
        *country = places[number].country;
    return places[number].entry;
}

const struct operator_entry *tariff_operator_by_number(const struct country *country,
                                                       const char *national)
{
    const struct operator_entry *found = NULL;
    size_t longest = 0;
    for (size_t i = 0; i < country->operator_count; i++) {
        const struct operator_entry *entry = &country->operators[i];
        for (size_t j = 0; j < OPERATOR_NUMBER_PREFIXES_MAX && entry->prefixes[j] != NULL; j++) {
            size_t length = strlen(entry->prefixes[j]);
            if (length > longest && strncmp(national, entry->prefixes[j], length) == 0) {
                found = entry;
                longest = length;
            }
        }
    }
    return found;
}

const struct operator_entry *tariff_operator_by_method(const struct country *country,
                                                       const char *payment_method)
{
    for (size_t i = 0; i < country->operator_count; i++)
        if (strcasecmp(country->operators[i].payment_method, payment_method) == 0)
            return &country->operators[i];
    return NULL;
}

const struct operator_entry *tariff_operator_named(const char *payment_method)
{
    const struct operator_entry *found = NULL;
    size_t count = 0;
    const struct country *all = tariff_countries(&count);
    for (size_t i = 0; i < count && found == NULL; i++)
        found = tariff_operator_by_method(&all[i], payment_method);
    return found;
}

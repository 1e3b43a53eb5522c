#include "money/fee.h"

#include <string.h>
#include <strings.h>

#include "money/tariff.h"

enum { RULE_NUMBERS = 5, METHOD_BYTES = 32, PER_MILLE_MAX = 1000 };
/* Of any number in a rule: with it, the sum over the greatest lot fits by far. */
#define NUMBER_MAX INT64_C(1000000000000)

/* Reads digits, which end with `end` or, when that is a blank, at a blank or the text's end; *text
 * moves behind them. */
static bool number_take(const char **text, char end, int64_t *number)
{
    const char *at = *text;
    int64_t read = 0;
    while (*at >= '0' && *at <= '9' && read <= NUMBER_MAX)
        read = read * 10 + (*at++ - '0');
    bool ended = *at == end || (end == ' ' && *at == '\0');
    if (at == *text || read > NUMBER_MAX || !ended)
        return false;
    *text = *at == '\0' ? at : at + 1;
    *number = read;
    return true;
}

/* "*" is all of them: 0. False: there is no such method. */
static bool method_take(const char **text, int *operator_number)
{
    size_t length = strcspn(*text, ": ");
    const char *method = *text;
    if (method[length] != ':' || length == 0 || length >= METHOD_BYTES)
        return false;
    *text += length + 1;
    *operator_number = 0;
    if (length == 1 && method[0] == '*')
        return true;
    for (int number = 1; number <= OPERATOR_NUMBER_MAX; number++) {
        const struct operator_entry *entry = tariff_operator(number, NULL);
        if (entry != NULL && strlen(entry->payment_method) == length &&
            strncasecmp(entry->payment_method, method, length) == 0) {
            *operator_number = number;
            return true;
        }
    }
    return false;
}

static bool rule_take(const char **text, struct fee_rule *rule)
{
    int64_t *const numbers[RULE_NUMBERS] = {&rule->from_minor, &rule->fixed_minor, &rule->per_mille,
                                            &rule->min_minor, &rule->max_minor};
    if (!method_take(text, &rule->operator_number))
        return false;
    for (int i = 0; i < RULE_NUMBERS; i++)
        if (!number_take(text, i < RULE_NUMBERS - 1 ? ':' : ' ', numbers[i]))
            return false;
    return rule->per_mille <= PER_MILLE_MAX &&
           (rule->max_minor == 0 || rule->max_minor >= rule->min_minor);
}

bool fee_table_read(const char *text, struct fee_table *table)
{
    struct fee_table read = {0};
    for (text += strspn(text, " "); *text != '\0'; text += strspn(text, " ")) {
        struct fee_rule rule;
        if (read.count == FEE_RULES_MAX || !rule_take(&text, &rule))
            return false;
        for (size_t i = 0; i < read.count; i++)
            if (read.rules[i].operator_number == rule.operator_number &&
                read.rules[i].from_minor == rule.from_minor)
                return false;
        read.rules[read.count++] = rule;
    }
    *table = read;
    return true;
}

/* The rule that is for it; NULL when there is none. */
static const struct fee_rule *rule_find(const struct fee_table *table, int operator_number,
                                        int64_t amount_minor)
{
    const struct fee_rule *found = NULL;
    for (size_t i = 0; i < table->count; i++) {
        const struct fee_rule *rule = &table->rules[i];
        bool fits = rule->operator_number == 0 || rule->operator_number == operator_number;
        if (!fits || rule->from_minor > amount_minor)
            continue;
        bool nearer = found != NULL && (found->operator_number != 0) == (rule->operator_number != 0)
                          ? rule->from_minor > found->from_minor
                          : rule->operator_number != 0;
        if (found == NULL || nearer)
            found = rule;
    }
    return found;
}

int64_t fee_of(const struct fee_table *table, int operator_number, int64_t amount_minor)
{
    invariant(amount_minor > 0 && operator_number > 0);
    const struct fee_rule *rule = rule_find(table, operator_number, amount_minor);
    int64_t product;
    if (rule == NULL)
        return 0;
    bool over = __builtin_mul_overflow(amount_minor, rule->per_mille, &product);
    invariant(!over); /* No tranche goes near that. */
    int64_t fee = rule->fixed_minor + product / 1000 + (product % 1000 != 0);
    if (fee < rule->min_minor)
        fee = rule->min_minor;
    if (rule->max_minor > 0 && fee > rule->max_minor)
        fee = rule->max_minor;
    invariant(fee >= 0);
    return fee;
}

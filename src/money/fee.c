#include "money/fee.h"

#include <string.h>
#include <strings.h>

#include "money/tariff.h"

enum { RULE_NUMBERS = 5, METHOD_BYTES = 32, PER_MILLE_MAX = 1000 };
/* Of any number in a rule: with it, the sum over the greatest lot fits by far. */
#define NUMBER_MAX INT64_C(1000000000000)

const char *fee_payer_text(enum fee_payer payer)
{
    switch (payer) {
    case FEE_PAYER_MERCHANT:
        return "MERCHANT";
    case FEE_PAYER_RECEIVER:
        return "RECEIVER";
    case FEE_PAYER_END:
        break;
    }
    invariant(!"who pays a fee");
}

/* Reads digits; *text moves behind them. */
static bool number_take(const char **text, int64_t *number)
{
    const char *at = *text;
    int64_t read = 0;
    while (*at >= '0' && *at <= '9' && read <= NUMBER_MAX)
        read = read * 10 + (*at++ - '0');
    if (at == *text || read > NUMBER_MAX)
        return false;
    *text = at;
    *number = read;
    return true;
}

/* Nothing, or a colon and who pays; *text moves behind it. */
static bool payer_take(const char **text, enum fee_payer *payer)
{
    *payer = FEE_PAYER_MERCHANT;
    if (**text != ':')
        return true;
    const char *word = *text + 1;
    size_t length = strcspn(word, " ");
    for (enum fee_payer each = FEE_PAYER_MERCHANT; each < FEE_PAYER_END; each++) {
        const char *name = fee_payer_text(each);
        if (strlen(name) == length && strncasecmp(name, word, length) == 0) {
            *payer = each;
            *text = word + length;
            return true;
        }
    }
    return false;
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
    for (int i = 0; i < RULE_NUMBERS; i++) {
        if (i > 0 && *(*text)++ != ':')
            return false;
        if (!number_take(text, numbers[i]))
            return false;
    }
    if (!payer_take(text, &rule->payer) || (**text != ' ' && **text != '\0'))
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

struct fee fee_of(const struct fee_table *table, int operator_number, int64_t amount_minor)
{
    invariant(amount_minor > 0 && operator_number > 0);
    const struct fee_rule *rule = rule_find(table, operator_number, amount_minor);
    int64_t product;
    if (rule == NULL)
        return (struct fee){.payer = FEE_PAYER_MERCHANT};
    bool over = __builtin_mul_overflow(amount_minor, rule->per_mille, &product);
    invariant(!over); /* No tranche goes near that. */
    int64_t fee = rule->fixed_minor + product / 1000 + (product % 1000 != 0);
    if (fee < rule->min_minor)
        fee = rule->min_minor;
    if (rule->max_minor > 0 && fee > rule->max_minor)
        fee = rule->max_minor;
    invariant(fee >= 0);
    return (struct fee){.minor = fee, .payer = fee > 0 ? rule->payer : FEE_PAYER_MERCHANT};
}

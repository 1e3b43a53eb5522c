/* The table in the program against data/countries.csv, read here by other means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "money/number.h"

enum { COLUMNS = 12, LINE_BYTES = 512 };
enum column {
    NUMBER,
    PREFIX,
    COUNTRY,
    CURRENCY,
    DIGITS,
    OLD_DIGITS,
    MULTIPLE,
    MIN,
    MAX,
    OPERATOR,
    METHOD,
    PREFIXES
};

/* Reads the next line's columns; false at the end of the file. */
static bool row_read(FILE *file, char line[LINE_BYTES], char *columns[COLUMNS])
{
    if (fgets(line, LINE_BYTES, file) == NULL)
        return false;
    line[strcspn(line, "\r\n")] = '\0';
    for (size_t i = 0; i < COLUMNS; i++) {
        columns[i] = line;
        char *comma = i + 1 < COLUMNS ? strchr(line, ',') : NULL;
        if (comma != NULL) {
            *comma = '\0';
            line = comma + 1;
        } else {
            assert_int_equal(i, COLUMNS - 1);
        }
    }
    return true;
}

static FILE *table_open(void)
{
    const char *path = getenv("COUNTRIES_CSV");
    assert_non_null(path);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char line[LINE_BYTES], *columns[COLUMNS];
    assert_true(row_read(file, line, columns));
    assert_string_equal(columns[METHOD], "payment_method");
    return file;
}

static int64_t number_of(const char *text)
{
    return strtoll(text, NULL, 10);
}

static void every_line_of_the_file_is_in_the_table(void **state)
{
    (void)state;
    FILE *file = table_open();
    char line[LINE_BYTES], *columns[COLUMNS];
    size_t rows = 0;
    while (row_read(file, line, columns)) {
        const struct country *country = tariff_country(columns[PREFIX]), *same;
        assert_non_null(country);
        assert_string_equal(country->prefix, columns[PREFIX]);
        assert_string_equal(country->code, columns[COUNTRY]);
        assert_string_equal(currency_text(country->currency), columns[CURRENCY]);
        assert_int_equal(country->digits, number_of(columns[DIGITS]));
        assert_int_equal(country->old_digits, number_of(columns[OLD_DIGITS]));
        assert_int_equal(country->multiple, number_of(columns[MULTIPLE]));
        assert_int_equal(country->minimum, number_of(columns[MIN]));
        assert_int_equal(country->maximum, number_of(columns[MAX]));
        const struct operator_entry *entry =
            tariff_operator((int)number_of(columns[NUMBER]), &same);
        assert_non_null(entry);
        assert_ptr_equal(same, country);
        assert_int_equal(entry->number, number_of(columns[NUMBER]));
        assert_string_equal(entry->name, columns[OPERATOR]);
        assert_string_equal(entry->payment_method, columns[METHOD]);
        assert_ptr_equal(tariff_operator_by_method(country, columns[METHOD]), entry);
        size_t prefixes = 0;
        char *rest = NULL;
        for (char *prefix = strtok_r(columns[PREFIXES], " ", &rest); prefix != NULL;
             prefix = strtok_r(NULL, " ", &rest)) {
            assert_string_equal(entry->prefixes[prefixes++], prefix);
            char national[32];
            (void)snprintf(national, sizeof national, "%s0000000000", prefix);
            assert_ptr_equal(tariff_operator_by_number(country, national), entry);
        }
        assert_null(entry->prefixes[prefixes]);
        rows++;
    }
    assert_true(rows >= 23);
    size_t count, operators = 0;
    const struct country *countries = tariff_countries(&count);
    for (size_t i = 0; i < count; i++)
        operators += countries[i].operator_count;
    assert_int_equal(operators, rows); /* And nothing else is. */
    fclose(file);
}

static void what_is_not_in_the_table_is_not_found(void **state)
{
    (void)state;
    static const int numbers[] = {-1, 0, 62, OPERATOR_NUMBER_MAX, OPERATOR_NUMBER_MAX + 1, 1 << 30};
    const struct country *untouched = NULL;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        assert_null(tariff_operator(numbers[i], &untouched));
    assert_null(untouched);
    assert_non_null(tariff_operator(1, NULL));
    assert_null(tariff_country(""));
    assert_null(tariff_country("22"));
    const struct country *ivory_coast = tariff_country("225");
    assert_null(tariff_operator_by_method(ivory_coast, ""));
    assert_null(tariff_operator_by_method(ivory_coast, "OMSN"));
    assert_null(tariff_operator_by_number(ivory_coast, "2721000000"));
    assert_null(tariff_operator_by_number(ivory_coast, ""));
}

/* money/number.c knows by what rule each old plan is carried: for every country that has one. */
static void every_old_plan_is_carried_to_the_present_one(void **state)
{
    (void)state;
    size_t count, plans = 0;
    const struct country *countries = tariff_countries(&count);
    for (size_t i = 0; i < count; i++) {
        if (countries[i].old_digits == 0)
            continue;
        plans++;
        char old[16];
        (void)snprintf(old, sizeof old, "%0*d", countries[i].old_digits, 7000000 * 10);
        struct number number;
        assert_int_equal(number_read(countries[i].prefix, old, &number), PAYOUT_OK);
        assert_int_equal(strlen(number.national), countries[i].digits);
    }
    assert_int_equal(plans, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_of_the_file_is_in_the_table),
        cmocka_unit_test(what_is_not_in_the_table_is_not_found),
        cmocka_unit_test(every_old_plan_is_carried_to_the_present_one),
    };
    return cmocka_run_group_tests_name("money/tariff", tests, NULL, NULL);
}

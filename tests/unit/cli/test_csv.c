#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/csv.h"

/* What a reading gives, as one text: fields between bars, rows behind their line, errors by name.
 */
static void reads_as(const char *bytes, size_t length, const char *expected)
{
    static const char *const names[] = {"", "END", "OPEN", "STRAY", "LONG", "NUL"};
    struct buffer text;
    struct csv csv;
    struct csv_row row;
    buffer_init(&text, (size_t)1024 * 1024);
    csv_open(&csv, bytes, length);
    for (enum csv_result result; (result = csv_next(&csv, &row)) != CSV_END;) {
        buffer_int(&text, row.line);
        buffer_char(&text, ':');
        buffer_text_append(&text, names[result]);
        for (size_t i = 0; i < row.count; i++) {
            buffer_char(&text, '|');
            buffer_text_append(&text, row.fields[i]);
        }
        buffer_char(&text, ' ');
    }
    assert_string_equal(buffer_text(&text), expected);
    csv_close(&csv);
    buffer_free(&text);
}
#define READS_AS(bytes, expected) reads_as(bytes, sizeof(bytes) - 1, expected)

static void nothing_has_no_rows(void **state)
{
    (void)state;
    READS_AS("", "");
    READS_AS("\n\r\n\r\n", "");
    READS_AS("\xEF\xBB\xBF", "");
    READS_AS("\xEF\xBB\xBF\n", "");
}

static void rows_end_in_every_way_that_systems_know(void **state)
{
    (void)state;
    READS_AS("a,b\nc,d\n", "1:|a|b 2:|c|d ");
    READS_AS("a,b\r\nc,d", "1:|a|b 2:|c|d ");
    READS_AS("a,b\rc,d\r", "1:|a|b 2:|c|d ");
    READS_AS("a\n\n\nb\n", "1:|a 4:|b ");
}

static void the_separator_is_the_one_that_the_first_line_has(void **state)
{
    (void)state;
    READS_AS("a;b\nc,d;e\n", "1:|a|b 2:|c,d|e ");
    READS_AS("a\tb\nc;d\te\n", "1:|a|b 2:|c;d|e ");
    READS_AS("\"x;y;z\",b\nc;d,e\n", "1:|x;y;z|b 2:|c;d|e ");
    READS_AS("sep=;\na;b,c\n", "2:|a|b,c ");
    READS_AS("\xEF\xBB\xBFsep=|\r\na|b,c\r\n", "2:|a|b,c ");
    READS_AS("sep=", "1:|sep= ");
    READS_AS("separate,b\n", "1:|separate|b ");
}

static void empty_fields_count(void **state)
{
    (void)state;
    READS_AS(",\n", "1:|| ");
    READS_AS("a,,\n", "1:|a|| ");
    READS_AS("a,", "1:|a| ");
    READS_AS("\"\"\n", "1:| ");
    READS_AS("\"\",\"\"", "1:|| ");
}

static void quotes_hold_separators_lines_and_quotes(void **state)
{
    (void)state;
    READS_AS("\"a,b\",c\n", "1:|a,b|c ");
    READS_AS("\"a\"\"b\",c\n", "1:|a\"b|c ");
    READS_AS("\"\"\"\"\n", "1:|\" ");
    READS_AS("\"a\nb\r\nc\",d\ne,f\n", "1:|a\nb\r\nc|d 4:|e|f ");
    READS_AS("\"a\rb\",d\ne,f\n", "1:|a\rb|d 3:|e|f ");
    READS_AS(" \xC3\xA9 , b\n", "1:| \xC3\xA9 | b ");
}

static void a_broken_row_is_an_error_with_its_line_and_no_more(void **state)
{
    (void)state;
    READS_AS("a,b\n\"c\"d,e\nf,g\n", "1:|a|b 2:STRAY 3:|f|g ");
    READS_AS("a,b\nc\"d,e\nf,g\n", "1:|a|b 2:STRAY 3:|f|g ");
    READS_AS("a,b\nc, \"d\"\nf,g\n", "1:|a|b 2:STRAY 3:|f|g ");
    READS_AS("a,b\n\"c,d\ne,f\n", "1:|a|b 2:OPEN ");
    READS_AS("a,\"", "1:OPEN ");
    READS_AS("a,b\nc\0d,e\nf,g\n", "1:|a|b 2:NUL 3:|f|g ");
    READS_AS("\"a\nb\"x,c\nd,e\n", "2:STRAY 3:|d|e ");
}

static void a_row_has_its_limits(void **state)
{
    (void)state;
    char *bytes = malloc((size_t)2 * CSV_ROW_BYTES_MAX);
    struct csv csv;
    struct csv_row row;
    assert_non_null(bytes);
    memset(bytes, ',', CSV_FIELDS_MAX + 1);
    bytes[CSV_FIELDS_MAX - 1] = '\n';
    /* CSV_FIELDS_MAX - 1 separators make CSV_FIELDS_MAX fields: just right. */
    csv_open(&csv, bytes, CSV_FIELDS_MAX);
    assert_int_equal(csv_next(&csv, &row), CSV_ROW);
    assert_int_equal(row.count, CSV_FIELDS_MAX);
    csv_close(&csv);
    bytes[CSV_FIELDS_MAX - 1] = ',';
    csv_open(&csv, bytes, CSV_FIELDS_MAX);
    assert_int_equal(csv_next(&csv, &row), CSV_TOO_LONG);
    assert_int_equal(csv_next(&csv, &row), CSV_END);
    csv_close(&csv);

    memset(bytes, 'x', (size_t)2 * CSV_ROW_BYTES_MAX);
    csv_open(&csv, bytes, CSV_ROW_BYTES_MAX - 1);
    assert_int_equal(csv_next(&csv, &row), CSV_ROW);
    assert_int_equal(strlen(row.fields[0]), CSV_ROW_BYTES_MAX - 1);
    csv_close(&csv);
    bytes[CSV_ROW_BYTES_MAX + 10] = '\n';
    csv_open(&csv, bytes, CSV_ROW_BYTES_MAX + 14);
    assert_int_equal(csv_next(&csv, &row), CSV_TOO_LONG);
    assert_int_equal(row.line, 1);
    assert_int_equal(csv_next(&csv, &row), CSV_ROW);
    assert_string_equal(row.fields[0], "xxx");
    assert_int_equal(row.line, 2);
    csv_close(&csv);
    free(bytes);
}

static void what_is_written_is_quoted_where_it_must_be(void **state)
{
    (void)state;
    struct buffer text;
    buffer_init(&text, 1024);
    csv_field_write(&text, "plain", true);
    csv_field_write(&text, "", false);
    csv_field_write(&text, "a,b", false);
    csv_field_write(&text, "say \"x\"", false);
    csv_field_write(&text, "two\nlines", false);
    assert_string_equal(buffer_text(&text), "plain,,\"a,b\",\"say \"\"x\"\"\",\"two\nlines\"");
    buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_has_no_rows),
        cmocka_unit_test(rows_end_in_every_way_that_systems_know),
        cmocka_unit_test(the_separator_is_the_one_that_the_first_line_has),
        cmocka_unit_test(empty_fields_count),
        cmocka_unit_test(quotes_hold_separators_lines_and_quotes),
        cmocka_unit_test(a_broken_row_is_an_error_with_its_line_and_no_more),
        cmocka_unit_test(a_row_has_its_limits),
        cmocka_unit_test(what_is_written_is_quoted_where_it_must_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

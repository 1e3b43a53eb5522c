#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/secret.h"
#include "cli/print.h"
#include "cli/tally.h"

static struct arena *arena;
static struct buffer out;

static int setup(void **state)
{
    (void)state;
    secret_init();
    arena = arena_open((size_t)64 * 1024 * 1024);
    buffer_init(&out, 65536);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_close(arena);
    buffer_free(&out);
    return 0;
}

static void cleans_as(const char *text, const char *expected)
{
    buffer_clear(&out);
    print_clean(&out, text);
    assert_string_equal(buffer_text(&out), expected);
}

static void no_text_plays_with_the_terminal(void **state)
{
    (void)state;
    cleans_as("plain é € 😀", "plain é € 😀");
    cleans_as("\x1b[31mred\a\r\n\t\x7f", "?[31mred?????");
    cleans_as("\xC2\x9B", "?"); /* C1: the 8-bit ESC [ */
    cleans_as("a\xE2\x80\xAE"
              "b",
              "a?b"); /* Turns the line around. */
    cleans_as("\xE2\x81\xA6", "?");
    cleans_as("\xFF\xC3(\xE2\x82", "?"
                                   "?(?"
                                   "?");
}

static void widths_count_characters(void **state)
{
    (void)state;
    assert_int_equal(print_width(""), 0);
    assert_int_equal(print_width("é€😀"), 3);
    assert_int_equal(print_width("\xFF\xFF"), 2);
}

static void a_table_is_as_wide_as_its_cells(void **state)
{
    (void)state;
    struct table table;
    table_init(&table, arena);
    table_column(&table, "name");
    table_column(&table, ">amount");
    table_column(&table, "end");
    table_row(&table, (const char *const[]){"Koné", "5", "x"});
    table_row(&table, (const char *const[]){"A much longer one", "1000000", NULL});
    buffer_clear(&out);
    table_write(&table, &out);
    assert_string_equal(buffer_text(&out), "name                amount  end\n"
                                           "Koné                     5  x\n"
                                           "A much longer one  1000000  \n");
}

static void shows_as(const char *json, const char *expected)
{
    json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
    assert_non_null(value);
    buffer_clear(&out);
    print_value(arena, value, &out);
    json_decref(value);
    assert_string_equal(buffer_text(&out), expected);
}

static void an_object_is_shown_member_by_member(void **state)
{
    (void)state;
    shows_as("{\"id\":7,\"name\":\"a\\u001bb\",\"on\":true,\"none\":null}",
             "id    7\nname  a?b\non    yes\nnone  \n");
    shows_as("{\"id\":7,\"list\":[{\"a\":1,\"b\":\"x\"},{\"a\":22}]}",
             "id  7\n\nlist:\n a  b\n 1  x\n22  \n");
    shows_as("[{\"sum\":{\"XOF\":5,\"XAF\":6},\"l\":[1,2]}]", "sum           l\nXOF 5, XAF 6  2\n");
    shows_as("{\"list\":[]}", "list:\n(none)\n");
    shows_as("{\"sums\":{\"XOF\":5}}", "sums:\nXOF  5\n");
    shows_as("\"text\"", "text\n");
}

static void a_deep_value_ends(void **state)
{
    (void)state;
    char deep[200] = "";
    for (int i = 0; i < 50; i++)
        deep[i] = '[', deep[50 + i] = ']';
    json_t *value = json_loads(deep, 0, NULL);
    assert_non_null(value);
    buffer_clear(&out);
    print_value(arena, value, &out);
    assert_true(out.length > 0);
    json_decref(value);
}

static void a_bar_fills(void **state)
{
    (void)state;
    struct progress progress = {.total = 3};
    buffer_clear(&out);
    progress_write(&progress, 1, &out);
    assert_string_equal(buffer_text(&out), "[##########....................] 1 / 3");
    buffer_clear(&out);
    progress_write(&progress, 3, &out);
    assert_string_equal(buffer_text(&out), "[##############################] 3 / 3");
    /* What is no terminal sees none. */
    FILE *file = tmpfile();
    assert_non_null(file);
    progress_begin(&progress, file, 3);
    progress_show(&progress, 1, "sending");
    progress_end(&progress);
    assert_int_equal(ftell(file), 0);
    (void)fclose(file);
}

static void a_tally_knows_when_all_is_there(void **state)
{
    (void)state;
    struct tally tally;
    tally_init(&tally, arena);
    assert_false(tally_met(&tally)); /* Nothing is expected: it never ends by itself. */
    assert_true(tally_expect(&tally, "END=2"));
    assert_true(tally_expect(&tally, "REC=1"));
    assert_true(tally_take(&tally, "w1", "EA1", "REC"));
    assert_true(tally_take(&tally, "w2", "EA1", "VAL"));
    assert_false(tally_met(&tally));
    /* The same one again is not another. */
    assert_false(tally_take(&tally, "w2", "EA1", "VAL"));
    assert_int_equal(tally.repeated, 1);
    assert_false(tally_met(&tally));
    assert_true(tally_take(&tally, "w3", "EA2", "REJ"));
    assert_true(tally_met(&tally));
    assert_int_equal(tally.heard, 3);
    assert_int_equal(tally.late, 0);
    /* After its end a transfer has no other state. */
    assert_true(tally_take(&tally, NULL, "EA2", "VAL"));
    assert_int_equal(tally.late, 1);
    assert_int_equal(tally.transfers[TALLY_END], 2);
}

static void what_is_expected_is_read_strictly(void **state)
{
    (void)state;
    struct tally tally;
    tally_init(&tally, arena);
    static const char *const wrong[] = {"",   "VAL",   "VAL=",   "VAL=x",
                                        "=3", "XXX=3", "VAL=-1", "VAL=9999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(tally_expect(&tally, wrong[i]));
    assert_true(tally_expect(&tally, "NOS=0"));
}

static void a_tally_of_many_keeps_them_apart(void **state)
{
    (void)state;
    struct tally tally;
    char id[32];
    tally_init(&tally, arena);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 5000; i++) {
            (void)snprintf(id, sizeof id, "EA%d", i);
            (void)tally_take(&tally, id, id, "VAL");
        }
    assert_int_equal(tally.heard, 5000);
    assert_int_equal(tally.repeated, 5000);
    assert_int_equal(tally.transfers[TALLY_VAL], 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_text_plays_with_the_terminal),
        cmocka_unit_test(widths_count_characters),
        cmocka_unit_test(a_table_is_as_wide_as_its_cells),
        cmocka_unit_test(an_object_is_shown_member_by_member),
        cmocka_unit_test(a_deep_value_ends),
        cmocka_unit_test(a_bar_fills),
        cmocka_unit_test(a_tally_knows_when_all_is_there),
        cmocka_unit_test(what_is_expected_is_read_strictly),
        cmocka_unit_test(a_tally_of_many_keeps_them_apart),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

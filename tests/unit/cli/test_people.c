#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/secret.h"
#include "cli/people.h"

struct world {
    struct arena *arena;
    struct buffer errors;
    struct people people;
};

static int setup(void **state)
{
    static struct world world;
    secret_init();
    world.arena = arena_open((size_t)256 * 1024 * 1024);
    buffer_init(&world.errors, 65536);
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    arena_close(world->arena);
    buffer_free(&world->errors);
    return 0;
}

static const struct people_options batch = {.path = "p.csv", .amounts = true, .batch = "nov"};
static const struct people_options plain = {.path = "p.csv", .amounts = true};

static bool read_with(struct world *world, const struct people_options *options, const char *text)
{
    buffer_clear(&world->errors);
    return people_read(world->arena, text, strlen(text), options, &world->people, &world->errors);
}

static const char *id_of(const struct world *world, size_t index)
{
    return world->people.rows[index].client_transaction_id;
}

static void columns_stand_in_any_order(void **state)
{
    struct world *world = *state;
    assert_true(read_with(world, &plain,
                          "Amount ;PHONE;client_transaction_id; prefix;name;surname;email;"
                          "notify_url;payment_method\n"
                          " 500;07 07 89 50 86;x-1;+225;K;O;k@o.example;https://x.example;OM\n"));
    const struct person *person = &world->people.rows[0];
    assert_int_equal(world->people.count, 1);
    assert_int_equal(world->people.total, 500);
    assert_int_equal(person->line, 2);
    assert_int_equal(person->amount, 500);
    assert_string_equal(person->prefix, "225");
    assert_string_equal(person->phone, "07 07 89 50 86");
    assert_string_equal(person->client_transaction_id, "x-1");
    assert_string_equal(person->name, "K");
    assert_string_equal(person->surname, "O");
    assert_string_equal(person->email, "k@o.example");
    assert_string_equal(person->notify_url, "https://x.example");
    assert_string_equal(person->payment_method, "OM");
    assert_false(world->people.derived);
}

static void french_heads_are_understood(void **state)
{
    struct world *world = *state;
    assert_true(read_with(world, &batch,
                          "indicatif,téléphone,montant,nom,prénom\n225,0707895086,500,Koné,Ali\n"));
    assert_string_equal(world->people.rows[0].name, "Koné");
    assert_string_equal(world->people.rows[0].surname, "Ali");
}

static void every_error_is_told_with_its_line(void **state)
{
    struct world *world = *state;
    assert_false(read_with(world, &plain,
                           "prefix,phone,amount,client_transaction_id\n"
                           "225,0707895086,500,a\n"
                           "225,0707895086,5.5,b\n"
                           ",0707895086,500,c\n"
                           "225,,500,d\n"
                           "225,12ab5678,500,e\n"
                           "225,2.25E+11,500,f\n"
                           "225,0707895086,0,g\n"
                           "225,0707895086,-5,h\n"
                           "225,0707895086,500,\n"
                           "225,0707895086,500,a\n"
                           "225,0707895086,500,i,j\n"
                           "2x5,0707895086,500,k\n"
                           "225,0707895086,,l\n"
                           "225,\"07\"07895086,500,m\n"));
    const char *const lines[] = {
        "p.csv:3: amount: \"5.5\" is not a whole number",
        "p.csv:4: prefix: it is empty",
        "p.csv:5: phone: it is empty",
        "p.csv:6: phone: \"12ab5678\" is not a phone number",
        "p.csv:7: phone: \"2.25E+11\" was changed by a spreadsheet",
        "p.csv:8: amount: \"0\"",
        "p.csv:9: amount: \"-5\"",
        "p.csv:10: client_transaction_id: it is empty",
        "p.csv:11: client_transaction_id: \"a\" is on line 2 already",
        "p.csv:12: it has 5 fields, the header row 4",
        "p.csv:13: prefix: \"2x5\"",
        "p.csv:14: amount: it is empty",
        "p.csv:15: a quote stands where none may be",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (strstr(buffer_text(&world->errors), lines[i]) == NULL)
            fail_msg("not told: %s\n%s", lines[i], buffer_text(&world->errors));
    assert_int_equal(world->people.error_count, sizeof lines / sizeof *lines);
}

static void a_header_that_is_not_right_is_the_only_error(void **state)
{
    struct world *world = *state;
    static const char *const texts[] = {
        "prefix,phone,amount,client_transacton_id\n225,x,x,x\n",
        "prefix,amount\n225,x\n",
        "phone,amount\nx,x\n",
        "prefix,phone\n225,x\n",
        "prefix,phone,amount,phone\n225,x,x,x\n",
        "225,0707895086,500,x\n225,0707895086,500,y\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_false(read_with(world, &plain, texts[i]));
        assert_int_equal(world->people.count, 0);
        assert_null(strstr(buffer_text(&world->errors), "p.csv:2"));
    }
    const struct people_options ignoring = {
        .path = "p.csv", .amounts = true, .batch = "b", .ignore_unknown = true};
    assert_true(read_with(world, &ignoring, "prefix,phone,amount,color\n225,0707895086,5,red\n"));
    assert_false(read_with(world, &plain, ""));
    assert_false(read_with(world, &plain, "prefix,phone,amount\n"));
}

static void too_many_errors_are_counted(void **state)
{
    struct world *world = *state;
    struct buffer text;
    buffer_init(&text, 65536);
    buffer_text_append(&text, "prefix,phone,amount\n");
    for (int i = 0; i < 1000; i++)
        buffer_text_append(&text, "225,0707895086,x\n");
    assert_false(read_with(world, &batch, buffer_text(&text)));
    assert_int_equal(world->people.error_count, 1000);
    assert_non_null(strstr(buffer_text(&world->errors), "p.csv: 950 more errors\n"));
    buffer_free(&text);
}

static void a_batch_names_each_payment_to_a_number(void **state)
{
    struct world *world = *state;
    assert_true(read_with(world, &batch,
                          "prefix,phone,amount,client_transaction_id\n"
                          "225,0707895086,500,\n"
                          "225,0101010101,500,own\n"
                          "225,07.07.89.50.86,700,\n"
                          "221,0707895086,500,\n"));
    assert_true(world->people.derived);
    assert_string_equal(id_of(world, 0), "nov-2250707895086-1");
    assert_string_equal(id_of(world, 1), "own");
    assert_string_equal(id_of(world, 2), "nov-2250707895086-2");
    assert_string_equal(id_of(world, 3), "nov-2210707895086-1");
}

/* A file that was edited between two runs must not pay anybody twice: ids don't hang on where a row
 * stands. */
static void rows_may_move_between_two_runs(void **state)
{
    struct world *world = *state;
    assert_true(
        read_with(world, &batch, "prefix,phone,amount\n225,0700000001,5\n225,0700000002,5\n"));
    const char *first = id_of(world, 0), *second = id_of(world, 1);
    assert_true(read_with(world, &batch,
                          "amount,prefix,phone\n\n5,225,0700000009\n5,225,0700000002\n"
                          "5,225,0700000001\n"));
    assert_string_equal(id_of(world, 2), first);
    assert_string_equal(id_of(world, 1), second);
    assert_string_not_equal(id_of(world, 0), first);
    assert_string_not_equal(id_of(world, 0), second);
}

static void an_id_that_meets_a_derived_one_is_an_error(void **state)
{
    struct world *world = *state;
    assert_false(read_with(world, &batch,
                           "prefix,phone,amount,client_transaction_id\n"
                           "225,0707895086,500,nov-2250707895086-1\n"
                           "225,0707895086,500,\n"));
    assert_non_null(strstr(buffer_text(&world->errors), "is on line 2 already"));
}

static void what_a_row_lacks_comes_from_the_flags(void **state)
{
    struct world *world = *state;
    const struct people_options options = {.path = "p.csv",
                                           .amounts = true,
                                           .batch = "b",
                                           .prefix = "225",
                                           .notify_url = "https://n.example",
                                           .payment_method = "OM"};
    assert_true(read_with(world, &options,
                          "phone,amount,notify_url\n0707895086,5,\n0707895087,5,http://o\n,,\n"));
    assert_int_equal(world->people.count, 2);
    assert_string_equal(world->people.rows[0].prefix, "225");
    assert_string_equal(world->people.rows[0].notify_url, "https://n.example");
    assert_string_equal(world->people.rows[1].notify_url, "http://o");
    assert_string_equal(world->people.rows[1].payment_method, "OM");
}

static void many_rows_keep_their_ids_apart(void **state)
{
    struct world *world = *state;
    struct buffer text;
    enum { ROWS = 20000 };
    buffer_init(&text, (size_t)8 * 1024 * 1024);
    buffer_text_append(&text, "prefix,phone,amount\n");
    for (int i = 0; i < ROWS; i++)
        buffer_format(&text, "225,07%08d,100\n", i % (ROWS / 2));
    assert_true(read_with(world, &batch, buffer_text(&text)));
    assert_int_equal(world->people.count, ROWS);
    assert_int_equal(world->people.total, ROWS * 100);
    assert_string_equal(id_of(world, 0), "nov-2250700000000-1");
    assert_string_equal(id_of(world, ROWS / 2), "nov-2250700000000-2");
    assert_string_equal(id_of(world, ROWS - 1), "nov-2250700009999-2");
    buffer_free(&text);
}

static void amounts_are_whole_and_positive(void **state)
{
    (void)state;
    int64_t amount;
    assert_true(people_amount_read("1", &amount));
    assert_true(people_amount_read("999999999999999", &amount));
    assert_int_equal(amount, 999999999999999);
    static const char *const wrong[] = {"",
                                        "0",
                                        "-1",
                                        "+1",
                                        "1.0",
                                        "1 000",
                                        "1e3",
                                        "1000000000000000",
                                        "x",
                                        "1x",
                                        "99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(people_amount_read(wrong[i], &amount));
}

static void a_batch_has_a_plain_name(void **state)
{
    (void)state;
    char name[PEOPLE_BATCH_BYTES_MAX + 2] = "";
    memset(name, 'a', PEOPLE_BATCH_BYTES_MAX);
    assert_true(people_batch_valid(name));
    name[PEOPLE_BATCH_BYTES_MAX] = 'a';
    assert_false(people_batch_valid(name));
    assert_true(people_batch_valid("pay-2026.11_a"));
    assert_false(people_batch_valid(""));
    assert_false(people_batch_valid("a b"));
    assert_false(people_batch_valid("é"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_stand_in_any_order),
        cmocka_unit_test(french_heads_are_understood),
        cmocka_unit_test(every_error_is_told_with_its_line),
        cmocka_unit_test(a_header_that_is_not_right_is_the_only_error),
        cmocka_unit_test(too_many_errors_are_counted),
        cmocka_unit_test(a_batch_names_each_payment_to_a_number),
        cmocka_unit_test(rows_may_move_between_two_runs),
        cmocka_unit_test(an_id_that_meets_a_derived_one_is_an_error),
        cmocka_unit_test(what_a_row_lacks_comes_from_the_flags),
        cmocka_unit_test(many_rows_keep_their_ids_apart),
        cmocka_unit_test(amounts_are_whole_and_positive),
        cmocka_unit_test(a_batch_has_a_plain_name),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

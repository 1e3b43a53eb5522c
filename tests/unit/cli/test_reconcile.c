#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/random.h"
#include "base/secret.h"
#include "cli/report.h"

static char path[] = "/tmp/payout-reconcile-XXXXXX";

static void file_put(const char *content)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(content, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void amounts_are_read_as_people_write_them(void **state)
{
    (void)state;
    static const struct {
        char decimal;
        const char *text;
        int64_t amount; /* -1: it is none. */
    } cases[] = {
        {'.', "1500", 1500},
        {'.', " 1 500 ", 1500},
        {'.', "1,500", 1500},
        {'.', "1,500.00", 1500},
        {'.', "1500.", 1500},
        {'.', "1'500", 1500},
        {'.', "XOF 1 500", 1500},
        {'.', "1500 FCFA", 1500},
        {'.', "+1500", 1500},
        {'.', "0", 0},
        {'.', "999999999999999", INT64_C(999999999999999)},
        {',', "1.500,00", 1500},
        {',',
         "1\xC2\xA0"
         "500,0 XOF",
         1500},
        {',',
         "1\xE2\x80\xAF"
         "500",
         1500},
        {'.', "", -1},
        {'.', "XOF", -1},
        {'.', "-1500", -1},
        {'.', "1500.50", -1},
        {'.', "1500.005", -1},
        {',', "1,5", -1},
        {'.', "15e3", -1},
        {'.', "1500 XOF 3", -1},
        {'.', "0x10", -1},
        {'.', "9999999999999999", -1},
        {'.', "1500\x01", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct mapping mapping = {.decimal = cases[i].decimal};
        int64_t amount = -1;
        bool read = mapping_amount(&mapping, cases[i].text, &amount);
        if (read != (cases[i].amount >= 0) || amount != cases[i].amount)
            fail_msg("\"%s\": %d %lld", cases[i].text, read, (long long)amount);
    }
    int64_t amount;
    assert_true(
        mapping_amount(&(struct mapping){.decimal = '.', .negative = true}, "-1 500", &amount));
    assert_int_equal(amount, 1500);
}

static void dates_are_read_as_the_mapping_says(void **state)
{
    (void)state;
    struct mapping mapping = {.date_format = "%d/%m/%Y %H:%M", .utc_offset_s = 3600};
    int64_t at_ms = -1;
    assert_true(mapping_date(&mapping, " 01/11/2026 00:30 ", &at_ms));
    assert_int_equal(at_ms, INT64_C(1793489400000)); /* 2026-10-31T23:30:00Z */
    assert_false(mapping_date(&mapping, "2026-11-01", &at_ms));
    assert_false(mapping_date(&mapping, "01/11/2026 00:30 x", &at_ms));
    mapping = (struct mapping){.utc_offset_s = 0};
    assert_true(mapping_date(&mapping, "2026-10-31T23:30:00Z", &at_ms));
    assert_int_equal(at_ms, INT64_C(1793489400000));
}

static void an_id_is_a_number_in_its_order(void **state)
{
    (void)state;
    static const char *const ids[] = {"EA181025.112233.A000000", "EA181025.112233.A000001",
                                      "EA181025.112233.Z999999", "EA181025.112234.A000000",
                                      "EA240229.235959.M123456", "EA991231.235959.Z999999"};
    static const char *const none[] = {"",
                                       "EA",
                                       "EA181025.112233.A00000",
                                       "ea181025.112233.A000001",
                                       "EA180231.112233.A000001",
                                       "EA181025.252233.A000001",
                                       "EA001025-112233.A000001",
                                       "EA181325.112233.A000001"};
    int64_t before = 0;
    char text[TRANSACTION_TEXT_BYTES], around[80];
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        int64_t key = transaction_key(ids[i]);
        assert_true(key > before);
        transaction_text(key, text);
        assert_string_equal(text, ids[i]);
        (void)snprintf(around, sizeof around, "EEA EA1 Paiement %s/7", ids[i]);
        assert_int_equal(transaction_key(around), key);
        before = key;
    }
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_int_equal(transaction_key(none[i]), 0);
    assert_int_equal(transaction_at_ms(transaction_key(ids[0])), INT64_C(1540466553000));
}

static void a_word_of_a_shell_holds_anything(void **state)
{
    (void)state;
    struct buffer command;
    buffer_init(&command, 4096);
    shell_word_write(&command, "a'b $(c) `d` \"e\" \\ \n\x1b[31m é");
    assert_string_equal(buffer_text(&command), "'a'\\''b $(c) `d` \"e\" \\ ??[31m é'");
    buffer_free(&command);
}

/* --- The merge, against a slow and plain one --- */

enum { WORLD = 24, ROWS_MAX = 60 };

struct world {
    int64_t ours[WORLD]; /* The amount of transfer i; 0: we have none. */
    bool met[WORLD];
    size_t counts[FINDING_COUNT];
    size_t unreadable;
};

static void found(void *context, const struct finding *finding)
{
    struct world *world = context;
    world->counts[finding->kind]++;
}

static void unreadable(void *context, int64_t line, const char *why)
{
    (void)line;
    (void)why;
    ((struct world *)context)->unreadable++;
}

static void transfer_make(const struct world *world, size_t i, struct our_transfer *transfer)
{
    static char ids[WORLD][TRANSACTION_TEXT_BYTES], references[WORLD][16];
    char *id = ids[i], *reference = references[i];
    (void)snprintf(id, sizeof ids[i], "EA261101.000000.A%06zu", i);
    (void)snprintf(reference, sizeof references[i], "R%zu", i);
    *transfer = (struct our_transfer){.key = transaction_key(id),
                                      .state = OUR_VAL,
                                      .id = id,
                                      .client_id = "",
                                      .operator_method = "OM",
                                      .operator_reference = reference,
                                      .currency = "XOF",
                                      .state_text = "VAL",
                                      .amount = world->ours[i],
                                      .charged = world->ours[i],
                                      .validated_at_ms = 5};
}

/* Transfers in the upper half don't come by: they are found only when looked for. */
static bool find(void *context, int64_t key, struct our_transfer *transfer)
{
    struct world *world = context;
    for (size_t i = WORLD / 2; i < WORLD; i++) {
        transfer_make(world, i, transfer);
        if (transfer->key == key && world->ours[i] > 0)
            return true;
    }
    return false;
}

/* Writes a file of random rows, and counts what must be found. */
static void world_make(struct world *world, size_t wanted[FINDING_COUNT])
{
    struct buffer text;
    int64_t named[WORLD] = {0}; /* How often, by id; */
    bool by_reference[WORLD] = {false};
    buffer_init(&text, 1 << 16);
    buffer_text_append(&text, "ref,own,amount\n");
    *world = (struct world){.unreadable = 0};
    for (size_t i = 0; i < WORLD; i++)
        world->ours[i] = random_below(4) == 0 ? 0 : 100 + random_below(2);
    for (size_t row = random_below(ROWS_MAX); row > 0; row--) {
        size_t i = random_below(WORLD);
        int64_t amount = 100 + random_below(2);
        bool plain = random_below(4) > 0 || i >= WORLD / 2;
        if (!plain && (named[i] > 0 || by_reference[i]))
            continue; /* One way of naming for each: both at once is told by the first. */
        if (plain && by_reference[i])
            continue;
        if (plain)
            buffer_format(&text, "EA261101.000000.A%06zu,,%lld\n", i, (long long)amount);
        else
            buffer_format(&text, ",R%zu,%lld\n", i, (long long)amount);
        if (world->ours[i] == 0)
            wanted[FINDING_MISSING_HERE]++;
        else if (named[i] > 0)
            wanted[FINDING_TWICE_THERE]++;
        else
            wanted[amount == world->ours[i] ? FINDING_MATCHED : FINDING_AMOUNT_DIFFERS]++;
        named[i] += plain;
        by_reference[i] = by_reference[i] || !plain;
    }
    for (size_t i = 0; i < WORLD / 2; i++)
        if (world->ours[i] > 0 && named[i] == 0 && !by_reference[i])
            wanted[FINDING_MISSING_THERE]++;
    file_put(buffer_text(&text));
    buffer_free(&text);
}

static void the_merge_finds_what_a_plain_search_finds(void **state)
{
    (void)state;
    const struct mapping mapping = {.columns = {[MAPPING_REFERENCE] = "ref",
                                                [MAPPING_OPERATOR_REFERENCE] = "own",
                                                [MAPPING_AMOUNT] = "amount"},
                                    .header = true,
                                    .decimal = '.'};
    for (int round = 0; round < 500; round++) {
        struct world world;
        size_t wanted[FINDING_COUNT] = {0};
        struct operator_file file;
        world_make(&world, wanted);
        assert_true(operator_file_open(&file, path, &mapping, unreadable, &world));
        struct reconciliation reconciliation = {.file = &file,
                                                .operator_method = "OM",
                                                .to_ms = 10,
                                                .context = &world,
                                                .found = found,
                                                .find = find};
        reconciliation_begin(&reconciliation);
        for (size_t i = 0; i < WORLD / 2; i++) {
            struct our_transfer transfer;
            transfer_make(&world, i, &transfer);
            if (world.ours[i] > 0)
                reconciliation_take(&reconciliation, &transfer);
        }
        reconciliation_end(&reconciliation);
        operator_file_close(&file);
        assert_int_equal(world.unreadable, 0);
        for (enum finding_kind kind = 0; kind < FINDING_COUNT; kind++)
            if (world.counts[kind] != wanted[kind])
                fail_msg("round %d: %s: %zu, not %zu", round, finding_word(kind),
                         world.counts[kind], wanted[kind]);
    }
}

static void any_file_is_read_or_told(void **state)
{
    (void)state;
    static const char *const files[] = {
        "ref;amount\nx;1\n\"open;2\n",
        "ref;amount\n\"a\nb\";1\nEA261101.000000.A000001;\"2\"\n",
        "ref;amount\r\rx;1\r",
        "sep=;\nref;amount\n;;;;;;\n",
        "ref;amount\n1\n",
        "amount;ref\n",
    };
    const struct mapping mapping = {
        .columns = {[MAPPING_REFERENCE] = "ref", [MAPPING_AMOUNT] = "amount"},
        .header = true,
        .decimal = '.'};
    static const size_t rows[] = {1, 2, 1, 0, 0, 0}, wrong[] = {1, 0, 0, 1, 1, 0};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct operator_file file;
        struct world world = {.unreadable = 0};
        file_put(files[i]);
        assert_true(operator_file_open(&file, path, &mapping, unreadable, &world));
        assert_int_equal(file.count, rows[i]);
        assert_int_equal(world.unreadable, wrong[i]);
        for (size_t row = 0; row < file.count; row++)
            assert_string_equal(operator_file_field(&file, &file.rows[row], MAPPING_REFERENCE),
                                i == 1 ? (row == 0 ? "a\nb" : "EA261101.000000.A000001") : "x");
        operator_file_close(&file);
    }
}

static int set_up(void **state)
{
    (void)state;
    secret_init();
    int file = mkstemp(path);
    return file < 0 ? -1 : close(file);
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_are_read_as_people_write_them),
        cmocka_unit_test(dates_are_read_as_the_mapping_says),
        cmocka_unit_test(an_id_is_a_number_in_its_order),
        cmocka_unit_test(a_word_of_a_shell_holds_anything),
        cmocka_unit_test(the_merge_finds_what_a_plain_search_finds),
        cmocka_unit_test(any_file_is_read_or_told),
    };
    return cmocka_run_group_tests_name("cli/reconcile", tests, set_up, tear_down);
}

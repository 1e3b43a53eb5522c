#include "../dies.h"
#include "money/id.h"

#include <string.h>

#include "base/clock.h"

static const int64_t second = 1540466553; /* 2018-10-25 11:22:33 UTC */

static void a_transfers_id_is_its_public_text(void **state)
{
    (void)state;
    /* As in the documentation; X is the 24th letter. */
    struct transfer_id id = {second * TRANSFER_IDS_PER_SECOND + 23 * 1000000 + 123456};
    char text[TRANSFER_ID_TEXT_BYTES];
    transfer_id_text(id, text);
    assert_string_equal(text, "EA181025.112233.X123456");
    struct transfer_id read;
    assert_true(transfer_id_read(text, &read));
    assert_int_equal(read.value, id.value);
}

static void every_id_reads_back(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (int i = 0; i < 100000; i++) {
        seed = seed * UINT64_C(6364136223846793005) + 1;
        int64_t at = 1500000000 + (int64_t)(seed >> 34); /* To 2081. */
        struct transfer_id id = {at * TRANSFER_IDS_PER_SECOND +
                                 (int64_t)((seed >> 20) % (uint64_t)TRANSFER_IDS_PER_SECOND)},
                           read;
        char text[TRANSFER_ID_TEXT_BYTES];
        transfer_id_text(id, text);
        assert_int_equal(strlen(text), TRANSFER_ID_TEXT_BYTES - 1);
        assert_true(transfer_id_read(text, &read));
        assert_int_equal(read.value, id.value);
    }
}

static void what_is_no_id_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "EA",
        "EA181025.112233.X12345",
        "EA181025.112233.X1234567",
        "ea181025.112233.X123456",
        "EA181025.112233.x123456",
        "EA181025.112233.1123456",
        "EA181025x112233.X123456",
        "EA181025.112233xX123456",
        "EA18a025.112233.X123456",
        "EA181025.1122 3.X123456",
        "EA181025.112233.X12345z",
        "EA180231.112233.X123456",
        "EA181025.252233.X123456",
        "EA181325.112233.X123456",
        "EA181025.112260.X123456",
        "EA181000.112233.X123456",
        "XA181025.112233.X123456",
        "EX181025.112233.X123456",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct transfer_id id = {-5};
        if (transfer_id_read(texts[i], &id))
            fail_msg("%s is no id", texts[i]);
        assert_int_equal(id.value, -5);
    }
}

static void a_lots_text_tells_whose_it_is(void **state)
{
    (void)state;
    struct merchant_id merchant = {INT64_C(4455764120)}, owner;
    struct lot_code first = lot_code_next((struct lot_code){0}, INT64_C(1539786998123)), read;
    struct lot_code next = lot_code_next(first, INT64_C(1539786998999));
    struct lot_code back = lot_code_next(next, INT64_C(1539786997000)); /* The clock went back. */
    assert_true(first.value < next.value && next.value < back.value);
    char text[LOT_TEXT_BYTES];
    lot_text(merchant, first, text);
    assert_string_equal(text, "0044557641201539786998");
    assert_true(lot_read(text, &owner, &read));
    assert_int_equal(read.value, first.value);
    assert_int_equal(owner.value, merchant.value);
    lot_text(merchant, next, text);
    assert_string_equal(text, "00445576412015397869981");
    assert_true(lot_read(text, &owner, &read));
    assert_int_equal(read.value, next.value);
    lot_text(merchant, back, text);
    assert_string_equal(text, "00445576412015397869982");
}

static void what_is_no_lot_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "00",
        "004455764120153978699",
        "0144557641201539786998",
        "1044557641201539786998",
        "00445576412015397869980",
        "00445576412015397869981234567",
        "0044557641201539786998x",
        "004455x641201539786998",
        "004455764120153978699x",
        "0004455764121539786998",
        "0044557641200000000000",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct merchant_id merchant = {-1};
        struct lot_code code = {-1};
        if (lot_read(texts[i], &merchant, &code))
            fail_msg("%s is no lot", texts[i]);
        assert_int_equal(merchant.value, -1);
        assert_int_equal(code.value, -1);
    }
}

static void ids_of_one_process_never_meet(void **state)
{
    (void)state;
    const struct transfer_range every = {.first = 0, .count = TRANSFER_IDS_PER_SECOND};
    struct transfer_id last = {0};
    int64_t at_ms = second * 1000;
    uint64_t seed = 3;
    for (int i = 0; i < 100000; i++) {
        seed = seed * UINT64_C(6364136223846793005) + 1;
        at_ms += (int64_t)(seed >> 40) % 700 - 200; /* It may go back. */
        int64_t count = 1 + (int64_t)(seed >> 33) % 10000;
        struct transfer_id first =
            transfer_id_next(every, last, at_ms, count, (uint32_t)(seed >> 10));
        assert_true(first.value > last.value);
        last.value = first.value + count - 1;
    }
    /* In a fresh second the clock does not tell where they begin. */
    struct transfer_id a = transfer_id_next(every, (struct transfer_id){0}, at_ms, 1, 1);
    struct transfer_id b = transfer_id_next(every, (struct transfer_id){0}, at_ms, 1, 999);
    assert_int_equal(b.value - a.value, 998);
    struct transfer_id end =
        transfer_id_next(every, (struct transfer_id){0}, at_ms, 10000, UINT32_MAX);
    assert_int_equal((end.value + 9999) / TRANSFER_IDS_PER_SECOND, at_ms / 1000);
}

static void text_of_none(void *context)
{
    char text[TRANSFER_ID_TEXT_BYTES];
    transfer_id_text((struct transfer_id){*(const int64_t *)context}, text);
}

static void lot_of_none(void *context)
{
    char text[LOT_TEXT_BYTES];
    lot_text((struct merchant_id){*(const int64_t *)context}, (struct lot_code){1000000}, text);
}

static void no_id_is_none(void **state)
{
    (void)state;
    int64_t zero = 0;
    assert_dies(text_of_none, &zero);
    assert_dies(lot_of_none, &zero);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_transfers_id_is_its_public_text),
        cmocka_unit_test(every_id_reads_back),
        cmocka_unit_test(what_is_no_id_is_refused),
        cmocka_unit_test(a_lots_text_tells_whose_it_is),
        cmocka_unit_test(what_is_no_lot_is_refused),
        cmocka_unit_test(ids_of_one_process_never_meet),
        cmocka_unit_test(no_id_is_none),
    };
    return cmocka_run_group_tests_name("money/id", tests, NULL, NULL);
}

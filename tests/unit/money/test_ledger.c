#include "../dies.h"
#include "money/ledger.h"

#include <string.h>

static void every_account_has_a_number_of_its_own(void **state)
{
    (void)state;
    int64_t before = 0;
    size_t count = 0;
    static const int64_t merchants[] = {0, MERCHANT_ID_MIN, INT64_C(4455764120), MERCHANT_ID_MAX};
    for (size_t i = 0; i < sizeof merchants / sizeof *merchants; i++)
        for (enum account_kind kind = ACCOUNT_AVAILABLE; kind < ACCOUNT_KIND_END; kind++)
            for (enum currency currency = CURRENCY_XOF; currency < CURRENCY_END; currency++)
                for (int number = 0; number < 64; number += 21) {
                    struct account_key key = {{merchants[i]}, kind, currency, number};
                    int64_t account = account_number(key);
                    assert_true(account > before); /* Ordered, so all differ. */
                    before = account;
                    struct account_key back = account_key_of(account);
                    assert_int_equal(back.merchant.value, key.merchant.value);
                    assert_int_equal(back.kind, key.kind);
                    assert_int_equal(back.currency, key.currency);
                    assert_int_equal(back.operator_number, key.operator_number);
                    count++;
                }
    assert_int_equal(count, 4 * 6 * 4 * 4);
}

static void words_are_fixed(void **state)
{
    (void)state;
    static const char *const accounts[] = {"available", "held",     "float",
                                           "fees",      "suspense", "outside"};
    static const char *const movements[] = {"hold", "pay", "release", "top-up", "withdraw", "fee"};
    for (int i = 0; i < 6; i++) {
        assert_string_equal(account_kind_text((enum account_kind)(i + 1)), accounts[i]);
        assert_string_equal(movement_kind_text((enum movement_kind)(i + 1)), movements[i]);
    }
}

static void account_kind_of(void *context)
{
    (void)account_kind_text(*(const enum account_kind *)context);
}

static void movement_kind_of(void *context)
{
    (void)movement_kind_text(*(const enum movement_kind *)context);
}

static void no_kind_is_none(void **state)
{
    (void)state;
    enum account_kind account = ACCOUNT_KIND_END;
    enum movement_kind movement = MOVEMENT_KIND_END;
    assert_dies(account_kind_of, &account);
    assert_dies(movement_kind_of, &movement);
}

/* --- The chain; the heads were computed with Python's hashlib --- */

static const struct account_key outside = {.kind = ACCOUNT_OUTSIDE, .currency = CURRENCY_XOF};
static const struct account_key available = {
    .merchant = {MERCHANT_ID_MIN}, .kind = ACCOUNT_AVAILABLE, .currency = CURRENCY_XOF};
static const struct account_key held = {
    .merchant = {MERCHANT_ID_MIN}, .kind = ACCOUNT_HELD, .currency = CURRENCY_XOF};
static const struct account_key owed = {
    .kind = ACCOUNT_FLOAT, .currency = CURRENCY_XOF, .operator_number = 1};

static void movements_make(struct movement movements[3])
{
    movements[0] = (struct movement){.id = 1,
                                     .kind = MOVEMENT_TOP_UP,
                                     .from = outside,
                                     .to = available,
                                     .amount = {100000, CURRENCY_XOF},
                                     .merchant = {MERCHANT_ID_MIN},
                                     .at_ms = 1700000000000};
    movements[1] = (struct movement){.id = 2,
                                     .kind = MOVEMENT_HOLD,
                                     .from = available,
                                     .to = held,
                                     .amount = {500, CURRENCY_XOF},
                                     .merchant = {MERCHANT_ID_MIN},
                                     .reference = 1700000000000000,
                                     .at_ms = 1700000000001};
    movements[2] = (struct movement){.id = 3,
                                     .kind = MOVEMENT_PAY,
                                     .from = held,
                                     .to = owed,
                                     .amount = {500, CURRENCY_XOF},
                                     .merchant = {MERCHANT_ID_MIN},
                                     .reference = 44200000000000001,
                                     .at_ms = 1700000000002};
}

static void link_batch(struct ledger_head *head, const struct movement *movements, size_t count)
{
    struct ledger_link link;
    ledger_link_begin(&link, head);
    for (size_t i = 0; i < count; i++)
        ledger_link_add(&link, &movements[i]);
    ledger_link_end(&link, head);
}

static void the_chain_is_as_written_down(void **state)
{
    (void)state;
    struct movement movements[3];
    movements_make(movements);
    struct ledger_head head = {0};
    char hex[2 * SECRET_HASH_BYTES + 1];
    link_batch(&head, movements, 2);
    secret_hex(head.hash, sizeof head.hash, hex);
    assert_int_equal(head.last_movement_id, 2);
    assert_string_equal(hex, "e6ba4c78995cf063feb2e91f4b651bfe90ffe42830a72049560b024b0d5a7e11");
    link_batch(&head, movements + 2, 1);
    secret_hex(head.hash, sizeof head.hash, hex);
    assert_int_equal(head.last_movement_id, 3);
    assert_string_equal(hex, "bfce68465e149b596e3574528df85d7ab15e1f13b42741dfdf5df03c1fb0fee6");
}

/* Whoever knows a head finds out about any change to what is before it. */
static void any_change_breaks_the_chain(void **state)
{
    (void)state;
    struct movement movements[3];
    movements_make(movements);
    struct ledger_head right = {0};
    link_batch(&right, movements, 2);
    for (int change = 0; change < 9; change++) {
        movements_make(movements);
        struct ledger_head wrong = {0};
        movements[0].kind = change == 0 ? MOVEMENT_WITHDRAW : movements[0].kind;
        movements[0].from.kind = change == 1 ? ACCOUNT_SUSPENSE : movements[0].from.kind;
        movements[1].to.merchant.value += change == 2 ? 1 : 0;
        movements[1].amount.minor += change == 3 ? 1 : 0;
        movements[1].amount.currency = change == 4 ? CURRENCY_XAF : movements[1].amount.currency;
        movements[0].merchant.value += change == 5 ? 1 : 0;
        movements[0].reference += change == 6 ? 1 : 0;
        movements[1].at_ms += change == 7 ? 1 : 0;
        wrong.hash[31] = change == 8 ? 1 : 0;
        link_batch(&wrong, movements, 2);
        assert_memory_not_equal(&wrong.hash, &right.hash, sizeof right.hash);
    }
}

static void go_back(void *context)
{
    struct ledger_link link;
    struct ledger_head head = {0};
    ledger_link_begin(&link, &head);
    ledger_link_add(&link, (const struct movement *)context + 1);
    ledger_link_add(&link, (const struct movement *)context);
}

static void the_chain_goes_forward(void **state)
{
    (void)state;
    struct movement movements[3];
    movements_make(movements);
    assert_dies(go_back, movements);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_account_has_a_number_of_its_own),
        cmocka_unit_test(words_are_fixed),
        cmocka_unit_test(no_kind_is_none),
        cmocka_unit_test(the_chain_is_as_written_down),
        cmocka_unit_test(any_change_breaks_the_chain),
        cmocka_unit_test(the_chain_goes_forward),
    };
    return cmocka_run_group_tests_name("money/ledger", tests, NULL, NULL);
}

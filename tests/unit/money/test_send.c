#include "batch.h"

#include <string.h>

/* --- An item by itself --- */

static enum payout_code check(const char *prefix, const char *phone, const char *amount,
                              const char *method, uint64_t off)
{
    struct send_item item = {.prefix = prefix, .phone = phone, .notify_url = ""};
    send_item_check(&item, amount, method, off);
    assert_true(item.refusal != PAYOUT_OK ||
                (item.msisdn > 0 && item.operator_number > 0 && item.amount.minor > 0));
    return item.refusal;
}

static void amounts_are_positive_integers_within_the_tranche(void **state)
{
    (void)state;
    static const struct {
        const char *prefix, *phone, *amount;
        enum payout_code code;
    } cases[] = {
        {"225", "0707895086", "200", PAYOUT_OK},
        {"225", "0707895086", "1500000", PAYOUT_OK},
        {"225", "0707895086", "00500", PAYOUT_OK},
        {"225", "0707895086", "195", PAYOUT_AMOUNT_TOO_SMALL},
        {"225", "0707895086", "5", PAYOUT_AMOUNT_TOO_SMALL},
        {"225", "0707895086", "1500005", PAYOUT_AMOUNT_TOO_LARGE},
        {"225", "0707895086", "1500001", PAYOUT_AMOUNT_TOO_LARGE},
        {"225", "0707895086", "99999999999999999999999999", PAYOUT_AMOUNT_TOO_LARGE},
        {"225", "0707895086", "18446744073709552116", PAYOUT_AMOUNT_TOO_LARGE}, /* 2^64 + 500 */
        {"225", "0707895086", "501", PAYOUT_INVALID_AMOUNT},
        {"225", "0707895086", "0", PAYOUT_INVALID_AMOUNT},
        {"225", "0707895086", "000", PAYOUT_INVALID_AMOUNT},
        {"225", "0707895086", "", PAYOUT_INVALID_AMOUNT},
        {"225", "0707895086", NULL, PAYOUT_INVALID_AMOUNT},
        {"225", "0707895086", "-500", PAYOUT_INVALID_AMOUNT},
        {"225", "0707895086", "+500", PAYOUT_INVALID_AMOUNT},
        {"225", "0707895086", "500.0", PAYOUT_INVALID_AMOUNT},
        {"225", "0707895086", "5e2", PAYOUT_INVALID_AMOUNT},
        {"225", "0707895086", "500 F", PAYOUT_INVALID_AMOUNT},
        {"225", "0707895086", "0x1F4", PAYOUT_INVALID_AMOUNT},
        {"228", "90123456", "150", PAYOUT_OK},
        {"224", "611234567", "15000000", PAYOUT_OK},
        {"224", "611234567", "15000005", PAYOUT_AMOUNT_TOO_LARGE},
        {"243", "841234567", "995", PAYOUT_AMOUNT_TOO_SMALL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum payout_code code = check(cases[i].prefix, cases[i].phone, cases[i].amount, NULL, 0);
        if (code != cases[i].code)
            fail_msg("%s: %d, not %d", cases[i].amount, code, cases[i].code);
    }
}

static void an_item_is_refused_for_its_own_reason(void **state)
{
    (void)state;
    assert_int_equal(check("225", "07", "500", NULL, 0), PAYOUT_INVALID_PHONE);
    assert_int_equal(check("999", "0707895086", "500", NULL, 0), PAYOUT_INVALID_PHONE);
    assert_int_equal(check("225", "2721000000", "500", NULL, 0), PAYOUT_OPERATOR_NOT_AVAILABLE);
    assert_int_equal(check("225", "0707895086", "500", "MOMO", 0), PAYOUT_INVALID_PAYMENT_METHOD);
    assert_int_equal(check("225", "0707895086", "500", "CASH", 0), PAYOUT_INVALID_PAYMENT_METHOD);
    assert_int_equal(check("225", "0707895086", "500", "WAVECI", 0), PAYOUT_OK);
    /* Orange is number 1 in the table. */
    assert_int_equal(check("225", "0707895086", "500", NULL, 1 << 1), PAYOUT_OPERATOR_UNAVAILABLE);
    assert_int_equal(check("225", "0507895086", "500", NULL, 1 << 1), PAYOUT_OK);
    assert_int_equal(check("225", "0707895086", "500", "WAVECI", 1 << 1), PAYOUT_OK);
    assert_int_equal(check("225", "0707895086", "501", NULL, 1 << 1), PAYOUT_INVALID_AMOUNT);
}

/* --- A lot --- */

static void what_is_accepted_is_held(void **state)
{
    (void)state;
    struct book book;
    batch_open(&book, 10000);
    batch_contact(&book, "0707895086");
    struct send_item items[] = {batch_item("0707895086", "500", "a"),
                                batch_item("0707895086", "800", NULL)};
    struct command send = batch_send(items, 2, true);
    assert_int_equal(batch_run(&book, &send), PAYOUT_OK);
    assert_int_equal(batch_balance(&book, ACCOUNT_AVAILABLE), 8700);
    assert_int_equal(batch_balance(&book, ACCOUNT_HELD), 1300);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(items[i].code, PAYOUT_OK);
        assert_int_equal(items[i].state, TRANSFER_NEW);
        assert_int_equal(items[i].lot.value, send.lot_send.lot.value);
        assert_int_equal(items[i].transfer.value, send.lot_send.first.value + i);
        const struct transfer *transfer = &book_transfer(&book, items[i].transfer)->transfer;
        assert_string_equal(transfer->notify_url, "https://m.example/n"); /* The merchant's own. */
        assert_int_equal(transfer->step, STEP_SUBMIT);
    }
    const struct lot *lot = &book_lot(&book, MERCHANT, send.lot_send.lot)->lot;
    assert_int_equal(lot->state, LOT_CONFIRMED);
    assert_int_equal(lot->count, 2);
    assert_int_equal(lot->total_minor[CURRENCY_XOF], 1300);
    assert_true(book.work_made);
    batch_close(&book);
}

/* Who asks again because the first answer got lost must not be told that nothing was sent. */
static void an_operator_that_is_off_by_now_does_not_hide_what_was_sent(void **state)
{
    (void)state;
    static const enum payout_code codes[] = {PAYOUT_OPERATOR_UNAVAILABLE,
                                             PAYOUT_OPERATOR_NOT_AVAILABLE};
    struct book book;
    batch_open(&book, 10000);
    batch_contact(&book, "0707895086");
    struct send_item first = batch_item("0707895086", "500", "a");
    struct command send = batch_send(&first, 1, true);
    assert_int_equal(batch_run(&book, &send), PAYOUT_OK);
    for (size_t i = 0; i < 2; i++) {
        struct send_item again[] = {batch_item("0707895086", "500", "a"),
                                    batch_item("0707895086", "500", "b"),
                                    batch_item("0707895086", "500", NULL)};
        for (size_t j = 0; j < 3; j++)
            again[j].refusal = codes[i];
        struct command resend = batch_send(again, 3, true);
        assert_int_equal(batch_run(&book, &resend), PAYOUT_CLIENT_ID_EXISTS);
        assert_int_equal(again[0].transfer.value, first.transfer.value);
        assert_int_equal(again[1].code, codes[i]);
        assert_int_equal(again[2].code, codes[i]);
        assert_int_equal(batch_balance(&book, ACCOUNT_HELD), 500);
    }
    batch_close(&book);
}

static void more_than_there_is_refuses_the_whole_request(void **state)
{
    (void)state;
    struct book book;
    batch_open(&book, 1000);
    batch_contact(&book, "0707895086");
    struct send_item items[] = {batch_item("0707895086", "500", "a"),
                                batch_item("0707895086", "505", "b")};
    struct command send = batch_send(items, 2, true);
    assert_int_equal(batch_run(&book, &send), PAYOUT_INSUFFICIENT_BALANCE);
    assert_int_equal(batch_balance(&book, ACCOUNT_HELD), 0);
    assert_int_equal(items[0].transfer.value, 0);
    assert_int_equal(items[1].transfer.value, 0);
    assert_null(book.movements->next); /* The top-up alone. */
    send = batch_send(items, 1, true); /* Its id is free again. */
    assert_int_equal(batch_run(&book, &send), PAYOUT_OK);
    assert_int_equal(batch_balance(&book, ACCOUNT_HELD), 500);
    batch_close(&book);
}

static void good_items_go_through_beside_bad_ones(void **state)
{
    (void)state;
    struct book book;
    batch_open(&book, 10000);
    batch_contact(&book, "0707895086");
    struct send_item items[] = {
        batch_item("07", "500", "bad"), batch_item("0507895086", "500", "stranger"),
        batch_item("0707895086", "500", "good"), batch_item("0707895086", "3", "odd")};
    struct command send = batch_send(items, 4, false);
    assert_int_equal(batch_run(&book, &send), PAYOUT_OK);
    assert_int_equal(items[0].code, PAYOUT_INVALID_PHONE);
    assert_int_equal(items[1].code, PAYOUT_NOT_MY_CONTACT);
    assert_int_equal(items[2].code, PAYOUT_OK);
    assert_int_equal(items[3].code, PAYOUT_INVALID_AMOUNT);
    assert_int_equal(items[2].transfer.value, send.lot_send.first.value); /* No gap in a lot. */
    assert_int_equal(batch_balance(&book, ACCOUNT_HELD), 500);
    assert_false(book.work_made); /* It waits for its confirmation. */
    batch_close(&book);
}

static void no_good_item_makes_the_first_ones_code_the_requests(void **state)
{
    (void)state;
    struct book book;
    batch_open(&book, 10000);
    struct send_item items[] = {batch_item("0507895086", "500", "a"), batch_item("07", "500", "b")};
    struct command send = batch_send(items, 2, true);
    assert_int_equal(batch_run(&book, &send), PAYOUT_NOT_MY_CONTACT);
    assert_int_equal(book.lots.count, 0);
    batch_close(&book);
}

static void all_or_nothing_refuses_good_items_too(void **state)
{
    (void)state;
    struct book book;
    batch_open(&book, 10000);
    batch_contact(&book, "0707895086");
    struct command change = {
        .kind = COMMAND_MERCHANT_CHANGE,
        .merchant_change = {.fields = MERCHANT_FIELD_ALL_OR_NOTHING,
                            .merchant = {.id = MERCHANT, .all_or_nothing = true}}};
    assert_int_equal(batch_run(&book, &change), PAYOUT_OK);
    struct send_item items[] = {batch_item("0707895086", "500", "a"),
                                batch_item("0707895086", "3", "b")};
    struct command send = batch_send(items, 2, true);
    assert_int_equal(batch_run(&book, &send), PAYOUT_INVALID_AMOUNT);
    assert_int_equal(batch_balance(&book, ACCOUNT_HELD), 0);
    assert_int_equal(items[0].transfer.value, 0);
    batch_close(&book);
}

/* Nobody is paid twice: whoever timed out learns of the first one. */
static void the_same_client_id_makes_no_second_transfer(void **state)
{
    (void)state;
    struct book book;
    batch_open(&book, 10000);
    batch_contact(&book, "0707895086");
    batch_contact(&book, "0707895087");
    struct send_item first = batch_item("0707895086", "500", "a");
    struct command send = batch_send(&first, 1, true);
    assert_int_equal(batch_run(&book, &send), PAYOUT_OK);
    struct send_item again[] = {
        batch_item("07895086", "500", "a"),   /* The same, in the old plan. */
        batch_item("0707895086", "505", "a"), /* Another amount. */
        batch_item("0707895087", "500", "a"), /* Another person. */
    };
    struct command resend = batch_send(again, 3, true);
    assert_int_equal(batch_run(&book, &resend), PAYOUT_CLIENT_ID_EXISTS);
    assert_int_equal(again[0].code, PAYOUT_CLIENT_ID_EXISTS);
    assert_int_equal(again[0].transfer.value, first.transfer.value);
    assert_int_equal(again[0].lot.value, first.lot.value);
    assert_int_equal(again[1].transfer.value, 0);
    assert_int_equal(again[2].transfer.value, 0);
    assert_int_equal(batch_balance(&book, ACCOUNT_HELD), 500);
    batch_close(&book);
}

static void the_same_client_id_twice_in_one_lot_is_one_transfer(void **state)
{
    (void)state;
    struct book book;
    batch_open(&book, 10000);
    batch_contact(&book, "0707895086");
    struct send_item items[] = {batch_item("07", "500", "x"), batch_item("0707895086", "500", "a"),
                                batch_item("0707895086", "500", "a"),
                                batch_item("0707895086", "505", "a")};
    struct command send = batch_send(items, 4, true);
    assert_int_equal(batch_run(&book, &send), PAYOUT_OK);
    assert_int_equal(items[2].code, PAYOUT_CLIENT_ID_EXISTS);
    assert_int_equal(items[2].transfer.value, items[1].transfer.value);
    assert_int_equal(items[2].lot.value, send.lot_send.lot.value);
    assert_int_equal(items[3].code, PAYOUT_CLIENT_ID_EXISTS);
    assert_int_equal(items[3].transfer.value, 0);
    assert_int_equal(batch_balance(&book, ACCOUNT_HELD), 500);
    batch_close(&book);
}

static void without_any_url_an_item_is_refused(void **state)
{
    (void)state;
    struct book book;
    batch_open(&book, 10000);
    batch_contact(&book, "0707895086");
    struct command change = {
        .kind = COMMAND_MERCHANT_CHANGE,
        .merchant_change = {.fields = MERCHANT_FIELD_NOTIFY_URL, .merchant = {.id = MERCHANT}}};
    assert_int_equal(batch_run(&book, &change), PAYOUT_OK);
    struct send_item items[] = {batch_item("0707895086", "500", "a"),
                                batch_item("0707895086", "500", "b")};
    items[1].notify_url = "http://x.example/?q=1";
    struct command send = batch_send(items, 2, true);
    assert_int_equal(batch_run(&book, &send), PAYOUT_OK);
    assert_int_equal(items[0].code, PAYOUT_MISSING_NOTIFY_URL);
    assert_int_equal(items[1].code, PAYOUT_OK);
    batch_close(&book);
}

static void one_lot_may_hold_several_currencies(void **state)
{
    (void)state;
    struct book book;
    batch_open(&book, 10000);
    struct command fund = {.kind = COMMAND_FUND,
                           .fund = {.merchant = MERCHANT,
                                    .kind = MOVEMENT_TOP_UP,
                                    .amount = {600, CURRENCY_XAF},
                                    .reference = "second"}};
    assert_int_equal(batch_run(&book, &fund), PAYOUT_OK);
    batch_contact(&book, "0707895086");
    struct contact_item contact = {
        .prefix = "237", .phone = "699123456", .name = "", .surname = "", .email = ""};
    contact_item_check(&contact);
    struct command add = {.kind = COMMAND_CONTACT_ADD,
                          .contact_add = {.merchant = MERCHANT, .items = &contact, .count = 1}};
    assert_int_equal(batch_run(&book, &add), PAYOUT_OK);
    struct send_item items[] = {batch_item("0707895086", "500", NULL),
                                {.prefix = "237", .phone = "699123456", .notify_url = ""}};
    send_item_check(&items[1], "600", NULL, 0);
    struct command send = batch_send(items, 2, false);
    assert_int_equal(batch_run(&book, &send), PAYOUT_OK);
    const struct lot *lot = &book_lot(&book, MERCHANT, send.lot_send.lot)->lot;
    assert_int_equal(lot->total_minor[CURRENCY_XOF], 500);
    assert_int_equal(lot->total_minor[CURRENCY_XAF], 600);
    assert_int_equal(batch_run(&book, &send), PAYOUT_INSUFFICIENT_BALANCE); /* XAF is used up. */
    assert_int_equal(batch_balance(&book, ACCOUNT_HELD), 500);
    batch_close(&book);
}

static void a_suspended_or_unknown_merchant_sends_nothing(void **state)
{
    (void)state;
    struct book book;
    batch_open(&book, 10000);
    struct send_item item = batch_item("0707895086", "500", "a");
    struct command send = batch_send(&item, 1, true);
    send.lot_send.merchant = (struct merchant_id){MERCHANT_ID_MIN};
    assert_int_equal(batch_run(&book, &send), PAYOUT_INVALID_USER);
    struct command change = {.kind = COMMAND_MERCHANT_CHANGE,
                             .merchant_change = {.fields = MERCHANT_FIELD_SUSPENDED,
                                                 .merchant = {.id = MERCHANT, .suspended = true}}};
    assert_int_equal(batch_run(&book, &change), PAYOUT_OK);
    send.lot_send.merchant = MERCHANT;
    assert_int_equal(batch_run(&book, &send), PAYOUT_INVALID_USER);
    batch_close(&book);
}

/* --- Deciding on a lot that waits --- */

static enum payout_code decide(struct book *book, struct lot_code lot, enum lot_state to,
                               int64_t at_ms)
{
    struct command command = {
        .kind = COMMAND_LOT_DECIDE,
        .lot_decide = {.merchant = MERCHANT, .lot = lot, .to = to, .person = "Awa"}};
    batch_run_at(book, &command, at_ms);
    return command.code;
}

static struct lot_code waiting_lot(struct book *book)
{
    batch_open(book, 10000);
    batch_contact(book, "0707895086");
    struct send_item items[] = {batch_item("0707895086", "500", NULL),
                                batch_item("0707895086", "500", NULL)};
    struct command send = batch_send(items, 2, false);
    assert_int_equal(batch_run(book, &send), PAYOUT_OK);
    assert_int_equal(batch_balance(book, ACCOUNT_HELD), 1000);
    return send.lot_send.lot;
}

static void a_lot_is_decided_once(void **state)
{
    (void)state;
    static const enum lot_state ends[] = {LOT_CONFIRMED, LOT_CANCELLED, LOT_EXPIRED};
    for (size_t i = 0; i < 3; i++) {
        struct book book;
        struct lot_code lot = waiting_lot(&book);
        int64_t at_ms = ends[i] == LOT_EXPIRED ? NOW_MS + 3600000 : NOW_MS + 1;
        assert_int_equal(decide(&book, lot, ends[i], at_ms), PAYOUT_OK);
        assert_int_equal(batch_balance(&book, ACCOUNT_HELD), ends[i] == LOT_CONFIRMED ? 1000 : 0);
        for (size_t j = 0; j < 3; j++) /* The same again is fine, another end is not. */
            assert_int_equal(decide(&book, lot, ends[j], NOW_MS + 7200000),
                             j == i ? PAYOUT_OK : PAYOUT_NOT_ALLOWED);
        assert_int_equal(batch_balance(&book, ACCOUNT_HELD), ends[i] == LOT_CONFIRMED ? 1000 : 0);
        assert_int_equal(book.work_made, ends[i] == LOT_CONFIRMED);
        batch_close(&book);
    }
}

static void a_lot_expires_in_its_time_and_not_before(void **state)
{
    (void)state;
    struct book book;
    struct lot_code lot = waiting_lot(&book);
    assert_int_equal(decide(&book, lot, LOT_EXPIRED, NOW_MS + 3599999), PAYOUT_NOT_ALLOWED);
    assert_int_equal(decide(&book, lot, LOT_CONFIRMED, NOW_MS + 3600000), PAYOUT_NOT_ALLOWED);
    assert_int_equal(decide(&book, lot, LOT_EXPIRED, NOW_MS + 3600000), PAYOUT_OK);
    assert_int_equal(decide(&book, (struct lot_code){1}, LOT_CONFIRMED, NOW_MS), PAYOUT_NOT_FOUND);
    batch_close(&book);
}

static void lot_states_are_as_the_table_says(void **state)
{
    (void)state;
    static const char *const words[] = {"WAITING", "CONFIRMED", "CANCELLED", "EXPIRED"};
    for (enum lot_state from = LOT_WAITING; from < LOT_STATE_END; from++) {
        assert_string_equal(lot_state_text(from), words[from - LOT_WAITING]);
        for (enum lot_state to = LOT_WAITING; to < LOT_STATE_END; to++)
            assert_int_equal(lot_state_may(from, to), from == LOT_WAITING && to != LOT_WAITING);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_are_positive_integers_within_the_tranche),
        cmocka_unit_test(an_item_is_refused_for_its_own_reason),
        cmocka_unit_test(what_is_accepted_is_held),
        cmocka_unit_test(an_operator_that_is_off_by_now_does_not_hide_what_was_sent),
        cmocka_unit_test(more_than_there_is_refuses_the_whole_request),
        cmocka_unit_test(good_items_go_through_beside_bad_ones),
        cmocka_unit_test(no_good_item_makes_the_first_ones_code_the_requests),
        cmocka_unit_test(all_or_nothing_refuses_good_items_too),
        cmocka_unit_test(the_same_client_id_makes_no_second_transfer),
        cmocka_unit_test(the_same_client_id_twice_in_one_lot_is_one_transfer),
        cmocka_unit_test(without_any_url_an_item_is_refused),
        cmocka_unit_test(one_lot_may_hold_several_currencies),
        cmocka_unit_test(a_suspended_or_unknown_merchant_sends_nothing),
        cmocka_unit_test(a_lot_is_decided_once),
        cmocka_unit_test(a_lot_expires_in_its_time_and_not_before),
        cmocka_unit_test(lot_states_are_as_the_table_says),
    };
    secret_init();
    return cmocka_run_group_tests_name("money/send", tests, NULL, NULL);
}

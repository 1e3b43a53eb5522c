#include "batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "money/fee.h"

#define HOUR_MS (INT64_C(3600) * 1000)

/* --- Fees --- */

static int64_t fee(const char *rules, int operator_number, int64_t amount_minor)
{
    struct fee_table table;
    assert_true(fee_table_read(rules, &table));
    return fee_of(&table, operator_number, amount_minor).minor;
}

static void a_fee_is_fixed_and_per_mille_within_its_bounds(void **state)
{
    (void)state;
    assert_int_equal(fee("", 1, 500), 0);
    assert_int_equal(fee("*:0:100:0:0:0", 1, 500), 100);
    assert_int_equal(fee("*:0:0:10:0:0", 1, 500), 5);
    assert_int_equal(fee("*:0:0:10:0:0", 1, 501), 6); /* A part of a franc counts as one. */
    assert_int_equal(fee("*:0:100:10:0:0", 1, 500), 105);
    assert_int_equal(fee("*:0:0:10:25:0", 1, 500), 25);
    assert_int_equal(fee("*:0:100:10:25:60", 1, 500), 60);
    assert_int_equal(fee("*:0:0:1000:0:0", 1, 1500000), 1500000);
}

static void the_nearest_rule_counts(void **state)
{
    (void)state;
    /* OM is operator 1, MOMO 3. */
    static const char rules[] = " *:0:1:0:0:0  *:1000:2:0:0:0 OM:500:3:0:0:0 om:5000:4:0:0:0 ";
    assert_int_equal(fee(rules, 3, 200), 1);
    assert_int_equal(fee(rules, 3, 1000), 2);
    assert_int_equal(fee(rules, 1, 499), 1); /* Its own are for more. */
    assert_int_equal(fee(rules, 1, 500), 3);
    assert_int_equal(fee(rules, 1, 1000), 3); /* Its own go before. */
    assert_int_equal(fee(rules, 1, 5000), 4);
    assert_int_equal(fee("*:1000:2:0:0:0", 1, 999), 0);
}

static void what_are_no_rules_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "*",
        "*:0:1:0:0",
        "*:0:1:0:0:0:0",
        "*:0:1:0:0:",
        "*:0:-1:0:0:0",
        "*:0:1.5:0:0:0",
        "*:0:1:1001:0:0",
        "*:0:1:0:9:8",
        "NOBODY:0:1:0:0:0",
        ":0:1:0:0:0",
        "*:0:1:0:0:0 *:0:2:0:0:0",
        "*:0:1:0:0:0x",
        "*:0:9999999999999:0:0:0",
        "*:99999999999999999999999999:0:0:0:0",
        "\xff:0:0:0:0:0",
        "*:0:1:0:0:0:",
        "*:0:1:0:0:0:receive",
        "*:0:1:0:0:0:receivers",
        "*:0:1:0:0:0:receiver:",
        "*:0:1:0:0:0:receiver:merchant",
        "*:0:1:0:0:0::receiver",
        "*:0:1:0:0:0: receiver",
        "*:0:1:0:0:receiver",
        "*:0:1:0:0:0:1",
        "*:0:1:0:0:0receiver",
        "*:0:1:0:0:0:receiver\t",
        "*:0:1:0:0:0:receiver *:0:2:0:0:0:merchant", /* Both are for the same. */
    };
    struct fee_table table = {.count = 7};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(fee_table_read(bad[i], &table));
    assert_int_equal(table.count, 7); /* Untouched. */
    char many[FEE_RULES_MAX * 24 + 24] = "";
    for (int i = 0; i <= FEE_RULES_MAX; i++) {
        assert_int_equal(fee_table_read(many, &table), true);
        (void)snprintf(many + strlen(many), 24, "*:%d:1:0:0:0 ", i);
    }
    assert_false(fee_table_read(many, &table));
}

/* Whatever the text is, nothing is read behind its end, and what is no rule leaves the table be. */
static void hostile_rules_end_with_their_text(void **state)
{
    (void)state;
    static const char whole[] = "OM:1000:5:20:9:37:receiver  *:0:3:0:0:0:merchant ";
    for (size_t length = 0; length < sizeof whole; length++) {
        char *cut = malloc(length + 1); /* Its own, so that a sanitizer sees its end. */
        assert_non_null(cut);
        memcpy(cut, whole, length);
        cut[length] = '\0';
        struct fee_table table = {.count = 7};
        bool read = fee_table_read(cut, &table);
        assert_int_equal(read ? table.count <= 2 : table.count == 7, 1);
        for (size_t at = 0; at < length; at++) {
            for (int byte = 1; byte < 256; byte++) {
                cut[at] = (char)byte;
                table.count = 7;
                if (!fee_table_read(cut, &table))
                    assert_int_equal(table.count, 7);
                for (size_t i = 0; i < table.count && table.count != 7; i++)
                    assert_in_range(table.rules[i].payer, FEE_PAYER_MERCHANT, FEE_PAYER_RECEIVER);
            }
            cut[at] = whole[at];
        }
        free(cut);
    }
}

static void a_rule_says_who_pays(void **state)
{
    (void)state;
    struct fee_table table;
    assert_true(fee_table_read("*:0:1:0:0:0 OM:0:2:0:0:0:receiver FLOOZ:0:3:0:0:0:merchant "
                               "MOMO:0:0:0:0:0:receiver OM:700:4:0:0:0:RECEIVER",
                               &table));
    assert_int_equal(table.count, 5);
    assert_int_equal(fee_of(&table, 4, 500).payer, FEE_PAYER_MERCHANT);
    assert_int_equal(fee_of(&table, 2, 500).payer, FEE_PAYER_MERCHANT);
    assert_int_equal(fee_of(&table, 1, 500).payer, FEE_PAYER_RECEIVER);
    assert_int_equal(fee_of(&table, 1, 500).minor, 2);
    assert_int_equal(fee_of(&table, 1, 700).minor, 4);
    assert_int_equal(fee_of(&table, 1, 700).payer, FEE_PAYER_RECEIVER);
    /* Nobody pays nothing. */
    assert_int_equal(fee_of(&table, 3, 500).payer, FEE_PAYER_MERCHANT);
    assert_string_equal(fee_payer_text(FEE_PAYER_RECEIVER), "RECEIVER");
    assert_string_equal(fee_payer_text(FEE_PAYER_MERCHANT), "MERCHANT");
}

static void what_is_delivered_and_the_fee_are_what_is_held(void **state)
{
    (void)state;
    static const int64_t fees[] = {0, 1, 25, 499};
    for (size_t i = 0; i < sizeof fees / sizeof *fees; i++) {
        struct transfer transfer = {.amount = {500, CURRENCY_XOF}, .fee_minor = fees[i]};
        assert_int_equal(transfer_held_minor(&transfer), 500 + fees[i]);
        assert_int_equal(transfer_delivered(&transfer).minor, 500);
        transfer.payer = FEE_PAYER_RECEIVER;
        assert_int_equal(transfer_held_minor(&transfer), 500);
        assert_int_equal(transfer_delivered(&transfer).minor, 500 - fees[i]);
        assert_int_equal(transfer_delivered(&transfer).currency, CURRENCY_XOF);
    }
}

/* --- A merchant with terms --- */

static void change(struct book *book, struct merchant merchant, unsigned fields)
{
    merchant.id = MERCHANT;
    struct command command = {.kind = COMMAND_MERCHANT_CHANGE,
                              .merchant_change = {.fields = fields, .merchant = merchant}};
    assert_int_equal(batch_run(book, &command), PAYOUT_OK);
}

/* Sends count times amount to one person, as if the store had just given the merchant. */
static struct command send_at(struct book *book, struct send_item *items, size_t count,
                              int64_t at_ms)
{
    struct command command = batch_send(items, count, true);
    book_merchant(book, MERCHANT)->row.state = ROW_STORED;
    batch_run_at(book, &command, at_ms);
    return command;
}

static enum payout_code send_one(struct book *book, const char *phone, const char *amount,
                                 int64_t at_ms, struct send_item *item)
{
    *item = batch_item(phone, amount, NULL);
    return send_at(book, item, 1, at_ms).code;
}

static void begin(struct book *book, int64_t minor, struct limits limits, const char *fees)
{
    struct merchant merchant = {.limits = limits};
    (void)snprintf(merchant.fees, sizeof merchant.fees, "%s", fees);
    batch_open(book, minor);
    change(book, merchant,
           MERCHANT_FIELD_FEES | MERCHANT_FIELD_DAY | MERCHANT_FIELD_MONTH |
               MERCHANT_FIELD_RECEIVER_DAY | MERCHANT_FIELD_RECEIVER_MONTH |
               MERCHANT_FIELD_RECEIVER_HOUR | MERCHANT_FIELD_RESERVE);
    batch_contact(book, "0707895086");
    batch_contact(book, "0707895087");
}

static void end(struct book *book, struct transfer_id id, enum verdict verdict)
{
    struct claim_item claim = {.transfer = id, .due_at_ms = NOW_MS, .channel = CHANNEL};
    struct command take = {.kind = COMMAND_TRANSFER_CLAIM,
                           .transfer_claim = {.items = &claim, .count = 1, .lease_ms = 1000}};
    assert_int_equal(batch_run(book, &take), PAYOUT_OK);
    struct outcome_item item = {.transfer = id, .verdict = verdict, .operator_reference = ""};
    struct command tell = {.kind = COMMAND_TRANSFER_OUTCOME,
                           .transfer_outcome = {.items = &item, .count = 1}};
    assert_int_equal(batch_run(book, &tell), PAYOUT_OK);
    assert_int_equal(item.effect, OUTCOME_APPLIED);
}

static int64_t fees_earned(struct book *book)
{
    struct account_key key = {.kind = ACCOUNT_FEES, .currency = CURRENCY_XOF};
    return book_account(book, key)->balance_minor;
}

static void a_fee_is_held_earned_when_paid_and_given_back_otherwise(void **state)
{
    (void)state;
    static const enum verdict verdicts[] = {VERDICT_PAID, VERDICT_REJECTED};
    for (int i = 0; i < 2; i++) {
        struct book book;
        struct send_item item;
        begin(&book, 10000, (struct limits){0}, "*:0:20:0:0:0");
        assert_int_equal(send_one(&book, "0707895086", "500", NOW_MS, &item), PAYOUT_OK);
        assert_int_equal(item.fee_minor, 20);
        assert_int_equal(batch_balance(&book, ACCOUNT_HELD), 520);
        assert_int_equal(batch_balance(&book, ACCOUNT_AVAILABLE), 9480);
        const struct lot *lot = &book_lot(&book, MERCHANT, item.lot)->lot;
        assert_int_equal(lot->total_minor[CURRENCY_XOF], 500);
        assert_int_equal(lot->fee_minor[CURRENCY_XOF], 20);
        end(&book, item.transfer, verdicts[i]);
        assert_int_equal(batch_balance(&book, ACCOUNT_HELD), 0);
        assert_int_equal(batch_balance(&book, ACCOUNT_AVAILABLE), i == 0 ? 9480 : 10000);
        assert_int_equal(book_transfer(&book, item.transfer)->transfer.fee_minor, 20);
        if (i == 0)
            assert_int_equal(fees_earned(&book), 20);
        batch_close(&book);
    }
}

static int64_t float_paid(struct book *book)
{
    struct account_key key = {
        .kind = ACCOUNT_FLOAT, .currency = CURRENCY_XOF, .operator_number = 1};
    return book_account(book, key)->balance_minor;
}

static void a_receivers_fee_is_taken_out_of_the_amount_when_it_is_paid(void **state)
{
    (void)state;
    static const enum verdict verdicts[] = {VERDICT_PAID, VERDICT_REJECTED};
    for (int i = 0; i < 2; i++) {
        struct book book;
        struct send_item item;
        begin(&book, 505, (struct limits){0}, "*:0:1:10:0:0:receiver");
        /* No more than the amount is needed; 5.05 of it count as 6. */
        assert_int_equal(send_one(&book, "0707895086", "505", NOW_MS, &item), PAYOUT_OK);
        assert_int_equal(item.fee_minor, 7);
        assert_int_equal(item.payer, FEE_PAYER_RECEIVER);
        assert_int_equal(batch_balance(&book, ACCOUNT_HELD), 505);
        assert_int_equal(batch_balance(&book, ACCOUNT_AVAILABLE), 0);
        const struct lot *lot = &book_lot(&book, MERCHANT, item.lot)->lot;
        assert_int_equal(lot->total_minor[CURRENCY_XOF], 505);
        assert_int_equal(lot->fee_minor[CURRENCY_XOF], 0);
        end(&book, item.transfer, verdicts[i]);
        const struct transfer *transfer = &book_transfer(&book, item.transfer)->transfer;
        assert_int_equal(transfer->amount.minor, 505); /* What the merchant sent. */
        assert_int_equal(transfer->fee_minor, 7);
        assert_int_equal(batch_balance(&book, ACCOUNT_HELD), 0);
        assert_int_equal(batch_balance(&book, ACCOUNT_AVAILABLE), i == 0 ? 0 : 505);
        if (i == 0) {
            assert_int_equal(float_paid(&book), 498);
            assert_int_equal(fees_earned(&book), 7);
        }
        batch_close(&book);
    }
}

static void a_receivers_fee_stays_within_its_bounds(void **state)
{
    (void)state;
    struct book book;
    struct send_item items[] = {batch_item("0707895086", "500", NULL),
                                batch_item("0707895086", "1500", NULL),
                                batch_item("0707895086", "10000", NULL)};
    begin(&book, 12000, (struct limits){0}, "*:0:0:10:12:40:receiver");
    assert_int_equal(send_at(&book, items, 3, NOW_MS).code, PAYOUT_OK);
    assert_int_equal(items[0].fee_minor, 12);
    assert_int_equal(items[1].fee_minor, 15);
    assert_int_equal(items[2].fee_minor, 40);
    assert_int_equal(batch_balance(&book, ACCOUNT_HELD), 12000);
    batch_close(&book);
}

static void a_lot_holds_the_fees_of_its_merchant_only(void **state)
{
    (void)state;
    struct book book;
    struct send_item items[] = {batch_item("0707895086", "500", NULL),
                                batch_item("0707895086", "1000", NULL)};
    begin(&book, 1520, (struct limits){0}, "*:0:20:0:0:0 *:1000:30:0:0:0:receiver");
    assert_int_equal(send_at(&book, items, 2, NOW_MS).code, PAYOUT_OK);
    assert_int_equal(batch_balance(&book, ACCOUNT_HELD), 1520);
    const struct lot *lot = &book_lot(&book, MERCHANT, items[0].lot)->lot;
    assert_int_equal(lot->fee_minor[CURRENCY_XOF], 20);
    assert_int_equal(lot->total_minor[CURRENCY_XOF], 1500);
    end(&book, items[1].transfer, VERDICT_PAID);
    assert_int_equal(float_paid(&book), 970);
    assert_int_equal(batch_balance(&book, ACCOUNT_HELD), 520);
    end(&book, items[0].transfer, VERDICT_PAID);
    assert_int_equal(float_paid(&book), 1470);
    assert_int_equal(fees_earned(&book), 50);
    assert_int_equal(batch_balance(&book, ACCOUNT_HELD), 0);
    batch_close(&book);
}

static void a_fee_that_leaves_the_receiver_too_little_refuses_the_item(void **state)
{
    (void)state;
    static const struct {
        const char *fees, *amount;
        enum payout_code code;
    } cases[] = {
        {"*:0:5:0:0:0:receiver", "200", PAYOUT_AMOUNT_TOO_SMALL},
        {"*:0:5:0:0:0:receiver", "205", PAYOUT_OK}, /* 200: the tranche's least. */
        {"*:0:6:0:0:0:receiver", "205", PAYOUT_AMOUNT_TOO_SMALL},
        {"*:0:0:1000:0:0:receiver", "1500000", PAYOUT_AMOUNT_TOO_SMALL}, /* Nothing is left. */
        {"*:0:1000000000000:1000:0:0:receiver", "1500000", PAYOUT_AMOUNT_TOO_SMALL},
        {"*:0:0:0:0:0:receiver", "200", PAYOUT_OK},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct book book;
        struct send_item item;
        begin(&book, 2000000, (struct limits){.receiver_hour_count = 1}, cases[i].fees);
        enum payout_code code = send_one(&book, "0707895086", cases[i].amount, NOW_MS, &item);
        assert_int_equal(code, cases[i].code);
        if (code != PAYOUT_OK) {
            assert_int_equal(item.transfer.value, 0);
            assert_int_equal(item.fee_minor, 0);
            assert_int_equal(batch_balance(&book, ACCOUNT_HELD), 0);
            /* What was refused counts as nothing that was sent. */
            change(&book, (struct merchant){.fees = ""}, MERCHANT_FIELD_FEES);
            assert_int_equal(send_one(&book, "0707895086", cases[i].amount, NOW_MS, &item),
                             PAYOUT_OK);
        }
        batch_close(&book);
    }
}

static void the_same_id_is_known_whatever_its_fee_would_be_now(void **state)
{
    (void)state;
    struct book book;
    begin(&book, 2000, (struct limits){0}, "*:0:5:0:0:0:receiver");
    struct send_item first[] = {batch_item("0707895086", "500", "a")};
    assert_int_equal(send_at(&book, first, 1, NOW_MS).code, PAYOUT_OK);
    change(&book, (struct merchant){.fees = "*:0:400:0:0:0:receiver"}, MERCHANT_FIELD_FEES);
    struct send_item again[] = {batch_item("0707895086", "500", "a")};
    assert_int_equal(send_at(&book, again, 1, NOW_MS).code, PAYOUT_CLIENT_ID_EXISTS);
    assert_int_equal(again[0].transfer.value, first[0].transfer.value);
    end(&book, first[0].transfer, VERDICT_PAID);
    assert_int_equal(float_paid(&book), 495); /* What it cost then. */
    batch_close(&book);
}

static void a_lot_needs_its_fees_too(void **state)
{
    (void)state;
    struct book book;
    struct send_item item;
    begin(&book, 519, (struct limits){0}, "*:0:20:0:0:0");
    assert_int_equal(send_one(&book, "0707895086", "500", NOW_MS, &item),
                     PAYOUT_INSUFFICIENT_BALANCE);
    assert_int_equal(batch_balance(&book, ACCOUNT_AVAILABLE), 519);
    struct command bad = {.kind = COMMAND_MERCHANT_CHANGE,
                          .merchant_change = {.fields = MERCHANT_FIELD_FEES,
                                              .merchant = {.id = MERCHANT, .fees = "free"}}};
    assert_int_equal(batch_run(&book, &bad), PAYOUT_DATA_NOT_VALID);
    batch_close(&book);
}

static void a_reserve_stays_available(void **state)
{
    (void)state;
    struct book book;
    struct send_item item;
    begin(&book, 1000, (struct limits){.reserve_minor = 400}, "");
    assert_int_equal(send_one(&book, "0707895086", "605", NOW_MS, &item),
                     PAYOUT_INSUFFICIENT_BALANCE);
    assert_int_equal(send_one(&book, "0707895086", "600", NOW_MS, &item), PAYOUT_OK);
    assert_int_equal(send_one(&book, "0707895086", "200", NOW_MS, &item),
                     PAYOUT_INSUFFICIENT_BALANCE);
    batch_close(&book);
}

static void a_merchants_day_and_month_refuse_the_whole_lot(void **state)
{
    (void)state;
    struct book book;
    struct send_item item;
    int64_t month_ms = INT64_C(1543622400000); /* 2018-12-01, the month after the next. */
    begin(&book, 100000, (struct limits){.day_minor = 1000, .month_minor = 1500}, "");
    assert_int_equal(send_one(&book, "0707895086", "600", NOW_MS, &item), PAYOUT_OK);
    assert_int_equal(send_one(&book, "0707895087", "405", NOW_MS, &item),
                     PAYOUT_INSUFFICIENT_BALANCE);
    assert_int_equal(item.transfer.value, 0);
    assert_int_equal(send_one(&book, "0707895087", "400", NOW_MS, &item), PAYOUT_OK);
    int64_t next_ms = NOW_MS + 24 * HOUR_MS; /* Still in October. */
    assert_int_equal(send_one(&book, "0707895086", "505", next_ms, &item),
                     PAYOUT_INSUFFICIENT_BALANCE); /* The month's. */
    assert_int_equal(send_one(&book, "0707895086", "500", next_ms, &item), PAYOUT_OK);
    assert_int_equal(send_one(&book, "0707895086", "1000", month_ms, &item), PAYOUT_OK);
    assert_int_equal(batch_balance(&book, ACCOUNT_HELD), 2500);
    batch_close(&book);
}

static void a_receivers_limits_refuse_the_item(void **state)
{
    (void)state;
    struct book book;
    begin(&book, 100000,
          (struct limits){
              .receiver_day_minor = 1000, .receiver_month_minor = 1200, .receiver_hour_count = 2},
          "");
    struct send_item items[] = {
        batch_item("0707895086", "600", "a"), batch_item("0707895086", "405", "b"),
        batch_item("0707895087", "600", "c"), batch_item("0707895086", "400", "d"),
        batch_item("0707895086", "200", "e"),
    };
    assert_int_equal(send_at(&book, items, 5, NOW_MS).code, PAYOUT_OK);
    assert_int_equal(items[0].code, PAYOUT_OK);
    assert_int_equal(items[1].code, PAYOUT_AMOUNT_TOO_LARGE); /* With the one before it. */
    assert_int_equal(items[2].code, PAYOUT_OK);
    assert_int_equal(items[3].code, PAYOUT_OK);
    assert_int_equal(items[4].code, PAYOUT_NOT_ALLOWED); /* The third in the hour. */
    /* An id of a refused item is free: sent again when it may, it goes. */
    struct send_item again[] = {batch_item("0707895086", "200", "b")};
    assert_int_equal(send_at(&book, again, 1, NOW_MS + 24 * HOUR_MS).code, PAYOUT_OK);
    struct send_item month[] = {batch_item("0707895086", "205", "f")};
    assert_int_equal(send_at(&book, month, 1, NOW_MS + 48 * HOUR_MS).code, PAYOUT_AMOUNT_TOO_LARGE);
    batch_close(&book);
}

static void a_lot_that_does_not_go_through_counts_nothing(void **state)
{
    (void)state;
    struct book book;
    struct send_item item;
    begin(&book, 1000, (struct limits){.receiver_hour_count = 1, .day_minor = 100000}, "");
    assert_int_equal(send_one(&book, "0707895086", "1005", NOW_MS, &item),
                     PAYOUT_INSUFFICIENT_BALANCE);
    assert_int_equal(send_one(&book, "0707895086", "500", NOW_MS, &item), PAYOUT_OK);
    assert_int_equal(book_usage(&book, MERCHANT, 0, CURRENCY_XOF)->usage.day_minor, 500);
    assert_int_equal(send_one(&book, "0707895086", "200", NOW_MS, &item), PAYOUT_NOT_ALLOWED);
    assert_int_equal(send_one(&book, "0707895086", "200", NOW_MS + HOUR_MS, &item), PAYOUT_OK);
    batch_close(&book);
}

static void without_limits_nothing_is_counted(void **state)
{
    (void)state;
    struct book book;
    struct send_item item;
    begin(&book, 1000, (struct limits){0}, "");
    assert_int_equal(send_one(&book, "0707895086", "500", NOW_MS, &item), PAYOUT_OK);
    assert_int_equal(book.usages.count, 0);
    batch_close(&book);
}

static void months_are_the_calendars(void **state)
{
    (void)state;
    static const struct {
        int64_t day, month;
    } firsts[] = {{0, 0},       {30, 0},      {31, 1},     {58, 1},      {59, 2},
                  {365, 12},    {789, 25},    {790, 26},   {11016, 361}, {11017, 362},
                  {16494, 541}, {16860, 553}, {20758, 682}};
    for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++)
        assert_int_equal(month_of(firsts[i].day * 24 * HOUR_MS), firsts[i].month);
    struct usage usage = {0};
    usage_turn(&usage, NOW_MS);
    usage.hour_count = 1;
    usage.day_minor = usage.month_minor = 10;
    usage_turn(&usage, NOW_MS - 48 * HOUR_MS); /* A clock that goes back gives nothing back. */
    assert_int_equal(usage.day_minor, 10);
    assert_int_equal(usage.hour_count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fee_is_fixed_and_per_mille_within_its_bounds),
        cmocka_unit_test(the_nearest_rule_counts),
        cmocka_unit_test(what_are_no_rules_is_refused),
        cmocka_unit_test(a_fee_is_held_earned_when_paid_and_given_back_otherwise),
        cmocka_unit_test(hostile_rules_end_with_their_text),
        cmocka_unit_test(a_rule_says_who_pays),
        cmocka_unit_test(what_is_delivered_and_the_fee_are_what_is_held),
        cmocka_unit_test(a_receivers_fee_is_taken_out_of_the_amount_when_it_is_paid),
        cmocka_unit_test(a_receivers_fee_stays_within_its_bounds),
        cmocka_unit_test(a_lot_holds_the_fees_of_its_merchant_only),
        cmocka_unit_test(a_fee_that_leaves_the_receiver_too_little_refuses_the_item),
        cmocka_unit_test(the_same_id_is_known_whatever_its_fee_would_be_now),
        cmocka_unit_test(a_lot_needs_its_fees_too),
        cmocka_unit_test(a_reserve_stays_available),
        cmocka_unit_test(a_merchants_day_and_month_refuse_the_whole_lot),
        cmocka_unit_test(a_receivers_limits_refuse_the_item),
        cmocka_unit_test(a_lot_that_does_not_go_through_counts_nothing),
        cmocka_unit_test(without_limits_nothing_is_counted),
        cmocka_unit_test(months_are_the_calendars),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

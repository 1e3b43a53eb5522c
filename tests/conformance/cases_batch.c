#include <string.h>

#include "conformance.h"

/* What the lane relies on: loading, saving, all or nothing. */

static void an_empty_store_has_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct book book;
    struct fault fault;
    assert_int_equal(fixture->last.value, 0);
    book_open(&book, fixture->arena);
    struct merchant_row *merchant = book_merchant(&book, fixture_merchant(0));
    struct account_row *account = book_account(
        &book, (struct account_key){.kind = ACCOUNT_OUTSIDE, .currency = CURRENCY_XOF});
    struct contact_row *contact = book_contact(&book, fixture_merchant(0), 1);
    struct client_row *client = book_client(&book, fixture_merchant(0), "a");
    struct transfer_row *transfer = book_transfer(&book, (struct transfer_id){1});
    struct lot_row *lot = book_lot(&book, fixture_merchant(0), (struct lot_code){1});
    struct notification_row *notification =
        book_notification(&book, (struct notification_key){{1}, 0, 1});
    struct funding_row *funding = book_funding(&book, fixture_merchant(0), "f");
    assert_int_equal(store_book_load(fixture->store, &book, &fault), FAULT_NONE);
    assert_false(book_wants(&book));
    assert_int_equal(merchant->row.state, ROW_ABSENT);
    assert_int_equal(account->row.state, ROW_ABSENT);
    assert_int_equal(account->balance_minor, 0);
    assert_int_equal(account->loaded_minor, 0);
    assert_int_equal(contact->row.state, ROW_ABSENT);
    assert_int_equal(client->row.state, ROW_ABSENT);
    assert_int_equal(transfer->row.state, ROW_ABSENT);
    assert_int_equal(lot->row.state, ROW_ABSENT);
    assert_int_equal(notification->row.state, ROW_ABSENT);
    assert_int_equal(funding->row.state, ROW_ABSENT);
    assert_int_equal(book.head.last_movement_id, 0);
    store_book_reset(fixture->store, 0);
    assert_int_equal(fixture_audit(fixture), 0);
}

static void fees_limits_and_what_was_sent_last(void **state)
{
    struct fixture *fixture = *state;
    struct fault fault;
    struct book book;
    const struct limits limits = {10000, 20000, 3000, 4000, 5, 60};
    fixture_prepare(fixture, 0, 1000000);
    struct command change = {
        .kind = COMMAND_MERCHANT_CHANGE,
        .merchant_change = {
            .fields = MERCHANT_FIELD_FEES | MERCHANT_FIELD_DAY | MERCHANT_FIELD_MONTH |
                      MERCHANT_FIELD_RECEIVER_DAY | MERCHANT_FIELD_RECEIVER_MONTH |
                      MERCHANT_FIELD_RECEIVER_HOUR | MERCHANT_FIELD_RESERVE,
            .merchant = {.id = fixture_merchant(0), .fees = "*:0:7:0:0:0", .limits = limits}}};
    assert_int_equal(fixture_commit(fixture, &change), PAYOUT_OK);
    struct lot_code code = fixture_send(fixture, 0, 3, "c", true);
    (void)fixture_send(fixture, 0, 1, "d", true); /* What is counted is counted on. */
    struct lot *lot = fixture_lot_read(fixture, 0, code);
    assert_int_equal(lot->total_minor[CURRENCY_XOF], 303);
    assert_int_equal(lot->fee_minor[CURRENCY_XOF], 21);
    assert_int_equal(fixture_transfer(fixture, lot->first)->fee_minor, 7);
    book_open(&book, fixture->arena);
    struct merchant_row *merchant = book_merchant(&book, fixture_merchant(0));
    struct usage_row *all = book_usage(&book, fixture_merchant(0), 0, CURRENCY_XOF);
    struct usage_row *one = book_usage(&book, fixture_merchant(0), fixture_msisdn(0), CURRENCY_XOF);
    struct usage_row *other = book_usage(&book, fixture_merchant(0), 0, CURRENCY_XAF);
    assert_int_equal(store_book_load(fixture->store, &book, &fault), FAULT_NONE);
    assert_string_equal(merchant->merchant.fees, "*:0:7:0:0:0");
    assert_memory_equal(&merchant->merchant.limits, &limits, sizeof limits);
    assert_int_equal(all->row.state, ROW_STORED);
    assert_int_equal(all->usage.day_minor, 403);
    assert_int_equal(all->usage.month_minor, 403);
    assert_int_equal(one->usage.day_minor, 200);
    assert_int_equal(one->usage.hour_count, 2);
    assert_int_equal(one->usage.hour, FIXTURE_AT_MS / 3600000);
    assert_int_equal(one->usage.month, month_of(FIXTURE_AT_MS));
    assert_int_equal(other->row.state, ROW_ABSENT);
    store_book_reset(fixture->store, 0);
    fixture_claim(fixture, lot->first);
    assert_int_equal(fixture_outcome(fixture, lot->first, VERDICT_PAID), OUTCOME_APPLIED);
    assert_int_equal(fixture_audit(fixture), 4);
    assert_non_null(strstr(fixture_dump(fixture), " fee "));
}

static void what_keeps_the_doors_is_kept(void **state)
{
    struct fixture *fixture = *state;
    const struct merchant doors = {.id = fixture_merchant(0),
                                   .confirm_mail = "awa@example.org ibrahim@example.org",
                                   .approve_above_minor = 500000,
                                   .api_ip_list = "2001:db8::/32",
                                   .calls_per_minute = 30,
                                   .password_before = "$argon2id$of before",
                                   .password_before_until_ms = FIXTURE_AT_MS + 1,
                                   .secret_before = "whsec_of before",
                                   .secret_before_until_ms = FIXTURE_AT_MS + 2};
    struct command change = {
        .kind = COMMAND_MERCHANT_CHANGE,
        .merchant_change = {.fields = MERCHANT_FIELD_CONFIRM_MAIL | MERCHANT_FIELD_APPROVE_ABOVE |
                                      MERCHANT_FIELD_API_IP_LIST | MERCHANT_FIELD_CALLS_PER_MINUTE |
                                      MERCHANT_FIELD_PASSWORD_BEFORE | MERCHANT_FIELD_SECRET_BEFORE,
                            .merchant = doors}};
    fixture_prepare(fixture, 0, 1000);
    assert_int_equal(fixture_commit(fixture, &change), PAYOUT_OK);
    struct merchant *kept;
    struct fault fault;
    assert_int_equal(store_read_merchant(fixture->reader, fixture->arena, doors.id, &kept, &fault),
                     FAULT_NONE);
    assert_string_equal(kept->confirm_mail, doors.confirm_mail);
    assert_int_equal(kept->approve_above_minor, doors.approve_above_minor);
    assert_string_equal(kept->api_ip_list, doors.api_ip_list);
    assert_int_equal(kept->calls_per_minute, doors.calls_per_minute);
    assert_string_equal(kept->password_before, doors.password_before);
    assert_int_equal(kept->password_before_until_ms, doors.password_before_until_ms);
    assert_string_equal(kept->secret_before, doors.secret_before);
    assert_int_equal(kept->secret_before_until_ms, doors.secret_before_until_ms);
}

static void who_pays_a_fee_is_kept(void **state)
{
    struct fixture *fixture = *state;
    fixture_prepare(fixture, 0, 1000000);
    struct command change = {.kind = COMMAND_MERCHANT_CHANGE,
                             .merchant_change = {.fields = MERCHANT_FIELD_FEES,
                                                 .merchant = {.id = fixture_merchant(0),
                                                              .fees = "*:0:7:0:0:0:receiver"}}};
    assert_int_equal(fixture_commit(fixture, &change), PAYOUT_OK);
    struct command send = fixture_lot(fixture, 0, 2, "c", true);
    for (size_t i = 0; i < 2; i++)
        send.lot_send.items[i].amount.minor += 200; /* Something has to be left. */
    assert_int_equal(fixture_commit(fixture, &send), PAYOUT_OK);
    const struct lot *lot = fixture_lot_read(fixture, 0, send.lot_send.lot);
    struct transfer_id paid = lot->first, rejected = {lot->first.value + 1};
    assert_int_equal(lot->fee_minor[CURRENCY_XOF], 0);
    fixture_claim(fixture, paid);
    assert_int_equal(fixture_outcome(fixture, paid, VERDICT_PAID), OUTCOME_APPLIED);
    fixture_claim(fixture, rejected);
    assert_int_equal(fixture_outcome(fixture, rejected, VERDICT_REJECTED), OUTCOME_APPLIED);
    for (int i = 0; i < 2; i++) {
        const struct transfer *transfer = fixture_transfer(fixture, i == 0 ? paid : rejected);
        assert_int_equal(transfer->payer, FEE_PAYER_RECEIVER);
        assert_int_equal(transfer->fee_minor, 7);
        assert_int_equal(transfer_delivered(transfer).minor, transfer->amount.minor - 7);
        assert_int_equal(transfer_held_minor(transfer), transfer->amount.minor);
    }
    assert_non_null(strstr(fixture_dump(fixture), " fee "));
}

static void a_book_loads_what_was_saved(void **state)
{
    struct fixture *fixture = *state;
    fixture_prepare(fixture, 0, 1000000);
    struct lot_code code = fixture_send(fixture, 0, 3, "c", true);
    struct fault fault;
    struct book book;
    book_open(&book, fixture->arena);
    struct merchant_row *merchant = book_merchant(&book, fixture_merchant(0));
    struct account_key held = {
        .merchant = fixture_merchant(0), .kind = ACCOUNT_HELD, .currency = CURRENCY_XOF};
    struct account_row *account = book_account(&book, held);
    struct contact_row *contact = book_contact(&book, fixture_merchant(0), fixture_msisdn(5));
    struct client_row *client = book_client(&book, fixture_merchant(0), "c-1");
    struct client_row *other = book_client(&book, fixture_merchant(1), "c-1");
    struct lot_row *lot = book_lot(&book, fixture_merchant(0), code);
    struct funding_row *funding = book_funding(&book, fixture_merchant(0), "first");
    assert_int_equal(store_book_load(fixture->store, &book, &fault), FAULT_NONE);
    assert_int_equal(merchant->row.state, ROW_STORED);
    assert_string_equal(merchant->merchant.name, "Société 0");
    assert_string_equal(merchant->merchant.ip_list, "192.0.2.0/24");
    assert_true(merchant->merchant.flat_reply);
    assert_int_equal(merchant->merchant.last_lot.value, code.value);
    assert_int_equal(account->row.state, ROW_STORED);
    assert_int_equal(account->balance_minor, 303);
    assert_int_equal(account->loaded_minor, 303);
    assert_int_equal(contact->row.state, ROW_STORED);
    assert_string_equal(contact->contact.surname, "Aÿa");
    assert_string_equal(contact->contact.phone, "07 00 00");
    assert_string_equal(contact->contact.email, "");
    assert_int_equal(client->row.state, ROW_STORED);
    assert_int_equal(other->row.state, ROW_ABSENT); /* The same id of another merchant. */
    assert_int_equal(lot->row.state, ROW_STORED);
    assert_int_equal(lot->lot.count, 3);
    assert_int_equal(lot->lot.total_minor[CURRENCY_XOF], 303);
    assert_int_equal(client->transfer.value, lot->lot.first.value + 1);
    assert_int_equal(funding->row.state, ROW_STORED);
    assert_int_equal(funding->funding.amount.minor, 1000000);
    assert_int_equal(funding->funding.kind, MOVEMENT_TOP_UP);
    /* The top-up, and one hold for the lot. */
    assert_int_equal(book.head.last_movement_id, fixture_row_id(fixture, 2));
    store_book_reset(fixture->store, 0);
}

static void a_book_loads_in_rounds(void **state)
{
    struct fixture *fixture = *state;
    fixture_prepare(fixture, 0, 1000000);
    struct lot_code code = fixture_send(fixture, 0, 2, "c", true);
    struct fault fault;
    struct book book;
    book_open(&book, fixture->arena);
    struct lot_row *lot = book_lot(&book, fixture_merchant(0), code);
    assert_int_equal(store_book_load(fixture->store, &book, &fault), FAULT_NONE);
    lot->lot.count = 77; /* A second round must leave alone what the first one loaded. */
    struct transfer_row *transfer = book_transfer(&book, lot->lot.first);
    assert_int_equal(store_book_load(fixture->store, &book, &fault), FAULT_NONE);
    assert_int_equal(transfer->row.state, ROW_STORED);
    assert_string_equal(transfer->transfer.client_id, "c-0");
    assert_int_equal(lot->lot.count, 77);
    store_book_reset(fixture->store, 0);
}

static void a_transfer_without_a_client_id_has_none(void **state)
{
    struct fixture *fixture = *state;
    fixture_prepare(fixture, 0, 1000000);
    struct lot_code code = fixture_send(fixture, 0, 3, NULL, true); /* Three of them don't clash. */
    struct lot *lot = fixture_lot_read(fixture, 0, code);
    assert_null(fixture_transfer(fixture, lot->first)->client_id);
    assert_int_equal(fixture_audit(fixture), 3);
}

static void a_change_is_saved_and_nothing_else(void **state)
{
    struct fixture *fixture = *state;
    fixture_prepare(fixture, 0, 1000000);
    struct lot_code code = fixture_send(fixture, 0, 2, "c", true);
    struct transfer_id id = fixture_lot_read(fixture, 0, code)->first;
    const struct transfer *before = fixture_transfer(fixture, id);
    const struct transfer *beside = fixture_transfer(fixture, (struct transfer_id){id.value + 1});
    fixture->now_ms += 1000;
    fixture_claim(fixture, id);
    fixture->now_ms += 1000;
    assert_int_equal(fixture_outcome(fixture, id, VERDICT_PAID), OUTCOME_APPLIED);
    const struct transfer *after = fixture_transfer(fixture, id);
    assert_int_equal(before->state, TRANSFER_NEW);
    assert_int_equal(after->state, TRANSFER_VAL);
    assert_int_equal(after->step, STEP_NONE);
    assert_int_equal(after->attempts, 1);
    assert_int_equal(after->notifications, 2);
    assert_int_equal(after->submitted_at_ms, fixture->now_ms - 1000);
    assert_int_equal(after->validated_at_ms, fixture->now_ms);
    assert_int_equal(after->created_at_ms, before->created_at_ms);
    assert_string_equal(after->operator_reference, "OP.77");
    assert_string_equal(after->client_id, "c-0");
    assert_string_equal(after->phone, before->phone);
    const struct transfer *still = fixture_transfer(fixture, beside->id);
    assert_int_equal(still->state, TRANSFER_NEW);
    assert_int_equal(still->due_at_ms, beside->due_at_ms);
    assert_int_equal(fixture_audit(fixture), 2);
}

static void a_merchants_settings_change(void **state)
{
    struct fixture *fixture = *state;
    fixture_prepare(fixture, 0, 1000);
    fixture_prepare(fixture, 1, 1000);
    struct command change = {.kind = COMMAND_MERCHANT_CHANGE,
                             .merchant_change = {.fields = MERCHANT_FIELD_SUSPENDED |
                                                           MERCHANT_FIELD_NAME |
                                                           MERCHANT_FIELD_LANG,
                                                 .merchant = {.id = fixture_merchant(0),
                                                              .name = "Renamed",
                                                              .suspended = true,
                                                              .lang = MERCHANT_LANG_FR}}};
    assert_int_equal(fixture_commit(fixture, &change), PAYOUT_OK);
    struct merchant *changed, *other;
    struct fault fault;
    assert_int_equal(
        store_read_merchant(fixture->reader, fixture->arena, fixture_merchant(0), &changed, &fault),
        FAULT_NONE);
    assert_int_equal(
        store_read_merchant(fixture->reader, fixture->arena, fixture_merchant(1), &other, &fault),
        FAULT_NONE);
    assert_true(changed->suspended);
    assert_string_equal(changed->name, "Renamed");
    assert_int_equal(changed->lang, MERCHANT_LANG_FR);
    assert_string_equal(changed->apikey, "apikey-0");
    assert_string_equal(changed->secret_key, "secret");
    assert_int_equal(changed->created_at_ms, FIXTURE_AT_MS);
    assert_false(other->suspended);
    assert_string_equal(other->name, "Société 1");
}

static void many_commands_are_one_batch(void **state)
{
    struct fixture *fixture = *state;
    struct fault fault;
    fixture_prepare(fixture, 0, 1000000);
    struct command commands[] = {
        fixture_lot(fixture, 0, 10, "a", true),
        fixture_lot(fixture, 0, 10, "b", false),
        fixture_lot(fixture, 0, 10, "a", true), /* All known by then. */
        fixture_fund(0, 5, "second"),
    };
    assert_int_equal(fixture_try(fixture, commands, 4, &fault), FAULT_NONE);
    assert_int_equal(commands[0].code, PAYOUT_OK);
    assert_int_equal(commands[1].code, PAYOUT_OK);
    assert_int_equal(commands[2].code, PAYOUT_CLIENT_ID_EXISTS);
    assert_int_equal(commands[3].code, PAYOUT_OK);
    assert_int_equal(fixture_audit(fixture), 20);
}

static void a_client_id_is_known_in_later_batches(void **state)
{
    struct fixture *fixture = *state;
    fixture_prepare(fixture, 0, 1000000);
    fixture_prepare(fixture, 1, 1000000);
    struct lot_code code = fixture_send(fixture, 0, 2, "same", true);
    struct lot *lot = fixture_lot_read(fixture, 0, code);
    struct command again = fixture_lot(fixture, 0, 2, "same", true);
    assert_int_equal(fixture_commit(fixture, &again), PAYOUT_CLIENT_ID_EXISTS);
    assert_int_equal(again.lot_send.items[1].transfer.value, lot->first.value + 1);
    assert_int_equal(again.lot_send.items[1].lot.value, code.value);
    (void)fixture_send(fixture, 1, 2, "same", true); /* Ids are each merchant's own. */
    assert_int_equal(fixture_audit(fixture), 4);
}

static void a_funding_is_known_in_later_batches(void **state)
{
    struct fixture *fixture = *state;
    fixture_prepare(fixture, 0, 1000);
    struct command again = fixture_fund(0, 1000, "first");
    assert_int_equal(fixture_commit(fixture, &again), PAYOUT_OK);
    assert_true(again.fund.again);
    struct command other = fixture_fund(0, 2000, "first");
    assert_int_equal(fixture_commit(fixture, &other), PAYOUT_CLIENT_ID_EXISTS);
}

static void a_reset_leaves_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct fault fault;
    struct book book;
    fixture_prepare(fixture, 0, 1000000);
    const char *before = fixture_dump(fixture);
    struct command lot = fixture_lot(fixture, 0, 5, "c", true);
    assert_int_equal(fixture_decide(fixture, &book, &lot, 1, &fault), FAULT_NONE);
    assert_int_equal(lot.code, PAYOUT_OK);
    store_book_reset(fixture->store, 0);
    assert_string_equal(fixture_dump(fixture), before);
    store_book_reset(fixture->store, 0); /* Once more does no harm. */
    (void)fixture_send(fixture, 0, 5, "c", true);
    assert_int_equal(fixture_audit(fixture), 5);
}

static void only_the_last_batch_is_known(void **state)
{
    struct fixture *fixture = *state;
    struct fault fault;
    uint8_t first[STORE_BATCH_KEY_BYTES];
    bool known = true;
    assert_int_equal(store_batch_known(fixture->store, 0, fixture->batch_key, &known, &fault),
                     FAULT_NONE);
    assert_false(known);
    fixture_prepare(fixture, 0, 1000);
    memcpy(first, fixture->batch_key, sizeof first);
    assert_int_equal(store_batch_known(fixture->store, 0, first, &known, &fault), FAULT_NONE);
    assert_true(known);
    struct command fund = fixture_fund(0, 5, "second");
    assert_int_equal(fixture_commit(fixture, &fund), PAYOUT_OK);
    assert_int_equal(store_batch_known(fixture->store, 0, first, &known, &fault), FAULT_NONE);
    assert_false(known);
    assert_int_equal(store_batch_known(fixture->store, 0, fixture->batch_key, &known, &fault),
                     FAULT_NONE);
    assert_true(known);
}

static void the_last_transfer_is_the_greatest(void **state)
{
    struct fixture *fixture = *state;
    struct fault fault;
    fixture_prepare(fixture, 0, 1000000);
    for (int i = 0; i < 3; i++) {
        struct book book;
        fixture->now_ms += 5000;
        struct lot_code code = fixture_send(fixture, 0, 4, NULL, true);
        struct lot *lot = fixture_lot_read(fixture, 0, code);
        book_open(&book, fixture->arena);
        assert_int_equal(store_book_load(fixture->store, &book, &fault), FAULT_NONE);
        assert_int_equal(book.last_transfer.value, lot->first.value + 3);
        store_book_reset(fixture->store, 0);
    }
}

static void readers_see_what_is_committed_only(void **state)
{
    struct fixture *fixture = *state;
    struct fault fault;
    struct book book;
    fixture_prepare(fixture, 0, 1000000);
    struct command lot = fixture_lot(fixture, 0, 5, "c", true);
    assert_int_equal(fixture_decide(fixture, &book, &lot, 1, &fault), FAULT_NONE);
    assert_int_equal(fixture_audit(fixture), 0); /* While the batch is open. */
    fixture->batch_key[0]++;
    assert_int_equal(store_book_save(fixture->store, &book, fixture->batch_key, &fault),
                     FAULT_NONE);
    assert_int_equal(fixture_audit(fixture), 5);
}

const struct CMUnitTest batch_cases[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
    CASE(an_empty_store_has_nothing),
    CASE(a_book_loads_what_was_saved),
    CASE(fees_limits_and_what_was_sent_last),
    CASE(what_keeps_the_doors_is_kept),
    CASE(who_pays_a_fee_is_kept),
    CASE(a_book_loads_in_rounds),
    CASE(a_transfer_without_a_client_id_has_none),
    CASE(a_change_is_saved_and_nothing_else),
    CASE(a_merchants_settings_change),
    CASE(many_commands_are_one_batch),
    CASE(a_client_id_is_known_in_later_batches),
    CASE(a_funding_is_known_in_later_batches),
    CASE(a_reset_leaves_nothing),
    CASE(only_the_last_batch_is_known),
    CASE(the_last_transfer_is_the_greatest),
    CASE(readers_see_what_is_committed_only),
};
const size_t batch_case_count = sizeof batch_cases / sizeof *batch_cases;

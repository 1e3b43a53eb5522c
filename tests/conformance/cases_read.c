#include <string.h>

#include "conformance.h"

/* What the listener, the command line and the audit read. */

static void merchants_are_found_by_id_and_by_apikey(void **state)
{
    struct fixture *fixture = *state;
    struct merchant *merchant;
    struct fault fault;
    fixture_prepare(fixture, 0, 1000);
    fixture_prepare(fixture, 1, 1000);
    assert_int_equal(store_read_merchant_by_apikey(fixture->reader, fixture->arena, "apikey-1",
                                                   &merchant, &fault),
                     FAULT_NONE);
    assert_non_null(merchant);
    assert_int_equal(merchant->id.value, fixture_merchant(1).value);
    assert_string_equal(merchant->password_hash, "$argon2id$");
    assert_int_equal(merchant->currency, CURRENCY_XOF);
    assert_int_equal(merchant->lot_expiry_ms, MERCHANT_LOT_EXPIRY_MS_DEFAULT);
    assert_string_equal(merchant->notify_url, "https://shop.example.ci/notify");
    assert_false(merchant->suspended);
    assert_false(merchant->all_or_nothing);
    assert_false(merchant->token_query_only);
    assert_int_equal(
        store_read_merchant_by_apikey(fixture->reader, fixture->arena, "apikey", &merchant, &fault),
        FAULT_NONE);
    assert_null(merchant);
    assert_int_equal(store_read_merchant(fixture->reader, fixture->arena, fixture_merchant(2),
                                         &merchant, &fault),
                     FAULT_NONE);
    assert_null(merchant);
}

static void merchants_are_listed_page_by_page(void **state)
{
    struct fixture *fixture = *state;
    struct merchant *page;
    struct fault fault;
    size_t count, all = 0;
    for (int n = 0; n < 5; n++)
        fixture_prepare(fixture, n, 1000);
    for (struct merchant_id after = {0};; after = page[count - 1].id) {
        assert_int_equal(
            store_read_merchants(fixture->reader, fixture->arena, after, 2, &page, &count, &fault),
            FAULT_NONE);
        assert_true(count <= 2);
        if (count == 0)
            break;
        for (size_t i = 0; i < count; i++)
            assert_int_equal(page[i].id.value, fixture_merchant((int)all++).value);
    }
    assert_int_equal(all, 5);
}

static void accounts_are_their_owners_only(void **state)
{
    struct fixture *fixture = *state;
    struct account_balance *accounts;
    struct fault fault;
    size_t count;
    fixture_prepare(fixture, 0, 1000);
    fixture_prepare(fixture, 1, 500000);
    (void)fixture_send(fixture, 1, 2, "c", true);
    assert_int_equal(store_read_accounts(fixture->reader, fixture->arena, fixture_merchant(0),
                                         &accounts, &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 1);
    assert_int_equal(accounts[0].key.kind, ACCOUNT_AVAILABLE);
    assert_int_equal(accounts[0].key.merchant.value, fixture_merchant(0).value);
    assert_int_equal(accounts[0].balance_minor, 1000);
    assert_int_equal(store_read_accounts(fixture->reader, fixture->arena, fixture_merchant(1),
                                         &accounts, &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 2);
    assert_int_equal(accounts[0].balance_minor, 500000 - 201);
    assert_int_equal(accounts[1].key.kind, ACCOUNT_HELD);
    assert_int_equal(accounts[1].balance_minor, 201);
    assert_int_equal(store_read_accounts(fixture->reader, fixture->arena, (struct merchant_id){0},
                                         &accounts, &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 1); /* The platform's: what came in from outside. */
    assert_int_equal(accounts[0].key.kind, ACCOUNT_OUTSIDE);
    assert_int_equal(accounts[0].balance_minor, -501000);
    assert_int_equal(store_read_accounts(fixture->reader, fixture->arena, fixture_merchant(7),
                                         &accounts, &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 0);
}

static void transfers_are_found_by_id_and_by_client_id(void **state)
{
    struct fixture *fixture = *state;
    struct transfer *transfer;
    struct fault fault;
    fixture_prepare(fixture, 0, 1000000);
    struct lot_code code = fixture_send(fixture, 0, 3, "c", false);
    assert_int_equal(store_read_transfer_by_client_id(fixture->reader, fixture->arena,
                                                      fixture_merchant(0), "c-2", &transfer,
                                                      &fault),
                     FAULT_NONE);
    assert_non_null(transfer);
    assert_int_equal(transfer->id.value, fixture_lot_read(fixture, 0, code)->first.value + 2);
    assert_int_equal(transfer->lot.value, code.value);
    assert_int_equal(transfer->merchant.value, fixture_merchant(0).value);
    assert_string_equal(transfer->client_id, "c-2");
    assert_string_equal(transfer->prefix, "225");
    assert_string_equal(transfer->phone, "07 00 00");
    assert_int_equal(transfer->msisdn, fixture_msisdn(2));
    assert_int_equal(transfer->operator_number, 3);
    assert_int_equal(transfer->amount.minor, 102);
    assert_int_equal(transfer->amount.currency, CURRENCY_XOF);
    assert_string_equal(transfer->notify_url, "https://shop.example.ci/notify");
    assert_false(transfer->confirmed);
    assert_int_equal(transfer->state, TRANSFER_NEW);
    assert_string_equal(transfer->operator_reference, "");
    assert_int_equal(transfer->created_at_ms, FIXTURE_AT_MS);
    static const char *const others[] = {"c-3", "C-2", "c", ""};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_int_equal(store_read_transfer_by_client_id(fixture->reader, fixture->arena,
                                                          fixture_merchant(0), others[i], &transfer,
                                                          &fault),
                         FAULT_NONE);
        assert_null(transfer);
    }
    assert_int_equal(store_read_transfer(fixture->reader, fixture->arena, (struct transfer_id){1},
                                         &transfer, &fault),
                     FAULT_NONE);
    assert_null(transfer);
}

static void a_lots_transfers_come_in_order(void **state)
{
    struct fixture *fixture = *state;
    struct transfer *transfers;
    struct fault fault;
    size_t found;
    fixture_prepare(fixture, 0, 1000000);
    (void)fixture_send(fixture, 0, 10, "a", true);
    struct lot_code code = fixture_send(fixture, 0, 100, "b", true);
    (void)fixture_send(fixture, 0, 10, "c", true);
    struct lot *lot = fixture_lot_read(fixture, 0, code);
    assert_int_equal(lot->count, 100);
    assert_int_equal(lot->state, LOT_CONFIRMED);
    assert_int_equal(lot->decided_at_ms, FIXTURE_AT_MS);
    assert_string_equal(lot->source, "192.0.2.1");
    assert_int_equal(store_read_transfers(fixture->reader, fixture->arena, lot->first, lot->count,
                                          &transfers, &found, &fault),
                     FAULT_NONE);
    assert_int_equal(found, 100);
    for (size_t i = 0; i < found; i++) {
        assert_int_equal(transfers[i].id.value, lot->first.value + (int64_t)i);
        assert_int_equal(transfers[i].lot.value, code.value);
    }
    assert_int_equal(store_read_transfers(fixture->reader, fixture->arena,
                                          (struct transfer_id){lot->first.value + 98}, 1,
                                          &transfers, &found, &fault),
                     FAULT_NONE);
    assert_int_equal(found, 1);
    assert_string_equal(transfers[0].client_id, "b-98");
}

static void a_periods_transfers_come_page_by_page(void **state)
{
    struct fixture *fixture = *state;
    struct transfer *transfers;
    struct fault fault;
    size_t found;
    fixture_prepare(fixture, 0, 1000000);
    struct lot *lot = fixture_lot_read(fixture, 0, fixture_send(fixture, 0, 100, "a", true));
    struct transfer_id after = {lot->first.value - 1}, before = {lot->first.value + 99};
    int64_t seen = 0;
    do {
        assert_int_equal(store_read_transfers_after(fixture->reader, fixture->arena, after, before,
                                                    30, &transfers, &found, &fault),
                         FAULT_NONE);
        assert_int_equal(found, seen < 90 ? 30 : 9); /* The last one is not before `before`. */
        for (size_t i = 0; i < found; i++)
            assert_int_equal(transfers[i].id.value, lot->first.value + seen++);
        after = transfers[found - 1].id;
    } while (seen < 99);
    assert_int_equal(store_read_transfers_after(fixture->reader, fixture->arena, after, before, 30,
                                                &transfers, &found, &fault),
                     FAULT_NONE);
    assert_int_equal(found, 0);
}

static void a_contact_is_its_merchants_own(void **state)
{
    struct fixture *fixture = *state;
    struct contact *contact;
    struct fault fault;
    fixture_prepare(fixture, 0, 1000000);
    assert_int_equal(store_read_contact(fixture->reader, fixture->arena, fixture_merchant(0),
                                        fixture_msisdn(5), &contact, &fault),
                     FAULT_NONE);
    assert_non_null(contact);
    assert_string_equal(contact->surname, "Aÿa");
    assert_string_equal(contact->phone, "07 00 00");
    assert_int_equal(store_read_contact(fixture->reader, fixture->arena, fixture_merchant(1),
                                        fixture_msisdn(5), &contact, &fault),
                     FAULT_NONE);
    assert_null(contact);
    assert_int_equal(store_read_contact(fixture->reader, fixture->arena, fixture_merchant(0), 1,
                                        &contact, &fault),
                     FAULT_NONE);
    assert_null(contact);
}

static void a_lot_is_its_merchants_own(void **state)
{
    struct fixture *fixture = *state;
    struct lot *lot;
    struct fault fault;
    fixture_prepare(fixture, 0, 1000000);
    fixture_prepare(fixture, 1, 1000000);
    struct lot_code code = fixture_send(fixture, 0, 1, "a", true);
    struct lot_code other = fixture_send(fixture, 1, 2, "a", false);
    assert_int_equal(fixture_lot_read(fixture, 0, code)->count, 1);
    assert_int_equal(fixture_lot_read(fixture, 1, other)->count, 2);
    assert_int_equal(
        store_read_lot(fixture->reader, fixture->arena, fixture_merchant(2), code, &lot, &fault),
        FAULT_NONE);
    assert_null(lot);
}

static void waiting_lots_come_newest_first(void **state)
{
    struct fixture *fixture = *state;
    struct lot *lots;
    struct lot_code codes[4];
    struct fault fault;
    size_t count;
    fixture_prepare(fixture, 0, 1000000);
    fixture_prepare(fixture, 1, 1000000);
    for (int i = 0; i < 4; i++) {
        fixture->now_ms += 2000;
        codes[i] = fixture_send(fixture, i % 2, 1, NULL, false);
    }
    fixture->now_ms += 2000;
    (void)fixture_send(fixture, 0, 1, NULL, true); /* Confirmed: it does not wait. */
    assert_int_equal(store_read_waiting_lots(fixture->reader, fixture->arena,
                                             (struct merchant_id){0}, 3, &lots, &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(lots[i].code.value, codes[3 - i].value);
    assert_int_equal(store_read_waiting_lots(fixture->reader, fixture->arena, fixture_merchant(1),
                                             10, &lots, &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 2);
    assert_int_equal(lots[0].code.value, codes[3].value);
    assert_int_equal(lots[1].code.value, codes[1].value);
    struct command confirm = {.kind = COMMAND_LOT_DECIDE,
                              .lot_decide = {.merchant = fixture_merchant(1),
                                             .lot = codes[3],
                                             .to = LOT_CONFIRMED,
                                             .person = "Awa"}};
    assert_int_equal(fixture_commit(fixture, &confirm), PAYOUT_OK);
    assert_int_equal(store_read_waiting_lots(fixture->reader, fixture->arena, fixture_merchant(1),
                                             10, &lots, &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 1);
}

static void a_transfers_delivery_log_is_whole(void **state)
{
    struct fixture *fixture = *state;
    struct notification *notifications;
    struct delivery *deliveries;
    size_t notification_count, delivery_count;
    struct fault fault;
    fixture_prepare(fixture, 0, 1000000);
    struct lot_code code = fixture_send(fixture, 0, 2, "c", true);
    struct transfer_id id = fixture_lot_read(fixture, 0, code)->first;
    fixture_claim(fixture, id);
    assert_int_equal(fixture_outcome(fixture, id, VERDICT_PAID), OUTCOME_APPLIED);
    fixture_deliver(fixture, id, 1, false, fixture->now_ms + 1000);
    fixture_deliver(fixture, id, 1, true, 0);
    fixture_deliver(fixture, id, 2, false, 0);
    assert_int_equal(store_read_notifications(fixture->reader, fixture->arena, id, &notifications,
                                              &notification_count, &deliveries, &delivery_count,
                                              &fault),
                     FAULT_NONE);
    assert_int_equal(notification_count, 2);
    assert_int_equal(notifications[0].key.number, 1);
    assert_int_equal(notifications[0].state, NOTIFICATION_DELIVERED);
    assert_int_equal(notifications[0].transfer_state, TRANSFER_REC);
    assert_int_equal(notifications[0].attempts, 2);
    assert_string_equal(notifications[0].operator_reference, "");
    assert_int_equal(notifications[1].state, NOTIFICATION_DEAD);
    assert_int_equal(notifications[1].transfer_state, TRANSFER_VAL);
    assert_int_equal(notifications[1].validated_at_ms, fixture->now_ms);
    assert_string_equal(notifications[1].operator_reference, "OP.77");
    assert_true(notifications[1].confirmed);
    assert_int_equal(delivery_count, 3);
    assert_int_equal(deliveries[0].key.number, 1);
    assert_int_equal(deliveries[0].attempt, 1);
    assert_int_equal(deliveries[0].http_status, 0);
    assert_string_equal(deliveries[0].error, "it did not answer");
    assert_int_equal(deliveries[1].attempt, 2);
    assert_int_equal(deliveries[1].http_status, 200);
    assert_int_equal(deliveries[1].duration_ms, 12);
    assert_int_equal(deliveries[2].key.number, 2);
    id.value++;
    assert_int_equal(store_read_notifications(fixture->reader, fixture->arena, id, &notifications,
                                              &notification_count, &deliveries, &delivery_count,
                                              &fault),
                     FAULT_NONE);
    assert_int_equal(notification_count + delivery_count, 0);
}

struct seen {
    int movements, heads, accounts, transfers, lots, stop_after;
};
static bool seen_go_on(struct seen *seen)
{
    return seen->movements + seen->heads + seen->accounts + seen->transfers + seen->lots !=
           seen->stop_after;
}
#define SEEN(name, type)                                                                           \
    static bool see_##name(void *context, const type *row)                                         \
    {                                                                                              \
        (void)row;                                                                                 \
        ((struct seen *)context)->name##s++;                                                       \
        return seen_go_on(context);                                                                \
    }
SEEN(movement, struct movement)
SEEN(head, struct ledger_head)
SEEN(account, struct account_balance)
SEEN(transfer, struct transfer)
SEEN(lot, struct lot)

static void an_audit_stops_when_told(void **state)
{
    struct fixture *fixture = *state;
    struct fault fault;
    fixture_prepare(fixture, 0, 1000000);
    (void)fixture_send(fixture, 0, 3, "c", true);
    struct seen seen;
    struct store_audit audit = {.context = &seen,
                                .movement = see_movement,
                                .head = see_head,
                                .account = see_account,
                                .transfer = see_transfer,
                                .lot = see_lot};
    /* 2 movements, 2 heads, 3 accounts, 3 transfers, 1 lot. */
    for (int stop = 1; stop <= 12; stop++) {
        seen = (struct seen){.stop_after = stop};
        assert_int_equal(store_audit(fixture->reader, &audit, &fault), FAULT_NONE);
        int all = seen.movements + seen.heads + seen.accounts + seen.transfers + seen.lots;
        assert_int_equal(all, stop < 11 ? stop : 11);
    }
    assert_int_equal(seen.accounts, 3);
    assert_int_equal(seen.heads, 2);
    const struct store_audit lots_only = {.context = &seen, .lot = see_lot};
    seen = (struct seen){0};
    seen.stop_after = -1;
    assert_int_equal(store_audit(fixture->reader, &lots_only, &fault), FAULT_NONE);
    assert_int_equal(seen.lots, 1);
}

static void it_says_that_it_is_alive(void **state)
{
    struct fixture *fixture = *state;
    struct fault fault;
    assert_int_equal(store_read_alive(fixture->reader, &fault), FAULT_NONE);
}

const struct CMUnitTest read_cases[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
    CASE(merchants_are_found_by_id_and_by_apikey),
    CASE(merchants_are_listed_page_by_page),
    CASE(accounts_are_their_owners_only),
    CASE(transfers_are_found_by_id_and_by_client_id),
    CASE(a_lots_transfers_come_in_order),
    CASE(a_periods_transfers_come_page_by_page),
    CASE(a_contact_is_its_merchants_own),
    CASE(a_lot_is_its_merchants_own),
    CASE(waiting_lots_come_newest_first),
    CASE(a_transfers_delivery_log_is_whole),
    CASE(an_audit_stops_when_told),
    CASE(it_says_that_it_is_alive),
};
const size_t read_case_count = sizeof read_cases / sizeof *read_cases;

#include "conformance.h"

#include <string.h>

/* What the workers read: what is due, in which order, and what metrics show. */

static void due_transfers_come_longest_due_first(void **state)
{
    struct fixture *fixture = *state;
    struct transfer *due;
    struct fault fault;
    size_t count;
    fixture_prepare(fixture, 0, 1000000);
    (void)fixture_send(fixture, 0, 3, "waiting", false); /* Not confirmed: nothing to do. */
    struct lot_code code = fixture_send(fixture, 0, 4, "c", true);
    struct transfer_id first = fixture_lot_read(fixture, 0, code)->first;
    fixture_claim(fixture, first); /* Its lease runs out later. */
    fixture_claim(fixture, (struct transfer_id){first.value + 2});
    assert_int_equal(
        fixture_outcome(fixture, (struct transfer_id){first.value + 2}, VERDICT_PENDING),
        OUTCOME_APPLIED); /* To be asked about in 5 s. */
    assert_int_equal(store_read_due_transfers(fixture->reader, fixture->arena, FIXTURE_AT_MS - 1,
                                              10, &due, &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 0);
    assert_int_equal(store_read_due_transfers(fixture->reader, fixture->arena, FIXTURE_AT_MS, 10,
                                              &due, &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 2);
    assert_int_equal(store_read_due_transfers(fixture->reader, fixture->arena,
                                              FIXTURE_AT_MS + 60000, 10, &due, &count, &fault),
                     FAULT_NONE);
    static const int64_t order[] = {1, 3, 2, 0};
    assert_int_equal(count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(due[i].id.value, first.value + order[i]);
    assert_int_equal(due[3].step, STEP_ASK);
    assert_int_equal(due[3].due_at_ms, FIXTURE_AT_MS + 60000);
    assert_int_equal(store_read_due_transfers(fixture->reader, fixture->arena,
                                              FIXTURE_AT_MS + 60000, 3, &due, &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 3);
    assert_int_equal(due[2].id.value, first.value + 2);
}

static void a_final_transfer_is_never_due(void **state)
{
    struct fixture *fixture = *state;
    struct transfer *due;
    struct fault fault;
    size_t count;
    fixture_prepare(fixture, 0, 1000000);
    struct lot_code code = fixture_send(fixture, 0, 2, "c", true);
    struct transfer_id id = fixture_lot_read(fixture, 0, code)->first;
    fixture_claim(fixture, id);
    assert_int_equal(fixture_outcome(fixture, id, VERDICT_PAID), OUTCOME_APPLIED);
    assert_int_equal(store_read_due_transfers(fixture->reader, fixture->arena, INT64_MAX, 10, &due,
                                              &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 1);
    assert_int_equal(due[0].id.value, id.value + 1);
}

static void lots_expire_in_order(void **state)
{
    struct fixture *fixture = *state;
    struct lot *lots;
    struct lot_code codes[3];
    struct fault fault;
    size_t count;
    fixture_prepare(fixture, 0, 1000000);
    for (int i = 0; i < 3; i++) {
        codes[i] = fixture_send(fixture, 0, 1, NULL, false);
        fixture->now_ms += 2000;
    }
    int64_t expiry_ms = FIXTURE_AT_MS + MERCHANT_LOT_EXPIRY_MS_DEFAULT;
    assert_int_equal(store_read_expired_lots(fixture->reader, fixture->arena, expiry_ms - 1, 10,
                                             &lots, &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 0);
    assert_int_equal(store_read_expired_lots(fixture->reader, fixture->arena, expiry_ms + 2000, 10,
                                             &lots, &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 2);
    assert_int_equal(lots[0].code.value, codes[0].value);
    assert_int_equal(lots[1].code.value, codes[1].value);
    fixture->now_ms = expiry_ms;
    struct command expire = {
        .kind = COMMAND_LOT_DECIDE,
        .lot_decide = {.merchant = fixture_merchant(0), .lot = codes[0], .to = LOT_EXPIRED}};
    assert_int_equal(fixture_commit(fixture, &expire), PAYOUT_OK);
    assert_int_equal(store_read_expired_lots(fixture->reader, fixture->arena, expiry_ms + 9000, 1,
                                             &lots, &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 1);
    assert_int_equal(lots[0].code.value, codes[1].value);
}

/* Claims each of a lot's transfers at a time of its own: a notification of each falls due then. */
static struct transfer_id notifications_make(struct fixture *fixture, size_t count)
{
    fixture_prepare(fixture, 0, 1000000);
    struct lot_code code = fixture_send(fixture, 0, count, "c", true);
    struct transfer_id first = fixture_lot_read(fixture, 0, code)->first;
    for (size_t i = count; i-- > 0;) {
        if (i % 3 == 2) /* Three at each time. */
            fixture->now_ms += 10;
        fixture_claim(fixture, (struct transfer_id){first.value + (int64_t)i});
    }
    return first;
}

static void due_notifications_are_paged_by_a_cursor(void **state)
{
    struct fixture *fixture = *state;
    struct due_notification *due;
    struct fault fault;
    size_t count, all = 0;
    (void)notifications_make(fixture, 11);
    struct notification_cursor after = {0};
    do {
        assert_int_equal(store_read_due_notifications(fixture->reader, fixture->arena,
                                                      fixture->now_ms, after, 2, &due, &count,
                                                      &fault),
                         FAULT_NONE);
        assert_true(count <= 2);
        for (size_t i = 0; i < count; i++, all++) {
            const struct notification *notification = &due[i].notification;
            struct notification_cursor next = {notification->due_at_ms, notification->key};
            assert_true(next.due_at_ms > after.due_at_ms ||
                        (next.due_at_ms == after.due_at_ms &&
                         next.key.transfer.value > after.key.transfer.value));
            assert_int_equal(due[i].transfer.id.value, notification->key.transfer.value);
            assert_int_equal(due[i].transfer.state, TRANSFER_REC);
            assert_string_equal(due[i].transfer.notify_url, "https://shop.example.ci/notify");
            assert_int_equal(notification->merchant.value, fixture_merchant(0).value);
            after = next;
        }
    } while (count > 0);
    assert_int_equal(all, 11);
    assert_int_equal(
        store_read_due_notifications(fixture->reader, fixture->arena, FIXTURE_AT_MS - 1,
                                     (struct notification_cursor){0}, 100, &due, &count, &fault),
        FAULT_NONE);
    assert_int_equal(count, 0);
}

static void a_notification_tells_what_was_while_its_transfer_goes_on(void **state)
{
    struct fixture *fixture = *state;
    struct due_notification *due;
    struct fault fault;
    size_t count;
    struct transfer_id id = notifications_make(fixture, 1);
    assert_int_equal(fixture_outcome(fixture, id, VERDICT_PAID), OUTCOME_APPLIED);
    assert_int_equal(store_read_due_notifications(fixture->reader, fixture->arena, fixture->now_ms,
                                                  (struct notification_cursor){0}, 100, &due,
                                                  &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 1); /* The second one waits for the first. */
    assert_int_equal(due[0].notification.key.number, 1);
    assert_int_equal(due[0].notification.transfer_state, TRANSFER_REC);
    assert_int_equal(due[0].transfer.state, TRANSFER_VAL);
    fixture_deliver(fixture, id, 1, true, 0);
    assert_int_equal(store_read_due_notifications(fixture->reader, fixture->arena, fixture->now_ms,
                                                  (struct notification_cursor){0}, 100, &due,
                                                  &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 1);
    assert_int_equal(due[0].notification.key.number, 2);
    assert_int_equal(due[0].notification.transfer_state, TRANSFER_VAL);
}

static void the_next_due_time_is_told(void **state)
{
    struct fixture *fixture = *state;
    struct next_due next;
    struct fault fault;
    assert_int_equal(store_read_next_due(fixture->reader, 0, &next, &fault), FAULT_NONE);
    assert_int_equal(next.transfer_at_ms, 0);
    assert_int_equal(next.notification_at_ms, 0);
    assert_int_equal(next.lot_at_ms, 0);
    struct transfer_id id = notifications_make(fixture, 2);
    (void)fixture_send(fixture, 0, 1, NULL, false);
    int64_t now_ms = fixture->now_ms;
    fixture_deliver(fixture, id, 1, false, now_ms + 700);
    assert_int_equal(store_read_next_due(fixture->reader, now_ms, &next, &fault), FAULT_NONE);
    assert_int_equal(next.transfer_at_ms, now_ms + 60000);
    assert_int_equal(next.notification_at_ms, now_ms + 700);
    assert_int_equal(next.lot_at_ms, now_ms + MERCHANT_LOT_EXPIRY_MS_DEFAULT);
    assert_int_equal(store_read_next_due(fixture->reader, now_ms - 1, &next, &fault), FAULT_NONE);
    assert_int_equal(next.notification_at_ms, now_ms); /* The other transfer's. */
    assert_int_equal(store_read_next_due(fixture->reader, INT64_MAX, &next, &fault), FAULT_NONE);
    assert_int_equal(next.transfer_at_ms + next.notification_at_ms + next.lot_at_ms, 0);
}

static void the_figures_count_work(void **state)
{
    struct fixture *fixture = *state;
    struct store_figures figures;
    struct fault fault;
    assert_int_equal(store_read_figures(fixture->reader, &figures, &fault), FAULT_NONE);
    assert_int_equal(figures.oldest_unfinished_at_ms, 0);
    assert_int_equal(figures.transfers_due, 0);
    assert_true(figures.database_bytes > 0);
    fixture_prepare(fixture, 0, 1000000);
    struct lot_code code = fixture_send(fixture, 0, 3, "a", true);
    struct transfer_id id = fixture_lot_read(fixture, 0, code)->first;
    fixture->now_ms += 60000;
    (void)fixture_send(fixture, 0, 2, "b", true);
    (void)fixture_send(fixture, 0, 2, "c", false);
    assert_int_equal(store_read_figures(fixture->reader, &figures, &fault), FAULT_NONE);
    assert_int_equal(figures.oldest_unfinished_at_ms, FIXTURE_AT_MS);
    assert_int_equal(figures.transfers_due, 5);
    assert_int_equal(figures.notifications_waiting, 0);
    for (int64_t i = 0; i < 3; i++) {
        struct transfer_id each = {id.value + i};
        fixture_claim(fixture, each);
        assert_int_equal(fixture_outcome(fixture, each, VERDICT_PAID), OUTCOME_APPLIED);
    }
    fixture_deliver(fixture, id, 1, false, 0); /* Given up: the second one is due now. */
    assert_int_equal(fixture_outcome(fixture, id, VERDICT_REJECTED), OUTCOME_CONTRADICTED);
    assert_int_equal(store_read_figures(fixture->reader, &figures, &fault), FAULT_NONE);
    assert_int_equal(figures.oldest_unfinished_at_ms, FIXTURE_AT_MS + 60000);
    assert_int_equal(figures.transfers_due, 2);
    assert_int_equal(figures.notifications_waiting, 3);
    assert_int_equal(figures.notifications_dead, 1);
    assert_int_equal(figures.contradictions, 1);
}

static void mail_addresses_set(struct fixture *fixture, int n, const char *list)
{
    struct command change = {.kind = COMMAND_MERCHANT_CHANGE,
                             .merchant_change = {.fields = MERCHANT_FIELD_CONFIRM_MAIL,
                                                 .merchant = {.id = fixture_merchant(n)}}};
    size_t length = strlen(list);
    assert_true(length < MERCHANT_MAIL_BYTES);
    memcpy(change.merchant_change.merchant.confirm_mail, list, length);
    assert_int_equal(fixture_commit(fixture, &change), PAYOUT_OK);
}

static void mail_told(struct fixture *fixture, int n, struct lot_code lot, int32_t number,
                      const char *error, int64_t next_at_ms)
{
    struct command outcome = {.kind = COMMAND_MAIL_OUTCOME,
                              .mail_outcome = {.merchant = fixture_merchant(n),
                                               .lot = lot,
                                               .number = number,
                                               .attempt = 1,
                                               .sent = error == NULL,
                                               .error = error,
                                               .next_at_ms = next_at_ms}};
    assert_int_equal(fixture_commit(fixture, &outcome), PAYOUT_OK);
}

static void mails_are_due_until_they_end(void **state)
{
    struct fixture *fixture = *state;
    struct due_mail *due;
    struct mail *mails;
    struct next_due next;
    struct store_figures figures;
    struct fault fault;
    size_t count;
    for (int n = 0; n < 2; n++) {
        fixture_prepare(fixture, n, 1000000);
        mail_addresses_set(fixture, n, "awa@shop.example.ci kofi@shop.example.ci");
    }
    struct lot_code later = fixture_send(fixture, 1, 3, NULL, false);
    (void)fixture_send(fixture, 1, 3, NULL, true); /* It does not wait: no mail. */
    fixture->now_ms -= 5000;
    struct lot_code lot = fixture_send(fixture, 0, 2, NULL, false);
    fixture->now_ms += 5000;
    assert_int_equal(store_read_next_due(fixture->reader, FIXTURE_AT_MS - 1, &next, &fault),
                     FAULT_NONE);
    assert_int_equal(next.mail_at_ms, FIXTURE_AT_MS);
    assert_int_equal(store_read_due_mails(fixture->reader, fixture->arena, FIXTURE_AT_MS - 1, 10,
                                          &due, &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 2);
    assert_int_equal(store_read_due_mails(fixture->reader, fixture->arena, FIXTURE_AT_MS, 3, &due,
                                          &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 3);
    assert_int_equal(due[0].mail.lot.value, lot.value);
    assert_int_equal(due[1].mail.number, 2);
    assert_string_equal(due[1].mail.to, "kofi@shop.example.ci");
    assert_int_equal(due[1].lot.code.value, lot.value);
    assert_int_equal(due[1].lot.count, 2);
    assert_int_equal(due[1].lot.mails, 2);
    assert_string_equal(due[1].merchant.name, "Société 0");
    assert_int_equal(due[2].lot.count, 3);
    assert_string_equal(due[2].merchant.name, "Société 1");
    assert_int_equal(store_read_figures(fixture->reader, &figures, &fault), FAULT_NONE);
    assert_int_equal(figures.mails_waiting, 4);
    mail_told(fixture, 0, lot, 1, NULL, 0);
    mail_told(fixture, 0, lot, 2, "greylisted", FIXTURE_AT_MS + 60000);
    mail_told(fixture, 1, later, 2, "no such user", 0);
    assert_int_equal(store_read_figures(fixture->reader, &figures, &fault), FAULT_NONE);
    assert_int_equal(figures.mails_waiting, 2);
    assert_int_equal(figures.mails_dead, 1);
    assert_int_equal(store_read_next_due(fixture->reader, FIXTURE_AT_MS, &next, &fault),
                     FAULT_NONE);
    assert_int_equal(next.mail_at_ms, FIXTURE_AT_MS + 60000);
    struct command cancel = {
        .kind = COMMAND_LOT_DECIDE,
        .lot_decide = {
            .merchant = fixture_merchant(1), .lot = later, .to = LOT_CANCELLED, .person = "Awa"}};
    assert_int_equal(fixture_commit(fixture, &cancel), PAYOUT_OK);
    assert_int_equal(
        store_read_due_mails(fixture->reader, fixture->arena, INT64_MAX, 10, &due, &count, &fault),
        FAULT_NONE);
    assert_int_equal(count, 1);
    assert_int_equal(store_read_mails(fixture->reader, fixture->arena, fixture_merchant(1), later,
                                      &mails, &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 2);
    assert_int_equal(mails[0].state, MAIL_OVERTAKEN);
    assert_int_equal(mails[0].ended_at_ms, fixture->now_ms);
    assert_int_equal(mails[1].state, MAIL_DEAD);
    assert_string_equal(mails[1].error, "no such user");
}

static struct command confirm_make(struct lot_code lot, const char *person)
{
    return (struct command){.kind = COMMAND_LOT_DECIDE,
                            .lot_decide = {.merchant = fixture_merchant(0),
                                           .lot = lot,
                                           .to = LOT_CONFIRMED,
                                           .person = person,
                                           .from = "2001:db8::7"}};
}

static void approvals_stay_in_order(void **state)
{
    struct fixture *fixture = *state;
    struct approval *approvals;
    size_t count;
    struct fault fault;
    fixture_prepare(fixture, 0, 1000000);
    struct command change = {
        .kind = COMMAND_MERCHANT_CHANGE,
        .merchant_change = {.fields = MERCHANT_FIELD_APPROVE_ABOVE,
                            .merchant = {.id = fixture_merchant(0), .approve_above_minor = 250}}};
    assert_int_equal(fixture_commit(fixture, &change), PAYOUT_OK);
    struct lot_code other = fixture_send(fixture, 0, 1, NULL, false);
    struct command send = fixture_lot(fixture, 0, 3, NULL, true);
    send.lot_send.sender = "Ada";
    assert_int_equal(fixture_commit(fixture, &send), PAYOUT_OK);
    struct lot_code code = send.lot_send.lot;
    const struct lot *lot = fixture_lot_read(fixture, 0, code);
    assert_int_equal(lot->persons, 2);
    assert_true(lot->listed);
    assert_string_equal(lot->sender, "Ada");
    assert_true(lot_hashed(lot));
    const struct lot *small = fixture_lot_read(fixture, 0, other);
    assert_int_equal(small->persons, 1);
    assert_false(small->listed);
    assert_memory_not_equal(small->hash, lot->hash, sizeof lot->hash);
    struct command confirm = confirm_make(code, "Awa");
    assert_int_equal(fixture_commit(fixture, &confirm), PAYOUT_OK);
    assert_int_equal(confirm.lot_decide.state, LOT_WAITING);
    fixture->now_ms += 1000;
    struct command same = confirm_make(code, "Awa"); /* Finds the first word in the store. */
    assert_int_equal(fixture_commit(fixture, &same), PAYOUT_OK);
    assert_true(same.lot_decide.again);
    struct command sender = confirm_make(code, "Ada");
    assert_int_equal(fixture_commit(fixture, &sender), PAYOUT_NOT_ALLOWED);
    struct command second = confirm_make(code, "Kofi");
    memcpy(second.lot_decide.hash, lot->hash, sizeof lot->hash);
    assert_int_equal(fixture_commit(fixture, &second), PAYOUT_OK);
    assert_int_equal(second.lot_decide.state, LOT_CONFIRMED);
    assert_int_equal(second.lot_decide.given, 2);
    assert_int_equal(store_read_approvals(fixture->reader, fixture->arena, fixture_merchant(0),
                                          code, &approvals, &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 2);
    assert_int_equal(approvals[0].number, 1);
    assert_int_equal(approvals[0].act, APPROVAL_GIVEN);
    assert_string_equal(approvals[0].person, "Awa");
    assert_string_equal(approvals[0].from, "2001:db8::7");
    assert_int_equal(approvals[0].at_ms, fixture->now_ms - 1000);
    assert_int_equal(approvals[1].act, APPROVAL_CONFIRMED);
    assert_string_equal(approvals[1].person, "Kofi");
    assert_true(approval_right(fixture_lot_read(fixture, 0, code), approvals, 2));
    assert_int_equal(store_read_approvals(fixture->reader, fixture->arena, fixture_merchant(0),
                                          other, &approvals, &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 0);
    assert_int_equal(fixture_audit(fixture), 4);
}

static struct command settle_make(struct transfer_id id, const char *person)
{
    return (struct command){.kind = COMMAND_TRANSFER_SETTLE,
                            .transfer_settle = {.transfer = id,
                                                .outcome = TRANSFER_VAL,
                                                .person = person,
                                                .evidence = "l'opérateur l'a dit"}};
}

static void proposals_are_open_until_something_follows(void **state)
{
    struct fixture *fixture = *state;
    struct settlement *settlements;
    struct store_figures figures;
    size_t count;
    struct fault fault;
    fixture_prepare(fixture, 0, 1000000);
    struct command change = {
        .kind = COMMAND_MERCHANT_CHANGE,
        .merchant_change = {.fields = MERCHANT_FIELD_TWO_PERSONS,
                            .merchant = {.id = fixture_merchant(0), .two_persons = true}}};
    assert_int_equal(fixture_commit(fixture, &change), PAYOUT_OK);
    struct lot_code code = fixture_send(fixture, 0, 2, "a", true);
    struct transfer_id id = fixture_lot_read(fixture, 0, code)->first;
    struct transfer_id other = {id.value + 1};
    for (int64_t i = 0; i < 2; i++) {
        fixture_claim(fixture, (struct transfer_id){id.value + i});
        (void)fixture_outcome(fixture, (struct transfer_id){id.value + i}, VERDICT_UNKNOWN);
        struct command propose = settle_make((struct transfer_id){id.value + i}, "Awa");
        assert_int_equal(fixture_commit(fixture, &propose), PAYOUT_OK);
        assert_int_equal(propose.transfer_settle.act, SETTLEMENT_PROPOSED);
    }
    assert_int_equal(
        store_read_proposals(fixture->reader, fixture->arena, 10, &settlements, &count, &fault),
        FAULT_NONE);
    assert_int_equal(count, 2);
    assert_int_equal(settlements[1].transfer.value, other.value);
    struct command settle = settle_make(id, "Kofi"); /* Finds the proposal in the store. */
    assert_int_equal(fixture_commit(fixture, &settle), PAYOUT_OK);
    assert_int_equal(settle.transfer_settle.act, SETTLEMENT_SETTLED);
    assert_int_equal(fixture_transfer(fixture, id)->state, TRANSFER_VAL);
    assert_int_equal(fixture_outcome(fixture, other, VERDICT_REJECTED), OUTCOME_APPLIED);
    assert_int_equal(
        store_read_proposals(fixture->reader, fixture->arena, 10, &settlements, &count, &fault),
        FAULT_NONE);
    assert_int_equal(count, 0);
    assert_int_equal(store_read_figures(fixture->reader, &figures, &fault), FAULT_NONE);
    assert_int_equal(figures.proposals, 0);
    assert_int_equal(store_read_settlements(fixture->reader, fixture->arena, other, &settlements,
                                            &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 2);
    assert_int_equal(settlements[0].number, 1);
    assert_string_equal(settlements[0].person, "Awa");
    assert_string_equal(settlements[0].evidence, "l'opérateur l'a dit");
    assert_int_equal(settlements[1].act, SETTLEMENT_OVERTAKEN);
    assert_int_equal(settlements[1].outcome, TRANSFER_REJ);
}

static void a_contradiction_is_open_until_it_is_closed(void **state)
{
    struct fixture *fixture = *state;
    struct store_figures figures;
    struct open_contradiction *open;
    struct contradiction *all;
    size_t count;
    struct fault fault;
    fixture_prepare(fixture, 0, 1000000);
    struct lot_code code = fixture_send(fixture, 0, 1, "a", true);
    struct transfer_id id = fixture_lot_read(fixture, 0, code)->first;
    fixture_claim(fixture, id);
    (void)fixture_outcome(fixture, id, VERDICT_PAID);
    for (int i = 0; i < 2; i++)
        assert_int_equal(fixture_outcome(fixture, id, VERDICT_REJECTED), OUTCOME_CONTRADICTED);
    assert_int_equal(store_read_open_contradictions(fixture->reader, fixture->arena, 0, 10, &open,
                                                    &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 2);
    assert_int_equal(open[0].transfer.id.value, id.value);
    assert_int_equal(open[0].transfer.amount.minor, 100);
    assert_int_equal(contradiction_suspense(&open[0].contradiction), SUSPENSE_MERCHANT);
    struct command close = {.kind = COMMAND_CONTRADICTION_CLOSE,
                            .contradiction_close = {.id = open[0].contradiction.id,
                                                    .person = "Awa",
                                                    .note = "paid again by hand"}};
    assert_int_equal(fixture_commit(fixture, &close), PAYOUT_OK);
    assert_false(close.contradiction_close.again);
    close.contradiction_close.person = "Kofi";
    assert_int_equal(fixture_commit(fixture, &close), PAYOUT_OK);
    assert_true(close.contradiction_close.again);
    int64_t first = open[0].contradiction.id;
    assert_int_equal(store_read_open_contradictions(fixture->reader, fixture->arena, 0, 10, &open,
                                                    &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 1);
    assert_true(open[0].contradiction.id > first);
    assert_int_equal(store_read_open_contradictions(fixture->reader, fixture->arena,
                                                    open[0].contradiction.id, 10, &open, &count,
                                                    &fault),
                     FAULT_NONE);
    assert_int_equal(count, 0);
    assert_int_equal(
        store_read_contradictions(fixture->reader, fixture->arena, id, &all, &count, &fault),
        FAULT_NONE);
    assert_int_equal(count, 2);
    assert_string_equal(all[0].person, "Awa");
    assert_string_equal(all[0].note, "paid again by hand");
    assert_int_equal(all[0].closed_at_ms, fixture->now_ms);
    assert_string_equal(all[0].operator_reference, "OP.77");
    assert_string_equal(all[1].person, "");
    assert_int_equal(store_read_figures(fixture->reader, &figures, &fault), FAULT_NONE);
    assert_int_equal(figures.contradictions, 1);
    close.contradiction_close.id = 77;
    assert_int_equal(fixture_commit(fixture, &close), PAYOUT_NOT_FOUND);
}

/* Sends one transfer of person's, of 500, and tells whether it looks like a double. */
static bool doubled(struct fixture *fixture, int n, int person, struct transfer_id *id)
{
    struct command command = fixture_lot(fixture, n, 1, NULL, true);
    command.lot_send.items[0].msisdn = fixture_msisdn(person);
    command.lot_send.items[0].amount.minor = 500;
    assert_int_equal(fixture_commit(fixture, &command), PAYOUT_OK);
    *id = command.lot_send.items[0].transfer;
    return fixture_transfer(fixture, *id)->suspected;
}

static void a_double_is_found_within_the_window_of_a_merchant_that_wants_it(void **state)
{
    struct fixture *fixture = *state;
    struct transfer_id first, id;
    struct transfer *transfers;
    struct store_figures figures;
    size_t count;
    struct fault fault;
    fixture_prepare(fixture, 0, 1000000);
    fixture_prepare(fixture, 1, 1000000);
    assert_false(doubled(fixture, 0, 1, &id)); /* Before it wanted it: not seen. */
    struct command change = {
        .kind = COMMAND_MERCHANT_CHANGE,
        .merchant_change = {.fields = MERCHANT_FIELD_DOUBLE_WINDOW,
                            .merchant = {.id = fixture_merchant(0), .double_window_ms = 10000}}};
    assert_int_equal(fixture_commit(fixture, &change), PAYOUT_OK);
    assert_false(doubled(fixture, 0, 1, &first));
    fixture->now_ms += 9999;
    assert_true(doubled(fixture, 0, 1, &id));
    assert_int_equal(fixture_transfer(fixture, id)->twin_of.value, first.value);
    assert_false(doubled(fixture, 0, 2, &id));
    assert_false(doubled(fixture, 1, 1, &id)); /* Another merchant's. */
    assert_false(doubled(fixture, 1, 1, &id));
    assert_int_equal(store_read_suspected(fixture->reader, fixture->arena, fixture_merchant(0), 10,
                                          &transfers, &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 1);
    assert_int_equal(transfers[0].twin_of.value, first.value);
    struct command refuse = {.kind = COMMAND_TWIN_DECIDE,
                             .twin_decide = {.transfer = transfers[0].id,
                                             .person = "Awa",
                                             .evidence = "sent by mistake"}};
    assert_int_equal(store_read_figures(fixture->reader, &figures, &fault), FAULT_NONE);
    assert_int_equal(figures.suspected, 1);
    assert_int_equal(fixture_commit(fixture, &refuse), PAYOUT_OK);
    assert_int_equal(store_read_suspected(fixture->reader, fixture->arena, (struct merchant_id){0},
                                          10, &transfers, &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 0);
    fixture->now_ms += 2; /* The first is out of the window, the refused one counts no more. */
    assert_false(doubled(fixture, 0, 1, &id));
    assert_int_equal(fixture_audit(fixture), 7);
}

const struct CMUnitTest work_cases[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
    CASE(due_transfers_come_longest_due_first),
    CASE(a_final_transfer_is_never_due),
    CASE(lots_expire_in_order),
    CASE(due_notifications_are_paged_by_a_cursor),
    CASE(a_notification_tells_what_was_while_its_transfer_goes_on),
    CASE(the_next_due_time_is_told),
    CASE(the_figures_count_work),
    CASE(mails_are_due_until_they_end),
    CASE(approvals_stay_in_order),
    CASE(proposals_are_open_until_something_follows),
    CASE(a_contradiction_is_open_until_it_is_closed),
    CASE(a_double_is_found_within_the_window_of_a_merchant_that_wants_it),
};
const size_t work_case_count = sizeof work_cases / sizeof *work_cases;

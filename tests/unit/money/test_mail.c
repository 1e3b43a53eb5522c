#include "batch.h"

#include <string.h>

/* A book in which a lot of count items was sent by a merchant with these addresses. */
static struct lot_code sent(struct book *book, const char *list, size_t count, bool confirmed)
{
    batch_open(book, 100000);
    struct command change = {
        .kind = COMMAND_MERCHANT_CHANGE,
        .merchant_change = {.fields = MERCHANT_FIELD_CONFIRM_MAIL, .merchant = {.id = MERCHANT}}};
    strncpy(change.merchant_change.merchant.confirm_mail, list, MERCHANT_MAIL_BYTES - 1);
    assert_int_equal(batch_run(book, &change), PAYOUT_OK);
    batch_contact(book, "0707895086");
    struct send_item items[8];
    for (size_t i = 0; i < count; i++)
        items[i] = batch_item("0707895086", "500", NULL);
    struct command send = batch_send(items, count, confirmed);
    assert_int_equal(batch_run(book, &send), PAYOUT_OK);
    return send.lot_send.lot;
}

static const struct mail *look(struct book *book, struct lot_code lot, int32_t number)
{
    struct mail_row *row = book_mail(book, MERCHANT, lot, number);
    assert_true(book_row_exists(&row->row));
    return &row->mail;
}

static struct command tells(struct book *book, struct lot_code lot, int32_t number, int32_t attempt,
                            const char *error, int64_t next_at_ms)
{
    struct command outcome = {.kind = COMMAND_MAIL_OUTCOME,
                              .mail_outcome = {.merchant = MERCHANT,
                                               .lot = lot,
                                               .number = number,
                                               .attempt = attempt,
                                               .sent = error == NULL,
                                               .error = error,
                                               .next_at_ms = next_at_ms}};
    batch_run_at(book, &outcome, NOW_MS + 1000 * attempt);
    return outcome;
}

static enum payout_code decides(struct book *book, struct lot_code lot, enum lot_state to)
{
    struct command decide = {
        .kind = COMMAND_LOT_DECIDE,
        .lot_decide = {.merchant = MERCHANT, .lot = lot, .to = to, .person = "Awa"}};
    batch_run_at(book, &decide, NOW_MS + 7000);
    return decide.code;
}

static void a_lot_that_waits_makes_a_mail_for_each_address_not_for_each_item(void **state)
{
    (void)state;
    struct book book;
    struct lot_code lot = sent(&book, " awa@shop.example.ci  kofi@shop.example.ci ", 5, false);
    assert_true(book.mails_made);
    assert_int_equal(book_lot(&book, MERCHANT, lot)->lot.mails, 2);
    assert_int_equal(book.mails.count, 2);
    assert_string_equal(look(&book, lot, 1)->to, "awa@shop.example.ci");
    const struct mail *second = look(&book, lot, 2);
    assert_string_equal(second->to, "kofi@shop.example.ci");
    assert_int_equal(second->kind, MAIL_LOT_WAITING);
    assert_int_equal(second->state, MAIL_WAITING);
    assert_int_equal(second->due_at_ms, NOW_MS);
    assert_int_equal(second->created_at_ms, NOW_MS);
    assert_int_equal(second->tries + second->ended_at_ms, 0);
    assert_string_equal(second->error, "");
    batch_close(&book);
}

static void no_address_or_no_waiting_makes_no_mail(void **state)
{
    (void)state;
    struct book book;
    struct lot_code lot = sent(&book, "", 1, false);
    assert_int_equal(book_lot(&book, MERCHANT, lot)->lot.mails, 0);
    assert_false(book.mails_made);
    batch_close(&book);
    lot = sent(&book, "awa@shop.example.ci", 1, true);
    assert_int_equal(book_lot(&book, MERCHANT, lot)->lot.mails, 0);
    assert_false(book.mails_made);
    batch_close(&book);
}

static void a_mail_that_left_is_sent_whoever_says_it_again(void **state)
{
    (void)state;
    struct book book;
    struct lot_code lot = sent(&book, "awa@shop.example.ci", 1, false);
    struct command first = tells(&book, lot, 1, 1, NULL, 0);
    assert_int_equal(first.code, PAYOUT_OK);
    assert_int_equal(first.mail_outcome.state, MAIL_SENT);
    struct mail before = *look(&book, lot, 1);
    assert_int_equal(before.tries, 1);
    assert_int_equal(before.due_at_ms, 0);
    assert_int_equal(before.ended_at_ms, NOW_MS + 1000);
    assert_int_equal(tells(&book, lot, 1, 1, NULL, 0).mail_outcome.state, MAIL_SENT);
    assert_int_equal(tells(&book, lot, 1, 2, "late", 0).mail_outcome.state, MAIL_SENT);
    assert_memory_equal(look(&book, lot, 1), &before, sizeof before);
    batch_close(&book);
}

static void a_try_that_failed_counts_once_and_is_tried_again(void **state)
{
    (void)state;
    struct book book;
    struct lot_code lot = sent(&book, "awa@shop.example.ci kofi@shop.example.ci", 1, false);
    const struct mail *mail = look(&book, lot, 1);
    (void)tells(&book, lot, 1, 1, "greylisted", NOW_MS + 60000);
    (void)tells(&book, lot, 1, 1, "said by another process", NOW_MS + 90000);
    assert_int_equal(mail->state, MAIL_WAITING);
    assert_int_equal(mail->tries, 1);
    assert_int_equal(mail->due_at_ms, NOW_MS + 60000);
    assert_string_equal(mail->error, "greylisted");
    /* It left all the same, says who was slow to hear of it. */
    assert_int_equal(tells(&book, lot, 1, 1, NULL, 0).mail_outcome.state, MAIL_SENT);
    assert_int_equal(mail->tries, 1);
    assert_string_equal(mail->error, "");
    assert_int_equal(tells(&book, lot, 2, 1, "no such user", 0).mail_outcome.state, MAIL_DEAD);
    assert_string_equal(look(&book, lot, 2)->error, "no such user");
    assert_int_equal(look(&book, lot, 2)->due_at_ms, 0);
    assert_int_equal(look(&book, lot, 2)->ended_at_ms, NOW_MS + 1000);
    assert_int_equal(tells(&book, lot, 3, 1, NULL, 0).code, PAYOUT_NOT_FOUND);
    batch_close(&book);
}

static void a_decision_overtakes_what_has_not_left(void **state)
{
    (void)state;
    static const enum lot_state ends[] = {LOT_CONFIRMED, LOT_CANCELLED};
    for (size_t i = 0; i < 2; i++) {
        struct book book;
        struct lot_code lot =
            sent(&book, "awa@shop.example.ci kofi@shop.example.ci ama@shop.example.ci", 2, false);
        (void)tells(&book, lot, 1, 1, NULL, 0);
        (void)tells(&book, lot, 3, 1, "no such user", 0);
        assert_int_equal(decides(&book, lot, ends[i]), PAYOUT_OK);
        assert_int_equal(look(&book, lot, 1)->state, MAIL_SENT);
        assert_int_equal(look(&book, lot, 2)->state, MAIL_OVERTAKEN);
        assert_int_equal(look(&book, lot, 2)->ended_at_ms, NOW_MS + 7000);
        assert_int_equal(look(&book, lot, 3)->state, MAIL_DEAD);
        /* What is heard of it now changes nothing. */
        assert_int_equal(tells(&book, lot, 2, 1, NULL, 0).mail_outcome.state, MAIL_OVERTAKEN);
        assert_int_equal(tells(&book, lot, 2, 2, "late", NOW_MS + 9000).mail_outcome.state,
                         MAIL_OVERTAKEN);
        assert_int_equal(look(&book, lot, 2)->due_at_ms, 0);
        batch_close(&book);
    }
}

static void words_have_a_text_each(void **state)
{
    (void)state;
    assert_string_equal(mail_kind_text(MAIL_LOT_WAITING), "LOT_WAITING");
    assert_string_equal(mail_state_text(MAIL_WAITING), "WAITING");
    assert_string_equal(mail_state_text(MAIL_SENT), "SENT");
    assert_string_equal(mail_state_text(MAIL_DEAD), "DEAD");
    assert_string_equal(mail_state_text(MAIL_OVERTAKEN), "OVERTAKEN");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lot_that_waits_makes_a_mail_for_each_address_not_for_each_item),
        cmocka_unit_test(no_address_or_no_waiting_makes_no_mail),
        cmocka_unit_test(a_mail_that_left_is_sent_whoever_says_it_again),
        cmocka_unit_test(a_try_that_failed_counts_once_and_is_tried_again),
        cmocka_unit_test(a_decision_overtakes_what_has_not_left),
        cmocka_unit_test(words_have_a_text_each),
    };
    secret_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

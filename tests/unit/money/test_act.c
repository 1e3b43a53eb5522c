#include <string.h>

#include "batch.h"

static struct actor awa(void)
{
    return (struct actor){.person = "admin-token:Awa", .from = "192.0.2.7", .request = "r-1"};
}

static const struct act *last_act(const struct book *book)
{
    assert_non_null(book->acts_last);
    return &book->acts_last->act;
}

static size_t acts_count(const struct book *book)
{
    size_t count = 0;
    for (const struct act_line *line = book->acts; line != NULL; line = line->next)
        count++;
    return count;
}

static void what_nobody_did_by_hand_is_no_act(void **state)
{
    struct book book;
    (void)state;
    batch_open(&book, 1000);
    assert_null(book.acts);
    assert_false(book.acts_wanted);
    batch_close(&book);
}

static void a_change_says_what_was_and_what_is(void **state)
{
    struct book book;
    (void)state;
    batch_open(&book, 1000);
    struct merchant to = {.id = MERCHANT, .suspended = true, .lang = MERCHANT_LANG_EN};
    memcpy(to.name, "\"M\\2\"\n", 7);
    struct command change = {.kind = COMMAND_MERCHANT_CHANGE,
                             .actor = awa(),
                             .merchant_change = {.fields = MERCHANT_FIELD_NAME |
                                                           MERCHANT_FIELD_SUSPENDED |
                                                           MERCHANT_FIELD_FLAT_REPLY,
                                                 .merchant = to}};
    assert_int_equal(batch_run(&book, &change), PAYOUT_OK);
    const struct act *act = last_act(&book);
    assert_int_equal(act->kind, ACT_MERCHANT_CHANGE);
    assert_int_equal(act->merchant.value, MERCHANT.value);
    assert_string_equal(act->person, "admin-token:Awa");
    assert_string_equal(act->from, "192.0.2.7");
    assert_string_equal(act->request, "r-1");
    assert_int_equal(act->at_ms, NOW_MS);
    assert_string_equal(act->before, "{\"name\":\"M\",\"suspended\":false}");
    assert_string_equal(act->after, "{\"name\":\"\\\"M\\\\2\\\"\\u000a\",\"suspended\":true}");
    assert_int_equal(acts_count(&book), 1);
    assert_int_equal(act->id, 0);
    book_check(&book);
    assert_int_equal(act->id, 1);
    arena_close(book.arena);
}

static void a_secret_is_only_said_to_have_changed(void **state)
{
    struct book book;
    (void)state;
    batch_open(&book, 1000);
    struct command change = {
        .kind = COMMAND_MERCHANT_CHANGE,
        .actor = awa(),
        .merchant_change = {.fields = MERCHANT_FIELD_PASSWORD_HASH | MERCHANT_FIELD_SECRET_KEY,
                            .merchant = {.id = MERCHANT,
                                         .password_hash = "$argon2id$hidden",
                                         .secret_key = "whsec_hidden"}}};
    assert_int_equal(batch_run(&book, &change), PAYOUT_OK);
    const struct act *act = last_act(&book);
    assert_string_equal(act->before, "{}");
    assert_string_equal(act->after, "{\"password\":\"changed\",\"secret_key\":\"changed\"}");
    batch_close(&book);
}

static void what_was_refused_or_known_is_no_act(void **state)
{
    struct book book;
    (void)state;
    batch_open(&book, 1000);
    struct command fund = {.kind = COMMAND_FUND,
                           .actor = awa(),
                           .fund = {.merchant = MERCHANT,
                                    .kind = MOVEMENT_WITHDRAW,
                                    .amount = {2000, CURRENCY_XOF},
                                    .reference = "out"}};
    assert_int_equal(batch_run(&book, &fund), PAYOUT_INSUFFICIENT_BALANCE);
    assert_int_equal(acts_count(&book), 0);
    fund.fund.amount.minor = 400;
    assert_int_equal(batch_run(&book, &fund), PAYOUT_OK);
    assert_int_equal(batch_run(&book, &fund), PAYOUT_OK);
    assert_true(fund.fund.again);
    assert_int_equal(acts_count(&book), 1);
    assert_string_equal(last_act(&book)->subject, "out");
    assert_string_equal(last_act(&book)->after,
                        "{\"kind\":\"withdraw\",\"amount\":400,\"currency\":\"XOF\"}");
    batch_close(&book);
}

static void who_decides_on_a_lot_is_written_down_once(void **state)
{
    struct book book;
    (void)state;
    batch_open(&book, 1000);
    batch_contact(&book, "0707895086");
    struct send_item item = batch_item("0707895086", "500", "a");
    struct command send = batch_send(&item, 1, false);
    assert_int_equal(batch_run(&book, &send), PAYOUT_OK);
    struct command decide = {
        .kind = COMMAND_LOT_DECIDE,
        .actor = awa(),
        .lot_decide = {
            .merchant = MERCHANT, .lot = send.lot_send.lot, .to = LOT_CANCELLED, .person = "Awa"}};
    assert_int_equal(batch_run(&book, &decide), PAYOUT_OK);
    assert_int_equal(batch_run(&book, &decide), PAYOUT_OK);
    assert_int_equal(acts_count(&book), 1);
    char lot[LOT_TEXT_BYTES];
    lot_text(MERCHANT, send.lot_send.lot, lot);
    assert_string_equal(last_act(&book)->subject, lot);
    assert_string_equal(last_act(&book)->before, "{\"state\":\"WAITING\"}");
    assert_string_equal(last_act(&book)->after, "{\"state\":\"CANCELLED\"}");
    batch_close(&book);
}

/* The head over acts whose texts are these. */
static struct act_head head_of(const char *person, const char *from)
{
    struct act_link link;
    struct act_head head = {0};
    struct act act = {.id = 1,
                      .kind = ACT_FUND,
                      .person = person,
                      .from = from,
                      .request = "",
                      .subject = "",
                      .before = "{}",
                      .after = "{}",
                      .at_ms = NOW_MS};
    act_link_begin(&link, &head);
    act_link_add(&link, &act);
    act_link_end(&link, &head);
    return head;
}

static void no_text_lends_bytes_to_the_next_in_the_chain(void **state)
{
    (void)state;
    struct act_head one = head_of("ab", "c"), same = head_of("ab", "c"), other = head_of("a", "bc");
    assert_int_equal(one.last_act_id, 1);
    assert_memory_equal(one.hash, same.hash, sizeof one.hash);
    assert_memory_not_equal(one.hash, other.hash, sizeof one.hash);
}

static void every_kind_reads_as_it_is_written(void **state)
{
    (void)state;
    for (int each = 1; each < ACT_KIND_END; each++) {
        enum act_kind kind;
        assert_true(act_kind_read(act_kind_text((enum act_kind)each), &kind));
        assert_int_equal(kind, each);
    }
    enum act_kind kind;
    assert_false(act_kind_read("NOTHING", &kind));
}

int main(void)
{
    secret_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_nobody_did_by_hand_is_no_act),
        cmocka_unit_test(a_change_says_what_was_and_what_is),
        cmocka_unit_test(a_secret_is_only_said_to_have_changed),
        cmocka_unit_test(what_was_refused_or_known_is_no_act),
        cmocka_unit_test(who_decides_on_a_lot_is_written_down_once),
        cmocka_unit_test(no_text_lends_bytes_to_the_next_in_the_chain),
        cmocka_unit_test(every_kind_reads_as_it_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

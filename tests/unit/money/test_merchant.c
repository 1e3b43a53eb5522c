#include "batch.h"

#include <string.h>

static enum payout_code fund(struct book *book, enum movement_kind kind, int64_t minor,
                             const char *reference, bool *again)
{
    struct command command = {.kind = COMMAND_FUND,
                              .fund = {.merchant = MERCHANT,
                                       .kind = kind,
                                       .amount = {minor, CURRENCY_XOF},
                                       .reference = reference}};
    (void)batch_run(book, &command);
    *again = command.fund.again;
    return command.code;
}

static void a_merchant_is_made_once(void **state)
{
    (void)state;
    struct book book;
    batch_open(&book, 100);
    const struct merchant *merchant = &book_merchant(&book, MERCHANT)->merchant;
    assert_int_equal(merchant->created_at_ms, NOW_MS);
    assert_string_equal(merchant->name, "M");
    struct command again = {.kind = COMMAND_MERCHANT_CREATE,
                            .merchant_create = {.merchant = batch_merchant()}};
    assert_int_equal(batch_run(&book, &again), PAYOUT_DATA_NOT_VALID);
    batch_close(&book);
}

static void only_the_named_fields_change(void **state)
{
    (void)state;
    struct merchant other = {.id = MERCHANT,
                             .name = "N",
                             .password_hash = "H",
                             .secret_key = "S",
                             .lang = MERCHANT_LANG_EN,
                             .suspended = true,
                             .token_query_only = true,
                             .flat_reply = true,
                             .all_or_nothing = true,
                             .notify_url = "http://other.example/",
                             .ip_list = "192.0.2.0/24",
                             .lot_expiry_ms = 7};
    for (unsigned bit = 0; bit <= 11; bit++) {
        struct book book;
        batch_open(&book, 100);
        const struct merchant *merchant = &book_merchant(&book, MERCHANT)->merchant;
        unsigned fields = bit == 11 ? (1u << 11) - 1 : 1u << bit;
        struct command change = {.kind = COMMAND_MERCHANT_CHANGE,
                                 .merchant_change = {.fields = fields, .merchant = other}};
        assert_int_equal(batch_run(&book, &change), PAYOUT_OK);
#define CHANGED(field) ((fields & MERCHANT_FIELD_##field) != 0)
        assert_int_equal(strcmp(merchant->name, "N") == 0, CHANGED(NAME));
        assert_int_equal(strcmp(merchant->password_hash, "H") == 0, CHANGED(PASSWORD_HASH));
        assert_int_equal(strcmp(merchant->secret_key, "S") == 0, CHANGED(SECRET_KEY));
        assert_int_equal(merchant->lang == MERCHANT_LANG_EN, CHANGED(LANG));
        assert_int_equal(merchant->suspended, CHANGED(SUSPENDED));
        assert_int_equal(merchant->token_query_only, CHANGED(TOKEN_QUERY_ONLY));
        assert_int_equal(merchant->flat_reply, CHANGED(FLAT_REPLY));
        assert_int_equal(merchant->all_or_nothing, CHANGED(ALL_OR_NOTHING));
        assert_int_equal(strcmp(merchant->notify_url, other.notify_url) == 0, CHANGED(NOTIFY_URL));
        assert_int_equal(strcmp(merchant->ip_list, other.ip_list) == 0, CHANGED(IP_LIST));
        assert_int_equal(merchant->lot_expiry_ms == 7, CHANGED(LOT_EXPIRY));
        assert_string_equal(merchant->apikey, "K"); /* Never. */
        batch_close(&book);
    }
    struct book book;
    batch_open(&book, 100);
    struct command change = {.kind = COMMAND_MERCHANT_CHANGE,
                             .merchant_change = {.merchant = {.id = {MERCHANT_ID_MIN}}}};
    assert_int_equal(batch_run(&book, &change), PAYOUT_NOT_FOUND);
    batch_close(&book);
}

static const struct merchant *keys_run(struct book *book, unsigned fields,
                                       const struct merchant *other, int64_t at_ms)
{
    struct command change = {.kind = COMMAND_MERCHANT_CHANGE,
                             .merchant_change = {.fields = fields, .merchant = *other}};
    change.merchant_change.merchant.id = MERCHANT;
    batch_run_at(book, &change, at_ms);
    assert_int_equal(change.code, PAYOUT_OK);
    return &book_merchant(book, MERCHANT)->merchant;
}

static void what_is_replaced_holds_on_until_its_time(void **state)
{
    (void)state;
    enum { PASSWORD = MERCHANT_FIELD_PASSWORD_HASH | MERCHANT_FIELD_PASSWORD_BEFORE };
    enum { SECRET = MERCHANT_FIELD_SECRET_KEY | MERCHANT_FIELD_SECRET_BEFORE };
    struct book book;
    batch_open(&book, 100);
    struct merchant first = {.password_hash = "H1", .secret_key = "S1"};
    const struct merchant *is = keys_run(&book, PASSWORD | SECRET, &first, NOW_MS);
    assert_string_equal(is->password_before, ""); /* No time: it ends at once. */
    assert_string_equal(is->secret_before, "");
    struct merchant second = {.password_hash = "H2",
                              .password_before_until_ms = NOW_MS + 10,
                              .secret_key = "S2",
                              .secret_before_until_ms = NOW_MS + 20};
    is = keys_run(&book, PASSWORD | SECRET, &second, NOW_MS);
    assert_string_equal(is->password_hash, "H2");
    assert_string_equal(is->password_before, "H1");
    assert_string_equal(is->secret_key, "S2");
    assert_string_equal(is->secret_before, "S1");
    /* Another setting leaves them, until their time is over: then it wipes them. */
    is = keys_run(&book, MERCHANT_FIELD_LANG, &second, NOW_MS + 9);
    assert_string_equal(is->password_before, "H1");
    is = keys_run(&book, MERCHANT_FIELD_LANG, &second, NOW_MS + 10);
    assert_string_equal(is->password_before, "");
    assert_int_equal(is->password_before_until_ms, 0);
    assert_string_equal(is->secret_before, "S1");
    /* Named, it is taken as it is: sealed anew. */
    struct merchant anew = {
        .secret_key = "S2'", .secret_before = "S1'", .secret_before_until_ms = NOW_MS + 20};
    is = keys_run(&book, SECRET, &anew, NOW_MS + 11);
    assert_string_equal(is->secret_key, "S2'");
    assert_string_equal(is->secret_before, "S1'");
    is = keys_run(&book, 0, &anew, NOW_MS + 20);
    assert_string_equal(is->secret_before, "");
    assert_string_equal(is->secret_key, "S2'");
    batch_close(&book);
}

static void the_same_reference_moves_money_once(void **state)
{
    (void)state;
    struct book book;
    bool again;
    batch_open(&book, 1000);
    assert_int_equal(fund(&book, MOVEMENT_TOP_UP, 500, "R", &again), PAYOUT_OK);
    assert_false(again);
    assert_int_equal(fund(&book, MOVEMENT_TOP_UP, 500, "R", &again), PAYOUT_OK);
    assert_true(again);
    assert_int_equal(batch_balance(&book, ACCOUNT_AVAILABLE), 1500);
    assert_int_equal(fund(&book, MOVEMENT_TOP_UP, 501, "R", &again), PAYOUT_CLIENT_ID_EXISTS);
    assert_int_equal(fund(&book, MOVEMENT_WITHDRAW, 500, "R", &again), PAYOUT_CLIENT_ID_EXISTS);
    assert_int_equal(batch_balance(&book, ACCOUNT_AVAILABLE), 1500);
    batch_close(&book);
}

static void no_more_is_withdrawn_than_there_is(void **state)
{
    (void)state;
    struct book book;
    bool again;
    batch_open(&book, 1000);
    assert_int_equal(fund(&book, MOVEMENT_WITHDRAW, 1001, "W", &again),
                     PAYOUT_INSUFFICIENT_BALANCE);
    assert_int_equal(fund(&book, MOVEMENT_WITHDRAW, 1000, "W", &again), PAYOUT_OK);
    assert_int_equal(batch_balance(&book, ACCOUNT_AVAILABLE), 0);
    batch_close(&book);
}

static void an_amount_to_fund_is_positive_and_fits(void **state)
{
    (void)state;
    struct book book;
    bool again;
    batch_open(&book, 1000);
    assert_int_equal(fund(&book, MOVEMENT_TOP_UP, 0, "A", &again), PAYOUT_INVALID_AMOUNT);
    assert_int_equal(fund(&book, MOVEMENT_TOP_UP, -5, "A", &again), PAYOUT_INVALID_AMOUNT);
    assert_int_equal(fund(&book, MOVEMENT_TOP_UP, INT64_MAX, "A", &again), PAYOUT_INVALID_AMOUNT);
    struct command unknown = {.kind = COMMAND_FUND,
                              .fund = {.merchant = {MERCHANT_ID_MIN},
                                       .kind = MOVEMENT_TOP_UP,
                                       .amount = {5, CURRENCY_XOF},
                                       .reference = "A"}};
    assert_int_equal(batch_run(&book, &unknown), PAYOUT_NOT_FOUND);
    batch_close(&book);
}

/* --- Contacts --- */

static void a_contact_keeps_the_lot_of_its_first_day(void **state)
{
    (void)state;
    struct book book;
    batch_open(&book, 1000);
    struct contact_item items[] = {
        {.prefix = "225", .phone = "07895086", .name = "A", .surname = "B", .email = "c"},
        {.prefix = "225", .phone = "nobody", .name = "", .surname = "", .email = ""},
        {.prefix = "+225", .phone = "0707895086", .name = "X", .surname = "", .email = ""},
        {.prefix = "229", .phone = "97123456", .name = "", .surname = "", .email = ""},
    };
    for (size_t i = 0; i < 4; i++)
        contact_item_check(&items[i]);
    struct command add = {.kind = COMMAND_CONTACT_ADD,
                          .contact_add = {.merchant = MERCHANT, .items = items, .count = 4}};
    assert_int_equal(batch_run(&book, &add), PAYOUT_OK);
    assert_int_equal(items[0].code, PAYOUT_OK);
    assert_int_equal(items[1].code, PAYOUT_INVALID_PHONE);
    assert_int_equal(items[1].lot.value, 0);
    assert_int_equal(items[2].code, PAYOUT_ALREADY_MY_CONTACT); /* The same person as the first. */
    assert_int_equal(items[3].code, PAYOUT_OK);
    assert_int_equal(items[3].lot.value, items[0].lot.value);
    struct lot_code first = items[0].lot;
    assert_true(first.value > 0);

    batch_run_at(&book, &add, NOW_MS + 60000);
    assert_int_equal(add.code, PAYOUT_OK); /* All are known: that is no refusal. */
    assert_int_equal(items[0].code, PAYOUT_ALREADY_MY_CONTACT);
    assert_int_equal(items[0].lot.value, first.value);
    const struct contact *contact = &book_contact(&book, MERCHANT, items[0].msisdn)->contact;
    assert_string_equal(contact->name, "A");
    assert_string_equal(contact->phone, "07895086");
    assert_int_equal(contact->created_at_ms, NOW_MS);

    add.contact_add.items = &items[1];
    add.contact_add.count = 1;
    assert_int_equal(batch_run(&book, &add), PAYOUT_INVALID_PHONE);
    add.contact_add.merchant = (struct merchant_id){MERCHANT_ID_MIN};
    assert_int_equal(batch_run(&book, &add), PAYOUT_INVALID_USER);
    batch_close(&book);
}

/* --- Commands as such --- */

static void every_kind_has_its_word_and_weight(void **state)
{
    (void)state;
    static const char *const words[] = {
#define KIND(NAME, member, meaning) #NAME,
        COMMAND_KINDS(KIND)
#undef KIND
    };
    for (unsigned i = 0; i < COMMAND_KIND_COUNT; i++)
        assert_string_equal(command_kind_text((enum command_kind)i), words[i]);
    struct command command = {.kind = COMMAND_FUND};
    assert_int_equal(command_weight(&command), 1);
    command = (struct command){.kind = COMMAND_LOT_DECIDE};
    assert_int_equal(command_weight(&command), COMMAND_ITEMS_MAX);
    command = (struct command){.kind = COMMAND_LOT_SEND, .lot_send = {.count = 7}};
    assert_int_equal(command_weight(&command), 7);
    command = (struct command){.kind = COMMAND_CONTACT_ADD, .contact_add = {.count = 8}};
    assert_int_equal(command_weight(&command), 8);
    command = (struct command){.kind = COMMAND_TRANSFER_CLAIM, .transfer_claim = {.count = 9}};
    assert_int_equal(command_weight(&command), 9);
    command = (struct command){.kind = COMMAND_TRANSFER_OUTCOME, .transfer_outcome = {.count = 10}};
    assert_int_equal(command_weight(&command), 10);
    command = (struct command){.kind = COMMAND_DELIVERY, .delivery = {.count = 11}};
    assert_int_equal(command_weight(&command), 11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_merchant_is_made_once),
        cmocka_unit_test(only_the_named_fields_change),
        cmocka_unit_test(what_is_replaced_holds_on_until_its_time),
        cmocka_unit_test(the_same_reference_moves_money_once),
        cmocka_unit_test(no_more_is_withdrawn_than_there_is),
        cmocka_unit_test(an_amount_to_fund_is_positive_and_fits),
        cmocka_unit_test(a_contact_keeps_the_lot_of_its_first_day),
        cmocka_unit_test(every_kind_has_its_word_and_weight),
    };
    secret_init();
    return cmocka_run_group_tests_name("money/merchant", tests, NULL, NULL);
}

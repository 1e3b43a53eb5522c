#include "batch.h"

#include <string.h>

#define ABOVE INT64_C(1000)

/* A book in which a merchant whose lots need two persons above ABOVE has sent one of count items of
 * 500. */
static struct lot_code sent(struct book *book, size_t count, bool listed, const char *sender)
{
    batch_open(book, 100000);
    struct command change = {
        .kind = COMMAND_MERCHANT_CHANGE,
        .merchant_change = {.fields = MERCHANT_FIELD_APPROVE_ABOVE,
                            .merchant = {.id = MERCHANT, .approve_above_minor = ABOVE}}};
    assert_int_equal(batch_run(book, &change), PAYOUT_OK);
    batch_contact(book, "0707895086");
    struct send_item items[8];
    for (size_t i = 0; i < count; i++)
        items[i] = batch_item("0707895086", "500", NULL);
    struct command send = batch_send(items, count, listed);
    send.lot_send.sender = sender;
    assert_int_equal(batch_run(book, &send), PAYOUT_OK);
    return send.lot_send.lot;
}

static const struct lot *look(struct book *book, struct lot_code lot)
{
    return &book_lot(book, MERCHANT, lot)->lot;
}

static const struct transfer *transfer_of(struct book *book, struct lot_code lot)
{
    return &book_transfer(book, look(book, lot)->first)->transfer;
}

static struct command says_at(struct book *book, struct lot_code lot, enum lot_state to,
                              const char *person, const uint8_t *hash, int64_t at_ms)
{
    struct command decide = {
        .kind = COMMAND_LOT_DECIDE,
        .lot_decide = {
            .merchant = MERCHANT, .lot = lot, .to = to, .person = person, .from = "198.51.100.7"}};
    if (hash != NULL)
        memcpy(decide.lot_decide.hash, hash, SECRET_HASH_BYTES);
    batch_run_at(book, &decide, at_ms);
    return decide;
}

static struct command says(struct book *book, struct lot_code lot, enum lot_state to,
                           const char *person)
{
    return says_at(book, lot, to, person, NULL, NOW_MS + 1000);
}

/* The lines that were written, oldest first. */
static int64_t lines(const struct book *book, struct approval found[4])
{
    int64_t count = 0;
    for (const struct approval_line *line = book->approved; line != NULL; line = line->next)
        found[count++] = line->approval;
    return count;
}

static void one_person_confirms_what_is_not_above(void **state)
{
    (void)state;
    struct book book;
    struct approval acts[4];
    struct lot_code lot = sent(&book, 2, false, "Awa"); /* 1000 is not above 1000. */
    assert_int_equal(look(&book, lot)->persons, 1);
    struct command said = says(&book, lot, LOT_CONFIRMED, "Awa");
    assert_int_equal(said.code, PAYOUT_OK);
    assert_int_equal(said.lot_decide.state, LOT_CONFIRMED);
    assert_int_equal(said.lot_decide.given, 1);
    assert_false(said.lot_decide.again);
    assert_int_equal(transfer_of(&book, lot)->step, STEP_SUBMIT);
    assert_int_equal(lines(&book, acts), 1);
    assert_int_equal(acts[0].act, APPROVAL_CONFIRMED);
    assert_string_equal(acts[0].person, "Awa");
    assert_string_equal(acts[0].from, "198.51.100.7");
    assert_int_equal(acts[0].at_ms, NOW_MS + 1000);
    assert_true(approval_right(look(&book, lot), acts, 1));
    assert_true(says(&book, lot, LOT_CONFIRMED, "Kofi").lot_decide.again);
    assert_int_equal(lines(&book, acts), 1);
    batch_close(&book);
}

static void two_persons_confirm_what_is_above(void **state)
{
    (void)state;
    struct book book;
    struct approval acts[4];
    struct lot_code lot = sent(&book, 3, true, NULL); /* Also from a listed address. */
    assert_int_equal(look(&book, lot)->persons, 2);
    assert_int_equal(look(&book, lot)->state, LOT_WAITING);
    assert_true(look(&book, lot)->listed);
    struct command said = says(&book, lot, LOT_CONFIRMED, "Awa");
    assert_int_equal(said.code, PAYOUT_OK);
    assert_int_equal(said.lot_decide.state, LOT_WAITING);
    assert_int_equal(said.lot_decide.given, 1);
    assert_int_equal(said.lot_decide.persons, 2);
    said = says(&book, lot, LOT_CONFIRMED, " AWA "); /* The same one's second word. */
    assert_int_equal(said.code, PAYOUT_OK);
    assert_true(said.lot_decide.again);
    assert_int_equal(said.lot_decide.state, LOT_WAITING);
    assert_int_equal(transfer_of(&book, lot)->step, STEP_NONE);
    said = says(&book, lot, LOT_CONFIRMED, "Kofi");
    assert_int_equal(said.lot_decide.state, LOT_CONFIRMED);
    assert_int_equal(said.lot_decide.given, 2);
    assert_int_equal(transfer_of(&book, lot)->step, STEP_SUBMIT);
    assert_int_equal(lines(&book, acts), 2);
    assert_int_equal(acts[0].act, APPROVAL_GIVEN);
    assert_int_equal(acts[1].act, APPROVAL_CONFIRMED);
    assert_string_equal(acts[1].person, "Kofi");
    assert_true(approval_right(look(&book, lot), acts, 2));
    batch_close(&book);
}

static void who_sent_it_is_none_of_the_two(void **state)
{
    (void)state;
    struct book book;
    struct lot_code lot = sent(&book, 3, false, "Awa");
    assert_string_equal(look(&book, lot)->sender, "Awa");
    for (int i = 0; i < 2; i++) {
        struct command said = says(&book, lot, LOT_CONFIRMED, "awa");
        assert_int_equal(said.code, PAYOUT_NOT_ALLOWED);
        assert_int_equal(said.lot_decide.refusal, APPROVAL_REFUSAL_SENDER);
        assert_int_equal(says(&book, lot, LOT_CONFIRMED, "Kofi").code, PAYOUT_OK);
    }
    assert_int_equal(look(&book, lot)->state, LOT_WAITING);
    assert_int_equal(says(&book, lot, LOT_CANCELLED, "Awa").code, PAYOUT_OK); /* It may do that. */
    assert_int_equal(look(&book, lot)->state, LOT_CANCELLED);
    batch_close(&book);
}

static void a_first_word_keeps_no_lot_from_ending_otherwise(void **state)
{
    (void)state;
    static const enum lot_state ends[] = {LOT_CANCELLED, LOT_EXPIRED};
    for (size_t i = 0; i < 2; i++) {
        struct book book;
        struct approval acts[4];
        struct lot_code lot = sent(&book, 3, false, NULL);
        int64_t expires_at_ms = look(&book, lot)->expires_at_ms;
        assert_int_equal(says(&book, lot, LOT_CONFIRMED, "Awa").code, PAYOUT_OK);
        assert_int_equal(look(&book, lot)->expires_at_ms, expires_at_ms);
        struct command late = says_at(&book, lot, LOT_CONFIRMED, "Kofi", NULL, expires_at_ms);
        assert_int_equal(late.lot_decide.refusal, APPROVAL_REFUSAL_TOO_LATE);
        struct command early = says_at(&book, lot, LOT_EXPIRED, NULL, NULL, expires_at_ms - 1);
        assert_int_equal(early.lot_decide.refusal, APPROVAL_REFUSAL_TOO_EARLY);
        assert_int_equal(early.lot_decide.given, 1);
        struct command end = says_at(&book, lot, ends[i], "Mariam", NULL, expires_at_ms);
        assert_int_equal(end.code, PAYOUT_OK);
        assert_int_equal(end.lot_decide.given, 1);
        assert_int_equal(batch_balance(&book, ACCOUNT_AVAILABLE), 100000);
        assert_int_equal(lines(&book, acts), 2);
        assert_string_equal(acts[1].person, ends[i] == LOT_EXPIRED ? "" : "Mariam");
        assert_true(approval_right(look(&book, lot), acts, 2));
        struct command more = says(&book, lot, LOT_CONFIRMED, "Kofi");
        assert_int_equal(more.lot_decide.refusal, APPROVAL_REFUSAL_DECIDED);
        batch_close(&book);
    }
}

static void the_need_is_fixed_when_it_is_sent(void **state)
{
    (void)state;
    struct book book;
    struct lot_code lot = sent(&book, 3, false, NULL);
    struct command change = {
        .kind = COMMAND_MERCHANT_CHANGE,
        .merchant_change = {.fields = MERCHANT_FIELD_APPROVE_ABOVE, .merchant = {.id = MERCHANT}}};
    assert_int_equal(batch_run(&book, &change), PAYOUT_OK);
    assert_int_equal(says(&book, lot, LOT_CONFIRMED, "Awa").lot_decide.state, LOT_WAITING);
    batch_close(&book);
}

static void a_word_bound_to_a_hash_is_about_that_lot_only(void **state)
{
    (void)state;
    struct book book;
    struct lot_code lot = sent(&book, 3, false, NULL);
    uint8_t hash[SECRET_HASH_BYTES];
    memcpy(hash, look(&book, lot)->hash, sizeof hash);
    assert_true(lot_hashed(look(&book, lot)));
    hash[31] ^= 1;
    static const enum lot_state ways[] = {LOT_CONFIRMED, LOT_CANCELLED};
    for (size_t i = 0; i < 2; i++) {
        struct command other = says_at(&book, lot, ways[i], "Awa", hash, NOW_MS + 1000);
        assert_int_equal(other.code, PAYOUT_NOT_ALLOWED);
        assert_int_equal(other.lot_decide.refusal, APPROVAL_REFUSAL_OTHER_HASH);
    }
    hash[31] ^= 1;
    assert_int_equal(says_at(&book, lot, LOT_CONFIRMED, "Awa", hash, NOW_MS + 1000).code,
                     PAYOUT_OK);
    assert_int_equal(look(&book, lot)->state, LOT_WAITING);
    batch_close(&book);
}

static void a_lot_whose_transfers_were_changed_is_not_confirmed(void **state)
{
    (void)state;
    struct book book;
    struct lot_code lot = sent(&book, 3, false, NULL);
    struct transfer *second =
        &book_transfer(&book, (struct transfer_id){look(&book, lot)->first.value + 1})->transfer;
    second->msisdn++;
    struct command said = says(&book, lot, LOT_CONFIRMED, "Awa");
    assert_int_equal(said.code, PAYOUT_NOT_ALLOWED);
    assert_int_equal(said.lot_decide.refusal, APPROVAL_REFUSAL_DAMAGED);
    second->msisdn--;
    assert_int_equal(says(&book, lot, LOT_CONFIRMED, "Awa").code, PAYOUT_OK);
    batch_close(&book);
}

/* A lot of before: it has no hash, and needs one person. */
static void a_lot_without_a_hash_is_confirmed_by_whoever_looked_at_no_hash(void **state)
{
    (void)state;
    struct book book;
    struct lot_code lot = sent(&book, 1, false, NULL);
    struct lot *old = &book_lot(&book, MERCHANT, lot)->lot;
    uint8_t hash[SECRET_HASH_BYTES];
    memcpy(hash, old->hash, sizeof hash);
    memset(old->hash, 0, sizeof old->hash);
    assert_int_equal(says_at(&book, lot, LOT_CONFIRMED, "Awa", hash, NOW_MS + 1000).code,
                     PAYOUT_NOT_ALLOWED);
    assert_int_equal(says(&book, lot, LOT_CONFIRMED, "Awa").code, PAYOUT_OK);
    batch_close(&book);
}

static void the_hash_is_of_all_that_is_paid(void **state)
{
    (void)state;
    struct transfer transfer = {.id = {77},
                                .msisdn = INT64_C(2250707895086),
                                .operator_number = 3,
                                .amount = {500, CURRENCY_XOF},
                                .fee_minor = 5};
    uint8_t hashes[12][SECRET_HASH_BYTES];
    for (int i = 0; i < 12; i++) {
        struct transfer other = transfer;
        other.id.value += i == 1;
        other.msisdn += i == 2;
        other.operator_number += i == 3;
        other.amount.minor += i == 4;
        other.amount.currency = i == 5 ? CURRENCY_XAF : CURRENCY_XOF;
        other.fee_minor += i == 6;
        other.payer = i == 7 ? FEE_PAYER_RECEIVER : FEE_PAYER_MERCHANT;
        struct secret_digest digest;
        lot_hash_begin(&digest, (struct merchant_id){MERCHANT.value + (i == 8)},
                       (struct lot_code){9 + (i == 9)});
        lot_hash_add(&digest, &other);
        lot_hash_end(&digest, i == 10 ? 1 : 2, i == 11 ? "Awa" : "", hashes[i]);
        for (int j = 0; j < i; j++)
            assert_memory_not_equal(hashes[i], hashes[j], SECRET_HASH_BYTES);
    }
}

/* What the audit calls right, and what not: each is a lot with what was written about it. */
static void an_audit_knows_who_had_to_say_so(void **state)
{
    (void)state;
    enum {
        G = APPROVAL_GIVEN,
        C = APPROVAL_CONFIRMED,
        X = APPROVAL_CANCELLED,
        E = APPROVAL_EXPIRED
    };
    static const struct {
        enum lot_state state;
        int32_t persons;
        bool listed, hashed;
        int64_t count;
        int acts[3];
        const char *who[3];
        bool right;
    } cases[] = {
        {LOT_CONFIRMED, 0, true, true, 0, {0}, {NULL}, true},
        {LOT_CONFIRMED, 0, false, true, 0, {0}, {NULL}, false},
        {LOT_CONFIRMED, 0, true, true, 1, {C}, {"Awa"}, false},
        {LOT_WAITING, 0, true, true, 0, {0}, {NULL}, false},
        {LOT_CONFIRMED, 1, false, true, 1, {C}, {"Awa"}, true},
        {LOT_CONFIRMED, 1, false, true, 1, {C}, {""}, false},
        {LOT_CONFIRMED, 1, false, true, 0, {0}, {NULL}, false},
        {LOT_CONFIRMED, 1, false, false, 0, {0}, {NULL}, true}, /* Of before. */
        {LOT_CONFIRMED, 2, false, false, 0, {0}, {NULL}, false},
        {LOT_CONFIRMED, 1, false, true, 1, {X}, {"Awa"}, false},
        {LOT_CONFIRMED, 1, false, true, 2, {G, C}, {"Awa", "Kofi"}, false},
        {LOT_CONFIRMED, 2, false, true, 2, {G, C}, {"Awa", "Kofi"}, true},
        {LOT_CONFIRMED, 2, false, true, 2, {G, C}, {"Awa", "awa "}, false},
        {LOT_CONFIRMED, 2, false, true, 2, {G, C}, {"Awa", "Ada"}, false}, /* Who sent it. */
        {LOT_CONFIRMED, 2, false, true, 2, {G, C}, {"Ada", "Awa"}, false},
        {LOT_CONFIRMED, 2, false, true, 2, {G, G}, {"Awa", "Kofi"}, false},
        {LOT_CONFIRMED, 2, false, true, 1, {C}, {"Awa"}, false},
        {LOT_CONFIRMED, 2, false, true, 0, {0}, {NULL}, false},
        {LOT_CONFIRMED, 2, false, true, 3, {G, C, C}, {"Awa", "Kofi", "Mariam"}, false},
        {LOT_CONFIRMED, 3, false, true, 2, {G, C}, {"Awa", "Kofi"}, false},
        {LOT_WAITING, 2, false, true, 1, {G}, {"Awa"}, true},
        {LOT_WAITING, 2, false, true, 0, {0}, {NULL}, true},
        {LOT_WAITING, 2, false, true, 2, {G, C}, {"Awa", "Kofi"}, false},
        {LOT_WAITING, 1, false, true, 1, {G}, {"Awa"}, false},
        {LOT_CANCELLED, 2, false, true, 1, {X}, {"Awa"}, true},
        {LOT_CANCELLED, 2, false, true, 2, {G, X}, {"Awa", "Awa"}, true},
        {LOT_CANCELLED, 1, false, true, 1, {E}, {""}, false},
        {LOT_EXPIRED, 1, false, true, 1, {E}, {""}, true},
        {LOT_EXPIRED, 2, false, true, 2, {G, E}, {"Awa", ""}, true},
        {LOT_EXPIRED, 1, false, true, 0, {0}, {NULL}, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lot lot = {.state = cases[i].state,
                          .persons = cases[i].persons,
                          .listed = cases[i].listed,
                          .sender = "Ada",
                          .hash = {cases[i].hashed}};
        struct approval acts[3] = {0};
        for (int j = 0; j < cases[i].count; j++)
            acts[j] = (struct approval){.number = j + 1,
                                        .act = (enum approval_act)cases[i].acts[j],
                                        .person = cases[i].who[j]};
        if (approval_right(&lot, acts, cases[i].count) != cases[i].right)
            fail_msg("case %zu", i);
    }
    const struct lot lot = {.state = LOT_CONFIRMED, .persons = 1, .sender = "", .hash = {1}};
    const struct approval gap = {.number = 2, .act = APPROVAL_CONFIRMED, .person = "Awa"};
    assert_false(approval_right(&lot, &gap, 1));
}

static void acts_and_refusals_have_words(void **state)
{
    (void)state;
    assert_string_equal(approval_act_text(APPROVAL_GIVEN), "GIVEN");
    assert_string_equal(approval_act_text(APPROVAL_EXPIRED), "EXPIRED");
    assert_string_equal(approval_refusal_text(APPROVAL_REFUSAL_NONE), "");
    assert_non_null(strstr(approval_refusal_text(APPROVAL_REFUSAL_SENDER), "two persons"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_person_confirms_what_is_not_above),
        cmocka_unit_test(two_persons_confirm_what_is_above),
        cmocka_unit_test(who_sent_it_is_none_of_the_two),
        cmocka_unit_test(a_first_word_keeps_no_lot_from_ending_otherwise),
        cmocka_unit_test(the_need_is_fixed_when_it_is_sent),
        cmocka_unit_test(a_word_bound_to_a_hash_is_about_that_lot_only),
        cmocka_unit_test(a_lot_whose_transfers_were_changed_is_not_confirmed),
        cmocka_unit_test(a_lot_without_a_hash_is_confirmed_by_whoever_looked_at_no_hash),
        cmocka_unit_test(the_hash_is_of_all_that_is_paid),
        cmocka_unit_test(an_audit_knows_who_had_to_say_so),
        cmocka_unit_test(acts_and_refusals_have_words),
    };
    secret_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct account_key available(int64_t merchant)
{
    return (struct account_key){
        .merchant = {merchant}, .kind = ACCOUNT_AVAILABLE, .currency = CURRENCY_XOF};
}

static const struct account_key outside = {.kind = ACCOUNT_OUTSIDE, .currency = CURRENCY_XOF};

static struct movement top_up(int64_t merchant, int64_t minor)
{
    return (struct movement){.kind = MOVEMENT_TOP_UP,
                             .from = outside,
                             .to = available(merchant),
                             .amount = {minor, CURRENCY_XOF},
                             .merchant = {merchant},
                             .at_ms = NOW_MS};
}

static void book_begin(struct book *book)
{
    book_open(book, arena_open((size_t)1 << 25));
}

/* --- Rows --- */

static void the_same_key_gives_the_same_row(void **state)
{
    (void)state;
    enum { COUNT = 3000 }; /* Past several growths of the buckets. */
    struct book book;
    book_begin(&book);
    void *rows[COUNT][8];
    static char texts[COUNT][16];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < COUNT; i++) {
            (void)snprintf(texts[i], sizeof texts[i], "r%d", i / 2);
            struct merchant_id merchant = {MERCHANT_ID_MIN + i % 2};
            void *now[] = {
                book_merchant(&book, (struct merchant_id){MERCHANT_ID_MIN + i}),
                book_account(&book, available(MERCHANT_ID_MIN + i)),
                book_contact(&book, merchant, 1 + i / 2),
                book_client(&book, merchant, texts[i]),
                book_transfer(&book, (struct transfer_id){1 + i}),
                book_lot(&book, merchant, (struct lot_code){1 + i / 2}),
                book_notification(&book, (struct notification_key){{1 + i / 2}, 0, 1 + i % 2}),
                book_funding(&book, merchant, texts[i]),
            };
            if (round == 0)
                memcpy(rows[i], now, sizeof now);
            else
                assert_memory_equal(rows[i], now, sizeof now);
        }
    }
    const size_t counts[] = {book.merchants.count, book.accounts.count,     book.contacts.count,
                             book.clients.count,   book.transfers.count,    book.lots.count,
                             book.fundings.count,  book.notifications.count};
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(counts[i], COUNT);
    arena_close(book.arena);
}

static void what_is_wanted_is_loaded_once(void **state)
{
    (void)state;
    struct book book;
    book_begin(&book);
    assert_false(book_wants(&book));
    struct merchant_row *row = book_merchant(&book, MERCHANT);
    assert_true(book_wants(&book));
    assert_ptr_equal(book.merchants.wanted, &row->row);
    batch_find_nothing(&book);
    assert_false(book_wants(&book));
    assert_false(book_row_exists(&row->row));
    assert_ptr_equal(book_merchant(&book, MERCHANT), row);
    assert_false(book_wants(&book)); /* It was looked for. */
    struct merchant_row *other = book_merchant(&book, (struct merchant_id){MERCHANT_ID_MIN});
    assert_ptr_equal(book.merchants.wanted, &other->row); /* Only that. */
    arena_close(book.arena);
}

static void a_row_goes_from_absent_to_new_and_from_stored_to_changed(void **state)
{
    (void)state;
    struct book book;
    book_begin(&book);
    struct merchant_row *absent = book_merchant(&book, MERCHANT);
    struct merchant_row *stored = book_merchant(&book, (struct merchant_id){MERCHANT_ID_MIN});
    absent->row.state = ROW_ABSENT;
    stored->row.state = ROW_STORED;
    book_loaded(&book);
    book_row_add(&absent->row);
    assert_int_equal(absent->row.state, ROW_NEW);
    book_row_change(&absent->row);
    assert_int_equal(absent->row.state, ROW_NEW);
    book_row_change(&stored->row);
    assert_int_equal(stored->row.state, ROW_CHANGED);
    book_row_change(&stored->row);
    assert_int_equal(stored->row.state, ROW_CHANGED);
    struct lot_row *fresh = book_lot(&book, MERCHANT, (struct lot_code){1});
    book_row_create(&book.lots, &fresh->row);
    assert_int_equal(fresh->row.state, ROW_NEW);
    assert_false(book_wants(&book));
    assert_string_equal(book_text(&book, "abcdef", 3), "abc");
    assert_string_equal(book_text(&book, NULL, 0), "");
    arena_close(book.arena);
}

static void ask_before_loading(void *context)
{
    (void)book_row_exists(&book_merchant(context, MERCHANT)->row);
}

static void load_half(void *context)
{
    (void)book_merchant(context, MERCHANT);
    book_loaded(context);
}

static void add_twice(void *context)
{
    struct merchant_row *row = book_merchant(context, MERCHANT);
    row->row.state = ROW_STORED;
    book_row_add(&row->row);
}

static void rows_are_not_misused(void **state)
{
    (void)state;
    struct book book;
    book_begin(&book);
    assert_dies(ask_before_loading, &book);
    assert_dies(load_half, &book);
    assert_dies(add_twice, &book);
    arena_close(book.arena);
}

/* --- Money --- */

static struct account_row *account_given(struct book *book, struct account_key key, int64_t minor)
{
    struct account_row *row = book_account(book, key);
    row->row.state = minor == 0 ? ROW_ABSENT : ROW_STORED;
    row->balance_minor = row->loaded_minor = minor;
    return row;
}

static void a_movement_takes_and_gives_one_sum(void **state)
{
    (void)state;
    struct book book;
    book_begin(&book);
    struct account_row *from = account_given(&book, outside, -1000);
    struct account_row *to = account_given(&book, available(MERCHANT_ID_MIN), 0);
    book_loaded(&book);
    book.head.last_movement_id = 41;
    struct movement movement = top_up(MERCHANT_ID_MIN, 300);
    assert_true(book_move(&book, &movement));
    assert_true(book_move(&book, &movement));
    assert_int_equal(from->balance_minor, -1600);
    assert_int_equal(to->balance_minor, 600);
    assert_int_equal(from->row.state, ROW_CHANGED);
    assert_int_equal(to->row.state, ROW_NEW);
    struct ledger_head before = book.head;
    book_check(&book);
    assert_int_equal(book.movements->movement.id, 42);
    assert_int_equal(book.movements->next->movement.id, 43);
    assert_int_equal(book.head.last_movement_id, 43);
    assert_memory_not_equal(book.head.hash, before.hash, sizeof before.hash);
    assert_int_equal(from->loaded_minor, -1000); /* The check put it back. */
    arena_close(book.arena);
}

static void a_merchants_balance_never_goes_below_zero(void **state)
{
    (void)state;
    struct book book;
    book_begin(&book);
    account_given(&book, outside, -1000);
    struct account_row *from = account_given(&book, available(MERCHANT_ID_MIN), 100);
    book_loaded(&book);
    struct movement movement = top_up(MERCHANT_ID_MIN, 101);
    movement.kind = MOVEMENT_WITHDRAW;
    movement.from = movement.to;
    movement.to = outside;
    assert_false(book_move(&book, &movement));
    assert_int_equal(from->balance_minor, 100);
    assert_int_equal(from->row.state, ROW_STORED);
    assert_null(book.movements);
    movement.amount.minor = 100;
    assert_true(book_move(&book, &movement));
    assert_int_equal(from->balance_minor, 0);
    book_check(&book);
    arena_close(book.arena);
}

static void a_sum_that_does_not_fit_is_not_moved(void **state)
{
    (void)state;
    struct book book;
    book_begin(&book);
    account_given(&book, outside, -5);
    struct account_row *to = account_given(&book, available(MERCHANT_ID_MIN), INT64_MAX - 5);
    book_loaded(&book);
    struct movement movement = top_up(MERCHANT_ID_MIN, 6);
    assert_false(book_move(&book, &movement));
    assert_int_equal(to->balance_minor, INT64_MAX - 5);
    book_account(&book, outside)->balance_minor = INT64_MIN + 2;
    movement.amount.minor = 5;
    assert_false(book_move(&book, &movement));
    assert_int_equal(to->balance_minor, INT64_MAX - 5);
    arena_close(book.arena);
}

struct attempt {
    struct book *book;
    struct movement movement;
};

static void move(void *context)
{
    struct attempt *attempt = context;
    if (!book_move(attempt->book, &attempt->movement))
        _exit(1);
}

static void check(void *context)
{
    book_check(context);
}

static void a_wrong_movement_stops_the_process(void **state)
{
    (void)state;
    struct book book;
    book_begin(&book);
    account_given(&book, outside, 0);
    account_given(&book, available(MERCHANT_ID_MIN), 0);
    book_loaded(&book);
    struct attempt attempt = {&book, top_up(MERCHANT_ID_MIN, 0)};
    assert_dies(move, &attempt);
    attempt.movement = top_up(MERCHANT_ID_MIN, -5);
    assert_dies(move, &attempt);
    attempt.movement = top_up(MERCHANT_ID_MIN, 5);
    attempt.movement.amount.currency = CURRENCY_XAF;
    assert_dies(move, &attempt);
    attempt.movement = top_up(MERCHANT_ID_MIN, 5);
    attempt.movement.from = attempt.movement.to;
    assert_dies(move, &attempt);
    attempt.movement = top_up(MERCHANT_ID_MIN + 1, 5); /* Nobody loaded that account. */
    assert_dies(move, &attempt);
    arena_close(book.arena);
}

/* book_check finds out what no rule should ever do. */
static void the_check_finds_what_does_not_add_up(void **state)
{
    (void)state;
    struct book book;
    book_begin(&book);
    account_given(&book, outside, -100);
    struct account_row *row = account_given(&book, available(MERCHANT_ID_MIN), 100);
    book_loaded(&book);
    struct movement movement = top_up(MERCHANT_ID_MIN, 5);
    assert_true(book_move(&book, &movement));
    assert_int_equal(dies_signal(check, &book), 0); /* All is well so far. */
    row->balance_minor++;
    assert_dies(check, &book);
    row->loaded_minor++; /* Now the row agrees, and the whole does not sum to what it was. */
    assert_int_equal(dies_signal(check, &book), 0);
    row->loaded_minor = row->balance_minor = -1;
    assert_dies(check, &book);
    arena_close(book.arena);
}

static void the_check_finds_a_transfer_that_makes_no_sense(void **state)
{
    (void)state;
    const struct transfer good = {.id = {1},
                                  .amount = {500, CURRENCY_XOF},
                                  .confirmed = true,
                                  .state = TRANSFER_REC,
                                  .step = STEP_ASK,
                                  .attempts = 2,
                                  .channel = 7,
                                  .channel_attempt = 1,
                                  .due_at_ms = 1};
    struct book book;
    book_begin(&book);
    struct transfer_row *row = book_transfer(&book, good.id);
    row->row.state = ROW_STORED;
    book_loaded(&book);
    row->transfer = good;
    book_row_change(&row->row);
    assert_int_equal(dies_signal(check, &book), 0);
    for (int wrong = 0; wrong < 12; wrong++) {
        struct transfer *transfer = &row->transfer;
        *transfer = good;
        transfer->amount.minor = wrong == 0 ? 0 : 500;
        transfer->due_at_ms = wrong == 1 ? 0 : 1;                   /* A step without its time. */
        transfer->state = wrong == 2 ? TRANSFER_VAL : TRANSFER_REC; /* Final, with a step. */
        transfer->validated_at_ms = wrong == 3 ? 1 : 0;             /* Paid, and not VAL. */
        transfer->confirmed = wrong != 4;                           /* Given away unconfirmed. */
        if (wrong == 5) {
            transfer->step = STEP_NONE; /* Forgotten. */
            transfer->due_at_ms = 0;
        }
        transfer->channel = wrong == 6 ? 0 : 7;          /* There is nobody to ask. */
        transfer->channel_attempt = wrong == 7 ? 3 : 1;  /* Chosen for what was not tried. */
        transfer->channel_attempt *= wrong == 8 ? 0 : 1; /* Chosen for nothing. */
        if (wrong == 9) {                                /* Called back, and not asked about. */
            transfer->called_back = true;
            transfer->step = STEP_SUBMIT;
        }
        if (wrong == 10) { /* In hand, and after the lease it would be sent again. */
            transfer->in_hand = STEP_SUBMIT;
            transfer->step = STEP_SUBMIT;
        }
        transfer->state = wrong == 11 ? TRANSFER_NEW : transfer->state; /* With a channel. */
        assert_dies(check, &book);
    }
    arena_close(book.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_key_gives_the_same_row),
        cmocka_unit_test(what_is_wanted_is_loaded_once),
        cmocka_unit_test(a_row_goes_from_absent_to_new_and_from_stored_to_changed),
        cmocka_unit_test(rows_are_not_misused),
        cmocka_unit_test(a_movement_takes_and_gives_one_sum),
        cmocka_unit_test(a_merchants_balance_never_goes_below_zero),
        cmocka_unit_test(a_sum_that_does_not_fit_is_not_moved),
        cmocka_unit_test(a_wrong_movement_stops_the_process),
        cmocka_unit_test(the_check_finds_what_does_not_add_up),
        cmocka_unit_test(the_check_finds_a_transfer_that_makes_no_sense),
    };
    secret_init();
    return cmocka_run_group_tests_name("money/book", tests, NULL, NULL);
}

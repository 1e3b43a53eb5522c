/* batch: commands decided on a book without a store: what they want is not there, but for what
 * earlier commands of the same batch made. */
#ifndef PAYOUT_TESTS_MONEY_BATCH_H
#define PAYOUT_TESTS_MONEY_BATCH_H
#include "../dies.h"

#include "money/command.h"

#define NOW_MS   INT64_C(1540466553000)
#define CHANNEL  1
#define MERCHANT ((struct merchant_id){INT64_C(4455764120)})

static inline void batch_find_nothing(struct book *book)
{
    struct book_table *tables[] = {&book->merchants, &book->accounts,      &book->contacts,
                                   &book->clients,   &book->transfers,     &book->lots,
                                   &book->fundings,  &book->notifications, &book->settlements,
                                   &book->closings,  &book->sightings,     &book->usages,
                                   &book->mails,     &book->approvals,     &book->users,
                                   &book->callbacks, &book->reversals};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        for (struct book_row *row = tables[i]->wanted; row != NULL; row = row->next)
            if (row->state == ROW_WANTED)
                row->state = ROW_ABSENT;
    for (struct book_row *row = book->endpoints.wanted; row != NULL; row = row->next)
        row->state = ROW_STORED; /* A merchant without any is no merchant that is not there. */
    book_loaded(book);
}

/* Decides it, at at_ms. */
static inline void batch_run_at(struct book *book, struct command *command, int64_t at_ms)
{
    static struct transfer_id last;
    command_stamp(command, at_ms, &book->share, &last, 0);
    do {
        command_want(command, book);
        batch_find_nothing(book);
        command_want(command, book);
    } while (book_wants(book));
    command_decide(command, book);
}

static inline enum payout_code batch_run(struct book *book, struct command *command)
{
    batch_run_at(book, command, NOW_MS);
    return command->code;
}

static inline struct merchant batch_merchant(void)
{
    return (struct merchant){.id = MERCHANT,
                             .name = "M",
                             .apikey = "K",
                             .currency = CURRENCY_XOF,
                             .notify_url = "https://m.example/n",
                             .lot_expiry_ms = 3600000};
}

/* A book with a merchant, and minor of its money. */
static inline void batch_open(struct book *book, int64_t minor)
{
    book_open(book, arena_open((size_t)1 << 24));
    struct command create = {.kind = COMMAND_MERCHANT_CREATE,
                             .merchant_create = {.merchant = batch_merchant()}};
    assert_int_equal(batch_run(book, &create), PAYOUT_OK);
    struct command fund = {.kind = COMMAND_FUND,
                           .fund = {.merchant = MERCHANT,
                                    .kind = MOVEMENT_TOP_UP,
                                    .amount = {minor, CURRENCY_XOF},
                                    .reference = "first"}};
    assert_int_equal(batch_run(book, &fund), minor > 0 ? PAYOUT_OK : PAYOUT_INVALID_AMOUNT);
}

static inline void batch_close(struct book *book)
{
    book_check(book); /* Whatever was decided, it adds up. */
    arena_close(book->arena);
}

static inline int64_t batch_balance(struct book *book, enum account_kind kind)
{
    struct account_key key = {.merchant = MERCHANT, .kind = kind, .currency = CURRENCY_XOF};
    return book_account(book, key)->balance_minor;
}

/* Makes the phones contacts of the merchant. */
static inline void batch_contact(struct book *book, const char *phone)
{
    struct contact_item item = {
        .prefix = "225", .phone = phone, .name = "", .surname = "", .email = ""};
    contact_item_check(&item);
    struct command add = {.kind = COMMAND_CONTACT_ADD,
                          .contact_add = {.merchant = MERCHANT, .items = &item, .count = 1}};
    assert_int_equal(batch_run(book, &add), PAYOUT_OK);
}

static inline struct send_item batch_item(const char *phone, const char *amount,
                                          const char *client_id)
{
    struct send_item item = {
        .client_id = client_id, .notify_url = "", .prefix = "225", .phone = phone};
    send_item_check(&item, amount, NULL, 0);
    return item;
}

static inline struct command batch_send(struct send_item *items, size_t count, bool confirmed)
{
    return (struct command){.kind = COMMAND_LOT_SEND,
                            .lot_send = {.merchant = MERCHANT,
                                         .items = items,
                                         .count = count,
                                         .source = "192.0.2.1",
                                         .listed = confirmed}};
}
#endif

/* fill: makes a store of many transfers that came to every end there is, through the same book,
 * rules and calls as in the lane, without the lane's queue, HTTP and operators: for measuring what
 * reads a whole store. Of a hundred transfers about 88 are paid, 8 rejected, 1 of unknown outcome,
 * 1 under way; of a hundred lots one waits and one was cancelled.
 *
 * fill [--transfers 1000000] [--merchants 20] STORE */
#include <argp.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/random.h"
#include "money/command.h"
#include "store/store.h"

enum {
    LOT = 100,
    LOTS = 100, /* A commit. */
    BATCH = LOT * LOTS,
    PEOPLE = 20000,
    MERCHANTS_MAX = 1000,
    ARENA_BYTES_MAX = 1 << 30,
};
#define MSISDN_FIRST INT64_C(2250700000000)

static struct {
    int64_t transfers, merchants;
    const char *path;
} options = {.transfers = 1000000, .merchants = 20};

/* What all batches share. */
/* SQLite has one lane. */
static const struct share alone = {.lanes = 1, .alone = true};

struct filling {
    struct store *store;
    struct transfer_id last;
    int64_t at_ms; /* Goes on by a second a batch, so that the store spans some time. */
    int64_t made;
};

static void must(enum fault_kind kind, const struct fault *fault)
{
    if (kind == FAULT_NONE)
        return;
    fprintf(stderr, "fill: %s\n", fault->text);
    exit(1);
}

/* As the lane does it. */
static void commit(struct filling *filling, struct arena *arena, struct command *commands,
                   size_t count)
{
    struct book book;
    struct fault fault;
    uint8_t key[STORE_BATCH_KEY_BYTES];
    random_bytes(key, sizeof key);
    book_open(&book, arena);
    for (int round = 0; round == 0 || book_wants(&book); round++) {
        must(store_book_load(filling->store, &book, &fault), &fault);
        for (size_t i = 0; i < count; i++)
            command_want(&commands[i], &book);
    }
    for (size_t i = 0; i < count; i++)
        command_decide(&commands[i], &book);
    book_check(&book);
    must(store_book_save(filling->store, &book, key, &fault), &fault);
    for (size_t i = 0; i < count; i++)
        if (commands[i].code != PAYOUT_OK) {
            fprintf(stderr, "fill: %s was refused: %d\n", command_kind_text(commands[i].kind),
                    (int)commands[i].code);
            exit(1);
        }
}

static void stamp(struct filling *filling, struct command *command)
{
    command_stamp(command, filling->at_ms, &alone, &filling->last, random_below(UINT32_MAX));
}

static struct merchant_id merchant_of(int64_t index)
{
    return (struct merchant_id){MERCHANT_ID_MIN + index % options.merchants};
}

/* --- Merchants, their money, their contacts --- */

static void contacts_make(struct filling *filling, struct merchant_id merchant)
{
    for (int64_t person = 0; person < PEOPLE; person += COMMAND_ITEMS_MAX) {
        AUTO(arena_closep) struct arena *arena = arena_open(ARENA_BYTES_MAX);
        struct contact_item *items = arena_alloc(arena, COMMAND_ITEMS_MAX, sizeof *items);
        for (int64_t i = 0; i < COMMAND_ITEMS_MAX; i++)
            items[i] = (struct contact_item){.prefix = "225",
                                             .phone = "0700000000",
                                             .msisdn = MSISDN_FIRST + person + i,
                                             .name = "Kouassi",
                                             .surname = "Awa",
                                             .email = "awa@example.ci"};
        struct command add = {
            .kind = COMMAND_CONTACT_ADD,
            .contact_add = {.merchant = merchant, .items = items, .count = COMMAND_ITEMS_MAX}};
        stamp(filling, &add);
        commit(filling, arena, &add, 1);
    }
}

static void merchant_make(struct filling *filling, int64_t index)
{
    AUTO(arena_closep) struct arena *arena = arena_open(ARENA_BYTES_MAX);
    struct merchant merchant = {.id = merchant_of(index),
                                .currency = CURRENCY_XOF,
                                .lot_expiry_ms = MERCHANT_LOT_EXPIRY_MS_DEFAULT};
    (void)snprintf(merchant.name, sizeof merchant.name, "Merchant %" PRId64, index);
    (void)snprintf(merchant.apikey, sizeof merchant.apikey, "fill-%" PRId64, index);
    struct command commands[2] = {
        {.kind = COMMAND_MERCHANT_CREATE, .merchant_create = {.merchant = merchant}},
        {.kind = COMMAND_FUND,
         .fund = {.merchant = merchant.id,
                  .kind = MOVEMENT_TOP_UP,
                  .amount = {INT64_C(1) << 50, CURRENCY_XOF},
                  .reference = "all of it"}}};
    for (size_t i = 0; i < 2; i++) {
        stamp(filling, &commands[i]);
        commit(filling, arena, &commands[i], 1);
    }
    contacts_make(filling, merchant.id);
}

/* --- A batch: lots, then what operators say of them --- */

static struct command lot_make(struct arena *arena, struct filling *filling, int64_t number)
{
    struct send_item *items = arena_alloc(arena, LOT, sizeof *items);
    for (int64_t i = 0; i < LOT; i++) {
        char *client_id = arena_alloc(arena, 40, 1);
        (void)snprintf(client_id, 40, "salary-2026-%012" PRId64, number * LOT + i);
        items[i] = (struct send_item){.client_id = client_id,
                                      .notify_url = "https://shop.example.ci/payout/notify",
                                      .prefix = "225",
                                      .phone = "0700000000",
                                      .msisdn = MSISDN_FIRST + random_below(PEOPLE),
                                      .operator_number = 1,
                                      .amount = {500 + 5 * random_below(2000), CURRENCY_XOF}};
    }
    struct command command = {.kind = COMMAND_LOT_SEND,
                              .lot_send = {.merchant = merchant_of(number),
                                           .items = items,
                                           .count = LOT,
                                           .source = "192.0.2.1",
                                           .listed = number % LOTS > 1}};
    stamp(filling, &command);
    return command;
}

static void lot_cancel(struct arena *arena, struct filling *filling, const struct command *sent)
{
    struct command cancel = {.kind = COMMAND_LOT_DECIDE,
                             .lot_decide = {.merchant = sent->lot_send.merchant,
                                            .lot = sent->lot_send.lot,
                                            .to = LOT_CANCELLED,
                                            .person = "Awa"}};
    stamp(filling, &cancel);
    commit(filling, arena, &cancel, 1);
}

static struct outcome_item outcome_of(struct arena *arena, struct transfer_id transfer,
                                      int64_t at_ms)
{
    char *reference = arena_alloc(arena, 24, 1);
    uint32_t chance = random_below(100);
    struct outcome_item item = {
        .transfer = transfer, .operator_reference = "", .next_at_ms = at_ms + INT64_C(86400000)};
    if (chance < 8) {
        item.verdict = VERDICT_REJECTED;
        item.reason = TRANSFER_REASON_RECEIVER_UNKNOWN;
    } else if (chance == 8) {
        item.verdict = VERDICT_UNKNOWN;
        item.reason = TRANSFER_REASON_OUTCOME_UNKNOWN;
    } else if (chance == 9) {
        item.verdict = VERDICT_PENDING;
        item.reason = TRANSFER_REASON_PENDING_AT_OPERATOR;
    } else {
        (void)snprintf(reference, 24, "OM%018" PRId64, transfer.value % INT64_C(1000000000000000));
        item.verdict = VERDICT_PAID;
        item.operator_reference = reference;
    }
    return item;
}

static void operators_answer(struct arena *arena, struct filling *filling,
                             const struct command *lots)
{
    struct claim_item *claims = arena_alloc(arena, BATCH, sizeof *claims);
    struct outcome_item *outcomes = arena_alloc(arena, BATCH, sizeof *outcomes);
    size_t count = 0;
    for (size_t lot = 0; lot < LOTS; lot++)
        for (int64_t i = 0; i < LOT && lots[lot].lot_send.listed; i++) {
            struct transfer_id id = {lots[lot].lot_send.first.value + i};
            claims[count] =
                (struct claim_item){.transfer = id, .due_at_ms = lots[lot].at_ms, .channel = 1};
            outcomes[count++] = outcome_of(arena, id, filling->at_ms);
        }
    struct command claim = {.kind = COMMAND_TRANSFER_CLAIM,
                            .transfer_claim = {.items = claims, .count = count, .lease_ms = 60000}};
    struct command outcome = {.kind = COMMAND_TRANSFER_OUTCOME,
                              .transfer_outcome = {.items = outcomes, .count = count}};
    stamp(filling, &claim);
    commit(filling, arena, &claim, 1);
    stamp(filling, &outcome);
    commit(filling, arena, &outcome, 1);
}

static void batch_make(struct filling *filling)
{
    AUTO(arena_closep) struct arena *arena = arena_open(ARENA_BYTES_MAX);
    struct command *lots = arena_alloc(arena, LOTS, sizeof *lots);
    for (int64_t i = 0; i < LOTS; i++)
        lots[i] = lot_make(arena, filling, filling->made / LOT + i);
    commit(filling, arena, lots, LOTS);
    lot_cancel(arena, filling, &lots[1]); /* The first one waits. */
    operators_answer(arena, filling, lots);
    filling->made += BATCH;
    filling->at_ms += 1000;
}

static error_t option_read(int key, char *argument, struct argp_state *state)
{
    switch (key) {
    case 't':
        options.transfers = strtoll(argument, NULL, 10);
        return 0;
    case 'm':
        options.merchants = strtoll(argument, NULL, 10);
        return 0;
    case ARGP_KEY_ARG:
        options.path = argument;
        return 0;
    case ARGP_KEY_END:
        if (options.path == NULL || options.transfers < BATCH || options.merchants < 1 ||
            options.merchants > MERCHANTS_MAX)
            argp_error(state, "a file, %d transfers at least and 1 to %d merchants", (int)BATCH,
                       (int)MERCHANTS_MAX);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int main(int argc, char **argv)
{
    static const struct argp_option list[] = {
        {"transfers", 't', "N", 0, "How many, in whole batches of 10,000", 0},
        {"merchants", 'm', "N", 0, "Of how many merchants", 0},
        {0}};
    static const struct argp argp = {.options = list,
                                     .parser = option_read,
                                     .args_doc = "STORE",
                                     .doc = "Makes a store of many transfers."};
    if (argp_parse(&argp, argc, argv, 0, NULL, NULL) != 0)
        return 1;
    secret_init();
    char url[4200];
    (void)snprintf(url, sizeof url, "sqlite:%s", options.path);
    struct filling filling = {.at_ms = clock_now_ms() - options.transfers / BATCH * 1000};
    struct fault fault;
    must(store_open(url, NULL, &filling.store, &fault), &fault);
    for (int64_t i = 0; i < options.merchants; i++)
        merchant_make(&filling, i);
    while (filling.made < options.transfers)
        batch_make(&filling);
    store_close(filling.store);
    return 0;
}

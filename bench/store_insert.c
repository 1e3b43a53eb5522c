/* store_insert: how many new transfers a second the store makes last. Lots go through the same
 * book, rules and calls as in the lane (load, decide, check, save), without the lane's queue and
 * without HTTP; what is timed as the store's is loading and saving, with the durable commit.
 *
 * store_insert [--rows 1000000] [--batch 10000] [--lot 100] [--ids random|counted] [folder] */
#include <argp.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/random.h"
#include "money/command.h"
#include "store/store.h"

enum { PEOPLE = 100000, ARENA_BYTES_MAX = 1 << 30, STEP_ROWS = 100000 };
static const struct merchant_id merchant = {MERCHANT_ID_MIN};

static struct {
    int64_t rows, batch, lot;
    bool counted;
    const char *folder;
} options = {.rows = 1000000, .batch = 10000, .lot = 100, .folder = "/tmp"};

/* What one span of batches took. */
struct spent {
    int64_t load_us, decide_us, save_us, save_us_max, rows;
};

static void must(enum fault_kind kind, const struct fault *fault)
{
    if (kind == FAULT_NONE)
        return;
    fprintf(stderr, "store_insert: %s\n", fault->text);
    exit(1);
}

/* The lane's batch, with a watch. */
static void commit(struct store *store, struct arena *arena, struct command *commands, size_t count,
                   struct spent *spent)
{
    struct book book;
    struct fault fault;
    uint8_t key[STORE_BATCH_KEY_BYTES];
    random_bytes(key, sizeof key);
    book_open(&book, arena);
    int64_t begun_us = clock_monotonic_us();
    for (int round = 0; round == 0 || book_wants(&book); round++) {
        must(store_book_load(store, &book, &fault), &fault);
        for (size_t i = 0; i < count; i++)
            command_want(&commands[i], &book);
    }
    int64_t loaded_us = clock_monotonic_us();
    for (size_t i = 0; i < count; i++)
        command_decide(&commands[i], &book);
    book_check(&book);
    int64_t decided_us = clock_monotonic_us();
    must(store_book_save(store, &book, key, &fault), &fault);
    int64_t saved_us = clock_monotonic_us();
    spent->load_us += loaded_us - begun_us;
    spent->decide_us += decided_us - loaded_us;
    spent->save_us += saved_us - decided_us;
    if (saved_us - decided_us > spent->save_us_max)
        spent->save_us_max = saved_us - decided_us;
}

static const char *client_id_make(struct arena *arena, int64_t row)
{
    static const char digits[] = "0123456789abcdef";
    char *text = arena_alloc(arena, 40, 1);
    if (options.counted) {
        (void)snprintf(text, 40, "salary-2026-%012" PRId64, row);
        return text;
    }
    uint8_t bytes[16];
    random_bytes(bytes, sizeof bytes);
    for (size_t i = 0, at = 0; i < sizeof bytes; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            text[at++] = '-';
        text[at++] = digits[bytes[i] >> 4];
        text[at++] = digits[bytes[i] & 15];
    }
    return text;
}

/* SQLite has one lane. */
static const struct share alone = {.lanes = 1, .alone = true};

static struct command lot_make(struct arena *arena, int64_t row, struct transfer_id *last,
                               int64_t at_ms)
{
    size_t count = (size_t)options.lot;
    struct send_item *items = arena_alloc(arena, count, sizeof *items);
    for (size_t i = 0; i < count; i++)
        items[i] = (struct send_item){.client_id = client_id_make(arena, row + (int64_t)i),
                                      .notify_url = "https://shop.example.ci/payout/notify",
                                      .prefix = "225",
                                      .phone = "0700000000",
                                      .msisdn = INT64_C(2250700000000) + random_below(PEOPLE),
                                      .operator_number = 1,
                                      .amount = {1000, CURRENCY_XOF}};
    struct command command = {.kind = COMMAND_LOT_SEND,
                              .lot_send = {.merchant = merchant,
                                           .items = items,
                                           .count = count,
                                           .source = "192.0.2.1",
                                           .listed = true}};
    command_stamp(&command, at_ms, &alone, last, random_below(UINT32_MAX));
    return command;
}

static void send_batch(struct store *store, int64_t row, struct transfer_id *last,
                       struct spent *spent)
{
    struct arena *arena = arena_open(ARENA_BYTES_MAX);
    size_t count = (size_t)(options.batch / options.lot);
    struct command *commands = arena_alloc(arena, count, sizeof *commands);
    for (size_t i = 0; i < count; i++)
        commands[i] = lot_make(arena, row + (int64_t)i * options.lot, last, clock_now_ms());
    commit(store, arena, commands, count, spent);
    for (size_t i = 0; i < count; i++)
        if (commands[i].code != PAYOUT_OK) {
            fprintf(stderr, "store_insert: a lot was refused: %d\n", (int)commands[i].code);
            exit(1);
        }
    spent->rows += options.batch;
    arena_close(arena);
}

static void prepare(struct store *store, int64_t at_ms)
{
    struct arena *arena = arena_open(ARENA_BYTES_MAX);
    struct spent spent = {0};
    struct command create = {
        .kind = COMMAND_MERCHANT_CREATE,
        .at_ms = at_ms,
        .merchant_create = {.merchant = {.id = merchant,
                                         .name = "Bench",
                                         .apikey = "bench",
                                         .currency = CURRENCY_XOF,
                                         .lot_expiry_ms = MERCHANT_LOT_EXPIRY_MS_DEFAULT}}};
    struct command fund = {.kind = COMMAND_FUND,
                           .at_ms = at_ms,
                           .fund = {.merchant = merchant,
                                    .kind = MOVEMENT_TOP_UP,
                                    .amount = {INT64_C(1) << 50, CURRENCY_XOF},
                                    .reference = "all of it"}};
    commit(store, arena, &create, 1, &spent);
    commit(store, arena, &fund, 1, &spent);
    for (int64_t person = 0; person < PEOPLE; person += COMMAND_ITEMS_MAX) {
        struct contact_item *items = arena_alloc(arena, COMMAND_ITEMS_MAX, sizeof *items);
        for (int64_t i = 0; i < COMMAND_ITEMS_MAX; i++)
            items[i] = (struct contact_item){.prefix = "225",
                                             .phone = "0700000000",
                                             .msisdn = INT64_C(2250700000000) + person + i,
                                             .name = "Kouassi",
                                             .surname = "Awa",
                                             .email = "awa@example.ci"};
        struct command add = {
            .kind = COMMAND_CONTACT_ADD,
            .at_ms = at_ms,
            .contact_add = {.merchant = merchant, .items = items, .count = COMMAND_ITEMS_MAX}};
        commit(store, arena, &add, 1, &spent);
    }
    arena_close(arena);
}

static void run(struct store *store)
{
    printf("batches of %" PRId64 " transfers in lots of %" PRId64 ", %s client ids\n\n"
           "   rows before   transfers/s   (store only)   load µs   decide µs   save µs   "
           "longest save ms\n",
           options.batch, options.lot, options.counted ? "counted" : "random");
    struct transfer_id last = {0};
    prepare(store, clock_now_ms());
    for (int64_t rows = 0; rows < options.rows;) {
        struct spent spent = {0};
        while (spent.rows < STEP_ROWS && rows + spent.rows < options.rows)
            send_batch(store, rows + spent.rows, &last, &spent);
        int64_t store_us = spent.load_us + spent.save_us;
        printf("%14" PRId64 " %13" PRId64 " %14" PRId64 " %9.2f %11.2f %9.2f %17.1f\n", rows,
               spent.rows * 1000000 / (store_us + spent.decide_us), spent.rows * 1000000 / store_us,
               (double)spent.load_us / (double)spent.rows,
               (double)spent.decide_us / (double)spent.rows,
               (double)spent.save_us / (double)spent.rows, (double)spent.save_us_max / 1000);
        (void)fflush(stdout);
        rows += spent.rows;
    }
    printf("\nµs are for each transfer. Store only: loading and saving, without deciding.\n");
}

static error_t option_read(int key, char *argument, struct argp_state *state)
{
    switch (key) {
    case 'r':
        options.rows = strtoll(argument, NULL, 10);
        return 0;
    case 'b':
        options.batch = strtoll(argument, NULL, 10);
        return 0;
    case 'l':
        options.lot = strtoll(argument, NULL, 10);
        return 0;
    case 'i':
        options.counted = strcmp(argument, "counted") == 0;
        return 0;
    case ARGP_KEY_ARG:
        options.folder = argument;
        return 0;
    case ARGP_KEY_END:
        if (options.lot < 1 || options.lot > COMMAND_ITEMS_MAX || options.rows < 1 ||
            options.batch < options.lot || options.batch % options.lot != 0)
            argp_error(state, "a batch must be a multiple of a lot");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int main(int argc, char **argv)
{
    static const struct argp_option list[] = {{"rows", 'r', "N", 0, "Transfers in all", 0},
                                              {"batch", 'b', "N", 0, "Transfers a commit", 0},
                                              {"lot", 'l', "N", 0, "Transfers a lot", 0},
                                              {"ids", 'i', "KIND", 0, "random or counted", 0},
                                              {0}};
    static const struct argp argp = {
        list, option_read, "[FOLDER]", "Measures how fast new transfers last in the SQLite store.",
        NULL, NULL,        NULL};
    if (argp_parse(&argp, argc, argv, 0, NULL, NULL) != 0)
        return 1;
    secret_init();
    char folder[4000], path[4100], url[4200], leftover[4200];
    (void)snprintf(folder, sizeof folder, "%s/store_insert.XXXXXX", options.folder);
    if (mkdtemp(folder) == NULL) {
        perror("store_insert: make a folder");
        return 1;
    }
    (void)snprintf(path, sizeof path, "%s/payoutd.db", folder);
    (void)snprintf(url, sizeof url, "sqlite:%s", path);
    struct store *store;
    struct fault fault;
    must(store_open(url, NULL, &store, &fault), &fault);
    run(store);
    store_close(store);
    (void)snprintf(leftover, sizeof leftover, "%s.lock", path);
    return unlink(path) != 0 || unlink(leftover) != 0 || rmdir(folder) != 0;
}

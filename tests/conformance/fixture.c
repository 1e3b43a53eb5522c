#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "conformance.h"

enum { ARENA_BYTES_MAX = 1 << 30, DUMP_BYTES_MAX = 1 << 24 };

void fixture_begin(struct fixture *fixture, struct store *store)
{
    struct fault fault;
    *fixture = (struct fixture){
        .store = store, .arena = arena_open(ARENA_BYTES_MAX), .now_ms = FIXTURE_AT_MS};
    if (store_reader_open(store, &fixture->reader, &fault) != FAULT_NONE)
        fail_msg("%s", fault.text);
}

void fixture_end(struct fixture *fixture)
{
    store_reader_close(fixture->reader);
    arena_close(fixture->arena);
}

int fixture_open(void **state)
{
    struct fixture *fixture = malloc(sizeof *fixture);
    assert_non_null(fixture);
    fixture_begin(fixture, conformance_open());
    *state = fixture;
    return 0;
}

int fixture_close(void **state)
{
    struct fixture *fixture = *state;
    fixture_end(fixture);
    conformance_close(fixture->store);
    free(fixture);
    return 0;
}

struct merchant_id fixture_merchant(int n)
{
    return (struct merchant_id){MERCHANT_ID_MIN + n};
}

int64_t fixture_msisdn(int person)
{
    return INT64_C(2250700000000) + person;
}

int64_t fixture_row_id(const struct fixture *fixture, int n)
{
    struct share share = store_share(fixture->store);
    int64_t id = 0;
    for (int i = 0; i < n; i++)
        id = share_row_id(&share, id, FIXTURE_AT_MS);
    return id;
}

/* --- Committing --- */

/* Those that have no time yet: one that is tried again keeps its own. */
static void fixture_stamp(struct fixture *fixture, struct book *book, struct command *commands,
                          size_t count)
{
    if (book->last_transfer.value < fixture->last.value)
        book->last_transfer = fixture->last;
    for (size_t i = 0; i < count; i++)
        if (commands[i].at_ms == 0)
            command_stamp(&commands[i], fixture->now_ms, &book->share, &book->last_transfer, 7);
    fixture->last = book->last_transfer;
}

enum fault_kind fixture_decide(struct fixture *fixture, struct book *book, struct command *commands,
                               size_t count, struct fault *fault)
{
    book_open(book, fixture->arena);
    book->screening = fixture->screening;
    book->share = store_share(fixture->store);
    for (int round = 0; round == 0 || book_wants(book); round++) {
        for (size_t i = 0; i < count; i++)
            command_want(&commands[i], book);
        enum fault_kind kind = store_book_load(fixture->store, book, fault);
        if (kind != FAULT_NONE)
            return kind;
        if (round == 0)
            fixture_stamp(fixture, book, commands, count);
        for (size_t i = 0; i < count; i++)
            command_want(&commands[i], book);
    }
    for (size_t i = 0; i < count; i++)
        command_decide(&commands[i], book);
    book_check(book);
    return FAULT_NONE;
}

enum fault_kind fixture_try(struct fixture *fixture, struct command *commands, size_t count,
                            struct fault *fault)
{
    struct book book;
    enum fault_kind kind = fixture_decide(fixture, &book, commands, count, fault);
    if (kind != FAULT_NONE)
        return kind;
    for (size_t i = 0; i < STORE_BATCH_KEY_BYTES && ++fixture->batch_key[i] == 0; i++)
        continue; /* Counts up. */
    return store_book_save(fixture->store, &book, fixture->batch_key, fault);
}

enum payout_code fixture_commit(struct fixture *fixture, struct command *command)
{
    struct fault fault = {.text = ""};
    enum fault_kind kind = fixture_try(fixture, command, 1, &fault);
    if (kind != FAULT_NONE)
        fail_msg("%s", fault.text);
    return command->code;
}

struct command fixture_fund(int n, int64_t minor, const char *reference)
{
    return (struct command){.kind = COMMAND_FUND,
                            .fund = {.merchant = fixture_merchant(n),
                                     .kind = MOVEMENT_TOP_UP,
                                     .amount = {minor, CURRENCY_XOF},
                                     .reference = reference}};
}

void fixture_prepare(struct fixture *fixture, int n, int64_t minor)
{
    struct command create = {
        .kind = COMMAND_MERCHANT_CREATE,
        .merchant_create = {.merchant = {.id = fixture_merchant(n),
                                         .password_hash = "$argon2id$",
                                         .secret_key = "secret",
                                         .currency = CURRENCY_XOF,
                                         .lang = MERCHANT_LANG_EN,
                                         .flat_reply = true,
                                         .notify_url = "https://shop.example.ci/notify",
                                         .ip_list = "192.0.2.0/24",
                                         .lot_expiry_ms = MERCHANT_LOT_EXPIRY_MS_DEFAULT}}};
    struct merchant *merchant = &create.merchant_create.merchant;
    (void)snprintf(merchant->name, sizeof merchant->name, "Société %d", n);
    (void)snprintf(merchant->apikey, sizeof merchant->apikey, "apikey-%d", n);
    assert_int_equal(fixture_commit(fixture, &create), PAYOUT_OK);
    struct command fund = fixture_fund(n, minor, "first");
    assert_int_equal(fixture_commit(fixture, &fund), PAYOUT_OK);
    struct contact_item items[FIXTURE_PEOPLE];
    for (int i = 0; i < FIXTURE_PEOPLE; i++)
        items[i] = (struct contact_item){.prefix = "225",
                                         .phone = "07 00 00",
                                         .msisdn = fixture_msisdn(i),
                                         .name = "Kouassi",
                                         .surname = "Aÿa",
                                         .email = ""};
    struct command add = {
        .kind = COMMAND_CONTACT_ADD,
        .contact_add = {.merchant = fixture_merchant(n), .items = items, .count = FIXTURE_PEOPLE}};
    assert_int_equal(fixture_commit(fixture, &add), PAYOUT_OK);
}

struct command fixture_lot(struct fixture *fixture, int n, size_t count, const char *name,
                           bool confirmed)
{
    struct send_item *items = arena_alloc(fixture->arena, count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        char *client_id = NULL;
        if (name != NULL) {
            client_id = arena_alloc(fixture->arena, 64, 1);
            (void)snprintf(client_id, 64, "%s-%zu", name, i);
        }
        items[i] = (struct send_item){.client_id = client_id,
                                      .notify_url = "",
                                      .prefix = "225",
                                      .phone = "07 00 00",
                                      .msisdn = fixture_msisdn((int)(i % FIXTURE_PEOPLE)),
                                      .operator_number = 3,
                                      .amount = {100 + (int64_t)i, CURRENCY_XOF}};
    }
    return (struct command){.kind = COMMAND_LOT_SEND,
                            .lot_send = {.merchant = fixture_merchant(n),
                                         .items = items,
                                         .count = count,
                                         .source = "192.0.2.1",
                                         .listed = confirmed}};
}

struct lot_code fixture_send(struct fixture *fixture, int n, size_t count, const char *name,
                             bool confirmed)
{
    struct command command = fixture_lot(fixture, n, count, name, confirmed);
    assert_int_equal(fixture_commit(fixture, &command), PAYOUT_OK);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(command.lot_send.items[i].code, PAYOUT_OK);
    return command.lot_send.lot;
}

void fixture_claim(struct fixture *fixture, struct transfer_id id)
{
    struct claim_item item = {
        .transfer = id, .due_at_ms = fixture_transfer(fixture, id)->due_at_ms, .channel = 7};
    struct command command = {.kind = COMMAND_TRANSFER_CLAIM,
                              .transfer_claim = {.items = &item, .count = 1, .lease_ms = 60000}};
    assert_int_equal(fixture_commit(fixture, &command), PAYOUT_OK);
    assert_true(item.claimed);
}

enum outcome_effect fixture_outcome(struct fixture *fixture, struct transfer_id id,
                                    enum verdict verdict)
{
    struct outcome_item item = {.transfer = id,
                                .attempt = fixture_transfer(fixture, id)->attempts,
                                .verdict = verdict,
                                .reason = verdict == VERDICT_NOT_SENT
                                              ? TRANSFER_REASON_OPERATOR_DOWN
                                              : TRANSFER_REASON_NONE,
                                .operator_reference = "OP.77",
                                .next_at_ms = fixture->now_ms + 5000};
    struct command command = {.kind = COMMAND_TRANSFER_OUTCOME,
                              .transfer_outcome = {.items = &item, .count = 1}};
    assert_int_equal(fixture_commit(fixture, &command), PAYOUT_OK);
    return item.effect;
}

void fixture_deliver(struct fixture *fixture, struct transfer_id id, int32_t number, bool delivered,
                     int64_t next_at_ms)
{
    struct delivery_item item = {.delivery = {.key = {id, 0, number},
                                              .at_ms = fixture->now_ms,
                                              .duration_ms = 12,
                                              .http_status = delivered ? 200 : 0,
                                              .error = delivered ? "" : "it did not answer"},
                                 .delivered = delivered,
                                 .next_at_ms = next_at_ms};
    struct command command = {.kind = COMMAND_DELIVERY, .delivery = {.items = &item, .count = 1}};
    assert_int_equal(fixture_commit(fixture, &command), PAYOUT_OK);
}

/* --- Reading --- */

const struct transfer *fixture_transfer(struct fixture *fixture, struct transfer_id id)
{
    struct transfer *transfer;
    struct fault fault;
    assert_int_equal(store_read_transfer(fixture->reader, fixture->arena, id, &transfer, &fault),
                     FAULT_NONE);
    assert_non_null(transfer);
    return transfer;
}

struct lot *fixture_lot_read(struct fixture *fixture, int n, struct lot_code code)
{
    struct lot *lot;
    struct fault fault;
    assert_int_equal(
        store_read_lot(fixture->reader, fixture->arena, fixture_merchant(n), code, &lot, &fault),
        FAULT_NONE);
    assert_non_null(lot);
    return lot;
}

/* --- The whole store --- */

struct dump {
    struct buffer text;
    struct fixture *fixture;
    int64_t sums[CURRENCY_END], movements, last_movement_id;
    struct ledger_link link;
    struct ledger_head head;
    size_t transfers, lot_transfers;
    struct account_balance *accounts; /* Rebuilt from the movements. */
    size_t account_count;
};

static struct account_balance *dump_account(struct dump *dump, struct account_key key)
{
    for (size_t i = 0; i < dump->account_count; i++)
        if (account_number(dump->accounts[i].key) == account_number(key))
            return &dump->accounts[i];
    assert_true(dump->account_count < 64);
    dump->accounts[dump->account_count] = (struct account_balance){.key = key};
    return &dump->accounts[dump->account_count++];
}

static bool dump_movement(void *context, const struct movement *movement)
{
    struct dump *dump = context;
    dump->movements++;
    assert_true(movement->id > dump->last_movement_id);
    assert_false(share_row_gap(dump->last_movement_id, movement->id));
    if (dump->head.last_movement_id == dump->last_movement_id)
        ledger_link_begin(&dump->link, &dump->head);
    dump->last_movement_id = movement->id;
    ledger_link_add(&dump->link, movement);
    dump_account(dump, movement->from)->balance_minor -= movement->amount.minor;
    dump_account(dump, movement->to)->balance_minor += movement->amount.minor;
    buffer_format(&dump->text, "movement %lld %s %llx %llx %lld %lld %lld %lld\n",
                  (long long)movement->id, movement_kind_text(movement->kind),
                  (unsigned long long)account_number(movement->from),
                  (unsigned long long)account_number(movement->to),
                  (long long)movement->amount.minor, (long long)movement->merchant.value,
                  (long long)movement->reference, (long long)movement->at_ms);
    return true;
}

static bool dump_head(void *context, const struct ledger_head *head)
{
    struct dump *dump = context;
    char hash[2 * SECRET_HASH_BYTES + 1];
    ledger_link_end(&dump->link, &dump->head);
    assert_int_equal(head->last_movement_id, dump->last_movement_id); /* Right after it. */
    assert_int_equal(head->last_movement_id, dump->head.last_movement_id);
    assert_memory_equal(head->hash, dump->head.hash, sizeof head->hash);
    secret_hex(head->hash, sizeof head->hash, hash);
    buffer_format(&dump->text, "head %lld %s\n", (long long)head->last_movement_id, hash);
    return true;
}

static bool dump_account_row(void *context, const struct account_balance *account)
{
    struct dump *dump = context;
    assert_int_equal(account->balance_minor, dump_account(dump, account->key)->balance_minor);
    dump->sums[account->key.currency] += account->balance_minor;
    buffer_format(&dump->text, "account %llx %lld\n",
                  (unsigned long long)account_number(account->key),
                  (long long)account->balance_minor);
    return true;
}

static bool dump_transfer(void *context, const struct transfer *transfer)
{
    struct dump *dump = context;
    dump->transfers++;
    buffer_format(
        &dump->text, "transfer %lld %lld %lld %s %s %s %lld %d %lld %d %s %d %s %d %s ",
        (long long)transfer->id.value, (long long)transfer->merchant.value,
        (long long)transfer->lot.value, transfer->client_id == NULL ? "-" : transfer->client_id,
        transfer->prefix, transfer->phone, (long long)transfer->msisdn, transfer->operator_number,
        (long long)transfer->amount.minor, (int)transfer->amount.currency, transfer->notify_url,
        (int)transfer->confirmed, transfer_state_text(transfer->state), (int)transfer->reason,
        transfer->operator_reference);
    buffer_format(&dump->text, "%lld %s ", (long long)transfer->fee_minor,
                  fee_payer_text(transfer->payer));
    buffer_format(&dump->text, "%d %lld %d %d %lld %lld %lld %lld\n", (int)transfer->step,
                  (long long)transfer->due_at_ms, (int)transfer->attempts,
                  (int)transfer->notifications, (long long)transfer->created_at_ms,
                  (long long)transfer->changed_at_ms, (long long)transfer->submitted_at_ms,
                  (long long)transfer->validated_at_ms);
    return true;
}

static void dump_mails(struct dump *dump, const struct lot *lot)
{
    struct mail *mails;
    size_t found;
    struct fault fault;
    assert_int_equal(store_read_mails(dump->fixture->reader, dump->fixture->arena, lot->merchant,
                                      lot->code, &mails, &found, &fault),
                     FAULT_NONE);
    assert_int_equal(found, lot->mails);
    for (size_t i = 0; i < found; i++)
        buffer_format(&dump->text, "mail %d %s %s %s %d %lld %lld %lld %s\n", (int)mails[i].number,
                      mail_kind_text(mails[i].kind), mail_state_text(mails[i].state), mails[i].to,
                      (int)mails[i].tries, (long long)mails[i].due_at_ms,
                      (long long)mails[i].created_at_ms, (long long)mails[i].ended_at_ms,
                      mails[i].error);
}

static bool dump_lot(void *context, const struct lot *lot)
{
    struct dump *dump = context;
    struct transfer *transfers;
    size_t found;
    struct fault fault;
    assert_int_equal(store_read_transfers(dump->fixture->reader, dump->fixture->arena, lot->first,
                                          lot->count, &transfers, &found, &fault),
                     FAULT_NONE);
    assert_int_equal(found, lot->count);
    dump->lot_transfers += found;
    buffer_format(&dump->text, "lot %lld %lld %s %lld %lld %lld %lld %lld %lld %lld %lld %lld %s\n",
                  (long long)lot->merchant.value, (long long)lot->code.value,
                  lot_state_text(lot->state), (long long)lot->first.value, (long long)lot->count,
                  (long long)lot->total_minor[CURRENCY_XOF],
                  (long long)lot->total_minor[CURRENCY_XAF],
                  (long long)lot->total_minor[CURRENCY_GNF],
                  (long long)lot->total_minor[CURRENCY_CDF], (long long)lot->created_at_ms,
                  (long long)lot->expires_at_ms, (long long)lot->decided_at_ms, lot->source);
    char hash[2 * SECRET_HASH_BYTES + 1];
    secret_hex(lot->hash, sizeof lot->hash, hash);
    buffer_format(&dump->text, "needs %d %d %s %s\n", (int)lot->persons, (int)lot->listed,
                  lot->sender, hash);
    dump_mails(dump, lot);
    return true;
}

static bool dump_approval(void *context, const struct approval *approval)
{
    struct dump *dump = context;
    buffer_format(&dump->text, "approval %lld %lld %d %s %s %s %lld\n",
                  (long long)approval->merchant.value, (long long)approval->lot.value,
                  (int)approval->number, approval_act_text(approval->act), approval->person,
                  approval->from, (long long)approval->at_ms);
    return true;
}

static void dump_run(struct dump *dump, struct fixture *fixture)
{
    struct fault fault = {.text = ""};
    *dump = (struct dump){.fixture = fixture};
    buffer_init(&dump->text, DUMP_BYTES_MAX);
    dump->accounts = arena_alloc(fixture->arena, 64, sizeof *dump->accounts);
    const struct store_audit audit = {.context = dump,
                                      .movement = dump_movement,
                                      .head = dump_head,
                                      .account = dump_account_row,
                                      .transfer = dump_transfer,
                                      .lot = dump_lot,
                                      .approval = dump_approval};
    if (store_audit(fixture->reader, &audit, &fault) != FAULT_NONE)
        fail_msg("%s", fault.text);
    for (size_t i = CURRENCY_XOF; i < CURRENCY_END; i++)
        assert_int_equal(dump->sums[i], 0);
    assert_int_equal(dump->head.last_movement_id, dump->last_movement_id);
    assert_int_equal(dump->transfers, dump->lot_transfers);
    assert_true(buffer_ok(&dump->text));
}

const char *fixture_dump(struct fixture *fixture)
{
    struct dump dump;
    dump_run(&dump, fixture);
    char *text = arena_alloc(fixture->arena, dump.text.length + 1, 1);
    memcpy(text, buffer_text(&dump.text), dump.text.length + 1);
    buffer_free(&dump.text);
    return text;
}

size_t fixture_audit(struct fixture *fixture)
{
    struct dump dump;
    dump_run(&dump, fixture);
    buffer_free(&dump.text);
    return dump.transfers;
}

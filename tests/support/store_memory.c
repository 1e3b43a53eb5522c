#include "support/store_memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct text {
    struct text *next;
    char bytes[];
};

struct store {
    pthread_mutex_t mutex; /* Guards the tables. */
    struct store_memory_tables tables;
    struct text *texts; /* All that rows point at; freed with the store. */
    int lane_count;
    struct memory_lane {
        struct transfer_id last_transfer;
        int64_t last_at_ms;
        uint8_t batch_key[STORE_BATCH_KEY_BYTES];
        bool batch_key_set, in_transaction;
    } lanes[LANES_MAX];
    bool crashed;
    enum save_plan (*plan)(void *context);
    void *plan_context;
    enum fault_kind load_fault, known_fault;
    int load_faults, known_faults;
};

struct store *store_memory_open(void)
{
    struct store *store = calloc(1, sizeof *store);
    invariant(store != NULL);
    invariant(pthread_mutex_init(&store->mutex, NULL) == 0);
    store->lane_count = 1;
    return store;
}

void store_memory_lock(struct store *store)
{
    invariant(pthread_mutex_lock(&store->mutex) == 0);
}

void store_memory_unlock(struct store *store)
{
    invariant(pthread_mutex_unlock(&store->mutex) == 0);
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
#define TABLE(name, type) free(store->tables.name##s);
    STORE_MEMORY_TABLES(TABLE)
#undef TABLE
    for (struct text *text = store->texts, *next; text != NULL; text = next) {
        next = text->next;
        free(text);
    }
    invariant(pthread_mutex_destroy(&store->mutex) == 0);
    free(store);
}

void store_memory_lanes(struct store *store, int lanes)
{
    invariant(share_lanes_valid(lanes) && store->tables.merchant_count == 0);
    store->lane_count = lanes;
}

void store_memory_plan(struct store *store, enum save_plan (*plan)(void *context), void *context)
{
    store->plan = plan;
    store->plan_context = context;
}

void store_memory_fail_load(struct store *store, enum fault_kind kind, int times)
{
    store->load_fault = kind;
    store->load_faults = times;
}

void store_memory_fail_known(struct store *store, enum fault_kind kind, int times)
{
    store->known_fault = kind;
    store->known_faults = times;
}

bool store_memory_crashed(const struct store *store)
{
    return store->crashed;
}

void store_memory_restart(struct store *store)
{
    store->crashed = false;
    for (int i = 0; i < LANES_MAX; i++)
        store->lanes[i].in_transaction = false;
}

const struct store_memory_tables *store_memory_tables(const struct store *store)
{
    return &store->tables;
}

/* Makes room for one more row of a table and returns it, zeroed. */
static void *table_add(void **rows, size_t *count, size_t *room, size_t size)
{
    if (*count == *room) {
        *room = *room == 0 ? 64 : *room * 2;
        *rows = realloc(*rows, *room * size);
        invariant(*rows != NULL);
    }
    return (char *)*rows + size * (*count)++;
}
#define ADD(store, name)                                                                           \
    table_add((void **)&(store)->tables.name##s, &(store)->tables.name##_count,                    \
              &(store)->tables.name##_room, sizeof *(store)->tables.name##s)

static const char *text_keep(struct store *store, const char *text)
{
    if (text == NULL)
        return NULL;
    size_t length = strlen(text);
    struct text *kept = malloc(sizeof *kept + length + 1);
    invariant(kept != NULL);
    memcpy(kept->bytes, text, length + 1);
    kept->next = store->texts;
    store->texts = kept;
    return kept->bytes;
}

/* --- Finding --- */

#define FIND(name, type, condition, ...)                                                           \
    static type *find_##name(const struct store *store, __VA_ARGS__)                               \
    {                                                                                              \
        for (size_t i = store->tables.name##_count; i-- > 0;) {                                    \
            type *each = &store->tables.name##s[i];                                                \
            if (condition)                                                                         \
                return each;                                                                       \
        }                                                                                          \
        return NULL;                                                                               \
    }
FIND(merchant, struct merchant, each->id.value == id, int64_t id)
FIND(account, struct account_balance, account_number(each->key) == number, int64_t number)
FIND(contact, struct contact, each->merchant.value == merchant && each->msisdn == msisdn,
     int64_t merchant, int64_t msisdn)
FIND(transfer, struct transfer, each->id.value == id, int64_t id)
FIND(lot, struct lot, each->merchant.value == merchant && each->code.value == code,
     int64_t merchant, int64_t code)
FIND(notification, struct notification, notification_key_compare(each->key, key) == 0,
     struct notification_key key)
FIND(endpoint, struct endpoint, each->merchant.value == merchant && each->number == number,
     int64_t merchant, int32_t number)
FIND(funding, struct funding,
     each->merchant.value == merchant && strcmp(each->reference, reference) == 0, int64_t merchant,
     const char *reference)

FIND(contradiction, struct contradiction, each->id == id, int64_t id)
FIND(usage, struct usage,
     each->merchant.value == merchant && each->msisdn == msisdn && each->currency == currency,
     int64_t merchant, int64_t msisdn, enum currency currency)
FIND(mail, struct mail,
     each->merchant.value == merchant && each->lot.value == lot && each->number == number,
     int64_t merchant, int64_t lot, int32_t number)
FIND(approval, struct approval, each->merchant.value == merchant && each->lot.value == lot,
     int64_t merchant, int64_t lot)
FIND(settlement, struct settlement, each->transfer.value == transfer, int64_t transfer)

FIND(user, struct user, strcmp(each->name, name) == 0, const char *name)
FIND(channel_switch, struct channel_switch, each->channel == channel, int channel)
FIND(channel_account, struct channel_account, each->channel == channel, int channel)
FIND(session, struct session, memcmp(each->hash, hash, sizeof each->hash) == 0, const uint8_t *hash)

FIND(reversal, struct reversal, each->transfer.value == transfer && each->number == number,
     int64_t transfer, int32_t number)
FIND(callback, struct callback,
     each->channel == channel && memcmp(each->hash, hash, sizeof each->hash) == 0, int channel,
     const uint8_t *hash)

static struct transfer *find_client(const struct store *store, int64_t merchant,
                                    const char *client_id)
{
    for (size_t i = 0; i < store->tables.transfer_count; i++) {
        struct transfer *each = &store->tables.transfers[i];
        if (each->merchant.value == merchant && each->client_id != NULL &&
            strcmp(each->client_id, client_id) == 0)
            return each;
    }
    return NULL;
}

static const struct transfer *find_sighting(const struct store *store,
                                            const struct sighting_row *row)
{
    for (size_t i = store->tables.transfer_count; i-- > 0;) {
        const struct transfer *each = &store->tables.transfers[i];
        if (each->watched && each->merchant.value == row->merchant.value &&
            each->msisdn == row->msisdn && each->amount.minor == row->amount.minor &&
            each->amount.currency == row->amount.currency && each->created_at_ms > row->since_ms &&
            each->state != TRANSFER_REJ)
            return each;
    }
    return NULL;
}

/* --- The lane's side --- */

struct share store_share(const struct store *store)
{
    return (struct share){.lanes = store->lane_count, .alone = store->lane_count == 1};
}

/* How the lane stands. */
static void load_lane(const struct store *store, struct book *book)
{
    const struct store_memory_tables *tables = &store->tables;
    const int lane = book->share.lane;
    if (!store->lanes[lane].in_transaction) {
        book->last_transfer = store->lanes[lane].last_transfer;
        book->last_at_ms = store->lanes[lane].last_at_ms;
    }
    book->act_head = (struct act_head){0};
    for (size_t i = tables->act_head_count; book->acts_wanted && i > 0; i--)
        if (share_row_lane(tables->act_heads[i - 1].last_act_id) == lane) {
            book->act_head = tables->act_heads[i - 1];
            break;
        }
    book->head = (struct ledger_head){0};
    for (size_t i = tables->head_count; i > 0; i--)
        if (share_row_lane(tables->heads[i - 1].last_movement_id) == lane) {
            book->head = tables->heads[i - 1];
            break;
        }
}

/* Walks what a table of the book wants, as a pointer to the row's own struct. */
#define EACH_WANTED(book, table, type, each)                                                       \
    for (struct type *each = (struct type *)(void *)(book)->table.wanted; each != NULL;            \
         each = (struct type *)(void *)each->row.next)
#define EACH_ROW(book, table, type, each)                                                          \
    for (struct type *each = (struct type *)(void *)(book)->table.first; each != NULL;             \
         each = (struct type *)(void *)each->row.next)

#define LOAD(each, found, target)                                                                  \
    do {                                                                                           \
        const __typeof__(target) *stored = (found);                                                \
        (each)->row.state = stored != NULL ? ROW_STORED : ROW_ABSENT;                              \
        if (stored != NULL)                                                                        \
            (target) = *stored;                                                                    \
    } while (0)

static void load_endpoints(const struct store *store, struct book *book, struct endpoints_row *row)
{
    for (size_t i = 0; i < store->tables.endpoint_count; i++) {
        const struct endpoint *each = &store->tables.endpoints[i]; /* In the order of numbers. */
        if (each->merchant.value != row->merchant.value)
            continue;
        row->last_number = each->number;
        if (each->state != ENDPOINT_REMOVED)
            book_endpoint_line(book, row)->endpoint = *each;
    }
    row->row.state = ROW_STORED;
}

enum fault_kind store_book_load(struct store *store, struct book *book, struct fault *fault)
{
    if (store->crashed)
        return fault_set(fault, FAULT_FINAL, "crashed");
    if (store->load_faults > 0) {
        store->load_faults--;
        return fault_set(fault, store->load_fault, "a planned fault of loading");
    }
    EACH_WANTED(book, merchants, merchant_row, each)
    LOAD(each, find_merchant(store, each->merchant.id.value), each->merchant);
    EACH_WANTED(book, accounts, account_row, each)
    {
        const struct account_balance *found = find_account(store, account_number(each->key));
        each->row.state = found != NULL ? ROW_STORED : ROW_ABSENT;
        each->balance_minor = each->loaded_minor = found != NULL ? found->balance_minor : 0;
    }
    EACH_WANTED(book, contacts, contact_row, each)
    LOAD(each, find_contact(store, each->contact.merchant.value, each->contact.msisdn),
         each->contact);
    EACH_WANTED(book, clients, client_row, each)
    {
        const struct transfer *found = find_client(store, each->merchant.value, each->client_id);
        each->row.state = found != NULL ? ROW_STORED : ROW_ABSENT;
        if (found != NULL)
            each->transfer = found->id;
    }
    EACH_WANTED(book, transfers, transfer_row, each)
    LOAD(each, find_transfer(store, each->transfer.id.value), each->transfer);
    EACH_WANTED(book, lots, lot_row, each)
    LOAD(each, find_lot(store, each->lot.merchant.value, each->lot.code.value), each->lot);
    EACH_WANTED(book, notifications, notification_row, each)
    LOAD(each, find_notification(store, each->notification.key), each->notification);
    EACH_WANTED(book, endpoints, endpoints_row, each)
    load_endpoints(store, book, each);
    EACH_WANTED(book, fundings, funding_row, each)
    LOAD(each, find_funding(store, each->funding.merchant.value, each->funding.reference),
         each->funding);
    EACH_WANTED(book, settlements, settlement_row, each)
    LOAD(each, find_settlement(store, each->settlement.transfer.value), each->settlement);
    EACH_WANTED(book, closings, closing_row, each)
    LOAD(each, find_contradiction(store, each->contradiction.id), each->contradiction);
    EACH_WANTED(book, usages, usage_row, each)
    LOAD(each,
         find_usage(store, each->usage.merchant.value, each->usage.msisdn, each->usage.currency),
         each->usage);
    EACH_WANTED(book, mails, mail_row, each)
    LOAD(each, find_mail(store, each->mail.merchant.value, each->mail.lot.value, each->mail.number),
         each->mail);
    EACH_WANTED(book, approvals, approval_row, each)
    LOAD(each, find_approval(store, each->approval.merchant.value, each->approval.lot.value),
         each->approval);
    EACH_WANTED(book, sightings, sighting_row, each)
    {
        const struct transfer *found = find_sighting(store, each);
        each->row.state = found != NULL ? ROW_STORED : ROW_ABSENT;
        if (found != NULL)
            each->transfer = found->id;
    }
    EACH_WANTED(book, users, user_row, each)
    LOAD(each, find_user(store, each->user.name), each->user);
    EACH_WANTED(book, reversals, reversal_row, each)
    LOAD(each, find_reversal(store, each->reversal.transfer.value, each->reversal.number),
         each->reversal);
    EACH_WANTED(book, callbacks, callback_row, each)
    LOAD(each, find_callback(store, each->callback.channel, each->callback.hash), each->callback);
    load_lane(store, book);
    store->lanes[book->share.lane].in_transaction = true;
    book_loaded(book);
    return FAULT_NONE;
}

static bool row_saved(const struct book_row *row)
{
    return row->state == ROW_NEW || row->state == ROW_CHANGED;
}

/* The stored row to write to: the one there is, or a new one. A NEW row that is there already would
 * break a unique key in a real store. */
#define TARGET(name, row_head, ...)                                                                \
    find_##name(store, __VA_ARGS__);                                                               \
    invariant((target == NULL) == ((row_head).state == ROW_NEW));                                  \
    if (target == NULL)                                                                            \
    target = ADD(store, name)

static void apply_transfers(struct store *store, struct book *book)
{
    EACH_ROW(book, transfers, transfer_row, each)
    {
        if (!row_saved(&each->row))
            continue;
        struct transfer row = each->transfer;
        if (each->row.state == ROW_NEW && row.client_id != NULL)
            invariant(find_client(store, row.merchant.value, row.client_id) == NULL);
        struct transfer *target = TARGET(transfer, each->row, row.id.value);
        row.client_id = text_keep(store, row.client_id);
        row.prefix = text_keep(store, row.prefix);
        row.phone = text_keep(store, row.phone);
        row.notify_url = text_keep(store, row.notify_url);
        row.operator_reference = text_keep(store, row.operator_reference);
        *target = row;
    }
    EACH_ROW(book, notifications, notification_row, each)
    {
        if (!row_saved(&each->row))
            continue;
        struct notification row = each->notification;
        struct notification *target = TARGET(notification, each->row, row.key);
        row.operator_reference = text_keep(store, row.operator_reference);
        *target = row;
    }
}

static void apply_endpoints(struct store *store, struct book *book)
{
    EACH_ROW(book, endpoints, endpoints_row, each)
    {
        for (const struct endpoint_line *line = each->first; line != NULL; line = line->next) {
            const struct endpoint *row = &line->endpoint;
            if (line->state == ROW_STORED)
                continue;
            struct book_row head = {.state = line->state};
            struct endpoint *target = TARGET(endpoint, head, row->merchant.value, row->number);
            *target = *row;
        }
    }
}

static void apply_merchants(struct store *store, struct book *book)
{
    EACH_ROW(book, merchants, merchant_row, each)
    {
        if (!row_saved(&each->row))
            continue;
        struct merchant *target = TARGET(merchant, each->row, each->merchant.id.value);
        *target = each->merchant;
    }
    EACH_ROW(book, accounts, account_row, each)
    {
        if (!row_saved(&each->row))
            continue;
        struct account_balance *target = TARGET(account, each->row, account_number(each->key));
        *target = (struct account_balance){.key = each->key, .balance_minor = each->balance_minor};
    }
    EACH_ROW(book, contacts, contact_row, each)
    {
        if (!row_saved(&each->row))
            continue;
        struct contact row = each->contact;
        struct contact *target = TARGET(contact, each->row, row.merchant.value, row.msisdn);
        row.prefix = text_keep(store, row.prefix);
        row.phone = text_keep(store, row.phone);
        row.name = text_keep(store, row.name);
        row.surname = text_keep(store, row.surname);
        row.email = text_keep(store, row.email);
        *target = row;
    }
}

static void apply_reversals(struct store *store, struct book *book)
{
    EACH_ROW(book, reversals, reversal_row, each)
    {
        if (!row_saved(&each->row))
            continue;
        struct reversal row = each->reversal;
        struct reversal *target = TARGET(reversal, each->row, row.transfer.value, row.number);
        row.person = text_keep(store, row.person);
        row.evidence = text_keep(store, row.evidence);
        row.second = text_keep(store, row.second);
        row.operator_reference = text_keep(store, row.operator_reference);
        *target = row;
    }
}

/* The oldest go when there are too many. */
static void callbacks_trim(struct store *store)
{
    struct store_memory_tables *tables = &store->tables;
    if (tables->callback_count == 0)
        return;
    int64_t last = tables->callbacks[tables->callback_count - 1].id;
    size_t gone = 0;
    while (tables->callbacks[gone].id <= last - CALLBACKS_PARKED_MAX)
        gone++;
    tables->callback_count -= gone;
    memmove(tables->callbacks, tables->callbacks + gone,
            tables->callback_count * sizeof *tables->callbacks);
}

static void apply_callbacks(struct store *store, struct book *book)
{
    EACH_ROW(book, callbacks, callback_row, each)
    {
        if (!row_saved(&each->row))
            continue;
        const struct store_memory_tables *tables = &store->tables;
        int64_t id =
            tables->callback_count == 0 ? 1 : tables->callbacks[tables->callback_count - 1].id + 1;
        struct callback row = each->callback;
        struct callback *target = TARGET(callback, each->row, row.channel, row.hash);
        if (each->row.state == ROW_NEW)
            row.id = id;
        row.reference = text_keep(store, row.reference);
        row.why = text_keep(store, row.why);
        row.body = text_keep(store, row.body);
        *target = row;
    }
    callbacks_trim(store);
}

static void apply_mails(struct store *store, struct book *book)
{
    EACH_ROW(book, mails, mail_row, each)
    {
        if (!row_saved(&each->row))
            continue;
        struct mail row = each->mail;
        struct mail *target =
            TARGET(mail, each->row, row.merchant.value, row.lot.value, row.number);
        row.to = text_keep(store, row.to);
        row.error = text_keep(store, row.error);
        *target = row;
    }
}

static void apply_persons(struct store *store, struct book *book)
{
    EACH_ROW(book, users, user_row, each)
    {
        if (!row_saved(&each->row))
            continue;
        struct user *target = TARGET(user, each->row, each->user.name);
        *target = each->user;
    }
    for (const struct session_line *line = book->sessions; line != NULL; line = line->next) {
        const struct session *of = &line->session;
        struct session *found = find_session(store, of->hash);
        if (line->kind == SESSION_BEGIN) {
            invariant(found == NULL);
            struct session row = *of;
            row.user = text_keep(store, row.user);
            row.from = text_keep(store, row.from);
            *(struct session *)ADD(store, session) = row;
        }
        if (line->kind == SESSION_SEEN && found != NULL && found->ended_at_ms == 0)
            found->seen_at_ms = of->seen_at_ms;
        if (line->kind == SESSION_TURN && found != NULL && found->ended_at_ms == 0)
            memcpy(found->hash, line->turned, sizeof found->hash);
        if (line->kind == SESSION_END && found != NULL && found->ended_at_ms == 0)
            found->ended_at_ms = of->ended_at_ms;
        for (size_t i = 0; line->kind == SESSION_END_ALL && i < store->tables.session_count; i++) {
            struct session *each = &store->tables.sessions[i];
            if (strcmp(each->user, of->user) == 0 && each->ended_at_ms == 0)
                each->ended_at_ms = of->ended_at_ms;
        }
    }
}

static void apply_switches(struct store *store, const struct book *book)
{
    for (const struct switch_line *line = book->switches; line != NULL; line = line->next) {
        struct channel_switch *found = find_channel_switch(store, line->word.channel);
        if (found == NULL)
            found = ADD(store, channel_switch);
        *found = line->word;
        found->person = text_keep(store, line->word.person);
        found->reason = text_keep(store, line->word.reason);
    }
}

static void apply_channel_accounts(struct store *store, const struct book *book)
{
    for (const struct channel_account_line *line = book->channel_accounts; line != NULL;
         line = line->next) {
        struct channel_account *found = find_channel_account(store, line->account.channel);
        if (found == NULL)
            found = ADD(store, channel_account);
        *found = line->account;
        found->connector = text_keep(store, line->account.connector);
        found->url = text_keep(store, line->account.url);
        found->account = text_keep(store, line->account.account);
        found->environment = text_keep(store, line->account.environment);
    }
}

static void apply(struct store *store, struct book *book)
{
    apply_merchants(store, book);
    apply_persons(store, book);
    apply_switches(store, book);
    apply_channel_accounts(store, book);
    apply_transfers(store, book);
    apply_endpoints(store, book);
    apply_mails(store, book);
    apply_callbacks(store, book);
    apply_reversals(store, book);
    EACH_ROW(book, lots, lot_row, each)
    {
        if (!row_saved(&each->row))
            continue;
        struct lot row = each->lot;
        struct lot *target = TARGET(lot, each->row, row.merchant.value, row.code.value);
        row.source = text_keep(store, row.source);
        row.sender = text_keep(store, row.sender);
        *target = row;
    }
    EACH_ROW(book, fundings, funding_row, each)
    {
        if (!row_saved(&each->row))
            continue;
        struct funding row = each->funding;
        struct funding *target = TARGET(funding, each->row, row.merchant.value, row.reference);
        row.reference = text_keep(store, row.reference);
        *target = row;
    }
    for (const struct movement_line *line = book->movements; line != NULL; line = line->next)
        *(struct movement *)ADD(store, movement) = line->movement;
    for (const struct delivery_line *line = book->deliveries; line != NULL; line = line->next) {
        struct delivery *row = ADD(store, delivery);
        *row = line->delivery;
        row->error = text_keep(store, row->error);
    }
    for (const struct contradiction_line *line = book->contradictions; line != NULL;
         line = line->next) {
        struct contradiction *row = ADD(store, contradiction);
        *row = line->contradiction;
        row->id = (int64_t)store->tables.contradiction_count;
        row->operator_reference = text_keep(store, row->operator_reference);
    }
    EACH_ROW(book, closings, closing_row, each)
    {
        if (!row_saved(&each->row))
            continue;
        struct contradiction *target = TARGET(contradiction, each->row, each->contradiction.id);
        target->closed_at_ms = each->contradiction.closed_at_ms;
        target->person = text_keep(store, each->contradiction.person);
        target->note = text_keep(store, each->contradiction.note);
    }
    EACH_ROW(book, usages, usage_row, each)
    {
        if (!row_saved(&each->row))
            continue;
        struct usage *target = TARGET(usage, each->row, each->usage.merchant.value,
                                      each->usage.msisdn, each->usage.currency);
        *target = each->usage;
    }
    for (const struct screening_line *line = book->screenings; line != NULL; line = line->next) {
        struct screening *row = ADD(store, screening);
        *row = line->screening;
        row->source = text_keep(store, row->source);
        row->version = text_keep(store, row->version);
        row->entry = text_keep(store, row->entry);
    }
    for (const struct settlement_line *line = book->settled; line != NULL; line = line->next) {
        struct settlement *row = ADD(store, settlement);
        *row = line->settlement;
        row->person = text_keep(store, row->person);
        row->evidence = text_keep(store, row->evidence);
    }
    for (const struct act_line *line = book->acts; line != NULL; line = line->next) {
        struct act *row = ADD(store, act);
        *row = line->act;
        row->person = text_keep(store, row->person);
        row->from = text_keep(store, row->from);
        row->request = text_keep(store, row->request);
        row->subject = text_keep(store, row->subject);
        row->before = text_keep(store, row->before);
        row->after = text_keep(store, row->after);
    }
    if (book->acts != NULL)
        *(struct act_head *)ADD(store, act_head) = book->act_head;
    for (const struct approval_line *line = book->approved; line != NULL; line = line->next) {
        struct approval *row = ADD(store, approval);
        *row = line->approval;
        row->person = text_keep(store, row->person);
        row->from = text_keep(store, row->from);
    }
    if (book->movements != NULL)
        *(struct ledger_head *)ADD(store, head) = book->head;
}

enum fault_kind store_book_save(struct store *store, struct book *book,
                                const uint8_t batch_key[STORE_BATCH_KEY_BYTES], struct fault *fault)
{
    if (store->crashed)
        return fault_set(fault, FAULT_FINAL, "crashed");
    struct memory_lane *lane = &store->lanes[book->share.lane];
    invariant(lane->in_transaction);
    lane->in_transaction = false;
    enum save_plan plan = store->plan == NULL ? SAVE_WELL : store->plan(store->plan_context);
    if (plan == SAVE_WELL || plan == SAVE_UNKNOWN_DONE || plan == SAVE_CRASH_AFTER) {
        store_memory_lock(store);
        apply(store, book);
        store_memory_unlock(store);
        lane->last_transfer = book->last_transfer;
        lane->last_at_ms = book->last_at_ms;
        memcpy(lane->batch_key, batch_key, sizeof lane->batch_key);
        lane->batch_key_set = true;
    }
    store->crashed = plan == SAVE_CRASH_BEFORE || plan == SAVE_CRASH_AFTER;
    switch (plan) {
    case SAVE_WELL:
        return FAULT_NONE;
    case SAVE_AGAIN:
        return fault_set(fault, FAULT_AGAIN, "planned: again");
    case SAVE_UNKNOWN_DONE:
    case SAVE_UNKNOWN_NOT_DONE:
        return fault_set(fault, FAULT_UNKNOWN, "planned: unknown");
    case SAVE_FINAL:
    case SAVE_CRASH_BEFORE:
    case SAVE_CRASH_AFTER:
        break;
    }
    return fault_set(fault, FAULT_FINAL, "planned: final");
}

void store_book_reset(struct store *store, int lane)
{
    store->lanes[lane].in_transaction = false;
}

enum fault_kind store_book_leave(struct store *store, int lane, struct fault *fault)
{
    (void)fault;
    store_book_reset(store, lane);
    return FAULT_NONE;
}

enum fault_kind store_batch_known(struct store *store, int lane,
                                  const uint8_t batch_key[STORE_BATCH_KEY_BYTES], bool *known,
                                  struct fault *fault)
{
    if (store->crashed)
        return fault_set(fault, FAULT_FINAL, "crashed");
    if (store->known_faults > 0) {
        store->known_faults--;
        return fault_set(fault, store->known_fault, "a planned fault of asking");
    }
    const struct memory_lane *of = &store->lanes[lane];
    *known = of->batch_key_set && memcmp(of->batch_key, batch_key, sizeof of->batch_key) == 0;
    return FAULT_NONE;
}

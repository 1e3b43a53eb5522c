/* The rest of the reading half of the store in memory: what the listener and the tools ask for. */
#include <stdlib.h>
#include <string.h>

#include "support/store_memory.h"

static const struct store_memory_tables *tables_of(const struct store_reader *reader)
{
    return store_memory_tables(reader->store);
}

/* Sets *found to the last row of a table that fits, in the arena, or to NULL. */
#define FIND(reader, arena, name, found, condition)                                                \
    do {                                                                                           \
        store_memory_lock((reader)->store);                                                        \
        const struct store_memory_tables *tables = tables_of(reader);                              \
        *(found) = NULL;                                                                           \
        for (size_t i = 0; i < tables->name##_count; i++) {                                        \
            if (!(condition))                                                                      \
                continue;                                                                          \
            *(found) = arena_alloc(arena, 1, sizeof **(found));                                    \
            **(found) = tables->name##s[i];                                                        \
        }                                                                                          \
        store_memory_unlock((reader)->store);                                                      \
    } while (0)

/* Sets *found and *count to all rows of a table that fit, in order. */
#define LIST(reader, arena, name, found, count, condition, compare)                                \
    do {                                                                                           \
        store_memory_lock((reader)->store);                                                        \
        const struct store_memory_tables *tables = tables_of(reader);                              \
        *(found) = arena_alloc(arena, tables->name##_count + 1, sizeof **(found));                 \
        *(count) = 0;                                                                              \
        for (size_t i = 0; i < tables->name##_count; i++)                                          \
            if (condition)                                                                         \
                (*(found))[(*(count))++] = tables->name##s[i];                                     \
        store_memory_unlock((reader)->store);                                                      \
        qsort(*(found), *(count), sizeof **(found), compare);                                      \
    } while (0)

static int order(int64_t left, int64_t right)
{
    return (left > right) - (left < right);
}

static int merchant_compare(const void *a, const void *b)
{
    return order(((const struct merchant *)a)->id.value, ((const struct merchant *)b)->id.value);
}

static int account_compare(const void *a, const void *b)
{
    return order(account_number(((const struct account_balance *)a)->key),
                 account_number(((const struct account_balance *)b)->key));
}

static int transfer_compare(const void *a, const void *b)
{
    return order(((const struct transfer *)a)->id.value, ((const struct transfer *)b)->id.value);
}

static int lot_compare(const void *a, const void *b)
{
    const struct lot *left = a, *right = b;
    int by_merchant = order(left->merchant.value, right->merchant.value);
    return by_merchant != 0 ? by_merchant : order(left->code.value, right->code.value);
}

static int lot_compare_newest(const void *a, const void *b)
{
    const struct lot *left = a, *right = b;
    int by_code = order(right->code.value, left->code.value);
    return by_code != 0 ? by_code : order(left->merchant.value, right->merchant.value);
}

enum fault_kind store_make_months(struct store *store, int64_t now_ms, int64_t *homeless,
                                  struct fault *fault)
{
    (void)store;
    (void)now_ms;
    (void)fault;
    *homeless = 0;
    return FAULT_NONE;
}

enum fault_kind store_read_alive(struct store_reader *reader, struct fault *fault)
{
    (void)reader;
    (void)fault;
    return FAULT_NONE;
}

enum fault_kind store_read_merchant(struct store_reader *reader, struct arena *arena,
                                    struct merchant_id id, struct merchant **merchant,
                                    struct fault *fault)
{
    (void)fault;
    FIND(reader, arena, merchant, merchant, tables->merchants[i].id.value == id.value);
    return FAULT_NONE;
}

enum fault_kind store_read_merchant_by_apikey(struct store_reader *reader, struct arena *arena,
                                              const char *apikey, struct merchant **merchant,
                                              struct fault *fault)
{
    (void)fault;
    FIND(reader, arena, merchant, merchant, strcmp(tables->merchants[i].apikey, apikey) == 0);
    return FAULT_NONE;
}

enum fault_kind store_read_merchants(struct store_reader *reader, struct arena *arena,
                                     struct merchant_id after, size_t limit,
                                     struct merchant **merchants, size_t *count,
                                     struct fault *fault)
{
    (void)fault;
    LIST(reader, arena, merchant, merchants, count, tables->merchants[i].id.value > after.value,
         merchant_compare);
    *count = *count < limit ? *count : limit;
    return FAULT_NONE;
}

enum fault_kind store_read_accounts(struct store_reader *reader, struct arena *arena,
                                    struct merchant_id merchant, struct account_balance **accounts,
                                    size_t *count, struct fault *fault)
{
    (void)fault;
    LIST(reader, arena, account, accounts, count,
         tables->accounts[i].key.merchant.value == merchant.value, account_compare);
    return FAULT_NONE;
}

enum fault_kind store_read_transfer(struct store_reader *reader, struct arena *arena,
                                    struct transfer_id id, struct transfer **transfer,
                                    struct fault *fault)
{
    (void)fault;
    FIND(reader, arena, transfer, transfer, tables->transfers[i].id.value == id.value);
    return FAULT_NONE;
}

enum fault_kind store_read_transfer_by_client_id(struct store_reader *reader, struct arena *arena,
                                                 struct merchant_id merchant, const char *client_id,
                                                 struct transfer **transfer, struct fault *fault)
{
    (void)fault;
    FIND(reader, arena, transfer, transfer,
         tables->transfers[i].merchant.value == merchant.value &&
             tables->transfers[i].client_id != NULL &&
             strcmp(tables->transfers[i].client_id, client_id) == 0);
    return FAULT_NONE;
}

enum fault_kind store_read_contact(struct store_reader *reader, struct arena *arena,
                                   struct merchant_id merchant, int64_t msisdn,
                                   struct contact **contact, struct fault *fault)
{
    (void)fault;
    FIND(reader, arena, contact, contact,
         tables->contacts[i].merchant.value == merchant.value &&
             tables->contacts[i].msisdn == msisdn);
    return FAULT_NONE;
}

enum fault_kind store_read_lot(struct store_reader *reader, struct arena *arena,
                               struct merchant_id merchant, struct lot_code code, struct lot **lot,
                               struct fault *fault)
{
    (void)fault;
    FIND(reader, arena, lot, lot,
         tables->lots[i].merchant.value == merchant.value &&
             tables->lots[i].code.value == code.value);
    return FAULT_NONE;
}

enum fault_kind store_read_transfers(struct store_reader *reader, struct arena *arena,
                                     struct transfer_id first, int64_t count,
                                     struct transfer **transfers, size_t *found,
                                     struct fault *fault)
{
    (void)fault;
    LIST(reader, arena, transfer, transfers, found,
         tables->transfers[i].id.value >= first.value &&
             tables->transfers[i].id.value < first.value + count,
         transfer_compare);
    return FAULT_NONE;
}

static int suspected_compare(const void *a, const void *b)
{
    const struct transfer *left = a, *right = b;
    int by_merchant = order(left->merchant.value, right->merchant.value);
    return by_merchant != 0 ? by_merchant : order(left->id.value, right->id.value);
}

enum fault_kind store_read_suspected(struct store_reader *reader, struct arena *arena,
                                     struct merchant_id merchant, size_t limit,
                                     struct transfer **transfers, size_t *count,
                                     struct fault *fault)
{
    (void)fault;
    LIST(reader, arena, transfer, transfers, count,
         tables->transfers[i].suspected &&
             (merchant.value == 0 || tables->transfers[i].merchant.value == merchant.value),
         suspected_compare);
    *count = *count < limit ? *count : limit;
    return FAULT_NONE;
}

enum fault_kind store_read_transfers_after(struct store_reader *reader, struct arena *arena,
                                           struct transfer_id after, struct transfer_id before,
                                           size_t limit, struct transfer **transfers, size_t *count,
                                           struct fault *fault)
{
    (void)fault;
    LIST(reader, arena, transfer, transfers, count,
         tables->transfers[i].id.value > after.value &&
             tables->transfers[i].id.value < before.value,
         transfer_compare);
    *count = *count < limit ? *count : limit;
    return FAULT_NONE;
}

enum fault_kind store_read_waiting_lots(struct store_reader *reader, struct arena *arena,
                                        struct merchant_id merchant, size_t limit,
                                        struct lot **lots, size_t *count, struct fault *fault)
{
    (void)fault;
    LIST(reader, arena, lot, lots, count,
         tables->lots[i].state == LOT_WAITING &&
             (merchant.value == 0 || tables->lots[i].merchant.value == merchant.value),
         lot_compare_newest);
    *count = *count < limit ? *count : limit;
    return FAULT_NONE;
}

static int contradiction_compare(const void *a, const void *b)
{
    return order(((const struct contradiction *)a)->id, ((const struct contradiction *)b)->id);
}

enum fault_kind store_read_contradictions(struct store_reader *reader, struct arena *arena,
                                          struct transfer_id transfer,
                                          struct contradiction **contradictions, size_t *count,
                                          struct fault *fault)
{
    (void)fault;
    LIST(reader, arena, contradiction, contradictions, count,
         tables->contradictions[i].transfer.value == transfer.value, contradiction_compare);
    return FAULT_NONE;
}

enum fault_kind store_read_open_contradictions(struct store_reader *reader, struct arena *arena,
                                               int64_t after, size_t limit,
                                               struct open_contradiction **open, size_t *count,
                                               struct fault *fault)
{
    struct contradiction *found;
    size_t all;
    LIST(reader, arena, contradiction, &found, &all,
         tables->contradictions[i].closed_at_ms == 0 && tables->contradictions[i].id > after,
         contradiction_compare);
    *open = arena_alloc(arena, all + 1, sizeof **open);
    *count = all < limit ? all : limit;
    for (size_t i = 0; i < *count; i++) {
        struct transfer *transfer;
        if (store_read_transfer(reader, arena, found[i].transfer, &transfer, fault) != FAULT_NONE)
            return FAULT_FINAL;
        (*open)[i] = (struct open_contradiction){found[i], *transfer};
    }
    return FAULT_NONE;
}

static int settlement_compare(const void *a, const void *b)
{
    const struct settlement *left = a, *right = b;
    int by_transfer = order(left->transfer.value, right->transfer.value);
    return by_transfer != 0 ? by_transfer : order(left->number, right->number);
}

enum fault_kind store_read_settlements(struct store_reader *reader, struct arena *arena,
                                       struct transfer_id transfer, struct settlement **settlements,
                                       size_t *count, struct fault *fault)
{
    (void)fault;
    LIST(reader, arena, settlement, settlements, count,
         tables->settlements[i].transfer.value == transfer.value, settlement_compare);
    return FAULT_NONE;
}

static int screening_compare(const void *a, const void *b)
{
    const struct screening *left = a, *right = b;
    int by_transfer = order(left->transfer.value, right->transfer.value);
    return by_transfer != 0 ? by_transfer : order(left->number, right->number);
}

enum fault_kind store_read_screenings(struct store_reader *reader, struct arena *arena,
                                      struct transfer_id transfer, struct screening **screenings,
                                      size_t *count, struct fault *fault)
{
    (void)fault;
    LIST(reader, arena, screening, screenings, count,
         tables->screenings[i].transfer.value == transfer.value, screening_compare);
    return FAULT_NONE;
}

enum fault_kind store_read_matched(struct store_reader *reader, struct arena *arena,
                                   struct merchant_id merchant, size_t limit,
                                   struct matched_transfer **matched, size_t *count,
                                   struct fault *fault)
{
    struct transfer *transfers;
    LIST(reader, arena, transfer, &transfers, count,
         tables->transfers[i].screening == SCREENING_MATCH &&
             (merchant.value == 0 || tables->transfers[i].merchant.value == merchant.value),
         suspected_compare);
    *count = *count < limit ? *count : limit;
    *matched = *count == 0 ? NULL : arena_alloc(arena, *count, sizeof **matched);
    for (size_t i = 0; i < *count; i++) {
        struct screening *screenings;
        size_t screening_count;
        enum fault_kind kind = store_read_screenings(reader, arena, transfers[i].id, &screenings,
                                                     &screening_count, fault);
        if (kind != FAULT_NONE)
            return kind;
        invariant(screening_count == (size_t)transfers[i].screenings);
        (*matched)[i] = (struct matched_transfer){.screening = screenings[screening_count - 1],
                                                  .transfer = transfers[i]};
        const struct store_memory_tables *all = tables_of(reader);
        for (size_t j = 0; j < all->contact_count; j++)
            if (all->contacts[j].merchant.value == transfers[i].merchant.value &&
                all->contacts[j].msisdn == transfers[i].msisdn) {
                (*matched)[i].name = all->contacts[j].name;
                (*matched)[i].surname = all->contacts[j].surname;
            }
    }
    return FAULT_NONE;
}

/* True when nothing follows the settlement with this index. */
static bool settlement_last(const struct store_memory_tables *tables, size_t index)
{
    for (size_t i = index + 1; i < tables->settlement_count; i++)
        if (tables->settlements[i].transfer.value == tables->settlements[index].transfer.value)
            return false;
    return true;
}

enum fault_kind store_read_proposals(struct store_reader *reader, struct arena *arena, size_t limit,
                                     struct settlement **settlements, size_t *count,
                                     struct fault *fault)
{
    (void)fault;
    LIST(reader, arena, settlement, settlements, count,
         settlement_open(&tables->settlements[i]) && settlement_last(tables, i),
         settlement_compare);
    *count = *count < limit ? *count : limit;
    return FAULT_NONE;
}

static int approval_compare(const void *a, const void *b)
{
    const struct approval *left = a, *right = b;
    if (left->merchant.value != right->merchant.value)
        return order(left->merchant.value, right->merchant.value);
    return left->lot.value != right->lot.value ? order(left->lot.value, right->lot.value)
                                               : order(left->number, right->number);
}

enum fault_kind store_read_approvals(struct store_reader *reader, struct arena *arena,
                                     struct merchant_id merchant, struct lot_code lot,
                                     struct approval **approvals, size_t *count,
                                     struct fault *fault)
{
    (void)fault;
    LIST(reader, arena, approval, approvals, count,
         tables->approvals[i].merchant.value == merchant.value &&
             tables->approvals[i].lot.value == lot.value,
         approval_compare);
    return FAULT_NONE;
}

static int mail_compare(const void *a, const void *b)
{
    return order(((const struct mail *)a)->number, ((const struct mail *)b)->number);
}

enum fault_kind store_read_mails(struct store_reader *reader, struct arena *arena,
                                 struct merchant_id merchant, struct lot_code lot,
                                 struct mail **mails, size_t *count, struct fault *fault)
{
    (void)fault;
    LIST(reader, arena, mail, mails, count,
         tables->mails[i].merchant.value == merchant.value &&
             tables->mails[i].lot.value == lot.value,
         mail_compare);
    return FAULT_NONE;
}

static int mail_due_compare(const void *a, const void *b)
{
    const struct mail *left = a, *right = b;
    if (left->due_at_ms != right->due_at_ms)
        return order(left->due_at_ms, right->due_at_ms);
    if (left->merchant.value != right->merchant.value)
        return order(left->merchant.value, right->merchant.value);
    return left->lot.value != right->lot.value ? order(left->lot.value, right->lot.value)
                                               : mail_compare(a, b);
}

/* What a mail tells of. */
static enum fault_kind due_mail_fill(struct store_reader *reader, struct arena *arena,
                                     struct due_mail *due, struct fault *fault)
{
    const struct mail *mail = &due->mail;
    struct lot *lot = NULL;
    struct endpoint *endpoint = NULL;
    struct merchant *merchant;
    if (store_read_merchant(reader, arena, mail->merchant, &merchant, fault) != FAULT_NONE ||
        store_read_lot(reader, arena, mail->merchant, mail->lot, &lot, fault) != FAULT_NONE)
        return FAULT_FINAL;
    FIND(reader, arena, endpoint, &endpoint,
         tables->endpoints[i].merchant.value == mail->merchant.value &&
             tables->endpoints[i].number == mail_endpoint(mail));
    due->merchant = *merchant;
    if (lot != NULL)
        due->lot = *lot;
    if (endpoint != NULL)
        due->endpoint = *endpoint;
    return FAULT_NONE;
}

enum fault_kind store_read_due_mails(struct store_reader *reader, struct arena *arena,
                                     int64_t now_ms, size_t limit, struct due_mail **due,
                                     size_t *count, struct fault *fault)
{
    struct mail *mails;
    size_t all;
    LIST(reader, arena, mail, &mails, &all,
         tables->mails[i].state == MAIL_WAITING && tables->mails[i].due_at_ms <= now_ms,
         mail_due_compare);
    *count = all < limit ? all : limit;
    *due = arena_alloc(arena, *count + 1, sizeof **due);
    for (size_t i = 0; i < *count; i++) {
        (*due)[i].mail = mails[i];
        if (due_mail_fill(reader, arena, &(*due)[i], fault) != FAULT_NONE)
            return FAULT_FINAL;
    }
    return FAULT_NONE;
}

/* *next becomes at_ms when that is after now_ms and earlier than it. */
static void next_take(int64_t *next, int64_t now_ms, int64_t at_ms)
{
    if (at_ms > now_ms && (*next == 0 || at_ms < *next))
        *next = at_ms;
}

enum fault_kind store_read_next_due(struct store_reader *reader, int64_t now_ms,
                                    struct next_due *next, struct fault *fault)
{
    (void)fault;
    store_memory_lock(reader->store);
    const struct store_memory_tables *tables = tables_of(reader);
    *next = (struct next_due){0};
    for (size_t i = 0; i < tables->transfer_count; i++)
        next_take(tables->transfers[i].step == STEP_SCREEN ? &next->screening_at_ms
                                                           : &next->transfer_at_ms,
                  now_ms, tables->transfers[i].due_at_ms);
    for (size_t i = 0; i < tables->notification_count; i++)
        next_take(&next->notification_at_ms, now_ms, tables->notifications[i].due_at_ms);
    for (size_t i = 0; i < tables->lot_count; i++)
        next_take(&next->lot_at_ms, now_ms, tables->lots[i].expires_at_ms);
    for (size_t i = 0; i < tables->mail_count; i++)
        next_take(&next->mail_at_ms, now_ms, tables->mails[i].due_at_ms);
    for (size_t i = 0; i < tables->reversal_count; i++)
        next_take(&next->reversal_at_ms, now_ms, tables->reversals[i].due_at_ms);
    store_memory_unlock(reader->store);
    return FAULT_NONE;
}

enum fault_kind store_read_figures(struct store_reader *reader, struct store_figures *figures,
                                   struct fault *fault)
{
    (void)fault;
    store_memory_lock(reader->store);
    const struct store_memory_tables *tables = tables_of(reader);
    int64_t oldest = 0;
    *figures = (struct store_figures){.database_bytes = 1};
    for (size_t i = 0; i < tables->contradiction_count; i++)
        figures->contradictions += tables->contradictions[i].closed_at_ms == 0;
    for (size_t i = 0; i < tables->transfer_count; i++) {
        const struct transfer *transfer = &tables->transfers[i];
        figures->suspected += transfer->suspected;
        figures->matched += transfer->screening == SCREENING_MATCH;
        if (transfer->step == STEP_NONE)
            continue;
        if (transfer->step == STEP_SCREEN)
            figures->screenings_due++;
        else
            figures->transfers_due++;
        if (oldest == 0 || transfer->id.value < oldest) {
            oldest = transfer->id.value;
            figures->oldest_unfinished_at_ms = transfer->created_at_ms;
        }
    }
    for (size_t i = 0; i < tables->settlement_count; i++)
        figures->proposals +=
            settlement_open(&tables->settlements[i]) && settlement_last(tables, i);
    for (size_t i = 0; i < tables->notification_count; i++) {
        figures->notifications_waiting += tables->notifications[i].state == NOTIFICATION_DUE;
        figures->notifications_dead += tables->notifications[i].state == NOTIFICATION_DEAD;
        if (tables->notifications[i].state == NOTIFICATION_DUE &&
            (figures->notification_due_at_ms == 0 ||
             tables->notifications[i].due_at_ms < figures->notification_due_at_ms))
            figures->notification_due_at_ms = tables->notifications[i].due_at_ms;
    }
    figures->callbacks = (int64_t)tables->callback_count;
    for (size_t i = 0; i < tables->mail_count; i++) {
        figures->mails_waiting += tables->mails[i].state == MAIL_WAITING;
        figures->mails_dead += tables->mails[i].state == MAIL_DEAD;
    }
    store_memory_unlock(reader->store);
    return FAULT_NONE;
}

static int reversal_compare(const void *a, const void *b)
{
    const struct reversal *left = a, *right = b;
    int64_t order = left->transfer.value - right->transfer.value;
    if (order == 0)
        order = left->number - right->number;
    return order < 0 ? -1 : order > 0;
}

enum fault_kind store_read_reversals(struct store_reader *reader, struct arena *arena,
                                     struct transfer_id transfer, struct reversal **reversals,
                                     size_t *count, struct fault *fault)
{
    (void)fault;
    LIST(reader, arena, reversal, reversals, count,
         tables->reversals[i].transfer.value == transfer.value, reversal_compare);
    return FAULT_NONE;
}

static int due_reversal_compare(const void *a, const void *b)
{
    const struct reversal *left = &((const struct due_reversal *)a)->reversal;
    const struct reversal *right = &((const struct due_reversal *)b)->reversal;
    if (left->due_at_ms != right->due_at_ms)
        return left->due_at_ms < right->due_at_ms ? -1 : 1;
    return reversal_compare(left, right);
}

enum fault_kind store_read_due_reversals(struct store_reader *reader, struct arena *arena,
                                         int64_t now_ms, size_t limit, struct due_reversal **due,
                                         size_t *count, struct fault *fault)
{
    (void)fault;
    store_memory_lock(reader->store);
    const struct store_memory_tables *tables = tables_of(reader);
    *due = arena_alloc(arena, tables->reversal_count + 1, sizeof **due);
    *count = 0;
    for (size_t i = 0; i < tables->reversal_count; i++) {
        const struct reversal *each = &tables->reversals[i];
        if (each->step == STEP_NONE || each->due_at_ms > now_ms)
            continue;
        struct due_reversal *row = &(*due)[(*count)++];
        row->reversal = *each;
        for (size_t j = 0; j < tables->transfer_count; j++)
            if (tables->transfers[j].id.value == each->transfer.value)
                row->transfer = tables->transfers[j];
    }
    store_memory_unlock(reader->store);
    qsort(*due, *count, sizeof **due, due_reversal_compare);
    *count = *count < limit ? *count : limit;
    return FAULT_NONE;
}

enum fault_kind store_audit(struct store_reader *reader, const struct store_audit *audit,
                            struct fault *fault)
{
    (void)fault;
    struct store_memory_tables all = *tables_of(reader);
    bool on = true;
    AUTO(arena_closep) struct arena *arena = arena_open((size_t)1 << 30);
    struct account_balance *accounts;
    struct transfer *transfers;
    struct lot *lots;
    struct approval *approvals;
    struct reversal *reversals;
    size_t account_count, transfer_count, lot_count, approval_count, reversal_count;
    LIST(reader, arena, account, &accounts, &account_count, true, account_compare);
    LIST(reader, arena, transfer, &transfers, &transfer_count, true, transfer_compare);
    LIST(reader, arena, lot, &lots, &lot_count, true, lot_compare);
    LIST(reader, arena, approval, &approvals, &approval_count, true, approval_compare);
    LIST(reader, arena, reversal, &reversals, &reversal_count, true, reversal_compare);
    for (size_t i = 0, head = 0; on && i < all.movement_count; i++) {
        on = audit->movement == NULL || audit->movement(audit->context, &all.movements[i]);
        if (head == all.head_count || all.heads[head].last_movement_id != all.movements[i].id)
            continue;
        on = on && (audit->head == NULL || audit->head(audit->context, &all.heads[head]));
        head++;
    }
    for (size_t i = 0; on && audit->account != NULL && i < account_count; i++)
        on = audit->account(audit->context, &accounts[i]);
    for (size_t i = 0; on && audit->transfer != NULL && i < transfer_count; i++)
        on = audit->transfer(audit->context, &transfers[i]);
    for (size_t i = 0; on && audit->lot != NULL && i < lot_count; i++)
        on = audit->lot(audit->context, &lots[i]);
    for (size_t i = 0, head = 0; on && audit->act != NULL && i < all.act_count; i++) {
        on = audit->act(audit->context, &all.acts[i]);
        if (on && head < all.act_head_count && all.act_heads[head].last_act_id == all.acts[i].id)
            on = audit->act_head(audit->context, &all.act_heads[head++]);
    }
    for (size_t i = 0; on && audit->approval != NULL && i < approval_count; i++)
        on = audit->approval(audit->context, &approvals[i]);
    for (size_t i = 0; on && audit->reversal != NULL && i < reversal_count; i++)
        on = audit->reversal(audit->context, &reversals[i]);
    return FAULT_NONE;
}

enum fault_kind store_read_callbacks(struct store_reader *reader, struct arena *arena,
                                     int64_t before, size_t limit, struct callback **callbacks,
                                     size_t *count, struct fault *fault)
{
    (void)fault;
    store_memory_lock(reader->store);
    const struct store_memory_tables *tables = tables_of(reader);
    *callbacks = arena_alloc(arena, tables->callback_count + 1, sizeof **callbacks);
    *count = 0;
    for (size_t i = tables->callback_count; i-- > 0 && *count < limit;)
        if (before == 0 || tables->callbacks[i].id < before)
            (*callbacks)[(*count)++] = tables->callbacks[i];
    store_memory_unlock(reader->store);
    return FAULT_NONE;
}

#include "store/store.h"

#include <string.h>

#include "store/backend.h"

static const struct backend *const backends[] = {&sqlite_backend, &postgres_backend};

const struct backend *backend_of(const char *url, const char **rest, struct fault *fault)
{
    for (size_t i = 0; i < sizeof backends / sizeof *backends; i++) {
        size_t length = strlen(backends[i]->scheme);
        *rest = url + length;
        if (strncmp(url, backends[i]->scheme, length) == 0)
            return backends[i];
    }
    /* The URL isn't repeated: there may be a password in it. */
    (void)fault_set(fault, FAULT_FINAL,
                    "open the store: its URL must begin with \"sqlite:\", as in "
                    "sqlite:///var/lib/payoutd/payoutd.db, or with \"postgresql:\"");
    return NULL;
}

enum fault_kind store_open(const char *url, const struct store_options *options,
                           struct store **store, struct fault *fault)
{
    static const struct store_options none;
    const char *rest;
    const struct backend *backend = backend_of(url, &rest, fault);
    if (backend == NULL)
        return FAULT_FINAL;
    enum fault_kind kind = backend->open(rest, options == NULL ? &none : options, store, fault);
    return kind == FAULT_NONE ? kind : fault_wrap(fault, "open the store");
}

enum fault_kind store_open_beside(const char *url, struct store **store, struct fault *fault)
{
    const char *rest;
    const struct backend *backend = backend_of(url, &rest, fault);
    if (backend == NULL)
        return FAULT_FINAL;
    enum fault_kind kind = backend->open_beside(rest, store, fault);
    return kind == FAULT_NONE ? kind : fault_wrap(fault, "open the store to read it");
}

void store_close(struct store *store)
{
    if (store != NULL)
        store->backend->close(store);
}

enum fault_kind store_backup(struct store *store, const char *path, struct fault *fault)
{
    enum fault_kind kind = store->backend->backup(store, path, fault);
    return kind == FAULT_NONE ? kind : fault_wrap(fault, "back up the store");
}

enum fault_kind store_restore_begin(const char *url, const char *from, bool replace,
                                    struct store_restore **restore, struct fault *fault)
{
    const char *rest;
    const struct backend *backend = backend_of(url, &rest, fault);
    if (backend == NULL)
        return FAULT_FINAL;
    enum fault_kind kind = backend->restore_begin(rest, from, replace, restore, fault);
    return kind == FAULT_NONE ? kind : fault_wrap(fault, "restore the store");
}

const char *store_restore_url(const struct store_restore *restore)
{
    return restore->url;
}

enum fault_kind store_restore_end(struct store_restore *restore, bool keep,
                                  char aside[STORE_ASIDE_BYTES], struct fault *fault)
{
    enum fault_kind kind = restore->backend->restore_end(restore, keep, aside, fault);
    return kind == FAULT_NONE ? kind : fault_wrap(fault, "restore the store");
}

/* --- The lane's own --- */

struct share store_share(const struct store *store)
{
    return store->share;
}

enum fault_kind store_book_load(struct store *store, struct book *book, struct fault *fault)
{
    return store->backend->book_load(store, book, fault);
}

enum fault_kind store_book_save(struct store *store, struct book *book,
                                const uint8_t batch_key[STORE_BATCH_KEY_BYTES], struct fault *fault)
{
    return store->backend->book_save(store, book, batch_key, fault);
}

void store_book_reset(struct store *store, int lane)
{
    store->backend->book_reset(store, lane);
}

enum fault_kind store_book_leave(struct store *store, int lane, struct fault *fault)
{
    if (store->backend->book_leave != NULL)
        return store->backend->book_leave(store, lane, fault);
    store_book_reset(store, lane);
    return FAULT_NONE;
}

enum fault_kind store_batch_known(struct store *store, int lane,
                                  const uint8_t batch_key[STORE_BATCH_KEY_BYTES], bool *known,
                                  struct fault *fault)
{
    return store->backend->batch_known(store, lane, batch_key, known, fault);
}

/* --- Reading --- */

enum fault_kind store_reader_open(struct store *store, struct store_reader **reader,
                                  struct fault *fault)
{
    enum fault_kind kind = store->backend->reader_open(store, reader, fault);
    return kind == FAULT_NONE ? kind : fault_wrap(fault, "open a reader of the store");
}

void store_reader_close(struct store_reader *reader)
{
    if (reader != NULL)
        reader->backend->reader_close(reader);
}

void store_reader_closep(struct store_reader **reader)
{
    store_reader_close(*reader);
}

void store_reader_keep(struct store_reader *reader, uint32_t shards)
{
    reader->shards = shards;
}

enum fault_kind store_read_merchant(struct store_reader *reader, struct arena *arena,
                                    struct merchant_id id, struct merchant **merchant,
                                    struct fault *fault)
{
    return reader->backend->read_merchant(reader, arena, id, merchant, fault);
}

enum fault_kind store_read_merchant_by_apikey(struct store_reader *reader, struct arena *arena,
                                              const char *apikey, struct merchant **merchant,
                                              struct fault *fault)
{
    return reader->backend->read_merchant_by_apikey(reader, arena, apikey, merchant, fault);
}

enum fault_kind store_read_merchants(struct store_reader *reader, struct arena *arena,
                                     struct merchant_id after, size_t limit,
                                     struct merchant **merchants, size_t *count,
                                     struct fault *fault)
{
    return reader->backend->read_merchants(reader, arena, after, limit, merchants, count, fault);
}

enum fault_kind store_read_accounts(struct store_reader *reader, struct arena *arena,
                                    struct merchant_id merchant, struct account_balance **accounts,
                                    size_t *count, struct fault *fault)
{
    return reader->backend->read_accounts(reader, arena, merchant, accounts, count, fault);
}

enum fault_kind store_read_transfer(struct store_reader *reader, struct arena *arena,
                                    struct transfer_id id, struct transfer **transfer,
                                    struct fault *fault)
{
    return reader->backend->read_transfer(reader, arena, id, transfer, fault);
}

enum fault_kind store_read_transfer_by_client_id(struct store_reader *reader, struct arena *arena,
                                                 struct merchant_id merchant, const char *client_id,
                                                 struct transfer **transfer, struct fault *fault)
{
    return reader->backend->read_transfer_by_client_id(reader, arena, merchant, client_id, transfer,
                                                       fault);
}

enum fault_kind store_read_contact(struct store_reader *reader, struct arena *arena,
                                   struct merchant_id merchant, int64_t msisdn,
                                   struct contact **contact, struct fault *fault)
{
    return reader->backend->read_contact(reader, arena, merchant, msisdn, contact, fault);
}

enum fault_kind store_read_lot(struct store_reader *reader, struct arena *arena,
                               struct merchant_id merchant, struct lot_code code, struct lot **lot,
                               struct fault *fault)
{
    return reader->backend->read_lot(reader, arena, merchant, code, lot, fault);
}

enum fault_kind store_read_transfers(struct store_reader *reader, struct arena *arena,
                                     struct transfer_id first, int64_t count,
                                     struct transfer **transfers, size_t *found,
                                     struct fault *fault)
{
    return reader->backend->read_transfers(reader, arena, first, count, transfers, found, fault);
}

enum fault_kind store_read_transfers_after(struct store_reader *reader, struct arena *arena,
                                           struct transfer_id after, struct transfer_id before,
                                           size_t limit, struct transfer **transfers, size_t *count,
                                           struct fault *fault)
{
    return reader->backend->read_transfers_after(reader, arena, after, before, limit, transfers,
                                                 count, fault);
}

enum fault_kind store_read_transfers_found(struct store_reader *reader, struct arena *arena,
                                           const struct transfer_filter *filter, size_t scan_max,
                                           size_t limit, struct transfer **transfers, size_t *count,
                                           struct transfer_id *next, struct fault *fault)
{
    return reader->backend->read_transfers_found(reader, arena, filter, scan_max, limit, transfers,
                                                 count, next, fault);
}

enum fault_kind store_read_transfer_counts(struct store_reader *reader, struct arena *arena,
                                           struct merchant_id merchant, struct transfer_id from,
                                           struct transfer_id before, int64_t part_ids,
                                           size_t scan_max, struct transfer_count **counts,
                                           size_t *count, struct transfer_id *seen,
                                           struct fault *fault)
{
    return reader->backend->read_transfer_counts(reader, arena, merchant, from, before, part_ids,
                                                 scan_max, counts, count, seen, fault);
}

enum fault_kind store_read_lots(struct store_reader *reader, struct arena *arena,
                                struct merchant_id merchant, struct lot_code before, size_t limit,
                                struct lot **lots, size_t *count, struct fault *fault)
{
    return reader->backend->read_lots(reader, arena, merchant, before, limit, lots, count, fault);
}

enum fault_kind store_read_contacts(struct store_reader *reader, struct arena *arena,
                                    struct merchant_id merchant, int64_t after, size_t limit,
                                    struct contact **contacts, size_t *count, struct fault *fault)
{
    return reader->backend->read_contacts(reader, arena, merchant, after, limit, contacts, count,
                                          fault);
}

enum fault_kind store_read_contacts_of(struct store_reader *reader, struct arena *arena,
                                       struct merchant_id merchant, const int64_t *msisdns,
                                       size_t msisdn_count, struct contact **contacts,
                                       size_t *count, struct fault *fault)
{
    return reader->backend->read_contacts_of(reader, arena, merchant, msisdns, msisdn_count,
                                             contacts, count, fault);
}

enum fault_kind store_read_waiting_lots(struct store_reader *reader, struct arena *arena,
                                        struct merchant_id merchant, size_t limit,
                                        struct lot **lots, size_t *count, struct fault *fault)
{
    return reader->backend->read_waiting_lots(reader, arena, merchant, limit, lots, count, fault);
}

enum fault_kind store_read_due_transfers(struct store_reader *reader, struct arena *arena,
                                         int64_t now_ms, size_t limit, struct transfer **transfers,
                                         size_t *count, struct fault *fault)
{
    return reader->backend->read_due_transfers(reader, arena, now_ms, limit, transfers, count,
                                               fault);
}

enum fault_kind store_read_expired_lots(struct store_reader *reader, struct arena *arena,
                                        int64_t now_ms, size_t limit, struct lot **lots,
                                        size_t *count, struct fault *fault)
{
    return reader->backend->read_expired_lots(reader, arena, now_ms, limit, lots, count, fault);
}

enum fault_kind store_read_due_notifications(struct store_reader *reader, struct arena *arena,
                                             int64_t now_ms, struct notification_cursor after,
                                             size_t limit, struct due_notification **due,
                                             size_t *count, struct fault *fault)
{
    return reader->backend->read_due_notifications(reader, arena, now_ms, after, limit, due, count,
                                                   fault);
}

enum fault_kind store_read_queue(struct store_reader *reader, struct arena *arena, int64_t queue,
                                 int64_t now_ms, struct notification_cursor after, size_t limit,
                                 struct due_notification **due, size_t *count, struct fault *fault)
{
    return reader->backend->read_queue(reader, arena, queue, now_ms, after, limit, due, count,
                                       fault);
}

enum fault_kind store_read_queues(struct store_reader *reader, struct arena *arena, int64_t after,
                                  size_t limit, struct due_queue **queues, size_t *count,
                                  struct fault *fault)
{
    return reader->backend->read_queues(reader, arena, after, limit, queues, count, fault);
}

enum fault_kind store_read_told(struct store_reader *reader, struct arena *arena,
                                const struct notification_filter *filter, size_t limit,
                                struct told_notification **told, size_t *count, struct fault *fault)
{
    return reader->backend->read_told(reader, arena, filter, limit, told, count, fault);
}

enum fault_kind store_read_endpoints(struct store_reader *reader, struct arena *arena,
                                     struct merchant_id merchant, struct endpoint **endpoints,
                                     size_t *count, struct fault *fault)
{
    return reader->backend->read_endpoints(reader, arena, merchant, endpoints, count, fault);
}

enum fault_kind store_read_endpoints_after(struct store_reader *reader, struct arena *arena,
                                           struct merchant_id merchant, int32_t number,
                                           bool failing, size_t limit, struct endpoint **endpoints,
                                           size_t *count, struct fault *fault)
{
    return reader->backend->read_endpoints_after(reader, arena, merchant, number, failing, limit,
                                                 endpoints, count, fault);
}

enum fault_kind store_read_due_mails(struct store_reader *reader, struct arena *arena,
                                     int64_t now_ms, size_t limit, struct due_mail **due,
                                     size_t *count, struct fault *fault)
{
    return reader->backend->read_due_mails(reader, arena, now_ms, limit, due, count, fault);
}

enum fault_kind store_read_mails(struct store_reader *reader, struct arena *arena,
                                 struct merchant_id merchant, struct lot_code lot,
                                 struct mail **mails, size_t *count, struct fault *fault)
{
    return reader->backend->read_mails(reader, arena, merchant, lot, mails, count, fault);
}

enum fault_kind store_read_approvals(struct store_reader *reader, struct arena *arena,
                                     struct merchant_id merchant, struct lot_code lot,
                                     struct approval **approvals, size_t *count,
                                     struct fault *fault)
{
    return reader->backend->read_approvals(reader, arena, merchant, lot, approvals, count, fault);
}

enum fault_kind store_read_next_due(struct store_reader *reader, int64_t now_ms,
                                    struct next_due *next, struct fault *fault)
{
    return reader->backend->read_next_due(reader, now_ms, next, fault);
}

enum fault_kind store_read_notifications(struct store_reader *reader, struct arena *arena,
                                         struct transfer_id transfer,
                                         struct notification **notifications,
                                         size_t *notification_count, struct delivery **deliveries,
                                         size_t *delivery_count, struct fault *fault)
{
    return reader->backend->read_notifications(reader, arena, transfer, notifications,
                                               notification_count, deliveries, delivery_count,
                                               fault);
}

enum fault_kind store_read_settlements(struct store_reader *reader, struct arena *arena,
                                       struct transfer_id transfer, struct settlement **settlements,
                                       size_t *count, struct fault *fault)
{
    return reader->backend->read_settlements(reader, arena, transfer, settlements, count, fault);
}

enum fault_kind store_read_contradictions(struct store_reader *reader, struct arena *arena,
                                          struct transfer_id transfer,
                                          struct contradiction **contradictions, size_t *count,
                                          struct fault *fault)
{
    return reader->backend->read_contradictions(reader, arena, transfer, contradictions, count,
                                                fault);
}

enum fault_kind store_read_open_contradictions(struct store_reader *reader, struct arena *arena,
                                               int64_t after, size_t limit,
                                               struct open_contradiction **open, size_t *count,
                                               struct fault *fault)
{
    return reader->backend->read_open_contradictions(reader, arena, after, limit, open, count,
                                                     fault);
}

enum fault_kind store_read_suspected(struct store_reader *reader, struct arena *arena,
                                     struct merchant_id merchant, size_t limit,
                                     struct transfer **transfers, size_t *count,
                                     struct fault *fault)
{
    return reader->backend->read_suspected(reader, arena, merchant, limit, transfers, count, fault);
}

enum fault_kind store_read_screenings(struct store_reader *reader, struct arena *arena,
                                      struct transfer_id transfer, struct screening **screenings,
                                      size_t *count, struct fault *fault)
{
    return reader->backend->read_screenings(reader, arena, transfer, screenings, count, fault);
}

enum fault_kind store_read_matched(struct store_reader *reader, struct arena *arena,
                                   struct merchant_id merchant, size_t limit,
                                   struct matched_transfer **matched, size_t *count,
                                   struct fault *fault)
{
    return reader->backend->read_matched(reader, arena, merchant, limit, matched, count, fault);
}

enum fault_kind store_read_due_screenings(struct store_reader *reader, struct arena *arena,
                                          int64_t now_ms, size_t limit, struct due_screening **due,
                                          size_t *count, struct fault *fault)
{
    return reader->backend->read_due_screenings(reader, arena, now_ms, limit, due, count, fault);
}

enum fault_kind store_read_proposals(struct store_reader *reader, struct arena *arena, size_t limit,
                                     struct settlement **settlements, size_t *count,
                                     struct fault *fault)
{
    return reader->backend->read_proposals(reader, arena, limit, settlements, count, fault);
}

enum fault_kind store_read_reversals(struct store_reader *reader, struct arena *arena,
                                     struct transfer_id transfer, struct reversal **reversals,
                                     size_t *count, struct fault *fault)
{
    return reader->backend->read_reversals(reader, arena, transfer, reversals, count, fault);
}

enum fault_kind store_read_due_reversals(struct store_reader *reader, struct arena *arena,
                                         int64_t now_ms, size_t limit, struct due_reversal **due,
                                         size_t *count, struct fault *fault)
{
    return reader->backend->read_due_reversals(reader, arena, now_ms, limit, due, count, fault);
}

enum fault_kind store_read_callbacks(struct store_reader *reader, struct arena *arena,
                                     int64_t before, size_t limit, struct callback **callbacks,
                                     size_t *count, struct fault *fault)
{
    return reader->backend->read_callbacks(reader, arena, before, limit, callbacks, count, fault);
}

enum fault_kind store_read_acts(struct store_reader *reader, struct arena *arena,
                                const struct act_filter *filter, size_t limit, struct act **acts,
                                size_t *count, struct fault *fault)
{
    return reader->backend->read_acts(reader, arena, filter, limit, acts, count, fault);
}

enum fault_kind store_read_user(struct store_reader *reader, struct arena *arena, const char *name,
                                struct user **user, struct fault *fault)
{
    return reader->backend->read_user(reader, arena, name, user, fault);
}

enum fault_kind store_read_users(struct store_reader *reader, struct arena *arena,
                                 struct merchant_id merchant, const char *after, size_t limit,
                                 struct user **users, size_t *count, struct fault *fault)
{
    return reader->backend->read_users(reader, arena, merchant, after, limit, users, count, fault);
}

enum fault_kind store_read_session(struct store_reader *reader, struct arena *arena,
                                   const uint8_t hash[SECRET_HASH_BYTES], struct session **session,
                                   struct user **user, struct fault *fault)
{
    return reader->backend->read_session(reader, arena, hash, session, user, fault);
}

enum fault_kind store_read_channel_switches(struct store_reader *reader, struct arena *arena,
                                            struct channel_switch **switches, size_t *count,
                                            struct fault *fault)
{
    return reader->backend->read_channel_switches(reader, arena, switches, count, fault);
}

enum fault_kind store_read_channel_accounts(struct store_reader *reader, struct arena *arena,
                                            struct channel_account **accounts, size_t *count,
                                            struct fault *fault)
{
    return reader->backend->read_channel_accounts(reader, arena, accounts, count, fault);
}

enum fault_kind store_read_figures(struct store_reader *reader, struct store_figures *figures,
                                   struct fault *fault)
{
    return reader->backend->read_figures(reader, figures, fault);
}

enum fault_kind store_audit(struct store_reader *reader, const struct store_audit *audit,
                            struct fault *fault)
{
    return reader->backend->audit(reader, audit, fault);
}

enum fault_kind store_statement(struct store_reader *reader,
                                const struct store_statement *statement, struct fault *fault)
{
    return reader->backend->statement(reader, statement, fault);
}

enum fault_kind store_read_alive(struct store_reader *reader, struct fault *fault)
{
    return reader->backend->read_alive(reader, fault);
}

enum fault_kind store_make_months(struct store *store, int64_t now_ms, int64_t *homeless,
                                  struct fault *fault)
{
    *homeless = 0;
    if (store->backend->make_months == NULL)
        return FAULT_NONE;
    enum fault_kind kind = store->backend->make_months(store, now_ms, homeless, fault);
    return kind == FAULT_NONE ? kind : fault_wrap(fault, "make the months' tables");
}

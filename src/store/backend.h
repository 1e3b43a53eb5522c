/* backend: what a kind of store must offer: the functions of store.h, behind a table. The room's
 * own; store.c picks one by the URL and passes every call on. A backend's struct for a store or a
 * reader begins with struct store or struct store_reader. */
#ifndef PAYOUT_STORE_BACKEND_H
#define PAYOUT_STORE_BACKEND_H
#include "store/flow.h"
#include "store/migration.h"
#include "store/sharing.h"
#include "store/store.h"

/* Contracts: store.h, function by function. */
struct backend {
    const char *scheme; /* What its URLs begin with, with the colon: they are given without. */

    enum fault_kind (*open)(const char *url, const struct store_options *options,
                            struct store **store, struct fault *fault);
    enum fault_kind (*open_beside)(const char *url, struct store **store, struct fault *fault);
    void (*close)(struct store *store);
    enum fault_kind (*backup)(struct store *store, const char *path, struct fault *fault);
    enum fault_kind (*restore_begin)(const char *url, const char *from, bool replace,
                                     struct store_restore **restore, struct fault *fault);
    enum fault_kind (*restore_end)(struct store_restore *restore, bool keep,
                                   char aside[STORE_ASIDE_BYTES], struct fault *fault);

    /* NULL, all of them: a store of one process. */
    enum fault_kind (*sharing_open)(struct store *store, const struct sharing_self *self,
                                    struct store_sharing **sharing, struct fault *fault);
    void (*sharing_close)(struct store_sharing *sharing);
    enum fault_kind (*sharing_beat)(struct store_sharing *sharing, const uint32_t given[DUTY_END],
                                    struct sharing_beat *beat, struct fault *fault);
    enum fault_kind (*sharing_take)(struct store_sharing *sharing, enum duty duty, int64_t most,
                                    uint32_t *taken, struct fault *fault);
    enum fault_kind (*sharing_leave)(struct store_sharing *sharing, struct fault *fault);
    enum fault_kind (*sharing_tell)(struct store_sharing *sharing, const char *text,
                                    struct fault *fault);
    bool (*sharing_wait)(struct store_sharing *sharing, int descriptor, int64_t wait_ms);
    bool (*sharing_heard)(struct store_sharing *sharing, char text[SHARING_TEXT_BYTES]);

    enum fault_kind (*book_load)(struct store *store, struct book *book, struct fault *fault);
    enum fault_kind (*book_save)(struct store *store, struct book *book,
                                 const uint8_t batch_key[STORE_BATCH_KEY_BYTES],
                                 struct fault *fault);
    void (*book_reset)(struct store *store, int lane);
    /* NULL: what can be seen lasts; book_reset is enough. */
    enum fault_kind (*book_leave)(struct store *store, int lane, struct fault *fault);
    enum fault_kind (*batch_known)(struct store *store, int lane,
                                   const uint8_t batch_key[STORE_BATCH_KEY_BYTES], bool *known,
                                   struct fault *fault);

    enum fault_kind (*reader_open)(struct store *store, struct store_reader **reader,
                                   struct fault *fault);
    void (*reader_close)(struct store_reader *reader);
    enum fault_kind (*read_merchant)(struct store_reader *reader, struct arena *arena,
                                     struct merchant_id id, struct merchant **merchant,
                                     struct fault *fault);
    enum fault_kind (*read_merchant_by_apikey)(struct store_reader *reader, struct arena *arena,
                                               const char *apikey, struct merchant **merchant,
                                               struct fault *fault);
    enum fault_kind (*read_merchants)(struct store_reader *reader, struct arena *arena,
                                      struct merchant_id after, size_t limit,
                                      struct merchant **merchants, size_t *count,
                                      struct fault *fault);
    enum fault_kind (*read_accounts)(struct store_reader *reader, struct arena *arena,
                                     struct merchant_id merchant, struct account_balance **accounts,
                                     size_t *count, struct fault *fault);
    enum fault_kind (*read_transfer)(struct store_reader *reader, struct arena *arena,
                                     struct transfer_id id, struct transfer **transfer,
                                     struct fault *fault);
    enum fault_kind (*read_transfer_by_client_id)(struct store_reader *reader, struct arena *arena,
                                                  struct merchant_id merchant,
                                                  const char *client_id, struct transfer **transfer,
                                                  struct fault *fault);
    enum fault_kind (*read_contact)(struct store_reader *reader, struct arena *arena,
                                    struct merchant_id merchant, int64_t msisdn,
                                    struct contact **contact, struct fault *fault);
    enum fault_kind (*read_lot)(struct store_reader *reader, struct arena *arena,
                                struct merchant_id merchant, struct lot_code code, struct lot **lot,
                                struct fault *fault);
    enum fault_kind (*read_transfers)(struct store_reader *reader, struct arena *arena,
                                      struct transfer_id first, int64_t count,
                                      struct transfer **transfers, size_t *found,
                                      struct fault *fault);
    enum fault_kind (*read_transfers_after)(struct store_reader *reader, struct arena *arena,
                                            struct transfer_id after, struct transfer_id before,
                                            size_t limit, struct transfer **transfers,
                                            size_t *count, struct fault *fault);
    enum fault_kind (*read_transfers_found)(struct store_reader *reader, struct arena *arena,
                                            const struct transfer_filter *filter, size_t scan_max,
                                            size_t limit, struct transfer **transfers,
                                            size_t *count, struct transfer_id *next,
                                            struct fault *fault);
    enum fault_kind (*read_transfer_counts)(struct store_reader *reader, struct arena *arena,
                                            struct merchant_id merchant, struct transfer_id from,
                                            struct transfer_id before, int64_t part_ids,
                                            size_t scan_max, struct transfer_count **counts,
                                            size_t *count, struct transfer_id *seen,
                                            struct fault *fault);
    enum fault_kind (*read_lots)(struct store_reader *reader, struct arena *arena,
                                 struct merchant_id merchant, struct lot_code before, size_t limit,
                                 struct lot **lots, size_t *count, struct fault *fault);
    enum fault_kind (*read_contacts)(struct store_reader *reader, struct arena *arena,
                                     struct merchant_id merchant, int64_t after, size_t limit,
                                     struct contact **contacts, size_t *count, struct fault *fault);
    enum fault_kind (*read_contacts_of)(struct store_reader *reader, struct arena *arena,
                                        struct merchant_id merchant, const int64_t *msisdns,
                                        size_t msisdn_count, struct contact **contacts,
                                        size_t *count, struct fault *fault);
    enum fault_kind (*read_waiting_lots)(struct store_reader *reader, struct arena *arena,
                                         struct merchant_id merchant, size_t limit,
                                         struct lot **lots, size_t *count, struct fault *fault);
    enum fault_kind (*read_due_transfers)(struct store_reader *reader, struct arena *arena,
                                          int64_t now_ms, size_t limit, struct transfer **transfers,
                                          size_t *count, struct fault *fault);
    enum fault_kind (*read_expired_lots)(struct store_reader *reader, struct arena *arena,
                                         int64_t now_ms, size_t limit, struct lot **lots,
                                         size_t *count, struct fault *fault);
    enum fault_kind (*read_due_notifications)(struct store_reader *reader, struct arena *arena,
                                              int64_t now_ms, struct notification_cursor after,
                                              size_t limit, struct due_notification **due,
                                              size_t *count, struct fault *fault);
    enum fault_kind (*read_queue)(struct store_reader *reader, struct arena *arena, int64_t queue,
                                  int64_t now_ms, struct notification_cursor after, size_t limit,
                                  struct due_notification **due, size_t *count,
                                  struct fault *fault);
    enum fault_kind (*read_queues)(struct store_reader *reader, struct arena *arena, int64_t after,
                                   size_t limit, struct due_queue **queues, size_t *count,
                                   struct fault *fault);
    enum fault_kind (*read_told)(struct store_reader *reader, struct arena *arena,
                                 const struct notification_filter *filter, size_t limit,
                                 struct told_notification **told, size_t *count,
                                 struct fault *fault);
    enum fault_kind (*read_endpoints)(struct store_reader *reader, struct arena *arena,
                                      struct merchant_id merchant, struct endpoint **endpoints,
                                      size_t *count, struct fault *fault);
    enum fault_kind (*read_endpoints_after)(struct store_reader *reader, struct arena *arena,
                                            struct merchant_id merchant, int32_t number,
                                            bool failing, size_t limit, struct endpoint **endpoints,
                                            size_t *count, struct fault *fault);
    enum fault_kind (*read_due_mails)(struct store_reader *reader, struct arena *arena,
                                      int64_t now_ms, size_t limit, struct due_mail **due,
                                      size_t *count, struct fault *fault);
    enum fault_kind (*read_mails)(struct store_reader *reader, struct arena *arena,
                                  struct merchant_id merchant, struct lot_code lot,
                                  struct mail **mails, size_t *count, struct fault *fault);
    enum fault_kind (*read_approvals)(struct store_reader *reader, struct arena *arena,
                                      struct merchant_id merchant, struct lot_code lot,
                                      struct approval **approvals, size_t *count,
                                      struct fault *fault);
    enum fault_kind (*read_next_due)(struct store_reader *reader, int64_t now_ms,
                                     struct next_due *next, struct fault *fault);
    enum fault_kind (*read_notifications)(struct store_reader *reader, struct arena *arena,
                                          struct transfer_id transfer,
                                          struct notification **notifications,
                                          size_t *notification_count, struct delivery **deliveries,
                                          size_t *delivery_count, struct fault *fault);
    enum fault_kind (*read_settlements)(struct store_reader *reader, struct arena *arena,
                                        struct transfer_id transfer,
                                        struct settlement **settlements, size_t *count,
                                        struct fault *fault);
    enum fault_kind (*read_contradictions)(struct store_reader *reader, struct arena *arena,
                                           struct transfer_id transfer,
                                           struct contradiction **contradictions, size_t *count,
                                           struct fault *fault);
    enum fault_kind (*read_open_contradictions)(struct store_reader *reader, struct arena *arena,
                                                int64_t after, size_t limit,
                                                struct open_contradiction **open, size_t *count,
                                                struct fault *fault);
    enum fault_kind (*read_suspected)(struct store_reader *reader, struct arena *arena,
                                      struct merchant_id merchant, size_t limit,
                                      struct transfer **transfers, size_t *count,
                                      struct fault *fault);
    enum fault_kind (*read_screenings)(struct store_reader *reader, struct arena *arena,
                                       struct transfer_id transfer, struct screening **screenings,
                                       size_t *count, struct fault *fault);
    enum fault_kind (*read_matched)(struct store_reader *reader, struct arena *arena,
                                    struct merchant_id merchant, size_t limit,
                                    struct matched_transfer **matched, size_t *count,
                                    struct fault *fault);
    enum fault_kind (*read_due_screenings)(struct store_reader *reader, struct arena *arena,
                                           int64_t now_ms, size_t limit, struct due_screening **due,
                                           size_t *count, struct fault *fault);
    enum fault_kind (*read_reversals)(struct store_reader *reader, struct arena *arena,
                                      struct transfer_id transfer, struct reversal **reversals,
                                      size_t *count, struct fault *fault);
    enum fault_kind (*read_due_reversals)(struct store_reader *reader, struct arena *arena,
                                          int64_t now_ms, size_t limit, struct due_reversal **due,
                                          size_t *count, struct fault *fault);
    enum fault_kind (*read_callbacks)(struct store_reader *reader, struct arena *arena,
                                      int64_t before, size_t limit, struct callback **callbacks,
                                      size_t *count, struct fault *fault);
    enum fault_kind (*read_proposals)(struct store_reader *reader, struct arena *arena,
                                      size_t limit, struct settlement **settlements, size_t *count,
                                      struct fault *fault);
    enum fault_kind (*read_acts)(struct store_reader *reader, struct arena *arena,
                                 const struct act_filter *filter, size_t limit, struct act **acts,
                                 size_t *count, struct fault *fault);
    enum fault_kind (*read_user)(struct store_reader *reader, struct arena *arena, const char *name,
                                 struct user **user, struct fault *fault);
    enum fault_kind (*read_users)(struct store_reader *reader, struct arena *arena,
                                  struct merchant_id merchant, const char *after, size_t limit,
                                  struct user **users, size_t *count, struct fault *fault);
    enum fault_kind (*read_session)(struct store_reader *reader, struct arena *arena,
                                    const uint8_t hash[SECRET_HASH_BYTES], struct session **session,
                                    struct user **user, struct fault *fault);
    enum fault_kind (*read_channel_switches)(struct store_reader *reader, struct arena *arena,
                                             struct channel_switch **switches, size_t *count,
                                             struct fault *fault);
    enum fault_kind (*read_channel_accounts)(struct store_reader *reader, struct arena *arena,
                                             struct channel_account **accounts, size_t *count,
                                             struct fault *fault);
    enum fault_kind (*read_figures)(struct store_reader *reader, struct store_figures *figures,
                                    struct fault *fault);
    enum fault_kind (*audit)(struct store_reader *reader, const struct store_audit *audit,
                             struct fault *fault);
    enum fault_kind (*statement)(struct store_reader *reader,
                                 const struct store_statement *statement, struct fault *fault);
    enum fault_kind (*read_alive)(struct store_reader *reader, struct fault *fault);

    /* NULL: it keeps no table a month. */
    enum fault_kind (*make_months)(struct store *store, int64_t now_ms, int64_t *homeless,
                                   struct fault *fault);
    enum fault_kind (*migrate)(const char *url, const struct migration *migration,
                               struct fault *fault);
    const struct flow_backend *flow;
};
/* The backend for a URL; *rest is what follows its scheme. NULL: there is none, fault is set. */
const struct backend *backend_of(const char *url, const char **rest, struct fault *fault);

struct store {
    const struct backend *backend;
    struct share share; /* Lane 0's. */
};
struct store_reader {
    const struct backend *backend;
    uint32_t shards; /* Whose work it finds. */
};
struct store_sharing {
    const struct backend *backend;
};
struct store_restore {
    const struct backend *backend;
    char *url; /* Of the copy; the backend frees it. */
};

/* What a migration must leave as it is, in one text; of every schema there ever was. */
#define MIGRATION_CENSUS                                                                           \
    "SELECT (SELECT count(*) FROM merchant) || ' merchants, ' || (SELECT count(*) FROM lot) ||"    \
    " ' lots, ' || (SELECT count(*) FROM transfer) || ' transfers, ' || (SELECT count(*) FROM"     \
    " movement) || ' movements, ' || (SELECT coalesce(sum(balance_minor), 0) FROM account WHERE"   \
    " balance_minor > 0) || ' on accounts'"
enum { MIGRATION_WHAT_BYTES = 160, MIGRATION_CENSUS_BYTES = 160 };
/* What a step is for: the first sentence of the comment that its file begins with. */
void migration_what(const char *sql, char what[MIGRATION_WHAT_BYTES]);
/* Holds two of these texts against each other, and tells what they say. */
MUST_USE enum fault_kind migration_compare(const struct migration *migration, const char *before,
                                           const char *after, struct fault *fault);

extern const struct backend sqlite_backend, postgres_backend;
#endif

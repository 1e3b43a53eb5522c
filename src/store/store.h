/* store: where it lasts. One interface, a table of functions a store: SQLite, PostgreSQL; each
 * passes tests/conformance. Its lanes are the only writers, each with book_load and book_save, in
 * one transaction: SQLite has one lane; PostgreSQL several, each of which any number of processes
 * share. All others read, each thread with a reader of its own. It must never decide: no rule of
 * money is here.
 *
 * Faults: AGAIN, nothing happened and the same call may work now; UNKNOWN, a commit may have
 * happened (batch_known tells); FINAL, somebody has to look. */
#ifndef PAYOUT_STORE_STORE_H
#define PAYOUT_STORE_STORE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/fault.h"
#include "money/book.h"
#include "store/shard.h"

struct store;
struct store_reader;

struct store_restore;

enum { STORE_BATCH_KEY_BYTES = 16, STORE_ASIDE_BYTES = 4096 + 64 };

struct store_options {
    int lanes; /* So many from now on, a power of two; 0: as many as it has. They can be changed
                  only while nobody else has the store open. */
};
/* Opens the store at url ("sqlite:///var/lib/payoutd/payoutd.db", "sqlite:relative.db",
 * "postgresql://payoutd@db.example.org/payoutd"), makes it, in a database that is there, when it is
 * not there, and brings its schema up to date. options NULL: all are 0. The caller owns *store:
 * store_close. */
MUST_USE enum fault_kind store_open(const char *url, const struct store_options *options,
                                    struct store **store, struct fault *fault);
/* Opens a store that is there for readers and store_backup only, while another process may be its
 * payoutd: it takes no lock, changes nothing and refuses a schema that is not today's. */
MUST_USE enum fault_kind store_open_beside(const char *url, struct store **store,
                                           struct fault *fault);
/* After all readers were closed. NULL is fine. */
void store_close(struct store *store);

/* --- The lanes' own; one thread each. book->share says whose call it is --- */

/* Lane 0's share of the store, and so how many lanes there are; as long as it is open. */
struct share store_share(const struct store *store);
/* Looks up everything that the book wants, and how the lane stands: book->head, last_transfer and
 * last_at_ms. The first call after a save or a reset begins the transaction, and from then on to
 * its end nobody else writes in this lane; more may follow in the same one. */
MUST_USE enum fault_kind store_book_load(struct store *store, struct book *book,
                                         struct fault *fault);
/* Writes what is NEW, CHANGED or added, writes down batch_key as the last one of this lane and
 * process, and commits durably. After any fault the transaction is rolled back or its outcome is
 * UNKNOWN. A failed sync stops the process: the kernel may have dropped the pages. */
MUST_USE enum fault_kind store_book_save(struct store *store, struct book *book,
                                         const uint8_t batch_key[STORE_BATCH_KEY_BYTES],
                                         struct fault *fault);
/* Ends a transaction that store_book_load began, without writing anything. */
void store_book_reset(struct store *store, int lane);
/* The same, for who answers from what was loaded: it lasts as what is written does. After a fault
 * it may not. */
MUST_USE enum fault_kind store_book_leave(struct store *store, int lane, struct fault *fault);
/* After UNKNOWN: sets *known when the batch with this key was committed. Waits until that is sure,
 * and lasts.
 */
MUST_USE enum fault_kind store_batch_known(struct store *store, int lane,
                                           const uint8_t batch_key[STORE_BATCH_KEY_BYTES],
                                           bool *known, struct fault *fault);

/* --- Reading; a reader belongs to one thread at a time --- */

MUST_USE enum fault_kind store_reader_open(struct store *store, struct store_reader **reader,
                                           struct fault *fault);
void store_reader_close(struct store_reader *reader);
void store_reader_closep(struct store_reader **reader);
/* From now on it finds due work of these shards only: transfers and reversals by their merchants,
 * notifications by their queues. All others belong to other processes. At first: all. A store of
 * one process finds all work always. */
void store_reader_keep(struct store_reader *reader, uint32_t shards);

/* Each puts what it finds, with its texts, into arena, and sets the pointer to NULL, or the count
 * to 0, when there is nothing. Every call sees all that was committed before it began. */
MUST_USE enum fault_kind store_read_merchant(struct store_reader *reader, struct arena *arena,
                                             struct merchant_id id, struct merchant **merchant,
                                             struct fault *fault);
MUST_USE enum fault_kind store_read_merchant_by_apikey(struct store_reader *reader,
                                                       struct arena *arena, const char *apikey,
                                                       struct merchant **merchant,
                                                       struct fault *fault);
/* Merchants in order of their ids, those after `after`, limit at most. */
MUST_USE enum fault_kind store_read_merchants(struct store_reader *reader, struct arena *arena,
                                              struct merchant_id after, size_t limit,
                                              struct merchant **merchants, size_t *count,
                                              struct fault *fault);
struct account_balance {
    struct account_key key;
    int64_t balance_minor;
};
/* All accounts of one owner (merchant 0: the platform's). */
MUST_USE enum fault_kind store_read_accounts(struct store_reader *reader, struct arena *arena,
                                             struct merchant_id merchant,
                                             struct account_balance **accounts, size_t *count,
                                             struct fault *fault);
MUST_USE enum fault_kind store_read_transfer(struct store_reader *reader, struct arena *arena,
                                             struct transfer_id id, struct transfer **transfer,
                                             struct fault *fault);
MUST_USE enum fault_kind
store_read_transfer_by_client_id(struct store_reader *reader, struct arena *arena,
                                 struct merchant_id merchant, const char *client_id,
                                 struct transfer **transfer, struct fault *fault);
MUST_USE enum fault_kind store_read_lot(struct store_reader *reader, struct arena *arena,
                                        struct merchant_id merchant, struct lot_code code,
                                        struct lot **lot, struct fault *fault);
MUST_USE enum fault_kind store_read_contact(struct store_reader *reader, struct arena *arena,
                                            struct merchant_id merchant, int64_t msisdn,
                                            struct contact **contact, struct fault *fault);
/* The transfers with ids from first on, count at most, in order: a lot's, when called with its
 * first and count. */
MUST_USE enum fault_kind store_read_transfers(struct store_reader *reader, struct arena *arena,
                                              struct transfer_id first, int64_t count,
                                              struct transfer **transfers, size_t *found,
                                              struct fault *fault);
/* Transfers with ids after `after` and before `before`, in order, limit at most: of a period, since
 * ids are made of the time. */
MUST_USE enum fault_kind store_read_transfers_after(struct store_reader *reader,
                                                    struct arena *arena, struct transfer_id after,
                                                    struct transfer_id before, size_t limit,
                                                    struct transfer **transfers, size_t *count,
                                                    struct fault *fault);
/* Waiting lots of a merchant (0: of all), newest first, limit at most. */
MUST_USE enum fault_kind store_read_waiting_lots(struct store_reader *reader, struct arena *arena,
                                                 struct merchant_id merchant, size_t limit,
                                                 struct lot **lots, size_t *count,
                                                 struct fault *fault);

/* Transfers that fit, the newest first. */
struct transfer_filter {
    struct merchant_id merchant;     /* 0: anybody's. */
    struct transfer_id from, before; /* With ids from `from` on, before `before`. */
    unsigned states;                 /* Bit 1 << enum transfer_state; 0: any. */
    int operator_number;             /* 0: any. */
    const int64_t *msisdns;          /* Only to these numbers ... */
    size_t msisdn_count;             /* ... 0: to any. */
};
enum { TRANSFER_FILTER_MSISDNS_MAX = 5000 };
/* Looks at scan_max of the merchant's at most, which bounds what it costs, and finds limit at most.
 * *next: what `before` of the call that goes on is; 0: nothing is left to look at. */
MUST_USE enum fault_kind store_read_transfers_found(struct store_reader *reader,
                                                    struct arena *arena,
                                                    const struct transfer_filter *filter,
                                                    size_t scan_max, size_t limit,
                                                    struct transfer **transfers, size_t *count,
                                                    struct transfer_id *next, struct fault *fault);
/* How many there are with ids from `from` on, before `before`, by time, operator, state and
 * currency; of merchant (0: of all). part: id / part_ids. It counts scan_max at most, the newest:
 * *seen is the least id that it looked at all after; 0: it looked at all. */
struct transfer_count {
    int64_t part;
    int operator_number;
    enum transfer_state state;
    enum currency currency;
    int64_t count, amount_minor;
    int64_t pay_ms; /* The sum over those paid: from their first submission until then. */
};
MUST_USE enum fault_kind store_read_transfer_counts(
    struct store_reader *reader, struct arena *arena, struct merchant_id merchant,
    struct transfer_id from, struct transfer_id before, int64_t part_ids, size_t scan_max,
    struct transfer_count **counts, size_t *count, struct transfer_id *seen, struct fault *fault);
/* A merchant's lots with codes before `before` (0: all), the newest first, limit at most. */
MUST_USE enum fault_kind store_read_lots(struct store_reader *reader, struct arena *arena,
                                         struct merchant_id merchant, struct lot_code before,
                                         size_t limit, struct lot **lots, size_t *count,
                                         struct fault *fault);
/* A merchant's contacts with numbers after `after`, in order, limit at most. */
MUST_USE enum fault_kind store_read_contacts(struct store_reader *reader, struct arena *arena,
                                             struct merchant_id merchant, int64_t after,
                                             size_t limit, struct contact **contacts, size_t *count,
                                             struct fault *fault);
/* Those with these numbers, in the order of their numbers. */
MUST_USE enum fault_kind store_read_contacts_of(struct store_reader *reader, struct arena *arena,
                                                struct merchant_id merchant, const int64_t *msisdns,
                                                size_t msisdn_count, struct contact **contacts,
                                                size_t *count, struct fault *fault);

/* Work: what is due at now_ms, the longest due first, limit at most. */
MUST_USE enum fault_kind store_read_due_transfers(struct store_reader *reader, struct arena *arena,
                                                  int64_t now_ms, size_t limit,
                                                  struct transfer **transfers, size_t *count,
                                                  struct fault *fault);
/* Transfers whose receiver's name is to be asked about; all others with a step are due transfers.
 */
struct due_screening {
    struct transfer transfer;
    const char *name, *surname; /* Its contact's. */
};
MUST_USE enum fault_kind store_read_due_screenings(struct store_reader *reader, struct arena *arena,
                                                   int64_t now_ms, size_t limit,
                                                   struct due_screening **due, size_t *count,
                                                   struct fault *fault);
/* Waiting lots whose time has run out. */
MUST_USE enum fault_kind store_read_expired_lots(struct store_reader *reader, struct arena *arena,
                                                 int64_t now_ms, size_t limit, struct lot **lots,
                                                 size_t *count, struct fault *fault);
/* A notification with all that is needed to send it. */
struct due_notification {
    struct notification notification;
    struct transfer transfer; /* As it is now; what the notification tells is in the former. */
};
/* Notifications due at now_ms that come after `after` in the order (due_at_ms, key), limit at most;
 * after->due_at_ms 0 begins at the start. */
struct notification_cursor {
    int64_t due_at_ms;
    struct notification_key key;
};
MUST_USE enum fault_kind store_read_due_notifications(struct store_reader *reader,
                                                      struct arena *arena, int64_t now_ms,
                                                      struct notification_cursor after,
                                                      size_t limit, struct due_notification **due,
                                                      size_t *count, struct fault *fault);
/* The same of one queue. Costs what it finds, however much else is due. */
MUST_USE enum fault_kind store_read_queue(struct store_reader *reader, struct arena *arena,
                                          int64_t queue, int64_t now_ms,
                                          struct notification_cursor after, size_t limit,
                                          struct due_notification **due, size_t *count,
                                          struct fault *fault);
/* The queues with numbers after `after` in which something is due, or will be, in the order of
 * their numbers, limit at most. Costs what it finds, however much waits in each. */
struct due_queue {
    int64_t queue;
    int64_t due_at_ms; /* Of the first that waits in it. */
};
MUST_USE enum fault_kind store_read_queues(struct store_reader *reader, struct arena *arena,
                                           int64_t after, size_t limit, struct due_queue **queues,
                                           size_t *count, struct fault *fault);
/* Notifications that have ended, with their transfers and what became of the last try. */
struct notification_filter {
    struct merchant_id merchant;     /* 0: anybody's. */
    bool dead;                       /* Only those that were given up; else delivered ones, too. */
    int32_t endpoint;                /* 0: notify_urls; NOTIFICATION_ENDPOINT_ANY. */
    struct transfer_id from, before; /* Of transfers with ids from `from` on, before `before`. */
    struct merchant_id after_merchant; /* After this place: of dead ones only. */
    struct notification_key after;
};
enum { NOTIFICATION_ENDPOINT_ANY = -1 };
struct told_notification {
    struct notification notification;
    struct transfer transfer;
    struct delivery last; /* attempt 0: it was never tried. */
};
/* Dead ones in the order (merchant, key), at the cost of what is found in that order; others in the
 * order of their keys, at the cost of all there are of these transfers. limit at most. */
MUST_USE enum fault_kind store_read_told(struct store_reader *reader, struct arena *arena,
                                         const struct notification_filter *filter, size_t limit,
                                         struct told_notification **told, size_t *count,
                                         struct fault *fault);
/* A merchant's endpoints, in the order of their numbers, without those that were removed. */
MUST_USE enum fault_kind store_read_endpoints(struct store_reader *reader, struct arena *arena,
                                              struct merchant_id merchant,
                                              struct endpoint **endpoints, size_t *count,
                                              struct fault *fault);
/* Those of all merchants, in order of merchant and number, after that place, limit at most.
 * failing: only those that are ON and whose last try failed, at the cost of those. */
MUST_USE enum fault_kind
store_read_endpoints_after(struct store_reader *reader, struct arena *arena,
                           struct merchant_id merchant, int32_t number, bool failing, size_t limit,
                           struct endpoint **endpoints, size_t *count, struct fault *fault);
/* A mail with all that it tells of; the lot's transfers are read by its first and count. */
struct due_mail {
    struct mail mail;
    struct lot lot;           /* Of a mail about one; else zeros. */
    struct endpoint endpoint; /* The same. */
    struct merchant merchant;
};
/* Mails due at now_ms, the longest due first, limit at most. */
MUST_USE enum fault_kind store_read_due_mails(struct store_reader *reader, struct arena *arena,
                                              int64_t now_ms, size_t limit, struct due_mail **due,
                                              size_t *count, struct fault *fault);
/* A lot's mails, in order. */
MUST_USE enum fault_kind store_read_mails(struct store_reader *reader, struct arena *arena,
                                          struct merchant_id merchant, struct lot_code lot,
                                          struct mail **mails, size_t *count, struct fault *fault);
/* What persons did about a lot, in order. */
MUST_USE enum fault_kind store_read_approvals(struct store_reader *reader, struct arena *arena,
                                              struct merchant_id merchant, struct lot_code lot,
                                              struct approval **approvals, size_t *count,
                                              struct fault *fault);
/* When the next work falls due after now_ms; 0: never. */
struct next_due {
    int64_t transfer_at_ms, screening_at_ms, notification_at_ms, lot_at_ms, mail_at_ms;
    int64_t reversal_at_ms;
};
MUST_USE enum fault_kind store_read_next_due(struct store_reader *reader, int64_t now_ms,
                                             struct next_due *next, struct fault *fault);
/* The delivery log of a transfer, in the order of keys, with its notifications. */
MUST_USE enum fault_kind store_read_notifications(struct store_reader *reader, struct arena *arena,
                                                  struct transfer_id transfer,
                                                  struct notification **notifications,
                                                  size_t *notification_count,
                                                  struct delivery **deliveries,
                                                  size_t *delivery_count, struct fault *fault);

/* What persons did about a transfer, in order. */
MUST_USE enum fault_kind store_read_settlements(struct store_reader *reader, struct arena *arena,
                                                struct transfer_id transfer,
                                                struct settlement **settlements, size_t *count,
                                                struct fault *fault);
/* What operators said of a transfer against its state, in order. */
MUST_USE enum fault_kind store_read_contradictions(struct store_reader *reader, struct arena *arena,
                                                   struct transfer_id transfer,
                                                   struct contradiction **contradictions,
                                                   size_t *count, struct fault *fault);
/* One that nobody closed, with its transfer as it is now. */
struct open_contradiction {
    struct contradiction contradiction;
    struct transfer transfer;
};
/* Those with ids after `after`, in order, limit at most. */
MUST_USE enum fault_kind store_read_open_contradictions(struct store_reader *reader,
                                                        struct arena *arena, int64_t after,
                                                        size_t limit,
                                                        struct open_contradiction **open,
                                                        size_t *count, struct fault *fault);
/* Transfers of a merchant (0: of all) that look like doubles and wait for a person's word, limit at
 * most, in order of merchant and id. */
MUST_USE enum fault_kind store_read_suspected(struct store_reader *reader, struct arena *arena,
                                              struct merchant_id merchant, size_t limit,
                                              struct transfer **transfers, size_t *count,
                                              struct fault *fault);
/* What was answered about the name of a transfer's receiver, in order. */
MUST_USE enum fault_kind store_read_screenings(struct store_reader *reader, struct arena *arena,
                                               struct transfer_id transfer,
                                               struct screening **screenings, size_t *count,
                                               struct fault *fault);
/* A transfer whose receiver's name is like one of a list, with that answer. */
struct matched_transfer {
    struct screening screening;
    struct transfer transfer;
    const char *name, *surname; /* Its contact's. */
};
/* Those of a merchant (0: of all) that wait for a person's word, limit at most, in order of
 * merchant and id. */
MUST_USE enum fault_kind store_read_matched(struct store_reader *reader, struct arena *arena,
                                            struct merchant_id merchant, size_t limit,
                                            struct matched_transfer **matched, size_t *count,
                                            struct fault *fault);
/* A transfer's reversals, in order. */
MUST_USE enum fault_kind store_read_reversals(struct store_reader *reader, struct arena *arena,
                                              struct transfer_id transfer,
                                              struct reversal **reversals, size_t *count,
                                              struct fault *fault);
/* Reversals that are due at now_ms, the longest due first, limit at most, each with its transfer:
 * for the operators' worker, as due transfers are. */
struct due_reversal {
    struct reversal reversal;
    struct transfer transfer;
};
MUST_USE enum fault_kind store_read_due_reversals(struct store_reader *reader, struct arena *arena,
                                                  int64_t now_ms, size_t limit,
                                                  struct due_reversal **due, size_t *count,
                                                  struct fault *fault);
/* Callbacks that were parked, with ids before `before` (0: all), the newest first, limit at most.
 */
MUST_USE enum fault_kind store_read_callbacks(struct store_reader *reader, struct arena *arena,
                                              int64_t before, size_t limit,
                                              struct callback **callbacks, size_t *count,
                                              struct fault *fault);
/* Proposals that wait for a second person, the oldest transfer's first, limit at most. */
MUST_USE enum fault_kind store_read_proposals(struct store_reader *reader, struct arena *arena,
                                              size_t limit, struct settlement **settlements,
                                              size_t *count, struct fault *fault);

/* What persons did that fits, the newest first, limit at most. */
struct act_filter {
    struct merchant_id merchant; /* 0: any. */
    const char *person;          /* NULL: anybody. */
    int64_t since_ms;            /* Not before it. */
    int64_t before_id;           /* Only with smaller ids; 0: all. */
};
MUST_USE enum fault_kind store_read_acts(struct store_reader *reader, struct arena *arena,
                                         const struct act_filter *filter, size_t limit,
                                         struct act **acts, size_t *count, struct fault *fault);

/* Who logs in with this name. */
MUST_USE enum fault_kind store_read_user(struct store_reader *reader, struct arena *arena,
                                         const char *name, struct user **user, struct fault *fault);
/* Users of a merchant (0: of all, and of the platform) whose names come after `after`, in order,
 * limit at most. */
MUST_USE enum fault_kind store_read_users(struct store_reader *reader, struct arena *arena,
                                          struct merchant_id merchant, const char *after,
                                          size_t limit, struct user **users, size_t *count,
                                          struct fault *fault);
/* The session of a token, whether it is open or not, and whose it is. */
MUST_USE enum fault_kind store_read_session(struct store_reader *reader, struct arena *arena,
                                            const uint8_t hash[SECRET_HASH_BYTES],
                                            struct session **session, struct user **user,
                                            struct fault *fault);

/* The last word of persons on each channel that any was said of, by number. */
MUST_USE enum fault_kind store_read_channel_switches(struct store_reader *reader,
                                                     struct arena *arena,
                                                     struct channel_switch **switches,
                                                     size_t *count, struct fault *fault);

/* The account that each channel's number stands for, as far as it was written down, by number. */
MUST_USE enum fault_kind store_read_channel_accounts(struct store_reader *reader,
                                                     struct arena *arena,
                                                     struct channel_account **accounts,
                                                     size_t *count, struct fault *fault);

/* What metrics and the demo's summary show; cheap at any size but where it says otherwise. */
struct store_figures {
    int64_t oldest_unfinished_at_ms; /* created_at_ms of the oldest confirmed transfer that is not
                                        final; 0: there is none. */
    int64_t transfers_due, notifications_waiting; /* Rows in the partial indexes: counts of work. */
    int64_t contradictions;                       /* Open ones. */
    int64_t notifications_dead;
    int64_t proposals;              /* Settlements that wait for a second person. */
    int64_t suspected;              /* Possible doubles that wait for a person's word. */
    int64_t matched;                /* Names like one of a list that wait for it. */
    int64_t screenings_due;         /* Transfers to be screened; not among transfers_due. */
    int64_t notification_due_at_ms; /* Of the one that is due longest, or due next; 0: none is. */
    int64_t mails_waiting, mails_dead;
    int64_t callbacks; /* Parked; CALLBACKS_PARKED_MAX at most. */
    int64_t database_bytes;
};
MUST_USE enum fault_kind store_read_figures(struct store_reader *reader,
                                            struct store_figures *figures, struct fault *fault);

/* For payoutd audit: everything, row by row, in order, in one consistent view. A head comes right
 * after the last movement that it covers, approvals come after all lots, in the same order. Rows
 * may be read through the same reader meanwhile: they are of the same view. Each callback returns
 * false to stop. */
struct store_audit {
    void *context;
    bool (*movement)(void *context, const struct movement *movement); /* By id. */
    bool (*head)(void *context, const struct ledger_head *head);
    bool (*account)(void *context, const struct account_balance *account);
    bool (*transfer)(void *context, const struct transfer *transfer); /* By id. */
    bool (*lot)(void *context, const struct lot *lot);                /* By merchant and code. */
    bool (*approval)(void *context, const struct approval *approval); /* By lot and number. */
    bool (*reversal)(void *context, const struct reversal *reversal); /* By transfer and number. */
    bool (*act)(void *context, const struct act *act);                /* By id. */
    bool (*act_head)(void *context, const struct act_head *head);     /* As a ledger's head. */
};
MUST_USE enum fault_kind store_audit(struct store_reader *reader, const struct store_audit *audit,
                                     struct fault *fault);
/* For payoutd export: what a merchant had and what moved it over a period, in one consistent view.
 * It looks at every movement there is: no index is kept for it on the lane's way. */
struct merchant_money {
    int64_t available_minor, held_minor;
};
struct statement_sums {
    struct merchant_money opening, closing; /* What all movements before from_ms, to_ms, sum to. */
    struct merchant_money now, kept;        /* All movements there are; the accounts' balances. */
    int64_t count;                          /* Movements of the period. */
};
struct statement_entry {
    struct movement movement;
    const struct transfer *transfer;      /* Of a PAY, RELEASE or FEE; else NULL. */
    const struct merchant_money *balance; /* After it. */
    const char *reference; /* Of a TOP_UP or WITHDRAW: as the platform's people gave it; else "". */
};
struct store_statement {
    struct merchant_id merchant;
    enum currency currency;
    int64_t from_ms, to_ms; /* Movements at from_ms and after it, before to_ms. */
    void *context;
    /* Once, first; then each entry, in the order in which they were booked. Each returns false to
     * stop. */
    bool (*sums)(void *context, const struct statement_sums *sums);
    bool (*entry)(void *context, const struct statement_entry *entry);
};
MUST_USE enum fault_kind store_statement(struct store_reader *reader,
                                         const struct store_statement *statement,
                                         struct fault *fault);
/* Copies the whole store, consistent, while it runs, into a new file. */
MUST_USE enum fault_kind store_backup(struct store *store, const char *path, struct fault *fault);
/* Puts the copy `from` into the place of the store at url, in two halves, so that what is to be put
 * there can be proved between them. The first copies it beside that place and brings its schema up
 * to date. Nobody else may use the store at url, before the end either: a payoutd that has it makes
 * the first half fail, as does a store that is there, unless replace. */
MUST_USE enum fault_kind store_restore_begin(const char *url, const char *from, bool replace,
                                             struct store_restore **restore, struct fault *fault);
/* Where the copy can be read (store_open_beside); valid until the end. */
const char *store_restore_url(const struct store_restore *restore);
/* keep: puts the copy in place, durably; aside is then the name that the store which was there has
 * now, "" when there was none. Else the copy is thrown away. Frees restore, whatever happens. A
 * fault with keep: the store that was there has its own name or that of aside. */
MUST_USE enum fault_kind store_restore_end(struct store_restore *restore, bool keep,
                                           char aside[STORE_ASIDE_BYTES], struct fault *fault);
/* Makes the tables of this month and the next two, where the store keeps a table a month; of any
 * thread. *homeless: rows that lay outside of every month, and do not any more. */
MUST_USE enum fault_kind store_make_months(struct store *store, int64_t now_ms, int64_t *homeless,
                                           struct fault *fault);
/* True: it can be read now (readyz). */
MUST_USE enum fault_kind store_read_alive(struct store_reader *reader, struct fault *fault);
#endif

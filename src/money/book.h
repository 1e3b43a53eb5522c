/* book: the working set of one batch of commands. The commands say which rows they need
 * (command_want), the store loads them, money/ decides on them without any I/O (command_decide),
 * the store saves what became new or changed, all in one transaction. So two commands of a batch
 * see each other's effects, and the same rules run over SQLite, PostgreSQL and the simulator.
 *
 * Everything lives in the batch's arena, or in the commands' own memory, which outlives the batch.
 * One owner: the lane. Nothing here reads a clock, draws a number or does I/O. */
#ifndef PAYOUT_MONEY_BOOK_H
#define PAYOUT_MONEY_BOOK_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "money/act.h"
#include "money/approval.h"
#include "money/callback.h"
#include "money/channel_account.h"
#include "money/channel_switch.h"
#include "money/contact.h"
#include "money/contradiction.h"
#include "money/endpoint.h"
#include "money/ledger.h"
#include "money/lot.h"
#include "money/mail.h"
#include "money/merchant.h"
#include "money/notification.h"
#include "money/reversal.h"
#include "money/settlement.h"
#include "money/share.h"
#include "money/transfer.h"
#include "money/user.h"

/* Where a row stands. The store turns WANTED into ABSENT or STORED; money/ turns ABSENT into NEW
 * and STORED into CHANGED; the store saves NEW (INSERT) and CHANGED (UPDATE) rows. */
enum row_state { ROW_WANTED, ROW_ABSENT, ROW_STORED, ROW_NEW, ROW_CHANGED };

/* The head of every row; a row's struct begins with it, so a pointer to one is a pointer to the
 * other. */
struct book_row {
    enum row_state state;
    uint64_t hash;
    struct book_row *next;           /* In the table's order: that of wanting. NULL at the end. */
    struct book_row *next_in_bucket; /* The book's own. */
};

struct book_table {
    struct book_row *first, *last;
    struct book_row *wanted; /* The first that the store has not looked at: it and all after it. */
    size_t count;
    struct book_row **buckets; /* The book's own. */
    size_t bucket_count;
};

/* The key fields are set when a row is wanted; the store fills in the rest when it finds it. */
struct merchant_row { /* Key: merchant.id */
    struct book_row row;
    struct merchant merchant;
};
struct account_row { /* Key: key. An ABSENT account's balance is 0. */
    struct book_row row;
    struct account_key key;
    int64_t balance_minor;
    int64_t loaded_minor; /* What the store gave: set it with balance_minor. */
};
struct contact_row { /* Key: contact.merchant, contact.msisdn */
    struct book_row row;
    struct contact contact;
};
struct client_row { /* Key: merchant, client_id. An index on transfers: never saved by itself. */
    struct book_row row;
    struct merchant_id merchant;
    const char *client_id;
    struct transfer_id transfer; /* Whose it is, when STORED or NEW. */
};
struct transfer_row { /* Key: transfer.id */
    struct book_row row;
    struct transfer transfer;
};
struct lot_row { /* Key: lot.merchant, lot.code */
    struct book_row row;
    struct lot lot;
};
struct notification_row { /* Key: notification.key */
    struct book_row row;
    struct notification notification;
};
/* A merchant's endpoints, all that are not removed, in the order of their numbers, and those that
 * this batch makes. Never ABSENT: a merchant without any has no lines. */
struct endpoint_line {
    struct endpoint endpoint;
    enum row_state state; /* STORED, NEW or CHANGED. */
    struct endpoint_line *next;
};
struct endpoints_row { /* Key: merchant */
    struct book_row row;
    struct merchant_id merchant;
    int32_t last_number; /* The greatest that was ever given; 0: none was. */
    struct endpoint_line *first, *last;
};

/* A top-up or withdrawal, known by the reference that the platform's people gave it. */
struct funding {
    struct merchant_id merchant;
    const char *reference; /* With the merchant its key. */
    enum movement_kind kind;
    struct amount amount;
    int64_t at_ms;
};
struct funding_row {
    struct book_row row;
    struct funding funding;
};

/* The last that persons did about a transfer. Never saved by itself: its lines are. */
struct settlement_row { /* Key: settlement.transfer */
    struct book_row row;
    struct settlement settlement;
};

/* One that was written down before, to be closed. */
struct closing_row { /* Key: contradiction.id */
    struct book_row row;
    struct contradiction contradiction;
};

/* The newest transfer of a merchant, to a person, of an amount, that is not rejected and was made
 * after since_ms. An index on transfers: never saved by itself. */
struct sighting_row { /* Key: merchant, msisdn, amount */
    struct book_row row;
    struct merchant_id merchant;
    int64_t msisdn;
    struct amount amount;
    int64_t since_ms;            /* Set when it is wanted. */
    struct transfer_id transfer; /* When STORED or NEW. */
};

struct user_row { /* Key: user.name */
    struct book_row row;
    struct user user;
};

struct usage_row { /* Key: usage.merchant, usage.msisdn, usage.currency. ABSENT: nothing was sent.
                    */
    struct book_row row;
    struct usage usage;
    int64_t lot_minor, lot_count; /* Of the lot that is being decided; 0 between two. */
};

/* The last that persons did about a lot. Never saved by itself: its lines are. */
struct approval_row { /* Key: approval.merchant, approval.lot */
    struct book_row row;
    struct approval approval;
};

struct mail_row { /* Key: mail.merchant, mail.lot, mail.number */
    struct book_row row;
    struct mail mail;
};

struct callback_row { /* Key: callback.channel, callback.hash */
    struct book_row row;
    struct callback callback;
};

struct reversal_row { /* Key: reversal.transfer, reversal.number */
    struct book_row row;
    struct reversal reversal;
};

/* Rows that are only ever added, in order. */
struct movement_line {
    struct movement movement; /* id is given by book_check. */
    struct movement_line *next;
};
struct delivery_line {
    struct delivery delivery;
    struct delivery_line *next;
};
struct settlement_line {
    struct settlement settlement;
    struct settlement_line *next;
};
struct screening_line {
    struct screening screening;
    struct screening_line *next;
};
struct approval_line {
    struct approval approval;
    struct approval_line *next;
};
struct contradiction_line {
    struct contradiction contradiction;
    struct contradiction_line *next;
};

/* What becomes of a session. Nothing is loaded for it: whether it is open was looked at before. */
enum session_mark_kind {
    SESSION_BEGIN,
    SESSION_SEEN,    /* seen_at_ms; of its key only hash. */
    SESSION_END,     /* ended_at_ms; the same. */
    SESSION_TURN,    /* Open, it is another token's from now on: next. */
    SESSION_END_ALL, /* ended_at_ms; those of user. */
};
struct session_line {
    enum session_mark_kind kind;
    struct session session;
    uint8_t turned[SECRET_HASH_BYTES]; /* With TURN: what its hash becomes. */
    struct session_line *next;
};
struct switch_line {
    struct channel_switch word;
    struct switch_line *next;
};
struct channel_account_line {
    struct channel_account account;
    struct channel_account_line *next;
};
struct act_line {
    struct act act; /* id is given by book_check. */
    struct act_line *next;
};

struct book {
    struct arena *arena;
    struct share share; /* Whose book it is: set by who opens it; a lane that is alone, if not. */
    /* As the lane stands: set by the store with the first load, moved on by command_stamp. */
    struct transfer_id last_transfer;
    int64_t last_at_ms; /* 0: the store keeps no time. */
    struct book_table merchants, accounts, contacts, clients, transfers, lots, notifications,
        fundings, settlements, closings, sightings, usages, mails, approvals, users, endpoints,
        callbacks, reversals;
    struct movement_line *movements, *movements_last;
    struct delivery_line *deliveries, *deliveries_last;
    struct contradiction_line *contradictions, *contradictions_last;
    struct settlement_line *settled, *settled_last;
    struct screening_line *screenings, *screenings_last;
    struct session_line *sessions, *sessions_last;
    struct switch_line *switches, *switches_last;
    struct channel_account_line *channel_accounts; /* Each number once. */
    struct act_line *acts, *acts_last;
    struct approval_line *approved, *approved_last;
    struct ledger_head head; /* Set by the store when it loads; moved on by book_check. */
    bool screening;          /* Set by the lane: names are screened before money goes. */
    bool work_made;          /* A transfer was given a step: somebody has work. */
    bool acts_wanted;        /* A person is behind a command: the store loads act_head, too. */
    struct act_head act_head;
    bool notifications_made; /* A notification became due: so has the notifications' worker. */
    bool mails_made;         /* A mail became due: so has who sends them. */
};

/* An empty book in arena; whatever it held before is forgotten. */
void book_open(struct book *book, struct arena *arena);

/* Each says that a row is needed and returns it: ROW_WANTED until the store has looked. The same
 * key gives the same row. Texts in keys must outlive the book. */
struct merchant_row *book_merchant(struct book *book, struct merchant_id id);
struct account_row *book_account(struct book *book, struct account_key key);
struct contact_row *book_contact(struct book *book, struct merchant_id merchant, int64_t msisdn);
struct client_row *book_client(struct book *book, struct merchant_id merchant,
                               const char *client_id);
struct transfer_row *book_transfer(struct book *book, struct transfer_id id);
struct lot_row *book_lot(struct book *book, struct merchant_id merchant, struct lot_code code);
struct notification_row *book_notification(struct book *book, struct notification_key key);
/* The same, when it was named before; NULL: it was not. */
struct notification_row *book_notification_find(struct book *book, struct notification_key key);
struct endpoints_row *book_endpoints(struct book *book, struct merchant_id merchant);
/* One of them, when they are loaded; NULL: there is none with that number. */
struct endpoint_line *book_endpoint(struct book *book, struct merchant_id merchant, int32_t number);
struct funding_row *book_funding(struct book *book, struct merchant_id merchant,
                                 const char *reference);
struct settlement_row *book_settlement(struct book *book, struct transfer_id transfer);
struct closing_row *book_closing(struct book *book, int64_t id);
struct sighting_row *book_sighting(struct book *book, struct merchant_id merchant, int64_t msisdn,
                                   struct amount amount);
struct usage_row *book_usage(struct book *book, struct merchant_id merchant, int64_t msisdn,
                             enum currency currency);
struct mail_row *book_mail(struct book *book, struct merchant_id merchant, struct lot_code lot,
                           int32_t number);
struct approval_row *book_approval(struct book *book, struct merchant_id merchant,
                                   struct lot_code lot);
struct user_row *book_user(struct book *book, const char *name);
struct reversal_row *book_reversal(struct book *book, struct transfer_id transfer, int32_t number);
struct callback_row *book_callback(struct book *book, int channel,
                                   const uint8_t hash[SECRET_HASH_BYTES]);
/* True while a row is wanted that the store has not looked at. */
bool book_wants(const struct book *book);

/* For the store: it has looked at all that was wanted. Stops when a row is still WANTED. */
void book_loaded(struct book *book);
/* For the store: a copy of length bytes and a NUL in the book's arena. */
const char *book_text(struct book *book, const char *text, size_t length);
/* One more line, STORED, for the store to fill in. For money/: one that it makes is NEW. */
struct endpoint_line *book_endpoint_line(struct book *book, struct endpoints_row *row);

/* For money/: the row exists now (ABSENT → NEW), or was changed (STORED → CHANGED; NEW stays). */
void book_row_add(struct book_row *row);
void book_row_change(struct book_row *row);
bool book_row_exists(const struct book_row *row); /* STORED, NEW or CHANGED. */
void book_endpoint_change(struct book *book, struct endpoint_line *line);
/* For money/: a row just named whose key is fresh, so that no store can have it: NEW at once. */
void book_row_create(struct book_table *table, struct book_row *row);

/* Moves amount (> 0) from one account to another and writes the movement. False, nothing done, when
 * a balance of a merchant would become negative or a sum does not fit. */
MUST_USE bool book_move(struct book *book, const struct movement *movement);
void book_deliver(struct book *book, const struct delivery *delivery);
void book_contradict(struct book *book, const struct contradiction *contradiction);
void book_screen(struct book *book, const struct screening *screening);
struct session_line *book_session(struct book *book, enum session_mark_kind kind,
                                  const struct session *session);
void book_switch(struct book *book, const struct channel_switch *word);
void book_channel_account(struct book *book, const struct channel_account *account);
void book_act(struct book *book, const struct act *act);
/* row holds a new act: one more line. */
void book_settle(struct book *book, struct settlement_row *row);
void book_approve(struct book *book, struct approval_row *row);

/* The lane's own account of the platform's: what the lanes have of one kind is summed by who reads.
 */
struct account_key book_platform(const struct book *book, enum account_kind kind,
                                 enum currency currency, int operator_number);

/* States the invariants of what was decided (every balance is what was loaded plus its movements,
 * no merchant's is negative, changes sum to zero in each currency, and nothing is another lane's),
 * numbers the movements and the acts and moves both heads on. Once, before saving. */
void book_check(struct book *book);
#endif

/* command: every change of state there is. A plain struct goes in, what became of it comes out in
 * the same struct; money/ alone decides, from the rows that the command named. A command can be
 * refused (its code), but it can't fail: there is nothing in it that could. Deciding the same
 * commands again over the same rows gives the same results.
 *
 * Input texts belong to whoever made the command and live until it is answered. Output fields are
 * valid once it was committed. */
#ifndef PAYOUT_MONEY_COMMAND_H
#define PAYOUT_MONEY_COMMAND_H
#include "money/book.h"
#include "payout/code.h"

enum {
    REDELIVER_ITEMS_MAX = 1000,
    COMMAND_ITEMS_MAX = 10000, /* Of one command: contacts, transfers, outcomes, deliveries. */
    CLIENT_ID_BYTES_MAX = 128, /* Without the NUL. */
    NOTIFY_URL_BYTES_MAX = 1000,
    LOT_WAITS_FOR_EVER = -1,
    LOT_WAIT_SECONDS_MAX = 30 * 24 * 3600,
};

/* KIND(NAME, member, what it does) */
#define COMMAND_KINDS(KIND)                                                                        \
    KIND(MERCHANT_CREATE, merchant_create, "a new merchant")                                       \
    KIND(MERCHANT_CHANGE, merchant_change, "other settings of a merchant")                         \
    KIND(FUND, fund, "a top-up or a withdrawal")                                                   \
    KIND(CONTACT_ADD, contact_add, "contacts of a merchant")                                       \
    KIND(CONTACT_CHANGE, contact_change,                                                           \
         "another name or mail address of a contact, or the one "                                  \
         "that it is listed under")                                                                \
    KIND(LOT_SEND, lot_send, "a lot of transfers: checked, held, recorded")                        \
    KIND(LOT_DECIDE, lot_decide, "a waiting lot confirmed, cancelled or expired")                  \
    KIND(TRANSFER_CLAIM, transfer_claim, "due transfers taken by a worker, before it calls out")   \
    KIND(TRANSFER_OUTCOME, transfer_outcome, "what operators said")                                \
    KIND(CALLBACK, callback, "an operator's call about a transfer")                                \
    KIND(REVERSAL_ASK, reversal_ask, "a person's word that a paid transfer is to be taken back")   \
    KIND(REVERSAL_CLAIM, reversal_claim, "due reversals taken by a worker, before it calls out")   \
    KIND(REVERSAL_OUTCOME, reversal_outcome, "what operators said of reversals")                   \
    KIND(DELIVERY, delivery, "what became of tries to notify")                                     \
    KIND(TRANSFER_SETTLE, transfer_settle, "a person's word on a transfer's unknown outcome")      \
    KIND(CONTRADICTION_CLOSE, contradiction_close, "a contradiction that was dealt with")          \
    KIND(TWIN_DECIDE, twin_decide, "a person's word on what looks like a double")                  \
    KIND(TRANSFER_SCREENED, transfer_screened, "what was answered about receivers' names")         \
    KIND(SCREENING_DECIDE, screening_decide, "a person's word on a receiver's name")               \
    KIND(MAIL_OUTCOME, mail_outcome, "what became of a try to send a mail")                        \
    KIND(USER_CREATE, user_create, "a new user")                                                   \
    KIND(USER_CHANGE, user_change, "other settings, password or second factor of a user")          \
    KIND(USER_LOGIN, user_login, "a login that was tried: a session, or one more failure")         \
    KIND(SESSION_MARK, session_mark, "a session that was used, or ended")                          \
    KIND(SWITCH_CHANNEL, switch_channel, "a channel switched off or on by a person")               \
    KIND(CHANNEL_ACCOUNT, channel_account, "the accounts that channels' numbers stand for")        \
    KIND(ENDPOINT_ADD, endpoint_add, "a new endpoint of a merchant")                               \
    KIND(ENDPOINT_CHANGE, endpoint_change, "other settings, state or key of an endpoint")          \
    KIND(ENDPOINT_FAIL, endpoint_fail, "an endpoint that failed for long is switched off")         \
    KIND(REDELIVER, redeliver, "notifications that are sent again")

enum command_kind {
#define KIND(NAME, member, meaning) COMMAND_##NAME,
    COMMAND_KINDS(KIND)
#undef KIND
        COMMAND_KIND_COUNT,
};
const char *command_kind_text(enum command_kind kind); /* "LOT_SEND" */

/* OK, or DATA_NOT_VALID when the id is taken or its fees are no rules. */
struct merchant_create {
    struct merchant merchant; /* Whole, but for last_lot and created_at_ms. */
};

/* Which fields merchant_change takes over. */
enum merchant_field {
    MERCHANT_FIELD_NAME = 1 << 0,
    MERCHANT_FIELD_PASSWORD_HASH = 1 << 1,
    MERCHANT_FIELD_SECRET_KEY = 1 << 2,
    MERCHANT_FIELD_LANG = 1 << 3,
    MERCHANT_FIELD_SUSPENDED = 1 << 4,
    MERCHANT_FIELD_TOKEN_QUERY_ONLY = 1 << 5,
    MERCHANT_FIELD_FLAT_REPLY = 1 << 6,
    MERCHANT_FIELD_ALL_OR_NOTHING = 1 << 7,
    MERCHANT_FIELD_NOTIFY_URL = 1 << 8,
    MERCHANT_FIELD_IP_LIST = 1 << 9,
    MERCHANT_FIELD_LOT_EXPIRY = 1 << 10,
    MERCHANT_FIELD_TWO_PERSONS = 1 << 11,
    MERCHANT_FIELD_DOUBLE_WINDOW = 1 << 12,
    MERCHANT_FIELD_FEES = 1 << 13,
    MERCHANT_FIELD_DAY = 1 << 14,
    MERCHANT_FIELD_MONTH = 1 << 15,
    MERCHANT_FIELD_RECEIVER_DAY = 1 << 16,
    MERCHANT_FIELD_RECEIVER_MONTH = 1 << 17,
    MERCHANT_FIELD_RECEIVER_HOUR = 1 << 18,
    MERCHANT_FIELD_RESERVE = 1 << 19,
    MERCHANT_FIELD_CONFIRM_MAIL = 1 << 20,
    MERCHANT_FIELD_APPROVE_ABOVE = 1 << 21,
    MERCHANT_FIELD_API_IP_LIST = 1 << 22,
    MERCHANT_FIELD_CALLS_PER_MINUTE = 1 << 23,
    /* With until when. "" with a time: what is there until now, which this command
     * may replace. "" without: none. */
    MERCHANT_FIELD_PASSWORD_BEFORE = 1 << 24,
    MERCHANT_FIELD_SECRET_BEFORE = 1 << 25,
    MERCHANT_FIELD_OPERATOR_WAIT = 1 << 26,
};
/* OK, NOT_FOUND, or DATA_NOT_VALID: the fees are no rules. Whatever is changed, passwords and
 * secrets of before whose time is over go. */
struct merchant_change {
    unsigned fields;          /* enum merchant_field, or-ed. */
    struct merchant merchant; /* id and those fields. */
};

/* OK (also for the same reference, kind and amount again: nothing moves twice), CLIENT_ID_EXISTS
 * when the reference stands for something else, INSUFFICIENT_BALANCE, INVALID_AMOUNT, NOT_FOUND. */
struct fund {
    struct merchant_id merchant;
    enum movement_kind kind; /* MOVEMENT_TOP_UP or MOVEMENT_WITHDRAW */
    struct amount amount;
    const char *reference; /* 1 to CLIENT_ID_BYTES_MAX bytes. */
    bool again;            /* Out: it was known already. */
};

struct contact_item {
    enum payout_code refusal;   /* In: what is wrong with it by itself; PAYOUT_OK: nothing. */
    const char *prefix, *phone; /* In: as sent. */
    int64_t msisdn;             /* In: clean. */
    const char *name, *surname, *email;
    enum payout_code code; /* Out: OK, ALREADY_MY_CONTACT, or refusal. */
    struct lot_code lot;   /* Out: the contact's, when it is one. */
};
/* OK when at least one item is a contact now; else the first item's code. INVALID_USER. */
struct contact_add {
    struct merchant_id merchant;
    struct contact_item *items;
    size_t count;
};

enum contact_field {
    CONTACT_FIELD_NAME = 1 << 0,
    CONTACT_FIELD_SURNAME = 1 << 1,
    CONTACT_FIELD_EMAIL = 1 << 2,
    CONTACT_FIELD_LISTED_UNDER = 1 << 3,
};
/* OK; NOT_FOUND: it is no contact; or NOT_ALLOWED: it can't be listed under that one, which is none
 * either, itself, or is listed under another. */
struct contact_change {
    unsigned fields;        /* enum contact_field, or-ed. */
    struct contact contact; /* In: merchant, msisdn and those fields. Out: all of it. */
};

struct send_item {
    enum payout_code refusal; /* In, as above. */
    const char *client_id;    /* In: NULL when none was sent. */
    const char *notify_url;   /* In: "" takes the merchant's own. */
    const char *prefix, *phone;
    int64_t msisdn;
    int operator_number;
    struct amount amount;
    int64_t fee_minor;           /* Out: with OK, what it costs ... */
    enum fee_payer payer;        /* ... and who pays that. */
    enum payout_code code;       /* Out; NOT_ALLOWED: too often to this person; AMOUNT_TOO_LARGE:
                                    too much for its tranche, or to this person; AMOUNT_TOO_SMALL:
                                    for its tranche, also without a fee that the receiver pays. */
    struct transfer_id transfer; /* Out: with OK the new one; with CLIENT_ID_EXISTS the first one,
                                    when that is the same phone and amount; else 0. */
    enum transfer_state state;   /* Out: that transfer's. */
    struct lot_code lot;         /* Out: that transfer's. */
};
/* OK when at least one item was accepted; the first refused item's code when none was, or with
 * all_or_nothing one was refused; INSUFFICIENT_BALANCE (also: more than the merchant may send in a
 * day or a month, or its reserve leaves): nothing recorded; INVALID_USER. */
struct lot_send {
    struct merchant_id merchant;
    struct send_item *items;
    size_t count;
    const char *source; /* The address it came from, as text. */
    const char *sender; /* In: the person who sends it, up to APPROVAL_PERSON_BYTES_MAX bytes; NULL
                           or "": whoever has the API's keys. */
    bool listed;        /* In: it comes from a listed address: it need not be confirmed, unless it
                           needs two persons. */
    int64_t wait_ms;    /* In: how long each may wait for an operator that is down; 0: as its
                           merchant says; LOT_WAITS_FOR_EVER. */
    struct transfer_id
        first;           /* Set by the lane (command_stamp): count ids from here are its own. */
    struct lot_code lot; /* Out */
};

/* OK (also when it is in that state already, or waits for another person than this one), NOT_FOUND,
 * NOT_ALLOWED with the refusal. */
struct lot_decide {
    struct merchant_id merchant;
    struct lot_code lot;
    enum lot_state to;  /* In: CONFIRMED, CANCELLED or EXPIRED. */
    const char *person; /* In, unless EXPIRED: who, 1 to APPROVAL_PERSON_BYTES_MAX bytes. */
    const char *from;   /* In, unless EXPIRED: from which address, up to APPROVAL_FROM_BYTES_MAX
                           bytes; NULL: unknown. */
    uint8_t hash[SECRET_HASH_BYTES]; /* In: of what the person saw; zeros: whatever the lot is. */
    bool again;                      /* Out: nothing was changed, it was said before. */
    enum approval_refusal refusal;   /* Out */
    enum lot_state state;            /* Out: the lot's: WAITING when a second person is needed. */
    int32_t persons, given;          /* Out: how many have to confirm it, and how many have. */
};

struct claim_item {
    struct transfer_id transfer;
    struct merchant_id merchant; /* In: its owner; a store with one lane does not ask. */
    int64_t due_at_ms; /* In: as the worker read it; another value now: somebody else took it. */
    int channel;  /* In: through which it is to go, 1 to TRANSFER_CHANNEL_MAX: any when it has none,
                     which is its own from now on, else its own: with another it is not claimed. */
    bool claimed; /* Out */
    enum transfer_step step; /* Out: what to do with it. */
    int32_t attempt;         /* Out: which one this is. */
};
/* Always OK. A claimed transfer that was NEW is REC now. Until at_ms + lease_ms nobody else gets
 * it; after that it is asked about. */
struct transfer_claim {
    struct claim_item *items;
    size_t count;
    int64_t lease_ms;
};

enum outcome_effect {
    OUTCOME_APPLIED,
    OUTCOME_IGNORED,      /* It says what is known, or the transfer is not there. */
    OUTCOME_CONTRADICTED, /* Against a final state: written down for a person. */
};
struct outcome_item {
    struct transfer_id transfer;
    struct merchant_id merchant; /* In, as above. */
    /* Whose answer it is; 0: nobody's, the operator said it unasked, or a worker that claimed
     * nothing says NOT_SENT of a NEW one. Another than the transfer's last is from a worker that
     * lost it: it counts when it is an end, and REJECTED not even then when the transfer was given
     * to another channel since. NEVER_SEEN and NOT_SENT count from the last one alone. */
    int32_t attempt;
    enum verdict verdict;
    enum transfer_reason reason;
    const char *operator_reference; /* "" when there is none. */
    int64_t next_at_ms; /* In: when to ask (PENDING, UNKNOWN) or submit (NEVER_SEEN, NOT_SENT). */
    enum outcome_effect effect; /* Out */
};
/* Always OK. */
struct transfer_outcome {
    struct outcome_item *items;
    size_t count;
};

/* OK, always, and the same again changes nothing but how often a parked one came. The channel has
 * proved that it is the operator's, as far as it can (operators/operator.h). Its command's merchant
 * is the transfer's. */
struct callback_come {
    int channel;
    struct transfer_id transfer;     /* In: what the reference reads as; 0: as none of ours. */
    uint8_t hash[SECRET_HASH_BYTES]; /* In: SHA-256 of the whole body as it came. */
    /* In: texts, UTF-8, "" for none; as long as money/callback.h says at most. */
    const char *reference;       /* As it was told. */
    const char *body;            /* What it said, cut: kept when it is parked. */
    const char *why;             /* It can't be placed, whatever the transfer: a short sentence. */
    enum callback_effect effect; /* Out */
};

/* OK, also for the same again; NOT_FOUND; NOT_ALLOWED: it is not VAL or went through no channel, or
 * what is to be withdrawn may have left. Whether its channel's operator can take anything back is
 * not known here: who asks has to know. With two_persons another person has to say it, too. */
struct reversal_ask {
    struct transfer_id transfer;
    bool withdraw;             /* In: not to be taken back after all, as nothing was sent yet. */
    const char *person;        /* In: 1 to REVERSAL_PERSON_BYTES_MAX bytes. */
    const char *evidence;      /* In: 1 to REVERSAL_EVIDENCE_BYTES_MAX bytes. */
    bool again;                /* Out: nothing was changed. */
    enum reversal_state state; /* Out: the last one's; REVERSAL_STATE_END: there is none. */
};
/* As transfer_claim; always OK. What is SENT may have left: after the lease it is asked about. */
struct reversal_claim_item {
    struct transfer_id transfer;
    struct merchant_id merchant; /* In, as above. */
    int32_t number;
    int64_t due_at_ms;       /* In: as it was read. */
    bool claimed;            /* Out */
    enum transfer_step step; /* Out */
    int32_t attempt;         /* Out */
};
struct reversal_claim {
    struct reversal_claim_item *items;
    size_t count;
    int64_t lease_ms;
};
/* As transfer_outcome; always OK. PAID: the money came back; REJECTED: the transfer stays paid. */
struct reversal_outcome_item {
    struct transfer_id transfer;
    struct merchant_id merchant; /* In, as above. */
    int32_t number, attempt;
    enum verdict verdict;
    const char *operator_reference; /* Of the reversal; "" when there is none. */
    int64_t next_at_ms;
    enum outcome_effect effect; /* Out */
};
struct reversal_outcome {
    struct reversal_outcome_item *items;
    size_t count;
};

struct delivery_item {
    struct delivery delivery;    /* attempt is set when decided. */
    struct merchant_id merchant; /* In, as above. */
    bool untried; /* In: nothing was sent, its endpoint is not to be told anything: of the delivery
                     only the key, and nothing that follows. It is no try. */
    bool delivered;
    int64_t next_at_ms; /* In: when it is tried again; 0: it is given up. Out, when it was not
                           tried: since when it is due all the same; 0: it is not. */
};
/* Always OK. */
struct delivery_command {
    struct delivery_item *items;
    size_t count;
};

/* OK, also for the same again; NOT_FOUND; NOT_ALLOWED: its outcome is not unknown, another person
 * said otherwise, or nothing waits to be withdrawn. */
struct transfer_settle {
    struct transfer_id transfer;
    bool withdraw;               /* In: the open proposal counts no more; outcome is not read. */
    enum transfer_state outcome; /* In: VAL or REJ. */
    const char *person;          /* In: 1 to SETTLEMENT_PERSON_BYTES_MAX bytes. */
    const char *evidence;        /* In: 1 to SETTLEMENT_EVIDENCE_BYTES_MAX bytes. */
    bool again;                  /* Out: nothing was added, it was said before. */
    enum settlement_act act; /* Out: the transfer's last one; SETTLEMENT_ACT_END: there is none. */
    enum transfer_state state; /* Out: the transfer's. */
};

/* OK (also when it was closed before) or NOT_FOUND. */
struct contradiction_close {
    int64_t id;
    const char *person; /* 1 to CONTRADICTION_PERSON_BYTES_MAX bytes. */
    const char *note;   /* 1 to CONTRADICTION_NOTE_BYTES_MAX bytes. */
    bool again;         /* Out: it was closed before, and stays as it was. */
};

/* A person's word on a possible double, or on a name like one of a list. OK, also for the same
 * again; NOT_FOUND; NOT_ALLOWED: it does not wait for that, or its lot does. */
struct person_decide {
    struct transfer_id transfer;
    bool release;              /* In: it is none, and goes its way; else it is refused. */
    const char *person;        /* In, as in transfer_settle. */
    const char *evidence;      /* In */
    bool again;                /* Out */
    enum transfer_state state; /* Out: the transfer's. */
};

/* OK, also for the same again and for a mail that has ended; NOT_FOUND. */
struct mail_outcome {
    struct merchant_id merchant;
    struct lot_code lot;
    int32_t number;
    int32_t attempt;    /* In: which try this was: the mail's tries, as they were read, and one. */
    bool sent;          /* In: the mail server took it. */
    const char *error;  /* In, unless sent: why not; up to MAIL_ERROR_BYTES_MAX bytes. */
    int64_t next_at_ms; /* In, unless sent: when it is tried again; 0: it is given up. */
    enum mail_state state; /* Out: the mail's. */
};

struct screened_item {
    struct transfer_id transfer;
    struct merchant_id merchant;  /* In, as above. */
    int64_t due_at_ms;            /* In: as it was read. */
    enum screening_state verdict; /* In: CLEAR, MATCH, SKIPPED; NONE: there was no answer. */
    const char *source, *version, *entry; /* In, as in struct screening. */
    int32_t score;                        /* In */
    int64_t next_at_ms;                   /* In, with NONE: when to ask again. */
    bool applied; /* Out; false: it waits for no answer, or for another one. */
};
/* Always OK. */
struct transfer_screened {
    struct screened_item *items;
    size_t count;
};

/* OK, NOT_FOUND: no such merchant, or DATA_NOT_VALID: the name is taken. */
struct user_create {
    struct user user; /* Whole, but for created_at_ms. */
};

enum user_field {
    USER_FIELD_ROLE = 1 << 0,
    USER_FIELD_MAIL = 1 << 1,
    USER_FIELD_DISABLED = 1 << 2,
    USER_FIELD_PASSWORD = 1 << 3, /* With must_change. */
    USER_FIELD_TOTP = 1 << 4,     /* Another secret ("": none), with its recovery codes; off. */
    USER_FIELD_TOTP_NEW = 1 << 6, /* The same, by its owner, who stays logged in; not while one
                                     is on. */
    USER_FIELD_TOTP_ON = 1 << 5,  /* totp is the stored one, and totp_step that of a right code. */
    USER_FIELD_TOTP_SEALED = 1 << 7, /* The same secret, sealed under another key. */
};
/* OK, NOT_FOUND, or NOT_ALLOWED: the role can't be that of such a user, or the code was used or is
 * for another secret. All but mail, turning the second
 * factor on and sealing it anew end the user's sessions. */
struct user_change {
    unsigned fields;  /* enum user_field, or-ed. */
    struct user user; /* name and those fields. */
};

/* OK: a session began; INVALID_CREDENTIALS: not, whatever it was. */
struct user_login {
    const char *name;
    bool right;                /* In: the password is that of password_hash ... */
    const char *password_hash; /* ... as it was read. */
    int64_t totp_step;         /* In: the step of the code that was right; 0: none was. */
    const char *recovery;      /* In: user_recovery_hash of what was said instead; "": nothing. */
    uint8_t session[SECRET_HASH_BYTES]; /* In: of the token that it gets. */
};

/* OK. The same word again is one more act. */
struct switch_channel {
    int channel;                 /* In: its number. */
    const char *name;            /* In: as its file is called, for the act. */
    bool off;                    /* In */
    const char *person, *reason; /* In: of as many bytes as money/channel_switch.h has it. */
    int64_t at_ms;               /* Out */
};

/* OK. The store must hold nothing of these numbers but what before says, and be this process's. */
struct channel_account_set {
    const struct channel_account *accounts; /* In: each number once. */
    size_t count;                           /* In: > 0 */
    /* In: what one account is written over, on a person's word: the actor's. NULL: nothing. */
    const struct channel_account *before;
    const char *name; /* In, with before: as the channel's file is called, for the act. */
};

/* OK, always. */
struct session_mark {
    enum session_mark_kind kind;     /* In: all but BEGIN. */
    uint8_t hash[SECRET_HASH_BYTES]; /* In, but for END_ALL: of its token. */
    uint8_t next[SECRET_HASH_BYTES]; /* In, with TURN: of the token that comes in its place. */
    const char *user;                /* In, with END_ALL: whose all are ended. */
};

/* OK; NOT_FOUND: no such merchant; or NOT_ALLOWED: it has ENDPOINTS_MAX already. */
struct endpoint_add {
    struct endpoint endpoint; /* In: merchant, id, format, events, url and secret_key, and whether
                                 it is ON or OFF; the rest is 0. Out: its number. */
};

enum endpoint_field {
    ENDPOINT_FIELD_URL = 1 << 0,
    ENDPOINT_FIELD_EVENTS = 1 << 1,
    ENDPOINT_FIELD_FORMAT = 1 << 2,
    ENDPOINT_FIELD_STATE = 1 << 3,  /* ON, which begins anew, OFF or REMOVED. */
    ENDPOINT_FIELD_SECRET = 1 << 4, /* secret_before_until_ms: until when the old one signs, too; 0:
                                       not at all. */
    ENDPOINT_FIELD_SEALED = 1 << 5, /* The same secrets, sealed under another key. */
};
/* OK or NOT_FOUND. Whatever is changed, a secret of before whose time is over goes. */
struct endpoint_change {
    unsigned fields;          /* enum endpoint_field, or-ed. */
    struct endpoint endpoint; /* merchant, number and those fields. */
};

/* OK; NOT_FOUND; or NOT_ALLOWED: it has not failed for long by now. */
struct endpoint_fail {
    struct merchant_id merchant;
    int32_t number;
    const char *to; /* In: the mail addresses that are told, as MERCHANT_FIELD_CONFIRM_MAIL. */
};

enum redelivery {
    REDELIVERY_UNKNOWN, /* There is no such notification of that merchant's. */
    REDELIVERY_OFF,     /* Its endpoint is off or removed. */
    REDELIVERY_WAITING, /* It had not ended: its next try is now. */
    REDELIVERY_AGAIN,   /* It was redelivered at as_of_ms or after it already. */
    REDELIVERY_BEGUN,   /* It goes out once more, under the same id. */
};
struct redeliver_item {
    struct notification_key key;
    struct merchant_id merchant; /* In, as above. */
    enum redelivery effect;      /* Out */
};
/* Always OK. */
struct redeliver {
    struct merchant_id merchant;  /* In: only this one's; 0: anybody's. */
    struct redeliver_item *items; /* In the order of their keys, none twice. */
    size_t count;                 /* REDELIVER_ITEMS_MAX at most. */
    int64_t as_of_ms; /* In: what was redelivered at that time or later is left as it is,
                         so that the same asked again sends nothing twice. */
    size_t begun;     /* Out */
};

struct command {
    enum command_kind kind;
    int64_t at_ms;      /* Set by the lane. */
    struct actor actor; /* In: who is behind it. */
    /* In: whose transfer it is about, when it names one and not its merchant; 0: nobody's, as there
     * is no such transfer. A store with one lane does not ask. */
    struct merchant_id merchant;
    enum payout_code code; /* Out: what became of it as a whole. */
    union {
        struct merchant_create merchant_create;
        struct merchant_change merchant_change;
        struct fund fund;
        struct contact_add contact_add;
        struct contact_change contact_change;
        struct lot_send lot_send;
        struct lot_decide lot_decide;
        struct transfer_claim transfer_claim;
        struct transfer_outcome transfer_outcome;
        struct callback_come callback;
        struct reversal_ask reversal_ask;
        struct reversal_claim reversal_claim;
        struct reversal_outcome reversal_outcome;
        struct delivery_command delivery;
        struct transfer_settle transfer_settle;
        struct contradiction_close contradiction_close;
        struct person_decide twin_decide, screening_decide;
        struct transfer_screened transfer_screened;
        struct mail_outcome mail_outcome;
        struct user_create user_create;
        struct user_change user_change;
        struct user_login user_login;
        struct session_mark session_mark;
        struct switch_channel switch_channel;
        struct channel_account_set channel_account;
        struct endpoint_add endpoint_add;
        struct endpoint_change endpoint_change;
        struct endpoint_fail endpoint_fail;
        struct redeliver redeliver;
    };
};

/* How many rows it may need, about: a batch is bounded by the sum. */
size_t command_weight(const struct command *command);
/* Which of a store's lanes it is for: that of the merchant whose rows it changes; 0 for what is the
 * platform's. All that it changes is that lane's (book_share_check). Of a command whose items are
 * of several merchants, its first one's. */
int command_lane(const struct command *command, int lanes);
/* A callback that was misplaced, to be decided once more: parked, by lane 0. */
void callback_elsewhere(struct command *command);
/* The items of a kind of command that may be of several merchants: each may as well be a command of
 * its own. */
struct command_items {
    void *first; /* NULL: the command is of no such kind. */
    size_t count;
    size_t size, merchant; /* Of one; and where in it its owner stands. */
};
struct command_items command_items(const struct command *command);
struct merchant_id command_item_merchant(const struct command_items *items, size_t i);
/* The same command with other items of its kind. */
void command_items_set(struct command *command, void *first, size_t count);
/* Gives it its time, and transfer ids after *last_transfer, which moves on. After the first load,
 * so that nobody else can give the same; again only when nothing that came of it was committed.
 * spread: see transfer_id_next. */
void command_stamp(struct command *command, int64_t at_ms, const struct share *share,
                   struct transfer_id *last_transfer, uint32_t spread);
/* Wants every row of the book that it can name from what is loaded by now: before the first load
 * without knowing its time. Called again after each loading, until no command of the batch wants
 * more (book_wants). */
void command_want(const struct command *command, struct book *book);
/* Decides: fills in the outputs, and changes the book. */
void command_decide(struct command *command, struct book *book);

/* Checks by itself what was sent as one item to send, and fills in refusal, msisdn, operator_number
 * and amount. amount and payment_method are texts as sent (NULL: absent); operators_off: bit n is
 * set when operator number n is switched off. The other inputs of item are set already. Any thread.
 */
void send_item_check(struct send_item *item, const char *amount, const char *payment_method,
                     uint64_t operators_off);
/* The same for a contact: fills in refusal and msisdn. Any thread. */
void contact_item_check(struct contact_item *item);
#endif

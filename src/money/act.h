/* act: what a person did, and could be asked about later: who, from where, what, to whom, and what
 * was there before and after. Acts are only ever added, in the commit of what they tell of, and
 * chained like the ledger: whoever knows a head can tell whether anything before it was changed.
 * No act holds a secret: of those it says only that they changed. Pure; the lane only. */
#ifndef PAYOUT_MONEY_ACT_H
#define PAYOUT_MONEY_ACT_H
#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/secret.h"
#include "money/id.h"

enum {
    ACT_PERSON_BYTES_MAX = 288, /* Of an actor's name: "mail:" and the longest address fit. */
    ACT_SUBJECT_BYTES_MAX = 200,
    ACT_CHANGES_BYTES_MAX = 64 * 1024,
};

/* KIND(NAME, stored number, what it says) */
#define ACT_KINDS(KIND)                                                                            \
    KIND(MERCHANT_CREATE, 1, "a merchant was made")                                                \
    KIND(MERCHANT_CHANGE, 2, "settings, password or key of a merchant were changed")               \
    KIND(FUND, 3, "money was booked in or out")                                                    \
    KIND(LOT_SEND, 4, "a person sent a lot")                                                       \
    KIND(LOT_DECIDE, 5, "a lot was confirmed or cancelled")                                        \
    KIND(TRANSFER_SETTLE, 6, "a person said how a transfer ended, or took that back")              \
    KIND(CONTRADICTION_CLOSE, 7, "a contradiction was closed")                                     \
    KIND(TWIN_DECIDE, 8, "a possible double was released or refused")                              \
    KIND(CONTACT_ADD, 9, "a person added contacts")                                                \
    KIND(USER_CREATE, 10, "a user was made")                                                       \
    KIND(USER_CHANGE, 11, "a user was changed: its settings, password or second factor")           \
    KIND(LOGIN, 12, "a user logged in")                                                            \
    KIND(LOGIN_FAILED, 13, "logins of a user failed again and again")                              \
    KIND(SCREENING, 14, "a name is like one of a list, or a person decided on that")               \
    KIND(CHANNEL_SWITCH, 15, "a channel to an operator was switched off, or on again")             \
    KIND(ENDPOINT_ADD, 16, "an endpoint was made")                                                 \
    KIND(ENDPOINT_CHANGE, 17, "settings, state or key of an endpoint were changed")                \
    KIND(REDELIVER, 18, "notifications were sent again")                                           \
    KIND(TRANSFER_REVERSE, 19, "a paid transfer is to be taken back, or that was taken back")      \
    KIND(CHANNEL_ACCEPT, 20, "a channel's number stands for an account under another address")     \
    KIND(CONTACT_CHANGE, 21, "a person changed a contact")

/* The numbers are stored: never reused. */
enum act_kind {
#define KIND(name, number, meaning) ACT_##name = (number),
    ACT_KINDS(KIND)
#undef KIND
        ACT_KIND_END
};
const char *act_kind_text(enum act_kind kind); /* "MERCHANT_CREATE" */
/* False when text is no kind's. */
MUST_USE bool act_kind_read(const char *text, enum act_kind *kind);

/* Who is behind a command. */
struct actor {
    const char *person;  /* A user's name, "admin-token:Awa", an address; NULL: nobody who acts by
                            hand (the server itself, a merchant's program): no act is written. */
    const char *from;    /* The address that it came from; NULL: none. */
    const char *request; /* The request's id in the log; NULL: none. */
};

struct act {
    int64_t id; /* 1, 2, 3 … without a gap: given by book_check. */
    enum act_kind kind;
    struct merchant_id merchant;         /* Whose affair it is; 0: the platform's. */
    const char *person, *from, *request; /* Never NULL, nor is what follows. */
    const char *subject;                 /* What it was done to: a lot, a transfer, a reference. */
    const char *before, *after;          /* JSON objects of what differs. */
    int64_t at_ms;
};

/* The chain: after each batch with acts, the hash of the head before and of the batch's acts. */
struct act_head {
    int64_t last_act_id;             /* 0: there is none. */
    uint8_t hash[SECRET_HASH_BYTES]; /* Zeros: there is none. */
};
struct act_link {
    struct secret_digest digest;
    int64_t last_act_id;
};
void act_link_begin(struct act_link *link, const struct act_head *before);
/* act->id must be the one after the last. */
void act_link_add(struct act_link *link, const struct act *act);
void act_link_end(struct act_link *link, struct act_head *after);

/* What differs, in the making. act_changes_begin first; act_write or act_changes_drop last. */
struct act_changes {
    struct buffer before, after;
    bool made; /* There was nothing before: every member is told of, as it is after. */
};
void act_changes_begin(struct act_changes *changes, bool made);
void act_changes_drop(struct act_changes *changes);
/* A member, unless it is what it was. */
void act_change_text(struct act_changes *changes, const char *name, const char *before,
                     const char *after);
void act_change_number(struct act_changes *changes, const char *name, int64_t before,
                       int64_t after);
void act_change_flag(struct act_changes *changes, const char *name, bool before, bool after);
/* A secret: that it changed, and no more. */
void act_change_secret(struct act_changes *changes, const char *name, const char *before,
                       const char *after);
/* A member that says what was done, with nothing before it. */
void act_tell_text(struct act_changes *changes, const char *name, const char *text);
void act_tell_number(struct act_changes *changes, const char *name, int64_t number);

struct book;
struct command;
/* Writes the act down, when somebody is behind the command, and ends the changes. subject is
 * copied. */
void act_write(struct book *book, const struct command *command, enum act_kind kind,
               struct merchant_id merchant, const char *subject, struct act_changes *changes);
#endif

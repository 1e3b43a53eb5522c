/* user: a person who may log in to the platform's own API: one of a merchant's people, or of the
 * platform's. Plain data and the rules of who is let in; what each role may call is http's. No
 * password is here, only its hash; the second factor's secret lies sealed (base/vault.h). Pure. */
#ifndef PAYOUT_MONEY_USER_H
#define PAYOUT_MONEY_USER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/secret.h"
#include "base/vault.h"
#include "money/id.h"

enum {
    USER_NAME_BYTES = 64, /* With their NUL, as all here. */
    USER_MAIL_BYTES = 256,
    USER_HASH_BYTES = 128,
    USER_TOTP_BYTES = 192,
    USER_RECOVERY_CODES = 8,
    USER_RECOVERY_BYTES = USER_RECOVERY_CODES * (2 * SECRET_HASH_BYTES + 1) + 1,
    USER_PASSWORD_BYTES_MIN = 12, /* Without it. */
    USER_PASSWORD_BYTES_MAX = 256,
    USER_FAILURES_TOLD = 5, /* So many failed logins in a row make an act; then twice as many … */
};
/* A session that nobody uses ends, and so does the busiest. */
#define USER_SESSION_IDLE_MS (INT64_C(30) * 60 * 1000)
#define USER_SESSION_MS      (INT64_C(12) * 3600 * 1000)

/* ROLE(NAME, stored number, what it is) */
#define USER_ROLES(ROLE)                                                                           \
    ROLE(OWNER, 1, "all that is the merchant's own to do, and its users")                          \
    ROLE(MAKER, 2, "sends lots, adds contacts")                                                    \
    ROLE(CHECKER, 3, "confirms and cancels lots, decides on doubles")                              \
    ROLE(VIEWER, 4, "looks")                                                                       \
    ROLE(PLATFORM, 5, "the platform's own: everything, of every merchant")

/* The numbers are stored: never reused. */
enum user_role {
#define ROLE(name, number, meaning) USER_##name = (number),
    USER_ROLES(ROLE)
#undef ROLE
        USER_ROLE_END
};
const char *user_role_text(enum user_role role); /* "OWNER" */
MUST_USE bool user_role_read(const char *text, enum user_role *role);

struct user {
    char name[USER_NAME_BYTES];  /* What it logs in with; never changes, nor goes to another. */
    int64_t id;                  /* Drawn; what its secrets are bound to. */
    struct merchant_id merchant; /* Whose; 0 with PLATFORM, and with no other. */
    enum user_role role;
    char mail[USER_MAIL_BYTES]; /* "": none. */
    char password_hash[USER_HASH_BYTES];
    char totp[USER_TOTP_BYTES];         /* The second factor's secret, sealed; "": none. */
    bool totp_on;                       /* It was confirmed by a code, and is asked for. */
    int64_t totp_step;                  /* The last step whose code was used: none before it is. */
    char recovery[USER_RECOVERY_BYTES]; /* Hashes of what is left of them, with blanks between. */
    bool disabled;
    bool must_change; /* Its password was given to it: it can do nothing but choose another. */
    int32_t failures; /* Logins that failed since the last that did not. */
    int64_t created_at_ms;
};

/* What a user's totp is sealed for. */
static inline struct vault_place user_totp_place(int64_t id)
{
    return (struct vault_place){"user", id, "totp"};
}

/* Letters, digits and . _ - @ +, 1 to USER_NAME_BYTES - 1 of them: no two names look alike for
 * their case, so there are no capital letters. */
MUST_USE bool user_name_valid(const char *name);
/* NULL when the password may be the user's; why not, as a sentence, otherwise. */
const char *user_password_refused(const char *name, const char *password);

/* A recovery code's hash, in hexadecimal. */
void user_recovery_hash(const char *code, char text[2 * SECRET_HASH_BYTES + 1]);

struct session {
    uint8_t hash[SECRET_HASH_BYTES]; /* SHA-256 of its token: the store can't be logged in with. */
    const char *user;
    const char *from; /* The address that logged in. */
    int64_t created_at_ms, seen_at_ms;
    int64_t ended_at_ms; /* 0: it is open. */
};
MUST_USE bool session_open(const struct session *session, int64_t at_ms);
#endif

/* merchant: who sends money, and what the platform lets it do. Plain data: who may change it is for
 * others to say. */
#ifndef PAYOUT_MONEY_MERCHANT_H
#define PAYOUT_MONEY_MERCHANT_H
#include <stdbool.h>
#include <stdint.h>

#include "base/vault.h"
#include "money/amount.h"
#include "money/id.h"
#include "money/usage.h"

enum {
    MERCHANT_NAME_BYTES = 128,
    MERCHANT_KEY_BYTES = 64,
    MERCHANT_SEALED_BYTES = 160, /* Of a key of MERCHANT_KEY_BYTES, sealed (base/vault.h). */
    MERCHANT_HASH_BYTES = 128,
    MERCHANT_URL_BYTES = 1024,
    MERCHANT_IP_LIST_BYTES = 2048,
    MERCHANT_FEES_BYTES = 1024,
    MERCHANT_MAIL_BYTES = 512,
    MERCHANT_MAILS_MAX = 8,
    MERCHANT_LANG_FR = 0,
    MERCHANT_LANG_EN = 1,
};

struct merchant {
    struct merchant_id id;
    char name[MERCHANT_NAME_BYTES];          /* UTF-8 */
    char apikey[MERCHANT_KEY_BYTES];         /* Unique. */
    char password_hash[MERCHANT_HASH_BYTES]; /* Of the API password: Argon2id (base/secret.h). */
    char secret_key[MERCHANT_SEALED_BYTES];  /* Signs notifications. As it is kept: sealed. */
    enum currency currency;                  /* Home currency: the balance's first three numbers. */
    int lang;                                /* MERCHANT_LANG_*, for what goes out to it. */
    bool suspended;        /* Its tokens and logins are refused; what is under way goes on. */
    bool token_query_only; /* A token in a body or a header gets 706. */
    bool flat_reply;       /* contact and send answer single-nested. */
    bool all_or_nothing;   /* One bad item refuses the whole lot. */
    bool two_persons;      /* What one person settles, another one has to say too. */
    char notify_url[MERCHANT_URL_BYTES];  /* For items without one; "": they get 725. */
    char ip_list[MERCHANT_IP_LIST_BYTES]; /* Addresses and CIDRs, blank-separated, from which lots
                                             are confirmed at once. "": none. */
    int64_t lot_expiry_ms;                /* How long a lot may wait for its confirmation. */
    int64_t double_window_ms; /* The same amount to the same person again within it waits for a
                                 person's word; 0: it does not. */
    char fees[MERCHANT_FEES_BYTES]; /* money/fee.h; "": none. */
    struct limits limits;
    char confirm_mail[MERCHANT_MAIL_BYTES]; /* Addresses, blank-separated, MERCHANT_MAILS_MAX at
                                               most, that are asked to confirm lots. "": none. */
    int64_t approve_above_minor; /* A lot of more than it in a currency needs two persons; 0: none
                                    does. */
    char api_ip_list[MERCHANT_IP_LIST_BYTES]; /* From where its keys work at all, as ip_list. "":
                                                 from everywhere. */
    int64_t calls_per_minute;                 /* Its own limit; 0: what the server says. */
    /* Those of before, which hold on until then; 0: there is none. */
    char password_before[MERCHANT_HASH_BYTES];
    int64_t password_before_until_ms;
    char secret_before[MERCHANT_SEALED_BYTES]; /* Sealed for the same place as secret_key. */
    int64_t secret_before_until_ms;
    int64_t operator_wait_ms; /* How long a transfer may wait for an operator that is down, unless
                                 its lot says otherwise; 0: as long as it takes. */
    struct lot_code last_lot;
    int64_t created_at_ms;
};
/* What a merchant's secret_key and secret_before are sealed for. */
static inline struct vault_place merchant_secret_place(struct merchant_id id)
{
    return (struct vault_place){"merchant", id.value, "secret_key"};
}
_Static_assert(VAULT_TEXT_BYTES(MERCHANT_KEY_BYTES - 1) <= MERCHANT_SEALED_BYTES, "it fits");
#define MERCHANT_LOT_EXPIRY_MS_DEFAULT (INT64_C(72) * 3600 * 1000)
#endif

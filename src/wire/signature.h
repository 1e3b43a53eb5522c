/* signature: the body of a notification and what proves that it is ours: x-token (CinetPay's
 * scheme) and the three headers of Standard Webhooks (standardwebhooks.com, v1). Both ways: payoutd
 * writes, libpayout and `payout listen` check. Pure; any thread. */
#ifndef PAYOUT_WIRE_SIGNATURE_H
#define PAYOUT_WIRE_SIGNATURE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/fault.h"

/* FIELD(member): a notification's fields, in the order in which they stand in the body and are
 * signed (WIRE.md). */
#define NOTICE_FIELDS(FIELD)                                                                       \
    FIELD(transaction_id)                                                                          \
    FIELD(client_transaction_id)                                                                   \
    FIELD(lot)                                                                                     \
    FIELD(amount)                                                                                  \
    FIELD(receiver)                                                                                \
    FIELD(operator)                                                                                \
    FIELD(treatment_status)                                                                        \
    FIELD(sending_status)                                                                          \
    FIELD(comment)                                                                                 \
    FIELD(operator_transaction_id)                                                                 \
    FIELD(validated_at)
struct notice {
#define FIELD(member) const char *member; /* UTF-8; NULL counts as "". */
    NOTICE_FIELDS(FIELD)
#undef FIELD
};
enum { SIGNATURE_HEX_BYTES = 65, SIGNATURE_WEBHOOK_BYTES = 64 };

/* Appends the body, application/x-www-form-urlencoded. */
void notice_write(const struct notice *notice, struct buffer *body);
/* What a notice of a transfer in this state is called in a JSON body: "transfer.val" of "VAL". */
enum { NOTICE_TYPE_BYTES = 16 };
void notice_type(const char *treatment_status, char type[NOTICE_TYPE_BYTES]);
/* x-token: hex HMAC-SHA-256 of the values, one after the other, under secret_key (its bytes as they
 * are written). */
void signature_token(const struct notice *notice, const char *secret_key,
                     char hex[SIGNATURE_HEX_BYTES]);
MUST_USE bool signature_token_matches(const struct notice *notice, const char *secret_key,
                                      const char *hex);
/* webhook-signature: "v1," and base64 of HMAC-SHA-256 of "id.timestamp.body". The key is what
 * secret_key holds in base64 after "whsec_", or its bytes when it does not begin so. */
void signature_webhook(const char *secret_key, const char *id, int64_t timestamp_seconds,
                       const char *body, size_t length, char text[SIGNATURE_WEBHOOK_BYTES]);
/* True when one of the blank-separated signatures in header is right. Says nothing of the age. */
MUST_USE bool signature_webhook_matches(const char *secret_key, const char *id,
                                        int64_t timestamp_seconds, const char *body, size_t length,
                                        const char *header);
/* A fresh secret key: "whsec_" and 24 random bytes in base64. */
enum { SIGNATURE_SECRET_BYTES = 64 };
void signature_secret_make(char text[SIGNATURE_SECRET_BYTES]);
#endif

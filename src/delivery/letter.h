/* letter: one notification as it goes out: its body, its headers, its signatures. It must never
 * decide when it goes, nor where to. */
#ifndef PAYOUT_DELIVERY_LETTER_H
#define PAYOUT_DELIVERY_LETTER_H
#include "base/buffer.h"
#include "money/command.h"
#include "store/store.h"
#include "wire/signature.h"

enum { LETTER_ID_BYTES = TRANSFER_ID_TEXT_BYTES + 12, LETTER_BODY_BYTES_MAX = 16 * 1024 };

struct letter {
    char id[LETTER_ID_BYTES]; /* "EA181025.112233.X123456.2" */
    char url[NOTIFY_URL_BYTES_MAX + 1];
    char secret[MERCHANT_KEY_BYTES];
    char secret_before[MERCHANT_KEY_BYTES]; /* Signs as well, until then. "": nothing does. */
    int64_t before_until_ms;
    char token_header[sizeof "x-token: " + SIGNATURE_HEX_BYTES];
    char token_before_header[sizeof "x-token-before: " + SIGNATURE_HEX_BYTES]; /* "": none. */
    char id_header[sizeof "webhook-id: " + LETTER_ID_BYTES];
    char timestamp_header[48],
        signature_header[sizeof "webhook-signature: " + (size_t)2 * SIGNATURE_WEBHOOK_BYTES];
    const char *type_header; /* What the body is. */
    struct buffer body;
};

/* A letter may be written again and again, and is freed at the end. */
void letter_init(struct letter *letter);
void letter_free(struct letter *letter);
/* Writes what due tells, in merchant's language, to the transfer's notify_url or (not NULL) to
 * endpoint, and what proves that it is ours. Their secrets are open (merchant_cache.h). Without a
 * secret_key nothing is written but that there is no secret. */
void letter_write(struct letter *letter, const struct due_notification *due,
                  const struct merchant *merchant, const struct endpoint *endpoint);
/* Dates it and signs it, just before it goes; with the secret of before too, while that holds. */
void letter_sign(struct letter *letter, int64_t now_ms);
#endif

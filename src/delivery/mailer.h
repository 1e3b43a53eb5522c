/* mailer: the thread that asks persons by mail to confirm lots. It sends what the ledger's commits
 * wrote down (mail rows), one after the other over one kept connection, and has what became of each
 * written down. It must never decide what is told, nor to whom. When it is killed between the mail
 * server's word and the commit, the mail goes out once more: the same, under the same Message-ID.
 */
#ifndef PAYOUT_DELIVERY_MAILER_H
#define PAYOUT_DELIVERY_MAILER_H
#include "base/buffer.h"
#include "lane/lane.h"
#include "net/postman.h"
#include "store/shares.h"
#include "store/store.h"
#include "wire/link.h"

struct mailer;
struct mailer_options {
    struct store *store; /* Both must outlive it. */
    struct lane *lane;
    struct shares *shares; /* Whether mails are its own; NULL: they are. Outlives it. */
    struct postman_options postman;
    const char *public_url; /* The beginning of links: "https://pay.example.com". Copied. */
    struct link_key link_key;
    int64_t retry_first_ms; /* The first wait; 0: 30 s. It doubles up to an hour, with jitter. */
};
enum { MAILER_URL_BYTES_MAX = 512 };

/* When a mail is tried again after its failures-th try (from 1) at now_ms; 0: it is given up: the
 * lot (NULL: it is about none) will have expired, or a day is over. */
int64_t mailer_next_ms(int64_t first_ms, int32_t failures, const struct mail *mail,
                       const struct lot *lot, int64_t now_ms);

/* Starts the thread. The caller owns it: mailer_close. FAULT_FINAL names the option that is wrong.
 */
MUST_USE enum fault_kind mailer_open(const struct mailer_options *options, struct mailer **mailer,
                                     struct fault *fault);
/* There is something to send: look at once. Any thread; context is the mailer
 * (lane_options.mails_made). */
void mailer_wake(void *mailer, int64_t from_ms);
/* Takes nothing more, cuts what is under way off, ends the thread. Before lane_stop. Idempotent. */
void mailer_stop(struct mailer *mailer);
void mailer_close(struct mailer *mailer); /* After stop. NULL is fine. */
/* Appends its counters as Prometheus text. Any thread. */
void mailer_metrics(const struct mailer *mailer, struct buffer *text);
#endif

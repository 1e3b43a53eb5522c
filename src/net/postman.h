/* postman: mails out, one after the other over one kept connection (libcurl's SMTP). It must never
 * write a mail, nor decide when to try again. One thread but for postman_cut. */
#ifndef PAYOUT_NET_POSTMAN_H
#define PAYOUT_NET_POSTMAN_H
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

struct postman;
enum { POSTMAN_ERROR_BYTES = 240, POSTMAN_ADDRESS_BYTES_MAX = 254 };

enum postman_tls {
    POSTMAN_TLS_REQUIRED, /* STARTTLS, or there is no mail. */
    POSTMAN_TLS_OPTIONAL, /* STARTTLS when the server offers it. */
    POSTMAN_TLS_NONE,
};

struct postman_options {
    const char *url;  /* "smtp://mail.example.com:587", "smtps://mail.example.com". All texts are
                         copied. */
    const char *from; /* The envelope's sender: an address. */
    const char *user, *password; /* NULL or "": none. */
    enum postman_tls tls;        /* Of smtp:; smtps: begins with TLS. */
    const char *ca_file;         /* Certificates that are trusted; NULL or "": the system's. */
    int64_t timeout_ms;          /* Of one mail. > 0 */
    int64_t connect_timeout_ms;  /* > 0 */
};

enum postman_result {
    POSTMAN_TAKEN,   /* The server took it. */
    POSTMAN_REFUSED, /* It never will: a 5xx to the receiver or to the mail itself. */
    POSTMAN_LATER,   /* It did not, or nobody knows: no connection, no login, a 4xx, a time-out. */
    POSTMAN_CUT,     /* Cut off by postman_cut: it may have been taken. */
};

/* The caller owns *postman: postman_close. Opens no connection yet. FAULT_FINAL names what is wrong
 * with the options: a URL of another kind or with a user in it, no sender, a password that would
 * leave this machine without TLS. */
MUST_USE enum fault_kind postman_open(const struct postman_options *options,
                                      struct postman **postman, struct fault *fault);
/* Sends a whole mail (headers and body, lines ended by CRLF) to one address. error says why it was
 * not taken, in printable ASCII and without any secret: "" when it was. */
enum postman_result postman_send(struct postman *postman, const char *to, const char *mail,
                                 size_t length, char error[POSTMAN_ERROR_BYTES]);
/* Ends a postman_send that is under way, and every later one at once. Any thread. */
void postman_cut(struct postman *postman);
/* Ends the connection. NULL is fine. */
void postman_close(struct postman *postman);
#endif

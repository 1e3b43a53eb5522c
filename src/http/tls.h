/* tls: the certificate that the listener shows and its key, from two PEM files, replaced while it
 * runs: a handshake takes the pair that is there when it begins, connections that are there go on.
 * It proves a pair before it takes it, so that a wrong file never takes the place of a good one. It
 * must never know libmicrohttpd. */
#ifndef PAYOUT_HTTP_TLS_H
#define PAYOUT_HTTP_TLS_H
#include <gnutls/abstract.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"

enum {
    TLS_CHAIN_MAX = 16, /* Certificates in a file. */
    TLS_FILE_BYTES_MAX = 256 * 1024,
    TLS_PATH_BYTES = 1024,
};
/* TLS 1.2 and 1.3, no CBC, no SHA-1, no key exchange without forward secrecy; for GnuTLS. */
#define TLS_PRIORITIES                                                                             \
    "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-AES-128-CBC:-AES-256-CBC:-SHA1:"          \
    "%SERVER_PRECEDENCE"

struct tls;
/* Takes over what the settings name: reads a pair and shows it from now on, and says in the log
 * when it ends. NULL or "" twice: no TLS, *tls is NULL. running: there are connections, so TLS can
 * neither begin nor end. FAULT_FINAL says which file is wrong and how (it can't be read, everybody
 * may read the key, it holds no certificate, the key is another one's); what was shown stays. The
 * caller owns *tls: tls_close. One thread. */
MUST_USE enum fault_kind tls_apply(struct tls **tls, bool running, const char *certificate_file,
                                   const char *key_file, struct fault *fault);
/* Reads the files that it knows anew when one of them is not the one any more that was last read or
 * found wrong, and says in the log what came of it. The same thread. NULL is fine. */
void tls_look(struct tls *tls);
/* When the certificate that is shown is over. Any thread. */
int64_t tls_expires_at_ms(const struct tls *tls);
/* Shows what is there to a handshake, as gnutls_certificate_retrieve_function2 wants it: valid
 * until tls_close, whatever is replaced. Any thread. */
void tls_show(const struct tls *tls, gnutls_pcert_st **chain, unsigned *count,
              gnutls_privkey_t *key);
/* Has the pool's thread that works on session told (looper_moved) whenever bytes come or go over
 * its socket, which is its transport as a number. On that thread. */
void tls_watch(gnutls_session_t session);
/* When no connection is left. NULL is fine. */
void tls_close(struct tls *tls);
#endif

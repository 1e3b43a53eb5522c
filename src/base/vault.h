/* vault: secrets that must be read again (what signs notifications, one-time password seeds) lie
 * sealed in the store: a copy of the store, its log or its backup is worth nothing without the key
 * file. XChaCha20-Poly1305 of libsodium; the text says under which key:
 *
 *     v1:<key id, 8 hexadecimal digits>:<base64url of nonce and box>
 *
 * Each is bound to its place ("merchant/12/secret_key"): copied into another row it does not open.
 * A NULL vault seals nothing: texts are kept as they are (for installations that chose it).
 * Any thread, after secret_init. Passwords are no matter of this: only their hashes are kept. */
#ifndef PAYOUT_BASE_VAULT_H
#define PAYOUT_BASE_VAULT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

enum {
    VAULT_KEYS_MAX = 8,
    VAULT_KEY_BYTES_MIN = 32, /* Of a key's line. */
    VAULT_KEY_BYTES_MAX = 128,
    VAULT_MARK_BYTES = 3,    /* Of "v1:": the key's id follows it. */
    VAULT_ID_BYTES = 9,      /* A key's id with its NUL. */
    VAULT_SECRET_MAX = 4096, /* Bytes of a secret, without its NUL: a private key of RSA fits. */
    VAULT_PLACE_MAX = 64,    /* Bytes of the names of a place together. */
};
/* How long the text of a sealed secret of length bytes is, with its NUL. */
#define VAULT_TEXT_BYTES(length) (3 + VAULT_ID_BYTES + (((length) + 24 + 16) * 4 + 2) / 3 + 1)

struct vault;

/* Whose secret it is, and which: {"merchant", 12, "secret_key"}. Literals; they never change, or
 * nothing opens any more. */
struct vault_place {
    const char *row;
    int64_t id;
    const char *column;
};

/* Makes the vault of a key file's content: a key a line (VAULT_KEY_BYTES_MIN to MAX characters
 * without blanks); empty lines and lines that begin with # are passed over. The first key seals,
 * all open. The keys lie in locked memory that can only be read. NULL with FAULT_FINAL in *fault,
 * which names no key, when a line is no key, or there is none or one too many. The caller wipes
 * content. */
MUST_USE struct vault *vault_make(const char *content, struct fault *fault);
/* Wipes the keys. NULL is nothing. */
void vault_close(struct vault *vault);
/* For AUTO(vault_closep). */
void vault_closep(struct vault **vault);
/* The id of the key that seals; "" of a NULL vault. */
const char *vault_id(const struct vault *vault);

/* Seals secret (text of at most VAULT_SECRET_MAX bytes) into text, which holds size bytes, at least
 * VAULT_TEXT_BYTES of its length. "" stays "": there is none to hide. Each call gives another text.
 */
void vault_seal(const struct vault *vault, struct vault_place place, const char *secret, char *text,
                size_t size);
/* Opens text, at least size - 1 of whose secret's bytes fit, into secret (NUL-terminated; wipe it
 * when done). FAULT_FINAL, with secret "", when it was not sealed at all, under another key, for
 * another place, or was damaged: the fault says which, and never what was in it. */
MUST_USE enum fault_kind vault_open(const struct vault *vault, struct vault_place place,
                                    const char *text, char *secret, size_t size,
                                    struct fault *fault);

/* True when text has the form of a sealed one. Nothing is promised of its content. */
MUST_USE bool vault_sealed(const char *text);
/* True when nothing but damage can keep text from opening: it is not sealed, or under a key that is
 * there. */
MUST_USE bool vault_knows(const struct vault *vault, const char *text);
/* True when text is as vault_seal would keep it: "", or sealed under the key that seals; of a NULL
 * vault: when it is not sealed. What is not should be opened and sealed again. */
MUST_USE bool vault_current(const struct vault *vault, const char *text);
/* As vault_open, but takes a text that was never sealed for the secret itself: for what was stored
 * before there was a key, at start only. */
MUST_USE enum fault_kind vault_open_old(const struct vault *vault, struct vault_place place,
                                        const char *text, char *secret, size_t size,
                                        struct fault *fault);
#endif

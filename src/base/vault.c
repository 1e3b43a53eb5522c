#include "base/vault.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "base/secret.h"

enum {
    KEY_BYTES = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
    NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    BOX_BYTES_MAX = NONCE_BYTES + VAULT_SECRET_MAX + TAG_BYTES,
    HEAD_BYTES = sizeof "v1:" - 1 + VAULT_ID_BYTES, /* "v1:01234567:" */
    LABEL_BYTES = 128,
};
_Static_assert(NONCE_BYTES == 24 && TAG_BYTES == 16, "as VAULT_TEXT_BYTES has it");
static const char mark[] = "v1:";

struct vault_key {
    unsigned char bytes[KEY_BYTES];
    char id[VAULT_ID_BYTES];
};
struct vault {
    size_t count;
    struct vault_key keys[VAULT_KEYS_MAX];
};

/* A hash of a key's line for one purpose, so that the id tells nothing about the key. */
static void derive(const char *line, size_t length, const char *purpose, unsigned char *bytes,
                   size_t size)
{
    unsigned char personal[crypto_generichash_blake2b_PERSONALBYTES] = {0};
    memcpy(personal, purpose, strlen(purpose));
    int failed = crypto_generichash_blake2b_salt_personal(bytes, size, (const unsigned char *)line,
                                                          length, NULL, 0, NULL, personal);
    invariant(failed == 0);
}

static void key_make(struct vault_key *key, const char *line, size_t length)
{
    unsigned char id[crypto_generichash_blake2b_BYTES_MIN];
    derive(line, length, "payoutd seal", key->bytes, sizeof key->bytes);
    derive(line, length, "payoutd id", id, sizeof id);
    secret_hex(id, (VAULT_ID_BYTES - 1) / 2, key->id);
}

static const struct vault_key *key_find(const struct vault *vault, const char *id)
{
    for (size_t i = 0; i < vault->count; i++)
        if (memcmp(vault->keys[i].id, id, VAULT_ID_BYTES - 1) == 0)
            return &vault->keys[i];
    return NULL;
}

/* Takes one line of the key file. */
static enum fault_kind line_take(struct vault *vault, int number, const char *line, size_t length,
                                 struct fault *fault)
{
    while (length > 0 && line[length - 1] == '\r')
        length--;
    if (length == 0 || line[0] == '#')
        return FAULT_NONE;
    for (size_t i = 0; i < length; i++)
        if (line[i] <= ' ' || line[i] > '~')
            return fault_set(fault, FAULT_FINAL, "line %d: a key is one line without blanks",
                             number);
    if (length < VAULT_KEY_BYTES_MIN || length > VAULT_KEY_BYTES_MAX)
        return fault_set(fault, FAULT_FINAL, "line %d: a key has %d to %d characters, this %zu",
                         number, VAULT_KEY_BYTES_MIN, VAULT_KEY_BYTES_MAX, length);
    if (vault->count == VAULT_KEYS_MAX)
        return fault_set(fault, FAULT_FINAL, "line %d: there are more than %d keys", number,
                         VAULT_KEYS_MAX);
    struct vault_key *key = &vault->keys[vault->count];
    key_make(key, line, length);
    if (key_find(vault, key->id) != NULL)
        return fault_set(fault, FAULT_FINAL, "line %d: this key was there before", number);
    vault->count++;
    return FAULT_NONE;
}

struct vault *vault_make(const char *content, struct fault *fault)
{
    struct vault *vault = sodium_malloc(sizeof *vault);
    invariant(vault != NULL); /* Fails only when the machine has no memory left. */
    memset(vault, 0, sizeof *vault);
    int number = 1;
    for (const char *line = content; *line != '\0'; number++) {
        size_t length = strcspn(line, "\n");
        if (line_take(vault, number, line, length, fault) != FAULT_NONE) {
            vault_close(vault);
            return NULL;
        }
        line += length + (line[length] == '\n' ? 1 : 0);
    }
    if (vault->count == 0) {
        (void)fault_set(fault, FAULT_FINAL, "there is no key in it");
        vault_close(vault);
        return NULL;
    }
    (void)sodium_mprotect_readonly(vault); /* Not everywhere possible, and only a second wall. */
    return vault;
}

void vault_close(struct vault *vault)
{
    sodium_free(vault); /* Wipes it; NULL is nothing. */
}

void vault_closep(struct vault **vault)
{
    vault_close(*vault);
    *vault = NULL;
}

const char *vault_id(const struct vault *vault)
{
    return vault == NULL ? "" : vault->keys[0].id;
}

/* "payoutd/v1/merchant/12/secret_key"; its length. */
static size_t label_write(struct vault_place place, char label[LABEL_BYTES])
{
    invariant(strlen(place.row) + strlen(place.column) <= VAULT_PLACE_MAX);
    int length = snprintf(label, LABEL_BYTES, "payoutd/v1/%s/%" PRId64 "/%s", place.row, place.id,
                          place.column);
    invariant(length > 0 && length < LABEL_BYTES);
    return (size_t)length;
}

void vault_seal(const struct vault *vault, struct vault_place place, const char *secret, char *text,
                size_t size)
{
    size_t length = strlen(secret);
    invariant(length <= VAULT_SECRET_MAX);
    if (vault == NULL || length == 0) {
        invariant(length < size);
        memcpy(text, secret, length + 1);
        return;
    }
    invariant(size >= VAULT_TEXT_BYTES(length));
    char label[LABEL_BYTES];
    size_t label_length = label_write(place, label);
    unsigned char box[BOX_BYTES_MAX];
    unsigned long long boxed;
    random_bytes(box, NONCE_BYTES); /* 192 bits: chance alone keeps them apart. */
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(
        box + NONCE_BYTES, &boxed, (const unsigned char *)secret, length,
        (const unsigned char *)label, label_length, NULL, box, vault->keys[0].bytes);
    int head = snprintf(text, size, "%s%s:", mark, vault->keys[0].id);
    invariant(head == HEAD_BYTES);
    (void)sodium_bin2base64(text + HEAD_BYTES, size - HEAD_BYTES, box, NONCE_BYTES + (size_t)boxed,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool vault_sealed(const char *text)
{
    size_t length = strlen(mark);
    if (strncmp(text, mark, length) != 0)
        return false;
    text += length;
    return strspn(text, "0123456789abcdef") == VAULT_ID_BYTES - 1 &&
           text[VAULT_ID_BYTES - 1] == ':';
}

bool vault_knows(const struct vault *vault, const char *text)
{
    return !vault_sealed(text) || (vault != NULL && key_find(vault, text + strlen(mark)) != NULL);
}

bool vault_current(const struct vault *vault, const char *text)
{
    if (text[0] == '\0')
        return true;
    if (vault == NULL)
        return !vault_sealed(text);
    return vault_sealed(text) &&
           memcmp(text + strlen(mark), vault->keys[0].id, VAULT_ID_BYTES - 1) == 0;
}

/* Opens a text of the right form. */
static enum fault_kind box_open(const struct vault *vault, struct vault_place place,
                                const char *text, char *secret, size_t size, struct fault *fault)
{
    const char *id = text + strlen(mark);
    const struct vault_key *key = key_find(vault, id);
    if (key == NULL)
        return fault_set(fault, FAULT_FINAL, "it is sealed under the key %.8s, which is not there",
                         id);
    unsigned char box[BOX_BYTES_MAX];
    unsigned char opened[VAULT_SECRET_MAX];
    size_t boxed;
    const char *base64 = text + HEAD_BYTES;
    if (sodium_base642bin(box, sizeof box, base64, strlen(base64), NULL, &boxed, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        boxed <= NONCE_BYTES + TAG_BYTES)
        return fault_set(fault, FAULT_FINAL, "what is sealed is damaged");
    char label[LABEL_BYTES];
    size_t label_length = label_write(place, label);
    unsigned long long length;
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            opened, &length, NULL, box + NONCE_BYTES, boxed - NONCE_BYTES,
            (const unsigned char *)label, label_length, box, key->bytes) != 0)
        return fault_set(fault, FAULT_FINAL,
                         "it was damaged, or sealed for another place, or the key %.8s is not what "
                         "it was",
                         id);
    enum fault_kind kind = FAULT_NONE;
    if (length >= size || memchr(opened, '\0', (size_t)length) != NULL) {
        kind = fault_set(fault, FAULT_FINAL, "what was sealed is no secret of this kind");
    } else {
        memcpy(secret, opened, (size_t)length);
        secret[length] = '\0';
    }
    secret_wipe(opened, sizeof opened);
    return kind;
}

static enum fault_kind open_any(const struct vault *vault, struct vault_place place, bool old,
                                const char *text, char *secret, size_t size, struct fault *fault)
{
    invariant(size > 0);
    secret[0] = '\0';
    enum fault_kind kind = FAULT_NONE;
    if (text[0] == '\0')
        return kind;
    if (!vault_sealed(text)) {
        if (vault != NULL && !old)
            kind = fault_set(fault, FAULT_FINAL, "it is not sealed");
        else if (strlen(text) >= size)
            kind = fault_set(fault, FAULT_FINAL, "it is too long");
        else
            memcpy(secret, text, strlen(text) + 1);
    } else if (vault == NULL) {
        kind = fault_set(fault, FAULT_FINAL, "it is sealed, and there is no key to open it");
    } else {
        kind = box_open(vault, place, text, secret, size, fault);
    }
    return kind == FAULT_NONE
               ? kind
               : fault_wrap(fault, "open %s/%" PRId64 "/%s", place.row, place.id, place.column);
}

enum fault_kind vault_open(const struct vault *vault, struct vault_place place, const char *text,
                           char *secret, size_t size, struct fault *fault)
{
    return open_any(vault, place, false, text, secret, size, fault);
}

enum fault_kind vault_open_old(const struct vault *vault, struct vault_place place,
                               const char *text, char *secret, size_t size, struct fault *fault)
{
    return open_any(vault, place, true, text, secret, size, fault);
}

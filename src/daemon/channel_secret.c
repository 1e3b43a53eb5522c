#include "daemon/channel_secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret.h"
#include "daemon/keyfile.h"

enum {
    PATH_BYTES = 1100,
    SEALED_BYTES = VAULT_TEXT_BYTES(VAULT_SECRET_MAX),
    FILE_BYTES = SEALED_BYTES + 8, /* What is read of one: with line ends, and one byte more. */
};

struct vault_place channel_secret_place(int number, const char *setting)
{
    return (struct vault_place){"channel", number, setting};
}

bool channel_secret_trim(char *text)
{
    size_t length = strlen(text);
    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
        length--;
    text[length] = '\0';
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        if ((byte < ' ' && byte != '\n' && byte != '\r' && byte != '\t') || byte == 0x7f)
            return false;
    }
    return length > 0;
}

/* "%d/x" is where systemd hands over; every other path is as it is. */
static enum fault_kind path_make(const char *path, char whole[PATH_BYTES], struct fault *fault)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    bool handed = strncmp(path, "%d/", 3) == 0;
    if (handed && folder == NULL)
        return fault_set(fault, FAULT_FINAL, "%s: systemd handed nothing over (LoadCredential=)",
                         path);
    int length = handed ? snprintf(whole, PATH_BYTES, "%s%s", folder, path + 2)
                        : snprintf(whole, PATH_BYTES, "%s", path);
    return length > 0 && length < PATH_BYTES
               ? FAULT_NONE
               : fault_set(fault, FAULT_FINAL, "%s: the path is too long", path);
}

static enum fault_kind descriptor_read(int descriptor, const char *path, char text[FILE_BYTES],
                                       struct fault *fault)
{
    struct stat about;
    if (fstat(descriptor, &about) != 0)
        return fault_set(fault, FAULT_FINAL, "%s: %s", path, strerror(errno));
    if (keyfile_shown(path, about.st_mode))
        return fault_set(fault, FAULT_FINAL, "%s: others may read it: chmod 600", path);
    ssize_t length = read(descriptor, text, FILE_BYTES - 1);
    if (length < 0)
        return fault_set(fault, FAULT_FINAL, "%s: %s", path, strerror(errno));
    text[length] = '\0';
    size_t limit = vault_sealed(text) ? SEALED_BYTES - 1 : VAULT_SECRET_MAX;
    bool whole = strlen(text) == (size_t)length && length < FILE_BYTES - 1;
    if (!whole || !channel_secret_trim(text) || strlen(text) > limit)
        return fault_set(fault, FAULT_FINAL, "%s: a secret is a text of 1 to %d bytes", path,
                         VAULT_SECRET_MAX);
    return FAULT_NONE;
}

/* What the file holds, sealed or not, without the line ends at its end. */
static enum fault_kind text_read(const char *path, char text[FILE_BYTES], struct fault *fault)
{
    char whole[PATH_BYTES];
    text[0] = '\0';
    if (path_make(path, whole, fault) != FAULT_NONE)
        return fault->kind;
    int descriptor = open(whole, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return fault_set(fault, FAULT_FINAL, "%s: %s", whole, strerror(errno));
    enum fault_kind kind = descriptor_read(descriptor, whole, text, fault);
    (void)close(descriptor);
    return kind;
}

enum fault_kind channel_secret_read(const char *path, struct vault_place place,
                                    const struct vault *vault, char secret[CHANNEL_SECRET_BYTES],
                                    struct fault *fault)
{
    char text[FILE_BYTES];
    secret[0] = '\0';
    enum fault_kind kind = text_read(path, text, fault);
    if (kind == FAULT_NONE && vault_sealed(text)) {
        kind = vault_open(vault, place, text, secret, CHANNEL_SECRET_BYTES, fault);
        if (kind != FAULT_NONE)
            (void)fault_wrap(fault, "%s", path);
    } else if (kind == FAULT_NONE) {
        memcpy(secret, text, strlen(text) + 1); /* text_read has looked at its length. */
    }
    secret_wipe(text, sizeof text);
    return kind;
}

bool channel_secret_sealed(const char *path)
{
    char text[FILE_BYTES];
    struct fault fault;
    bool sealed = text_read(path, text, &fault) == FAULT_NONE && vault_sealed(text);
    secret_wipe(text, sizeof text);
    return sealed;
}

enum fault_kind channel_secret_write(const char *path, struct vault_place place,
                                     const struct vault *vault, const char *secret,
                                     struct fault *fault)
{
    char text[SEALED_BYTES + 1];
    invariant(vault != NULL && secret[0] != '\0');
    if (strncmp(path, "%d/", 3) == 0)
        return fault_set(fault, FAULT_FINAL, "%s: what systemd hands over can't be written", path);
    vault_seal(vault, place, secret, text, SEALED_BYTES);
    size_t length = strlen(text);
    memcpy(text + length, "\n", 2);
    return keyfile_write(path, text, fault);
}

enum fault_kind channel_secret_renew(const char *path, struct vault_place place,
                                     const struct vault *vault, bool *renewed, struct fault *fault)
{
    char text[FILE_BYTES], secret[CHANNEL_SECRET_BYTES];
    *renewed = false;
    enum fault_kind kind = text_read(path, text, fault);
    if (kind != FAULT_NONE || !vault_sealed(text) || vault_current(vault, text)) {
        secret_wipe(text, sizeof text);
        return kind;
    }
    kind = vault_open(vault, place, text, secret, sizeof secret, fault);
    if (kind != FAULT_NONE)
        return fault_wrap(fault, "%s", path);
    kind = channel_secret_write(path, place, vault, secret, fault);
    secret_wipe(secret, sizeof secret);
    *renewed = kind == FAULT_NONE;
    return kind;
}

#include "daemon/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/random.h"
#include "base/secret.h"

enum { PATH_BYTES = 1100 };

static void descriptor_closep(int *descriptor)
{
    if (*descriptor >= 0)
        (void)close(*descriptor);
}

/* The folder's entry must last too, or a power cut takes the file. */
static enum fault_kind folder_sync(const char *path, struct fault *fault)
{
    char folder[PATH_BYTES];
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        (void)snprintf(folder, sizeof folder, ".");
    else
        (void)snprintf(folder, sizeof folder, "%.*s", (int)(slash - path) + 1, path);
    AUTO(descriptor_closep) int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0 || fsync(descriptor) != 0)
        return fault_set(fault, FAULT_FINAL, "%s: %s", folder, strerror(errno));
    return FAULT_NONE;
}

/* Puts the content beside path: under a name that no other process uses. */
static enum fault_kind fresh_write(const char *path, const char *content, char fresh[PATH_BYTES],
                                   struct fault *fault)
{
    if (snprintf(fresh, PATH_BYTES, "%s.new.%d", path, (int)getpid()) >= PATH_BYTES)
        return fault_set(fault, FAULT_FINAL, "%s: the path is too long", path);
    (void)unlink(fresh);
    AUTO(descriptor_closep)
    int descriptor = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0)
        return fault_set(fault, FAULT_FINAL, "%s: %s", fresh, strerror(errno));
    size_t length = strlen(content);
    ssize_t written = write(descriptor, content, length);
    if (written != (ssize_t)length || fsync(descriptor) != 0)
        return fault_set(fault, FAULT_FINAL, "%s: %s", path, strerror(errno));
    return FAULT_NONE;
}

enum fault_kind keyfile_write(const char *path, const char *content, struct fault *fault)
{
    char fresh[PATH_BYTES];
    enum fault_kind kind = fresh_write(path, content, fresh, fault);
    if (kind != FAULT_NONE)
        return kind;
    if (rename(fresh, path) != 0)
        return fault_set(fault, FAULT_FINAL, "%s: %s", path, strerror(errno));
    return folder_sync(path, fault);
}

enum fault_kind keyfile_first(const char *path, const char *content, bool *first,
                              struct fault *fault)
{
    char fresh[PATH_BYTES];
    enum fault_kind kind = fresh_write(path, content, fresh, fault);
    if (kind != FAULT_NONE)
        return kind;
    *first = link(fresh, path) == 0;
    if (!*first && errno != EEXIST)
        kind = fault_set(fault, FAULT_FINAL, "%s: %s", path, strerror(errno));
    (void)unlink(fresh);
    return kind == FAULT_NONE ? folder_sync(path, fault) : kind;
}

/* Takes the line end off and looks whether it is one line of printable characters. */
static enum fault_kind key_check(const char *path, char *text, size_t length, struct fault *fault)
{
    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
        length--;
    text[length] = '\0';
    for (size_t i = 0; i < length; i++)
        if (text[i] <= ' ' || text[i] > '~')
            return fault_set(fault, FAULT_FINAL, "%s: a key is one line without blanks", path);
    if (length < KEYFILE_BYTES_MIN || length > KEYFILE_BYTES_MAX)
        return fault_set(fault, FAULT_FINAL, "%s: a key has %d to %d characters, this %zu", path,
                         KEYFILE_BYTES_MIN, KEYFILE_BYTES_MAX, length);
    return FAULT_NONE;
}

/* True when systemd gave us this file (LoadCredential=), in a folder that nobody else can read. */
static bool credential(const char *path)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    size_t length = folder == NULL ? 0 : strlen(folder);
    return length > 1 && strncmp(path, folder, length) == 0 && path[length] == '/' &&
           strstr(path + length, "/../") == NULL;
}

bool keyfile_shown(const char *path, mode_t rights)
{
    mode_t others = S_IRWXG | S_IRWXO;
    if (credential(path))
        others = S_IRWXO | S_IWGRP | S_IXGRP;
    return (rights & others) != 0;
}

void keyfile_fresh(char key[KEYFILE_FRESH_BYTES])
{
    random_text(key, KEYFILE_FRESH_BYTES);
}

/* Reads the file as a text of less than size bytes; *there is false when it is not there. */
static enum fault_kind text_read(const char *path, char *text, size_t size, bool *there,
                                 struct fault *fault)
{
    text[0] = '\0';
    AUTO(descriptor_closep) int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    *there = descriptor >= 0 || errno != ENOENT;
    if (!*there)
        return FAULT_NONE;
    struct stat about;
    if (descriptor < 0 || fstat(descriptor, &about) != 0)
        return fault_set(fault, FAULT_FINAL, "%s: %s", path, strerror(errno));
    if (keyfile_shown(path, about.st_mode))
        return fault_set(fault, FAULT_FINAL, "%s: others may read it: chmod 600", path);
    ssize_t length = read(descriptor, text, size - 1);
    if (length < 0)
        return fault_set(fault, FAULT_FINAL, "%s: %s", path, strerror(errno));
    text[length] = '\0';
    if (strlen(text) != (size_t)length)
        return fault_set(fault, FAULT_FINAL, "%s: it is no text", path);
    return FAULT_NONE;
}

enum fault_kind keyfile_content(const char *path, char content[KEYFILE_CONTENT_BYTES],
                                struct fault *fault)
{
    bool there;
    enum fault_kind kind = text_read(path, content, KEYFILE_CONTENT_BYTES, &there, fault);
    if (kind == FAULT_NONE && strlen(content) == KEYFILE_CONTENT_BYTES - 1)
        kind = fault_set(fault, FAULT_FINAL, "%s: it is too long", path);
    if (kind == FAULT_NONE && there && content[0] == '\0')
        kind = fault_set(fault, FAULT_FINAL, "%s: there is no key in it", path);
    return kind;
}

enum fault_kind keyfile_read(const char *path, char text[KEYFILE_BYTES_MAX + 1],
                             struct fault *fault)
{
    bool there;
    char content[KEYFILE_BYTES_MAX + 8];
    enum fault_kind kind = text_read(path, content, sizeof content, &there, fault);
    bool first = false;
    if (kind == FAULT_NONE && !there) {
        keyfile_fresh(text);
        (void)snprintf(content, sizeof content, "%s\n", text);
        if (keyfile_first(path, content, &first, fault) != FAULT_NONE)
            kind = fault_wrap(fault, "make a key");
        else if (!first)
            kind = text_read(path, content, sizeof content, &there, fault);
    }
    if (kind == FAULT_NONE && !first) {
        kind = key_check(path, content, strlen(content), fault);
        if (kind == FAULT_NONE)
            memcpy(text, content, strlen(content) + 1); /* key_check has looked at its length. */
    }
    secret_wipe(content, sizeof content);
    return kind;
}

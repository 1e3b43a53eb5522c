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

enum { KEY_CHARACTERS = 43, PATH_BYTES = 1100 };

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

enum fault_kind keyfile_write(const char *path, const char *content, struct fault *fault)
{
    char fresh[PATH_BYTES];
    if (snprintf(fresh, sizeof fresh, "%s.new", path) >= (int)sizeof fresh)
        return fault_set(fault, FAULT_FINAL, "%s: the path is too long", path);
    (void)unlink(fresh);
    AUTO(descriptor_closep)
    int descriptor = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0)
        return fault_set(fault, FAULT_FINAL, "%s: %s", fresh, strerror(errno));
    size_t length = strlen(content);
    ssize_t written = write(descriptor, content, length);
    if (written != (ssize_t)length || fsync(descriptor) != 0 || rename(fresh, path) != 0)
        return fault_set(fault, FAULT_FINAL, "%s: %s", path, strerror(errno));
    return folder_sync(path, fault);
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

enum fault_kind keyfile_read(const char *path, char text[KEYFILE_BYTES_MAX + 1],
                             struct fault *fault)
{
    AUTO(descriptor_closep) int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 && errno == ENOENT) {
        char content[KEY_CHARACTERS + 2];
        random_text(content, KEY_CHARACTERS + 1);
        (void)snprintf(text, KEYFILE_BYTES_MAX + 1, "%s", content);
        content[KEY_CHARACTERS] = '\n';
        content[KEY_CHARACTERS + 1] = '\0';
        enum fault_kind kind = keyfile_write(path, content, fault);
        secret_wipe(content, sizeof content);
        return kind == FAULT_NONE ? kind : fault_wrap(fault, "make a key");
    }
    struct stat about;
    if (descriptor < 0 || fstat(descriptor, &about) != 0)
        return fault_set(fault, FAULT_FINAL, "%s: %s", path, strerror(errno));
    mode_t others = S_IRWXG | S_IRWXO;
    if (credential(path)) /* An access list names us, and shows in the group's place. */
        others = S_IRWXO | S_IWGRP | S_IXGRP;
    if ((about.st_mode & others) != 0)
        return fault_set(fault, FAULT_FINAL, "%s: others may read it: chmod 600", path);
    char content[KEYFILE_BYTES_MAX + 8];
    ssize_t length = read(descriptor, content, sizeof content - 1);
    if (length < 0)
        return fault_set(fault, FAULT_FINAL, "%s: %s", path, strerror(errno));
    enum fault_kind kind = key_check(path, content, (size_t)length, fault);
    if (kind == FAULT_NONE)
        memcpy(text, content, strlen(content) + 1); /* key_check has looked at its length. */
    secret_wipe(content, sizeof content);
    return kind;
}

#include "daemon/password_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret.h"
#include "daemon/keyfile.h"

/* Takes the line end off. False: it is no password. */
static bool password_check(char *text, size_t length)
{
    if (length > 0 && text[length - 1] == '\n')
        length--;
    if (length > 0 && text[length - 1] == '\r')
        length--;
    text[length] = '\0';
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
            return false;
    return length > 0 && length <= PASSWORD_FILE_BYTES_MAX;
}

static enum fault_kind descriptor_read(int descriptor, const char *path,
                                       char text[PASSWORD_FILE_BYTES_MAX + 1], struct fault *fault)
{
    struct stat about;
    if (fstat(descriptor, &about) != 0)
        return fault_set(fault, FAULT_FINAL, "%s: %s", path, strerror(errno));
    if (keyfile_shown(path, about.st_mode))
        return fault_set(fault, FAULT_FINAL, "%s: others may read it: chmod 600", path);
    char content[PASSWORD_FILE_BYTES_MAX + 8];
    ssize_t length = read(descriptor, content, sizeof content - 1);
    if (length < 0)
        return fault_set(fault, FAULT_FINAL, "%s: %s", path, strerror(errno));
    bool good = password_check(content, (size_t)length);
    if (good)
        memcpy(text, content, strlen(content) + 1);
    secret_wipe(content, sizeof content);
    return good ? FAULT_NONE
                : fault_set(fault, FAULT_FINAL, "%s: a password is one line of at most %d bytes",
                            path, PASSWORD_FILE_BYTES_MAX);
}

enum fault_kind password_file_read(const char *path, char text[PASSWORD_FILE_BYTES_MAX + 1],
                                   struct fault *fault)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return fault_set(fault, FAULT_FINAL, "%s: %s", path, strerror(errno));
    enum fault_kind kind = descriptor_read(descriptor, path, text, fault);
    (void)close(descriptor);
    return kind;
}

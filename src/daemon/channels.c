#include "daemon/channels.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/secret.h"
#include "daemon/channel_file.h"
#include "daemon/channel_secret.h"
#include "daemon/keyfile.h"
#include "money/tariff.h"
#include "operators/operator.h"

enum { FILES_MAX = CHANNEL_NUMBER_MAX, ERRORS_BYTES_MAX = 64 * 1024 };

/* All files, and what came of each. */
struct folder {
    size_t count;
    struct channel_file *files;
    struct channel *channels; /* secret_alloc's */
};

static void folder_close(struct folder *folder)
{
    free(folder->files);
    secret_free(folder->channels);
    *folder = (struct folder){0};
}

/* --- Which files there are --- */

static int name_compare(const void *left, const void *right)
{
    return strcmp(left, right);
}

/* The next file's name; NULL after the last, and after a fault, which is told. */
static const char *file_next(DIR *folder, const char *path, struct buffer *errors)
{
    errno = 0;
    const struct dirent *entry = readdir(folder);
    if (entry == NULL && errno != 0)
        buffer_format(errors, "%s: %s\n", path, strerror(errno));
    return entry == NULL ? NULL : entry->d_name;
}

/* The names of the channels in the folder at path, sorted. A folder that is not there has none,
 * when it is the one that nobody named: who names one means it, and would be paid by the sandbox.
 */
static bool names_read(const char *path, char names[FILES_MAX][CHANNEL_NAME_BYTES], size_t *count,
                       struct buffer *errors)
{
    *count = 0;
    if (path[0] == '\0')
        return true;
    DIR *folder = opendir(path);
    if (folder == NULL) {
        if (errno == ENOENT && strcmp(path, CONFIGURATION_CHANNELS_DIR) == 0)
            return true;
        buffer_format(errors, "[operator] channels_dir: %s: %s\n", path, strerror(errno));
        return false;
    }
    size_t told = errors->length;
    bool full = false;
    for (const char *file; !full && (file = file_next(folder, path, errors)) != NULL;) {
        char name[CHANNEL_NAME_BYTES];
        if (!channel_file_named(file, name, errors))
            continue;
        full = *count == FILES_MAX;
        if (full)
            buffer_format(errors, "%s: there are more than %d channels\n", path, FILES_MAX);
        else
            memcpy(names[(*count)++], name, sizeof name);
    }
    (void)closedir(folder);
    qsort(names, *count, sizeof *names, name_compare);
    return errors->length == told;
}

static bool numbers_check(const struct folder *folder, struct buffer *errors)
{
    bool good = true;
    for (size_t i = 0; i < folder->count; i++)
        for (size_t j = 0; j < i; j++) {
            const struct channel_file *file = &folder->files[i];
            if (file->number == 0 || file->number != folder->files[j].number)
                continue;
            buffer_format(errors, "%s:%d: number: %s has the same\n", file->path, file->number_line,
                          folder->files[j].path);
            good = false;
        }
    return good;
}

/* Reads every file, but no secret. The caller closes *folder, whatever is returned. */
static bool folder_read(const struct configuration *settings, struct folder *folder,
                        struct buffer *errors)
{
    static const struct folder none;
    char names[FILES_MAX][CHANNEL_NAME_BYTES];
    const char *dir = settings->operator_channels_dir;
    *folder = none;
    bool good = names_read(dir, names, &folder->count, errors);
    folder->files = calloc(folder->count + 1, sizeof *folder->files);
    invariant(folder->files != NULL);
    folder->channels = secret_alloc((folder->count + 1) * sizeof *folder->channels);
    for (size_t i = 0; i < folder->count; i++) {
        char path[CHANNEL_PATH_BYTES];
        if (snprintf(path, sizeof path, "%s/%s.conf", dir, names[i]) >= (int)sizeof path) {
            buffer_format(errors, "[operator] channels_dir: the path is too long\n");
            return false;
        }
        good &= channel_file_read(path, names[i], settings->operator_lease_ms, &folder->files[i],
                                  &folder->channels[i], errors);
    }
    return numbers_check(folder, errors) && good;
}

/* --- Secrets --- */

static char *secret_of(struct channel *channel, enum channel_secret secret)
{
    switch (secret) {
    case CHANNEL_SECRET_FIRST:
        return channel->secret;
    case CHANNEL_SECRET_SECOND:
        return channel->secret_second;
    case CHANNEL_SECRET_CALLBACK:
        return channel->callback_secret;
    case CHANNEL_SECRETS:
        break;
    }
    invariant(!"a secret");
}

/* The vault of [secrets] key_file. It must be there. */
static struct vault *vault_read(const struct configuration *settings, struct fault *fault)
{
    char content[KEYFILE_CONTENT_BYTES] = "";
    struct vault *vault = NULL;
    const char *path = settings->secrets_key_file;
    if (path[0] == '\0') {
        (void)fault_set(fault, FAULT_FINAL, "it is empty");
    } else if (keyfile_content(path, content, fault) == FAULT_NONE) {
        if (content[0] == '\0')
            (void)fault_set(fault, FAULT_FINAL, "%s is not there: payoutd rekey makes it", path);
        else
            vault = vault_make(content, fault);
    }
    secret_wipe(content, sizeof content);
    if (vault == NULL)
        (void)fault_wrap(fault, "[secrets] key_file");
    return vault;
}

static bool any_sealed(const struct folder *folder)
{
    for (size_t i = 0; i < folder->count; i++)
        for (int each = 0; each < CHANNEL_SECRETS; each++)
            if (folder->files[i].secret_files[each][0] != '\0' &&
                channel_secret_sealed(folder->files[i].secret_files[each]))
                return true;
    return false;
}

static bool secrets_read(const struct configuration *settings, struct folder *folder,
                         struct buffer *errors)
{
    AUTO(vault_closep) struct vault *vault = NULL;
    struct fault fault;
    bool good = true;
    if (any_sealed(folder) && (vault = vault_read(settings, &fault)) == NULL) {
        buffer_format(errors, "%s\n", fault.text);
        return false;
    }
    for (size_t i = 0; i < folder->count; i++) {
        const struct channel_file *file = &folder->files[i];
        for (int each = 0; each < CHANNEL_SECRETS; each++) {
            const char *setting = channel_secret_setting((enum channel_secret)each);
            if (file->secret_files[each][0] == '\0' ||
                channel_secret_read(file->secret_files[each],
                                    channel_secret_place((int)file->number, setting), vault,
                                    secret_of(&folder->channels[i], (enum channel_secret)each),
                                    &fault) == FAULT_NONE)
                continue;
            buffer_format(errors, "%s: %s_file: %s\n", file->path, setting, fault.text);
            good = false;
        }
    }
    return good;
}

/* --- Making --- */

/* The connector's own word on each, now that all of it is there. */
static bool channels_check(const struct configuration *settings, struct folder *folder,
                           struct buffer *errors)
{
    bool good = true;
    for (size_t i = 0; i < folder->count; i++) {
        struct channel *channel = &folder->channels[i];
        const struct operator_connector *connector = channel->connector;
        bool calls_back = (connector->abilities & OPERATOR_CALLS_BACK) != 0;
        if (calls_back && settings->operator_public_url[0] != '\0' &&
            snprintf(channel->callback_url, sizeof channel->callback_url, "%s/callback/v1/%s",
                     settings->operator_public_url,
                     channel->name) >= (int)sizeof channel->callback_url) {
            buffer_text_append(errors, "[operator] public_url: it is too long\n");
            return false;
        }
        const char *lacks =
            connector->channel_check == NULL ? NULL : connector->channel_check(channel);
        if (lacks != NULL)
            buffer_format(errors, "%s: %s: %s\n", folder->files[i].path, connector->name, lacks);
        good &= lacks == NULL;
    }
    return good;
}

/* Callbacks come to what it begins with. */
static bool public_url_check(const char *url, struct buffer *errors)
{
    size_t length = strlen(url), scheme = strncmp(url, "http://", 7) == 0 ? 7 : 8;
    bool good = length == 0 || ((scheme == 7 || strncmp(url, "https://", 8) == 0) &&
                                length > scheme && url[length - 1] != '/');
    for (size_t i = 0; i < length; i++)
        good = good && isgraph((unsigned char)url[i]) != 0 && strchr("?#@\"\\<>", url[i]) == NULL;
    if (!good)
        buffer_text_append(errors, "[operator] public_url: it begins with https:// or http:// and "
                                   "a host, and does not end in /\n");
    return good;
}

bool channels_read(const struct configuration *settings, struct channels *channels,
                   struct buffer *errors)
{
    struct folder folder;
    bool good = public_url_check(settings->operator_public_url, errors);
    good = folder_read(settings, &folder, errors) && good;
    good = secrets_read(settings, &folder, errors) && good;
    good = good && channels_check(settings, &folder, errors);
    *channels = (struct channels){0};
    if (good) {
        channels->sandbox_alone = folder.count == 0;
        if (channels->sandbox_alone)
            channel_sandbox(&folder.channels[folder.count++]);
        channels->count = folder.count;
        channels->list = folder.channels;
        folder.channels = NULL;
    }
    folder_close(&folder);
    return good;
}

void channels_close(struct channels *channels)
{
    secret_free(channels->list);
    *channels = (struct channels){0};
}

int64_t channels_calls_max(const struct channels *channels)
{
    int64_t most = 0;
    for (size_t i = 0; i < channels->count; i++)
        if (channels->list[i].number != CHANNEL_SANDBOX) /* Which has no network. */
            most += channels->list[i].under_way_max;
    return most;
}

void channels_mistakes_log(struct buffer *errors)
{
    for (char *line = errors->bytes, *end; line != NULL && (end = strchr(line, '\n')) != NULL;
         line = end + 1) {
        *end = '\0';
        log_event(LOG_LEVEL_ERROR, "channels", LOG_TEXT("mistake", line));
    }
}

void channels_log(const struct channels *channels)
{
    uint64_t reached = 0;
    if (channels->sandbox_alone) {
        log_event(LOG_LEVEL_WARNING, "the sandbox pays nobody, and answers as if it did",
                  LOG_TEXT("instead", "put a file for each channel into [operator] channels_dir"));
        return;
    }
    for (size_t i = 0; i < channels->count; i++) {
        const struct channel *channel = &channels->list[i];
        reached |= channel->operators;
        if (channel->number == CHANNEL_SANDBOX)
            log_event(LOG_LEVEL_WARNING,
                      "the sandbox pays nobody, and its file gives it real transfers",
                      LOG_TEXT("channel", channel->name));
        log_event(LOG_LEVEL_INFO, "channel", LOG_TEXT("name", channel->name),
                  LOG_NUMBER("number", channel->number),
                  LOG_TEXT("connector", channel->connector->name), LOG_TEXT("url", channel->url));
    }
    for (int number = 1; number <= OPERATOR_NUMBER_MAX; number++) {
        const struct operator_entry *entry = tariff_operator(number, NULL);
        if (entry != NULL && (reached >> number & 1) == 0)
            log_event(LOG_LEVEL_INFO, "no channel reaches an operator: items for it are refused",
                      LOG_TEXT("payment_method", entry->payment_method));
    }
}

/* --- Sealing --- */

/* The channel and the setting that name path; false, with a sentence, when not exactly one does. */
static bool place_find(const struct folder *folder, const char *path, struct vault_place *place,
                       struct buffer *errors)
{
    int found = 0;
    for (size_t i = 0; i < folder->count; i++)
        for (int each = 0; each < CHANNEL_SECRETS; each++)
            if (strcmp(folder->files[i].secret_files[each], path) == 0) {
                *place = channel_secret_place((int)folder->files[i].number,
                                              channel_secret_setting((enum channel_secret)each));
                found++;
            }
    if (found == 0)
        buffer_format(errors,
                      "%s: no channel's file names it as secret_file, secret_second_file "
                      "or callback_secret_file\n",
                      path);
    else if (found > 1)
        buffer_format(errors, "%s: it is named more than once: what is sealed is for one\n", path);
    return found == 1;
}

/* Standard input, whole; false, with a sentence, when it is no secret. */
static bool secret_take(char secret[CHANNEL_SECRET_BYTES], struct buffer *errors)
{
    size_t length = fread(secret, 1, CHANNEL_SECRET_BYTES - 1, stdin);
    secret[length] = '\0';
    bool whole = feof(stdin) != 0 || fgetc(stdin) == EOF;
    if (whole && strlen(secret) == length && channel_secret_trim(secret))
        return true;
    buffer_format(errors, "a secret is a text of 1 to %d bytes\n", CHANNEL_SECRET_BYTES - 1);
    return false;
}

int channels_seal(const struct configuration *settings, const char *path)
{
    AUTO(buffer_free) struct buffer errors;
    buffer_init(&errors, ERRORS_BYTES_MAX);
    AUTO(vault_closep) struct vault *vault = NULL;
    char secret[CHANNEL_SECRET_BYTES] = "";
    struct folder folder;
    struct vault_place place;
    struct fault fault = {0};
    bool good = folder_read(settings, &folder, &errors) &&
                place_find(&folder, path, &place, &errors) && secret_take(secret, &errors);
    if (good && ((vault = vault_read(settings, &fault)) == NULL ||
                 channel_secret_write(path, place, vault, secret, &fault) != FAULT_NONE)) {
        buffer_format(&errors, "%s\n", fault.text);
        good = false;
    }
    secret_wipe(secret, sizeof secret);
    folder_close(&folder);
    (void)fputs(buffer_text(&errors), stderr);
    if (good)
        printf("%s is sealed under the key %s; payoutd reads it at its next start\n", path,
               vault_id(vault));
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

static bool file_rekey(const struct channel_file *file, const struct vault *vault)
{
    bool good = true;
    for (int each = 0; each < CHANNEL_SECRETS; each++) {
        const char *path = file->secret_files[each];
        const char *setting = channel_secret_setting((enum channel_secret)each);
        struct fault fault;
        bool renewed = false;
        if (path[0] == '\0')
            continue;
        if (channel_secret_renew(path, channel_secret_place((int)file->number, setting), vault,
                                 &renewed, &fault) != FAULT_NONE) {
            fprintf(stderr, "payoutd rekey: %s: %s_file: %s\n", file->path, setting, fault.text);
            good = false;
        } else if (renewed) {
            printf("%s is sealed under it\n", path);
        }
    }
    return good;
}

bool channels_rekey(const struct configuration *settings)
{
    AUTO(buffer_free) struct buffer errors;
    buffer_init(&errors, ERRORS_BYTES_MAX);
    AUTO(vault_closep) struct vault *vault = NULL;
    struct folder folder;
    struct fault fault;
    bool good = folder_read(settings, &folder, &errors);
    if (good && any_sealed(&folder)) {
        vault = vault_read(settings, &fault);
        if (vault == NULL)
            buffer_format(&errors, "%s\n", fault.text);
        good = vault != NULL;
        for (size_t i = 0; vault != NULL && i < folder.count; i++)
            good &= file_rekey(&folder.files[i], vault);
    }
    (void)fputs(buffer_text(&errors), stderr);
    folder_close(&folder);
    return good;
}

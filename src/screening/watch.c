#include "screening/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

/* What tells one content of a file from another without reading it. */
struct print {
    int64_t inode, size, changed_s, changed_ns;
};

struct watch {
    char path[4096];
    /* The looking thread's own: */
    struct print seen; /* At the last look. */
    struct print read; /* What was read last, or could not be. */
    pthread_mutex_t mutex;
    /* Under the mutex: */
    struct name_list *list; /* NULL: there is none. */
    bool broken;            /* The newest file can't be used. */
    uint64_t loads, faults;
    int64_t loaded_at_ms;
};

static bool print_take(const char *path, struct print *print)
{
    struct stat stat_now;
    *print = (struct print){0};
    if (stat(path, &stat_now) != 0)
        return false;
    *print = (struct print){.inode = (int64_t)stat_now.st_ino,
                            .size = stat_now.st_size,
                            .changed_s = stat_now.st_mtim.tv_sec,
                            .changed_ns = stat_now.st_mtim.tv_nsec};
    return true;
}

static bool print_same(const struct print *a, const struct print *b)
{
    return a->inode == b->inode && a->size == b->size && a->changed_s == b->changed_s &&
           a->changed_ns == b->changed_ns;
}

/* --- Reading the file --- */

static enum fault_kind bytes_read(int file, char *bytes, size_t size, struct fault *fault)
{
    size_t length = 0;
    while (length < size) {
        ssize_t more = read(file, bytes + length, size - length);
        if (more < 0 && errno == EINTR)
            continue;
        if (more < 0)
            return fault_set(fault, FAULT_FINAL, "read: %s", strerror(errno));
        if (more == 0)
            return fault_set(fault, FAULT_AGAIN, "it became shorter while it was read");
        length += (size_t)more;
    }
    return FAULT_NONE;
}

static enum fault_kind open_read(int file, struct name_list **list, struct fault *fault)
{
    struct stat stat_now;
    if (fstat(file, &stat_now) != 0)
        return fault_set(fault, FAULT_FINAL, "stat: %s", strerror(errno));
    if (!S_ISREG(stat_now.st_mode))
        return fault_set(fault, FAULT_FINAL, "it is no file");
    if (stat_now.st_size > NAME_LIST_BYTES_MAX)
        return fault_set(fault, FAULT_FINAL, "it is longer than 256 MiB");
    char *bytes = malloc((size_t)stat_now.st_size + 1);
    invariant(bytes != NULL);
    enum fault_kind kind = bytes_read(file, bytes, (size_t)stat_now.st_size, fault);
    if (kind == FAULT_NONE)
        kind = name_list_read(bytes, (size_t)stat_now.st_size, list, fault);
    free(bytes);
    return kind;
}

static enum fault_kind file_read(const char *path, struct name_list **list, struct fault *fault)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    *list = NULL;
    if (file < 0)
        return fault_set(fault, FAULT_FINAL, "open: %s", strerror(errno));
    enum fault_kind kind = open_read(file, list, fault);
    (void)close(file);
    return kind;
}

/* The file as it is now takes the list's place, or is broken. */
static bool watch_read(struct watch *watch)
{
    struct name_list *list = NULL, *before = NULL;
    struct fault fault = {0};
    enum fault_kind kind = file_read(watch->path, &list, &fault);
    invariant(pthread_mutex_lock(&watch->mutex) == 0);
    watch->broken = kind != FAULT_NONE;
    if (kind == FAULT_NONE) {
        before = watch->list;
        watch->list = list;
        watch->loads++;
        watch->loaded_at_ms = clock_now_ms();
    } else {
        watch->faults++;
    }
    bool any = watch->list != NULL;
    invariant(pthread_mutex_unlock(&watch->mutex) == 0);
    name_list_close(before);
    if (kind == FAULT_NONE)
        log_event(LOG_LEVEL_INFO, "list of names read",
                  LOG_NUMBER("entries", (int64_t)name_list_count(list)),
                  LOG_TEXT("version", name_list_version(list)));
    else
        log_event(LOG_LEVEL_ERROR, "list of names can't be used", LOG_TEXT("file", watch->path),
                  LOG_TEXT("why", fault.text),
                  LOG_TEXT("so", any ? "the list before it stays in force"
                                     : "there is none: nothing is paid before there is"));
    return kind == FAULT_NONE;
}

struct watch *watch_open(const char *path)
{
    struct watch *watch = calloc(1, sizeof *watch);
    invariant(watch != NULL);
    (void)snprintf(watch->path, sizeof watch->path, "%s", path);
    invariant(pthread_mutex_init(&watch->mutex, NULL) == 0);
    (void)print_take(path, &watch->read);
    watch->seen = watch->read;
    (void)watch_read(watch);
    return watch;
}

void watch_close(struct watch *watch)
{
    if (watch == NULL)
        return;
    name_list_close(watch->list);
    invariant(pthread_mutex_destroy(&watch->mutex) == 0);
    free(watch);
}

bool watch_look(struct watch *watch)
{
    struct print now;
    (void)print_take(watch->path, &now); /* One that is gone is another one. */
    bool still = print_same(&now, &watch->seen);
    watch->seen = now;
    if (!still || print_same(&now, &watch->read))
        return false;
    watch->read = now;
    return watch_read(watch);
}

/* --- Asking it --- */

static void entry_write(char entry[SCREENING_ENTRY_BYTES_MAX + 1], const struct name_match *match)
{
    struct buffer text;
    entry[0] = '\0';
    if (match->score == 0)
        return;
    buffer_init(&text, (size_t)4 * NAME_LIST_LINE_BYTES_MAX);
    buffer_format(&text, "%s %s", match->id, match->name);
    const char *between = " (";
    if (strcmp(match->spelled, match->name) != 0) {
        buffer_format(&text, "%sas %s", between, match->spelled);
        between = ", ";
    }
    if (match->country[0] != '\0') {
        buffer_format(&text, "%s%s", between, match->country);
        between = ", ";
    }
    if (match->born[0] != '\0') {
        buffer_format(&text, "%s%s", between, match->born);
        between = ", ";
    }
    if (between[0] == ',')
        buffer_char(&text, ')');
    size_t length = name_text_cut(buffer_text(&text), text.length, SCREENING_ENTRY_BYTES_MAX);
    memcpy(entry, buffer_text(&text), length);
    entry[length] = '\0';
    buffer_free(&text);
}

bool watch_ask(struct watch *watch, const char *name, const char *surname,
               struct watch_answer *answer)
{
    char whole[NAME_BYTES_MAX + 2];
    struct name_words words;
    struct name_match match = {.score = 0};
    int length = snprintf(whole, sizeof whole, "%s %s", name, surname);
    *answer = (struct watch_answer){.score = 0};
    name_fold(whole, strlen(whole), &words);
    invariant(pthread_mutex_lock(&watch->mutex) == 0);
    bool any = watch->list != NULL;
    if (any) {
        (void)snprintf(answer->version, sizeof answer->version, "%s",
                       name_list_version(watch->list));
        name_list_find(watch->list, &words, &match);
        answer->score = match.score;
        entry_write(answer->entry, &match);
    }
    invariant(pthread_mutex_unlock(&watch->mutex) == 0);
    /* What can't be compared is for a person to look at. */
    bool comparable = words.count > 0 && !words.overflowing && length < (int)sizeof whole;
    if (!comparable && answer->score < 100) {
        answer->score = 100;
        (void)snprintf(answer->entry, sizeof answer->entry, "%s",
                       words.count == 0 ? "there is no name to compare"
                                        : "more words than a name has");
    }
    return any;
}

void watch_metrics(struct watch *watch, struct buffer *text)
{
    invariant(pthread_mutex_lock(&watch->mutex) == 0);
    size_t entries = watch->list == NULL ? 0 : name_list_count(watch->list);
    bool broken = watch->broken;
    uint64_t loads = watch->loads, faults = watch->faults;
    int64_t loaded_at_ms = watch->loaded_at_ms;
    invariant(pthread_mutex_unlock(&watch->mutex) == 0);
    buffer_format(text,
                  "# HELP payoutd_screening_list_entries Entries of the list in force.\n"
                  "# TYPE payoutd_screening_list_entries gauge\n"
                  "payoutd_screening_list_entries %zu\n",
                  entries);
    buffer_format(text,
                  "# HELP payoutd_screening_list_broken 1: the newest file can't be used.\n"
                  "# TYPE payoutd_screening_list_broken gauge\n"
                  "payoutd_screening_list_broken %d\n",
                  broken);
    buffer_format(text,
                  "# HELP payoutd_screening_list_loaded_seconds When the list was read.\n"
                  "# TYPE payoutd_screening_list_loaded_seconds gauge\n"
                  "payoutd_screening_list_loaded_seconds %" PRId64 "\n",
                  loaded_at_ms / 1000);
    buffer_format(text,
                  "# HELP payoutd_screening_list_loads_total Lists that were read.\n"
                  "# TYPE payoutd_screening_list_loads_total counter\n"
                  "payoutd_screening_list_loads_total %" PRIu64 "\n",
                  loads);
    buffer_format(text,
                  "# HELP payoutd_screening_list_faults_total Files that could not be used.\n"
                  "# TYPE payoutd_screening_list_faults_total counter\n"
                  "payoutd_screening_list_faults_total %" PRIu64 "\n",
                  faults);
}

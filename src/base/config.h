/* config: settings from defaults, an INI file, the environment and flags, all by one table: its
 * entries say where a value goes, what it may be and what it is for. Later sources win. Values live
 * in the caller's struct, texts as arrays in it, so that nothing is owned twice. Not for several
 * threads at once. */
#ifndef PAYOUT_BASE_CONFIG_H
#define PAYOUT_BASE_CONFIG_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/fault.h"

enum config_type {
    CONFIG_TEXT,        /* char[maximum]: maximum - 1 bytes at most. */
    CONFIG_LIST,        /* The same; a file may write it on several lines, which blanks join. */
    CONFIG_NUMBER,      /* int64_t, minimum to maximum. */
    CONFIG_BYTES,       /* int64_t; "8M": K, M and G are powers of 1024. */
    CONFIG_DURATION_MS, /* int64_t; "500ms", "15s", "5m", "72h", "3d". */
    CONFIG_SWITCH,      /* bool; yes, no, true, false, on, off, 1, 0. */
    CONFIG_CHOICE,      /* int64_t: which of the words in choices, from 0. */
};

struct config_entry {
    const char *section, *name; /* [http] listen; flag --http-listen; PAYOUTD_HTTP_LISTEN */
    enum config_type type;
    size_t offset;
    int64_t minimum, maximum; /* Of numbers, bytes and durations; maximum also a text's size. */
    const char *fallback;     /* As it would be written. */
    const char *choices;      /* Blank-separated. */
    bool reloads;             /* SIGHUP takes it over. */
    const char *help;
};
struct config {
    const struct config_entry *entries;
    size_t count;
    const char *prefix; /* Of the environment's names: "PAYOUTD_". */
};

/* Each returns false and appends one sentence a line to errors when something is wrong; all that is
 * right is taken all the same, so that every mistake is shown at once. */
bool config_defaults(const struct config *config, void *settings, struct buffer *errors);
/* A setting that is no list may stand there once. */
bool config_file(const struct config *config, const char *path, void *settings,
                 struct buffer *errors);
/* The same; lines holds an int for each entry: the line that set it (last), 0: none did. */
bool config_file_lines(const struct config *config, const char *path, void *settings, int *lines,
                       struct buffer *errors);
bool config_environment(const struct config *config, void *settings, struct buffer *errors);
/* origin says in an error where the value came from ("--http-listen"). */
bool config_set(const struct config *config, const struct config_entry *entry, const char *value,
                const char *origin, void *settings, struct buffer *errors);
/* "--http-listen" without the dashes, into name: false when size is too small. */
MUST_USE bool config_flag_name(const struct config_entry *entry, char *name, size_t size);
/* Writes the settings as an INI file with every help text and default as comments. */
void config_write(const struct config *config, const void *settings, struct buffer *text);
/* True when an entry that does not reload differs: its flag's name is appended to names. */
bool config_differs(const struct config *config, const void *before, const void *after,
                    struct buffer *names);
#endif

/* settings: whom to talk to, and as whom: from flags, then the environment, then a profile: a file
 * ~/.config/payout/NAME.conf, or a section of ~/.config/payout.conf. A secret comes from a file,
 * the environment, a command (a keyring's) or a prompt, never from an argument, which every user of
 * the machine can read. */
#ifndef PAYOUT_CLI_SETTINGS_H
#define PAYOUT_CLI_SETTINGS_H
#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/fault.h"
#include "payout/payout.h"

/* What a script can tell from `payout`'s end; docs/man/payout.1 explains them. */
enum exit_status {
    STATUS_OK = 0,
    STATUS_SOME_REFUSED = 1, /* The rest was accepted. */
    STATUS_USAGE = 2,        /* Arguments, settings, files: nothing was sent. */
    STATUS_UNREACHABLE = 3,  /* Nothing was done. */
    STATUS_REFUSED = 4,      /* Nothing of it was accepted. */
    STATUS_UNKNOWN = 5,      /* Some of it may have been done. */
};

#define SETTINGS_URL_DEFAULT "http://127.0.0.1:8086"

/* Texts are in the arena; NULL: not set. */
struct settings {
    struct arena *arena;
    const char *config_path, *profile;
    const char *url, *apikey, *password, *password_file, *admin_token, *admin_token_file, *lang,
        *secret, *notify_url, *ca_file, *proxy;
    const char *password_command, *admin_token_command, *secret_file, *secret_command;
    int64_t timeout_s;
    bool json;
    /* Not NULL: a command runs only to show its flags (cli/completion.c). */
    void (*flags_take)(void *context, const struct argp *argp);
    void *flags_context;
};

/* The flags that every command takes. A command's parser hands them on by
 * `case ARGP_KEY_INIT: settings_child(state)`, its input being a struct that begins with a
 * struct settings *. */
extern const struct argp_child settings_children[];
void settings_child(struct argp_state *state);

/* Fills what the flags left open. False: said why on standard error; STATUS_USAGE. */
MUST_USE bool settings_complete(struct settings *settings);
/* Reads a profile's settings out of path, for settings_complete and its test. needed: a missing
 * file is an error. */
MUST_USE bool settings_file_read(struct settings *settings, const char *path, bool needed);

/* A client as the settings say; asks for the password when there is none and there is a terminal.
 * Else as settings_complete. repeats: let it repeat what is safe. */
MUST_USE bool settings_client(struct settings *settings, bool repeats,
                              struct payout_client **client);
/* Asks for the password when there is none and there is a terminal. False: there is none still. */
MUST_USE bool settings_password(struct settings *settings);
/* Another password that somebody chooses: the first line of path ("-": standard input), or, without
 * one, asked for twice on the terminal. NULL: said why, or there is no terminal. */
const char *settings_new_password(struct settings *settings, const char *path);
/* value as a number from 0 to maximum; else argp's usage error. */
int64_t settings_number(const char *value, int64_t maximum, struct argp_state *state);
/* A copy in the settings' arena. NULL for NULL. */
const char *settings_text(struct settings *settings, const char *text);
/* The whole file, NUL-terminated, in arena; "-": standard input. NULL: said why. */
char *file_read(struct arena *arena, const char *path, size_t limit, size_t *length);
#endif

#include "cli/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/secret.h"
#include "cli/print.h"
#include "cli/say.h"

enum { SECRET_FILE_BYTES_MAX = 4096, PATH_BYTES_MAX = 4096, TIMEOUT_S_MAX = 3600 };

enum flag {
    FLAG_CONFIG = 0x100,
    FLAG_PROFILE,
    FLAG_URL,
    FLAG_APIKEY,
    FLAG_PASSWORD_FILE,
    FLAG_ADMIN_TOKEN_FILE,
    FLAG_LANG,
    FLAG_CA_FILE,
    FLAG_TIMEOUT,
    FLAG_JSON,
};

static const struct argp_option flags[] = {
    {"url", FLAG_URL, "URL", 0, "Where the API is (PAYOUT_URL; default " SETTINGS_URL_DEFAULT ")",
     90},
    {"apikey", FLAG_APIKEY, "KEY", 0, "The merchant's apikey (PAYOUT_APIKEY)", 90},
    {"password-file", FLAG_PASSWORD_FILE, "FILE", 0,
     "File with the API password, - for standard input (PAYOUT_PASSWORD; else asked for)", 90},
    {"admin-token-file", FLAG_ADMIN_TOKEN_FILE, "FILE", 0,
     "File with the admin token (PAYOUT_ADMIN_TOKEN)", 90},
    {"lang", FLAG_LANG, "fr|en", 0, "Language of what is said (PAYOUT_LANG; default: the locale's)",
     90},
    {"ca-file", FLAG_CA_FILE, "FILE", 0, "Certificates to trust instead of the system's", 90},
    {"timeout", FLAG_TIMEOUT, "SECONDS", 0, "Longest wait for an answer (default 60)", 90},
    {"config", FLAG_CONFIG, "FILE", 0, "Settings file (default: the profile's)", 90},
    {"profile", FLAG_PROFILE, "NAME", 0,
     "~/.config/payout/NAME.conf, or a section of ~/.config/payout.conf (PAYOUT_PROFILE)", 90},
    {"json", FLAG_JSON, NULL, 0, "Write JSON for programs", 90},
    {0},
};

static error_t flag_parse(int key, char *value, struct argp_state *state)
{
    struct settings *settings = state->input;
    switch (key) {
    case FLAG_CONFIG:
        settings->config_path = value;
        return 0;
    case FLAG_PROFILE:
        settings->profile = value;
        return 0;
    case FLAG_URL:
        settings->url = value;
        return 0;
    case FLAG_APIKEY:
        settings->apikey = value;
        return 0;
    case FLAG_PASSWORD_FILE:
        settings->password_file = value;
        return 0;
    case FLAG_ADMIN_TOKEN_FILE:
        settings->admin_token_file = value;
        return 0;
    case FLAG_LANG:
        settings->lang = value;
        return 0;
    case FLAG_CA_FILE:
        settings->ca_file = value;
        return 0;
    case FLAG_TIMEOUT:
        settings->timeout_s = strtoll(value, NULL, 10);
        if (settings->timeout_s <= 0 || settings->timeout_s > TIMEOUT_S_MAX)
            argp_error(state, "--timeout takes 1 to %d seconds", TIMEOUT_S_MAX);
        return 0;
    case FLAG_JSON:
        settings->json = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp settings_argp = {.options = flags, .parser = flag_parse};
const struct argp_child settings_children[] = {{&settings_argp, 0, "Whom to talk to:", 90}, {0}};

void settings_child(struct argp_state *state)
{
    state->child_inputs[0] = *(struct settings **)state->input;
}

const char *settings_text(struct settings *settings, const char *text)
{
    if (text == NULL)
        return NULL;
    size_t size = strlen(text) + 1;
    return memcpy(arena_alloc(settings->arena, size, 1), text, size);
}

char *file_read(struct arena *arena, const char *path, size_t limit, size_t *length)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rbe");
    if (file == NULL) {
        print_problem("%s: %s", path, strerror(errno));
        return NULL;
    }
    struct buffer text;
    char piece[16 * 1024];
    buffer_init(&text, limit);
    for (size_t count; (count = fread(piece, 1, sizeof piece, file)) > 0;)
        buffer_append(&text, piece, count);
    bool failed = ferror(file) != 0;
    if (file != stdin)
        (void)fclose(file);
    char *bytes = NULL;
    if (failed || !buffer_ok(&text)) {
        print_problem("%s: %s", path, failed ? "it can't be read" : "it is too long");
    } else {
        bytes = arena_alloc(arena, text.length + 1, 1);
        memcpy(bytes, buffer_text(&text), text.length);
        *length = text.length;
    }
    secret_wipe(piece, sizeof piece);
    if (text.bytes != NULL)
        secret_wipe(text.bytes, text.size);
    buffer_free(&text);
    return bytes;
}

/* The first line of a file that holds a secret. NULL: said why. */
static const char *secret_read(struct settings *settings, const char *path)
{
    size_t length = 0;
    char *text = file_read(settings->arena, path, SECRET_FILE_BYTES_MAX, &length);
    if (text == NULL)
        return NULL;
    text[strcspn(text, "\r\n")] = '\0';
    if (*text != '\0')
        return text;
    print_problem("%s: its first line is empty", path);
    return NULL;
}

/* The first line that a shell's command writes, a keyring's say. NULL: said why. */
static const char *secret_ask(struct settings *settings, const char *command)
{
    char *line = arena_alloc(settings->arena, SECRET_FILE_BYTES_MAX, 1);
    FILE *pipe = popen(command, "re");
    bool read = pipe != NULL && fgets(line, SECRET_FILE_BYTES_MAX, pipe) != NULL;
    bool good = pipe != NULL && pclose(pipe) == 0 && read;
    line[strcspn(line, "\r\n")] = '\0';
    if (good && *line != '\0')
        return line;
    print_problem("\"%s\" gives no secret", command);
    return NULL;
}

/* Fills in a secret that is not known yet from its file, or by its command. False: said why. */
static bool secret_find(struct settings *settings, const char **secret, const char *path,
                        const char *command)
{
    if (*secret == NULL && path != NULL)
        *secret = secret_read(settings, path);
    else if (*secret == NULL && command != NULL)
        *secret = secret_ask(settings, command);
    else
        return true;
    return *secret != NULL;
}

/* All of them, as far as it is known where they are: what the environment names comes before what a
 * profile names. */
static bool secrets_find(struct settings *settings)
{
    return secret_find(settings, &settings->password, settings->password_file,
                       settings->password_command) &&
           secret_find(settings, &settings->admin_token, settings->admin_token_file,
                       settings->admin_token_command) &&
           secret_find(settings, &settings->secret, settings->secret_file,
                       settings->secret_command);
}

int64_t settings_number(const char *value, int64_t maximum, struct argp_state *state)
{
    char *end;
    long long number = strtoll(value, &end, 10);
    if (end == value || *end != '\0' || number < 0 || number > maximum)
        argp_error(state, "%s: a number from 0 to %" PRId64 " is wanted", value, maximum);
    return number;
}

/* NAME: member of the settings file; where it goes unless a flag or the environment came first. */
static const struct {
    const char *name, *environment;
    size_t offset;
} names[] = {
    {"url", "PAYOUT_URL", offsetof(struct settings, url)},
    {"apikey", "PAYOUT_APIKEY", offsetof(struct settings, apikey)},
    {"password", "PAYOUT_PASSWORD", offsetof(struct settings, password)},
    {"admin_token", "PAYOUT_ADMIN_TOKEN", offsetof(struct settings, admin_token)},
    {"lang", "PAYOUT_LANG", offsetof(struct settings, lang)},
    {"secret", "PAYOUT_SECRET", offsetof(struct settings, secret)},
    {"notify_url", "PAYOUT_NOTIFY_URL", offsetof(struct settings, notify_url)},
    {"ca_file", "PAYOUT_CA_FILE", offsetof(struct settings, ca_file)},
    {"proxy", "PAYOUT_PROXY", offsetof(struct settings, proxy)},
    {"password_file", "PAYOUT_PASSWORD_FILE", offsetof(struct settings, password_file)},
    {"password_command", "PAYOUT_PASSWORD_COMMAND", offsetof(struct settings, password_command)},
    {"admin_token_file", "PAYOUT_ADMIN_TOKEN_FILE", offsetof(struct settings, admin_token_file)},
    {"admin_token_command", "PAYOUT_ADMIN_TOKEN_COMMAND",
     offsetof(struct settings, admin_token_command)},
    {"secret_file", "PAYOUT_SECRET_FILE", offsetof(struct settings, secret_file)},
    {"secret_command", "PAYOUT_SECRET_COMMAND", offsetof(struct settings, secret_command)},
};
enum { NAME_COUNT = sizeof names / sizeof *names };

static const char **setting_at(struct settings *settings, size_t index)
{
    return (const char **)(void *)((char *)settings + names[index].offset);
}

struct profile_reading {
    struct settings *settings;
    const char *wanted;
    bool found;
};

/* inih's callback: 0 is an error in this line. */
static int profile_take(void *context, const char *section, const char *name, const char *value)
{
    struct profile_reading *reading = context;
    const char *profile = *section == '\0' ? "default" : section;
    for (size_t i = 0; i < NAME_COUNT; i++) {
        if (strcmp(names[i].name, name) != 0)
            continue;
        const char **setting = setting_at(reading->settings, i);
        if (strcmp(profile, reading->wanted) != 0)
            return 1;
        reading->found = true;
        if (*setting == NULL)
            *setting = settings_text(reading->settings, value);
        return 1;
    }
    return 0;
}

bool settings_file_read(struct settings *settings, const char *path, bool needed)
{
    struct stat status;
    struct profile_reading reading = {settings, settings->profile, false};
    if (reading.wanted == NULL)
        reading.wanted = "default";
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        if (errno != ENOENT || needed)
            print_problem("%s: %s", path, strerror(errno));
        return errno == ENOENT && !needed;
    }
    bool private = fstat(fileno(file), &status) == 0 && (status.st_mode & 077) == 0;
    int line = private ? ini_parse_file(file, profile_take, &reading) : 0;
    (void)fclose(file);
    if (!private)
        print_problem("%s: others may read it, and it may hold secrets: chmod 600 %s", path, path);
    else if (line != 0)
        print_problem("%s:%d: this is not a setting", path, line);
    else if (!reading.found && settings->profile != NULL)
        print_problem("%s: there is no profile [%s]", path, settings->profile);
    return private && line == 0 && (reading.found || settings->profile == NULL);
}

/* The path of a settings file when no flag tells: rest is what stands behind the folder. NULL
 * without a home. */
static const char *config_path(struct settings *settings, const char *rest)
{
    const char *config = secure_getenv("XDG_CONFIG_HOME"), *home = secure_getenv("HOME");
    char *path = arena_alloc(settings->arena, PATH_BYTES_MAX, 1);
    int length = -1;
    if (config != NULL && config[0] == '/')
        length = snprintf(path, PATH_BYTES_MAX, "%s/%s", config, rest);
    else if (home != NULL && *home != '\0')
        length = snprintf(path, PATH_BYTES_MAX, "%s/.config/%s", home, rest);
    return length > 0 && length < PATH_BYTES_MAX ? path : NULL;
}

/* Reads the profile: of the file that a flag names, else its own file payout/NAME.conf, else its
 * section of payout.conf. */
static bool profile_find(struct settings *settings)
{
    const char *name = settings->profile;
    char own[PATH_BYTES_MAX];
    if (settings->config_path != NULL)
        return settings_file_read(settings, settings->config_path, true);
    if (name == NULL || strchr(name, '/') == NULL) {
        (void)snprintf(own, sizeof own, "payout/%s.conf", name != NULL ? name : "default");
        const char *path = config_path(settings, own);
        if (path != NULL && access(path, F_OK) == 0) {
            settings->profile = NULL; /* It has no sections. */
            bool read = settings_file_read(settings, path, true);
            settings->profile = name;
            return read;
        }
    }
    const char *path = config_path(settings, "payout.conf");
    return path == NULL || settings_file_read(settings, path, name != NULL);
}

bool settings_complete(struct settings *settings)
{
    /* What a flag names comes before the environment. */
    if (!secret_find(settings, &settings->password, settings->password_file, NULL) ||
        !secret_find(settings, &settings->admin_token, settings->admin_token_file, NULL))
        return false;
    for (size_t i = 0; i < NAME_COUNT; i++) {
        const char *value = secure_getenv(names[i].environment);
        if (*setting_at(settings, i) == NULL && value != NULL && *value != '\0')
            *setting_at(settings, i) = settings_text(settings, value);
    }
    if (settings->profile == NULL)
        settings->profile = secure_getenv("PAYOUT_PROFILE");
    if (!secrets_find(settings) || !profile_find(settings) || !secrets_find(settings))
        return false;
    if (settings->url == NULL)
        settings->url = SETTINGS_URL_DEFAULT;
    if (settings->lang == NULL)
        settings->lang = say_language();
    if (strcmp(settings->lang, "fr") != 0 && strcmp(settings->lang, "en") != 0) {
        print_problem("the language is fr or en, not %s", settings->lang);
        return false;
    }
    return true;
}

/* Asks on the terminal, without showing what is typed. NULL: there is none, or nothing came. */
static const char *password_ask(struct settings *settings, const char *prompt)
{
    struct termios shown, hidden;
    FILE *terminal = fopen("/dev/tty", "r+e");
    if (terminal == NULL)
        return NULL;
    char *line = arena_alloc(settings->arena, SECRET_FILE_BYTES_MAX, 1);
    bool read = false;
    if (tcgetattr(fileno(terminal), &shown) == 0) {
        hidden = shown;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        if (tcsetattr(fileno(terminal), TCSAFLUSH, &hidden) == 0) {
            fprintf(terminal, "%s: ", prompt);
            fflush(terminal);
            read = fgets(line, SECRET_FILE_BYTES_MAX, terminal) != NULL;
            (void)tcsetattr(fileno(terminal), TCSAFLUSH, &shown);
            fprintf(terminal, "\n");
        }
    }
    (void)fclose(terminal);
    line[strcspn(line, "\r\n")] = '\0';
    return read && *line != '\0' ? line : NULL;
}

bool settings_password(struct settings *settings)
{
    if (settings->password == NULL)
        settings->password = password_ask(settings, "Password");
    return settings->password != NULL;
}

const char *settings_new_password(struct settings *settings, const char *path)
{
    if (path != NULL)
        return secret_read(settings, path);
    const char *chosen = password_ask(settings, "New password");
    const char *again = chosen == NULL ? NULL : password_ask(settings, "Once more");
    if (again != NULL && strcmp(chosen, again) == 0)
        return chosen;
    if (again != NULL)
        print_problem("the two are not the same");
    return NULL;
}

bool settings_client(struct settings *settings, bool repeats, struct payout_client **client)
{
    if (settings->apikey == NULL) {
        print_problem("no apikey: --apikey, PAYOUT_APIKEY or the settings file");
        return false;
    }
    if (!settings_password(settings)) {
        print_problem("no password: --password-file, PAYOUT_PASSWORD or the settings file");
        return false;
    }
    const struct payout_client_options options = {
        .size = sizeof options,
        .base_url = settings->url,
        .apikey = settings->apikey,
        .password = settings->password,
        .lang = strcmp(settings->lang, "en") == 0 ? PAYOUT_EN : PAYOUT_FR,
        .timeout_ms = settings->timeout_s * 1000,
        .repeats_max = repeats ? 0 : -1,
        .user_agent = "payout/0.1",
        .ca_file = settings->ca_file,
        .proxy = settings->proxy,
    };
    enum payout_client_fault fault = payout_client_open(&options, client);
    if (fault == PAYOUT_CLIENT_BAD_ARGUMENT)
        print_problem("%s: this is not an http:// or https:// address", settings->url);
    else if (fault != PAYOUT_CLIENT_DONE)
        print_problem("out of memory");
    return fault == PAYOUT_CLIENT_DONE;
}

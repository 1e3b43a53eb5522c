/* settings: everything that can be set of payoutd, in one table: an INI file, the environment and
 * flags all go through it. */
#ifndef PAYOUT_DAEMON_SETTINGS_H
#define PAYOUT_DAEMON_SETTINGS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/config.h"
#include "http/server.h"

enum {
    SETTINGS_PATH_BYTES = 1024,
    SETTINGS_LIST_BYTES = 4096,
    SETTINGS_TEXT_BYTES = 256,
};

struct settings {
    char store_url[SETTINGS_PATH_BYTES];

    char http_listen[SETTINGS_TEXT_BYTES];
    int64_t http_threads, http_password_threads;
    int64_t http_connections_max, http_connections_per_ip_max;
    int64_t http_idle_ms, http_drain_ms;
    int64_t http_body_bytes_max, http_items_max;
    char http_trusted_proxies[SETTINGS_LIST_BYTES];
    char http_metrics_from[SETTINGS_LIST_BYTES];
    int64_t http_logins_per_minute, http_calls_per_minute;
    bool http_status_always_200;
    char http_status[SETTINGS_LIST_BYTES];
    bool http_access_log;

    char token_key_file[SETTINGS_PATH_BYTES];
    char token_issuer[SETTINGS_TEXT_BYTES];
    int64_t token_lifetime_ms;

    char admin_token_file[SETTINGS_PATH_BYTES];
    char admin_from[SETTINGS_LIST_BYTES];

    char operator_off[SETTINGS_LIST_BYTES];
    int64_t operator_lease_ms, operator_sandbox_percent;

    int64_t notify_timeout_ms, notify_retry_first_ms, notify_per_host_max, notify_under_way_max;
    char notify_private_allowed[SETTINGS_LIST_BYTES];

    int64_t log_level, log_format;
};

extern const struct config settings_config;

/* What the command line says beside settings. */
enum settings_task { TASK_SERVE, TASK_CHECK_CONFIG, TASK_SHOW_CONFIG, TASK_AUDIT, TASK_BACKUP };
struct settings_command_line {
    enum settings_task task;
    bool sandbox;
    const char *config_path; /* NULL: none was given. */
    const char *argument;    /* Of the task: backup's file. */
    int argc;                /* As given, to read the flags again on SIGHUP. */
    char **argv;
};

/* Reads the command line; leaves the process when it is wrong or only asks for help. */
void settings_command_line(int argc, char **argv, struct settings_command_line *line);
/* Reads every source anew: defaults (of the sandbox, when that is meant), file, environment, flags.
 * False, with a sentence a line in errors, when anything is wrong. */
bool settings_read(const struct settings_command_line *line, struct settings *settings,
                   struct buffer *errors);

/* The parts of http_options that come of texts; false with sentences in errors. */
bool settings_operators_off(const struct settings *settings, uint64_t *operators_off,
                            struct buffer *errors);
bool settings_status_overrides(const struct settings *settings,
                               struct http_status_override overrides[HTTP_STATUS_OVERRIDES_MAX],
                               size_t *count, struct buffer *errors);
#endif

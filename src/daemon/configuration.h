/* configuration: everything that can be set of payoutd, in one table: an INI file, the environment
 * and flags all go through it. */
#ifndef PAYOUT_DAEMON_CONFIGURATION_H
#define PAYOUT_DAEMON_CONFIGURATION_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/config.h"
#include "http/server.h"

enum {
    CONFIGURATION_PATH_BYTES = 1024,
    CONFIGURATION_LIST_BYTES = 4096,
    CONFIGURATION_TEXT_BYTES = 256,
    CONFIGURATION_NAME_BYTES = 48,
};
/* What a process does: answer requests, do the work that they make, or both. */
enum configuration_role { ROLE_BOTH, ROLE_API, ROLE_WORKER };
#define CONFIGURATION_CHANNELS_DIR "/etc/payoutd/channels"

struct configuration {
    char daemon_user[CONFIGURATION_TEXT_BYTES];
    bool daemon_core_dumps;
    int64_t daemon_role; /* enum configuration_role */

    char store_url[CONFIGURATION_PATH_BYTES];
    bool store_migrate;

    char http_listen[CONFIGURATION_TEXT_BYTES];
    int64_t http_threads, http_password_threads;
    int64_t http_connections_max, http_connections_per_ip_max;
    int64_t http_idle_ms, http_request_ms, http_drain_ms;
    int64_t http_body_bytes_max, http_held_bytes_max, http_items_max;
    char http_trusted_proxies[CONFIGURATION_LIST_BYTES];
    char http_metrics_from[CONFIGURATION_LIST_BYTES];
    int64_t http_logins_per_minute, http_address_logins_per_minute, http_calls_per_minute;
    char http_tls_certificate_file[CONFIGURATION_PATH_BYTES];
    char http_tls_key_file[CONFIGURATION_PATH_BYTES];
    int64_t http_tls_look_ms, http_hsts_ms;
    bool http_status_always_200;
    char http_status[CONFIGURATION_LIST_BYTES];
    bool http_access_log;

    char token_key_file[CONFIGURATION_PATH_BYTES];
    char token_issuer[CONFIGURATION_TEXT_BYTES];
    int64_t token_lifetime_ms;

    char secrets_key_file[CONFIGURATION_PATH_BYTES];

    char admin_token_file[CONFIGURATION_PATH_BYTES];
    bool admin_token, admin_require_totp;
    char admin_from[CONFIGURATION_LIST_BYTES];

    bool console;

    char operator_off[CONFIGURATION_LIST_BYTES];
    char operator_channels_dir[CONFIGURATION_PATH_BYTES];
    char operator_public_url[CONFIGURATION_TEXT_BYTES];
    int64_t operator_lease_ms, operator_alarm_after_ms, operator_sandbox_percent,
        operator_pace_percent;

    int64_t notify_timeout_ms, notify_retry_first_ms, notify_per_host_max, notify_under_way_max;
    char notify_private_allowed[CONFIGURATION_LIST_BYTES];

    char mail_url[CONFIGURATION_TEXT_BYTES], mail_public_url[CONFIGURATION_TEXT_BYTES];
    char mail_from[CONFIGURATION_TEXT_BYTES], mail_user[CONFIGURATION_TEXT_BYTES];
    char mail_password_file[CONFIGURATION_PATH_BYTES], mail_ca_file[CONFIGURATION_PATH_BYTES];
    int64_t mail_starttls; /* enum postman_tls */
    int64_t mail_timeout_ms, mail_retry_first_ms;

    char screening_list_file[CONFIGURATION_PATH_BYTES], screening_url[CONFIGURATION_PATH_BYTES];
    char screening_bearer_file[CONFIGURATION_PATH_BYTES];
    char screening_key_file[CONFIGURATION_PATH_BYTES];
    int64_t screening_threshold, screening_timeout_ms, screening_under_way_max;

    char worker_name[CONFIGURATION_NAME_BYTES];
    int64_t worker_lease_ms;

    int64_t log_level, log_format;
};

extern const struct config configuration_table;

/* What the command line says beside settings. */
enum configuration_task {
    TASK_SERVE,
    TASK_CHECK_CONFIG,
    TASK_SHOW_CONFIG,
    TASK_AUDIT,
    TASK_BACKUP,
    TASK_RESTORE,
    TASK_COPY,
    TASK_MIGRATE,
    TASK_EXPORT,
    TASK_REKEY,
    TASK_SEAL,
    TASK_ACCEPT_CHANNEL,
    TASK_SHOW_CHANNEL,
    TASK_SHOW_OPENAPI,
};
/* Flags that belong to a task. */
enum configuration_flag {
    FLAG_FORCE, /* restore: a store that is there is moved aside. */
    FLAG_MERCHANT,
    FLAG_FROM,
    FLAG_TO,
    FLAG_FORMAT,
    FLAG_PERSON,
    FLAG_AGAIN,   /* copy: what an earlier one left unfinished goes. */
    FLAG_DRY_RUN, /* migrate: all is rolled back. */
    FLAG_COUNT,
};
enum { CONFIGURATION_ARGUMENTS_MAX = 2 };
struct configuration_line {
    enum configuration_task task;
    bool sandbox;
    const char *config_path;                            /* NULL: none was given. */
    const char *arguments[CONFIGURATION_ARGUMENTS_MAX]; /* Of the task; NULL: not given. */
    const char *flags[FLAG_COUNT]; /* Their values, "" where they have none; NULL: not given. */
    int argc;                      /* As given, to read the flags again on SIGHUP. */
    char **argv;
};

/* Reads the command line; leaves the process when it is wrong or only asks for help. */
void configuration_line(int argc, char **argv, struct configuration_line *line);
/* Reads every source anew: defaults (of the sandbox, when that is meant), file, environment, flags.
 * False, with a sentence a line in errors, when anything is wrong. */
bool configuration_read(const struct configuration_line *line, struct configuration *settings,
                        struct buffer *errors);

/* The parts of http_options that come of texts; false with sentences in errors. */
bool configuration_operators_off(const struct configuration *settings, uint64_t *operators_off,
                                 struct buffer *errors);
bool configuration_status_overrides(
    const struct configuration *settings,
    struct http_status_override overrides[HTTP_STATUS_OVERRIDES_MAX], size_t *count,
    struct buffer *errors);
#endif

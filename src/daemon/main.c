/* payoutd: reads its settings, opens the service, waits for signals, closes the service. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/secret.h"
#include "daemon/audit.h"
#include "daemon/backup.h"
#include "daemon/bootstrap.h"
#include "daemon/channel_account_check.h"
#include "daemon/channel_file.h"
#include "daemon/channels.h"
#include "daemon/configuration.h"
#include "daemon/copy.h"
#include "daemon/export.h"
#include "daemon/hardening.h"
#include "daemon/restore.h"
#include "daemon/sealing.h"
#include "daemon/service.h"
#include "daemon/supervisor.h"
#include "daemon/upgrade.h"
#include "http/listener.h"
#include "http/server.h"
#include "http/spec.h"

enum { EXIT_USAGE = 2, ERRORS_BYTES_MAX = 64 * 1024 };

static void log_set_up(const struct configuration *settings)
{
    log_configure((enum log_level)settings->log_level, (enum log_format)settings->log_format,
                  getenv("JOURNAL_STREAM") != NULL);
}

static bool settings_load(const struct configuration_line *line, struct configuration *settings)
{
    AUTO(buffer_free) struct buffer errors;
    buffer_init(&errors, ERRORS_BYTES_MAX);
    bool good = configuration_read(line, settings, &errors);
    (void)fputs(buffer_text(&errors), stderr);
    return good;
}

static int settings_show(const struct configuration *settings)
{
    AUTO(buffer_free) struct buffer text;
    buffer_init(&text, ERRORS_BYTES_MAX);
    config_write(&configuration_table, settings, &text);
    return fputs(buffer_text(&text), stdout) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* What a channel's file may set, with nothing set. */
static int channel_show(void)
{
    AUTO(buffer_free) struct buffer text;
    buffer_init(&text, ERRORS_BYTES_MAX);
    static struct channel_file file;
    invariant(config_defaults(&channel_file_table, &file, &text));
    config_write(&channel_file_table, &file, &text);
    return fputs(buffer_text(&text), stdout) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int openapi_show(void)
{
    AUTO(buffer_free) struct buffer text;
    buffer_init(&text, SPEC_BYTES_MAX);
    spec_write(&text);
    invariant(buffer_ok(&text));
    return fputs(buffer_text(&text), stdout) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int settings_check(const struct configuration *settings)
{
    AUTO(buffer_free) struct buffer errors;
    buffer_init(&errors, ERRORS_BYTES_MAX);
    struct channels channels;
    if (!channels_read(settings, &channels, &errors)) {
        (void)fputs(buffer_text(&errors), stderr);
        return EXIT_USAGE;
    }
    channels_close(&channels);
    printf("the settings are right\n");
    return EXIT_SUCCESS;
}

static int rekey(const struct configuration *settings)
{
    int status = sealing_rekey(settings->secrets_key_file);
    return status == EXIT_SUCCESS && !channels_rekey(settings) ? EXIT_FAILURE : status;
}

/* A second signal to end does so at once: being killed is always safe. */
static void end_at_once(int number)
{
    (void)number;
    _exit(EXIT_FAILURE);
}

static void signals_block(sigset_t *waited)
{
    (void)signal(SIGPIPE, SIG_IGN);
    (void)sigemptyset(waited);
    (void)sigaddset(waited, SIGTERM);
    (void)sigaddset(waited, SIGINT);
    (void)sigaddset(waited, SIGHUP);
    invariant(pthread_sigmask(SIG_BLOCK, waited, NULL) == 0); /* The threads inherit it. */
}

static void second_signal_ends(const sigset_t *waited)
{
    (void)signal(SIGTERM, end_at_once);
    (void)signal(SIGINT, end_at_once);
    (void)signal(SIGHUP, SIG_IGN);
    invariant(pthread_sigmask(SIG_UNBLOCK, waited, NULL) == 0);
}

static void reload(const struct configuration_line *line, struct configuration *now,
                   struct service *service)
{
    AUTO(buffer_free) struct buffer text;
    buffer_init(&text, ERRORS_BYTES_MAX);
    struct fault fault;
    struct configuration *fresh = calloc(1, sizeof *fresh);
    invariant(fresh != NULL);
    if (!configuration_read(line, fresh, &text)) {
        log_event(LOG_LEVEL_ERROR, "not reloaded", LOG_TEXT("why", buffer_text(&text)));
    } else if (service_reload(service, fresh, &fault) != FAULT_NONE) {
        log_event(LOG_LEVEL_ERROR, "not reloaded", LOG_TEXT("why", fault.text));
    } else {
        buffer_clear(&text);
        if (config_differs(&configuration_table, now, fresh, &text))
            log_event(LOG_LEVEL_WARNING, "needs a restart",
                      LOG_TEXT("settings", buffer_text(&text)));
        *now = *fresh;
        log_set_up(now);
        log_event(LOG_LEVEL_INFO, "reloaded");
    }
    free(fresh);
}

static void reload_told(const struct configuration_line *line, struct configuration *now,
                        struct service *service)
{
    supervisor_tell("RELOADING=1");
    reload(line, now, service);
    supervisor_tell("READY=1");
}

static void signals_wait(const sigset_t *waited, const struct configuration_line *line,
                         struct configuration *settings, struct service *service)
{
    for (;;) {
        struct timespec look = {.tv_sec = settings->http_tls_look_ms / 1000,
                                .tv_nsec = settings->http_tls_look_ms % 1000 * 1000000};
        int number = sigtimedwait(waited, NULL, &look);
        if (number < 0)
            http_certificate_look(service->http);
        else if (number == SIGHUP)
            reload_told(line, settings, service);
        else if (number > 0)
            return;
    }
}

static enum fault_kind sandbox_show(struct service *service, const struct configuration *settings,
                                    struct fault *fault)
{
    struct credentials credentials;
    enum fault_kind kind = bootstrap_merchant(service, settings, &credentials, fault);
    if (kind == FAULT_NONE && settings->console)
        kind = bootstrap_console(service, &credentials, fault);
    if (kind == FAULT_NONE)
        bootstrap_print(&credentials);
    secret_wipe(&credentials, sizeof credentials);
    return kind;
}

static int serve(const struct configuration_line *line, struct configuration *settings)
{
    struct fault fault;
    struct service service;
    sigset_t waited;
    signals_block(&waited);
    int listener = 0, port;
    enum fault_kind kind = listener_open(settings->http_listen, &listener, &port, &fault);
    if (kind == FAULT_NONE)
        kind = hardening_drop(settings->daemon_user, &fault);
    if (kind == FAULT_NONE && line->sandbox)
        kind = bootstrap_folder(&fault);
    if (kind == FAULT_NONE)
        kind = service_open(&service, settings, &fault);
    if (kind != FAULT_NONE) {
        log_event(LOG_LEVEL_ERROR, "not started", LOG_TEXT("why", fault.text));
        return EXIT_FAILURE;
    }
    if (geteuid() == 0 && !line->sandbox)
        log_event(LOG_LEVEL_WARNING, "runs as root", LOG_TEXT("instead", "set [daemon] user"));
    kind = service_listen(&service, settings, listener, &fault);
    if (kind == FAULT_NONE && line->sandbox)
        kind = sandbox_show(&service, settings, &fault);
    if (kind == FAULT_NONE) {
        log_event(LOG_LEVEL_INFO, "ready", LOG_TEXT("listen", settings->http_listen),
                  LOG_NUMBER("port", http_port(service.http)));
        supervisor_tell("READY=1");
        signals_wait(&waited, line, settings, &service);
        supervisor_tell("STOPPING=1");
        log_event(LOG_LEVEL_INFO, "stopping");
    } else {
        log_event(LOG_LEVEL_ERROR, "not started", LOG_TEXT("why", fault.text));
    }
    second_signal_ends(&waited);
    service_close(&service);
    log_event(LOG_LEVEL_INFO, "stopped");
    return kind == FAULT_NONE ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* What it does beside serving, with the store, which stays its user's. */
static int task_run(const struct configuration_line *line, const struct configuration *settings)
{
    struct fault fault;
    if (hardening_drop(settings->daemon_user, &fault) != FAULT_NONE) {
        (void)fprintf(stderr, "payoutd: %s\n", fault.text);
        return EXIT_FAILURE;
    }
    switch (line->task) {
    case TASK_AUDIT:
        return audit_run(settings->store_url);
    case TASK_BACKUP:
        return backup_run(settings->store_url, line->arguments[0]);
    case TASK_RESTORE:
        return restore_run(settings->store_url, line->arguments[0],
                           line->flags[FLAG_FORCE] != NULL);
    case TASK_COPY:
        return copy_run(line->arguments[0], line->arguments[1], line->flags[FLAG_AGAIN] != NULL);
    case TASK_MIGRATE:
        return upgrade_run(settings->store_url, line->flags[FLAG_DRY_RUN] != NULL);
    case TASK_EXPORT:
        return export_run(settings->store_url,
                          &(struct export_options){.merchant = line->flags[FLAG_MERCHANT],
                                                   .from = line->flags[FLAG_FROM],
                                                   .to = line->flags[FLAG_TO],
                                                   .format = line->flags[FLAG_FORMAT]});
    case TASK_REKEY:
        return rekey(settings);
    case TASK_SEAL:
        return channels_seal(settings, line->arguments[0]);
    case TASK_ACCEPT_CHANNEL:
        return channel_account_accept(settings, line->arguments[0], line->flags[FLAG_PERSON]);
    case TASK_CHECK_CONFIG:
    case TASK_SHOW_CONFIG:
    case TASK_SHOW_CHANNEL:
    case TASK_SHOW_OPENAPI:
    case TASK_SERVE:
        break;
    }
    invariant(false && "a task");
}

int main(int argc, char **argv)
{
    static struct configuration settings;
    struct configuration_line line;
    hardening_begin();
    configuration_line(argc, argv, &line);
    secret_init();
    if (!settings_load(&line, &settings))
        return EXIT_USAGE;
    log_set_up(&settings);
    if (!settings.daemon_core_dumps)
        hardening_hide();
    switch (line.task) {
    case TASK_CHECK_CONFIG:
        return settings_check(&settings);
    case TASK_SHOW_CONFIG:
        return settings_show(&settings);
    case TASK_SHOW_CHANNEL:
        return channel_show();
    case TASK_SHOW_OPENAPI:
        return openapi_show();
    case TASK_SERVE:
        return serve(&line, &settings);
    case TASK_AUDIT:
    case TASK_BACKUP:
    case TASK_RESTORE:
    case TASK_COPY:
    case TASK_MIGRATE:
    case TASK_EXPORT:
    case TASK_REKEY:
    case TASK_SEAL:
    case TASK_ACCEPT_CHANNEL:
        break;
    }
    return task_run(&line, &settings);
}

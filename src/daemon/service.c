#include "daemon/service.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "console/console.h"
#include "daemon/channel_account_check.h"
#include "daemon/channel_door.h"
#include "daemon/descriptors.h"
#include "daemon/janitor.h"
#include "daemon/keyfile.h"
#include "daemon/password_file.h"
#include "daemon/sealing.h"
#include "daemon/steward.h"
#include "daemon/upgrade.h"
#include "delivery/mailer.h"
#include "delivery/notifier.h"
#include "lane/lane.h"
#include "net/address.h"
#include "operators/pace.h"
#include "operators/routing.h"
#include "operators/sandbox.h"
#include "operators/worker.h"
#include "screening/screener.h"
#include "store/store.h"

/* Files of the store, logs, sockets that wake threads: with room. */
enum { OTHER_DESCRIPTORS_MAX = 160, ERRORS_BYTES_MAX = 64 * 1024 };

static void book_saved(void *context, const struct book *book)
{
    struct service *service = context;
    struct http *http = atomic_load(&service->listening);
    if (http != NULL)
        http_changed(http, book);
}

/* --- Who is told of work: whoever does it here, and other processes --- */

static void work_made(void *context, uint32_t shards)
{
    const struct service *service = context;
    if (service->operators != NULL)
        operator_worker_wake(service->operators);
    if (service->screening && service->screener != NULL)
        screener_wake(service->screener);
    steward_tell(service->steward, DUTY_OPERATORS, shards, 0);
    if (service->screening)
        steward_tell(service->steward, DUTY_SCREENING, 1, 0);
}

static void notifications_made(void *context, uint32_t shards, int64_t from_ms)
{
    const struct service *service = context;
    if (service->notifier != NULL)
        notifier_wake(service->notifier, from_ms);
    steward_tell(service->steward, DUTY_NOTIFICATIONS, shards, from_ms);
}

static void mails_made(void *context, int64_t from_ms)
{
    const struct service *service = context;
    if (service->mailer != NULL)
        mailer_wake(service->mailer, from_ms);
    steward_tell(service->steward, DUTY_MAILS, 1, from_ms);
}

/* Another process made work that is ours. */
static void told(void *context, enum duty duty, int64_t from_ms)
{
    const struct service *service = context;
    switch (duty) {
    case DUTY_OPERATORS:
        operator_worker_wake(service->operators);
        break;
    case DUTY_NOTIFICATIONS:
        notifier_wake(service->notifier, from_ms);
        break;
    case DUTY_MAILS:
        mailer_wake(service->mailer, from_ms);
        break;
    case DUTY_SCREENING:
        screener_wake(service->screener);
        break;
    case DUTY_JANITOR: /* It looks often enough. */
    case DUTY_END:
        break;
    }
}

static void channels_said(void *context)
{
    const struct service *service = context;
    struct fault fault;
    if (channel_door_look(service->door, &fault) != FAULT_NONE)
        log_event(LOG_LEVEL_WARNING, "channels as they were", LOG_TEXT("why", fault.text));
}

/* --- Figures, and what http asks of others --- */

static void metrics_write_more(void *context, struct buffer *text)
{
    const struct service *service = context;
    steward_metrics(service->steward, text);
    if (service->operators != NULL)
        operator_worker_metrics(service->operators, text);
    if (service->notifier != NULL)
        notifier_metrics(service->notifier, text);
    if (service->mailer != NULL)
        mailer_metrics(service->mailer, text);
    screener_metrics(service->screener, text);
    if (service->janitor != NULL)
        janitor_metrics(service->janitor, text);
}

static bool screening_ask(void *context, const char *name, struct http_screening *answer)
{
    const struct service *service = context;
    struct watch_answer said;
    if (!watch_ask(service->watch, name, "", &said))
        return false;
    answer->score = said.score;
    answer->match = said.score >= service->screening_threshold;
    (void)snprintf(answer->version, sizeof answer->version, "%s", said.version);
    (void)snprintf(answer->entry, sizeof answer->entry, "%s", said.entry);
    return true;
}

/* The key of links comes of the key of tokens: every payoutd of an installation has the same. */
static enum fault_kind link_key_read(const struct configuration *settings, struct link_key *key,
                                     struct fault *fault)
{
    char text[KEYFILE_BYTES_MAX + 1];
    if (keyfile_read(settings->token_key_file, text, fault) != FAULT_NONE)
        return fault_wrap(fault, "[token] key_file");
    link_key_make(text, strlen(text), key);
    secret_wipe(text, sizeof text);
    return FAULT_NONE;
}

static enum fault_kind mailer_make(struct service *service, const struct configuration *settings,
                                   struct fault *fault)
{
    char password[PASSWORD_FILE_BYTES_MAX + 1] = "";
    struct mailer_options options = {.store = service->store,
                                     .lane = service->lane,
                                     .shares = service->shares,
                                     .postman = {.url = settings->mail_url,
                                                 .from = settings->mail_from,
                                                 .user = settings->mail_user,
                                                 .password = password,
                                                 .tls = (enum postman_tls)settings->mail_starttls,
                                                 .ca_file = settings->mail_ca_file,
                                                 .timeout_ms = settings->mail_timeout_ms,
                                                 .connect_timeout_ms = settings->mail_timeout_ms},
                                     .public_url = settings->mail_public_url,
                                     .retry_first_ms = settings->mail_retry_first_ms};
    if (settings->mail_url[0] == '\0')
        return FAULT_NONE;
    if (settings->mail_password_file[0] != '\0' &&
        password_file_read(settings->mail_password_file, password, fault) != FAULT_NONE)
        return fault_wrap(fault, "[mail] password_file");
    enum fault_kind kind = link_key_read(settings, &options.link_key, fault);
    if (kind == FAULT_NONE)
        kind = mailer_open(&options, &service->mailer, fault);
    secret_wipe(password, sizeof password);
    secret_wipe(&options.link_key, sizeof options.link_key);
    return kind;
}

/* Also when names are not screened: what was left from when they were has to go on. */
static enum fault_kind screener_make(struct service *service, const struct configuration *settings,
                                     struct fault *fault)
{
    char bearer[PASSWORD_FILE_BYTES_MAX + 1] = "", key[PASSWORD_FILE_BYTES_MAX + 1] = "";
    struct screener_options options = {.store = service->store,
                                       .lane = service->lane,
                                       .shares = service->shares,
                                       .url = settings->screening_url,
                                       .bearer = bearer,
                                       .secret = key,
                                       .threshold = settings->screening_threshold,
                                       .timeout_ms = settings->screening_timeout_ms,
                                       .under_way_max = (size_t)settings->screening_under_way_max};
    if (settings->screening_list_file[0] != '\0')
        options.watch = service->watch = watch_open(settings->screening_list_file);
    enum fault_kind kind = FAULT_NONE;
    if (settings->screening_bearer_file[0] != '\0' &&
        password_file_read(settings->screening_bearer_file, bearer, fault) != FAULT_NONE)
        kind = fault_wrap(fault, "[screening] bearer_file");
    else if (settings->screening_key_file[0] != '\0' &&
             password_file_read(settings->screening_key_file, key, fault) != FAULT_NONE)
        kind = fault_wrap(fault, "[screening] key_file");
    if (kind == FAULT_NONE)
        kind = screener_open(&options, &service->screener, fault);
    secret_wipe(bearer, sizeof bearer);
    secret_wipe(key, sizeof key);
    return kind;
}

static enum fault_kind operators_open(struct service *service, const struct configuration *settings,
                                      struct fault *fault)
{
    sandbox_scale_set((int)settings->operator_sandbox_percent);
    pace_set((int)settings->operator_pace_percent);
    struct operator_worker_options operators = {
        .store = service->store,
        .lane = service->lane,
        .shares = service->shares,
        .name = store_is_shared(service->store) ? service->name : NULL,
        .channels = service->channels.list,
        .channel_count = service->channels.count,
        .off = channel_door_off,
        .off_context = service->door,
        .lease_ms = settings->operator_lease_ms};
    enum fault_kind kind = operator_worker_open(&operators, &service->operators, fault);
    if (kind != FAULT_NONE)
        return kind;
    channel_door_worker(service->door, service->operators);
    struct notifier_options notifier = {.store = service->store,
                                        .lane = service->lane,
                                        .shares = service->shares,
                                        .vault = service->vault,
                                        .under_way_max = (size_t)settings->notify_under_way_max,
                                        .per_host_max = (size_t)settings->notify_per_host_max,
                                        .timeout_ms = settings->notify_timeout_ms,
                                        .retry_first_ms = settings->notify_retry_first_ms,
                                        .private_allowed = service->private_allowed};
    kind = notifier_open(&notifier, &service->notifier, fault);
    if (kind != FAULT_NONE)
        return kind;
    kind = mailer_make(service, settings, fault);
    if (kind != FAULT_NONE)
        return kind;
    return janitor_open(service->store, service->lane, service->shares,
                        settings->operator_alarm_after_ms, &service->janitor, fault);
}

/* Its host's name and its number, unless it was given a name. */
static void name_make(struct service *service, const struct configuration *settings)
{
    char host[32] = "";
    (void)gethostname(host, sizeof host - 1);
    if (settings->worker_name[0] != '\0')
        (void)snprintf(service->name, sizeof service->name, "%s", settings->worker_name);
    else
        (void)snprintf(service->name, sizeof service->name, "%s:%d", host, (int)getpid());
    for (char *at = service->name; *at != '\0'; at++) /* It is shown to operators in a header. */
        if (*at <= ' ' || *at > '~' || *at == '(' || *at == ')')
            *at = '_';
}

/* Only what all must have alike; none of it can be found out from it. */
static enum fault_kind keys_hash(const struct configuration *settings,
                                 uint8_t keys[SHARING_KEYS_BYTES], struct fault *fault)
{
    static const char before[] = "payoutd keys ";
    char text[sizeof before + KEYFILE_BYTES_MAX];
    uint8_t hash[SECRET_HASH_BYTES];
    memcpy(text, before, sizeof before - 1);
    if (keyfile_read(settings->token_key_file, text + sizeof before - 1, fault) != FAULT_NONE)
        return fault_wrap(fault, "[token] key_file");
    secret_sha256(text, strlen(text), hash);
    memcpy(keys, hash, SHARING_KEYS_BYTES);
    secret_wipe(text, sizeof text);
    return FAULT_NONE;
}

static enum fault_kind sharing_begin(struct service *service, const struct configuration *settings,
                                     struct fault *fault)
{
    struct steward_options options = {.store = service->store,
                                      .shares = service->shares,
                                      .self = {.alone = settings->worker_name[0] != '\0',
                                               .works = service->role != ROLE_API,
                                               .lease_ms = settings->worker_lease_ms},
                                      .wake = told,
                                      .channels = channels_said,
                                      .context = service};
    if (options.self.works)
        options.duties = 1u << DUTY_OPERATORS | 1u << DUTY_NOTIFICATIONS | 1u << DUTY_SCREENING |
                         1u << DUTY_JANITOR;
    if (service->mailer != NULL)
        options.duties |= 1u << DUTY_MAILS;
    while (options.self.id <= 0)
        random_bytes(&options.self.id, sizeof options.self.id);
    (void)snprintf(options.self.name, sizeof options.self.name, "%s", service->name);
    if (keys_hash(settings, options.self.keys, fault) != FAULT_NONE)
        return fault->kind;
    enum fault_kind kind = steward_open(&options, &service->steward, fault);
    channel_door_steward(service->door, service->steward);
    return kind;
}

static enum fault_kind workers_open(struct service *service, const struct configuration *settings,
                                    struct fault *fault)
{
    /* Without a share it only keeps its list of names up to date. */
    enum fault_kind kind = screener_make(service, settings, fault);
    if (kind == FAULT_NONE && service->role != ROLE_API)
        kind = operators_open(service, settings, fault);
    return kind == FAULT_NONE ? sharing_begin(service, settings, fault) : kind;
}

/* Every mistake is a line of the log. */
static enum fault_kind channels_open(struct service *service, const struct configuration *settings,
                                     struct fault *fault)
{
    AUTO(buffer_free) struct buffer errors;
    buffer_init(&errors, ERRORS_BYTES_MAX);
    if (!channels_read(settings, &service->channels, &errors)) {
        channels_mistakes_log(&errors);
        return fault_set(fault, FAULT_FINAL, "the channels' files are wrong");
    }
    service->routing = routing_open(service->channels.list, service->channels.count);
    channels_log(&service->channels);
    if (channel_accounts_hold(service->store, &service->channels, fault) != FAULT_NONE)
        return fault->kind;
    return channel_door_open(service->routing, service->store, &service->door, fault);
}

static enum fault_kind parts_open(struct service *service, const struct configuration *settings,
                                  struct fault *fault)
{
    if (address_list_read(settings->notify_private_allowed, &service->private_allowed, fault) !=
        FAULT_NONE)
        return fault_wrap(fault, "[notify] private_allowed");
    enum fault_kind kind =
        upgrade_store_open(settings->store_url, settings->store_migrate, &service->store, fault);
    if (kind != FAULT_NONE)
        return kind;
    service->role = (enum configuration_role)settings->daemon_role;
    if (service->role != ROLE_BOTH && !store_is_shared(service->store))
        return fault_set(fault, FAULT_FINAL,
                         "[daemon] role: a store in SQLite has one payoutd, which does both");
    service->shares = shares_open(!store_is_shared(service->store));
    name_make(service, settings);
    kind = sealing_open(settings->secrets_key_file, service->store, &service->vault, fault);
    if (kind != FAULT_NONE)
        return kind;
    kind = channels_open(service, settings, fault);
    if (kind != FAULT_NONE)
        return kind;
    service->screening_threshold = settings->screening_threshold;
    service->screening =
        settings->screening_list_file[0] != '\0' || settings->screening_url[0] != '\0';
    if (settings->screening_list_file[0] != '\0' && settings->screening_url[0] != '\0')
        return fault_set(fault, FAULT_FINAL, "[screening] list_file or url, not both");
    struct lane_options options = {.screening = service->screening,
                                   .saved = book_saved,
                                   .work_made = work_made,
                                   .notifications_made = notifications_made,
                                   .mails_made = mails_made,
                                   .context = service,
                                   .starts_later = true};
    kind = lane_open(service->store, &options, &service->lane, fault);
    if (kind != FAULT_NONE)
        return kind;
    kind = workers_open(service, settings, fault);
    /* Now that those whom it wakes are there; after a fault too, for those who wait for it. */
    lane_start(service->lane);
    return kind;
}

enum fault_kind service_open(struct service *service, const struct configuration *settings,
                             struct fault *fault)
{
    *service = (struct service){0};
    enum fault_kind kind = parts_open(service, settings, fault);
    if (kind != FAULT_NONE)
        service_close(service);
    return kind;
}

/* What the settings mean to the listener. admin_token must hold until the call that takes it. */
static enum fault_kind http_options_make(struct service *service,
                                         const struct configuration *settings,
                                         char admin_token[KEYFILE_BYTES_MAX + 1],
                                         struct http_status_override *overrides,
                                         struct http_options *options, struct fault *fault)
{
    AUTO(buffer_free) struct buffer errors;
    buffer_init(&errors, 4096);
    *options = (struct http_options){
        .store = service->store,
        .lane = service->lane,
        .vault = service->vault,
        .listen = settings->http_listen,
        .threads = (int)settings->http_threads,
        .hasher_threads = (int)settings->http_password_threads,
        .connections_max = (unsigned)descriptors_connections(
            settings->http_connections_max, settings->notify_under_way_max +
                                                channels_calls_max(&service->channels) +
                                                OTHER_DESCRIPTORS_MAX),
        .connections_per_ip_max = (unsigned)settings->http_connections_per_ip_max,
        .request_ms = settings->http_request_ms,
        .idle_seconds = (unsigned)(settings->http_idle_ms / 1000),
        .body_bytes_max = (size_t)settings->http_body_bytes_max,
        .held_bytes_max = (size_t)settings->http_held_bytes_max,
        .work_only = service->role == ROLE_WORKER,
        .token_lifetime_ms = settings->token_lifetime_ms,
        .drain_ms = settings->http_drain_ms,
        .metrics = metrics_write_more,
        .metrics_context = service,
        .screening_ask = service->watch == NULL ? NULL : screening_ask,
        .screening_context = service,
        .channels = channel_door_http(service->door),
        .routes = console_routes,
        .route_count = settings->console ? console_route_count : 0,
        .items_max = (size_t)settings->http_items_max,
        .trusted_proxies = settings->http_trusted_proxies,
        .admin_from = settings->admin_from,
        .admin_token_off = !settings->admin_token,
        .totp_required = settings->admin_require_totp,
        .metrics_from = settings->http_metrics_from,
        .tls_certificate_file = settings->http_tls_certificate_file,
        .tls_key_file = settings->http_tls_key_file,
        .hsts_seconds = settings->http_hsts_ms / 1000,
        .status_overrides = overrides,
        .status_always_200 = settings->http_status_always_200,
        .logins_per_minute = (int)settings->http_logins_per_minute,
        .address_logins_per_minute = (int)settings->http_address_logins_per_minute,
        .calls_per_minute = (int)settings->http_calls_per_minute,
        .access_log_off = !settings->http_access_log,
    };
    if (!configuration_operators_off(settings, &options->operators_off, &errors) ||
        !configuration_status_overrides(settings, overrides, &options->status_override_count,
                                        &errors))
        return fault_set(fault, FAULT_FINAL, "%s", buffer_text(&errors));
    char key[KEYFILE_BYTES_MAX + 1];
    if (keyfile_read(settings->token_key_file, key, fault) != FAULT_NONE)
        return fault_wrap(fault, "[token] key_file");
    options->key.length = strlen(key);
    memcpy(options->key.bytes, key, options->key.length);
    secret_wipe(key, sizeof key);
    if (snprintf(options->key.issuer, sizeof options->key.issuer, "%s", settings->token_issuer) >=
        (int)sizeof options->key.issuer)
        return fault_set(fault, FAULT_FINAL, "[token] issuer: at most %d bytes",
                         TOKEN_ISSUER_BYTES_MAX);
    if (settings->admin_token_file[0] == '\0')
        return FAULT_NONE;
    options->admin_token = admin_token;
    enum fault_kind kind = keyfile_read(settings->admin_token_file, admin_token, fault);
    return kind == FAULT_NONE ? kind : fault_wrap(fault, "[admin] token_file");
}

/* Opens the listener, or has the one that is open take over what may change. The secrets in the
 * options are wiped whatever happens. */
static enum fault_kind listener_apply(struct service *service, const struct configuration *settings,
                                      int listener, struct fault *fault)
{
    struct http_options options;
    struct http_status_override overrides[HTTP_STATUS_OVERRIDES_MAX];
    char admin_token[KEYFILE_BYTES_MAX + 1];
    enum fault_kind kind =
        http_options_make(service, settings, admin_token, overrides, &options, fault);
    options.listener = listener;
    if (kind == FAULT_NONE && service->http == NULL)
        kind = http_open(&options, &service->http, fault);
    else if (kind == FAULT_NONE)
        kind = http_reload(service->http, &options, fault);
    atomic_store(&service->listening, service->http);
    secret_wipe(admin_token, sizeof admin_token);
    secret_wipe(&options.key, sizeof options.key);
    return kind;
}

enum fault_kind service_listen(struct service *service, const struct configuration *settings,
                               int listener, struct fault *fault)
{
    invariant(service->http == NULL);
    return listener_apply(service, settings, listener, fault);
}

enum fault_kind service_reload(struct service *service, const struct configuration *settings,
                               struct fault *fault)
{
    invariant(service->http != NULL);
    return listener_apply(service, settings, 0, fault);
}

void service_close(struct service *service)
{
    if (service->http != NULL)
        http_quiesce(service->http);
    if (service->operators != NULL)
        operator_worker_stop(service->operators);
    if (service->notifier != NULL)
        notifier_stop(service->notifier);
    if (service->mailer != NULL)
        mailer_stop(service->mailer);
    screener_stop(service->screener);
    janitor_stop(service->janitor);
    steward_stop(service->steward); /* Nobody works any more: others may. */
    if (service->lane != NULL)
        lane_stop(service->lane); /* Answers everything that waits: no request stays suspended. */
    http_close(service->http);
    operator_worker_close(service->operators);
    notifier_close(service->notifier);
    mailer_close(service->mailer);
    screener_close(service->screener);
    watch_close(service->watch);
    janitor_close(service->janitor);
    lane_close(service->lane);
    steward_close(service->steward);
    channel_door_close(service->door);
    store_close(service->store);
    shares_close(service->shares);
    routing_close(service->routing);
    channels_close(&service->channels);
    vault_close(service->vault);
    address_list_close(service->private_allowed);
    *service = (struct service){0};
}

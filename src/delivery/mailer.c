#include "delivery/mailer.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "delivery/backoff.h"
#include "delivery/endpoint_text.h"
#include "delivery/mail_text.h"
#include "money/mail_address.h"

enum {
    RETRY_FIRST_MS_DEFAULT = 30000,
    PAGE_ROWS = 16, /* Each has its merchant with it. */
    FAULT_WAIT_MS = 1000,
    SLEEP_MS_MAX = 60000,
};
#define ARENA_BYTES ((size_t)8 << 20)
#define GIVE_UP_MS  (INT64_C(24) * 3600 * 1000)

struct mailer {
    struct mailer_options options;
    char public_url[MAILER_URL_BYTES_MAX + 1], from[POSTMAN_ADDRESS_BYTES_MAX + 1];
    struct postman *postman;
    struct store_reader *reader;
    pthread_t thread;
    bool running;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool woken, stopping; /* Under the mutex. */
    atomic_uint_fast64_t sent, failed, given_up, faults;
};

static void count(atomic_uint_fast64_t *figure)
{
    atomic_fetch_add_explicit(figure, 1, memory_order_relaxed);
}

int64_t mailer_next_ms(int64_t first_ms, int32_t failures, const struct mail *mail,
                       const struct lot *lot, int64_t now_ms)
{
    int64_t end_ms = mail->created_at_ms + GIVE_UP_MS;
    if (lot != NULL && lot->state != LOT_WAITING)
        return 0;
    if (lot != NULL && lot->expires_at_ms < end_ms)
        end_ms = lot->expires_at_ms;
    int64_t next_ms = backoff_next_ms(first_ms, failures, mail->created_at_ms, now_ms);
    return next_ms < end_ms ? next_ms : 0;
}

/* --- One mail --- */

/* Reads whom the first of the lot's transfers go to. */
static enum fault_kind receivers_read(struct mailer *mailer, struct arena *arena,
                                      const struct lot *lot,
                                      struct mail_receiver receivers[MAIL_TEXT_RECEIVERS_MAX],
                                      size_t *count_read, struct fault *fault)
{
    struct transfer *transfers;
    int64_t wanted = lot->count < MAIL_TEXT_RECEIVERS_MAX ? lot->count : MAIL_TEXT_RECEIVERS_MAX;
    if (store_read_transfers(mailer->reader, arena, lot->first, wanted, &transfers, count_read,
                             fault) != FAULT_NONE)
        return fault_wrap(fault, "read a lot's transfers");
    for (size_t i = 0; i < *count_read; i++) {
        struct contact *contact;
        if (store_read_contact(mailer->reader, arena, lot->merchant, transfers[i].msisdn, &contact,
                               fault) != FAULT_NONE)
            return fault_wrap(fault, "read a contact");
        receivers[i] = (struct mail_receiver){.name = contact == NULL ? "" : contact->name,
                                              .surname = contact == NULL ? "" : contact->surname,
                                              .prefix = transfers[i].prefix,
                                              .phone = transfers[i].phone,
                                              .amount = transfers[i].amount};
    }
    return FAULT_NONE;
}

/* The mail about an endpoint. */
static void endpoint_mail_write(const struct mailer *mailer, const struct due_mail *due,
                                struct buffer *text)
{
    endpoint_text_write(&(struct endpoint_text){.merchant = &due->merchant,
                                                .endpoint = &due->endpoint,
                                                .number = due->mail.number,
                                                .from = mailer->from,
                                                .to = due->mail.to,
                                                .made_at_ms = due->mail.created_at_ms,
                                                .now_ms = clock_now_ms()},
                        text);
    invariant(buffer_ok(text));
}

static enum fault_kind lot_mail_write(struct mailer *mailer, struct arena *arena,
                                      const struct due_mail *due, struct buffer *text,
                                      struct fault *fault)
{
    struct mail_receiver receivers[MAIL_TEXT_RECEIVERS_MAX];
    size_t receiver_count;
    if (receivers_read(mailer, arena, &due->lot, receivers, &receiver_count, fault) != FAULT_NONE)
        return fault->kind;
    struct link link = {.merchant = due->mail.merchant.value,
                        .lot = due->mail.lot.value,
                        .number = due->mail.number,
                        .expires_at_ms = due->lot.expires_at_ms};
    memcpy(link.hash, due->lot.hash, LINK_HASH_BYTES);
    char token[LINK_TEXT_BYTES], url[MAILER_URL_BYTES_MAX + LINK_TEXT_BYTES + 16];
    link_write(&mailer->options.link_key, &link, token);
    (void)snprintf(url, sizeof url, "%s/confirm/%s", mailer->public_url, token);
    struct mail_text what = {.merchant = &due->merchant,
                             .lot = &due->lot,
                             .number = due->mail.number,
                             .from = mailer->from,
                             .to = due->mail.to,
                             .link = url,
                             .sender = due->lot.sender,
                             .persons = due->lot.persons,
                             .receivers = receivers,
                             .receiver_count = receiver_count,
                             .now_ms = clock_now_ms()};
    mail_text_write(&what, text);
    invariant(buffer_ok(text));
    return FAULT_NONE;
}

static void outcome_log(const struct mail *mail, bool sent, int64_t next_ms, const char *error)
{
    char lot[LOT_TEXT_BYTES];
    if (mail_endpoint(mail) == 0)
        lot_text(mail->merchant, mail->lot, lot);
    else
        (void)snprintf(lot, sizeof lot, "endpoint %" PRId32, mail_endpoint(mail));
    if (sent)
        log_event(LOG_LEVEL_INFO, "mail sent", LOG_TEXT("lot", lot),
                  LOG_NUMBER("number", mail->number), LOG_NUMBER("tries", mail->tries + 1));
    else
        log_event(LOG_LEVEL_WARNING, next_ms == 0 ? "mail given up" : "mail not sent",
                  LOG_TEXT("lot", lot), LOG_NUMBER("number", mail->number),
                  LOG_NUMBER("tries", mail->tries + 1), LOG_TEXT("why", error));
}

/* Waits a while after a fault. False: stop. */
static bool mailer_pause(struct mailer *mailer)
{
    int64_t until_us = clock_monotonic_us() + INT64_C(1000) * FAULT_WAIT_MS;
    struct timespec until = {.tv_sec = until_us / 1000000, .tv_nsec = until_us % 1000000 * 1000};
    int waited = 0;
    invariant(pthread_mutex_lock(&mailer->mutex) == 0);
    while (!mailer->stopping && waited == 0)
        waited = pthread_cond_timedwait(&mailer->changed, &mailer->mutex, &until);
    bool going = !mailer->stopping;
    invariant(pthread_mutex_unlock(&mailer->mutex) == 0);
    return going;
}

/* Has it written down, however long that takes: a mail that left is not sent again because the disk
 * is full. */
static enum fault_kind outcome_tell(struct mailer *mailer, const struct due_mail *due, bool sent,
                                    const char *error, int64_t next_ms, struct fault *fault)
{
    const struct mail *mail = &due->mail;
    struct lane_job job = {.command = {.kind = COMMAND_MAIL_OUTCOME,
                                       .mail_outcome = {.merchant = mail->merchant,
                                                        .lot = mail->lot,
                                                        .number = mail->number,
                                                        .attempt = mail->tries + 1,
                                                        .sent = sent,
                                                        .error = error,
                                                        .next_at_ms = next_ms}}};
    outcome_log(mail, sent, next_ms, error);
    const struct command command = job.command;
    for (;;) {
        enum fault_kind kind = lane_call(mailer->options.lane, &job);
        if (kind == FAULT_NONE) {
            count(sent ? &mailer->sent : &mailer->failed);
            if (!sent && next_ms == 0)
                count(&mailer->given_up);
            return FAULT_NONE;
        }
        count(&mailer->faults);
        if (!mailer_pause(mailer))
            return fault_set(fault, kind, "what became of a mail can't be written down");
        job = (struct lane_job){.command = command};
    }
}

static enum fault_kind mail_send(struct mailer *mailer, const struct due_mail *due,
                                 struct fault *fault)
{
    AUTO(arena_closep) struct arena *arena = arena_open(ARENA_BYTES);
    AUTO(buffer_free) struct buffer text;
    char error[POSTMAN_ERROR_BYTES] = "the lot has expired";
    const struct mail *mail = &due->mail;
    bool of_lot = mail_endpoint(mail) == 0;
    bool late =
        of_lot && (due->lot.state != LOT_WAITING || due->lot.expires_at_ms <= clock_now_ms());
    buffer_init(&text, MAIL_TEXT_BYTES_MAX);
    if (!of_lot)
        endpoint_mail_write(mailer, due, &text);
    else if (!late && lot_mail_write(mailer, arena, due, &text, fault) != FAULT_NONE)
        return fault->kind;
    enum postman_result result =
        late ? POSTMAN_REFUSED
             : postman_send(mailer->postman, mail->to, text.bytes, text.length, error);
    int64_t next_ms = 0;
    switch (result) {
    case POSTMAN_CUT:
        return FAULT_NONE; /* It goes out after the next start. */
    case POSTMAN_TAKEN:
    case POSTMAN_REFUSED:
        break;
    case POSTMAN_LATER:
        next_ms = mailer_next_ms(mailer->options.retry_first_ms, mail->tries + 1, mail,
                                 of_lot ? &due->lot : NULL, clock_now_ms());
        break;
    }
    return outcome_tell(mailer, due, result == POSTMAN_TAKEN, error, next_ms, fault);
}

/* --- The thread --- */

static bool mailer_stopping(struct mailer *mailer)
{
    invariant(pthread_mutex_lock(&mailer->mutex) == 0);
    bool stopping = mailer->stopping;
    invariant(pthread_mutex_unlock(&mailer->mutex) == 0);
    return stopping;
}

/* Sends all that is due; *next_ms is when to look again. */
static enum fault_kind due_send(struct mailer *mailer, int64_t *next_ms, struct fault *fault)
{
    size_t found = PAGE_ROWS;
    while (found == PAGE_ROWS) {
        AUTO(arena_closep) struct arena *arena = arena_open(ARENA_BYTES);
        struct due_mail *due;
        if (store_read_due_mails(mailer->reader, arena, clock_now_ms(), PAGE_ROWS, &due, &found,
                                 fault) != FAULT_NONE)
            return fault_wrap(fault, "read which mails are due");
        for (size_t i = 0; i < found; i++) {
            if (mailer_stopping(mailer) || shares_use(mailer->options.shares, DUTY_MAILS, 1) == 0)
                return FAULT_NONE;
            if (mail_send(mailer, &due[i], fault) != FAULT_NONE)
                return fault->kind;
        }
    }
    struct next_due next;
    if (store_read_next_due(mailer->reader, clock_now_ms(), &next, fault) != FAULT_NONE)
        return fault_wrap(fault, "read which mails are due next");
    *next_ms = next.mail_at_ms;
    return FAULT_NONE;
}

/* Waits until next_ms (0: nothing is known to come), or until somebody wakes it. False: stop. */
static bool mailer_wait(struct mailer *mailer, int64_t next_ms)
{
    int64_t sleep_ms = next_ms == 0 ? SLEEP_MS_MAX : next_ms - clock_now_ms();
    if (sleep_ms > SLEEP_MS_MAX)
        sleep_ms = SLEEP_MS_MAX;
    int64_t until_us = clock_monotonic_us() + (sleep_ms > 0 ? sleep_ms : 0) * 1000;
    struct timespec until = {.tv_sec = until_us / 1000000, .tv_nsec = until_us % 1000000 * 1000};
    int waited = 0;
    invariant(pthread_mutex_lock(&mailer->mutex) == 0);
    while (!mailer->stopping && !mailer->woken && waited == 0)
        waited = pthread_cond_timedwait(&mailer->changed, &mailer->mutex, &until);
    mailer->woken = false;
    bool going = !mailer->stopping;
    invariant(pthread_mutex_unlock(&mailer->mutex) == 0);
    return going;
}

static void *mailer_run(void *context)
{
    struct mailer *mailer = context;
    int64_t next_ms;
    do {
        struct fault fault;
        next_ms = 0;
        if (shares_use(mailer->options.shares, DUTY_MAILS, 0) == 0)
            continue; /* Another process sends them, until it says otherwise. */
        if (due_send(mailer, &next_ms, &fault) != FAULT_NONE) {
            log_event(LOG_LEVEL_ERROR, "mails wait", LOG_TEXT("why", fault.text));
            count(&mailer->faults);
            next_ms = clock_now_ms() + FAULT_WAIT_MS;
        }
    } while (mailer_wait(mailer, next_ms));
    return NULL;
}

/* --- Opening and closing --- */

static void mailer_free(struct mailer *mailer)
{
    store_reader_close(mailer->reader);
    postman_close(mailer->postman);
    secret_wipe(&mailer->options.link_key, sizeof mailer->options.link_key);
    free(mailer);
}

/* A link's beginning: a whole URL without anything behind its host but a path. */
static bool public_url_valid(const char *url)
{
    size_t scheme = strncmp(url, "https://", 8) == 0 ? 8 : strncmp(url, "http://", 7) == 0 ? 7 : 0;
    if (scheme == 0 || strlen(url) > MAILER_URL_BYTES_MAX || url[scheme] == '\0' ||
        url[scheme] == '/')
        return false;
    for (const char *at = url; *at != '\0'; at++)
        if (*at <= ' ' || *at >= 0x7f || strchr("\"'<>?#@\\", *at) != NULL)
            return false;
    return true;
}

static void url_copy(const char *url, char copy[MAILER_URL_BYTES_MAX + 1])
{
    size_t length = strlen(url);
    while (length > 0 && url[length - 1] == '/')
        length--;
    memcpy(copy, url, length);
    copy[length] = '\0';
}

static void mailer_start(struct mailer *mailer)
{
    pthread_condattr_t monotonic;
    invariant(pthread_condattr_init(&monotonic) == 0);
    invariant(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
    invariant(pthread_cond_init(&mailer->changed, &monotonic) == 0);
    invariant(pthread_condattr_destroy(&monotonic) == 0);
    invariant(pthread_mutex_init(&mailer->mutex, NULL) == 0);
    invariant(pthread_create(&mailer->thread, NULL, mailer_run, mailer) == 0);
    (void)pthread_setname_np(mailer->thread, "mails");
    mailer->running = true;
}

enum fault_kind mailer_open(const struct mailer_options *options, struct mailer **mailer,
                            struct fault *fault)
{
    if (!public_url_valid(options->public_url))
        return fault_set(fault, FAULT_FINAL,
                         "[mail] public_url: neither https://host nor http://host");
    if (!mail_address_valid(options->postman.from, strlen(options->postman.from)))
        return fault_set(fault, FAULT_FINAL, "[mail] from: no mail address");
    struct mailer *opened = calloc(1, sizeof *opened);
    invariant(opened != NULL);
    opened->options = *options;
    opened->options.postman = (struct postman_options){0}; /* Its texts are not ours. */
    opened->options.public_url = NULL;
    if (opened->options.retry_first_ms == 0)
        opened->options.retry_first_ms = RETRY_FIRST_MS_DEFAULT;
    url_copy(options->public_url, opened->public_url);
    (void)snprintf(opened->from, sizeof opened->from, "%s", options->postman.from);
    if (postman_open(&options->postman, &opened->postman, fault) != FAULT_NONE) {
        mailer_free(opened);
        return fault_wrap(fault, "[mail]");
    }
    if (store_reader_open(options->store, &opened->reader, fault) != FAULT_NONE) {
        mailer_free(opened);
        return fault_wrap(fault, "start the mailer");
    }
    mailer_start(opened);
    *mailer = opened;
    return FAULT_NONE;
}

void mailer_wake(void *context, int64_t from_ms)
{
    struct mailer *mailer = context;
    (void)from_ms;
    invariant(pthread_mutex_lock(&mailer->mutex) == 0);
    mailer->woken = true;
    invariant(pthread_cond_signal(&mailer->changed) == 0);
    invariant(pthread_mutex_unlock(&mailer->mutex) == 0);
}

void mailer_stop(struct mailer *mailer)
{
    if (!mailer->running)
        return;
    invariant(pthread_mutex_lock(&mailer->mutex) == 0);
    mailer->stopping = true;
    invariant(pthread_cond_signal(&mailer->changed) == 0);
    invariant(pthread_mutex_unlock(&mailer->mutex) == 0);
    postman_cut(mailer->postman);
    invariant(pthread_join(mailer->thread, NULL) == 0);
    mailer->running = false;
}

void mailer_close(struct mailer *mailer)
{
    if (mailer == NULL)
        return;
    mailer_stop(mailer);
    invariant(pthread_cond_destroy(&mailer->changed) == 0);
    invariant(pthread_mutex_destroy(&mailer->mutex) == 0);
    mailer_free(mailer);
}

static void metric_write(struct buffer *text, const char *name, const char *help,
                         const atomic_uint_fast64_t *figure)
{
    buffer_format(text, "# HELP payoutd_mails_%s %s\n# TYPE payoutd_mails_%s counter\n", name, help,
                  name);
    buffer_format(text, "payoutd_mails_%s %" PRIuFAST64 "\n", name, atomic_load(figure));
}

void mailer_metrics(const struct mailer *mailer, struct buffer *text)
{
    metric_write(text, "sent_total", "Mails that the mail server took.", &mailer->sent);
    metric_write(text, "failed_total", "Tries that failed.", &mailer->failed);
    metric_write(text, "given_up_total", "Mails that were given up.", &mailer->given_up);
    metric_write(text, "faults_total", "Looks that the store or the lane ended.", &mailer->faults);
}

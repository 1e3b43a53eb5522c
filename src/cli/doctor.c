/* payout doctor: what stands between here and a payment. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/say.h"
#include "client/transport.h"
#include "wire/reply.h"

enum {
    OUT_BYTES_MAX = 64 * 1024,
    TEXT_BYTES = 320,
    CHECKS_MAX = 16,
    CLOCK_S_GOOD = 5,
    CLOCK_S_MAX = 300, /* Standard Webhooks' own limit. */
    CERTIFICATE_DAYS_LEAST = 14,
    DAY_S = 24 * 3600,
};

enum verdict { VERDICT_GOOD, VERDICT_WARN, VERDICT_BAD };
struct finding {
    const char *what;
    enum verdict verdict;
    char text[TEXT_BYTES];
};
struct examination {
    struct settings *settings;
    struct finding findings[CHECKS_MAX];
    size_t count;
};

struct doctor_input {
    struct settings *settings;
};

static const struct argp doctor_argp = {
    .parser = command_nothing_parse,
    .doc =
        "Check what stands between here and a payment: the connection, TLS, the clock, the "
        "credentials, the merchant's list of addresses, its money, and whether notify_url can be "
        "reached.\vIt changes nothing. Exit status: 0 when all is well or only warned of, else "
        "1.",
    .children = settings_children,
};

static void found(struct examination *examination, const char *what, enum verdict verdict,
                  const char *format, ...) __attribute__((format(printf, 4, 5)));
static void found(struct examination *examination, const char *what, enum verdict verdict,
                  const char *format, ...)
{
    invariant(examination->count < CHECKS_MAX);
    struct finding *finding = &examination->findings[examination->count++];
    va_list arguments;
    finding->what = what;
    finding->verdict = verdict;
    va_start(arguments, format);
    (void)vsnprintf(finding->text, sizeof finding->text, say(format), arguments);
    va_end(arguments);
}

static void certificate_check(struct examination *examination, const struct transport_reply *reply)
{
    const char *url = examination->settings->url;
    int64_t days = (reply->certificate_end_s - clock_now_ms() / 1000) / DAY_S;
    if (strncmp(url, "https://", 8) != 0)
        found(examination, "tls", strstr(url, "://127.") != NULL ? VERDICT_GOOD : VERDICT_WARN,
              "there is none: everybody on the way can read the password");
    else if (reply->certificate_end_s < 0)
        found(examination, "tls", VERDICT_GOOD, "the certificate is trusted");
    else
        found(examination, "tls", days < CERTIFICATE_DAYS_LEAST ? VERDICT_WARN : VERDICT_GOOD,
              "the certificate is trusted, for %" PRId64 " days more", days);
}

static void clock_check(struct examination *examination, const struct transport_reply *reply)
{
    int64_t apart_s = clock_now_ms() / 1000 - reply->date_s;
    if (reply->date_s < 0) {
        found(examination, "clock", VERDICT_WARN, "the server does not tell its time");
        return;
    }
    int64_t distance_s = apart_s < 0 ? -apart_s : apart_s;
    found(examination, "clock",
          distance_s > CLOCK_S_MAX    ? VERDICT_BAD
          : distance_s > CLOCK_S_GOOD ? VERDICT_WARN
                                      : VERDICT_GOOD,
          "%" PRId64 " s from the server's", apart_s);
}

/* Reaches the server without a word of who we are. False: it can't be. */
static bool server_check(struct examination *examination)
{
    const struct settings *settings = examination->settings;
    const struct transport_options options = {
        .base_url = settings->url,
        .ca_file = settings->ca_file,
        .proxy = settings->proxy,
        .timeout_ms = settings->timeout_s * 1000,
        .certificates = true,
    };
    const struct transport_request request = {.path = "/v1/transfer/check/balance"};
    struct transport *transport;
    struct transport_reply reply;
    if (transport_open(&options, &transport) != PAYOUT_CLIENT_DONE) {
        found(examination, "server", VERDICT_BAD, "%s is not an http:// or https:// URL",
              settings->url);
        return false;
    }
    bool reached = transport_call(transport, &request, &reply) == PAYOUT_CLIENT_DONE;
    if (reached) {
        found(examination, "server", VERDICT_GOOD, "%s answers", settings->url);
        certificate_check(examination, &reply);
        clock_check(examination, &reply);
    } else {
        found(examination, "server", VERDICT_BAD, "%s: %s", settings->url, reply.error);
    }
    buffer_free(&reply.body);
    transport_close(transport);
    return reached;
}

/* What the server says to a call: DONE and OK, or why not. */
static bool answer_check(struct examination *examination, const char *what,
                         const struct payout_result *result)
{
    if (result != NULL && result->fault == PAYOUT_CLIENT_DONE && result->code == PAYOUT_OK)
        return true;
    if (result == NULL || result->fault != PAYOUT_CLIENT_DONE)
        found(examination, what, VERDICT_BAD, "%s",
              result == NULL ? "out of memory" : result->text);
    else
        found(examination, what, VERDICT_BAD, "%d %s: %s", (int)result->code, result->message,
              result->description);
    return false;
}

static void balance_check(struct examination *examination, struct payout_client *client)
{
    struct payout_result *result = NULL;
    (void)payout_balance(client, &result);
    if (result != NULL && result->fault == PAYOUT_CLIENT_DONE &&
        result->code == PAYOUT_NOT_ALLOWED) {
        found(examination, "addresses", VERDICT_BAD,
              "this machine's address is not on the merchant's list");
    } else if (answer_check(examination, "addresses", result)) {
        found(examination, "addresses", VERDICT_GOOD, "calls from this machine are let in");
        const struct payout_balance *home = &result->balances[0];
        found(examination, "money", home->available > 0 ? VERDICT_GOOD : VERDICT_WARN,
              "%" PRId64 " %s can be paid out", home->available,
              home->currency != NULL ? home->currency : "");
    }
    payout_result_free(result);
}

static void account_check(struct examination *examination)
{
    struct payout_client *client = NULL;
    struct payout_result *result = NULL;
    if (!settings_client(examination->settings, false, &client)) {
        found(examination, "credentials", VERDICT_BAD, "they are not all there");
        return;
    }
    (void)payout_login(client, &result);
    if (answer_check(examination, "credentials", result)) {
        found(examination, "credentials", VERDICT_GOOD, "the server takes them");
        balance_check(examination, client);
    }
    payout_result_free(result);
    payout_client_close(client);
}

/* Pings notify_url, as a server does before it notifies. */
static void notify_check(struct examination *examination)
{
    const char *url = examination->settings->notify_url;
    const struct transport_options options = {
        .base_url = url, .ca_file = examination->settings->ca_file, .exact_url = true};
    const struct transport_request request = {.path = ""};
    struct transport *transport;
    struct transport_reply reply;
    if (url == NULL) {
        found(examination, "notify_url", VERDICT_WARN, "none is set here");
        return;
    }
    if (transport_open(&options, &transport) != PAYOUT_CLIENT_DONE) {
        found(examination, "notify_url", VERDICT_BAD, "%s is not an http:// or https:// URL", url);
        return;
    }
    if (transport_call(transport, &request, &reply) != PAYOUT_CLIENT_DONE)
        found(examination, "notify_url", VERDICT_BAD, "%s: %s", url, reply.error);
    else
        found(examination, "notify_url",
              reply.status >= 200 && reply.status < 300 ? VERDICT_GOOD : VERDICT_BAD,
              "%s answers a ping with %d; 2xx is wanted", url, reply.status);
    buffer_free(&reply.body);
    transport_close(transport);
    found(examination, "secret",
          examination->settings->secret != NULL ? VERDICT_GOOD : VERDICT_WARN,
          examination->settings->secret != NULL ? "there is a key to verify notifications with"
                                                : "there is no key to verify notifications with");
}

static bool examination_print(const struct examination *examination)
{
    static const char *const words[] = {"ok", "warning", "WRONG"};
    struct buffer out;
    buffer_init(&out, OUT_BYTES_MAX);
    if (examination->settings->json)
        buffer_char(&out, '[');
    for (size_t i = 0; i < examination->count; i++) {
        const struct finding *finding = &examination->findings[i];
        if (!examination->settings->json) {
            print_word(&out, words[finding->verdict]);
            buffer_format(&out, "%*s%-12s ", (int)(8 - strlen(words[finding->verdict])), "",
                          finding->what);
            print_clean(&out, finding->text);
            buffer_char(&out, '\n');
            continue;
        }
        buffer_text_append(&out, i == 0 ? "{" : ",{");
        reply_text_member(&out, "what", finding->what);
        reply_text_member(&out, "verdict", words[finding->verdict]);
        reply_text_member(&out, "text", finding->text);
        buffer_char(&out, '}');
    }
    if (examination->settings->json)
        buffer_text_append(&out, "]\n");
    bool printed = print_flush(&out);
    buffer_free(&out);
    return printed;
}

int command_doctor(struct settings *settings, int argc, char **argv)
{
    struct doctor_input input = {settings};
    struct examination examination = {.settings = settings};
    if (!command_parse(&doctor_argp, argc, argv, &input))
        return STATUS_USAGE;
    if (server_check(&examination))
        account_check(&examination);
    notify_check(&examination);
    bool good = true;
    for (size_t i = 0; i < examination.count; i++)
        good = good && examination.findings[i].verdict != VERDICT_BAD;
    return !examination_print(&examination) ? STATUS_USAGE : good ? STATUS_OK : STATUS_SOME_REFUSED;
}

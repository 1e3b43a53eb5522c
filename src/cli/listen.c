#include <arpa/inet.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/tally.h"
#include "wire/form.h"
#include "wire/reply.h"
#include "wire/signature.h"

enum {
    PORT_DEFAULT = 8087,
    CONNECTIONS_MAX = 256,
    BODY_BYTES_MAX = 64 * 1024,
    OUT_BYTES_MAX = 1024 * 1024,
    WAIT_MS = 200, /* How late a signal or --seconds may be seen. */
    AGE_SECONDS_MAX = 300,
    LAST_ANSWERS_MS = 2000,
    HEADER_BYTES_MAX = 255,
    COUNT_MAX = 1000000000,
};

struct listen_input {
    struct settings *settings;
    const char *address;
    int64_t port, count, seconds, fail_first;
    const char *expects[TALLY_WORD_COUNT];
    size_t expect_count;
    bool quiet;
};

enum {
    FLAG_PORT = 0x200,
    FLAG_ADDRESS,
    FLAG_SECRET,
    FLAG_COUNT,
    FLAG_SECONDS,
    FLAG_FAIL_FIRST,
    FLAG_EXPECT,
    FLAG_QUIET,
};

static const struct argp_option listen_flags[] = {
    {"port", FLAG_PORT, "PORT", 0, "Where to listen (default 8087; 0: any, it is shown)", 0},
    {"address", FLAG_ADDRESS, "IPV4", 0, "On which address (default 127.0.0.1)", 0},
    {"secret", FLAG_SECRET, "KEY", 0, "The merchant's secret key: verify with it (PAYOUT_SECRET)",
     0},
    {"count", FLAG_COUNT, "N", 0, "End when N notifications came, repetitions not counted", 0},
    {"expect", FLAG_EXPECT, "STATUS=N", 0,
     "End when N transfers reported STATUS: NEW, REC, VAL, REJ, NOS, or END (VAL or REJ); may be "
     "given several times",
     0},
    {"seconds", FLAG_SECONDS, "N", 0, "End after N seconds at the latest", 0},
    {"fail-first", FLAG_FAIL_FIRST, "N", 0, "Answer 500 to the first N, to see them come again", 0},
    {"quiet", FLAG_QUIET, NULL, 0, "Show the sums only", 0},
    {0},
};

static int64_t number_parse(const char *value, int64_t maximum, struct argp_state *state)
{
    char *end;
    long long number = strtoll(value, &end, 10);
    if (end == value || *end != '\0' || number < 0 || number > maximum)
        argp_error(state, "%s: a number from 0 to %" PRId64 " is wanted", value, maximum);
    return number;
}

static error_t listen_parse(int key, char *value, struct argp_state *state)
{
    struct listen_input *input = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        settings_child(state);
        return 0;
    case FLAG_PORT:
        input->port = number_parse(value, UINT16_MAX, state);
        return 0;
    case FLAG_ADDRESS:
        input->address = value;
        return 0;
    case FLAG_SECRET:
        input->settings->secret = value;
        return 0;
    case FLAG_COUNT:
        input->count = number_parse(value, COUNT_MAX, state);
        return 0;
    case FLAG_SECONDS:
        input->seconds = number_parse(value, COUNT_MAX, state);
        return 0;
    case FLAG_FAIL_FIRST:
        input->fail_first = number_parse(value, COUNT_MAX, state);
        return 0;
    case FLAG_EXPECT:
        if (input->expect_count == TALLY_WORD_COUNT)
            argp_error(state, "--expect is given too often");
        input->expects[input->expect_count++] = value;
        return 0;
    case FLAG_QUIET:
        input->quiet = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_usage(state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp listen_argp = {
    .options = listen_flags,
    .parser = listen_parse,
    .doc =
        "Receive notifications, print them, and verify their signatures.\v"
        "Exit status: 0 when what --count and --expect ask for came and every signature was right "
        "(or no secret is known), else 1.",
    .children = settings_children,
};

/* A request under way. */
struct hearing {
    bool taken;
    struct buffer body;
};

struct listener {
    const struct listen_input *input;
    struct tally tally;
    int64_t refused; /* By --fail-first. */
    struct buffer out;
    struct hearing hearings[CONNECTIONS_MAX];
};

static volatile sig_atomic_t signalled;

static void signal_take(int number)
{
    (void)number;
    signalled = 1;
}

/* What the signatures are worth. */
struct proof {
    const char *token, *webhook; /* "right", "WRONG", "none", "unverified" */
};

static const char *proof_word(const char *secret, const char *shown, bool right)
{
    return shown == NULL ? "none" : secret == NULL ? "unverified" : right ? "right" : "WRONG";
}

/* One that has only the old secret key finds its proof beside the new one's. */
static bool token_right(const char *secret, struct MHD_Connection *connection,
                        const struct notice *notice, const char *token)
{
    const char *before = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "x-token-before");
    return secret != NULL && token != NULL &&
           (signature_token_matches(notice, secret, token) ||
            (before != NULL && signature_token_matches(notice, secret, before)));
}

static struct proof proof_find(const char *secret, struct MHD_Connection *connection,
                               const struct notice *notice, const struct buffer *body)
{
    const char *token = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "x-token");
    const char *id = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "webhook-id");
    const char *at = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "webhook-timestamp");
    const char *signature =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "webhook-signature");
    int64_t age_seconds = 0;
    bool right = false;
    if (secret != NULL && id != NULL && at != NULL && signature != NULL) {
        int64_t timestamp = strtoll(at, NULL, 10);
        age_seconds = clock_now_ms() / 1000 - timestamp;
        right = signature_webhook_matches(secret, id, timestamp, buffer_text(body), body->length,
                                          signature) &&
                age_seconds <= AGE_SECONDS_MAX && age_seconds >= -AGE_SECONDS_MAX;
    }
    return (struct proof){
        .token = proof_word(secret, token, token_right(secret, connection, notice, token)),
        .webhook = proof_word(secret, signature, right),
    };
}

static void notice_show(struct listener *listener, const struct notice *notice,
                        const struct proof *proof, int status, bool again)
{
    char at[CLOCK_TEXT_BYTES];
    struct buffer *out = &listener->out;
    clock_text(clock_now_ms(), at);
    if (listener->input->settings->json) {
        buffer_char(out, '{');
        reply_text_member(out, "at", at);
        reply_int_member(out, "answered", status);
        reply_bool_member(out, "again", again);
        reply_text_member(out, "x_token", proof->token);
        reply_text_member(out, "webhook_signature", proof->webhook);
#define FIELD(member) reply_text_member(out, #member, notice->member);
        NOTICE_FIELDS(FIELD)
#undef FIELD
        buffer_text_append(out, "}\n");
        return;
    }
    const char *const parts[] = {notice->transaction_id,
                                 notice->client_transaction_id,
                                 notice->receiver,
                                 notice->amount,
                                 notice->operator,
                                 notice->sending_status,
                                 notice->treatment_status,
                                 notice->comment};
    buffer_text_append(out, at);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        buffer_char(out, ' ');
        print_clean(out, parts[i] == NULL || *parts[i] == '\0' ? "-" : parts[i]);
    }
    buffer_format(out, " [x-token %s, webhook %s]%s%s\n", proof->token, proof->webhook,
                  again ? " again" : "", status == 200 ? "" : " answered 500");
}

/* Reads, verifies, counts and shows one notification; the status to answer with. */
static unsigned notice_take(struct listener *listener, struct MHD_Connection *connection,
                            const struct buffer *body)
{
    struct form *form = NULL;
    const struct form_input input = {
        .content_type = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "content-type"),
        .body = buffer_text(body),
        .body_length = body->length,
    };
    if (!buffer_ok(body) || form_open(&input, &form) != FORM_READ)
        return 413;
    const struct notice notice = {
#define FIELD(member) .member = form_body(form, #member),
        NOTICE_FIELDS(FIELD)
#undef FIELD
    };
    const char *webhook_id = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "webhook-id");
    struct proof proof = proof_find(listener->input->settings->secret, connection, &notice, body);
    unsigned status = 200;
    bool again = false;
    if (listener->refused < listener->input->fail_first) {
        listener->refused++;
        status = 500;
    } else {
        again = !tally_take(&listener->tally, webhook_id,
                            notice.transaction_id != NULL ? notice.transaction_id : "",
                            notice.treatment_status != NULL ? notice.treatment_status : "");
        listener->tally.forged +=
            strcmp(proof.token, "WRONG") == 0 || strcmp(proof.webhook, "WRONG") == 0;
    }
    if (!listener->input->quiet)
        notice_show(listener, &notice, &proof, (int)status, again);
    form_close(form);
    if (!print_flush(&listener->out))
        signalled = 1; /* Nobody reads any more. */
    return status;
}

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status)
{
    static char text[] = "ok\n";
    struct MHD_Response *response = MHD_create_response_from_buffer(
        status == 200 ? sizeof text - 1 : 0, text, MHD_RESPMEM_PERSISTENT);
    if (response == NULL)
        return MHD_NO;
    enum MHD_Result queued = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return queued;
}

/* libmicrohttpd calls it at the head of a request, for each piece of its body, and at its end. */
static enum MHD_Result request_take(void *context, struct MHD_Connection *connection,
                                    const char *url, const char *method, const char *version,
                                    const char *piece, size_t *piece_length, void **own)
{
    struct listener *listener = context;
    struct hearing *hearing = *own;
    (void)url;
    (void)version;
    if (hearing == NULL) {
        for (size_t i = 0; i < CONNECTIONS_MAX && hearing == NULL; i++)
            if (!listener->hearings[i].taken)
                hearing = &listener->hearings[i];
        if (hearing == NULL)
            return MHD_NO;
        hearing->taken = true;
        buffer_init(&hearing->body, BODY_BYTES_MAX);
        *own = hearing;
        return MHD_YES;
    }
    if (*piece_length > 0) {
        buffer_append(&hearing->body, piece, *piece_length);
        *piece_length = 0;
        return MHD_YES;
    }
    bool post = strcmp(method, MHD_HTTP_METHOD_POST) == 0;
    /* Anything else is the ping before a notification. */
    return answer(connection, post ? notice_take(listener, connection, &hearing->body) : 200);
}

static void request_end(void *context, struct MHD_Connection *connection, void **own,
                        enum MHD_RequestTerminationCode why)
{
    struct hearing *hearing = *own;
    (void)context;
    (void)connection;
    (void)why;
    if (hearing == NULL)
        return;
    buffer_free(&hearing->body);
    hearing->taken = false;
    *own = NULL;
}

static struct MHD_Daemon *listener_start(struct listener *listener)
{
    const struct listen_input *input = listener->input;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)input->port)};
    if (inet_pton(AF_INET, input->address, &at.sin_addr) != 1) {
        print_problem("%s is not an IPv4 address", input->address);
        return NULL;
    }
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, request_take, listener, MHD_OPTION_SOCK_ADDR,
                         &at, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
                         MHD_OPTION_CONNECTION_TIMEOUT, 60U, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1U,
                         MHD_OPTION_NOTIFY_COMPLETED, request_end, NULL, MHD_OPTION_END);
    if (daemon == NULL) {
        print_problem("port %" PRId64 " on %s can't be had", input->port, input->address);
        return NULL;
    }
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    fprintf(stderr, "payout: listening on http://%s:%u/\n", input->address,
            info == NULL ? 0U : (unsigned)info->port);
    return daemon;
}

static void signals_take(void)
{
    struct sigaction action = {.sa_handler = signal_take};
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

static bool hearing_any(const struct listener *listener)
{
    for (size_t i = 0; i < CONNECTIONS_MAX; i++)
        if (listener->hearings[i].taken)
            return true;
    return false;
}

/* Listens until what is expected came, the time is over, or a signal. */
static int listener_run(struct listener *listener)
{
    const struct listen_input *input = listener->input;
    struct MHD_Daemon *daemon = listener_start(listener);
    if (daemon == NULL)
        return STATUS_USAGE;
    signals_take();
    int64_t end_us = clock_monotonic_us() + input->seconds * 1000000;
    while (signalled == 0 && !tally_met(&listener->tally) &&
           (input->seconds == 0 || clock_monotonic_us() < end_us))
        (void)MHD_run_wait(daemon, WAIT_MS);
    /* Answers that are on their way still leave: who doesn't get his comes again. */
    int64_t last_us = clock_monotonic_us() + INT64_C(1000) * LAST_ANSWERS_MS;
    while (hearing_any(listener) && clock_monotonic_us() < last_us)
        (void)MHD_run_wait(daemon, WAIT_MS);
    MHD_stop_daemon(daemon);
    const struct tally *tally = &listener->tally;
    if (input->settings->json)
        tally_json_write(tally, &listener->out);
    else
        tally_write(tally, &listener->out);
    bool written = print_flush(&listener->out);
    bool expects = input->count > 0 || input->expect_count > 0;
    bool good = (tally_met(tally) || !expects) && tally->forged == 0 && tally->late == 0;
    return good && written ? STATUS_OK : STATUS_SOME_REFUSED;
}

int command_listen(struct settings *settings, int argc, char **argv)
{
    struct listen_input input = {
        .settings = settings, .address = "127.0.0.1", .port = PORT_DEFAULT};
    if (!command_parse(&listen_argp, argc, argv, &input))
        return STATUS_USAGE;
    struct listener *listener = arena_alloc(settings->arena, 1, sizeof *listener);
    listener->input = &input;
    buffer_init(&listener->out, OUT_BYTES_MAX);
    tally_init(&listener->tally, settings->arena);
    if (input.count > 0)
        listener->tally.expected_heard = input.count;
    for (size_t i = 0; i < input.expect_count; i++) {
        if (!tally_expect(&listener->tally, input.expects[i])) {
            print_problem("--expect takes STATUS=N, not %s", input.expects[i]);
            return STATUS_USAGE;
        }
    }
    int status = listener_run(listener);
    buffer_free(&listener->out);
    return status;
}

#include <arpa/inet.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/tally.h"
#include "client/transport.h"
#include "wire/reply.h"

enum {
    PORT_DEFAULT = 8087,
    CONNECTIONS_MAX = 256,
    BODY_BYTES_MAX = 64 * 1024,
    OUT_BYTES_MAX = 1024 * 1024,
    WAIT_MS = 200, /* How late a signal or --seconds may be seen. */
    LAST_ANSWERS_MS = 2000,
    COUNT_MAX = 1000000000,
};

struct listen_input {
    struct settings *settings;
    const char *address, *forward_to;
    int64_t port, count, seconds, fail_first;
    const char *expects[TALLY_WORD_COUNT];
    size_t expect_count;
    bool quiet;
};

enum {
    FLAG_PORT = 0x200,
    FLAG_ADDRESS,
    FLAG_SECRET,
    FLAG_FORWARD_TO,
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
    {"forward-to", FLAG_FORWARD_TO, "URL", 0,
     "Hand each on to this one, and answer what it answers", 0},
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

static error_t listen_parse(int key, char *value, struct argp_state *state)
{
    struct listen_input *input = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        settings_child(state);
        return 0;
    case FLAG_PORT:
        input->port = settings_number(value, UINT16_MAX, state);
        return 0;
    case FLAG_ADDRESS:
        input->address = value;
        return 0;
    case FLAG_SECRET:
        input->settings->secret = value;
        return 0;
    case FLAG_FORWARD_TO:
        input->forward_to = value;
        return 0;
    case FLAG_COUNT:
        input->count = settings_number(value, COUNT_MAX, state);
        return 0;
    case FLAG_SECONDS:
        input->seconds = settings_number(value, COUNT_MAX, state);
        return 0;
    case FLAG_FAIL_FIRST:
        input->fail_first = settings_number(value, COUNT_MAX, state);
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
    struct transport *forward; /* To whom it is handed on; NULL: nobody. */
    int64_t refused;           /* By --fail-first. */
    struct buffer out;
    struct hearing hearings[CONNECTIONS_MAX];
};

/* Hands a notification on as it came; the status to answer with is what the other one answered, 502
 * when it did not. */
static unsigned forward(struct transport *to, const struct payout_notification_input *input)
{
    const struct {
        const char *name, *value;
    } signatures[] = {
        {"x-token", input->x_token},
        {"x-token-before", input->x_token_before},
        {"webhook-id", input->webhook_id},
        {"webhook-timestamp", input->webhook_timestamp},
        {"webhook-signature", input->webhook_signature},
    };
    enum { SIGNATURES = sizeof signatures / sizeof *signatures };
    struct buffer lines[SIGNATURES];
    const char *headers[SIGNATURES + 1] = {0};
    size_t count = 0;
    for (size_t i = 0; i < SIGNATURES; i++) {
        buffer_init(&lines[i], BODY_BYTES_MAX);
        if (signatures[i].value == NULL)
            continue;
        buffer_format(&lines[i], "%s: %s", signatures[i].name, signatures[i].value);
        headers[count++] = buffer_text(&lines[i]);
    }
    const struct transport_request request = {
        .path = "",
        .body = input->body,
        .body_length = input->body_length,
        .content_type =
            input->content_type != NULL ? input->content_type : "application/x-www-form-urlencoded",
        .headers = headers,
    };
    struct transport_reply reply;
    enum payout_client_fault fault = transport_call(to, &request, &reply);
    if (fault != PAYOUT_CLIENT_DONE)
        print_problem("it could not be handed on: %s", reply.error);
    unsigned status = fault == PAYOUT_CLIENT_DONE ? (unsigned)reply.status : 502;
    buffer_free(&reply.body);
    for (size_t i = 0; i < SIGNATURES; i++)
        buffer_free(&lines[i]);
    return status;
}

static volatile sig_atomic_t signalled;

static void signal_take(int number)
{
    (void)number;
    signalled = 1;
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static void notice_json(const struct payout_notification *notice, const char *at, int status,
                        bool again, struct buffer *out)
{
    buffer_char(out, '{');
    reply_text_member(out, "at", at);
    reply_int_member(out, "answered", status);
    reply_bool_member(out, "again", again);
    reply_text_member(out, "x_token", payout_proof_word(notice->token));
    reply_text_member(out, "webhook_signature", payout_proof_word(notice->webhook));
    reply_text_member(out, "transaction_id", notice->transaction_id);
    reply_text_member(out, "client_transaction_id", notice->client_transaction_id);
    reply_text_member(out, "lot", notice->lot);
    reply_text_member(out, "amount", notice->amount);
    reply_text_member(out, "receiver", notice->receiver);
    reply_text_member(out, "operator", notice->operator_name);
    reply_text_member(out, "treatment_status", notice->treatment_status);
    reply_text_member(out, "sending_status", notice->sending_status);
    reply_text_member(out, "comment", notice->comment);
    reply_text_member(out, "operator_transaction_id", notice->operator_transaction_id);
    reply_text_member(out, "validated_at", notice->validated_at);
    buffer_text_append(out, "}\n");
}

static void notice_show(struct listener *listener, const struct payout_notification *notice,
                        int status, bool again)
{
    char at[CLOCK_TEXT_BYTES];
    struct buffer *out = &listener->out;
    clock_text(clock_now_ms(), at);
    if (listener->input->settings->json) {
        notice_json(notice, at, status, again, out);
        return;
    }
    const char *const parts[] = {notice->transaction_id,   notice->client_transaction_id,
                                 notice->receiver,         notice->amount,
                                 notice->operator_name,    notice->sending_status,
                                 notice->treatment_status, notice->comment};
    buffer_text_append(out, at);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        buffer_char(out, ' ');
        print_clean(out, *parts[i] == '\0' ? "-" : parts[i]);
    }
    buffer_format(out, " [x-token %s, webhook %s]%s", payout_proof_word(notice->token),
                  payout_proof_word(notice->webhook), again ? " again" : "");
    if (status != 200)
        buffer_format(out, " answered %d", status);
    buffer_char(out, '\n');
}

/* Reads, verifies, counts and shows one notification; the status to answer with. */
static unsigned notice_take(struct listener *listener, struct MHD_Connection *connection,
                            const struct buffer *body)
{
    struct payout_notification *notice = NULL;
    const struct payout_notification_input input = {
        .size = sizeof input,
        .body = buffer_text(body),
        .body_length = body->length,
        .content_type = header(connection, "content-type"),
        .x_token = header(connection, "x-token"),
        .x_token_before = header(connection, "x-token-before"),
        .webhook_id = header(connection, "webhook-id"),
        .webhook_timestamp = header(connection, "webhook-timestamp"),
        .webhook_signature = header(connection, "webhook-signature"),
        .secret = listener->input->settings->secret,
    };
    if (!buffer_ok(body) || payout_notification_read(&input, &notice) != PAYOUT_CLIENT_DONE)
        return 413;
    unsigned status = 200;
    bool again = false;
    if (listener->refused < listener->input->fail_first) {
        listener->refused++;
        status = 500;
    } else if (listener->forward != NULL) {
        status = forward(listener->forward, &input);
    }
    if (status >= 200 && status < 300) {
        again = !tally_take(&listener->tally, input.webhook_id, notice->transaction_id,
                            notice->treatment_status);
        listener->tally.forged +=
            notice->token == PAYOUT_PROOF_WRONG || notice->webhook == PAYOUT_PROOF_WRONG;
    }
    if (!listener->input->quiet)
        notice_show(listener, notice, (int)status, again);
    payout_notification_free(notice);
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
    const struct transport_options forward = {.base_url = input.forward_to, .exact_url = true};
    if (input.forward_to != NULL &&
        transport_open(&forward, &listener->forward) != PAYOUT_CLIENT_DONE) {
        print_problem("--forward-to takes an http:// or https:// URL, not %s", input.forward_to);
        return STATUS_USAGE;
    }
    int status = listener_run(listener);
    transport_close(listener->forward);
    buffer_free(&listener->out);
    return status;
}

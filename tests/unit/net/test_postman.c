#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/secret.h"
#include "net/postman.h"

/* --- A mail server of one connection at a time that says what the test wants --- */

enum { SEEN_BYTES = 16 * 1024 };

/* A command's first letters and what is said to it: "" hangs up, NULL says nothing. */
struct said {
    const char *command, *reply;
};
struct smtp_fake {
    int listener, port;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t heard;
    /* Under the mutex: */
    const struct said *script; /* What differs from the usual; ends with {0}. */
    char seen[SEEN_BYTES];     /* All that came. */
    int accepted;
};

static const char *fake_reply(struct smtp_fake *fake, const char *line)
{
    static const struct said usual[] = {{"", "220 fake\r\n"},    {"EHLO", "250 fake\r\n"},
                                        {"MAIL", "250 ok\r\n"},  {"RCPT", "250 ok\r\n"},
                                        {"DATA", "354 go\r\n"},  {".", "250 taken\r\n"},
                                        {"QUIT", "221 bye\r\n"}, {0}};
    const struct said *scripts[] = {fake->script, usual};
    for (size_t i = 0; i < 2; i++)
        for (const struct said *said = scripts[i]; said != NULL && said->command != NULL; said++)
            if (said->command[0] == '\0' ? line[0] == '\0'
                                         : strncmp(line, said->command, strlen(said->command)) == 0)
                return said->reply;
    return "500 what\r\n";
}

/* False when the connection has ended. *data: a mail comes next. */
static bool fake_say(struct smtp_fake *fake, int connection, const char *line, bool *data)
{
    (void)pthread_mutex_lock(&fake->mutex);
    const char *reply = fake_reply(fake, line);
    (void)strncat(fake->seen, line, SEEN_BYTES - strlen(fake->seen) - 1);
    (void)pthread_cond_broadcast(&fake->heard);
    (void)pthread_mutex_unlock(&fake->mutex);
    *data = reply != NULL && strncmp(reply, "354", 3) == 0;
    if (reply == NULL)
        return true;
    return reply[0] != '\0' && send(connection, reply, strlen(reply), MSG_NOSIGNAL) > 0;
}

static void fake_serve(struct smtp_fake *fake, FILE *in, int connection)
{
    char line[2048];
    bool data = false;
    if (!fake_say(fake, connection, "", &data))
        return;
    while (fgets(line, sizeof line, in) != NULL) {
        if (data && strcmp(line, ".\r\n") != 0) {
            (void)pthread_mutex_lock(&fake->mutex);
            (void)strncat(fake->seen, line, SEEN_BYTES - strlen(fake->seen) - 1);
            (void)pthread_mutex_unlock(&fake->mutex);
            continue;
        }
        if (!fake_say(fake, connection, line, &data))
            return;
    }
}

static void *fake_run(void *context)
{
    struct smtp_fake *fake = context;
    for (;;) {
        int connection = accept(fake->listener, NULL, NULL);
        if (connection < 0)
            return NULL;
        (void)pthread_mutex_lock(&fake->mutex);
        fake->accepted++;
        (void)pthread_mutex_unlock(&fake->mutex);
        FILE *in = fdopen(connection, "r");
        if (in == NULL)
            return NULL;
        fake_serve(fake, in, connection);
        (void)fclose(in);
    }
}

static int fake_open(void **state)
{
    static struct smtp_fake fake;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    fake = (struct smtp_fake){.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    assert_return_code(bind(fake.listener, (struct sockaddr *)&address, length), 0);
    assert_return_code(listen(fake.listener, 8), 0);
    assert_return_code(getsockname(fake.listener, (struct sockaddr *)&address, &length), 0);
    fake.port = ntohs(address.sin_port);
    assert_int_equal(pthread_mutex_init(&fake.mutex, NULL), 0);
    assert_int_equal(pthread_cond_init(&fake.heard, NULL), 0);
    assert_int_equal(pthread_create(&fake.thread, NULL, fake_run, &fake), 0);
    *state = &fake;
    return 0;
}

static int fake_close(void **state)
{
    struct smtp_fake *fake = *state;
    (void)shutdown(fake->listener, SHUT_RDWR);
    assert_int_equal(pthread_join(fake->thread, NULL), 0);
    (void)close(fake->listener);
    return 0;
}

static void fake_script(struct smtp_fake *fake, const struct said *script)
{
    (void)pthread_mutex_lock(&fake->mutex);
    fake->script = script;
    (void)pthread_mutex_unlock(&fake->mutex);
}

static void fake_seen(struct smtp_fake *fake, char seen[SEEN_BYTES])
{
    (void)pthread_mutex_lock(&fake->mutex);
    memcpy(seen, fake->seen, SEEN_BYTES);
    (void)pthread_mutex_unlock(&fake->mutex);
}

/* --- The tests --- */

static const char mail[] = "Subject: hello\r\n\r\nfirst\r\n.second\r\n";

static struct postman *postman_to(const struct smtp_fake *fake, int64_t timeout_ms)
{
    char url[64];
    struct postman *postman;
    struct fault fault;
    (void)snprintf(url, sizeof url, "smtp://127.0.0.1:%d/payoutd.example", fake->port);
    assert_int_equal(postman_open(&(struct postman_options){.url = url,
                                                            .from = "payoutd@example.com",
                                                            .tls = POSTMAN_TLS_NONE,
                                                            .timeout_ms = timeout_ms,
                                                            .connect_timeout_ms = timeout_ms},
                                  &postman, &fault),
                     FAULT_NONE);
    return postman;
}

static enum postman_result mail_send(struct postman *postman, char error[POSTMAN_ERROR_BYTES])
{
    return postman_send(postman, "awa@example.com", mail, sizeof mail - 1, error);
}

/* What a server's word at some step makes of a mail. */
static void word_makes(struct smtp_fake *fake, const char *command, const char *reply,
                       enum postman_result expected, const char *error_holds)
{
    char error[POSTMAN_ERROR_BYTES];
    const struct said script[] = {{command, reply}, {0}};
    fake_script(fake, script);
    struct postman *postman = postman_to(fake, 20000);
    enum postman_result result = mail_send(postman, error);
    postman_close(postman);
    fake_script(fake, NULL);
    if (result != expected || strstr(error, error_holds) == NULL)
        fail_msg("%s: %s makes %d (%s), not %d (%s)", command, reply, (int)result, error,
                 (int)expected, error_holds);
}

static void a_mail_arrives_as_it_is(void **state)
{
    struct smtp_fake *fake = *state;
    char error[POSTMAN_ERROR_BYTES], seen[SEEN_BYTES];
    struct postman *postman = postman_to(fake, 20000);
    assert_int_equal(mail_send(postman, error), POSTMAN_TAKEN);
    assert_string_equal(error, "");
    postman_close(postman);
    fake_seen(fake, seen);
    assert_non_null(strstr(seen, "EHLO payoutd.example\r\n"));
    assert_non_null(strstr(seen, "MAIL FROM:<payoutd@example.com>"));
    assert_non_null(strstr(seen, "RCPT TO:<awa@example.com>\r\n"));
    assert_non_null(strstr(seen, "Subject: hello\r\n\r\nfirst\r\n..second\r\n.\r\n"));
}

static void mails_share_a_connection(void **state)
{
    struct smtp_fake *fake = *state;
    char error[POSTMAN_ERROR_BYTES];
    struct postman *postman = postman_to(fake, 20000);
    for (int i = 0; i < 3; i++)
        assert_int_equal(mail_send(postman, error), POSTMAN_TAKEN);
    postman_close(postman);
    (void)pthread_mutex_lock(&fake->mutex);
    assert_int_equal(fake->accepted, 1);
    (void)pthread_mutex_unlock(&fake->mutex);
}

static void a_kept_connection_that_was_closed_costs_nothing(void **state)
{
    struct smtp_fake *fake = *state;
    char error[POSTMAN_ERROR_BYTES];
    struct postman *postman = postman_to(fake, 20000);
    assert_int_equal(mail_send(postman, error), POSTMAN_TAKEN);
    /* What is said first on the kept connection ends it, as it does on the next one. */
    static const struct said closing[] = {{"MAIL", ""}, {0}};
    fake_script(fake, closing);
    assert_int_equal(mail_send(postman, error), POSTMAN_LATER);
    (void)pthread_mutex_lock(&fake->mutex);
    assert_int_equal(fake->accepted, 2);
    (void)pthread_mutex_unlock(&fake->mutex);
    fake_script(fake, NULL);
    assert_int_equal(mail_send(postman, error), POSTMAN_TAKEN);
    postman_close(postman);
}

static void what_the_server_says_is_told(void **state)
{
    struct smtp_fake *fake = *state;
    word_makes(fake, "RCPT", "550 5.1.1 nobody here\r\n", POSTMAN_REFUSED, "550 5.1.1 nobody here");
    word_makes(fake, "RCPT", "450 4.2.1 later\r\n", POSTMAN_LATER, "450 4.2.1 later");
    word_makes(fake, "DATA", "554 no\r\n", POSTMAN_REFUSED, "554 no");
    word_makes(fake, ".", "552 too large\r\n", POSTMAN_REFUSED, "552 too large");
    word_makes(fake, ".", "451 disk full\r\n", POSTMAN_LATER, "451 disk full");
    word_makes(fake, "MAIL", "550 not you\r\n", POSTMAN_LATER, "550 not you");
    word_makes(fake, "", "554 no service\r\n", POSTMAN_LATER, "554 no service");
    word_makes(fake, "", "421 too many\r\n", POSTMAN_LATER, "421 too many");
}

static void a_server_that_hangs_up_is_asked_later(void **state)
{
    struct smtp_fake *fake = *state;
    word_makes(fake, "", "", POSTMAN_LATER, "");
    word_makes(fake, "EHLO", "", POSTMAN_LATER, "");
    word_makes(fake, "MAIL", "", POSTMAN_LATER, "");
    word_makes(fake, "RCPT", "", POSTMAN_LATER, "");
    word_makes(fake, "DATA", "", POSTMAN_LATER, "");
    word_makes(fake, ".", "", POSTMAN_LATER, "");
}

static void what_the_server_says_is_made_printable(void **state)
{
    word_makes(*state, "RCPT", "550 \x1b[31mno\xff\t\x01!\r\n", POSTMAN_REFUSED, "550 [31mno!");
}

static void a_server_without_tls_gets_nothing_when_it_is_required(void **state)
{
    struct smtp_fake *fake = *state;
    char url[64], error[POSTMAN_ERROR_BYTES], seen[SEEN_BYTES];
    struct postman *postman;
    struct fault fault;
    (void)snprintf(url, sizeof url, "smtp://127.0.0.1:%d", fake->port);
    assert_int_equal(postman_open(&(struct postman_options){.url = url,
                                                            .from = "payoutd@example.com",
                                                            .user = "payoutd",
                                                            .password = "a-secret-password",
                                                            .tls = POSTMAN_TLS_REQUIRED,
                                                            .timeout_ms = 20000,
                                                            .connect_timeout_ms = 20000},
                                  &postman, &fault),
                     FAULT_NONE);
    assert_int_equal(mail_send(postman, error), POSTMAN_LATER);
    assert_null(strstr(error, "secret"));
    postman_close(postman);
    fake_seen(fake, seen);
    assert_null(strstr(seen, "AUTH"));
    assert_null(strstr(seen, "MAIL"));
}

static void nobody_there_is_later(void **state)
{
    struct smtp_fake *fake = *state;
    char error[POSTMAN_ERROR_BYTES];
    struct smtp_fake gone = {.port = fake->port};
    (void)shutdown(fake->listener, SHUT_RDWR);
    struct postman *postman = postman_to(&gone, 20000);
    assert_int_equal(mail_send(postman, error), POSTMAN_LATER);
    assert_string_not_equal(error, "");
    postman_close(postman);
}

static void *cut_when_heard(void *context)
{
    void **both = context;
    struct smtp_fake *fake = both[0];
    (void)pthread_mutex_lock(&fake->mutex);
    while (strstr(fake->seen, fake->script[0].command) == NULL)
        (void)pthread_cond_wait(&fake->heard, &fake->mutex);
    (void)pthread_mutex_unlock(&fake->mutex);
    postman_cut(both[1]);
    return NULL;
}

static void silent_server_is_left(struct smtp_fake *fake, const char *command)
{
    const struct said silent[] = {{command, NULL}, {"QUIT", NULL}, {0}};
    char error[POSTMAN_ERROR_BYTES];
    pthread_t thread;
    fake_script(fake, silent);
    struct postman *postman = postman_to(fake, 3600000);
    void *both[] = {fake, postman};
    assert_int_equal(pthread_create(&thread, NULL, cut_when_heard, both), 0);
    assert_int_equal(mail_send(postman, error), POSTMAN_CUT);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(mail_send(postman, error), POSTMAN_CUT);
    postman_close(postman);
}

static void a_silent_server_can_be_left(void **state)
{
    silent_server_is_left(*state, "RCPT");
}

static void a_server_that_keeps_a_mail_to_itself_can_be_left(void **state)
{
    silent_server_is_left(*state, ".\r\n");
}

static void half_a_mail_is_none(void **state)
{
    struct smtp_fake *fake = *state;
    char seen[SEEN_BYTES];
    silent_server_is_left(fake, "DATA");
    fake_seen(fake, seen);
    assert_null(strstr(seen, "\r\n.\r\n"));
}

static void a_silent_server_is_left_in_time(void **state)
{
    struct smtp_fake *fake = *state;
    static const struct said silent[] = {{"EHLO", NULL}, {0}};
    char error[POSTMAN_ERROR_BYTES];
    fake_script(fake, silent);
    struct postman *postman = postman_to(fake, 100);
    assert_int_equal(mail_send(postman, error), POSTMAN_LATER);
    postman_close(postman);
}

static void an_address_can_say_nothing_else(void **state)
{
    struct smtp_fake *fake = *state;
    static const char *const bad[] = {"",
                                      "awa",
                                      "@example.com",
                                      "awa@",
                                      "awa@example.com>\r\nDATA",
                                      "awa@example.com\nBcc: x@y.example",
                                      "<awa@example.com>",
                                      "awa@example.com,eve@example.com",
                                      "Awa <awa@example.com>",
                                      "awa koné@example.com"};
    char error[POSTMAN_ERROR_BYTES], seen[SEEN_BYTES];
    struct postman *postman = postman_to(fake, 20000);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(postman_send(postman, bad[i], mail, sizeof mail - 1, error),
                         POSTMAN_REFUSED);
    postman_close(postman);
    fake_seen(fake, seen);
    assert_string_equal(seen, "");
}

static void options_are(const struct postman_options *options, const char *error_holds)
{
    struct postman_options given = *options;
    struct postman *postman = NULL;
    struct fault fault = {0};
    given.timeout_ms = given.connect_timeout_ms = 1000;
    enum fault_kind kind = postman_open(&given, &postman, &fault);
    if (error_holds == NULL) {
        assert_int_equal(kind, FAULT_NONE);
    } else {
        assert_int_equal(kind, FAULT_FINAL);
        if (strstr(fault.text, error_holds) == NULL)
            fail_msg("%s: %s", options->url, fault.text);
        assert_null(strstr(fault.text, "hunter2"));
    }
    postman_close(postman);
}

static void options_that_are_wrong_are_named(void **state)
{
    (void)state;
    static const char from[] = "payoutd@example.com";
    options_are(&(struct postman_options){.url = "http://mail.example", .from = from}, "url:");
    options_are(&(struct postman_options){.url = "smtp://", .from = from}, "url:");
    options_are(&(struct postman_options){.url = "smtp://u:hunter2@mail.example", .from = from},
                "url: no user");
    options_are(&(struct postman_options){.url = "smtp://mail.example\r\nX", .from = from}, "url:");
    options_are(&(struct postman_options){.url = "smtp://mail.example", .from = "payoutd"}, "from");
    options_are(&(struct postman_options){.url = "smtp://mail.example", .from = from, .user = "u"},
                "password");
    options_are(&(struct postman_options){.url = "smtp://mail.example",
                                          .from = from,
                                          .user = "u",
                                          .password = "hunter2",
                                          .tls = POSTMAN_TLS_OPTIONAL},
                "starttls");
    options_are(&(struct postman_options){.url = "smtp://127.0.0.1.example",
                                          .from = from,
                                          .user = "u",
                                          .password = "hunter2",
                                          .tls = POSTMAN_TLS_NONE},
                "starttls");
    options_are(&(struct postman_options){.url = "smtp://127.0.0.1:25",
                                          .from = from,
                                          .user = "u",
                                          .password = "hunter2",
                                          .tls = POSTMAN_TLS_NONE},
                NULL);
    options_are(&(struct postman_options){.url = "smtp://[::1]:25/x",
                                          .from = from,
                                          .user = "u",
                                          .password = "hunter2",
                                          .tls = POSTMAN_TLS_NONE},
                NULL);
    options_are(&(struct postman_options){.url = "smtps://mail.example",
                                          .from = from,
                                          .user = "u",
                                          .password = "hunter2",
                                          .tls = POSTMAN_TLS_NONE},
                NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_open, fake_close)

int main(void)
{
    secret_init();
    const struct CMUnitTest tests[] = {
        TEST(a_mail_arrives_as_it_is),
        TEST(mails_share_a_connection),
        TEST(a_kept_connection_that_was_closed_costs_nothing),
        TEST(what_the_server_says_is_told),
        TEST(a_server_that_hangs_up_is_asked_later),
        TEST(what_the_server_says_is_made_printable),
        TEST(a_server_without_tls_gets_nothing_when_it_is_required),
        TEST(nobody_there_is_later),
        TEST(a_silent_server_can_be_left),
        TEST(a_server_that_keeps_a_mail_to_itself_can_be_left),
        TEST(half_a_mail_is_none),
        TEST(a_silent_server_is_left_in_time),
        TEST(an_address_can_say_nothing_else),
        cmocka_unit_test(options_that_are_wrong_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

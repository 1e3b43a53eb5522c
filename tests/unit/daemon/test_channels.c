#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/secret.h"
#include "daemon/channel_account_check.h"
#include "daemon/channel_file.h"
#include "daemon/channel_secret.h"
#include "daemon/channels.h"
#include "operators/operator.h"

/* Every test has a folder of its own, with channels in channels/. */
static char folder[64];
static struct configuration settings;
static struct channels channels;
static struct buffer errors;

static const char *path_of(const char *name)
{
    static char path[4][256];
    static int next;
    next = (next + 1) % 4;
    (void)snprintf(path[next], sizeof *path, "%s/%s", folder, name);
    return path[next];
}

__attribute__((format(printf, 3, 4))) static void file_put(const char *name, mode_t rights,
                                                           const char *format, ...)
{
    char text[8192];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    (void)unlink(path_of(name));
    int file = open(path_of(name), O_WRONLY | O_CREAT | O_EXCL, rights);
    assert_true(file >= 0 && length >= 0 && (size_t)length < sizeof text);
    assert_int_equal(write(file, text, (size_t)length), length);
    assert_int_equal(fchmod(file, rights), 0);
    assert_int_equal(close(file), 0);
}

static int folder_make(void **state)
{
    (void)state;
    memcpy(folder, "/tmp/payoutd-channels-XXXXXX", sizeof "/tmp/payoutd-channels-XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(mkdir(path_of("channels"), 0700), 0);
    settings = (struct configuration){.operator_lease_ms = 60000};
    (void)snprintf(settings.operator_channels_dir, sizeof settings.operator_channels_dir, "%s",
                   path_of("channels"));
    (void)snprintf(settings.secrets_key_file, sizeof settings.secrets_key_file, "%s",
                   path_of("secrets.key"));
    channels = (struct channels){0};
    buffer_init(&errors, 100000);
    return 0;
}

static int folder_remove(void **state)
{
    (void)state;
    char command[128];
    channels_close(&channels);
    buffer_free(&errors);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static bool read_all(void)
{
    channels_close(&channels);
    buffer_clear(&errors);
    return channels_read(&settings, &channels, &errors);
}

static void assert_told(const char *sentence)
{
    if (strstr(buffer_text(&errors), sentence) == NULL)
        fail_msg("\"%s\" is not in:\n%s", sentence, buffer_text(&errors));
}

static void without_a_file_the_sandbox_is_alone(void **state)
{
    (void)state;
    file_put("channels/README", 0644, "this is no channel");
    assert_true(read_all());
    assert_true(channels.sandbox_alone);
    assert_int_equal(channels.count, 1);
    assert_int_equal(channels.list[0].number, CHANNEL_SANDBOX);
    assert_string_equal(channels.list[0].connector->name, "sandbox");
    settings.operator_channels_dir[0] = '\0';
    assert_true(read_all() && channels.sandbox_alone);
}

/* Who names a folder means it: the sandbox must not pay in the place of what is in it. */
static void a_folder_that_is_named_must_be_there(void **state)
{
    (void)state;
    (void)snprintf(settings.operator_channels_dir, sizeof settings.operator_channels_dir, "%s",
                   path_of("chanels"));
    assert_false(read_all());
    assert_told("[operator] channels_dir");
    assert_told("No such file");
}

static void a_file_says_all_of_a_channel(void **state)
{
    (void)state;
    file_put("key", 0600, "a secret\n");
    file_put("channels/pretend.conf", 0644,
             "[channel]\nconnector = sandbox\nnumber = 1\noperators = OM flooz,MOMO\n  WAVECI\n"
             "url = https://momo.example.com/disbursement/\naccount = we\nenvironment = test\n"
             "secret_file = %s\namount_min = 500\namount_max = 1000\nmerchants = 7, 9\n"
             "priority = 3\nweight = 4\ncalls_per_second = 5\nunder_way_max = 6\ntimeout = 7s\n"
             "connect_timeout = 2s\nfloat_ask = 1m\n",
             path_of("key"));
    if (!read_all())
        fail_msg("%s", buffer_text(&errors));
    const struct channel *channel = &channels.list[0];
    assert_false(channels.sandbox_alone);
    assert_int_equal(channels.count, 1);
    assert_string_equal(channel->name, "pretend");
    assert_int_equal(channel->operators, 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4);
    assert_int_equal(channel->currency, CURRENCY_XOF);
    assert_string_equal(channel->url, "https://momo.example.com/disbursement");
    assert_string_equal(channel->account, "we");
    assert_string_equal(channel->environment, "test");
    assert_string_equal(channel->secret, "a secret");
    assert_string_equal(channel->secret_second, "");
    assert_string_equal(channel->callback_url, ""); /* The sandbox does not call. */
    assert_int_equal(channel->amount_min_minor, 500);
    assert_int_equal(channel->amount_max_minor, 1000);
    assert_int_equal(channel->merchant_count, 2);
    assert_int_equal(channel->merchants[1], 9);
    assert_int_equal(channel->priority, 3);
    assert_int_equal(channel->weight, 4);
    assert_int_equal(channel->calls_per_second, 5);
    assert_int_equal(channel->under_way_max, 6);
    assert_int_equal(channel->timeout_ms, 7000);
    assert_int_equal(channel->connect_timeout_ms, 2000);
    assert_int_equal(channel->float_ask_ms, 60000);
    assert_int_equal(channel->float_alarm_minor, 0);
}

static void every_mistake_in_every_file_is_told_with_its_line(void **state)
{
    (void)state;
    file_put("channels/Big_One.conf", 0644, "%s", "");
    file_put("channels/a.conf", 0644, "[channel]\nconnector = momo\nnumber = 300\n");
    file_put("channels/b.conf", 0644,
             "[channel]\nconnector = sandbox\nnumber = 2\noperators = OM OMCM NOBODY\n"
             "url = http://momo.example.com\nmerchants = 7 x 0\namount_min = 9\namount_max = 8\n"
             "timeout = 60s\nconnect_timeout = 1m\nname_least = 80\nbatch_max = 2\n"
             "float_alarm = 1\nvalidate = yes\ncurrency = XYZ\n");
    file_put("channels/c.conf", 0644,
             "[channel]\nconnector = sandbox\nnumber = 1\ncurrency = GNF\noperators = OM\n"
             "no_such = 1\nname_least = 80\n");
    file_put("channels/d.conf", 0644,
             "[channel]\nnumber = 1\nconnector = sandbox\nurl = https://\n"
             "callback_secret_file = /nonexistent/key\n");
    (void)snprintf(settings.operator_public_url, sizeof settings.operator_public_url,
                   "https://pay.example.com/");
    assert_false(read_all());
    assert_null(channels.list);
    assert_told("Big_One.conf: a channel's name has 1 to 32 letters");
    assert_told("[operator] public_url: it begins with");
    assert_told("a.conf:2: connector: \"momo\" is none of: sandbox");
    assert_told("a.conf:3: \"300\" is not what [channel] number takes: 0 to 255");
    assert_told("a.conf: operators: a channel needs one at least");
    assert_told("b.conf:3: number: 1 is the sandbox's");
    assert_told("b.conf:4: operators: OMCM is paid in XAF, and not in XOF");
    assert_told("b.conf:4: operators: no operator has the payment_method \"NOBODY\"");
    assert_told("b.conf:5: url: it begins with https://");
    assert_told("b.conf:6: merchants: \"x\" is no id");
    assert_told("b.conf:6: merchants: \"0\" is no id");
    assert_told("b.conf:8: amount_max: it is less than amount_min");
    assert_told("b.conf:9: timeout: it must be shorter than [operator] lease");
    assert_told("b.conf:12: batch_max: sandbox takes 1 at most");
    assert_told("b.conf:13: float_alarm: sandbox does not tell");
    assert_told("b.conf:14: validate: sandbox can't");
    assert_told("b.conf:15: currency: \"XYZ\" is none");
    assert_told("c.conf:5: operators: OM is paid in XOF, and not in GNF");
    assert_told("c.conf:6: there is no setting [channel] no_such");
    assert_told("c.conf:7: name_least: without validate");
    assert_told("d.conf:2: number: ");
    assert_told("c.conf has the same");
    assert_told("d.conf:4: url: it begins with");
    assert_told("d.conf: callback_secret_file: /nonexistent/key: No such file");
}

static void urls_are_safe_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        bool good;
    } cases[] = {
        {"https://a.example", true},
        {"https://a.example:8443/v1", true},
        {"http://127.0.0.1:8080", true},
        {"http://localhost/x", true},
        {"http://[::1]:1", true},
        {"http://127.0.0.1.example.com", false},
        {"http://localhost.example", false},
        {"http://10.0.0.1", false},
        {"https://user@a.example", false},
        {"https://a.example?x=1", false},
        {"https://a.example#x", false},
        {"https://", false},
        {"ftp://a.example", false},
        {"a.example", false},
        {"https:// a.example", false},
        {"https:///x", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        file_put("channels/a.conf", 0644, "[channel]\nconnector = sandbox\nnumber = 1\nurl = %s\n",
                 cases[i].url);
        if (read_all() != cases[i].good)
            fail_msg("%s: %s", cases[i].url, buffer_text(&errors));
    }
}

static void secrets_are_what_their_files_hold(void **state)
{
    (void)state;
    static const char conf[] = "[channel]\nconnector = sandbox\nnumber = 1\nsecret_file = %s\n"
                               "secret_second_file = %s\n";
    static const char pem[] = "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----";
    file_put("first", 0600, "one\r\n");
    file_put("second", 0600, "%s\n", pem);
    file_put("channels/a.conf", 0644, conf, path_of("first"), path_of("second"));
    assert_true(read_all());
    assert_string_equal(channels.list[0].secret, "one");
    assert_string_equal(channels.list[0].secret_second, pem);
    file_put("first", 0640, "one\n");
    file_put("second", 0600, "\n");
    assert_false(read_all());
    assert_told("others may read it: chmod 600");
    assert_told("a secret is a text of 1 to 4096 bytes");
    file_put("first", 0600, "%04096d\n", 0);
    file_put("second", 0600, "%04097d\n", 0);
    assert_false(read_all());
    assert_told("second: a secret is a text");
    assert_null(strstr(buffer_text(&errors), "first: "));
    file_put("second", 0600, "sneaky\033[2J\n");
    assert_false(read_all());
    assert_null(strstr(buffer_text(&errors), "sneaky")); /* Never repeated. */
}

/* `payoutd seal FILE` with text on its standard input. */
static int seal(const char *path, const char *text)
{
    file_put("input", 0600, "%s", text);
    assert_non_null(freopen(path_of("input"), "r", stdin));
    return channels_seal(&settings, path);
}

static void a_sealed_secret_opens_for_its_channel_only(void **state)
{
    (void)state;
    static const char conf[] = "[channel]\nconnector = sandbox\nnumber = 1\n%s = %s\n";
    file_put("channels/a.conf", 0644, conf, "secret_file", path_of("first"));
    assert_int_equal(seal(path_of("first"), "hush\n"), EXIT_FAILURE); /* There is no key. */
    assert_int_equal(access(path_of("first"), F_OK), -1);
    file_put("secrets.key", 0600, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n");
    assert_int_equal(seal(path_of("other"), "hush\n"), EXIT_FAILURE); /* Nobody names it. */
    assert_int_equal(seal(path_of("first"), "\n"), EXIT_FAILURE);
    assert_int_equal(seal(path_of("first"), "hush\n"), EXIT_SUCCESS);
    assert_true(channel_secret_sealed(path_of("first")));
    struct stat about;
    assert_int_equal(stat(path_of("first"), &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_true(read_all());
    assert_string_equal(channels.list[0].secret, "hush");
    file_put("channels/a.conf", 0644, conf, "secret_second_file", path_of("first"));
    assert_false(read_all());
    assert_told("sealed for another place");
    file_put("channels/a.conf", 0644, conf, "secret_file", path_of("first"));
    file_put("secrets.key", 0600, "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n");
    assert_false(read_all());
    assert_told("which is not there");
    assert_int_equal(unlink(path_of("secrets.key")), 0);
    assert_false(read_all());
    assert_told("[secrets] key_file");
}

static void a_new_key_renews_what_is_sealed(void **state)
{
    (void)state;
    static const char old[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    static const char young[] = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    file_put("secrets.key", 0600, "%s\n", old);
    file_put("second", 0600, "open\n");
    file_put("channels/a.conf", 0644,
             "[channel]\nconnector = sandbox\nnumber = 1\nsecret_file = %s\n"
             "secret_second_file = %s\n",
             path_of("first"), path_of("second"));
    assert_int_equal(seal(path_of("first"), "hush"), EXIT_SUCCESS);
    file_put("secrets.key", 0600, "%s\n%s\n", young, old);
    assert_true(read_all()); /* The older one still opens it. */
    assert_true(channels_rekey(&settings));
    file_put("secrets.key", 0600, "%s\n", young);
    assert_true(read_all());
    assert_string_equal(channels.list[0].secret, "hush");
    assert_string_equal(channels.list[0].secret_second, "open");
    assert_false(channel_secret_sealed(path_of("second"))); /* As somebody left it. */
    file_put("secrets.key", 0600, "%s\n", old);
    assert_false(channels_rekey(&settings)); /* What does not open is told. */
}

static void what_systemd_hands_over_is_found(void **state)
{
    (void)state;
    file_put("handed", 0440, "from systemd\n");
    file_put("channels/a.conf", 0644,
             "[channel]\nconnector = sandbox\nnumber = 1\nsecret_file = %%d/handed\n");
    assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
    assert_false(read_all());
    assert_told("LoadCredential=");
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", folder, 1), 0);
    assert_true(read_all());
    assert_string_equal(channels.list[0].secret, "from systemd");
    assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)
/* What of a channel makes it another account, one at a time. */
static const struct {
    struct channel_account known; /* connector NULL: nothing. */
    bool good, fresh;
} account_cases[] = {
    {{.connector = NULL}, true, true},
    {{3, "sandbox", "https://a.example", "me", "live", 1}, true, false},
    {{3, "mtn_momo", "https://a.example", "me", "live", 1}, false, false},
    {{3, "sandbox", "https://b.example", "me", "live", 1}, false, false},
    {{3, "sandbox", "https://a.example", "Me", "live", 1}, false, false},
    {{3, "sandbox", "https://a.example", "me", "", 1}, false, false},
    {{4, "mtn_momo", "https://b.example", "you", "live", 1}, true, true},
};

static void a_number_stands_for_the_account_that_it_was_first_used_for(void **state)
{
    (void)state;
    struct channel channel;
    channel_sandbox(&channel);
    channel.number = 3;
    (void)snprintf(channel.url, sizeof channel.url, "https://a.example");
    (void)snprintf(channel.account, sizeof channel.account, "me");
    (void)snprintf(channel.environment, sizeof channel.environment, "live");
    struct channels all = {.count = 1, .list = &channel};
    for (size_t i = 0; i < sizeof account_cases / sizeof *account_cases; i++) {
        struct channel_account fresh[1];
        size_t count, known = account_cases[i].known.connector == NULL ? 0 : 1;
        struct buffer said;
        buffer_init(&said, 4096);
        assert_int_equal(
            channel_accounts_compare(&all, &account_cases[i].known, known, fresh, &count, &said),
            account_cases[i].good);
        assert_int_equal(count, account_cases[i].fresh ? 1 : 0);
        assert_int_equal(said.length == 0, account_cases[i].good);
        if (count == 1)
            assert_int_equal(fresh[0].channel, 3);
        buffer_free(&said);
    }
}

static void who_has_another_account_under_a_number_is_told_of_both(void **state)
{
    (void)state;
    struct channel channel;
    channel_sandbox(&channel);
    const struct channel_account known = {1, "mtn_momo", "https://a.example", "api-user", "", 1};
    struct channels all = {.count = 1, .list = &channel};
    struct channel_account fresh[1];
    size_t count;
    struct buffer said;
    buffer_init(&said, 4096);
    assert_false(channel_accounts_compare(&all, &known, 1, fresh, &count, &said));
    assert_string_equal(
        buffer_text(&said),
        "channel sandbox: number 1 was first used for another account (mtn_momo https://a.example "
        "api-user), and is now for sandbox: give this one a number of its own, or, when it is the "
        "same account under another address, say so: payoutd accept-channel sandbox --person "
        "NAME\n");
    buffer_free(&said);
}

int main(void)
{
    secret_init();
    const struct CMUnitTest tests[] = {
        IN_FOLDER(without_a_file_the_sandbox_is_alone),
        IN_FOLDER(a_folder_that_is_named_must_be_there),
        IN_FOLDER(a_file_says_all_of_a_channel),
        IN_FOLDER(every_mistake_in_every_file_is_told_with_its_line),
        IN_FOLDER(urls_are_safe_or_refused),
        IN_FOLDER(secrets_are_what_their_files_hold),
        IN_FOLDER(a_sealed_secret_opens_for_its_channel_only),
        IN_FOLDER(a_new_key_renews_what_is_sealed),
        IN_FOLDER(what_systemd_hands_over_is_found),
        cmocka_unit_test(a_number_stands_for_the_account_that_it_was_first_used_for),
        cmocka_unit_test(who_has_another_account_under_a_number_is_told_of_both),
    };
    return cmocka_run_group_tests_name("daemon/channels", tests, NULL, NULL);
}

/* Whole mails, compared with those in the folder mails: test_mail_text FOLDER. With --write it
 * writes them anew, to be read by a person before they are kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "delivery/endpoint_text.h"
#include "delivery/mail_text.h"
#include "delivery/mime.h"

enum { FILE_BYTES_MAX = 128 * 1024 };
static const char *folder;
static bool writes;

/* --- mime --- */

static void quoted_is(const char *text, const char *expected)
{
    struct buffer mail;
    buffer_init(&mail, 4096);
    mime_quoted(&mail, text);
    assert_string_equal(buffer_text(&mail), expected);
    buffer_free(&mail);
}

static void bodies_are_quoted_printable(void **state)
{
    (void)state;
    quoted_is("", "");
    quoted_is("a b\n", "a b\r\n");
    quoted_is("é = 1", "=C3=A9 =3D 1\r\n");
    quoted_is("ends with a blank \n\nx", "ends with a blank=20\r\n\r\nx\r\n");
    quoted_is(".\nFrom me\n..x\n", "=2E\r\n=46rom me\r\n=2E.x\r\n");
    quoted_is("a\r\nb\t\n", "a=0D\r\nb=09\r\n");
}

static void quoted_lines_end_in_time(void **state)
{
    (void)state;
    char text[400], line[80];
    struct buffer mail;
    for (size_t length = 1; length < sizeof text; length++) {
        for (size_t i = 0; i < length; i++)
            text[i] = i % 7 == 0 ? '=' : i % 5 == 0 ? ' ' : 'x';
        text[length] = '\0';
        buffer_init(&mail, 4096);
        mime_quoted(&mail, text);
        for (const char *at = buffer_text(&mail); *at != '\0';) {
            size_t width = strcspn(at, "\r\n");
            assert_true(width <= 76);
            memcpy(line, at, width);
            assert_true(width > 0 && line[width - 1] != ' ');
            assert_memory_equal(at + width, "\r\n", 2);
            at += width + 2;
        }
        buffer_free(&mail);
        if (length == sizeof text - 2)
            break;
    }
}

static void header_is(const char *value, const char *expected)
{
    struct buffer mail;
    buffer_init(&mail, 4096);
    mime_header(&mail, "Subject", value);
    assert_string_equal(buffer_text(&mail), expected);
    buffer_free(&mail);
}

static void headers_are_one_header(void **state)
{
    (void)state;
    header_is("hello", "Subject: hello\r\n");
    header_is("Koné", "Subject: =?UTF-8?B?S29uw6k=?=\r\n");
    header_is("a\r\nBcc: eve@example.com",
              "Subject: =?UTF-8?B?YSAgQmNjOiBldmVAZXhhbXBsZS5jb20=?=\r\n");
    header_is("=?UTF-8?B?YQ==?=", "Subject: =?UTF-8?B?PT9VVEYtOD9CP1lRPT0/PQ==?=\r\n");
    /* Cut between characters: each word by itself is UTF-8. */
    header_is(
        "éééééééééééééééééééééééé",
        "Subject: =?UTF-8?B?w6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6k=?=\r\n"
        " =?UTF-8?B?w6nDqQ==?=\r\n");
}

static void a_date_has_its_day(void **state)
{
    (void)state;
    struct buffer mail;
    buffer_init(&mail, 256);
    mime_date(&mail, INT64_C(1795637280999));
    assert_string_equal(buffer_text(&mail), "Date: Wed, 25 Nov 2026 20:08:00 +0000\r\n");
    buffer_clear(&mail);
    mime_date(&mail, 0);
    assert_string_equal(buffer_text(&mail), "Date: Thu, 1 Jan 1970 00:00:00 +0000\r\n");
    buffer_free(&mail);
}

/* --- Whole mails --- */

static const char link[] =
    "https://pay.example.com/confirm/"
    "AQJUC-P_AAZhIphaTQABAQGiJvD2ezAxMjM0NTY3ODlhYmNkZQCE3GmG7JmLZ5sg5mHGCUIvdsrEVAXUaqEQK5z6aoBc";

static void file_path(const char *name, char path[4096])
{
    (void)snprintf(path, 4096, "%s/%s.eml", folder, name);
}

static void mail_write_file(const char *name, const struct buffer *mail)
{
    char path[4096];
    file_path(name, path);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(mail->bytes, 1, mail->length, file), mail->length);
    assert_int_equal(fclose(file), 0);
}

/* In the file a line ends with "\n" only, so that it reads well everywhere. */
static void whole_is(const struct buffer *mail, const char *name)
{
    static char expected[FILE_BYTES_MAX];
    char path[4096];
    struct buffer lines;
    buffer_init(&lines, MAIL_TEXT_BYTES_MAX);
    assert_true(buffer_ok(mail));
    for (size_t i = 0; i < mail->length; i++) {
        unsigned char byte = (unsigned char)mail->bytes[i];
        assert_true(byte < 0x7f && (byte >= ' ' || byte == '\r' || byte == '\n'));
        assert_int_equal(byte == '\n', i > 0 && mail->bytes[i - 1] == '\r');
        if (byte != '\r')
            buffer_char(&lines, mail->bytes[i]);
    }
    if (writes)
        mail_write_file(name, &lines);
    file_path(name, path);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t length = fread(expected, 1, sizeof expected - 1, file);
    expected[length] = '\0';
    assert_int_equal(fclose(file), 0);
    if (strcmp(buffer_text(&lines), expected) != 0)
        fail_msg("it is not as %s has it:\n%s", path, buffer_text(&lines));
    buffer_free(&lines);
}

static void mail_is(const struct mail_text *what, const char *name)
{
    struct buffer mail;
    buffer_init(&mail, MAIL_TEXT_BYTES_MAX);
    mail_text_write(what, &mail);
    whole_is(&mail, name);
    buffer_free(&mail);
}

static const struct merchant sender = {
    .id = {4455764120}, .name = "Société Générale d'Épargne", .lang = MERCHANT_LANG_FR};

static const struct lot great = {.merchant = {4455764120},
                                 .code = {INT64_C(1795637280000000)},
                                 .state = LOT_WAITING,
                                 .first = {1},
                                 .count = 500,
                                 .total_minor = {[CURRENCY_XOF] = 1250000, [CURRENCY_GNF] = 90000},
                                 .fee_minor = {[CURRENCY_XOF] = 12500},
                                 .created_at_ms = INT64_C(1795637280999),
                                 .expires_at_ms = INT64_C(1795896480999),
                                 .source = "192.0.2.7"};

static void receivers_make(struct mail_receiver receivers[MAIL_TEXT_RECEIVERS_MAX])
{
    static const char *const names[MAIL_TEXT_RECEIVERS_MAX][4] = {
        {"Awa", "Koné", "225", "0707895086"},    {"Kouassi", "N'Guessan", "225", "0101020304"},
        {"", "", "+225", "05 06 07 08 09"},      {"Fatou", "", "221", "771234567"},
        {"Ibrahima", "Sow", "224", "620123456"}, {"Marie-Claire", "Éboué", "237", "671234567"},
        {"A", "B", "225", "0700000001"},         {"C", "D", "225", "0700000002"},
        {"E", "F", "225", "0700000003"},         {"G", "H", "225", "0700000004"}};
    for (size_t i = 0; i < MAIL_TEXT_RECEIVERS_MAX; i++)
        receivers[i] = (struct mail_receiver){.name = names[i][0],
                                              .surname = names[i][1],
                                              .prefix = names[i][2],
                                              .phone = names[i][3],
                                              .amount = {i == 4 ? 90000 : 2500 * ((int64_t)i + 1),
                                                         i == 4 ? CURRENCY_GNF : CURRENCY_XOF}};
}

static struct mail_text great_mail(const struct mail_receiver *receivers)
{
    return (struct mail_text){.merchant = &sender,
                              .lot = &great,
                              .number = 1,
                              .from = "payoutd@pay.example.com",
                              .to = "caisse@example.com",
                              .link = link,
                              .sender = "",
                              .persons = 1,
                              .receivers = receivers,
                              .receiver_count = MAIL_TEXT_RECEIVERS_MAX,
                              .now_ms = INT64_C(1795637285000)};
}

static void a_great_lot_in_french(void **state)
{
    (void)state;
    struct mail_receiver receivers[MAIL_TEXT_RECEIVERS_MAX];
    receivers_make(receivers);
    struct mail_text what = great_mail(receivers);
    mail_is(&what, "great.fr");
}

static void a_great_lot_in_english(void **state)
{
    (void)state;
    struct mail_receiver receivers[MAIL_TEXT_RECEIVERS_MAX];
    struct merchant english = sender;
    receivers_make(receivers);
    struct mail_text what = great_mail(receivers);
    english.lang = MERCHANT_LANG_EN;
    what.merchant = &english;
    mail_is(&what, "great.en");
}

static void one_transfer_of_a_person_that_two_confirm(void **state)
{
    (void)state;
    struct mail_receiver receivers[MAIL_TEXT_RECEIVERS_MAX];
    struct merchant merchant = sender;
    struct lot lot = great;
    receivers_make(receivers);
    struct mail_text what = great_mail(receivers);
    lot.count = 1;
    lot.total_minor[CURRENCY_GNF] = 0;
    lot.total_minor[CURRENCY_XOF] = 2500;
    lot.fee_minor[CURRENCY_XOF] = 0;
    lot.source = "";
    what.lot = &lot;
    what.receiver_count = 1;
    what.number = 2;
    what.sender = "kouame";
    what.persons = 2;
    mail_is(&what, "one.fr");
    merchant.lang = MERCHANT_LANG_EN;
    what.merchant = &merchant;
    mail_is(&what, "one.en");
}

static void hostile_names_are_only_names(void **state)
{
    (void)state;
    struct mail_receiver receivers[MAIL_TEXT_RECEIVERS_MAX];
    struct merchant merchant = sender;
    struct lot lot = great;
    receivers_make(receivers);
    struct mail_text what = great_mail(receivers);
    (void)snprintf(merchant.name, sizeof merchant.name,
                   "Evil\r\nBcc: eve@example.com\r\n\r\n<b>bold</b> =?UTF-8?B?YQ==?=");
    receivers[0].name = "<script>alert(1)</script>";
    receivers[0].surname = "\"><img src=x onerror=alert(2)>";
    receivers[1].name = "\u202egnp.exe";
    receivers[1].surname = "\r\n.\r\nQUIT\r\n--=_payoutd_parts--";
    receivers[2].name = "Confirm here: https://evil.example/confirm/x";
    receivers[2].phone = "0707<b>895086";
    receivers[2].prefix = "225\n";
    receivers[3].name = "\xff\xfe";
    receivers[3].surname =
        "long long long long long long long long long long long long long long long long long long";
    lot.count = 11;
    what.lot = &lot;
    what.merchant = &merchant;
    mail_is(&what, "hostile.fr");
}

static void an_endpoint_that_failed_in_both_languages(void **state)
{
    (void)state;
    struct merchant merchant = sender;
    struct endpoint endpoint = {.merchant = sender.id, .number = 3, .state = ENDPOINT_FAILED};
    struct endpoint_text what = {.merchant = &merchant,
                                 .endpoint = &endpoint,
                                 .number = 2,
                                 .from = "payoutd@pay.example.com",
                                 .to = "caisse@example.com",
                                 .made_at_ms = INT64_C(1795637280999),
                                 .now_ms = INT64_C(1795637285000)};
    struct buffer mail;
    buffer_init(&mail, MAIL_TEXT_BYTES_MAX);
    (void)snprintf(endpoint.url, sizeof endpoint.url,
                   "https://shop.example.ci/hook?a=\"<b>&c=\r\nBcc: eve@example.com");
    endpoint_text_write(&what, &mail);
    whole_is(&mail, "endpoint.fr");
    merchant.lang = MERCHANT_LANG_EN;
    buffer_clear(&mail);
    endpoint_text_write(&what, &mail);
    whole_is(&mail, "endpoint.en");
    buffer_free(&mail);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_are_quoted_printable),
        cmocka_unit_test(quoted_lines_end_in_time),
        cmocka_unit_test(headers_are_one_header),
        cmocka_unit_test(a_date_has_its_day),
        cmocka_unit_test(a_great_lot_in_french),
        cmocka_unit_test(a_great_lot_in_english),
        cmocka_unit_test(one_transfer_of_a_person_that_two_confirm),
        cmocka_unit_test(hostile_names_are_only_names),
        cmocka_unit_test(an_endpoint_that_failed_in_both_languages),
    };
    folder = argv[1];
    writes = argc > 2 && strcmp(argv[2], "--write") == 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}

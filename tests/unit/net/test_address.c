#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "net/address.h"

static struct address address(const char *text)
{
    struct address read;
    if (!address_read(text, strlen(text), &read))
        fail_msg("\"%s\" should be an address", text);
    return read;
}

static void addresses_are_read_and_written_back(void **state)
{
    (void)state;
    static const char *const texts[][2] = {
        {"192.0.2.1", "192.0.2.1"},
        {"0.0.0.0", "0.0.0.0"},
        {"255.255.255.255", "255.255.255.255"},
        {"2001:DB8:0:0::1", "2001:db8::1"},
        {"::1", "::1"},
        {"::", "::"},
        {"::ffff:192.0.2.1", "192.0.2.1"},
        {"::ffff:c000:0201", "192.0.2.1"},
        {"2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"},
        {"::ffff:0:192.0.2.1", "::ffff:0:c000:201"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct address read = address(texts[i][0]);
        char text[ADDRESS_TEXT_BYTES];
        address_text(&read, text);
        assert_string_equal(text, texts[i][1]);
    }
}

static void hostile_texts_are_no_addresses(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        " ",
        "1",
        "127.1",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "2130706433",
        "127.0.0.1 ",
        " 127.0.0.1",
        "127.0.0.1/8",
        "127.0.0.1:80",
        "256.0.0.1",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.-4",
        "1.2.3.+4",
        "01.2.3.4",
        "[::1]",
        "::1%lo",
        "fe80::1%eth0",
        ":::",
        "1::2::3",
        "12345::",
        "::ffff:127.0.0.256",
        "localhost",
        "１２７.0.0.1",
        "0000:0000:0000:0000:0000:ffff:255.255.255.2555555555555555555",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct address untouched = {.ip.s6_addr = {0xab}};
        if (address_read(texts[i], strlen(texts[i]), &untouched))
            fail_msg("\"%s\" should be no address", texts[i]);
        assert_int_equal(untouched.ip.s6_addr[0], 0xab);
    }
    struct address read;
    assert_false(address_read("127.0.0.1\0x", 11, &read));
    assert_false(address_read("1.2.3.4\0", 8, &read));
    assert_true(address_read("1.2.3.456", 7, &read)); /* Only what it is told to read. */
}

static void private_addresses_are_known(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.9",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::2",
        "::ffff:127.0.0.1",
        "::ffff:10.1.1.1",
        "::127.0.0.1",
        "::ffff:0:127.0.0.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::1",
        "64:ff9b::a9fe:a9fe",
        "100::1",
        "2001::1",
        "2001:1ff::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:a00:1::",
        "2002:c0a8:101::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
        "4000::1",
        "1fff::1",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct address read = address(texts[i]);
        if (!address_private(&read))
            fail_msg("%s should be private", texts[i]);
    }
}

static void public_addresses_are_known(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "1.1.1.1",          "8.8.8.8",
        "9.255.255.255",    "11.0.0.0",
        "100.63.255.255",   "100.128.0.0",
        "126.255.255.255",  "128.0.0.1",
        "169.253.255.255",  "172.15.255.255",
        "172.32.0.0",       "192.0.1.1",
        "192.0.3.1",        "192.167.255.255",
        "198.17.255.255",   "198.20.0.0",
        "223.255.255.255",  "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8", "2002:808:808::1",
        "2001:200::1",      "2001:4860:4860::8888",
        "2a00:1450::1",     "2606:4700::1111",
        "3ffe:ffff::1",     "::ffff:0:8.8.8.8",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct address read = address(texts[i]);
        if (address_private(&read))
            fail_msg("%s should be public", texts[i]);
    }
}

static void a_socket_address_is_an_address(void **state)
{
    (void)state;
    struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0xc0000201)};
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_addr.s6_addr = {0xfe, 0x80}};
    struct sockaddr other = {.sa_family = AF_UNIX};
    struct address read, expected = address("192.0.2.1");
    assert_true(address_of((const struct sockaddr *)&ipv4, &read));
    assert_memory_equal(&read, &expected, sizeof read);
    assert_true(address_of((const struct sockaddr *)&ipv6, &read));
    expected = address("fe80::");
    assert_memory_equal(&read, &expected, sizeof read);
    assert_false(address_of(&other, &read));
}

static struct address_list *list(const char *text)
{
    struct address_list *read = NULL;
    struct fault fault = {0};
    if (address_list_read(text, &read, &fault) != FAULT_NONE)
        fail_msg("\"%s\": %s", text, fault.text);
    return read;
}

static void a_list_has_its_networks_to_the_bit(void **state)
{
    (void)state;
    static const struct {
        const char *list, *address;
        bool has;
    } rows[] = {
        {"", "1.2.3.4", false},
        {" ,, \n", "1.2.3.4", false},
        {"1.2.3.4", "1.2.3.4", true},
        {"1.2.3.4", "1.2.3.5", false},
        {"1.2.3.4", "::ffff:1.2.3.4", true},
        {"::ffff:1.2.3.4", "1.2.3.4", true},
        {"::ffff:1.2.3.0/120", "1.2.3.4", true},
        {"10.0.0.0/8, 192.168.0.0/16", "192.168.255.1", true},
        {"10.0.0.0/8, 192.168.0.0/16", "192.169.0.1", false},
        {"10.1.2.3/8", "10.9.9.9", true},
        {"10.0.0.0/31", "10.0.0.1", true},
        {"10.0.0.0/31", "10.0.0.2", false},
        {"10.0.0.0/9", "10.128.0.0", false},
        {"0.0.0.0/0", "255.1.1.1", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"::/0", "2001:db8::1", true},
        {"::/0", "1.2.3.4", false},
        {"2001:db8::/33", "2001:db8:7fff::1", true},
        {"2001:db8::/33", "2001:db8:8000::1", false},
        {"2001:db8::1", "2001:db8::1", true},
        {"2001:db8::1/128\t1.1.1.1", "1.1.1.1", true},
        {"*", "1.2.3.4", true},
        {"9.9.9.9 *", "2001:db8::1", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct address_list *read = list(rows[i].list);
        struct address each = address(rows[i].address);
        if (address_list_has(read, &each) != rows[i].has)
            fail_msg("\"%s\" and %s", rows[i].list, rows[i].address);
        address_list_close(read);
    }
}

static void a_list_names_the_word_that_is_none(void **state)
{
    (void)state;
    static const char *const words[] = {
        "10.0.0.0/33", "10.0.0.0/",  "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0.0/08",
        "/8",          "**",         "::/129",      "::/0128",      "10.0.0/8",
        "example.com", "10.0.0.0/a", "10.0.0.0/+8", "0.0.0.0/00",
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char text[64], quoted[64];
        struct address_list *read = NULL;
        struct fault fault = {0};
        (void)snprintf(text, sizeof text, "1.2.3.4 %s,5.6.7.8", words[i]);
        (void)snprintf(quoted, sizeof quoted, "\"%s\"", words[i]);
        assert_int_equal(address_list_read(text, &read, &fault), FAULT_FINAL);
        assert_null(read);
        assert_non_null(strstr(fault.text, quoted));
    }
}

static void a_list_is_bounded(void **state)
{
    (void)state;
    char text[(ADDRESS_LIST_MAX + 1) * 8 + 1] = "";
    for (size_t i = 0; i < ADDRESS_LIST_MAX; i++)
        memcpy(text + 8 * i, "1.2.3.4 ", 9);
    struct address_list *read = list(text);
    assert_int_equal(address_list_count(read), ADDRESS_LIST_MAX);
    address_list_close(read);
    memcpy(text + (size_t)8 * ADDRESS_LIST_MAX, "1.2.3.4 ", 9);
    struct fault fault = {0};
    assert_int_equal(address_list_read(text, &read, &fault), FAULT_FINAL);
    address_list_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read_and_written_back),
        cmocka_unit_test(hostile_texts_are_no_addresses),
        cmocka_unit_test(private_addresses_are_known),
        cmocka_unit_test(public_addresses_are_known),
        cmocka_unit_test(a_socket_address_is_an_address),
        cmocka_unit_test(a_list_has_its_networks_to_the_bit),
        cmocka_unit_test(a_list_names_the_word_that_is_none),
        cmocka_unit_test(a_list_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

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
#include "daemon/password_file.h"

static char path[] = "/tmp/payoutd-password-XXXXXX";

static enum fault_kind reads(const char *content, size_t length, mode_t mode,
                             char text[PASSWORD_FILE_BYTES_MAX + 1], struct fault *fault)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(file >= 0);
    assert_int_equal(write(file, content, length), length);
    assert_int_equal(fchmod(file, mode), 0);
    assert_int_equal(close(file), 0);
    return password_file_read(path, text, fault);
}

static void a_password_is_a_line(void **state)
{
    (void)state;
    static const char *const good[] = {"pässword", "with blanks in it \n", "x\r\n"};
    static const char *const read[] = {"pässword", "with blanks in it ", "x"};
    char text[PASSWORD_FILE_BYTES_MAX + 1];
    struct fault fault;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(reads(good[i], strlen(good[i]), 0600, text, &fault), FAULT_NONE);
        assert_string_equal(text, read[i]);
    }
}

static void what_is_none_is_not_repeated(void **state)
{
    (void)state;
    char text[PASSWORD_FILE_BYTES_MAX + 1] = "as before", longest[PASSWORD_FILE_BYTES_MAX + 1];
    struct fault fault;
    memset(longest, 'p', sizeof longest);
    assert_int_equal(reads("", 0, 0600, text, &fault), FAULT_FINAL);
    assert_int_equal(reads("\n", 1, 0600, text, &fault), FAULT_FINAL);
    assert_int_equal(reads("two\nlines", 9, 0600, text, &fault), FAULT_FINAL);
    assert_null(strstr(fault.text, "two"));
    assert_int_equal(reads("a\0b", 3, 0600, text, &fault), FAULT_FINAL);
    assert_int_equal(reads(longest, sizeof longest, 0600, text, &fault), FAULT_FINAL);
    assert_null(strstr(fault.text, "ppp"));
    assert_int_equal(reads("secret", 6, 0640, text, &fault), FAULT_FINAL);
    assert_non_null(strstr(fault.text, "chmod 600"));
    assert_string_equal(text, "as before");
    assert_int_equal(reads(longest, sizeof longest - 1, 0600, text, &fault), FAULT_NONE);
    assert_int_equal(password_file_read("/tmp/no/such/file", text, &fault), FAULT_FINAL);
}

static int file_make(void **state)
{
    (void)state;
    secret_init();
    int file = mkstemp(path);
    return file < 0 ? -1 : close(file);
}

static int file_remove(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_password_is_a_line),
        cmocka_unit_test(what_is_none_is_not_repeated),
    };
    return cmocka_run_group_tests(tests, file_make, file_remove);
}

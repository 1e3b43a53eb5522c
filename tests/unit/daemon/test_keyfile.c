#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/secret.h"
#include "daemon/keyfile.h"

static char folder[] = "/tmp/payoutd-keyfile-XXXXXX";

static void path_of(const char *name, char path[256])
{
    (void)snprintf(path, 256, "%s/%s", folder, name);
}

static void file_put(const char *path, const char *content, mode_t mode)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
    assert_true(file >= 0);
    assert_int_equal(write(file, content, strlen(content)), strlen(content));
    assert_int_equal(close(file), 0);
}

static void a_key_is_made_once_and_read_ever_after(void **state)
{
    (void)state;
    char path[256], first[KEYFILE_BYTES_MAX + 1], second[KEYFILE_BYTES_MAX + 1];
    struct fault fault;
    path_of("made", path);
    assert_int_equal(keyfile_read(path, first, &fault), FAULT_NONE);
    assert_int_equal(keyfile_read(path, second, &fault), FAULT_NONE);
    assert_string_equal(first, second);
    assert_true(strlen(first) >= KEYFILE_BYTES_MIN);
    struct stat about;
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    char other[KEYFILE_BYTES_MAX + 1];
    path_of("another", path);
    assert_int_equal(keyfile_read(path, other, &fault), FAULT_NONE);
    assert_string_not_equal(first, other);
}

static void a_credential_of_systemd_may_have_an_access_list(void **state)
{
    (void)state;
    char path[256], key[KEYFILE_BYTES_MAX + 1];
    struct fault fault;
    path_of("given", path);
    file_put(path, "0123456789012345678901234567890123456789\n", 0600);
    assert_int_equal(chmod(path, 0440), 0); /* As it shows there. */
    assert_int_equal(keyfile_read(path, key, &fault), FAULT_FINAL);
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", folder, 1), 0);
    assert_int_equal(keyfile_read(path, key, &fault), FAULT_NONE);
    assert_int_equal(chmod(path, 0444), 0);
    assert_int_equal(keyfile_read(path, key, &fault), FAULT_FINAL);
    assert_int_equal(chmod(path, 0440), 0);
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", "/tmp/payoutd-other", 1), 0);
    assert_int_equal(keyfile_read(path, key, &fault), FAULT_FINAL);
    assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
    assert_int_equal(unlink(path), 0);
}

static void a_key_that_others_may_read_is_refused(void **state)
{
    (void)state;
    char path[256], key[KEYFILE_BYTES_MAX + 1];
    struct fault fault;
    path_of("open", path);
    file_put(path, "0123456789012345678901234567890123456789\n", 0644);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(keyfile_read(path, key, &fault), FAULT_FINAL);
    assert_non_null(strstr(fault.text, "chmod 600"));
    assert_null(strstr(fault.text, "0123456789"));
}

static void what_is_no_key_is_refused_and_not_repeated(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "short\n",
                                      "two lines of it\nthat are long enough together\n",
                                      "with a blank in it, long enough as it is"};
    char path[256], key[KEYFILE_BYTES_MAX + 1], huge[600];
    struct fault fault;
    path_of("bad", path);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        file_put(path, bad[i], 0600);
        assert_int_equal(keyfile_read(path, key, &fault), FAULT_FINAL);
        assert_true(bad[i][0] == '\0' || strstr(fault.text, bad[i]) == NULL);
    }
    memset(huge, 'k', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    file_put(path, huge, 0600);
    assert_int_equal(keyfile_read(path, key, &fault), FAULT_FINAL);
    path_of("no/such/folder", path);
    assert_int_equal(keyfile_read(path, key, &fault), FAULT_FINAL);
}

static void writing_replaces_the_whole_file(void **state)
{
    (void)state;
    char path[256], key[KEYFILE_BYTES_MAX + 1];
    struct fault fault;
    path_of("replaced", path);
    file_put(path, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0600);
    assert_int_equal(keyfile_write(path, "0123456789012345678901234567890123456789\n", &fault),
                     FAULT_NONE);
    assert_int_equal(keyfile_read(path, key, &fault), FAULT_NONE);
    assert_string_equal(key, "0123456789012345678901234567890123456789");
}

static int folder_make(void **state)
{
    (void)state;
    secret_init();
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int folder_remove(void **state)
{
    (void)state;
    static const char *const names[] = {"made",     "another", "open",  "bad",
                                        "replaced", "several", "empty", "huge"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[256];
        path_of(names[i], path);
        (void)unlink(path);
    }
    return rmdir(folder);
}

static void a_file_of_several_keys_is_read_as_it_is(void **state)
{
    (void)state;
    char path[256], content[KEYFILE_CONTENT_BYTES], huge[KEYFILE_CONTENT_BYTES + 10];
    struct fault fault;
    path_of("several", path);
    assert_int_equal(keyfile_content(path, content, &fault), FAULT_NONE);
    assert_string_equal(content, ""); /* It is not made. */
    assert_int_equal(access(path, F_OK), -1);
    file_put(path, "# one\nk1\nk2\n", 0600);
    assert_int_equal(keyfile_content(path, content, &fault), FAULT_NONE);
    assert_string_equal(content, "# one\nk1\nk2\n");
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(keyfile_content(path, content, &fault), FAULT_FINAL);
    path_of("empty", path);
    file_put(path, "", 0600); /* Not the same as none: somebody has emptied it. */
    assert_int_equal(keyfile_content(path, content, &fault), FAULT_FINAL);
    path_of("huge", path);
    memset(huge, 'k', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    file_put(path, huge, 0600);
    assert_int_equal(keyfile_content(path, content, &fault), FAULT_FINAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_of_several_keys_is_read_as_it_is),
        cmocka_unit_test(a_key_is_made_once_and_read_ever_after),
        cmocka_unit_test(a_credential_of_systemd_may_have_an_access_list),
        cmocka_unit_test(a_key_that_others_may_read_is_refused),
        cmocka_unit_test(what_is_no_key_is_refused_and_not_repeated),
        cmocka_unit_test(writing_replaces_the_whole_file),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}

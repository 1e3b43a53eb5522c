#include <stdio.h>
#include <string.h>

#include "batch.h"

static const char *const hash = "$argon2id$v=19$right";

static struct user user_of(const char *name, enum user_role role)
{
    struct user user = {.id = 7,
                        .role = role,
                        .merchant = role == USER_PLATFORM ? (struct merchant_id){0} : MERCHANT};
    (void)snprintf(user.name, sizeof user.name, "%s", name);
    (void)snprintf(user.password_hash, sizeof user.password_hash, "%s", hash);
    return user;
}

static void users_open(struct book *book)
{
    batch_open(book, 1000);
    struct command create = {.kind = COMMAND_USER_CREATE,
                             .user_create = {.user = user_of("awa", USER_MAKER)}};
    assert_int_equal(batch_run(book, &create), PAYOUT_OK);
}

static enum payout_code login(struct book *book, bool right, int64_t step, const char *recovery)
{
    struct command command = {.kind = COMMAND_USER_LOGIN,
                              .actor = {.person = "awa", .from = "192.0.2.7"},
                              .user_login = {.name = "awa",
                                             .right = right,
                                             .password_hash = hash,
                                             .totp_step = step,
                                             .recovery = recovery}};
    return batch_run(book, &command);
}

static enum payout_code change(struct book *book, unsigned fields, struct user user)
{
    struct command command = {.kind = COMMAND_USER_CHANGE,
                              .user_change = {.fields = fields, .user = user}};
    return batch_run(book, &command);
}

static void weak_passwords_are_refused(void **state)
{
    (void)state;
    const char *const weak[] = {"",
                                "short",
                                "elevenchars",
                                "PasswordPassword",
                                "123456123456",
                                "aaaaaaaaaaaaaaaa",
                                "Awa.KoneAwa.Kone",
                                "correcthorsebatterystaple",
                                "QwertyUiop123"};
    for (size_t i = 0; i < sizeof weak / sizeof *weak; i++)
        if (user_password_refused("awa.kone", weak[i]) == NULL)
            fail_msg("%s", weak[i]);
    char longest[USER_PASSWORD_BYTES_MAX + 2] = {0};
    for (size_t i = 0; i <= USER_PASSWORD_BYTES_MAX; i++)
        longest[i] = (char)('a' + i % 23);
    assert_non_null(user_password_refused("awa", longest));
    longest[USER_PASSWORD_BYTES_MAX] = '\0';
    assert_null(user_password_refused("awa", longest));
    assert_null(user_password_refused("awa", "quatre mots sans lien"));
    assert_null(user_password_refused("awa", "passwordless tortoise"));
}

static void a_name_is_of_few_letters(void **state)
{
    (void)state;
    assert_true(user_name_valid("awa.kone+1@example.com"));
    assert_false(user_name_valid(""));
    assert_false(user_name_valid("Awa"));
    assert_false(user_name_valid("awa kone"));
    assert_false(user_name_valid("admin-token:awa"));
    assert_false(
        user_name_valid("0123456789012345678901234567890123456789012345678901234567890123"));
}

static void only_the_password_that_holds_now_lets_in(void **state)
{
    struct book book;
    (void)state;
    users_open(&book);
    assert_int_equal(login(&book, false, 0, ""), PAYOUT_INVALID_CREDENTIALS);
    assert_int_equal(book_user(&book, "awa")->user.failures, 1);
    assert_int_equal(login(&book, true, 0, ""), PAYOUT_OK);
    assert_int_equal(book_user(&book, "awa")->user.failures, 0);
    struct user other = user_of("awa", USER_MAKER);
    (void)snprintf(other.password_hash, sizeof other.password_hash, "other");
    assert_int_equal(change(&book, USER_FIELD_PASSWORD, other), PAYOUT_OK);
    assert_int_equal(login(&book, true, 0, ""), PAYOUT_INVALID_CREDENTIALS);
    assert_int_equal(book.sessions_last->kind, SESSION_END_ALL);
    batch_close(&book);
}

static void a_code_is_used_once_and_none_before_it(void **state)
{
    struct book book;
    (void)state;
    users_open(&book);
    struct user user = user_of("awa", USER_MAKER);
    (void)snprintf(user.totp, sizeof user.totp, "v1:sealed");
    assert_int_equal(change(&book, USER_FIELD_TOTP, user), PAYOUT_OK);
    assert_int_equal(login(&book, true, 0, ""), PAYOUT_OK); /* Not confirmed yet. */
    user.totp_step = 100;
    assert_int_equal(change(&book, USER_FIELD_TOTP_ON, user), PAYOUT_OK);
    assert_int_equal(change(&book, USER_FIELD_TOTP_ON, user), PAYOUT_NOT_ALLOWED);
    assert_int_equal(login(&book, true, 0, ""), PAYOUT_INVALID_CREDENTIALS);
    assert_int_equal(login(&book, true, 100, ""), PAYOUT_INVALID_CREDENTIALS);
    assert_int_equal(login(&book, true, 101, ""), PAYOUT_OK);
    assert_int_equal(login(&book, true, 101, ""), PAYOUT_INVALID_CREDENTIALS);
    assert_int_equal(login(&book, false, 102, ""), PAYOUT_INVALID_CREDENTIALS);
    assert_int_equal(login(&book, true, 102, ""), PAYOUT_OK); /* The wrong password used none. */
    batch_close(&book);
}

static void a_recovery_code_is_used_once(void **state)
{
    struct book book;
    (void)state;
    users_open(&book);
    char one[2 * SECRET_HASH_BYTES + 1], two[2 * SECRET_HASH_BYTES + 1];
    user_recovery_hash("first", one);
    user_recovery_hash("second", two);
    struct user user = user_of("awa", USER_MAKER);
    (void)snprintf(user.totp, sizeof user.totp, "v1:sealed");
    (void)snprintf(user.recovery, sizeof user.recovery, "%s %s", one, two);
    user.totp_step = 1;
    assert_int_equal(change(&book, USER_FIELD_TOTP, user), PAYOUT_OK);
    assert_int_equal(change(&book, USER_FIELD_TOTP_ON, user), PAYOUT_OK);
    assert_int_equal(login(&book, true, 0, "nonsense"), PAYOUT_INVALID_CREDENTIALS);
    assert_int_equal(login(&book, true, 0, one), PAYOUT_OK);
    assert_int_equal(login(&book, true, 0, one), PAYOUT_INVALID_CREDENTIALS);
    assert_string_equal(book_user(&book, "awa")->user.recovery, two);
    assert_int_equal(login(&book, true, 0, two), PAYOUT_OK);
    assert_string_equal(book_user(&book, "awa")->user.recovery, "");
    batch_close(&book);
}

static void nobody_becomes_the_platform_s(void **state)
{
    struct book book;
    (void)state;
    users_open(&book);
    assert_int_equal(change(&book, USER_FIELD_ROLE, user_of("awa", USER_PLATFORM)),
                     PAYOUT_NOT_ALLOWED);
    assert_int_equal(change(&book, USER_FIELD_ROLE, user_of("awa", USER_OWNER)), PAYOUT_OK);
    assert_int_equal(change(&book, USER_FIELD_ROLE, user_of("nobody", USER_OWNER)),
                     PAYOUT_NOT_FOUND);
    batch_close(&book);
}

static void failures_are_told_of_ever_more_seldom(void **state)
{
    struct book book;
    (void)state;
    users_open(&book);
    for (int i = 0; i < 45; i++)
        (void)login(&book, false, 0, "");
    size_t told = 0;
    for (const struct act_line *line = book.acts; line != NULL; line = line->next)
        told += line->act.kind == ACT_LOGIN_FAILED;
    assert_int_equal(told, 4); /* 5, 10, 20, 40. */
    batch_close(&book);
}

int main(void)
{
    secret_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weak_passwords_are_refused),
        cmocka_unit_test(a_name_is_of_few_letters),
        cmocka_unit_test(only_the_password_that_holds_now_lets_in),
        cmocka_unit_test(a_code_is_used_once_and_none_before_it),
        cmocka_unit_test(a_recovery_code_is_used_once),
        cmocka_unit_test(nobody_becomes_the_platform_s),
        cmocka_unit_test(failures_are_told_of_ever_more_seldom),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "money/user.h"

#include <string.h>

#include "base/fault.h"
#include "money/common_passwords.inc"
#include "money/rules.h"

const char *user_role_text(enum user_role role)
{
    switch (role) {
#define ROLE(name, number, meaning)                                                                \
    case USER_##name:                                                                              \
        return #name;
        USER_ROLES(ROLE)
#undef ROLE
    case USER_ROLE_END:
        break;
    }
    invariant(!"a role");
}

bool user_role_read(const char *text, enum user_role *role)
{
    for (int each = 1; each < USER_ROLE_END; each++) {
        if (strcmp(user_role_text((enum user_role)each), text) != 0)
            continue;
        *role = (enum user_role)each;
        return true;
    }
    return false;
}

bool user_name_valid(const char *name)
{
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-@+");
    return length > 0 && length < USER_NAME_BYTES && name[length] == '\0';
}

/* --- Passwords: long, not the name, not what everybody takes (NIST SP 800-63B, 5.1.1.2) --- */

static char lower(char character)
{
    return character >= 'A' && character <= 'Z' ? (char)(character - 'A' + 'a') : character;
}

/* True when text begins with prefix, whatever the case. */
static bool begins(const char *text, const char *prefix)
{
    for (; *prefix != '\0'; prefix++, text++)
        if (lower(*text) != *prefix)
            return false;
    return true;
}

/* True when password is word, or nothing but word again and again. */
static bool repeats(const char *password, const char *word)
{
    size_t length = strlen(word);
    while (length > 0 && begins(password, word))
        password += length;
    return *password == '\0';
}

const char *user_password_refused(const char *name, const char *password)
{
    size_t length = strlen(password);
    if (length < USER_PASSWORD_BYTES_MIN)
        return "A password needs 12 characters or more; four words that do not belong together "
               "are good";
    if (length > USER_PASSWORD_BYTES_MAX)
        return "A password may have 256 bytes at most";
    const char one[2] = {lower(password[0]), '\0'};
    if (repeats(password, one) || repeats(password, name))
        return "This password is the first that anybody would try";
    for (size_t i = 0; i < sizeof common_passwords / sizeof *common_passwords; i++)
        if (repeats(password, common_passwords[i]))
            return "This password is among those that everybody takes";
    return NULL;
}

void user_recovery_hash(const char *code, char text[2 * SECRET_HASH_BYTES + 1])
{
    uint8_t hash[SECRET_HASH_BYTES];
    secret_sha256(code, strlen(code), hash);
    secret_hex(hash, sizeof hash, text);
}

bool session_open(const struct session *session, int64_t at_ms)
{
    return session->ended_at_ms == 0 && at_ms < session->created_at_ms + USER_SESSION_MS &&
           at_ms < session->seen_at_ms + USER_SESSION_IDLE_MS;
}

/* --- Making and changing --- */

static void user_act(const struct command *command, struct book *book, enum act_kind kind,
                     const struct user *before, const struct user *after)
{
    static const struct user nothing = {.role = USER_VIEWER};
    const struct user *was = before == NULL ? &nothing : before;
    struct act_changes changes;
    act_changes_begin(&changes, before == NULL);
    act_change_text(&changes, "role", user_role_text(was->role), user_role_text(after->role));
    act_change_text(&changes, "mail", was->mail, after->mail);
    act_change_flag(&changes, "disabled", was->disabled, after->disabled);
    act_change_flag(&changes, "must_change", was->must_change, after->must_change);
    act_change_flag(&changes, "totp_on", was->totp_on, after->totp_on);
    act_change_secret(&changes, "password", was->password_hash, after->password_hash);
    act_change_secret(&changes, "totp", was->totp, after->totp);
    act_change_secret(&changes, "recovery", was->recovery, after->recovery);
    act_write(book, command, kind, after->merchant, after->name, &changes);
}

void user_create_want(const struct command *command, struct book *book)
{
    const struct user *user = &command->user_create.user;
    (void)book_user(book, user->name);
    if (user->merchant.value != 0)
        (void)book_merchant(book, user->merchant);
}

void user_create_decide(struct command *command, struct book *book)
{
    const struct user *user = &command->user_create.user;
    invariant(user_name_valid(user->name) && user->password_hash[0] != '\0');
    invariant((user->role == USER_PLATFORM) == (user->merchant.value == 0));
    struct user_row *row = book_user(book, user->name);
    if (user->merchant.value != 0 && !book_row_exists(&book_merchant(book, user->merchant)->row)) {
        command->code = PAYOUT_NOT_FOUND;
        return;
    }
    if (book_row_exists(&row->row)) {
        command->code = PAYOUT_DATA_NOT_VALID;
        return;
    }
    row->user = *user;
    row->user.created_at_ms = command->at_ms;
    book_row_add(&row->row);
    user_act(command, book, ACT_USER_CREATE, NULL, &row->user);
    command->code = PAYOUT_OK;
}

void user_change_want(const struct command *command, struct book *book)
{
    (void)book_user(book, command->user_change.user.name);
}

static void user_change_fields(struct user *to, const struct user *from, unsigned fields)
{
    if (fields & USER_FIELD_ROLE)
        to->role = from->role;
    if (fields & USER_FIELD_MAIL)
        memcpy(to->mail, from->mail, sizeof to->mail);
    if (fields & USER_FIELD_DISABLED)
        to->disabled = from->disabled;
    if (fields & USER_FIELD_PASSWORD) {
        memcpy(to->password_hash, from->password_hash, sizeof to->password_hash);
        to->must_change = from->must_change;
        to->failures = 0;
    }
    if (fields & (USER_FIELD_TOTP | USER_FIELD_TOTP_NEW)) {
        memcpy(to->totp, from->totp, sizeof to->totp);
        memcpy(to->recovery, from->recovery, sizeof to->recovery);
        to->totp_on = false;
        to->totp_step = 0;
    }
    if (fields & USER_FIELD_TOTP_SEALED)
        memcpy(to->totp, from->totp, sizeof to->totp);
    if (fields & USER_FIELD_TOTP_ON) {
        to->totp_on = true;
        to->totp_step = from->totp_step;
    }
}

void user_change_decide(struct command *command, struct book *book)
{
    const struct user *from = &command->user_change.user;
    unsigned fields = command->user_change.fields;
    struct user_row *row = book_user(book, from->name);
    if (!book_row_exists(&row->row)) {
        command->code = PAYOUT_NOT_FOUND;
        return;
    }
    const struct user before = row->user;
    bool platform = before.role == USER_PLATFORM;
    command->code = PAYOUT_NOT_ALLOWED;
    /* Nobody becomes the platform's, or a merchant's, by a change. */
    if ((fields & USER_FIELD_ROLE) != 0 && (from->role == USER_PLATFORM) != platform)
        return;
    /* A code is used once, and turns on what it was shown for. */
    if ((fields & USER_FIELD_TOTP_ON) != 0 &&
        (before.totp_on || strcmp(before.totp, from->totp) != 0 ||
         from->totp_step <= before.totp_step))
        return;
    if ((fields & USER_FIELD_TOTP_NEW) != 0 && before.totp_on)
        return;
    user_change_fields(&row->user, from, fields);
    book_row_change(&row->row);
    if (fields & (USER_FIELD_ROLE | USER_FIELD_DISABLED | USER_FIELD_PASSWORD | USER_FIELD_TOTP))
        (void)book_session(
            book, SESSION_END_ALL,
            &(struct session){.user = row->user.name, .ended_at_ms = command->at_ms});
    user_act(command, book, ACT_USER_CHANGE, &before, &row->user);
    command->code = PAYOUT_OK;
}

/* --- Logging in --- */

void user_login_want(const struct command *command, struct book *book)
{
    (void)book_user(book, command->user_login.name);
}

/* Takes the code out of those that are left. */
static bool recovery_use(char *recovery, const char *hash)
{
    char *at = hash[0] == '\0' ? NULL : strstr(recovery, hash);
    if (at == NULL)
        return false;
    size_t length = strlen(hash);
    const char *rest = at + length + (at[length] == ' ' ? 1 : 0);
    memmove(at, rest, strlen(rest) + 1);
    return true;
}

static void user_fail(struct command *command, struct book *book, struct user_row *row)
{
    struct user *user = &row->user;
    if (user->failures == INT32_MAX)
        return;
    user->failures++;
    book_row_change(&row->row);
    int32_t told = USER_FAILURES_TOLD;
    while (told < user->failures && told < INT32_MAX / 2)
        told *= 2;
    if (told != user->failures)
        return;
    struct act_changes changes;
    act_changes_begin(&changes, true);
    act_tell_number(&changes, "failures", user->failures);
    act_write(book, command, ACT_LOGIN_FAILED, user->merchant, user->name, &changes);
}

void user_login_decide(struct command *command, struct book *book)
{
    struct user_login *login = &command->user_login;
    struct user_row *row = book_user(book, login->name);
    command->code = PAYOUT_INVALID_CREDENTIALS;
    if (!book_row_exists(&row->row))
        return;
    struct user *user = &row->user;
    /* What was checked must be what holds now. */
    bool right =
        login->right && !user->disabled && strcmp(user->password_hash, login->password_hash) == 0;
    if (right && user->totp_on) {
        bool stepped = login->totp_step > user->totp_step;
        if (stepped)
            user->totp_step = login->totp_step;
        right = stepped || recovery_use(user->recovery, login->recovery);
    }
    if (!right) {
        user_fail(command, book, row);
        return;
    }
    struct act_changes changes;
    act_changes_begin(&changes, true);
    act_tell_number(&changes, "failures_before", user->failures);
    act_tell_text(&changes, "second_factor",
                  !user->totp_on         ? "none"
                  : login->totp_step > 0 ? "code"
                                         : "recovery code");
    act_write(book, command, ACT_LOGIN, user->merchant, user->name, &changes);
    user->failures = 0;
    book_row_change(&row->row);
    struct session session = {.user = login->name,
                              .from = command->actor.from == NULL ? "" : command->actor.from,
                              .created_at_ms = command->at_ms,
                              .seen_at_ms = command->at_ms};
    memcpy(session.hash, login->session, sizeof session.hash);
    (void)book_session(book, SESSION_BEGIN, &session);
    command->code = PAYOUT_OK;
}

void session_mark_want(const struct command *command, struct book *book)
{
    (void)command;
    (void)book;
}

void session_mark_decide(struct command *command, struct book *book)
{
    const struct session_mark *mark = &command->session_mark;
    struct session session = {.user = mark->kind == SESSION_END_ALL ? mark->user : "",
                              .from = "",
                              .seen_at_ms = command->at_ms,
                              .ended_at_ms = command->at_ms};
    invariant(mark->kind != SESSION_BEGIN);
    memcpy(session.hash, mark->hash, sizeof session.hash);
    struct session_line *line = book_session(book, mark->kind, &session);
    memcpy(line->turned, mark->next, sizeof line->turned);
    command->code = PAYOUT_OK;
}

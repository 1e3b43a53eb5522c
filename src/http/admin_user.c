/* /admin/v1/users and /admin/v1/me: who may log in, their passwords and second factors. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/random.h"
#include "http/access.h"
#include "http/admin.h"
#include "http/endpoint.h"
#include "http/route.h"
#include "http/session.h"
#include "http/totp.h"
#include "http/worker.h"
#include "money/mail_address.h"
#include "wire/reply.h"

enum { PASSWORD_CHARACTERS = 20, RECOVERY_CHARACTERS = 16 };

/* What is shown once, kept between the halves of a request. */
struct keys {
    struct user user;
    char password[PASSWORD_CHARACTERS + 1];
    const char *chosen; /* The one that its owner wants. */
    bool proved;        /* It showed the one that it has. */
    char totp[TOTP_TEXT_BYTES];
    char codes[USER_RECOVERY_CODES][RECOVERY_CHARACTERS + 1];
};

static struct keys *keys_make(struct request *request)
{
    request->work = arena_alloc(request->arena, 1, sizeof(struct keys));
    return request->work;
}

static enum turn submit(struct request *request, const struct user *user, unsigned fields)
{
    request->job.command.kind = COMMAND_USER_CHANGE;
    request->job.command.user_change = (struct user_change){.fields = fields, .user = *user};
    return TURN_LANE;
}

/* Why the change was refused, when it was. */
static bool changed(struct request *request)
{
    enum payout_code code = request->job.command.code;
    if (code == PAYOUT_OK)
        return true;
    (void)admin_refuse(request, code,
                       code == PAYOUT_NOT_FOUND ? "There is no such user"
                                                : "This can't be changed so");
    return false;
}

/* The user that the path names. NULL: refused. */
static const struct user *user_named(struct request *request)
{
    struct store_reader *reader;
    struct user *user = NULL;
    struct fault fault;
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        store_read_user(reader, request->arena, request->parameters[0], &user, &fault) !=
            FAULT_NONE)
        (void)route_fault(request, &fault);
    else if (user == NULL)
        (void)admin_refuse(request, PAYOUT_NOT_FOUND, "There is no such user");
    return user;
}

/* A merchant's owner makes no user of another, nor the platform's. */
static bool role_allowed(struct request *request, enum user_role role, struct merchant_id merchant)
{
    const struct user *actor = request->user;
    if ((role == USER_PLATFORM) != (merchant.value == 0)) {
        (void)admin_refuse(request, PAYOUT_INVALID_PARAM,
                           "A PLATFORM user has no merchant, any other has one");
        return false;
    }
    if (actor == NULL || actor->role == USER_PLATFORM ||
        (merchant.value == actor->merchant.value && role != USER_PLATFORM))
        return true;
    (void)admin_refuse(request, PAYOUT_NOT_ALLOWED, "Only your own merchant's users are yours");
    return false;
}

/* Takes mail, role and disabled over, as they were sent. False: refused. */
static bool settings_read(struct request *request, const struct admin_input *input,
                          struct user *user, unsigned *fields)
{
    const char *mail = admin_input_text(input, "mail"), *role = admin_input_text(input, "role");
    bool sent;
    if (mail != NULL) {
        if (strlen(mail) >= sizeof user->mail ||
            (mail[0] != '\0' && !mail_address_valid(mail, strlen(mail)))) {
            (void)admin_refuse(request, PAYOUT_INVALID_PARAM, "mail must be a mail address");
            return false;
        }
        (void)snprintf(user->mail, sizeof user->mail, "%s", mail);
        *fields |= USER_FIELD_MAIL;
    }
    if (role != NULL) {
        if (!user_role_read(role, &user->role)) {
            (void)admin_refuse(request, PAYOUT_INVALID_PARAM,
                               "role must be OWNER, MAKER, CHECKER, VIEWER or PLATFORM");
            return false;
        }
        *fields |= USER_FIELD_ROLE;
    }
    if (!admin_input_flag(input, "disabled", &sent, &user->disabled))
        return false;
    *fields |= sent ? USER_FIELD_DISABLED : 0;
    return true;
}

static enum turn password_make(struct request *request, const char *password)
{
    request->hash = (struct hasher_job){
        .make = true, .password = password, .password_length = strlen(password)};
    return TURN_HASH;
}

static void password_take(struct request *request, struct user *user, bool must_change)
{
    _Static_assert(sizeof user->password_hash == sizeof request->hash.made, "a hash fits");
    memcpy(user->password_hash, request->hash.made, sizeof request->hash.made);
    user->must_change = must_change;
}

/* --- Others --- */

static void user_write(struct buffer *text, const struct user *user)
{
    reply_text_member(text, "name", user->name);
    reply_text_member(text, "role", user_role_text(user->role));
    reply_int_member(text, "merchant", user->merchant.value);
    reply_text_member(text, "mail", user->mail);
    reply_bool_member(text, "disabled", user->disabled);
    reply_bool_member(text, "must_change_password", user->must_change);
    reply_bool_member(text, "totp", user->totp_on);
    reply_int_member(text, "failures", user->failures);
    admin_time_member(text, "created_at", user->created_at_ms);
}

enum turn admin_users(struct request *request)
{
    const char *after = form_query(request->form, "after");
    struct store_reader *reader;
    struct merchant_id merchant;
    struct user *users;
    size_t count;
    int64_t limit;
    struct fault fault;
    if (!admin_query_number(request, "merchant", 0, 0, MERCHANT_ID_MAX, &merchant.value) ||
        !admin_query_number(request, "limit", ADMIN_PAGE_DEFAULT, 1, ADMIN_PAGE_MAX, &limit))
        return TURN_REPLY;
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        store_read_users(reader, request->arena, merchant, after == NULL ? "" : after,
                         (size_t)limit, &users, &count, &fault) != FAULT_NONE)
        return route_fault(request, &fault);
    struct buffer *text = admin_begin(request);
    admin_open_member(text, "users", '[');
    for (size_t i = 0; i < count; i++) {
        admin_comma(text);
        buffer_char(text, '{');
        user_write(text, &users[i]);
        buffer_char(text, '}');
    }
    buffer_char(text, ']');
    if (count == (size_t)limit) /* There may be more: ask with after. */
        reply_text_member(text, "next_after", users[count - 1].name);
    return admin_end(request);
}

enum turn admin_user_show(struct request *request)
{
    const struct user *user = user_named(request);
    if (user == NULL)
        return TURN_REPLY;
    user_write(admin_begin(request), user);
    return admin_end(request);
}

enum turn admin_user_create(struct request *request)
{
    static const char *const names[] = {"name", "merchant", "role", "mail", "disabled", NULL};
    struct admin_input input;
    struct keys *keys = keys_make(request);
    struct user *user = &keys->user;
    unsigned fields = 0;
    if (!admin_input_read(request, names, &input) || !settings_read(request, &input, user, &fields))
        return TURN_REPLY;
    const char *name = admin_input_text(&input, "name");
    const char *merchant = admin_input_text(&input, "merchant");
    if (name == NULL || !user_name_valid(name))
        return admin_refuse(request, PAYOUT_INVALID_PARAM,
                            "name must be 1 to 63 of a-z, 0-9 and . _ - @ +");
    if ((fields & USER_FIELD_ROLE) == 0)
        return admin_refuse(request, PAYOUT_INVALID_PARAM, "role is missing");
    if (merchant != NULL &&
        !admin_number_read(merchant, MERCHANT_ID_MIN, MERCHANT_ID_MAX, &user->merchant.value))
        return admin_refuse(request, PAYOUT_INVALID_PARAM, "merchant must be a merchant's id");
    if (merchant == NULL && request->user != NULL)
        user->merchant = request->user->merchant;
    if (!role_allowed(request, user->role, user->merchant))
        return TURN_REPLY;
    (void)snprintf(user->name, sizeof user->name, "%s", name);
    user->id = 1 + (int64_t)random_below(UINT32_MAX) * (1 << 20) + (int64_t)random_below(1 << 20);
    random_text(keys->password, sizeof keys->password);
    return password_make(request, keys->password);
}

enum turn admin_user_create_hashed(struct request *request)
{
    struct keys *keys = request->work;
    password_take(request, &keys->user, true);
    request->job.command.kind = COMMAND_USER_CREATE;
    request->job.command.user_create.user = keys->user;
    return TURN_LANE;
}

enum turn admin_user_created(struct request *request)
{
    const struct keys *keys = request->work;
    if (request->job.command.code == PAYOUT_NOT_FOUND)
        return admin_refuse(request, PAYOUT_NOT_FOUND, "There is no such merchant");
    if (request->job.command.code == PAYOUT_DATA_NOT_VALID)
        return request_refuse_as(request, PAYOUT_DATA_NOT_VALID, 409, NULL, "This name is taken");
    if (request->job.command.code != PAYOUT_OK)
        return request_refuse(request, request->job.command.code);
    struct buffer *text = admin_begin(request);
    user_write(text, &request->job.command.user_create.user);
    reply_text_member(text, "password", keys->password);
    return admin_end(request);
}

enum turn admin_user_change(struct request *request)
{
    static const char *const names[] = {"role", "mail", "disabled", NULL};
    struct admin_input input;
    unsigned fields = 0;
    const struct user *stored = user_named(request);
    if (stored == NULL || !admin_input_read(request, names, &input))
        return TURN_REPLY;
    struct user user = *stored;
    if (!settings_read(request, &input, &user, &fields) ||
        !role_allowed(request, user.role, user.merchant))
        return TURN_REPLY;
    if (fields == 0)
        return admin_refuse(request, PAYOUT_INVALID_PARAM, "No setting was sent");
    return submit(request, &user, fields);
}

enum turn admin_user_changed(struct request *request)
{
    if (!changed(request))
        return TURN_REPLY;
    struct buffer *text = admin_begin(request);
    reply_text_member(text, "name", request->job.command.user_change.user.name);
    return admin_end(request);
}

enum turn admin_user_password(struct request *request)
{
    const struct user *user = user_named(request);
    if (user == NULL)
        return TURN_REPLY;
    struct keys *keys = keys_make(request);
    keys->user = *user;
    random_text(keys->password, sizeof keys->password);
    return password_make(request, keys->password);
}

enum turn admin_user_password_hashed(struct request *request)
{
    struct keys *keys = request->work;
    password_take(request, &keys->user, true);
    return submit(request, &keys->user, USER_FIELD_PASSWORD);
}

enum turn admin_user_password_changed(struct request *request)
{
    const struct keys *keys = request->work;
    if (!changed(request))
        return TURN_REPLY;
    struct buffer *text = admin_begin(request);
    reply_text_member(text, "name", keys->user.name);
    reply_text_member(text, "password", keys->password);
    return admin_end(request);
}

/* The second factor is taken away, for who lost it. */
enum turn admin_user_totp(struct request *request)
{
    const struct user *user = user_named(request);
    struct user without = {0};
    if (user == NULL)
        return TURN_REPLY;
    memcpy(without.name, user->name, sizeof without.name);
    return submit(request, &without, USER_FIELD_TOTP);
}

/* --- Oneself --- */

static bool self(struct request *request)
{
    if (request->user == NULL)
        (void)admin_refuse(request, PAYOUT_NOT_ALLOWED, "The admin token is nobody's");
    return request->user != NULL;
}

/* Asks whether the password that was sent is the user's. */
static enum turn password_prove(struct request *request, const char *password)
{
    const struct user *user = request->user;
    if (password == NULL || strlen(password) > USER_PASSWORD_BYTES_MAX)
        return admin_refuse(request, PAYOUT_INVALID_PARAM, "password is missing");
    if (request->settings->logins_per_minute > 0 && !access_guess(request, 'u', user->name))
        return TURN_REPLY;
    request->hash = (struct hasher_job){
        .hash = user->password_hash, .password = password, .password_length = strlen(password)};
    return TURN_HASH;
}

/* False: it is not; refused. */
static bool password_proved(struct request *request)
{
    access_guess_end(request, 'u', request->user->name, request->hash.matches);
    if (!request->hash.matches)
        (void)request_refuse(request, PAYOUT_INVALID_CREDENTIALS);
    return request->hash.matches;
}

enum turn admin_me_password(struct request *request)
{
    static const char *const names[] = {"password", "new", NULL};
    struct admin_input input;
    if (!self(request) || !admin_input_read(request, names, &input))
        return TURN_REPLY;
    struct keys *keys = keys_make(request);
    const char *chosen = admin_input_text(&input, "new");
    const char *password = admin_input_text(&input, "password");
    if (chosen == NULL)
        return admin_refuse(request, PAYOUT_INVALID_PARAM, "new is missing");
    const char *why = user_password_refused(request->user->name, chosen);
    if (why != NULL)
        return admin_refuse(request, PAYOUT_INVALID_PARAM, why);
    if (password != NULL && strcmp(password, chosen) == 0)
        return admin_refuse(request, PAYOUT_INVALID_PARAM, "Choose another one than you have");
    keys->user = *request->user;
    keys->chosen = chosen;
    return password_prove(request, password);
}

enum turn admin_me_password_hashed(struct request *request)
{
    struct keys *keys = request->work;
    if (!keys->proved) {
        if (!password_proved(request))
            return TURN_REPLY;
        keys->proved = true;
        return password_make(request, keys->chosen);
    }
    password_take(request, &keys->user, false);
    return submit(request, &keys->user, USER_FIELD_PASSWORD);
}

enum turn admin_me_totp(struct request *request)
{
    static const char *const names[] = {"password", NULL};
    struct admin_input input;
    if (!self(request) || !admin_input_read(request, names, &input))
        return TURN_REPLY;
    if (request->user->totp_on)
        return admin_refuse(request, PAYOUT_NOT_ALLOWED,
                            "There is one: who lost it has it taken away by an owner first");
    (void)keys_make(request);
    return password_prove(request, admin_input_text(&input, "password"));
}

enum turn admin_me_totp_hashed(struct request *request)
{
    struct keys *keys = request->work;
    struct user *user = &keys->user;
    if (!password_proved(request))
        return TURN_REPLY;
    *user = *request->user;
    user->recovery[0] = '\0';
    for (size_t i = 0, length = 0; i < USER_RECOVERY_CODES; i++) {
        char hash[2 * SECRET_HASH_BYTES + 1];
        random_text(keys->codes[i], sizeof keys->codes[i]);
        user_recovery_hash(keys->codes[i], hash);
        length += (size_t)snprintf(user->recovery + length, sizeof user->recovery - length, "%s%s",
                                   i > 0 ? " " : "", hash);
    }
    totp_make(keys->totp);
    _Static_assert(VAULT_TEXT_BYTES(TOTP_TEXT_BYTES - 1) <= sizeof user->totp, "it fits");
    vault_seal(request->http->vault, user_totp_place(user->id), keys->totp, user->totp,
               sizeof user->totp);
    return submit(request, user, USER_FIELD_TOTP_NEW);
}

enum turn admin_me_totp_made(struct request *request)
{
    const struct keys *keys = request->work;
    AUTO(buffer_free) struct buffer uri;
    if (!changed(request))
        return TURN_REPLY;
    buffer_init(&uri, 512);
    totp_uri(&uri, keys->totp, keys->user.name);
    struct buffer *text = admin_begin(request);
    reply_text_member(text, "secret", keys->totp);
    reply_text_member(text, "uri", buffer_text(&uri));
    admin_open_member(text, "recovery_codes", '[');
    for (size_t i = 0; i < USER_RECOVERY_CODES; i++) {
        admin_comma(text);
        reply_text(text, keys->codes[i]);
    }
    buffer_char(text, ']');
    return admin_end(request);
}

enum turn admin_me_totp_confirm(struct request *request)
{
    static const char *const names[] = {"code", NULL};
    struct admin_input input;
    if (!self(request) || !admin_input_read(request, names, &input))
        return TURN_REPLY;
    struct user user = *request->user;
    if (request->settings->logins_per_minute > 0 && !access_guess(request, 'u', user.name))
        return TURN_REPLY;
    user.totp_step = session_code_step(request, &user, admin_input_text(&input, "code"));
    access_guess_end(request, 'u', user.name, user.totp_step != 0);
    if (user.totp_step == 0)
        return request_refuse(request, PAYOUT_INVALID_CREDENTIALS);
    return submit(request, &user, USER_FIELD_TOTP_ON);
}

/* POST /admin/v1/login, /admin/v1/logout, GET /admin/v1/me: persons come and go. */
#include "http/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "http/access.h"
#include "http/admin.h"
#include "http/cookie.h"
#include "http/endpoint.h"
#include "http/role.h"
#include "http/route.h"
#include "http/totp.h"
#include "http/worker.h"
#include "wire/reply.h"

enum {
    TOKEN_CHARACTERS = 43, /* 256 bits. */
    SESSION_TOKEN_BYTES = sizeof SESSION_PREFIX + TOKEN_CHARACTERS,
    CODE_BYTES_MAX = 64,
    SEEN_EVERY_MS = 60000, /* A session's use is written down no more often. */
};

bool session_is(const char *token)
{
    return strncmp(token, SESSION_PREFIX, sizeof SESSION_PREFIX - 1) == 0;
}

static void session_token_make(char token[SESSION_TOKEN_BYTES])
{
    memcpy(token, SESSION_PREFIX, sizeof SESSION_PREFIX);
    random_text(token + sizeof SESSION_PREFIX - 1, TOKEN_CHARACTERS + 1);
}

/* The browser gets the token where no script can read it, the page what belongs to it. */
static void session_cookie_write(struct request *request, struct buffer *text, const char *token)
{
    char proof[COOKIE_PROOF_BYTES];
    cookie_set(request, token);
    cookie_proof(request, token, proof);
    reply_text_member(text, "csrf", proof);
}

/* --- Commands that nobody waits for --- */

struct detached {
    struct lane_job job;
    char name[USER_NAME_BYTES], from[ADDRESS_TEXT_BYTES], request[REQUEST_ID_BYTES];
};

static void detached_done(struct lane_job *job)
{
    free(job->context);
}

/* The command in a copy of its own, submitted; what the lane has no room for is left out. */
static void detached_submit(struct request *request, const struct command *command,
                            const char *name)
{
    struct detached *detached = calloc(1, sizeof *detached);
    invariant(detached != NULL);
    (void)snprintf(detached->name, sizeof detached->name, "%s", name);
    (void)snprintf(detached->from, sizeof detached->from, "%s", request->client_text);
    (void)snprintf(detached->request, sizeof detached->request, "%s", request->id);
    detached->job =
        (struct lane_job){.command = *command, .done = detached_done, .context = detached};
    detached->job.command.actor = (struct actor){
        .person = detached->name, .from = detached->from, .request = detached->request};
    if (command->kind == COMMAND_USER_LOGIN) {
        detached->job.command.user_login.name = detached->name;
        detached->job.command.user_login.password_hash = "";
        detached->job.command.user_login.recovery = "";
    }
    if (command->kind == COMMAND_SESSION_MARK)
        detached->job.command.session_mark.user = detached->name;
    if (!lane_submit(request->http->lane, &detached->job))
        free(detached);
}

/* --- Who shows a token --- */

bool session_granted(struct request *request, const char *token)
{
    struct store_reader *reader;
    struct session *session;
    struct user *user;
    struct fault fault;
    uint8_t hash[SECRET_HASH_BYTES];
    int64_t now_ms = clock_now_ms();
    secret_sha256(token, strlen(token), hash);
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        store_read_session(reader, request->arena, hash, &session, &user, &fault) != FAULT_NONE) {
        (void)route_fault(request, &fault);
        return false;
    }
    if (session == NULL || user->disabled || !session_open(session, now_ms)) {
        (void)request_refuse(request, PAYOUT_INVALID_TOKEN);
        return false;
    }
    if (request->by_cookie && user->role == USER_PLATFORM && !access_platform(request)) {
        (void)request_refuse(request, PAYOUT_NOT_ALLOWED);
        return false;
    }
    request->user = user;
    request->session = token;
    request->session_began_at_ms = session->created_at_ms;
    if (now_ms - session->seen_at_ms >= SEEN_EVERY_MS) {
        struct command seen = {.kind = COMMAND_SESSION_MARK, .session_mark.kind = SESSION_SEEN};
        memcpy(seen.session_mark.hash, hash, sizeof hash);
        detached_submit(request, &seen, user->name);
    }
    return role_granted(request);
}

/* --- Coming --- */

struct login {
    char name[USER_NAME_BYTES];
    const char *password, *code;
    const struct user *user; /* NULL: there is none. */
    char token[SESSION_TOKEN_BYTES];
    char recovery[2 * SECRET_HASH_BYTES + 1];
};

/* As login.c does: counted for the name and where it is tried from, and for that place alone. */
static bool login_let_in(struct request *request, const char *name)
{
    const struct settings *settings = request->settings;
    if (settings->address_logins_per_minute > 0 &&
        !access_limit_address(request, 'U', settings->address_logins_per_minute))
        return false;
    return settings->logins_per_minute <= 0 || access_guess(request, 'u', name);
}

enum turn admin_login(struct request *request)
{
    static const char *const names[] = {"name", "password", "code", NULL};
    struct admin_input input;
    struct login *login = arena_alloc(request->arena, 1, sizeof *login);
    struct store_reader *reader;
    struct user *user = NULL;
    struct fault fault;
    if (!admin_input_read(request, names, &input))
        return TURN_REPLY;
    const char *name = admin_input_text(&input, "name");
    login->password = admin_input_text(&input, "password");
    login->code = admin_input_text(&input, "code");
    if (name == NULL || login->password == NULL)
        return admin_refuse(request, PAYOUT_INVALID_PARAM, "name and password are needed");
    if (!user_name_valid(name) || strlen(login->password) > USER_PASSWORD_BYTES_MAX ||
        (login->code != NULL && strlen(login->code) > CODE_BYTES_MAX))
        return request_refuse(request, PAYOUT_INVALID_CREDENTIALS); /* Nobody's, by its form. */
    (void)snprintf(login->name, sizeof login->name, "%s", name);
    if (!login_let_in(request, login->name))
        return TURN_REPLY;
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        store_read_user(reader, request->arena, name, &user, &fault) != FAULT_NONE)
        return route_fault(request, &fault);
    login->user = user;
    request->work = login;
    /* A name that is not there costs as much as one that is. */
    request->hash = (struct hasher_job){.hash = user == NULL ? NULL : user->password_hash,
                                        .password = login->password,
                                        .password_length = strlen(login->password)};
    return TURN_HASH;
}

/* The step of the code that was sent; 0: it is none's. */
static int64_t code_step(const struct request *request, const struct user *user, const char *code)
{
    char secret[VAULT_SECRET_MAX + 1];
    struct fault fault;
    if (vault_open(request->http->vault, user_totp_place(user->id), user->totp, secret,
                   sizeof secret, &fault) != FAULT_NONE) {
        log_event(LOG_LEVEL_ERROR, "a second factor can't be opened", LOG_TEXT("user", user->name),
                  LOG_TEXT("why", fault.text));
        return 0;
    }
    int64_t step = totp_match(secret, code, clock_now_ms());
    secret_wipe(secret, sizeof secret);
    return step;
}

int64_t session_code_step(const struct request *request, const struct user *user, const char *code)
{
    return user->totp[0] == '\0' ? 0 : code_step(request, user, code);
}

static enum turn login_refuse(struct request *request, const struct login *login)
{
    const struct command failed = {.kind = COMMAND_USER_LOGIN};
    /* Counted behind the answer's back, whether there is such a user or not: the time does not
     * tell. */
    detached_submit(request, &failed, login->name);
    log_event(LOG_LEVEL_WARNING, "login refused", LOG_TEXT("request", request->id),
              LOG_TEXT("from", request->client_text));
    return request_refuse(request, PAYOUT_INVALID_CREDENTIALS);
}

enum turn admin_login_hashed(struct request *request)
{
    struct login *login = request->work;
    const struct user *user = login->user;
    struct user_login *command = &request->job.command.user_login;
    *command = (struct user_login){.name = login->name, .right = true, .recovery = ""};
    bool right = request->hash.matches && !user->disabled;
    if (right && user->totp_on) {
        command->totp_step =
            login->code == NULL ? 0 : session_code_step(request, user, login->code);
        if (command->totp_step == 0 && login->code != NULL) {
            user_recovery_hash(login->code, login->recovery);
            command->recovery = login->recovery;
        }
        right = command->totp_step > user->totp_step ||
                (login->recovery[0] != '\0' && strstr(user->recovery, login->recovery) != NULL);
    }
    access_guess_end(request, 'u', login->name, right);
    if (!right)
        return login_refuse(request, login);
    if (request->by_cookie && user->role == USER_PLATFORM && !access_platform(request))
        return request_refuse(request, PAYOUT_NOT_ALLOWED);
    session_token_make(login->token);
    secret_sha256(login->token, strlen(login->token), command->session);
    command->password_hash = user->password_hash;
    request->user = user;
    request->job.command.kind = COMMAND_USER_LOGIN;
    return TURN_LANE;
}

void session_user_write(struct request *request, struct buffer *text, const struct user *user)
{
    bool guarded = user->role == USER_PLATFORM || user->role == USER_OWNER;
    reply_text_member(text, "name", user->name);
    reply_text_member(text, "role", user_role_text(user->role));
    reply_int_member(text, "merchant", user->merchant.value);
    reply_bool_member(text, "must_change_password", user->must_change);
    reply_bool_member(text, "must_set_up_totp",
                      guarded && !user->totp_on && request->settings->totp_required);
    reply_bool_member(text, "totp", user->totp_on);
}

enum turn admin_login_decided(struct request *request)
{
    const struct login *login = request->work;
    if (request->job.command.code != PAYOUT_OK)
        return request_refuse(request, request->job.command.code);
    struct buffer *text = admin_begin(request);
    if (request->by_cookie)
        session_cookie_write(request, text, login->token);
    else
        reply_text_member(text, "token", login->token);
    reply_int_member(text, "idle_seconds", USER_SESSION_IDLE_MS / 1000);
    reply_int_member(text, "seconds", USER_SESSION_MS / 1000);
    session_user_write(request, text, login->user);
    const char *before = request->by_cookie ? cookie_token(request) : NULL;
    if (before != NULL) { /* Whoever it was before is logged out. */
        struct command end = {.kind = COMMAND_SESSION_MARK, .session_mark.kind = SESSION_END};
        secret_sha256(before, strlen(before), end.session_mark.hash);
        detached_submit(request, &end, login->name);
    }
    return admin_end(request);
}

/* --- Going --- */

enum turn admin_logout(struct request *request)
{
    static const char *const names[] = {"everywhere", NULL};
    struct session_mark *mark = &request->job.command.session_mark;
    struct admin_input input;
    bool sent, everywhere = false;
    if (request->session == NULL)
        return admin_refuse(request, PAYOUT_NOT_ALLOWED, "The admin token is no session");
    if (!admin_input_read(request, names, &input) ||
        !admin_input_flag(&input, "everywhere", &sent, &everywhere))
        return TURN_REPLY;
    secret_sha256(request->session, strlen(request->session), mark->hash);
    mark->user = request->user->name;
    mark->kind = everywhere ? SESSION_END_ALL : SESSION_END;
    request->job.command.kind = COMMAND_SESSION_MARK;
    return TURN_LANE;
}

enum turn admin_logged_out(struct request *request)
{
    (void)admin_begin(request);
    if (request->by_cookie)
        cookie_set(request, NULL);
    return admin_end(request);
}

/* --- Another token in the place of the one that was shown --- */

enum turn session_renew(struct request *request)
{
    struct session_mark *mark = &request->job.command.session_mark;
    char *token = arena_alloc(request->arena, SESSION_TOKEN_BYTES, 1);
    session_token_make(token);
    secret_sha256(request->session, strlen(request->session), mark->hash);
    secret_sha256(token, strlen(token), mark->next);
    mark->kind = SESSION_TURN;
    mark->user = request->user->name;
    request->work = token;
    request->job.command.kind = COMMAND_SESSION_MARK;
    return TURN_LANE;
}

enum turn session_renewed(struct request *request)
{
    if (request->job.command.code != PAYOUT_OK)
        return request_refuse(request, request->job.command.code);
    session_cookie_write(request, admin_begin(request), request->work);
    return admin_end(request);
}

enum turn admin_me(struct request *request)
{
    if (request->user == NULL)
        return admin_refuse(request, PAYOUT_NOT_FOUND, "The admin token is nobody's");
    struct buffer *text = admin_begin(request);
    session_user_write(request, text, request->user);
    reply_text_member(text, "mail", request->user->mail);
    return admin_end(request);
}

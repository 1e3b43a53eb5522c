/* Persons who may log in to the admin API: what an owner or the platform does with them, and
 * logging in oneself. A session's token goes where the admin token goes. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/admin.h"
#include "cli/command.h"
#include "cli/print.h"
#include "client/transport.h"

enum { FORM_BYTES_MAX = 16 * 1024 };
enum { FLAG_ROLE = 0x200, FLAG_MERCHANT, FLAG_MAIL, FLAG_DISABLED, FLAG_CODE, FLAG_SESSION };

/* Begins with admin_id_input's members. */
struct user_input {
    struct settings *settings;
    const char *id;
    const char *role, *merchant, *mail, *disabled, *code, *session;
};

static error_t user_parse(int key, char *value, struct argp_state *state)
{
    struct user_input *input = state->input;
    switch (key) {
    case FLAG_ROLE:
        input->role = value;
        return 0;
    case FLAG_MERCHANT:
        input->merchant = value;
        return 0;
    case FLAG_MAIL:
        input->mail = value;
        return 0;
    case FLAG_DISABLED:
        input->disabled = value;
        return 0;
    case FLAG_CODE:
        input->code = value;
        return 0;
    case FLAG_SESSION:
        input->session = value;
        return 0;
    default:
        return admin_id_parse(key, value, state);
    }
}

#define ROLE_FLAG                                                                                  \
    {                                                                                              \
        "role", FLAG_ROLE, "ROLE", 0, "OWNER, MAKER, CHECKER, VIEWER or PLATFORM", 0               \
    }
#define MERCHANT_FLAG                                                                              \
    {                                                                                              \
        "merchant", FLAG_MERCHANT, "ID", 0, "Whose user; PLATFORM has none", 0                     \
    }
#define MAIL_FLAG                                                                                  \
    {                                                                                              \
        "mail", FLAG_MAIL, "ADDRESS", 0, "Its mail address", 0                                     \
    }

static void field(struct buffer *form, const char *name, const char *value)
{
    if (value != NULL)
        transport_field(form, name, value);
}

static int form_end(struct buffer *form, int status)
{
    buffer_free(form);
    return status;
}

int command_user_create(struct settings *settings, int argc, char **argv)
{
    static const struct argp_option flags[] = {ROLE_FLAG, MERCHANT_FLAG, MAIL_FLAG, {0}};
    static const struct argp argp = {
        .options = flags,
        .parser = user_parse,
        .args_doc = "NAME",
        .doc = "Make a user; shows the password of its first login, which it has to change.",
        .children = settings_children};
    struct user_input input = {.settings = settings};
    struct buffer form;
    if (!command_parse(&argp, argc, argv, &input))
        return STATUS_USAGE;
    buffer_init(&form, FORM_BYTES_MAX);
    field(&form, "name", input.id);
    field(&form, "role", input.role);
    field(&form, "merchant", input.merchant);
    field(&form, "mail", input.mail);
    return form_end(&form, admin_run(settings, "/admin/v1/users", &form));
}

int command_user_list(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {.parser = command_nothing_parse,
                                     .doc = "Show the users: those of all, or of one's merchant.",
                                     .children = settings_children};
    struct admin_id_input input = {.settings = settings};
    if (!command_parse(&argp, argc, argv, &input))
        return STATUS_USAGE;
    return admin_run(settings, "/admin/v1/users?limit=1000", NULL);
}

int command_user_change(struct settings *settings, int argc, char **argv)
{
    static const struct argp_option flags[] = {
        ROLE_FLAG,
        MAIL_FLAG,
        {"disabled", FLAG_DISABLED, "true|false", 0, "It may not log in, and is logged out", 0},
        {0}};
    static const struct argp argp = {.options = flags,
                                     .parser = user_parse,
                                     .args_doc = "NAME",
                                     .doc = "Change a user.",
                                     .children = settings_children};
    struct user_input input = {.settings = settings};
    struct buffer form;
    if (!command_parse(&argp, argc, argv, &input))
        return STATUS_USAGE;
    buffer_init(&form, FORM_BYTES_MAX);
    field(&form, "role", input.role);
    field(&form, "mail", input.mail);
    field(&form, "disabled", input.disabled);
    return form_end(&form, admin_run_on(settings, "/admin/v1/users", input.id, NULL, &form));
}

/* A command that takes a name and posts nothing more. */
static int user_post(struct settings *settings, int argc, char **argv, const struct argp *argp,
                     const char *action)
{
    struct admin_id_input input = {.settings = settings};
    struct buffer form;
    if (!command_parse(argp, argc, argv, &input))
        return STATUS_USAGE;
    buffer_init(&form, FORM_BYTES_MAX);
    return form_end(&form, admin_run_on(settings, "/admin/v1/users", input.id, action, &form));
}

int command_user_password(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {
        .parser = admin_id_parse,
        .args_doc = "NAME",
        .doc = "Give a user a password for its next login, which it has to change; shows it once.",
        .children = settings_children};
    return user_post(settings, argc, argv, &argp, "/password");
}

int command_user_reset(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {.parser = admin_id_parse,
                                     .args_doc = "NAME",
                                     .doc = "Take a user's second factor away, who lost it.",
                                     .children = settings_children};
    return user_post(settings, argc, argv, &argp, "/totp/reset");
}

/* --- Logging in --- */

/* Writes the token where only its owner may read it. */
static int session_write(const char *path, const char *token)
{
    (void)unlink(path);
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    size_t length = strlen(token);
    bool written = file >= 0 && write(file, token, length) == (ssize_t)length;
    if (file >= 0 && close(file) != 0)
        written = false;
    if (!written)
        print_problem("%s: this can't be written", path);
    return written ? STATUS_OK : STATUS_USAGE;
}

static int login_judge(const struct user_input *input, enum payout_client_fault fault,
                       const struct transport_reply *reply)
{
    if (fault != PAYOUT_CLIENT_DONE) {
        print_problem("nothing was done: %s", reply->error);
        return STATUS_UNREACHABLE;
    }
    json_t *answer = json_loadb(buffer_text(&reply->body), reply->body.length, 0, NULL);
    const char *token = json_string_value(json_object_get(answer, "token"));
    const char *error = json_string_value(json_object_get(answer, "error"));
    int status = STATUS_REFUSED;
    if (token != NULL)
        status = session_write(input->session, token);
    else
        print_problem("the server refused: %s", error == NULL ? "it does not say why" : error);
    if (status == STATUS_OK && json_is_true(json_object_get(answer, "must_change_password")))
        print_problem("choose a password of your own first");
    json_decref(answer);
    return status;
}

int command_user_login(struct settings *settings, int argc, char **argv)
{
    static const struct argp_option flags[] = {
        {"code", FLAG_CODE, "CODE", 0, "What the authenticator shows, or a recovery code", 0},
        {"session", FLAG_SESSION, "FILE", 0,
         "Where the session goes: --admin-token-file takes it from there", 0},
        {0}};
    static const struct argp argp = {
        .options = flags,
        .parser = user_parse,
        .args_doc = "NAME",
        .doc = "Log in as a person. The password comes from --password-file, PAYOUT_PASSWORD or "
               "the terminal.",
        .children = settings_children};
    struct user_input input = {.settings = settings};
    struct transport *transport = NULL;
    struct transport_reply reply;
    struct buffer form;
    if (!command_parse(&argp, argc, argv, &input))
        return STATUS_USAGE;
    if (input.session == NULL || !settings_password(settings)) {
        print_problem("--session FILE and a password are needed");
        return STATUS_USAGE;
    }
    const struct transport_options options = {.base_url = settings->url,
                                              .timeout_ms = settings->timeout_s * 1000,
                                              .user_agent = "payout/0.1",
                                              .ca_file = settings->ca_file};
    if (transport_open(&options, &transport) != PAYOUT_CLIENT_DONE) {
        print_problem("%s: this is not an http:// or https:// address", settings->url);
        return STATUS_USAGE;
    }
    buffer_init(&form, FORM_BYTES_MAX);
    field(&form, "name", input.id);
    field(&form, "password", settings->password);
    field(&form, "code", input.code);
    const struct transport_request request = {.path = "/admin/v1/login",
                                              .body = buffer_text(&form),
                                              .body_length = form.length,
                                              .content_type = "application/x-www-form-urlencoded",
                                              .fresh = true};
    enum payout_client_fault fault = transport_call(transport, &request, &reply);
    int status = login_judge(&input, fault, &reply);
    buffer_free(&reply.body);
    transport_close(transport);
    return form_end(&form, status);
}

int command_user_logout(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {.parser = command_nothing_parse,
                                     .doc = "End the session of --admin-token-file.",
                                     .children = settings_children};
    struct admin_id_input input = {.settings = settings};
    struct buffer form;
    if (!command_parse(&argp, argc, argv, &input))
        return STATUS_USAGE;
    buffer_init(&form, FORM_BYTES_MAX);
    return form_end(&form, admin_run(settings, "/admin/v1/logout", &form));
}

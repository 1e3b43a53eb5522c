/* What a person who has logged in (`payout user login`) does with its own account. */
#include <string.h>

#include "base/secret.h"
#include "cli/admin.h"
#include "cli/command.h"
#include "cli/print.h"
#include "client/transport.h"

enum { FORM_BYTES_MAX = 16 * 1024 };
enum { FLAG_NEW_FILE = 0x200, FLAG_CODE };

/* Begins as command_nothing_parse wants it. */
struct me_input {
    struct settings *settings;
    const char *new_file, *code;
};

static error_t me_parse(int key, char *value, struct argp_state *state)
{
    struct me_input *input = state->input;
    switch (key) {
    case FLAG_NEW_FILE:
        input->new_file = value;
        return 0;
    case FLAG_CODE:
        input->code = value;
        return 0;
    default:
        return command_nothing_parse(key, value, state);
    }
}

/* Posts and shows the answer; wipes the form, which holds what nobody else may see. */
static int form_run(struct settings *settings, const char *path, struct buffer *form)
{
    int status = STATUS_USAGE;
    if (buffer_ok(form))
        status = admin_run(settings, path, form);
    else
        print_problem("this is too long");
    if (form->bytes != NULL)
        secret_wipe(form->bytes, form->size);
    buffer_free(form);
    return status;
}

int command_me_show(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {.parser = command_nothing_parse,
                                     .doc = "Show who is logged in: --admin-token-file's session.",
                                     .children = settings_children};
    struct me_input input = {.settings = settings};
    if (!command_parse(&argp, argc, argv, &input))
        return STATUS_USAGE;
    return admin_run(settings, "/admin/v1/me", NULL);
}

int command_me_password(struct settings *settings, int argc, char **argv)
{
    static const struct argp_option flags[] = {
        {"new-password-file", FLAG_NEW_FILE, "FILE", 0,
         "File with the new one, - for standard input; else asked for", 0},
        {0}};
    static const struct argp argp = {
        .options = flags,
        .parser = me_parse,
        .doc = "Choose another password; all sessions end. The present one comes from "
               "--password-file, PAYOUT_PASSWORD or the terminal.",
        .children = settings_children};
    struct me_input input = {.settings = settings};
    struct buffer form;
    if (!command_parse(&argp, argc, argv, &input))
        return STATUS_USAGE;
    const char *chosen = NULL;
    if (settings_password(settings))
        chosen = settings_new_password(settings, input.new_file);
    if (chosen == NULL) {
        print_problem("the password that it has and the new one are needed");
        return STATUS_USAGE;
    }
    buffer_init(&form, FORM_BYTES_MAX);
    transport_field(&form, "password", settings->password);
    transport_field(&form, "new", chosen);
    return form_run(settings, "/admin/v1/me/password", &form);
}

int command_me_totp(struct settings *settings, int argc, char **argv)
{
    static const struct argp_option flags[] = {
        {"code", FLAG_CODE, "CODE", 0, "What the authenticator shows: turns it on", 0}, {0}};
    static const struct argp argp = {
        .options = flags,
        .parser = me_parse,
        .doc = "Set up a second factor: first without --code, which shows an authenticator's "
               "secret and recovery codes, once; then with it.",
        .children = settings_children};
    struct me_input input = {.settings = settings};
    struct buffer form;
    if (!command_parse(&argp, argc, argv, &input))
        return STATUS_USAGE;
    buffer_init(&form, FORM_BYTES_MAX);
    if (input.code != NULL) {
        transport_field(&form, "code", input.code);
        return form_run(settings, "/admin/v1/me/totp/confirm", &form);
    }
    if (!settings_password(settings)) {
        print_problem("no password: --password-file, PAYOUT_PASSWORD or the terminal");
        return STATUS_USAGE;
    }
    transport_field(&form, "password", settings->password);
    return form_run(settings, "/admin/v1/me/totp", &form);
}

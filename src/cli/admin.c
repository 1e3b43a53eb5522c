#include "cli/admin.h"

#include <string.h>

#include "cli/print.h"
#include "client/transport.h"

enum { PATH_BYTES_MAX = 4096 };

void admin_segment(struct buffer *path, const char *text)
{
    buffer_char(path, '/');
    transport_encode(path, text);
}

/* Shows {"ok":true, …}: as it came, or as people read it without the ok. */
static int answer_show(struct settings *settings, json_t *answer, const struct buffer *body)
{
    struct buffer out;
    buffer_init(&out, 2 * (size_t)TRANSPORT_REPLY_BYTES_MAX);
    if (settings->json) {
        buffer_append(&out, buffer_text(body), body->length);
        if (body->length > 0 && body->bytes[body->length - 1] != '\n')
            buffer_char(&out, '\n');
    } else {
        (void)json_object_del(answer, "ok");
        /* A list that is the whole answer needs no name. */
        void *only = json_object_iter(answer);
        json_t *list = json_object_size(answer) == 1 ? json_object_iter_value(only) : NULL;
        print_value(settings->arena, json_is_array(list) ? list : answer, &out);
    }
    bool written = print_flush(&out);
    buffer_free(&out);
    return written ? STATUS_OK : STATUS_USAGE;
}

/* Judges an answer that came whole. changes: the call was to change something. */
static int answer_judge(struct settings *settings, const struct transport_reply *reply,
                        bool changes)
{
    json_t *answer = json_loadb(buffer_text(&reply->body), reply->body.length, 0, NULL);
    const char *error = json_string_value(json_object_get(answer, "error"));
    int status = STATUS_REFUSED;
    if (json_is_true(json_object_get(answer, "ok"))) {
        status = answer_show(settings, answer, &reply->body);
    } else if (error != NULL) {
        long long code = (long long)json_integer_value(json_object_get(answer, "code"));
        /* 710: whether it happened is not known. */
        status = code == PAYOUT_EXECUTION_UNKNOWN && changes ? STATUS_UNKNOWN : STATUS_REFUSED;
        print_problem("the server refused: %lld %s", code, error);
    } else {
        status = changes ? STATUS_UNKNOWN : STATUS_UNREACHABLE;
        print_problem("the server's answer (HTTP %d) is not the admin API's", reply->status);
    }
    json_decref(answer);
    return status;
}

static int call_judge(struct settings *settings, enum payout_client_fault fault,
                      const struct transport_reply *reply, bool changes)
{
    if (fault == PAYOUT_CLIENT_DONE)
        return answer_judge(settings, reply, changes);
    if (changes && reply->left) {
        print_problem("the outcome is unknown: %s", reply->error);
        return STATUS_UNKNOWN;
    }
    print_problem("nothing was done: %s", reply->error);
    return STATUS_UNREACHABLE;
}

int admin_open(struct settings *settings, struct transport **transport)
{
    if (settings->admin_token == NULL) {
        print_problem(
            "no admin token: --admin-token-file, PAYOUT_ADMIN_TOKEN or the settings file");
        return STATUS_USAGE;
    }
    const struct transport_options options = {
        .base_url = settings->url,
        .timeout_ms = settings->timeout_s * 1000,
        .user_agent = "payout/0.1",
        .ca_file = settings->ca_file,
    };
    enum payout_client_fault fault = transport_open(&options, transport);
    if (fault == PAYOUT_CLIENT_DONE)
        return STATUS_OK;
    print_problem(fault == PAYOUT_CLIENT_BAD_ARGUMENT
                      ? "%s: this is not an http:// or https:// address"
                      : "%s: out of memory",
                  settings->url);
    return STATUS_USAGE;
}

/* form: NULL, a GET. */
static int answer_get(struct settings *settings, struct transport *transport, const char *path,
                      const struct buffer *form, json_t **answer)
{
    struct transport_reply reply;
    const struct transport_request request = {
        .path = path,
        .body = form != NULL ? buffer_text(form) : NULL,
        .body_length = form != NULL ? form->length : 0,
        .content_type = "application/x-www-form-urlencoded",
        .authorization = settings->admin_token,
        .fresh = form != NULL,
    };
    enum payout_client_fault fault = transport_call(transport, &request, &reply);
    int status = STATUS_OK;
    *answer = NULL;
    if (fault == PAYOUT_CLIENT_DONE)
        *answer = json_loadb(buffer_text(&reply.body), reply.body.length, 0, NULL);
    if (!json_is_true(json_object_get(*answer, "ok"))) {
        json_decref(*answer);
        *answer = NULL;
        status = call_judge(settings, fault, &reply, form != NULL);
    }
    buffer_free(&reply.body);
    return status;
}

int admin_get(struct settings *settings, struct transport *transport, const char *path,
              json_t **answer)
{
    return answer_get(settings, transport, path, NULL, answer);
}

int admin_post(struct settings *settings, struct transport *transport, const char *path,
               const struct buffer *form, json_t **answer)
{
    return answer_get(settings, transport, path, form, answer);
}

int admin_run(struct settings *settings, const char *path, const struct buffer *form)
{
    struct transport *transport = NULL;
    struct transport_reply reply;
    int status = admin_open(settings, &transport);
    if (status != STATUS_OK)
        return status;
    const struct transport_request request = {
        .path = path,
        .body = form != NULL ? buffer_text(form) : NULL,
        .body_length = form != NULL ? form->length : 0,
        .content_type = "application/x-www-form-urlencoded",
        .authorization = settings->admin_token,
        .fresh = true,
    };
    enum payout_client_fault fault = transport_call(transport, &request, &reply);
    status = call_judge(settings, fault, &reply, form != NULL);
    buffer_free(&reply.body);
    transport_close(transport);
    return status;
}

int admin_run_on(struct settings *settings, const char *prefix, const char *id, const char *action,
                 const struct buffer *form)
{
    struct buffer path;
    buffer_init(&path, PATH_BYTES_MAX);
    buffer_text_append(&path, prefix);
    admin_segment(&path, id);
    if (action != NULL)
        buffer_text_append(&path, action);
    int status = STATUS_USAGE;
    if (buffer_ok(&path))
        status = admin_run(settings, buffer_text(&path), form);
    else
        print_problem("this name is too long");
    buffer_free(&path);
    return status;
}

error_t admin_id_parse(int key, char *value, struct argp_state *state)
{
    struct admin_id_input *input = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        settings_child(state);
        return 0;
    case ARGP_KEY_ARG:
        if (input->id != NULL || *value == '\0')
            argp_usage(state);
        input->id = value;
        return 0;
    case ARGP_KEY_END:
        if (input->id == NULL)
            argp_usage(state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

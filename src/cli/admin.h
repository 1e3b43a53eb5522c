/* admin: calls of the platform's own API (/admin/v1) by its people, with the admin token. One
 * thread. */
#ifndef PAYOUT_CLI_ADMIN_H
#define PAYOUT_CLI_ADMIN_H
#include <jansson.h>

#include "base/buffer.h"
#include "cli/settings.h"

/* Calls path ("/admin/v1/…", encoded) and shows the answer, or says what was wrong. form: the
 * fields to POST; NULL: a GET. The enum exit_status. */
int admin_run(struct settings *settings, const char *path, const struct buffer *form);
/* For many calls over one connection that only read. The enum exit_status; said why unless OK.
 * admin_open: transport_close. admin_get: *answer is the whole of {"ok":true, …}; json_decref. */
struct transport;
MUST_USE int admin_open(struct settings *settings, struct transport **transport);
MUST_USE int admin_get(struct settings *settings, struct transport *transport, const char *path,
                       json_t **answer);
/* The same for a call that changes something, with the fields of form; safe to make again. */
MUST_USE int admin_post(struct settings *settings, struct transport *transport, const char *path,
                        const struct buffer *form, json_t **answer);
/* Appends text as one segment of a path, encoded, with a '/' in front. */
void admin_segment(struct buffer *path, const char *text);
/* The same for a path that is prefix/id, or prefix/id/action (NULL: none). */
int admin_run_on(struct settings *settings, const char *prefix, const char *id, const char *action,
                 const struct buffer *form);

/* What a command with one argument (an id) and no flags of its own takes. */
struct admin_id_input {
    struct settings *settings;
    const char *id;
};
error_t admin_id_parse(int key, char *value, struct argp_state *state);
#endif

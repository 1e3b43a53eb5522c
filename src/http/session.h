/* session: persons who are logged in to the platform's own API. Their tokens begin with
 * SESSION_PREFIX, which the admin token does not. */
#ifndef PAYOUT_HTTP_SESSION_H
#define PAYOUT_HTTP_SESSION_H
#include "http/request.h"

#define SESSION_PREFIX "ps_"

MUST_USE bool session_is(const char *token);
/* Sets request->user to who shows the token. False: it is no open session's, or its user's role may
 * not do this; it was refused, the answer is written. */
MUST_USE bool session_granted(struct request *request, const char *token);
/* The members that say who a user is and what it has to do first. */
void session_user_write(struct request *request, struct buffer *text, const struct user *user);
/* For who has a cookie: another token in its place, and in that of what belongs to it. */
enum turn session_renew(struct request *request);
enum turn session_renewed(struct request *request);
/* The step of the second factor's code that was sent, when it is right now; 0 otherwise. */
int64_t session_code_step(const struct request *request, const struct user *user, const char *code);
#endif

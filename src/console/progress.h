/* progress: how far a lot is, now and whenever it changes. */
#ifndef PAYOUT_CONSOLE_PROGRESS_H
#define PAYOUT_CONSOLE_PROGRESS_H
#include "http/request.h"

/* Appends the members. *done: every transfer has its end, or none will leave. False: fault is set.
 */
MUST_USE bool progress_write(struct request *request, struct arena *arena, const struct lot *lot,
                             struct buffer *text, bool *done, struct fault *fault);
/* Answers with server-sent events until it is done. */
enum turn progress_follow(struct request *request, const struct lot *lot);
#endif

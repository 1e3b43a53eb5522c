/* page: the shell of the pages that people see: one style sheet in the page itself, no script, no
 * picture, nothing of another place. Any thread. */
#ifndef PAYOUT_HTTP_PAGE_H
#define PAYOUT_HTTP_PAGE_H
#include "http/request.h"

/* The header Content-Security-Policy of every page: it allows the style sheet by its hash, forms to
 * ourselves, and nothing else. */
const char *page_policy(void);

/* Begins request's answer as a page with this title (plain text), which is its heading too. The
 * caller appends what stands below it (HTML), then page_end. */
struct buffer *page_begin(struct request *request, const char *title);
enum turn page_end(struct request *request, int status);
/* A whole page that says one thing. */
enum turn page_say(struct request *request, int status, const char *title, const char *text);
#endif

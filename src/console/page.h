/* page: every handler of the console, for its route table. A file a page, or a job of one. */
#ifndef PAYOUT_CONSOLE_PAGE_H
#define PAYOUT_CONSOLE_PAGE_H
#include "http/request.h"

enum turn console_file(struct request *request);
enum turn console_index(struct request *request);
enum turn console_openapi(struct request *request);
enum turn console_session(struct request *request);
#endif

/* url: whether a text can be an address that is notified. Pure; any thread. */
#ifndef PAYOUT_HTTP_URL_H
#define PAYOUT_HTTP_URL_H
#include <stdbool.h>

/* True for http:// or https://, a host, and no blank or control character, NOTIFY_URL_BYTES_MAX
 * bytes at most. Whether it may be called is decided when it is. */
bool url_valid(const char *url);
#endif

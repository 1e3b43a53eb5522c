/* settings: what http_reload can change, read from the options into one piece. */
#ifndef PAYOUT_HTTP_SETTINGS_H
#define PAYOUT_HTTP_SETTINGS_H
#include "http/http.h"

/* The caller owns *settings: settings_free. FAULT_FINAL names the option that is wrong. */
MUST_USE enum fault_kind settings_make(const struct http_options *options,
                                       struct settings **settings, struct fault *fault);
/* Frees it and all older ones. NULL is fine. */
void settings_free(struct settings *settings);
#endif

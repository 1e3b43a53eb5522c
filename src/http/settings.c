#include "http/settings.h"

#include <stdlib.h>
#include <string.h>

#include "money/command.h"

static const char loopback[] = "127.0.0.0/8 ::1";
enum { PER_MINUTE_MAX = 1000000 };

static enum fault_kind numbers_read(const struct http_options *options, struct settings *settings,
                                    struct fault *fault)
{
    if (options->items_max > COMMAND_ITEMS_MAX)
        return fault_set(fault, FAULT_FINAL, "items a request: %zu is more than %d",
                         options->items_max, COMMAND_ITEMS_MAX);
    settings->items_max = options->items_max == 0 ? COMMAND_ITEMS_MAX : options->items_max;
    settings->operators_off = options->operators_off;
    settings->status_always_200 = options->status_always_200;
    settings->access_log = !options->access_log_off;
    if (options->logins_per_minute > PER_MINUTE_MAX || options->calls_per_minute > PER_MINUTE_MAX ||
        options->address_logins_per_minute > PER_MINUTE_MAX)
        return fault_set(fault, FAULT_FINAL, "a limit a minute is more than %d", PER_MINUTE_MAX);
    settings->logins_per_minute = options->logins_per_minute == 0 ? HTTP_LOGINS_PER_MINUTE_DEFAULT
                                                                  : options->logins_per_minute;
    settings->address_logins_per_minute = options->address_logins_per_minute == 0
                                              ? HTTP_ADDRESS_LOGINS_PER_MINUTE_DEFAULT
                                              : options->address_logins_per_minute;
    settings->calls_per_minute = options->calls_per_minute;
    settings->hsts_seconds = options->hsts_seconds;
    return FAULT_NONE;
}

static enum fault_kind overrides_read(const struct http_options *options, struct settings *settings,
                                      struct fault *fault)
{
    if (options->status_override_count > HTTP_STATUS_OVERRIDES_MAX)
        return fault_set(fault, FAULT_FINAL, "more than %d HTTP statuses for codes",
                         HTTP_STATUS_OVERRIDES_MAX);
    for (size_t i = 0; i < options->status_override_count; i++) {
        struct http_status_override one = options->status_overrides[i];
        if (one.status < 200 || one.status > 599)
            return fault_set(fault, FAULT_FINAL, "HTTP status %d for code %d: not 200 to 599",
                             one.status, (int)one.code);
        settings->overrides[settings->override_count++] = one;
    }
    return FAULT_NONE;
}

static enum fault_kind admin_token_read(const char *token, struct settings *settings,
                                        struct fault *fault)
{
    if (token == NULL || token[0] == '\0')
        return FAULT_NONE;
    size_t length = strlen(token);
    if (length < HTTP_ADMIN_TOKEN_BYTES_MIN || length > HTTP_ADMIN_TOKEN_BYTES_MAX)
        return fault_set(fault, FAULT_FINAL, "the admin token must have %d to %d characters",
                         HTTP_ADMIN_TOKEN_BYTES_MIN, HTTP_ADMIN_TOKEN_BYTES_MAX);
    memcpy(settings->admin_token, token, length);
    settings->admin_token_length = length;
    return FAULT_NONE;
}

static enum fault_kind list_read(const char *text, const char *otherwise, const char *what,
                                 struct address_list **list, struct fault *fault)
{
    const char *used = text == NULL || text[0] == '\0' ? otherwise : text;
    if (used == NULL)
        return FAULT_NONE;
    if (address_list_read(used, list, fault) != FAULT_NONE)
        return fault_wrap(fault, "%s", what);
    return FAULT_NONE;
}

enum fault_kind settings_make(const struct http_options *options, struct settings **settings,
                              struct fault *fault)
{
    struct settings *made = secret_alloc(sizeof *made); /* It holds the admin token. */
    made->admin_token_off = options->admin_token_off;
    made->totp_required = options->totp_required;
    enum fault_kind kind = numbers_read(options, made, fault);
    if (kind == FAULT_NONE)
        kind = overrides_read(options, made, fault);
    if (kind == FAULT_NONE)
        kind = admin_token_read(options->admin_token, made, fault);
    if (kind == FAULT_NONE)
        kind = list_read(options->trusted_proxies, NULL, "trusted proxies", &made->trusted_proxies,
                         fault);
    if (kind == FAULT_NONE)
        kind = list_read(options->admin_from, loopback, "addresses of admins", &made->admin_from,
                         fault);
    if (kind == FAULT_NONE)
        kind = list_read(options->metrics_from, loopback, "addresses that may read metrics",
                         &made->metrics_from, fault);
    if (kind == FAULT_NONE)
        *settings = made;
    else
        settings_free(made);
    return kind;
}

void settings_free(struct settings *settings)
{
    for (struct settings *next; settings != NULL; settings = next) {
        next = settings->next;
        address_list_close(settings->trusted_proxies);
        address_list_close(settings->admin_from);
        address_list_close(settings->metrics_from);
        secret_free(settings);
    }
}

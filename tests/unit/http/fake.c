#include "fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/route.h"
#include "http/settings.h"
#include "http/worker.h"

struct http *fake_open(struct store *store, const struct http_options *options)
{
    struct fault fault;
    struct settings *settings = NULL;
    struct http *http = calloc(1, sizeof *http);
    assert_non_null(http);
    secret_init();
    if (settings_make(options, &settings, &fault) != FAULT_NONE)
        fail_msg("%s", fault.text);
    atomic_store(&http->settings, settings);
    http->store = store;
    http->key = options->key;
    http->token_lifetime_ms = HTTP_TOKEN_LIFETIME_MS_DEFAULT;
    http->body_bytes_max = HTTP_BODY_BYTES_MAX_DEFAULT;
    http->limit = limit_open();
    assert_int_equal(pthread_mutex_init(&http->lock, NULL), 0);
    return http;
}

void fake_close(struct http *http)
{
    workers_close(http);
    limit_close(http->limit);
    settings_free(atomic_load(&http->settings));
    (void)pthread_mutex_destroy(&http->lock);
    free(http);
}

struct request *fake_request(struct http *http, const char *peer, const char *uri, const char *body)
{
    struct request *request = request_open(http, uri);
    bool allowed;
    request->method = body == NULL ? METHOD_GET : METHOD_POST;
    request->route = route_find(NULL, request->path, request->method, request->arena,
                                request->parameters, &allowed);
    request->voice = request->route->voice;
    assert_true(address_read(peer, strlen(peer), &request->peer));
    if (body != NULL)
        buffer_text_append(&request->body, body);
    struct form_input input = {.query = request->query,
                               .query_length = request->query_length,
                               .body = body,
                               .body_length = body == NULL ? 0 : strlen(body)};
    assert_int_equal(form_open(&input, &request->form), FORM_READ);
    return request;
}

void fake_forwarded(struct request *request, const char *text)
{
    size_t size = strlen(text) + 1;
    request->forwarded_for = arena_alloc(request->arena, size, 1);
    memcpy(request->forwarded_for, text, size);
    request->forwarded = true;
}

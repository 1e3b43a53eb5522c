#include "client/transport.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "client/hook.h"

enum { CONNECT_TIMEOUT_MS = 10000, TIMEOUT_MS = 60000, URL_BYTES_MAX = 64 * 1024 };

struct transport {
    CURL *curl;     /* Kept, with its connections, for calls that wait. */
    char *base_url; /* Without a slash or /v1 at its end. */
    char *user_agent, *ca_file, *proxy;
    int64_t connect_timeout_ms, timeout_ms;
    payout_exchange_function *exchange;
    void *exchange_context;
    bool certificates;
};

/* One request under way. */
struct passage {
    CURL *curl;
    bool owned; /* curl is this passage's own. */
    struct buffer url, body;
    struct curl_slist *headers;
    bool certificates;
    char error[CURL_ERROR_SIZE];
};

static bool is_http(const char *url)
{
    const char *host = strncmp(url, "https://", 8) == 0  ? url + 8
                       : strncmp(url, "http://", 7) == 0 ? url + 7
                                                         : "";
    return *host != '\0' && *host != '/';
}

static void base_url_trim(char *url)
{
    size_t length = strlen(url);
    while (length > 0 && url[length - 1] == '/')
        url[--length] = '\0';
    if (length > 3 && strcmp(url + length - 3, "/v1") == 0)
        url[length - 3] = '\0';
}

enum payout_client_fault transport_open(const struct transport_options *options,
                                        struct transport **transport)
{
    *transport = NULL;
    if (options->base_url == NULL || !is_http(options->base_url))
        return PAYOUT_CLIENT_BAD_ARGUMENT;
    struct transport *made = memory_take_zero(1, sizeof *made);
    if (made == NULL)
        return PAYOUT_CLIENT_NO_MEMORY;
    made->connect_timeout_ms =
        options->connect_timeout_ms > 0 ? options->connect_timeout_ms : CONNECT_TIMEOUT_MS;
    made->timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : TIMEOUT_MS;
    made->exchange = options->exchange;
    made->exchange_context = options->exchange_context;
    made->certificates = options->certificates;
    made->base_url = memory_text(options->base_url);
    made->user_agent = memory_text(options->user_agent != NULL ? options->user_agent : "libpayout");
    made->ca_file = memory_text(options->ca_file);
    made->proxy = memory_text(options->proxy);
    made->curl = curl_easy_init();
    if (made->base_url == NULL || made->user_agent == NULL || made->curl == NULL ||
        (options->ca_file != NULL && made->ca_file == NULL) ||
        (options->proxy != NULL && made->proxy == NULL)) {
        transport_close(made);
        return PAYOUT_CLIENT_NO_MEMORY;
    }
    if (!options->exact_url)
        base_url_trim(made->base_url);
    *transport = made;
    return PAYOUT_CLIENT_DONE;
}

void transport_close(struct transport *transport)
{
    if (transport == NULL)
        return;
    curl_easy_cleanup(transport->curl);
    memory_give(transport->base_url);
    memory_give(transport->user_agent);
    memory_give(transport->ca_file);
    memory_give(transport->proxy);
    memory_give(transport);
}

bool transport_hooked(const struct transport *transport)
{
    return transport->exchange != NULL;
}

void transport_encode(struct buffer *text, const char *value)
{
    static const char hex[] = "0123456789ABCDEF";
    for (const char *at = value; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;
        bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                     (byte >= '0' && byte <= '9') || byte == '-' || byte == '_' || byte == '.' ||
                     byte == '~';
        char escaped[3] = {'%', hex[byte >> 4], hex[byte & 15]};
        if (plain)
            buffer_char(text, *at);
        else
            buffer_append(text, escaped, sizeof escaped);
    }
}

void transport_field(struct buffer *text, const char *name, const char *value)
{
    if (text->length > 0 && text->bytes[text->length - 1] != '?')
        buffer_char(text, '&');
    buffer_text_append(text, name);
    buffer_char(text, '=');
    transport_encode(text, value);
}

static size_t body_take(char *bytes, size_t size, size_t count, void *context)
{
    struct buffer *body = context;
    buffer_append(body, bytes, size * count);
    return buffer_ok(body) ? size * count : 0;
}

/* Sets all that curl needs for one request. Each option may want memory. */
static CURLcode curl_prepare(const struct transport *transport,
                             const struct transport_request *request, struct passage *passage)
{
    CURL *curl = passage->curl;
    CURLcode code = CURLE_OK;
#define SET(option, value)                                                                         \
    if (code == CURLE_OK)                                                                          \
    code = curl_easy_setopt(curl, option, value)
    SET(CURLOPT_URL, buffer_text(&passage->url));
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_ERRORBUFFER, passage->error);
    SET(CURLOPT_USERAGENT, transport->user_agent);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)transport->connect_timeout_ms);
    SET(CURLOPT_TIMEOUT_MS, (long)transport->timeout_ms);
    SET(CURLOPT_HTTPHEADER, passage->headers);
    SET(CURLOPT_WRITEFUNCTION, body_take);
    SET(CURLOPT_WRITEDATA, &passage->body);
    SET(CURLOPT_PRIVATE, passage);
    if (transport->ca_file != NULL) {
        SET(CURLOPT_CAINFO, transport->ca_file);
    }
    if (transport->proxy != NULL) {
        SET(CURLOPT_PROXY, transport->proxy);
    }
    if (transport->certificates) {
        SET(CURLOPT_CERTINFO, 1L);
    }
    if (request->fresh) {
        SET(CURLOPT_FRESH_CONNECT, 1L);
    }
    if (request->body != NULL) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDS, request->body);
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
    }
#undef SET
    return code;
}

/* Appends a header; false when there was no memory, the list is then as it was. */
static bool header_add(struct curl_slist **headers, const char *name, const char *value)
{
    struct buffer header;
    buffer_init(&header, URL_BYTES_MAX);
    buffer_text_append(&header, name);
    buffer_text_append(&header, value);
    struct curl_slist *longer =
        buffer_ok(&header) ? curl_slist_append(*headers, buffer_text(&header)) : NULL;
    if (header.bytes != NULL)
        explicit_bzero(header.bytes, header.size);
    buffer_free(&header);
    if (longer == NULL)
        return false;
    *headers = longer;
    return true;
}

static bool headers_make(const struct transport_request *request, struct curl_slist **headers)
{
    bool made =
        header_add(headers, "Accept: ", "application/json") &&
        /* No pause for a "100 Continue" before a long body. */
        header_add(headers, "Expect:", "") &&
        (request->body == NULL || header_add(headers, "Content-Type: ", request->content_type)) &&
        (request->authorization == NULL ||
         header_add(headers, "Authorization: Bearer ", request->authorization));
    for (size_t i = 0; made && request->headers != NULL && request->headers[i] != NULL; i++)
        made = i < TRANSPORT_HEADERS_MAX && header_add(headers, request->headers[i], "");
    return made;
}

/* Makes an passage ready on curl (NULL: on a handle of its own). The code says why it is not. */
static CURLcode passage_prepare(struct transport *transport,
                                const struct transport_request *request, CURL *curl,
                                struct passage *passage)
{
    *passage = (struct passage){.curl = curl, .certificates = transport->certificates};
    buffer_init(&passage->url, URL_BYTES_MAX);
    buffer_init(&passage->body, TRANSPORT_REPLY_BYTES_MAX);
    buffer_text_append(&passage->url, transport->base_url);
    buffer_text_append(&passage->url, request->path);
    if (curl == NULL) {
        passage->curl = curl_easy_init();
        passage->owned = true;
    }
    if (passage->curl == NULL || !buffer_ok(&passage->url) ||
        !headers_make(request, &passage->headers))
        return CURLE_OUT_OF_MEMORY;
    return curl_prepare(transport, request, passage);
}

/* Frees all but the passage itself. */
static void passage_clear(struct passage *passage)
{
    if (passage->owned)
        curl_easy_cleanup(passage->curl);
    else
        curl_easy_reset(passage->curl); /* Forgets what ends here; connections are kept. */
    for (struct curl_slist *header = passage->headers; header != NULL; header = header->next)
        explicit_bzero(header->data, strlen(header->data)); /* A token may be in it. */
    curl_slist_free_all(passage->headers);
    if (passage->url.bytes != NULL)
        explicit_bzero(passage->url.bytes, passage->url.size); /* Here too. */
    buffer_free(&passage->url);
    buffer_free(&passage->body);
}

/* True for the ends that can't come after the first byte of a request, when curl counted none. */
static bool never_left(CURL *curl, CURLcode code)
{
    long request_bytes = 0;
    if (curl_easy_getinfo(curl, CURLINFO_REQUEST_SIZE, &request_bytes) != CURLE_OK ||
        request_bytes > 0)
        return false;
    return code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY ||
           code == CURLE_COULDNT_CONNECT || code == CURLE_PEER_FAILED_VERIFICATION ||
           code == CURLE_SSL_CONNECT_ERROR || code == CURLE_SSL_CACERT_BADFILE ||
           code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT ||
           code == CURLE_OPERATION_TIMEDOUT || code == CURLE_OUT_OF_MEMORY ||
           code == CURLE_FAILED_INIT || code == CURLE_PROXY;
}

/* When the server's certificate ends, in seconds since 1970; -1: not told. */
static int64_t certificate_end(CURL *curl)
{
    static const char mark[] = "Expire date:";
    struct curl_certinfo *chain = NULL;
    if (curl_easy_getinfo(curl, CURLINFO_CERTINFO, &chain) != CURLE_OK || chain == NULL ||
        chain->num_of_certs < 1)
        return -1;
    for (struct curl_slist *line = chain->certinfo[0]; line != NULL; line = line->next)
        if (strncmp(line->data, mark, sizeof mark - 1) == 0)
            return (int64_t)curl_getdate(line->data + sizeof mark - 1, NULL);
    return -1;
}

static void heads_read(struct passage *passage, struct transport_reply *reply)
{
    struct curl_header *date = NULL;
    curl_off_t retry_after_s = 0;
    if (curl_easy_getinfo(passage->curl, CURLINFO_RETRY_AFTER, &retry_after_s) == CURLE_OK &&
        retry_after_s > 0)
        reply->retry_after_s = (int64_t)retry_after_s;
    if (curl_easy_header(passage->curl, "Date", 0, CURLH_HEADER, -1, &date) == CURLHE_OK)
        reply->date_s = (int64_t)curl_getdate(date->value, NULL);
    if (passage->certificates)
        reply->certificate_end_s = certificate_end(passage->curl);
}

static void reply_begin(struct transport_reply *reply)
{
    *reply = (struct transport_reply){.retry_after_s = -1, .date_s = -1, .certificate_end_s = -1};
    buffer_init(&reply->body, TRANSPORT_REPLY_BYTES_MAX);
}

enum payout_client_fault passage_end(struct passage *passage, CURLcode code,
                                     struct transport_reply *reply)
{
    reply_begin(reply);
    reply->body = passage->body;
    buffer_init(&passage->body, TRANSPORT_REPLY_BYTES_MAX);
    if (code == CURLE_OK) {
        long status = 0;
        (void)curl_easy_getinfo(passage->curl, CURLINFO_RESPONSE_CODE, &status);
        heads_read(passage, reply);
        reply->left = true;
        reply->status = (int)status;
        return PAYOUT_CLIENT_DONE;
    }
    reply->left = !never_left(passage->curl, code);
    bool cut = !buffer_ok(&reply->body); /* Marked by body_take. */
    bool full = cut && reply->body.length > reply->body.limit - CURL_MAX_WRITE_SIZE;
    if (full)
        (void)snprintf(reply->error, sizeof reply->error, "the answer is longer than %zu bytes",
                       reply->body.limit);
    else if (cut || code == CURLE_OUT_OF_MEMORY)
        (void)snprintf(reply->error, sizeof reply->error, "out of memory");
    else
        (void)snprintf(reply->error, sizeof reply->error, "%s",
                       passage->error[0] != '\0' ? passage->error : curl_easy_strerror(code));
    return (cut && !full) || code == CURLE_OUT_OF_MEMORY ? PAYOUT_CLIENT_NO_MEMORY
                                                         : PAYOUT_CLIENT_UNREACHABLE;
}

/* By the user's function in libcurl's place. */
static enum payout_client_fault hook_call(struct transport *transport,
                                          const struct transport_request *request,
                                          struct passage *passage, struct transport_reply *reply)
{
    const char *headers[TRANSPORT_HEADERS_MAX + 5];
    size_t count = 0;
    for (struct curl_slist *header = passage->headers; header != NULL; header = header->next)
        if (strcmp(header->data, "Expect:") != 0) /* libcurl's way of leaving one out. */
            headers[count++] = header->data;
    headers[count] = NULL;
    const struct payout_http_request wanted = {
        .url = buffer_text(&passage->url),
        .body = request->body,
        .body_length = request->body_length,
        .headers = headers,
        .connect_timeout_ms = transport->connect_timeout_ms,
        .timeout_ms = transport->timeout_ms,
        .once = request->fresh,
    };
    reply_begin(reply);
    return hook_run(transport->exchange, transport->exchange_context, &wanted, reply);
}

enum payout_client_fault transport_call(struct transport *transport,
                                        const struct transport_request *request,
                                        struct transport_reply *reply)
{
    struct passage passage;
    enum payout_client_fault fault;
    CURLcode code = passage_prepare(transport, request, transport->curl, &passage);
    if (code != CURLE_OK) {
        reply_begin(reply);
        (void)snprintf(reply->error, sizeof reply->error, "%s",
                       code == CURLE_OUT_OF_MEMORY ? "out of memory" : curl_easy_strerror(code));
        fault = code == CURLE_OUT_OF_MEMORY ? PAYOUT_CLIENT_NO_MEMORY : PAYOUT_CLIENT_UNREACHABLE;
    } else if (transport->exchange != NULL) {
        fault = hook_call(transport, request, &passage, reply);
    } else {
        fault = passage_end(&passage, curl_easy_perform(transport->curl), reply);
    }
    passage_clear(&passage);
    return fault;
}

struct passage *passage_open(struct transport *transport, const struct transport_request *request)
{
    struct passage *passage = memory_take(sizeof *passage);
    if (passage == NULL)
        return NULL;
    if (passage_prepare(transport, request, NULL, passage) == CURLE_OK)
        return passage;
    passage_close(passage);
    return NULL;
}

CURL *passage_handle(struct passage *passage)
{
    return passage->curl;
}

void passage_close(struct passage *passage)
{
    if (passage == NULL)
        return;
    passage_clear(passage);
    memory_give(passage);
}

#include "client/transport.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONNECT_TIMEOUT_MS = 10000, TIMEOUT_MS = 60000, URL_BYTES_MAX = 64 * 1024 };

struct transport {
    CURL *curl;
    char *base_url; /* Without a slash or /v1 at its end. */
    char *user_agent, *ca_file;
    int64_t connect_timeout_ms, timeout_ms;
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
    struct transport *made = calloc(1, sizeof *made);
    if (made == NULL)
        return PAYOUT_CLIENT_NO_MEMORY;
    made->connect_timeout_ms =
        options->connect_timeout_ms > 0 ? options->connect_timeout_ms : CONNECT_TIMEOUT_MS;
    made->timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : TIMEOUT_MS;
    made->base_url = strdup(options->base_url);
    made->user_agent = strdup(options->user_agent != NULL ? options->user_agent : "libpayout");
    made->ca_file = options->ca_file != NULL ? strdup(options->ca_file) : NULL;
    made->curl = curl_easy_init();
    if (made->base_url == NULL || made->user_agent == NULL || made->curl == NULL ||
        (options->ca_file != NULL && made->ca_file == NULL)) {
        transport_close(made);
        return PAYOUT_CLIENT_NO_MEMORY;
    }
    base_url_trim(made->base_url);
    *transport = made;
    return PAYOUT_CLIENT_DONE;
}

void transport_close(struct transport *transport)
{
    if (transport == NULL)
        return;
    curl_easy_cleanup(transport->curl);
    free(transport->base_url);
    free(transport->user_agent);
    free(transport->ca_file);
    free(transport);
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
static CURLcode curl_prepare(struct transport *transport, const struct transport_request *request,
                             const char *url, struct curl_slist *headers, struct buffer *body)
{
    CURL *curl = transport->curl;
    CURLcode code = CURLE_OK;
#define SET(option, value)                                                                         \
    if (code == CURLE_OK)                                                                          \
    code = curl_easy_setopt(curl, option, value)
    SET(CURLOPT_URL, url);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_ERRORBUFFER, transport->error);
    SET(CURLOPT_USERAGENT, transport->user_agent);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)transport->connect_timeout_ms);
    SET(CURLOPT_TIMEOUT_MS, (long)transport->timeout_ms);
    SET(CURLOPT_HTTPHEADER, headers);
    SET(CURLOPT_WRITEFUNCTION, body_take);
    SET(CURLOPT_WRITEDATA, body);
    if (transport->ca_file != NULL) {
        SET(CURLOPT_CAINFO, transport->ca_file);
    }
    if (request->fresh) {
        SET(CURLOPT_FRESH_CONNECT, 1L);
    }
    if (request->authorization != NULL) {
        SET(CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
        SET(CURLOPT_XOAUTH2_BEARER, request->authorization);
    }
    if (request->body != NULL) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDS, request->body);
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
    }
#undef SET
    return code;
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

static enum payout_client_fault reply_fill(struct transport *transport, CURLcode code,
                                           struct transport_reply *reply)
{
    CURL *curl = transport->curl;
    long status = 0;
    curl_off_t retry_after_s = 0;
    if (code == CURLE_OK) {
        (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        if (curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &retry_after_s) == CURLE_OK &&
            retry_after_s > 0)
            reply->retry_after_s = (int64_t)retry_after_s;
        reply->left = true;
        reply->status = (int)status;
        return PAYOUT_CLIENT_DONE;
    }
    reply->left = !never_left(curl, code);
    bool cut = !buffer_ok(&reply->body); /* Marked by body_take. */
    bool full = cut && reply->body.length > reply->body.limit - CURL_MAX_WRITE_SIZE;
    if (full)
        (void)snprintf(reply->error, sizeof reply->error, "the answer is longer than %zu bytes",
                       reply->body.limit);
    else if (cut || code == CURLE_OUT_OF_MEMORY)
        (void)snprintf(reply->error, sizeof reply->error, "out of memory");
    else
        (void)snprintf(reply->error, sizeof reply->error, "%s",
                       transport->error[0] != '\0' ? transport->error : curl_easy_strerror(code));
    return (cut && !full) || code == CURLE_OUT_OF_MEMORY ? PAYOUT_CLIENT_NO_MEMORY
                                                         : PAYOUT_CLIENT_UNREACHABLE;
}

/* Appends a header; false when there was no memory, the list is then as it was. */
static bool header_add(struct curl_slist **headers, const char *header)
{
    struct curl_slist *longer = curl_slist_append(*headers, header);
    if (longer == NULL)
        return false;
    *headers = longer;
    return true;
}

enum payout_client_fault transport_call(struct transport *transport,
                                        const struct transport_request *request,
                                        struct transport_reply *reply)
{
    enum payout_client_fault fault = PAYOUT_CLIENT_NO_MEMORY;
    struct curl_slist *headers = NULL;
    struct buffer url, content_type;
    *reply = (struct transport_reply){.retry_after_s = -1};
    buffer_init(&reply->body, TRANSPORT_REPLY_BYTES_MAX);
    buffer_init(&url, URL_BYTES_MAX);
    buffer_init(&content_type, URL_BYTES_MAX);
    transport->error[0] = '\0';

    buffer_text_append(&url, transport->base_url);
    buffer_text_append(&url, request->path);
    if (request->body != NULL)
        buffer_format(&content_type, "Content-Type: %s", request->content_type);
    bool ready = buffer_ok(&url) && buffer_ok(&content_type) &&
                 header_add(&headers, "Accept: application/json") &&
                 /* No pause for a "100 Continue" before a long body. */
                 header_add(&headers, "Expect:") &&
                 (request->body == NULL || header_add(&headers, buffer_text(&content_type)));
    CURLcode code = CURLE_OUT_OF_MEMORY;
    if (ready)
        code = curl_prepare(transport, request, buffer_text(&url), headers, &reply->body);
    if (!ready || code != CURLE_OK) {
        (void)snprintf(reply->error, sizeof reply->error, "%s",
                       code == CURLE_OUT_OF_MEMORY ? "out of memory" : curl_easy_strerror(code));
        fault = code == CURLE_OUT_OF_MEMORY ? PAYOUT_CLIENT_NO_MEMORY : PAYOUT_CLIENT_UNREACHABLE;
    } else {
        fault = reply_fill(transport, curl_easy_perform(transport->curl), reply);
    }
    /* Forgets all that was set, which ends with this call; connections are kept. */
    curl_easy_reset(transport->curl);
    curl_slist_free_all(headers);
    if (url.bytes != NULL)
        explicit_bzero(url.bytes, url.size); /* The token is in it. */
    buffer_free(&url);
    buffer_free(&content_type);
    return fault;
}

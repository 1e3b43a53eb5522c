#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "operators/operator.h"

enum { FIRST_DAY_MS = 24 * 60 * 60 * 1000 };

void operator_request_init(struct operator_request *request)
{
    *request = (struct operator_request){0};
    buffer_init(&request->url, OPERATOR_URL_BYTES_MAX);
    buffer_init(&request->body, OPERATOR_BODY_BYTES_MAX);
}

void operator_request_free(struct operator_request *request)
{
    secret_wipe(request->headers, sizeof request->headers);
    buffer_free(&request->url);
    buffer_free(&request->body);
}

void operator_request_header(struct operator_request *request, const char *format, ...)
{
    va_list arguments;
    invariant(request->header_count < OPERATOR_HEADERS_MAX);
    char *header = request->headers[request->header_count++];
    va_start(arguments, format);
    int length = vsnprintf(header, OPERATOR_HEADER_BYTES, format, arguments);
    va_end(arguments);
    invariant(length > 0 && length < OPERATOR_HEADER_BYTES);
}

bool operator_word_fits(const char *text, size_t most)
{
    size_t length = 0;
    for (; text[length] != '\0'; length++)
        if (length == most || text[length] <= ' ' || text[length] > '~')
            return false;
    return length > 0;
}

void operator_request_basic(struct operator_request *request, const char *user,
                            const char *password)
{
    char both[OPERATOR_BASIC_BYTES_MAX + 2];
    char encoded[sodium_base64_ENCODED_LEN(sizeof both, sodium_base64_VARIANT_ORIGINAL)];
    int length = snprintf(both, sizeof both, "%s:%s", user, password);
    invariant(length > 0 && (size_t)length < sizeof both);
    (void)sodium_bin2base64(encoded, sizeof encoded, (const unsigned char *)both, (size_t)length,
                            sodium_base64_VARIANT_ORIGINAL);
    operator_request_header(request, "Authorization: Basic %s", encoded);
    secret_wipe(both, sizeof both);
    secret_wipe(encoded, sizeof encoded);
}

void operator_url_append(struct buffer *url, const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        bool plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
                     (*at >= '0' && *at <= '9') || strchr("-._~", *at) != NULL;
        if (plain)
            buffer_char(url, (char)*at);
        else
            buffer_format(url, "%%%02X", *at);
    }
}

void operator_name_set(struct operator_result *result, const char *given, const char *family)
{
    char whole[2 * OPERATOR_NAME_BYTES];
    (void)snprintf(whole, sizeof whole, "%s%s%s", given,
                   given[0] != '\0' && family[0] != '\0' ? " " : "", family);
    size_t length = strlen(whole);
    if (length >= OPERATOR_NAME_BYTES) { /* Back to where a character of UTF-8 begins. */
        length = OPERATOR_NAME_BYTES - 1;
        while (length > 0 && ((unsigned char)whole[length] & 0xc0) == 0x80)
            length--;
    }
    memcpy(result->receiver_name, whole, length);
    result->receiver_name[length] = '\0';
}

void operator_result_all(const struct operator_call *call, struct operator_result *result,
                         enum verdict verdict, enum transfer_reason reason)
{
    if (call->task == OPERATOR_TASK_VALIDATE) /* It has an attempt, but no verdict. */
        return;
    for (size_t i = 0; i < call->count; i++)
        result->answers[i] = (struct verdict_answer){.verdict = verdict, .reason = reason};
}

bool operator_first_day(const struct operator_call *call)
{
    int64_t submitted_at_ms = call->attempts[0].transfer->submitted_at_ms;
    return submitted_at_ms > 0 && call->now_ms - submitted_at_ms < FIRST_DAY_MS;
}

/* The hash is over texts that never change: the same UUID after every restart, by every process. */
void operator_uuid(const struct channel *channel, const char *reference, const char *what,
                   char uuid[OPERATOR_UUID_BYTES])
{
    char text[2 * TRANSFER_ID_TEXT_BYTES + 64];
    uint8_t hash[SECRET_HASH_BYTES];
    int length = snprintf(text, sizeof text, "payoutd %d %s %s", channel->number, reference, what);
    invariant(length > 0 && (size_t)length < sizeof text);
    secret_sha256(text, (size_t)length, hash);
    hash[6] = (uint8_t)((hash[6] & 0x0f) | 0x40);
    hash[8] = (uint8_t)((hash[8] & 0x3f) | 0x80);
    char *at = uuid;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        at += snprintf(at, 3, "%02x", hash[i]);
    }
}

/* --- Callbacks of operators that sign nothing --- */

const char *operator_callback_check(const struct channel *channel)
{
    if (channel->callback_url[0] == '\0')
        return NULL;
    const char *secret = channel->callback_secret;
    size_t length = strlen(secret);
    if (length < OPERATOR_CALLBACK_SECRET_LEAST || length > OPERATOR_CALLBACK_SECRET_MOST)
        return "callback_secret must have 16 to 128 characters: it is all that proves a callback";
    if (strspn(secret, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") !=
        length)
        return "callback_secret becomes a part of a URL: letters, digits, - and _ only";
    return NULL;
}

void operator_callback_url(const struct channel *channel, struct buffer *url)
{
    if (channel->callback_url[0] != '\0')
        buffer_format(url, "%s/%s", channel->callback_url, channel->callback_secret);
}

/* Hashes are compared, so that neither bytes nor lengths show in the time. */
bool operator_callback_proved(const struct operator_callback *callback)
{
    uint8_t told[SECRET_HASH_BYTES], ours[SECRET_HASH_BYTES];
    const char *secret = callback->channel->callback_secret;
    secret_sha256(callback->rest, strcspn(callback->rest, "/"), told);
    secret_sha256(secret, strlen(secret), ours);
    bool equal = secret_equal(told, ours, sizeof ours);
    return equal && callback->channel->callback_url[0] != '\0' && secret[0] != '\0';
}

const char *operator_callback_after(const struct operator_callback *callback)
{
    const char *slash = strchr(callback->rest, '/');
    return slash != NULL ? slash + 1 : "";
}

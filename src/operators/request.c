#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "operators/operator.h"

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

void operator_result_all(const struct operator_call *call, struct operator_result *result,
                         enum verdict verdict, enum transfer_reason reason)
{
    for (size_t i = 0; i < call->count; i++)
        result->answers[i] = (struct verdict_answer){.verdict = verdict, .reason = reason};
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

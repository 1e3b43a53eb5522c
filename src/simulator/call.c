#include "simulator/call.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/secret.h"

const char *call_header(const struct sim_call *call, const char *name)
{
    for (size_t i = 0; i < call->request->header_count; i++)
        if (strcasecmp(call->request->headers[i].name, name) == 0)
            return call->request->headers[i].value;
    return "";
}

static int hex_digit(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

void call_decode(const char *coded, size_t length, bool form, char *text, size_t size)
{
    size_t out = 0;
    for (size_t i = 0; i < length && out + 1 < size; i++) {
        char byte = coded[i];
        if (byte == '%' && i + 2 < length && hex_digit(coded[i + 1]) >= 0 &&
            hex_digit(coded[i + 2]) >= 0) {
            byte = (char)(16 * hex_digit(coded[i + 1]) + hex_digit(coded[i + 2]));
            i += 2;
        } else if (form && byte == '+') {
            byte = ' ';
        }
        text[out++] = byte;
    }
    text[out] = 0;
}

void call_query(const struct sim_call *call, const char *name, char *text, size_t size)
{
    size_t length = strlen(name);
    text[0] = 0;
    for (const char *at = call->request->query; *at != 0;) {
        size_t whole = strcspn(at, "&");
        if (whole > length && strncmp(at, name, length) == 0 && at[length] == '=') {
            call_decode(at + length + 1, whole - length - 1, true, text, size);
            return;
        }
        at += whole + (at[whole] == '&');
    }
}

const char *json_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text == NULL ? "" : text;
}

const char *call_text(const struct sim_call *call, const char *name)
{
    return json_text(call->json, name);
}

/* What stands between the words; "" when the caller does not say. */
static void worker_name(const struct sim_call *call, char name[SIM_TEXT_BYTES])
{
    static const char before[] = "(worker ";
    const char *at = strstr(call_header(call, "user-agent"), before);
    name[0] = 0;
    if (at != NULL) {
        at += sizeof before - 1;
        (void)snprintf(name, SIM_TEXT_BYTES, "%.*s", (int)strcspn(at, ")"), at);
    }
}

void call_touch(struct sim_call *call, struct sim_order *order)
{
    char worker[SIM_TEXT_BYTES];
    if (order->touched)
        return;
    worker_name(call, worker);
    if (order->busy_until_ms > call->now_ms) {
        struct sim_totals *totals = &call->world->totals[call->protocol];
        totals->overlaps++;
        totals->two_workers +=
            worker[0] != 0 && order->worker[0] != 0 && strcmp(worker, order->worker) != 0;
    }
    memcpy(order->worker, worker, sizeof worker);
    order->touched = true;
    order->touched_next = call->touched;
    call->touched = order;
}

struct sim_order *call_accept(struct sim_call *call, const struct sim_order *draft)
{
    struct sim_order *order = world_accept(call->world, draft, call->now_ms);
    call->accepted = true;
    call_touch(call, order);
    return order;
}

__attribute__((format(printf, 3, 0))) static void
header_write(char headers[SIM_REPLY_HEADERS_MAX][SIM_HEADER_BYTES], size_t *count,
             const char *format, va_list arguments)
{
    invariant(*count < SIM_REPLY_HEADERS_MAX);
    int length = vsnprintf(headers[(*count)++], SIM_HEADER_BYTES, format, arguments);
    invariant(length > 0 && length < SIM_HEADER_BYTES);
}

void reply_header(struct sim_reply *reply, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    header_write(reply->headers, &reply->header_count, format, arguments);
    va_end(arguments);
}

void callback_header(struct sim_callback *callback, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    header_write(callback->headers, &callback->header_count, format, arguments);
    va_end(arguments);
}

struct buffer *call_json(struct sim_call *call, int status)
{
    call->reply->status = status;
    reply_header(call->reply, "Content-Type: application/json");
    return &call->reply->body;
}

bool call_basic(const struct sim_call *call, const char *account, const char *secret)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *value = call_header(call, "authorization");
    unsigned char plain[256];
    char coded[4 * ((sizeof plain + 2) / 3) + 1];
    int length = snprintf((char *)plain, sizeof plain - 2, "%s:%s", account, secret);
    invariant(length > 0 && (size_t)length < sizeof plain - 2);
    size_t out = 0;
    plain[length] = plain[length + 1] = 0;
    for (int i = 0; i < length; i += 3) {
        unsigned bits = (unsigned)plain[i] << 16 | (unsigned)plain[i + 1] << 8 | plain[i + 2];
        coded[out++] = digits[bits >> 18 & 63];
        coded[out++] = digits[bits >> 12 & 63];
        coded[out++] = i + 1 < length ? digits[bits >> 6 & 63] : '=';
        coded[out++] = i + 2 < length ? digits[bits & 63] : '=';
    }
    coded[out] = 0;
    return strncasecmp(value, "basic ", 6) == 0 && strcmp(value + 6, coded) == 0;
}

const char *call_bearer(const struct sim_call *call)
{
    const char *value = call_header(call, "authorization");
    return strncasecmp(value, "bearer ", 7) == 0 ? value + 7 : "";
}

bool text_uuid(const char *text, char version)
{
    if (strlen(text) != 36)
        return false;
    for (int i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : hex_digit(text[i]) < 0)
            return false;
    }
    return version == '0' || text[14] == version;
}

bool text_digits(const char *text, size_t least, size_t most)
{
    size_t length = strspn(text, "0123456789");
    return text[length] == 0 && length >= least && length <= most;
}

bool text_amount(const char *text, int64_t *minor)
{
    if (!text_digits(text, 1, 15) || text[0] == '0')
        return false;
    *minor = strtoll(text, NULL, 10);
    return true;
}

void text_copy(char *to, size_t size, const char *text)
{
    (void)snprintf(to, size, "%s", text);
}

#include "base/buffer.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"

enum { BUFFER_BYTES_MIN = 256 };

void buffer_init(struct buffer *buffer, size_t limit)
{
    *buffer = (struct buffer){.limit = limit};
}

void buffer_free(struct buffer *buffer)
{
    memory_give(buffer->bytes);
    buffer_init(buffer, buffer->limit);
}

void buffer_clear(struct buffer *buffer)
{
    buffer->length = 0;
    buffer->failed = false;
    if (buffer->bytes != NULL)
        buffer->bytes[0] = '\0';
}

bool buffer_ok(const struct buffer *buffer)
{
    return !buffer->failed;
}

const char *buffer_text(const struct buffer *buffer)
{
    return buffer->bytes == NULL ? "" : buffer->bytes;
}

/* Makes room for length more bytes and the NUL; marks the buffer as failed when it can't. */
static bool buffer_reserve(struct buffer *buffer, size_t length)
{
    if (buffer->failed || length > buffer->limit - buffer->length) {
        buffer->failed = true;
        return false;
    }
    size_t needed = buffer->length + length + 1;
    if (needed <= buffer->size)
        return true;
    size_t size = buffer->size < BUFFER_BYTES_MIN ? BUFFER_BYTES_MIN : buffer->size;
    while (size < needed)
        size = size > SIZE_MAX / 2 ? needed : size * 2;
    char *bytes = memory_resize(buffer->bytes, size);
    if (bytes == NULL) {
        buffer->failed = true;
        return false;
    }
    buffer->bytes = bytes;
    buffer->size = size;
    return true;
}

void buffer_append(struct buffer *buffer, const void *bytes, size_t length)
{
    if (!buffer_reserve(buffer, length))
        return;
    if (length > 0)
        memcpy(buffer->bytes + buffer->length, bytes, length);
    buffer->length += length;
    buffer->bytes[buffer->length] = '\0';
}

void buffer_text_append(struct buffer *buffer, const char *text)
{
    buffer_append(buffer, text, strlen(text));
}

void buffer_char(struct buffer *buffer, char character)
{
    buffer_append(buffer, &character, 1);
}

const char *buffer_digits(int64_t number, char digits[BUFFER_DIGITS])
{
    size_t at = BUFFER_DIGITS - 1;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    digits[at] = '\0';
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (number < 0)
        digits[--at] = '-';
    return digits + at;
}

void buffer_int(struct buffer *buffer, int64_t number)
{
    char digits[BUFFER_DIGITS];
    buffer_text_append(buffer, buffer_digits(number, digits));
}

void buffer_format(struct buffer *buffer, const char *format, ...)
{
    char small[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(small, sizeof small, format, arguments);
    va_end(arguments);
    if (length < 0) {
        buffer->failed = true;
        return;
    }
    if ((size_t)length < sizeof small) {
        buffer_append(buffer, small, (size_t)length);
        return;
    }
    if (!buffer_reserve(buffer, (size_t)length))
        return;
    va_start(arguments, format);
    (void)vsnprintf(buffer->bytes + buffer->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    buffer->length += (size_t)length;
}

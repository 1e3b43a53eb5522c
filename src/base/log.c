#include "base/log.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"

enum { LINE_BYTES_MAX = 4000, VALUE_BYTES_MAX = 512 };

static _Atomic int level_now = LOG_LEVEL_INFO;
static _Atomic int format_now = LOG_FORMAT_TEXT;
static _Atomic bool journal_now;
static _Atomic int descriptor_now = STDERR_FILENO;

struct line {
    size_t length;
    char bytes[LINE_BYTES_MAX + 2];
};

void log_configure(enum log_level level, enum log_format format, bool journal)
{
    atomic_store(&level_now, (int)level);
    atomic_store(&format_now, (int)format);
    atomic_store(&journal_now, journal);
}

void log_file_descriptor_set(int file_descriptor)
{
    atomic_store(&descriptor_now, file_descriptor);
}

static void line_add(struct line *line, const char *text, size_t length)
{
    if (length > LINE_BYTES_MAX - line->length)
        length = LINE_BYTES_MAX - line->length;
    memcpy(line->bytes + line->length, text, length);
    line->length += length;
}

static void line_text(struct line *line, const char *text)
{
    line_add(line, text, strlen(text));
}

static void line_number(struct line *line, int64_t number)
{
    char digits[BUFFER_DIGITS];
    line_text(line, buffer_digits(number, digits));
}

/* Both formats escape as JSON does: a value can neither end its quotes nor start a new line. */
static void line_quoted(struct line *line, const char *text)
{
    static const char hex[] = "0123456789abcdef";
    line_text(line, "\"");
    for (size_t i = 0; i < VALUE_BYTES_MAX && text[i] != '\0'; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte == '"' || byte == '\\') {
            line_add(line, (char[]){'\\', (char)byte}, 2);
        } else if (byte < 0x20 || byte == 0x7f) {
            line_add(line, (char[]){'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]}, 6);
        } else {
            line_add(line, text + i, 1);
        }
    }
    line_text(line, "\"");
}

static void line_field(struct line *line, const struct log_field *field, bool json)
{
    if (json) {
        line_text(line, ",");
        line_quoted(line, field->name);
        line_text(line, ":");
    } else {
        line_text(line, " ");
        line_text(line, field->name);
        line_text(line, "=");
    }
    if (field->text != NULL)
        line_quoted(line, field->text);
    else
        line_number(line, field->number);
}

void log_event_of(enum log_level level, const char *event, const struct log_field *fields)
{
    static const char *const words[] = {"error", "warning", "info", "debug"};
    static const char *const priorities[] = {"<3>", "<4>", "<6>", "<7>"};
    if ((int)level > atomic_load(&level_now))
        return;
    bool json = atomic_load(&format_now) == LOG_FORMAT_JSON;
    bool journal = atomic_load(&journal_now);
    struct line line;
    line.length = 0;
    char at[CLOCK_TEXT_BYTES];
    clock_iso_text(clock_now_ms(), at);
    if (json) {
        line_text(&line, "{\"at\":\"");
        line_text(&line, at);
        line_text(&line, "\",\"level\":\"");
        line_text(&line, words[level]);
        line_text(&line, "\",\"event\":");
        line_quoted(&line, event);
    } else {
        line_text(&line, journal ? priorities[level] : at); /* The journal has its own clock. */
        line_text(&line, journal ? "" : " ");
        line_text(&line, words[level]);
        line_text(&line, " ");
        line_text(&line, event);
    }
    for (const struct log_field *field = fields; field->name != NULL; field++)
        line_field(&line, field, json);
    if (json)
        line_text(&line, "}");
    line.bytes[line.length++] = '\n';
    /* Nothing can be done about a log that can't be written, and nothing may wait for it. */
    ssize_t written = write(atomic_load(&descriptor_now), line.bytes, line.length);
    (void)written;
}

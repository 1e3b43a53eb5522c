/* log: one line an event, on standard error, for the journal or a log collector: text with a
 * syslog priority in front ("<6>") when the journal reads it, or JSON. An event has a fixed name
 * and fields; values are escaped, so that no input can forge a line. A secret never goes in: there
 * is no field type that takes one. Any thread; one line is one write(2). */
#ifndef PAYOUT_BASE_LOG_H
#define PAYOUT_BASE_LOG_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

/* May be called again while running (SIGHUP). journal: put "<n>" in front of text lines. */
void log_configure(enum log_level level, enum log_format format, bool journal);
/* Lines are written here instead of standard error (tests). */
void log_file_descriptor_set(int file_descriptor);

struct log_field {
    const char *name;
    const char *text; /* NULL: number is meant. Cut at 512 bytes. */
    int64_t number;
};
#define LOG_TEXT(name, value)   ((struct log_field){(name), (value), 0})
#define LOG_NUMBER(name, value) ((struct log_field){(name), NULL, (value)})

/* log_event(LOG_LEVEL_INFO, "listening", LOG_TEXT("address", "::1"), LOG_NUMBER("port", 80)) */
#define log_event(level, event, ...)                                                               \
    log_event_of(level, event, (const struct log_field[]){{0}, ##__VA_ARGS__, {0}} + 1)
/* fields ends with one whose name is NULL. */
void log_event_of(enum log_level level, const char *event, const struct log_field *fields);
/* The other side (an operator, a merchant's server) broke its protocol. Warning level, counted. */
#define log_breach(who, what)                                                                      \
    log_event(LOG_LEVEL_WARNING, "breach", LOG_TEXT("by", who), LOG_TEXT("what", what))
#endif
